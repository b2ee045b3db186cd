//! Calls that overlap.

use super::given::{Refusal, Store, data, ended, fresh_name, id, plain};
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_every_storage![
    twenty_calls_at_once_make_one_history,
    two_pauses_at_once_are_one_pause,
    the_same_request_at_once_is_applied_once,
    every_other_call_refused_disturbs_nobody,
    calls_under_way_end_when_the_store_is_closed,
];

async fn history(store: &Store, project: &Value) -> Vec<Value> {
    let query = json!({ "type": "history", "project": project });
    let history = store.query(query).await;
    let report = store
        .query(json!({ "type": "verify", "project": project }))
        .await;
    assert_eq!(report["clean"], true, "{report}");
    history.as_array().unwrap().clone()
}

async fn twenty_calls_at_once_make_one_history(storage: &str) {
    let store = Store::new(storage).await;
    let (project, plan) = store.project().await;
    let commands: Vec<_> = (0..20)
        .map(|n| match n % 4 {
            0 => json!({ "type": "rename_project", "name": format!("name {n}") }),
            1 => json!({ "type": "start_step", "plan": plan }),
            2 => json!({ "type": "create_checkpoint", "checkpoint": { "name": format!("{n}") } }),
            _ => json!({ "type": "add_context", "items": [
                { "agent": "a", "kind": "k", "body": format!("body {n}") }
            ] }),
        })
        .collect();
    let promises: Vec<_> = commands
        .iter()
        .map(|command| {
            let request = json!({ "project": project, "command": command });
            store.begin("execute", &[plain(&request)])
        })
        .collect();
    let mut revisions = Vec::new();
    for promise in promises {
        let receipt = data(&ended(promise, "execute").await.unwrap());
        revisions.push(receipt["revision"].as_u64().unwrap());
    }
    assert_eq!(
        revisions,
        (2..=21).collect::<Vec<_>>(),
        "in the order of the calls"
    );
    let history = history(&store, &project).await;
    assert_eq!(history.len(), 21);
    let attempts: Vec<_> = history
        .iter()
        .flat_map(|entry| entry["events"].as_array().unwrap())
        .filter(|event| event["type"] == "step_started")
        .map(|event| event["attempt"].as_u64().unwrap())
        .collect();
    assert_eq!(attempts, [1, 2, 3, 4, 5]);
    let ids: BTreeSet<_> = history
        .iter()
        .map(|entry| entry["command"]["id"].to_string())
        .collect();
    assert_eq!(ids.len(), 21);
}

async fn two_pauses_at_once_are_one_pause(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    let begin = || store.begin("pause", &[plain(&project)]);
    let (one, other) = (begin(), begin());
    let one = data(&ended(one, "pause").await.unwrap());
    let other = data(&ended(other, "pause").await.unwrap());
    assert_eq!(one["already_paused"], false);
    assert_eq!(other["already_paused"], true);
    assert_eq!(one["checkpoint_id"], other["checkpoint_id"]);
    assert_eq!(history(&store, &project).await.len(), 2);
}

async fn the_same_request_at_once_is_applied_once(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    let command = json!({ "type": "rename_project", "name": "once" });
    let request = plain(&json!({ "project": project, "id": id(5), "command": command }));
    let promises = [(); 5].map(|()| store.begin("execute", std::slice::from_ref(&request)));
    for promise in promises {
        let receipt = data(&ended(promise, "execute").await.unwrap());
        assert_eq!(receipt["revision"], 2);
    }
    let create = json!({ "id": id(6), "command": { "type": "create_project", "name": "once" } });
    let promises = [(); 5].map(|()| store.begin("execute", &[plain(&create)]));
    for promise in promises {
        let receipt = data(&ended(promise, "execute").await.unwrap());
        assert_eq!(receipt["revision"], 1);
    }
}

async fn every_other_call_refused_disturbs_nobody(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    let promises: Vec<_> = (0..20)
        .map(|n| {
            let name = if n % 2 == 0 {
                json!(format!("{n}"))
            } else {
                json!("")
            };
            let command = json!({ "type": "rename_project", "name": name });
            let request = json!({ "project": project, "command": command });
            store.begin("execute", &[plain(&request)])
        })
        .collect();
    for (n, promise) in promises.into_iter().enumerate() {
        match ended(promise, "execute").await {
            Ok(_) => assert_eq!(n % 2, 0),
            Err(thrown) => assert_eq!(Refusal::of(&thrown).code, "INVALID_INPUT"),
        }
    }
    assert_eq!(store.revision(&project).await, 11);
}

/// Each is done or refused, and what was told as done is there.
async fn calls_under_way_end_when_the_store_is_closed(storage: &str) {
    let name = fresh_name();
    let store = Store::named(storage, &name).await;
    let (project, _) = store.project().await;
    let promises: Vec<_> = (0..10)
        .map(|n| {
            let command = json!({ "type": "rename_project", "name": format!("{n}") });
            let request = json!({ "project": project, "command": command });
            store.begin("execute", &[plain(&request)])
        })
        .collect();
    store.call_now("close", &[]).unwrap();
    let mut done = 0;
    for promise in promises {
        match ended(promise, "execute").await {
            Ok(_) => done += 1,
            Err(thrown) => {
                let refusal = Refusal::of(&thrown);
                assert!(
                    ["CLOSED", "OUTCOME_UNKNOWN"].contains(&refusal.code.as_str()),
                    "{refusal:?}"
                );
            }
        }
    }
    if storage == "indexeddb" {
        let again = Store::named(storage, &name).await;
        let revision = again.revision(&project).await;
        assert!(revision > done && revision <= 11, "{revision}, {done} done");
        history(&again, &project).await;
    }
}
