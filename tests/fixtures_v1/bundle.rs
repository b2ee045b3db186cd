//! The bundle of the first release: the whole store in one file.

use super::opened::says_all_of;
use super::written::{EntryLine, entries, said, state};
use holdpoint::engine::{Engine, ExportScope, ImportOptions};
use holdpoint::machine::Command;
use holdpoint::storage::{MemoryStorage, Storage};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const BUNDLE: &str = include_str!("../fixtures/v1/bundle.jsonl");

async fn bundle_of<S: Storage>(engine: &Engine<S>) -> String {
    let export = engine.export(ExportScope::Store).await;
    let mut export = export.expect("it can be read");
    let mut bundle = Vec::new();
    while let Some(piece) = export.next().await.expect("it can be read") {
        bundle.extend(piece);
    }
    String::from_utf8(bundle).expect("it is JSON")
}

/// What says when it was made and by whom, and the digest of that, are today's.
fn without_its_ends(bundle: &str) -> Vec<&str> {
    let lines: Vec<_> = bundle.lines().collect();
    lines[1..lines.len() - 1].to_vec()
}

/// It is imported, goes on, and before that is exported again as it was.
async fn opens_and_goes_on() {
    let storage = MemoryStorage::new();
    let engine = Engine::open(storage, "today".parse().expect("a name")).await;
    let engine = engine.expect("an empty store");
    let mut import = engine.import(ImportOptions::default());
    let pushed = Box::pin(import.push(BUNDLE.as_bytes())).await;
    pushed.expect("every line of it is understood");
    let report = Box::pin(import.finish()).await.expect("it is whole");
    assert_eq!(report.exported_by.as_str(), "ana");
    let then = state().projects;
    let found = said(&engine).await;
    assert_eq!(report.projects.len(), then.len());
    assert_eq!(found.len(), then.len());
    for (found, then) in found.iter().zip(&then) {
        assert_eq!(found.project, then.project);
        assert_eq!(found.digest, then.digest);
        says_all_of(&found.state, &then.state, &then.project.to_string());
        let report = engine.verify(then.project).await.expect("it can be read");
        assert!(report.is_clean(), "{report:?}");
    }
    let again = bundle_of(&engine).await;
    assert_eq!(without_its_ends(&again), without_its_ends(BUNDLE));
    for then in then {
        let name = "renamed today".parse().expect("a name");
        let command = Command::RenameProject { name };
        let renamed = Box::pin(engine.execute(then.project, command)).await;
        renamed.unwrap_or_else(|error| panic!("{} goes on: {error}", then.project));
    }
}

#[cfg(not(target_family = "wasm"))]
#[test]
fn r32_r74_a_bundle_of_the_first_release_opens_is_sound_and_goes_on() {
    pollster::block_on(opens_and_goes_on());
}

#[cfg(target_family = "wasm")]
#[test]
async fn r32_r74_a_bundle_of_the_first_release_opens_is_sound_and_goes_on() {
    opens_and_goes_on().await;
}

/// Each entry of the fixtures stands in it, byte for byte; so it has each event too.
#[test]
fn r74_the_bundle_has_the_entries_as_they_were_stored() {
    let lines: Vec<_> = BUNDLE
        .lines()
        .filter(|line| line.starts_with(r#"{"type":"entry""#))
        .collect();
    let expected: Vec<_> = entries()
        .iter()
        .map(EntryLine::sealed)
        .map(|it| {
            format!(
                r#"{{"type":"entry","digest":"{}","entry":{}}}"#,
                it.digest, it.text
            )
        })
        .collect();
    assert_eq!(lines, expected);
}

/// Made once: it writes only where there is nothing yet. `scripts/write-fixtures.sh` calls it.
#[cfg(not(target_family = "wasm"))]
#[test]
#[ignore = "writes fixtures"]
fn write_the_fixture_of_a_bundle() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/fixtures/v1/bundle.jsonl"
    );
    let there = std::fs::read(path).unwrap_or_default();
    assert!(there.is_empty(), "bundle.jsonl is never edited");
    let engine = pollster::block_on(super::story::tell(MemoryStorage::new()));
    std::fs::write(path, pollster::block_on(bundle_of(&engine))).unwrap();
}
