//! Letting go of checkpoints that are too many.
//!
//! They are counted from the newest, those of each plan and those of the project by themselves. Of
//! the ones beyond the limit those stay that are protected: see [`Surplus`].

use super::Flow;
use crate::machine::draft::Draft;
use crate::machine::{Event, Outcome, PrunedCheckpoint, Rejection, RetentionApplied};
use crate::model::{Checkpoint, CheckpointId, Plan, PlanId, Project, Records, RetentionPolicy};
use std::sync::Arc;

/// Takes what is too many of the checkpoints among which this entry brought one. To be called when
/// all else has happened: what the entry leads to is what protects.
pub(super) fn by_itself(draft: &mut Draft<'_>) {
    let mut groups: Vec<Option<PlanId>> = Vec::new();
    let mut named: Vec<CheckpointId> = Vec::new();
    for event in &draft.events {
        match event {
            Event::CheckpointCreated(taken) => {
                named.push(taken.checkpoint.id);
                if !groups.contains(&taken.checkpoint.plan) {
                    groups.push(taken.checkpoint.plan);
                }
            }
            Event::RolledBack(event) => named.push(event.checkpoint),
            _ => {}
        }
    }
    let policy = draft.next.settings.retention;
    let mut checkpoints = Vec::new();
    for group in groups {
        let surplus = Surplus::of(&draft.next, group, policy, &named);
        checkpoints.extend(surplus.gone.iter().map(|checkpoint| checkpoint.id));
    }
    if !checkpoints.is_empty() {
        draft.push(Event::CheckpointsPruned { checkpoints });
    }
}

/// How many are kept from now on. What is too many by then stays until the next one is taken.
pub(super) fn set(draft: &mut Draft<'_>, policy: RetentionPolicy) -> Result<Flow, Rejection> {
    let policy = policy.check()?;
    if policy == draft.before.settings.retention {
        let outcome = Outcome::RetentionSet { policy };
        return Ok(Flow::Nothing(Box::new(outcome)));
    }
    draft.push(Event::RetentionSet { policy });
    Ok(Flow::Commit)
}

/// Takes what is too many of all checkpoints, by this policy or the project's own.
pub(super) fn apply(
    draft: &mut Draft<'_>,
    policy: Option<RetentionPolicy>,
) -> Result<Flow, Rejection> {
    let project = draft.before;
    let policy = match policy {
        Some(policy) => policy.check()?,
        None => project.settings.retention,
    };
    let (mut pruned, mut protected) = (Vec::new(), 0);
    for (group, _) in project.checkpoints.groups() {
        let surplus = Surplus::of(project, group, policy, &[]);
        let gone = surplus.gone.iter();
        pruned.extend(gone.map(|checkpoint| PrunedCheckpoint::from(&**checkpoint)));
        protected += surplus.protected as u64;
    }
    let is_nothing = pruned.is_empty();
    let applied = RetentionApplied {
        policy,
        kept: (project.checkpoints.len() - pruned.len()) as u64,
        pruned,
        protected,
    };
    if is_nothing {
        let outcome = Outcome::RetentionApplied(applied);
        return Ok(Flow::Nothing(Box::new(outcome)));
    }
    draft.push(Event::RetentionApplied(applied));
    Ok(Flow::Commit)
}

/// The checkpoints of a plan, or of the project, that are beyond the limit.
///
/// Protected are the pinned ones, the one that a paused project was paused at, those that a plan is
/// at, even one that has left and may come back, for each submission that waits the newest that its
/// plan could go back to when it was made, and what the entry itself names.
struct Surplus {
    /// Those that nothing protects, in the order in which they were taken.
    gone: Vec<Arc<Checkpoint>>,
    /// How many are protected.
    protected: usize,
}

impl Surplus {
    /// Costs what is beyond the limit; for the project's own checkpoints, if there is something to
    /// take, a look at each plan too, since any of them may be at one.
    fn of(
        project: &Project,
        group: Option<PlanId>,
        policy: RetentionPolicy,
        named: &[CheckpointId],
    ) -> Self {
        let limit = match group {
            Some(_) => policy.per_plan,
            None => policy.of_project,
        };
        let all = project.checkpoints.count_of(group);
        let beyond = all.saturating_sub(limit as usize);
        let oldest = || project.checkpoints.of(group).take(beyond);
        let paused_at = project.pause.as_ref().map(|pause| pause.checkpoint_id);
        let mut free: Records<Checkpoint> = oldest()
            .filter(|checkpoint| {
                let id = checkpoint.id;
                !checkpoint.pinned && paused_at != Some(id) && !named.contains(&id)
            })
            .map(|checkpoint| (checkpoint.id, Arc::clone(checkpoint)))
            .collect();
        if !free.is_empty() {
            leave_held(&mut free, project, group, beyond);
        }
        let gone = oldest().filter(|checkpoint| free.contains_key(&checkpoint.id));
        Self {
            gone: gone.cloned().collect(),
            protected: beyond - free.len(),
        }
    }
}

/// Leaves out what plans hold.
fn leave_held(
    free: &mut Records<Checkpoint>,
    project: &Project,
    group: Option<PlanId>,
    beyond: usize,
) {
    let mut leave = |id: Option<CheckpointId>| {
        if let Some(id) = id {
            free.remove(&id);
        }
    };
    if let Some(id) = group {
        if let Some(plan) = project.plans.get(&id) {
            leave(plan.last_checkpoint_id);
            leave(before_submission(project, plan));
        }
        let left = project.departed.get(&id);
        leave(left.and_then(|left| left.last_checkpoint_id));
        return;
    }
    // A submission that came after the oldest of those within the limit holds none beyond it.
    let within = project.checkpoints.of(None).nth(beyond);
    for plan in project.plans.values() {
        leave(plan.last_checkpoint_id);
        if within.is_none_or(|oldest| plan.changed < oldest.revision) {
            leave(before_submission(project, plan));
        }
    }
    for left in project.departed.values() {
        leave(left.last_checkpoint_id);
    }
}

/// The newest checkpoint that a plan could go back to when its submission that waits was made.
fn before_submission(project: &Project, plan: &Plan) -> Option<CheckpointId> {
    plan.progress.submission?;
    let mut open = project.checkpoints.open_to(plan.id);
    open.find(|checkpoint| checkpoint.revision <= plan.changed)
        .map(|checkpoint| checkpoint.id)
}
