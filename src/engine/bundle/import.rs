//! From a bundle into the store.

use crate::engine::clock::new_project_id;
use crate::engine::slots::SNAPSHOT_FROM;
use crate::engine::{EngineError, Inner, Result, load, watch};
use crate::journal::bundle::{BundleLimits, BundleOrigin, BundleProject, Reader, Record};
use crate::journal::{Sealed, Snapshot};
use crate::model::{Actor, Blob, Digest, Name, Project, ProjectId, Revision, Timestamp};
use crate::platform::{self, log};
use crate::storage::{Commit, RowChanges, Storage, StorageError, StorageErrorKind, WriteError};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How often an append whose outcome isn't known is tried again.
const UNKNOWN_TRIES: usize = 3;

/// How to import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImportOptions {
    /// How much is read before it is refused.
    pub limits: BundleLimits,
    /// Under new ids: beside the projects that are there.
    pub as_copies: bool,
    /// Bring back projects that were deleted.
    pub revive: bool,
}

/// How far an import has come. How much there is, whoever has the file knows best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ImportProgress {
    /// Bytes so far, decompressed.
    pub bytes: u64,
    /// Projects that have begun.
    pub projects: u64,
    /// Entries so far.
    pub entries: u64,
    /// Bodies so far.
    pub bodies: u64,
}

/// What an import has put into the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// When the bundle was made.
    pub exported_at: Timestamp,
    /// By whom.
    pub exported_by: Actor,
    /// Its projects, in its order.
    pub projects: Vec<ImportedProject>,
}

/// A project that was imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportedProject {
    /// Its id here.
    pub project: ProjectId,
    /// Its id in the bundle: another one, if it is a copy.
    pub from: ProjectId,
    /// Its name.
    pub name: Name,
    /// The revision that its journal ends at.
    pub revision: Revision,
    /// The digest of that entry.
    pub digest: Digest,
    /// How many entries it has.
    pub entries: u64,
    /// How many bodies came with it.
    pub bodies: u64,
}

/// A bundle on its way into a store. Nothing is written before [`finish`](Self::finish): dropping
/// it leaves nothing behind.
///
/// ```
/// # use holdpoint::engine::{Engine, ExportScope, ImportOptions};
/// # use holdpoint::storage::MemoryStorage;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # pollster::block_on(async {
/// let here = Engine::open(MemoryStorage::new(), "ana".parse()?).await?;
/// let there = Engine::open(MemoryStorage::new(), "ben".parse()?).await?;
/// let project = here.create_project("moved".parse()?).await?.project;
///
/// let mut export = here.export(ExportScope::Project(project)).await?;
/// let mut import = there.import(ImportOptions::default());
/// while let Some(piece) = export.next().await? {
///     import.push(&piece).await?;
/// }
/// let report = import.finish().await?;
/// assert_eq!(report.projects[0].project, project);
/// assert_eq!(there.project(project).await?, here.project(project).await?);
/// # Ok(())
/// # })
/// # }
/// ```
pub struct Import<S: Storage> {
    inner: Arc<Inner<S>>,
    options: ImportOptions,
    reader: Reader,
    origin: Option<BundleOrigin>,
    current: Option<Current>,
    whole: Vec<Whole>,
    failed: Option<EngineError>,
}

/// The project that is being read.
struct Current {
    /// Its id here.
    project: ProjectId,
    said: BundleProject,
    entries: Vec<Sealed>,
    /// Bytes of entries.
    bytes: usize,
    blobs: Vec<Blob>,
}

/// A project that waits for the others.
struct Whole {
    commit: Commit,
    /// If replaying it would take long.
    snapshot: Option<Snapshot>,
    report: ImportedProject,
}

impl<S: Storage> Import<S> {
    pub(super) fn begin(inner: &Arc<Inner<S>>, options: ImportOptions) -> Self {
        Self {
            inner: Arc::clone(inner),
            options,
            reader: Reader::new(options.limits),
            origin: None,
            current: None,
            whole: Vec::new(),
            failed: None,
        }
    }

    /// Takes the next bytes of the bundle, decompressed. Await each call to its end before the next
    /// one.
    ///
    /// # Errors
    /// `BUNDLE_INVALID`, `BUNDLE_TOO_LARGE` and `TOO_NEW` say which line it was and what was
    /// expected there; `PROJECT_EXISTS` and `REMOVED` which project; and what the storage fails
    /// with. After an error the import is over: every further call gives it again.
    pub async fn push(&mut self, bytes: &[u8]) -> Result<()> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let taken = self.take(bytes).await;
        if let Err(error) = &taken {
            log::did_not("import", None, error.code());
            self.failed = Some(error.clone());
            (self.current, self.whole) = (None, Vec::new());
        }
        taken
    }

    /// Says how many bytes of a compressed bundle were taken so far, before what came of them is
    /// [pushed](Self::push): one that grows beyond measure is refused then.
    pub fn compressed(&mut self, bytes: u64) {
        self.reader.compressed(bytes);
    }

    /// How far it has come.
    #[must_use]
    pub fn progress(&self) -> ImportProgress {
        let counts = self.reader.counts();
        ImportProgress {
            bytes: self.reader.bytes(),
            projects: counts.projects,
            entries: counts.entries,
            bodies: counts.bodies,
        }
    }

    /// There are no more bytes: puts all projects of the bundle into the store, or none.
    ///
    /// # Errors
    /// As [`push`](Self::push); `BUNDLE_INVALID` too if the bundle was cut off. `OUTCOME_UNKNOWN` if
    /// it may or may not have happened: import again, and `PROJECT_EXISTS` says that it has. (Under
    /// new ids, look at the list of projects.)
    pub async fn finish(self) -> Result<ImportReport> {
        let had_failed = self.failed.is_some();
        let finished = self.append().await;
        match &finished {
            Ok(report) => {
                for imported in &report.projects {
                    log::done("import", imported.project, imported.revision);
                }
            }
            Err(error) if !had_failed => log::did_not("import", None, error.code()),
            Err(_) => {}
        }
        finished
    }

    async fn take(&mut self, mut bytes: &[u8]) -> Result<()> {
        while let Some(record) = self.reader.read(&mut bytes)? {
            match record {
                Record::Origin(origin) => self.origin = Some(origin),
                Record::Project(said) => self.current = Some(self.project(said).await?),
                Record::Entry(entry) => self.current().entry(entry),
                Record::Body(blob) => self.current().blobs.push(blob),
                Record::Whole(state) => {
                    let whole = self.current.take().expect("a project has begun");
                    self.whole.push(whole.whole(*state, self.options.revive)?);
                }
                Record::End(_) => {}
            }
        }
        Ok(())
    }

    fn current(&mut self) -> &mut Current {
        // So the reader says.
        self.current.as_mut().expect("a project has begun")
    }

    /// Begins a project, if it may be put here.
    async fn project(&self, said: BundleProject) -> Result<Current> {
        let project = if self.options.as_copies {
            new_project_id(self.inner.clock.now())
        } else {
            said.project
        };
        if let Some(found) = self.inner.storage.head(project).await? {
            return Err(EngineError::ProjectExists {
                project,
                found,
                bundle: said.head,
            });
        }
        if !self.options.revive
            && let Some(tombstone) = self.inner.storage.tombstone(project).await?
        {
            let revision = tombstone.head.revision;
            return Err(EngineError::Removed { project, revision });
        }
        Ok(Current {
            project,
            said,
            entries: Vec::new(),
            bytes: 0,
            blobs: Vec::new(),
        })
    }

    async fn append(self) -> Result<ImportReport> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        self.reader.finish()?;
        let BundleOrigin {
            exported_at,
            exported_by,
        } = self.origin.expect("a bundle that has ended has begun");
        if !self.whole.is_empty() {
            append(&self.inner, &self.whole).await?;
        }
        let mut projects = Vec::with_capacity(self.whole.len());
        for whole in self.whole {
            if let Some(snapshot) = whole.snapshot {
                save(&self.inner, whole.report.project, snapshot).await;
            }
            if self.inner.hub.has_listeners() {
                watch::look(&self.inner, whole.report.project).await;
            }
            projects.push(whole.report);
        }
        Ok(ImportReport {
            exported_at,
            exported_by,
            projects,
        })
    }
}

impl<S: Storage> std::fmt::Debug for Import<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Import")
            .field("options", &self.options)
            .field("progress", &self.progress())
            .finish_non_exhaustive()
    }
}

impl Current {
    fn entry(&mut self, entry: Sealed) {
        self.bytes += entry.text.len();
        self.entries.push(entry);
    }

    fn whole(self, state: Project, revives: bool) -> Result<Whole> {
        let project = self.project;
        let head = self.said.head;
        let state = Project {
            id: project,
            ..state
        };
        let journal_error = |error| EngineError::Journal { project, error };
        let report = ImportedProject {
            project,
            from: self.said.project,
            name: state.name.clone(),
            revision: head.revision,
            digest: head.digest,
            entries: self.entries.len() as u64,
            bodies: self.blobs.len() as u64,
        };
        let snapshot = (self.bytes > SNAPSHOT_FROM).then(|| Snapshot::take(&state, head));
        let rows = RowChanges::all(&state);
        let commit = Commit::new(project, None, self.entries, rows, self.blobs);
        let mut commit = commit.map_err(journal_error)?;
        commit.revives = revives;
        Ok(Whole {
            commit,
            snapshot: snapshot.transpose().map_err(journal_error)?,
            report,
        })
    }
}

async fn append<S: Storage>(inner: &Arc<Inner<S>>, whole: &[Whole]) -> Result<()> {
    let mut unknown = Vec::new();
    loop {
        let commits = whole.iter().map(|whole| whole.commit.clone()).collect();
        let Err(refused) = inner.storage.append_all(commits).await else {
            return Ok(());
        };
        match *refused.error {
            WriteError::Storage(error) if error.kind == StorageErrorKind::OutcomeUnknown => {
                unknown.push(error);
                if is_there(inner, whole, &unknown).await? {
                    return Ok(());
                }
                if unknown.len() >= UNKNOWN_TRIES {
                    return Err(unknown.remove(0).into());
                }
            }
            WriteError::Storage(error) => return Err(error.into()),
            WriteError::Removed { project, tombstone } => {
                let revision = tombstone.head.revision;
                return Err(EngineError::Removed { project, revision });
            }
            WriteError::Conflict { .. } | WriteError::DuplicateCommand { .. } => {
                // It may be this very import that was there first, after an answer that was lost.
                if !unknown.is_empty() && is_there(inner, whole, &unknown).await? {
                    return Ok(());
                }
                return Err(in_the_way(inner, whole).await?);
            }
            error @ WriteError::NotTogether { .. } => {
                return Err(EngineError::Internal(error.to_string()));
            }
        }
    }
}

/// Whether all of it is in the store after appends whose outcome isn't known. If that can't be
/// asked, the caller has to know that it isn't known.
async fn is_there<S: Storage>(
    inner: &Arc<Inner<S>>,
    whole: &[Whole],
    unknown: &[StorageError],
) -> Result<bool> {
    for whole in whole {
        match is_one_there(inner, whole).await {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(error) => return Err(unknown.first().cloned().unwrap_or(error).into()),
        }
    }
    Ok(true)
}

/// Whether a project is in the store as it is in the bundle; perhaps with more behind it by now.
async fn is_one_there<S: Storage>(
    inner: &Arc<Inner<S>>,
    whole: &Whole,
) -> std::result::Result<bool, StorageError> {
    let (project, ours) = (whole.report.project, whole.commit.head());
    let found = inner.storage.head(project).await?;
    if found.is_none_or(|found| found == ours) {
        return Ok(found.is_some());
    }
    let before = load::before(ours.revision);
    let entries = inner.storage.entries(project, before, 1).await?;
    Ok(entries.first().map(Sealed::head) == Some(ours))
}

/// What to say when the projects were free while the bundle was read, and one isn't any more.
async fn in_the_way<S: Storage>(inner: &Arc<Inner<S>>, whole: &[Whole]) -> Result<EngineError> {
    for whole in whole {
        let project = whole.report.project;
        if let Some(found) = inner.storage.head(project).await? {
            let bundle = whole.commit.head();
            return Ok(EngineError::ProjectExists {
                project,
                found,
                bundle,
            });
        }
    }
    // Made and deleted again, just now.
    Ok(EngineError::Busy {
        waited_milliseconds: 0,
        conflicts: 1,
    })
}

/// A cache that can't be saved is worth a warning and nothing else.
async fn save<S: Storage>(inner: &Arc<Inner<S>>, project: ProjectId, snapshot: Snapshot) {
    let revision = snapshot.revision;
    match inner.storage.save_snapshot(project, snapshot).await {
        Ok(_) => log::snapshot_saved(project, revision),
        Err(error) => {
            log::did_not("save_snapshot", Some(project), error.kind.code());
            platform::warn(&format!(
                "project {project}: no snapshot was saved: {error}"
            ));
        }
    }
}
