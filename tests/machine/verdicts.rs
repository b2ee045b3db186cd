//! Decisions on submissions: R41, R42, R65. What was decided stays on the plan whatever comes.

use super::commands::*;
use super::given::Given;
use holdpoint::machine::{Command, Outcome, Rejection};
use holdpoint::model::{
    Gate, Gates, InvalidInput, PlanId, PlanState, Reason, Revision, StepState, Text, Verdict,
};
use std::sync::Arc;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn only(gate: Gate) -> Gates {
    Gates {
        plan: gate == Gate::Plan,
        implementation: gate == Gate::Implementation,
        review: gate == Gate::Review,
        verification: gate == Gate::Verification,
    }
}

/// A plan with three steps that are done, at this gate.
fn at(gate: Gate) -> (Given, PlanId) {
    let mut given = Given::project();
    let plan = given.started_gated_plan(3, only(gate));
    given.steps_done(plan, 3);
    assert_eq!(given.plan_state(plan).gate(), Some(gate));
    (given, plan)
}

/// Sends back what waits at this gate.
fn send_back(
    gate: Gate,
    plan: PlanId,
    submission: u64,
    from_step: impl Into<Option<u32>>,
) -> Command {
    let from_step = from_step.into();
    match gate {
        Gate::Plan | Gate::Implementation => reject_to_step(plan, submission, from_step),
        Gate::Review => Command::RecordReview {
            plan,
            submission,
            passed: false,
            notes: None,
            from_step,
        },
        Gate::Verification => Command::RecordVerification {
            plan,
            submission,
            passed: false,
            details: None,
            from_step,
        },
    }
}

const AFTER_WORK: [Gate; 3] = [Gate::Implementation, Gate::Review, Gate::Verification];

fn verdicts(given: &Given, plan: PlanId) -> Vec<Verdict> {
    let verdicts = given.plan(plan).verdicts.iter();
    verdicts.map(|verdict| Verdict::clone(verdict)).collect()
}

#[test]
fn r41_a_verdict_says_who_decided_what_when_and_why() {
    let mut given = Given::project();
    let plan = given.started_gated_plan(0, ALL_GATES);
    let mut expected = Vec::new();
    let mut decide = |given: &mut Given, by: &str, command: Command, gate, passed| {
        let mut request = given.request(command.clone());
        request.actor = by.parse().unwrap();
        let (submission, at) = (given.submission(plan), given.now);
        given.when_requested(&request).answer();
        let (reason, notes) = match command {
            Command::Reject { reason, .. } => (Some(reason), None),
            Command::RecordReview { notes, .. } => (None, notes),
            Command::RecordVerification { details, .. } => (None, details),
            _ => (None, None),
        };
        expected.push(Verdict {
            submission,
            gate,
            passed,
            reason,
            notes: notes.map(|notes| Text::keep(&notes).0),
            by: by.parse().unwrap(),
            at,
        });
        assert_eq!(verdicts(given, plan), expected);
    };
    given.done(submit_plan(plan, 1));
    decide(&mut given, "ben", reject(plan, 1), Gate::Plan, false);
    given.done(submit_plan(plan, 1));
    decide(&mut given, "cyd", approve(plan, 2), Gate::Plan, true);
    given.done(start_implementation(plan));
    given.step_done(plan);
    let gate = Gate::Implementation;
    decide(&mut given, "ben", reject(plan, 3), gate, false);
    given.step_done(plan);
    decide(&mut given, "ana", approve(plan, 4), gate, true);
    decide(
        &mut given,
        "dan",
        review(plan, 5, false),
        Gate::Review,
        false,
    );
    given.step_done(plan);
    decide(&mut given, "ana", approve(plan, 6), gate, true);
    decide(&mut given, "dan", review(plan, 7, true), Gate::Review, true);
    let gate = Gate::Verification;
    decide(&mut given, "eva", verification(plan, 8, false), gate, false);
    given.step_done(plan);
    given.done(approve(plan, 9));
    given.done(review(plan, 10, true));
    given.done(verification(plan, 11, true));
    let all = verdicts(&given, plan);
    let numbers = all.iter().map(|verdict| verdict.submission);
    assert!(numbers.eq(1..=11));
}

#[test]
fn r41_a_rejection_says_why() {
    for gate in [Gate::Plan, Gate::Implementation] {
        let (mut given, plan) = if gate == Gate::Plan {
            let mut given = Given::project();
            let plan = given.started_gated_plan(0, only(gate));
            given.done(submit_plan(plan, 1));
            (given, plan)
        } else {
            at(gate)
        };
        for blank in ["", "  \n\u{a0}"] {
            let reason: Reason = blank.parse().unwrap();
            let refusal = given
                .when(Command::Reject {
                    plan,
                    submission: 1,
                    reason,
                    from_step: None,
                })
                .refusal();
            let found = blank.chars().count();
            let field = "reason";
            assert_eq!(
                refusal,
                Rejection::Invalid(InvalidInput::Blank { field, found })
            );
        }
        given.done(reject(plan, 1));
    }
}

#[test]
fn r41_a_rejected_plan_goes_back_to_planning_and_keeps_what_was_submitted() {
    let mut given = Given::project();
    let plan = given.started_gated_plan(0, only(Gate::Plan));
    given.done(submit_plan(plan, 2));
    let submitted = given.plan(plan).progress.submitted.clone();
    assert_eq!(given.refused(reject_to_step(plan, 1, 0)), "INVALID_INPUT");
    given.done(reject(plan, 1));
    let record = given.plan(plan);
    assert_eq!(record.progress.state, PlanState::Planning);
    assert_eq!(record.progress.last_completed_step, -1);
    assert_eq!(record.progress.submission, None);
    assert_eq!(record.progress.submitted, submitted);
    assert_eq!(
        record.guards.reversion_count, 0,
        "a rejection is no reversion"
    );
}

#[test]
fn r41_r42_work_that_did_not_pass_goes_on_at_the_step_that_is_named() {
    for gate in AFTER_WORK {
        for (from_step, last) in [(None, 1), (Some(2), 1), (Some(1), 0), (Some(0), -1)] {
            let (mut given, plan) = at(gate);
            let items = given.added(vec![item("ana", "code", 5).of_plan(plan)]);
            let before = given.plan(plan).clone();
            given.done(send_back(gate, plan, 1, from_step));
            let record = given.plan(plan);
            assert_eq!(record.progress.state, PlanState::Implementing);
            assert_eq!(
                record.progress.last_completed_step, last,
                "{gate} {from_step:?}"
            );
            let kept = usize::try_from(last + 1).unwrap();
            for (step, was) in record.steps.iter().zip(&before.steps).take(kept) {
                assert_eq!(step, was);
            }
            for (step, was) in record.steps.iter().zip(&before.steps).skip(kept) {
                // Their outputs leave the state.
                assert_eq!(**step, was.as_pending());
                assert_eq!(step.state, StepState::Pending);
            }
            // Context stays, and so does the count of attempts.
            assert!(given.state().items.contains_key(&items[0]));
            assert_eq!(record.guards.last_attempt, 3);
            let next = given.step_started(plan);
            assert_eq!((i64::from(next.step), next.attempt), (last + 1, 4));
        }
    }
}

#[test]
fn r42_a_step_after_the_last_completed_one_is_no_place_to_go_on_from() {
    for gate in AFTER_WORK {
        for beyond in [3, 4, u32::MAX] {
            let (mut given, plan) = at(gate);
            let refusal = given.when(send_back(gate, plan, 1, beyond)).refusal();
            let field = "from_step";
            assert_eq!(
                refusal,
                Rejection::Invalid(InvalidInput::Malformed {
                    field,
                    expected: "at most the last completed step, 2".to_owned(),
                    found: format!("\"{beyond}\""),
                })
            );
        }
    }
}

#[test]
fn r42_what_passed_names_no_step() {
    let from_step = Some(0);
    for gate in [Gate::Review, Gate::Verification] {
        let (mut given, plan) = at(gate);
        let (submission, passed) = (1, true);
        let command = match gate {
            Gate::Review => Command::RecordReview {
                plan,
                submission,
                passed,
                notes: None,
                from_step,
            },
            _ => Command::RecordVerification {
                plan,
                submission,
                passed,
                details: None,
                from_step,
            },
        };
        assert_eq!(given.refused(command), "INVALID_INPUT");
    }
}

#[test]
fn r42_only_a_failed_verification_counts_as_a_retry() {
    for (gate, counted) in [
        (Gate::Implementation, 0),
        (Gate::Review, 0),
        (Gate::Verification, 1),
    ] {
        let (mut given, plan) = at(gate);
        given.done(send_back(gate, plan, 1, None));
        assert_eq!(given.plan(plan).guards.retry_count, counted, "{gate}");
        given.step_done(plan);
        given.done(send_back(gate, plan, 2, None));
        assert_eq!(given.plan(plan).guards.retry_count, 2 * counted, "{gate}");
        assert_eq!(given.plan(plan).guards.reversion_count, 0, "{gate}");
        // No limit ends that, as reversions have one.
        for submission in 3..10 {
            given.step_done(plan);
            given.done(send_back(gate, plan, submission, None));
        }
    }
    let (mut given, plan) = at(Gate::Verification);
    given.done(verification(plan, 1, true));
    assert_eq!(given.plan(plan).guards.retry_count, 0);
}

#[test]
fn r42_a_plan_that_failed_at_a_gate_comes_back_to_it_as_a_new_submission() {
    for gate in AFTER_WORK {
        let (mut given, plan) = at(gate);
        let state = given.plan_state(plan);
        given.done(fail_plan(plan));
        let failure = given.plan(plan).progress.failure.clone().unwrap();
        assert_eq!((failure.state, failure.step), (state, None));
        assert_eq!(failure.error.start(), "no way to go on");
        given.done(retry_plan(plan));
        let record = given.plan(plan);
        assert_eq!(record.progress.state, state);
        assert_eq!(record.progress.submission, Some(2));
        assert_eq!(record.progress.last_completed_step, 2);
        assert_eq!(record.guards.retry_count, 1);
    }
    // Where nothing waits, nothing is put up.
    let mut given = Given::project();
    let plan = given.started_gated_plan(0, only(Gate::Plan));
    given.done(submit_plan(plan, 1));
    given.done(approve(plan, 1));
    given.done(fail_plan(plan));
    given.done(retry_plan(plan));
    assert_eq!(given.plan_state(plan), PlanState::PlanApproved);
    assert_eq!(given.plan(plan).guards.last_submission, 1);
}

#[test]
fn r41_no_rollback_loses_a_verdict_not_even_of_a_plan_that_leaves_and_comes_back() {
    let mut given = Given::project();
    let early = given.checkpoint("early", None);
    let mut new = new_plan(0);
    new.settings.gates = ALL_GATES;
    new.settings.max_reversions = 100;
    let plan = given.created(Command::CreatePlan { plan: new });
    given.done(start_plan(plan));
    let fresh = given.checkpoint("fresh", None);
    given.done(submit_plan(plan, 1));
    given.done(reject(plan, 1));
    given.done(submit_plan(plan, 1));
    given.done(approve(plan, 2));
    let known = verdicts(&given, plan);
    assert_eq!(known.len(), 2);
    let kept = |given: &Given, what: &str| {
        assert_eq!(verdicts(given, plan), known, "after {what}");
    };
    given.rolled_back(rollback_plan(plan, fresh));
    kept(&given, "a rollback of the plan");
    given.rolled_back(rollback_project(fresh));
    kept(&given, "a rollback of the project");
    given.paused();
    given.done(resume_from(fresh));
    kept(&given, "a resume from a checkpoint");
    given.done(revert_to_planning(plan));
    kept(&given, "a revert");
    given.done(fail_plan(plan));
    given.done(retry_plan(plan));
    kept(&given, "a retry");
    given.rolled_back(rollback_project(early));
    assert!(!given.state().plans.contains_key(&plan));
    let left: Vec<_> = given.state().departed[&plan]
        .verdicts
        .iter()
        .map(Arc::clone)
        .collect();
    assert!(left.iter().map(|verdict| &**verdict).eq(&known));
    given.rolled_back(rollback_project(fresh));
    kept(&given, "leaving and coming back");
    // What comes next is added to them.
    given.done(submit_plan(plan, 1));
    given.done(approve(plan, given.submission(plan)));
    let all = verdicts(&given, plan);
    assert_eq!(all[..2], known);
    assert_eq!((all.len(), all[2].submission), (3, 3));
}

#[test]
fn r41_long_notes_are_kept_as_a_body() {
    let (mut given, plan) = at(Gate::Review);
    let long = text(&"line after line ".repeat(300));
    let answer = given
        .when(Command::RecordReview {
            plan,
            submission: 1,
            passed: false,
            notes: Some(long.clone()),
            from_step: None,
        })
        .answer();
    let [body] = &answer.blobs[..] else {
        panic!("{:?}", answer.blobs)
    };
    assert_eq!(body.bytes(), long.as_str().as_bytes());
    let verdict = &verdicts(&given, plan)[0];
    let notes = verdict.notes.as_ref().unwrap();
    assert_eq!(notes.blob(), Some(body.reference()));
    assert_eq!(notes.start().len(), Text::START_CHARACTERS);
}

// --- reversing one decision -----------------------------------------------------------------

/// A plan whose plan was approved, with the revision of the approval.
fn approved() -> (Given, PlanId, Revision) {
    let mut given = Given::project();
    let plan = given.started_gated_plan(0, only(Gate::Plan));
    given.done(submit_plan(plan, 2));
    given.done(approve(plan, 1));
    let approval = given.revision();
    (given, plan, approval)
}

#[test]
fn r65_an_approval_is_reversed_by_going_back_before_it() {
    let (mut given, plan, approval) = approved();
    given.done(start_implementation(plan));
    given.step_done(plan);
    let report = given.rolled_back(rollback_before(plan, approval));
    // The checkpoint that planning brought is the newest that is older.
    let target = &given.state().checkpoints[&report.checkpoint];
    assert_eq!(target.phase.as_ref().unwrap().as_str(), "after_planning");
    let record = given.plan(plan);
    assert_eq!(record.progress.state, PlanState::PlanAwaitingApproval);
    // It is to be decided anew, and the old decision stays on record.
    assert_eq!(record.progress.submission, Some(2));
    assert_eq!(verdicts(&given, plan).len(), 1);
    assert_eq!(given.plan(plan).guards.reversion_count, 1);
    assert_eq!(given.refused(approve(plan, 1)), "SUPERSEDED");
    given.done(reject(plan, 2));
}

#[test]
fn r65_a_steps_result_is_reversed_alone() {
    let mut given = Given::project();
    let plan = given.started_plan(3);
    given.step_done(plan);
    given.step_done(plan);
    let result = given.revision();
    given.step_done(plan);
    given.rolled_back(rollback_before(plan, result));
    assert_eq!(given.plan(plan).progress.last_completed_step, 0);
    assert_eq!(given.step_started(plan).step, 1);
}

#[test]
fn r65_checkpoints_of_the_project_count_and_those_of_others_and_for_safety_do_not() {
    let mut given = Given::project();
    let plan = given.started_plan(3);
    let other = given.started_plan(2);
    given.step_done(plan);
    let own = given.plan(plan).last_checkpoint_id.unwrap();
    let manual = given.checkpoint("the project's", None);
    given.attempt(plan);
    given.step_done(other);
    given.rolled_back(rollback_plan(other, None));
    let decision = given.revision().next();
    given.done(rename("a decision like any other"));
    let report = given.rolled_back(rollback_before(plan, decision));
    assert_eq!(report.checkpoint, manual);
    let earlier = given.state().checkpoints[&manual].revision;
    let report = given.rolled_back(rollback_before(plan, earlier));
    assert_eq!(report.checkpoint, own);
}

#[test]
fn r65_where_no_checkpoint_is_older_there_is_nothing_to_go_back_to() {
    let (mut given, plan, _) = approved();
    for revision in [Revision::ZERO, Revision::FIRST, Revision::new(3)] {
        let refusal = given.when(rollback_before(plan, revision)).refusal();
        assert_eq!(refusal, Rejection::NoCheckpointBefore { plan, revision });
        assert_eq!(refusal.code().as_str(), "NOTHING_TO_ROLL_BACK");
    }
}

#[test]
fn r65_a_decision_that_is_still_to_come_and_a_checkpoint_beside_it_are_refused() {
    let (mut given, plan, approval) = approved();
    let future = given.revision().next();
    for before in [future, Revision::MAX] {
        assert_eq!(
            given.refused(rollback_before(plan, before)),
            "INVALID_INPUT"
        );
    }
    let checkpoint = given.plan(plan).last_checkpoint_id;
    let both = Command::RollbackPlan {
        plan,
        checkpoint,
        before: Some(approval),
        reason: None,
    };
    assert_eq!(given.refused(both), "INVALID_INPUT");
}

#[test]
fn r65_reversing_a_decision_is_refused_at_the_limit() {
    let mut given = Given::project();
    let mut new = new_plan(0);
    new.settings.gates = only(Gate::Plan);
    new.settings.max_reversions = 1;
    let plan = given.created(Command::CreatePlan { plan: new });
    given.done(start_plan(plan));
    given.done(submit_plan(plan, 1));
    for submission in [1, 2] {
        given.done(approve(plan, submission));
        let approval = given.revision();
        let then = given.when(rollback_before(plan, approval));
        if submission == 1 {
            assert!(matches!(then.outcome(), Outcome::RolledBack(_)));
        } else {
            assert_eq!(then.refusal().code().as_str(), "REVERSION_LIMIT");
        }
    }
}
