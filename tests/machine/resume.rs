//! Resuming: R8 to R10.

use super::commands::*;
use super::given::{Given, days_before, noon};
use holdpoint::machine::{Command, InitialStatus, Outcome, Rejection, ResumeReport};
use holdpoint::model::{CheckpointId, PlanState, ProjectStatus};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn r9_a_resume_returns_to_the_status_that_the_pause_found() {
    for (found, status) in [
        (InitialStatus::Planning, ProjectStatus::Planning),
        (InitialStatus::Active, ProjectStatus::Active),
    ] {
        let mut given = Given::project_in(found);
        given.paused();
        let outcome = given.done(resume());
        assert_eq!(
            outcome,
            Outcome::Resumed(ResumeReport {
                status,
                rollback: None
            })
        );
        assert_eq!(
            (given.state().status, &given.state().pause),
            (status, &None)
        );
        // And again, from the same status.
        given.paused();
        given.done(resume());
        assert_eq!(given.state().status, status);
    }
}

#[test]
fn r8_a_plain_resume_goes_on_with_the_reduced_context_at_the_next_step() {
    let mut given = Given::project();
    let plan = given.started_plan(3);
    given.step_done(plan);
    let cold = item("ana", "diary", 10).from(days_before(50, noon()));
    let items = given.added(vec![cold, item("ana", "code", 5)]);
    given.paused();
    given.done(resume());
    assert_eq!(given.state().figures.tokens, 5);
    assert!(given.state().items[&items[0]].archived);
    assert_eq!(given.step_started(plan).step, 1);
}

#[test]
fn r8_a_resume_from_the_pause_checkpoint_brings_the_whole_context_back_in_one_commit() {
    let mut given = Given::project();
    let cold = item("ana", "diary", 10).from(days_before(50, noon()));
    let items = given.added(vec![cold]);
    let report = given.paused();
    let paused_at = given.revision();
    let outcome = given.done(resume_from(report.checkpoint_id));
    assert_eq!(given.revision(), paused_at.next());
    let Outcome::Resumed(resumed) = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(resumed.status, ProjectStatus::Active);
    let rollback = resumed.rollback.unwrap();
    assert_eq!(rollback.checkpoint, report.checkpoint_id);
    assert_eq!((rollback.items_restored, rollback.items_removed), (1, 0));
    assert_eq!(rollback.paths, [format!("items/{}", items[0])]);
    assert!(!given.state().items[&items[0]].archived);
    assert_eq!(
        (given.state().status, &given.state().pause),
        (ProjectStatus::Active, &None)
    );
}

#[test]
fn r8_a_resume_from_a_checkpoint_puts_plans_and_items_back() {
    let mut given = Given::project();
    let plan = given.started_plan(3);
    let early = given.checkpoint("early", None);
    given.steps_done(plan, 2);
    let attempt = given.attempt(plan);
    let report = given.paused();
    given.done(complete_step_with(
        plan,
        attempt,
        vec![item("ana", "code", 3)],
    ));
    assert_eq!(given.plan_state(plan), PlanState::Completed);
    let outcome = given.done(resume_from(early));
    let Outcome::Resumed(ResumeReport {
        status,
        rollback: Some(rollback),
    }) = outcome
    else {
        panic!("{outcome:?}")
    };
    assert_eq!(status, ProjectStatus::Active);
    assert_eq!(
        (
            rollback.plans_reverted,
            rollback.steps_reverted,
            rollback.items_removed
        ),
        (1, 3, 1)
    );
    assert_eq!(given.plan(plan).progress.last_completed_step, -1);
    assert_eq!(given.plan(plan).guards.reversion_count, 1);
    assert!(given.state().items.is_empty());
    // The pause checkpoint is still there, and the one before the rollback.
    assert!(
        given
            .state()
            .checkpoints
            .contains_key(&report.checkpoint_id)
    );
    assert!(given.state().checkpoints[&rollback.safety_checkpoint].safety);
    assert_eq!(given.step_started(plan).step, 0);
}

#[test]
fn r8_a_resume_from_a_plans_checkpoint_puts_the_whole_project_back() {
    let mut given = Given::project();
    let (first, second) = (given.started_plan(2), given.started_plan(2));
    let done = given.step_done(first);
    given.step_done(second);
    given.paused();
    given.done(resume_from(done.checkpoint.unwrap()));
    assert_eq!(given.plan(first).progress.last_completed_step, 0);
    assert_eq!(given.plan(second).progress.last_completed_step, -1);
}

#[test]
fn r9_a_resume_from_a_checkpoint_returns_to_the_status_that_the_pause_found_too() {
    let mut given = Given::project_in(InitialStatus::Planning);
    let early = given.checkpoint("in planning", None);
    given.done(Command::StartProject);
    given.paused();
    given.done(resume_from(early));
    // A rollback never touches the status.
    assert_eq!(given.state().status, ProjectStatus::Active);
}

#[test]
fn r10_a_project_that_is_not_paused_cannot_be_resumed() {
    for status in [
        InitialStatus::Init,
        InitialStatus::Planning,
        InitialStatus::Active,
    ] {
        let mut given = Given::project_in(status);
        assert_eq!(given.refused(resume()), "PROJECT_NOT_PAUSED");
        let checkpoint = given.checkpoint("here", None);
        assert_eq!(given.refused(resume_from(checkpoint)), "PROJECT_NOT_PAUSED");
        given.refused(resume());
    }
    let mut given = Given::project();
    let status = ProjectStatus::Active;
    assert_eq!(
        given.when(resume()).refusal(),
        Rejection::ProjectNotPaused { status }
    );
}

#[test]
fn r10_a_checkpoint_that_is_not_its_own_is_refused_and_the_pause_goes_on() {
    let mut given = Given::project();
    given.paused();
    let state = given.state().clone();
    let elsewhere = CheckpointId::from_parts(5, 5);
    assert_eq!(
        given.when(resume_from(elsewhere)).refusal(),
        Rejection::CheckpointNotFound {
            checkpoint: elsewhere
        }
    );
    assert_eq!(given.state(), &state);
}

#[test]
fn r8_a_resume_whose_rollback_is_refused_leaves_the_project_paused() {
    let mut given = Given::project();
    let early = given.checkpoint("early", None);
    let plan = given.started_plan(1);
    given.step_done(plan);
    given.done(mark_applied(plan));
    given.paused();
    let state = given.state().clone();
    assert_eq!(
        given.when(resume_from(early)).refusal(),
        Rejection::PlanApplied { plans: vec![plan] }
    );
    assert_eq!(given.state(), &state);
    given.done(resume());
}

#[test]
fn r34_after_a_resume_work_goes_on_at_the_step_after_the_last_completed_one() {
    let mut given = Given::project();
    let plan = given.started_plan(4);
    for step in 0..4 {
        given.paused();
        given.done(resume());
        let started = given.step_started(plan);
        assert_eq!(started.step, step);
        // It died: the next resume starts the same step again.
        given.paused();
        given.done(resume());
        let taken_over = given.step_started(plan);
        assert_eq!((taken_over.step, taken_over.id), (step, started.id));
        given.done(complete_step(plan, taken_over.attempt));
    }
    assert_eq!(given.plan_state(plan), PlanState::Completed);
}
