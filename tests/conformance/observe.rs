//! Looking at what a storage holds, and at futures.

use super::author::Author;
use futures_timer::Delay;
use holdpoint::journal::{Head, Sealed, Snapshot};
use holdpoint::model::{PlanId, ProjectId, Revision};
use holdpoint::storage::{
    Lease, LeaseError, Refused, Row, RowChanges, RowKind, RowQuery, Storage, StorageError,
    Tombstone, WriteError,
};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// Longer than anything here takes; what isn't there by then will never be.
const LONG: Duration = Duration::from_secs(30);

pub(crate) const KINDS: [RowKind; 3] = [RowKind::Projects, RowKind::Plans, RowKind::Checkpoints];

/// All that a storage says of a project that an author has written to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Everything {
    pub(crate) head: Option<Head>,
    pub(crate) tombstone: Option<Tombstone>,
    pub(crate) entries: Vec<Sealed>,
    /// The revision of each entry's command.
    pub(crate) commands: Vec<Option<Revision>>,
    /// The newest at or below each revision.
    pub(crate) snapshots: Vec<Option<Snapshot>>,
    pub(crate) rows: Vec<Row>,
    pub(crate) bodies: Vec<Option<Vec<u8>>>,
    pub(crate) leases: Vec<Option<Lease>>,
}

impl Everything {
    pub(crate) async fn of<S: Storage>(storage: &S, author: &Author) -> Self {
        let id = author.id();
        let (mut commands, mut snapshots) = (Vec::new(), Vec::new());
        for entry in author.entries() {
            commands.push(storage.find_command(id, entry.command).await.unwrap());
            snapshots.push(storage.snapshot(id, entry.revision).await.unwrap());
        }
        let (mut bodies, mut leases) = (Vec::new(), Vec::new());
        for digest in author.bodies() {
            bodies.push(storage.blob(id, *digest).await.unwrap());
        }
        for plan in author.plans_ever() {
            leases.push(storage.lease(id, plan).await.unwrap());
        }
        Self {
            head: storage.head(id).await.unwrap(),
            tombstone: storage.tombstone(id).await.unwrap(),
            entries: all_entries(storage, id).await,
            commands,
            snapshots,
            rows: all_rows(storage, id).await,
            bodies,
            leases,
        }
    }

    /// Whether there is nothing of the project but, maybe, its tombstone.
    pub(crate) fn is_gone(&self) -> bool {
        self.head.is_none()
            && self.entries.is_empty()
            && self.rows.is_empty()
            && self.commands.iter().all(Option::is_none)
            && self.snapshots.iter().all(Option::is_none)
            && self.bodies.iter().all(Option::is_none)
            && self.leases.iter().all(Option::is_none)
    }
}

pub(crate) async fn all_entries<S: Storage>(storage: &S, project: ProjectId) -> Vec<Sealed> {
    storage
        .entries(project, Revision::ZERO, usize::MAX)
        .await
        .unwrap()
}

/// The rows of every kind of a project, in the order of their kinds and numbers.
pub(crate) async fn all_rows<S: Storage>(storage: &S, project: ProjectId) -> Vec<Row> {
    let mut rows = Vec::new();
    for kind in KINDS {
        let query = RowQuery::of(kind, usize::MAX).in_project(project);
        let page = storage.rows(query).await.unwrap();
        assert_eq!(page.next, None, "nothing comes after all of it");
        rows.extend(page.rows);
    }
    rows
}

/// The same as the state says it.
pub(crate) fn rows_of(author: &Author) -> Vec<Row> {
    let RowChanges {
        project,
        mut plans,
        mut checkpoints,
        ..
    } = RowChanges::all(author.state());
    plans.sort_unstable_by_key(|row| row.number);
    checkpoints.sort_unstable_by_key(|row| row.number);
    let plans = plans.into_iter().map(|row| Row::Plan(Box::new(row)));
    let checkpoints = checkpoints
        .into_iter()
        .map(|row| Row::Checkpoint(Box::new(row)));
    std::iter::once(Row::Project(Box::new(project)))
        .chain(plans)
        .chain(checkpoints)
        .collect()
}

/// A row's own id.
pub(crate) fn id_of(row: &Row) -> String {
    match row {
        Row::Project(row) => row.project.to_string(),
        Row::Plan(row) => row.plan.to_string(),
        Row::Checkpoint(row) => row.checkpoint.to_string(),
    }
}

/// The id of a plan that nobody made.
pub(crate) fn unknown_plan() -> PlanId {
    PlanId::from_parts(1, 1)
}

/// An error that says what the storage failed with.
pub(crate) trait Failure: std::fmt::Debug + Sized {
    fn storage(self) -> StorageError;
}

impl Failure for StorageError {
    fn storage(self) -> StorageError {
        self
    }
}

impl Failure for WriteError {
    fn storage(self) -> StorageError {
        match self {
            WriteError::Storage(error) => error,
            other => panic!("expected the storage to fail, found {other:?}"),
        }
    }
}

impl Failure for Refused {
    fn storage(self) -> StorageError {
        (*self.error).storage()
    }
}

impl Failure for LeaseError {
    fn storage(self) -> StorageError {
        match self {
            LeaseError::Storage(error) => error,
            other => panic!("expected the storage to fail, found {other:?}"),
        }
    }
}

/// Waits for a future, but not for ever.
pub(crate) async fn in_time<T>(what: &str, future: impl Future<Output = T>) -> T {
    let (mut future, mut deadline) = (pin!(future), Delay::new(LONG));
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(answer) => Poll::Ready(answer),
        Poll::Pending => {
            let late = pin!(&mut deadline).poll(context).is_ready();
            assert!(!late, "waited in vain for {what}");
            Poll::Pending
        }
    })
    .await
}

/// Lets others run.
pub(crate) async fn take_turns() {
    let mut waited = false;
    poll_fn(|context| {
        if waited {
            return Poll::Ready(());
        }
        waited = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Polls a future once and drops it.
pub(crate) async fn begin_and_drop<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}
