//! Putting a plan or the whole project back to where it was at a checkpoint.
//!
//! A rollback is a new entry that holds what differs. It never touches the project's status and
//! pause record, checkpoints, guarding counters, `applied_at` and settings; running steps become
//! pending.

use super::{Flow, checkpoint, find_checkpoint, find_plan, index};
use crate::machine::draft::Draft;
use crate::machine::{Env, Event, PlanReturn, Rejection, RolledBack, StepReplaced, diff};
use crate::model::{
    Checkpoint, CheckpointId, InvalidInput, Item, ItemId, Name, Plan, PlanId, PlanProgress,
    PlanState, Project, Reason, Revision, Step, StepState, Trigger,
};
use imbl::ordmap::DiffItem;
use std::sync::Arc;

pub(super) fn plan(
    draft: &mut Draft<'_>,
    id: PlanId,
    to: Target,
    reason: Option<&Reason>,
    env: &Env<'_>,
) -> Result<Flow, Rejection> {
    let project = draft.before;
    let plan = find_plan(project, id)?;
    if plan.applied_at.is_some() {
        return Err(Rejection::PlanApplied { plans: vec![id] });
    }
    let search = match to {
        Target::Checkpoint(checkpoint) => Search::Found(find_checkpoint(project, checkpoint)?),
        Target::Before(decision) => newest_before(project, id, decision, env)?,
        Target::Newest => newest_that_differs(project, &plan, env)?,
    };
    let target = match search {
        Search::Found(checkpoint) => checkpoint,
        Search::Needs(revision) => return Ok(Flow::Needs(revision)),
    };
    if let Some(owner) = target.plan
        && owner != id
    {
        return Err(Rejection::CheckpointForeign { plan: id, owner });
    }
    let Some(then) = state_at(project, target.revision, env) else {
        return Ok(Flow::Needs(target.revision));
    };
    let Some(was) = then.plans.get(&id) else {
        return Err(Rejection::PlanYoungerThanCheckpoint {
            plan: id,
            checkpoint: target.id,
            revision: target.revision,
        });
    };
    let mut change = difference(&plan, was).unwrap_or_else(|| unchanged(&plan));
    change.last_checkpoint_id = Some(target.id);
    if moves_back(&plan, was) {
        let reached = limits_reached(&[&plan]);
        if !reached.is_empty() {
            return Err(Rejection::ReversionLimit { plans: reached });
        }
    }
    let items = item_changes(project, then, |item| item.plan == Some(id));
    commit(
        draft,
        Some(id),
        &target,
        reason,
        Changes {
            plans: vec![change],
            items,
            ..Changes::default()
        },
    );
    Ok(Flow::Commit)
}

pub(super) fn project(
    draft: &mut Draft<'_>,
    checkpoint: CheckpointId,
    reason: Option<&Reason>,
    env: &Env<'_>,
) -> Result<Flow, Rejection> {
    let project = draft.before;
    let target = find_checkpoint(project, checkpoint)?;
    let Some(then) = state_at(project, target.revision, env) else {
        return Ok(Flow::Needs(target.revision));
    };
    let mut changes = Changes::default();
    let mut touched: Vec<&Plan> = Vec::new();
    let mut back: Vec<&Plan> = Vec::new();
    for plan in project.plans_in_order() {
        let Some(was) = then.plans.get(&plan.id) else {
            changes.plans_removed.push(plan.id);
            touched.push(plan);
            continue;
        };
        // One that hasn't changed is one record of both states, and comes to rest all the same.
        if Arc::ptr_eq(plan, was) && is_at_rest(plan) {
            continue;
        }
        if let Some(change) = difference(plan, was) {
            changes.plans.push(change);
            touched.push(plan);
            if moves_back(plan, was) {
                back.push(plan);
            }
        }
    }
    let applied: Vec<_> = touched
        .iter()
        .filter(|plan| plan.applied_at.is_some())
        .map(|plan| plan.id)
        .collect();
    if !applied.is_empty() {
        return Err(Rejection::PlanApplied { plans: applied });
    }
    let mut reached = limits_reached(&back);
    for was in then.plans_in_order() {
        if !project.plans.contains_key(&was.id) {
            match returned(project, was) {
                Ok(plan) => changes.plans_restored.push(plan),
                Err(limit) => reached.push(limit),
            }
        }
    }
    if !reached.is_empty() {
        return Err(Rejection::ReversionLimit { plans: reached });
    }
    changes.items = item_changes(project, then, |_| true);
    commit(draft, None, &target, reason, changes);
    Ok(Flow::Commit)
}

/// Where a plan is to go.
#[derive(Clone, Copy)]
pub(super) enum Target {
    /// To this checkpoint.
    Checkpoint(CheckpointId),
    /// To the newest checkpoint on the way to this revision.
    Before(Revision),
    /// To its newest own checkpoint that would change it.
    Newest,
}

impl Target {
    /// What a command names: a checkpoint, a revision, or neither.
    pub(super) fn named(
        checkpoint: Option<CheckpointId>,
        before: Option<Revision>,
    ) -> Result<Self, Rejection> {
        match (checkpoint, before) {
            (Some(checkpoint), None) => Ok(Target::Checkpoint(checkpoint)),
            (None, Some(revision)) => Ok(Target::Before(revision)),
            (None, None) => Ok(Target::Newest),
            (Some(_), Some(revision)) => Err(InvalidInput::malformed(
                "before",
                "either a checkpoint or a revision to go back before",
                &format!("both, the revision {revision}"),
            )
            .into()),
        }
    }
}

/// What differs between now and then.
#[derive(Default)]
struct Changes {
    plans: Vec<PlanReturn>,
    plans_restored: Vec<Plan>,
    plans_removed: Vec<PlanId>,
    items: ItemChanges,
}

#[derive(Default)]
struct ItemChanges {
    restored: Vec<Item>,
    removed: Vec<ItemId>,
}

fn commit(
    draft: &mut Draft<'_>,
    plan: Option<PlanId>,
    target: &Checkpoint,
    reason: Option<&Reason>,
    changes: Changes,
) {
    let name = format!("before the rollback to {}", target.name);
    let safety_checkpoint =
        checkpoint::before_this_entry(draft, Trigger::Auto, &name, plan, reason);
    draft.push(Event::RolledBack(RolledBack {
        plan,
        checkpoint: target.id,
        revision: target.revision,
        safety_checkpoint,
        reason: reason.cloned(),
        plans: changes.plans,
        plans_restored: changes.plans_restored,
        plans_removed: changes.plans_removed,
        items_restored: changes.items.restored,
        items_removed: changes.items.removed,
    }));
}

enum Search {
    Found(Arc<Checkpoint>),
    Needs(Revision),
}

/// The newest checkpoint of the plan or of the project that is older than a decision and on the way
/// to it. What a rollback has left behind since isn't: there the plan may be further than it was.
fn newest_before(
    project: &Project,
    plan: PlanId,
    decision: Revision,
    env: &Env<'_>,
) -> Result<Search, Rejection> {
    if decision > project.revision {
        return Err(InvalidInput::malformed(
            "before",
            format!("a revision up to {}", project.revision),
            &decision.to_string(),
        )
        .into());
    }
    let none = Rejection::NoCheckpointBefore {
        plan,
        revision: decision,
    };
    if decision <= Revision::FIRST {
        return Err(none);
    }
    let last = Revision::new(decision.get() - 1);
    let Some(then) = state_at(project, last, env) else {
        return Ok(Search::Needs(last));
    };
    let Some(before) = then.plans.get(&plan) else {
        return Err(none);
    };
    let older = (project.checkpoints.open_to(plan))
        .filter(|checkpoint| checkpoint.revision < decision && !checkpoint.safety);
    for checkpoint in older {
        let Some(then) = state_at(project, checkpoint.revision, env) else {
            return Ok(Search::Needs(checkpoint.revision));
        };
        if (then.plans.get(&plan)).is_some_and(|was| is_on_the_way(was, before)) {
            return Ok(Search::Found(Arc::clone(checkpoint)));
        }
    }
    Err(none)
}

/// Whether the plan had got no further, and what was done then still was done later.
fn is_on_the_way(was: &Plan, later: &Plan) -> bool {
    let done = was.steps.iter().take(was.next_step());
    !Place::of(later).is_before(Place::of(was)) && done.zip(&later.steps).all(|(a, b)| a == b)
}

/// The plan's newest own checkpoint, not after the one that it is at, in which it differs from
/// now. Safety checkpoints are for undoing a rollback and don't count.
fn newest_that_differs(project: &Project, plan: &Plan, env: &Env<'_>) -> Result<Search, Rejection> {
    let nothing = Rejection::NothingToRollBack { plan: plan.id };
    let newest = plan
        .last_checkpoint_id
        .and_then(|id| project.checkpoints.get(&id))
        .map_or(0, |checkpoint| checkpoint.number);
    let own = (project.checkpoints.of(Some(plan.id)).rev())
        .filter(|checkpoint| !checkpoint.safety && checkpoint.number <= newest);
    for checkpoint in own {
        // Since that revision the plan has not moved, so it is the same there.
        if checkpoint.revision >= plan.changed {
            continue;
        }
        let Some(then) = state_at(project, checkpoint.revision, env) else {
            return Ok(Search::Needs(checkpoint.revision));
        };
        if then
            .plans
            .get(&plan.id)
            .is_some_and(|was| difference(plan, was).is_some())
        {
            return Ok(Search::Found(Arc::clone(checkpoint)));
        }
    }
    Err(nothing)
}

fn state_at<'a>(now: &'a Project, revision: Revision, env: &'a Env<'_>) -> Option<&'a Project> {
    if revision == now.revision {
        return Some(now);
    }
    env.past.get(&revision).map(|project| &**project)
}

/// A step as a rollback brings it back: nobody is working on it any more.
pub(super) fn at_rest(step: &Arc<Step>) -> Arc<Step> {
    if step.state == StepState::Running {
        Arc::new(step.as_pending())
    } else {
        Arc::clone(step)
    }
}

fn is_at_rest(plan: &Plan) -> bool {
    let running = |step: &Arc<Step>| step.state == StepState::Running;
    !plan.steps.iter().any(running)
}

/// What going from `now` to `was` changes; none if it changes nothing.
fn difference(now: &Plan, was: &Plan) -> Option<PlanReturn> {
    // The number of a waiting submission isn't progress: a state that waits gets a new one.
    let mut progress = PlanProgress {
        submission: now.progress.submission,
        ..was.progress.clone()
    };
    let changed = changed_fields(now, &progress);
    let steps: Vec<_> = was
        .steps
        .iter()
        .enumerate()
        .filter_map(|(position, step)| {
            let step = at_rest(step);
            (now.steps.get(position) != Some(&step)).then(|| StepReplaced {
                index: index(position),
                step: (*step).clone(),
            })
        })
        .collect();
    if changed.is_empty() && steps.is_empty() && now.steps.len() == was.steps.len() {
        return None;
    }
    let mut last_submission = now.guards.last_submission;
    progress.submission = progress.state.awaits_decision().then(|| {
        last_submission += 1;
        last_submission
    });
    Some(PlanReturn {
        progress,
        step_count: index(was.steps.len()),
        steps_gone: index(now.steps.len().saturating_sub(was.steps.len())),
        steps,
        reversion_count: now.guards.reversion_count + u32::from(moves_back(now, was)),
        last_submission,
        changed,
        ..unchanged(now)
    })
}

fn unchanged(plan: &Plan) -> PlanReturn {
    PlanReturn {
        plan: plan.id,
        progress: plan.progress.clone(),
        step_count: index(plan.steps.len()),
        steps_gone: 0,
        steps: Vec::new(),
        reversion_count: plan.guards.reversion_count,
        last_submission: plan.guards.last_submission,
        last_checkpoint_id: plan.last_checkpoint_id,
        changed: Vec::new(),
    }
}

/// The names of the fields of its progress that differ, as in the paths of a diff.
fn changed_fields(now: &Plan, progress: &PlanProgress) -> Vec<Name> {
    let was = Plan {
        progress: progress.clone(),
        ..now.clone()
    };
    let mut names = Vec::new();
    diff::plan_fields(now, &was, &mut |name, _, _| {
        names.push(Name::new(name).expect("field names are short"));
    });
    names
}

/// How far a plan is or was: its place in the workflow, and its last completed step.
#[derive(Clone, Copy)]
struct Place {
    state: PlanState,
    last_completed_step: i64,
}

impl Place {
    fn of(plan: &Plan) -> Self {
        Self {
            state: plan.effective_state(),
            last_completed_step: plan.progress.last_completed_step,
        }
    }

    /// Whether going there counts as a reversion: an earlier state, or fewer completed steps.
    const fn is_before(self, now: Self) -> bool {
        self.state.order() < now.state.order() || self.last_completed_step < now.last_completed_step
    }
}

fn moves_back(now: &Plan, was: &Plan) -> bool {
    Place::of(was).is_before(Place::of(now))
}

/// The plans that have been moved back as often as they may be, each with its limit.
fn limits_reached(plans: &[&Plan]) -> Vec<(PlanId, u32)> {
    plans
        .iter()
        .filter(|plan| plan.guards.reversion_count >= plan.settings.max_reversions)
        .map(|plan| (plan.id, plan.settings.max_reversions))
        .collect()
}

/// A plan that comes back after a rollback had taken it away: as it was, with the counters that
/// it left with. To come back at an earlier place than it left from is a reversion; at the limit
/// it can't, and the plan and its limit are returned.
fn returned(now: &Project, was: &Plan) -> Result<Plan, (PlanId, u32)> {
    let mut plan = was.clone();
    if let Some(left) = now.departed.get(&was.id) {
        plan.guards = left.guards;
        plan.verdicts = left.verdicts.clone();
        plan.last_checkpoint_id = left.last_checkpoint_id;
        let left = Place {
            state: left.state,
            last_completed_step: left.last_completed_step,
        };
        if Place::of(was).is_before(left) {
            if plan.guards.reversion_count >= plan.settings.max_reversions {
                return Err((plan.id, plan.settings.max_reversions));
            }
            plan.guards.reversion_count += 1;
        }
    }
    plan.steps = was.steps.iter().map(at_rest).collect();
    if plan.progress.state.awaits_decision() {
        plan.guards.last_submission += 1;
        plan.progress.submission = Some(plan.guards.last_submission);
    }
    Ok(plan)
}

fn item_changes(now: &Project, then: &Project, concerns: impl Fn(&Item) -> bool) -> ItemChanges {
    let mut changes = ItemChanges::default();
    for difference in now.items.diff(&then.items) {
        match difference {
            DiffItem::Add(_, was) | DiffItem::Update { new: (_, was), .. } => {
                if concerns(was) {
                    changes.restored.push((**was).clone());
                }
            }
            DiffItem::Remove(id, item) => {
                if concerns(item) {
                    changes.removed.push(*id);
                }
            }
        }
    }
    changes
}
