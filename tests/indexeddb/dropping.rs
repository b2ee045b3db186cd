//! Futures that are dropped half-way, at every point where that can be.

use super::given::{Uncaught, delete, drop_after, storage_with_a_project, works};
use crate::conformance::author::{Author, create_plan, lease, project_id, rename};
use crate::conformance::observe::Everything;
use crate::indexeddb_raw::{fresh_name, sleep};
use holdpoint::model::Revision;
use holdpoint::storage::{IndexedDbStorage, RowChanges, RowKind, RowQuery, Storage, WriteError};
use wasm_bindgen_test::wasm_bindgen_test;

/// Drops a future after one poll, then after two, and so on until it is done. Says how many
/// points there are.
macro_rules! drop_at_every_point {
    ($future:expr) => {{
        let mut points = 0;
        while drop_after(points + 1, $future).await.is_none() {
            points += 1;
            assert!(points < 100, "it never ends");
        }
        points
    }};
}

#[wasm_bindgen_test]
async fn reads_can_be_dropped_at_every_point() {
    let storage = IndexedDbStorage::open(&fresh_name("dropped reads"))
        .await
        .unwrap();
    let author = Author::furnish(&storage, project_id(1), 1).await;
    let (id, plan, body) = (author.id(), author.first_plan(), author.bodies()[0]);
    let command = author.entries()[0].command;
    let before = Everything::of(&storage, &author).await;
    let mut uncaught = Uncaught::watch();

    let all = usize::MAX;
    let points = [
        drop_at_every_point!(storage.head(id)),
        drop_at_every_point!(storage.tombstone(id)),
        drop_at_every_point!(storage.entries(id, Revision::ZERO, all)),
        drop_at_every_point!(storage.journals(None, all)),
        drop_at_every_point!(storage.find_command(id, command)),
        drop_at_every_point!(storage.snapshot(id, Revision::MAX)),
        drop_at_every_point!(storage.blob(id, body)),
        drop_at_every_point!(storage.lease(id, plan)),
        drop_at_every_point!(storage.rows(RowQuery::of(RowKind::Projects, all))),
        drop_at_every_point!(storage.rows(RowQuery::of(RowKind::Plans, all))),
        drop_at_every_point!(storage.rows(RowQuery::of(RowKind::Checkpoints, all))),
    ];
    assert!(points.iter().all(|points| *points >= 1), "{points:?}");
    uncaught.nothing().await;
    assert_eq!(Everything::of(&storage, &author).await, before);
    works(&storage, 2).await;
}

#[wasm_bindgen_test]
async fn writes_can_be_dropped_at_every_point_and_happened_whole_or_not_at_all() {
    let storage = IndexedDbStorage::open(&fresh_name("dropped writes"))
        .await
        .unwrap();
    let mut author = Author::furnish(&storage, project_id(1), 1).await;
    let (id, plan) = (author.id(), author.first_plan());
    let mut uncaught = Uncaught::watch();

    let mut points = 0;
    loop {
        let commit = author.write(create_plan(&format!("{points} ").repeat(2_000), 1));
        let told = drop_after(points + 1, storage.append(commit.clone())).await;
        let revision = commit.head().revision;
        match storage.append(commit.clone()).await {
            Ok(head) => assert_eq!((head, told.is_none()), (commit.head(), true)),
            again => assert_eq!(again, Err(WriteError::DuplicateCommand { revision })),
        }
        if told.is_some() {
            break;
        }
        points += 1;
    }
    // In the comparison, and while it commits.
    assert!(points >= 2, "{points}");

    let (head, rows) = (author.present_head(), RowChanges::all(author.state()));
    let snapshot = author.snapshot();
    let points = [
        drop_at_every_point!(storage.write_rows(id, head, rows.clone())),
        drop_at_every_point!(storage.save_snapshot(id, snapshot.clone())),
        drop_at_every_point!(async {
            let found = storage.lease(id, plan).await.unwrap().unwrap();
            let next = lease(found.epoch.0 + 1, "bo");
            storage.swap_lease(id, plan, Some(found.epoch), next).await
        }),
    ];
    assert!(points.iter().all(|points| *points >= 2), "{points:?}");
    uncaught.nothing().await;
    let there = Everything::of(&storage, &author).await;
    assert_eq!(there.head, author.head());
    assert_eq!(there.rows, crate::conformance::observe::rows_of(&author));
    author.append(&storage, rename("goes on")).await;

    let removal = author.removal();
    let head = author.present_head();
    let removed = drop_after(2, storage.remove(id, head, removal)).await;
    assert_eq!(removed, None);
    match storage.remove(id, head, removal).await {
        Ok(()) => {}
        again => assert!(
            matches!(again, Err(WriteError::Removed { .. })),
            "{again:?}"
        ),
    }
    assert!(Everything::of(&storage, &author).await.is_gone());
    uncaught.nothing().await;
}

/// Its puts are on their way before it is known what they were decided on; nothing in their own way
/// would stop them, where the project was removed.
#[wasm_bindgen_test]
async fn an_append_that_comes_too_late_writes_nothing_wherever_it_is_dropped() {
    let storage = IndexedDbStorage::open(&fresh_name("dropped too late"))
        .await
        .unwrap();
    let mut author = Author::furnish(&storage, project_id(1), 1).await;
    let id = author.id();
    let (head, removal) = (author.present_head(), author.removal());
    let commit = author.write(rename("too late"));
    storage.remove(id, head, removal).await.unwrap();
    let points = drop_at_every_point!(storage.append(commit.clone()));
    assert!(points >= 2, "{points}");
    let told = storage.append(commit).await;
    assert!(matches!(told, Err(WriteError::Removed { .. })), "{told:?}");
    assert!(Everything::of(&storage, &author).await.is_gone());
}

#[wasm_bindgen_test]
async fn an_opening_can_be_dropped_at_every_point_and_leaves_no_connection() {
    let name = fresh_name("dropped opening");
    let mut uncaught = Uncaught::watch();
    let mut points = 0;
    while drop_after(points + 1, IndexedDbStorage::open(&name))
        .await
        .is_none()
    {
        sleep(20).await;
        // Fails if anybody holds it open without making way.
        delete(&name).await;
        points += 1;
        assert!(points < 100, "it never ends");
    }
    // Before either handle is open, and between the two.
    assert!(points >= 3, "{points}");
    uncaught.nothing().await;
    let (storage, _) = storage_with_a_project(&fresh_name("after it")).await;
    works(&storage, 2).await;
}

#[wasm_bindgen_test]
async fn a_reopening_can_be_dropped_at_every_point_and_the_next_call_does_it() {
    let name = fresh_name("dropped reopening");
    let (storage, author) = storage_with_a_project(&name).await;
    let mut uncaught = Uncaught::watch();
    for points in 1..6 {
        // It makes way for an upgrade that does not take place.
        let request = crate::indexeddb_raw::ask_to_open(&name, 2, &[]);
        let mut events = crate::indexeddb_raw::Events::of(&request, &["upgradeneeded", "error"]);
        assert_eq!(events.next().await, "upgradeneeded");
        request.transaction().unwrap().abort().unwrap();
        assert_eq!(events.next().await, "error");

        let _dropped = drop_after(points, storage.head(author.id())).await;
        assert_eq!(storage.head(author.id()).await, Ok(author.head()));
    }
    uncaught.nothing().await;
    works(&storage, 2).await;
    drop(storage);
    sleep(20).await;
    delete(&name).await;
}
