//! A plan's moves, apart from its steps.

use super::{Flow, checkpoint, context, find_plan, index};
use crate::machine::command::{FirstPlan, InitialStatus, NewPlan, NewStep};
use crate::machine::draft::Draft;
use crate::machine::transitions::check_plan_move;
use crate::machine::{
    CommandKind, Env, Event, PlanCreated, PlanReverted, PlanSubmitted, Rejection,
};
use crate::model::{
    InvalidInput, LongText, Plan, PlanFailure, PlanId, PlanSettings, PlanState, Reason, Stage,
    Step, StepState,
};

/// The most steps that a plan may have.
const MAX_STEPS: usize = 10_000;

pub(super) fn create(draft: &mut Draft<'_>, new: &NewPlan) -> Result<Flow, Rejection> {
    push_new(draft, new)?;
    Ok(Flow::Commit)
}

/// The plan that a project is created with: made, given its context and started.
pub(super) fn create_first(
    draft: &mut Draft<'_>,
    first: &FirstPlan,
    status: InitialStatus,
    env: &Env<'_>,
) -> Result<(), Rejection> {
    if status != InitialStatus::Active {
        return Err(InvalidInput::malformed(
            "status",
            "active, for a project that is created with a plan",
            &format!("{status:?}"),
        )
        .into());
    }
    let plan = push_new(draft, &first.plan)?;
    if !first.context.is_empty() {
        context::push_items(draft, &first.context, Some(plan), env)?;
    }
    push_start(draft, plan)
}

fn push_new(draft: &mut Draft<'_>, new: &NewPlan) -> Result<PlanId, Rejection> {
    check_settings(&new.settings)?;
    let plan = draft.new_id();
    let request = draft.text(&new.request);
    let steps = match &new.steps {
        Some(steps) => new_steps(draft, steps)?,
        None => Vec::new(),
    };
    draft.push(Event::PlanCreated(PlanCreated {
        plan,
        number: draft.before.numbers.plans + 1,
        request,
        settings: new.settings.clone(),
        steps,
    }));
    Ok(plan)
}

fn check_settings(settings: &PlanSettings) -> Result<(), Rejection> {
    if settings.max_attempts == 0 {
        return Err(InvalidInput::malformed("max_attempts", "at least 1", "0").into());
    }
    Ok(())
}

fn new_steps(draft: &mut Draft<'_>, steps: &[NewStep]) -> Result<Vec<Step>, Rejection> {
    if steps.is_empty() {
        return Err(Rejection::NoSteps);
    }
    if steps.len() > MAX_STEPS {
        return Err(InvalidInput::TooLong {
            field: "steps",
            limit: MAX_STEPS,
            unit: "steps",
            found: steps.len(),
        }
        .into());
    }
    Ok(steps
        .iter()
        .map(|step| {
            let input = step.input.as_ref().map(|input| draft.json(input));
            Step::new(draft.new_id(), step.title.clone(), input)
        })
        .collect())
}

pub(super) fn start(draft: &mut Draft<'_>, id: PlanId) -> Result<Flow, Rejection> {
    push_start(draft, id)?;
    Ok(Flow::Commit)
}

fn push_start(draft: &mut Draft<'_>, id: PlanId) -> Result<(), Rejection> {
    let plan = find_plan(&draft.next, id)?;
    check_plan_move(&plan, CommandKind::StartPlan)?;
    let state = if plan.steps.is_empty() || plan.settings.gates.plan {
        PlanState::Planning
    } else {
        PlanState::Implementing
    };
    draft.push(Event::PlanStarted { plan: id, state });
    checkpoint::at_stage(draft, id, Stage::WorkflowStart);
    Ok(())
}

pub(super) fn submit(
    draft: &mut Draft<'_>,
    id: PlanId,
    text: &LongText,
    steps: &[NewStep],
) -> Result<Flow, Rejection> {
    let plan = find_plan(draft.before, id)?;
    check_plan_move(&plan, CommandKind::SubmitPlan)?;
    let steps = new_steps(draft, steps)?;
    let text = draft.text(text);
    let (state, submission) = if plan.settings.gates.plan {
        let number = plan.guards.last_submission + 1;
        (PlanState::PlanAwaitingApproval, Some(number))
    } else {
        (PlanState::Implementing, None)
    };
    draft.push(Event::PlanSubmitted(PlanSubmitted {
        plan: id,
        text,
        steps,
        state,
        submission,
    }));
    checkpoint::at_stage(draft, id, Stage::AfterPlanning);
    Ok(Flow::Commit)
}

pub(super) fn fail(draft: &mut Draft<'_>, id: PlanId, error: &LongText) -> Result<Flow, Rejection> {
    let plan = find_plan(draft.before, id)?;
    check_plan_move(&plan, CommandKind::FailPlan)?;
    let failure = PlanFailure {
        state: plan.progress.state,
        error: draft.text(error),
        step: None,
        at: draft.now(),
    };
    draft.push(Event::PlanFailed { plan: id, failure });
    Ok(Flow::Commit)
}

pub(super) fn cancel(
    draft: &mut Draft<'_>,
    id: PlanId,
    reason: Option<&Reason>,
) -> Result<Flow, Rejection> {
    let plan = find_plan(draft.before, id)?;
    check_plan_move(&plan, CommandKind::CancelPlan)?;
    draft.push(Event::PlanCancelled {
        plan: id,
        from: plan.progress.state,
        reason: reason.cloned(),
    });
    Ok(Flow::Commit)
}

pub(super) fn retry(draft: &mut Draft<'_>, id: PlanId) -> Result<Flow, Rejection> {
    let plan = find_plan(draft.before, id)?;
    check_plan_move(&plan, CommandKind::RetryPlan)?;
    let state = plan.effective_state();
    let next = plan.next_step();
    // The step that had been begun starts afresh: its failures no longer count.
    let begun = plan
        .steps
        .get(next)
        .is_some_and(|step| step.state != StepState::Pending);
    draft.push(Event::PlanRetried {
        plan: id,
        state,
        retry_count: plan.guards.retry_count + 1,
        step: begun.then(|| index(next)),
        submission: state
            .awaits_decision()
            .then(|| plan.guards.last_submission + 1),
    });
    Ok(Flow::Commit)
}

pub(super) fn revert(
    draft: &mut Draft<'_>,
    id: PlanId,
    to: PlanState,
    from_step: Option<u32>,
    reason: Option<&Reason>,
) -> Result<Flow, Rejection> {
    let plan = find_plan(draft.before, id)?;
    check_plan_move(&plan, CommandKind::RevertPlan)?;
    let state = plan.progress.state;
    if !matches!(to, PlanState::Planning | PlanState::Implementing) || to.order() > state.order() {
        return Err(Rejection::CannotRevert {
            plan: id,
            state,
            to,
        });
    }
    if !plan.can_revert_to(to) {
        return Err(Rejection::ReversionLimit {
            plans: vec![(id, plan.settings.max_reversions)],
        });
    }
    let last_completed_step = last_step_kept(&plan, to, from_step)?;
    draft.push(Event::PlanReverted(PlanReverted {
        plan: id,
        state: to,
        last_completed_step,
        reversion_count: plan.guards.reversion_count + 1,
        reason: reason.cloned(),
    }));
    Ok(Flow::Commit)
}

/// The last step that stays completed when a plan goes back to a state: −1 for planning, the one
/// before `from_step` for implementing.
pub(super) fn last_step_kept(
    plan: &Plan,
    to: PlanState,
    from_step: Option<u32>,
) -> Result<i64, Rejection> {
    let last = plan.progress.last_completed_step.max(0);
    match (to, from_step) {
        (PlanState::Planning, None) => Ok(-1),
        (PlanState::Planning, Some(step)) => Err(InvalidInput::malformed(
            "from_step",
            "none when the plan goes back to planning",
            &step.to_string(),
        )
        .into()),
        (_, None) => Ok(last - 1),
        (_, Some(step)) if i64::from(step) <= last => Ok(i64::from(step) - 1),
        (_, Some(step)) => Err(InvalidInput::malformed(
            "from_step",
            format!("at most the last completed step, {last}"),
            &step.to_string(),
        )
        .into()),
    }
}

pub(super) fn mark_applied(draft: &mut Draft<'_>, id: PlanId) -> Result<Flow, Rejection> {
    let plan = find_plan(draft.before, id)?;
    check_plan_move(&plan, CommandKind::MarkApplied)?;
    if plan.applied_at.is_some() {
        return Err(Rejection::PlanApplied { plans: vec![id] });
    }
    draft.push(Event::PlanApplied { plan: id });
    Ok(Flow::Commit)
}
