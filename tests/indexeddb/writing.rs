//! Transactions: how durable they are, and that a failure at any point of one writes nothing.

use super::given::{Replaced, Uncaught, global, storage_with_a_project};
use crate::conformance::author::{Author, create, create_plan, lease, project_id, rename};
use crate::conformance::observe::Everything;
use crate::indexeddb_raw::fresh_name;
use holdpoint::model::{Blob, Revision};
use holdpoint::storage::{
    Commit, Durability, IndexedDbOptions, IndexedDbStorage, RowChanges, Storage, StorageErrorKind,
    WriteError,
};
use js_sys::{Array, Reflect};
use wasm_bindgen_test::wasm_bindgen_test;

/// Notes of every transaction that writes what its durability is.
const NOTE_DURABILITY: &str = "
    const transaction = this.observed(stores, mode, options);
    if (mode === 'readwrite') globalThis.durabilities.push(transaction.durability);
    return transaction;";

#[wasm_bindgen_test]
async fn transactions_are_as_durable_as_was_asked() {
    for (asked, observed) in [
        (Durability::Strict, "strict"),
        (Durability::Relaxed, "relaxed"),
    ] {
        let name = fresh_name("durability");
        let mut options = IndexedDbOptions::default();
        assert_eq!(options.durability, Durability::Strict);
        options.durability = asked;
        let storage = IndexedDbStorage::open_with(&name, &options).await.unwrap();
        let (_, mut author) = storage_with_a_project(&name).await;
        author.append(&storage, create_plan("a plan", 1)).await;

        let prototype = global("IDBDatabase.prototype");
        let original = Reflect::get(&prototype, &"transaction".into()).unwrap();
        let durabilities = Array::new();
        let _kept = Replaced::value(&prototype, "observed", &original);
        let _list = Replaced::value(&global("window"), "durabilities", &durabilities);
        let noted = Replaced::function(
            &prototype,
            "transaction",
            "stores, mode, options",
            NOTE_DURABILITY,
        );
        let (id, plan) = (author.id(), author.plan());
        author.append(&storage, rename("two")).await;
        let three = author.write(rename("three"));
        storage.append_all(vec![three]).await.unwrap();
        let rows = RowChanges::all(author.state());
        let head = author.present_head();
        storage.write_rows(id, head, rows).await.unwrap();
        storage
            .swap_lease(id, plan, None, lease(1, "ana"))
            .await
            .unwrap();
        storage.save_snapshot(id, author.snapshot()).await.unwrap();
        let removal = author.removal();
        storage.remove(id, head, removal).await.unwrap();
        drop(noted);

        let durabilities: Vec<_> = durabilities
            .iter()
            .filter_map(|durability| durability.as_string())
            .collect();
        // A snapshot is a cache, so it never needs to be strict.
        assert_eq!(
            durabilities,
            [observed, observed, observed, observed, "relaxed", observed]
        );
    }
}

#[wasm_bindgen_test]
async fn a_put_that_throws_at_any_point_takes_all_others_back() {
    let (storage, mut author) = storage_with_a_project(&fresh_name("throws")).await;
    author.append(&storage, create_plan("a plan", 1)).await;
    let before = Everything::of(&storage, &author).await;
    let mut uncaught = Uncaught::watch();
    let prototype = global("IDBObjectStore.prototype");
    let original = Reflect::get(&prototype, &"put".into()).unwrap();
    let _kept = Replaced::value(&prototype, "putForReal", &original);
    let mut throws = 0;
    for at in 1.. {
        let left = Replaced::value(&global("window"), "putsLeft", &at.into());
        let throwing = Replaced::function(
            &prototype,
            "put",
            "value, key",
            "if (--globalThis.putsLeft === 0)
                throw new DOMException('said by the test', 'QuotaExceededError');
            return this.putForReal(value, key);",
        );
        let mut commit = author.draft(create_plan(&"long ".repeat(2_000), 1));
        commit.blobs.push(Blob::new("one more"));
        let appended = storage.append(commit.clone()).await;
        drop((throwing, left));
        if appended.is_ok() {
            author.follow(commit.entries());
            break;
        }
        throws += 1;
        match appended {
            Err(WriteError::Storage(error)) => {
                assert_eq!(error.kind, StorageErrorKind::QuotaExceeded, "{error}");
                assert_eq!(error.platform.unwrap().message, "said by the test");
            }
            other => panic!("expected it to fail, found {other:?}"),
        }
        assert_eq!(Everything::of(&storage, &author).await, before);
    }
    // The project, its plan and two bodies; the entry is added, not put.
    assert_eq!(throws, 4);
    assert_eq!(storage.head(author.id()).await, Ok(author.head()));
    uncaught.nothing().await;
}

#[wasm_bindgen_test]
async fn a_put_that_throws_in_any_of_several_commits_takes_all_of_them_back() {
    let (storage, mut one) = storage_with_a_project(&fresh_name("several throw")).await;
    let mut two = Author::new(project_id(2), 2);
    two.append(&storage, create("two")).await;
    let mut new = Author::new(project_id(3), 3);
    let plan = || create_plan(&"long ".repeat(2_000), 1);
    let commits = vec![
        one.write(plan()),
        two.write(plan()),
        new.write(create("three")),
    ];
    let heads: Vec<_> = commits.iter().map(Commit::head).collect();
    let mut before = Vec::new();
    for author in [&one, &two, &new] {
        before.push(Everything::of(&storage, author).await);
    }
    let mut uncaught = Uncaught::watch();
    let prototype = global("IDBObjectStore.prototype");
    let original = Reflect::get(&prototype, &"put".into()).unwrap();
    let _kept = Replaced::value(&prototype, "putForReal", &original);
    let mut throws = 0;
    for at in 1.. {
        let left = Replaced::value(&global("window"), "putsLeft", &at.into());
        let throwing = Replaced::function(
            &prototype,
            "put",
            "value, key",
            "if (--globalThis.putsLeft === 0)
                throw new DOMException('said by the test', 'QuotaExceededError');
            return this.putForReal(value, key);",
        );
        let appended = storage.append_all(commits.clone()).await;
        drop((throwing, left));
        let Err(refused) = appended else { break };
        throws += 1;
        assert_eq!(refused.project, None);
        match *refused.error {
            WriteError::Storage(error) => {
                assert_eq!(error.kind, StorageErrorKind::QuotaExceeded, "{error}");
            }
            other => panic!("expected it to fail, found {other:?}"),
        }
        for (author, before) in [&one, &two, &new].into_iter().zip(&before) {
            assert_eq!(Everything::of(&storage, author).await, *before);
        }
    }
    // Twice the project, its plan and a body, and the new project; the entries are added, not put.
    assert_eq!(throws, 7);
    for (author, head) in [&one, &two, &new].into_iter().zip(heads) {
        assert_eq!(storage.head(author.id()).await, Ok(Some(head)));
    }
    uncaught.nothing().await;
}

#[wasm_bindgen_test]
async fn an_abort_that_gives_no_reason_is_a_failure_that_wrote_nothing() {
    let (storage, mut author) = storage_with_a_project(&fresh_name("aborts")).await;
    let before = Everything::of(&storage, &author).await;
    // Once all was put: not every browser is told to commit.
    let prototype = global("IDBObjectStore.prototype");
    let original = Reflect::get(&prototype, &"add".into()).unwrap();
    let kept = Replaced::value(&prototype, "addForReal", &original);
    let aborting = Replaced::function(
        &prototype,
        "add",
        "value, key",
        "queueMicrotask(() => this.transaction.abort());
            return this.addForReal(value, key);",
    );
    let committing = Replaced::function(&global("IDBTransaction.prototype"), "commit", "", "");
    let failed = storage.append(author.draft(rename("two"))).await;
    drop((committing, aborting, kept));
    match failed {
        Err(WriteError::Storage(error)) => {
            assert_eq!(
                (error.kind, error.platform),
                (StorageErrorKind::Unavailable, None)
            );
        }
        other => panic!("expected it to fail, found {other:?}"),
    }
    assert_eq!(Everything::of(&storage, &author).await, before);
    author.append(&storage, rename("two")).await;
}

#[wasm_bindgen_test]
async fn a_browser_without_commit_still_commits() {
    let (storage, mut author) = storage_with_a_project(&fresh_name("no commit")).await;
    let prototype = global("IDBTransaction.prototype");
    let nothing = Replaced::value(&prototype, "commit", &wasm_bindgen::JsValue::UNDEFINED);
    author.append(&storage, rename("two")).await;
    drop(nothing);
    assert_eq!(storage.head(author.id()).await, Ok(author.head()));
}

#[wasm_bindgen_test]
async fn an_entry_beyond_the_head_is_damage_and_stays_as_it_is() {
    let name = fresh_name("beyond");
    let (storage, mut author) = storage_with_a_project(&name).await;
    let head = author.present_head();
    author.append(&storage, rename("two")).await;
    let entries = storage.entries(author.id(), Revision::ZERO, 10).await;
    // The project's record as it was before, by a write that knows no better.
    let record = crate::indexeddb_raw::object(&[
        ("revision", 1.into()),
        ("digest", head.digest.to_string().into()),
        ("row", "{}".into()),
    ]);
    let raw = crate::indexeddb_raw::open_raw(&name, 1, &[]).await.unwrap();
    crate::indexeddb_raw::put_alone(&raw, "projects", &author.id().to_string(), &record).await;
    raw.close();

    let mut other = Author::new(author.id(), 9);
    other.follow(&author.entries()[..1]);
    match storage.append(other.draft(rename("another two"))).await {
        Err(WriteError::Storage(error)) => {
            assert_eq!(error.kind, StorageErrorKind::Corrupt, "{error}");
            assert_eq!(error.platform.unwrap().name, "ConstraintError");
        }
        other => panic!("expected it to be damaged, found {other:?}"),
    }
    assert_eq!(
        storage.entries(author.id(), Revision::ZERO, 10).await,
        entries
    );
}
