//! What is put up for a decision. This version has no command that opens a gate, so the plans
//! here are brought before one by events; what then happens to them is the machine's own.

use super::commands::*;
use super::given::Given;
use holdpoint::machine::{Event, PlanSubmitted};
use holdpoint::model::{PlanId, PlanState, Step, StepId, Text};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Brings a plan before the plan gate, as its next submission.
fn submit(given: &mut Given, plan: PlanId) {
    let submission = given.plan(plan).guards.last_submission + 1;
    let step = Step::new(StepId::from_parts(1, 1), "only".parse().unwrap(), None);
    given.force(&[Event::PlanSubmitted(PlanSubmitted {
        plan,
        text: Text::Inline("this, then that".into()),
        steps: vec![step],
        state: PlanState::PlanAwaitingApproval,
        submission: Some(submission),
    })]);
}

fn approve(given: &mut Given, plan: PlanId) {
    let state = PlanState::Implementing;
    given.force(&[Event::PlanStarted { plan, state }]);
}

#[track_caller]
fn waits_as(given: &Given, plan: PlanId, submission: u64) {
    let record = given.plan(plan);
    assert_eq!(record.progress.state, PlanState::PlanAwaitingApproval);
    assert_eq!(record.progress.submission, Some(submission));
    assert_eq!(record.guards.last_submission, submission);
}

#[test]
fn r55_a_plan_that_is_put_back_before_a_gate_is_a_new_submission() {
    let mut given = Given::project();
    let early = given.checkpoint("early", None);
    let plan = given.started_plan(0);
    submit(&mut given, plan);
    waits_as(&given, plan, 1);
    let waiting = given.checkpoint("waiting", None);
    approve(&mut given, plan);
    given.step_done(plan);
    // What somebody saw as submission 1 is decided; a decision on it comes too late.
    given.rolled_back(rollback_plan(plan, waiting));
    waits_as(&given, plan, 2);
    approve(&mut given, plan);
    given.rolled_back(rollback_project(waiting));
    waits_as(&given, plan, 3);
    // It leaves, and comes back.
    given.rolled_back(rollback_project(early));
    given.rolled_back(rollback_project(waiting));
    waits_as(&given, plan, 4);
}

#[test]
fn r55_a_rollback_that_does_not_change_the_plan_leaves_its_submission_open() {
    let mut given = Given::project();
    let plan = given.started_plan(0);
    submit(&mut given, plan);
    let waiting = given.checkpoint("waiting", plan);
    given.rolled_back(rollback_plan(plan, waiting));
    waits_as(&given, plan, 1);
    given.rolled_back(rollback_project(waiting));
    waits_as(&given, plan, 1);
}

#[test]
fn r42_a_plan_that_failed_before_a_gate_comes_back_as_a_new_submission() {
    let mut given = Given::project();
    let plan = given.started_plan(0);
    submit(&mut given, plan);
    given.done(fail_plan(plan));
    given.done(retry_plan(plan));
    waits_as(&given, plan, 2);
}

#[test]
fn a_plan_that_no_longer_waits_has_no_open_submission() {
    for ends in [fail_plan, cancel_plan, revert_to_planning] {
        let mut given = Given::project();
        let plan = given.started_plan(0);
        submit(&mut given, plan);
        let command = ends(plan);
        let kind = command.kind();
        given.done(command);
        assert_eq!(given.plan(plan).progress.submission, None, "{kind}");
        assert_eq!(given.plan(plan).guards.last_submission, 1, "{kind}");
    }
}
