//! The reference: a storage in memory. Simple enough to be read in one go and believed.

use super::{
    Commit, Epoch, Lease, LeaseError, Row, RowChanges, RowKind, RowPage, RowQuery, Storage,
    StorageError, StorageErrorKind, Tombstone, WriteError,
};
use crate::journal::format::StoreFormat;
use crate::journal::{Head, Sealed, Snapshot};
use crate::machine::CommandStamp;
use crate::model::{CheckpointId, CommandId, Digest, PlanId, ProjectId, Revision};
use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a file is to SQLite: what several [`MemoryStorage`]s, opened one after the other or side
/// by side, have in common.
#[derive(Debug, Clone, Default)]
pub struct MemoryDisk(Arc<Mutex<Contents>>);

/// A storage in memory, for tests and for work that needn't outlive its process.
#[derive(Debug, Clone, Default)]
pub struct MemoryStorage {
    disk: MemoryDisk,
}

#[derive(Debug)]
struct Contents {
    format: StoreFormat,
    projects: BTreeMap<ProjectId, Kept>,
    tombstones: BTreeMap<ProjectId, Tombstone>,
    watchers: Vec<UnboundedSender<Option<ProjectId>>>,
}

impl Default for Contents {
    fn default() -> Self {
        Self {
            format: StoreFormat::CURRENT,
            projects: BTreeMap::new(),
            tombstones: BTreeMap::new(),
            watchers: Vec::new(),
        }
    }
}

/// All that is kept of one project.
#[derive(Debug)]
struct Kept {
    head: Head,
    entries: Vec<Sealed>,
    commands: BTreeMap<CommandId, Revision>,
    snapshots: BTreeMap<Revision, Snapshot>,
    project: Row,
    plans: BTreeMap<PlanId, Row>,
    checkpoints: BTreeMap<CheckpointId, Row>,
    blobs: BTreeMap<Digest, Vec<u8>>,
    leases: BTreeMap<PlanId, Lease>,
}

impl MemoryDisk {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes it look as if a program of another version had written it: for tests.
    pub fn set_format(&self, format: StoreFormat) {
        self.contents().format = format;
    }

    /// Changes stored entries behind everybody's back: for tests of `verify`. Says whether the
    /// project is there.
    pub fn damage_entries(
        &self,
        project: ProjectId,
        damage: impl FnOnce(&mut Vec<Sealed>),
    ) -> bool {
        self.contents()
            .projects
            .get_mut(&project)
            .map(|kept| damage(&mut kept.entries))
            .is_some()
    }

    /// Changes stored snapshots behind everybody's back: for tests of `verify`. Says whether the
    /// project is there.
    pub fn damage_snapshots(&self, project: ProjectId, damage: impl Fn(&mut Snapshot)) -> bool {
        let mut contents = self.contents();
        let kept = contents.projects.get_mut(&project);
        kept.map(|kept| kept.snapshots.values_mut().for_each(damage))
            .is_some()
    }

    fn contents(&self) -> MutexGuard<'_, Contents> {
        // Nothing in here panics half-way through a change.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl MemoryStorage {
    /// An empty storage of its own.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens what is on this disk.
    ///
    /// # Errors
    /// [`StorageErrorKind::TooNew`] if a newer program wrote it.
    pub fn open(disk: &MemoryDisk) -> Result<Self, StorageError> {
        let format = disk.contents().format;
        if format.is_readable() {
            return Ok(Self { disk: disk.clone() });
        }
        Err(StorageError::new(
            StorageErrorKind::TooNew,
            format!(
                "expected a store that programs of format {} can read, found one for {} and later",
                StoreFormat::CURRENT.format,
                format.min_reader
            ),
        ))
    }

    fn read<T>(&self, project: ProjectId, read: impl FnOnce(&Kept) -> T) -> Option<T> {
        self.disk.contents().projects.get(&project).map(read)
    }
}

impl Contents {
    fn check_writable(&self) -> Result<(), StorageError> {
        if self.format.is_writable() {
            return Ok(());
        }
        Err(StorageError::new(
            StorageErrorKind::TooNew,
            format!(
                "expected a store that programs of format {} can write to, found one for {} and later",
                StoreFormat::CURRENT.format,
                self.format.min_writer
            ),
        ))
    }

    /// The rules that come before every write to a journal.
    fn check(
        &self,
        project: ProjectId,
        expected: Option<Head>,
        commands: impl IntoIterator<Item = CommandId>,
    ) -> Result<(), WriteError> {
        self.check_writable()?;
        if let Some(tombstone) = self.tombstones.get(&project) {
            return Err(WriteError::Removed {
                project,
                tombstone: *tombstone,
            });
        }
        let kept = self.projects.get(&project);
        let mut commands = commands.into_iter();
        let led_to = |command| kept.and_then(|kept| kept.commands.get(&command).copied());
        if let Some(revision) = commands.find_map(led_to) {
            return Err(WriteError::DuplicateCommand { revision });
        }
        let found = kept.map(|kept| kept.head);
        if found != expected {
            return Err(WriteError::Conflict { expected, found });
        }
        Ok(())
    }

    fn announce(&mut self, project: ProjectId) {
        self.watchers
            .retain(|watcher| watcher.unbounded_send(Some(project)).is_ok());
    }
}

impl Kept {
    fn new(head: Head, rows: &RowChanges) -> Self {
        Self {
            head,
            entries: Vec::new(),
            commands: BTreeMap::new(),
            snapshots: BTreeMap::new(),
            project: Row::Project(Box::new(rows.project.clone())),
            plans: BTreeMap::new(),
            checkpoints: BTreeMap::new(),
            blobs: BTreeMap::new(),
            leases: BTreeMap::new(),
        }
    }

    fn write(&mut self, rows: RowChanges) {
        self.project = Row::Project(Box::new(rows.project));
        for plan in rows.plans_gone {
            self.plans.remove(&plan);
        }
        for row in rows.plans {
            self.plans.insert(row.plan, Row::Plan(Box::new(row)));
        }
        for checkpoint in rows.checkpoints_gone {
            self.checkpoints.remove(&checkpoint);
        }
        for row in rows.checkpoints {
            self.checkpoints
                .insert(row.checkpoint, Row::Checkpoint(Box::new(row)));
        }
    }

    fn rows(&self, kind: RowKind) -> Box<dyn Iterator<Item = &Row> + '_> {
        match kind {
            RowKind::Projects => Box::new(std::iter::once(&self.project)),
            RowKind::Plans => Box::new(self.plans.values()),
            RowKind::Checkpoints => Box::new(self.checkpoints.values()),
        }
    }
}

impl Storage for MemoryStorage {
    async fn head(&self, project: ProjectId) -> Result<Option<Head>, StorageError> {
        Ok(self.read(project, |kept| kept.head))
    }

    async fn tombstone(&self, project: ProjectId) -> Result<Option<Tombstone>, StorageError> {
        Ok(self.disk.contents().tombstones.get(&project).copied())
    }

    async fn append(&self, commit: Commit) -> Result<Head, WriteError> {
        let mut contents = self.disk.contents();
        let project = commit.project();
        let head = commit.head();
        let commands = commit.entries().iter().map(|entry| entry.command);
        contents.check(project, commit.expected(), commands)?;
        let kept = contents
            .projects
            .entry(project)
            .or_insert_with(|| Kept::new(head, &commit.rows));
        kept.head = head;
        for entry in commit.entries() {
            kept.commands.insert(entry.command, entry.revision);
            kept.entries.push(entry.clone());
        }
        for blob in &commit.blobs {
            kept.blobs
                .entry(*blob.digest())
                .or_insert_with(|| blob.bytes().to_vec());
        }
        for digest in &commit.drop_blobs {
            kept.blobs.remove(digest);
        }
        kept.write(commit.rows);
        contents.announce(project);
        Ok(head)
    }

    async fn entries(
        &self,
        project: ProjectId,
        after: Revision,
        limit: usize,
    ) -> Result<Vec<Sealed>, StorageError> {
        let entries = self.read(project, |kept| {
            kept.entries
                .iter()
                .filter(|entry| entry.revision > after)
                .take(limit)
                .cloned()
                .collect()
        });
        Ok(entries.unwrap_or_default())
    }

    async fn journals(
        &self,
        after: Option<ProjectId>,
        limit: usize,
    ) -> Result<Vec<ProjectId>, StorageError> {
        let contents = self.disk.contents();
        let projects = contents.projects.keys().copied();
        Ok(projects
            .filter(|project| after.is_none_or(|after| *project > after))
            .take(limit)
            .collect())
    }

    async fn find_command(
        &self,
        project: ProjectId,
        command: CommandId,
    ) -> Result<Option<Revision>, StorageError> {
        Ok(self
            .read(project, |kept| kept.commands.get(&command).copied())
            .flatten())
    }

    async fn snapshot(
        &self,
        project: ProjectId,
        at_most: Revision,
    ) -> Result<Option<Snapshot>, StorageError> {
        let snapshot = self.read(project, |kept| {
            kept.snapshots
                .range(..=at_most)
                .next_back()
                .map(|(_, snapshot)| snapshot.clone())
        });
        Ok(snapshot.flatten())
    }

    async fn save_snapshot(
        &self,
        project: ProjectId,
        snapshot: Snapshot,
    ) -> Result<bool, StorageError> {
        let mut contents = self.disk.contents();
        contents.check_writable()?;
        let Some(kept) = contents.projects.get_mut(&project) else {
            return Ok(false);
        };
        kept.snapshots.insert(snapshot.revision, snapshot);
        Ok(true)
    }

    async fn rows(&self, query: RowQuery) -> Result<RowPage, StorageError> {
        let contents = self.disk.contents();
        let mut rows: Vec<_> = contents
            .projects
            .values()
            .flat_map(|kept| kept.rows(query.kind))
            .filter(|row| row.matches(&query))
            .cloned()
            .collect();
        rows.sort_unstable_by_key(Row::cursor);
        rows.truncate(query.limit.saturating_add(1));
        Ok(RowPage::of(rows, query.limit))
    }

    async fn blob(
        &self,
        project: ProjectId,
        digest: Digest,
    ) -> Result<Option<Vec<u8>>, StorageError> {
        Ok(self
            .read(project, |kept| kept.blobs.get(&digest).cloned())
            .flatten())
    }

    async fn write_rows(
        &self,
        project: ProjectId,
        at: Head,
        rows: RowChanges,
    ) -> Result<(), WriteError> {
        let mut contents = self.disk.contents();
        contents.check(project, Some(at), [])?;
        let kept = contents
            .projects
            .get_mut(&project)
            .expect("its head was compared just now");
        kept.plans.clear();
        kept.checkpoints.clear();
        kept.write(rows);
        Ok(())
    }

    async fn lease(&self, project: ProjectId, plan: PlanId) -> Result<Option<Lease>, StorageError> {
        Ok(self
            .read(project, |kept| kept.leases.get(&plan).cloned())
            .flatten())
    }

    async fn swap_lease(
        &self,
        project: ProjectId,
        plan: PlanId,
        expected: Option<Epoch>,
        lease: Lease,
    ) -> Result<(), LeaseError> {
        let mut contents = self.disk.contents();
        contents.check_writable()?;
        let kept = contents
            .projects
            .get_mut(&project)
            .ok_or(LeaseError::NoProject)?;
        let found = kept.leases.get(&plan);
        if found.map(|lease| lease.epoch) != expected {
            return Err(LeaseError::Conflict {
                expected,
                found: found.cloned(),
            });
        }
        kept.leases.insert(plan, lease);
        Ok(())
    }

    async fn remove(
        &self,
        project: ProjectId,
        expected: Head,
        command: CommandStamp,
    ) -> Result<(), WriteError> {
        let mut contents = self.disk.contents();
        contents.check(project, Some(expected), [])?;
        contents.projects.remove(&project);
        contents.tombstones.insert(
            project,
            Tombstone {
                command,
                head: expected,
            },
        );
        contents.announce(project);
        Ok(())
    }

    fn changes(&self) -> UnboundedReceiver<Option<ProjectId>> {
        let (sender, receiver) = unbounded();
        self.disk.contents().watchers.push(sender);
        receiver
    }
}
