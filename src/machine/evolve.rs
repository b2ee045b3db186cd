//! Applying events. Nothing here decides or fails: it assigns what the events carry, and keeps
//! the running figures in step with it.

use super::event::{
    Event, ItemsAdded, ItemsArchived, ItemsRestored, PlanCreated, PlanReturn, PlanReverted,
    PlanSubmitted, ProjectCreated, ProjectForked, RolledBack, StepCompleted, StepFailed,
    SubmissionDecided,
};
use crate::model::{
    Actor, Agent, DepartedPlan, Item, ItemId, Plan, PlanFailure, PlanGuards, PlanId, PlanProgress,
    PlanState, Project, ProjectStatus, Redaction, Revision, Step, StepState, SubmittedPlan,
    Timestamp, Verdict,
};
use std::sync::Arc;

/// What an entry says once for all its events.
#[derive(Debug, Clone)]
pub struct EntryContext {
    /// Its revision.
    pub revision: Revision,
    /// Its time.
    pub at: Timestamp,
    /// Who gave the command.
    pub actor: Actor,
}

/// Applies one event of an entry. Events of a sound journal fit the state that they are applied
/// to; what doesn't fit is left out, so that `verify` can say where a journal is damaged.
pub fn evolve(project: &mut Project, event: &Event, entry: &EntryContext) {
    for body in event.bodies() {
        project.sizes.count_body(&body);
    }
    match event {
        Event::ProjectCreated(event) => project_created(project, event, entry),
        Event::ProjectForked(event) => project_forked(project, event, entry),
        Event::ProjectPlanned => project.status = ProjectStatus::Planning,
        Event::ProjectStarted => project.status = ProjectStatus::Active,
        Event::ProjectPaused { record } => {
            project.status = ProjectStatus::Paused;
            project.pause = Some(record.clone());
        }
        Event::ProjectResumed { status } => {
            project.status = *status;
            project.pause = None;
        }
        Event::ProjectStopped { .. } => {
            project.status = ProjectStatus::Stopped;
            project.pause = None;
        }
        Event::ProjectCompleted => project.status = ProjectStatus::Completed,
        Event::ProjectRenamed { name } => project.name = name.clone(),
        Event::PlanCreated(event) => plan_created(project, event, entry),
        Event::PlanStarted { plan, state } => {
            work(project, *plan, entry, |plan| plan.progress.state = *state);
        }
        Event::PlanSubmitted(event) => plan_submitted(project, event, entry),
        Event::SubmissionDecided(event) => submission_decided(project, event, entry),
        Event::ImplementationStarted { plan } => work(project, *plan, entry, |plan| {
            plan.progress.state = PlanState::Implementing;
        }),
        Event::StepStarted {
            plan,
            step,
            attempt,
            ..
        } => {
            work(project, *plan, entry, |plan| {
                plan.guards.last_attempt = *attempt;
                change_step(plan, *step, |step| {
                    step.state = StepState::Running;
                    step.attempt = Some(*attempt);
                    step.started_at = Some(entry.at);
                    step.ended_at = None;
                });
            });
        }
        Event::StepCompleted(event) => step_completed(project, event, entry),
        Event::StepFailed(event) => step_failed(project, event, entry),
        Event::PlanFailed { plan, failure } => work(project, *plan, entry, |plan| {
            plan.progress.state = PlanState::Failed;
            plan.progress.failure = Some(failure.clone());
            plan.progress.submission = None;
        }),
        Event::PlanCancelled { plan, from, reason } => work(project, *plan, entry, |plan| {
            plan.progress.state = PlanState::Cancelled;
            plan.progress.cancelled_from = Some(*from);
            plan.progress.cancel_reason.clone_from(reason);
            plan.progress.submission = None;
        }),
        Event::PlanRetried {
            plan,
            state,
            retry_count,
            step,
            submission,
        } => {
            work(project, *plan, entry, |plan| {
                plan.progress.state = *state;
                plan.progress.failure = None;
                plan.guards.retry_count = *retry_count;
                set_submission(plan, *submission);
                if let Some(step) = step {
                    change_step(plan, *step, |step| *step = step.as_pending());
                }
            });
        }
        Event::PlanReverted(event) => plan_reverted(project, event, entry),
        Event::PlanApplied { plan } => change_plan(project, *plan, entry, |plan| {
            plan.applied_at = Some(entry.at);
        }),
        Event::AgentSet { agent, token_limit } => {
            let mut known = project.agents.get(agent).map_or_else(
                || Agent::new(agent.clone(), *token_limit),
                |known| (**known).clone(),
            );
            known.token_limit = *token_limit;
            project.agents.insert(agent.clone(), Arc::new(known));
        }
        Event::ItemsAdded(ItemsAdded { items }) => {
            for item in items {
                project.numbers.items = project.numbers.items.max(item.number);
                put_item(project, item.clone());
            }
        }
        Event::ItemsArchived(ItemsArchived { items, .. }) => set_archived(project, items, true),
        Event::ItemsRestored(ItemsRestored { items }) => set_archived(project, items, false),
        Event::ItemsTouched { items } => {
            for touched in items {
                change_item(project, &touched.item, |item| {
                    item.access_count = touched.access_count;
                    item.last_accessed = Some(entry.at);
                });
            }
        }
        Event::ItemsPinned { items, pinned } => {
            for id in items {
                change_item(project, id, |item| item.pinned = *pinned);
            }
        }
        Event::BodyRedacted { digest, reason } => {
            let redaction = Redaction {
                at: entry.at,
                by: entry.actor.clone(),
                reason: reason.clone(),
            };
            project.redacted.insert(*digest, redaction);
        }
        Event::CheckpointCreated(taken) => {
            let checkpoint = &taken.checkpoint;
            project.numbers.checkpoints = project.numbers.checkpoints.max(checkpoint.number);
            project.checkpoints.insert(Arc::new(checkpoint.clone()));
            if let (Some(plan), true) = (checkpoint.plan, taken.is_last_of_plan) {
                change_plan(project, plan, entry, |plan| {
                    plan.last_checkpoint_id = Some(checkpoint.id);
                });
            }
        }
        Event::CheckpointPinned { checkpoint, pinned } => {
            project.checkpoints.set_pinned(checkpoint, *pinned);
        }
        Event::RetentionSet { policy } => project.settings.retention = *policy,
        Event::CheckpointsPruned { checkpoints } => {
            for id in checkpoints {
                project.checkpoints.remove(id);
            }
        }
        Event::RetentionApplied(event) => {
            for pruned in &event.pruned {
                project.checkpoints.remove(&pruned.checkpoint);
            }
        }
        Event::RolledBack(event) => rolled_back(project, event, entry),
    }
}

/// Closes an entry: its revision and time become the state's.
pub fn settle(project: &mut Project, entry: &EntryContext) {
    project.revision = entry.revision;
    project.updated_at = entry.at;
}

fn project_created(project: &mut Project, event: &ProjectCreated, entry: &EntryContext) {
    project.name = event.name.clone();
    project.status = event.status;
    project.settings = event.settings.clone();
    project.created_at = entry.at;
    project.created_by = entry.actor.clone();
}

fn project_forked(project: &mut Project, event: &ProjectForked, entry: &EntryContext) {
    project.name = event.name.clone();
    project.status = event.status;
    project.settings = event.settings.clone();
    project.origin = Some(event.origin);
    project.numbers = event.numbers;
    project.created_at = entry.at;
    project.created_by = entry.actor.clone();
    for body in &event.redacted {
        project.redacted.insert(body.digest, body.redaction.clone());
    }
    for agent in &event.agents {
        let known = Agent::new(agent.name.clone(), agent.token_limit);
        project.agents.insert(agent.name.clone(), Arc::new(known));
    }
    for plan in &event.plans {
        put_plan(
            project,
            Plan {
                changed: entry.revision,
                ..plan.clone()
            },
        );
    }
    for item in &event.items {
        put_item(project, item.clone());
    }
}

fn plan_created(project: &mut Project, event: &PlanCreated, entry: &EntryContext) {
    project.numbers.plans = project.numbers.plans.max(event.number);
    let plan = Plan {
        id: event.plan,
        number: event.number,
        request: event.request.clone(),
        settings: event.settings.clone(),
        guards: PlanGuards::default(),
        last_checkpoint_id: None,
        applied_at: None,
        verdicts: imbl::Vector::new(),
        progress: PlanProgress::pending(),
        steps: event.steps.iter().cloned().map(Arc::new).collect(),
        created_at: entry.at,
        created_by: entry.actor.clone(),
        updated_at: entry.at,
        changed: entry.revision,
    };
    put_plan(project, plan);
}

fn plan_submitted(project: &mut Project, event: &PlanSubmitted, entry: &EntryContext) {
    work(project, event.plan, entry, |plan| {
        plan.steps = event.steps.iter().cloned().map(Arc::new).collect();
        plan.progress.state = event.state;
        plan.progress.last_completed_step = -1;
        plan.progress.submitted = Some(SubmittedPlan {
            text: event.text.clone(),
            at: entry.at,
            by: entry.actor.clone(),
        });
        set_submission(plan, event.submission);
    });
}

fn submission_decided(project: &mut Project, event: &SubmissionDecided, entry: &EntryContext) {
    work(project, event.plan, entry, |plan| {
        plan.verdicts.push_back(Arc::new(Verdict {
            submission: event.submission,
            gate: event.gate,
            passed: event.passed,
            reason: event.reason.clone(),
            notes: event.notes.clone(),
            by: entry.actor.clone(),
            at: entry.at,
        }));
        plan.progress.state = event.state;
        set_submission(plan, event.next_submission);
        if let Some(last) = event.last_completed_step {
            go_back_to(plan, last);
        }
        if let Some(count) = event.retry_count {
            plan.guards.retry_count = count;
        }
        if event.state == PlanState::Completed {
            plan.progress.completed_at = Some(entry.at);
        }
    });
}

fn step_completed(project: &mut Project, event: &StepCompleted, entry: &EntryContext) {
    work(project, event.plan, entry, |plan| {
        change_step(plan, event.step, |step| {
            step.state = StepState::Completed;
            step.output = event.output;
            step.error = None;
            step.ended_at = Some(entry.at);
        });
        plan.progress.last_completed_step = i64::from(event.step);
        plan.progress.state = event.state;
        set_submission(plan, event.submission);
        if event.state == PlanState::Completed {
            plan.progress.completed_at = Some(entry.at);
        }
    });
}

fn step_failed(project: &mut Project, event: &StepFailed, entry: &EntryContext) {
    work(project, event.plan, entry, |plan| {
        change_step(plan, event.step, |step| {
            step.state = StepState::Failed;
            step.failures = event.failures;
            step.error = Some(event.error.clone());
            step.ended_at = Some(entry.at);
        });
        if event.state == PlanState::Failed {
            plan.progress.failure = Some(PlanFailure {
                state: plan.progress.state,
                error: event.error.clone(),
                step: Some(event.step),
                at: entry.at,
            });
        }
        plan.progress.state = event.state;
    });
}

fn plan_reverted(project: &mut Project, event: &PlanReverted, entry: &EntryContext) {
    work(project, event.plan, entry, |plan| {
        plan.progress.state = event.state;
        plan.progress.submission = None;
        plan.guards.reversion_count = event.reversion_count;
        go_back_to(plan, event.last_completed_step);
    });
}

/// Leaves the steps up to this one completed; those after it are pending.
fn go_back_to(plan: &mut Plan, last_completed_step: i64) {
    plan.progress.last_completed_step = last_completed_step;
    for index in plan.next_step()..plan.steps.len() {
        let pending = plan.steps[index].as_pending();
        if *plan.steps[index] != pending {
            plan.steps.set(index, Arc::new(pending));
        }
    }
}

fn rolled_back(project: &mut Project, event: &RolledBack, entry: &EntryContext) {
    for id in &event.items_removed {
        take_item(project, id);
    }
    for item in &event.items_restored {
        put_item(project, item.clone());
    }
    for id in &event.plans_removed {
        if let Some(plan) = take_plan(project, id) {
            let departed = DepartedPlan {
                guards: plan.guards,
                state: plan.effective_state(),
                last_completed_step: plan.progress.last_completed_step,
                last_checkpoint_id: plan.last_checkpoint_id,
                verdicts: plan.verdicts.clone(),
            };
            project.departed.insert(*id, departed);
        }
    }
    for plan in &event.plans_restored {
        project.departed.remove(&plan.id);
        put_plan(
            project,
            Plan {
                updated_at: entry.at,
                changed: entry.revision,
                ..plan.clone()
            },
        );
    }
    for change in &event.plans {
        plan_returned(project, change, entry);
    }
}

fn plan_returned(project: &mut Project, change: &PlanReturn, entry: &EntryContext) {
    change_plan(project, change.plan, entry, |plan| {
        // A plan that is as it was is only at another checkpoint.
        if plan.progress != change.progress || !change.steps.is_empty() || change.steps_gone > 0 {
            plan.changed = entry.revision;
        }
        plan.progress = change.progress.clone();
        plan.guards.reversion_count = change.reversion_count;
        plan.guards.last_submission = change.last_submission;
        plan.last_checkpoint_id = change.last_checkpoint_id;
        plan.steps.truncate(change.step_count as usize);
        for replaced in &change.steps {
            let step = Arc::new(replaced.step.clone());
            let index = replaced.index as usize;
            if index < plan.steps.len() {
                plan.steps.set(index, step);
            } else {
                plan.steps.push_back(step);
            }
        }
    });
}

/// Changes a plan's progress or steps.
fn work(project: &mut Project, id: PlanId, entry: &EntryContext, change: impl FnOnce(&mut Plan)) {
    change_plan(project, id, entry, |plan| {
        change(plan);
        plan.changed = entry.revision;
    });
}

fn change_plan(
    project: &mut Project,
    id: PlanId,
    entry: &EntryContext,
    change: impl FnOnce(&mut Plan),
) {
    let Some(plan) = project.plans.get_mut(&id) else {
        return;
    };
    let before = plan.progress.state;
    let plan = Arc::make_mut(plan);
    change(plan);
    plan.updated_at = entry.at;
    let after = plan.progress.state;
    count_plan(project, before, Count::Out);
    count_plan(project, after, Count::In);
}

fn put_plan(project: &mut Project, plan: Plan) {
    take_plan(project, &plan.id);
    count_plan(project, plan.progress.state, Count::In);
    project.plans.insert(plan.id, Arc::new(plan));
}

fn take_plan(project: &mut Project, id: &PlanId) -> Option<Arc<Plan>> {
    let plan = project.plans.remove(id)?;
    count_plan(project, plan.progress.state, Count::Out);
    Some(plan)
}

/// Whether something enters or leaves the running figures.
#[derive(Clone, Copy)]
enum Count {
    In,
    Out,
}

impl Count {
    fn apply(self, figure: &mut u64, amount: u64) {
        *figure = match self {
            // No sound journal gets there; of one that was made up nobody knows.
            Count::In => figure.saturating_add(amount),
            Count::Out => figure.saturating_sub(amount),
        };
    }
}

fn count_plan(project: &mut Project, state: PlanState, count: Count) {
    count.apply(&mut project.figures.plans, 1);
    if state == PlanState::Completed {
        count.apply(&mut project.figures.plans_completed, 1);
    }
    if state.is_unfinished() {
        count.apply(&mut project.unfinished_plans, 1);
    }
}

fn set_submission(plan: &mut Plan, submission: Option<u64>) {
    plan.progress.submission = submission;
    if let Some(number) = submission {
        plan.guards.last_submission = number;
    }
}

fn change_step(plan: &mut Plan, index: u32, change: impl FnOnce(&mut Step)) {
    if let Some(step) = plan.steps.get_mut(index as usize) {
        change(Arc::make_mut(step));
    }
}

fn set_archived(project: &mut Project, items: &[ItemId], archived: bool) {
    for id in items {
        let Some(slot) = project.items.get_mut(id) else {
            continue;
        };
        let item = Arc::make_mut(slot);
        let before = std::mem::replace(&mut item.archived, archived);
        if before != archived {
            let item = slot.clone();
            count_item(project, &item, before, Count::Out);
            count_item(project, &item, archived, Count::In);
        }
    }
}

/// Changes what the figures don't count.
fn change_item(project: &mut Project, id: &ItemId, change: impl FnOnce(&mut Item)) {
    if let Some(item) = project.items.get_mut(id) {
        change(Arc::make_mut(item));
    }
}

fn put_item(project: &mut Project, item: Item) {
    take_item(project, &item.id);
    count_item(project, &item, item.archived, Count::In);
    project.items.insert(item.id, Arc::new(item));
}

fn take_item(project: &mut Project, id: &ItemId) {
    if let Some(item) = project.items.remove(id) {
        count_item(project, &item, item.archived, Count::Out);
    }
}

/// Counts an item into, or out of, the figures of the project and of its agent.
fn count_item(project: &mut Project, item: &Item, archived: bool, count: Count) {
    if archived {
        count.apply(&mut project.archived_items, 1);
    } else {
        count.apply(&mut project.figures.items, 1);
        count.apply(&mut project.figures.tokens, item.tokens);
    }
    let Some(agent) = project.agents.get_mut(&item.agent) else {
        return;
    };
    let agent = Arc::make_mut(agent);
    let was_active = agent.active.items > 0;
    let tally = if archived {
        &mut agent.archived
    } else {
        &mut agent.active
    };
    count.apply(&mut tally.items, 1);
    count.apply(&mut tally.tokens, item.tokens);
    count.apply(&mut tally.estimated, u64::from(item.tokens_estimated));
    if was_active != (agent.active.items > 0) {
        count.apply(&mut project.figures.active_agents, 1);
    }
}
