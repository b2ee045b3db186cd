//! Turns: taken after a conflict only, and never a reason to wait for long.

use super::given::{Replaced, Uncaught, drop_after, global, storage_with_a_project};
use crate::conformance::author::{Author, create};
use crate::indexeddb_raw::{fresh_name, within};
use holdpoint::storage::{IndexedDbStorage, Storage, WriteError};
use wasm_bindgen_test::wasm_bindgen_test;

/// Makes a storage meet a conflict.
async fn collide(storage: &IndexedDbStorage, author: &Author) {
    let conflict = Author::new(author.id(), 2).write(create("a conflict"));
    let refused = storage.append(conflict).await;
    assert!(matches!(refused, Err(WriteError::Conflict { .. })));
}

#[wasm_bindgen_test]
async fn turns_are_taken_after_a_conflict_and_end_when_they_are_dropped() {
    let name = fresh_name("turns");
    let (one, author) = storage_with_a_project(&name).await;
    let two = IndexedDbStorage::open(&name).await.unwrap();
    let id = author.id();
    assert!(!one.turn(id).await.is_held(), "nobody has collided yet");

    for storage in [&one, &two] {
        collide(storage, &author).await;
    }
    let turn = one.turn(id).await;
    assert!(turn.is_held());
    let mut waiting = Box::pin(two.turn(id));
    assert!(within(100, waiting.as_mut()).await.is_none());
    drop(turn);
    let turn = within(1_000, waiting).await.expect("it is free now");
    assert!(turn.is_held());
    drop(turn);

    // Much later nobody expects a conflict any more.
    crate::indexeddb_raw::sleep(1_100).await;
    assert!(!one.turn(id).await.is_held());
}

#[wasm_bindgen_test]
async fn a_tab_that_hangs_holds_nobody_up_for_long() {
    let name = fresh_name("hangs");
    let (storage, author) = storage_with_a_project(&name).await;
    let hanging = IndexedDbStorage::open(&name).await.unwrap();
    collide(&hanging, &author).await;
    let _held = hanging.turn(author.id()).await;
    collide(&storage, &author).await;
    let waited = within(4_000, storage.turn(author.id())).await;
    assert!(!waited.expect("it goes on without").is_held());
}

#[wasm_bindgen_test]
async fn a_turn_that_nobody_waits_for_any_more_is_passed_on() {
    let name = fresh_name("given up");
    let (storage, author) = storage_with_a_project(&name).await;
    let mut uncaught = Uncaught::watch();
    for polls in 1..4 {
        collide(&storage, &author).await;
        drop(drop_after(polls, storage.turn(author.id())).await);
        let turn = within(1_000, storage.turn(author.id())).await;
        assert!(turn.expect("nobody holds it").is_held(), "{polls}");
    }
    uncaught.nothing().await;
}

#[wasm_bindgen_test]
async fn where_there_are_no_locks_or_they_are_refused_it_goes_on_without() {
    let (storage, author) = storage_with_a_project(&fresh_name("no locks")).await;
    let mut uncaught = Uncaught::watch();
    collide(&storage, &author).await;
    let navigator = global("navigator");
    let missing = Replaced::value(&navigator, "locks", &wasm_bindgen::JsValue::UNDEFINED);
    let turn = within(1_000, storage.turn(author.id())).await;
    assert!(!turn.expect("there is nothing to wait for").is_held());
    drop(missing);

    let refusals = [
        "throw new DOMException('', 'SecurityError')",
        "return Promise.reject(new DOMException('', 'SecurityError'))",
    ];
    for body in refusals {
        let refusing = Replaced::function(&global("LockManager.prototype"), "request", "", body);
        let turn = within(1_000, storage.turn(author.id())).await;
        assert!(!turn.expect("there is nothing to wait for").is_held());
        drop(refusing);
    }
    uncaught.nothing().await;
}
