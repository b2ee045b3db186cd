//! R7, R45, R75: a disk that fills up, or may not be written to, in whatever a store is doing just
//! then: a command, a log that grows and is emptied, a snapshot, the making of a store, a backup, an
//! import. What was acknowledged is there, what was refused isn't, and the same object works again.
//!
//! `HOLDPOINT_DISKS=all` leaves each number of pages free; otherwise only some are tried.

use super::disks::{Disk, make_read_only, unmount};
use crate::support::say;
use holdpoint::engine::{Engine, EngineError, ExportScope, ImportOptions, Receipt};
use holdpoint::machine::{Command, NewPlan, NewStep, Request};
use holdpoint::model::{Body, ErrorCode, LongText, Name, PlanSettings, ProjectId, Revision};
use holdpoint::storage::{SqliteStorage, StorageErrorKind};
use pollster::block_on;
use rusqlite::Connection;
use std::ops::ControlFlow;
use std::path::Path;

/// In KiB.
const PAGE: u64 = 4;
/// More room than any phase takes, in KiB.
const ENOUGH: u64 = 7 * 1024;

/// The rooms to try, in KiB: from none to more than enough, or some of them.
fn rooms(short: u64) -> impl Iterator<Item = u64> {
    let is_long = std::env::var_os("HOLDPOINT_DISKS").is_some_and(|extent| extent == "all");
    let step = if is_long { PAGE } else { short };
    (0..)
        .map(move |n| n * step)
        .take_while(|room| *room < ENOUGH)
}

type Store = Engine<SqliteStorage>;

fn open(path: &Path) -> Result<Store, EngineError> {
    let storage = SqliteStorage::open(path)?;
    block_on(Engine::open(storage, "ana".parse().unwrap()))
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// A store with a project.
fn furnished(path: &Path) -> (Store, ProjectId) {
    let store = open(path).unwrap();
    let project = block_on(store.create_project(name("work")))
        .unwrap()
        .project;
    block_on(store.create_plan(project, "do it", ["one", "two"])).unwrap();
    (store, project)
}

/// A command with a body of so many KiB.
fn heavy(kibibytes: usize, n: usize) -> Command {
    let body = format!("{n} ").repeat(kibibytes * 1024 / format!("{n} ").len());
    let body: Body = body.parse().unwrap();
    Command::AddContext {
        items: vec![holdpoint::machine::NewItem {
            agent: name("agent"),
            plan: None,
            kind: "code".parse().unwrap(),
            body,
            created_at: None,
            pinned: false,
        }],
    }
}

/// A command whose entry is worth a snapshot.
fn outweighing() -> Command {
    let title = |n| format!("step {n} of many {}", ".".repeat(170));
    let step = |n| NewStep {
        title: name(&title(n)),
        input: None,
    };
    Command::CreatePlan {
        plan: NewPlan {
            request: LongText::new("many").unwrap(),
            steps: Some((0..400).map(step).collect()),
            settings: PlanSettings::default(),
        },
    }
}

/// How far a project is, and that all of it is sound.
#[track_caller]
fn sound(store: &Store, project: ProjectId) -> Revision {
    let report = block_on(store.verify(project)).unwrap();
    assert_eq!(report.findings, []);
    let state = block_on(store.project(project)).unwrap();
    assert_eq!(state.revision.get(), report.entries);
    state.revision
}

#[track_caller]
fn intact(path: &Path) {
    let connection = Connection::open(path).unwrap();
    let check = "PRAGMA integrity_check";
    let said: String = connection.query_row(check, [], |row| row.get(0)).unwrap();
    assert_eq!(said, "ok");
}

#[track_caller]
fn is_full<T>(result: &Result<T, EngineError>) -> bool {
    match result {
        Ok(_) => false,
        Err(error) => {
            assert_eq!(error.code(), ErrorCode::QuotaExceeded, "{error}");
            true
        }
    }
}

fn submit(store: &Store, project: ProjectId, request: &Request) -> Result<Receipt, EngineError> {
    block_on(store.submit(project, request.clone()))
}

/// What is true of a command that was given when there was little room: by the same object and by
/// one that opens the store anew, before and after there is room.
fn a_command(disk: &Disk, room: u64, command: Command) -> bool {
    disk.empty();
    let (store, project) = furnished(&disk.path());
    let before = sound(&store, project);
    disk.fill_but(room);
    let request = store.request(command);
    let told = submit(&store, project, &request);
    let refused = is_full(&told);
    let now = sound(&store, project);
    assert_eq!(
        now,
        if refused { before } else { before.next() },
        "{room} KiB"
    );
    disk.make_room();
    let again = submit(&store, project, &request).unwrap();
    assert_eq!(again.revision, before.next(), "{room} KiB");
    if let Ok(receipt) = told {
        assert_eq!(again, receipt);
    }
    block_on(store.execute(project, heavy(1, 0))).unwrap();
    drop(store);
    intact(&disk.path());
    let store = open(&disk.path()).unwrap();
    assert_eq!(sound(&store, project), before.next().next());
    refused
}

/// Tries a phase with more and more room, until there is enough. Says how often there was too
/// little.
fn with_more_and_more_room(
    what: &str,
    step: u64,
    mut is_refused: impl FnMut(&Disk, u64) -> bool,
) -> Option<u64> {
    let disk = Disk::new()?;
    let (mut points, mut refused, mut in_a_row) = (0, 0, 0);
    for room in rooms(step) {
        points += 1;
        if is_refused(&disk, room) {
            refused += 1;
            in_a_row = 0;
        } else {
            // What succeeds once may yet fail with a page more: a log is emptied then, say.
            in_a_row += 1;
            if in_a_row == 3 {
                break;
            }
        }
    }
    assert!(in_a_row > 0, "{what}: there was enough room in the end");
    say(&format!(
        "disks: {what}: {points} sizes of free room tried, {refused} times the disk was full"
    ));
    Some(refused)
}

#[test]
fn r7_r75_a_command_on_a_disk_with_any_room_is_done_or_told_that_it_is_full() {
    let refused = with_more_and_more_room("command", 8 * PAGE, |disk, room| {
        a_command(disk, room, heavy(90, 1))
    });
    assert!(refused.is_none_or(|refused| refused > 2));
}

#[test]
fn r7_r75_a_snapshot_that_finds_no_room_is_no_failure_of_its_command() {
    let refused = with_more_and_more_room("command with a snapshot", 8 * PAGE, |disk, room| {
        a_command(disk, room, outweighing())
    });
    assert!(refused.is_none_or(|refused| refused > 2));
}

#[test]
fn r7_r45_r75_a_log_that_grows_until_the_disk_is_full_keeps_all_that_was_acknowledged() {
    let mut commits = 0;
    let refused = with_more_and_more_room("growing log", 1536, |disk, room| {
        disk.empty();
        let (store, project) = furnished(&disk.path());
        let before = sound(&store, project);
        disk.fill_but(room);
        let mut acknowledged = 0;
        let refused = loop {
            let request = store.request(heavy(20, acknowledged));
            let told = submit(&store, project, &request);
            if is_full(&told) {
                break Some(request);
            }
            acknowledged += 1;
            if acknowledged == 120 {
                break None;
            }
        };
        commits += acknowledged;
        let reached = Revision::new(before.get() + acknowledged as u64);
        assert_eq!(sound(&store, project), reached, "{room} KiB");
        if let Some(request) = &refused {
            // Whoever opens it now is told, or reads all of it.
            match open(&disk.path()) {
                Ok(another) => assert_eq!(sound(&another, project), reached, "{room} KiB"),
                Err(error) => assert_eq!(error.code(), ErrorCode::QuotaExceeded, "{error}"),
            }
            disk.make_room();
            let again = submit(&store, project, request).unwrap();
            assert_eq!(again.revision, reached.next());
        }
        drop(store);
        intact(&disk.path());
        let store = open(&disk.path()).unwrap();
        let there = if refused.is_some() {
            reached.next()
        } else {
            reached
        };
        assert_eq!(sound(&store, project), there);
        refused.is_some()
    });
    if refused.is_some() {
        say(&format!(
            "disks: growing log: {commits} commits acknowledged and there"
        ));
    }
}

/// The store is closed while the disk is full: its log can't be emptied then.
#[test]
fn r45_r75_a_store_that_is_closed_on_a_full_disk_has_all_that_was_acknowledged() {
    with_more_and_more_room("closed when full", 512, |disk, room| {
        disk.empty();
        let (store, project) = furnished(&disk.path());
        for n in 0..20 {
            block_on(store.execute(project, heavy(20, n))).unwrap();
        }
        let reached = sound(&store, project);
        disk.fill_but(room);
        drop(store);
        let log = disk.path().with_file_name("store.db-wal");
        let is_left = log.exists();
        match open(&disk.path()) {
            Ok(store) => assert_eq!(sound(&store, project), reached, "{room} KiB"),
            Err(error) => assert_eq!(error.code(), ErrorCode::QuotaExceeded, "{error}"),
        }
        disk.make_room();
        intact(&disk.path());
        let store = open(&disk.path()).unwrap();
        assert_eq!(sound(&store, project), reached);
        block_on(store.execute(project, heavy(1, 0))).unwrap();
        is_left
    });
}

#[test]
fn r51_r75_a_store_that_finds_no_room_to_be_made_in_is_made_once_there_is() {
    let refused = with_more_and_more_room("making a store", 4 * PAGE, |disk, room| {
        disk.empty();
        disk.fill_but(room);
        let refused = match SqliteStorage::open(disk.path()) {
            Ok(storage) => {
                drop(storage);
                false
            }
            Err(error) => {
                assert_eq!(error.kind, StorageErrorKind::QuotaExceeded, "{error}");
                true
            }
        };
        disk.make_room();
        let (store, project) = furnished(&disk.path());
        sound(&store, project);
        drop(store);
        intact(&disk.path());
        refused
    });
    assert!(refused.is_none_or(|refused| refused > 0));
}

#[test]
fn r49_r75_a_backup_to_a_disk_with_any_room_is_whole_or_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("store.db");
    let (store, project) = furnished(&source);
    block_on(store.execute(project, heavy(90, 1))).unwrap();
    let reached = sound(&store, project);
    let refused = with_more_and_more_room("backup", 16 * PAGE, |disk, room| {
        disk.empty();
        disk.fill_but(room);
        let go_on = |_| ControlFlow::Continue(());
        let made = block_on(store.storage().backup(disk.path(), go_on));
        let refused = match &made {
            Ok(_) => false,
            Err(error) => {
                assert_eq!(error.code(), ErrorCode::QuotaExceeded, "{error}");
                let left = std::fs::read_dir(disk.folder()).unwrap().count();
                assert_eq!(left, 1, "nothing but what fills the disk");
                true
            }
        };
        disk.make_room();
        if refused {
            block_on(store.storage().backup(disk.path(), go_on)).unwrap();
        }
        intact(&disk.path());
        let copy = open(&disk.path()).unwrap();
        assert_eq!(sound(&copy, project), reached);
        refused
    });
    assert_eq!(sound(&store, project), reached);
    assert!(refused.is_none_or(|refused| refused > 2));
}

#[test]
fn r74_r75_an_import_to_a_disk_with_any_room_comes_in_whole_or_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let (source, project) = furnished(&folder.path().join("store.db"));
    block_on(source.execute(project, heavy(90, 1))).unwrap();
    block_on(source.execute(project, outweighing())).unwrap();
    let reached = sound(&source, project);
    let bundle = exported(&source);
    let refused = with_more_and_more_room("import", 16 * PAGE, |disk, room| {
        disk.empty();
        let (store, other) = furnished(&disk.path());
        let before = sound(&store, other);
        disk.fill_but(room);
        let import = || {
            block_on(async {
                let mut import = store.import(ImportOptions::default());
                import.push(&bundle).await?;
                import.finish().await
            })
        };
        let refused = is_full(&import());
        let there = block_on(store.project(project)).map(|state| state.revision);
        match &there {
            Ok(revision) => assert!(!refused && *revision == reached, "{room} KiB"),
            Err(error) => {
                assert!(refused, "{room} KiB: {error}");
                assert_eq!(error.code(), ErrorCode::ProjectNotFound);
            }
        }
        assert_eq!(sound(&store, other), before);
        disk.make_room();
        if refused {
            import().unwrap();
        }
        assert_eq!(sound(&store, project), reached);
        drop(store);
        intact(&disk.path());
        let store = open(&disk.path()).unwrap();
        assert_eq!(sound(&store, project), reached);
        assert_eq!(sound(&store, other), before);
        refused
    });
    assert!(refused.is_none_or(|refused| refused > 2));
}

/// Linux lets no disk become read-only on which a file is open for writing, so nobody has it open
/// when it does.
#[test]
fn r7_r75_a_store_on_a_read_only_disk_is_unavailable_and_works_once_the_disk_can_be_written_to() {
    let Some(disk) = Disk::new() else { return };
    let (store, project) = furnished(&disk.path());
    block_on(store.execute(project, heavy(90, 1))).unwrap();
    let before = sound(&store, project);
    drop(store);
    disk.remount("ro");
    // What SQLite keeps beside a store can't be made.
    let opening = open(&disk.path()).unwrap_err();
    assert_eq!(opening.code(), ErrorCode::Unavailable, "{opening}");
    let making = SqliteStorage::open(disk.folder().join("new.db")).unwrap_err();
    assert_eq!(making.kind, StorageErrorKind::Unavailable, "{making}");
    let go_on = |_| ControlFlow::Continue(());
    let backup = SqliteStorage::backup_of(disk.path(), disk.folder().join("copy.db"), go_on);
    assert_eq!(backup.unwrap_err().code(), ErrorCode::FileUnwritable);
    disk.remount("rw");
    let store = open(&disk.path()).unwrap();
    assert_eq!(sound(&store, project), before);
    block_on(store.execute(project, heavy(20, 2))).unwrap();
    drop(store);
    intact(&disk.path());
    let store = open(&disk.path()).unwrap();
    assert_eq!(sound(&store, project), before.next());
    say("disks: read-only disk: 3 phases refused, and done once it could be written to");
}

/// Only the store's file can't be written to, so it can be opened and read.
#[test]
fn r7_r75_a_store_that_was_opened_when_its_file_was_read_only_works_once_it_is_not() {
    let Some(disk) = Disk::new() else { return };
    let (store, project) = furnished(&disk.path());
    let before = sound(&store, project);
    let bundle = exported(&store);
    drop(store);
    make_read_only(&disk.path());
    let store = open(&disk.path()).unwrap();
    assert_eq!(sound(&store, project), before);
    let request = store.request(heavy(20, 2));
    let phases = refused_phases(&store, project, &request, &bundle);
    unmount(&disk.path());
    let done = submit(&store, project, &request).unwrap();
    assert_eq!(done.revision, before.next());
    assert_eq!(sound(&store, project), before.next());
    drop(store);
    intact(&disk.path());
    let store = open(&disk.path()).unwrap();
    assert_eq!(sound(&store, project), before.next());
    say(&format!(
        "disks: read-only file: {phases} phases refused, and done by the same object once it could \
         be written to"
    ));
}

fn exported(store: &Store) -> Vec<u8> {
    block_on(async {
        let mut export = store.export(ExportScope::Store).await.unwrap();
        let mut bundle = Vec::new();
        while let Some(piece) = export.next().await.unwrap() {
            bundle.extend(piece);
        }
        bundle
    })
}

/// Everything that writes is refused as unavailable, and changes nothing. Says how many phases that
/// were.
fn refused_phases(store: &Store, project: ProjectId, request: &Request, bundle: &[u8]) -> usize {
    let before = sound(store, project);
    let import = async {
        let mut import = store.import(ImportOptions {
            as_copies: true,
            ..ImportOptions::default()
        });
        import.push(bundle).await?;
        import.finish().await.map(drop)
    };
    let phases = [
        ("command", submit(store, project, request).map(drop)),
        (
            "command with a snapshot",
            block_on(store.execute(project, outweighing())).map(drop),
        ),
        (
            "deletion",
            block_on(store.execute(project, Command::DeleteProject)).map(drop),
        ),
        ("rows", block_on(store.reindex(project)).map(drop)),
        ("import", block_on(import)),
    ];
    for (phase, told) in &phases {
        let error = told.as_ref().expect_err(phase);
        assert_eq!(error.code(), ErrorCode::Unavailable, "{phase}: {error}");
    }
    assert_eq!(sound(store, project), before);
    phases.len()
}
