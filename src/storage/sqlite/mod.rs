//! SQLite: one file, WAL, strict durability. For native programs.
//!
//! The connection lives on a thread of its own, which takes one job after the other: no call
//! blocks whoever awaits it, and no runtime is needed.

mod backup;
mod backup_error;
mod backup_on_open;
mod backup_target;
mod contents;
mod delay;
mod erase;
mod error;
#[cfg_attr(unix, path = "file_unix.rs")]
#[cfg_attr(not(unix), path = "file_elsewhere.rs")]
mod file;
#[cfg(test)]
mod migration_tests;
mod open;
mod read;
#[cfg(test)]
mod row_round_trip;
mod row_tables;
mod usage;
mod worker;
mod workers;
mod write;

use super::commit::check_together;
pub use backup::{Backup, BackupProgress};
pub use backup_error::BackupError;
pub use backup_on_open::BackupOnOpen;
#[cfg(feature = "cli")]
pub(crate) use backup_target::Target as NewFile;

use super::{
    Commit, Durability, Epoch, Lease, LeaseError, Refused, RowChanges, RowPage, RowQuery,
    SignOfLife, Storage, StorageError, Tombstone, Usage, WriteError,
};
use crate::journal::{Head, Sealed, Snapshot};
use crate::machine::CommandStamp;
use crate::model::{CommandId, Digest, PlanId, ProjectId, Revision, WorkerId};
use backup::Watcher;
use futures_channel::mpsc::UnboundedReceiver;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;
use worker::Worker;

/// A storage in a SQLite file. Several may be open on one file, in this process and in others.
#[derive(Debug)]
pub struct SqliteStorage {
    worker: Worker,
    path: PathBuf,
}

/// How a file is opened.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SqliteOptions {
    /// Whether a file that isn't there is made.
    pub create: bool,
    /// What an acknowledged commit survives.
    pub durability: Durability,
    /// How long to wait for another connection that is writing.
    pub busy_timeout: Duration,
    /// Whether a store that is there is backed up before it is opened. If it can't be, it isn't
    /// opened.
    pub backup_on_open: Option<BackupOnOpen>,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            create: true,
            durability: Durability::Strict,
            busy_timeout: Duration::from_secs(5),
            backup_on_open: None,
        }
    }
}

impl SqliteStorage {
    /// Opens a store, and makes the file if it isn't there. Blocks while it does.
    ///
    /// # Errors
    /// A [`StorageError`] that says what the file is instead. Nothing was changed then.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StorageError> {
        Self::open_with(path, &SqliteOptions::default())
    }

    /// Opens a store in this way. Blocks while it does.
    ///
    /// # Errors
    /// A [`StorageError`] that says what the file is instead. Nothing was changed then.
    pub fn open_with(
        path: impl AsRef<Path>,
        options: &SqliteOptions,
    ) -> Result<Self, StorageError> {
        let path = path.as_ref();
        if let Some(backup) = &options.backup_on_open {
            backup
                .run(path, |_| ControlFlow::Continue(()))
                .map_err(BackupError::on_opening)?;
        }
        let connection = open::open(path, options)?;
        // It stays that file, wherever the program goes. That it can be said was just seen.
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let options = SqliteOptions {
            create: false,
            backup_on_open: None,
            ..options.clone()
        };
        let again = path.clone();
        let reopen = move || open::open(&again, &options);
        Ok(Self {
            worker: Worker::start(connection, reopen)?,
            path,
        })
    }

    /// Makes a backup of the store in a file that isn't there yet: of one moment, while this
    /// storage, others and other processes go on writing. It is a store like any other: it can be
    /// opened, written to and verified. What was removed for good before that moment is in no byte
    /// of it.
    ///
    /// `progress` hears how far it is, and may end it by breaking; dropping the future ends it as
    /// well. Nothing is left of a backup that was ended or failed. One that was killed leaves a
    /// file called `holdpoint-backup-….unfinished`, which a later one into that folder removes.
    ///
    /// # Errors
    /// A [`BackupError`] that says what is in the way.
    pub async fn backup(
        &self,
        to: impl AsRef<Path>,
        progress: impl FnMut(BackupProgress) -> ControlFlow<()> + Send + 'static,
    ) -> Result<Backup, BackupError> {
        backup::back_up_aside(self.path.clone(), to.as_ref(), progress).await
    }

    /// The same of a store that isn't open here. It is read only: a store of an older program isn't
    /// brought up to date. Blocks while it does.
    ///
    /// # Errors
    /// As [`backup`](Self::backup), and what can be said of the store's file.
    pub fn backup_of(
        store: impl AsRef<Path>,
        to: impl AsRef<Path>,
        progress: impl FnMut(BackupProgress) -> ControlFlow<()> + Send + 'static,
    ) -> Result<Backup, BackupError> {
        backup::back_up(store.as_ref(), to.as_ref(), &Watcher::new(progress))
    }
}

impl Storage for SqliteStorage {
    async fn head(&self, project: ProjectId) -> Result<Option<Head>, StorageError> {
        self.worker
            .read(move |connection| read::head(connection, project))
            .await?
    }

    async fn tombstone(&self, project: ProjectId) -> Result<Option<Tombstone>, StorageError> {
        self.worker
            .read(move |connection| read::tombstone(connection, project))
            .await?
    }

    async fn append(&self, commit: Commit) -> Result<Head, WriteError> {
        let appended = self
            .worker
            .write(move |connection| write::append(connection, &commit))
            .await;
        delay::acknowledged();
        appended?
    }

    async fn append_all(&self, commits: Vec<Commit>) -> Result<Vec<Head>, Refused> {
        check_together(&commits)?;
        let appended = self
            .worker
            .write(move |connection| write::append_all(connection, &commits))
            .await;
        delay::acknowledged();
        appended?
    }

    async fn entries(
        &self,
        project: ProjectId,
        after: Revision,
        limit: usize,
    ) -> Result<Vec<Sealed>, StorageError> {
        self.worker
            .read(move |connection| read::entries(connection, project, after, limit))
            .await?
    }

    async fn journals(
        &self,
        after: Option<ProjectId>,
        limit: usize,
    ) -> Result<Vec<ProjectId>, StorageError> {
        self.worker
            .read(move |connection| read::journals(connection, after, limit))
            .await?
    }

    async fn find_command(
        &self,
        project: ProjectId,
        command: CommandId,
    ) -> Result<Option<Revision>, StorageError> {
        self.worker
            .read(move |connection| read::find_command(connection, project, command))
            .await?
    }

    async fn snapshot(
        &self,
        project: ProjectId,
        at_most: Revision,
    ) -> Result<Option<Snapshot>, StorageError> {
        self.worker
            .read(move |connection| read::snapshot(connection, project, at_most))
            .await?
    }

    async fn save_snapshot(
        &self,
        project: ProjectId,
        snapshot: Snapshot,
    ) -> Result<bool, StorageError> {
        self.worker
            .write(move |connection| write::save_snapshot(connection, project, &snapshot))
            .await?
    }

    async fn rows(&self, query: RowQuery) -> Result<RowPage, StorageError> {
        self.worker
            .read(move |connection| row_tables::select(connection, &query))
            .await?
    }

    async fn blob(
        &self,
        project: ProjectId,
        digest: Digest,
    ) -> Result<Option<Vec<u8>>, StorageError> {
        self.worker
            .read(move |connection| read::blob(connection, project, digest))
            .await?
    }

    async fn blobs(
        &self,
        project: ProjectId,
        digests: Vec<Digest>,
    ) -> Result<Vec<Option<Vec<u8>>>, StorageError> {
        self.worker
            .read(move |connection| read::blobs(connection, project, &digests))
            .await?
    }

    async fn write_rows(
        &self,
        project: ProjectId,
        at: Head,
        rows: RowChanges,
    ) -> Result<(), WriteError> {
        self.worker
            .write(move |connection| write::write_rows(connection, project, at, &rows))
            .await?
    }

    async fn lease(&self, project: ProjectId, plan: PlanId) -> Result<Option<Lease>, StorageError> {
        self.worker
            .read(move |connection| read::lease(connection, project, plan))
            .await?
    }

    async fn swap_lease(
        &self,
        project: ProjectId,
        plan: PlanId,
        expected: Option<Epoch>,
        lease: Lease,
    ) -> Result<(), LeaseError> {
        self.worker
            .write(move |connection| write::swap_lease(connection, project, plan, expected, &lease))
            .await?
    }

    async fn remove(
        &self,
        project: ProjectId,
        expected: Head,
        command: CommandStamp,
    ) -> Result<(), WriteError> {
        self.worker
            .write(move |connection| write::remove(connection, project, expected, command))
            .await?
    }

    async fn show_alive(&self, worker: WorkerId) -> SignOfLife {
        let path = self.path.clone();
        let shown = self
            .worker
            .read(move |_| workers::show_alive(&path, worker));
        shown.await.unwrap_or_else(|_| SignOfLife::not_shown())
    }

    async fn is_alive(&self, worker: WorkerId) -> Option<bool> {
        let path = self.path.clone();
        let asked = self.worker.read(move |_| workers::is_alive(&path, worker));
        asked.await.ok().flatten()
    }

    fn changes(&self) -> UnboundedReceiver<Option<ProjectId>> {
        self.worker.watch()
    }

    async fn usage(&self) -> Usage {
        let path = self.path.clone();
        let asked = self.worker.read(move |_| usage::usage(&path));
        asked.await.unwrap_or_default()
    }
}
