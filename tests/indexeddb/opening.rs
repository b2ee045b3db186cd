//! What stands in the way of an opening, and that it leaves no trace then.

use super::given::{Replaced, delete, exists, global, refused, storage_with_a_project, works};
use crate::indexeddb_raw::{
    Events, factory, fresh_name, get_alone, open_raw, put_alone, rexie_with, text,
};
use holdpoint::storage::{IndexedDbOptions, IndexedDbStorage, Storage, StorageErrorKind};
use std::time::Duration;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn a_browser_without_indexeddb_is_unavailable() {
    let name = fresh_name("unavailable");
    let window = global("window");
    let nothing = Replaced::value(&window, "indexedDB", &wasm_bindgen::JsValue::UNDEFINED);
    let said = refused(
        IndexedDbStorage::open(&name).await,
        StorageErrorKind::Unavailable,
    );
    assert_eq!(said.platform, None);
    drop(nothing);
    works(&IndexedDbStorage::open(&name).await.unwrap(), 1).await;
}

#[wasm_bindgen_test]
async fn a_browser_that_refuses_indexeddb_is_unavailable_and_its_words_are_kept() {
    let window = global("window");
    for name in ["SecurityError", "InvalidStateError", "UnknownError"] {
        let throw = format!("throw new DOMException('said by the test', '{name}')");
        let at_open = Replaced::function(&global("IDBFactory.prototype"), "open", "", &throw);
        let at_open_said = IndexedDbStorage::open("refused").await;
        drop(at_open);
        let at_the_getter = Replaced::getter(&window, "indexedDB", &throw);
        let at_the_getter_said = IndexedDbStorage::open("refused").await;
        drop(at_the_getter);
        for said in [at_open_said, at_the_getter_said] {
            let said = refused(said, StorageErrorKind::Unavailable);
            let platform = said.platform.unwrap();
            assert_eq!(platform.name, name);
            assert_eq!(platform.message, "said by the test");
        }
    }
    assert!(!exists("refused").await);
}

#[wasm_bindgen_test]
async fn a_database_of_another_program_is_left_alone() {
    for version in [1, 7] {
        let name = fresh_name("foreign");
        let theirs = open_raw(&name, version, &["meta data", "entries"])
            .await
            .unwrap();
        put_alone(&theirs, "entries", "k", &text("theirs")).await;
        for _ in 0..2 {
            let opened = IndexedDbStorage::open(&name).await;
            refused(opened, StorageErrorKind::NotAStore);
        }
        // Nor is it held open: its owner can upgrade it.
        theirs.close();
        let theirs = open_raw(&name, version + 1, &[]).await.unwrap();
        assert_eq!(theirs.object_store_names().length(), 2);
        assert_eq!(get_alone(&theirs, "entries", "k").await, text("theirs"));
        theirs.close();
        delete(&name).await;
    }
}

#[wasm_bindgen_test]
async fn a_database_of_a_newer_version_is_too_new_and_left_alone() {
    let name = fresh_name("newer");
    let (storage, author) = storage_with_a_project(&name).await;
    drop(storage);
    let newer = open_raw(&name, 2, &["of the next version"]).await.unwrap();
    newer.close();
    let said = refused(
        IndexedDbStorage::open(&name).await,
        StorageErrorKind::TooNew,
    );
    assert!(said.message.contains("found version 2"), "{said}");
    assert_eq!(said.platform.unwrap().name, "VersionError");

    let newer = open_raw(&name, 2, &[]).await.unwrap();
    assert_eq!(newer.object_store_names().length(), 10);
    let record = get_alone(&newer, "projects", &author.id().to_string()).await;
    assert!(record.is_object());
    newer.close();
}

#[wasm_bindgen_test]
async fn an_opening_that_waits_for_others_is_blocked_and_nothing_comes_of_it_later() {
    let name = fresh_name("blocked");
    let holder = open_raw(&name, 1, &["s"]).await.unwrap();
    let deletion = factory().delete_database(&name).unwrap();
    let mut deleted = Events::of(&deletion, &["blocked", "success"]);
    assert_eq!(deleted.next().await, "blocked");

    let mut options = IndexedDbOptions::default();
    options.patience = Duration::from_millis(50);
    let opened = IndexedDbStorage::open_with(&name, &options).await;
    refused(opened, StorageErrorKind::Blocked);

    // The request that was given up comes to its turn now, and makes nothing.
    holder.close();
    assert_eq!(deleted.next().await, "success");
    crate::indexeddb_raw::sleep(100).await;
    assert!(!exists(&name).await);
    works(&IndexedDbStorage::open(&name).await.unwrap(), 1).await;
    delete(&name).await;
}

/// What the schema is made of.
const STORES: [&str; 9] = [
    "meta",
    "projects",
    "entries",
    "plans",
    "checkpoints",
    "blobs",
    "snapshots",
    "leases",
    "tombstones",
];

#[wasm_bindgen_test]
async fn a_database_that_was_made_without_its_format_is_completed() {
    // What is left when it is deleted between the two openings: rexie's opening makes it anew.
    let name = fresh_name("half made");
    rexie_with(&name, 1, &STORES).await.unwrap().close();
    let storage = IndexedDbStorage::open(&name).await.unwrap();
    assert_eq!(storage.journals(None, 10).await, Ok(vec![]));
    let raw = open_raw(&name, 1, &[]).await.unwrap();
    assert!(get_alone(&raw, "meta", "format").await.is_object());
    raw.close();
}

#[wasm_bindgen_test]
async fn several_openings_at_once_make_one_store() {
    let name = fresh_name("at once");
    let open = || IndexedDbStorage::open(&name);
    let (one, two) = crate::indexeddb_raw::both(open(), open()).await;
    works(&one.unwrap(), 1).await;
    works(&two.unwrap(), 2).await;
}
