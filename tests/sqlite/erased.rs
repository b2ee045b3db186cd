//! R28: a body that was removed for good is in no file of the store any more.

use crate::conformance::Harness;
use crate::conformance::author::{Author, create, project_id, rename};
use crate::{Sqlite, contents};
use holdpoint::journal::format::StoreFormat;
use holdpoint::model::{Blob, Digest};
use holdpoint::storage::{SqliteOptions, SqliteStorage, Storage};
use pollster::block_on;
use rusqlite::Connection;
use std::time::Duration;

/// Text that compresses to nothing and is told from any other, of this many bytes.
fn body(name: &str, bytes: usize) -> Blob {
    let filler = "lorem ipsum ".repeat(bytes / 12 + 1);
    let half = bytes.saturating_sub(name.len()) / 2;
    Blob::new(format!("{}{name}{}", &filler[..half], &filler[..half]))
}

fn with_bodies(author: &mut Author, storage: &SqliteStorage, bodies: Vec<Blob>) {
    let mut commit = author.write(rename("learns"));
    commit.blobs = bodies;
    block_on(storage.append(commit)).unwrap();
}

fn without(author: &mut Author, storage: &SqliteStorage, digest: Digest) {
    let mut commit = author.write(rename("forgets"));
    commit.drop_blobs = vec![digest];
    block_on(storage.append(commit)).unwrap();
}

/// The files of the store in which a text stands.
fn files_with(store: &Sqlite, text: &str) -> Vec<String> {
    let has_text = |bytes: &[u8]| {
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    };
    contents(store.0.path())
        .into_iter()
        .filter(|(_, bytes)| has_text(bytes))
        .map(|(path, _)| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect()
}

/// Makes an erasure due.
const MARK: &str = "INSERT INTO meta (key, value) VALUES ('erasures_marked', 1)";

fn is_due(store: &Sqlite) -> bool {
    let number = |key: &str| -> i64 {
        let sql = "SELECT coalesce(max(value), 0) FROM meta WHERE key = ?1";
        let number = store.connect().query_row(sql, [key], |row| row.get(0));
        number.unwrap()
    };
    number("erasures_marked") > number("erasures_done")
}

/// A connection that reads and doesn't come to an end.
fn reader_of(store: &Sqlite) -> Connection {
    let reader = store.connect();
    let read = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
    reader.execute_batch("BEGIN").unwrap();
    reader
        .query_row("SELECT count(*) FROM blobs", [], read)
        .unwrap();
    reader
}

fn log_length(store: &Sqlite) -> u64 {
    let log = store.0.path().join("store.db-wal");
    std::fs::metadata(log).map_or(0, |log| log.len())
}

fn delete(author: &mut Author, storage: &SqliteStorage) {
    let commit = author.draft(rename("never written"));
    let stamp = commit.entries()[0].open().unwrap().command;
    block_on(storage.remove(author.id(), author.present_head(), stamp)).unwrap();
}

fn author_on(storage: &SqliteStorage, n: u16) -> Author {
    let mut author = Author::new(project_id(n), n);
    block_on(author.append(storage, create("a project")));
    author
}

#[test]
fn r28_a_body_removed_for_good_is_in_no_file_while_the_store_is_open() {
    let store = Sqlite::default();
    let storage = SqliteStorage::open(store.path()).unwrap();
    let other = SqliteStorage::open(store.path()).unwrap();
    let mut author = author_on(&storage, 1);
    for bytes in [40, 900, 3000, 5000, 200_000] {
        let secret = format!("secret of {bytes} bytes");
        let blob = body(&secret, bytes);
        let digest = *blob.digest();
        with_bodies(&mut author, &storage, vec![blob, body("kept", bytes)]);
        assert!(!files_with(&store, &secret).is_empty());
        without(&mut author, &storage, digest);
        assert_eq!(files_with(&store, &secret), [""; 0]);
        assert_eq!(block_on(storage.blob(author.id(), digest)), Ok(None));
        assert_eq!(block_on(other.blob(author.id(), digest)), Ok(None));
    }
    let kept = *body("kept", 900).digest();
    assert!(block_on(other.blob(author.id(), kept)).unwrap().is_some());
    assert_eq!(block_on(other.head(author.id())), Ok(author.head()));
}

/// What SQLite's `secure_delete` alone does not do: when others are deleted, pages are balanced and
/// copies stay behind in free space.
#[test]
fn r28_no_copy_stays_that_was_left_behind_when_other_bodies_went() {
    let store = Sqlite::default();
    let storage = SqliteStorage::open(store.path()).unwrap();
    let mut author = author_on(&storage, 1);
    let mut secrets = Vec::new();
    for round in 0..4_u16 {
        let mut others = author_on(&storage, 2 + round);
        for n in 0..40_usize {
            let bytes = [30, 60, 200, 500, 900, 1500, 3000][n * 5 % 7];
            if n % 4 == 0 {
                let secret = format!("secret {n} of round {round}");
                let blob = body(&secret, bytes);
                secrets.push((secret, *blob.digest()));
                with_bodies(&mut author, &storage, vec![blob]);
            } else {
                let blob = body(&format!("{n} of round {round}"), bytes);
                with_bodies(&mut others, &storage, vec![blob]);
            }
        }
        delete(&mut others, &storage);
    }
    for (_, digest) in &secrets {
        without(&mut author, &storage, *digest);
    }
    for (secret, _) in &secrets {
        assert_eq!(files_with(&store, secret), [""; 0], "{secret}");
    }
}

#[test]
fn r28_what_a_reader_held_up_is_done_when_the_store_is_opened_or_closed() {
    for reopen in [true, false] {
        let store = Sqlite::default();
        let mut options = SqliteOptions::default();
        options.busy_timeout = Duration::from_millis(20);
        let storage = SqliteStorage::open_with(store.path(), &options).unwrap();
        // Keeps the store in use, so that closing the other one doesn't put the log away anyway.
        let beside = SqliteStorage::open_with(store.path(), &options).unwrap();
        let mut author = author_on(&storage, 1);
        let blob = body("the secret", 3000);
        let digest = *blob.digest();
        with_bodies(&mut author, &storage, vec![blob]);

        let reader = reader_of(&store);
        // The removal itself is not held up, and nobody but that reader finds the body.
        without(&mut author, &storage, digest);
        assert_eq!(block_on(beside.blob(author.id(), digest)), Ok(None));
        assert!(!files_with(&store, "the secret").is_empty());
        reader.execute_batch("COMMIT").unwrap();

        if reopen {
            drop(SqliteStorage::open(store.path()).unwrap());
        } else {
            drop(storage);
        }
        assert_eq!(files_with(&store, "the secret"), [""; 0]);
        assert_eq!(block_on(beside.head(author.id())), Ok(author.head()));
    }
}

#[test]
fn r28_r77_it_is_left_to_programs_that_may_write_to_the_store() {
    let store = Sqlite::default();
    drop(SqliteStorage::open(store.path()).unwrap());
    store.connect().execute(MARK, []).unwrap();
    let newer = StoreFormat {
        min_writer: StoreFormat::CURRENT.min_writer + 1,
        ..StoreFormat::CURRENT
    };
    block_on(store.set_format(newer));
    drop(SqliteStorage::open(store.path()).unwrap());
    assert!(is_due(&store));
    block_on(store.set_format(StoreFormat::CURRENT));
    drop(SqliteStorage::open(store.path()).unwrap());
    assert!(!is_due(&store));
}

#[test]
fn r28_beside_a_reader_the_log_does_not_grow_with_each_opening() {
    let store = Sqlite::default();
    let mut options = SqliteOptions::default();
    // Nobody waits that long for a reader, whatever is said here.
    options.busy_timeout = Duration::from_hours(1);
    let storage = SqliteStorage::open_with(store.path(), &options).unwrap();
    let mut author = author_on(&storage, 1);
    let blob = body("the secret", 3000);
    let digest = *blob.digest();
    with_bodies(&mut author, &storage, vec![blob, body("kept", 2_000_000)]);
    let reader = reader_of(&store);
    without(&mut author, &storage, digest);
    let length = log_length(&store);
    for _ in 0..5 {
        drop(SqliteStorage::open_with(store.path(), &options).unwrap());
        assert_eq!(log_length(&store), length);
    }
    assert!(is_due(&store));
    reader.execute_batch("COMMIT").unwrap();
    drop(SqliteStorage::open(store.path()).unwrap());
    assert!(!is_due(&store));
    assert_eq!(files_with(&store, "the secret"), [""; 0]);
}

/// A reader that came while the log was empty is in the way only once the file was made anew.
#[test]
fn r28_beside_a_reader_of_an_empty_log_the_file_is_made_anew_once() {
    let store = Sqlite::default();
    let storage = SqliteStorage::open(store.path()).unwrap();
    let mut author = author_on(&storage, 1);
    with_bodies(&mut author, &storage, vec![body("kept", 2_000_000)]);
    let beside = store.connect();
    let empty_log = || {
        let empty_log = "PRAGMA wal_checkpoint(TRUNCATE)";
        let is_blocked = beside.query_row(empty_log, [], |row| row.get::<_, bool>(0));
        assert_eq!(is_blocked, Ok(false));
    };
    let times_made_anew = || -> i64 {
        let version = beside.query_row("PRAGMA schema_version", [], |row| row.get(0));
        version.unwrap()
    };
    beside.execute(MARK, []).unwrap();
    empty_log();
    let before = times_made_anew();
    let reader = reader_of(&store);
    drop(SqliteStorage::open(store.path()).unwrap());
    assert_eq!(times_made_anew(), before + 1);
    let length = log_length(&store);
    assert!(length > 2_000_000, "all of the file is in it: {length}");
    for _ in 0..5 {
        drop(SqliteStorage::open(store.path()).unwrap());
        assert_eq!(log_length(&store), length);
    }
    assert!(is_due(&store));
    // What is left to be done is to empty the log.
    reader.execute_batch("COMMIT").unwrap();
    drop(SqliteStorage::open(store.path()).unwrap());
    assert!(!is_due(&store) && log_length(&store) < 20_000);
    assert_eq!(times_made_anew(), before + 1);
}

#[test]
fn r28_r53_a_deleted_project_is_in_no_file_while_the_store_is_open() {
    let store = Sqlite::default();
    let storage = SqliteStorage::open(store.path()).unwrap();
    let mut author = author_on(&storage, 1);
    let mut kept = author_on(&storage, 2);
    let id = author.id().to_string();
    for n in 0..40 {
        block_on(author.append(&storage, rename(&format!("the secret {n}"))));
        block_on(kept.append(&storage, rename(&format!("kept {n}"))));
    }
    let blob = body("the secret in a body", 3000);
    with_bodies(&mut author, &storage, vec![blob]);
    assert!(!files_with(&store, "the secret").is_empty());
    delete(&mut author, &storage);
    assert_eq!(files_with(&store, "the secret"), [""; 0]);
    assert!(!files_with(&store, &id).is_empty(), "its tombstone stays");
    assert!(!files_with(&store, "kept 7").is_empty());
    assert_eq!(block_on(storage.head(kept.id())), Ok(kept.head()));
}

#[test]
fn r28_r53_in_a_large_store_deleted_projects_are_seen_to_when_it_is_closed() {
    let store = Sqlite::default();
    let storage = SqliteStorage::open(store.path()).unwrap();
    let fill = "INSERT INTO blobs (project, digest, body) VALUES ('', x'', zeroblob(17000000))";
    store.connect().execute(fill, []).unwrap();
    // Keeps the store in use, so that closing the other one doesn't put the log away anyway.
    let beside = SqliteStorage::open(store.path()).unwrap();
    for n in 1..=2 {
        let mut author = author_on(&storage, n);
        block_on(author.append(&storage, rename("the secret")));
        delete(&mut author, &storage);
        assert!(is_due(&store));
    }
    assert!(!files_with(&store, "the secret").is_empty());
    drop(storage);
    assert!(!is_due(&store));
    assert_eq!(files_with(&store, "the secret"), [""; 0]);
    assert_eq!(block_on(beside.head(project_id(1))), Ok(None));
}
