//! R77: what a newer program wrote is told as such, and stays as it is.

use super::author::{Author, pause, rename};
use super::given::{Disk, Memory, refused, request, wait};
use super::observe::{entries, rows};
use holdpoint::engine::{Engine, EngineError, FindingKind};
use holdpoint::journal::format::StoreFormat;
use holdpoint::journal::{Head, Sealed};
use holdpoint::machine::{Command, InitialStatus};
use holdpoint::model::{CommandId, Hasher, Project, ProjectId, Revision};
use holdpoint::storage::{Commit, RowChanges, Storage};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

on_every_disk![
    ; awaited:
    r77_an_entry_of_a_newer_version_is_too_new_and_stays,
    r77_an_entry_with_an_unknown_event_is_too_new_and_stays,
    r77_an_entry_with_an_unknown_field_is_too_new_and_stays,
];

/// The next entry of a project, as a newer program writes it: with this version and event, and
/// with the digest that it has to have.
fn newer(head: Head, version: u32, event: &str, more: &str) -> Sealed {
    let command = CommandId::from_parts(1_800_000_000_000, 1);
    let revision = head.revision.next();
    let stamp = format!(r#"{{"id":"{command}","digest":"{}"}}"#, head.digest);
    let text = format!(
        r#"{{"v":{version},"revision":{revision},"at":"2027-01-01T00:00:00.000Z","actor":"ana","command":{stamp},"events":[{event}]{more}}}"#
    );
    let digest = Hasher::tagged("holdpoint/entry/1")
        .update(head.digest.as_bytes())
        .update(text.as_bytes())
        .finish();
    Sealed {
        revision,
        command,
        prev: head.digest,
        digest,
        text: text.into(),
    }
}

fn append<S: Storage>(storage: &S, state: &Project, entry: Sealed) {
    let head = wait(storage.head(state.id)).unwrap();
    let mut rows = RowChanges::all(state);
    rows.project.revision = entry.revision;
    let commit = Commit::new(state.id, head, vec![entry], rows, vec![]).unwrap();
    wait(storage.append(commit)).unwrap();
}

const RENAMED: &str = r#"{"type":"project_renamed","name":"known"}"#;

/// The form by hand is the right one: with nothing new in it, it is understood.
#[test]
fn an_entry_made_by_hand_is_as_good_as_any() {
    let disk = Memory::new();
    let author = Author::new(disk.engine());
    let head = wait(disk.open().head(author.project)).unwrap().unwrap();
    append(&disk.open(), &author.state(), newer(head, 1, RENAMED, ""));
    assert_eq!(author.state().name.as_str(), "known");
}

async fn is_too_new<D: Disk>(version: u32, event: &str, more: &str) {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    author.furnish();
    let mut other = Author::numbered(author.engine.clone(), 1000, InitialStatus::Active);
    let (project, known) = (author.project, author.state());
    let storage = disk.open();
    let head = wait(storage.head(project)).unwrap().unwrap();
    let entry = newer(head, version, event, more);
    let at = entry.revision;
    append(&storage, &known, entry);
    let stored = (entries(&storage, project), rows(&storage, project));

    // One engine had the project in memory before, the other hadn't.
    for engine in [&author.engine, &disk.engine()] {
        let error = wait(engine.project(project)).unwrap_err();
        assert_eq!(error.code().as_str(), "TOO_NEW");
        let EngineError::Journal { error, .. } = &error else {
            panic!("{error:?}");
        };
        assert_eq!(error.revision(), at);
        refuses_everything(engine, project).await;
        let report = wait(engine.verify(project)).unwrap();
        assert_eq!(report.findings.len(), 1, "{report:?}");
        assert_eq!(report.findings[0].kind, FindingKind::TooNew);
        assert_eq!(report.findings[0].revision, Some(at));
        assert_eq!(
            *wait(engine.state_at(project, head.revision)).unwrap(),
            *known
        );
        assert!(wait(engine.history(project, Revision::ZERO, 5)).is_ok());
    }
    assert_eq!(
        (entries(&storage, project), rows(&storage, project)),
        stored,
        "it stays"
    );
    other.done(rename("other projects go on"));
    assert!(
        wait(disk.engine().verify(other.project))
            .unwrap()
            .is_clean()
    );
    assert!(
        !wait(disk.engine().resumable()).unwrap().is_empty(),
        "rows are read all the same"
    );
}

async fn refuses_everything<S: Storage>(engine: &Engine<S>, project: ProjectId) {
    let commands = [
        rename("older"),
        pause(),
        Command::DeleteProject,
        Command::PlanProject,
    ];
    for (n, command) in (900..).zip(commands) {
        let told = engine.submit(project, request(n, command.clone())).await;
        assert_eq!(refused(told), "TOO_NEW", "{command:?}");
        let told = engine.preview(project, command).await;
        assert_eq!(refused(told), "TOO_NEW");
    }
    assert_eq!(refused(engine.reindex(project).await), "TOO_NEW");
}

async fn r77_an_entry_of_a_newer_version_is_too_new_and_stays<D: Disk>() {
    is_too_new::<D>(2, RENAMED, "").await;
    is_too_new::<D>(2, r#"{"something":"else"}"#, r#","shape":"other""#).await;
}

async fn r77_an_entry_with_an_unknown_event_is_too_new_and_stays<D: Disk>() {
    is_too_new::<D>(1, r#"{"type":"project_painted","colour":"red"}"#, "").await;
}

async fn r77_an_entry_with_an_unknown_field_is_too_new_and_stays<D: Disk>() {
    is_too_new::<D>(
        1,
        r#"{"type":"project_renamed","name":"known","colour":"red"}"#,
        "",
    )
    .await;
    is_too_new::<D>(1, RENAMED, r#","colour":"red""#).await;
}

/// A newer program raises the store's `min_writer` while an older one works.
#[test]
fn r77_a_running_engine_stops_writing_and_goes_on_reading() {
    let disk = Memory::new();
    let mut author = Author::new(disk.engine());
    author.furnish();
    let (project, known) = (author.project, author.state());
    let newer = StoreFormat {
        format: 2,
        min_writer: 2,
        ..StoreFormat::CURRENT
    };
    disk.0.set_format(newer);
    let stored = (entries(&disk.open(), project), rows(&disk.open(), project));
    for engine in [&author.engine, &disk.engine()] {
        let commands = [rename("older"), pause(), Command::DeleteProject];
        for (n, command) in (900..).zip(commands) {
            let told = wait(engine.submit(project, request(n, command.clone())));
            assert_eq!(refused(told), "TOO_NEW", "{command:?}");
        }
        let creation = super::author::create_project("new", InitialStatus::Active);
        assert_eq!(
            refused(wait(engine.create_project_with(creation))),
            "TOO_NEW"
        );
        assert_eq!(refused(wait(engine.reindex(project))), "TOO_NEW");
        assert_eq!(
            wait(engine.project(project)).unwrap(),
            known,
            "reading goes on"
        );
        assert!(wait(engine.verify(project)).unwrap().is_clean());
        assert!(!wait(engine.resumable()).unwrap().is_empty());
        assert!(wait(engine.preview(project, pause())).is_ok());
    }
    assert_eq!(
        (entries(&disk.open(), project), rows(&disk.open(), project)),
        stored
    );
    disk.0.set_format(StoreFormat::CURRENT);
    author.done(rename("R75: the same object works again"));
}
