//! A storage that fails where a test wants it to: at its n-th operation, before or after the
//! operation took effect, once or from then on; that answers late, or in another order than it was
//! asked; or whose answers are damaged. Wraps any storage; runs natively and in a browser.
//!
//! ```ignore
//! for n in 1.. {
//!     let storage = FaultStorage::new(MemoryStorage::new());
//!     let faults = storage.faults();
//!     faults.arm(Fault::at(n, Among::Writes, FaultKind::LoseAfter));
//!     // … work on the storage; whatever it did, the journal must be sound …
//!     if faults.fired().is_none() {
//!         break; // the work has fewer writes than n: every one of them was hit once
//!     }
//! }
//! ```

// By its path: a benchmark has this file too, as a module elsewhere.
#[path = "fault_storage/damage.rs"]
mod damage;

pub(crate) use damage::Damage;

use damage::Damaged;
use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use holdpoint::journal::{Head, Sealed, Snapshot};
use holdpoint::machine::CommandStamp;
use holdpoint::model::{CommandId, Digest, PlanId, ProjectId, Revision, WorkerId};
use holdpoint::platform::MaybeSend;
use holdpoint::storage::{
    Commit, Epoch, Lease, LeaseError, PlatformError, Refused, RowChanges, RowPage, RowQuery,
    SignOfLife, Storage, StorageError, StorageErrorKind, Tombstone, Usage, WriteError,
};
use std::future::{Future, poll_fn};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

/// What an injected error says that the platform called it.
pub(crate) const PLATFORM_NAME: &str = "INJECTED";

/// What goes wrong, and at which operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Which operation, counted from 1 since the fault was armed.
    pub(crate) at: usize,
    /// Which operations are counted.
    pub(crate) among: Among,
    /// What happens to it.
    pub(crate) kind: FaultKind,
    /// Whether it goes on so until the fault is disarmed: a disk stays full, a connection lost.
    pub(crate) lasts: bool,
}

/// Which operations are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Among {
    /// Reads and writes.
    All,
    /// Those that can change the store.
    Writes,
    /// Reads of something that can be damaged.
    Contents,
}

/// What happens to the operation that is hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FaultKind {
    /// It isn't done, and fails in this way.
    FailBefore(StorageErrorKind),
    /// It isn't done, and nobody learns that: the outcome of a write is unknown. A read has no
    /// outcome; to it the connection is closed.
    LoseBefore,
    /// It is done, and nobody learns that: the outcome of a write is unknown, whatever the storage
    /// answered. A read has no outcome; to it the connection is closed.
    LoseAfter,
    /// It is done, and the answer gets lost in this way. No honest storage says so of a write: to
    /// one, this is [`FaultKind::LoseAfter`].
    FailAfter(StorageErrorKind),
    /// It is done after so many turns in which it isn't.
    Delay(u32),
    /// It isn't begun before the test [releases](Faults::release) it, whatever is asked and answered
    /// meanwhile.
    HoldBefore,
    /// It is done, and not answered before the test [releases](Faults::release) it: what is asked
    /// later is answered earlier.
    HoldAfter,
    /// It is done, and its answer is damaged.
    Damage(Damage),
}

/// An operation of a storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Head,
    Tombstone,
    Append,
    AppendAll,
    Entries,
    Journals,
    FindCommand,
    Snapshot,
    SaveSnapshot,
    Rows,
    Blob,
    Blobs,
    WriteRows,
    Lease,
    SwapLease,
    Remove,
}

impl Operation {
    /// Every operation there is.
    pub(crate) const ALL: [Operation; 16] = [
        Operation::Head,
        Operation::Tombstone,
        Operation::Append,
        Operation::AppendAll,
        Operation::Entries,
        Operation::Journals,
        Operation::FindCommand,
        Operation::Snapshot,
        Operation::SaveSnapshot,
        Operation::Rows,
        Operation::Blob,
        Operation::Blobs,
        Operation::WriteRows,
        Operation::Lease,
        Operation::SwapLease,
        Operation::Remove,
    ];

    /// Whether it can change the store.
    pub(crate) const fn writes(self) -> bool {
        match self {
            Operation::Append
            | Operation::AppendAll
            | Operation::SaveSnapshot
            | Operation::WriteRows
            | Operation::SwapLease
            | Operation::Remove => true,
            Operation::Head
            | Operation::Tombstone
            | Operation::Entries
            | Operation::Journals
            | Operation::FindCommand
            | Operation::Snapshot
            | Operation::Rows
            | Operation::Blob
            | Operation::Blobs
            | Operation::Lease => false,
        }
    }
}

impl Operation {
    /// Whether it reads something that can be damaged. What else is read, a head or a lease, is what
    /// storages compare themselves when they write.
    const fn brings_contents(self) -> bool {
        matches!(
            self,
            Operation::Entries
                | Operation::Snapshot
                | Operation::Rows
                | Operation::Blob
                | Operation::Blobs
        )
    }
}

impl Fault {
    /// This kind of fault at the n-th operation of these.
    pub(crate) const fn at(n: usize, among: Among, kind: FaultKind) -> Self {
        Self {
            at: n,
            among,
            kind,
            lasts: false,
        }
    }

    /// The same at all of these that come after it, too. When a connection was lost at one, nothing
    /// at all is done after it.
    pub(crate) const fn lasting(self) -> Self {
        Self {
            lasts: true,
            ..self
        }
    }
}

impl FaultKind {
    /// Whether the connection is lost.
    const fn loses(self) -> bool {
        matches!(
            self,
            FaultKind::LoseBefore | FaultKind::LoseAfter | FaultKind::FailAfter(_)
        )
    }

    /// What happens to operations after the first, if it lasts.
    const fn later(self) -> Self {
        match self {
            // One can be held at a time.
            FaultKind::HoldBefore | FaultKind::HoldAfter => FaultKind::Delay(1),
            _ if self.loses() => FaultKind::FailBefore(StorageErrorKind::Closed),
            _ => self,
        }
    }
}

impl Among {
    const fn counts(self, operation: Operation) -> bool {
        match self {
            Among::All => true,
            Among::Writes => operation.writes(),
            Among::Contents => operation.brings_contents(),
        }
    }
}

/// Arms faults and tells what they met, also while the storage belongs to somebody else.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults(Arc<Mutex<Record>>);

#[derive(Debug, Default)]
struct Record {
    fault: Option<Fault>,
    seen: Vec<Operation>,
    fired: Option<Operation>,
    held: Held,
}

/// What became of the operation that is to be held.
#[derive(Debug, Default)]
enum Held {
    #[default]
    NotYet,
    Since(Option<Waker>),
    Released,
}

impl Faults {
    /// Makes this fault happen, once. The count begins anew.
    pub(crate) fn arm(&self, fault: Fault) {
        *self.record() = Record {
            fault: Some(fault),
            ..Record::default()
        };
    }

    /// Makes no fault happen any more. The count begins anew.
    pub(crate) fn disarm(&self) {
        *self.record() = Record::default();
    }

    /// The operations so far, since the fault was armed.
    pub(crate) fn operations(&self) -> Vec<Operation> {
        self.record().seen.clone()
    }

    /// How many of these operations there were so far, since the fault was armed.
    pub(crate) fn seen(&self, among: Among) -> usize {
        self.record()
            .seen
            .iter()
            .filter(|operation| among.counts(**operation))
            .count()
    }

    /// The operation that the fault hit; none, if there were not that many yet.
    pub(crate) fn fired(&self) -> Option<Operation> {
        self.record().fired
    }

    /// Whether the operation that is to be held is held just now.
    pub(crate) fn is_holding(&self) -> bool {
        matches!(self.record().held, Held::Since(_))
    }

    /// Lets the operation go on that is held.
    pub(crate) fn release(&self) {
        let held = std::mem::replace(&mut self.record().held, Held::Released);
        if let Held::Since(Some(waker)) = held {
            waker.wake();
        }
    }

    /// Waits until the test releases this operation.
    async fn hold(&self) {
        poll_fn(|context| {
            let mut record = self.record();
            if matches!(record.held, Held::Released) {
                return Poll::Ready(());
            }
            record.held = Held::Since(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }

    /// Counts an operation and says what is to happen to it.
    fn meet(&self, operation: Operation) -> Option<FaultKind> {
        let mut record = self.record();
        record.seen.push(operation);
        let fault = record.fault?;
        if record.fired.is_some() {
            let is_hit = fault.among.counts(operation) || fault.kind.loses();
            return (fault.lasts && is_hit).then(|| fault.kind.later());
        }
        if !fault.among.counts(operation) {
            return None;
        }
        let counted = record
            .seen
            .iter()
            .filter(|seen| fault.among.counts(**seen))
            .count();
        if counted != fault.at {
            return None;
        }
        record.fired = Some(operation);
        Some(fault.kind)
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A storage whose n-th operation fails or is lost.
#[derive(Debug)]
pub(crate) struct FaultStorage<S> {
    inner: S,
    faults: Faults,
    hints: bool,
}

impl<S: Storage> FaultStorage<S> {
    /// Wraps a storage. Nothing fails until a fault is armed.
    pub(crate) fn new(inner: S) -> Self {
        Self {
            inner,
            faults: Faults::default(),
            hints: true,
        }
    }

    /// The same, and it never hints that something has moved: so nobody else asks it anything at a
    /// moment of their own, and operations can be counted while somebody listens.
    pub(crate) fn without_hints(inner: S) -> Self {
        Self {
            hints: false,
            ..Self::new(inner)
        }
    }

    /// The storage behind it, which never fails by design.
    pub(crate) const fn inner(&self) -> &S {
        &self.inner
    }

    /// What arms faults here.
    pub(crate) fn faults(&self) -> Faults {
        self.faults.clone()
    }

    /// Runs an operation, unless it is the one. `run` isn't called before that is known: a storage
    /// may begin its work before its future is polled.
    async fn run<T, E, F>(&self, operation: Operation, run: impl FnOnce() -> F) -> Result<T, E>
    where
        T: Damaged + MaybeSend,
        E: From<StorageError> + MaybeSend,
        F: Future<Output = Result<T, E>> + MaybeSend,
    {
        let kind = match self.faults.meet(operation) {
            None => return run().await,
            Some(FaultKind::Delay(turns)) => {
                give_way(turns).await;
                return run().await;
            }
            Some(FaultKind::HoldBefore) => {
                self.faults.hold().await;
                return run().await;
            }
            Some(FaultKind::HoldAfter) => {
                let answer = run().await;
                self.faults.hold().await;
                return answer;
            }
            Some(FaultKind::Damage(damage)) => {
                return run().await.map(|answer| answer.damaged(damage));
            }
            Some(FaultKind::FailBefore(kind)) => kind,
            Some(FaultKind::LoseBefore) => lost(operation),
            Some(FaultKind::LoseAfter) => {
                let _answer_that_is_lost = run().await;
                lost(operation)
            }
            Some(FaultKind::FailAfter(kind)) => {
                let _answer_that_is_lost = run().await;
                if operation.writes() {
                    lost(operation)
                } else {
                    kind
                }
            }
        };
        Err(injected(kind, operation).into())
    }
}

/// Lets others have so many turns first.
async fn give_way(mut turns: u32) {
    poll_fn(|context| {
        if turns == 0 {
            return Poll::Ready(());
        }
        turns -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// What a caller sees when the connection is lost at this operation.
const fn lost(operation: Operation) -> StorageErrorKind {
    if operation.writes() {
        StorageErrorKind::OutcomeUnknown
    } else {
        StorageErrorKind::Closed
    }
}

fn injected(kind: StorageErrorKind, operation: Operation) -> StorageError {
    let message = format!("expected {operation:?} to be answered, found a fault put there");
    StorageError {
        platform: Some(PlatformError {
            name: PLATFORM_NAME.to_owned(),
            message: format!("{operation:?} was hit"),
        }),
        ..StorageError::new(kind, message)
    }
}

impl<S: Storage> Storage for FaultStorage<S> {
    async fn head(&self, project: ProjectId) -> Result<Option<Head>, StorageError> {
        self.run(Operation::Head, || self.inner.head(project)).await
    }

    async fn tombstone(&self, project: ProjectId) -> Result<Option<Tombstone>, StorageError> {
        self.run(Operation::Tombstone, || self.inner.tombstone(project))
            .await
    }

    async fn append(&self, commit: Commit) -> Result<Head, WriteError> {
        self.run(Operation::Append, || self.inner.append(commit))
            .await
    }

    async fn append_all(&self, commits: Vec<Commit>) -> Result<Vec<Head>, Refused> {
        self.run(Operation::AppendAll, || self.inner.append_all(commits))
            .await
    }

    async fn entries(
        &self,
        project: ProjectId,
        after: Revision,
        limit: usize,
    ) -> Result<Vec<Sealed>, StorageError> {
        self.run(Operation::Entries, || {
            self.inner.entries(project, after, limit)
        })
        .await
    }

    async fn journals(
        &self,
        after: Option<ProjectId>,
        limit: usize,
    ) -> Result<Vec<ProjectId>, StorageError> {
        self.run(Operation::Journals, || self.inner.journals(after, limit))
            .await
    }

    async fn find_command(
        &self,
        project: ProjectId,
        command: CommandId,
    ) -> Result<Option<Revision>, StorageError> {
        self.run(Operation::FindCommand, || {
            self.inner.find_command(project, command)
        })
        .await
    }

    async fn snapshot(
        &self,
        project: ProjectId,
        at_most: Revision,
    ) -> Result<Option<Snapshot>, StorageError> {
        self.run(Operation::Snapshot, || {
            self.inner.snapshot(project, at_most)
        })
        .await
    }

    async fn save_snapshot(
        &self,
        project: ProjectId,
        snapshot: Snapshot,
    ) -> Result<bool, StorageError> {
        self.run(Operation::SaveSnapshot, || {
            self.inner.save_snapshot(project, snapshot)
        })
        .await
    }

    async fn rows(&self, query: RowQuery) -> Result<RowPage, StorageError> {
        self.run(Operation::Rows, || self.inner.rows(query)).await
    }

    async fn blob(
        &self,
        project: ProjectId,
        digest: Digest,
    ) -> Result<Option<Vec<u8>>, StorageError> {
        self.run(Operation::Blob, || self.inner.blob(project, digest))
            .await
    }

    async fn blobs(
        &self,
        project: ProjectId,
        digests: Vec<Digest>,
    ) -> Result<Vec<Option<Vec<u8>>>, StorageError> {
        self.run(Operation::Blobs, || self.inner.blobs(project, digests))
            .await
    }

    async fn write_rows(
        &self,
        project: ProjectId,
        at: Head,
        rows: RowChanges,
    ) -> Result<(), WriteError> {
        self.run(Operation::WriteRows, || {
            self.inner.write_rows(project, at, rows)
        })
        .await
    }

    async fn lease(&self, project: ProjectId, plan: PlanId) -> Result<Option<Lease>, StorageError> {
        self.run(Operation::Lease, || self.inner.lease(project, plan))
            .await
    }

    async fn swap_lease(
        &self,
        project: ProjectId,
        plan: PlanId,
        expected: Option<Epoch>,
        lease: Lease,
    ) -> Result<(), LeaseError> {
        self.run(Operation::SwapLease, || {
            self.inner.swap_lease(project, plan, expected, lease)
        })
        .await
    }

    async fn remove(
        &self,
        project: ProjectId,
        expected: Head,
        command: CommandStamp,
    ) -> Result<(), WriteError> {
        self.run(Operation::Remove, || {
            self.inner.remove(project, expected, command)
        })
        .await
    }

    async fn show_alive(&self, worker: WorkerId) -> SignOfLife {
        self.inner.show_alive(worker).await
    }

    async fn is_alive(&self, worker: WorkerId) -> Option<bool> {
        self.inner.is_alive(worker).await
    }

    fn changes(&self) -> UnboundedReceiver<Option<ProjectId>> {
        if self.hints {
            self.inner.changes()
        } else {
            unbounded().1
        }
    }

    async fn usage(&self) -> Usage {
        self.inner.usage().await
    }
}
