//! IndexedDB: for pages and workers in a browser.
//!
//! # Two handles
//!
//! A handle of our own (`connection.rs`) opens the database, makes its schema, writes, and reads what
//! opening a project and deciding need. [rexie](https://docs.rs/rexie) reads lists (`lists.rs`). It
//! can't do the rest:
//!
//! - **The schema** (`schema.rs`, `open.rs`). An upgrade of rexie's deletes every store that it
//!   wasn't told of, panics when it fails, and waits in silence for other tabs. The raw handle opens
//!   first and makes the schema, so that rexie finds it made.
//! - **Writing** (`transaction.rs`, `write.rs`). A transaction of rexie's can't be asked to be
//!   strictly durable, calls some aborts a success, and loses the cause of all of them.
//! - **Opening and closing** again and again: each opening of rexie's leaves memory behind.
//! - **The newest snapshot** (`read.rs`), for which rexie would read the one before it as well; many
//!   bodies at once, and lists from their end (`backwards.rs`), for which it would wait one by one.
//!
//! A rexie future that is dropped half-way throws in the page and aborts its transaction. Callers
//! drop futures as they please, so every read with rexie runs to its end by itself
//! (`to_its_end.rs`); who waits for it may leave.
//!
//! # One connection through all that befalls it
//!
//! Both handles close at once when another tab upgrades or deletes the database, or the browser
//! takes it away. The next call opens it again (`session.rs`): if that succeeds, the call never
//! knows. If the database is newer by then it says so; if it is gone, it says so for a second, so
//! that whoever has to know hears it, and is then empty. Whoever opened the storage can be told what
//! befalls its connections as it happens (`observer.rs`).
//!
//! # What else tabs share
//!
//! Hints that something moved (`hints.rs`), turns on contended projects (`turns.rs`), and which of
//! them are alive (`workers.rs`). Nothing rests on any of these.

mod answers;
mod backwards;
mod compare;
mod connection;
mod encoded_rows;
mod error;
mod format;
mod hints;
mod js;
mod listener;
mod lists;
mod observer;
mod open;
mod opening;
mod read;
#[cfg(test)]
mod row_round_trip;
mod rows;
mod schema;
mod session;
mod settle;
mod to_its_end;
mod transaction;
mod turns;
#[cfg(test)]
mod upgrade_tests;
mod usage;
mod workers;
mod write;

use super::commit::check_together;
use super::{
    Commit, Durability, Epoch, Lease, LeaseError, Refused, RowChanges, RowPage, RowQuery,
    SignOfLife, Storage, StorageError, Tombstone, Turn, Usage, WriteError,
};
use crate::journal::{Head, Sealed, Snapshot};
use crate::machine::CommandStamp;
use crate::model::{CommandId, Digest, PlanId, ProjectId, Revision, WorkerId};
use futures_channel::mpsc::UnboundedReceiver;
use hints::Hints;
pub use observer::{ConnectionNotice, ConnectionObserver};
use session::Session;
use std::rc::Rc;
use std::time::Duration;
use turns::Turns;
use workers::Workers;

/// A storage in an IndexedDB database. Several may be open on one database, in this tab and others.
///
/// Dropped, it closes the database; what is under way still ends. The handle with which lists are
/// read stays with the page, for the next storage on that database, and makes way for whoever
/// upgrades or deletes it.
#[derive(Debug)]
pub struct IndexedDbStorage {
    session: Session,
    durability: Durability,
    hints: Hints,
    turns: Rc<Turns>,
    workers: Workers,
}

/// How a database is opened.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct IndexedDbOptions {
    /// What an acknowledged commit survives.
    pub durability: Durability,
    /// How long to wait for tabs of an older version that were asked to make way, before the
    /// opening fails with [`Blocked`](super::StorageErrorKind::Blocked). A browser that doesn't say what it is
    /// waiting for gets four times as long.
    pub patience: Duration,
    /// Who is told what befalls the connection; nobody unless it is given.
    pub observer: Option<ConnectionObserver>,
}

impl Default for IndexedDbOptions {
    fn default() -> Self {
        Self {
            durability: Durability::Strict,
            patience: Duration::from_secs(3),
            observer: None,
        }
    }
}

impl IndexedDbStorage {
    /// Opens the database of this name, and makes it if it isn't there.
    ///
    /// # Errors
    /// A [`StorageError`] that says what stands in the way: [`Unavailable`](super::StorageErrorKind::Unavailable) where
    /// the browser has no IndexedDB or refuses it. Nothing was changed then.
    pub async fn open(name: &str) -> Result<Self, StorageError> {
        Self::open_with(name, &IndexedDbOptions::default()).await
    }

    /// Opens the database of this name in this way, and makes it if it isn't there.
    ///
    /// # Errors
    /// Those of [`open`](Self::open).
    pub async fn open_with(name: &str, options: &IndexedDbOptions) -> Result<Self, StorageError> {
        let session = Session::open(name, options.patience, options.observer.clone()).await?;
        let turns = Rc::new(Turns::of(name));
        Ok(Self {
            session,
            durability: options.durability,
            hints: Hints::of(name, &turns),
            turns,
            workers: Workers::of(name),
        })
    }

    /// Closes it for good: every later call fails with [`Closed`](super::StorageErrorKind::Closed), and those who
    /// watch it hear no more. What is under way still ends.
    pub fn close(&self) {
        self.session.close();
        self.hints.close();
    }

    /// Passes an answer on, and tells who has to know of it.
    fn after_write<T>(
        &self,
        project: ProjectId,
        written: Result<T, WriteError>,
    ) -> Result<T, WriteError> {
        match &written {
            Ok(_) => self.hints.moved(project),
            Err(WriteError::Conflict { .. }) => self.too_late(project),
            Err(_) => {}
        }
        written
    }

    /// Others write to this project: from here on it is taken in turns.
    fn too_late(&self, project: ProjectId) {
        self.turns.expect_others(project);
        self.hints.contended(project);
    }
}

impl Storage for IndexedDbStorage {
    async fn head(&self, project: ProjectId) -> Result<Option<Head>, StorageError> {
        self.session
            .again(async || read::head(&self.session, project).await)
            .await
    }

    async fn tombstone(&self, project: ProjectId) -> Result<Option<Tombstone>, StorageError> {
        self.session
            .again(async || read::tombstone(&self.session, project).await)
            .await
    }

    async fn append(&self, commit: Commit) -> Result<Head, WriteError> {
        let append = async || write::append(&self.session, self.durability, &commit).await;
        let appended = self.session.again(append).await;
        self.after_write(commit.project(), appended)
    }

    async fn append_all(&self, commits: Vec<Commit>) -> Result<Vec<Head>, Refused> {
        check_together(&commits)?;
        let append = async || write::append_all(&self.session, self.durability, &commits).await;
        let appended = self.session.again(append).await;
        match &appended {
            Ok(_) => commits
                .iter()
                .for_each(|commit| self.hints.moved(commit.project())),
            Err(refused) => {
                if let (Some(project), WriteError::Conflict { .. }) =
                    (refused.project, &*refused.error)
                {
                    self.too_late(project);
                }
            }
        }
        appended
    }

    async fn entries(
        &self,
        project: ProjectId,
        after: Revision,
        limit: usize,
    ) -> Result<Vec<Sealed>, StorageError> {
        self.session
            .again(async || read::entries(&self.session, project, after, limit).await)
            .await
    }

    async fn journals(
        &self,
        after: Option<ProjectId>,
        limit: usize,
    ) -> Result<Vec<ProjectId>, StorageError> {
        self.session
            .again(async || read::journals(&self.session, after, limit).await)
            .await
    }

    async fn find_command(
        &self,
        project: ProjectId,
        command: CommandId,
    ) -> Result<Option<Revision>, StorageError> {
        self.session
            .again(async || read::find_command(&self.session, project, command).await)
            .await
    }

    async fn snapshot(
        &self,
        project: ProjectId,
        at_most: Revision,
    ) -> Result<Option<Snapshot>, StorageError> {
        self.session
            .again(async || read::snapshot(&self.session, project, at_most).await)
            .await
    }

    async fn save_snapshot(
        &self,
        project: ProjectId,
        snapshot: Snapshot,
    ) -> Result<bool, StorageError> {
        self.session
            .again(async || write::save_snapshot(&self.session, project, &snapshot).await)
            .await
    }

    async fn rows(&self, query: RowQuery) -> Result<RowPage, StorageError> {
        self.session
            .again(async || rows::select(&self.session, &query).await)
            .await
    }

    async fn blob(
        &self,
        project: ProjectId,
        digest: Digest,
    ) -> Result<Option<Vec<u8>>, StorageError> {
        self.session
            .again(async || read::blob(&self.session, project, digest).await)
            .await
    }

    async fn blobs(
        &self,
        project: ProjectId,
        digests: Vec<Digest>,
    ) -> Result<Vec<Option<Vec<u8>>>, StorageError> {
        self.session
            .again(async || read::blobs(&self.session, project, &digests).await)
            .await
    }

    async fn write_rows(
        &self,
        project: ProjectId,
        at: Head,
        rows: RowChanges,
    ) -> Result<(), WriteError> {
        self.session
            .again(async || {
                write::write_rows(&self.session, self.durability, project, at, &rows).await
            })
            .await
    }

    async fn lease(&self, project: ProjectId, plan: PlanId) -> Result<Option<Lease>, StorageError> {
        self.session
            .again(async || read::lease(&self.session, project, plan).await)
            .await
    }

    async fn swap_lease(
        &self,
        project: ProjectId,
        plan: PlanId,
        expected: Option<Epoch>,
        lease: Lease,
    ) -> Result<(), LeaseError> {
        let session = &self.session;
        let swap = async || {
            write::swap_lease(session, self.durability, project, plan, expected, &lease).await
        };
        session.again(swap).await
    }

    async fn remove(
        &self,
        project: ProjectId,
        expected: Head,
        command: CommandStamp,
    ) -> Result<(), WriteError> {
        let remove = async || {
            write::remove(&self.session, self.durability, project, expected, command).await
        };
        let removed = self.session.again(remove).await;
        self.after_write(project, removed)
    }

    async fn turn(&self, project: ProjectId) -> Turn {
        self.turns.take(project).await
    }

    async fn show_alive(&self, worker: WorkerId) -> SignOfLife {
        self.workers.show_alive(worker).await
    }

    async fn is_alive(&self, worker: WorkerId) -> Option<bool> {
        self.workers.is_alive(worker).await
    }

    fn changes(&self) -> UnboundedReceiver<Option<ProjectId>> {
        self.hints.watch()
    }

    async fn usage(&self) -> Usage {
        usage::usage().await
    }
}
