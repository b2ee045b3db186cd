//! R49: copies of a store that others write to.

use crate::conformance::Harness as _;
use crate::conformance::author::{Author, create, project_id, rename};
use crate::conformance::observe::Everything;
use crate::{Sqlite, contents, furnished};
use holdpoint::journal::format::StoreFormat;
use holdpoint::model::{ErrorCode, Revision};
use holdpoint::storage::{
    Backup, BackupError, BackupProgress, SqliteStorage, Storage, StorageErrorKind,
};
use pollster::block_on;
use rusqlite::Connection;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

fn go_on(_: BackupProgress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn back_up(store: &Sqlite, to: &Path) -> Result<Backup, BackupError> {
    SqliteStorage::backup_of(store.path(), to, go_on)
}

fn refused(store: &Sqlite, to: &Path, code: ErrorCode) -> BackupError {
    let before = contents(store.0.path());
    let error = back_up(store, to).expect_err("it is refused");
    assert_eq!(error.code(), code, "{error}");
    let message = error.to_string();
    assert!(
        message.contains("expected ") && message.contains("found "),
        "{error}"
    );
    assert!(contents(store.0.path()) == before, "nothing came or went");
    error
}

/// Makes the store so large that a backup takes a while.
fn fill(store: &Sqlite, megabytes: u32) {
    let fill = "INSERT INTO blobs (project, digest, body) VALUES ('', ?1, zeroblob(1000000))";
    let connection = store.connect();
    for n in 0..megabytes {
        connection.execute(fill, [n.to_le_bytes()]).unwrap();
    }
}

fn is_sound(path: &Path) {
    let connection = Connection::open(path).unwrap();
    let sound = connection.query_row("PRAGMA integrity_check", [], |row| row.get::<_, String>(0));
    assert_eq!(sound.as_deref(), Ok("ok"));
}

fn elsewhere() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("backup.db");
    (folder, path)
}

#[test]
fn r49_a_backup_is_a_store_like_any_other() {
    let store = Sqlite::default();
    let mut author = furnished(&store);
    let storage = SqliteStorage::open(store.path()).unwrap();
    let before = block_on(Everything::of(&storage, &author));
    let (folder, path) = elsewhere();
    let backup = block_on(storage.backup(&path, go_on)).unwrap();
    assert_eq!(
        (&backup.path, backup.bytes),
        (&path, fs::metadata(&path).unwrap().len())
    );
    let files: Vec<_> = contents(folder.path()).into_keys().collect();
    assert_eq!(files, [&*path], "that one file and nothing else");
    is_sound(&path);

    // What is done to the one is not done to the other.
    block_on(author.clone().append(&storage, rename("goes on")));
    let copy = SqliteStorage::open(&path).unwrap();
    assert_eq!(block_on(Everything::of(&copy, &author)), before);
    block_on(author.append(&copy, rename("goes another way")));
    assert_eq!(
        block_on(copy.entries(author.id(), Revision::ZERO, usize::MAX)).unwrap(),
        author.entries()
    );
    let mode = Connection::open(&path).unwrap();
    let mode = mode.query_row("PRAGMA journal_mode", [], |row| row.get::<_, String>(0));
    assert_eq!(mode.as_deref(), Ok("wal"));
}

#[cfg(unix)]
#[test]
fn r49_a_backup_may_be_read_by_whoever_may_read_the_store_and_by_nobody_else() {
    use std::os::unix::fs::PermissionsExt as _;
    let store = Sqlite::default();
    furnished(&store);
    for (mode, expected) in [(0o600, 0o600), (0o640, 0o640), (0o440, 0o640)] {
        fs::set_permissions(store.path(), fs::Permissions::from_mode(mode)).unwrap();
        let (_folder, path) = elsewhere();
        back_up(&store, &path).unwrap();
        let found = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(found, expected, "of a store with {mode:o}");
    }
}

#[test]
fn r49_a_store_of_no_project_and_one_with_a_log_are_backed_up_whole() {
    let store = Sqlite::default();
    drop(SqliteStorage::open(store.path()).unwrap());
    let (_folder, path) = elsewhere();
    back_up(&store, &path).unwrap();
    let copy = SqliteStorage::open(&path).unwrap();
    assert_eq!(block_on(copy.journals(None, 10)), Ok(Vec::new()));

    // What was committed stands in the log only.
    let storage = SqliteStorage::open(store.path()).unwrap();
    let mut author = Author::new(project_id(1), 1);
    block_on(author.append(&storage, create("a project")));
    let (_folder, path) = elsewhere();
    back_up(&store, &path).unwrap();
    let copy = SqliteStorage::open(&path).unwrap();
    assert_eq!(block_on(copy.head(author.id())), Ok(author.head()));
}

struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn r49_a_backup_beside_busy_writers_ends_and_is_of_one_moment() {
    let store = Sqlite::default();
    drop(SqliteStorage::open(store.path()).unwrap());
    fill(&store, 40);
    let is_over = AtomicBool::new(false);
    let commits = Arc::new(AtomicU64::new(0));
    let writing = AtomicU64::new(0);
    std::thread::scope(|scope| {
        // Also if something fails here: the writers would go on for ever, and nobody would hear of it.
        let _over = Over(&is_over);
        for writer in 0..2_u16 {
            let (store, is_over, commits, writing) = (&store, &is_over, &commits, &writing);
            scope.spawn(move || {
                let storage = SqliteStorage::open(store.path()).unwrap();
                // First the one project and then the other: never is the second one ahead.
                let mut pair = [1, 2].map(|n| {
                    let n = 10 * writer + n;
                    Author::new(project_id(n), n)
                });
                for author in &mut pair {
                    block_on(author.append(&storage, create("one of two")));
                }
                writing.fetch_add(1, Ordering::SeqCst);
                while !is_over.load(Ordering::SeqCst) {
                    for author in &mut pair {
                        block_on(author.append(&storage, rename("goes on")));
                        commits.fetch_add(1, Ordering::SeqCst);
                    }
                }
            });
        }
        // Both of them: either may be late.
        while writing.load(Ordering::SeqCst) < 2 || commits.load(Ordering::SeqCst) < 10 {
            std::thread::yield_now();
        }
        let during = Arc::clone(&commits);
        for _ in 0..3 {
            let (_folder, path) = elsewhere();
            let before = during.load(Ordering::SeqCst);
            let during = Arc::clone(&during);
            // It never ends before somebody has written in the middle of it.
            let made = SqliteStorage::backup_of(store.path(), &path, move |progress| {
                let is_half = progress.copied * 2 > progress.total;
                while is_half && during.load(Ordering::SeqCst) < before + 4 {
                    std::thread::yield_now();
                }
                ControlFlow::Continue(())
            });
            made.unwrap();
            is_sound(&path);
            let copy = SqliteStorage::open(&path).unwrap();
            for writer in 0..2 {
                let [first, second] = [1, 2].map(|n| {
                    let id = project_id(10 * writer + n);
                    let head = block_on(copy.head(id)).unwrap().unwrap();
                    let entries = block_on(copy.entries(id, Revision::ZERO, usize::MAX)).unwrap();
                    assert_eq!(
                        entries.last().map(|entry| entry.revision),
                        Some(head.revision)
                    );
                    head.revision.get()
                });
                assert!(first == second || first == second + 1, "{first}, {second}");
            }
        }
    });
}

#[test]
fn r49_progress_comes_to_its_end_and_never_goes_back() {
    let store = Sqlite::default();
    furnished(&store);
    fill(&store, 5);
    let (_folder, path) = elsewhere();
    let (sender, heard) = std::sync::mpsc::channel();
    let made = SqliteStorage::backup_of(store.path(), &path, move |progress| {
        sender.send(progress).unwrap();
        ControlFlow::Continue(())
    });
    let heard: Vec<_> = heard.iter().collect();
    assert!(heard.len() > 4, "a megabyte each: {}", heard.len());
    assert!(heard.is_sorted_by_key(|progress| progress.copied));
    let last = heard.last().unwrap();
    assert_eq!((last.copied, last.total), (last.total, made.unwrap().bytes));
}

#[test]
fn r49_a_cancelled_backup_leaves_nothing_wherever_it_is() {
    let store = Sqlite::default();
    furnished(&store);
    fill(&store, 5);
    let times_told = {
        let (_folder, path) = elsewhere();
        let told = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&told);
        let made = SqliteStorage::backup_of(store.path(), &path, move |_| {
            count.fetch_add(1, Ordering::SeqCst);
            ControlFlow::Continue(())
        });
        made.unwrap();
        told.load(Ordering::SeqCst)
    };
    let before = contents(store.0.path());
    for cancelled_at in 1..=times_told {
        let (folder, path) = elsewhere();
        let mut told = 0;
        let made = SqliteStorage::backup_of(store.path(), &path, move |_| {
            told += 1;
            match told {
                told if told < cancelled_at => ControlFlow::Continue(()),
                _ => ControlFlow::Break(()),
            }
        });
        assert_eq!(made, Err(BackupError::Cancelled), "at {cancelled_at}");
        assert!(contents(folder.path()).is_empty(), "at {cancelled_at}");
    }
    assert!(contents(store.0.path()) == before);
}

#[test]
fn r49_a_backup_that_nobody_waits_for_any_more_leaves_nothing() {
    let store = Sqlite::default();
    furnished(&store);
    fill(&store, 3);
    let storage = SqliteStorage::open(store.path()).unwrap();
    let (folder, path) = elsewhere();
    let (begun, was_begun) = std::sync::mpsc::channel();
    let (dropped, was_dropped) = std::sync::mpsc::channel::<()>();
    let mut future = Box::pin(storage.backup(&path, move |_| {
        let _ = begun.send(());
        // Whether it is dropped or not comes in through this and nothing else.
        let _ = was_dropped.recv();
        ControlFlow::Continue(())
    }));
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(future.as_mut().poll(&mut context).is_pending());
    was_begun.recv().unwrap();
    assert_eq!(contents(folder.path()).len(), 1, "it is on its way");
    drop(future);
    drop(dropped);
    let patience = std::time::Instant::now() + Duration::from_mins(1);
    while !contents(folder.path()).is_empty() && std::time::Instant::now() < patience {
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(contents(folder.path()).is_empty());
}

#[test]
fn r49_nothing_is_written_over() {
    let store = Sqlite::default();
    furnished(&store);
    let (folder, path) = elsewhere();
    fs::write(&path, "somebody's").unwrap();
    refused(&store, &path, ErrorCode::FileExists);
    assert_eq!(fs::read(&path).unwrap(), b"somebody's");
    assert_eq!(contents(folder.path()).len(), 1);
    // Nor is one that comes meanwhile.
    fs::remove_file(&path).unwrap();
    let late = path.clone();
    let made = SqliteStorage::backup_of(store.path(), &path, move |_| {
        fs::write(&late, "somebody's").unwrap();
        ControlFlow::Continue(())
    });
    assert_eq!(made.unwrap_err().code(), ErrorCode::FileExists);
    assert_eq!(fs::read(&path).unwrap(), b"somebody's");
    assert_eq!(contents(folder.path()).len(), 1);
}

#[test]
fn r49_of_two_backups_to_one_name_at_once_one_is_made() {
    let store = Sqlite::default();
    furnished(&store);
    for _ in 0..10 {
        let (folder, path) = elsewhere();
        let both = Arc::new(Barrier::new(2));
        let made = std::thread::scope(|scope| {
            let made = [0, 1].map(|_| {
                let (both, mut has_met) = (Arc::clone(&both), false);
                let (store, path) = (&store, &path);
                scope.spawn(move || {
                    SqliteStorage::backup_of(store.path(), path, move |_| {
                        if !std::mem::replace(&mut has_met, true) {
                            both.wait();
                        }
                        ControlFlow::Continue(())
                    })
                })
            });
            made.map(|thread| thread.join().unwrap())
        });
        let refused: Vec<_> = made.iter().filter_map(|made| made.as_ref().err()).collect();
        assert_eq!(refused.len(), 1, "{made:?}");
        assert_eq!(refused[0].code(), ErrorCode::FileExists);
        assert_eq!(contents(folder.path()).len(), 1);
        is_sound(&path);
    }
}

#[test]
fn r49_a_store_is_never_backed_up_to_itself_or_to_a_file_of_its_own() {
    let store = Sqlite::default();
    furnished(&store);
    let folder = store.0.path();
    fs::create_dir(folder.join("sub")).unwrap();
    fs::hard_link(store.path(), folder.join("sub/second-name.db")).unwrap();
    for name in [
        "store.db",
        "./store.db",
        "sub/../store.db",
        "store.db-wal",
        "store.db-shm",
        "store.db-journal",
        "store.db.workers",
        "sub/second-name.db",
    ] {
        refused(&store, &folder.join(name), ErrorCode::FileIsTheStore);
    }
    // Its log too, while there is one.
    let storage = SqliteStorage::open(store.path()).unwrap();
    assert!(folder.join("store.db-wal").exists());
    let to_the_log = block_on(storage.backup(folder.join("store.db-wal"), go_on));
    assert_eq!(to_the_log.unwrap_err().code(), ErrorCode::FileIsTheStore);
}

#[cfg(unix)]
#[test]
fn r49_a_store_is_known_behind_links() {
    use std::os::unix::fs::symlink;
    let store = Sqlite::default();
    furnished(&store);
    let (folder, link) = elsewhere();
    symlink(store.path(), &link).unwrap();
    refused(&store, &link, ErrorCode::FileIsTheStore);
    let linked_folder = folder.path().join("linked");
    symlink(store.0.path(), &linked_folder).unwrap();
    for name in ["store.db", "store.db-wal"] {
        refused(&store, &linked_folder.join(name), ErrorCode::FileIsTheStore);
    }
    // The store itself may be named by a link.
    for to in [store.path(), link.clone()] {
        let error = SqliteStorage::backup_of(&link, to, go_on).unwrap_err();
        assert_eq!(error.code(), ErrorCode::FileIsTheStore);
    }
    SqliteStorage::backup_of(&link, folder.path().join("of-link.db"), go_on).unwrap();
    // A link that leads nowhere is something that is there.
    let nowhere = folder.path().join("nowhere.db");
    symlink(folder.path().join("missing"), &nowhere).unwrap();
    refused(&store, &nowhere, ErrorCode::FileExists);
}

#[test]
fn r49_a_place_that_cannot_be_written_to_is_told_apart() {
    let store = Sqlite::default();
    furnished(&store);
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    for (name, found) in [
        ("", "a folder"),
        ("missing/backup.db", "no folder"),
        ("file/backup.db", "no folder"),
    ] {
        let error = refused(&store, &folder.path().join(name), ErrorCode::FileUnwritable);
        assert!(error.to_string().contains(found), "{error}");
    }
    refused(&store, Path::new(""), ErrorCode::FileUnwritable);
    refused(&store, Path::new("/"), ErrorCode::FileUnwritable);
    let long = folder.path().join("n".repeat(300));
    refused(&store, &long, ErrorCode::FileUnwritable);
    assert_eq!(contents(folder.path()).len(), 1);
}

#[test]
fn r49_what_is_no_store_of_ours_is_told_apart_and_stays_as_it_is() {
    let (folder, path) = elsewhere();
    let refused = |store: &Sqlite, code: ErrorCode| {
        refused(store, &path, code);
        assert!(contents(folder.path()).is_empty());
    };
    let store = Sqlite::default();
    refused(&store, ErrorCode::Unavailable);
    for bytes in ["", "no database", &"no database".repeat(1000)] {
        fs::write(store.path(), bytes).unwrap();
        refused(&store, ErrorCode::NotAStore);
    }
    fs::remove_file(store.path()).unwrap();
    let theirs = store.connect();
    theirs.execute_batch("CREATE TABLE things (thing)").unwrap();
    theirs.close().unwrap();
    refused(&store, ErrorCode::NotAStore);

    let store = Sqlite::default();
    furnished(&store);
    let newer = StoreFormat {
        min_reader: StoreFormat::CURRENT.min_reader + 1,
        ..StoreFormat::CURRENT
    };
    block_on(store.set_format(newer));
    refused(&store, ErrorCode::TooNew);
    // One that may be read may be backed up.
    let newer = StoreFormat {
        min_writer: StoreFormat::CURRENT.min_writer + 1,
        ..StoreFormat::CURRENT
    };
    block_on(store.set_format(newer));
    back_up(&store, &path).unwrap();
}

#[test]
fn r49_a_damaged_store_makes_no_backup() {
    let store = Sqlite::default();
    furnished(&store);
    fill(&store, 1);
    let mut bytes = fs::read(store.path()).unwrap();
    let schema_and_more = 4096 * 3;
    bytes[schema_and_more..schema_and_more + 4096 * 20].fill(0xff);
    fs::write(store.path(), bytes).unwrap();
    let (folder, path) = elsewhere();
    let error = refused(&store, &path, ErrorCode::Corrupt);
    assert!(
        matches!(&error, BackupError::Storage(error) if error.kind == StorageErrorKind::Corrupt)
    );
    assert!(contents(folder.path()).is_empty());
}

/// What SQLite's `secure_delete` leaves behind now and then, and what the store's own files still
/// hold while somebody reads.
#[test]
fn r28_r49_what_was_removed_for_good_before_is_in_no_byte_of_a_backup() {
    let secret = "the secret of this test";
    let store = Sqlite::default();
    let author = furnished(&store);
    let by_hand = store.connect();
    by_hand.pragma_update(None, "secure_delete", false).unwrap();
    let learn = "INSERT INTO blobs (project, digest, body) VALUES ('', ?1, ?2)";
    for n in 0..8_u8 {
        let body = format!("{}{secret}", "lorem ipsum ".repeat(300));
        by_hand.execute(learn, ([n], body.into_bytes())).unwrap();
    }
    let forget = "DELETE FROM blobs WHERE project = '';
                  INSERT INTO meta (key, value) VALUES ('erasures_marked', 1)";
    by_hand.execute_batch(forget).unwrap();
    let has_secret = |path: &Path| {
        let bytes = fs::read(path).unwrap();
        bytes
            .windows(secret.len())
            .any(|window| window == secret.as_bytes())
    };
    let log = store.0.path().join("store.db-wal");
    assert!(has_secret(&store.path()) || has_secret(&log));

    let (folder, path) = elsewhere();
    back_up(&store, &path).unwrap();
    assert!(!has_secret(&path));
    assert_eq!(contents(folder.path()).len(), 1);
    is_sound(&path);
    let due = "SELECT group_concat(value, ' ') FROM meta
               WHERE key IN ('erasures_marked', 'erasures_done')";
    let due = Connection::open(&path)
        .unwrap()
        .query_row(due, [], |row| row.get::<_, String>(0));
    assert_eq!(due.as_deref(), Ok("1 1"), "there it is done");
    let copy = SqliteStorage::open(&path).unwrap();
    assert_eq!(block_on(copy.head(author.id())), Ok(author.head()));
    // The store itself is left as it is: that is for whoever writes to it.
    assert!(has_secret(&store.path()) || has_secret(&log));
}

#[test]
fn r49_what_a_killed_backup_left_is_removed_by_a_later_one_and_nothing_else_is() {
    let store = Sqlite::default();
    furnished(&store);
    let (folder, path) = elsewhere();
    let name = |n: u8, suffix: &str| {
        let name = format!("holdpoint-backup-{n:032x}.unfinished{suffix}");
        folder.path().join(name)
    };
    let long_ago = SystemTime::now() - Duration::from_hours(2);
    let left = [name(1, ""), name(1, "-wal"), name(1, "-shm")];
    let others = [
        folder.path().join("holdpoint-backup.unfinished"),
        folder.path().join("holdpoint-backup-work.unfinished"),
    ];
    for path in left.iter().chain(&others) {
        let file = fs::File::create(path).unwrap();
        file.set_modified(long_ago).unwrap();
    }
    // Somebody may still be at work on this one.
    fs::write(name(2, ""), "").unwrap();
    back_up(&store, &path).unwrap();
    let found: Vec<_> = contents(folder.path()).into_keys().collect();
    let mut expected = vec![path, name(2, "")];
    expected.extend(others);
    expected.sort();
    assert_eq!(found, expected);
}
