//! What the targets start from: the journals of the first release.

use holdpoint::engine::{Engine, ImportOptions};
use holdpoint::journal::bundle::{BundleLimits, Reader, Record};
use holdpoint::journal::{Chain, Entry};
use holdpoint::model::{MAX_INTEGER, ProjectId};
use holdpoint::storage::MemoryStorage;
use serde_json::Value;
use std::sync::LazyLock;

const BUNDLE: &[u8] = include_bytes!("../../fixtures/v1/bundle.jsonl");

/// The states after each entry of its first project, which has something of everything.
pub(super) static STATES: LazyLock<Vec<Chain>> = LazyLock::new(|| {
    let mut states: Vec<Chain> = Vec::new();
    let mut reader = Reader::new(BundleLimits::default());
    let mut bytes = BUNDLE;
    while let Some(record) = reader.read(&mut bytes).expect("it is sound") {
        match record {
            Record::Project(project) if states.is_empty() => {
                states.push(Chain::start(project.project));
            }
            Record::Entry(sealed) => {
                let mut next = states.last().expect("it has begun").clone();
                next.follow(&sealed).expect("it is sound");
                states.push(next);
            }
            Record::Whole(_) => break,
            _ => {}
        }
    }
    states
});

/// The projects of the bundle, in its order.
pub(super) static PROJECTS: LazyLock<Vec<ProjectId>> = LazyLock::new(|| {
    let mut projects = Vec::new();
    let mut reader = Reader::new(BundleLimits::default());
    let mut bytes = BUNDLE;
    while let Some(record) = reader.read(&mut bytes).expect("it is sound") {
        if let Record::Project(project) = record {
            projects.push(project.project);
        }
    }
    projects
});

/// A new engine with nothing in its store.
pub(super) fn empty_engine() -> Engine<MemoryStorage> {
    let actor = "fuzz".parse().expect("a name");
    pollster::block_on(Engine::open(MemoryStorage::new(), actor)).expect("memory can be read")
}

/// A new engine with all of the bundle in its store.
pub(super) fn engine() -> Engine<MemoryStorage> {
    let engine = empty_engine();
    pollster::block_on(async {
        let mut import = engine.import(ImportOptions::default());
        import.push(BUNDLE).await.expect("it is sound");
        import.finish().await.expect("nothing of it is there yet");
    });
    engine
}

/// Whether an entry has no number that a bundle's reader refuses before it looks at anything else.
pub(super) fn has_small_numbers(entry: &Entry) -> bool {
    is_small(&serde_json::to_value(entry).expect("it was read from JSON"))
}

fn is_small(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_u64().is_none_or(|number| number <= MAX_INTEGER),
        Value::Array(values) => values.iter().all(is_small),
        Value::Object(fields) => fields.values().all(is_small),
        _ => true,
    }
}
