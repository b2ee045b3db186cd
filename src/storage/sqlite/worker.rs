//! The thread that a connection lives on.

use super::erase;
use super::error::storage_error;
use crate::model::ProjectId;
use crate::storage::{StorageError, StorageErrorKind};
use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_channel::oneshot;
use rusqlite::{Connection, MAIN_DB};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often a watched connection asks whether another one has committed.
const WATCH_INTERVAL: Duration = Duration::from_millis(50);

/// What is done with the connection.
type Task = Box<dyn FnOnce(&mut Connection) + Send>;

enum Job {
    Read(Task),
    Write(Task),
    Watch(UnboundedSender<Option<ProjectId>>),
}

/// Owns the thread; it ends with this, after the jobs that it was given.
#[derive(Debug)]
pub(super) struct Worker {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    /// `reopen` makes another connection to the same store.
    pub(super) fn start(
        connection: Connection,
        reopen: impl Fn() -> Result<Connection, StorageError> + Send + 'static,
    ) -> Result<Self, StorageError> {
        let (jobs, queue) = channel();
        let thread = std::thread::Builder::new()
            .name("holdpoint sqlite".to_owned())
            .spawn(move || work(connection, &queue, &reopen))
            .map_err(|error| {
                StorageError::new(
                    StorageErrorKind::Unavailable,
                    format!("expected a thread for the connection, found none to be had: {error}"),
                )
            })?;
        Ok(Self {
            jobs: Some(jobs),
            thread: Some(thread),
        })
    }

    /// Runs a job on the thread that only reads. Dropping the future doesn't take the job back.
    pub(super) async fn read<T, F>(&self, job: F) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> T + Send + 'static,
    {
        self.run(Job::Read, job).await
    }

    /// The same with one that may write.
    pub(super) async fn write<T, F>(&self, job: F) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> T + Send + 'static,
    {
        self.run(Job::Write, job).await
    }

    async fn run<T, F>(&self, kind: fn(Task) -> Job, job: F) -> Result<T, StorageError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Connection) -> T + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.give(kind(Box::new(move |connection| {
            // Nobody may be waiting any more; what was done is done all the same.
            let _ = reply.send(job(connection));
        })));
        answer.await.map_err(|_| {
            StorageError::new(
                StorageErrorKind::OutcomeUnknown,
                "expected an answer from the connection's thread, found that it broke off",
            )
        })
    }

    pub(super) fn watch(&self) -> UnboundedReceiver<Option<ProjectId>> {
        let (sender, receiver) = unbounded();
        self.give(Job::Watch(sender));
        receiver
    }

    fn give(&self, job: Job) {
        // A job that can't be given is dropped, and with it the channel that its answer would
        // have come through: whoever waits is told.
        if let Some(jobs) = &self.jobs {
            let _ = jobs.send(job);
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn work(
    mut connection: Connection,
    jobs: &Receiver<Job>,
    reopen: &dyn Fn() -> Result<Connection, StorageError>,
) {
    let mut watchers: Vec<UnboundedSender<Option<ProjectId>>> = Vec::new();
    let mut seen = None;
    let mut written = 0;
    loop {
        let job = if watchers.is_empty() {
            jobs.recv().map_err(|_| RecvTimeoutError::Disconnected)
        } else {
            jobs.recv_timeout(WATCH_INTERVAL)
        };
        match job {
            Ok(Job::Read(job)) => run(job, &mut connection),
            Ok(Job::Write(job)) => {
                make_writable(&mut connection, reopen);
                run(job, &mut connection);
            }
            Ok(Job::Watch(watcher)) => {
                if watchers.is_empty() {
                    seen = data_version(&connection).ok();
                    written = connection.total_changes();
                }
                // What moved between the call and this moment is not in any count.
                if watcher.unbounded_send(None).is_ok() {
                    watchers.push(watcher);
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                erase::catch_up_at_once(&connection);
                return;
            }
        }
        if watchers.is_empty() {
            continue;
        }
        // The data version tells of others' commits only; one's own are counted by what they wrote.
        let (now, wrote) = (data_version(&connection).ok(), connection.total_changes());
        if now == seen && wrote == written {
            watchers.retain(|watcher| !watcher.is_closed());
        } else {
            (seen, written) = (now, wrote);
            watchers.retain(|watcher| watcher.unbounded_send(None).is_ok());
        }
    }
}

/// A bug in one job costs its caller an answer, not everybody the connection.
fn run(job: Box<dyn FnOnce(&mut Connection) + Send>, connection: &mut Connection) {
    let _ = catch_unwind(AssertUnwindSafe(|| job(connection)));
}

/// A connection that was made while the file could only be read never writes, whatever becomes of the
/// file: then it takes another one. If that can't be had, or can't write either, SQLite says so when
/// it comes to it.
fn make_writable(
    connection: &mut Connection,
    reopen: &dyn Fn() -> Result<Connection, StorageError>,
) {
    let is_read_only = |connection: &Connection| connection.is_readonly(MAIN_DB).unwrap_or(false);
    if is_read_only(connection)
        && let Ok(again) = reopen()
        && !is_read_only(&again)
    {
        *connection = again;
    }
}

/// Changes whenever another connection has committed, and only then
/// (<https://www.sqlite.org/pragma.html#pragma_data_version>).
fn data_version(connection: &Connection) -> Result<i64, StorageError> {
    connection
        .prepare_cached("PRAGMA data_version")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .map_err(|error| storage_error(error, "asking what others have committed"))
}
