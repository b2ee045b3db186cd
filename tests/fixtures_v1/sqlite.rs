//! The SQLite store of the first release.

use super::opened::opens_and_goes_on;
use super::story::tell;
use holdpoint::storage::SqliteStorage;
use pollster::block_on;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/v1/store.db")
}

/// A copy of it, for nobody writes to the fixture.
fn copy() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    std::fs::copy(fixture(), &path).unwrap();
    (folder, path)
}

#[test]
fn r51_a_sqlite_store_of_the_first_release_opens_is_sound_and_goes_on() {
    let (_folder, path) = copy();
    block_on(opens_and_goes_on(SqliteStorage::open(path).unwrap()));
}

#[test]
fn r51_opening_a_sqlite_store_of_this_version_changes_nothing_in_it() {
    let (_folder, path) = copy();
    for _ in 0..2 {
        drop(SqliteStorage::open(&path).unwrap());
        let read = |path: &Path| std::fs::read(path).unwrap();
        assert!(read(&path) == read(&fixture()));
    }
}

/// Made once: it writes only where there is nothing yet. `scripts/write-fixtures.sh` calls it.
#[test]
#[ignore = "writes fixtures"]
fn write_the_fixture_of_a_sqlite_store() {
    let there = std::fs::read(fixture()).unwrap_or_default();
    assert!(there.is_empty(), "store.db is never edited");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    drop(block_on(tell(SqliteStorage::open(&path).unwrap())));
    // As small as it gets: it is kept for ever.
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch("VACUUM").unwrap();
    connection.close().unwrap();
    let size = std::fs::metadata(&path).unwrap().len();
    assert!(size < 400_000, "{size} bytes");
    assert!(
        !folder.path().join("store.db-wal").exists(),
        "it is at rest"
    );
    std::fs::copy(path, fixture()).unwrap();
}
