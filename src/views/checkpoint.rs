//! A checkpoint as it is shown.

use crate::engine::{Engine, EngineError};
use crate::machine::Rejection;
use crate::model::{Checkpoint, CheckpointId, Data, Description, Figures, Name, ProjectId};
use crate::storage::{CheckpointRow, Storage};
use serde::Serialize;

/// A checkpoint with all that was said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckpointView {
    /// What lists say of it.
    #[serde(flatten)]
    pub row: CheckpointRow,
    /// What a person wants to say of it.
    pub description: Option<Description>,
    /// The tool that took it.
    pub source_tool: Option<Name>,
    /// The phase of work that it belongs to.
    pub phase: Option<Name>,
    /// Something outside that goes with it.
    pub external_ref: Option<Name>,
    /// The caller's own data: JSON text.
    pub data: Option<Data>,
    /// Figures of the project at its revision.
    pub figures: Figures,
}

impl CheckpointView {
    /// A project's checkpoint as it is shown.
    #[must_use]
    pub fn of(project: ProjectId, checkpoint: &Checkpoint) -> Self {
        Self {
            row: CheckpointRow::of(project, checkpoint),
            description: checkpoint.description.clone(),
            source_tool: checkpoint.source_tool.clone(),
            phase: checkpoint.phase.clone(),
            external_ref: checkpoint.external_ref.clone(),
            data: checkpoint.data.clone(),
            figures: checkpoint.figures,
        }
    }

    /// Reads a checkpoint.
    ///
    /// # Errors
    /// `CHECKPOINT_NOT_FOUND`, and what the engine fails with.
    pub async fn read<S: Storage>(
        engine: &Engine<S>,
        project: ProjectId,
        id: CheckpointId,
    ) -> Result<Self, EngineError> {
        let state = engine.project(project).await?;
        let found = state.checkpoints.get(&id);
        let found = found.ok_or(Rejection::CheckpointNotFound { checkpoint: id })?;
        Ok(Self::of(project, found))
    }
}
