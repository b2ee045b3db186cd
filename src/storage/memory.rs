//! The reference: a storage in memory. Simple enough to be read in one go and believed.

use super::commit::check_together;
use super::turn::Held;
use super::{
    Commit, Epoch, Lease, LeaseError, Refused, Row, RowChanges, RowKind, RowPage, RowQuery,
    SignOfLife, Storage, StorageError, Tombstone, Usage, WriteError,
};
use crate::journal::format::StoreFormat;
use crate::journal::{Head, Sealed, Snapshot};
use crate::machine::CommandStamp;
use crate::model::{CheckpointId, CommandId, Digest, PlanId, ProjectId, Revision, WorkerId};
use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use std::collections::{BTreeMap, BTreeSet};
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
    /// Those who show that they are alive.
    workers: BTreeSet<WorkerId>,
}

impl Default for Contents {
    fn default() -> Self {
        Self {
            format: StoreFormat::CURRENT,
            projects: BTreeMap::new(),
            tombstones: BTreeMap::new(),
            watchers: Vec::new(),
            workers: BTreeSet::new(),
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
    /// [`StorageErrorKind::TooNew`](super::StorageErrorKind::TooNew) if a newer program wrote it.
    pub fn open(disk: &MemoryDisk) -> Result<Self, StorageError> {
        let format = disk.contents().format;
        if format.is_readable() {
            return Ok(Self { disk: disk.clone() });
        }
        Err(StorageError::unreadable("", format.min_reader))
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
        Err(StorageError::unwritable(self.format.min_writer))
    }

    /// The rules that come before every write to a journal.
    fn check(&self, project: ProjectId, expected: Option<Head>) -> Result<(), WriteError> {
        self.check_writable()?;
        if let Some(tombstone) = self.tombstones.get(&project) {
            return Err(WriteError::Removed {
                project,
                tombstone: *tombstone,
            });
        }
        self.check_head(project, expected)
    }

    fn check_head(&self, project: ProjectId, expected: Option<Head>) -> Result<(), WriteError> {
        let found = self.projects.get(&project).map(|kept| kept.head);
        if found != expected {
            return Err(WriteError::Conflict { expected, found });
        }
        Ok(())
    }

    /// Those that come before an append: a command that is there already comes before the head, and
    /// one that revives has no tombstone in its way.
    fn check_commit(&self, commit: &Commit) -> Result<(), WriteError> {
        self.check_writable()?;
        let project = commit.project();
        if let Some(kept) = self.projects.get(&project) {
            let mut commands = commit.entries().iter().map(|entry| entry.command);
            if let Some(revision) = commands.find_map(|command| kept.commands.get(&command)) {
                return Err(WriteError::DuplicateCommand {
                    revision: *revision,
                });
            }
        }
        if commit.revives {
            return self.check_head(project, commit.expected());
        }
        self.check(project, commit.expected())
    }

    /// Writes a commit that was checked.
    fn append(&mut self, commit: Commit) -> Head {
        let (project, head) = (commit.project(), commit.head());
        if commit.revives {
            self.tombstones.remove(&project);
        }
        let kept = self
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
        self.announce(project);
        head
    }

    fn announce(&mut self, project: ProjectId) {
        self.watchers
            .retain(|watcher| watcher.unbounded_send(Some(project)).is_ok());
    }
}

/// A worker on the list of the living.
struct Listed {
    disk: MemoryDisk,
    worker: WorkerId,
}

impl Held for Listed {}

impl Drop for Listed {
    fn drop(&mut self) {
        self.disk.contents().workers.remove(&self.worker);
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

    /// How many bytes it has, but for the rows, which are not kept as bytes.
    fn bytes(&self) -> usize {
        let entries = self.entries.iter().map(|entry| entry.text.len());
        let snapshots = (self.snapshots.values()).map(|snapshot| snapshot.text.len());
        let bodies = self.blobs.values().map(Vec::len);
        let leases = self.leases.values().map(|lease| lease.text.len());
        entries.chain(snapshots).chain(bodies).chain(leases).sum()
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
        contents.check_commit(&commit)?;
        Ok(contents.append(commit))
    }

    async fn append_all(&self, commits: Vec<Commit>) -> Result<Vec<Head>, Refused> {
        check_together(&commits)?;
        let mut contents = self.disk.contents();
        for commit in &commits {
            contents
                .check_commit(commit)
                .map_err(|error| Refused::at(commit.project(), error))?;
        }
        let appended = commits.into_iter().map(|commit| contents.append(commit));
        Ok(appended.collect())
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
            .collect();
        Row::sort(&mut rows, &query);
        rows.truncate(query.limit.saturating_add(1));
        let rows = rows.into_iter().cloned().collect();
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

    async fn blobs(
        &self,
        project: ProjectId,
        digests: Vec<Digest>,
    ) -> Result<Vec<Option<Vec<u8>>>, StorageError> {
        let missing = vec![None; digests.len()];
        let found = self.read(project, |kept| {
            let found = digests.iter().map(|digest| kept.blobs.get(digest).cloned());
            found.collect()
        });
        Ok(found.unwrap_or(missing))
    }

    async fn write_rows(
        &self,
        project: ProjectId,
        at: Head,
        rows: RowChanges,
    ) -> Result<(), WriteError> {
        let mut contents = self.disk.contents();
        contents.check(project, Some(at))?;
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
        contents.check(project, Some(expected))?;
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

    async fn show_alive(&self, worker: WorkerId) -> SignOfLife {
        self.disk.contents().workers.insert(worker);
        SignOfLife::holding(Listed {
            disk: self.disk.clone(),
            worker,
        })
    }

    async fn is_alive(&self, worker: WorkerId) -> Option<bool> {
        Some(self.disk.contents().workers.contains(&worker))
    }

    fn changes(&self) -> UnboundedReceiver<Option<ProjectId>> {
        let (sender, receiver) = unbounded();
        self.disk.contents().watchers.push(sender);
        receiver
    }

    async fn usage(&self) -> Usage {
        let contents = self.disk.contents();
        let bytes: usize = contents.projects.values().map(Kept::bytes).sum();
        Usage {
            bytes: Some(bytes as u64),
            ..Usage::default()
        }
    }
}
