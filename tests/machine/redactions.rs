//! A body is removed by its digest, wherever it stood.

use super::commands::*;
use super::given::{Given, SaidTokens, noon};
use holdpoint::machine::{Command, Decision, Env, Event, Outcome, decide};
use holdpoint::model::Digest;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn r28_an_output_that_a_revert_took_away_is_removed_by_its_digest() {
    let mut given = Given::project();
    let plan = given.started_plan(2);
    given.step_done(plan);
    let output = given.state().plans[&plan].steps[0].output.unwrap();
    given.done(revert_to_step(plan, 0));
    assert_eq!(given.state().plans[&plan].steps[0].output, None);
    assert_eq!(given.refused(redact_output(plan, 0)), "NOTHING_TO_REDACT");
    let answer = given.when(redact_body(output.digest)).0.unwrap();
    let digest = output.digest;
    assert_eq!(answer.outcome, Outcome::BodyRedacted { digest });
    let reason = None;
    assert_eq!(answer.events, [Event::BodyRedacted { digest, reason }]);
    assert!(given.state().redacted.contains_key(&digest));
}

#[test]
fn r28_a_step_s_input_and_a_long_text_are_removed_by_their_digests() {
    let mut given = Given::project();
    let long = "a long request ".repeat(400);
    let Command::CreatePlan { mut plan } = create_plan(1) else {
        panic!("no plan")
    };
    plan.request = long.parse().unwrap();
    plan.steps.as_mut().unwrap()[0].input = Some("\"a key\"".parse().unwrap());
    given.done(Command::CreatePlan { plan });
    for text in [long.as_str(), "\"a key\""] {
        let digest = Digest::of(text.as_bytes());
        let outcome = given.done(redact_body(digest));
        assert_eq!(outcome, Outcome::BodyRedacted { digest });
    }
}

#[test]
fn r28_a_body_that_the_project_never_had_is_not_found() {
    let mut given = Given::project();
    given.added(vec![item("ana", "code", 10)]);
    let digest = Digest::of(b"never said");
    let refusal = given.when(redact_body(digest)).refusal();
    assert_eq!(refusal.code().as_str(), "BODY_NOT_FOUND");
    assert_eq!(
        refusal.to_string(),
        format!("body {digest} was not found in this project")
    );
}

/// The storage doesn't have it any more, so it isn't asked.
#[test]
fn r28_removing_a_body_again_changes_nothing_and_asks_for_nothing() {
    let mut given = Given::project();
    let added = given.added(vec![item("ana", "code", 10)])[0];
    let digest = given.state().items[&added].body.digest;
    let first = given.request(redact_body(digest));
    let env = Env::new(noon(), &SaidTokens);
    let asked = decide(given.state(), &first, &env).unwrap();
    assert!(matches!(asked, Decision::NeedsBody(found) if found == digest));
    given.done(redact_body(digest));
    let again = given.request(redact_body(digest));
    let told = decide(given.state(), &again, &env).unwrap();
    let Decision::Nothing(outcome) = told else {
        panic!("{told:?}")
    };
    assert_eq!(*outcome, Outcome::BodyRedacted { digest });
    given.done(rename("on"));
    assert_eq!(given.state().redacted.len(), 1);
}
