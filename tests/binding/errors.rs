//! What calls reject with: the code, what was expected and found, and the same as data.

use super::given::{Store, id, plain, text};
use serde_json::{Value, json};

on_every_storage![
    refusals_say_what_was_expected_and_found,
    a_refused_command_changes_nothing,
    refusals_of_named_methods_are_the_same,
    trajectories_that_are_none_are_refused,
    details_say_what_the_message_says,
];

async fn refusals_say_what_was_expected_and_found(storage: &str) {
    let store = Store::new(storage).await;
    let (project, plan) = store.project().await;

    let refusal = store
        .refuses(&json!(id(9)), json!({ "type": "pause" }))
        .await;
    refusal.says("PROJECT_NOT_FOUND", &[&id(9)]);
    assert_eq!(refusal.details, json!({ "project": id(9) }));

    let again = json!({ "type": "start_plan", "plan": plan });
    let refusal = store.refuses(&project, again).await;
    refusal.says("INVALID_TRANSITION", &["expected", "found start_plan"]);
    assert_eq!(refusal.details["subject"], format!("plan {}", text(&plan)));
    assert_eq!(refusal.details["state"], "implementing");
    assert_eq!(refusal.details["command"], "start_plan");
    let allowed = refusal.details["allowed"].as_array().unwrap();
    assert!(allowed.contains(&json!("start_step")), "{allowed:?}");

    let refusal = store.refuses(&project, json!({ "type": "resume" })).await;
    refusal.says("PROJECT_NOT_PAUSED", &["expected", "found"]);
    assert_eq!(refusal.details, json!({ "status": "active" }));

    store.call("pause", &[plain(&project)]).await;
    let start = json!({ "type": "start_step", "plan": plan });
    let refusal = store.refuses(&project, start).await;
    refusal.says("PROJECT_PAUSED", &["paused"]);
    assert_eq!(refusal.details, json!({ "command": "start_step" }));
    store.call("resume", &[plain(&project)]).await;

    let complete = json!({ "type": "complete_step", "plan": plan, "attempt": 5 });
    let refusal = store.refuses(&project, complete).await;
    refusal.says("STEP_NOT_FOUND", &["attempt 5"]);
    assert_eq!(
        refusal.details,
        json!({ "plan": plan, "newest": 0, "found": 5 })
    );

    let refusal = store
        .refuses(&project, json!({ "type": "complete_project" }))
        .await;
    refusal.says("PLANS_UNFINISHED", &["expected", "found 1"]);
    assert_eq!(refusal.details, json!({ "unfinished": 1 }));

    let none = json!({ "type": "create_plan", "plan": { "request": "r", "steps": [] } });
    store.refuses(&project, none).await.says("NO_STEPS", &[]);
}

async fn a_refused_command_changes_nothing(storage: &str) {
    let store = Store::new(storage).await;
    let (project, plan) = store.project().await;
    let view = store
        .query(json!({ "type": "project", "project": project }))
        .await;
    for command in [
        json!({ "type": "resume" }),
        json!({ "type": "start_plan", "plan": plan }),
        json!({ "type": "start_plan", "plan": id(5) }),
        json!({ "type": "rename_project", "name": "" }),
        json!({ "type": "rename_project", "name": "x".repeat(201) }),
    ] {
        store.refuses(&project, command).await;
    }
    assert_eq!(
        store
            .query(json!({ "type": "project", "project": project }))
            .await,
        view
    );
    store.step(&project, &plan).await;
}

async fn refusals_of_named_methods_are_the_same(storage: &str) {
    let store = Store::new(storage).await;
    let (project, plan) = store.project().await;
    let project = plain(&project);
    for (method, arguments) in [
        ("pause", vec![]),
        ("pause", vec![7.into()]),
        ("pause", vec!["nonsense".into()]),
        ("pause", vec![project.clone(), 7.into()]),
        ("pause", vec![project.clone(), plain(&json!({}))]),
        ("resume", vec![project.clone(), "nonsense".into()]),
        ("preview", vec![project.clone()]),
        (
            "preview",
            vec!["nonsense".into(), plain(&json!({ "type": "pause" }))],
        ),
        ("subscribe", vec![]),
        ("subscribe", vec![plain(&json!({}))]),
        (
            "subscribe",
            vec![super::given::js("() => {}"), "nonsense".into()],
        ),
        ("playStep", vec![project.clone()]),
        ("importTrajectory", vec![]),
        ("importTrajectory", vec!["{}".into()]),
        ("execute", vec![]),
        ("query", vec![]),
    ] {
        let refusal = store.refused(method, &arguments).await;
        assert_eq!(
            refusal.code, "INVALID_INPUT",
            "{method} {arguments:?}: {refusal:?}"
        );
        assert!(refusal.message.contains("expected"), "{refusal:?}");
        assert!(refusal.message.contains("found"), "{refusal:?}");
        assert!(refusal.details["field"].is_string(), "{refusal:?}");
    }
    let nobody = store.refused("pause", &[id(9).into()]).await;
    nobody.says("PROJECT_NOT_FOUND", &[&id(9)]);
    let long = store
        .refused("pause", &[project.clone(), "x".repeat(3000).into()])
        .await;
    long.says("TOO_LONG", &["reason", "expected at most", "found 3000"]);
    assert_eq!(long.details["found"], 3000);
    let refusal = store.refused("playStep", &[project, plain(&plan)]).await;
    refusal.says("NOT_PLAYABLE", &["expected", "found step 0"]);
}

async fn trajectories_that_are_none_are_refused(storage: &str) {
    let store = Store::new(storage).await;
    let deep = "[".repeat(100_000);
    for (file, words) in [
        ("", "JSON"),
        ("no JSON", "JSON"),
        (deep.as_str(), "JSON"),
        ("[]", "\"trajectory\""),
        ("{}", "\"trajectory\""),
        ("{\"trajectory\":7}", "\"trajectory\""),
        ("{\"trajectory\":[]}", "at least one step"),
        ("{\"trajectory\":[7]}", "found"),
    ] {
        let refusal = store
            .refused("importTrajectory", &[file.into(), "x.traj".into()])
            .await;
        refusal.says("TRAJECTORY_INVALID", &["expected", "found", words]);
    }
    let projects = store.query(json!({ "type": "projects" })).await;
    assert_eq!(projects["rows"], json!([]));
}

/// Each number and each name that the message has, the details have too.
async fn details_say_what_the_message_says(storage: &str) {
    let store = Store::new(storage).await;
    let (project, plan) = store.project().await;
    let refusal = store
        .refused("playStep", &[plain(&project), plain(&plan)])
        .await;
    assert_eq!(refusal.details, json!({ "step": 0 }), "{refusal:?}");
    let huge = "x".repeat((1 << 20) + 1);
    let step = json!({ "thought": huge, "action": "a", "observation": "o" });
    let file = json!({ "trajectory": [step] }).to_string();
    let refusal = store
        .refused("importTrajectory", &[file.into(), "x.traj".into()])
        .await;
    assert_eq!(refusal.code, "TOO_LONG", "{refusal:?}");
    assert_eq!(
        refusal.details["limit"],
        Value::from(1 << 20),
        "{refusal:?}"
    );
}
