//! The contract, shown on IndexedDB in a real browser, and what only IndexedDB has to show.
#![cfg(all(feature = "indexeddb", target_family = "wasm"))]
#![forbid(unsafe_code)]

#[macro_use]
mod conformance;
#[allow(dead_code)] // Each test uses the part of it that it needs.
#[path = "support/indexeddb_raw.rs"]
mod indexeddb_raw;
mod support;

// The block is what makes the files stand in tests/indexeddb/.
mod indexeddb {
    mod closing;
    mod damage;
    mod dropping;
    mod evicted;
    mod given;
    mod hints;
    mod long;
    mod notices;
    mod opening;
    mod racing;
    mod turns;
    mod workers;
    mod writing;
}

use conformance::Harness;
use holdpoint::journal::format::StoreFormat;
use holdpoint::storage::{IndexedDbStorage, StorageError};
use indexeddb_raw::{fresh_name, object, open_raw, put_alone};

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

struct Indexed(String);

impl Harness for Indexed {
    type Storage = IndexedDbStorage;

    async fn new() -> Self {
        Self(fresh_name("conformance"))
    }

    async fn open(&self) -> Result<IndexedDbStorage, StorageError> {
        IndexedDbStorage::open(&self.0).await
    }

    async fn set_format(&self, format: StoreFormat) {
        let record = object(&[
            ("format", format.format.into()),
            ("min_reader", format.min_reader.into()),
            ("min_writer", format.min_writer.into()),
        ]);
        let database = open_raw(&self.0, 1, &[]).await.unwrap();
        let put = put_alone(&database, "meta", "format", &record).await;
        assert_eq!(put, "complete");
        database.close();
    }
}

conformance!(Indexed);
