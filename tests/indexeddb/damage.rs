//! Records that no program writes like this: they are handed out or named, never met with a panic.

use super::given::storage_with_a_project;
use crate::conformance::author::{Author, create_plan, project_id, rename};
use crate::indexeddb_raw::{finished, fresh_name, object, open_raw, store_of};
use holdpoint::engine::Engine;
use holdpoint::model::{ErrorCode, Revision};
use holdpoint::storage::{IndexedDbStorage, RowKind, RowQuery, Storage, StorageErrorKind};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::IdbTransactionMode;

/// What may stand where something else should.
fn oddities() -> Vec<JsValue> {
    vec![
        JsValue::NULL,
        JsValue::TRUE,
        (-1.5).into(),
        f64::INFINITY.into(),
        "text".into(),
        Array::new().into(),
        object(&[]).into(),
        Uint8Array::from([0xff, 0xfe].as_slice()).into(),
    ]
}

async fn put(name: &str, store: &str, key: &JsValue, value: &JsValue) {
    let raw = open_raw(name, 1, &[]).await.unwrap();
    let transaction = raw
        .transaction_with_str_and_mode(store, IdbTransactionMode::Readwrite)
        .unwrap();
    let request = store_of(&transaction, store)
        .put_with_key(value, key)
        .unwrap();
    finished(&request).await.unwrap();
    raw.close();
}

fn key(author: &Author, second: impl Into<JsValue>) -> JsValue {
    Array::of2(&author.id().to_string().into(), &second.into()).into()
}

#[wasm_bindgen_test]
async fn damaged_entries_are_handed_out_under_their_revisions() {
    let name = fresh_name("damaged entries");
    let (storage, mut author) = storage_with_a_project(&name).await;
    for text in ["two", "three"] {
        author.append(&storage, rename(text)).await;
    }
    for odd in oddities() {
        put(&name, "entries", &key(&author, 2), &odd).await;
        let entries = storage
            .entries(author.id(), Revision::ZERO, 10)
            .await
            .unwrap();
        let revisions: Vec<_> = entries.iter().map(|entry| entry.revision.get()).collect();
        assert_eq!(revisions, [1, 2, 3], "{odd:?}");
        assert_eq!(
            (&entries[0], &entries[2]),
            (&author.entries()[0], &author.entries()[2])
        );
        let opened = entries[1].open().unwrap_err();
        assert_eq!(opened.code(), ErrorCode::Corrupt, "{odd:?}");
    }
    let engine = Engine::open(storage, "ana".parse().unwrap()).await.unwrap();
    let report = engine.verify(author.id()).await.unwrap();
    assert!(!report.findings.is_empty());
}

#[wasm_bindgen_test]
async fn damaged_snapshots_are_handed_out_and_damaged_bodies_named() {
    let name = fresh_name("damaged values");
    let storage = IndexedDbStorage::open(&name).await.unwrap();
    let author = Author::furnish(&storage, project_id(1), 1).await;
    let snapshot = storage.snapshot(author.id(), Revision::MAX).await.unwrap();
    let snapshot = snapshot.expect("one was saved");
    let body = author.bodies()[0];
    for odd in oddities() {
        let broken = object(&[
            ("digest", snapshot.digest.to_string().into()),
            ("text", odd.clone()),
        ]);
        for record in [&odd, broken.as_ref()] {
            let number: f64 = i32::try_from(snapshot.revision.get()).unwrap().into();
            put(&name, "snapshots", &key(&author, number), record).await;
            let found = storage.snapshot(author.id(), Revision::MAX).await.unwrap();
            let found = found.expect("it is there");
            assert_eq!(found.revision, snapshot.revision);
            assert!(found.open(author.id()).is_err(), "{record:?}");
        }
        if is_bytes_or_null(&odd) {
            continue;
        }
        put(&name, "blobs", &key(&author, body.to_string()), &odd).await;
        let read = storage.blob(author.id(), body).await.unwrap_err();
        assert_eq!(read.kind, StorageErrorKind::Corrupt, "{odd:?}");
    }
}

#[wasm_bindgen_test]
async fn damaged_heads_and_rows_are_corrupt_and_rows_can_be_made_anew() {
    let name = fresh_name("damaged rows");
    let (storage, mut author) = storage_with_a_project(&name).await;
    author.append(&storage, create_plan("a plan", 1)).await;
    let id = author.id();
    let plan = |row: &str| {
        object(&[
            ("project", id.to_string().into()),
            ("number", 1.into()),
            ("plan", author.plan().to_string().into()),
            ("row", row.into()),
        ])
    };
    for row in ["", "{}", "null", "[", r#"{"project":1}"#] {
        put(&name, "plans", &key(&author, 1), &plan(row)).await;
        let listed = storage.rows(RowQuery::of(RowKind::Plans, 10)).await;
        assert_eq!(listed.unwrap_err().kind, StorageErrorKind::Corrupt, "{row}");
    }
    let engine = Engine::open(storage, "ana".parse().unwrap()).await.unwrap();
    engine.reindex(id).await.unwrap();
    let storage = IndexedDbStorage::open(&name).await.unwrap();
    let listed = storage
        .rows(RowQuery::of(RowKind::Plans, 10))
        .await
        .unwrap();
    assert_eq!(listed.rows.len(), 1);

    for odd in oddities().into_iter().filter(|odd| !odd.is_null()) {
        put(&name, "projects", &id.to_string().into(), &odd).await;
        let head = storage.head(id).await;
        assert_eq!(head.unwrap_err().kind, StorageErrorKind::Corrupt, "{odd:?}");
        assert_eq!(storage.journals(None, 10).await, Ok(vec![id]));
    }
}

/// To rexie, null is no record.
fn is_bytes_or_null(value: &JsValue) -> bool {
    value.is_null() || value.is_instance_of::<Uint8Array>()
}
