//! Putting one plan back to a checkpoint: R33, R61 to R63.

use super::commands::*;
use super::given::{Given, assert_same, days_before, noon};
use holdpoint::machine::{Command, Event, Outcome, Rejection, RollbackReport};
use holdpoint::model::{
    CheckpointId, PlanId, PlanSettings, PlanState, ProjectStatus, Revision, StepState,
};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A plan of four steps, each done with a context item of its own, but for the last.
fn three_of_four_done() -> (Given, PlanId, Vec<CheckpointId>) {
    let mut given = Given::project();
    let plan = given.started_plan(4);
    let mut checkpoints = Vec::new();
    for step in 0..3 {
        let attempt = given.attempt(plan);
        let context = vec![item("ana", "code", 10 + step)];
        let done = given.done(complete_step_with(plan, attempt, context));
        let Outcome::StepCompleted(done) = done else {
            panic!("{done:?}")
        };
        checkpoints.extend(done.checkpoint);
    }
    (given, plan, checkpoints)
}

#[test]
fn r61_a_plan_goes_back_to_how_it_was_and_the_report_says_what_changed() {
    let (mut given, plan, checkpoints) = three_of_four_done();
    let then = given
        .state_at(given.state().checkpoints[&checkpoints[0]].revision)
        .clone();
    let items: Vec<_> = given
        .state()
        .items_in_order()
        .iter()
        .map(|item| item.id)
        .collect();
    let reason = Some("wrong turn".parse().unwrap());
    let checkpoint = Some(checkpoints[0]);
    let answer = given
        .when(Command::RollbackPlan {
            plan,
            checkpoint,
            before: None,
            reason: reason.clone(),
        })
        .answer();
    let Outcome::RolledBack(report) = answer.outcome else {
        panic!("{:?}", answer.outcome)
    };
    let safety = given.state().checkpoints_in_order().last().unwrap().id;
    let mut removed = [items[1], items[2]];
    removed.sort_unstable();
    assert_eq!(
        report,
        RollbackReport {
            checkpoint: checkpoints[0],
            revision: then.revision,
            safety_checkpoint: safety,
            plans_reverted: 1,
            steps_reverted: 2,
            items_restored: 0,
            items_removed: 2,
            paths: vec![
                format!("plans/{plan}/last_completed_step"),
                format!("plans/{plan}/steps/1"),
                format!("plans/{plan}/steps/2"),
                format!("items/{}", removed[0]),
                format!("items/{}", removed[1]),
            ],
        }
    );
    let (is, was) = (given.plan(plan), &then.plans[&plan]);
    assert_eq!((&is.progress, &is.steps), (&was.progress, &was.steps));
    assert_eq!(is.last_checkpoint_id, Some(checkpoints[0]));
    assert_eq!(given.state().items, then.items);
    // Why it went back is on record.
    let rolled_back = answer.events.iter().find_map(|event| match event {
        Event::RolledBack(event) => Some(event),
        _ => None,
    });
    assert_eq!(rolled_back.unwrap().reason, reason);
    assert_eq!(given.state().checkpoints[&safety].reason, reason);
    assert_eq!(given.step_started(plan).step, 1);
}

#[test]
fn r61_a_preview_is_the_same_decision_and_changes_nothing() {
    let (mut given, plan, checkpoints) = three_of_four_done();
    let request = given.request(rollback_plan(plan, checkpoints[0]));
    let before = given.state().clone();
    let preview = given.decide(&request).unwrap();
    assert_eq!(given.state(), &before);
    assert_eq!(given.journal.len() as u64, before.revision.get());
    assert_same(&preview, &given.decide(&request).unwrap());
    let previewed = given.preview(rollback_plan(plan, checkpoints[1])).unwrap();
    let Outcome::RolledBack(previewed) = previewed else {
        panic!("{previewed:?}")
    };
    let mut done = given.rolled_back(rollback_plan(plan, checkpoints[1]));
    // Another command id makes another id; nothing else differs.
    done.safety_checkpoint = previewed.safety_checkpoint;
    assert_eq!(done, previewed);
}

#[test]
fn r61_what_a_plan_rollback_never_touches() {
    let mut given = Given::project();
    let early_plan = given.started_plan(1);
    let (plan, other) = (given.started_plan(3), given.started_plan(3));
    let items = given.added(vec![
        item("ana", "code", 1),
        item("ana", "diary", 2).from(days_before(9, noon())),
        item("ana", "code", 3).of_plan(other),
    ]);
    let target = given.checkpoint("target", plan);
    given.steps_done(plan, 2);
    given.steps_done(other, 2);
    given.step_done(early_plan);
    given.done(mark_applied(early_plan));
    given.done(fail_plan(plan));
    given.done(retry_plan(plan));
    given.attempt(plan);
    given.done(set_agent("ana", 77));
    given.done(rename("Shop"));
    given.added(vec![item("new", "code", 4)]);
    given.when(pause_because("lunch")).answer();
    let before = given.state().clone();
    let report = given.rolled_back(rollback_plan(plan, target));
    let mut after = given.state().clone();
    assert_eq!(
        (after.status, &after.pause),
        (ProjectStatus::Paused, &before.pause)
    );
    assert_eq!(
        after.plan_of(plan).guards.last_attempt,
        before.plan_of(plan).guards.last_attempt
    );
    assert_eq!(after.plan_of(plan).guards.retry_count, 1);
    assert_eq!(after.plan_of(plan).guards.reversion_count, 1);
    assert_eq!(after.plan_of(plan).settings, before.plan_of(plan).settings);
    assert_eq!(after.plan_of(plan).request, before.plan_of(plan).request);
    // The item that the pause archived names no plan, so it stays archived.
    assert!(after.items[&items[1]].archived);
    // Take away what it may touch: nothing else has changed.
    after.checkpoints.remove(&report.safety_checkpoint);
    after.plans.insert(plan, before.plans[&plan].clone());
    (after.numbers, after.sizes) = (before.numbers, before.sizes);
    (after.revision, after.updated_at) = (before.revision, before.updated_at);
    assert_eq!(after, before);
}

/// A plan by its id, on any state.
trait PlanOf {
    fn plan_of(&self, plan: PlanId) -> &holdpoint::model::Plan;
}

impl PlanOf for holdpoint::model::Project {
    fn plan_of(&self, plan: PlanId) -> &holdpoint::model::Plan {
        &self.plans[&plan]
    }
}

#[test]
fn r61_running_steps_become_pending() {
    let mut given = Given::project();
    let plan = given.started_plan(2);
    // Running at the checkpoint, and still.
    let first = given.attempt(plan);
    let running = given.checkpoint("while it runs", plan);
    let report = given.rolled_back(rollback_plan(plan, running));
    assert_eq!((report.plans_reverted, report.steps_reverted), (1, 1));
    assert_eq!(report.paths, [format!("plans/{plan}/steps/0")]);
    let step = &given.plan(plan).steps[0];
    assert_eq!(
        (step.state, step.attempt, step.started_at),
        (StepState::Pending, None, None)
    );
    assert_eq!(given.refused(complete_step(plan, first)), "SUPERSEDED");
    // Running at the checkpoint, done since.
    let second = given.attempt(plan);
    let running = given.checkpoint("while it runs again", plan);
    given.done(complete_step(plan, second));
    given.rolled_back(rollback_plan(plan, running));
    assert_eq!(given.plan(plan).steps[0].state, StepState::Pending);
    assert_eq!(given.plan(plan).guards.last_attempt, 2);
    // Not running at the checkpoint, running now.
    let third = given.attempt(plan);
    given.rolled_back(rollback_plan(plan, running));
    assert_eq!(given.plan(plan).steps[0].state, StepState::Pending);
    assert_eq!(given.refused(fail_step(plan, third)), "SUPERSEDED");
}

#[test]
fn r33_only_a_rollback_that_moves_the_plan_back_counts() {
    let (mut given, plan, checkpoints) = three_of_four_done();
    let count = |given: &Given| given.plan(plan).guards.reversion_count;
    given.attempt(plan);
    given.rolled_back(rollback_plan(plan, checkpoints[2]));
    assert_eq!(count(&given), 0, "the same steps are completed");
    let back = given.rolled_back(rollback_plan(plan, checkpoints[0]));
    assert_eq!(count(&given), 1);
    given.rolled_back(rollback_plan(plan, checkpoints[1]));
    assert_eq!(count(&given), 1, "that was forward");
    given.rolled_back(rollback_plan(plan, back.safety_checkpoint));
    assert_eq!(count(&given), 1, "so was that");
}

#[test]
fn r33_an_earlier_state_counts_though_no_step_was_done() {
    let mut given = Given::project();
    let plan = given.created(create_plan(2));
    let pending = given.checkpoint("pending", plan);
    given.done(start_plan(plan));
    given.rolled_back(rollback_plan(plan, pending));
    assert_eq!(given.plan_state(plan), PlanState::Pending);
    assert_eq!(given.plan(plan).guards.reversion_count, 1);
    given.done(start_plan(plan));
    given.rolled_back(rollback_project(pending));
    assert_eq!(given.plan(plan).guards.reversion_count, 2);
}

#[test]
fn r33_a_failed_or_cancelled_plan_counts_as_the_state_it_left() {
    for ends in [fail_plan as fn(PlanId) -> Command, cancel_plan] {
        let (mut given, plan, checkpoints) = three_of_four_done();
        given.done(ends(plan));
        given.rolled_back(rollback_plan(plan, checkpoints[2]));
        assert_eq!(given.plan(plan).guards.reversion_count, 0);
        assert_eq!(given.plan_state(plan), PlanState::Implementing);
        assert_eq!(given.plan(plan).progress.failure, None);
        assert_eq!(given.plan(plan).progress.cancelled_from, None);
        assert_eq!(given.step_started(plan).step, 3);
        given.done(ends(plan));
        given.rolled_back(rollback_plan(plan, checkpoints[0]));
        assert_eq!(given.plan(plan).guards.reversion_count, 1);
    }
    // Failed, then cancelled: still the state that it failed in.
    let (mut given, plan, checkpoints) = three_of_four_done();
    given.done(fail_plan(plan));
    given.done(cancel_plan(plan));
    given.rolled_back(rollback_plan(plan, checkpoints[2]));
    assert_eq!(given.plan(plan).guards.reversion_count, 0);
}

#[test]
fn r61_a_plan_can_go_back_to_where_it_had_failed() {
    let (mut given, plan, _) = three_of_four_done();
    given.done(fail_plan(plan));
    let failed = given.checkpoint("failed", plan);
    let progress = given.plan(plan).progress.clone();
    given.done(retry_plan(plan));
    given.step_done(plan);
    assert_eq!(given.plan_state(plan), PlanState::Completed);
    given.rolled_back(rollback_plan(plan, failed));
    assert_eq!(given.plan(plan).progress, progress);
    assert_eq!(given.plan(plan).guards.reversion_count, 1);
    given.done(retry_plan(plan));
    assert_eq!(given.plan(plan).guards.retry_count, 2);
}

#[test]
fn r33_at_the_limit_a_rollback_back_is_refused_and_one_forward_is_not() {
    let mut given = Given::project();
    let mut plan = new_plan(3);
    plan.settings = PlanSettings {
        max_reversions: 1,
        ..PlanSettings::default()
    };
    let plan = given.created(Command::CreatePlan { plan });
    given.done(start_plan(plan));
    let first = given.step_done(plan).checkpoint.unwrap();
    let second = given.step_done(plan).checkpoint.unwrap();
    given.rolled_back(rollback_plan(plan, first));
    given.rolled_back(rollback_plan(plan, second));
    let expected = Rejection::ReversionLimit {
        plans: vec![(plan, 1)],
    };
    assert_eq!(given.when(rollback_plan(plan, first)).refusal(), expected);
    assert_eq!(given.when(rollback_plan(plan, None)).refusal(), expected);
    // The count outlives every way round: it is not part of what a rollback restores.
    given.rolled_back(rollback_plan(plan, second));
    assert_eq!(given.plan(plan).guards.reversion_count, 1);
}

#[test]
fn r62_a_rollback_can_itself_be_rolled_back() {
    let (mut given, plan, checkpoints) = three_of_four_done();
    let before = given.state().clone();
    let report = given.rolled_back(rollback_plan(plan, checkpoints[0]));
    let safety = &given.state().checkpoints[&report.safety_checkpoint];
    assert_eq!(
        (safety.revision, safety.plan),
        (before.revision, Some(plan))
    );
    assert!(safety.safety);
    assert_eq!(safety.name.as_str(), "before the rollback to after step 0");
    let undone = given.rolled_back(rollback_plan(plan, report.safety_checkpoint));
    assert_eq!((undone.items_restored, undone.items_removed), (2, 0));
    assert_eq!((undone.plans_reverted, undone.steps_reverted), (1, 2));
    let (is, was) = (given.plan(plan), &before.plans[&plan]);
    assert_eq!((&is.progress, &is.steps), (&was.progress, &was.steps));
    assert_eq!(given.state().items, before.items);
    assert_eq!(given.state().figures, before.figures);
    assert_eq!(is.guards.reversion_count, 1);
    assert_eq!(is.last_checkpoint_id, Some(report.safety_checkpoint));
    // And that one too.
    given.rolled_back(rollback_plan(plan, undone.safety_checkpoint));
    assert_eq!(given.plan(plan).progress.last_completed_step, 0);
    assert_eq!(given.plan(plan).guards.reversion_count, 2);
}

#[test]
fn r62_a_safety_checkpoints_name_is_cut_to_its_limit() {
    let mut given = Given::project();
    let plan = given.started_plan(1);
    let target = given.checkpoint(&"🦀".repeat(100), plan);
    let safety = given
        .rolled_back(rollback_plan(plan, target))
        .safety_checkpoint;
    let name = given.state().checkpoints[&safety].name.as_str();
    assert_eq!(name.chars().count(), 100);
    assert!(name.starts_with("before the rollback to 🦀"));
}

#[test]
fn r61_steps_that_were_replaced_come_back_with_their_ids() {
    let mut given = Given::project();
    let plan = given.started_plan(2);
    given.step_done(plan);
    let old = given.checkpoint("with two steps", plan);
    let was = given.plan(plan).clone();
    given.done(revert_to_planning(plan));
    given.done(submit_plan(plan, 5));
    given.steps_done(plan, 4);
    given.rolled_back(rollback_plan(plan, old));
    let is = given.plan(plan);
    assert_eq!((&is.steps, &is.progress), (&was.steps, &was.progress));
    // And the five again.
    let safety = given.state().checkpoints_in_order().last().unwrap().id;
    given.rolled_back(rollback_plan(plan, safety));
    assert_eq!(given.plan(plan).steps.len(), 5);
    assert_eq!(given.plan(plan).progress.last_completed_step, 3);
}

#[test]
fn r61_the_report_names_steps_that_leave() {
    let mut given = Given::project();
    let plan = given.started_plan(0);
    let without_steps = given.checkpoint("no steps yet", plan);
    given.done(submit_plan(plan, 2));
    let report = given.rolled_back(rollback_plan(plan, without_steps));
    assert!(given.plan(plan).steps.is_empty());
    assert_eq!(report.steps_reverted, 2);
    for step in 0..2 {
        let path = format!("plans/{plan}/steps/{step}");
        assert!(report.paths.contains(&path), "{path} in {:?}", report.paths);
    }
}

#[test]
fn r61_archived_items_of_the_plan_come_back_and_restored_ones_go() {
    let mut given = Given::project();
    let plan = given.started_plan(1);
    let old = days_before(50, noon());
    let items = given.added(vec![
        item("ana", "diary", 10).from(old).of_plan(plan),
        item("ana", "diary", 20).from(old),
    ]);
    let active = given.checkpoint("active", plan);
    given.paused();
    given.done(resume());
    let archived = given.checkpoint("archived", plan);
    let is_archived = |given: &Given| {
        items
            .iter()
            .map(|id| given.state().items[id].archived)
            .collect::<Vec<_>>()
    };
    assert_eq!(is_archived(&given), [true, true]);
    let report = given.rolled_back(rollback_plan(plan, active));
    assert_eq!(
        (
            report.items_restored,
            report.items_removed,
            report.plans_reverted
        ),
        (1, 0, 0)
    );
    assert_eq!(is_archived(&given), [false, true]);
    let report = given.rolled_back(rollback_plan(plan, archived));
    assert_eq!(report.paths, [format!("items/{}", items[0])]);
    assert_eq!(is_archived(&given), [true, true]);
}

#[test]
fn r63_each_guard_has_its_code() {
    let mut given = Given::project();
    let before = given.checkpoint("before there was a plan", None);
    let before_revision = given.revision();
    let (plan, other) = (given.started_plan(2), given.started_plan(1));
    let own = given.checkpoint("own", plan);
    let foreign = given.checkpoint("foreign", other);
    let unknown = CheckpointId::from_parts(1, 1);
    given.steps_done(plan, 2);
    for (target, expected, code) in [
        (
            foreign,
            Rejection::CheckpointForeign { plan, owner: other },
            "CHECKPOINT_FOREIGN",
        ),
        (
            before,
            Rejection::PlanYoungerThanCheckpoint {
                plan,
                checkpoint: before,
                revision: before_revision,
            },
            "CHECKPOINT_NOT_FOUND",
        ),
        (
            unknown,
            Rejection::CheckpointNotFound {
                checkpoint: unknown,
            },
            "CHECKPOINT_NOT_FOUND",
        ),
    ] {
        let refusal = given.when(rollback_plan(plan, target)).refusal();
        assert_eq!((refusal.code().as_str(), refusal), (code, expected));
    }
    given.done(mark_applied(plan));
    for target in [Some(own), Some(foreign), None] {
        let refusal = given.when(rollback_plan(plan, target)).refusal();
        assert_eq!(refusal, Rejection::PlanApplied { plans: vec![plan] });
    }
}

#[test]
fn r63_a_plan_can_go_to_a_checkpoint_of_the_project() {
    let mut given = Given::project();
    let (plan, other) = (given.started_plan(2), given.started_plan(2));
    let target = given.checkpoint("of the project", None);
    given.step_done(plan);
    given.step_done(other);
    given.rolled_back(rollback_plan(plan, target));
    assert_eq!(given.plan(plan).progress.last_completed_step, -1);
    assert_eq!(given.plan(plan).last_checkpoint_id, Some(target));
    assert_eq!(given.plan(other).progress.last_completed_step, 0);
    let pause = given.paused().checkpoint_id;
    given.rolled_back(rollback_plan(plan, pause));
    assert_eq!(given.plan(plan).last_checkpoint_id, Some(pause));
}

#[test]
fn r61_a_completed_plan_goes_back_and_is_completed_anew() {
    let (mut given, plan, checkpoints) = three_of_four_done();
    given.step_done(plan);
    let first = given.plan(plan).progress.completed_at;
    assert_eq!(given.state().figures.plans_completed, 1);
    given.rolled_back(rollback_plan(plan, checkpoints[2]));
    assert_eq!(given.plan(plan).progress.completed_at, None);
    assert_eq!(
        (
            given.state().figures.plans_completed,
            given.state().unfinished_plans
        ),
        (0, 1)
    );
    given.step_done(plan);
    assert!(given.plan(plan).progress.completed_at > first);
    assert_eq!(given.revision(), Revision::new(given.journal.len() as u64));
}
