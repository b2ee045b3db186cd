//! What an import refuses, and that it then leaves nothing; and what it leaves besides the project.

use super::given::{COPYING, REVIVING, bundle_of, exported, fork, imported, rich, taken_in};
use crate::engine::author::{Author, rename};
use crate::engine::given::{Disk, Memory, engine_over, refused, wait};
use crate::engine::notices::{hears, hears_no_more};
use crate::engine::observe::observe;
use crate::support::fault_storage::{FaultStorage, Operation};
use holdpoint::engine::{EngineError, ExportScope, ImportOptions, ImportProgress, Notice};
use holdpoint::journal::bundle::{BundleFault, BundleLimit, BundleLimits};
use holdpoint::machine::{Command, InitialStatus};
use holdpoint::model::Revision;
use holdpoint::storage::Storage as _;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

on_every_disk![
    r74_a_project_that_is_there_is_never_written_over,
    r74_one_project_that_is_there_keeps_all_of_them_out,
    r74_a_project_that_comes_to_be_while_the_bundle_is_read_is_not_written_over,
    r74_a_project_that_is_deleted_while_the_bundle_is_read_is_not_brought_back,
    r74_a_bundle_with_something_wrong_in_it_leaves_nothing,
    r74_an_import_that_is_dropped_leaves_nothing,
    r74_after_an_error_an_import_says_it_again,
    r74_a_project_with_a_long_journal_comes_with_a_snapshot,
    ; awaited:
    r12_r74_who_listens_to_all_hears_of_an_imported_project,
    r12_r74_who_waits_for_a_project_hears_of_its_import_and_return,
];

/// The first lines of a bundle.
fn first_lines(bundle: &[u8], count: usize) -> &[u8] {
    let ends = bundle
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'\n');
    let end = ends.map(|(at, _)| at + 1).nth(count - 1);
    &bundle[..end.expect("it has as many")]
}

fn r74_a_project_that_is_there_is_never_written_over<D: Disk>() {
    let disk = D::new();
    let mut author = rich(disk.engine());
    let bundle = bundle_of(&author.engine, author.project);
    let exported_at = observe(disk.open(), author.project).head.unwrap();
    author.done(rename("gone on"));
    let before = observe(disk.open(), author.project);
    for options in [ImportOptions::default(), REVIVING] {
        // It is told at the project's line already.
        let mut import = author.engine.import(options);
        let told = wait(import.push(first_lines(&bundle, 2)));
        let expected = EngineError::ProjectExists {
            project: author.project,
            found: before.head.unwrap(),
            bundle: exported_at,
        };
        assert_eq!(told.as_ref(), Err(&expected));
        assert_eq!(refused(told), "PROJECT_EXISTS");
        let details = serde_json::to_value(&expected).unwrap();
        assert_eq!(details["project"], author.project.to_string());
        assert_eq!(details["found"]["revision"], exported_at.revision.get() + 1);
        assert_eq!(details["bundle"]["digest"], exported_at.digest.to_string());
        assert_eq!(imported(&author.engine, &bundle, options), Err(expected));
    }
    assert_eq!(observe(disk.open(), author.project), before);
}

fn r74_one_project_that_is_there_keeps_all_of_them_out<D: Disk>() {
    let (here, there) = (D::new(), D::new());
    let first = Author::numbered(here.engine(), 1, InitialStatus::Active);
    let second = Author::numbered(here.engine(), 100, InitialStatus::Active);
    let third = Author::numbered(here.engine(), 200, InitialStatus::Active);
    let order = [first.project, second.project, third.project, first.project];
    let bundle = exported(&here.engine(), ExportScope::Projects(order.to_vec())).unwrap();
    taken_in(&there.engine(), &bundle_of(&here.engine(), second.project));
    let told = imported(&there.engine(), &bundle, ImportOptions::default());
    assert_eq!(refused(told), "PROJECT_EXISTS");
    assert_eq!(
        wait(there.engine().journals(None, 9)),
        Ok(vec![second.project])
    );
    let report = imported(&there.engine(), &bundle, COPYING).unwrap();
    let from: Vec<_> = report.projects.iter().map(|one| one.from).collect();
    assert_eq!(from, order[..3], "in the order of the bundle, each once");
}

fn r74_a_project_that_comes_to_be_while_the_bundle_is_read_is_not_written_over<D: Disk>() {
    let (here, there) = (D::new(), D::new());
    let author = rich(here.engine());
    let forked = fork(&author, 7000);
    let bundle = exported(&here.engine(), ExportScope::Store).unwrap();
    let mut import = there.engine().import(ImportOptions::default());
    wait(import.push(&bundle)).unwrap();
    taken_in(&there.engine(), &bundle_of(&author.engine, forked));
    let told = wait(import.finish());
    let head = observe(here.open(), forked).head.unwrap();
    let expected = EngineError::ProjectExists {
        project: forked,
        found: head,
        bundle: head,
    };
    assert_eq!(told, Err(expected));
    assert_eq!(wait(there.engine().journals(None, 9)), Ok(vec![forked]));
}

fn r74_a_project_that_is_deleted_while_the_bundle_is_read_is_not_brought_back<D: Disk>() {
    let (here, there) = (D::new(), D::new());
    let author = rich(here.engine());
    let bundle = bundle_of(&author.engine, author.project);
    let engine = there.engine();
    let mut import = engine.import(ImportOptions::default());
    wait(import.push(&bundle)).unwrap();
    taken_in(&engine, &bundle);
    wait(engine.execute(author.project, Command::DeleteProject)).unwrap();
    assert_eq!(refused(wait(import.finish())), "REMOVED");
    assert_eq!(observe(there.open(), author.project).head, None);
}

fn r74_a_bundle_with_something_wrong_in_it_leaves_nothing<D: Disk>() {
    let (here, there) = (D::new(), D::new());
    let author = rich(here.engine());
    fork(&author, 7000);
    let bundle = exported(&here.engine(), ExportScope::Store).unwrap();
    let count = std::str::from_utf8(&bundle).unwrap().lines().count();
    let engine = there.engine();
    let cut = imported(
        &engine,
        first_lines(&bundle, count - 1),
        ImportOptions::default(),
    );
    let Err(EngineError::Bundle(error)) = &cut else {
        panic!("{cut:?}");
    };
    assert_eq!(error.line, count as u64);
    assert_eq!(refused(cut), "BUNDLE_INVALID");
    let mut altered = bundle.clone();
    let last = altered.len() - 5;
    altered[last] ^= 1;
    let told = imported(&engine, &altered, ImportOptions::default());
    assert_eq!(refused(told), "BUNDLE_INVALID");
    let limits = BundleLimits {
        lines: 10,
        ..BundleLimits::DEFAULT
    };
    let few = ImportOptions {
        limits,
        ..ImportOptions::default()
    };
    let told = imported(&engine, &bundle, few).unwrap_err();
    let expected = BundleFault::TooLarge {
        limit: BundleLimit::Lines,
        most: 10,
    };
    assert!(
        matches!(&told, EngineError::Bundle(error) if error.fault == expected && error.line == 11),
        "{told}"
    );
    assert_eq!(told.code().as_str(), "BUNDLE_TOO_LARGE");
    assert_eq!(
        serde_json::to_string(&told).unwrap(),
        r#"{"line":11,"limit":"lines","most":10}"#
    );
    let newer = bundle.clone();
    let newer = [&newer[..31], b"2", &newer[32..]].concat();
    let told = imported(&engine, &newer, ImportOptions::default()).unwrap_err();
    assert_eq!(
        serde_json::to_string(&told).unwrap(),
        r#"{"line":1,"known":1,"found":"version 2"}"#
    );
    assert_eq!(refused::<()>(Err(told)), "TOO_NEW");
    assert_eq!(wait(engine.journals(None, 9)), Ok(vec![]));
    taken_in(&engine, &bundle);
}

fn r74_an_import_that_is_dropped_leaves_nothing<D: Disk>() {
    let (here, there) = (D::new(), D::new());
    let author = rich(here.engine());
    let bundle = bundle_of(&author.engine, author.project);
    let storage = FaultStorage::new(there.open());
    let operations = storage.faults();
    let engine = engine_over(storage);
    let mut import = engine.import(ImportOptions::default());
    assert_eq!(import.progress(), ImportProgress::default());
    wait(import.push(&bundle)).unwrap();
    let progress = import.progress();
    assert_eq!(progress.bytes, bundle.len() as u64);
    assert_eq!(progress.entries, author.state().revision.get());
    assert_eq!((progress.projects, progress.bodies), (1, 9));
    drop(import);
    let wrote = operations.operations().into_iter().any(Operation::writes);
    assert!(!wrote, "nothing is written before the end");
    assert_eq!(wait(there.engine().journals(None, 9)), Ok(vec![]));
}

fn r74_after_an_error_an_import_says_it_again<D: Disk>() {
    let (here, there) = (D::new(), D::new());
    let author = rich(here.engine());
    let bundle = bundle_of(&author.engine, author.project);
    let engine = there.engine();
    let mut import = engine.import(ImportOptions::default());
    let first = wait(import.push(b"{}\n")).unwrap_err();
    assert_eq!(wait(import.push(&bundle)), Err(first.clone()));
    assert_eq!(wait(import.finish()), Err(first));
    assert_eq!(wait(engine.journals(None, 9)), Ok(vec![]));
}

fn r74_a_project_with_a_long_journal_comes_with_a_snapshot<D: Disk>() {
    let (here, there) = (D::new(), D::new());
    let mut author = rich(here.engine());
    let short = bundle_of(&author.engine, author.project);
    let snapshot = |disk: &D| wait(disk.open().snapshot(author.project, Revision::MAX)).unwrap();
    taken_in(&there.engine(), &short);
    assert_eq!(snapshot(&there), None);
    let there = D::new();
    author.done(crate::engine::author::resume());
    let newest = author.outweigh();
    let long = bundle_of(&author.engine, author.project);
    taken_in(&there.engine(), &long);
    let snapshot = wait(there.open().snapshot(author.project, Revision::MAX));
    assert_eq!(
        snapshot.unwrap().map(|snapshot| snapshot.revision),
        Some(newest)
    );
    assert_eq!(
        observe(there.open(), author.project),
        observe(here.open(), author.project)
    );
}

async fn r12_r74_who_listens_to_all_hears_of_an_imported_project<D: Disk>() {
    let (here, there) = (D::new(), D::new());
    let author = rich(here.engine());
    let newest = author.state().revision.get();
    let bundle = bundle_of(&author.engine, author.project);
    let engine = there.engine();
    let another = there.engine();
    let mut listener = wait(engine.subscribe(None)).unwrap();
    let mut other = wait(another.subscribe(None)).unwrap();
    taken_in(&engine, &bundle);
    wait(engine.execute(author.project, rename("heard"))).unwrap();
    for listener in [&mut listener, &mut other] {
        hears(listener, 1..=newest + 1).await;
        hears_no_more(listener).await;
    }
}

async fn r12_r74_who_waits_for_a_project_hears_of_its_import_and_return<D: Disk>() {
    let (here, there) = (D::new(), D::new());
    let author = rich(here.engine());
    let project = author.project;
    let newest = author.state().revision.get();
    let bundle = bundle_of(&author.engine, project);
    let engine = there.engine();
    let mut listener = wait(engine.subscribe(Some(project))).unwrap();
    let mut all = wait(engine.subscribe(None)).unwrap();
    taken_in(&engine, &bundle);
    for listener in [&mut listener, &mut all] {
        hears(listener, 1..=newest).await;
    }
    wait(engine.execute(project, Command::DeleteProject)).unwrap();
    imported(&engine, &bundle, REVIVING).unwrap();
    wait(engine.execute(project, rename("heard"))).unwrap();
    for listener in [&mut listener, &mut all] {
        assert_eq!(listener.next().await, Some(Notice::Removed { project }));
    }
    hears(&mut all, 1..=newest + 1).await;
}

/// A copy under a new id has its rows and its state under that id too.
#[test]
fn r74_a_copy_is_found_by_its_own_id() {
    let disk = Memory::new();
    let author = rich(disk.engine());
    let bundle = bundle_of(&author.engine, author.project);
    let report = imported(&author.engine, &bundle, COPYING).unwrap();
    let copy = report.projects[0].project;
    let state = wait(disk.engine().project(copy)).unwrap();
    assert_eq!(state.id, copy);
    let resumable = wait(author.engine.resumable()).unwrap();
    let of = |project| {
        resumable
            .iter()
            .filter(|one| one.plan.project == project)
            .count()
    };
    assert_eq!(of(copy), of(author.project));
    assert!(of(copy) > 0);
}
