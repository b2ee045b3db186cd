//! Everything that can be stored comes back from every storage as it was, after it was closed and
//! opened again. (Row R31.)
//!
//! The values are made by derived `Arbitrary`: a field that is added to a stored type takes part
//! by itself, and makes this fail until each storage keeps it. What stands in the texts of entries
//! and snapshots is the journal's: see `journal/round_trip_tests.rs`.

use super::{
    CheckpointRow, Commit, Lease, PlanRow, ProjectRow, Row, RowChanges, RowKind, RowQuery, Storage,
    Tombstone,
};
use crate::journal::{Head, Sealed, Snapshot};
use crate::machine::CommandStamp;
use crate::model::arbitrary::{boxed, few};
use crate::model::{Blob, Digest, LongText, PlanId, ProjectId, Revision};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;

const CASES: u32 = 48;

/// All that a storage keeps of a project.
#[derive(Debug, proptest_derive::Arbitrary)]
struct Kept {
    /// With texts that are no entries: storages don't read them.
    #[proptest(strategy = "few()")]
    sealed: Vec<Sealed>,
    #[proptest(strategy = "boxed()")]
    project: ProjectRow,
    #[proptest(strategy = "few()")]
    plans: Vec<PlanRow>,
    #[proptest(strategy = "few()")]
    checkpoints: Vec<CheckpointRow>,
    #[proptest(strategy = "few()")]
    bodies: Vec<LongText>,
    #[proptest(strategy = "few()")]
    snapshots: Vec<Snapshot>,
    #[proptest(strategy = "few()")]
    leases: Vec<(PlanId, Lease)>,
    #[proptest(strategy = "boxed()")]
    removal: CommandStamp,
}

/// What is to be stored of one project, and expected back.
struct Case {
    id: ProjectId,
    sealed: Vec<Sealed>,
    rows: RowChanges,
    blobs: Vec<Blob>,
    snapshots: BTreeMap<Revision, Snapshot>,
    leases: BTreeMap<PlanId, Lease>,
    removal: CommandStamp,
}

impl Case {
    /// Made to fit together as little as a storage asks for: what goes with a project names it, and
    /// entries follow each other.
    fn of(number: u32, kept: Kept) -> Self {
        let id = ProjectId::from_parts(number.into(), 1);
        let (mut revision, mut prev) = (Revision::ZERO, Digest::ZERO);
        let mut sealed = Vec::new();
        let odd = Sealed {
            revision,
            command: kept.removal.id,
            prev,
            digest: Digest::of(b"odd"),
            text: "\u{feff}\0 \r\n{".into(),
        };
        for odd in kept.sealed.into_iter().chain([odd]) {
            revision = revision.next();
            sealed.push(Sealed {
                revision,
                prev,
                ..odd
            });
            prev = odd.digest;
        }
        let project = ProjectRow {
            project: id,
            revision,
            ..kept.project
        };
        let numbered = |number: usize| u64::try_from(number).unwrap();
        let plans = kept.plans.into_iter().enumerate();
        let checkpoints = kept.checkpoints.into_iter().enumerate();
        Self {
            id,
            rows: RowChanges {
                project,
                plans: plans
                    .map(|(number, row)| PlanRow {
                        project: id,
                        number: numbered(number),
                        ..row
                    })
                    .collect(),
                plans_gone: vec![],
                checkpoints: checkpoints
                    .map(|(number, row)| CheckpointRow {
                        project: id,
                        number: numbered(number),
                        ..row
                    })
                    .collect(),
                checkpoints_gone: vec![],
            },
            blobs: kept
                .bodies
                .iter()
                .map(|body| Blob::new(body.as_str()))
                .collect(),
            snapshots: kept
                .snapshots
                .into_iter()
                .map(|snapshot| (snapshot.revision, snapshot))
                .collect(),
            leases: kept.leases.into_iter().collect(),
            sealed,
            removal: kept.removal,
        }
    }

    fn head(&self) -> Head {
        self.sealed.last().unwrap().head()
    }

    async fn store<S: Storage>(&self, storage: &S) {
        let (sealed, rows, blobs) = (&self.sealed, &self.rows, &self.blobs);
        let commit = Commit::new(self.id, None, sealed.clone(), rows.clone(), blobs.clone());
        assert_eq!(storage.append(commit.unwrap()).await, Ok(self.head()));
        for snapshot in self.snapshots.values() {
            let saved = storage.save_snapshot(self.id, snapshot.clone()).await;
            assert_eq!(saved, Ok(true));
        }
        for (plan, lease) in &self.leases {
            let swapped = storage.swap_lease(self.id, *plan, None, lease.clone());
            assert_eq!(swapped.await, Ok(()));
        }
    }

    async fn is_there<S: Storage>(&self, storage: &S) {
        let id = self.id;
        assert_eq!(storage.head(id).await, Ok(Some(self.head())));
        let entries = storage.entries(id, Revision::ZERO, usize::MAX).await;
        assert_eq!(entries.as_ref(), Ok(&self.sealed));
        for sealed in &self.sealed {
            let found = storage.find_command(id, sealed.command).await;
            assert_eq!(found, Ok(Some(sealed.revision)));
        }
        let rows = &self.rows;
        let plans = rows.plans.iter().cloned().map(Box::new).map(Row::Plan);
        let checkpoints = rows.checkpoints.iter().cloned().map(Box::new);
        for (kind, expected) in [
            (
                RowKind::Projects,
                vec![Row::Project(Box::new(rows.project.clone()))],
            ),
            (RowKind::Plans, plans.collect()),
            (
                RowKind::Checkpoints,
                checkpoints.map(Row::Checkpoint).collect(),
            ),
        ] {
            let page = storage.rows(RowQuery::of(kind, 100).in_project(id)).await;
            assert_eq!(page.unwrap().rows, expected);
        }
        for blob in &self.blobs {
            let found = storage.blob(id, *blob.digest()).await;
            assert_eq!(found, Ok(Some(blob.bytes().to_vec())));
        }
        for (revision, snapshot) in &self.snapshots {
            let found = storage.snapshot(id, *revision).await;
            assert_eq!(found.as_ref().map(Option::as_ref), Ok(Some(snapshot)));
        }
        for (plan, lease) in &self.leases {
            let found = storage.lease(id, *plan).await;
            assert_eq!(found.as_ref().map(Option::as_ref), Ok(Some(lease)));
        }
    }

    async fn remove<S: Storage>(&self, storage: &S) {
        let removed = storage.remove(self.id, self.head(), self.removal).await;
        assert_eq!(removed, Ok(()));
    }

    async fn is_removed<S: Storage>(&self, storage: &S) {
        let expected = Tombstone {
            command: self.removal,
            head: self.head(),
        };
        assert_eq!(storage.tombstone(self.id).await, Ok(Some(expected)));
        assert_eq!(storage.head(self.id).await, Ok(None));
    }
}

/// Stores it all, opens the same once more, and compares.
pub(super) async fn everything_comes_back<S: Storage>(open: impl AsyncFn() -> S) {
    let mut runner = TestRunner::deterministic();
    let values = any::<Kept>();
    let made = |number| Case::of(number, values.new_tree(&mut runner).unwrap().current());
    let cases: Vec<_> = (0..CASES).map(made).collect();
    let storage = open().await;
    for case in &cases {
        case.store(&storage).await;
    }
    drop(storage);
    let storage = open().await;
    for case in &cases {
        case.is_there(&storage).await;
        case.remove(&storage).await;
    }
    drop(storage);
    let storage = open().await;
    for case in &cases {
        case.is_removed(&storage).await;
    }
}

#[cfg(not(target_family = "wasm"))]
mod in_memory {
    use super::super::{MemoryDisk, MemoryStorage};

    #[test]
    fn r31_everything_that_is_stored_comes_back_from_memory() {
        let disk = MemoryDisk::new();
        let open = async || MemoryStorage::open(&disk).unwrap();
        pollster::block_on(super::everything_comes_back(open));
    }
}
