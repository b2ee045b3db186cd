//! Attempts at a plan's steps. Steps go in order, and run at least once.

use super::{Flow, checkpoint, context, find_plan, index, verdict};
use crate::machine::command::NewItem;
use crate::machine::draft::Draft;
use crate::machine::transitions::check_plan_move;
use crate::machine::{CommandKind, Env, Event, Rejection, StepCompleted, StepFailed};
use crate::model::{Gate, Json, LongText, Plan, PlanId, PlanState, Stage, Step, StepState};

pub(super) fn start(
    draft: &mut Draft<'_>,
    id: PlanId,
    step: Option<u32>,
) -> Result<Flow, Rejection> {
    let plan = find_plan(draft.before, id)?;
    check_plan_move(&plan, CommandKind::StartStep)?;
    let next = plan.next_step();
    let next_step = plan.steps.get(next).ok_or(Rejection::NoSteps)?;
    if let Some(found) = step
        && found as usize != next
    {
        let named = plan
            .steps
            .get(found as usize)
            .ok_or(Rejection::StepNotFound {
                plan: id,
                steps: index(plan.steps.len()),
                found,
            })?;
        return Err(Rejection::StepOutOfOrder {
            plan: id,
            expected: index(next),
            found,
            state: named.state,
        });
    }
    draft.push(Event::StepStarted {
        plan: id,
        step: index(next),
        id: next_step.id,
        attempt: plan.guards.last_attempt + 1,
    });
    Ok(Flow::Commit)
}

pub(super) fn complete(
    draft: &mut Draft<'_>,
    id: PlanId,
    attempt: u64,
    output: Option<&Json>,
    items: &[NewItem],
    env: &Env<'_>,
) -> Result<Flow, Rejection> {
    let plan = find_plan(draft.before, id)?;
    let (step, _) = running_step(&plan, attempt, CommandKind::CompleteStep)?;
    let output = output.map(|output| draft.json(output));
    let is_last = step as usize + 1 == plan.steps.len();
    let (state, submission) = if is_last {
        // The gate of the plan itself lies behind.
        verdict::onward(&plan, Gate::Plan)
    } else {
        (PlanState::Implementing, None)
    };
    draft.push(Event::StepCompleted(StepCompleted {
        plan: id,
        step,
        attempt,
        output,
        state,
        submission,
    }));
    if !items.is_empty() {
        context::push_items(draft, items, Some(id), env)?;
    }
    let interval = plan.settings.auto_checkpoint_interval;
    // One checkpoint an entry: the stage outranks the step.
    if is_last {
        checkpoint::at_stage(draft, id, Stage::AfterImplementation);
    } else if interval > 0 && (step + 1) % interval == 0 {
        checkpoint::after_step(draft, id, step);
    }
    Ok(Flow::Commit)
}

pub(super) fn fail(
    draft: &mut Draft<'_>,
    id: PlanId,
    attempt: u64,
    error: &LongText,
) -> Result<Flow, Rejection> {
    let plan = find_plan(draft.before, id)?;
    let (step, record) = running_step(&plan, attempt, CommandKind::FailStep)?;
    let failures = record.failures + 1;
    let error = draft.text(error);
    draft.push(Event::StepFailed(StepFailed {
        plan: id,
        step,
        attempt,
        error,
        failures,
        state: if failures >= plan.settings.max_attempts {
            PlanState::Failed
        } else {
            PlanState::Implementing
        },
    }));
    Ok(Flow::Commit)
}

/// The step that this attempt is the newest of, still running.
fn running_step(
    plan: &Plan,
    attempt: u64,
    command: CommandKind,
) -> Result<(u32, &Step), Rejection> {
    if attempt == 0 || attempt > plan.guards.last_attempt {
        return Err(Rejection::AttemptNotFound {
            plan: plan.id,
            newest: plan.guards.last_attempt,
            found: attempt,
        });
    }
    let next = plan.next_step();
    let running = plan
        .steps
        .get(next)
        .filter(|step| step.state == StepState::Running);
    match running {
        Some(step) if step.attempt == Some(attempt) => {
            check_plan_move(plan, command)?;
            Ok((index(next), step))
        }
        // Says so before it speaks of the plan's state: what has become of the attempt is what
        // its worker needs to know.
        _ => Err(Rejection::Superseded {
            plan: plan.id,
            found: attempt,
            running: running.and_then(|step| step.attempt),
        }),
    }
}
