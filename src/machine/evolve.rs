//! Applying events. Nothing here decides or fails: it assigns what the events carry, and keeps
//! the running figures in step with it.

use super::event::{
    Event, ItemsAdded, ItemsArchived, ItemsRestored, PlanCreated, PlanReturn, PlanReverted,
    PlanSubmitted, ProjectCreated, RolledBack, StepCompleted, StepFailed,
};
use crate::model::{
    Actor, Agent, DepartedPlan, Item, ItemId, Plan, PlanFailure, PlanGuards, PlanId, PlanProgress,
    PlanState, Project, ProjectStatus, Revision, Step, StepState, SubmittedPlan, Tally, Timestamp,
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
    match event {
        Event::ProjectCreated(event) => project_created(project, event, entry),
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
                || Agent {
                    name: agent.clone(),
                    token_limit: *token_limit,
                    active: Tally::default(),
                    archived: Tally::default(),
                },
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
        Event::CheckpointCreated(taken) => {
            let checkpoint = &taken.checkpoint;
            project.numbers.checkpoints = project.numbers.checkpoints.max(checkpoint.number);
            project
                .checkpoints
                .insert(checkpoint.id, Arc::new(checkpoint.clone()));
            if let (Some(plan), true) = (checkpoint.plan, taken.is_last_of_plan) {
                change_plan(project, plan, entry, |plan| {
                    plan.last_checkpoint_id = Some(checkpoint.id);
                });
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
        plan.progress.last_completed_step = event.last_completed_step;
        plan.progress.submission = None;
        plan.guards.reversion_count = event.reversion_count;
        for index in plan.next_step()..plan.steps.len() {
            let pending = plan.steps[index].as_pending();
            if *plan.steps[index] != pending {
                plan.steps.set(index, Arc::new(pending));
            }
        }
    });
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
    work(project, change.plan, entry, |plan| {
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
            Count::In => *figure + amount,
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
