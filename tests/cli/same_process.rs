//! Several storages on one file in one process, beside other processes.

use crate::program::{Place, list, sample};
use holdpoint::engine::Engine;
use holdpoint::model::Name;
use holdpoint::storage::SqliteStorage;
use pollster::block_on;
use std::ops::ControlFlow;

/// What a process does to a file can take away the locks that it has on it; the next process to go
/// would delete the log under its hands then.
#[test]
fn r71_a_second_storage_and_a_backup_in_a_process_leave_the_first_one_its_log() {
    let place = Place::new();
    place.import(&sample("parser-fix.traj"));
    let storage = SqliteStorage::open(place.store()).unwrap();
    let engine = block_on(Engine::open(storage, "ana".parse().unwrap())).unwrap();
    let create = |name: &str| {
        block_on(engine.create_project(Name::new(name).unwrap())).unwrap();
    };
    create("in the log");
    drop(SqliteStorage::open(place.store()).unwrap());
    let backup = place.path("backup.db");
    SqliteStorage::backup_of(place.store(), backup, |_| ControlFlow::Continue(())).unwrap();
    let seen = || list(&place.json(&["project", "list"])).len();
    assert_eq!(seen(), 2);
    assert!(place.path("store.db-wal").exists(), "it is in use");
    create("after the others");
    assert_eq!(seen(), 3);
    drop(engine);
    assert_eq!(seen(), 3);
    place.is_sound();
}
