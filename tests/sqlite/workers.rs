//! R72: the files that show which workers are alive.

use crate::conformance::author::{Author, create, project_id};
use crate::{Sqlite, contents, furnished};
use holdpoint::model::WorkerId;
use holdpoint::storage::{SqliteStorage, Storage};
use pollster::block_on;
use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

fn worker(n: u128) -> WorkerId {
    WorkerId::from_parts(1_767_268_800_000, n)
}

impl Sqlite {
    fn workers(&self) -> PathBuf {
        self.0.path().join("store.db.workers")
    }

    fn storage(&self) -> SqliteStorage {
        SqliteStorage::open(self.path()).unwrap()
    }
}

#[test]
fn r72_the_folder_is_there_only_as_long_as_somebody_claims() {
    let store = Sqlite::default();
    furnished(&store);
    let storage = store.storage();
    assert!(!store.workers().exists(), "opening costs nothing");
    assert_eq!(block_on(storage.is_alive(worker(1))), Some(false));
    assert!(!store.workers().exists(), "nor does asking");
    let (one, other) = (
        block_on(storage.show_alive(worker(1))),
        block_on(storage.show_alive(worker(2))),
    );
    assert_eq!(contents(&store.workers()).len(), 2);
    drop(one);
    assert_eq!(contents(&store.workers()).len(), 1);
    drop(other);
    assert!(!store.workers().exists());
}

#[test]
fn r72_what_a_killed_worker_left_is_removed_by_whoever_finds_it() {
    let store = Sqlite::default();
    let storage = store.storage();
    fs::create_dir(store.workers()).unwrap();
    let left = |n| store.workers().join(worker(n).to_string());
    // Asked about, it is known for what it is.
    File::create(left(1)).unwrap();
    assert_eq!(block_on(storage.is_alive(worker(1))), Some(false));
    assert!(!store.workers().exists());

    // Not asked about, it goes when the next one comes, unless it may be somebody's who begins.
    fs::create_dir(store.workers()).unwrap();
    let long_ago = SystemTime::now() - Duration::from_hours(1);
    File::create(left(2))
        .unwrap()
        .set_modified(long_ago)
        .unwrap();
    File::create(left(3)).unwrap();
    let in_use = File::create(left(4)).unwrap();
    in_use.set_modified(long_ago).unwrap();
    in_use.lock().unwrap();
    let sign = block_on(storage.show_alive(worker(5)));
    assert!(!left(2).exists());
    assert!(left(3).exists() && left(4).exists() && left(5).exists());
    drop(sign);
}

#[test]
fn r72_where_no_file_can_be_made_it_is_unknown_and_no_failure() {
    let store = Sqlite::default();
    let storage = store.storage();
    fs::write(store.workers(), "no folder").unwrap();
    let sign = block_on(storage.show_alive(worker(1)));
    assert!(!sign.is_shown());
    assert_eq!(block_on(storage.is_alive(worker(1))), None);
    drop(sign);
    assert_eq!(fs::read_to_string(store.workers()).unwrap(), "no folder");
    // All else goes on.
    let mut author = Author::new(project_id(1), 1);
    block_on(author.append(&storage, create("one")));
}

#[cfg(unix)]
#[test]
fn r72_a_store_has_one_folder_by_whatever_name_it_is_opened() {
    let store = Sqlite::default();
    let storage = store.storage();
    let elsewhere = tempfile::tempdir().unwrap();
    let link = elsewhere.path().join("link.db");
    std::os::unix::fs::symlink(store.path(), &link).unwrap();
    let linked = SqliteStorage::open(&link).unwrap();
    let sign = block_on(linked.show_alive(worker(1)));
    assert_eq!(block_on(storage.is_alive(worker(1))), Some(true));
    drop(sign);
    assert_eq!(block_on(storage.is_alive(worker(1))), Some(false));
}
