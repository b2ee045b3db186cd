//! From the store to a bundle.

use crate::engine::{EngineError, Inner, Result, bodies, load};
use crate::journal::bundle::{BundleOrigin, BundleProject, Writer};
use crate::journal::{Chain, Head, JournalError};
use crate::machine::Event;
use crate::model::{BlobRef, Digest, ProjectId, Revision};
use crate::storage::Storage;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// How large the pieces are; the last one may be smaller.
const PIECE: usize = 256 << 10;
/// How many entries, or projects, are read at once.
const PAGE: usize = 512;

/// What to export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportScope {
    /// One project.
    Project(ProjectId),
    /// Several, in this order; each once.
    Projects(Vec<ProjectId>),
    /// Every project of the store.
    Store,
}

/// How far an export has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ExportProgress {
    /// Projects that have begun.
    pub projects: u64,
    /// Projects in all.
    pub projects_in_all: u64,
    /// Entries so far.
    pub entries: u64,
    /// Entries in all. How many bodies there are is not known before.
    pub entries_in_all: u64,
    /// Bodies so far.
    pub bodies: u64,
    /// Bytes that were handed out.
    pub bytes: u64,
}

/// A bundle on its way out of a store. Dropping it ends it.
///
/// Each project is exported as it was when the export began, whatever comes to it meanwhile. Only
/// what takes that away is an error: its deletion (`REMOVED`), or the removal of one of its texts
/// for good (`CHANGED`). The file is worth nothing then; export again.
pub struct Export<S: Storage> {
    inner: Arc<Inner<S>>,
    writer: Writer,
    /// Those that have not begun.
    left: VecDeque<(ProjectId, Head)>,
    current: Option<Current>,
    has_ended: bool,
    /// What waits to be handed out, and how much of it was.
    piece: Vec<u8>,
    given: usize,
    in_all: (u64, u64),
    bytes: u64,
}

/// The project that is being written.
struct Current {
    project: ProjectId,
    head: Head,
    chain: Chain,
    /// The bodies that its entries mention; once all entries are written, those that are to come.
    bodies: BTreeMap<Digest, BlobRef>,
}

impl<S: Storage> Export<S> {
    pub(super) async fn begin(inner: &Arc<Inner<S>>, scope: ExportScope) -> Result<Self> {
        let left = heads(inner, scope).await?;
        let entries = left.iter().map(|(_, head)| head.revision.get()).sum();
        let origin = BundleOrigin {
            exported_at: inner.clock.now(),
            exported_by: inner.actor.clone(),
        };
        Ok(Self {
            inner: Arc::clone(inner),
            writer: Writer::begin(&origin),
            in_all: (left.len() as u64, entries),
            left,
            current: None,
            has_ended: false,
            piece: Vec::new(),
            given: 0,
            bytes: 0,
        })
    }

    /// The next piece of the bundle, of 256 KiB or, at the end, less; none after the last one.
    ///
    /// After what a storage failed with it can be called again, once the cause is gone.
    ///
    /// # Errors
    /// `REMOVED` if a project was deleted meanwhile; `CHANGED` if a text that it needs was removed
    /// for good meanwhile; `CORRUPT` if a journal or body is damaged, which says where; `TOO_NEW`;
    /// and what the storage fails with.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        loop {
            if let Some(piece) = self.piece() {
                self.bytes += piece.len() as u64;
                return Ok(Some(piece));
            }
            if self.has_ended {
                return Ok(None);
            }
            self.go_on().await?;
        }
    }

    /// How far it has come.
    #[must_use]
    pub fn progress(&self) -> ExportProgress {
        let counts = self.writer.counts();
        ExportProgress {
            projects: counts.projects,
            projects_in_all: self.in_all.0,
            entries: counts.entries,
            entries_in_all: self.in_all.1,
            bodies: counts.bodies,
            bytes: self.bytes,
        }
    }

    fn piece(&mut self) -> Option<Vec<u8>> {
        if self.given == self.piece.len() {
            let waiting = self.writer.waiting();
            if waiting == 0 || waiting < PIECE && !self.has_ended {
                return None;
            }
            (self.piece, self.given) = (self.writer.take(), 0);
        }
        let rest = &self.piece[self.given..];
        let piece = rest[..rest.len().min(PIECE)].to_vec();
        self.given += piece.len();
        Some(piece)
    }

    /// Writes what comes next. Whatever is awaited is awaited before anything is written, so that
    /// nothing is lost or written twice when it fails or is dropped.
    async fn go_on(&mut self) -> Result<()> {
        match &mut self.current {
            None => self.begin_next().await,
            Some(current) if current.chain.head() != Some(current.head) => {
                current.entries(&self.inner, &mut self.writer).await
            }
            Some(current) if !current.bodies.is_empty() => {
                current.bodies(&self.inner, &mut self.writer).await
            }
            Some(_) => {
                self.current = None;
                Ok(())
            }
        }
    }

    async fn begin_next(&mut self) -> Result<()> {
        let Some((project, head)) = self.left.front().copied() else {
            self.writer.end();
            self.has_ended = true;
            return Ok(());
        };
        let state = match load::replay_to(&self.inner, project, head.revision).await {
            Ok(state) => state,
            Err(EngineError::RevisionNotFound { newest, .. }) => {
                let reached = (newest > Revision::ZERO).then_some(Head {
                    revision: newest,
                    digest: Digest::ZERO,
                });
                return Err(ended_early(&self.inner, project, head, reached).await);
            }
            Err(error) => return Err(unless_deleted(&self.inner, project, error).await),
        };
        self.left.pop_front();
        self.writer.project(&BundleProject {
            project,
            head,
            name: state.name.clone(),
        });
        self.current = Some(Current {
            project,
            head,
            chain: Chain::start(project),
            bodies: BTreeMap::new(),
        });
        Ok(())
    }
}

impl<S: Storage> std::fmt::Debug for Export<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Export")
            .field("progress", &self.progress())
            .finish_non_exhaustive()
    }
}

impl Current {
    async fn entries<S: Storage>(
        &mut self,
        inner: &Arc<Inner<S>>,
        writer: &mut Writer,
    ) -> Result<()> {
        let (project, head) = (self.project, self.head);
        let after = self.chain.project().revision;
        let left = head.revision.get().saturating_sub(after.get());
        let limit = usize::try_from(left).unwrap_or(usize::MAX).min(PAGE);
        let page = inner.storage.entries(project, after, limit).await?;
        for sealed in &page {
            let entry = match self.chain.follow(sealed) {
                Ok(entry) => entry,
                Err(error) => {
                    let error = EngineError::Journal { project, error };
                    return Err(unless_deleted(inner, project, error).await);
                }
            };
            let bodies = entry.events.iter().flat_map(Event::bodies);
            self.bodies.extend(bodies.map(|body| (body.digest, body)));
            writer.entry(sealed);
        }
        let reached = self.chain.head();
        let is_at_its_end = self.chain.project().revision == head.revision;
        if page.len() < limit || is_at_its_end && reached != Some(head) {
            return Err(ended_early(inner, project, head, reached).await);
        }
        if is_at_its_end {
            let redacted = &self.chain.project().redacted;
            self.bodies
                .retain(|digest, _| !redacted.contains_key(digest));
        }
        Ok(())
    }

    async fn bodies<S: Storage>(
        &mut self,
        inner: &Arc<Inner<S>>,
        writer: &mut Writer,
    ) -> Result<()> {
        let next: Vec<_> = self.bodies.values().take(PAGE).copied().collect();
        let part = bodies::parts(&next).next().unwrap_or_default();
        let texts = match bodies::texts(inner, self.project, part).await {
            Ok(texts) => texts,
            Err(EngineError::Redacted { digest, by, .. }) => {
                let found = format!("that {by} removed the text with digest {digest} for good");
                return Err(overtaken(self.project, self.head, found));
            }
            Err(error) => return Err(unless_deleted(inner, self.project, error).await),
        };
        for (body, text) in part.iter().zip(texts) {
            self.bodies.remove(&body.digest);
            writer.body(body.digest, &text);
        }
        Ok(())
    }
}

/// The projects, with the heads that they have now.
async fn heads<S: Storage>(
    inner: &Arc<Inner<S>>,
    scope: ExportScope,
) -> Result<VecDeque<(ProjectId, Head)>> {
    let named = match scope {
        ExportScope::Store => return heads_of_all(inner).await,
        ExportScope::Project(project) => vec![project],
        ExportScope::Projects(projects) => projects,
    };
    let mut seen = BTreeSet::new();
    let mut heads = VecDeque::new();
    for project in named {
        if !seen.insert(project) {
            continue;
        }
        match inner.storage.head(project).await? {
            Some(head) => heads.push_back((project, head)),
            None => return Err(load::missing(inner, project).await?),
        }
    }
    Ok(heads)
}

async fn heads_of_all<S: Storage>(inner: &Arc<Inner<S>>) -> Result<VecDeque<(ProjectId, Head)>> {
    let mut heads = VecDeque::new();
    let mut after = None;
    loop {
        let page = inner.storage.journals(after, PAGE).await?;
        for project in &page {
            match inner.storage.head(*project).await? {
                Some(head) => heads.push_back((*project, head)),
                // Deleted since.
                None if inner.storage.tombstone(*project).await?.is_some() => {}
                None => {
                    let error = JournalError::corrupt(
                        Revision::FIRST,
                        "a stored head of a journal that has entries",
                        "none",
                    );
                    let project = *project;
                    return Err(EngineError::Journal { project, error });
                }
            }
        }
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(*last),
            _ => return Ok(heads),
        }
    }
}

/// A journal that was deleted while it was read looks damaged.
async fn unless_deleted<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    error: EngineError,
) -> EngineError {
    match inner.storage.head(project).await {
        Ok(None) => load::missing(inner, project).await.unwrap_or(error),
        _ => error,
    }
}

/// What to say of a journal that doesn't lead to the head that it had.
async fn ended_early<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    head: Head,
    reached: Option<Head>,
) -> EngineError {
    let is_as_long = reached.is_some_and(|reached| reached.revision >= head.revision);
    match inner.storage.head(project).await {
        Ok(None) => match load::missing(inner, project).await {
            Ok(missing) | Err(missing) => missing,
        },
        // Deleted, and brought back by an import.
        Ok(Some(now)) if is_as_long || now.revision < head.revision => {
            overtaken(project, head, "another journal in its place".to_owned())
        }
        _ => load::not_the_end(project, head, reached),
    }
}

fn overtaken(project: ProjectId, head: Head, found: String) -> EngineError {
    EngineError::ExportOvertaken {
        project,
        revision: head.revision,
        found,
    }
}
