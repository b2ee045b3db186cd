//! Looking back: states at points in the past, and other projects to be forked.

use super::{Engine, Inner, Preview, Result, bodies, execute, load};
use crate::machine::{self, Change, Command, Decision, Event, Outcome, Rejection, Request, Source};
use crate::model::{Blob, Point, Project, ProjectId, Revision};
use crate::platform::MaybeSend;
use crate::storage::Storage;
use serde::Serialize;
use std::sync::Arc;

/// What differs between two points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diff {
    /// The revision of the one.
    pub from: Revision,
    /// The revision of the other.
    pub to: Revision,
    /// What is different at the other, in the order of the paths.
    pub changes: Vec<Change>,
}

impl<S: Storage> Engine<S> {
    /// What differs between two points of a project's past, whichever of them is the earlier one.
    ///
    /// # Errors
    /// As [`state_at`](Self::state_at).
    pub async fn diff(
        &self,
        project: ProjectId,
        from: impl Into<Point> + MaybeSend,
        to: impl Into<Point> + MaybeSend,
    ) -> Result<Diff> {
        let from = state(&self.inner, project, from.into()).await?;
        let to = state(&self.inner, project, to.into()).await?;
        Ok(Diff {
            from: from.revision,
            to: to.revision,
            changes: machine::diff(&from, &to),
        })
    }
}

/// The state at a point.
pub(super) async fn state<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    at: Point,
) -> Result<Arc<Project>> {
    match at {
        Point::Now => now(inner, project).await,
        Point::Revision(revision) => load::state_at(inner, project, revision).await,
        Point::Checkpoint(checkpoint) => {
            let now = now(inner, project).await?;
            let found = now.checkpoints.get(&checkpoint);
            let found = found.ok_or(Rejection::CheckpointNotFound { checkpoint })?;
            if found.revision == now.revision {
                return Ok(now);
            }
            load::past(inner, &now, found.revision).await
        }
    }
}

async fn now<S: Storage>(inner: &Arc<Inner<S>>, project: ProjectId) -> Result<Arc<Project>> {
    let slot = inner.slots.of(project);
    let _turn = slot.turn.lock().await;
    Ok(load::current(inner, &slot, project).await?.project)
}

/// A project to be forked, as it was. Redactions are those of today: what was removed for good is
/// gone from the past too.
pub(super) async fn source<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    at: Point,
) -> Result<Source> {
    // Asked before anybody's turn is waited for: two forks that name each other's project to be
    // would wait for ever.
    if inner.storage.head(project).await?.is_none() {
        return Err(load::missing(inner, project).await?);
    }
    let then = state(inner, project, at).await?;
    let before = load::before(then.revision);
    let entries = inner.storage.entries(project, before, 1).await?;
    let Some(digest) = entries.first().map(|entry| entry.digest) else {
        return Err(load::ended_before(inner, project, then.revision, before).await?);
    };
    let redacted = now(inner, project).await?.redacted.clone();
    let state = Project {
        redacted,
        ..(*then).clone()
    };
    Ok(Source {
        state: Arc::new(state),
        digest,
    })
}

/// What a command that makes a project would come to. A fork's request names the revision that was
/// looked at, so that it makes just this, whatever comes to its source meanwhile.
pub(super) async fn preview_of_new<S: Storage>(
    inner: &Arc<Inner<S>>,
    request: &Request,
) -> Result<Preview> {
    let nothing = Project::before_creation(ProjectId::created_by(&request.id));
    let mut request = request.clone();
    let outcome = match execute::decide_on(inner, &Arc::new(nothing), &request).await? {
        Decision::Commit { events, .. } => execute::outcome_of(&events)?,
        _ => return Err(execute::not_supplied()),
    };
    let mut expected_revision = Revision::ZERO;
    if let (Command::ForkProject { at, .. }, Outcome::ProjectForked { origin }) =
        (&mut request.command, &outcome)
    {
        expected_revision = origin.revision;
        *at = Point::Revision(origin.revision);
    }
    Ok(Preview {
        expected_revision,
        outcome,
        request,
    })
}

/// The bodies that a fork takes along. `REDACTED` if one was removed for good since the source was
/// read.
pub(super) async fn bodies<S: Storage>(
    inner: &Arc<Inner<S>>,
    events: &[Event],
) -> Result<Vec<Blob>> {
    let mut blobs = Vec::new();
    for event in events {
        if let Event::ProjectForked(forked) = event {
            let source = forked.origin.project;
            let seen = inner.storage.head(source).await?;
            for part in bodies::parts(&event.bodies()) {
                match bodies::texts(inner, source, part).await {
                    Ok(texts) => blobs.extend(texts.into_iter().map(Blob::new)),
                    Err(error) if inner.storage.head(source).await?.is_some() => return Err(error),
                    // The source was deleted since it was read.
                    Err(_) => return Err(load::missing(inner, source).await?),
                }
            }
            // Thousands of bodies take a while; one that was read first may be gone by now.
            if inner.storage.head(source).await? != seen {
                for blob in &blobs {
                    if let Some(redacted) = load::redaction(inner, source, blob.digest()).await? {
                        return Err(redacted);
                    }
                }
            }
        }
    }
    Ok(blobs)
}
