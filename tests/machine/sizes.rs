//! R48: how much a journal says, counted as it grows and counted again from the journal alone; and
//! which plans its events name.

use super::commands::*;
use super::given::Given;
use holdpoint::journal::Sealed;
use holdpoint::machine::Event;
use holdpoint::model::{PlanId, Point, Project, Revision, Sizes};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Checks the sizes against a scan of the whole journal, as JSON and nothing else.
pub(crate) fn check(project: &Project, journal: &[Sealed]) {
    let mut sizes = Sizes::default();
    for sealed in journal {
        sizes.journal_bytes += sealed.text.len() as u64;
        let entry: Value = serde_json::from_str(&sealed.text).unwrap();
        for event in entry["events"].as_array().unwrap() {
            let named = bodies_of(event);
            sizes.bodies += named.len() as u64;
            sizes.body_bytes += named.iter().map(|(_, bytes)| bytes).sum::<u64>();
        }
    }
    assert_eq!(project.sizes, sizes);
}

/// The bodies that an event names for the first time.
fn bodies_of(event: &Value) -> Vec<(String, u64)> {
    let mut named = Vec::new();
    if event["type"] == "rolled_back" {
        // It brings back what earlier entries named.
        return named;
    }
    bodies_in(event, &mut named);
    if event["type"] == "project_forked" {
        // They come along once each, but for those that were removed for good.
        let redacted = event["redacted"].as_array().into_iter().flatten();
        let gone: Vec<_> = redacted.map(|body| body["digest"].clone()).collect();
        named.retain(|(digest, _)| !gone.iter().any(|gone| *gone == **digest));
        let once: BTreeSet<_> = named.into_iter().collect();
        named = once.into_iter().collect();
    }
    named
}

/// Every `{"digest","bytes"}` in there: that is how a body is named.
fn bodies_in(value: &Value, found: &mut Vec<(String, u64)>) {
    match value {
        Value::Array(list) => list.iter().for_each(|value| bodies_in(value, found)),
        Value::Object(fields) => {
            let body = (fields.get("digest")).zip(fields.get("bytes"));
            if let (2, Some((digest, bytes))) = (fields.len(), body) {
                found.push((digest.as_str().unwrap().to_owned(), bytes.as_u64().unwrap()));
            }
            fields.values().for_each(|value| bodies_in(value, found));
        }
        _ => {}
    }
}

/// Checks that each event names just the plans whose ids stand in its JSON.
pub(crate) fn check_plans_named(given: &Given) {
    let states = (0..=given.revision().get()).map(|n| given.state_at(Revision::new(n)));
    let plans = states.flat_map(|state| state.plans.keys().copied());
    let plans: BTreeSet<PlanId> = plans.collect();
    for sealed in &given.journal {
        for event in sealed.open().unwrap().events {
            let text = serde_json::to_string(&event).unwrap();
            let stands_there = |plan: &&PlanId| text.contains(&plan.to_string());
            let expected: BTreeSet<_> = plans.iter().filter(stands_there).copied().collect();
            assert_eq!(event.plans(), expected, "{text}");
        }
    }
}

#[test]
fn r48_each_mention_of_a_body_counts_once_and_nothing_lowers_the_count() {
    let mut given = Given::project();
    let said = |given: &Given| (given.state().sizes.bodies, given.state().sizes.body_bytes);
    let body = |text: &str| item_saying("ana", "code", text);
    given.done(add_context(vec![body("seven b"), body("seven b")]));
    assert_eq!(said(&given), (2, 14), "equal texts count each time");
    let checkpoint = given.checkpoint("here", None);
    given.done(add_context(vec![body("five!")]));
    assert_eq!(said(&given), (3, 19));
    let item = given.state().items_in_order()[2].id;
    given.done(redact_item(item));
    assert_eq!(said(&given), (3, 19), "it was named all the same");
    given.done(rollback_project(checkpoint));
    assert_eq!(given.state().items.len(), 2);
    assert_eq!(said(&given), (3, 19), "history is never erased");
    check(given.state(), &given.journal);
}

#[test]
fn r48_a_fork_begins_with_what_it_took_along() {
    let mut given = Given::project();
    let plan = given.started_plan(2);
    given.step_done(plan);
    let body = |text: &str| item_saying("ana", "code", text).of_plan(plan);
    given.done(add_context(vec![
        body("twice"),
        body("twice"),
        body("gone"),
    ]));
    let item = given.state().items_in_order().last().unwrap().id;
    given.done(redact_item(item));
    let mut fork = Given::nothing_of(Given::elsewhere().state().id);
    fork.source = Some(Arc::new(given.clone()));
    fork.done(super::commands::fork(given.state().id, Point::Now));
    check(fork.state(), &fork.journal);
    assert!(fork.state().sizes.bodies < given.state().sizes.bodies);
    check_plans_named(&fork);
    let forked = fork.journal[0].open().unwrap().events;
    assert_eq!(forked[0].plans(), BTreeSet::from([plan]));
}

#[test]
fn r50_a_plan_that_a_rollback_took_away_is_named_by_it() {
    let mut given = Given::project();
    let other = given.started_plan(1);
    let checkpoint = given.checkpoint("here", None);
    let plan = given.started_plan(1);
    given.done(rollback_project(checkpoint));
    assert!(!given.state().plans.contains_key(&plan));
    let events = given.journal.last().unwrap().open().unwrap().events;
    let named: BTreeSet<_> = events.iter().flat_map(Event::plans).collect();
    assert!(named.contains(&plan), "{events:?}");
    assert!(!named.contains(&other), "it did not change");
    check_plans_named(&given);
}
