//! Hearing of what other connections and other processes commit.

use super::notice::Subscription;
use super::{Inner, Result, find, load};
use crate::model::{ProjectId, Revision};
use crate::platform::{self, log};
use crate::storage::{Row, RowKind, RowQuery, Storage};
use futures_core::Stream;
use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

pub(super) async fn subscribe<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: Option<ProjectId>,
) -> Result<Subscription> {
    // Watching costs a thread or a task, so it begins with the first listener; and before the head
    // is read, so that nothing falls between the two.
    if !inner.is_watching.swap(true, Ordering::AcqRel) {
        let changes = inner.storage.changes();
        platform::spawn("watcher", Box::pin(watch(Arc::downgrade(inner), changes)));
    }
    let Some(project) = project else {
        let subscription = inner.hub.subscribe(None);
        // Where each project is now. One that isn't here is made later, and is heard of whole.
        for (project, revision) in revisions(inner).await? {
            inner.hub.begin(project, revision);
        }
        return Ok(subscription);
    };
    let head = inner.storage.head(project).await?;
    let revision = head.map_or(Revision::ZERO, |head| head.revision);
    Ok(inner.hub.subscribe(Some((project, revision))))
}

/// Follows the storage's hints for as long as the engine is there.
async fn watch<S: Storage>(inner: Weak<Inner<S>>, changes: impl Stream<Item = Option<ProjectId>>) {
    let mut changes = pin!(changes);
    while let Some(hint) = std::future::poll_fn(|context| changes.as_mut().poll_next(context)).await
    {
        let Some(inner) = inner.upgrade() else {
            return;
        };
        if !inner.hub.has_listeners() {
            continue;
        }
        let projects = match hint {
            Some(project) => vec![project],
            None => moved(&inner).await.into_iter().collect(),
        };
        for project in projects {
            look(&inner, project).await;
        }
    }
}

/// The projects that somebody listens to and that may have moved.
async fn moved<S: Storage>(inner: &Arc<Inner<S>>) -> BTreeSet<ProjectId> {
    // Filled, not collected, which would sort first: a sort of its own in the browser's module.
    let mut projects = BTreeSet::new();
    projects.extend(inner.slots.in_use());
    projects.extend(inner.hub.projects());
    if !inner.hub.has_listeners_to_all() {
        return projects;
    }
    match revisions(inner).await {
        Ok(revisions) => {
            for (project, revision) in revisions {
                if inner.hub.heard_up_to(project) == Some(revision) {
                    projects.remove(&project);
                } else {
                    projects.insert(project);
                }
            }
        }
        Err(error) => {
            inner.hub.missed(None);
            log::did_not("watch", None, error.code());
            platform::warn(&format!("cannot look for changes: {error}"));
        }
    }
    projects
}

/// Where each project of the storage is, by its row: no project is loaded for this.
async fn revisions<S: Storage>(inner: &Arc<Inner<S>>) -> Result<Vec<(ProjectId, Revision)>> {
    let mut revisions = Vec::new();
    let projects = RowQuery::of(RowKind::Projects, find::PAGE);
    find::each_row(inner, projects, |row| {
        if let Row::Project(row) = row {
            revisions.push((row.project, row.revision));
        }
    })
    .await?;
    Ok(revisions)
}

/// Tells a project's listeners what is new, and brings it up to date if it is in memory.
pub(super) async fn look<S: Storage>(inner: &Arc<Inner<S>>, project: ProjectId) {
    let slot = inner.slots.of(project);
    let _turn = slot.turn.lock().await;
    let looked = if slot.loaded().is_some() {
        load::newest(inner, &slot, project).await.map(drop)
    } else {
        load::tell(inner, project).await
    };
    if let Err(error) = looked {
        // Whoever listens reads anew, meets the same error and can act on it.
        inner.hub.missed(Some(project));
        log::did_not("watch", Some(project), error.code());
        platform::warn(&format!(
            "project {project}: cannot look for changes: {error}"
        ));
    }
}
