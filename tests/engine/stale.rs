//! R3, R13, R53, R76: an engine that knows a project as it was before another one changed it.

use super::author::{Author, pause, rename, resume};
use super::given::{Disk, refused, request, wait};
use super::observe::observe;
use holdpoint::engine::Engine;
use holdpoint::machine::{Command, Outcome};
use holdpoint::model::Project;
use std::sync::Arc;

on_every_disk![
    r13_a_stale_engine_does_not_refuse_what_is_allowed_by_now,
    r3_a_stale_engine_does_not_say_paused_of_a_project_that_goes_on,
    r53_a_stale_engine_cannot_bring_a_deleted_project_back,
    r76_a_stale_engine_too_refuses_the_id_of_the_delete_for_another_command,
];

/// Engine A, which knows the project as paused while B has resumed it.
type Stale<D> = (
    Author<<D as Disk>::Storage>,
    Engine<<D as Disk>::Storage>,
    Arc<Project>,
);

fn stale<D: Disk>(disk: &D) -> Stale<D> {
    let mut author = Author::new(disk.engine());
    author.furnish();
    author.done(pause());
    let other = disk.engine();
    let seen = wait(other.project(author.project)).unwrap();
    assert!(seen.pause.is_some());
    wait(author.engine.resume(author.project, None)).unwrap();
    (author, other, seen)
}

fn r13_a_stale_engine_does_not_refuse_what_is_allowed_by_now<D: Disk>() {
    let disk = D::new();
    let (author, other, seen) = stale(&disk);
    let plan = seen.plans_in_order()[0].id;
    let started = wait(other.start_step(author.project, plan)).expect("it is resumed");
    assert_eq!(started.attempt, 3);
    assert_eq!(wait(other.project(author.project)).unwrap(), author.state());
}

fn r3_a_stale_engine_does_not_say_paused_of_a_project_that_goes_on<D: Disk>() {
    let disk = D::new();
    let (author, other, seen) = stale(&disk);
    let report = wait(other.pause(author.project, None)).unwrap();
    assert!(!report.already_paused);
    assert_eq!(author.state().revision.get(), seen.revision.get() + 2);
    assert!(author.state().pause.is_some());
    let disk = D::new();
    let (author, other, _) = stale(&disk);
    let preview = wait(other.preview(author.project, pause())).unwrap();
    assert!(matches!(preview.outcome, Outcome::Paused(report) if !report.already_paused));
}

fn r53_a_stale_engine_cannot_bring_a_deleted_project_back<D: Disk>() {
    let disk = D::new();
    let (author, other, seen) = stale(&disk);
    wait(
        author
            .engine
            .execute(author.project, Command::DeleteProject),
    )
    .unwrap();
    let plan = seen.plans_in_order()[0].id;
    let commands = [
        rename("back"),
        pause(),
        resume(),
        Command::StartStep { plan, step: None },
    ];
    for command in commands {
        let told = wait(other.execute(author.project, command.clone()));
        assert_eq!(told.unwrap_err().code().as_str(), "REMOVED", "{command:?}");
    }
    assert!(wait(other.resumable()).unwrap().is_empty());
    let observed = observe(disk.open(), author.project);
    assert_eq!(
        (observed.head, observed.rows, observed.entries),
        (None, vec![], vec![])
    );
    assert!(observed.tombstone.is_some());
}

fn r76_a_stale_engine_too_refuses_the_id_of_the_delete_for_another_command<D: Disk>() {
    let disk = D::new();
    let (author, other, _) = stale(&disk);
    let delete = request(900, Command::DeleteProject);
    wait(author.engine.submit(author.project, delete)).unwrap();
    let told = wait(other.submit(author.project, request(900, rename("back"))));
    assert_eq!(refused(told), "COMMAND_ID_REUSED");
}
