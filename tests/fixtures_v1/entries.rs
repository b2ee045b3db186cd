//! The entries of the first release: they open, and lead to the states that they led to.

use super::opened::says_all_of;
use super::written::{entries, snapshot, state, state_in};
use holdpoint::journal::{Chain, Sealed, Snapshot};
use holdpoint::machine::EventKind;
use holdpoint::model::{ProjectId, Revision};
use holdpoint::storage::{Commit, MemoryStorage, RowChanges, Storage};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// The journals, each with its entries in order.
fn journals() -> BTreeMap<ProjectId, Vec<Sealed>> {
    let mut journals: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for line in entries() {
        let journal = journals.entry(line.project).or_default();
        journal.push(line.sealed());
    }
    journals
}

fn followed(project: ProjectId, journal: &[Sealed]) -> Chain {
    let mut chain = Chain::start(project);
    for sealed in journal {
        let revision = sealed.revision;
        let opened = chain.follow(sealed);
        opened.unwrap_or_else(|error| panic!("{project}, {revision}: {error}"));
    }
    chain
}

#[test]
fn r32_entries_of_the_first_release_open_and_replay_to_their_states() {
    let mut journals = journals();
    for then in state().projects {
        let journal = journals.remove(&then.project).expect("it has entries");
        let chain = followed(then.project, &journal);
        let head = chain.head().expect("it has entries");
        assert_eq!(head.digest.to_string(), then.digest);
        let taken = Snapshot::take(chain.project(), head).expect("it can be written");
        says_all_of(&state_in(&taken), &then.state, &then.project.to_string());
    }
    assert!(journals.is_empty(), "every journal has a state");
}

#[test]
fn r32_a_snapshot_of_the_first_release_opens_and_is_what_its_entries_lead_to() {
    let kept = snapshot();
    let snapshot = kept.snapshot();
    let journal = &journals()[&kept.project];
    let at = journal
        .iter()
        .position(|sealed| sealed.revision > snapshot.revision);
    let (before, after) = journal.split_at(at.expect("something comes after it"));
    let mut chain = snapshot.open(kept.project).expect("it opens");
    let replayed = followed(kept.project, before);
    assert_eq!(chain.head(), replayed.head());
    assert_eq!(chain.project(), replayed.project());
    for sealed in after {
        chain.follow(sealed).expect("it goes on");
    }
    assert_eq!(chain.project(), followed(kept.project, journal).project());
}

#[test]
fn r32_every_event_there_is_has_an_entry_among_the_fixtures() {
    let mut found = BTreeSet::new();
    for line in entries() {
        let entry: Value = serde_json::from_str(&line.sealed().text).expect("an entry");
        let events = entry["events"].as_array().expect("events");
        found.extend(
            events
                .iter()
                .map(|event| event["type"].as_str().expect("a type").to_owned()),
        );
    }
    let every: BTreeSet<_> = EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
    let without: Vec<_> = every.difference(&found).collect();
    assert!(
        without.is_empty(),
        "no fixture has {without:?}: see tests/fixtures/v1/README.md"
    );
    assert_eq!(found, every);
}

/// Stored as they are, they are a project's journal again.
async fn entries_make_a_store() {
    let storage = MemoryStorage::new();
    for (project, journal) in journals() {
        let chain = followed(project, &journal);
        let rows = RowChanges::all(chain.project());
        let commit = Commit::new(project, None, journal.clone(), rows, vec![]);
        let head = storage
            .append(commit.expect("they follow each other"))
            .await;
        assert_eq!(head.ok(), chain.head());
        let back = storage.entries(project, Revision::ZERO, 1000).await;
        assert_eq!(back, Ok(journal));
    }
}

#[cfg(not(target_family = "wasm"))]
#[test]
fn r32_entries_of_the_first_release_make_a_store() {
    pollster::block_on(entries_make_a_store());
}

#[cfg(target_family = "wasm")]
#[test]
async fn r32_entries_of_the_first_release_make_a_store() {
    entries_make_a_store().await;
}
