//! Moving a plan back by command: R33, R65.

use super::commands::*;
use super::given::Given;
use holdpoint::machine::{Command, Event, Outcome, Rejection};
use holdpoint::model::{InvalidInput, PlanId, PlanSettings, PlanState, StepState};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A plan of five steps, three of them done, the fourth running.
fn under_way(max_reversions: u32) -> (Given, PlanId) {
    let mut given = Given::project();
    let mut plan = new_plan(5);
    plan.settings = PlanSettings {
        max_reversions,
        ..PlanSettings::default()
    };
    let plan = given.created(Command::CreatePlan { plan });
    given.done(start_plan(plan));
    given.steps_done(plan, 3);
    given.attempt(plan);
    (given, plan)
}

#[test]
fn r65_a_plan_goes_back_to_a_step_with_a_reason_and_it_counts() {
    let (mut given, plan) = under_way(3);
    let before = given.plan(plan).clone();
    let reason = Some("the second step was wrong".parse().unwrap());
    let answer = given
        .when(Command::RevertPlan {
            plan,
            to: PlanState::Implementing,
            from_step: Some(1),
            reason: reason.clone(),
        })
        .answer();
    assert_eq!(
        answer.outcome,
        Outcome::PlanMoved {
            plan,
            state: PlanState::Implementing,
            submission: None
        }
    );
    let [Event::PlanReverted(event)] = &answer.events[..] else {
        panic!("{:?}", answer.events)
    };
    assert_eq!((&event.reason, event.reversion_count), (&reason, 1));
    let after = given.plan(plan);
    assert_eq!(after.guards.reversion_count, 1);
    assert_eq!(after.progress.last_completed_step, 0);
    assert_eq!(after.steps[0], before.steps[0]);
    for (step, was) in after.steps.iter().zip(&before.steps).skip(1) {
        assert_eq!(**step, was.as_pending());
    }
    // What guards against late results and what was taken stays.
    assert_eq!(after.guards.last_attempt, before.guards.last_attempt);
    assert_eq!(after.last_checkpoint_id, before.last_checkpoint_id);
    assert_eq!(given.step_started(plan).step, 1);
}

#[test]
fn r65_from_step_is_at_most_the_last_completed_step_which_is_its_default() {
    for (from_step, last, pending) in [
        (None, 1, 3),
        (Some(2), 1, 3),
        (Some(1), 0, 4),
        (Some(0), -1, 5),
    ] {
        let (mut given, plan) = under_way(3);
        given.done(revert_to_step(plan, from_step));
        assert_eq!(
            given.plan(plan).progress.last_completed_step,
            last,
            "{from_step:?}"
        );
        let is_pending = |state| state == StepState::Pending;
        let steps = given.plan(plan).steps.iter();
        assert_eq!(steps.filter(|step| is_pending(step.state)).count(), pending);
    }
    for beyond in [3, 4, 5, u32::MAX] {
        let (mut given, plan) = under_way(3);
        let refusal = given.when(revert_to_step(plan, beyond)).refusal();
        assert!(
            matches!(
                &refusal,
                Rejection::Invalid(InvalidInput::Malformed {
                    field: "from_step",
                    ..
                })
            ),
            "{refusal:?}"
        );
    }
}

#[test]
fn r65_where_no_step_is_completed_the_default_is_the_first() {
    for from_step in [None, Some(0)] {
        let mut given = Given::project();
        let plan = given.started_plan(2);
        given.attempt(plan);
        given.done(revert_to_step(plan, from_step));
        assert_eq!(given.plan(plan).progress.last_completed_step, -1);
        assert_eq!(given.plan(plan).steps[0].state, StepState::Pending);
        assert_eq!(given.plan(plan).guards.reversion_count, 1);
        assert_eq!(given.refused(revert_to_step(plan, 1)), "INVALID_INPUT");
    }
}

#[test]
fn r65_back_in_planning_every_step_is_pending() {
    let (mut given, plan) = under_way(3);
    given.done(revert_to_planning(plan));
    let record = given.plan(plan);
    assert_eq!(record.progress.state, PlanState::Planning);
    assert_eq!(record.progress.last_completed_step, -1);
    assert!(record.steps.iter().all(|step| **step == step.as_pending()));
    assert_eq!(record.guards.reversion_count, 1);
    given.done(submit_plan(plan, 1));
    given.step_done(plan);
    assert_eq!(given.plan_state(plan), PlanState::Completed);
}

#[test]
fn r65_planning_takes_no_step_to_go_on_from() {
    let (mut given, plan) = under_way(3);
    let to = PlanState::Planning;
    let command = Command::RevertPlan {
        plan,
        to,
        from_step: Some(0),
        reason: None,
    };
    assert_eq!(given.refused(command), "INVALID_INPUT");
}

#[test]
fn r65_a_revert_never_goes_forward_or_anywhere_else() {
    let mut given = Given::project();
    let planning = given.started_plan(0);
    let state = PlanState::Planning;
    assert_eq!(
        given.when(revert_to_step(planning, None)).refusal(),
        Rejection::CannotRevert {
            plan: planning,
            state,
            to: PlanState::Implementing
        }
    );
    let (mut given, plan) = under_way(3);
    for to in PlanState::ALL {
        if matches!(to, PlanState::Planning | PlanState::Implementing) {
            continue;
        }
        let refusal = given
            .when(Command::RevertPlan {
                plan,
                to,
                from_step: None,
                reason: None,
            })
            .refusal();
        let state = PlanState::Implementing;
        assert_eq!(refusal, Rejection::CannotRevert { plan, state, to });
        assert_eq!(refusal.code().as_str(), "INVALID_TRANSITION");
    }
}

#[test]
fn r65_context_items_stay_and_outputs_leave_the_state() {
    let mut given = Given::project();
    let plan = given.started_plan(2);
    let attempt = given.attempt(plan);
    given.done(complete_step_with(
        plan,
        attempt,
        vec![item("ana", "code", 5)],
    ));
    assert!(given.plan(plan).steps[0].output.is_some());
    given.done(revert_to_step(plan, None));
    assert_eq!(given.plan(plan).steps[0].output, None);
    assert_eq!(given.state().figures.items, 1);
}

#[test]
fn r33_the_limit_is_reached_after_max_reversions() {
    for limit in 0..=3 {
        let (mut given, plan) = under_way(limit);
        for count in 0..limit {
            assert!(given.plan(plan).can_revert_to(PlanState::Implementing));
            assert!(given.plan(plan).can_revert_to(PlanState::Planning));
            given.done(revert_to_step(plan, None));
            assert_eq!(given.plan(plan).guards.reversion_count, count + 1);
        }
        assert!(!given.plan(plan).can_revert_to(PlanState::Implementing));
        assert!(!given.plan(plan).can_revert_to(PlanState::Planning));
        let expected = Rejection::ReversionLimit {
            plans: vec![(plan, limit)],
        };
        assert_eq!(given.when(revert_to_step(plan, None)).refusal(), expected);
        assert_eq!(given.when(revert_to_planning(plan)).refusal(), expected);
        assert_eq!(expected.code().as_str(), "REVERSION_LIMIT");
    }
}

#[test]
fn r33_by_default_a_plan_is_moved_back_three_times() {
    let mut given = Given::project();
    let plan = given.started_plan(1);
    for _ in 0..3 {
        given.done(revert_to_step(plan, None));
    }
    assert_eq!(given.refused(revert_to_step(plan, None)), "REVERSION_LIMIT");
}

#[test]
fn r33_can_revert_to_knows_what_a_revert_may_do() {
    let (mut given, plan) = under_way(3);
    let can = |given: &Given, state| given.plan(plan).can_revert_to(state);
    for state in PlanState::ALL {
        let possible = matches!(state, PlanState::Planning | PlanState::Implementing);
        assert_eq!(can(&given, state), possible, "{state}");
    }
    given.done(revert_to_planning(plan));
    assert!(can(&given, PlanState::Planning));
    assert!(
        !can(&given, PlanState::Implementing),
        "that would be forward"
    );
    given.done(cancel_plan(plan));
    assert!(!can(&given, PlanState::Planning), "it is cancelled");
}

#[test]
fn r33_reverts_and_rollbacks_share_one_count() {
    let (mut given, plan) = under_way(2);
    let early = given.state().checkpoints_in_order()[0].id;
    given.done(revert_to_step(plan, None));
    given.done(rollback_plan(plan, early));
    assert_eq!(given.plan(plan).guards.reversion_count, 2);
    given.step_done(plan);
    assert_eq!(given.refused(revert_to_step(plan, None)), "REVERSION_LIMIT");
    assert_eq!(given.refused(rollback_plan(plan, early)), "REVERSION_LIMIT");
}
