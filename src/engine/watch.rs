//! Hearing of what other connections and other processes commit.

use super::notice::Subscription;
use super::{Inner, Result, load};
use crate::model::{ProjectId, Revision};
use crate::platform;
use crate::storage::Storage;
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
        for project in inner.slots.in_use() {
            if let Some(loaded) = inner.slots.of(project).loaded() {
                inner.hub.begin(project, loaded.head.revision);
            }
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
        let projects: BTreeSet<_> = match hint {
            Some(project) => BTreeSet::from([project]),
            None => inner
                .slots
                .in_use()
                .into_iter()
                .chain(inner.hub.projects())
                .collect(),
        };
        for project in projects {
            look(&inner, project).await;
        }
    }
}

/// Brings a project in memory up to date, which tells its listeners what is new.
async fn look<S: Storage>(inner: &Arc<Inner<S>>, project: ProjectId) {
    let slot = inner.slots.of(project);
    let _turn = slot.turn.lock().await;
    if let Err(error) = load::newest(inner, &slot, project).await {
        // Whoever uses the project meets the same error and can act on it.
        platform::warn(&format!(
            "project {project}: cannot look for changes: {error}"
        ));
    }
}
