//! Whole trajectories: imported, half played, paused, taken up by another one, finished, rolled
//! back.

use super::given::{Store, fresh_name, plain, text};
use super::types::Types;
use serde_json::{Value, json};
use wasm_bindgen_test::wasm_bindgen_test;

const SAMPLES: [(&str, &str); 3] = [
    (
        "slug-unicode.traj",
        include_str!("../../samples/slug-unicode.traj"),
    ),
    (
        "parser-fix.traj",
        include_str!("../../samples/parser-fix.traj"),
    ),
    (
        "cache-race.traj",
        include_str!("../../samples/cache-race.traj"),
    ),
];

on_every_storage![
    each_sample_is_played_through_a_pause_and_back,
    a_trajectory_of_5_mb_is_played_through,
    names_of_files_become_names_of_projects,
];

/// Plays a trajectory; over IndexedDB it changes hands in the middle.
async fn through(storage: &str, file_name: &str, file: &str) {
    let (name, types) = (fresh_name(), Types::read());
    let recorded: Value = serde_json::from_str(file).unwrap();
    let recorded = recorded["trajectory"].as_array().unwrap();
    let mut store = Store::named(storage, &name).await;
    let imported = store
        .call("importTrajectory", &[file.into(), file_name.into()])
        .await;
    types.check("Imported", &imported);
    assert_eq!(imported["steps"], recorded.len());
    let (project, plan) = (imported["project"].clone(), imported["plan"].clone());
    let ids = [plain(&project), plain(&plan)];
    let half = recorded.len() / 2;
    for step in 0..half {
        let played = store.call("playStep", &ids).await;
        types.check("Played", &played);
        assert_eq!(played["step"], step);
    }
    let view = json!({ "type": "project", "project": project });
    let paused = store.call("pause", &[plain(&project), "half".into()]).await;
    types.check("PauseReport", &paused);
    let refusal = store.refused("playStep", &ids).await;
    refusal.says("PROJECT_PAUSED", &[]);
    if storage == "indexeddb" {
        let before = store.query(view.clone()).await;
        store.call_now("close", &[]).unwrap();
        store = Store::named(storage, &name).await;
        assert_eq!(
            store.query(json!({ "type": "resumable" })).await[0]["plan"],
            plan
        );
        // Tiers are of the moment; nothing else has moved.
        let mut after = store.query(view.clone()).await;
        after["agents"] = before["agents"].clone();
        assert_eq!(after, before);
    }
    store.call("resume", &[plain(&project)]).await;
    for step in half..recorded.len() {
        let played = store.call("playStep", &ids).await;
        assert_eq!(played["step"], step);
    }
    let query = json!({ "type": "plan", "project": project, "plan": plan });
    let done = store.query(query.clone()).await;
    types.check("PlanView", &done);
    assert_eq!(done["state"], "completed");
    for (n, step) in recorded.iter().enumerate() {
        let query = json!({ "type": "step", "project": project, "plan": plan, "step": n });
        let view = store.query(query).await;
        types.check("StepView", &view);
        let input: Value = serde_json::from_str(text(&view["input"])).unwrap();
        for field in ["thought", "action", "observation"] {
            let known = step[field].as_str().unwrap_or_default();
            assert!(input[field] == known, "step {n}, {field}");
        }
        let output: Value = serde_json::from_str(text(&view["output"])).unwrap();
        assert!(output.is_object() || output.is_string(), "{output}");
    }
    let refusal = store.refused("playStep", &ids).await;
    assert_eq!(refusal.code, "INVALID_TRANSITION", "{refusal:?}");

    let back = json!({ "type": "rollback_project", "checkpoint": paused["checkpoint_id"] });
    let preview = store
        .call("preview", &[plain(&project), plain(&back)])
        .await;
    types.check("Preview", &preview);
    let receipt = store.call("execute", &[plain(&preview["request"])]).await;
    assert_eq!(receipt["outcome"], preview["outcome"]);
    assert_eq!(receipt["outcome"]["steps_reverted"], recorded.len() - half);
    let again = store.query(query.clone()).await;
    assert_eq!(
        again["last_completed_step"].as_i64().unwrap(),
        i64::try_from(half).unwrap() - 1
    );
    for _ in half..recorded.len() {
        store.call("playStep", &ids).await;
    }
    assert_eq!(store.query(query).await["state"], "completed");
    let report = store
        .query(json!({ "type": "verify", "project": project }))
        .await;
    assert_eq!(report["clean"], true, "{report}");
}

async fn each_sample_is_played_through_a_pause_and_back(storage: &str) {
    for (name, file) in SAMPLES {
        through(storage, name, file).await;
    }
}

async fn a_trajectory_of_5_mb_is_played_through(storage: &str) {
    let long = "žlutý kůň 🎉 ".repeat(12_000);
    let step = |n| json!({ "thought": format!("{n} {long}"), "action": format!("do {n}"), "observation": long });
    let steps: Vec<_> = (0..12).map(step).collect();
    let file = json!({ "trajectory": steps }).to_string();
    assert!(file.len() > 5_000_000, "{}", file.len());
    through(storage, "big.traj", &file).await;
}

async fn names_of_files_become_names_of_projects(storage: &str) {
    let store = Store::new(storage).await;
    let long = "x".repeat(300);
    for (file_name, project_name) in [
        ("one.two.traj", "one.two"),
        ("plain", "plain"),
        (".traj", ".traj"),
        ("", "trajectory"),
        ("ž 🎉.traj", "ž 🎉"),
        (long.as_str(), &long[..200]),
    ] {
        let file = SAMPLES[0].1.into();
        let imported = store
            .call("importTrajectory", &[file, file_name.into()])
            .await;
        let name = text(&imported["name"]);
        assert_eq!(name.chars().count(), project_name.chars().count(), "{name}");
        if file_name.len() < 200 {
            assert_eq!(name, project_name);
        }
        let query = json!({ "type": "project", "project": imported["project"] });
        assert_eq!(store.query(query).await["name"], name);
    }
}

#[wasm_bindgen_test]
async fn a_file_over_64_mib_is_too_long() {
    let store = Store::new("memory").await;
    let file = super::given::js("'x'.repeat(64 * 1024 * 1024 + 1)");
    let refusal = store
        .refused("importTrajectory", &[file, "big.traj".into()])
        .await;
    refusal.says("TOO_LONG", &["67108864", "67108865"]);
    assert_eq!(refusal.details["found"], 67_108_865);
}
