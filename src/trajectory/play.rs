//! Playing: the steps of an imported plan, one after the other, with what was recorded of them.

use super::RecordedStep;
use crate::engine::{Engine, EngineError};
use crate::machine::{Command, Outcome, Rejection, StepDone};
use crate::model::{ErrorCode, InvalidInput, PlanId, PlanState, ProjectId};
use crate::storage::Storage;
use serde::Serialize;

/// A step that was played.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Played {
    /// Its title.
    pub title: String,
    /// What became of it.
    #[serde(flatten)]
    pub done: StepDone,
}

/// A step that was not played.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(untagged)]
#[non_exhaustive]
pub enum PlayError {
    /// The engine refused, or failed.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The plan has steps of its own, which somebody has to do.
    #[error(
        "expected a plan whose steps were imported from a trajectory, found step {step} without a recorded one"
    )]
    NotPlayable {
        /// Which step, zero-based.
        step: u32,
    },
}

impl PlayError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            PlayError::Engine(error) => error.code(),
            PlayError::NotPlayable { .. } => ErrorCode::NotPlayable,
        }
    }

    /// Whether another worker has been faster: the plan is to be looked at again.
    #[must_use]
    pub const fn has_moved_on(&self) -> bool {
        matches!(
            self.code(),
            ErrorCode::Superseded | ErrorCode::InvalidTransition
        )
    }
}

impl From<InvalidInput> for PlayError {
    fn from(invalid: InvalidInput) -> Self {
        EngineError::from(invalid).into()
    }
}

/// Starts the next step of a plan and completes it with what was recorded: two commits. What can't
/// be played isn't begun.
///
/// # Errors
/// [`PlayError`]. Of a plan that isn't being implemented, what the machine says of starting a step.
pub async fn play_next<S: Storage>(
    engine: &Engine<S>,
    project: ProjectId,
    plan: PlanId,
) -> Result<Played, PlayError> {
    let state = engine.project(project).await?;
    let found = state.plans.get(&plan);
    let found = found.ok_or_else(|| EngineError::from(Rejection::PlanNotFound { plan }))?;
    if found.progress.state != PlanState::Implementing {
        // The machine knows best why no step starts.
        engine.start_step(project, plan).await?;
    }
    let next = found.next_step();
    let step = u32::try_from(next).unwrap_or(u32::MAX);
    let recorded = match found.steps.get(next).and_then(|step| step.input) {
        Some(input) => RecordedStep::from_input(&engine.body(project, &input).await?),
        None => None,
    };
    let recorded = recorded.ok_or(PlayError::NotPlayable { step })?;
    let (output, items) = (recorded.output()?, recorded.items()?);
    // Named, so that a step that another worker completed meanwhile isn't mistaken for this one.
    let start = Command::StartStep {
        plan,
        step: Some(step),
    };
    let Outcome::StepStarted(started) = engine.execute(project, start).await?.outcome else {
        unreachable!("a step was started");
    };
    let title = found.steps[next].title.to_string();
    let done = engine
        .complete_step(project, plan, started.attempt, Some(output), items)
        .await?;
    Ok(Played { title, done })
}
