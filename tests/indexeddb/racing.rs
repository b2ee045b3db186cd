//! Two engines on one database, as two tabs are: none loses, and none starves.

use crate::conformance::author::name;
use crate::indexeddb_raw::{both, fresh_name};
use holdpoint::engine::Engine;
use holdpoint::machine::Command;
use holdpoint::model::{Actor, Revision};
use holdpoint::storage::{IndexedDbStorage, Storage};
use std::cell::RefCell;
use wasm_bindgen_test::{console_log, wasm_bindgen_test};

#[wasm_bindgen_test]
async fn two_engines_race_200_commands_each_and_both_make_progress() {
    const EACH: usize = 200;
    let database = fresh_name("race");
    let engine = async |actor: &str| {
        let storage = IndexedDbStorage::open(&database).await.unwrap();
        Engine::open(storage, actor.parse::<Actor>().unwrap())
            .await
            .unwrap()
    };
    let (left, right) = (engine("left").await, engine("right").await);
    let project = left
        .create_project(name("contended"))
        .await
        .unwrap()
        .project;
    // Both know the project before the race begins: to read it takes two steps, and an engine that
    // is behind tries again for as long as somebody commits in between.
    let rename = |text: &str| Command::RenameProject { name: name(text) };
    right.execute(project, rename("known")).await.unwrap();
    let done = RefCell::new(Vec::new());
    let race = async |engine: &Engine<IndexedDbStorage>, who: char| {
        for n in 0..EACH {
            let command = rename(&format!("{who} {n}"));
            let receipt = engine.execute(project, command).await.unwrap();
            done.borrow_mut().push((who, receipt.revision));
        }
    };
    let begun = js_sys::Date::now();
    both(Box::pin(race(&left, 'l')), Box::pin(race(&right, 'r'))).await;
    let took = js_sys::Date::now() - begun;

    let done = done.into_inner();
    let mut revisions: Vec<_> = done.iter().map(|(_, revision)| revision.get()).collect();
    revisions.sort_unstable();
    let all: Vec<_> = (3..).take(2 * EACH).collect();
    assert_eq!(revisions, all, "none is lost, none is doubled");
    let storage = IndexedDbStorage::open(&database).await.unwrap();
    let entries = storage
        .entries(project, Revision::ZERO, usize::MAX)
        .await
        .unwrap();
    assert_eq!(entries.len(), 2 + 2 * EACH);

    // When the first had done all of its own, the other had done a good part too.
    let last_of = |who| done.iter().rposition(|(one, _)| *one == who).unwrap();
    let first_to_end = last_of('l').min(last_of('r'));
    let of_the_other = first_to_end + 1 - EACH;
    console_log!("{of_the_other} of {EACH} when the first was done, {took} ms in all");
    assert!(of_the_other >= EACH / 4, "{of_the_other} of {EACH}");
}
