//! R76: a request that comes twice is applied once and gets the same answer. R55, R61: what rests
//! on something that has changed is refused.

use super::author::{Author, cold_item, create_project, pause, pause_report, plan_of, rename};
use super::given::{Disk, Memory, command_id, refused, request, wait};
use super::observe::{entries, observe};
use holdpoint::machine::{Command, InitialStatus, Outcome, Request};
use holdpoint::model::{CommandId, ProjectId, Revision};
#[cfg(not(target_family = "wasm"))]
use std::sync::Barrier;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

on_every_disk![
    r76_the_same_request_twice_gets_the_same_receipt_and_one_entry,
    r76_the_same_request_through_another_engine_gets_the_same_receipt,
    #[cfg(not(target_family = "wasm"))]
    r76_the_same_request_at_once_through_two_engines_is_applied_once,
    r76_another_command_under_the_same_id_is_refused,
    r76_a_repeated_creation_gets_its_outcome,
    r76_a_repeated_delete_gets_its_outcome,
    #[cfg(not(target_family = "wasm"))]
    r76_deletes_at_once_both_succeed_if_they_are_the_same_one,
    r76_a_repeated_pause_that_paused_says_so_again,
    r76_a_pause_that_changed_nothing_is_not_remembered,
    r61_a_preview_changes_nothing_and_is_what_the_request_then_does,
    ; awaited:
    r55_an_expected_revision_that_is_not_the_newest_is_refused,
];

fn furnished<D: Disk>(disk: &D) -> Author<D::Storage> {
    let mut author = Author::new(disk.engine());
    author.furnish();
    author
}

fn r76_the_same_request_twice_gets_the_same_receipt_and_one_entry<D: Disk>() {
    let disk = D::new();
    let mut author = furnished(&disk);
    let wanted = request(900, rename("once"));
    let first = wait(author.engine.submit(author.project, wanted.clone())).unwrap();
    assert_eq!(
        wait(author.engine.submit(author.project, wanted.clone())),
        Ok(first.clone())
    );
    author.done(rename("by somebody else"));
    author.done(pause());
    let late = wait(author.engine.submit(author.project, wanted.clone()));
    assert_eq!(
        late,
        Ok(first),
        "the receipt of its own revision, whatever came since"
    );
    let entries = entries(&disk.open(), author.project);
    assert_eq!(
        entries
            .iter()
            .filter(|entry| entry.command == wanted.id)
            .count(),
        1
    );
    assert_eq!(author.state().name.as_str(), "by somebody else");
}

fn r76_the_same_request_through_another_engine_gets_the_same_receipt<D: Disk>() {
    let disk = D::new();
    let author = furnished(&disk);
    let other = disk.engine();
    let wanted = request(900, rename("once"));
    let first = wait(author.engine.submit(author.project, wanted.clone())).unwrap();
    let before = observe(disk.open(), author.project);
    assert_eq!(wait(other.submit(author.project, wanted)), Ok(first));
    assert_eq!(observe(disk.open(), author.project), before);
}

#[cfg(not(target_family = "wasm"))]
fn r76_the_same_request_at_once_through_two_engines_is_applied_once<D: Disk>() {
    let disk = D::new();
    let author = furnished(&disk);
    let project = author.project;
    let engines = [disk.engine(), disk.engine()];
    for round in 0..25 {
        let wanted = request(900 + round, rename(&format!("round {round}")));
        let receipts = at_once(&engines, |engine| {
            wait(engine.submit(project, wanted.clone()))
        });
        assert!(receipts[0].is_ok(), "{receipts:?}");
        assert_eq!(receipts[0], receipts[1]);
        let entries = entries(&disk.open(), project);
        assert_eq!(
            entries
                .iter()
                .filter(|entry| entry.command == wanted.id)
                .count(),
            1
        );
    }
    observe(disk.open(), project);
}

/// Runs something on each of two engines at the same moment.
#[cfg(not(target_family = "wasm"))]
fn at_once<E: Sync, T: Send>(engines: &[E; 2], run: impl Fn(&E) -> T + Sync) -> [T; 2] {
    let (barrier, run) = (Barrier::new(2), &run);
    std::thread::scope(|scope| {
        let threads = engines.each_ref().map(|engine| {
            let barrier = &barrier;
            scope.spawn(move || {
                barrier.wait();
                run(engine)
            })
        });
        threads.map(|thread| thread.join().expect("nothing panics"))
    })
}

fn r76_another_command_under_the_same_id_is_refused<D: Disk>() {
    let disk = D::new();
    let author = furnished(&disk);
    let project = author.project;
    let wanted = request(900, rename("once"));
    wait(author.engine.submit(project, wanted.clone())).unwrap();
    let before = observe(disk.open(), project);
    let variants = [
        Request {
            command: rename("twice"),
            ..wanted.clone()
        },
        Request {
            command: pause(),
            ..wanted.clone()
        },
        Request {
            command: Command::DeleteProject,
            ..wanted.clone()
        },
        Request {
            actor: "eve".parse().unwrap(),
            ..wanted.clone()
        },
        Request {
            expected_revision: Some(Revision::FIRST),
            ..wanted
        },
    ];
    for variant in variants {
        for engine in [&author.engine, &disk.engine()] {
            let told = wait(engine.submit(project, variant.clone()));
            assert_eq!(refused(told), "COMMAND_ID_REUSED", "{variant:?}");
        }
    }
    assert_eq!(observe(disk.open(), project), before);
}

fn r76_a_repeated_creation_gets_its_outcome<D: Disk>() {
    let disk = D::new();
    let wanted = request(7, create_project("new", InitialStatus::Active));
    let project = ProjectId::created_by(&command_id(7));
    let engine = disk.engine();
    let first = wait(engine.submit(project, wanted.clone())).unwrap();
    assert_eq!(first.outcome, Outcome::ProjectCreated { plan: None });
    wait(engine.submit(project, request(8, rename("later")))).unwrap();
    assert_eq!(
        wait(engine.submit(project, wanted.clone())),
        Ok(first.clone())
    );
    assert_eq!(
        wait(disk.engine().submit(project, wanted.clone())),
        Ok(first)
    );
    let other = request(7, create_project("other", InitialStatus::Active));
    assert_eq!(
        refused(wait(engine.submit(project, other))),
        "COMMAND_ID_REUSED"
    );
    let elsewhere = ProjectId::created_by(&command_id(9));
    assert_eq!(
        refused(wait(engine.submit(elsewhere, wanted))),
        "INVALID_INPUT"
    );
}

fn r76_a_repeated_delete_gets_its_outcome<D: Disk>() {
    let disk = D::new();
    let author = furnished(&disk);
    let project = author.project;
    let delete = request(900, Command::DeleteProject);
    let revision = author.state().revision;
    let first = wait(author.engine.submit(project, delete.clone())).unwrap();
    assert_eq!(first.outcome, Outcome::ProjectDeleted);
    assert_eq!(first.revision, revision);
    for engine in [&author.engine, &disk.engine()] {
        assert_eq!(
            wait(engine.submit(project, delete.clone())),
            Ok(first.clone())
        );
        let told = wait(engine.submit(project, request(901, Command::DeleteProject)));
        assert_eq!(
            refused(told),
            "REMOVED",
            "another delete is another command"
        );
        let told = wait(engine.submit(project, request(900, rename("back"))));
        assert_eq!(refused(told), "COMMAND_ID_REUSED");
        let creation = request(1, create_project("made", InitialStatus::Active));
        assert_eq!(
            refused(wait(engine.submit(project, creation))),
            "REMOVED",
            "R53"
        );
        assert_eq!(refused(wait(engine.project(project))), "REMOVED");
    }
}

#[cfg(not(target_family = "wasm"))]
fn r76_deletes_at_once_both_succeed_if_they_are_the_same_one<D: Disk>() {
    let disk = D::new();
    let engines = [disk.engine(), disk.engine()];
    for round in 0..20 {
        let author = Author::numbered(disk.engine(), 1000 * (round + 1), InitialStatus::Active);
        let project = author.project;
        let delete = request(1000 * (round + 1) + 500, Command::DeleteProject);
        for engine in &engines {
            wait(engine.project(project)).unwrap();
        }
        let receipts = at_once(&engines, |engine| {
            wait(engine.submit(project, delete.clone()))
        });
        assert!(receipts[0].is_ok(), "{receipts:?}");
        assert_eq!(receipts[0], receipts[1]);
    }
}

fn r76_a_repeated_pause_that_paused_says_so_again<D: Disk>() {
    let disk = D::new();
    let author = furnished(&disk);
    let project = author.project;
    let wanted = request(900, pause());
    let first = wait(author.engine.submit(project, wanted.clone())).unwrap();
    let report = pause_report(&first);
    assert!(report.success && !report.already_paused && report.items_archived > 0);
    let again = wait(disk.engine().submit(project, wanted.clone())).unwrap();
    assert_eq!(again, first, "its entry's own outcome");
    let another = wait(author.engine.submit(project, request(901, pause()))).unwrap();
    assert!(pause_report(&another).already_paused, "R3");
    wait(author.engine.resume(project, None)).unwrap();
    let late = wait(author.engine.submit(project, wanted)).unwrap();
    assert_eq!(late, first, "what it came to then, not what is now");
    assert!(author.state().pause.is_none());
}

fn r76_a_pause_that_changed_nothing_is_not_remembered<D: Disk>() {
    let disk = D::new();
    let mut author = furnished(&disk);
    author.done(pause());
    let wanted = request(900, pause());
    let nothing = wait(author.engine.submit(author.project, wanted.clone())).unwrap();
    assert!(pause_report(&nothing).already_paused);
    wait(author.engine.resume(author.project, None)).unwrap();
    let now = wait(author.engine.submit(author.project, wanted.clone())).unwrap();
    assert!(!pause_report(&now).already_paused, "this time it pauses");
    assert_eq!(now.revision, author.state().revision);
    // Nor does its id belong to it before it has an entry.
    let mut author = Author::numbered(disk.engine(), 5000, InitialStatus::Active);
    author.done(pause());
    wait(author.engine.submit(author.project, wanted.clone())).unwrap();
    let other = Request {
        command: rename("other"),
        ..wanted
    };
    assert!(wait(author.engine.submit(author.project, other)).is_ok());
}

async fn r55_an_expected_revision_that_is_not_the_newest_is_refused<D: Disk>() {
    let disk = D::new();
    let mut author = furnished(&disk);
    let project = author.project;
    let seen = author.state().revision;
    let other = disk.engine();
    wait(other.project(project)).unwrap();
    author.done(rename("meanwhile"));
    let before = observe(disk.open(), project);
    let expecting = |n, command, revision| Request {
        expected_revision: Some(revision),
        ..request(n, command)
    };
    let commands = [rename("on what I saw"), pause(), Command::DeleteProject];
    for (n, command) in (900..).zip(commands) {
        for engine in [&other, &author.engine] {
            let told = engine
                .submit(project, expecting(n, command.clone(), seen))
                .await;
            assert_eq!(refused(told), "CHANGED", "{command:?}");
            let told = engine
                .submit(project, expecting(n, command.clone(), Revision::MAX))
                .await;
            assert_eq!(refused(told), "CHANGED", "a revision that is yet to come");
        }
    }
    assert_eq!(observe(disk.open(), project), before);
    let current = author.state().revision;
    let kept = expecting(950, rename("on what is"), current);
    let first = other.submit(project, kept.clone()).await.unwrap();
    assert_eq!(
        wait(author.engine.submit(project, kept)),
        Ok(first),
        "R76: once it is done"
    );
}

fn r61_a_preview_changes_nothing_and_is_what_the_request_then_does<D: Disk>() {
    let disk = D::new();
    let mut author = furnished(&disk);
    author.done(Command::AddContext {
        items: vec![cold_item("older still")],
    });
    let project = author.project;
    let plan = plan_of(&author.state(), 0);
    let target = author.state().checkpoints_in_order()[0].id;
    let commands = [
        Command::FlashSave {
            agent: None,
            force: true,
        },
        Command::RollbackPlan {
            plan,
            checkpoint: None,
            before: Some(author.state().revision),
            reason: None,
        },
        Command::RollbackPlan {
            plan,
            checkpoint: None,
            before: None,
            reason: None,
        },
        Command::RollbackProject {
            checkpoint: target,
            reason: None,
        },
        pause(),
        Command::Resume {
            checkpoint: Some(target),
        },
    ];
    for command in commands {
        let stale = wait(author.engine.preview(project, command.clone())).unwrap();
        author.done(rename("meanwhile"));
        let told = wait(author.engine.submit(project, stale.request));
        assert_eq!(refused(told), "CHANGED", "R55, {command:?}");

        let before = observe(disk.open(), project);
        let preview = wait(author.engine.preview(project, command.clone())).unwrap();
        assert_eq!(
            observe(disk.open(), project),
            before,
            "a preview changes nothing"
        );
        assert_eq!(preview.expected_revision, before.head.unwrap().revision);
        assert_eq!(
            preview.request.expected_revision,
            Some(preview.expected_revision)
        );
        let receipt = wait(disk.engine().submit(project, preview.request)).unwrap();
        assert_eq!(receipt.outcome, preview.outcome, "{command:?}");
        assert_eq!(receipt.revision, preview.expected_revision.next());
    }
    let nothing = wait(author.engine.preview(project, Command::DeleteProject)).unwrap();
    assert_eq!(nothing.outcome, Outcome::ProjectDeleted);
    assert!(wait(author.engine.project(project)).is_ok());
}

/// R76: two projects have nothing to do with each other's command ids.
#[test]
fn r76_a_command_id_belongs_to_one_project() {
    let disk = Memory::new();
    let one = Author::new(disk.engine());
    let other = Author::numbered(disk.engine(), 5000, InitialStatus::Active);
    let id: CommandId = command_id(900);
    let wanted = request(900, rename("both"));
    assert_eq!(wanted.id, id);
    assert!(wait(one.engine.submit(one.project, wanted.clone())).is_ok());
    assert!(wait(one.engine.submit(other.project, wanted)).is_ok());
    assert_eq!(other.state().name.as_str(), "both");
}
