//! What was removed for good, as it is shown; and reading around it.

use crate::engine::{Engine, EngineError};
use crate::model::{Actor, BlobRef, Point, Project, ProjectId, Reason, Redaction, Text, Timestamp};
use crate::storage::Storage;
use serde::Serialize;
use std::sync::Arc;

/// Who removed a text for good, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RedactionView {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
    /// Why.
    pub reason: Option<Reason>,
}

impl RedactionView {
    /// What became of a body, if it was removed for good.
    pub(super) fn of(project: &Project, body: &BlobRef) -> Option<Self> {
        let Redaction { at, by, reason } = project.redacted.get(&body.digest)?.clone();
        Some(Self { at, by, reason })
    }
}

/// A project as it is or was, to be shown. Redactions are those of today: what was removed for
/// good is gone from the past too.
///
/// # Errors
/// As [`Engine::state_at`].
pub async fn project_at<S: Storage>(
    engine: &Engine<S>,
    project: ProjectId,
    at: Point,
) -> Result<Arc<Project>, EngineError> {
    let then = engine.state_at(project, at).await?;
    if at.is_now() {
        return Ok(then);
    }
    let redacted = engine.project(project).await?.redacted.clone();
    Ok(Arc::new(Project {
        redacted,
        ..(*then).clone()
    }))
}

/// A body; none if it was removed for good.
///
/// # Errors
/// As [`Engine::body`], but for `REDACTED`.
pub async fn body_unless_redacted<S: Storage>(
    engine: &Engine<S>,
    project: ProjectId,
    body: Option<&BlobRef>,
) -> Result<Option<Arc<str>>, EngineError> {
    let Some(body) = body else { return Ok(None) };
    match engine.body(project, body).await {
        Ok(text) => Ok(Some(text)),
        Err(EngineError::Redacted { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A text, or how it began if the rest was removed for good.
pub(super) async fn what_is_left<S: Storage>(
    engine: &Engine<S>,
    project: ProjectId,
    text: &Text,
) -> Result<Arc<str>, EngineError> {
    match engine.text(project, text).await {
        Err(EngineError::Redacted { .. }) => Ok(text.start().into()),
        read => read,
    }
}
