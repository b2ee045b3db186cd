//! Going back to a checkpoint that was taken a moment ago: the state there is remembered, and comes
//! to what a replay comes to.

use super::author::{Author, item, rename};
use super::given::{Disk as _, Memory, engine_over, request, wait};
use crate::support::fault_storage::{FaultStorage, Faults, Operation};
use holdpoint::engine::{Engine, Receipt};
use holdpoint::machine::Command;
use holdpoint::model::{CheckpointId, Point, Project, Revision};
use holdpoint::storage::{MemoryStorage, Storage};
use std::sync::Arc;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// More entries than are looked back at when a project is loaded.
const MANY: u64 = 70;

type Watched = Engine<FaultStorage<MemoryStorage>>;

/// A new engine, and what it asks of the storage.
fn watched(disk: &Memory) -> (Watched, Faults) {
    let storage = FaultStorage::new(disk.open());
    let faults = storage.faults();
    (engine_over(storage), faults)
}

/// How often the past was read since so many operations.
fn reads_of_the_past(faults: &Faults, since: usize) -> usize {
    let operations = &faults.operations()[since..];
    let of_the_past =
        |operation: &&Operation| matches!(operation, Operation::Snapshot | Operation::Entries);
    operations.iter().filter(of_the_past).count()
}

fn roll_back(checkpoint: CheckpointId) -> Command {
    let reason = None;
    Command::RollbackProject { checkpoint, reason }
}

/// Renames it so often.
fn goes_on<S: Storage>(author: &mut Author<S>, times: u64) {
    for n in 0..times {
        author.done(rename(&format!("name {n}")));
    }
}

/// What all states at checkpoints are, by a replay of an engine that remembers nothing of them.
fn replayed(disk: &Memory, project: &Project) -> Vec<Arc<Project>> {
    let engine = disk.engine();
    let all = project.checkpoints_in_order().into_iter();
    let at = |revision: Revision| wait(engine.state_at(project.id, revision));
    all.map(|checkpoint| at(checkpoint.revision).expect("it can be replayed"))
        .collect()
}

#[test]
fn r61_going_back_to_a_checkpoint_taken_a_moment_ago_reads_nothing_of_the_past() {
    // Given a project that an engine works on, with more entries than are looked back at.
    let disk = Memory::new();
    let (engine, faults) = watched(&disk);
    let mut author = Author::new(engine);
    let plan = author.started_plan(3);
    goes_on(&mut author, MANY);
    author.step_done(plan);
    let here = author.checkpoint("here");
    author.done(Command::AddContext {
        items: vec![item("too much")],
    });
    author.step_done(plan);
    let since = faults.operations().len();
    // When the plan goes back by a step, and the project to the checkpoint.
    let newest = Command::RollbackPlan {
        plan,
        checkpoint: None,
        before: None,
        reason: None,
    };
    author.done(newest);
    author.done(roll_back(here));
    // Then only what was in memory was needed.
    assert_eq!(
        reads_of_the_past(&faults, since),
        0,
        "{:?}",
        faults.operations()
    );
    assert!(
        author.state().items.len() == 1,
        "{:?}",
        author.state().items
    );
}

#[test]
fn r61_what_is_remembered_is_what_a_replay_comes_to() {
    let disk = Memory::new();
    let mut author = Author::new(disk.engine());
    let plan = author.started_plan(5);
    author.furnish();
    let here = author.checkpoint("here");
    author.done(Command::Pause { reason: None });
    author.done(Command::Resume { checkpoint: None });
    let attempt = author.attempt(plan);
    author.done(roll_back(here));
    author.step_done(plan);
    // The attempt that the rollback ended is an entry of its own.
    assert!(attempt > 0);
    let now = author.state();
    let all = now.checkpoints_in_order().into_iter();
    let remembered: Vec<_> = all
        .map(|checkpoint| {
            let at = Point::Checkpoint(checkpoint.id);
            wait(author.engine.state_at(author.project, at)).expect("it is there")
        })
        .collect();
    assert_eq!(remembered, replayed(&disk, &now));
}

/// The same commands, the last of which goes back: by an engine that remembers, and by one for each
/// command, which remembers nothing that is far back.
#[test]
fn r61_a_rollback_comes_to_the_same_whether_the_state_is_remembered_or_replayed() {
    fn play(disk: &Memory, is_remembered: bool) -> (Receipt, Arc<Project>) {
        let mut author = Author::new(disk.engine());
        let plan = author.started_plan(3);
        author.step_done(plan);
        let here = author.checkpoint("here");
        author.done(Command::AddContext {
            items: vec![item("too much")],
        });
        author.step_done(plan);
        goes_on(&mut author, MANY);
        if !is_remembered {
            author = author.through(disk.engine());
        }
        let receipt = author.done(roll_back(here));
        (receipt, author.state())
    }
    assert_eq!(play(&Memory::new(), true), play(&Memory::new(), false));
}

#[test]
fn r61_a_preview_and_what_it_shows_replay_once() {
    // Given an engine that has just loaded a project whose checkpoint is far back.
    let disk = Memory::new();
    let mut author = Author::new(disk.engine());
    let here = author.checkpoint("here");
    goes_on(&mut author, MANY);
    let (engine, faults) = watched(&disk);
    let author = author.through(engine);
    let preview = wait(author.engine.preview(author.project, roll_back(here))).unwrap();
    let since = faults.operations().len();
    // When what was previewed is done.
    let done = wait(author.engine.submit(author.project, preview.request)).unwrap();
    // Then the state that the preview needed was still there.
    assert_eq!(done.outcome, preview.outcome);
    assert_eq!(reads_of_the_past(&faults, since), 0);
}

#[test]
fn r61_of_a_project_that_another_engine_replaced_nothing_is_remembered() {
    // Given an engine that remembers a checkpoint, of a project that is deleted elsewhere.
    let disk = Memory::new();
    let mut author = Author::new(disk.engine());
    let here = author.checkpoint("here");
    goes_on(&mut author, 1);
    let mut other = author.through(disk.engine());
    other.done(Command::DeleteProject);
    // When it is asked for.
    let then = wait(author.engine.state_at(author.project, here));
    assert_eq!(then.unwrap_err().code().as_str(), "REMOVED");
    let rolled = author
        .engine
        .submit(author.project, request(99, roll_back(here)));
    assert_eq!(wait(rolled).unwrap_err().code().as_str(), "REMOVED");
}

#[test]
fn r61_what_others_write_is_followed_and_remembered() {
    let disk = Memory::new();
    let mut author = Author::new(disk.engine());
    let plan = author.started_plan(3);
    let (engine, faults) = watched(&disk);
    wait(engine.project(author.project)).unwrap();
    author.step_done(plan);
    let here = author.checkpoint("of another");
    goes_on(&mut author, 1);
    let mut other = author.through(engine);
    other.state();
    let since = faults.operations().len();
    other.done(roll_back(here));
    assert_eq!(reads_of_the_past(&faults, since), 0);
    let now = other.state();
    let then = wait(other.engine.state_at(other.project, here)).unwrap();
    assert!(replayed(&disk, &now).contains(&then));
}
