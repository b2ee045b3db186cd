//! The file that a backup, or a bundle, is written to: first under a name of its own, then under the one that was
//! asked for, once it is whole.
//!
//! What isn't finished is called `holdpoint-backup-….unfinished` and stands in the folder that it
//! was asked for in. It goes when the backup fails or is cancelled. One that a kill or a power cut
//! left behind is removed by the next backup into that folder, once nothing was written to it for
//! an hour.

use super::backup_error::BackupError;
use super::file;
use crate::platform;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

const BEGINNING: &str = "holdpoint-backup-";
const END: &str = ".unfinished";
/// How many digits stand between the two.
const DIGITS: usize = 32;

/// What SQLite may put beside a file that is open.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// What is left behind for so long is nobody's any more.
const LONG: Duration = Duration::from_hours(1);

/// Where a backup or a bundle goes.
#[derive(Debug)]
pub(crate) struct Target {
    folder: PathBuf,
    path: PathBuf,
}

impl Target {
    /// Refuses everything that can be refused before a byte is written.
    pub(crate) fn at(path: &Path, store: &Path) -> Result<Self, BackupError> {
        let unwritable = |found: &str| Err(BackupError::unwritable(path, found));
        let Ok(absolute) = std::path::absolute(path) else {
            return unwritable("that this is no path");
        };
        if is_of_the_store(&absolute, store) {
            return Err(BackupError::FileIsTheStore {
                path: path.to_owned(),
            });
        }
        let (Some(folder), Some(name)) = (absolute.parent(), absolute.file_name()) else {
            return unwritable("a folder");
        };
        if absolute.is_dir() {
            return unwritable("a folder");
        }
        if !folder.is_dir() {
            return unwritable(&format!("no folder {}", folder.display()));
        }
        let target = Self {
            path: folder.join(name),
            folder: folder.to_owned(),
        };
        match fs::symlink_metadata(&target.path) {
            Ok(_) => Err(BackupError::FileExists { path: target.path }),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(target),
            Err(error) => Err(BackupError::of_file(path, error)),
        }
    }

    /// An empty file in the target's folder, which may be read by whoever may read the store.
    pub(crate) fn begin(self, store: &Path) -> Result<Unfinished, BackupError> {
        sweep(&self.folder);
        let name = format!("{BEGINNING}{:032x}{END}", platform::random());
        let unfinished = Unfinished {
            file: self.folder.join(name),
            target: self,
        };
        let made = File::create_new(&unfinished.file)
            .and_then(|made| file::permit_as(&made, &fs::metadata(store)?));
        match made {
            Ok(()) => Ok(unfinished),
            Err(error) => Err(unfinished.failed(error)),
        }
    }
}

/// One that isn't whole yet. Dropped, it is gone.
#[derive(Debug)]
pub(crate) struct Unfinished {
    file: PathBuf,
    target: Target,
}

impl Unfinished {
    /// Where it is for now.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// Where it will be.
    pub(super) fn path(&self) -> &Path {
        &self.target.path
    }

    pub(crate) fn failed(&self, error: std::io::Error) -> BackupError {
        BackupError::of_file(&self.target.path, error)
    }

    /// What keeps the file from being written, asked of the operating system itself: SQLite doesn't
    /// say it of a quota.
    pub(super) fn hindrance(&self) -> Option<std::io::Error> {
        use std::io::Write as _;
        let mut file = match OpenOptions::new().append(true).open(&self.file) {
            Ok(file) => file,
            Err(error) => return Some(error),
        };
        let written = file
            .write_all(&vec![0; 1 << 16])
            .and_then(|()| file.sync_all());
        written.err()
    }

    /// Puts it on the disk for good and gives it its name, unless somebody else has that by now.
    pub(crate) fn finish(self) -> Result<PathBuf, BackupError> {
        let target = &self.target;
        OpenOptions::new()
            .write(true)
            .open(&self.file)
            .and_then(|file| file.sync_all())
            .map_err(|error| self.failed(error))?;
        match name(&self.file, &target.path) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(BackupError::FileExists {
                    path: target.path.clone(),
                });
            }
            Err(error) => return Err(self.failed(error)),
        }
        let _ = fs::remove_file(&self.file);
        if let Err(error) = put_on_disk(&target.folder) {
            // The name may be gone after a power cut, so it must not be relied on.
            let _ = fs::remove_file(&target.path);
            return Err(self.failed(error));
        }
        Ok(target.path.clone())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.file);
        for suffix in BESIDE {
            let _ = fs::remove_file(with(&self.file, suffix));
        }
    }
}

/// Gives a file another name, which must be nobody's.
fn name(file: &Path, name: &Path) -> std::io::Result<()> {
    match fs::hard_link(file, name) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => name_without_links(file, name),
        linked => linked,
    }
}

/// The same on a disk on which a file has one name only: the name is taken by an empty file first.
/// A power cut between the two leaves that.
fn name_without_links(file: &Path, name: &Path) -> std::io::Result<()> {
    drop(File::create_new(name)?);
    fs::rename(file, name).inspect_err(|_| {
        let _ = fs::remove_file(name);
    })
}

/// Has a folder's new names survive a power cut, where folders can be asked for that.
fn put_on_disk(folder: &Path) -> std::io::Result<()> {
    let Ok(folder) = File::open(folder) else {
        return Ok(());
    };
    match folder.sync_all() {
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::InvalidInput | ErrorKind::Unsupported | ErrorKind::PermissionDenied
            ) =>
        {
            Ok(())
        }
        synced => synced,
    }
}

/// Whether a path leads to the store, or to where a file of its own is or would be: the log beside
/// it, the folder of its workers.
fn is_of_the_store(path: &Path, store: &Path) -> bool {
    let Ok(store) = fs::canonicalize(store) else {
        return false;
    };
    let named = path
        .parent()
        .and_then(|folder| fs::canonicalize(folder).ok())
        .zip(path.file_name())
        .map(|(folder, name)| folder.join(name));
    let found = fs::metadata(path).ok();
    let own = ["", ".workers"].into_iter().chain(BESIDE);
    own.map(|suffix| with(&store, suffix)).any(|own| {
        let is_one = || {
            let own = fs::metadata(&own).ok()?;
            Some(file::is_one(found.as_ref()?, &own))
        };
        named.as_deref() == Some(&*own)
            || fs::canonicalize(path).is_ok_and(|path| path == own)
            || is_one() == Some(true)
    })
}

fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

/// Removes what backups that were killed have left.
fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if !is_unfinished(&entry.file_name()) {
            continue;
        }
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        let age = metadata.modified().map(|written| written.elapsed());
        if metadata.is_file() && matches!(age, Ok(Ok(age)) if age > LONG) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether a file's name is one that only this module gives.
fn is_unfinished(name: &OsStr) -> bool {
    let Some(name) = name.to_str() else {
        return false;
    };
    let name = BESIDE
        .iter()
        .find_map(|suffix| name.strip_suffix(suffix))
        .unwrap_or(name);
    let digits = name
        .strip_prefix(BEGINNING)
        .and_then(|rest| rest.strip_suffix(END));
    digits.is_some_and(|digits| {
        digits.len() == DIGITS && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r49_where_a_file_has_one_name_only_nothing_is_written_over_either() {
        let folder = tempfile::tempdir().unwrap();
        let (file, target) = (folder.path().join("file"), folder.path().join("target"));
        fs::write(&file, "whole").unwrap();
        fs::write(&target, "another's").unwrap();
        let refused = name_without_links(&file, &target).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&target).unwrap(), b"another's");
        fs::remove_file(&target).unwrap();
        name_without_links(&file, &target).unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"whole");
        assert!(!file.exists());
        // What was to be named is gone: the name that was taken for it is free again.
        let taken = folder.path().join("taken");
        name_without_links(&file, &taken).unwrap_err();
        assert!(!taken.exists());
    }

    #[test]
    fn r49_only_what_a_backup_left_behind_is_called_unfinished() {
        let left = format!("{BEGINNING}{:032x}{END}", 7);
        for name in [left.clone(), format!("{left}-wal"), format!("{left}-shm")] {
            assert!(is_unfinished(OsStr::new(&name)), "{name}");
        }
        for name in [
            "holdpoint-backup-.unfinished",
            "holdpoint-backup-1.unfinished",
            "holdpoint-backup-00000000000000000000000000000xyz.unfinished",
            "holdpoint-backup-00000000000000000000000000000007.db",
            "holdpoint.db",
        ] {
            assert!(!is_unfinished(OsStr::new(name)), "{name}");
        }
    }
}
