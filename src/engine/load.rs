//! From the storage to a state: the newest snapshot that can be trusted, then the entries after it.

use super::notice::Committed;
use super::slots::{Loaded, Slot};
use super::way::Way;
use super::{EngineError, Inner, Result};
use crate::journal::{Chain, Entry, Head, JournalError, Sealed, Snapshot};
use crate::machine::Rejection;
use crate::model::{Digest, Project, ProjectId, Revision};
use crate::platform::{self, log};
use crate::storage::Storage;
use std::sync::Arc;

/// How many entries are read at once.
const PAGE: usize = 512;

/// The newest state, or an error that says why there is none.
pub(super) async fn current<S: Storage>(
    inner: &Arc<Inner<S>>,
    slot: &Arc<Slot>,
    project: ProjectId,
) -> Result<Loaded> {
    match newest(inner, slot, project).await? {
        Some(loaded) => Ok(loaded),
        None => Err(missing(inner, project).await?),
    }
}

/// What to say of a project that isn't there.
pub(super) async fn missing<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
) -> Result<EngineError> {
    Ok(match inner.storage.tombstone(project).await? {
        Some(tombstone) => EngineError::Removed {
            project,
            revision: tombstone.head.revision,
        },
        None => Rejection::ProjectNotFound { project }.into(),
    })
}

/// The newest state; none if there is no such project. Entries that others appended since this
/// engine last looked are told to the listeners.
pub(super) async fn newest<S: Storage>(
    inner: &Arc<Inner<S>>,
    slot: &Arc<Slot>,
    project: ProjectId,
) -> Result<Option<Loaded>> {
    let mut before = None;
    loop {
        let Some(head) = inner.storage.head(project).await? else {
            if slot.loaded().is_some() || inner.hub.heard_up_to(project) > Some(Revision::ZERO) {
                slot.forget();
                inner.hub.removed(project);
            }
            return Ok(None);
        };
        match up_to(inner, slot, project, head).await {
            Ok(loaded) => {
                tell_listeners(inner, project, head.revision).await?;
                return Ok(Some(loaded));
            }
            // The project may have been removed since, or be another one by now. A head that has
            // not moved is not the end of this journal.
            Err(error @ EngineError::Journal { .. }) => {
                slot.forget();
                if before == Some(head) {
                    return Err(error);
                }
                before = Some(head);
            }
            Err(error) => return Err(error),
        }
    }
}

/// The state at the head: the one in memory, or what it takes to get there from it.
async fn up_to<S: Storage>(
    inner: &Arc<Inner<S>>,
    slot: &Arc<Slot>,
    project: ProjectId,
    head: Head,
) -> Result<Loaded> {
    let caught_up = match slot.loaded() {
        Some(loaded) if loaded.head == head => Some(loaded),
        Some(loaded) => catch_up(inner, slot, project, &loaded, head).await?,
        None => None,
    };
    match caught_up {
        Some(loaded) if loaded.head == head => Ok(loaded),
        Some(loaded) => Err(not_the_end(project, head, Some(loaded.head))),
        None => load(inner, slot, project, head).await,
    }
}

/// Tells the listeners of a project what they have not heard of, and loads nothing.
pub(super) async fn tell<S: Storage>(inner: &Arc<Inner<S>>, project: ProjectId) -> Result<()> {
    match inner.storage.head(project).await? {
        Some(head) => tell_listeners(inner, project, head.revision).await?,
        None if inner.hub.heard_up_to(project) > Some(Revision::ZERO) => {
            inner.hub.removed(project);
        }
        None => {}
    }
    Ok(())
}

/// Tells the listeners of the entries that they have not heard of.
async fn tell_listeners<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    newest: Revision,
) -> Result<()> {
    if !inner.hub.has_listeners() {
        return Ok(());
    }
    let mut after = match inner.hub.heard_up_to(project) {
        Some(heard) => heard,
        // It wasn't there when those who listen to all began to.
        None if inner.hub.has_listeners_to_all() => Revision::ZERO,
        None => {
            inner.hub.begin(project, newest);
            return Ok(());
        }
    };
    while after < newest {
        let page = inner.storage.entries(project, after, PAGE).await?;
        if page.is_empty() {
            return Ok(());
        }
        for sealed in &page {
            let entry = sealed
                .open()
                .map_err(|error| EngineError::Journal { project, error })?;
            after = entry.revision;
            inner.hub.committed(Committed::of(project, entry));
        }
    }
    Ok(())
}

/// Goes on from the state in memory to the head: no further, or a busy writer would be chased for
/// ever. `None` if the journal in the storage is another one than it was.
async fn catch_up<S: Storage>(
    inner: &Arc<Inner<S>>,
    slot: &Arc<Slot>,
    project: ProjectId,
    loaded: &Loaded,
    head: Head,
) -> Result<Option<Loaded>> {
    let mut chain = Chain::at((*loaded.project).clone(), loaded.head.digest);
    let mut way = Way::to(head);
    let followed = follow(inner, &mut chain, project, head.revision, &mut way).await;
    let reached = match (followed, chain.head()) {
        (Ok(()), Some(reached)) if reached != loaded.head => reached,
        (Ok(()), _) => {
            slot.forget();
            return Ok(None);
        }
        (
            Err(EngineError::Journal {
                error: JournalError::Corrupt { .. },
                ..
            }),
            _,
        ) => {
            slot.forget();
            return Ok(None);
        }
        (Err(error), _) => return Err(error),
    };
    slot.count_entries(way.bytes);
    log::loaded(project, loaded.head.revision, reached.revision);
    let caught_up = Loaded {
        project: Arc::new(chain.into_project()),
        head: reached,
    };
    slot.follow(Some(loaded.head), caught_up.clone(), way.remembered);
    Ok(Some(caught_up))
}

/// Loads from the newest snapshot that leads to the head.
async fn load<S: Storage>(
    inner: &Arc<Inner<S>>,
    slot: &Arc<Slot>,
    project: ProjectId,
    head: Head,
) -> Result<Loaded> {
    let mut at_most = head.revision;
    loop {
        let (mut chain, size) = begin(inner, project, at_most).await?;
        let begun = chain.head();
        let mut way = Way::to(head);
        let followed = follow(inner, &mut chain, project, head.revision, &mut way).await;
        slot.count_from_snapshot(size);
        slot.count_entries(way.bytes);
        let followed = followed.and_then(|()| match chain.head() {
            Some(reached) if reached == head => Ok(reached),
            reached => Err(not_the_end(project, head, reached)),
        });
        match (followed, begun) {
            (Ok(reached), _) => {
                log::loaded(project, revision_of(begun), reached.revision);
                let loaded = Loaded {
                    project: Arc::new(chain.into_project()),
                    head: reached,
                };
                slot.keep(loaded.clone(), way.remembered);
                return Ok(loaded);
            }
            // The snapshot may be what doesn't fit; without it the journal speaks for itself.
            (Err(error @ EngineError::Journal { .. }), Some(snapshot))
                if error.code() == crate::model::ErrorCode::Corrupt =>
            {
                // Deleted meanwhile: nothing of it is there, and nothing is damaged.
                if inner.storage.head(project).await?.is_none() {
                    return Err(error);
                }
                platform::warn(&format!("snapshot skipped: {error}"));
                at_most = before(at_most.min(snapshot.revision));
            }
            (Err(error), _) => return Err(error),
        }
    }
}

/// What to say of a journal that doesn't end where the stored head says. A tail that was cut off
/// is found so: the chain alone can't know of it.
pub(super) fn not_the_end(project: ProjectId, head: Head, reached: Option<Head>) -> EngineError {
    EngineError::Journal {
        project,
        error: JournalError::Corrupt {
            revision: head.revision,
            expected: format!("the journal to end at the stored head, {head}"),
            found: reached.map_or_else(|| "no entry".to_owned(), |reached| reached.to_string()),
        },
    }
}

/// Whether the project has been deleted since it had this head, or goes on, or is another one by now.
/// What didn't fit together then says nothing of it, and it is read anew.
pub(super) async fn has_moved<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    head: Head,
) -> Result<bool> {
    Ok(inner.storage.head(project).await? != Some(head))
}

/// A chain at the newest good snapshot at or below a revision, or before the first entry; and how
/// many bytes the snapshot has.
async fn begin<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    mut at_most: Revision,
) -> Result<(Chain, usize)> {
    while at_most > Revision::ZERO {
        let Some(snapshot) = inner.storage.snapshot(project, at_most).await? else {
            break;
        };
        match snapshot.open(project) {
            Ok(chain) => return Ok((chain, snapshot.text.len())),
            Err(_) if snapshot.is_outdated() => {}
            Err(error) => platform::warn(&format!("snapshot skipped: project {project}: {error}")),
        }
        // A damaged one may say anything of itself, so the search goes down by more than it says.
        at_most = before(at_most.min(snapshot.revision));
    }
    Ok((Chain::start(project), 0))
}

/// The revision before one.
pub(super) const fn before(revision: Revision) -> Revision {
    Revision::new(revision.get().saturating_sub(1))
}

/// Where a chain begins that has this head.
fn revision_of(head: Option<Head>) -> Revision {
    head.map_or(Revision::ZERO, |head| head.revision)
}

/// Follows the journal up to a revision, or to its end.
async fn follow<S: Storage>(
    inner: &Arc<Inner<S>>,
    chain: &mut Chain,
    project: ProjectId,
    up_to: Revision,
    way: &mut Way,
) -> Result<()> {
    loop {
        let after = chain.project().revision;
        let left = up_to.get().saturating_sub(after.get());
        let limit = usize::try_from(left).unwrap_or(usize::MAX).min(PAGE);
        if limit == 0 {
            return Ok(());
        }
        let page = inner.storage.entries(project, after, limit).await?;
        for sealed in &page {
            way.follow(chain, sealed)
                .map_err(|error| EngineError::Journal { project, error })?;
        }
        if page.len() < limit {
            return Ok(());
        }
    }
}

/// The state at a revision on the way to the newest one, which is this.
pub(super) async fn past<S: Storage>(
    inner: &Arc<Inner<S>>,
    now: &Arc<Project>,
    revision: Revision,
) -> Result<Arc<Project>> {
    let slot = inner.slots.of(now.id);
    if let Some(then) = slot.past(now, revision) {
        return Ok(then);
    }
    let then = replay_to(inner, now.id, revision).await?;
    slot.remember(now, &then);
    Ok(then)
}

/// The state at a revision that is known to exist.
pub(super) async fn replay_to<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    revision: Revision,
) -> Result<Arc<Project>> {
    let mut at_most = revision;
    loop {
        let (mut chain, _) = begin(inner, project, at_most).await?;
        let begun = chain.head();
        let followed = follow(inner, &mut chain, project, revision, &mut Way::of_no_note()).await;
        let reached = chain.project().revision;
        match (followed, begun) {
            (Ok(()), _) if reached == revision => {
                log::loaded(project, revision_of(begun), reached);
                return Ok(Arc::new(chain.into_project()));
            }
            (Ok(()), _) => return Err(ended_before(inner, project, revision, reached).await?),
            (Err(error @ EngineError::Journal { .. }), Some(snapshot))
                if error.code() == crate::model::ErrorCode::Corrupt =>
            {
                platform::warn(&format!("snapshot skipped: {error}"));
                at_most = before(at_most.min(snapshot.revision));
            }
            (Err(error), _) => return Err(error),
        }
    }
}

/// What to say of a journal that ended before a revision that was known to exist: it is damaged,
/// unless the project was removed since.
pub(super) async fn ended_before<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    revision: Revision,
    reached: Revision,
) -> Result<EngineError> {
    Ok(match inner.storage.head(project).await? {
        None => missing(inner, project).await?,
        Some(head) if head.revision >= revision => EngineError::Journal {
            project,
            error: JournalError::corrupt(
                reached.next(),
                format!("an entry, as up to the stored head, {head}"),
                "none",
            ),
        },
        // Brought back by an import, as it was earlier.
        Some(head) => EngineError::RevisionNotFound {
            project,
            newest: head.revision,
            found: revision,
        },
    })
}

/// The chain up to a revision, from the journal alone.
pub(super) async fn chain_from_start<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    revision: Revision,
) -> Result<Chain> {
    let mut chain = Chain::start(project);
    follow(inner, &mut chain, project, revision, &mut Way::of_no_note()).await?;
    Ok(chain)
}

/// The newest state from the journal alone, with no snapshot.
pub(super) async fn replay_from_start<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    head: Head,
) -> Result<Arc<Project>> {
    let chain = chain_from_start(inner, project, head.revision).await?;
    if chain.head() != Some(head) {
        return Err(not_the_end(project, head, chain.head()));
    }
    Ok(Arc::new(chain.into_project()))
}

pub(super) async fn state_at<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    revision: Revision,
) -> Result<Arc<Project>> {
    let Some(head) = inner.storage.head(project).await? else {
        return Err(missing(inner, project).await?);
    };
    if revision < Revision::FIRST || revision > head.revision {
        return Err(EngineError::RevisionNotFound {
            project,
            newest: head.revision,
            found: revision,
        });
    }
    replay_to(inner, project, revision).await
}

pub(super) async fn history<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    after: Revision,
    limit: usize,
) -> Result<Vec<Entry>> {
    loop {
        let Some(head) = inner.storage.head(project).await? else {
            return Err(missing(inner, project).await?);
        };
        match history_up_to(inner, project, after, limit, head).await {
            Err(EngineError::Journal { .. }) if has_moved(inner, project, head).await? => {}
            read => return read,
        }
    }
}

async fn history_up_to<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    after: Revision,
    limit: usize,
    head: Head,
) -> Result<Vec<Entry>> {
    let sealed = inner.storage.entries(project, after, limit).await?;
    let entries = opened(project, after, &sealed)?;
    let before = sealed.last().map(Sealed::head);
    let last = before.map_or(after, |before| before.revision);
    if entries.len() < limit && last < head.revision {
        return Err(not_the_end(project, head, before));
    }
    Ok(entries)
}

/// Opens a part of a journal: the entries after a revision. It can be checked for gaps, though not
/// from the first entry on.
pub(super) fn opened(project: ProjectId, after: Revision, part: &[Sealed]) -> Result<Vec<Entry>> {
    let journal_error = |error| EngineError::Journal { project, error };
    let mut entries: Vec<Entry> = Vec::with_capacity(part.len());
    let mut before: Option<Head> = None;
    for sealed in part {
        let expected = before.map_or(after, |before| before.revision).next();
        let follows = before.is_none_or(|before| before.digest == sealed.prev);
        if sealed.revision != expected || !follows {
            return Err(journal_error(JournalError::corrupt(
                expected,
                "the next entry of the chain",
                format!("revision {}", sealed.revision),
            )));
        }
        entries.push(sealed.open().map_err(journal_error)?);
        before = Some(sealed.head());
    }
    Ok(entries)
}

/// One entry that is known to exist.
pub(super) async fn entry<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    revision: Revision,
) -> Result<Entry> {
    let before = Revision::new(revision.get().saturating_sub(1));
    let found = inner.storage.entries(project, before, 1).await?;
    let Some(sealed) = found.first().filter(|sealed| sealed.revision == revision) else {
        return Err(ended_before(inner, project, revision, before).await?);
    };
    sealed
        .open()
        .map_err(|error| EngineError::Journal { project, error })
}

/// What to say of a body that isn't there because it was removed for good.
pub(super) async fn redaction<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    digest: &Digest,
) -> Result<Option<EngineError>> {
    let slot = inner.slots.of(project);
    let _turn = slot.turn.lock().await;
    let newest = newest(inner, &slot, project).await?;
    let redaction = newest.and_then(|loaded| loaded.project.redacted.get(digest).cloned());
    Ok(redaction.map(|redaction| EngineError::Redacted {
        digest: *digest,
        at: redaction.at,
        by: redaction.by,
    }))
}

/// Counts what was appended, and saves a snapshot when the entries since the last one outweigh it:
/// so all snapshots but the newest together never weigh more than the journal. A cache that can't be
/// saved is worth a warning and nothing else.
pub(super) async fn count_and_snapshot<S: Storage>(
    inner: &Arc<Inner<S>>,
    slot: &Arc<Slot>,
    project: ProjectId,
    loaded: &Loaded,
    bytes: usize,
) {
    if !slot.count_entries(bytes) {
        return;
    }
    if let Err(error) = save_snapshot(inner, slot, project, loaded).await {
        log::did_not("save_snapshot", Some(project), error.code());
        platform::warn(&format!(
            "project {project}: no snapshot was saved: {error}"
        ));
    }
}

/// Saves a snapshot of a state.
pub(super) async fn save_snapshot<S: Storage>(
    inner: &Arc<Inner<S>>,
    slot: &Arc<Slot>,
    project: ProjectId,
    loaded: &Loaded,
) -> Result<()> {
    let snapshot = Snapshot::take(&loaded.project, loaded.head)
        .map_err(|error| EngineError::Journal { project, error })?;
    // Counted from here on whether it can be saved or not: a full disk is not asked at each commit.
    slot.count_from_snapshot(snapshot.text.len());
    inner.storage.save_snapshot(project, snapshot).await?;
    log::snapshot_saved(project, loaded.head.revision);
    Ok(())
}
