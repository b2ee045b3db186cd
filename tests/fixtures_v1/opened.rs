//! A store of the first release, opened by today's program: all that has to be true of it.

use super::written::{ProjectSaid, Removed, StateFile, removed, said, state};
use holdpoint::engine::{ClaimOptions, Engine};
use holdpoint::machine::Command;
use holdpoint::model::{PlanState, ProjectStatus};
use holdpoint::storage::Storage;
use serde_json::Value;
use std::collections::BTreeSet;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Checks that today's program says all that was said then. It may say more: a field that came
/// later has a default.
pub(crate) fn says_all_of(found: &Value, then: &Value, at: &str) {
    match (found, then) {
        (Value::Object(found), Value::Object(then)) => {
            for (name, then) in then {
                let found = found.get(name).unwrap_or(&Value::Null);
                says_all_of(found, then, &format!("{at}/{name}"));
            }
        }
        (Value::Array(found), Value::Array(then)) => {
            assert_eq!(found.len(), then.len(), "{at}");
            for (n, (found, then)) in found.iter().zip(then).enumerate() {
                says_all_of(found, then, &format!("{at}/{n}"));
            }
        }
        _ => assert_eq!(found, then, "{at}"),
    }
}

/// Opens a store over a storage, checks all of it, and goes on with it.
pub(crate) async fn opens_and_goes_on<S: Storage>(storage: S) {
    let engine = Engine::open(storage, "today".parse().expect("a name")).await;
    let engine = engine.expect("it can be read");
    let StateFile {
        projects,
        removed: gone,
    } = state();
    says_what_it_said(&engine, &projects, &gone).await;
    for then in &projects {
        let project = then.project;
        let report = engine.verify(project).await.expect("it can be read");
        assert!(report.is_clean(), "{report:?}");
        all_texts_are_there(&engine, then).await;
        let name = "renamed today".parse().expect("a name");
        let command = Command::RenameProject { name };
        Box::pin(engine.execute(project, command))
            .await
            .unwrap_or_else(|error| panic!("{project} goes on: {error}"));
        let report = engine.verify(project).await.expect("it can be read");
        assert!(report.is_clean(), "{report:?}");
    }
    // Who worked then is gone: whoever comes may have it, as the next holder.
    for then in &projects {
        for lease in &then.leases {
            let plan = lease.plan.parse().expect("an id");
            let claimed = engine.claim(then.project, plan, ClaimOptions::default());
            let claimed = claimed.await.expect("nobody holds it");
            let now = engine.storage().lease(then.project, plan).await;
            let now = now.expect("it can be read").expect("it is held");
            assert_eq!(now.epoch.0, lease.epoch + 1);
            claimed.release().await.expect("it was this one's");
        }
    }
}

async fn says_what_it_said<S: Storage>(
    engine: &Engine<S>,
    projects: &[ProjectSaid],
    gone: &[Removed],
) {
    let found = said(engine).await;
    assert_eq!(found.len(), projects.len());
    for (found, then) in found.iter().zip(projects) {
        assert_eq!(found.project, then.project);
        assert_eq!(found.digest, then.digest);
        assert_eq!(found.leases, then.leases);
        says_all_of(&found.state, &then.state, &then.project.to_string());
    }
    for then in gone {
        assert_eq!(&removed(engine.storage(), then.project).await, then);
        let refused = engine.project(then.project).await;
        assert!(refused.is_err());
    }
}

/// Every body can be read, but for those that were removed for good.
async fn all_texts_are_there<S: Storage>(engine: &Engine<S>, then: &ProjectSaid) {
    let state = engine.project(then.project).await.expect("it opens");
    let (mut read, mut redacted) = (0, 0);
    for item in state.items_in_order() {
        match engine.body(then.project, &item.body).await {
            Ok(_) => read += 1,
            Err(error) => {
                assert_eq!(error.code().as_str(), "REDACTED", "{error}");
                redacted += 1;
            }
        }
    }
    assert_eq!(read + redacted, state.items_in_order().len());
    assert!(redacted <= 1, "{redacted} bodies were removed for good");
}

/// The fixture has what it is there for; and a state or status that is added later needs one.
#[test]
fn the_fixture_has_plans_in_each_state_and_projects_in_each_status() {
    let StateFile { projects, removed } = state();
    let words = |values: Vec<&Value>| -> BTreeSet<String> {
        let word = |value: &Value| value.as_str().expect("a word").to_owned();
        values.into_iter().map(word).collect()
    };
    let states = projects.iter().flat_map(|then| {
        let plans = then.state["plans"].as_array().expect("plans");
        plans.iter().map(|plan| &plan["progress"]["state"])
    });
    let all: BTreeSet<_> = PlanState::ALL.map(|state| state.as_str().to_owned()).into();
    assert_eq!(words(states.collect()), all);
    let statuses = projects.iter().map(|then| &then.state["status"]);
    let all: BTreeSet<_> = ProjectStatus::ALL.map(|it| it.as_str().to_owned()).into();
    assert_eq!(words(statuses.collect()), all);
    assert_eq!(removed.len(), 1);
    assert!(projects.iter().any(|then| !then.leases.is_empty()));
}

/// The comparison sees what is missing, and what is different.
#[cfg(not(target_family = "wasm"))] // where a panic can be caught
#[test]
fn what_is_missing_or_different_is_seen() {
    let differs = |found: &str, then: &str| {
        let parsed = |text| serde_json::from_str::<Value>(text).expect("JSON");
        let (found, then) = (parsed(found), parsed(then));
        std::panic::catch_unwind(|| says_all_of(&found, &then, "")).is_err()
    };
    assert!(!differs(r#"{"a":[{"b":1,"new":0}]}"#, r#"{"a":[{"b":1}]}"#));
    assert!(differs(r#"{"a":[{}]}"#, r#"{"a":[{"b":1}]}"#));
    assert!(differs(r#"{"a":[]}"#, r#"{"a":[1]}"#));
    assert!(differs(r#"{"a":1}"#, r#"{"a":2}"#));
}
