//! Hints between storages, and what else is said on their channel.

use super::given::{Uncaught, storage_with_a_project};
use crate::conformance::author::{Author, create, project_id, rename};
use crate::indexeddb_raw::{fresh_name, object, sleep, within};
use holdpoint::storage::{IndexedDbStorage, Storage};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::BroadcastChannel;

#[wasm_bindgen_test]
async fn a_hint_names_the_project_and_crosses_to_other_storages_on_the_same_database() {
    let name = fresh_name("hints");
    let (storage, mut author) = storage_with_a_project(&name).await;
    let beside = IndexedDbStorage::open(&name).await.unwrap();
    let elsewhere = IndexedDbStorage::open(&fresh_name("other")).await.unwrap();
    let (mut own, mut crossing, mut other) =
        (storage.changes(), beside.changes(), elsewhere.changes());

    author.append(&storage, rename("two")).await;
    let removal = author.removal();
    storage
        .remove(author.id(), author.present_head(), removal)
        .await
        .unwrap();
    for changes in [&mut own, &mut crossing] {
        for _ in ["the append", "the removal"] {
            let hint = within(5_000, changes.recv()).await;
            assert_eq!(hint, Some(Ok(Some(author.id()))));
        }
    }
    sleep(50).await;
    for changes in [&mut own, &mut crossing, &mut other] {
        assert!(changes.try_recv().is_err(), "each is told once");
    }
}

#[wasm_bindgen_test]
async fn a_hint_is_sent_even_if_the_storage_is_closed_at_once() {
    let name = fresh_name("closed at once");
    let (storage, mut author) = storage_with_a_project(&name).await;
    let beside = IndexedDbStorage::open(&name).await.unwrap();
    let mut crossing = beside.changes();
    author.append(&storage, rename("two")).await;
    storage.close();
    let hint = within(5_000, crossing.recv()).await;
    assert_eq!(hint, Some(Ok(Some(author.id()))));
}

#[wasm_bindgen_test]
async fn a_write_that_is_refused_is_not_hinted_at() {
    let (storage, author) = storage_with_a_project(&fresh_name("refused")).await;
    let mut changes = storage.changes();
    let conflict = Author::new(author.id(), 2).write(create("a conflict"));
    assert!(storage.append(conflict).await.is_err());
    sleep(50).await;
    assert!(changes.try_recv().is_err());
}

#[wasm_bindgen_test]
async fn what_others_post_on_the_channel_is_ignored() {
    let name = fresh_name("garbage");
    let (storage, mut author) = storage_with_a_project(&name).await;
    let mut changes = storage.changes();
    let mut uncaught = Uncaught::watch();
    let channel = BroadcastChannel::new(&format!("holdpoint {name}")).unwrap();
    let garbage: [JsValue; 8] = [
        JsValue::UNDEFINED,
        JsValue::NULL,
        42.into(),
        "".into(),
        "no id".into(),
        "\u{0}".into(),
        object(&[("project", project_id(1).to_string().into())]).into(),
        js_sys::Array::of1(&project_id(1).to_string().into()).into(),
    ];
    for message in &garbage {
        channel.post_message(message).unwrap();
    }
    sleep(50).await;
    assert!(changes.try_recv().is_err());
    author.append(&storage, rename("two")).await;
    assert_eq!(
        within(5_000, changes.recv()).await,
        Some(Ok(Some(author.id())))
    );

    // A storage that is gone hears nothing any more, and nothing breaks.
    drop(storage);
    channel
        .post_message(&author.id().to_string().into())
        .unwrap();
    uncaught.nothing().await;
    channel.close();
}
