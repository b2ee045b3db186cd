//! R12, R71: nothing is kept from a listener because of how the commit came about.

use super::author::{Author, rename};
use super::given::{Disk, engine_over, refused, request, wait};
use super::notices::{hears, hears_no_more, next};
use crate::support::fault_storage::{Among, Fault, FaultKind, FaultStorage};
use holdpoint::engine::Notice;
use holdpoint::machine::{Command, InitialStatus};
use holdpoint::storage::StorageErrorKind;

on_every_disk![
    ; awaited:
    r12_a_commit_whose_answer_was_lost_is_heard,
    r12_a_delete_whose_answer_was_lost_is_heard,
    r53_a_delete_by_another_engine_is_heard_when_a_command_meets_it_first,
    r71_a_listener_hears_of_its_project_whatever_else_the_engine_works_on,
    r71_a_listener_hears_all_that_comes_after_it_subscribed,
    r71_a_listener_to_all_hears_of_projects_that_its_engine_never_used,
    r71_r75_a_listener_is_told_to_read_anew_when_what_others_did_cannot_be_read,
    r71_what_a_read_or_a_conflict_brings_is_heard_once,
];

async fn r12_a_commit_whose_answer_was_lost_is_heard<D: Disk>() {
    let disk = D::new();
    let storage = FaultStorage::new(disk.open());
    let faults = storage.faults();
    let mut author = Author::new(engine_over(storage));
    let mut listener = wait(author.engine.subscribe(Some(author.project))).unwrap();
    author.done(rename("first"));
    faults.arm(Fault::at(1, Among::Writes, FaultKind::LoseAfter));
    author.done(rename("its answer is lost"));
    assert!(faults.fired().is_some());
    faults.disarm();
    author.done(rename("last"));
    hears(&mut listener, 2..=4).await;
    hears_no_more(&mut listener).await;
}

async fn r12_a_delete_whose_answer_was_lost_is_heard<D: Disk>() {
    let disk = D::new();
    let storage = FaultStorage::new(disk.open());
    let faults = storage.faults();
    let mut author = Author::new(engine_over(storage));
    let project = author.project;
    let mut listener = wait(author.engine.subscribe(Some(project))).unwrap();
    author.done(rename("first"));
    faults.arm(Fault::at(1, Among::Writes, FaultKind::LoseAfter));
    author.done(Command::DeleteProject);
    assert!(faults.fired().is_some());
    hears(&mut listener, [2]).await;
    assert_eq!(next(&mut listener).await, Notice::Removed { project });
}

async fn r53_a_delete_by_another_engine_is_heard_when_a_command_meets_it_first<D: Disk>() {
    let disk = D::new();
    let engine = disk.engine();
    let deleting = disk.engine();
    let mut every = wait(engine.subscribe(None)).unwrap();
    for n in 1..=20 {
        let author = Author::numbered(engine.clone(), 100 * n, InitialStatus::Active);
        let project = author.project;
        assert!(matches!(next(&mut every).await, Notice::Committed(_)));
        wait(deleting.execute(project, Command::DeleteProject)).unwrap();
        let told = wait(engine.submit(project, request(100 * n + 50, rename("too late"))));
        assert_eq!(refused(told), "REMOVED");
        assert_eq!(
            next(&mut every).await,
            Notice::Removed { project },
            "project {n}"
        );
    }
    hears_no_more(&mut every).await;
}

async fn r71_a_listener_hears_of_its_project_whatever_else_the_engine_works_on<D: Disk>() {
    let disk = D::new();
    let engine = disk.engine();
    let author = Author::new(engine.clone());
    let mut listener = wait(engine.subscribe(Some(author.project))).unwrap();
    // Many more projects than the engine keeps in memory.
    for n in 1..=80 {
        Author::numbered(engine.clone(), 1000 * n, InitialStatus::Active);
    }
    let other = disk.engine();
    for n in 0..3 {
        wait(other.submit(
            author.project,
            request(900 + n, rename(&format!("name {n}"))),
        ))
        .unwrap();
    }
    hears(&mut listener, 2..=4).await;
    hears_no_more(&mut listener).await;
}

async fn r71_a_listener_hears_all_that_comes_after_it_subscribed<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    for n in 0..20 {
        let engine = disk.engine();
        let mut listener = wait(engine.subscribe(Some(author.project))).unwrap();
        let revision = author.done(rename(&format!("name {n}"))).revision;
        hears(&mut listener, [revision.get()]).await;
    }
}

async fn r71_a_listener_to_all_hears_of_projects_that_its_engine_never_used<D: Disk>() {
    let disk = D::new();
    let mut old = Author::new(disk.engine());
    old.done(rename("before anybody listens"));
    let engine = disk.engine();
    let mut every = wait(engine.subscribe(None)).unwrap();
    old.done(rename("heard"));
    hears(&mut every, [3]).await;
    let mut new = Author::numbered(old.engine.clone(), 500, InitialStatus::Active);
    new.done(rename("made later, and heard from its first entry on"));
    hears(&mut every, 1..=2).await;
    new.done(Command::DeleteProject);
    let project = new.project;
    assert_eq!(next(&mut every).await, Notice::Removed { project });
    hears_no_more(&mut every).await;
}

/// What is told once, like a database that was taken away, may be told to the watcher only.
async fn r71_r75_a_listener_is_told_to_read_anew_when_what_others_did_cannot_be_read<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let storage = FaultStorage::new(disk.open());
    let faults = storage.faults();
    let engine = engine_over(storage);
    let mut one = wait(engine.subscribe(Some(author.project))).unwrap();
    let mut every = wait(engine.subscribe(None)).unwrap();
    let gone = FaultKind::FailBefore(StorageErrorKind::Evicted);
    faults.arm(Fault::at(1, Among::All, gone));
    author.done(rename("not to be read"));
    for listener in [&mut one, &mut every] {
        assert_eq!(next(listener).await, Notice::Missed { count: 0 });
    }
    assert!(faults.fired().is_some());
    faults.disarm();
    // Nothing is left out once it can be read.
    author.done(rename("to be read"));
    for listener in [&mut one, &mut every] {
        hears(listener, 2..=3).await;
        hears_no_more(listener).await;
    }
}

/// R71: an engine that is told of a commit by its own read tells its listeners too.
async fn r71_what_a_read_or_a_conflict_brings_is_heard_once<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let engine = disk.engine();
    wait(engine.project(author.project)).unwrap();
    let mut listener = wait(engine.subscribe(Some(author.project))).unwrap();
    author.done(rename("read"));
    wait(engine.project(author.project)).unwrap();
    author.done(rename("met as a conflict"));
    let mine = request(900, rename("mine"));
    engine.submit(author.project, mine).await.unwrap();
    hears(&mut listener, 2..=4).await;
    hears_no_more(&mut listener).await;
}
