//! A copy of a store in another file, as the store was at one moment, made while others write.
//!
//! SQLite's own backup copies page by page. It would begin anew whenever somebody else has written;
//! beside a busy writer it might never end. An open read transaction on the connection that is
//! copied from holds it to the moment of its beginning, and is in nobody's way: others write to
//! the log, which only can't be emptied for that long.

use super::backup_error::BackupError;
use super::backup_target::{Target, Unfinished};
use super::contents::Contents;
use super::error::storage_error;
use super::{erase, open};
use crate::platform::log;
use crate::storage::{StorageError, StorageErrorKind};
use futures_channel::oneshot;
use rusqlite::backup::StepResult;
use rusqlite::ffi::ErrorCode;
use rusqlite::{Connection, OpenFlags};
use std::ffi::c_int;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// How many pages are copied between two reports: a megabyte.
const PAGES_A_STEP: c_int = 256;

/// After how many of its instructions SQLite asks whether to go on: some hundred times a second.
const INSTRUCTIONS: c_int = 100_000;

/// How long a step waits for whoever is in the way.
const PATIENCE: Duration = Duration::from_secs(5);

/// How far a backup is. Copied is not yet done: the copy is checked then, and put on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct BackupProgress {
    /// Bytes that were copied.
    pub copied: u64,
    /// Bytes to copy.
    pub total: u64,
}

/// A backup that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backup {
    /// Its file, a store like any other.
    pub path: PathBuf,
    /// How large it is.
    pub bytes: u64,
}

/// Whoever is told how far it is, and says whether to go on.
#[derive(Clone)]
pub(super) struct Watcher(Arc<Mutex<Watching>>);

struct Watching {
    tell: Box<dyn FnMut(BackupProgress) -> ControlFlow<()> + Send>,
    last: BackupProgress,
    is_cancelled: bool,
}

impl Watcher {
    pub(super) fn new(
        tell: impl FnMut(BackupProgress) -> ControlFlow<()> + Send + 'static,
    ) -> Self {
        Self(Arc::new(Mutex::new(Watching {
            tell: Box::new(tell),
            last: BackupProgress::default(),
            is_cancelled: false,
        })))
    }

    fn tell(&self, progress: BackupProgress) -> Result<(), BackupError> {
        let mut watching = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        watching.last = progress;
        if !watching.is_cancelled {
            watching.is_cancelled = (watching.tell)(progress).is_break();
        }
        if watching.is_cancelled {
            return Err(BackupError::Cancelled);
        }
        Ok(())
    }

    /// Tells the same once more, only to hear whether to go on.
    fn ask(&self) -> Result<(), BackupError> {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner).last;
        self.tell(last)
    }

    /// Has a long statement ask in between.
    fn watch(&self, connection: &mut Connection) -> Result<(), StorageError> {
        let watcher = self.clone();
        connection
            .progress_handler(INSTRUCTIONS, Some(move || watcher.ask().is_err()))
            .map_err(|error| storage_error(error, "watching over the backup"))
    }
}

/// Makes a backup on a thread of its own.
pub(super) async fn back_up_aside(
    store: PathBuf,
    to: &Path,
    mut progress: impl FnMut(BackupProgress) -> ControlFlow<()> + Send + 'static,
) -> Result<Backup, BackupError> {
    let no_thread = |found: &str| {
        let message = format!("expected a thread for the backup, found {found}");
        StorageError::new(StorageErrorKind::Unavailable, message)
    };
    // Wherever the program goes meanwhile.
    let to = std::path::absolute(to).unwrap_or_else(|_| to.to_owned());
    let (reply, answer) = oneshot::channel();
    // As long as this is awaited.
    let awaited = Arc::new(());
    let is_awaited = Arc::downgrade(&awaited);
    let watcher = Watcher::new(move |now| {
        if is_awaited.strong_count() == 0 {
            return ControlFlow::Break(());
        }
        progress(now)
    });
    std::thread::Builder::new()
        .name("holdpoint backup".to_owned())
        .spawn(move || {
            // Nobody may be waiting any more.
            let _ = reply.send(back_up(&store, &to, &watcher));
        })
        .map_err(|error| no_thread(&format!("none to be had: {error}")))?;
    let made = answer.await.map_err(|_| no_thread("that it broke off"))?;
    drop(awaited);
    made
}

/// Makes a backup, and blocks while it does.
pub(super) fn back_up(store: &Path, to: &Path, watcher: &Watcher) -> Result<Backup, BackupError> {
    let made = copy(store, to, watcher);
    match &made {
        Ok(_) => log::read("backup", None),
        Err(error) => log::did_not("backup", None, error.code()),
    }
    made
}

fn copy(store: &Path, to: &Path, watcher: &Watcher) -> Result<Backup, BackupError> {
    let (source, store) = open::open_to_copy(store)?;
    let touched = last_touched(&store);
    let target = Target::at(to, &store)?;
    let moment = source
        .unchecked_transaction()
        .map_err(|error| storage_error(error, "beginning to read"))?;
    open::identify_store(&moment, &store)?;
    let contents = Contents::of(&moment)?;
    let is_erasure_due = erase::is_due(&moment)
        .map_err(|error| storage_error(error, "reading what is to be erased"))?;
    let unfinished = target.begin(&store)?;
    fill(&source, &unfinished, watcher)?;
    if is_read_blindly(&moment)? && last_touched(&store) != touched {
        return Err(blocked().into());
    }
    // From here on nothing is read from the store, so others may empty its log again.
    drop(moment);
    if is_erasure_due {
        erase_in(&unfinished, watcher)?;
    }
    check(&unfinished, contents, watcher)?;
    watcher.ask()?;
    let bytes = std::fs::metadata(unfinished.file())
        .map_err(|error| unfinished.failed(error))?
        .len();
    let path = unfinished.finish()?;
    Ok(Backup { path, bytes })
}

/// Whether it was opened as a file that nobody writes to, so that it isn't held to a moment.
fn is_read_blindly(source: &Connection) -> Result<bool, StorageError> {
    // Such a connection has no log; every other one on a store has.
    let mode: String = source
        .query_row("PRAGMA journal_mode", [], |row| row.get(0))
        .map_err(|error| storage_error(error, "asking for the log"))?;
    Ok(mode != "wal")
}

/// When the store was written to, and whether somebody has it open.
fn last_touched(store: &Path) -> (Option<SystemTime>, bool) {
    let written = std::fs::metadata(store).and_then(|file| file.modified());
    (written.ok(), open::beside(store, "-wal").exists())
}

/// Copies every page, as the source's open transaction sees it.
fn fill(
    source: &Connection,
    unfinished: &Unfinished,
    watcher: &Watcher,
) -> Result<(), BackupError> {
    let failed = |error| of_copy(error, unfinished);
    let page: u32 = source
        .query_row("PRAGMA page_size", [], |row| row.get(0))
        .map_err(|error| storage_error(error, "reading the size of a page"))?;
    let mut copy = connect(unfinished).map_err(failed)?;
    // It is nobody's before it is whole; then it is put on the disk at once.
    for pragma in ["journal_mode", "synchronous"] {
        copy.pragma_update(None, pragma, "OFF").map_err(failed)?;
    }
    let backup = rusqlite::backup::Backup::new(source, &mut copy).map_err(failed)?;
    let mut waits_until = None;
    loop {
        let step = backup.step(PAGES_A_STEP).map_err(failed)?;
        let pages = backup.progress();
        let bytes = |pages: c_int| u64::try_from(pages).unwrap_or(0) * u64::from(page);
        watcher.tell(BackupProgress {
            copied: bytes(pages.pagecount - pages.remaining),
            total: bytes(pages.pagecount),
        })?;
        match step {
            StepResult::Done => return Ok(()),
            StepResult::More => waits_until = None,
            _ => {
                let until = *waits_until.get_or_insert_with(|| Instant::now() + PATIENCE);
                if Instant::now() >= until {
                    return Err(blocked().into());
                }
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }
}

/// Leaves nothing in the copy of what was removed for good before its moment, which the store's
/// own file may still hold: see [`erase`].
fn erase_in(unfinished: &Unfinished, watcher: &Watcher) -> Result<(), BackupError> {
    let mut copy = connect(unfinished).map_err(|error| of_copy(error, unfinished))?;
    watcher.watch(&mut copy)?;
    let erased = erase::try_to(&copy);
    watcher.ask()?;
    erased.map_err(|found| match unfinished.hindrance() {
        Some(error) => unfinished.failed(error),
        None => BackupError::unwritable(unfinished.path(), found),
    })
}

/// Reads the copy once: it is a store, its pages are sound, and it holds what the store held.
fn check(
    unfinished: &Unfinished,
    contents: Contents,
    watcher: &Watcher,
) -> Result<(), BackupError> {
    let mut copy = open::open_immutable(unfinished.file())?;
    watcher.watch(&mut copy)?;
    let sound = || -> Result<(), StorageError> {
        let found: String = copy
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
            .map_err(|error| storage_error(error, "checking the copy"))?;
        let corrupt = |found: &str| {
            let message = format!(
                "expected a sound copy of the store, found {found}: the store itself may be damaged"
            );
            Err(StorageError::new(StorageErrorKind::Corrupt, message))
        };
        if found != "ok" {
            return corrupt(&found);
        }
        open::identify_store(&copy, unfinished.file())?;
        if Contents::of(&copy)? != contents {
            return corrupt("one that holds something else");
        }
        Ok(())
    };
    let sound = sound();
    // One that was cancelled is a failure to SQLite.
    watcher.ask()?;
    Ok(sound?)
}

fn connect(unfinished: &Unfinished) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(unfinished.file(), flags)
}

fn blocked() -> StorageError {
    StorageError::new(
        StorageErrorKind::Blocked,
        "expected to read the store, found that somebody else holds it and does not let go",
    )
}

/// A failure while the copy was written: of the copy, unless it can only be the store's.
fn of_copy(error: rusqlite::Error, unfinished: &Unfinished) -> BackupError {
    /// The extended codes of what fails in writing only.
    const WRITING: [c_int; 5] = [
        rusqlite::ffi::SQLITE_IOERR_WRITE,
        rusqlite::ffi::SQLITE_IOERR_FSYNC,
        rusqlite::ffi::SQLITE_IOERR_DIR_FSYNC,
        rusqlite::ffi::SQLITE_IOERR_TRUNCATE,
        rusqlite::ffi::SQLITE_IOERR_DELETE,
    ];
    let is_of_copy = error.sqlite_error().is_some_and(|error| {
        matches!(
            error.code,
            ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied
        ) || WRITING.contains(&error.extended_code)
    });
    if !is_of_copy {
        return storage_error(error, "making a backup").into();
    }
    match unfinished.hindrance() {
        Some(found) => unfinished.failed(found),
        None => BackupError::unwritable(unfinished.path(), error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::SqliteStorage;

    #[test]
    fn r49_only_a_store_that_nobody_can_write_to_is_read_without_being_held_to_a_moment() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        drop(SqliteStorage::open(&path).unwrap());
        let blindly = open::open_immutable(&path).unwrap();
        assert_eq!(is_read_blindly(&blindly), Ok(true));
        drop(blindly);
        let (held, _) = open::open_to_copy(&path).unwrap();
        assert_eq!(is_read_blindly(&held), Ok(false));
        let before = last_touched(&path);
        let storage = SqliteStorage::open(&path).unwrap();
        assert_ne!(last_touched(&path), (before.0, false));
        drop(storage);
    }

    #[test]
    fn r49_a_copy_that_holds_something_else_or_is_damaged_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (path, to) = (folder.path().join("store.db"), folder.path().join("to.db"));
        drop(SqliteStorage::open(&path).unwrap());
        let watcher = Watcher::new(|_| ControlFlow::Continue(()));
        let unfinished = Target::at(&to, &path).unwrap().begin(&path).unwrap();
        let (source, _) = open::open_to_copy(&path).unwrap();
        let contents = Contents::of(&source).unwrap();
        fill(&source, &unfinished, &watcher).unwrap();
        check(&unfinished, contents, &watcher).unwrap();
        let change = "INSERT INTO tombstones VALUES ('p', 'c', x'', 1, x'')";
        source.execute(change, []).unwrap();
        let newer = Contents::of(&source).unwrap();
        let refused = check(&unfinished, newer, &watcher).unwrap_err();
        assert_eq!(refused.code().as_str(), "CORRUPT");

        let mut bytes = std::fs::read(unfinished.file()).unwrap();
        bytes[2 * 4096..5 * 4096].fill(0xff);
        std::fs::write(unfinished.file(), bytes).unwrap();
        let refused = check(&unfinished, contents, &watcher).unwrap_err();
        assert_eq!(refused.code().as_str(), "CORRUPT", "{refused}");
    }
}
