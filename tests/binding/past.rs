//! The past: looked at, and made a new project of.

use super::commands::Author;
use super::given::{Store, id, plain};
use serde_json::{Value, json};

on_every_storage![
    everything_can_be_looked_at_as_it_was,
    points_that_are_not_there_are_refused,
    r67_a_project_is_forked_from_a_moment,
    a_fork_that_cannot_be_is_refused,
];

/// Gives the one command that is given to no project, of the author's; gives the receipt.
pub(super) async fn forked(author: &mut Author<'_>) -> Value {
    let source = author.project.clone();
    // A project of that id is there already: the fork's own comes from its request.
    let command = json!({ "type": "fork_project", "source": source, "name": "fork" });
    let refusal = author.store.refuses(&source, command.clone()).await;
    refusal.says("INVALID_INPUT", &["project"]);
    author.given_elsewhere(&command).await
}

async fn checkpoint(store: &Store, project: &Value) -> Value {
    let checkpoint = json!({ "type": "create_checkpoint", "checkpoint": { "name": "here" } });
    store.outcome(project, checkpoint).await["checkpoint"].take()
}

async fn everything_can_be_looked_at_as_it_was(storage: &str) {
    let store = Store::new(storage).await;
    let mut author = Author::new(&store).await;
    let project = author.project.clone();
    let plans = store.query(json!({ "type": "plans" })).await;
    let plan = &plans["rows"][0]["plan"];
    let item = json!([{ "agent": "eva", "kind": "note", "body": "b" }]);
    let items = author
        .done(json!({ "type": "add_context", "items": item }))
        .await["items"]
        .take();
    let here = checkpoint(&store, &project).await;
    let revision = store.revision(&project).await;
    store.step(&project, plan).await;
    author
        .done(json!({ "type": "pin_items", "items": items }))
        .await;
    author
        .done(json!({ "type": "add_context", "items": item }))
        .await;
    author
        .done(json!({ "type": "rename_project", "name": "later" }))
        .await;
    let as_of = async |at: Value| {
        let ask = async |mut query: Value, of: &str| {
            query["project"] = project.clone();
            query["at"] = at.clone();
            let answer = store.query(query).await;
            author.types.check(of, &answer);
            answer
        };
        let view = ask(json!({ "type": "project" }), "ProjectView").await;
        let planned = ask(json!({ "type": "plan", "plan": plan }), "PlanView").await;
        let step = json!({ "type": "step", "plan": plan, "step": 0 });
        let step = ask(step, "StepView").await;
        let page = "{ items: ItemView[]; next: number | null }";
        let context = ask(json!({ "type": "context" }), page).await;
        let item = json!({ "type": "item", "item": items[0] });
        let item = ask(item, "ItemView & { body: string | null }").await;
        json!([
            view["name"],
            view["revision"],
            planned["last_completed_step"],
            planned["next"]["step"],
            step["state"],
            context["items"].as_array().unwrap().len(),
            item["pinned"],
        ])
    };
    let then = json!(["made", revision, -1, 0, "pending", 1, false]);
    assert_eq!(as_of(here).await, then);
    assert_eq!(as_of(json!(format!("@{revision}"))).await, then);
    let now = json!(["later", revision + 5, 0, 1, "completed", 2, true]);
    assert_eq!(as_of(json!("now")).await, now);
    assert_eq!(as_of(Value::Null).await, now);
}

async fn points_that_are_not_there_are_refused(storage: &str) {
    let store = Store::new(storage).await;
    let (project, plan) = store.project().await;
    for (at, code) in [
        (json!("@2"), "REVISION_NOT_FOUND"),
        (json!(id(7)), "CHECKPOINT_NOT_FOUND"),
        (json!("@0"), "INVALID_INPUT"),
        (json!("yesterday"), "INVALID_INPUT"),
        (json!(1), "INVALID_INPUT"),
    ] {
        for query in [
            json!({ "type": "project", "project": project, "at": at }),
            json!({ "type": "plan", "project": project, "plan": plan, "at": at }),
            json!({ "type": "step", "project": project, "plan": plan, "step": 0, "at": at }),
            json!({ "type": "context", "project": project, "at": at }),
            json!({ "type": "item", "project": project, "item": id(7), "at": at }),
        ] {
            let refusal = store.refused("query", &[plain(&query)]).await;
            assert_eq!(refusal.code, code, "{query}: {refusal:?}");
        }
    }
}

async fn r67_a_project_is_forked_from_a_moment(storage: &str) {
    let store = Store::new(storage).await;
    let mut author = Author::new(&store).await;
    let project = author.project.clone();
    let plans = store.query(json!({ "type": "plans" })).await;
    let plan = &plans["rows"][0]["plan"];
    let here = checkpoint(&store, &project).await;
    let revision = store.revision(&project).await;
    store.step(&project, plan).await;
    let command = json!({
        "type": "fork_project", "source": project, "at": here, "name": "what if",
    });
    let receipt = author.given_elsewhere(&command).await;
    let origin = &receipt["outcome"]["origin"];
    assert_eq!(origin["project"], project);
    assert_eq!(origin["revision"], revision);
    let fork = &receipt["project"];
    assert_ne!(*fork, project);
    let view = store
        .query(json!({ "type": "project", "project": fork }))
        .await;
    author.types.check("ProjectView", &view);
    assert_eq!(view["origin"], *origin);
    assert_eq!(
        (&view["name"], &view["checkpoints"]),
        (&json!("what if"), &json!(0))
    );
    assert_eq!(view["plan_list"][0]["last_completed_step"], -1);
    store.step(fork, plan).await;
    // The same request again is the same fork.
    let request = json!({ "id": id(3), "command": command });
    let first = store.call("execute", &[plain(&request)]).await;
    assert_eq!(store.call("execute", &[plain(&request)]).await, first);
    let origin = store
        .query(json!({ "type": "project", "project": project }))
        .await["origin"]
        .take();
    assert_eq!(origin, Value::Null);
}

async fn a_fork_that_cannot_be_is_refused(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    for (source, at, code) in [
        (json!(id(7)), "now", "PROJECT_NOT_FOUND"),
        (project.clone(), "@9", "REVISION_NOT_FOUND"),
        (project.clone(), &id(7), "CHECKPOINT_NOT_FOUND"),
        (project.clone(), "then", "INVALID_INPUT"),
    ] {
        let command = json!({ "type": "fork_project", "source": source, "at": at });
        let request = json!({ "command": command });
        let refusal = store.refused("execute", &[plain(&request)]).await;
        assert_eq!(refusal.code, code, "{at}: {refusal:?}");
    }
    let projects = store.query(json!({ "type": "projects" })).await;
    assert_eq!(projects["rows"].as_array().unwrap().len(), 1);
}
