//! Decisions on submissions: approvals, reviews, verifications. Each names the submission that
//! somebody looked at, and is refused when another one has taken its place.

use super::{Flow, checkpoint, find_plan, plan};
use crate::machine::draft::Draft;
use crate::machine::transitions::check_plan_move;
use crate::machine::{CommandKind, Event, Rejection, SubmissionDecided};
use crate::model::{Gate, InvalidInput, LongText, Plan, PlanId, PlanState, Reason, Stage};

pub(super) fn approve(
    draft: &mut Draft<'_>,
    id: PlanId,
    submission: u64,
) -> Result<Flow, Rejection> {
    let (plan, gate) = waiting(draft, id, submission, CommandKind::Approve)?;
    let (state, next_submission) = match gate {
        Gate::Plan => (PlanState::PlanApproved, None),
        passed => onward(&plan, passed),
    };
    draft.push(Event::SubmissionDecided(SubmissionDecided {
        state,
        next_submission,
        ..passed(id, submission, gate)
    }));
    Ok(Flow::Commit)
}

pub(super) fn reject(
    draft: &mut Draft<'_>,
    id: PlanId,
    submission: u64,
    reason: &Reason,
    from_step: Option<u32>,
) -> Result<Flow, Rejection> {
    let (plan, gate) = waiting(draft, id, submission, CommandKind::Reject)?;
    if reason.as_str().trim().is_empty() {
        return Err(InvalidInput::Blank {
            field: "reason",
            found: reason.as_str().chars().count(),
        }
        .into());
    }
    let to = match gate {
        Gate::Plan => PlanState::Planning,
        _ => PlanState::Implementing,
    };
    draft.push(Event::SubmissionDecided(SubmissionDecided {
        passed: false,
        reason: Some(reason.clone()),
        state: to,
        last_completed_step: Some(plan::last_step_kept(&plan, to, from_step)?),
        ..passed(id, submission, gate)
    }));
    Ok(Flow::Commit)
}

pub(super) fn start_implementation(draft: &mut Draft<'_>, id: PlanId) -> Result<Flow, Rejection> {
    let plan = find_plan(draft.before, id)?;
    check_plan_move(&plan, CommandKind::StartImplementation)?;
    draft.push(Event::ImplementationStarted { plan: id });
    checkpoint::at_stage(draft, id, Stage::StartImplementation);
    Ok(Flow::Commit)
}

/// What somebody found who reviewed or verified.
pub(super) struct Findings<'a> {
    submission: u64,
    passed: bool,
    notes: Option<&'a LongText>,
    from_step: Option<u32>,
}

impl<'a> Findings<'a> {
    pub(super) const fn new(
        submission: u64,
        passed: bool,
        notes: Option<&'a LongText>,
        from_step: Option<u32>,
    ) -> Self {
        Self {
            submission,
            passed,
            notes,
            from_step,
        }
    }
}

pub(super) fn record_review(
    draft: &mut Draft<'_>,
    id: PlanId,
    findings: &Findings<'_>,
) -> Result<Flow, Rejection> {
    let (plan, gate) = waiting(draft, id, findings.submission, CommandKind::RecordReview)?;
    record(draft, &plan, gate, findings, None, Stage::AfterReview)
}

pub(super) fn record_verification(
    draft: &mut Draft<'_>,
    id: PlanId,
    findings: &Findings<'_>,
) -> Result<Flow, Rejection> {
    let command = CommandKind::RecordVerification;
    let (plan, gate) = waiting(draft, id, findings.submission, command)?;
    // Going back from a verification is a retry; from a review it is part of the work.
    let retry_count = Some(plan.guards.retry_count + 1);
    record(
        draft,
        &plan,
        gate,
        findings,
        retry_count,
        Stage::AfterVerification,
    )
}

fn record(
    draft: &mut Draft<'_>,
    plan: &Plan,
    gate: Gate,
    findings: &Findings<'_>,
    retry_count: Option<u32>,
    reached: Stage,
) -> Result<Flow, Rejection> {
    let decided = passed(plan.id, findings.submission, gate);
    let decided = if findings.passed {
        if let Some(step) = findings.from_step {
            return Err(InvalidInput::malformed(
                "from_step",
                "none, since nothing is done again after what passed",
                &step.to_string(),
            )
            .into());
        }
        let (state, next_submission) = onward(plan, gate);
        SubmissionDecided {
            state,
            next_submission,
            ..decided
        }
    } else {
        let to = PlanState::Implementing;
        SubmissionDecided {
            passed: false,
            state: to,
            last_completed_step: Some(plan::last_step_kept(plan, to, findings.from_step)?),
            retry_count,
            ..decided
        }
    };
    let notes = findings.notes.map(|notes| draft.text(notes));
    draft.push(Event::SubmissionDecided(SubmissionDecided {
        notes,
        ..decided
    }));
    if findings.passed {
        checkpoint::at_stage(draft, plan.id, reached);
    }
    Ok(Flow::Commit)
}

/// Where a plan goes when it has passed a gate, or all its steps are done: to the next gate that
/// is on, with the number of the submission that then waits, or else it is completed.
pub(super) fn onward(plan: &Plan, passed: Gate) -> (PlanState, Option<u64>) {
    let gates = plan.settings.gates;
    [
        (
            Gate::Implementation,
            gates.implementation,
            PlanState::ImplementationAwaitingApproval,
        ),
        (Gate::Review, gates.review, PlanState::Reviewing),
        (Gate::Verification, gates.verification, PlanState::Verifying),
    ]
    .into_iter()
    .find(|(gate, is_on, _)| *gate > passed && *is_on)
    .map_or((PlanState::Completed, None), |(_, _, state)| {
        (state, Some(plan.guards.last_submission + 1))
    })
}

/// The plan and what it waits for, if it is this submission that waits.
fn waiting(
    draft: &Draft<'_>,
    id: PlanId,
    submission: u64,
    command: CommandKind,
) -> Result<(std::sync::Arc<Plan>, Gate), Rejection> {
    let plan = find_plan(draft.before, id)?;
    if submission == 0 || submission > plan.guards.last_submission {
        return Err(Rejection::SubmissionNotFound {
            plan: id,
            newest: plan.guards.last_submission,
            found: submission,
        });
    }
    // Says so before it speaks of the plan's state: what has become of what they looked at is what
    // people need to know.
    if plan.progress.submission != Some(submission) {
        return Err(Rejection::SubmissionSuperseded {
            plan: id,
            found: submission,
            waiting: plan.progress.submission,
        });
    }
    check_plan_move(&plan, command)?;
    let gate = (plan.progress.state.gate()).expect("a state with a submission waits at a gate");
    Ok((plan, gate))
}

/// A submission that passed, before it is said where the plan goes.
const fn passed(plan: PlanId, submission: u64, gate: Gate) -> SubmissionDecided {
    SubmissionDecided {
        plan,
        submission,
        gate,
        passed: true,
        reason: None,
        notes: None,
        state: PlanState::Completed,
        last_completed_step: None,
        retry_count: None,
        next_submission: None,
    }
}
