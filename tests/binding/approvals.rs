//! Gates: what waits for a decision, the decision, and what is said of it afterwards.

use super::commands::Author;
use super::given::{Store, id, plain, text};
use super::types::Types;
use serde_json::{Value, json};

on_every_storage![
    r41_a_plan_goes_through_every_gate,
    r47_a_plan_says_what_comes_next_in_each_state,
    what_waits_for_a_decision_is_in_the_inbox,
    r55_a_decision_on_what_was_replaced_is_refused,
    decisions_that_cannot_be_are_refused,
];

/// A plan that waits for all four decisions, started.
async fn gated(author: &mut Author<'_>) -> Value {
    let gates =
        json!({ "plan": true, "implementation": true, "review": true, "verification": true });
    let plan = json!({ "request": "careful", "settings": { "gates": gates } });
    let plan = author
        .done(json!({ "type": "create_plan", "plan": plan }))
        .await["plan"]
        .take();
    let started = author
        .done(json!({ "type": "start_plan", "plan": plan }))
        .await;
    assert_eq!(started["state"], "planning");
    plan
}

async fn submit(author: &mut Author<'_>, plan: &Value, words: &str) -> Value {
    let steps = json!([{ "title": "one" }, { "title": "two" }]);
    let submit = json!({ "type": "submit_plan", "plan": plan, "text": words, "steps": steps });
    author.done(submit).await
}

/// Does the steps that are left; gives what became of the last.
async fn implement(author: &mut Author<'_>, plan: &Value) -> Value {
    loop {
        let started = author
            .done(json!({ "type": "start_step", "plan": plan }))
            .await;
        let attempt = &started["attempt"];
        let complete = json!({ "type": "complete_step", "plan": plan, "attempt": attempt });
        let done = author.done(complete).await;
        if done["state"] != "implementing" {
            return done;
        }
    }
}

async fn view(author: &Author<'_>, plan: &Value) -> Value {
    let query = json!({ "type": "plan", "project": author.project, "plan": plan });
    let view = author.store.query(query).await;
    author.types.check("PlanView", &view);
    view
}

/// Gives every command that decides, each way; ends with a plan that is completed and applied.
pub(super) async fn through_every_gate(author: &mut Author<'_>) -> Value {
    let plan = gated(author).await;
    let moved = submit(author, &plan, "hasty").await;
    assert_eq!(
        (&moved["state"], &moved["submission"]),
        (&json!("plan_awaiting_approval"), &json!(1))
    );
    let reject = json!({ "type": "reject", "plan": plan, "submission": 1, "reason": "too hasty" });
    assert_eq!(author.done(reject).await["state"], "planning");
    assert_eq!(submit(author, &plan, "slow").await["submission"], 2);
    let approve = json!({ "type": "approve", "plan": plan, "submission": 2 });
    assert_eq!(author.done(approve).await["state"], "plan_approved");
    let begin = json!({ "type": "start_implementation", "plan": plan });
    assert_eq!(author.done(begin).await["state"], "implementing");
    assert_eq!(implement(author, &plan).await["submission"], 3);
    let reject = json!({
        "type": "reject", "plan": plan, "submission": 3, "reason": "two is bad", "from_step": 1,
    });
    assert_eq!(author.done(reject).await["state"], "implementing");
    assert_eq!(implement(author, &plan).await["submission"], 4);
    let approve = json!({ "type": "approve", "plan": plan, "submission": 4 });
    let moved = author.done(approve).await;
    assert_eq!(
        (&moved["state"], &moved["submission"]),
        (&json!("reviewing"), &json!(5))
    );
    let long = "long ".repeat(1000);
    let review = json!({
        "type": "record_review", "plan": plan, "submission": 5, "passed": true, "notes": long,
    });
    assert_eq!(author.done(review).await["state"], "verifying");
    let verification = json!({
        "type": "record_verification", "plan": plan, "submission": 6, "passed": false,
        "details": "red", "from_step": 0,
    });
    assert_eq!(author.done(verification).await["state"], "implementing");
    assert_eq!(implement(author, &plan).await["submission"], 7);
    let approve = json!({ "type": "approve", "plan": plan, "submission": 7 });
    author.done(approve).await;
    let review = json!({ "type": "record_review", "plan": plan, "submission": 8, "passed": true });
    author.done(review).await;
    let verification = json!({
        "type": "record_verification", "plan": plan, "submission": 9, "passed": true,
    });
    let moved = author.done(verification).await;
    assert_eq!(
        (&moved["state"], &moved["submission"]),
        (&json!("completed"), &Value::Null)
    );
    author
        .done(json!({ "type": "mark_applied", "plan": plan }))
        .await;
    plan
}

async fn r41_a_plan_goes_through_every_gate(storage: &str) {
    let store = Store::new(storage).await;
    let mut author = Author::new(&store).await;
    let plan = through_every_gate(&mut author).await;
    let view = view(&author, &plan).await;
    assert_eq!(view["submitted"]["text"], "slow");
    assert_eq!(view["submitted"]["by"], "ana");
    assert_eq!(
        view["next"],
        json!({ "type": "over", "state": "completed" })
    );
    let said: Vec<_> = view["verdicts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|verdict| {
            assert_eq!(verdict["by"], "ana");
            let gate = text(&verdict["gate"]).to_owned();
            let passed = verdict["passed"].as_bool().unwrap();
            (verdict["submission"].as_u64().unwrap(), gate, passed)
        })
        .collect();
    let said: Vec<_> = said
        .iter()
        .map(|(n, gate, ok)| (*n, &**gate, *ok))
        .collect();
    assert_eq!(
        said,
        [
            (1, "plan", false),
            (2, "plan", true),
            (3, "implementation", false),
            (4, "implementation", true),
            (5, "review", true),
            (6, "verification", false),
            (7, "implementation", true),
            (8, "review", true),
            (9, "verification", true),
        ]
    );
    assert_eq!(view["verdicts"][0]["reason"], "too hasty");
    assert_eq!(view["verdicts"][0]["notes"], Value::Null);
    assert_eq!(
        view["verdicts"][4]["notes"],
        "long ".repeat(1000),
        "all of it"
    );
    assert_eq!(view["verdicts"][5]["notes"], "red");
}

async fn r47_a_plan_says_what_comes_next_in_each_state(storage: &str) {
    let store = Store::new(storage).await;
    let mut author = Author::new(&store).await;
    let plan = gated(&mut author).await;
    let steps = json!({ "type": "held", "hold": "awaiting_steps" });
    assert_eq!(view(&author, &plan).await["next"], steps);
    submit(&mut author, &plan, "so").await;
    let decide = json!({ "type": "decide", "gate": "plan", "submission": 1 });
    assert_eq!(view(&author, &plan).await["next"], decide);
    // An approval can be given in a pause; what follows from it has to wait.
    author.done(json!({ "type": "pause" })).await;
    let paused = json!({ "type": "held", "hold": "project_paused" });
    assert_eq!(view(&author, &plan).await["next"], decide);
    let approve = json!({ "type": "approve", "plan": plan, "submission": 1 });
    author.done(approve).await;
    assert_eq!(view(&author, &plan).await["next"], paused);
    author.done(json!({ "type": "resume" })).await;
    let begin = json!({ "type": "start_implementation" });
    assert_eq!(view(&author, &plan).await["next"], begin);
    author
        .done(json!({ "type": "start_implementation", "plan": plan }))
        .await;
    let seen = view(&author, &plan).await;
    let first = &seen["step_list"][0]["id"];
    let run = json!({ "type": "run_step", "step": 0, "id": first, "title": "one" });
    assert_eq!(seen["next"], run);
    // One that is running may be taken over: it is still what comes next.
    author
        .done(json!({ "type": "start_step", "plan": plan }))
        .await;
    assert_eq!(view(&author, &plan).await["next"], run);
    let fail = json!({ "type": "fail_plan", "plan": plan, "error": "no" });
    author.done(fail).await;
    let over = json!({ "type": "over", "state": "failed" });
    assert_eq!(view(&author, &plan).await["next"], over);
    author
        .done(json!({ "type": "cancel_plan", "plan": plan }))
        .await;
    let over = json!({ "type": "over", "state": "cancelled" });
    assert_eq!(view(&author, &plan).await["next"], over);
    let pending = json!({ "type": "create_plan", "plan": { "request": "later" } });
    let pending = author.done(pending).await["plan"].take();
    let start = json!({ "type": "held", "hold": "not_started" });
    assert_eq!(view(&author, &pending).await["next"], start);
}

async fn what_waits_for_a_decision_is_in_the_inbox(storage: &str) {
    let (store, types) = (Store::new(storage).await, Types::read());
    assert_eq!(store.query(json!({ "type": "inbox" })).await, json!([]));
    let mut author = Author::new(&store).await;
    let plan = gated(&mut author).await;
    assert_eq!(store.query(json!({ "type": "inbox" })).await, json!([]));
    submit(&mut author, &plan, "so").await;
    let inbox = store.query(json!({ "type": "inbox" })).await;
    types.check("InboxEntry[]", &inbox);
    assert_eq!(inbox.as_array().unwrap().len(), 1, "not the other plan");
    let entry = &inbox[0];
    assert_eq!(entry["plan"], plan);
    assert_eq!(entry["project"], author.project);
    assert_eq!(
        (&entry["gate"], &entry["submission"], &entry["hold"]),
        (&json!("plan"), &json!(1), &json!("awaiting_approval"))
    );
    let approve = json!({ "type": "approve", "plan": plan, "submission": 1 });
    author.done(approve).await;
    assert_eq!(store.query(json!({ "type": "inbox" })).await, json!([]));
    let begin = json!({ "type": "start_implementation", "plan": plan });
    author.done(begin).await;
    implement(&mut author, &plan).await;
    // Decisions are possible in a paused project; why the plan doesn't move is said too.
    author.done(json!({ "type": "pause" })).await;
    let inbox = store.query(json!({ "type": "inbox" })).await;
    types.check("InboxEntry[]", &inbox);
    assert_eq!(inbox[0]["gate"], "implementation");
    assert_eq!(inbox[0]["hold"], "project_paused");
    let query = json!({ "type": "inbox", "limit": 5 });
    let refusal = store.refused("query", &[plain(&query)]).await;
    refusal.says("INVALID_INPUT", &["limit"]);
}

async fn r55_a_decision_on_what_was_replaced_is_refused(storage: &str) {
    let store = Store::new(storage).await;
    let mut author = Author::new(&store).await;
    let plan = gated(&mut author).await;
    submit(&mut author, &plan, "first").await;
    let reject = json!({ "type": "reject", "plan": plan, "submission": 1, "reason": "no" });
    author.done(reject).await;
    submit(&mut author, &plan, "second").await;
    let before = store.revision(&author.project).await;
    let approve = json!({ "type": "approve", "plan": plan, "submission": 1 });
    let refusal = store.refuses(&author.project, approve).await;
    refusal.says("SUPERSEDED", &["submission 1", "submission 2 does"]);
    assert_eq!(
        refusal.details,
        json!({ "plan": plan, "found": 1, "waiting": 2 })
    );
    assert_eq!(store.revision(&author.project).await, before);
}

async fn decisions_that_cannot_be_are_refused(storage: &str) {
    let store = Store::new(storage).await;
    let mut author = Author::new(&store).await;
    let plan = gated(&mut author).await;
    let begin = json!({ "type": "start_implementation", "plan": plan });
    let refusal = store.refuses(&author.project, begin).await;
    refusal.says("INVALID_TRANSITION", &["planning", "submit_plan"]);
    submit(&mut author, &plan, "so").await;
    let nobody = id(7);
    let cases = [
        (
            json!({ "type": "approve", "plan": nobody, "submission": 1 }),
            "PLAN_NOT_FOUND",
        ),
        (
            json!({ "type": "approve", "plan": plan, "submission": 9 }),
            "SUBMISSION_NOT_FOUND",
        ),
        (
            json!({ "type": "reject", "plan": plan, "submission": 1, "reason": " " }),
            "INVALID_INPUT",
        ),
        (
            json!({ "type": "reject", "plan": plan, "submission": 1 }),
            "INVALID_INPUT",
        ),
        (
            json!({ "type": "reject", "plan": plan, "submission": 1, "reason": "r", "from_step": 0 }),
            "INVALID_INPUT",
        ),
        (
            json!({ "type": "record_review", "plan": plan, "submission": 1, "passed": true }),
            "INVALID_TRANSITION",
        ),
        (
            json!({ "type": "record_verification", "plan": plan, "submission": 1, "passed": "yes" }),
            "INVALID_INPUT",
        ),
    ];
    for (command, code) in cases {
        let refusal = store.refuses(&author.project, command.clone()).await;
        assert_eq!(refusal.code, code, "{command}: {refusal:?}");
    }
}
