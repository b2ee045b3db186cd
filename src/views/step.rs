//! A step as it is shown.

use super::RedactionView;
use super::redaction::{body_unless_redacted, project_at, what_is_left};
use crate::engine::{Engine, EngineError};
use crate::machine::Rejection;
use crate::model::{Name, PlanId, Point, ProjectId, Step, StepId, StepState, Timestamp};
use crate::storage::Storage;
use serde::Serialize;
use std::sync::Arc;

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
    /// What came of it: JSON text. None too when that was removed for good.
    pub output: Option<Arc<str>>,
    /// If what came of it was removed for good.
    pub output_redacted: Option<RedactionView>,
    /// What went wrong in the newest attempt that failed.
    pub error: Option<Arc<str>>,
}

impl StepSummary {
    pub(super) fn of(step: &Step) -> Self {
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
    /// Reads a step with its texts, as it is or as it was at a point in its past.
    ///
    /// # Errors
    /// `PLAN_NOT_FOUND`, `STEP_NOT_FOUND`, and what the engine fails with.
    pub async fn read<S: Storage>(
        engine: &Engine<S>,
        project: ProjectId,
        id: PlanId,
        index: u32,
        at: Point,
    ) -> Result<Self, EngineError> {
        let state = project_at(engine, project, at).await?;
        let plan = state.plans.get(&id);
        let plan = plan.ok_or_else(|| EngineError::from(Rejection::PlanNotFound { plan: id }))?;
        let step = plan.steps.get(index as usize).ok_or_else(|| {
            EngineError::from(Rejection::StepNotFound {
                plan: id,
                steps: u32::try_from(plan.steps.len()).unwrap_or(u32::MAX),
                found: index,
            })
        })?;
        Ok(Self {
            project,
            plan: id,
            step: index,
            summary: StepSummary::of(step),
            input: body_unless_redacted(engine, project, step.input.as_ref()).await?,
            output: body_unless_redacted(engine, project, step.output.as_ref()).await?,
            output_redacted: (step.output.as_ref())
                .and_then(|output| RedactionView::of(&state, output)),
            error: match &step.error {
                Some(error) => Some(what_is_left(engine, project, error).await?),
                None => None,
            },
        })
    }
}
