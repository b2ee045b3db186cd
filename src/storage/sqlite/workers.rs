//! Who is alive: a file for each worker in a folder beside the store, locked as long as it lives.
//! The kernel frees the lock when the process ends, in whatever way.
//!
//! A file is removed at its worker's end, and one that a killed worker left behind by whoever comes
//! next; the folder goes when it is empty.

use crate::model::WorkerId;
use crate::storage::SignOfLife;
use crate::storage::turn::Held;
use std::fs::{self, File, TryLockError};
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often the folder may be removed under a worker's hands before it goes without.
const TRIES: usize = 20;

/// A file that is younger may be one that its worker is about to lock.
const JUST_MADE: Duration = Duration::from_mins(1);

/// A file that is locked.
struct Locked {
    /// Holds the lock by being open.
    _file: File,
    path: PathBuf,
}

impl Held for Locked {}

impl Drop for Locked {
    fn drop(&mut self) {
        // First the name, then the lock: nobody finds it as a leftover. If it can't be removed, the
        // next one does it.
        let _ = fs::remove_file(&self.path);
        remove_if_empty(self.path.parent());
    }
}

pub(super) fn show_alive(store: &Path, worker: WorkerId) -> SignOfLife {
    let Some(folder) = folder(store) else {
        return SignOfLife::not_shown();
    };
    for _ in 0..TRIES {
        match lock(&folder, worker) {
            Ok(locked) => {
                sweep(&folder);
                return SignOfLife::holding(locked);
            }
            // Somebody found the folder empty, just now.
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(_) => break,
        }
    }
    remove_if_empty(Some(&folder));
    SignOfLife::not_shown()
}

pub(super) fn is_alive(store: &Path, worker: WorkerId) -> Option<bool> {
    let folder = folder(store)?;
    let is_alive = is_locked(&folder.join(worker.to_string()));
    if is_alive == Some(false) {
        remove_if_empty(Some(&folder));
    }
    is_alive
}

/// The folder of a store's workers, by whatever name the store was opened.
fn folder(store: &Path) -> Option<PathBuf> {
    let mut folder = fs::canonicalize(store).ok()?.into_os_string();
    folder.push(".workers");
    Some(folder.into())
}

/// Makes a worker's file and locks it.
fn lock(folder: &Path, worker: WorkerId) -> Result<Locked, Error> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let path = folder.join(worker.to_string());
    let file = File::create(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(Locked { _file: file, path }),
        Err(error) => {
            let _ = fs::remove_file(&path);
            Err(error.into())
        }
    }
}

/// Whether a worker's file is locked; none at all is the file of nobody. A leftover is removed.
fn is_locked(path: &Path) -> Option<bool> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Some(false),
        Err(_) => return None,
    };
    // Shared, so that two who ask don't take each other for the worker.
    match file.try_lock_shared() {
        Ok(()) => {
            let _ = fs::remove_file(path);
            Some(false)
        }
        Err(TryLockError::WouldBlock) => Some(true),
        Err(TryLockError::Error(_)) => None,
    }
}

/// Removes what workers that were killed have left.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let made = entry.metadata().and_then(|file| file.modified());
        let is_old = made.is_ok_and(|made| made.elapsed().is_ok_and(|age| age > JUST_MADE));
        if is_old {
            let _ = is_locked(&entry.path());
        }
    }
}

fn remove_if_empty(folder: Option<&Path>) {
    if let Some(folder) = folder {
        // Refused as long as there is anything in it.
        let _ = fs::remove_dir(folder);
    }
}
