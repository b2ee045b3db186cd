//! Putting the whole project back to a checkpoint: R33, R61 to R63.

use super::commands::*;
use super::given::{Given, days_before, noon};
use holdpoint::machine::{Command, Outcome, Rejection};
use holdpoint::model::{PlanId, PlanSettings, PlanState, Project, ProjectStatus, StepState};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Progress and steps of every plan, and all items: what a project rollback restores.
fn work(project: &Project) -> String {
    let plans: Vec<_> = project
        .plans
        .values()
        .map(|plan| {
            (
                plan.id,
                plan.number,
                &plan.progress,
                &plan.steps,
                &plan.settings,
            )
        })
        .collect();
    format!("{plans:?} {:?}", project.items)
}

fn limited_plan(given: &mut Given, max_reversions: u32) -> PlanId {
    let mut plan = new_plan(3);
    plan.settings = PlanSettings {
        max_reversions,
        ..PlanSettings::default()
    };
    let plan = given.created(Command::CreatePlan { plan });
    given.done(start_plan(plan));
    plan
}

#[test]
fn r61_all_plans_and_items_are_as_they_were_and_the_report_says_what_changed() {
    let mut given = Given::project();
    let old = days_before(50, noon());
    let (first, second) = (given.started_plan(2), given.started_plan(1));
    let early = given.added(vec![
        item("ana", "diary", 10).from(old),
        item("ben", "code", 5),
    ]);
    given.step_done(first);
    let target = given.checkpoint("target", None);
    let then = given.state().clone();
    given.step_done(first);
    given.step_done(second);
    let late = given.added(vec![item("ana", "code", 7)]);
    given.paused();
    given.done(resume());
    let younger = given.created(create_plan(1));
    let report = given.rolled_back(rollback_project(target));
    assert_eq!(
        (report.checkpoint, report.revision),
        (target, then.revision)
    );
    assert_eq!((report.plans_reverted, report.steps_reverted), (3, 2));
    assert_eq!((report.items_restored, report.items_removed), (1, 1));
    let mut paths = report.paths;
    paths.sort_unstable();
    let mut expected = vec![
        format!("plans/{first}/completed_at"),
        format!("plans/{first}/last_completed_step"),
        format!("plans/{first}/state"),
        format!("plans/{first}/steps/1"),
        format!("plans/{second}/completed_at"),
        format!("plans/{second}/last_completed_step"),
        format!("plans/{second}/state"),
        format!("plans/{second}/steps/0"),
        format!("plans/{younger}"),
        format!("items/{}", early[0]),
        format!("items/{}", late[0]),
    ];
    expected.sort_unstable();
    assert_eq!(paths, expected);
    assert_eq!(work(given.state()), work(&then));
    assert_eq!(given.state().figures, then.figures);
}

#[test]
fn r61_what_a_project_rollback_never_touches() {
    let mut given = Given::project();
    let (plan, applied) = (given.started_plan(3), given.started_plan(1));
    given.step_done(applied);
    let target = given.checkpoint("target", None);
    let applied_at = given.now;
    given.done(mark_applied(applied));
    given.steps_done(plan, 2);
    given.done(fail_plan(plan));
    given.done(retry_plan(plan));
    given.attempt(plan);
    given.done(set_agent("ana", 77));
    given.done(rename("Shop"));
    given.when(pause_because("lunch")).answer();
    let before = given.state().clone();
    let report = given.rolled_back(rollback_project(target));
    let after = given.state();
    assert_eq!(
        (after.status, &after.pause),
        (ProjectStatus::Paused, &before.pause)
    );
    assert_eq!(
        (&after.name, &after.settings),
        (&before.name, &before.settings)
    );
    assert_eq!(given.agent("ana").token_limit, 77);
    assert_eq!(
        (after.created_at, &after.created_by),
        (before.created_at, &before.created_by)
    );
    let mut checkpoints = after.checkpoints.clone();
    checkpoints.remove(&report.safety_checkpoint);
    assert_eq!(checkpoints, before.checkpoints);
    let (is, was) = (&after.plans[&plan], &before.plans[&plan]);
    assert_eq!(
        is.last_checkpoint_id, was.last_checkpoint_id,
        "none changes it"
    );
    assert_eq!(is.guards.last_attempt, was.guards.last_attempt);
    assert_eq!((is.guards.retry_count, is.guards.reversion_count), (1, 1));
    // It is as it was at the target, but for having been applied since.
    assert_eq!(after.plans[&applied], before.plans[&applied]);
    assert_eq!(after.plans[&applied].applied_at, Some(applied_at));
}

#[test]
fn r61_running_steps_become_pending_everywhere() {
    let mut given = Given::project();
    let (plan, other) = (given.started_plan(2), given.started_plan(2));
    let attempts = [given.attempt(plan), given.attempt(other)];
    let target = given.checkpoint("while they run", None);
    let report = given.rolled_back(rollback_project(target));
    assert_eq!((report.plans_reverted, report.steps_reverted), (2, 2));
    for (plan, attempt) in [plan, other].into_iter().zip(attempts) {
        assert_eq!(given.plan(plan).steps[0].state, StepState::Pending);
        assert_eq!(given.refused(complete_step(plan, attempt)), "SUPERSEDED");
        assert_eq!(given.plan(plan).guards.reversion_count, 0);
    }
}

#[test]
fn r61_a_younger_plan_leaves_and_comes_back_with_its_counters() {
    let mut given = Given::project();
    let early = given.checkpoint("early", None);
    let plan = given.started_plan(3);
    given.steps_done(plan, 2);
    given.done(revert_to_step(plan, 1));
    given.done(fail_plan(plan));
    given.done(retry_plan(plan));
    let late = given.attempt(plan);
    given.added(vec![item("ana", "code", 5).of_plan(plan)]);
    let before = given.state().clone();
    let gone = given.rolled_back(rollback_project(early));
    assert_eq!(gone.paths[0], format!("plans/{plan}"));
    assert!(given.state().plans.is_empty() && given.state().items.is_empty());
    assert_eq!(
        given.state().departed[&plan].guards,
        before.plans[&plan].guards
    );
    assert_eq!(
        (given.state().figures.plans, given.state().unfinished_plans),
        (0, 0)
    );
    for command in [
        start_step(plan),
        complete_step(plan, late),
        rollback_plan(plan, None),
    ] {
        assert_eq!(given.refused(command), "PLAN_NOT_FOUND");
    }
    // Forward again, through the safety checkpoint.
    let back = given.rolled_back(rollback_project(gone.safety_checkpoint));
    assert_eq!((back.plans_reverted, back.items_restored), (1, 1));
    assert!(given.state().departed.is_empty());
    let (is, was) = (given.plan(plan), &before.plans[&plan]);
    assert_eq!((is.guards, &is.progress), (was.guards, &was.progress));
    assert_eq!(
        (is.last_checkpoint_id, is.number),
        (was.last_checkpoint_id, was.number)
    );
    // But for the running step: nobody is working on it any more.
    assert_eq!(is.steps[1].state, StepState::Pending);
    assert_eq!(given.refused(complete_step(plan, late)), "SUPERSEDED");
    assert_eq!(given.attempt(plan), late + 1);
}

#[test]
fn r33_a_plan_that_left_and_came_back_at_an_older_place_keeps_its_newest_counters() {
    let mut given = Given::project();
    let early = given.checkpoint("early", None);
    let plan = given.started_plan(3);
    let fresh = given.checkpoint("fresh", None);
    given.steps_done(plan, 2);
    given.done(revert_to_step(plan, None));
    given.done(fail_plan(plan));
    given.done(retry_plan(plan));
    let guards = given.plan(plan).guards;
    given.rolled_back(rollback_project(early));
    given.rolled_back(rollback_project(fresh));
    let is = given.plan(plan);
    assert!(is.guards.reversion_count >= guards.reversion_count);
    assert_eq!(is.guards.last_attempt, guards.last_attempt);
    assert_eq!(is.guards.retry_count, guards.retry_count);
    assert_eq!(given.attempt(plan), guards.last_attempt + 1);
}

#[test]
fn r33_the_limit_cannot_be_escaped_by_leaving_and_coming_back() {
    let mut given = Given::project();
    let early = given.checkpoint("early", None);
    let plan = limited_plan(&mut given, 0);
    let fresh = given.checkpoint("fresh", None);
    given.steps_done(plan, 2);
    // Straight back is refused …
    assert_eq!(given.refused(rollback_project(fresh)), "REVERSION_LIMIT");
    // … so the same in two steps, by a checkpoint from before the plan, is refused as well, at
    // one of them.
    let left = given.when(rollback_project(early)).0.is_ok();
    let came_back = given.when(rollback_project(fresh)).0.is_ok();
    assert!(
        !(left && came_back),
        "a plan that may never be moved back went from step 2 to step {}",
        given.plan(plan).next_step()
    );
}

#[test]
fn r33_a_plan_that_comes_back_at_an_older_place_was_moved_back() {
    let mut given = Given::project();
    let early = given.checkpoint("early", None);
    let plan = limited_plan(&mut given, 3);
    let fresh = given.checkpoint("fresh", None);
    given.steps_done(plan, 2);
    given.rolled_back(rollback_project(early));
    given.rolled_back(rollback_project(fresh));
    assert_eq!(
        given.plan(plan).guards.reversion_count,
        1,
        "it counts, as in one go"
    );
}

#[test]
fn r33_plans_that_would_come_back_too_early_are_in_the_list() {
    let mut given = Given::project();
    let stays = limited_plan(&mut given, 0);
    let early = given.checkpoint("early", None);
    let (leaves, free) = (limited_plan(&mut given, 0), limited_plan(&mut given, 1));
    let fresh = given.checkpoint("fresh", None);
    given.steps_done(leaves, 1);
    given.steps_done(free, 1);
    given.rolled_back(rollback_project(early));
    given.steps_done(stays, 1);
    let refusal = given.when(rollback_project(fresh)).refusal();
    let plans = vec![(stays, 0), (leaves, 0)];
    assert_eq!(refusal, Rejection::ReversionLimit { plans });
}

#[test]
fn r33_a_project_rollback_counts_for_each_plan_that_it_moves_back() {
    let mut given = Given::project();
    let (moved, still) = (given.started_plan(2), given.started_plan(2));
    given.step_done(still);
    let target = given.checkpoint("target", None);
    given.step_done(moved);
    // Begun, not moved.
    given.attempt(still);
    given.rolled_back(rollback_project(target));
    let count = |given: &Given, plan| given.plan(plan).guards.reversion_count;
    assert_eq!((count(&given, moved), count(&given, still)), (1, 0));
    // Forward doesn't count.
    let safety = given.state().checkpoints_in_order().last().unwrap().id;
    given.rolled_back(rollback_project(safety));
    assert_eq!((count(&given, moved), count(&given, still)), (1, 0));
}

#[test]
fn r33_past_any_plans_limit_it_is_refused_with_a_list() {
    let mut given = Given::project();
    let (none, one, many) = (
        limited_plan(&mut given, 0),
        limited_plan(&mut given, 1),
        limited_plan(&mut given, 9),
    );
    let untouched = limited_plan(&mut given, 0);
    given.done(revert_to_step(one, None));
    let target = given.checkpoint("target", None);
    for plan in [none, one, many] {
        given.step_done(plan);
    }
    given.attempt(untouched);
    let state = given.state().clone();
    let refusal = given.when(rollback_project(target)).refusal();
    assert_eq!(
        refusal,
        Rejection::ReversionLimit {
            plans: vec![(none, 0), (one, 1)]
        }
    );
    assert_eq!(given.state(), &state);
}

#[test]
fn r63_it_is_refused_with_a_list_if_it_would_change_an_applied_plan() {
    let mut given = Given::project();
    let early = given.checkpoint("early", None);
    let (first, second, third) = (
        given.started_plan(1),
        given.started_plan(1),
        given.started_plan(2),
    );
    let started = given.checkpoint("started", None);
    given.step_done(first);
    given.step_done(second);
    let done = given.checkpoint("done", None);
    given.step_done(third);
    given.done(mark_applied(first));
    given.done(mark_applied(second));
    for target in [early, started] {
        let refusal = given.when(rollback_project(target)).refusal();
        assert_eq!(
            refusal,
            Rejection::PlanApplied {
                plans: vec![first, second]
            }
        );
        assert_eq!(refusal.code().as_str(), "PLAN_APPLIED");
    }
    // Where they were as they are now, nothing speaks against it.
    given.rolled_back(rollback_project(done));
    assert_eq!(given.plan(third).progress.last_completed_step, -1);
    assert!(given.plan(first).applied_at.is_some());
}

#[test]
fn r63_a_project_can_go_to_any_checkpoint_of_its_own() {
    let mut given = Given::project();
    let plan = given.started_plan(2);
    let auto = given.step_done(plan).checkpoint.unwrap();
    given.step_done(plan);
    let pause = given.paused().checkpoint_id;
    given.done(resume());
    let safety = given.rolled_back(rollback_project(auto)).safety_checkpoint;
    assert_eq!(given.state().checkpoints[&safety].plan, None);
    given.rolled_back(rollback_project(pause));
    assert_eq!(given.plan_state(plan), PlanState::Completed);
    given.rolled_back(rollback_project(safety));
    let elsewhere = holdpoint::model::CheckpointId::from_parts(1, 1);
    let refusal = given.when(rollback_project(elsewhere)).refusal();
    assert_eq!(
        refusal,
        Rejection::CheckpointNotFound {
            checkpoint: elsewhere
        }
    );
}

#[test]
fn r62_a_project_rollback_can_itself_be_rolled_back() {
    let mut given = Given::project();
    let (plan, other) = (given.started_plan(3), given.started_plan(2));
    let target = given.checkpoint("target", None);
    given.steps_done(plan, 2);
    given.done(cancel_plan(other));
    given.started_plan(1);
    given.added(vec![item("ana", "diary", 3).from(days_before(9, noon()))]);
    given.paused();
    given.done(resume());
    let before = given.state().clone();
    let there = given.rolled_back(rollback_project(target));
    assert_ne!(work(given.state()), work(&before));
    let back = given.rolled_back(rollback_project(there.safety_checkpoint));
    assert_eq!(work(given.state()), work(&before));
    assert_eq!(given.state().figures, before.figures);
    assert_eq!(back.plans_reverted, there.plans_reverted);
    assert_eq!(back.steps_reverted, there.steps_reverted);
    assert_eq!(
        (back.items_restored, back.items_removed),
        (there.items_removed, there.items_restored)
    );
    assert_eq!(given.plan(plan).guards.reversion_count, 1);
}

#[test]
fn r61_numbers_of_what_left_are_not_given_again() {
    let mut given = Given::project();
    let early = given.checkpoint("early", None);
    let plan = given.created(create_plan(1));
    let gone = given.added(vec![item("ana", "code", 1), item("ana", "code", 2)]);
    given.rolled_back(rollback_project(early));
    let (new_plan, new_item) = (
        given.created(create_plan(1)),
        given.added(vec![item("ana", "code", 3)])[0],
    );
    assert_ne!(plan, new_plan);
    assert!(!gone.contains(&new_item));
    assert_eq!(given.plan(new_plan).number, 2);
    assert_eq!(given.state().items[&new_item].number, 3);
}

#[test]
fn r61_going_to_where_all_is_as_it_is_changes_nothing_but_the_journal() {
    let mut given = Given::project();
    given.created(create_plan(2));
    let here = given.checkpoint("here", None);
    let before = given.state().clone();
    let report = given.rolled_back(rollback_project(here));
    assert_eq!((report.plans_reverted, report.steps_reverted), (0, 0));
    assert_eq!(
        (
            report.items_restored,
            report.items_removed,
            report.paths.len()
        ),
        (0, 0, 0)
    );
    assert_eq!(given.state().plans, before.plans);
}

#[test]
fn r61_agents_stay_known_though_all_their_context_leaves() {
    let mut given = Given::project();
    let early = given.checkpoint("early", None);
    given.added(vec![item("ana", "code", 4)]);
    assert_eq!(given.state().figures.active_agents, 1);
    given.rolled_back(rollback_project(early));
    assert_eq!(
        (
            given.state().agents.len(),
            given.state().figures.active_agents
        ),
        (1, 0)
    );
}

#[test]
fn r61_a_preview_of_a_project_rollback_is_the_same_decision() {
    let mut given = Given::project();
    let plan = given.started_plan(2);
    let target = given.checkpoint("target", None);
    given.step_done(plan);
    let before = given.state().clone();
    let preview = given.preview(rollback_project(target)).unwrap();
    assert_eq!(given.state(), &before);
    let Outcome::RolledBack(preview) = preview else {
        panic!("{preview:?}")
    };
    let mut report = given.rolled_back(rollback_project(target));
    report.safety_checkpoint = preview.safety_checkpoint;
    assert_eq!(report, preview);
}
