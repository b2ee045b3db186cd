//! Reading: states of any revision, texts, bodies, history; and all of it after a reopening.

use super::author::{Author, create_heavy_plan, create_plan, item, pause, plan_of, rename, text};
use super::given::{Disk, engine_over, refused, request, wait};
use super::observe::observe;
use crate::support::fault_storage::{FaultStorage, Operation};
use holdpoint::engine::{Finding, FindingKind};
use holdpoint::journal::Entry;
use holdpoint::machine::{Command, EntryContext, NewPlan, Request};
use holdpoint::model::{
    BlobRef, Digest, PlanSettings, PlanState, Point, Project, ProjectId, Revision, Text,
};
use holdpoint::storage::{Commit, RowChanges, Storage};
use std::sync::Arc;

on_every_disk![
    r45_the_state_at_each_revision_is_what_it_was_after_its_commit,
    r45_states_between_and_before_snapshots_are_what_they_were,
    there_is_no_state_before_the_first_or_after_the_newest_revision,
    r31_a_reopened_store_gives_an_equal_project_through_the_journal_alone,
    r31_a_reopened_store_gives_an_equal_project_through_a_snapshot,
    r31_fields_that_are_null_come_back_null_and_others_as_they_were,
    texts_and_bodies_come_back_from_wherever_they_live,
    bodies_are_read_many_at_a_time_to_check_a_project_and_to_fork_it,
    r73_a_body_that_is_lost_is_found_among_many_and_stands_in_the_way_of_a_fork,
    history_comes_in_pages_and_in_order,
];

/// Does many things, and remembers the state after each.
fn live<S: Storage>(author: &mut Author<S>, with_snapshots: bool) -> Vec<Arc<Project>> {
    let mut states = vec![author.state()];
    let mut act = |author: &mut Author<S>, command| {
        author.done(command);
        states.push(author.state());
    };
    for round in 0..3 {
        if with_snapshots {
            act(author, create_heavy_plan());
            act(author, rename(&format!("after a snapshot, round {round}")));
        }
        act(author, create_plan("light", 2));
        let plan = author.state().plans_in_order().last().unwrap().id;
        act(author, Command::StartPlan { plan });
        act(author, Command::StartStep { plan, step: None });
        act(author, super::author::complete_step(plan, 1));
        act(author, pause());
        let checkpoint = author.state().checkpoints_in_order()[0].id;
        let back = (round == 2).then_some(checkpoint);
        act(author, Command::Resume { checkpoint: back });
    }
    states
}

fn check_every_state<D: Disk>(with_snapshots: bool) -> usize {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let states = live(&mut author, with_snapshots);
    let project = author.project;
    for engine in [&author.engine, &disk.engine()] {
        for state in &states {
            let then = wait(engine.state_at(project, state.revision)).unwrap();
            assert_eq!(then, *state);
        }
        assert_eq!(
            wait(engine.project(project)).unwrap(),
            *states.last().unwrap()
        );
    }
    let report = wait(author.engine.verify(project)).unwrap();
    assert!(report.is_clean(), "{report:?}");
    usize::try_from(report.snapshots).unwrap()
}

fn r45_the_state_at_each_revision_is_what_it_was_after_its_commit<D: Disk>() {
    assert_eq!(
        check_every_state::<D>(false),
        0,
        "too little for a snapshot"
    );
}

fn r45_states_between_and_before_snapshots_are_what_they_were<D: Disk>() {
    let snapshots = check_every_state::<D>(true);
    assert!(snapshots >= 2, "{snapshots}");
}

fn there_is_no_state_before_the_first_or_after_the_newest_revision<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    author.furnish();
    let newest = author.state().revision;
    for revision in [Revision::ZERO, newest.next(), Revision::MAX] {
        let told = wait(author.engine.state_at(author.project, revision));
        assert_eq!(refused(told), "REVISION_NOT_FOUND", "{revision}");
    }
    let nobody = ProjectId::from_parts(1, 1);
    let told = wait(author.engine.state_at(nobody, Revision::FIRST));
    assert_eq!(refused(told), "PROJECT_NOT_FOUND");
    author.done(Command::DeleteProject);
    let told = wait(author.engine.state_at(author.project, Revision::FIRST));
    assert_eq!(refused(told), "REMOVED");
}

fn reopened<D: Disk>(heavy: bool) {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    if heavy {
        author.outweigh();
    }
    author.furnish();
    let paused = author.done(pause());
    let (project, known) = (author.project, author.state());
    assert_eq!(known.revision, paused.revision);
    drop(author);
    let storage = disk.open();
    let snapshot = wait(storage.snapshot(project, Revision::MAX)).unwrap();
    assert_eq!(snapshot.is_some(), heavy);
    assert_eq!(wait(disk.engine().project(project)).unwrap(), known);
    assert_eq!(observe(storage, project).state.unwrap(), known);
}

fn r31_a_reopened_store_gives_an_equal_project_through_the_journal_alone<D: Disk>() {
    reopened::<D>(false);
}

fn r31_a_reopened_store_gives_an_equal_project_through_a_snapshot<D: Disk>() {
    reopened::<D>(true);
}

fn r31_fields_that_are_null_come_back_null_and_others_as_they_were<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let settings = PlanSettings {
        max_reversions: 9,
        auto_checkpoint_interval: 0,
        ..PlanSettings::default()
    };
    let steps = Some(super::author::steps(3));
    let plan = NewPlan {
        request: text("alone"),
        steps,
        settings,
    };
    author.done(Command::CreatePlan { plan });
    let (project, plan) = (author.project, plan_of(&author.state(), 0));
    let check = |reversions: u32, last: i64, has_checkpoint: bool| {
        for snapshot in [false, true] {
            let engine = disk.engine();
            if snapshot {
                wait(engine.reindex(project)).unwrap();
            }
            let state = wait(disk.engine().project(project)).unwrap();
            let plan = &state.plans[&plan];
            assert_eq!(plan.guards.reversion_count, reversions);
            assert_eq!(plan.progress.last_completed_step, last);
            assert_eq!(plan.last_checkpoint_id.is_some(), has_checkpoint);
            assert_eq!(plan.settings.max_reversions, 9);
        }
    };
    check(0, -1, false);
    let error = text("before it began");
    author.done(Command::FailPlan { plan, error });
    check(0, -1, false);
    author.done(Command::RetryPlan { plan });
    author.done(Command::StartPlan { plan });
    author.step_done(plan);
    // The start brought a checkpoint with it.
    check(0, 0, true);
    author.step_done(plan);
    check(0, 1, true);
    let back = |from_step| Command::RevertPlan {
        plan,
        to: PlanState::Implementing,
        from_step,
        reason: None,
    };
    author.done(back(Some(1)));
    check(1, 0, true);
    author.done(back(None));
    check(2, -1, true);
    let name = "the plan's own".parse().unwrap();
    let checkpoint = holdpoint::machine::NewCheckpoint::named(name, Some(plan));
    author.done(Command::CreateCheckpoint { checkpoint });
    check(2, -1, true);
    assert_eq!(observe(disk.open(), project).state.unwrap(), author.state());
}

fn texts_and_bodies_come_back_from_wherever_they_live<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    author.furnish();
    let long = "žluťoučký kůň ".repeat(1000);
    author.done(create_plan(&long, 1));
    let (project, state, engine) = (author.project, author.state(), disk.engine());
    let request = |n| &state.plans[&plan_of(&state, n)].request;
    assert!(matches!(request(0), Text::Inline(_)));
    assert_eq!(&*wait(engine.text(project, request(0))).unwrap(), "do it");
    assert!(matches!(request(5), Text::Stored(_)));
    assert_eq!(*wait(engine.text(project, request(5))).unwrap(), *long);
    let step = &state.plans[&plan_of(&state, 0)].steps[0];
    assert_eq!(
        &*wait(engine.body(project, &step.input.unwrap())).unwrap(),
        "{\"n\":0}"
    );
    let output = wait(engine.body(project, &step.output.unwrap())).unwrap();
    assert_eq!(&*output, "\"done in attempt 1\"");
    let item = &state.items_in_order()[0];
    assert_eq!(
        &*wait(engine.body(project, &item.body)).unwrap(),
        "learned in attempt 1"
    );
    let missing = BlobRef {
        digest: Digest::of(b"nowhere"),
        bytes: 7,
    };
    let error = wait(engine.body(project, &missing)).unwrap_err();
    assert_eq!(error.code().as_str(), "CORRUPT");
    assert!(
        error.to_string().contains(&missing.digest.to_string()),
        "{error}"
    );
}

fn history_comes_in_pages_and_in_order<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    author.furnish();
    // More than are read at once.
    for n in 0..550 {
        author.done(rename(&format!("{n}")));
    }
    let (project, newest) = (author.project, author.state().revision);
    let engine = disk.engine();
    let all = wait(engine.history(project, Revision::ZERO, usize::MAX)).unwrap();
    let revisions: Vec<_> = all.iter().map(|entry| entry.revision.get()).collect();
    assert_eq!(revisions, (1..=newest.get()).collect::<Vec<_>>());
    let mut paged = Vec::new();
    loop {
        let after = paged
            .last()
            .map_or(Revision::ZERO, |entry: &Entry| entry.revision);
        let page = wait(engine.history(project, after, 100)).unwrap();
        if page.is_empty() {
            break;
        }
        assert!(page.len() <= 100);
        paged.extend(page);
    }
    assert_eq!(paged, all);
    assert_eq!(
        wait(engine.history(project, Revision::ZERO, 0)).unwrap(),
        []
    );
    assert_eq!(wait(engine.history(project, newest, 10)).unwrap(), []);
    assert_eq!(
        wait(engine.history(project, Revision::MAX, 10)).unwrap(),
        []
    );
    assert_eq!(wait(engine.project(project)).unwrap(), author.state());
}

/// How many bodies the projects have that are read in parts.
const BODIES: usize = 600;

fn author_of_bodies<D: Disk>(disk: &D) -> Author<D::Storage> {
    let mut author = Author::new(disk.engine());
    let items = (0..BODIES).map(|n| item(&format!("body {n}"))).collect();
    author.done(Command::AddContext { items });
    author
}

fn fork_of(source: ProjectId) -> Request {
    let command = Command::ForkProject {
        source,
        at: Point::Now,
        name: None,
    };
    request(1 << 30, command)
}

fn bodies_are_read_many_at_a_time_to_check_a_project_and_to_fork_it<D: Disk>() {
    let disk = D::new();
    let author = author_of_bodies(&disk);
    let storage = FaultStorage::new(disk.open());
    let faults = storage.faults();
    let engine = engine_over(storage);
    let count = |wanted| {
        let operations = faults.operations();
        operations.iter().filter(|done| **done == wanted).count()
    };

    let report = wait(engine.verify(author.project)).unwrap();
    assert!(report.is_clean(), "{report:?}");
    assert_eq!(report.bodies, BODIES as u64);
    let parts = BODIES.div_ceil(256);
    assert_eq!(
        (count(Operation::Blobs), count(Operation::Blob)),
        (parts, 0)
    );

    faults.disarm();
    let fork = fork_of(author.project);
    let id = ProjectId::created_by(&fork.id);
    wait(engine.submit(id, fork)).unwrap();
    assert_eq!(
        (count(Operation::Blobs), count(Operation::Blob)),
        (parts, 0)
    );
    let state = wait(engine.project(id)).unwrap();
    assert_eq!(state.items.len(), BODIES);
    for item in state.items.values() {
        let text = wait(engine.body(id, &item.body)).unwrap();
        assert_eq!(Digest::of(text.as_bytes()), item.body.digest);
    }
}

fn r73_a_body_that_is_lost_is_found_among_many_and_stands_in_the_way_of_a_fork<D: Disk>() {
    let disk = D::new();
    let author = author_of_bodies(&disk);
    let (project, state) = (author.project, author.state());
    let lost = state.items.values().nth(BODIES / 2).unwrap().body.digest;
    // An entry that says nothing of it takes it away.
    let storage = disk.open();
    let head = wait(storage.head(project)).unwrap().unwrap();
    let context = EntryContext {
        revision: head.revision.next(),
        at: state.updated_at,
        actor: state.created_by.clone(),
    };
    let stamp = request(1 << 29, rename("nothing")).stamp();
    let entry = Entry::new(context, stamp, vec![]).seal(head.digest);
    let entries = vec![entry.unwrap()];
    let rows = RowChanges::all(&state);
    let mut commit = Commit::new(project, Some(head), entries, rows, vec![]).unwrap();
    commit.drop_blobs.push(lost);
    wait(storage.append(commit)).unwrap();

    let report = wait(author.engine.verify(project)).unwrap();
    assert_eq!(report.bodies, BODIES as u64);
    let of_bodies = |finding: &&Finding| finding.kind == FindingKind::Body;
    let found: Vec<_> = report.findings.iter().filter(of_bodies).collect();
    let [finding] = found.as_slice() else {
        panic!("expected one body to be missing: {report:?}")
    };
    let message = format!("expected a body with digest {lost}, found none");
    assert_eq!(finding.message, message);
    let fork = fork_of(project);
    let id = ProjectId::created_by(&fork.id);
    assert_eq!(refused(wait(author.engine.submit(id, fork))), "CORRUPT");
    assert_eq!(wait(storage.head(id)), Ok(None));
}
