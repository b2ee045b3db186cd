//! R64: checkpoints that go, with their rows; and what a dry run leaves alone.

use super::author::{Author, checkpoint};
use super::given::{Disk, refused, wait};
use super::observe::{observe, state};
use holdpoint::engine::Engine;
use holdpoint::machine::{Command, InitialStatus, NewCheckpoint, Outcome};
use holdpoint::model::{CheckpointId, PlanId, Point, ProjectId, RetentionPolicy};
use holdpoint::storage::{Row, RowKind, RowQuery, Storage};

on_every_disk![
    r64_rows_go_with_their_checkpoints_and_all_is_as_sound_as_before,
    r64_by_default_a_long_plan_keeps_its_last_50,
    r64_a_dry_run_changes_nothing_and_is_what_the_request_then_does,
    r64_a_dry_run_that_something_else_overtook_is_refused,
    r64_r67_a_fork_keeps_as_many_as_its_source_and_none_is_made_of_what_went,
];

const ONE: RetentionPolicy = RetentionPolicy {
    per_plan: 1,
    of_project: 1,
};

fn rows<S: Storage>(engine: &Engine<S>, project: ProjectId) -> Vec<CheckpointId> {
    let query = RowQuery::of(RowKind::Checkpoints, 1000).in_project(project);
    let page = wait(engine.storage().rows(query)).unwrap();
    let of_row = |row| match row {
        Row::Checkpoint(row) => row.checkpoint,
        other => panic!("{other:?}"),
    };
    page.rows.into_iter().map(of_row).collect()
}

/// The ids of those that the state has, in the order of their rows.
fn kept<S: Storage>(author: &Author<S>) -> Vec<CheckpointId> {
    let state = author.state();
    let all = state.checkpoints_in_order().into_iter();
    all.map(|checkpoint| checkpoint.id).collect()
}

fn of_plan(plan: PlanId) -> Command {
    let name = "by hand".parse().expect("a name");
    let checkpoint = NewCheckpoint::named(name, Some(plan));
    Command::CreateCheckpoint { checkpoint }
}

fn r64_rows_go_with_their_checkpoints_and_all_is_as_sound_as_before<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    author.furnish();
    let all = kept(&author);
    author.done(Command::SetRetention { policy: ONE });
    // By themselves: the project's older one goes, those of plans are let alone.
    author.checkpoint("newer");
    let by_itself = kept(&author);
    assert_eq!(by_itself.len(), all.len());
    assert_eq!(rows(&author.engine, author.project), by_itself);
    // On demand: every plan's.
    let applied = author.done(Command::ApplyRetention { policy: None });
    let Outcome::RetentionApplied(applied) = applied.outcome else {
        panic!("{applied:?}")
    };
    let left = kept(&author);
    assert_eq!(left.len() + applied.pruned.len(), by_itself.len());
    assert!(!applied.pruned.is_empty() && left.len() as u64 == applied.kept);
    let engine = disk.engine();
    assert_eq!(rows(&engine, author.project), left);
    assert!(wait(engine.verify(author.project)).unwrap().is_clean());
    for gone in applied.pruned {
        let id = gone.checkpoint;
        let found = wait(engine.find_checkpoint(author.project, &id.to_string()));
        assert_eq!(refused(found), "CHECKPOINT_NOT_FOUND");
        let then = wait(engine.state_at(author.project, Point::Checkpoint(id)));
        assert_eq!(refused(then), "CHECKPOINT_NOT_FOUND");
        // The revision that it stood for is there as ever.
        let then = wait(engine.state_at(author.project, gone.revision)).unwrap();
        assert_eq!(then.revision, gone.revision);
    }
    // The rows can be made anew, and are the same.
    wait(engine.reindex(author.project)).unwrap();
    assert_eq!(rows(&engine, author.project), left);
}

fn r64_by_default_a_long_plan_keeps_its_last_50<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let plan = author.started_plan(1);
    for _ in 0..60 {
        author.done(of_plan(plan));
    }
    let left = kept(&author);
    assert_eq!(left.len(), 50);
    assert_eq!(rows(&disk.engine(), author.project), left);
    let state = author.state();
    let numbers = state.checkpoints_in_order().into_iter();
    assert!(numbers.map(|one| one.number).eq(12..=61));
}

fn r64_a_dry_run_changes_nothing_and_is_what_the_request_then_does<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    author.furnish();
    let policy = Some(ONE);
    let before = observe(disk.open(), author.project);
    let preview = author
        .engine
        .preview(author.project, Command::ApplyRetention { policy });
    let preview = wait(preview).unwrap();
    assert_eq!(observe(disk.open(), author.project), before);
    assert_eq!(state(&author.engine, author.project), before.state);
    let submitted = author.engine.submit(author.project, preview.request);
    assert_eq!(wait(submitted).unwrap().outcome, preview.outcome);
    // There is nothing more to do for that policy, and a dry run says so too.
    let command = Command::ApplyRetention { policy };
    let preview = wait(author.engine.preview(author.project, command)).unwrap();
    let Outcome::RetentionApplied(applied) = preview.outcome else {
        panic!("{preview:?}")
    };
    assert!(applied.pruned.is_empty());
    assert_eq!(applied.kept, kept(&author).len() as u64);
}

fn r64_a_dry_run_that_something_else_overtook_is_refused<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    author.furnish();
    let policy = Some(ONE);
    let preview = author
        .engine
        .preview(author.project, Command::ApplyRetention { policy });
    let preview = wait(preview).unwrap();
    let first = kept(&author)[0];
    author.done(Command::PinCheckpoint {
        checkpoint: first,
        pinned: true,
    });
    let submitted = author.engine.submit(author.project, preview.request);
    assert_eq!(refused(wait(submitted)), "CHANGED");
    author.done(Command::ApplyRetention { policy });
    assert!(kept(&author).contains(&first));
}

fn r64_r67_a_fork_keeps_as_many_as_its_source_and_none_is_made_of_what_went<D: Disk>() {
    let disk = D::new();
    let mut author = Author::in_status(disk.engine(), InitialStatus::Active);
    author.done(Command::SetRetention { policy: ONE });
    let gone = author.checkpoint("gone");
    author.done(checkpoint("newer"));
    let fork = |at| Command::ForkProject {
        source: author.project,
        at,
        name: None,
    };
    let of_gone = author
        .engine
        .create_project_with(fork(Point::Checkpoint(gone)));
    assert_eq!(refused(wait(of_gone)), "CHECKPOINT_NOT_FOUND");
    let forked = wait(author.engine.create_project_with(fork(Point::Now))).unwrap();
    let state = wait(author.engine.project(forked.project)).unwrap();
    assert_eq!(state.settings.retention, ONE);
}
