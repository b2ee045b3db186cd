//! R64: how many checkpoints stay, which of them whatever the limit, and what becomes of the others.

use super::commands::*;
use super::given::{Given, command};
#[cfg(not(target_family = "wasm"))]
use super::kept;
use holdpoint::machine::{Event, InitialStatus, Outcome, RetentionApplied};
use holdpoint::model::{
    CheckpointId, Gates, PlanId, PlanState, ProjectSettings, RetentionPolicy, Trigger,
};
use serde_json::json;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A project that keeps so many of each plan, and so many of its own.
fn keeping(per_plan: u32, of_project: u32) -> Given {
    Given::project_with(ProjectSettings {
        retention: policy(per_plan, of_project),
        ..ProjectSettings::default()
    })
}

fn names(given: &Given, plan: impl Into<Option<PlanId>>) -> Vec<String> {
    let own = given.state().checkpoints.of(plan.into());
    own.map(|checkpoint| checkpoint.name.to_string()).collect()
}

fn is_there(given: &Given, checkpoint: CheckpointId) -> bool {
    given.state().checkpoints.contains_key(&checkpoint)
}

/// Takes so many checkpoints, called by their numbers.
fn take(given: &mut Given, plan: impl Into<Option<PlanId>> + Copy, count: usize) {
    for number in 1..=count {
        given.checkpoint(&number.to_string(), plan);
    }
}

fn applied(outcome: Outcome) -> RetentionApplied {
    match outcome {
        Outcome::RetentionApplied(applied) => applied,
        other => panic!("{other:?} is no retention"),
    }
}

#[test]
fn r64_by_default_the_last_50_of_each_plan_and_of_the_project_stay() {
    let mut given = Given::project();
    let (busy, quiet) = (given.started_plan(1), given.started_plan(1));
    take(&mut given, busy, 55);
    take(&mut given, quiet, 2);
    take(&mut given, None, 52);
    let last = |from: usize, to: usize| (from..=to).map(|n| n.to_string()).collect::<Vec<_>>();
    assert_eq!(names(&given, busy), last(6, 55));
    assert_eq!(names(&given, quiet), ["start of the work", "1", "2"]);
    assert_eq!(names(&given, None), last(3, 52));
}

#[test]
fn r64_what_goes_goes_in_the_entry_that_made_it_too_many() {
    let mut given = keeping(2, 2);
    let plan = given.started_plan(5);
    given.steps_done(plan, 1);
    let oldest = given.state().checkpoints_in_order()[0].id;
    let attempt = given.attempt(plan);
    let answer = given.when(complete_step(plan, attempt)).answer();
    let last = answer.events.last().unwrap();
    let checkpoints = vec![oldest];
    assert_eq!(*last, Event::CheckpointsPruned { checkpoints });
    assert!(matches!(answer.outcome, Outcome::StepCompleted(_)));
    assert_eq!(names(&given, plan), ["after step 0", "after step 1"]);
}

#[test]
fn r64_a_checkpoint_that_went_is_not_found_and_its_number_is_not_given_again() {
    let mut given = keeping(1, 1);
    let plan = given.started_plan(2);
    let gone = given.checkpoint("gone", plan);
    given.step_done(plan);
    for command in [
        rollback_plan(plan, gone),
        rollback_project(gone),
        pin_checkpoint(gone, true),
    ] {
        assert_eq!(given.refused(command), "CHECKPOINT_NOT_FOUND");
    }
    given.paused();
    assert_eq!(given.refused(resume_from(gone)), "CHECKPOINT_NOT_FOUND");
    let newest = given.checkpoint("newest", plan);
    assert_eq!(given.state().checkpoints[&newest].number, 5);
    assert_eq!(given.state().numbers.checkpoints, 5);
    assert_eq!(given.state().checkpoints.len(), 2);
}

#[test]
fn r64_what_is_pinned_stays_beyond_the_limit_until_it_no_longer_is() {
    let mut given = keeping(2, 2);
    let one = given.checkpoint("one", None);
    let pinned = |pinned| Outcome::CheckpointPinned {
        checkpoint: one,
        pinned,
    };
    assert_eq!(
        given.when(pin_checkpoint(one, false)).nothing(),
        pinned(false)
    );
    assert_eq!(given.done(pin_checkpoint(one, true)), pinned(true));
    assert_eq!(
        given.when(pin_checkpoint(one, true)).nothing(),
        pinned(true)
    );
    take(&mut given, None, 4);
    assert_eq!(names(&given, None), ["one", "3", "4"]);
    assert_eq!(given.done(pin_checkpoint(one, false)), pinned(false));
    assert_eq!(names(&given, None), ["one", "3", "4"], "not by that itself");
    given.checkpoint("5", None);
    assert_eq!(names(&given, None), ["4", "5"]);
}

#[test]
fn r64_a_checkpoint_that_is_pinned_when_it_is_taken_stays() {
    let mut given = keeping(1, 1);
    let pin = json!({"type": "create_checkpoint", "checkpoint": {"name": "kept", "pinned": true}});
    given.done(command(pin).unwrap());
    take(&mut given, None, 3);
    assert_eq!(names(&given, None), ["kept", "3"]);
}

#[test]
fn r64_the_checkpoint_of_a_pause_stays_while_it_lasts() {
    let mut given = keeping(1, 1);
    given.added(vec![item("ana", "code", 10)]);
    let report = given.paused();
    take(&mut given, None, 3);
    assert_eq!(names(&given, None), ["before the pause", "3"]);
    // So it can be gone back to.
    let mut back = given.clone();
    back.done(resume_from(report.checkpoint_id));
    given.done(resume());
    assert!(is_there(&given, report.checkpoint_id));
    given.checkpoint("after it", None);
    assert_eq!(names(&given, None), ["after it"]);
}

#[test]
fn r64_the_checkpoint_that_a_plan_is_at_stays() {
    let mut given = keeping(2, 2);
    let plan = given.started_plan(3);
    given.step_done(plan);
    let at = given.plan(plan).last_checkpoint_id.unwrap();
    given.step_done(plan);
    // Each leaves a checkpoint for safety, which no plan is at.
    for _ in 0..4 {
        given.rolled_back(rollback_plan(plan, at));
    }
    let safety = "before the rollback to after step 0";
    assert_eq!(names(&given, plan), ["after step 0", safety, safety]);
    given.rolled_back(rollback_plan(plan, at));
    assert_eq!(given.plan(plan).last_checkpoint_id, Some(at));
    given.step_done(plan);
    assert!(!is_there(&given, at), "it is at another one now");
}

#[test]
fn r64_a_checkpoint_of_the_project_that_a_plan_is_at_stays() {
    let mut given = keeping(5, 1);
    let (plan, other) = (given.started_plan(3), given.started_plan(3));
    let at = given.checkpoint("at", None);
    given.step_done(plan);
    given.rolled_back(rollback_plan(plan, at));
    take(&mut given, None, 2);
    assert_eq!(names(&given, None), ["at", "2"]);
    given.step_done(other);
    given.checkpoint("other's step changes nothing", None);
    assert!(is_there(&given, at));
    given.step_done(plan);
    given.checkpoint("last", None);
    assert_eq!(names(&given, None), ["last"]);
}

#[test]
fn r64_the_checkpoint_that_a_plan_has_left_at_stays_for_when_it_comes_back() {
    let mut given = keeping(2, 2);
    let early = given.checkpoint("early", None);
    given.done(pin_checkpoint(early, true));
    let plan = given.started_plan(2);
    let own = given.checkpoint("own", plan);
    let at = given.checkpoint("at", None);
    given.rolled_back(rollback_plan(plan, at));
    let report = given.rolled_back(rollback_project(early));
    assert!(given.state().departed.contains_key(&plan));
    given.done(pin_checkpoint(report.safety_checkpoint, true));
    take(&mut given, None, 4);
    let safety = "before the rollback to early";
    assert_eq!(names(&given, None), ["early", "at", safety, "3", "4"]);
    given.rolled_back(rollback_project(report.safety_checkpoint));
    assert_eq!(given.plan(plan).last_checkpoint_id, Some(at));
    assert!(is_there(&given, own));
    // Its own one too, when it leaves at that.
    given.rolled_back(rollback_plan(plan, own));
    given.rolled_back(rollback_project(early));
    let applied = applied(given.done(apply_retention(policy(1, 1))));
    assert!(is_there(&given, own), "{applied:?}");
}

/// Implemented, and waiting for that to be approved.
fn implemented(given: &mut Given) -> PlanId {
    let gates = Gates {
        implementation: true,
        review: true,
        ..Gates::default()
    };
    let plan = given.started_gated_plan(1, gates);
    given.step_done(plan);
    plan
}

#[test]
fn r64_the_newest_checkpoint_before_a_submission_stays_while_it_waits() {
    let mut given = keeping(1, 1);
    let plan = implemented(&mut given);
    take(&mut given, plan, 3);
    assert_eq!(names(&given, plan), ["after implementation", "3"]);
    // The next submission is younger than the newest checkpoint.
    given.done(approve(plan, 1));
    assert_eq!(given.plan_state(plan), PlanState::Reviewing);
    take(&mut given, plan, 2);
    assert_eq!(names(&given, plan), ["3", "2"]);
    given.done(review(plan, 2, true));
    assert_eq!(names(&given, plan), ["after review"]);
}

#[test]
fn r64_a_checkpoint_of_the_project_may_be_the_newest_before_a_submission() {
    let mut given = keeping(1, 1);
    let plan = implemented(&mut given);
    given.checkpoint("seen", None);
    given.done(approve(plan, 1));
    given.checkpoint("later", plan);
    take(&mut given, None, 3);
    assert_eq!(names(&given, None), ["seen", "3"]);
    assert_eq!(names(&given, plan), ["later"]);
    given.done(review(plan, 2, false));
    given.checkpoint("decided", None);
    assert_eq!(names(&given, None), ["decided"]);
}

#[test]
fn r64_a_rollback_that_leaves_a_waiting_plan_as_it_is_leaves_what_its_submission_holds() {
    let mut given = keeping(1, 5);
    let plan = implemented(&mut given);
    let made = given.plan(plan).changed;
    let seen = given.checkpoint("seen", None);
    let report = given.rolled_back(rollback_plan(plan, seen));
    assert_eq!(report.plans_reverted, 0);
    assert_eq!(given.plan(plan).changed, made);
    assert_eq!(given.submission(plan), 1);
    take(&mut given, plan, 2);
    assert_eq!(names(&given, plan), ["after implementation", "2"]);
}

#[test]
fn r64_where_a_rollback_goes_to_stays_for_as_long_as_its_entry() {
    let mut given = keeping(5, 2);
    let plan = given.started_plan(2);
    let target = given.checkpoint("target", None);
    given.checkpoint("other", None);
    given.step_done(plan);
    let report = given.rolled_back(rollback_project(target));
    let safety = given.state().checkpoints[&report.safety_checkpoint].clone();
    assert_eq!(safety.trigger, Trigger::Auto);
    let safety = safety.name.to_string();
    assert_eq!(names(&given, None), ["target", "other", &safety]);
    given.checkpoint("next", None);
    assert_eq!(names(&given, None), [safety.as_str(), "next"]);
}

#[test]
fn r64_on_demand_every_plan_and_the_project_keep_what_another_policy_says() {
    let mut given = Given::project();
    let (one, two) = (given.started_plan(1), given.started_plan(1));
    take(&mut given, one, 3);
    take(&mut given, two, 2);
    take(&mut given, None, 3);
    let before = given.clone();
    let dry_run = given.preview(apply_retention(policy(1, 2))).unwrap();
    assert_eq!(given.state(), before.state());
    let answer = given.when(apply_retention(policy(1, 2))).answer();
    assert_eq!(answer.outcome, dry_run);
    assert_eq!(answer.events.len(), 1);
    assert_eq!(names(&given, one), ["3"]);
    assert_eq!(names(&given, two), ["2"]);
    assert_eq!(names(&given, None), ["2", "3"]);
    let applied = applied(answer.outcome);
    assert_eq!(applied.policy, policy(1, 2));
    assert_eq!((applied.kept, applied.protected), (4, 0));
    let gone: Vec<_> = applied.pruned.iter().map(|one| one.checkpoint).collect();
    let of_before: Vec<_> = before.state().checkpoints.keys().copied().collect();
    let mut expected = of_before.clone();
    expected.retain(|id| !is_there(&given, *id));
    let mut sorted = gone.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, expected);
    for pruned in &applied.pruned {
        let was = &before.state().checkpoints[&pruned.checkpoint];
        assert_eq!(
            (pruned.plan, pruned.revision, pruned.created_at),
            (was.plan, was.revision, was.created_at)
        );
        assert_eq!(pruned.name, was.name);
    }
    // The project goes on with its own.
    assert_eq!(given.state().settings.retention, RetentionPolicy::default());
}

#[test]
fn r64_where_nothing_is_too_many_there_is_no_entry_and_a_report_all_the_same() {
    let mut given = keeping(1, 1);
    let pinned = given.checkpoint("pinned", None);
    given.done(pin_checkpoint(pinned, true));
    given.checkpoint("newest", None);
    for command in [apply_retention(None), apply_retention(policy(7, 1))] {
        let applied = applied(given.when(command).nothing());
        assert_eq!((applied.kept, applied.protected), (2, 1));
        assert!(applied.pruned.is_empty());
    }
}

#[test]
fn r64_the_projects_own_policy_is_what_was_chosen_or_set_since() {
    let mut given = keeping(3, 4);
    assert_eq!(given.state().settings.retention, policy(3, 4));
    take(&mut given, None, 4);
    let set = |policy| Outcome::RetentionSet { policy };
    assert_eq!(
        given.when(set_retention(policy(3, 4))).nothing(),
        set(policy(3, 4))
    );
    assert_eq!(given.done(set_retention(policy(3, 2))), set(policy(3, 2)));
    assert_eq!(given.state().settings.retention, policy(3, 2));
    assert_eq!(given.state().checkpoints.len(), 4, "not by that itself");
    let applied = applied(given.done(apply_retention(None)));
    assert_eq!(applied.policy, policy(3, 2));
    assert_eq!(names(&given, None), ["3", "4"]);
}

#[test]
fn r64_limits_that_nobody_can_mean_are_refused_and_nothing_changes() {
    for (wrong, field) in [
        (policy(0, 1), "per_plan"),
        (policy(1, 0), "of_project"),
        (policy(1_000_001, 1), "per_plan"),
        (policy(1, u32::MAX), "of_project"),
    ] {
        let settings = ProjectSettings {
            retention: wrong,
            ..ProjectSettings::default()
        };
        let create = create_project_with(InitialStatus::Active, settings);
        let refusal = Given::nothing().when(create).refusal();
        assert_eq!(refusal.code().as_str(), "INVALID_INPUT");
        assert!(refusal.to_string().contains(field), "{refusal}");
        let mut given = Given::project();
        for command in [set_retention(wrong), apply_retention(wrong)] {
            let refusal = given.when(command).refusal().to_string();
            let expected = "expected 1 to 1000000, found ";
            assert!(
                refusal.starts_with(field) && refusal.contains(expected),
                "{refusal}"
            );
        }
    }
    let mut given = Given::project();
    given.done(set_retention(policy(1_000_000, 1)));
}

#[test]
fn r32_r64_a_project_from_before_there_was_a_choice_keeps_as_many_as_by_default() {
    let old = json!({"token_limit": 5, "flash_save": "never"});
    let settings: ProjectSettings = serde_json::from_value(old.clone()).unwrap();
    assert_eq!(settings.retention, policy(50, 50));
    assert_eq!(settings.retention, RetentionPolicy::default());
    // And is written as it was.
    assert_eq!(serde_json::to_value(&settings).unwrap(), old);
    let chosen = ProjectSettings {
        retention: policy(1, 50),
        ..settings
    };
    let written = serde_json::to_value(&chosen).unwrap();
    assert_eq!(
        written["retention"],
        json!({"per_plan": 1, "of_project": 50})
    );
}

#[cfg(not(target_family = "wasm"))]
#[test]
fn r64_every_checkpoint_that_is_kept_can_be_gone_back_to() {
    let mut given = keeping(3, 2);
    let (one, two) = (given.started_plan(4), given.started_plan(4));
    for round in 0..4 {
        given.step_done(one);
        given.added(vec![item("ana", "code", round)]);
        given.checkpoint("both", None);
        given.step_done(two);
    }
    assert_eq!(given.state().checkpoints.len(), 8);
    assert_eq!(kept::check_restores(&given), 8);
}
