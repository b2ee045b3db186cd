//! SQLite: one file, WAL, strict durability. For native programs.
//!
//! The connection lives on a thread of its own, which takes one job after the other: no call
//! blocks whoever awaits it, and no runtime is needed.

mod delay;
mod error;
mod open;
mod read;
#[cfg(test)]
mod row_round_trip;
mod row_tables;
mod worker;
mod write;

use super::{
    Commit, Durability, Epoch, Lease, LeaseError, RowChanges, RowPage, RowQuery, Storage,
    StorageError, Tombstone, WriteError,
};
use crate::journal::{Head, Sealed, Snapshot};
use crate::machine::CommandStamp;
use crate::model::{CommandId, Digest, PlanId, ProjectId, Revision};
use futures_channel::mpsc::UnboundedReceiver;
use std::path::Path;
use std::time::Duration;
use worker::Worker;

/// A storage in a SQLite file. Several may be open on one file, in this process and in others.
#[derive(Debug)]
pub struct SqliteStorage {
    worker: Worker,
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
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            create: true,
            durability: Durability::Strict,
            busy_timeout: Duration::from_secs(5),
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
        let connection = open::open(path.as_ref(), options)?;
        Ok(Self {
            worker: Worker::start(connection)?,
        })
    }
}

impl Storage for SqliteStorage {
    async fn head(&self, project: ProjectId) -> Result<Option<Head>, StorageError> {
        self.worker
            .call(move |connection| read::head(connection, project))
            .await?
    }

    async fn tombstone(&self, project: ProjectId) -> Result<Option<Tombstone>, StorageError> {
        self.worker
            .call(move |connection| read::tombstone(connection, project))
            .await?
    }

    async fn append(&self, commit: Commit) -> Result<Head, WriteError> {
        let appended = self
            .worker
            .call(move |connection| write::append(connection, &commit))
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
            .call(move |connection| read::entries(connection, project, after, limit))
            .await?
    }

    async fn journals(
        &self,
        after: Option<ProjectId>,
        limit: usize,
    ) -> Result<Vec<ProjectId>, StorageError> {
        self.worker
            .call(move |connection| read::journals(connection, after, limit))
            .await?
    }

    async fn find_command(
        &self,
        project: ProjectId,
        command: CommandId,
    ) -> Result<Option<Revision>, StorageError> {
        self.worker
            .call(move |connection| read::find_command(connection, project, command))
            .await?
    }

    async fn snapshot(
        &self,
        project: ProjectId,
        at_most: Revision,
    ) -> Result<Option<Snapshot>, StorageError> {
        self.worker
            .call(move |connection| read::snapshot(connection, project, at_most))
            .await?
    }

    async fn save_snapshot(
        &self,
        project: ProjectId,
        snapshot: Snapshot,
    ) -> Result<bool, StorageError> {
        self.worker
            .call(move |connection| write::save_snapshot(connection, project, &snapshot))
            .await?
    }

    async fn rows(&self, query: RowQuery) -> Result<RowPage, StorageError> {
        self.worker
            .call(move |connection| row_tables::select(connection, &query))
            .await?
    }

    async fn blob(
        &self,
        project: ProjectId,
        digest: Digest,
    ) -> Result<Option<Vec<u8>>, StorageError> {
        self.worker
            .call(move |connection| read::blob(connection, project, digest))
            .await?
    }

    async fn write_rows(
        &self,
        project: ProjectId,
        at: Head,
        rows: RowChanges,
    ) -> Result<(), WriteError> {
        self.worker
            .call(move |connection| write::write_rows(connection, project, at, &rows))
            .await?
    }

    async fn lease(&self, project: ProjectId, plan: PlanId) -> Result<Option<Lease>, StorageError> {
        self.worker
            .call(move |connection| read::lease(connection, project, plan))
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
            .call(move |connection| write::swap_lease(connection, project, plan, expected, &lease))
            .await?
    }

    async fn remove(
        &self,
        project: ProjectId,
        expected: Head,
        command: CommandStamp,
    ) -> Result<(), WriteError> {
        self.worker
            .call(move |connection| write::remove(connection, project, expected, command))
            .await?
    }

    fn changes(&self) -> UnboundedReceiver<Option<ProjectId>> {
        self.worker.watch()
    }
}
