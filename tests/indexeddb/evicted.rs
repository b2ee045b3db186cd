//! A database that is taken away under an open storage.

use super::given::{Uncaught, delete, exists, refused, storage_with_a_project, works};
use crate::conformance::author::rename;
use crate::indexeddb_raw::{both, fresh_name, sleep};
use holdpoint::storage::{IndexedDbStorage, Storage, StorageErrorKind, WriteError};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn r75_a_database_that_is_gone_is_told_to_every_call_for_a_second_and_then_begun_anew() {
    let name = fresh_name("evicted");
    let (storage, author) = storage_with_a_project(&name).await;
    let mut uncaught = Uncaught::watch();
    for _ in 0..2 {
        delete(&name).await;
        let said = refused(storage.head(author.id()).await, StorageErrorKind::Evicted);
        assert_eq!(said.kind.code().as_str(), "EVICTED");
        assert!(said.message.contains(&name), "{said}");
        refused(storage.head(author.id()).await, StorageErrorKind::Evicted);
        assert!(!exists(&name).await, "no empty one is left behind");
        sleep(1_001).await;
        assert_eq!(storage.head(author.id()).await, Ok(None));
    }
    works(&storage, 2).await;
    uncaught.nothing().await;
}

#[wasm_bindgen_test]
async fn a_write_to_a_database_that_is_gone_is_told_before_it_meets_an_empty_one() {
    let name = fresh_name("evicted before a write");
    let (storage, mut author) = storage_with_a_project(&name).await;
    delete(&name).await;
    let commit = author.draft(rename("late"));
    match storage.append(commit.clone()).await {
        Err(WriteError::Storage(error)) => assert_eq!(error.kind, StorageErrorKind::Evicted),
        other => panic!("expected to hear that it is gone, found {other:?}"),
    }
    sleep(1_001).await;
    let again = storage.append(commit.clone()).await;
    let expected = commit.expected();
    assert_eq!(
        again,
        Err(WriteError::Conflict {
            expected,
            found: None
        })
    );
}

#[wasm_bindgen_test]
async fn several_calls_at_once_all_hear_that_it_is_gone() {
    let name = fresh_name("evicted at once");
    let (storage, author) = storage_with_a_project(&name).await;
    delete(&name).await;
    let (one, two) = both(storage.head(author.id()), storage.head(author.id())).await;
    refused(one, StorageErrorKind::Evicted);
    refused(two, StorageErrorKind::Evicted);
}

#[wasm_bindgen_test]
async fn another_storage_that_made_it_anew_in_the_meantime_is_joined() {
    let name = fresh_name("made anew");
    let (storage, author) = storage_with_a_project(&name).await;
    delete(&name).await;
    let other = IndexedDbStorage::open(&name).await.unwrap();
    works(&other, 2).await;
    // Nothing tells a database that was made anew from the one before it, but what is in it.
    assert_eq!(storage.head(author.id()).await, Ok(None));
    works(&storage, 3).await;
}
