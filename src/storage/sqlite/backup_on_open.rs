//! Backups that are made by themselves, before a store is opened for writing.
//!
//! They stand in a folder, each named after the store and the time: `work-3fa9c1d2-….db`. The eight
//! digits are those of the store's path, so that stores of the same name in several folders may be
//! backed up into one.

use super::backup::{self, Backup, BackupProgress, Watcher};
use super::backup_error::BackupError;
use super::contents::Contents;
use super::error::storage_error;
use super::open;
use crate::model::Timestamp;
use crate::platform;
use crate::storage::StorageError;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// How many are kept, unless it is said otherwise.
const KEPT: NonZeroUsize = NonZeroUsize::new(10).expect("it is ten");

/// How often a name may be somebody else's, who backs up at the same moment.
const TRIES: usize = 20;

const ENDING: &str = ".db";

/// Backups that are made by themselves whenever a store is opened: of a store that is there, and
/// holds something else than the newest backup of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BackupOnOpen {
    /// Where they go. The folder has to be there: one that is missing may be a disk that is.
    pub folder: PathBuf,
    /// How many are kept; older ones of this store are deleted. Ten by default.
    pub keep: NonZeroUsize,
}

impl BackupOnOpen {
    /// Into this folder, ten of them.
    #[must_use]
    pub fn into_folder(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            keep: KEPT,
        }
    }

    /// Makes one if the store is there and holds something else than its newest backup, whose heads
    /// of all projects are compared for that; then deletes those that are too many. Blocks while it
    /// does.
    ///
    /// # Errors
    /// A [`BackupError`] that says what is in the way.
    pub fn run(
        &self,
        store: impl AsRef<Path>,
        progress: impl FnMut(BackupProgress) -> ControlFlow<()> + Send + 'static,
    ) -> Result<Option<Backup>, BackupError> {
        let store = store.as_ref();
        let is_there = fs::metadata(store).is_ok_and(|file| file.is_file() && file.len() > 0);
        if !is_there {
            // What it is then is told by whoever opens it.
            return Ok(None);
        }
        let series = Series::of(store);
        let names = series.names_in(&self.folder)?;
        let newest = names.last();
        if let Some(newest) = newest
            && is_unchanged(store, &self.folder.join(newest))?
        {
            return Ok(None);
        }
        // A clock that went back makes none that seems older than those that are there.
        let mut earliest = newest.and_then(|name| series.time_of(name));
        let watcher = Watcher::new(progress);
        for _ in 0..TRIES {
            let now = platform::now();
            let time = earliest.map_or(now, |earliest| now.max(earliest.plus_milliseconds(1)));
            match backup::back_up(store, &self.folder.join(series.name_at(time)), &watcher) {
                Err(BackupError::FileExists { .. }) => earliest = Some(time),
                Err(error) => return Err(error),
                Ok(backup) => {
                    self.thin_out(&series);
                    return Ok(Some(backup));
                }
            }
        }
        let path = self.folder.join(series.name_at(platform::now()));
        Err(BackupError::FileExists { path })
    }

    /// Deletes the oldest ones of a series. One that somebody has open is left.
    fn thin_out(&self, series: &Series) {
        let names = series.names_in(&self.folder).unwrap_or_default();
        let too_many = names.len().saturating_sub(self.keep.get());
        for name in &names[..too_many] {
            let path = self.folder.join(name);
            if open::beside(&path, "-wal").exists() {
                continue;
            }
            if let Err(error) = fs::remove_file(&path)
                && error.kind() != std::io::ErrorKind::NotFound
            {
                let path = path.display();
                platform::warn(&format!("the old backup {path} cannot be deleted: {error}"));
            }
        }
    }
}

/// The backups of one store.
struct Series {
    /// How their names begin.
    beginning: OsString,
}

impl Series {
    fn of(store: &Path) -> Self {
        let path = fs::canonicalize(store).unwrap_or_else(|_| store.to_owned());
        let digest = blake3::hash(path.as_os_str().as_encoded_bytes()).to_hex();
        let mut beginning = path.file_stem().unwrap_or_default().to_owned();
        beginning.push(format!("-{}-", &digest[..8]));
        Self { beginning }
    }

    fn name_at(&self, time: Timestamp) -> OsString {
        let time = time.to_string().replace(['-', ':'], "");
        let mut name = self.beginning.clone();
        name.push(time);
        name.push(ENDING);
        name
    }

    /// When a backup was made, by its name; none if it is no name of this series.
    fn time_of(&self, name: &OsStr) -> Option<Timestamp> {
        let rest = name
            .as_encoded_bytes()
            .strip_prefix(self.beginning.as_encoded_bytes())?;
        let time = std::str::from_utf8(rest).ok()?.strip_suffix(ENDING)?;
        let (date, time) = time.split_once('T')?;
        let part = |text: &str, from: usize, to: usize| text.get(from..to).map(str::to_owned);
        let date = [part(date, 0, 4)?, part(date, 4, 6)?, part(date, 6, 8)?].join("-");
        let rest = time.get(4..)?;
        let time = [part(time, 0, 2)?, part(time, 2, 4)?, rest.to_owned()].join(":");
        let time: Timestamp = format!("{date}T{time}").parse().ok()?;
        // Only what is written exactly so.
        (self.name_at(time) == name).then_some(time)
    }

    /// Those that are there, from the oldest to the newest.
    fn names_in(&self, folder: &Path) -> Result<Vec<OsString>, BackupError> {
        let unreadable = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                BackupError::unwritable(folder, format!("no folder {}", folder.display()))
            }
            _ => BackupError::of_file(folder, error),
        };
        let mut names = Vec::new();
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let name = entry.file_name();
            let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
            if is_file && let Some(time) = self.time_of(&name) {
                names.push((time, name));
            }
        }
        names.sort();
        Ok(names.into_iter().map(|(_, name)| name).collect())
    }
}

/// Whether a backup holds what the store holds. One that can't be read doesn't, nor does one that
/// somebody has opened since.
fn is_unchanged(store: &Path, backup: &Path) -> Result<bool, StorageError> {
    if open::beside(backup, "-wal").exists() {
        return Ok(false);
    }
    let (source, path) = open::open_to_copy(store)?;
    let moment = source
        .unchecked_transaction()
        .map_err(|error| storage_error(error, "beginning to read"))?;
    open::identify_store(&moment, &path)?;
    let held = Contents::of(&moment)?;
    let kept = open::open_immutable(backup).and_then(|backup| Contents::of(&backup));
    Ok(kept.is_ok_and(|kept| kept == held))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r49_a_backups_name_says_when_it_was_made_and_of_which_store() {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("work.db");
        fs::write(&store, "").unwrap();
        let series = Series::of(&store);
        let time = "2026-11-21T22:45:12.034Z".parse().unwrap();
        let name = series.name_at(time).into_string().unwrap();
        let rest = name.strip_prefix("work-").unwrap();
        assert_eq!(&rest[8..], "-20261121T224512.034Z.db");
        assert_eq!(series.time_of(OsStr::new(&name)), Some(time));
        for other in [
            name.replace("work", "home"),
            name.replace(".034", ".34"),
            name.replace(".db", ".db-wal"),
            name.replace("1121", "1199"),
            format!("{name}.bak"),
            "work.db".to_owned(),
        ] {
            assert_eq!(series.time_of(OsStr::new(&other)), None, "{other}");
        }
        let elsewhere = tempfile::tempdir().unwrap();
        let namesake = elsewhere.path().join("work.db");
        fs::write(&namesake, "").unwrap();
        assert_eq!(Series::of(&namesake).time_of(OsStr::new(&name)), None);
    }
}
