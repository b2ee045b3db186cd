//! R48: a project and a whole store in figures.

use super::author::{Author, cold_item, create_plan, item, pause, rename, resume};
use super::given::{Disk, Memory, engine_over, request, wait};
use super::observe::copy;
use crate::support::fault_storage::{FaultStorage, Operation};
use holdpoint::engine::Engine;
use holdpoint::machine::{Command, Event, InitialStatus};
use holdpoint::model::{
    PlanState, Project, ProjectId, ProjectStatus, Revision, Sizes, Timestamp, Trigger,
};
use holdpoint::storage::{MemoryStorage, Storage};
use holdpoint::views::{Statistics, StoreStatistics, Totals};

on_every_disk![
    r48_a_store_is_counted_from_rows_in_pages_and_no_project_is_loaded,
    r48_a_project_is_counted_as_its_rows_are,
    r48_sizes_are_the_same_on_every_way_to_a_state,
    r48_a_store_says_how_much_room_it_takes_up,
];

/// The sizes that the journal itself has.
fn scanned<S: Storage>(engine: &Engine<S>, project: ProjectId) -> Sizes {
    let entries = wait(engine.storage().entries(project, Revision::ZERO, 100_000)).unwrap();
    let mut sizes = Sizes::default();
    for sealed in entries {
        sizes.journal_bytes += sealed.text.len() as u64;
        let bodies = sealed.open().unwrap().events.into_iter();
        for body in bodies.flat_map(|event: Event| event.bodies()) {
            sizes.bodies += 1;
            sizes.body_bytes += u64::from(body.bytes);
        }
    }
    sizes
}

fn r48_a_store_is_counted_from_rows_in_pages_and_no_project_is_loaded<D: Disk>() {
    let disk = D::new();
    let empty = wait(StoreStatistics::read(&disk.engine())).unwrap();
    assert_eq!(empty.projects, 0);
    assert_eq!(empty.projects_by_status.len(), ProjectStatus::ALL.len());
    assert_eq!(empty.totals.plans_by_state.len(), PlanState::ALL.len());
    assert!(
        empty
            .totals
            .plans_by_state
            .values()
            .all(|count| *count == 0)
    );

    let mut paused = Author::new(disk.engine());
    paused.furnish();
    paused.done(pause());
    let mut crowded = Author::numbered(disk.engine(), 10_000, InitialStatus::Active);
    // More than are read at once.
    for n in 0..505 {
        crowded.done(create_plan(&format!("{n}"), 2));
    }
    let planning = Author::numbered(disk.engine(), 20_000, InitialStatus::Planning);
    let mut deleted = Author::numbered(disk.engine(), 30_000, InitialStatus::Active);
    deleted.plan(1);
    deleted.done(Command::DeleteProject);

    let storage = FaultStorage::new(disk.open());
    let faults = storage.faults();
    let engine = engine_over(storage);
    faults.disarm();
    let statistics = wait(StoreStatistics::read(&engine)).unwrap();
    // Two pages of plans, one of each other kind.
    assert_eq!(faults.operations(), [Operation::Rows; 4]);
    assert_eq!(statistics.projects, 3);
    let in_status = |status| statistics.projects_by_status[&status];
    assert_eq!(in_status(ProjectStatus::Paused), 1);
    assert_eq!(in_status(ProjectStatus::Active), 1);
    assert_eq!(in_status(ProjectStatus::Planning), 1);
    assert_eq!(in_status(ProjectStatus::Completed), 0);

    // It is what the projects have together.
    let of = [paused.state(), crowded.state(), planning.state()];
    let of = of.map(|state| Totals::of(&state));
    let sum = |figure: fn(&Totals) -> u64| of.iter().map(figure).sum::<u64>();
    let totals = &statistics.totals;
    for figure in [
        |totals: &Totals| totals.entries,
        |totals: &Totals| totals.plans,
        |totals: &Totals| totals.steps,
        |totals: &Totals| totals.steps_completed,
        |totals: &Totals| totals.checkpoints,
        |totals: &Totals| totals.active_agents,
        |totals: &Totals| totals.items,
        |totals: &Totals| totals.items_archived,
        |totals: &Totals| totals.tokens,
    ] {
        assert_eq!(figure(totals), sum(figure));
    }
    for state in PlanState::ALL {
        let there = of.iter().map(|totals| totals.plans_by_state[&state]);
        assert_eq!(totals.plans_by_state[&state], there.sum::<u64>(), "{state}");
    }
    assert_eq!(totals.plans, 510);
    assert_eq!(totals.plans_by_state[&PlanState::Pending], 506);
}

fn r48_a_project_is_counted_as_its_rows_are<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    author.furnish();
    author.done(pause());
    let state = author.state();
    let statistics = Statistics::of(&state, Timestamp::EPOCH);
    let totals = statistics.totals;
    assert_eq!(totals.entries, state.revision.get());
    assert_eq!(
        (totals.plans, totals.steps, totals.steps_completed),
        (5, 6, 2)
    );
    for (state, count) in &totals.plans_by_state {
        let expected = match state {
            PlanState::Failed => 1,
            PlanState::Pending => 1,
            PlanState::Planning => 1,
            PlanState::Completed => 1,
            PlanState::Implementing => 1,
            _ => 0,
        };
        assert_eq!(*count, expected, "{state}");
    }
    assert_eq!(totals.checkpoints, state.checkpoints.len() as u64);
    assert_eq!(totals.checkpoints_by_trigger[&Trigger::Manual], 1);
    assert_eq!(totals.checkpoints_by_trigger[&Trigger::Pause], 1);
    let by_trigger: u64 = totals.checkpoints_by_trigger.values().sum();
    assert_eq!(by_trigger, totals.checkpoints);
    assert_eq!((totals.items, totals.items_archived), (3, 1));
    assert_eq!((totals.active_agents, statistics.agents.len()), (1, 1));
    assert_eq!(statistics.sizes, scanned(&author.engine, author.project));
    let store = wait(StoreStatistics::read(&disk.engine())).unwrap();
    assert_eq!(store.totals, Totals::of(&state));
}

fn r48_sizes_are_the_same_on_every_way_to_a_state<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    // One that knew it early, and reads on from there.
    let other = disk.engine();
    let project = author.project;
    wait(other.project(project)).unwrap();
    author.furnish();
    let here = author.checkpoint("here");
    author.outweigh();
    let items = vec![item("said"), item("said"), cold_item("old")];
    author.done(Command::AddContext { items });
    let item = author.state().items_in_order().last().unwrap().id;
    author.done(Command::RedactItem { item, reason: None });
    author.done(pause());
    author.done(resume());
    author.done(Command::RollbackProject {
        checkpoint: here,
        reason: None,
    });
    author.done(rename("at the end"));

    let state = author.state();
    assert_eq!(state.sizes, scanned(&author.engine, project));
    assert!(state.sizes.journal_bytes > 60_000 && state.sizes.bodies > 5);
    let is_same = |other: &Project| assert_eq!(other.sizes, state.sizes);
    is_same(&wait(other.project(project)).unwrap());
    let storage = disk.open();
    let snapshot = wait(storage.snapshot(project, Revision::MAX)).unwrap();
    assert!(snapshot.is_some(), "one is on the way");
    is_same(&wait(disk.engine().project(project)).unwrap());
    let report = wait(disk.engine().verify(project)).unwrap();
    assert!(report.is_clean() && report.snapshots > 0, "{report:?}");
    // A copy elsewhere, which has all entries at once.
    let elsewhere = Memory::new();
    copy(&author.engine, &elsewhere.open(), project);
    is_same(&wait(elsewhere.engine().project(project)).unwrap());
    wait(author.engine.reindex(project)).unwrap();
    is_same(&author.state());
    // And what was then: without what came later.
    let then = wait(author.engine.state_at(project, here)).unwrap();
    assert!(then.sizes.journal_bytes < state.sizes.journal_bytes);
}

fn r48_a_store_says_how_much_room_it_takes_up<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let bytes = || {
        let usage = wait(disk.open().usage());
        assert_eq!((usage.quota, usage.persisted), (None, None));
        usage.bytes.expect("it is known here")
    };
    let before = bytes();
    let items = (0..20).map(|n| item(&format!("{n} {}", "x".repeat(50_000))));
    let items = items.collect();
    author.done(Command::AddContext { items });
    assert!(bytes() > before + 1_000_000, "{before} to {}", bytes());
    let statistics = wait(StoreStatistics::read(&author.engine)).unwrap();
    assert!(statistics.usage.bytes.unwrap() > 1_000_000);
}

/// A command that is refused, or has nothing to do, counts nothing.
#[cfg_attr(not(target_family = "wasm"), test)]
#[cfg_attr(target_family = "wasm", wasm_bindgen_test::wasm_bindgen_test)]
fn r48_what_leads_to_no_entry_counts_nothing() {
    let disk = Memory::new();
    let mut author: Author<MemoryStorage> = Author::new(disk.engine());
    let plan = author.plan(1);
    author.done(pause());
    let before = author.state().sizes;
    author.done(pause());
    let refused = request(800, Command::StartStep { plan, step: None });
    wait(author.engine.submit(author.project, refused)).unwrap_err();
    wait(author.engine.preview(author.project, resume())).unwrap();
    assert_eq!(author.state().sizes, before);
}
