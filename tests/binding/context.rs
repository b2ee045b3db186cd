//! Context on demand: used, pinned, archived, brought back, and removed for good.

use super::commands::Author;
use super::given::{Store, id};
use holdpoint::model::Digest;
use serde_json::{Value, json};

on_every_storage![
    context_is_used_pinned_archived_and_removed_on_demand,
    r28_what_was_removed_for_good_is_shown_as_that,
    a_view_never_fails_for_a_text_that_was_removed,
    context_that_is_not_there_is_refused,
];

const SECRET: &str = "the password is swordfish";

/// Gives every command on items that somebody names, and on an agent; gives the items.
pub(super) async fn on_demand(author: &mut Author<'_>) -> Vec<Value> {
    let items = json!([
        { "agent": "ira", "kind": "note", "body": "old ".repeat(100),
          "created_at": "2020-01-01T00:00:00.000Z" },
        { "agent": "ira", "kind": "note", "body": "new" },
        { "agent": "ira", "kind": "note", "body": SECRET },
    ]);
    let added = author
        .done(json!({ "type": "add_context", "items": items }))
        .await;
    let items = added["items"].as_array().unwrap().clone();
    let (old, new, secret) = (&items[0], &items[1], &items[2]);
    let touched = author
        .done(json!({ "type": "touch_items", "items": [new, new] }))
        .await;
    assert_eq!(touched, json!({ "type": "items_touched", "items": [new] }));
    let pinned = author
        .done(json!({ "type": "pin_items", "items": [old] }))
        .await;
    assert_eq!(
        pinned,
        json!({ "type": "items_pinned", "items": [old], "pinned": true })
    );
    // What is pinned is hot whatever its age.
    let save = json!({ "type": "flash_save", "agent": "ira", "force": true });
    assert_eq!(author.done(save.clone()).await["items_archived"], 0);
    author
        .done(json!({ "type": "unpin_items", "items": [old] }))
        .await;
    let saved = author.done(save).await;
    assert_eq!(saved["items_archived"], 1);
    assert_eq!(saved["agents"][0]["agent"], "ira");
    let archived = author
        .done(json!({ "type": "archive_items", "items": [new] }))
        .await;
    assert_eq!(archived["items_archived"], 1, "whatever its tier");
    let restored = author
        .done(json!({ "type": "restore_items", "items": [old, new] }))
        .await;
    assert_eq!(restored["items"], json!([old, new]));
    let redact = json!({ "type": "redact_item", "item": secret, "reason": "leaked" });
    assert_eq!(author.done(redact).await["type"], "body_redacted");
    let step = json!({ "title": "spill", "input": "[\"a key\"]" });
    let plan = json!({ "request": "spill", "steps": [step] });
    let plan = author
        .done(json!({ "type": "create_plan", "plan": plan }))
        .await["plan"]
        .take();
    author
        .done(json!({ "type": "start_plan", "plan": plan }))
        .await;
    author
        .done(json!({ "type": "start_step", "plan": plan }))
        .await;
    let complete = json!({
        "type": "complete_step", "plan": plan, "attempt": 1, "output": "\"my secret\"",
    });
    author.done(complete).await;
    let redact = json!({ "type": "redact_output", "plan": plan, "step": 0, "reason": "leaked" });
    assert_eq!(author.done(redact).await["type"], "body_redacted");
    let digest = Digest::of(b"[\"a key\"]").to_string();
    let redact = json!({ "type": "redact_body", "digest": digest, "reason": "leaked" });
    assert_eq!(author.done(redact).await["digest"], digest);
    [items, vec![plan]].concat()
}

async fn item(author: &Author<'_>, item: &Value) -> Value {
    let query = json!({ "type": "item", "project": author.project, "item": item });
    let found = author.store.query(query).await;
    author
        .types
        .check("ItemView & { body: string | null }", &found);
    found
}

async fn context_is_used_pinned_archived_and_removed_on_demand(storage: &str) {
    let store = Store::new(storage).await;
    let mut author = Author::new(&store).await;
    let made = on_demand(&mut author).await;
    let new = item(&author, &made[1]).await;
    assert_eq!(new["access_count"], 2);
    assert!(new["last_accessed"].is_string(), "{new}");
    assert_eq!(
        (&new["archived"], &new["redacted"]),
        (&json!(false), &Value::Null)
    );
    assert_eq!(new["body"], "new");
}

async fn r28_what_was_removed_for_good_is_shown_as_that(storage: &str) {
    let store = Store::new(storage).await;
    let mut author = Author::new(&store).await;
    let made = on_demand(&mut author).await;
    let (secret, plan) = (&made[2], &made[3]);
    let gone = item(&author, secret).await;
    assert_eq!(gone["body"], Value::Null);
    assert_eq!(gone["redacted"]["by"], "ana");
    assert_eq!(gone["redacted"]["reason"], "leaked");
    let context = json!({ "type": "context", "project": author.project, "agent": "ira" });
    let listed = store.query(context).await;
    author.types.check("ItemView[]", &listed["items"]);
    assert_eq!(listed["items"][2]["redacted"], gone["redacted"]);
    let step = json!({ "type": "step", "project": author.project, "plan": plan, "step": 0 });
    let step = store.query(step).await;
    author.types.check("StepView", &step);
    assert_eq!(
        (&step["output"], &step["has_output"]),
        (&Value::Null, &json!(true))
    );
    assert_eq!(step["output_redacted"]["reason"], "leaked");
    // Gone from the past too.
    let at = json!({
        "type": "item", "project": author.project, "item": secret,
        "at": format!("@{}", store.revision(&author.project).await - 7),
    });
    let then = store.query(at).await;
    assert_eq!(
        (&then["body"], &then["redacted"]),
        (&Value::Null, &gone["redacted"])
    );
}

/// Whatever has the same text has lost it: a request, notes, an error; and how it began stays.
async fn a_view_never_fails_for_a_text_that_was_removed(storage: &str) {
    let store = Store::new(storage).await;
    let mut author = Author::new(&store).await;
    let long = "long ".repeat(1000);
    let gates = json!({ "plan": true, "review": true });
    let plan = json!({ "request": long, "settings": { "gates": gates } });
    let plan = author
        .done(json!({ "type": "create_plan", "plan": plan }))
        .await["plan"]
        .take();
    author
        .done(json!({ "type": "start_plan", "plan": plan }))
        .await;
    let input = serde_json::to_string(&json!({ "in": 1 })).unwrap();
    let submit = json!({
        "type": "submit_plan", "plan": plan, "text": long,
        "steps": [{ "title": "x", "input": input }],
    });
    author.done(submit).await;
    author
        .done(json!({ "type": "approve", "plan": plan, "submission": 1 }))
        .await;
    author
        .done(json!({ "type": "start_implementation", "plan": plan }))
        .await;
    author
        .done(json!({ "type": "start_step", "plan": plan }))
        .await;
    author
        .done(json!({ "type": "complete_step", "plan": plan, "attempt": 1, "output": input }))
        .await;
    let review = json!({
        "type": "record_review", "plan": plan, "submission": 2, "passed": false, "notes": long,
    });
    author.done(review).await;
    author
        .done(json!({ "type": "start_step", "plan": plan }))
        .await;
    author
        .done(json!({ "type": "fail_step", "plan": plan, "attempt": 2, "error": long }))
        .await;
    author
        .done(json!({ "type": "fail_plan", "plan": plan, "error": long }))
        .await;
    let items = json!([
        { "agent": "ira", "kind": "note", "body": long },
        { "agent": "ira", "kind": "note", "body": input },
    ]);
    let added = author
        .done(json!({ "type": "add_context", "items": items }))
        .await;
    for item in added["items"].as_array().unwrap() {
        author
            .done(json!({ "type": "redact_item", "item": item }))
            .await;
    }
    let query = json!({ "type": "plan", "project": author.project, "plan": plan });
    let view = store.query(query).await;
    author.types.check("PlanView", &view);
    let start = json!("long ".repeat(40));
    for left in [
        &view["request"],
        &view["submitted"]["text"],
        &view["verdicts"][1]["notes"],
        &view["failure"]["error"],
    ] {
        assert_eq!(*left, start);
    }
    assert_eq!(view["is_playable"], false);
    let query = json!({ "type": "step", "project": author.project, "plan": plan, "step": 0 });
    let step = store.query(query).await;
    author.types.check("StepView", &step);
    assert_eq!((&step["input"], &step["error"]), (&Value::Null, &start));
}

async fn context_that_is_not_there_is_refused(storage: &str) {
    let store = Store::new(storage).await;
    let (project, plan) = store.project().await;
    let nobody = id(7);
    for kind in [
        "touch_items",
        "pin_items",
        "unpin_items",
        "archive_items",
        "restore_items",
    ] {
        let command = json!({ "type": kind, "items": [nobody] });
        let refusal = store.refuses(&project, command).await;
        refusal.says("ITEM_NOT_FOUND", &[&nobody]);
        let none = json!({ "type": kind, "items": [] });
        let refusal = store.refuses(&project, none).await;
        refusal.says("INVALID_INPUT", &["at least one"]);
    }
    let redact = json!({ "type": "redact_item", "item": nobody });
    let refusal = store.refuses(&project, redact).await;
    refusal.says("ITEM_NOT_FOUND", &[&nobody]);
    let digest = Digest::of(b"never said").to_string();
    let redact = json!({ "type": "redact_body", "digest": digest });
    let refusal = store.refuses(&project, redact).await;
    refusal.says("BODY_NOT_FOUND", &[&digest]);
    let save = json!({ "type": "flash_save", "agent": "nobody" });
    let refusal = store.refuses(&project, save).await;
    refusal.says("AGENT_NOT_FOUND", &["nobody"]);
    for (step, code) in [(0, "NOTHING_TO_REDACT"), (3, "STEP_NOT_FOUND")] {
        let redact = json!({ "type": "redact_output", "plan": plan, "step": step });
        assert_eq!(store.refuses(&project, redact).await.code, code);
    }
}
