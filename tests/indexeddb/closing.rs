//! Connections that end: for another tab, by the browser's will, by our own.

use super::given::{Uncaught, delete, refused, storage_with_a_project, works};
use crate::conformance::author::{Author, project_id, rename};
use crate::conformance::observe::Everything;
use crate::indexeddb_raw::{Events, ask_to_open, connection, fresh_name, open_raw};
use futures_channel::mpsc::RecvError;
use holdpoint::storage::{
    IndexedDbStorage, RowKind, RowQuery, Storage, StorageErrorKind, WriteError,
};
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn an_upgrade_by_another_tab_is_let_through_and_then_it_is_too_new() {
    let name = fresh_name("upgraded");
    let storage = IndexedDbStorage::open(&name).await.unwrap();
    let mut author = Author::furnish(&storage, project_id(1), 1).await;
    let mut uncaught = Uncaught::watch();
    let request = ask_to_open(&name, 2, &["of the next version"]);
    let mut upgraded = Events::of(&request, &["blocked", "success", "error"]);
    assert_eq!(upgraded.next().await, "success");

    for _ in 0..2 {
        let read = storage.head(author.id()).await;
        refused(read, StorageErrorKind::TooNew);
        let listed = storage.rows(RowQuery::of(RowKind::Plans, 1)).await;
        refused(listed, StorageErrorKind::TooNew);
        match storage.append(author.draft(rename("late"))).await {
            Err(WriteError::Storage(error)) => {
                assert!(error.message.contains("found version 2"), "{error}");
            }
            other => panic!("expected the database to be too new, found {other:?}"),
        }
    }
    uncaught.nothing().await;
    connection(&request).close();
    delete(&name).await;
}

#[wasm_bindgen_test]
async fn a_connection_that_made_way_for_nothing_is_opened_again_by_the_next_call() {
    let name = fresh_name("aborted upgrade");
    let storage = IndexedDbStorage::open(&name).await.unwrap();
    let mut author = Author::furnish(&storage, project_id(1), 1).await;
    let before = Everything::of(&storage, &author).await;
    for write_first in [false, true] {
        let request = ask_to_open(&name, 2, &[]);
        let mut upgrading = Events::of(&request, &["upgradeneeded", "error"]);
        assert_eq!(upgrading.next().await, "upgradeneeded");
        request.transaction().unwrap().abort().unwrap();
        assert_eq!(upgrading.next().await, "error");

        if write_first {
            author.append(&storage, rename("goes on")).await;
            assert_eq!(storage.head(author.id()).await, Ok(author.head()));
        } else {
            assert_eq!(Everything::of(&storage, &author).await, before);
        }
    }
}

#[wasm_bindgen_test]
async fn what_is_under_way_when_another_tab_upgrades_still_ends_well() {
    let name = fresh_name("under way");
    let (storage, mut author) = storage_with_a_project(&name).await;
    let commit = author.write(rename("under way"));
    let mut upgrade = None;
    let appended = {
        let mut append = pin!(storage.append(commit.clone()));
        poll_fn(|context| {
            let polled = append.as_mut().poll(context);
            // As soon as it has begun.
            upgrade.get_or_insert_with(|| {
                let request = ask_to_open(&name, 2, &[]);
                let events = Events::of(&request, &["success", "blocked"]);
                (request, events)
            });
            match polled {
                Poll::Ready(appended) => Poll::Ready(appended),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    };
    assert_eq!(appended, Ok(commit.head()));
    let (request, mut events) = upgrade.unwrap();
    assert_eq!(events.next().await, "success");
    connection(&request).close();
}

#[wasm_bindgen_test]
async fn closed_for_good_it_refuses_every_call_and_lets_go_of_the_database() {
    let name = fresh_name("closed");
    let (storage, mut author) = storage_with_a_project(&name).await;
    let beside = IndexedDbStorage::open(&name).await.unwrap();
    let mut changes = storage.changes();
    let mut uncaught = Uncaught::watch();

    storage.close();
    storage.close();
    assert_eq!(changes.recv().await, Err(RecvError));
    for _ in 0..2 {
        refused(storage.head(author.id()).await, StorageErrorKind::Closed);
        refused(
            storage.save_snapshot(author.id(), author.snapshot()).await,
            StorageErrorKind::Closed,
        );
        match storage.append(author.draft(rename("late"))).await {
            Err(WriteError::Storage(error)) => assert_eq!(error.kind, StorageErrorKind::Closed),
            other => panic!("expected it to be closed, found {other:?}"),
        }
    }
    assert_eq!(storage.changes().recv().await, Err(RecvError));
    // Others are none the wiser.
    works(&beside, 2).await;
    author.append(&beside, rename("goes on")).await;
    uncaught.nothing().await;

    drop(beside);
    // Nobody holds it: neither the one that was closed nor the one that was dropped.
    let ours = open_raw(&name, 2, &[]).await.unwrap();
    ours.close();
    delete(&name).await;
}

#[wasm_bindgen_test]
async fn what_is_under_way_when_it_is_closed_still_ends_well() {
    let (storage, mut author) = storage_with_a_project(&fresh_name("closed under way")).await;
    let commit = author.write(rename("under way"));
    let mut append = pin!(storage.append(commit.clone()));
    let mut closed = false;
    let appended = poll_fn(|context| {
        let polled = append.as_mut().poll(context);
        if !closed {
            storage.close();
            closed = true;
        }
        polled
    })
    .await;
    assert_eq!(appended, Ok(commit.head()));
}
