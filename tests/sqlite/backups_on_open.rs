//! R49: backups that are made by themselves, before a store is opened.

use crate::conformance::author::{Author, create, project_id, rename};
use crate::conformance::observe::Everything;
use crate::{Sqlite, contents, furnished};
use holdpoint::storage::{BackupOnOpen, SqliteOptions, SqliteStorage, Storage, StorageErrorKind};
use pollster::block_on;
use std::fs;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A store, and a folder for its backups.
struct Kept {
    store: Sqlite,
    folder: TempDir,
    options: SqliteOptions,
}

impl Kept {
    fn with(keep: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut backup = BackupOnOpen::into_folder(folder.path());
        assert_eq!(backup.keep.get(), 10);
        backup.keep = NonZeroUsize::new(keep).unwrap();
        let mut options = SqliteOptions::default();
        assert_eq!(options.backup_on_open, None);
        options.backup_on_open = Some(backup);
        Self {
            store: Sqlite::default(),
            folder,
            options,
        }
    }

    fn open(&self) -> SqliteStorage {
        SqliteStorage::open_with(self.store.path(), &self.options).unwrap()
    }

    /// The backups' files, from the oldest to the newest.
    fn backups(&self) -> Vec<PathBuf> {
        let files = contents(self.folder.path()).into_keys();
        files.filter(|file| is_backup(file)).collect()
    }
}

fn is_backup(path: &Path) -> bool {
    let name = path.file_name().unwrap().to_str().unwrap();
    name.starts_with("store-") && name.ends_with("Z.db")
}

#[test]
fn r49_a_store_that_is_opened_is_backed_up_as_it_was_before() {
    let kept = Kept::with(10);
    // One that isn't there yet is made, and there is nothing to back up.
    let storage = kept.open();
    assert!(contents(kept.folder.path()).is_empty());
    let mut author = block_on(Author::furnish(&storage, project_id(1), 1));
    let (then, before) = (author.clone(), block_on(Everything::of(&storage, &author)));
    drop(storage);
    let storage = kept.open();
    let [backup] = &kept.backups()[..] else {
        panic!("one backup: {:?}", kept.backups())
    };
    block_on(author.append(&storage, rename("goes on")));
    let copy = SqliteStorage::open(backup).unwrap();
    assert_eq!(block_on(Everything::of(&copy, &then)), before);
}

#[test]
fn r49_nothing_is_backed_up_that_the_newest_backup_holds() {
    let kept = Kept::with(10);
    let mut author = furnished(&kept.store);
    for _ in 0..3 {
        drop(kept.open());
        assert_eq!(kept.backups().len(), 1);
    }
    block_on(author.append(&kept.open(), rename("goes on")));
    drop(kept.open());
    assert_eq!(kept.backups().len(), 2);
    // What comes and goes without anything being done is no change: leases, snapshots, the log.
    let touch = "DELETE FROM leases; DELETE FROM snapshots; VACUUM";
    kept.store.connect().execute_batch(touch).unwrap();
    drop(kept.open());
    assert_eq!(kept.backups().len(), 2);
    // A project that comes is one, and so is one that goes.
    let storage = kept.open();
    let mut other = Author::new(project_id(2), 2);
    block_on(other.append(&storage, create("another")));
    drop(kept.open());
    assert_eq!(kept.backups().len(), 3);
    let commit = other.draft(rename("never written"));
    let stamp = commit.entries()[0].open().unwrap().command;
    block_on(storage.remove(other.id(), other.present_head(), stamp)).unwrap();
    drop(kept.open());
    assert_eq!(kept.backups().len(), 4);
}

#[test]
fn r49_a_backup_that_is_damaged_or_gone_is_made_again() {
    let kept = Kept::with(10);
    furnished(&kept.store);
    drop(kept.open());
    fs::write(&kept.backups()[0], "no database any more").unwrap();
    drop(kept.open());
    assert_eq!(kept.backups().len(), 2);
    fs::remove_file(&kept.backups()[1]).unwrap();
    drop(kept.open());
    assert_eq!(kept.backups().len(), 2);
}

#[test]
fn r49_the_newest_backups_are_kept_and_no_other_file_is_touched() {
    let kept = Kept::with(3);
    let mut author = furnished(&kept.store);
    let folder = kept.folder.path();
    drop(kept.open());
    let first = kept.backups().remove(0);
    let name = first.file_name().unwrap().to_str().unwrap().to_owned();
    // Names that are nearly those of backups, and one of another store of the same name.
    let others = [
        format!("{name}.bak"),
        name.replace("store", "storr"),
        name.replace("store-", "store-x"),
        name.replace(".db", ".db~"),
        "store-00000000-20000101T000000.000Z.db".to_owned(),
        "store.db".to_owned(),
    ];
    for other in &others {
        fs::write(folder.join(other), "somebody's").unwrap();
    }
    // A folder that is called so is none of them either.
    let is_folder = folder.join(name.replace("-20", "-19"));
    fs::create_dir(&is_folder).unwrap();
    let mut made = vec![first];
    for n in 0..5 {
        let storage = SqliteStorage::open(kept.store.path()).unwrap();
        block_on(author.append(&storage, rename(&format!("name {n}"))));
        drop(storage);
        let before = contents(folder);
        drop(kept.open());
        made.extend(
            contents(folder)
                .into_keys()
                .filter(|path| !before.contains_key(path)),
        );
    }
    assert_eq!(made.len(), 6);
    for (n, path) in made.iter().enumerate() {
        assert_eq!(path.exists(), n >= 3, "{n}");
    }
    for other in &others {
        assert_eq!(fs::read(folder.join(other)).unwrap(), b"somebody's");
    }
    assert!(is_folder.is_dir());
}

#[test]
fn r49_a_clock_that_went_back_makes_no_backup_that_seems_older() {
    let kept = Kept::with(2);
    let mut author = furnished(&kept.store);
    drop(kept.open());
    let name = kept.backups().remove(0);
    // As if the first one had been made far in the future.
    let (series, _) = name.to_str().unwrap().rsplit_once('-').unwrap();
    let future = PathBuf::from(format!("{series}-29991231T235959.999Z.db"));
    fs::rename(&name, &future).unwrap();
    for n in 0..3 {
        let storage = SqliteStorage::open(kept.store.path()).unwrap();
        block_on(author.append(&storage, rename(&format!("name {n}"))));
        drop(storage);
        drop(kept.open());
    }
    let names: Vec<_> = kept
        .backups()
        .iter()
        .map(|path| path.to_str().unwrap().replace(series, ""))
        .collect();
    assert_eq!(
        names,
        ["-30000101T000000.001Z.db", "-30000101T000000.002Z.db"]
    );
}

#[test]
fn r49_a_store_whose_backup_cannot_be_made_is_not_opened() {
    let kept = Kept::with(3);
    let author = furnished(&kept.store);
    let mut options = kept.options.clone();
    options.backup_on_open = Some(BackupOnOpen::into_folder(
        kept.folder.path().join("missing"),
    ));
    let before = contents(kept.store.0.path());
    let refused = SqliteStorage::open_with(kept.store.path(), &options).unwrap_err();
    assert_eq!(refused.kind, StorageErrorKind::Unavailable);
    assert!(refused.message.contains("found no folder"), "{refused}");
    assert!(contents(kept.store.0.path()) == before);
    let storage = SqliteStorage::open(kept.store.path()).unwrap();
    assert_eq!(block_on(storage.head(author.id())), Ok(author.head()));
}

#[test]
fn r49_several_that_open_at_once_each_find_or_make_a_backup() {
    let kept = Kept::with(50);
    let author = furnished(&kept.store);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| drop(kept.open()));
        }
    });
    let backups = kept.backups();
    assert!((1..=6).contains(&backups.len()), "{backups:?}");
    assert_eq!(contents(kept.folder.path()).len(), backups.len());
    for backup in backups {
        let how = BackupOnOpen::into_folder(kept.folder.path());
        let made = how.run(kept.store.path(), |_| ControlFlow::Continue(()));
        assert_eq!(made, Ok(None));
        let copy = SqliteStorage::open(backup).unwrap();
        assert_eq!(block_on(copy.head(author.id())), Ok(author.head()));
    }
}
