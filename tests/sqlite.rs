//! The contract, shown on SQLite, and what is true of SQLite files only.
#![cfg(feature = "sqlite")]
#![forbid(unsafe_code)]

#[macro_use]
mod conformance;
mod support;

// The block is what makes the files stand in tests/sqlite/.
mod sqlite {
    mod backups;
    mod backups_on_open;
    mod disks;
    mod erased;
    mod phases;
    mod workers;
}

use conformance::Harness;
use conformance::author::{Author, create, project_id, rename};
use conformance::observe::Everything;
use holdpoint::journal::format::StoreFormat;
use holdpoint::model::Revision;
use holdpoint::storage::{
    Durability, SqliteOptions, SqliteStorage, Storage, StorageError, StorageErrorKind, WriteError,
};
use pollster::block_on;
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// A folder with a store in it.
struct Sqlite(TempDir);

impl Default for Sqlite {
    fn default() -> Self {
        Self(tempfile::tempdir().unwrap())
    }
}

impl Sqlite {
    fn path(&self) -> PathBuf {
        self.0.path().join("store.db")
    }

    /// A connection that is none of the store's.
    fn connect(&self) -> Connection {
        let connection = Connection::open(self.path()).unwrap();
        connection.busy_timeout(Duration::from_mins(1)).unwrap();
        connection
    }
}

impl Harness for Sqlite {
    type Storage = SqliteStorage;

    async fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    async fn open(&self) -> Result<SqliteStorage, StorageError> {
        SqliteStorage::open(self.path())
    }

    async fn set_format(&self, format: StoreFormat) {
        let connection = self.connect();
        for (key, value) in [
            ("format", format.format),
            ("min_reader", format.min_reader),
            ("min_writer", format.min_writer),
        ] {
            let sql = "UPDATE meta SET value = ?2 WHERE key = ?1";
            assert_eq!(connection.execute(sql, (key, value)), Ok(1));
        }
    }
}

conformance!(Sqlite);

/// Everything in a folder, by name.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    files
        .map(|file| (file.clone(), fs::read(&file).unwrap_or_default()))
        .collect()
}

/// Both ways to open what is there refuse it, and change nothing in the folder.
fn refused_untouched(path: &Path, kind: StorageErrorKind) {
    let folder = path.parent().unwrap();
    let before = contents(folder);
    let mut options = SqliteOptions::default();
    options.create = false;
    for options in [options, SqliteOptions::default()] {
        let refused = SqliteStorage::open_with(path, &options).unwrap_err();
        assert_eq!(refused.kind, kind, "{refused}");
        assert!(refused.message.starts_with("expected "), "{refused}");
        assert!(refused.message.contains("found "), "{refused}");
    }
    let after = contents(folder);
    assert!(
        after.keys().eq(before.keys()),
        "files came or went: {:?}",
        after.keys()
    );
    assert!(after == before, "no byte changed");
}

fn furnished(store: &Sqlite) -> Author {
    let storage = SqliteStorage::open(store.path()).unwrap();
    block_on(Author::furnish(&storage, project_id(1), 1))
}

#[test]
fn a_database_of_another_program_is_refused_untouched() {
    for sql in [
        "PRAGMA application_id = 252006673",
        "CREATE TABLE entries (project TEXT)",
        "CREATE VIEW projects AS SELECT 1",
        "PRAGMA application_id = 252006673; CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER);
         INSERT INTO meta VALUES ('format', 1), ('min_reader', 1), ('min_writer', 1)",
    ] {
        for mode in ["DELETE", "WAL"] {
            let store = Sqlite::default();
            let theirs = store.connect();
            theirs.pragma_update(None, "journal_mode", mode).unwrap();
            theirs.execute_batch(sql).unwrap();
            theirs.close().unwrap();
            refused_untouched(&store.path(), StorageErrorKind::NotAStore);
        }
    }
}

#[test]
fn a_database_that_another_program_is_writing_to_is_refused_untouched() {
    let store = Sqlite::default();
    let theirs = store.connect();
    theirs.pragma_update(None, "journal_mode", "WAL").unwrap();
    theirs.pragma_update(None, "wal_autocheckpoint", 0).unwrap();
    let half_way =
        "CREATE TABLE things (thing TEXT); BEGIN IMMEDIATE; INSERT INTO things VALUES (1)";
    theirs.execute_batch(half_way).unwrap();
    let log = store.0.path().join("store.db-wal");
    let before = (fs::read(store.path()).unwrap(), fs::read(&log).unwrap());
    assert!(!before.1.is_empty());
    let refused = SqliteStorage::open(store.path()).unwrap_err();
    assert_eq!(refused.kind, StorageErrorKind::NotAStore, "{refused}");
    assert!((fs::read(store.path()).unwrap(), fs::read(&log).unwrap()) == before);
    theirs.execute_batch("COMMIT").unwrap();
}

#[test]
fn a_file_that_is_no_database_is_refused_untouched() {
    // SQLite takes a file of one byte for an empty one.
    for length in [2, 15, 99, 100, 512, 4096, 10_000] {
        for byte in [b'x', 0] {
            let store = Sqlite::default();
            fs::write(store.path(), vec![byte; length]).unwrap();
            refused_untouched(&store.path(), StorageErrorKind::NotAStore);
        }
    }
}

#[test]
fn a_file_that_is_not_there_is_made_only_if_asked_for_and_an_empty_one_is_taken() {
    let store = Sqlite::default();
    let mut options = SqliteOptions::default();
    assert!(options.create && options.durability == Durability::Strict);
    options.create = false;
    let refused = SqliteStorage::open_with(store.path(), &options).unwrap_err();
    assert_eq!(refused.kind, StorageErrorKind::Unavailable, "{refused}");
    assert!(contents(store.0.path()).is_empty());
    // One that is there and empty becomes a store as well.
    fs::write(store.path(), "").unwrap();
    let author = furnished(&store);
    let storage = SqliteStorage::open_with(store.path(), &options).unwrap();
    assert_eq!(block_on(storage.head(author.id())), Ok(author.head()));
}

#[test]
fn a_store_of_a_newer_program_is_refused_untouched() {
    let store = Sqlite::default();
    let author = furnished(&store);
    let newer = |min_reader: u32, version: u32| {
        let format = StoreFormat {
            format: 2,
            min_reader,
            min_writer: min_reader,
        };
        block_on(store.set_format(format));
        store
            .connect()
            .pragma_update(None, "user_version", version)
            .unwrap();
    };
    newer(2, 2);
    refused_untouched(&store.path(), StorageErrorKind::TooNew);

    // One that lets older programs in stays what it is.
    newer(1, 2);
    let storage = SqliteStorage::open(store.path()).unwrap();
    assert_eq!(block_on(storage.head(author.id())), Ok(author.head()));
    block_on(author.clone().append(&storage, rename("goes on")));
    let version = |row: &rusqlite::Row<'_>| row.get::<_, u32>(0);
    let version = store
        .connect()
        .query_row("PRAGMA user_version", [], version);
    assert_eq!(version, Ok(2));
}

#[test]
fn a_path_that_leads_nowhere_is_unavailable() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    let before = contents(folder.path());
    for path in [
        "folder",
        "missing/store.db",
        "file/store.db",
        "missing/../store.db",
    ] {
        let refused = SqliteStorage::open(folder.path().join(path)).unwrap_err();
        assert_eq!(refused.kind, StorageErrorKind::Unavailable, "{refused}");
        assert!(refused.message.contains("found "), "{refused}");
    }
    assert_eq!(contents(folder.path()), before);
}

#[test]
fn a_path_that_sqlite_would_take_for_memory_is_a_file_or_refused() {
    // An empty name is a temporary database to SQLite, and `:memory:` lives in memory: both forget.
    for path in ["", ":memory:"] {
        match SqliteStorage::open(path) {
            Err(refused) => assert_eq!(refused.kind, StorageErrorKind::Unavailable, "{path:?}"),
            Ok(storage) => {
                drop(storage);
                let made = !path.is_empty() && Path::new(path).exists();
                let _ = fs::remove_file(path);
                assert!(
                    made,
                    "{path:?} was opened, and there is no file of that name"
                );
            }
        }
    }
}

#[test]
fn a_path_is_a_path_and_no_address() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "with space.db",
        "ünïcödé 🧑\u{200d}🚀.db",
        "file:x?mode=memory",
        "a#b%20c.db",
    ] {
        let path = folder.path().join(name);
        let storage = SqliteStorage::open(&path).unwrap();
        block_on(Author::furnish(&storage, project_id(1), 1));
        drop(storage);
        assert!(path.is_file(), "{name}");
    }
}

#[test]
fn several_that_open_a_new_file_at_once_all_get_it() {
    for _ in 0..40 {
        let store = Sqlite::default();
        std::thread::scope(|scope| {
            for n in 1..=6 {
                let store = &store;
                scope.spawn(move || {
                    let storage = SqliteStorage::open(store.path()).unwrap();
                    block_on(Author::new(project_id(n), n).append(&storage, create("one")));
                });
            }
        });
        let storage = SqliteStorage::open(store.path()).unwrap();
        for n in 1..=6 {
            let head = block_on(storage.head(project_id(n))).unwrap();
            assert_eq!(head.unwrap().revision, Revision::FIRST);
        }
    }
}

#[test]
fn a_store_at_rest_is_one_file() {
    let store = Sqlite::default();
    let storage = SqliteStorage::open(store.path()).unwrap();
    let author = block_on(Author::furnish(&storage, project_id(1), 1));
    let before = block_on(Everything::of(&storage, &author));
    drop(storage);
    let names: Vec<_> = contents(store.0.path()).into_keys().collect();
    assert_eq!(names, [store.path()]);

    // So a copy of that file is a copy of the store.
    let copy = Sqlite::default();
    fs::copy(store.path(), copy.path()).unwrap();
    let storage = SqliteStorage::open(copy.path()).unwrap();
    assert_eq!(block_on(Everything::of(&storage, &author)), before);
}

#[test]
fn tables_are_strict_and_the_log_is_written_ahead() {
    let store = Sqlite::default();
    furnished(&store);
    let connection = store.connect();
    let text = |sql: &str| {
        connection
            .query_row(sql, [], |row| row.get::<_, String>(0))
            .unwrap()
    };
    assert_eq!(text("PRAGMA journal_mode"), "wal");
    assert_eq!(text("PRAGMA integrity_check"), "ok");
    let loose = "SELECT group_concat(name) FROM pragma_table_list
                 WHERE schema = 'main' AND name NOT LIKE 'sqlite_%' AND NOT strict";
    let loose = connection.query_row(loose, [], |row| row.get::<_, Option<String>>(0));
    assert_eq!(loose, Ok(None), "tables that aren't strict");
}

#[test]
fn plans_have_columns_that_people_can_query() {
    let store = Sqlite::default();
    let author = furnished(&store);
    let connection = store.connect();
    let columns: BTreeMap<String, (String, bool, Option<String>)> = connection
        .prepare("SELECT name, type, \"notnull\", dflt_value FROM pragma_table_info('plans')")
        .unwrap()
        .query_map([], |row| {
            Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?)))
        })
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let integer = |default: &str| ("INTEGER".to_owned(), true, Some(default.to_owned()));
    assert_eq!(columns["reversion_count"], integer("0"));
    assert_eq!(columns["last_completed_step"], integer("-1"));
    assert_eq!(
        columns["last_checkpoint_id"],
        ("TEXT".to_owned(), false, None)
    );

    let plans: Vec<(String, i64, i64, Option<String>)> = connection
        .prepare(
            "SELECT plan, reversion_count, last_completed_step, last_checkpoint_id
             FROM plans WHERE project = ?1 ORDER BY number",
        )
        .unwrap()
        .query_map([author.id().to_string()], |row| row.try_into())
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let expected: Vec<_> = author
        .state()
        .plans_in_order()
        .into_iter()
        .map(|plan| {
            let last_checkpoint = plan.last_checkpoint_id.map(|id| id.to_string());
            let reversions = i64::from(plan.guards.reversion_count);
            (
                plan.id.to_string(),
                reversions,
                plan.progress.last_completed_step,
                last_checkpoint,
            )
        })
        .collect();
    assert_eq!(plans, expected);
    // One of them has steps done and a checkpoint, the other has neither.
    assert!(plans[0].2 == 0 && plans[0].3.is_some() && plans[1].2 == -1 && plans[1].3.is_none());
}

#[test]
fn a_store_that_somebody_else_holds_is_blocked_until_it_lets_go() {
    let store = Sqlite::default();
    let mut author = furnished(&store);
    let mut options = SqliteOptions::default();
    options.busy_timeout = Duration::from_millis(20);
    let storage = SqliteStorage::open_with(store.path(), &options).unwrap();
    let before = block_on(Everything::of(&storage, &author));
    let holder = store.connect();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();

    let commit = author.draft(rename("next"));
    let refused = block_on(storage.append(commit.clone())).unwrap_err();
    failed_as(&refused, StorageErrorKind::Blocked, "SQLITE_BUSY");
    assert_eq!(
        block_on(Everything::of(&storage, &author)),
        before,
        "reading goes on"
    );

    holder.execute_batch("ROLLBACK").unwrap();
    assert_eq!(block_on(storage.append(commit.clone())), Ok(commit.head()));
}

fn failed_as(refused: &WriteError, kind: StorageErrorKind, name: &str) {
    let WriteError::Storage(error) = refused else {
        panic!("found {refused:?}")
    };
    let platform = error.platform.as_ref().expect("SQLite was asked");
    assert_eq!(error.kind, kind, "{error}");
    assert!(
        platform.name.starts_with(name) && !platform.message.is_empty(),
        "{error}"
    );
}

#[test]
fn damage_is_called_corrupt() {
    // What SQLite itself objects to keeps its name.
    let damages = [
        ("UPDATE entries SET digest = x'00' WHERE revision = 2", ""),
        (
            "UPDATE entries SET command = 'nobody' WHERE revision = 2",
            "",
        ),
        ("UPDATE projects SET digest = x''", ""),
        ("UPDATE projects SET revision = -1", ""),
        ("DELETE FROM meta", ""),
        ("ALTER TABLE entries DROP COLUMN prev", "SQLITE_ERROR"),
        ("DROP TABLE entries", "SQLITE_ERROR"),
        (
            "bytes that something else wrote over the file",
            "SQLITE_CORRUPT",
        ),
    ];
    for (damage, name) in damages {
        let store = Sqlite::default();
        let author = furnished(&store);
        if name == "SQLITE_CORRUPT" {
            let mut bytes = fs::read(store.path()).unwrap();
            bytes[4096..].fill(0xff);
            fs::write(store.path(), bytes).unwrap();
        } else {
            store.connect().execute_batch(damage).unwrap();
        }
        let read = SqliteStorage::open(store.path()).and_then(|storage| {
            block_on(storage.head(author.id()))?;
            let entries = block_on(storage.entries(author.id(), Revision::ZERO, usize::MAX))?;
            // An entry that can't be what was written is handed out all the same: whoever opens it
            // learns where the damage is.
            entries.iter().try_for_each(|sealed| match sealed.open() {
                Ok(_) => Ok(()),
                Err(error) => {
                    assert_eq!(error.code(), StorageErrorKind::Corrupt.code());
                    Err(StorageError::new(
                        StorageErrorKind::Corrupt,
                        error.to_string(),
                    ))
                }
            })
        });
        let error = read.expect_err(damage);
        assert_eq!(error.kind, StorageErrorKind::Corrupt, "{damage}: {error}");
        let platform = error
            .platform
            .map(|platform| platform.name)
            .unwrap_or_default();
        assert!(platform.starts_with(name), "{damage}: {platform}");
    }
}
