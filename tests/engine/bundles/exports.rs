//! What an export promises while others go on, and when something fails.

use super::given::{REVIVING, SECRET, bundle_of, exported, imported, rich, taken_in};
use crate::engine::author::{Author, item, rename, resume};
use crate::engine::damage::bounded;
use crate::engine::given::{Disk, Memory, engine_over, refused, wait};
use crate::engine::observe::observe;
use crate::support::fault_storage::{Among, Fault, FaultKind, FaultStorage};
use holdpoint::engine::{Engine, EngineError, Export, ExportScope};
use holdpoint::machine::{Command, InitialStatus};
use holdpoint::model::{CommandId, Digest, ProjectId, Revision};
use holdpoint::storage::{Storage, StorageErrorKind};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

on_every_disk![
    r74_a_project_is_exported_as_it_was_when_the_export_began,
    r74_what_is_not_there_cannot_be_exported,
    r74_a_project_that_is_deleted_meanwhile_is_told,
    r28_r74_a_text_that_is_removed_for_good_meanwhile_ends_the_export,
    r74_another_journal_in_its_place_is_told,
    r74_an_export_goes_on_after_a_failure_once_its_cause_is_gone,
    r74_an_export_says_how_far_it_has_come,
];

fn the_rest<S: Storage>(mut export: Export<S>) -> Result<Vec<u8>, EngineError> {
    let mut bundle = Vec::new();
    while let Some(piece) = wait(export.next())? {
        bundle.extend(piece);
    }
    Ok(bundle)
}

fn begun<S: Storage>(engine: &Engine<S>, project: ProjectId) -> Export<S> {
    wait(engine.export(ExportScope::Project(project))).unwrap()
}

/// So many step outputs of nearly a megabyte.
fn large<S: Storage>(author: &mut Author<S>, outputs: usize) {
    let plan = author.started_plan(outputs);
    for number in 0..outputs {
        let attempt = author.attempt(plan);
        let output = format!("\"{number}{}\"", "x".repeat(1_000_000));
        author.done(Command::CompleteStep {
            plan,
            attempt,
            output: Some(output.parse().unwrap()),
            context: vec![],
        });
    }
}

fn r74_a_project_is_exported_as_it_was_when_the_export_began<D: Disk>() {
    let (here, there) = (D::new(), D::new());
    let mut author = rich(here.engine());
    let other = Author::numbered(here.engine(), 9000, InitialStatus::Active);
    let before = observe(here.open(), author.project);
    let at_once = exported(&author.engine, ExportScope::Store).unwrap();
    let export = wait(author.engine.export(ExportScope::Store)).unwrap();
    author.done(rename("gone on"));
    author.done(resume());
    author.done(Command::AddContext {
        items: vec![item("too late")],
    });
    wait(other.engine.execute(other.project, rename("gone on too"))).unwrap();
    Author::numbered(here.engine(), 9500, InitialStatus::Active);
    let bundle = the_rest(export).unwrap();
    assert_eq!(bundle, at_once);
    taken_in(&there.engine(), &bundle);
    assert_eq!(observe(there.open(), author.project), before);
}

fn r74_what_is_not_there_cannot_be_exported<D: Disk>() {
    let disk = D::new();
    let author = Author::new(disk.engine());
    let nobody = ProjectId::created_by(&CommandId::from_parts(1, 1));
    let both = ExportScope::Projects(vec![author.project, nobody]);
    for scope in [ExportScope::Project(nobody), both.clone()] {
        assert_eq!(
            refused(exported(&author.engine, scope)),
            "PROJECT_NOT_FOUND"
        );
    }
    wait(
        author
            .engine
            .execute(author.project, Command::DeleteProject),
    )
    .unwrap();
    assert_eq!(refused(exported(&author.engine, both)), "REMOVED");
}

fn r74_a_project_that_is_deleted_meanwhile_is_told<D: Disk>() {
    // More than is read at once.
    for pieces in [0, 1, 10] {
        let disk = D::new();
        let mut author = Author::new(disk.engine());
        large(&mut author, 10);
        let mut export = begun(&author.engine, author.project);
        for _ in 0..pieces {
            assert!(wait(export.next()).unwrap().is_some());
        }
        wait(
            author
                .engine
                .execute(author.project, Command::DeleteProject),
        )
        .unwrap();
        let told = the_rest(export).map(|bundle| bundle.len());
        assert_eq!(refused(told), "REMOVED", "after {pieces} pieces");
    }
}

fn r28_r74_a_text_that_is_removed_for_good_meanwhile_ends_the_export<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    author.done(Command::AddContext {
        items: vec![item(SECRET), item("harmless")],
    });
    let before = author.state().revision;
    let export = begun(&author.engine, author.project);
    let digest = Digest::of(SECRET.as_bytes());
    author.done(Command::RedactBody {
        digest,
        reason: None,
    });
    let told = the_rest(export);
    let expected = EngineError::ExportOvertaken {
        project: author.project,
        revision: before,
        found: format!("that ana removed the text with digest {digest} for good"),
    };
    assert_eq!(told.as_ref(), Err(&expected));
    assert_eq!(refused(told), "CHANGED");
    // Again, it is without that text.
    let bundle = bundle_of(&author.engine, author.project);
    assert!(!String::from_utf8(bundle.clone()).unwrap().contains(SECRET));
    taken_in(&D::new().engine(), &bundle);
}

fn r74_another_journal_in_its_place_is_told<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    author.done(rename("one"));
    let shorter = bundle_of(&author.engine, author.project);
    author.done(rename("two"));
    let revision = author.state().revision;
    let export = begun(&author.engine, author.project);
    wait(
        author
            .engine
            .execute(author.project, Command::DeleteProject),
    )
    .unwrap();
    imported(&author.engine, &shorter, REVIVING).unwrap();
    let shorter = begun(&author.engine, author.project);
    let expected = |revision| EngineError::ExportOvertaken {
        project: author.project,
        revision,
        found: "another journal in its place".to_owned(),
    };
    assert_eq!(the_rest(export), Err(expected(revision)));
    assert!(the_rest(shorter).is_ok());
    // As long as the other, with the same commands' ids.
    let export = begun(&author.engine, author.project);
    let head = observe(disk.open(), author.project).head.unwrap();
    wait(
        author
            .engine
            .execute(author.project, Command::DeleteProject),
    )
    .unwrap();
    let elsewhere = D::new();
    let mut other = Author::new(elsewhere.engine());
    other.done(rename("another"));
    let bundle = bundle_of(&other.engine, other.project);
    imported(&author.engine, &bundle, REVIVING).unwrap();
    assert_eq!(the_rest(export), Err(expected(head.revision)));
}

fn r74_an_export_goes_on_after_a_failure_once_its_cause_is_gone<D: Disk>() {
    let disk = D::new();
    let mut author = rich(disk.engine());
    author.done(resume());
    large(&mut author, 2);
    Author::numbered(disk.engine(), 9000, InitialStatus::Active);
    let expected = exported(&disk.engine(), ExportScope::Store).unwrap();
    for n in 1.. {
        let storage = FaultStorage::new(disk.open());
        let faults = storage.faults();
        let engine = engine_over(storage);
        let kind = FaultKind::FailBefore(StorageErrorKind::Closed);
        let mut export = wait(engine.export(ExportScope::Store)).unwrap();
        faults.arm(Fault::at(n, Among::All, kind));
        let mut bundle = Vec::new();
        let mut failures = 0;
        loop {
            match wait(export.next()) {
                Ok(Some(piece)) => bundle.extend(piece),
                Ok(None) => break,
                Err(error) => {
                    assert_eq!(error.code().as_str(), "CLOSED");
                    failures += 1;
                }
            }
        }
        assert_eq!(bundle, expected, "operation {n} failed");
        assert_eq!(failures, usize::from(faults.fired().is_some()));
        if faults.fired().is_none() {
            assert!(n > 5, "each operation failed once");
            break;
        }
    }
}

fn r74_an_export_says_how_far_it_has_come<D: Disk>() {
    let disk = D::new();
    let mut author = rich(disk.engine());
    author.done(resume());
    large(&mut author, 2);
    let other = Author::numbered(disk.engine(), 9000, InitialStatus::Active);
    let entries = author.state().revision.get() + other.state().revision.get();
    let mut export = wait(disk.engine().export(ExportScope::Store)).unwrap();
    let mut before = export.progress();
    assert_eq!(
        (before.projects_in_all, before.entries_in_all),
        (2, entries)
    );
    assert_eq!((before.projects, before.entries, before.bytes), (0, 0, 0));
    let mut bytes = 0;
    while let Some(piece) = wait(export.next()).unwrap() {
        bytes += piece.len() as u64;
        let now = export.progress();
        assert_eq!(now.bytes, bytes);
        assert!(now.entries >= before.entries && now.bodies >= before.bodies);
        assert!(now.entries <= now.entries_in_all);
        before = now;
    }
    assert_eq!((before.projects, before.entries), (2, entries));
    assert_eq!(wait(export.next()), Ok(None), "and that stays so");
}

#[test]
fn r73_r74_what_is_damaged_is_not_exported_and_told_with_its_place() {
    let disk = Memory::new();
    let author = rich(disk.engine());
    let project = author.project;
    disk.0.damage_entries(project, |entries| {
        entries[4].text = entries[4].text.replacen("ana", "eva", 1).into();
    });
    let told = exported(&bounded(&disk), ExportScope::Project(project)).unwrap_err();
    let EngineError::Journal { error, .. } = &told else {
        panic!("{told:?}");
    };
    assert_eq!(error.revision(), Revision::new(5));
    assert_eq!(refused::<()>(Err(told)), "CORRUPT");
    disk.0.damage_entries(project, |entries| {
        entries[4].text = entries[4].text.replacen("eva", "ana", 1).into();
        entries.pop();
    });
    let told = exported(&bounded(&disk), ExportScope::Store);
    assert_eq!(refused(told), "CORRUPT");
}

/// Another program may have taken a body away.
#[cfg(feature = "sqlite")]
#[test]
fn r73_r74_a_body_that_is_missing_is_told() {
    use crate::engine::given::Sqlite;

    let disk = Sqlite::new();
    let author = rich(disk.engine());
    let digest = Digest::of(b"fresh");
    disk.change(&format!("DELETE FROM blobs WHERE digest = x'{digest}'"));
    let told = exported(&disk.engine(), ExportScope::Project(author.project)).unwrap_err();
    assert!(told.to_string().contains(&digest.to_string()), "{told}");
    assert_eq!(refused::<()>(Err(told)), "CORRUPT");
}
