//! Each query, and that its answer is what types.ts says.

use super::given::{Store, id, plain, text};
use super::types::Types;
use serde_json::{Value, json};

on_every_storage![
    every_query_answers_as_typed,
    lists_come_in_pages,
    lists_come_newest_first_in_pages_too,
    history_and_context_come_in_pages,
    r50_entries_are_found_by_plan_actor_type_and_time,
    r48_a_store_is_told_in_figures,
    r60_a_checkpoint_is_given_with_all_that_was_said_of_it,
    what_is_not_there_is_told_by_its_code,
    limits_are_checked,
];

async fn every_query_answers_as_typed(storage: &str) {
    let (store, types) = (Store::new(storage).await, Types::read());
    let (project, plan) = store.project().await;
    let long = "long ".repeat(1000);
    let items = json!([
        { "agent": "eva", "kind": "task", "body": long, "plan": plan },
        { "agent": "eva", "kind": "code", "body": "old", "created_at": "2020-01-01T00:00:00.000Z" },
    ]);
    let added = store
        .outcome(&project, json!({ "type": "add_context", "items": items }))
        .await;
    store.step(&project, &plan).await;
    let failing = store
        .outcome(
            &project,
            json!({ "type": "create_plan", "plan": {
                "request": long, "settings": { "max_attempts": 1 },
                "steps": [{ "title": "x", "input": "{\"in\":[1]}" }],
            } }),
        )
        .await["plan"]
        .take();
    store
        .outcome(&project, json!({ "type": "start_plan", "plan": failing }))
        .await;
    store
        .outcome(&project, json!({ "type": "start_step", "plan": failing }))
        .await;
    store
        .outcome(
            &project,
            json!({ "type": "fail_step", "plan": failing, "attempt": 1, "error": long }),
        )
        .await;
    store.call("pause", &[plain(&project), "why".into()]).await;

    let answer = store.query(json!({ "type": "projects" })).await;
    types.check("Page<ProjectRow>", &answer);
    assert_eq!(answer["rows"].as_array().unwrap().len(), 1);
    let answer = store.query(json!({ "type": "plans" })).await;
    types.check("Page<PlanRow>", &answer);
    assert_eq!(answer["rows"].as_array().unwrap().len(), 2);
    let unfinished = json!({ "type": "plans", "project": project, "unfinished": true });
    let answer = store.query(unfinished).await;
    types.check("Page<PlanRow>", &answer);
    assert_eq!(answer["rows"].as_array().unwrap().len(), 1, "one failed");
    let answer = store
        .query(json!({ "type": "checkpoints", "project": project }))
        .await;
    types.check("Page<CheckpointRow>", &answer);
    assert!(!answer["rows"].as_array().unwrap().is_empty());
    let row = &answer["rows"][0];
    let view = store
        .query(json!({ "type": "checkpoint", "project": project, "checkpoint": row["checkpoint"] }))
        .await;
    types.check("CheckpointView", &view);
    for (field, value) in row.as_object().unwrap() {
        assert_eq!(view[field], *value, "{field}");
    }
    let answer = store.query(json!({ "type": "resumable" })).await;
    types.check("Resumable[]", &answer);
    assert_eq!(answer[0]["hold"], "project_paused");
    let view = store
        .query(json!({ "type": "project", "project": project }))
        .await;
    types.check("ProjectView", &view);
    assert_eq!(view["pause"]["reason"], "why");
    assert_eq!(view["plan_list"].as_array().unwrap().len(), 2);
    assert!(!view["agents"].as_array().unwrap().is_empty());
    let statistics = store
        .query(json!({ "type": "statistics", "project": project }))
        .await;
    types.check("Statistics", &statistics);
    assert_eq!(statistics["agents"], view["agents"]);
    assert_eq!(statistics["revision"], view["revision"]);
    let store_statistics = store.query(json!({ "type": "store_statistics" })).await;
    types.check("StoreStatistics", &store_statistics);
    assert_eq!(store_statistics["totals"], statistics["totals"]);
    for plan in [&plan, &failing] {
        let view = store
            .query(json!({ "type": "plan", "project": project, "plan": plan }))
            .await;
        types.check("PlanView", &view);
    }
    let view = store
        .query(json!({ "type": "plan", "project": project, "plan": failing }))
        .await;
    assert_eq!(view["request"], long, "all of it");
    assert_eq!(view["failure"]["error"], long);
    assert_eq!(view["is_playable"], false);
    for (plan, step) in [(&plan, 0), (&plan, 1), (&failing, 0)] {
        let query = json!({ "type": "step", "project": project, "plan": plan, "step": step });
        types.check("StepView", &store.query(query).await);
    }
    let query = json!({ "type": "step", "project": project, "plan": failing, "step": 0 });
    let step = store.query(query).await;
    assert_eq!(
        (&step["error"], &step["input"]),
        (&json!(long), &json!("{\"in\":[1]}"))
    );
    let context = store
        .query(json!({ "type": "context", "project": project }))
        .await;
    types.check("ItemView[]", &context["items"]);
    types.check("{ items: ItemView[]; next: number | null }", &context);
    assert_eq!(context["items"].as_array().unwrap().len(), 2);
    let item = store
        .query(json!({ "type": "item", "project": project, "item": added["items"][0] }))
        .await;
    types.check("ItemView & { body: string | null }", &item);
    assert_eq!(item["body"], long);
    let history = store
        .query(json!({ "type": "history", "project": project }))
        .await;
    types.check("Entry[]", &history);
    assert_eq!(
        history.as_array().unwrap().len() as u64,
        store.revision(&project).await
    );
    let found = store
        .query(json!({ "type": "find_entries", "project": project, "plan": failing }))
        .await;
    types.check("HistoryPage", &found);
    let report = store
        .query(json!({ "type": "verify", "project": project }))
        .await;
    types.check("VerifyReport", &report);
    assert_eq!(report["clean"], true);
}

async fn lists_come_in_pages(storage: &str) {
    let (store, types) = (Store::new(storage).await, Types::read());
    for _ in 0..5 {
        store.project().await;
    }
    let all = store.query(json!({ "type": "projects" })).await;
    assert_eq!(all["next"], Value::Null);
    let mut paged = Vec::new();
    let mut after = Value::Null;
    for _ in 0..10 {
        let query = json!({ "type": "projects", "limit": 2, "after": after });
        let mut page = store.query(query).await;
        types.check("Page<ProjectRow>", &page);
        paged.append(page["rows"].as_array_mut().unwrap());
        after = page["next"].take();
        if after.is_null() {
            break;
        }
    }
    assert_eq!(Value::from(paged), all["rows"]);
    // Each plan was started, which brought a checkpoint.
    for (kind, rows) in [("plans", 5), ("checkpoints", 5)] {
        let page = store.query(json!({ "type": kind, "limit": 10_000 })).await;
        assert_eq!(page["rows"].as_array().unwrap().len(), rows);
    }
    let one = &all["rows"][3];
    let id = text(&one["project"]);
    let found = store
        .query(json!({ "type": "projects", "id_starts_with": id }))
        .await;
    assert_eq!(found["rows"], json!([one]));
    let found = store
        .query(json!({ "type": "projects", "id_starts_with": "7ZZZ" }))
        .await;
    assert_eq!(found["rows"], json!([]));
}

async fn lists_come_newest_first_in_pages_too(storage: &str) {
    let (store, types) = (Store::new(storage).await, Types::read());
    let (project, plan) = store.project().await;
    for name in ["one", "two", "three"] {
        let checkpoint = json!({ "plan": plan, "name": name });
        let take = json!({ "type": "create_checkpoint", "checkpoint": checkpoint });
        store.outcome(&project, take).await;
        store.project().await;
    }
    let cases = [
        (json!({ "type": "projects" }), "Page<ProjectRow>", 4),
        (json!({ "type": "plans" }), "Page<PlanRow>", 4),
        (
            json!({ "type": "plans", "unfinished": true }),
            "Page<PlanRow>",
            4,
        ),
        (json!({ "type": "checkpoints" }), "Page<CheckpointRow>", 7),
        (
            json!({ "type": "checkpoints", "project": project, "plan": plan }),
            "Page<CheckpointRow>",
            4,
        ),
    ];
    for (query, page_type, count) in cases {
        let mut oldest_first = store.query(query.clone()).await;
        let mut backwards = Vec::new();
        let mut after = Value::Null;
        loop {
            let mut query = query.clone();
            let fields = query.as_object_mut().unwrap();
            let part = json!({ "newest_first": true, "limit": 3, "after": after });
            fields.extend(part.as_object().unwrap().clone());
            let mut page = store.query(query).await;
            types.check(page_type, &page);
            backwards.append(page["rows"].as_array_mut().unwrap());
            assert!(backwards.len() <= count, "it goes round in circles");
            after = page["next"].take();
            if after.is_null() {
                break;
            }
        }
        assert_eq!(backwards.len(), count);
        oldest_first["rows"].as_array_mut().unwrap().reverse();
        assert_eq!(Value::from(backwards), oldest_first["rows"], "{query}");
    }
    let query = json!({ "type": "checkpoints", "project": project, "newest_first": true });
    let newest = store.query(query).await;
    assert_eq!(newest["rows"][0]["name"], "three");
    for query in [
        json!({ "type": "projects", "newest_first": 1 }),
        json!({ "type": "resumable", "newest_first": true }),
    ] {
        let refusal = store.refused("query", &[plain(&query)]).await;
        assert_eq!(refusal.code, "INVALID_INPUT", "{query}: {refusal:?}");
    }
}

async fn history_and_context_come_in_pages(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    for n in 0..5 {
        let item =
            json!({ "agent": format!("a{}", n % 2), "kind": "note", "body": format!("{n}") });
        store
            .outcome(&project, json!({ "type": "add_context", "items": [item] }))
            .await;
    }
    let query = json!({ "type": "history", "project": project, "after": 2, "limit": 3 });
    let revisions: Vec<_> = store
        .query(query)
        .await
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["revision"].as_u64().unwrap())
        .collect();
    assert_eq!(revisions, [3, 4, 5]);
    let query = json!({ "type": "context", "project": project, "agent": "a0", "limit": 2 });
    let page = store.query(query).await;
    assert_eq!(page["next"], 3);
    let query = json!({ "type": "context", "project": project, "agent": "a0", "after": 3 });
    let page = store.query(query).await;
    assert_eq!(
        (page["items"].as_array().unwrap().len(), &page["next"]),
        (1, &Value::Null)
    );
    let query = json!({ "type": "context", "project": project, "archived": true });
    assert_eq!(store.query(query).await["items"], json!([]));
    let query = json!({ "type": "context", "project": project, "bodies": true, "after": 3 });
    let page = store.query(query).await;
    let bodies = page["items"].as_array().unwrap().iter();
    let bodies: Vec<_> = bodies.map(|item| item["body"].clone()).collect();
    assert_eq!(
        (Value::from(bodies), &page["next"]),
        (json!(["3", "4"]), &Value::Null)
    );
}

async fn r50_entries_are_found_by_plan_actor_type_and_time(storage: &str) {
    let (store, types) = (Store::new(storage).await, Types::read());
    let (project, plan) = store.project().await;
    let create = json!({ "type": "create_plan", "plan": { "request": "other" } });
    let other = store.outcome(&project, create).await["plan"].take();
    let rename = json!({ "type": "rename_project", "name": "renamed" });
    let request = json!({ "project": project, "actor": "eva", "command": rename });
    store.call("execute", &[plain(&request)]).await;
    store.step(&project, &plan).await;
    let find = async |filters: Value| {
        let mut query = json!({ "type": "find_entries", "project": project });
        let fields = query.as_object_mut().unwrap();
        fields.extend(filters.as_object().unwrap().clone());
        let page = store.query(query).await;
        types.check("HistoryPage", &page);
        let entries = page["entries"].as_array().unwrap().iter();
        let revisions: Vec<_> = entries.map(|entry| entry["revision"].clone()).collect();
        (Value::from(revisions), page["next"].clone())
    };
    let all = |revisions: Value| (revisions, Value::Null);
    assert_eq!(find(json!({})).await, all(json!([1, 2, 3, 4, 5])));
    assert_eq!(find(json!({ "plan": plan })).await, all(json!([1, 4, 5])));
    assert_eq!(find(json!({ "plan": other })).await, all(json!([2])));
    assert_eq!(find(json!({ "actor": "eva" })).await, all(json!([3])));
    let types_of = json!({ "types": ["plan_created", "project_renamed"] });
    assert_eq!(find(types_of).await, all(json!([1, 2, 3])));
    let long_ago = "2020-01-01T00:00:00Z";
    assert_eq!(find(json!({ "until": long_ago })).await, all(json!([])));
    assert_eq!(
        find(json!({ "from": long_ago, "after": 3 })).await,
        all(json!([4, 5]))
    );
    let backwards = json!({ "newest_first": true, "limit": 2 });
    assert_eq!(find(backwards).await, (json!([5, 4]), json!(4)));
    let on = json!({ "newest_first": true, "limit": 3, "before": 4 });
    assert_eq!(find(on).await, all(json!([3, 2, 1])));
    for wrong in [
        json!({ "from": "2021-01-01T00:00:00Z", "until": long_ago }),
        json!({ "types": ["plan_made"] }),
        json!({ "from": "yesterday" }),
        json!({ "limit": 0 }),
        json!({ "before": -1 }),
        json!({ "actr": "eva" }),
    ] {
        let mut query = json!({ "type": "find_entries", "project": project });
        let fields = query.as_object_mut().unwrap();
        fields.extend(wrong.as_object().unwrap().clone());
        let refusal = store.refused("query", &[plain(&query)]).await;
        assert_eq!(refusal.code, "INVALID_INPUT", "{wrong}: {refusal:?}");
    }
    let query = json!({ "type": "find_entries", "project": project, "types": ["plan_made"] });
    let refusal = store.refused("query", &[plain(&query)]).await;
    refusal.says("INVALID_INPUT", &["plan_created"]);
}

async fn r48_a_store_is_told_in_figures(storage: &str) {
    let store = Store::new(storage).await;
    for _ in 0..3 {
        store.project().await;
    }
    let (project, plan) = store.project().await;
    store.step(&project, &plan).await;
    store.call("pause", &[plain(&project)]).await;
    let statistics = store.query(json!({ "type": "store_statistics" })).await;
    assert_eq!(statistics["projects"], 4);
    assert_eq!(statistics["projects_by_status"]["paused"], 1);
    let totals = &statistics["totals"];
    assert_eq!(totals["plans_by_state"]["implementing"], 4);
    assert_eq!(
        (&totals["steps"], &totals["steps_completed"]),
        (&json!(12), &json!(1))
    );
    // A browser estimates; memory is counted.
    let usage = &statistics["usage"];
    if storage == "memory" {
        assert!(usage["bytes"].as_u64().unwrap() > 1000, "{usage}");
        assert_eq!(usage["quota"], Value::Null);
    } else {
        let (bytes, quota) = (usage["bytes"].as_u64(), usage["quota"].as_u64());
        assert!(bytes <= quota && quota.is_some(), "{usage}");
        assert!(usage["persisted"].is_boolean(), "{usage}");
    }
}

async fn r60_a_checkpoint_is_given_with_all_that_was_said_of_it(storage: &str) {
    let (store, types) = (Store::new(storage).await, Types::read());
    let (project, plan) = store.project().await;
    let item = json!({ "agent": "eva", "kind": "task", "body": "what there is to do" });
    store
        .outcome(&project, json!({ "type": "add_context", "items": [item] }))
        .await;
    let said = json!({
        "plan": plan, "name": "here", "description": "before the risky part", "reason": "to be sure",
        "source_tool": "ci", "phase": "refactoring", "external_ref": "git:0a1b",
        "data": "{\"a\": 1.0}", "pinned": true,
    });
    let take = json!({ "type": "create_checkpoint", "checkpoint": said });
    let receipt = store.execute(&project, take).await;
    let id = &receipt["outcome"]["checkpoint"];
    let query = json!({ "type": "checkpoint", "project": project, "checkpoint": id });
    let mut view = store.query(query).await;
    let query = json!({ "type": "history", "project": project, "after": 2 });
    let entries = store.query(query).await;
    types.check("CheckpointView", &view);
    let tokens = view["figures"]["tokens"].take();
    assert!(tokens.as_u64().unwrap() > 0, "{tokens}");
    assert_eq!(
        view,
        json!({
            "checkpoint": id, "project": project, "number": 2, "plan": plan, "revision": 3,
            "trigger": "manual", "safety": false, "name": "here",
            "description": "before the risky part", "reason": "to be sure", "source_tool": "ci",
            "phase": "refactoring", "external_ref": "git:0a1b", "data": "{\"a\": 1.0}",
            "pinned": true, "created_at": entries[0]["at"], "created_by": "ana",
            "figures": {
                "plans_completed": 0, "plans": 1, "active_agents": 1, "items": 1, "tokens": null,
            },
        })
    );

    // Nulls where there is nothing.
    let bare = json!({ "type": "create_checkpoint", "checkpoint": { "name": "bare" } });
    let id = store.outcome(&project, bare).await["checkpoint"].take();
    let query = json!({ "type": "checkpoint", "project": project, "checkpoint": id });
    let view = store.query(query).await;
    types.check("CheckpointView", &view);
    for field in [
        "plan",
        "description",
        "reason",
        "source_tool",
        "phase",
        "external_ref",
        "data",
    ] {
        assert_eq!(view.get(field), Some(&Value::Null), "{field}");
    }
}

async fn what_is_not_there_is_told_by_its_code(storage: &str) {
    let store = Store::new(storage).await;
    let (project, plan) = store.project().await;
    let nobody = id(77);
    let cases = [
        (
            json!({ "type": "project", "project": nobody }),
            "PROJECT_NOT_FOUND",
        ),
        (
            json!({ "type": "statistics", "project": nobody }),
            "PROJECT_NOT_FOUND",
        ),
        (
            json!({ "type": "history", "project": nobody }),
            "PROJECT_NOT_FOUND",
        ),
        (
            json!({ "type": "verify", "project": nobody }),
            "PROJECT_NOT_FOUND",
        ),
        (
            json!({ "type": "plan", "project": project, "plan": nobody }),
            "PLAN_NOT_FOUND",
        ),
        (
            json!({ "type": "step", "project": project, "plan": plan, "step": 3 }),
            "STEP_NOT_FOUND",
        ),
        (
            json!({ "type": "item", "project": project, "item": nobody }),
            "ITEM_NOT_FOUND",
        ),
        (
            json!({ "type": "checkpoint", "project": nobody, "checkpoint": nobody }),
            "PROJECT_NOT_FOUND",
        ),
        (
            json!({ "type": "checkpoint", "project": project, "checkpoint": nobody }),
            "CHECKPOINT_NOT_FOUND",
        ),
    ];
    for (query, code) in cases {
        let refusal = store.refused("query", &[plain(&query)]).await;
        assert_eq!(refusal.code, code, "{query}");
        assert!(
            !refusal.details.as_object().unwrap().is_empty(),
            "{refusal:?}"
        );
    }
    store
        .outcome(&project, json!({ "type": "delete_project" }))
        .await;
    let query = json!({ "type": "project", "project": project });
    let refusal = store.refused("query", &[plain(&query)]).await;
    refusal.says("REMOVED", &[text(&project)]);
    assert_eq!(
        refusal.details,
        json!({ "project": project, "revision": 1 })
    );
}

async fn limits_are_checked(storage: &str) {
    let store = Store::new(storage).await;
    for limit in [
        json!(0),
        json!(10_001),
        json!(-1),
        json!(1.5),
        json!("5"),
        json!(5_000_000_000_u64),
    ] {
        let query = json!({ "type": "projects", "limit": limit });
        let refusal = store.refused("query", &[plain(&query)]).await;
        assert_eq!(refusal.code, "INVALID_INPUT", "{limit}: {refusal:?}");
        assert!(refusal.message.contains("expected"), "{refusal:?}");
    }
    for query in [
        json!({ "type": "everything" }),
        json!({ "type": "projects", "lmit": 5 }),
        json!({ "limit": 5 }),
        json!({ "type": "resumable", "limit": 5 }),
        json!({ "type": "project" }),
        json!({}),
        json!([]),
        json!("projects"),
        Value::Null,
    ] {
        let refusal = store.refused("query", &[plain(&query)]).await;
        assert_eq!(refusal.code, "INVALID_INPUT", "{query}: {refusal:?}");
    }
}
