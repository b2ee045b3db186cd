//! Steps and their attempts: R34, R42 (retry), R44, R54.

use super::commands::*;
use super::given::Given;
use holdpoint::machine::{Command, Outcome, Rejection};
use holdpoint::model::{PlanId, PlanSettings, PlanState, StepState, Text};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn start_step_named(plan: PlanId, step: u32) -> Command {
    Command::StartStep {
        plan,
        step: Some(step),
    }
}

fn plan_with_attempts(given: &mut Given, max_attempts: u32) -> PlanId {
    let mut plan = new_plan(2);
    plan.settings = PlanSettings {
        max_attempts,
        ..PlanSettings::default()
    };
    let plan = given.created(Command::CreatePlan { plan });
    given.done(start_plan(plan));
    plan
}

#[test]
fn r44_a_plan_without_gates_goes_to_completed_by_itself_as_its_steps_complete() {
    let mut given = Given::project();
    let plan = given.created(create_plan(3));
    assert_eq!(given.plan_state(plan), PlanState::Pending);
    given.done(start_plan(plan));
    for step in 0..3 {
        assert_eq!(given.plan_state(plan), PlanState::Implementing);
        let at = given.now;
        let started = given.step_started(plan);
        assert_eq!((started.step, started.attempt), (step, u64::from(step) + 1));
        let done = given.done(complete_step(plan, started.attempt));
        let Outcome::StepCompleted(done) = done else {
            panic!("{done:?}")
        };
        assert_eq!((done.step, done.attempt), (step, started.attempt));
        assert_eq!(done.state, given.plan_state(plan));
        let record = &given.plan(plan).steps[step as usize];
        assert_eq!(
            (record.id, record.state),
            (started.id, StepState::Completed)
        );
        assert_eq!(
            (record.started_at, record.ended_at),
            (Some(at), Some(at.plus_milliseconds(1000)))
        );
        assert!(record.output.is_some());
        assert_eq!(
            given.plan(plan).progress.last_completed_step,
            i64::from(step)
        );
    }
    assert_eq!(given.plan_state(plan), PlanState::Completed);
    assert_eq!(
        given.plan(plan).progress.completed_at,
        Some(given.state().updated_at)
    );
    assert_eq!(given.state().figures.plans_completed, 1);
}

#[test]
fn steps_go_in_order() {
    let mut given = Given::project();
    let plan = given.started_plan(3);
    given.step_done(plan);
    for (found, state) in [(0, StepState::Completed), (2, StepState::Pending)] {
        assert_eq!(
            given.when(start_step_named(plan, found)).refusal(),
            Rejection::StepOutOfOrder {
                plan,
                expected: 1,
                found,
                state
            }
        );
    }
    for found in [3, u32::MAX] {
        let refusal = given.when(start_step_named(plan, found)).refusal();
        assert_eq!(
            refusal,
            Rejection::StepNotFound {
                plan,
                steps: 3,
                found
            }
        );
    }
    given.done(start_step_named(plan, 1));
}

#[test]
fn r54_a_step_has_one_key_in_every_attempt_and_each_attempt_its_own_number() {
    let mut given = Given::project();
    let plan = given.started_plan(2);
    let key = given.plan(plan).steps[0].id;
    let first = given.step_started(plan);
    let second = given.step_started(plan);
    given.done(fail_step(plan, second.attempt));
    let third = given.step_started(plan);
    given.done(revert_to_step(plan, None));
    let fourth = given.step_started(plan);
    for (started, attempt) in [(first, 1), (second, 2), (third, 3), (fourth, 4)] {
        assert_eq!(
            (started.id, started.step, started.attempt),
            (key, 0, attempt)
        );
    }
    // The other step has another key, and numbers go on through the plan.
    given.done(complete_step(plan, 4));
    let other = given.step_started(plan);
    assert_ne!(other.id, key);
    assert_eq!(other.attempt, 5);
}

#[test]
fn r54_a_late_result_of_an_older_attempt_is_refused() {
    let mut given = Given::project();
    let plan = given.started_plan(2);
    let (old, new) = (given.attempt(plan), given.attempt(plan));
    for late in [complete_step(plan, old), fail_step(plan, old)] {
        assert_eq!(
            given.when(late).refusal(),
            Rejection::Superseded {
                plan,
                found: old,
                running: Some(new)
            }
        );
    }
    given.done(complete_step(plan, new));
    // A result is recorded once.
    for again in [old, new] {
        let refusal = given.when(complete_step(plan, again)).refusal();
        assert_eq!(
            refusal,
            Rejection::Superseded {
                plan,
                found: again,
                running: None
            }
        );
    }
    for never in [0, new + 1, u64::MAX] {
        let refusal = given.when(complete_step(plan, never)).refusal();
        assert_eq!(
            refusal,
            Rejection::AttemptNotFound {
                plan,
                newest: new,
                found: never
            }
        );
        assert_eq!(refusal.code().as_str(), "STEP_NOT_FOUND");
    }
}

#[test]
fn r54_a_late_result_is_refused_after_a_revert_a_rollback_a_retry_and_new_steps() {
    let ways: [fn(&mut Given, PlanId); 5] = [
        |given, plan| {
            given.done(revert_to_step(plan, None));
        },
        |given, plan| {
            let target = given.state().checkpoints_in_order()[0].id;
            given.done(rollback_plan(plan, target));
        },
        |given, _| {
            let target = given.state().checkpoints_in_order()[0].id;
            given.done(rollback_project(target));
        },
        |given, plan| {
            given.done(fail_plan(plan));
            given.done(retry_plan(plan));
        },
        |given, plan| {
            given.done(revert_to_planning(plan));
            given.done(submit_plan(plan, 2));
        },
    ];
    for (number, way) in ways.into_iter().enumerate() {
        let mut given = Given::project();
        let plan = given.started_plan(3);
        given.step_done(plan);
        let late = given.attempt(plan);
        way(&mut given, plan);
        assert_eq!(
            given.refused(complete_step(plan, late)),
            "SUPERSEDED",
            "way {number}"
        );
        let new = given.attempt(plan);
        assert_eq!(new, late + 1, "way {number}");
        assert_eq!(
            given.refused(complete_step(plan, late)),
            "SUPERSEDED",
            "way {number}"
        );
        given.done(complete_step(plan, new));
    }
}

#[test]
fn a_step_that_failed_too_often_fails_the_plan() {
    let mut given = Given::project();
    let plan = plan_with_attempts(&mut given, 3);
    for failures in 1..=3 {
        let attempt = given.attempt(plan);
        let outcome = given.done(fail_step(plan, attempt));
        let Outcome::StepFailed(failed) = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(
            (failed.step, failed.attempt, failed.failures),
            (0, attempt, failures)
        );
        let state = if failures < 3 {
            PlanState::Implementing
        } else {
            PlanState::Failed
        };
        assert_eq!((failed.state, given.plan_state(plan)), (state, state));
        let step = &given.plan(plan).steps[0];
        assert_eq!((step.state, step.failures), (StepState::Failed, failures));
        assert_eq!(step.error, Some(Text::Inline("it broke".into())));
    }
    // R42: the details are kept.
    let failure = given.plan(plan).progress.failure.clone().unwrap();
    assert_eq!(
        (failure.state, failure.step),
        (PlanState::Implementing, Some(0))
    );
    assert_eq!(failure.error, Text::Inline("it broke".into()));
    assert_eq!(failure.at, given.state().updated_at);
    assert_eq!(given.refused(start_step(plan)), "INVALID_TRANSITION");
}

#[test]
fn being_taken_over_does_not_count_as_a_failure() {
    let mut given = Given::project();
    let plan = plan_with_attempts(&mut given, 2);
    for _ in 0..5 {
        given.attempt(plan);
    }
    given.done(fail_step(plan, 5));
    given.attempt(plan);
    let last = given.attempt(plan);
    assert_eq!(given.plan(plan).steps[0].failures, 1);
    given.done(fail_step(plan, last));
    assert_eq!(given.plan_state(plan), PlanState::Failed);
}

#[test]
fn a_step_says_what_its_newest_attempt_came_to() {
    let mut given = Given::project();
    let plan = plan_with_attempts(&mut given, 3);
    let attempt = given.attempt(plan);
    given.done(fail_step(plan, attempt));
    let step = given.plan(plan).steps[0].clone();
    assert!(step.error.is_some());
    assert_eq!(step.ended_at, Some(given.state().updated_at));
    // While the next one runs, what went wrong before can still be read.
    let attempt = given.attempt(plan);
    let step = given.plan(plan).steps[0].clone();
    assert_eq!(
        (step.state, step.attempt),
        (StepState::Running, Some(attempt))
    );
    assert_eq!(step.started_at, Some(given.state().updated_at));
    assert_eq!((step.ended_at, step.failures), (None, 1));
    assert!(step.error.is_some());
    given.done(complete_step(plan, attempt));
    let step = given.plan(plan).steps[0].clone();
    assert_eq!((step.state, &step.error), (StepState::Completed, &None));
    assert_eq!(step.ended_at, Some(given.state().updated_at));
}

#[test]
fn context_of_a_result_belongs_to_the_plan_unless_it_names_another() {
    let mut given = Given::project();
    let (plan, other) = (given.started_plan(1), given.started_plan(1));
    let attempt = given.attempt(plan);
    let context = vec![
        item("ana", "code", 1),
        item("ana", "code", 2).of_plan(other),
    ];
    given.done(complete_step_with(plan, attempt, context));
    let items = given.state().items_in_order();
    let plans: Vec<_> = items.iter().map(|item| item.plan).collect();
    assert_eq!(plans, [Some(plan), Some(other)]);
}

#[test]
fn with_one_attempt_the_first_failure_fails_the_plan() {
    let mut given = Given::project();
    let plan = plan_with_attempts(&mut given, 1);
    let attempt = given.attempt(plan);
    given.done(fail_step(plan, attempt));
    assert_eq!(given.plan_state(plan), PlanState::Failed);
}

#[test]
fn failures_are_counted_per_step_and_anew_once_it_is_pending_again() {
    let mut given = Given::project();
    let plan = plan_with_attempts(&mut given, 2);
    let fail = |given: &mut Given| {
        let attempt = given.attempt(plan);
        given.done(fail_step(plan, attempt));
    };
    fail(&mut given);
    given.step_done(plan);
    fail(&mut given);
    assert_eq!(
        given.plan_state(plan),
        PlanState::Implementing,
        "another step, another count"
    );
    given.done(revert_to_step(plan, 0));
    given.step_done(plan);
    fail(&mut given);
    assert_eq!(
        given.plan_state(plan),
        PlanState::Implementing,
        "it was pending again"
    );
    fail(&mut given);
    assert_eq!(given.plan_state(plan), PlanState::Failed);
}

#[test]
fn r42_a_retry_brings_a_plan_back_to_the_state_it_failed_in() {
    type Prepare = fn(&mut Given) -> PlanId;
    let prepare: [(Prepare, PlanState); 3] = [
        (|given| given.created(create_plan(2)), PlanState::Pending),
        (|given| given.started_plan(0), PlanState::Planning),
        (|given| given.started_plan(2), PlanState::Implementing),
    ];
    for (prepare, state) in prepare {
        let mut given = Given::project();
        let plan = prepare(&mut given);
        for retries in 1..=2 {
            given.done(fail_plan(plan));
            let failure = given.plan(plan).progress.failure.clone().unwrap();
            assert_eq!((failure.state, failure.step), (state, None));
            let outcome = given.done(retry_plan(plan));
            assert!(
                matches!(outcome, Outcome::PlanMoved { plan: moved, state: to, .. } if moved == plan && to == state)
            );
            assert_eq!(given.plan_state(plan), state);
            assert_eq!(given.plan(plan).guards.retry_count, retries);
            assert_eq!(given.plan(plan).progress.failure, None);
        }
    }
}

#[test]
fn r42_after_a_retry_the_step_that_failed_has_all_its_attempts_again() {
    let mut given = Given::project();
    let plan = plan_with_attempts(&mut given, 2);
    given.step_done(plan);
    for _ in 0..2 {
        let attempt = given.attempt(plan);
        given.done(fail_step(plan, attempt));
    }
    assert_eq!(given.plan_state(plan), PlanState::Failed);
    given.done(retry_plan(plan));
    let record = given.plan(plan);
    assert_eq!(record.progress.last_completed_step, 0);
    let step = &record.steps[1];
    assert_eq!(
        (step.state, step.failures, &step.error),
        (StepState::Pending, 0, &None)
    );
    // What is done stays done, and the numbers of attempts go on.
    assert_eq!(record.steps[0].state, StepState::Completed);
    let started = given.step_started(plan);
    assert_eq!((started.step, started.attempt), (1, 4));
    given.done(fail_step(plan, 4));
    assert_eq!(given.plan_state(plan), PlanState::Implementing);
}

#[test]
fn r42_a_step_that_failed_before_its_plan_did_has_all_its_attempts_again_too() {
    let mut given = Given::project();
    let plan = plan_with_attempts(&mut given, 2);
    let attempt = given.attempt(plan);
    given.done(fail_step(plan, attempt));
    given.done(fail_plan(plan));
    given.done(retry_plan(plan));
    let attempt = given.attempt(plan);
    given.done(fail_step(plan, attempt));
    assert_eq!(given.plan_state(plan), PlanState::Implementing);
}

#[test]
fn a_cancelled_plan_keeps_where_it_was_and_why_it_was_given_up() {
    let mut given = Given::project();
    let plan = given.started_plan(2);
    given.done(fail_plan(plan));
    let reason = Some("no longer wanted".parse().unwrap());
    given.done(Command::CancelPlan {
        plan,
        reason: reason.clone(),
    });
    let progress = &given.plan(plan).progress;
    assert_eq!(progress.state, PlanState::Cancelled);
    assert_eq!(progress.cancelled_from, Some(PlanState::Failed));
    assert_eq!(progress.cancel_reason, reason);
    assert_eq!(given.plan(plan).effective_state(), PlanState::Implementing);
    assert_eq!(given.refused(retry_plan(plan)), "INVALID_TRANSITION");
}

#[test]
fn a_plan_is_marked_as_applied_once() {
    let mut given = Given::project();
    let plan = given.started_plan(1);
    given.step_done(plan);
    let at = given.now;
    assert_eq!(
        given.done(mark_applied(plan)),
        Outcome::PlanApplied { plan }
    );
    assert_eq!(given.plan(plan).applied_at, Some(at));
    assert_eq!(given.plan_state(plan), PlanState::Completed);
    let refusal = given.when(mark_applied(plan)).refusal();
    assert_eq!(refusal, Rejection::PlanApplied { plans: vec![plan] });
}
