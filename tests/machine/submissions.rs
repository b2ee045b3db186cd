//! What is put up for a decision: numbered, decided once, and put up anew when it comes back.

use super::commands::*;
use super::given::Given;
use holdpoint::machine::{Command, Outcome, Rejection};
use holdpoint::model::{Gates, PlanId, PlanState};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A plan that waits at the plan gate, as its first submission.
fn submitted(given: &mut Given) -> PlanId {
    let plan = given.started_gated_plan(
        0,
        Gates {
            plan: true,
            ..Gates::default()
        },
    );
    given.done(submit_plan(plan, 1));
    plan
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
    let plan = submitted(&mut given);
    waits_as(&given, plan, 1);
    let waiting = given.checkpoint("waiting", None);
    given.done(approve(plan, 1));
    given.done(start_implementation(plan));
    given.step_done(plan);
    // What somebody saw as submission 1 is decided; a decision on it comes too late.
    given.rolled_back(rollback_plan(plan, waiting));
    waits_as(&given, plan, 2);
    assert_eq!(given.refused(approve(plan, 1)), "SUPERSEDED");
    given.done(approve(plan, 2));
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
    let plan = submitted(&mut given);
    let waiting = given.checkpoint("waiting", plan);
    given.rolled_back(rollback_plan(plan, waiting));
    waits_as(&given, plan, 1);
    given.rolled_back(rollback_project(waiting));
    waits_as(&given, plan, 1);
}

#[test]
fn r42_a_plan_that_failed_before_a_gate_comes_back_as_a_new_submission() {
    let mut given = Given::project();
    let plan = submitted(&mut given);
    given.done(fail_plan(plan));
    let outcome = given.done(retry_plan(plan));
    waits_as(&given, plan, 2);
    let state = PlanState::PlanAwaitingApproval;
    let submission = Some(2);
    assert_eq!(
        outcome,
        Outcome::PlanMoved {
            plan,
            state,
            submission
        }
    );
}

#[test]
fn a_plan_that_no_longer_waits_has_no_open_submission() {
    for ends in [fail_plan, cancel_plan, revert_to_planning] {
        let mut given = Given::project();
        let plan = submitted(&mut given);
        let command = ends(plan);
        let kind = command.kind();
        given.done(command);
        assert_eq!(given.plan(plan).progress.submission, None, "{kind}");
        assert_eq!(given.plan(plan).guards.last_submission, 1, "{kind}");
        assert_eq!(given.refused(approve(plan, 1)), "SUPERSEDED", "{kind}");
    }
}

#[test]
fn r55_each_entry_into_a_state_that_waits_takes_the_plans_next_number() {
    let mut given = Given::project();
    let plan = given.started_gated_plan(0, ALL_GATES);
    given.done(submit_plan(plan, 1));
    given.done(reject(plan, 1));
    given.done(submit_plan(plan, 1));
    given.done(approve(plan, 2));
    given.done(start_implementation(plan));
    let done = given.step_done(plan);
    assert_eq!(done.submission, Some(3));
    for (command, submission) in [
        (approve(plan, 3), Some(4)),
        (review(plan, 4, true), Some(5)),
        (verification(plan, 5, false), None),
    ] {
        let kind = command.kind();
        let Outcome::PlanMoved {
            submission: next, ..
        } = given.done(command)
        else {
            panic!("{kind} moves the plan")
        };
        assert_eq!(next, submission, "{kind}");
    }
    assert_eq!(given.step_done(plan).submission, Some(6));
    // Another plan of the project counts by itself.
    let other = submitted(&mut given);
    waits_as(&given, other, 1);
}

/// Every command that decides on a submission.
fn decisions(plan: PlanId, submission: u64) -> [Command; 6] {
    [
        approve(plan, submission),
        reject(plan, submission),
        review(plan, submission, true),
        review(plan, submission, false),
        verification(plan, submission, true),
        verification(plan, submission, false),
    ]
}

#[test]
fn r55_a_decision_on_a_submission_that_never_was_is_refused() {
    let mut given = Given::project();
    let plan = submitted(&mut given);
    for found in [0, 2, u64::MAX] {
        for command in decisions(plan, found) {
            let newest = 1;
            let refusal = given.when(command).refusal();
            assert_eq!(
                refusal,
                Rejection::SubmissionNotFound {
                    plan,
                    newest,
                    found
                }
            );
            assert_eq!(refusal.code().as_str(), "SUBMISSION_NOT_FOUND");
        }
    }
    waits_as(&given, plan, 1);
}

#[test]
fn r55_a_decision_on_what_has_changed_meanwhile_is_refused_and_says_what_waits() {
    let mut given = Given::project();
    let plan = submitted(&mut given);
    given.done(reject(plan, 1));
    let superseded = |found, waiting| Rejection::SubmissionSuperseded {
        plan,
        found,
        waiting,
    };
    for command in decisions(plan, 1) {
        assert_eq!(given.when(command).refusal(), superseded(1, None));
    }
    given.done(submit_plan(plan, 2));
    for command in decisions(plan, 1) {
        let refusal = given.when(command).refusal();
        assert_eq!(refusal, superseded(1, Some(2)));
        assert_eq!(refusal.code().as_str(), "SUPERSEDED");
        assert!(refusal.to_string().contains("submission 2"), "{refusal}");
    }
    waits_as(&given, plan, 2);
}
