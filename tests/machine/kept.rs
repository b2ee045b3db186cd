//! R64: which checkpoints a command may take away, worked out from all that there is and was.

use super::commands::{rollback_plan, rollback_project};
use super::given::{Given, Then};
use holdpoint::machine::{Command, Event, Outcome, RollbackReport};
use holdpoint::model::{
    Checkpoint, CheckpointId, Plan, PlanId, Project, RetentionPolicy, Revision,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The revision in which the submission was made that waits.
fn submitted_in(given: &Given, id: PlanId, plan: &Plan) -> Option<Revision> {
    let waiting = plan.progress.submission?;
    let all = (1..=given.revision().get()).map(Revision::new);
    let mut made = all.filter(|revision| {
        let then = given.state_at(*revision).plans.get(&id);
        then.is_some_and(|then| then.progress.submission == Some(waiting))
    });
    made.next()
}

/// What a command must leave alone, whoever's checkpoints there were before it.
fn protected(given: &Given, all: &[&Arc<Checkpoint>]) -> BTreeSet<CheckpointId> {
    let project = given.state();
    let pinned = all.iter().filter(|checkpoint| checkpoint.pinned);
    let mut protected: BTreeSet<CheckpointId> = pinned.map(|checkpoint| checkpoint.id).collect();
    protected.extend(project.pause.as_ref().map(|pause| pause.checkpoint_id));
    let left = project.departed.values();
    protected.extend(left.filter_map(|left| left.last_checkpoint_id));
    for (id, plan) in &project.plans {
        protected.extend(plan.last_checkpoint_id);
        let Some(made) = submitted_in(given, *id, plan) else {
            continue;
        };
        let before = all.iter().filter(|checkpoint| {
            checkpoint.revision <= made && checkpoint.plan.is_none_or(|owner| owner == *id)
        });
        let newest = before.max_by_key(|checkpoint| checkpoint.number);
        protected.extend(newest.map(|checkpoint| checkpoint.id));
    }
    protected
}

/// What a policy keeps of a project's checkpoints without any of them being protected.
fn newest(project: &Project, policy: RetentionPolicy) -> BTreeSet<CheckpointId> {
    let mut kept = BTreeSet::new();
    for checkpoint in project.checkpoints.values() {
        let limit = match checkpoint.plan {
            Some(_) => policy.per_plan,
            None => policy.of_project,
        };
        let beside = project.checkpoints.values();
        let newer = beside
            .filter(|other| other.plan == checkpoint.plan && other.number > checkpoint.number);
        if newer.count() < limit as usize {
            kept.insert(checkpoint.id);
        }
    }
    kept
}

/// Looks at what a command did to the checkpoints that there were.
pub(crate) fn check(before: &Given, command: &Command, then: &Then, after: &Given) {
    let Ok(answer) = &then.0 else {
        return;
    };
    let (was, is) = (before.state(), after.state());
    let mut taken: Vec<Arc<Checkpoint>> = Vec::new();
    let mut named: BTreeSet<CheckpointId> = BTreeSet::new();
    for event in &answer.events {
        match event {
            Event::CheckpointCreated(event) => {
                named.insert(event.checkpoint.id);
                taken.push(Arc::new(event.checkpoint.clone()));
            }
            Event::RolledBack(event) => drop(named.insert(event.checkpoint)),
            _ => {}
        }
    }
    for id in &named {
        assert!(is.checkpoints.contains_key(id), "{id} is named");
    }
    let pinned = match command {
        Command::PinCheckpoint { checkpoint, .. } => Some(*checkpoint),
        _ => None,
    };
    for checkpoint in is.checkpoints.values() {
        match was.checkpoints.get(&checkpoint.id) {
            None => assert!(named.contains(&checkpoint.id), "from nowhere"),
            Some(old) if pinned == Some(checkpoint.id) => {
                let mut old = (**old).clone();
                old.pinned = checkpoint.pinned;
                assert_eq!(**checkpoint, old);
            }
            Some(old) => assert_eq!(checkpoint, old),
        }
    }
    let all: Vec<_> = was.checkpoints.values().chain(&taken).collect();
    let protected = protected(after, &all);
    let policy = match command {
        Command::ApplyRetention { policy } => Some(policy.unwrap_or(was.settings.retention)),
        _ => None,
    };
    let groups: BTreeSet<_> = taken.iter().map(|checkpoint| checkpoint.plan).collect();
    for checkpoint in all {
        let id = checkpoint.id;
        if !is.checkpoints.contains_key(&id) {
            let may_go = policy.is_some() || groups.contains(&checkpoint.plan);
            assert!(may_go, "{} took {checkpoint:?}", command.kind());
            assert!(!protected.contains(&id), "{checkpoint:?} is protected");
        }
    }
    // What is left is what was to be kept, and not one more.
    let limits = policy.unwrap_or(is.settings.retention);
    let newest = newest(is, limits);
    for checkpoint in is.checkpoints.values() {
        let id = checkpoint.id;
        if policy.is_some() || groups.contains(&checkpoint.plan) {
            let stays = newest.contains(&id) || protected.contains(&id) || named.contains(&id);
            assert!(stays, "{} left {checkpoint:?}", command.kind());
        }
    }
    if let Outcome::RetentionApplied(applied) = &answer.outcome {
        let kept = is.checkpoints.len();
        assert_eq!(applied.kept, kept as u64);
        assert_eq!(applied.protected, (kept - newest.len()) as u64);
        assert_eq!(applied.pruned.len(), was.checkpoints.len() - kept);
    }
}

/// Why a rollback to a checkpoint that is there may be refused.
const GUARDS: [&str; 4] = [
    "PLAN_APPLIED",
    "PROJECT_COMPLETED",
    "PROJECT_STOPPED",
    "REVERSION_LIMIT",
];

/// Every checkpoint that is there leads back to the state that it was taken of, unless a guard speaks
/// against it. How many were gone back to.
pub(crate) fn check_restores(given: &Given) -> usize {
    let project = given.state();
    let mut restored = 0;
    for checkpoint in project.checkpoints_in_order() {
        let then = given.state_at(checkpoint.revision);
        assert_eq!(then.figures, checkpoint.figures);
        let mut back = given.clone();
        let report = |outcome| -> RollbackReport {
            match outcome {
                Outcome::RolledBack(report) => report,
                other => panic!("{other:?} is no rollback"),
            }
        };
        let command = match checkpoint.plan {
            Some(plan) if project.plans.contains_key(&plan) => rollback_plan(plan, checkpoint.id),
            _ => rollback_project(checkpoint.id),
        };
        match back.preview(command.clone()) {
            Ok(previewed) => {
                let (previewed, done) = (report(previewed), report(back.done(command)));
                assert_eq!(previewed.revision, checkpoint.revision);
                assert_eq!(previewed.paths, done.paths);
                restored += 1;
            }
            Err(refusal) => {
                // For another reason than that something were missing.
                let is_guard = GUARDS.contains(&refusal.code().as_str());
                assert!(is_guard || is_younger(then, checkpoint), "{refusal}");
                continue;
            }
        }
        let is = back.state();
        match checkpoint.plan {
            Some(plan) if project.plans.contains_key(&plan) => {
                let items = |project: &Project| -> Vec<_> {
                    let items = project.items.values().cloned();
                    items.filter(|item| item.plan == Some(plan)).collect()
                };
                assert_eq!(items(is), items(then));
                let place = |project: &Project| {
                    let plan = &project.plans[&plan];
                    (plan.progress.state, plan.progress.last_completed_step)
                };
                assert_eq!(place(is), place(then));
            }
            _ => {
                assert_eq!(is.items, then.items);
                assert!(is.plans.keys().eq(then.plans.keys()));
            }
        }
    }
    restored
}

/// Whether the plan isn't in that state yet: a safety checkpoint of before it came back, say.
fn is_younger(then: &Project, checkpoint: &Checkpoint) -> bool {
    checkpoint
        .plan
        .is_some_and(|plan| !then.plans.contains_key(&plan))
}
