//! What waits for somebody's decision, in every project.

use crate::engine::{Engine, EngineError, Resumable};
use crate::model::Gate;
use crate::storage::Storage;
use serde::Serialize;

/// A plan that waits for a decision: which one, and on which submission, which its row has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InboxEntry {
    /// What it waits for.
    pub gate: Gate,
    /// The plan, and how its project is.
    #[serde(flatten)]
    pub found: Resumable,
}

impl InboxEntry {
    /// All that wait, without loading a project.
    ///
    /// # Errors
    /// What the engine fails with.
    pub async fn all<S: Storage>(engine: &Engine<S>) -> Result<Vec<Self>, EngineError> {
        let waits = |found: Resumable| {
            let gate = found
                .plan
                .state
                .gate()
                .filter(|_| found.plan.submission.is_some())?;
            Some(Self { gate, found })
        };
        Ok((engine.resumable().await?.into_iter())
            .filter_map(waits)
            .collect())
    }
}
