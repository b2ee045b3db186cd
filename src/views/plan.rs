//! A plan and its steps as they are shown.

use crate::engine::{Engine, EngineError};
use crate::machine::Rejection;
use crate::model::{
    Hold, Name, Plan, PlanId, PlanSettings, PlanState, ProjectId, ProjectStatus, Step, StepId,
    StepState, Timestamp,
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

/// A step in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepSummary {
    /// Its idempotency key.
    pub id: StepId,
    /// What is to be done.
    pub title: Name,
    /// How far it is.
    pub state: StepState,
    /// The newest attempt, by its number in the plan.
    pub attempt: Option<u64>,
    /// Failures since it last became pending or the plan was retried.
    pub failures: u32,
    /// Whether it has something to work on.
    pub has_input: bool,
    /// Whether something came of it.
    pub has_output: bool,
    /// When the newest attempt started.
    pub started_at: Option<Timestamp>,
    /// When the newest attempt completed or failed.
    pub ended_at: Option<Timestamp>,
}

/// A step with its texts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepView {
    /// The project.
    pub project: ProjectId,
    /// The plan.
    pub plan: PlanId,
    /// Which step, zero-based.
    pub step: u32,
    /// What lists say of it.
    #[serde(flatten)]
    pub summary: StepSummary,
    /// What it works on: JSON text.
    pub input: Option<Arc<str>>,
    /// What came of it: JSON text.
    pub output: Option<Arc<str>>,
    /// What went wrong in the newest attempt that failed.
    pub error: Option<Arc<str>>,
}

impl PlanView {
    /// Reads a plan.
    ///
    /// # Errors
    /// `PLAN_NOT_FOUND`, and what the engine fails with.
    pub async fn read<S: Storage>(
        engine: &Engine<S>,
        project: ProjectId,
        id: PlanId,
    ) -> Result<Self, EngineError> {
        let state = engine.project(project).await?;
        let plan = state.plans.get(&id);
        let plan = plan.ok_or_else(|| EngineError::from(Rejection::PlanNotFound { plan: id }))?;
        let failure = match &plan.progress.failure {
            Some(failure) => Some(FailureView {
                state: failure.state,
                error: engine.text(project, &failure.error).await?,
                step: failure.step,
                at: failure.at,
            }),
            None => None,
        };
        let request = engine.text(project, &plan.request).await?;
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
            is_playable: is_playable(engine, project, plan).await?,
            step_list: plan
                .steps
                .iter()
                .map(|step| StepSummary::of(step))
                .collect(),
        })
    }
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
    Ok(match step.and_then(|step| step.input) {
        Some(input) => RecordedStep::from_input(&engine.body(project, &input).await?).is_some(),
        None => false,
    })
}

impl StepSummary {
    fn of(step: &Step) -> Self {
        Self {
            id: step.id,
            title: step.title.clone(),
            state: step.state,
            attempt: step.attempt,
            failures: step.failures,
            has_input: step.input.is_some(),
            has_output: step.output.is_some(),
            started_at: step.started_at,
            ended_at: step.ended_at,
        }
    }
}

impl StepView {
    /// Reads a step with its texts.
    ///
    /// # Errors
    /// `PLAN_NOT_FOUND`, `STEP_NOT_FOUND`, and what the engine fails with.
    pub async fn read<S: Storage>(
        engine: &Engine<S>,
        project: ProjectId,
        id: PlanId,
        index: u32,
    ) -> Result<Self, EngineError> {
        let state = engine.project(project).await?;
        let plan = state.plans.get(&id);
        let plan = plan.ok_or_else(|| EngineError::from(Rejection::PlanNotFound { plan: id }))?;
        let step = plan.steps.get(index as usize).ok_or_else(|| {
            EngineError::from(Rejection::StepNotFound {
                plan: id,
                steps: u32::try_from(plan.steps.len()).unwrap_or(u32::MAX),
                found: index,
            })
        })?;
        let body = async |body: Option<_>| match body {
            Some(body) => engine.body(project, &body).await.map(Some),
            None => Ok(None),
        };
        Ok(Self {
            project,
            plan: id,
            step: index,
            summary: StepSummary::of(step),
            input: body(step.input).await?,
            output: body(step.output).await?,
            error: match &step.error {
                Some(error) => Some(engine.text(project, error).await?),
                None => None,
            },
        })
    }
}
