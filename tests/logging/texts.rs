//! No text that anybody gave is in the log, whatever becomes of the call.

use super::captured::{Line, logged};
use super::marked::{MARK, create, engine_over, everything, plan, said, text};
use crate::support::fault_storage::{Among, Fault, FaultKind, FaultStorage, PLATFORM_NAME};
use holdpoint::engine::Engine;
use holdpoint::machine::{Command, InitialStatus};
use holdpoint::model::{PlanId, ProjectId, Revision};
use holdpoint::storage::{MemoryStorage, Storage, StorageErrorKind};
use pollster::block_on;

#[track_caller]
fn assert_silent_of(mark: &str, lines: &[Line]) {
    let told: Vec<_> = lines
        .iter()
        .filter(|line| line.text.contains(mark))
        .collect();
    assert!(told.is_empty(), "{told:#?}");
}

/// What is refused, each with texts in it.
fn refusals<S: Storage>(engine: &Engine<S>, project: ProjectId) {
    let no_plan: PlanId = "00000000000000000000000000".parse().unwrap();
    for command in [
        Command::RenameProject { name: said() },
        Command::FailPlan {
            plan: no_plan,
            error: text(),
        },
        Command::StopProject {
            reason: Some(said()),
        },
        Command::CreatePlan { plan: plan(1) },
    ] {
        block_on(engine.execute(project, command.clone())).unwrap_err();
        block_on(engine.preview(project, command)).unwrap_err();
    }
    let mut request = engine.request(create(InitialStatus::Active));
    let made = ProjectId::created_by(&request.id);
    block_on(engine.submit(project, request.clone())).unwrap_err();
    block_on(engine.submit(made, request.clone())).unwrap();
    request.command = create(InitialStatus::Init);
    block_on(engine.submit(made, request)).unwrap_err();
    block_on(engine.create_plan(made, MARK, [MARK.repeat(100)])).unwrap_err();
    block_on(engine.find_project(MARK)).unwrap_err();
    block_on(engine.find_plan(MARK)).unwrap_err();
    block_on(engine.find_checkpoint(made, MARK)).unwrap_err();
}

/// Everything that is read, of every project that is there.
fn reads<S: Storage>(engine: &Engine<S>) {
    let subscription = block_on(engine.subscribe(None)).unwrap();
    block_on(engine.resumable()).unwrap();
    for project in block_on(engine.journals(None, 100)).unwrap() {
        let state = block_on(engine.project(project)).unwrap();
        block_on(engine.state_at(project, Revision::FIRST)).unwrap();
        block_on(engine.history(project, Revision::ZERO, 100)).unwrap();
        for item in state.items.values() {
            let is_redacted = state.redacted.contains_key(&item.body.digest);
            let body = block_on(engine.body(project, &item.body));
            assert_eq!(body.is_err(), is_redacted);
        }
        block_on(engine.verify(project)).unwrap();
        block_on(engine.reindex(project)).unwrap();
        block_on(engine.find_project(&project.to_string())).unwrap();
        let rename = Command::RenameProject { name: said() };
        let _done_or_refused = block_on(engine.preview(project, rename));
    }
    drop(subscription);
}

#[test]
fn r16_no_text_of_any_command_is_in_any_line() {
    let lines = logged(|| {
        let storage = MemoryStorage::new();
        let engine = engine_over(storage.clone());
        let done = everything(&engine);
        let deleted = done.last().unwrap().receipt.project;
        refusals(&engine, deleted);
        reads(&engine);
        // From the storage too, not only from memory.
        reads(&engine_over(storage));
    });
    assert!(lines.len() > 100, "{lines:#?}");
    assert_silent_of(MARK, &lines);
}

#[test]
fn r16_nor_is_what_a_storage_said_when_it_failed() {
    let mut failed = 0;
    for n in 1.. {
        let storage = FaultStorage::new(MemoryStorage::new());
        let faults = storage.faults();
        let lines = logged(|| {
            let engine = engine_over(storage);
            let kind = FaultKind::FailBefore(StorageErrorKind::QuotaExceeded);
            faults.arm(Fault::at(n, Among::All, kind));
            let request = engine.request(create(InitialStatus::Active));
            let project = ProjectId::created_by(&request.id);
            let _done_or_failed = block_on(engine.submit(project, request));
            let _read_or_failed = block_on(engine.project(project));
        });
        assert_silent_of(MARK, &lines);
        assert_silent_of(PLATFORM_NAME, &lines);
        if faults.fired().is_none() {
            break;
        }
        failed += 1;
    }
    assert!(failed > 2, "{failed} operations were hit");
}
