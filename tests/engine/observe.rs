//! All that there is to see of a project, and a copy of it elsewhere.

use super::given::{engine_over, wait};
use holdpoint::engine::Engine;
use holdpoint::journal::{Head, Sealed, Snapshot};
use holdpoint::machine::Event;
use holdpoint::model::{Blob, ErrorCode, Project, ProjectId, Revision};
use holdpoint::storage::{Commit, Row, RowChanges, RowKind, RowQuery, Storage, Tombstone};
use std::sync::Arc;

/// What is stored of a project, and what a new engine makes of it. Snapshots are a cache and don't
/// count; `verify` looks at them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Observed {
    pub(crate) head: Option<Head>,
    pub(crate) tombstone: Option<Tombstone>,
    pub(crate) entries: Vec<Sealed>,
    pub(crate) rows: Vec<Row>,
    pub(crate) state: Result<Arc<Project>, ErrorCode>,
}

/// What there is to see of a project through a connection of its own. What is there is sound.
#[track_caller]
pub(crate) fn observe<S: Storage>(storage: S, project: ProjectId) -> Observed {
    let engine = engine_over(storage);
    let storage = engine.storage();
    let head = wait(storage.head(project)).expect("it can be read");
    if head.is_some() {
        let report = wait(engine.verify(project)).expect("it can be read");
        assert_eq!(report.findings, [], "it is sound");
    }
    Observed {
        head,
        tombstone: wait(storage.tombstone(project)).expect("it can be read"),
        entries: entries(storage, project),
        rows: rows(storage, project),
        state: state(&engine, project),
    }
}

/// The state that an engine knows, or why it doesn't.
pub(crate) fn state<S: Storage>(
    engine: &Engine<S>,
    project: ProjectId,
) -> Result<Arc<Project>, ErrorCode> {
    wait(engine.project(project)).map_err(|error| error.code())
}

pub(crate) fn entries<S: Storage>(storage: &S, project: ProjectId) -> Vec<Sealed> {
    wait(storage.entries(project, Revision::ZERO, 100_000)).expect("it can be read")
}

pub(crate) fn rows<S: Storage>(storage: &S, project: ProjectId) -> Vec<Row> {
    [RowKind::Projects, RowKind::Plans, RowKind::Checkpoints]
        .into_iter()
        .flat_map(|kind| {
            let query = RowQuery::of(kind, 10_000).in_project(project);
            wait(storage.rows(query)).expect("it can be read").rows
        })
        .collect()
}

/// Copies a project to another storage: entries, rows, bodies and snapshots.
#[allow(dead_code)] // not in every build is there a test that copies
pub(crate) fn copy<S: Storage, T: Storage>(from: &Engine<S>, to: &T, project: ProjectId) {
    if let Some(copy) = Copy::of(from, project) {
        copy.put(to);
    }
}

/// All that is stored of a project, to be put elsewhere as often as it is needed.
#[derive(Debug)]
pub(crate) struct Copy {
    commit: Commit,
    snapshots: Vec<Snapshot>,
}

impl Copy {
    /// None, if there is no such project.
    pub(crate) fn of<S: Storage>(from: &Engine<S>, project: ProjectId) -> Option<Self> {
        let state = state(from, project).ok()?;
        let history = wait(from.history(project, Revision::ZERO, 100_000)).expect("it can be read");
        let bodies = history
            .iter()
            .flat_map(|entry| entry.events.iter().flat_map(Event::bodies))
            .filter(|body| !state.redacted.contains_key(&body.digest))
            .map(|body| wait(from.body(project, &body)).expect("it can be read"));
        let commit = Commit::new(
            project,
            None,
            entries(from.storage(), project),
            RowChanges::all(&state),
            bodies.map(Blob::new).collect(),
        );
        let mut at_most = state.revision;
        let snapshots = std::iter::from_fn(|| {
            let found = wait(from.storage().snapshot(project, at_most)).expect("it can be read")?;
            at_most = Revision::new(found.revision.get() - 1);
            Some(found)
        });
        Some(Self {
            commit: commit.expect("entries that follow each other"),
            snapshots: snapshots.collect(),
        })
    }

    pub(crate) fn put<S: Storage>(&self, to: &S) {
        let project = self.commit.project();
        wait(to.append(self.commit.clone())).expect("nothing is there yet");
        for snapshot in &self.snapshots {
            wait(to.save_snapshot(project, snapshot.clone())).expect("it can be written");
        }
    }
}
