//! A plan as it is shown.

use super::redaction::{body_unless_redacted, project_at, what_is_left};
use super::{NextMove, StepSummary};
use crate::engine::{Engine, EngineError};
use crate::machine::Rejection;
use crate::model::{
    Actor, Gate, Hold, Name, Plan, PlanId, PlanSettings, PlanState, Point, ProjectId,
    ProjectStatus, Reason, Timestamp,
};
use crate::storage::{PlanRow, Storage};
use crate::trajectory::RecordedStep;
use serde::Serialize;
use std::sync::Arc;

/// A plan with its steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanView {
    /// What lists say of it; the request is all of it here, wherever it lives.
    #[serde(flatten)]
    pub row: PlanRow,
    /// Its project's name.
    pub project_name: Name,
    /// Its project's status.
    pub project_status: ProjectStatus,
    /// What was chosen when it was made.
    pub settings: PlanSettings,
    /// Why it doesn't move.
    pub hold: Option<Hold>,
    /// Why it failed, while it is failed.
    pub failure: Option<FailureView>,
    /// What it does next, or waits for.
    pub next: NextMove,
    /// The plan in words, as it was last submitted.
    pub submitted: Option<SubmittedView>,
    /// All decisions on its submissions, in order.
    pub verdicts: Vec<VerdictView>,
    /// Whether its next step can be played; if none is left, its first.
    pub is_playable: bool,
    /// Its steps, in order.
    pub step_list: Vec<StepSummary>,
}

/// Why a plan failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailureView {
    /// The state it failed in.
    pub state: PlanState,
    /// What went wrong.
    pub error: Arc<str>,
    /// The step that failed, if it was one.
    pub step: Option<u32>,
    /// When.
    pub at: Timestamp,
}

/// The plan in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SubmittedView {
    /// What it says.
    pub text: Arc<str>,
    /// When it was submitted.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
}

/// What was decided on a submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerdictView {
    /// The submission.
    pub submission: u64,
    /// What it waited for.
    pub gate: Gate,
    /// Whether it passed.
    pub passed: bool,
    /// Why it didn't.
    pub reason: Option<Reason>,
    /// The reviewer's notes, or the verification's details.
    pub notes: Option<Arc<str>>,
    /// Who decided.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}

impl PlanView {
    /// Reads a plan as it is, or as it was at a point in its past.
    ///
    /// # Errors
    /// `PLAN_NOT_FOUND`, and what the engine fails with.
    pub async fn read<S: Storage>(
        engine: &Engine<S>,
        project: ProjectId,
        id: PlanId,
        at: Point,
    ) -> Result<Self, EngineError> {
        let state = project_at(engine, project, at).await?;
        let plan = state.plans.get(&id);
        let plan = plan.ok_or_else(|| EngineError::from(Rejection::PlanNotFound { plan: id }))?;
        let failure = match &plan.progress.failure {
            Some(failure) => Some(FailureView {
                state: failure.state,
                error: what_is_left(engine, project, &failure.error).await?,
                step: failure.step,
                at: failure.at,
            }),
            None => None,
        };
        let submitted = match &plan.progress.submitted {
            Some(submitted) => Some(SubmittedView {
                text: what_is_left(engine, project, &submitted.text).await?,
                at: submitted.at,
                by: submitted.by.clone(),
            }),
            None => None,
        };
        let request = what_is_left(engine, project, &plan.request).await?;
        Ok(Self {
            row: PlanRow {
                request: request.to_string(),
                ..PlanRow::of(project, plan)
            },
            project_name: state.name.clone(),
            project_status: state.status,
            settings: plan.settings.clone(),
            hold: Hold::of(state.status, plan.progress.state),
            failure,
            next: NextMove::of(state.status, plan),
            submitted,
            verdicts: verdicts(engine, project, plan).await?,
            is_playable: is_playable(engine, project, plan).await?,
            step_list: plan
                .steps
                .iter()
                .map(|step| StepSummary::of(step))
                .collect(),
        })
    }
}

async fn verdicts<S: Storage>(
    engine: &Engine<S>,
    project: ProjectId,
    plan: &Plan,
) -> Result<Vec<VerdictView>, EngineError> {
    let mut views = Vec::with_capacity(plan.verdicts.len());
    for verdict in &plan.verdicts {
        views.push(VerdictView {
            submission: verdict.submission,
            gate: verdict.gate,
            passed: verdict.passed,
            reason: verdict.reason.clone(),
            notes: match &verdict.notes {
                Some(notes) => Some(what_is_left(engine, project, notes).await?),
                None => None,
            },
            by: verdict.by.clone(),
            at: verdict.at,
        });
    }
    Ok(views)
}

async fn is_playable<S: Storage>(
    engine: &Engine<S>,
    project: ProjectId,
    plan: &Plan,
) -> Result<bool, EngineError> {
    let step = plan
        .steps
        .get(plan.next_step())
        .or_else(|| plan.steps.front());
    let input = step.and_then(|step| step.input);
    let input = body_unless_redacted(engine, project, input.as_ref()).await?;
    Ok(input.is_some_and(|input| RecordedStep::from_input(&input).is_some()))
}
