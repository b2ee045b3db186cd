//! Where a rollback without a named checkpoint goes: R35.

use super::commands::*;
use super::given::Given;
use holdpoint::machine::{Command, Rejection};
use holdpoint::model::{CheckpointId, Name, PlanId, PlanSettings};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A plan of five steps that may be moved back often, so many of them done.
fn done(steps: usize) -> (Given, PlanId, Vec<CheckpointId>) {
    let mut given = Given::project();
    let mut plan = new_plan(5);
    plan.settings = PlanSettings {
        max_reversions: 100,
        ..PlanSettings::default()
    };
    let plan = given.created(Command::CreatePlan { plan });
    given.done(start_plan(plan));
    let checkpoints = (0..steps)
        .filter_map(|_| given.step_done(plan).checkpoint)
        .collect();
    (given, plan, checkpoints)
}

/// Goes back once more, and it is to the checkpoint that the plan's start brought.
#[track_caller]
fn to_the_start(given: &mut Given, plan: PlanId) {
    let to = given.rolled_back(rollback_plan(plan, None)).checkpoint;
    let phase = given.state().checkpoints[&to].phase.as_ref();
    assert_eq!(phase.map(Name::as_str), Some("workflow_start"));
    assert_eq!(given.plan(plan).progress.last_completed_step, -1);
}

fn nothing(plan: PlanId) -> Rejection {
    Rejection::NothingToRollBack { plan }
}

#[test]
fn r35_doing_it_again_goes_further_back_each_time() {
    let (mut given, plan, checkpoints) = done(4);
    // Nothing has happened since the newest, so it goes to the one before.
    for (back, last_completed_step) in [(2, 2), (1, 1), (0, 0)] {
        let report = given.rolled_back(rollback_plan(plan, None));
        assert_eq!(report.checkpoint, checkpoints[back]);
        let progress = &given.plan(plan).progress;
        assert_eq!(progress.last_completed_step, last_completed_step);
        assert_eq!(given.plan(plan).last_checkpoint_id, Some(checkpoints[back]));
    }
    // The oldest is that of its start.
    to_the_start(&mut given, plan);
    let refusal = given.when(rollback_plan(plan, None)).refusal();
    assert_eq!(refusal, nothing(plan));
    assert_eq!(refusal.code().as_str(), "NOTHING_TO_ROLL_BACK");
}

#[test]
fn r35_what_was_begun_since_the_newest_checkpoint_goes_back_to_it() {
    let (mut given, plan, checkpoints) = done(2);
    given.attempt(plan);
    let report = given.rolled_back(rollback_plan(plan, None));
    assert_eq!(report.checkpoint, checkpoints[1]);
    assert_eq!(given.plan(plan).guards.reversion_count, 0);
    let report = given.rolled_back(rollback_plan(plan, None));
    assert_eq!(report.checkpoint, checkpoints[0]);
}

#[test]
fn r35_without_a_checkpoint_of_its_own_there_is_nowhere_to_go() {
    let mut given = Given::project();
    // A plan that nobody has started has none.
    let plan = given.created(create_plan(3));
    let other = given.started_plan(1);
    let project = given.checkpoint("the project's", None);
    given.checkpoint("another plan's", other);
    given.done(fail_plan(plan));
    assert_eq!(
        given.when(rollback_plan(plan, None)).refusal(),
        nothing(plan)
    );
    // A safety checkpoint is there to undo a rollback, no place to go by itself.
    given.rolled_back(rollback_plan(plan, project));
    given.done(fail_plan(plan));
    assert_eq!(
        given.when(rollback_plan(plan, None)).refusal(),
        nothing(plan)
    );
}

#[test]
fn r35_checkpoints_of_the_project_and_of_others_are_passed_over() {
    let (mut given, plan, checkpoints) = done(2);
    let other = given.started_plan(2);
    given.attempt(plan);
    given.checkpoint("the project's", None);
    given.step_done(other);
    given.paused();
    given.done(resume());
    assert_eq!(
        given.rolled_back(rollback_plan(plan, None)).checkpoint,
        checkpoints[1]
    );
}

#[test]
fn r35_a_checkpoint_in_which_the_plan_is_as_it_is_now_is_passed_over() {
    let (mut given, plan, checkpoints) = done(2);
    for name in ["here", "here still", "and here"] {
        given.checkpoint(name, plan);
        given.done(rename(name));
    }
    assert_eq!(
        given.rolled_back(rollback_plan(plan, None)).checkpoint,
        checkpoints[0]
    );
}

#[test]
fn r35_an_older_checkpoint_that_says_the_same_as_now_is_passed_over_too() {
    // Reverted to where the first checkpoint was, the plan differs from the second only.
    let (mut given, plan, checkpoints) = done(2);
    given.done(revert_to_step(plan, 1));
    let report = given.rolled_back(rollback_plan(plan, None));
    assert_eq!(
        report.checkpoint, checkpoints[1],
        "the newest in which it differs"
    );
    assert_eq!(given.plan(plan).progress.last_completed_step, 1);
    let report = given.rolled_back(rollback_plan(plan, None));
    assert_eq!(report.checkpoint, checkpoints[0]);
    to_the_start(&mut given, plan);
    assert_eq!(
        given.when(rollback_plan(plan, None)).refusal(),
        nothing(plan)
    );
}

#[test]
fn r35_it_goes_no_further_than_the_checkpoint_that_the_plan_is_at() {
    let (mut given, plan, checkpoints) = done(4);
    given.rolled_back(rollback_plan(plan, checkpoints[1]));
    given.attempt(plan);
    // Checkpoints 2 and 3 are newer, and the plan differs in them, but it is at 1.
    assert_eq!(
        given.rolled_back(rollback_plan(plan, None)).checkpoint,
        checkpoints[1]
    );
    assert_eq!(
        given.rolled_back(rollback_plan(plan, None)).checkpoint,
        checkpoints[0]
    );
}

#[test]
fn r35_after_new_work_it_starts_from_the_new_checkpoint() {
    let (mut given, plan, checkpoints) = done(2);
    given.rolled_back(rollback_plan(plan, None));
    let newest = given.step_done(plan).checkpoint.unwrap();
    given.attempt(plan);
    assert_eq!(
        given.rolled_back(rollback_plan(plan, None)).checkpoint,
        newest
    );
    // The work that was undone before it is older than this: it comes next.
    assert_eq!(
        given.rolled_back(rollback_plan(plan, None)).checkpoint,
        checkpoints[1]
    );
    assert_eq!(
        given.rolled_back(rollback_plan(plan, None)).checkpoint,
        checkpoints[0]
    );
}

#[test]
fn r35_from_a_checkpoint_that_is_not_its_own_it_goes_to_older_ones_of_its_own() {
    let (mut given, plan, checkpoints) = done(1);
    let projects = given.checkpoint("the project's", None);
    given.steps_done(plan, 2);
    given.rolled_back(rollback_plan(plan, projects));
    given.attempt(plan);
    assert_eq!(
        given.rolled_back(rollback_plan(plan, None)).checkpoint,
        checkpoints[0]
    );
    to_the_start(&mut given, plan);
    assert_eq!(
        given.when(rollback_plan(plan, None)).refusal(),
        nothing(plan)
    );
}

#[test]
fn r35_a_rollback_that_was_undone_can_be_done_again() {
    let (mut given, plan, checkpoints) = done(3);
    let safety = given
        .rolled_back(rollback_plan(plan, None))
        .safety_checkpoint;
    given.rolled_back(rollback_plan(plan, safety));
    assert_eq!(given.plan(plan).progress.last_completed_step, 2);
    assert_eq!(
        given.rolled_back(rollback_plan(plan, None)).checkpoint,
        checkpoints[1]
    );
}

#[test]
fn r35_a_project_rollback_does_not_move_the_checkpoint_that_the_plan_is_at() {
    let (mut given, plan, checkpoints) = done(3);
    let report = given.rolled_back(rollback_project(checkpoints[0]));
    assert_eq!(report.plans_reverted, 1);
    assert_eq!(given.plan(plan).last_checkpoint_id, Some(checkpoints[2]));
    // So the newest in which the plan differs is the one it was at.
    assert_eq!(
        given.rolled_back(rollback_plan(plan, None)).checkpoint,
        checkpoints[2]
    );
}

#[test]
fn r35_a_plan_that_leaves_and_comes_back_is_at_the_checkpoint_that_it_left_at() {
    // No project rollback changes the checkpoint that a plan is at: not one that goes straight
    // to an earlier place (above), and not two that take the plan away and bring it back there.
    let mut given = Given::project();
    let early = given.checkpoint("early", None);
    let plan = given.started_plan(3);
    let fresh = given.checkpoint("fresh", None);
    given.steps_done(plan, 2);
    let at = given.plan(plan).last_checkpoint_id;
    given.rolled_back(rollback_project(early));
    given.rolled_back(rollback_project(fresh));
    assert_eq!(given.plan(plan).last_checkpoint_id, at);
    assert_eq!(
        Some(given.rolled_back(rollback_plan(plan, None)).checkpoint),
        at
    );
}

#[test]
fn r35_while_the_project_is_paused_too() {
    let (mut given, plan, checkpoints) = done(2);
    given.paused();
    assert_eq!(
        given.rolled_back(rollback_plan(plan, None)).checkpoint,
        checkpoints[0]
    );
    assert!(given.state().pause.is_some());
}
