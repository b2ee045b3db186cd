//! Where projects are kept: a trait, and the contract that every storage keeps.
//!
//! # The contract
//!
//! The conformance suite in `tests/conformance` has cases for each rule, numbered like them, and
//! runs on every storage.
//!
//! 1. **[`append`](Storage::append) is atomic**: entries, rows and bodies are all there afterwards,
//!    or none is.
//! 2. **Compare and swap.** Inside its transaction the append reads the store's `min_writer`, the
//!    tombstone, the command id and the head. Unless the head is the expected one (none for a new
//!    project) it writes nothing and returns [`WriteError::Conflict`]. Revisions have no gaps. A
//!    removed project leaves a [`Tombstone`]: it is never created again by accident
//!    ([`WriteError::Removed`]), only by a commit that [says so](Commit::revives), and then with
//!    nothing of what it was before.
//! 3. **Durable when it returns**: the append returns only once the storage has completed the
//!    transaction, strictly durable unless the caller chose otherwise.
//! 4. **An outcome that isn't known is called so** ([`StorageErrorKind::OutcomeUnknown`]): the
//!    engine looks for its command id before it tries again.
//! 5. **Reads see every acknowledged append**, from any connection. [Rows](Storage::rows) come by
//!    project id, then number, or [exactly the other way round](RowQuery::newest_first); in either
//!    order pages join to the whole list, and go on after a place that no row has.
//! 6. **Nothing foreign is awaited inside a transaction**: a [`Commit`] is encoded before it starts.
//! 7. **Text comes back byte for byte.**
//! 8. **Storages compare, they never judge**: heads, epochs and command ids. A released lease keeps
//!    its epoch. [`save_snapshot`](Storage::save_snapshot), [`write_rows`](Storage::write_rows) and
//!    [`swap_lease`](Storage::swap_lease) write nothing for a project that isn't there.
//! 9. **A dropped future may still have committed.**
//! 10. **Errors keep the platform's own name and message** and map to a [`StorageErrorKind`]. The
//!     same object works again once the cause is gone.
//! 11. **Who is alive is known or not, never guessed**: a worker that [shows a sign of
//!     life](Storage::show_alive) is alive to every connection until the sign is dropped or the
//!     worker's process ends, in whatever way. A storage that can't tell says so.
//! 12. **Several projects' commits can be one append** ([`append_all`](Storage::append_all)): each is
//!     compared like any other, and all of them are there afterwards or none is. Tens of thousands of
//!     entries and bodies cost as much as they are many, no more.
//! 13. **How much room it takes up is told or not, and never fails**: [`usage`](Storage::usage) waits
//!     for nobody for long.

mod commit;
mod durability;
mod error;
#[cfg(all(feature = "indexeddb", target_family = "wasm"))]
mod indexeddb;
mod lease;
mod memory;
// For wasm there is nothing to try but IndexedDB.
#[cfg(all(test, any(not(target_family = "wasm"), feature = "indexeddb")))]
mod round_trip_tests;
mod rows;
mod sign_of_life;
#[cfg(feature = "sqlite")]
mod sqlite;
mod turn;
mod usage;

pub use commit::{Commit, Tombstone};
pub use durability::Durability;
pub use error::{PlatformError, Refused, StorageError, StorageErrorKind, WriteError};
#[cfg(all(feature = "indexeddb", target_family = "wasm"))]
pub use indexeddb::{ConnectionNotice, ConnectionObserver, IndexedDbOptions, IndexedDbStorage};
pub use lease::{Epoch, Lease, LeaseError};
pub use memory::{MemoryDisk, MemoryStorage};
pub use rows::{
    CheckpointRow, Cursor, PlanRow, ProjectRow, Row, RowChanges, RowKind, RowPage, RowQuery,
};
pub use sign_of_life::SignOfLife;
#[cfg(feature = "cli")]
pub(crate) use sqlite::NewFile;
#[cfg(feature = "sqlite")]
pub use sqlite::{Backup, BackupError, BackupOnOpen, BackupProgress, SqliteOptions, SqliteStorage};
pub use turn::Turn;
pub use usage::Usage;

use crate::journal::{Head, Sealed, Snapshot};
use crate::machine::CommandStamp;
use crate::model::{CommandId, Digest, PlanId, ProjectId, Revision, WorkerId};
use crate::platform::{MaybeSend, MaybeSync};
use futures_channel::mpsc::UnboundedReceiver;
use std::future::Future;

/// A place to keep projects in. See the [contract](self).
///
/// Futures are `Send` natively. A storage is shared by reference; calls may overlap.
pub trait Storage: MaybeSend + MaybeSync + 'static {
    /// The end of a project's journal; none if there is no such project.
    fn head(
        &self,
        project: ProjectId,
    ) -> impl Future<Output = Result<Option<Head>, StorageError>> + MaybeSend;

    /// What is left of a project that was removed.
    fn tombstone(
        &self,
        project: ProjectId,
    ) -> impl Future<Output = Result<Option<Tombstone>, StorageError>> + MaybeSend;

    /// Adds entries, with the rows and bodies that go with them: rules 1 to 4.
    fn append(&self, commit: Commit) -> impl Future<Output = Result<Head, WriteError>> + MaybeSend;

    /// Adds several projects' entries, with all that goes with them, in one go: rule 12. Gives the
    /// heads in the order of the commits. None at all, or two of one project, are refused
    /// ([`WriteError::NotTogether`]).
    fn append_all(
        &self,
        commits: Vec<Commit>,
    ) -> impl Future<Output = Result<Vec<Head>, Refused>> + MaybeSend;

    /// Entries after a revision, in order, at most `limit` of them.
    fn entries(
        &self,
        project: ProjectId,
        after: Revision,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Sealed>, StorageError>> + MaybeSend;

    /// Projects that have entries, whether or not their rows are there, in the order of their ids:
    /// those after one, at most `limit` of them.
    fn journals(
        &self,
        after: Option<ProjectId>,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<ProjectId>, StorageError>> + MaybeSend;

    /// The revision that a command led to.
    fn find_command(
        &self,
        project: ProjectId,
        command: CommandId,
    ) -> impl Future<Output = Result<Option<Revision>, StorageError>> + MaybeSend;

    /// The newest snapshot at or below a revision.
    fn snapshot(
        &self,
        project: ProjectId,
        at_most: Revision,
    ) -> impl Future<Output = Result<Option<Snapshot>, StorageError>> + MaybeSend;

    /// Keeps a snapshot; one of the same revision is replaced. Says whether the project is there.
    fn save_snapshot(
        &self,
        project: ProjectId,
        snapshot: Snapshot,
    ) -> impl Future<Output = Result<bool, StorageError>> + MaybeSend;

    /// Rows: summaries for lists, so that a list never loads a project.
    fn rows(
        &self,
        query: RowQuery,
    ) -> impl Future<Output = Result<RowPage, StorageError>> + MaybeSend;

    /// A body.
    fn blob(
        &self,
        project: ProjectId,
        digest: Digest,
    ) -> impl Future<Output = Result<Option<Vec<u8>>, StorageError>> + MaybeSend;

    /// Bodies, all read at the same moment, in the order in which they are asked for: nothing in the
    /// place of one that isn't there. They are all in memory at once, so whoever wants thousands
    /// asks for some hundreds at a time.
    fn blobs(
        &self,
        project: ProjectId,
        digests: Vec<Digest>,
    ) -> impl Future<Output = Result<Vec<Option<Vec<u8>>>, StorageError>> + MaybeSend;

    /// Replaces all rows of a project, if its head is still this one: reindex.
    fn write_rows(
        &self,
        project: ProjectId,
        at: Head,
        rows: RowChanges,
    ) -> impl Future<Output = Result<(), WriteError>> + MaybeSend;

    /// Who executes a plan.
    fn lease(
        &self,
        project: ProjectId,
        plan: PlanId,
    ) -> impl Future<Output = Result<Option<Lease>, StorageError>> + MaybeSend;

    /// Replaces a plan's lease, if its epoch is still the expected one.
    fn swap_lease(
        &self,
        project: ProjectId,
        plan: PlanId,
        expected: Option<Epoch>,
        lease: Lease,
    ) -> impl Future<Output = Result<(), LeaseError>> + MaybeSend;

    /// Takes a project away, if its head is still this one: entries, snapshots, rows, bodies and
    /// leases go, a tombstone stays.
    fn remove(
        &self,
        project: ProjectId,
        expected: Head,
        command: CommandStamp,
    ) -> impl Future<Output = Result<(), WriteError>> + MaybeSend;

    /// Waits for this project's turn among all connections that would write to it, so that they
    /// don't make each other decide twice. Only that: correctness rests on [`append`](Self::append)
    /// alone, so a storage may return at once, and never waits for long. Most have nothing to wait
    /// for.
    fn turn(&self, project: ProjectId) -> impl Future<Output = Turn> + MaybeSend {
        let _ = project;
        std::future::ready(Turn::free())
    }

    /// Shows all connections to this store that a worker is alive, until the sign is dropped or the
    /// worker's process, or tab, ends in whatever way. A storage that can't is no failure: its sign
    /// [isn't shown](SignOfLife::is_shown).
    fn show_alive(&self, worker: WorkerId) -> impl Future<Output = SignOfLife> + MaybeSend {
        let _ = worker;
        std::future::ready(SignOfLife::not_shown())
    }

    /// Whether a worker that showed a sign of life is alive; `None` if that isn't known here. Of one
    /// that never showed a sign it says nothing that could be relied on.
    fn is_alive(&self, worker: WorkerId) -> impl Future<Output = Option<bool>> + MaybeSend {
        let _ = worker;
        std::future::ready(None)
    }

    /// Hints that something may have moved, by another connection too. Only hints: the journal is
    /// the truth. `None`: any project.
    fn changes(&self) -> UnboundedReceiver<Option<ProjectId>>;

    /// How much room the whole store takes up, as far as that is known here.
    fn usage(&self) -> impl Future<Output = Usage> + MaybeSend {
        std::future::ready(Usage::default())
    }
}
