//! What is said at which level, and how often.

use super::captured::{Line, logged};
use super::marked::{create, engine_over, everything, plan, said};
use crate::support::fault_storage::{Among, Fault, FaultKind, FaultStorage};
use holdpoint::engine::Engine;
use holdpoint::machine::{Command, InitialStatus};
use holdpoint::model::{ProjectId, Revision};
use holdpoint::storage::{MemoryDisk, MemoryStorage, Storage, StorageErrorKind};
use pollster::block_on;
use tracing::Level;

fn at(level: Level, lines: &[Line]) -> Vec<Line> {
    let of_level = lines.iter().filter(|line| line.level == level);
    of_level.cloned().collect()
}

/// How many lines say this.
fn count(lines: &[Line], level: Level, message: &str, fields: &[&str]) -> usize {
    at(level, lines)
        .iter()
        .filter(|line| line.says(message, fields))
        .count()
}

fn created<S: Storage>(engine: &Engine<S>) -> ProjectId {
    let create = create(InitialStatus::Active);
    block_on(engine.create_project_with(create))
        .unwrap()
        .project
}

fn rename() -> Command {
    Command::RenameProject { name: said() }
}

#[test]
fn r16_each_command_done_is_one_line_at_info_with_kind_project_and_revision() {
    let engine = engine_over(MemoryStorage::new());
    let mut done = Vec::new();
    let lines = logged(|| done = everything(&engine));
    let info: Vec<_> = at(Level::INFO, &lines)
        .into_iter()
        .map(|line| line.text)
        .collect();
    let expected: Vec<_> = done
        .iter()
        .map(|done| {
            let (kind, receipt) = (done.kind, &done.receipt);
            let (project, revision) = (receipt.project, receipt.revision);
            format!("done command={kind} project={project} revision={revision}")
        })
        .collect();
    assert_eq!(info, expected);
    assert_eq!(at(Level::ERROR, &lines), []);
}

#[test]
fn r16_opening_is_info_and_reads_loads_and_snapshots_are_debug() {
    let storage = MemoryStorage::new();
    let engine = engine_over(storage.clone());
    let project = created(&engine);
    let field = format!("project={project}");
    let field = field.as_str();
    // Enough for a snapshot: over 64 KiB.
    let lines = logged(|| {
        for _ in 0..3 {
            let plan = plan(300);
            block_on(engine.execute(project, Command::CreatePlan { plan })).unwrap();
        }
    });
    let saved = count(&lines, Level::DEBUG, "snapshot saved", &[field]);
    assert!(saved > 0, "{lines:#?}");
    block_on(engine.execute(project, rename())).unwrap();

    let lines = logged(|| {
        let engine = engine_over(storage);
        block_on(engine.project(project)).unwrap();
        block_on(engine.project(project)).unwrap();
        block_on(engine.history(project, Revision::ZERO, 1)).unwrap();
        block_on(engine.verify(project)).unwrap();
    });
    assert_eq!(count(&lines, Level::INFO, "opened", &[]), 1);
    assert_eq!(
        count(&lines, Level::DEBUG, "read", &["what=project", field]),
        2
    );
    assert_eq!(
        count(&lines, Level::DEBUG, "read", &["what=history", field]),
        1
    );
    assert_eq!(
        count(&lines, Level::DEBUG, "read", &["what=verify", field]),
        1
    );
    let loaded = count(&lines, Level::DEBUG, "loaded", &[field, "revision=5"]);
    assert!(loaded > 0, "{lines:#?}");
    let from_start = count(&lines[..3], Level::DEBUG, "loaded", &["from=0"]);
    assert_eq!(from_start, 0, "it begins at a snapshot: {lines:#?}");
    assert_eq!(at(Level::INFO, &lines).len(), 1);
}

#[test]
fn r16_a_refusal_is_debug_and_no_failure() {
    let engine = engine_over(MemoryStorage::new());
    let project = created(&engine);
    let lines = logged(|| {
        block_on(engine.execute(project, Command::Resume { checkpoint: None })).unwrap_err();
    });
    let fields = ["what=resume", "code=PROJECT_NOT_PAUSED"];
    assert_eq!(count(&lines, Level::DEBUG, "refused", &fields), 1);
    assert_eq!(at(Level::INFO, &lines), []);
    assert_eq!(at(Level::ERROR, &lines), []);
}

#[test]
fn r16_a_failure_is_error_with_its_code() {
    let storage = FaultStorage::new(MemoryStorage::new());
    let faults = storage.faults();
    let engine = engine_over(storage);
    let project = created(&engine);
    let kind = FaultKind::FailBefore(StorageErrorKind::QuotaExceeded);
    faults.arm(Fault::at(1, Among::Writes, kind));
    let lines = logged(|| {
        block_on(engine.execute(project, rename())).unwrap_err();
    });
    let errors = at(Level::ERROR, &lines);
    let text = format!("failed what=rename_project project={project} code=QUOTA_EXCEEDED");
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].text, text);
    assert_eq!(at(Level::INFO, &lines), []);
}

#[test]
fn r16_a_conflict_that_is_tried_again_is_debug_and_the_command_is_done_once() {
    let disk = MemoryDisk::new();
    let open = || engine_over(MemoryStorage::open(&disk).unwrap());
    let (one, other) = (open(), open());
    let project = created(&one);
    // The other one's state is behind by a commit.
    block_on(other.project(project)).unwrap();
    block_on(one.execute(project, rename())).unwrap();
    let lines = logged(|| {
        block_on(other.execute(project, rename())).unwrap();
    });
    let fields = ["command=rename_project", "conflicts=1", "unknown=0"];
    assert_eq!(count(&lines, Level::DEBUG, "tried again", &fields), 1);
    assert_eq!(
        count(&lines, Level::INFO, "done", &["command=rename_project"]),
        1
    );
}
