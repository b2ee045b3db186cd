//! The files, and what they say. Those of later releases stand beside them, in a folder for each.

use holdpoint::engine::Engine;
use holdpoint::journal::{Sealed, Snapshot};
use holdpoint::model::{ProjectId, Revision};
use holdpoint::storage::Storage;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One line for each entry of all projects; the texts are as they were stored.
pub(crate) const ENTRIES: &str = include_str!("../fixtures/v1/entries.jsonl");
/// The snapshot that the store holds.
pub(crate) const SNAPSHOT: &str = include_str!("../fixtures/v1/snapshot.json");
/// What the stores say, as JSON.
pub(crate) const STATE: &str = include_str!("../fixtures/v1/state.json");

/// An entry with all that is stored beside it.
#[derive(Serialize, Deserialize)]
pub(crate) struct EntryLine {
    pub(crate) project: ProjectId,
    revision: Revision,
    command: String,
    prev: String,
    digest: String,
    text: String,
}

impl EntryLine {
    pub(crate) fn sealed(&self) -> Sealed {
        Sealed {
            revision: self.revision,
            command: self.command.parse().expect("an id"),
            prev: self.prev.parse().expect("a digest"),
            digest: self.digest.parse().expect("a digest"),
            text: self.text.as_str().into(),
        }
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct SnapshotFile {
    pub(crate) project: ProjectId,
    revision: Revision,
    digest: String,
    text: String,
}

impl SnapshotFile {
    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot {
            revision: self.revision,
            digest: self.digest.parse().expect("a digest"),
            text: self.text.as_str().into(),
        }
    }
}

/// What a store says.
#[derive(Serialize, Deserialize)]
pub(crate) struct StateFile {
    pub(crate) projects: Vec<ProjectSaid>,
    pub(crate) removed: Vec<Removed>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct ProjectSaid {
    pub(crate) project: ProjectId,
    pub(crate) digest: String,
    /// As it stands in a snapshot.
    pub(crate) state: Value,
    pub(crate) leases: Vec<LeaseSaid>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct LeaseSaid {
    pub(crate) plan: String,
    pub(crate) epoch: u64,
    pub(crate) text: String,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Removed {
    pub(crate) project: ProjectId,
    pub(crate) revision: Revision,
    pub(crate) digest: String,
    pub(crate) command: String,
    pub(crate) command_digest: String,
}

pub(crate) fn entries() -> Vec<EntryLine> {
    let line = |line| serde_json::from_str(line).expect("a line of the fixture");
    ENTRIES.lines().map(line).collect()
}

pub(crate) fn snapshot() -> SnapshotFile {
    serde_json::from_str(SNAPSHOT).expect("the fixture")
}

pub(crate) fn state() -> StateFile {
    serde_json::from_str(STATE).expect("the fixture")
}

/// The state of a project, as it stands in a snapshot.
pub(crate) fn state_in(snapshot: &Snapshot) -> Value {
    let mut written: Value = serde_json::from_str(&snapshot.text).expect("it is JSON");
    written["state"].take()
}

/// What a store says of its projects.
pub(crate) async fn said<S: Storage>(engine: &Engine<S>) -> Vec<ProjectSaid> {
    let storage = engine.storage();
    let mut said = Vec::new();
    for project in storage.journals(None, 1000).await.expect("readable") {
        let head = storage.head(project).await.expect("readable");
        let head = head.expect("it is there");
        let state = engine.project(project).await.expect("it opens");
        let taken = Snapshot::take(&state, head).expect("it can be written");
        let mut leases = Vec::new();
        for plan in state.plans_in_order() {
            if let Some(lease) = storage.lease(project, plan.id).await.expect("readable") {
                leases.push(LeaseSaid {
                    plan: plan.id.to_string(),
                    epoch: lease.epoch.0,
                    text: lease.text.to_string(),
                });
            }
        }
        said.push(ProjectSaid {
            project,
            digest: head.digest.to_string(),
            state: state_in(&taken),
            leases,
        });
    }
    said
}

/// What it says of a project that it no longer has.
pub(crate) async fn removed<S: Storage>(storage: &S, project: ProjectId) -> Removed {
    let tombstone = storage.tombstone(project).await.expect("readable");
    let tombstone = tombstone.expect("it was removed");
    Removed {
        project,
        revision: tombstone.head.revision,
        digest: tombstone.head.digest.to_string(),
        command: tombstone.command.id.to_string(),
        command_digest: tombstone.command.digest.to_string(),
    }
}

/// Made once: they write only where there is nothing yet. `scripts/write-fixtures.sh` calls them.
#[cfg(not(target_family = "wasm"))]
mod writers {
    use super::*;
    use crate::fixtures_v1::story::{command_id, tell};
    use holdpoint::storage::MemoryStorage;
    use pollster::block_on;
    use std::fmt::Write as _;

    /// Data as JSON with a line for each of its parts.
    fn in_lines<T: Serialize>(parts: &[T]) -> String {
        let mut lines = String::new();
        for (n, part) in parts.iter().enumerate() {
            let part = serde_json::to_string(part).expect("data");
            write!(lines, "{}\n{part}", if n == 0 { "" } else { "," }).expect("a text takes all");
        }
        lines
    }

    fn write(name: &str, text: &str) {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/v1/");
        let path = format!("{folder}{name}");
        let there = std::fs::read(&path).unwrap_or_default();
        assert!(there.is_empty(), "{name} is never edited");
        std::fs::write(path, text).unwrap();
    }

    /// What is left of projects that are gone; their ids come from commands.
    fn all_removed(storage: &MemoryStorage) -> Vec<Removed> {
        (1..1000)
            .map(|n| ProjectId::created_by(&command_id(n)))
            .filter(|project| block_on(storage.tombstone(*project)).unwrap().is_some())
            .map(|project| block_on(removed(storage, project)))
            .collect()
    }

    #[test]
    #[ignore = "writes fixtures"]
    fn write_the_fixtures_of_entries_and_states() {
        let engine = block_on(tell(MemoryStorage::new()));
        let storage = engine.storage();
        let (mut lines, mut snapshots) = (String::new(), Vec::new());
        for project in block_on(storage.journals(None, 1000)).unwrap() {
            for sealed in block_on(storage.entries(project, Revision::ZERO, 1000)).unwrap() {
                let line = EntryLine {
                    project,
                    revision: sealed.revision,
                    command: sealed.command.to_string(),
                    prev: sealed.prev.to_string(),
                    digest: sealed.digest.to_string(),
                    text: sealed.text.to_string(),
                };
                writeln!(lines, "{}", serde_json::to_string(&line).unwrap()).unwrap();
            }
            let kept = block_on(storage.snapshot(project, Revision::MAX)).unwrap();
            snapshots.extend(kept.map(|snapshot| SnapshotFile {
                project,
                revision: snapshot.revision,
                digest: snapshot.digest.to_string(),
                text: snapshot.text.to_string(),
            }));
        }
        let snapshot = snapshots.first().expect("one was saved");
        let projects = block_on(said(&engine));
        let state = format!(
            "{{\"projects\":[{}\n],\"removed\":[{}\n]}}\n",
            in_lines(&projects),
            in_lines(&all_removed(storage))
        );
        write("entries.jsonl", &lines);
        write("snapshot.json", &serde_json::to_string(snapshot).unwrap());
        write("state.json", &state);
    }
}
