//! The IndexedDB database of the first release, as a dump of all its object stores.

use super::opened::opens_and_goes_on;
use super::story::tell;
use holdpoint::storage::IndexedDbStorage;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::{console_log, wasm_bindgen_test};

const DUMP: &str = include_str!("../fixtures/v1/indexeddb.json");

#[wasm_bindgen(module = "/tests/support/indexeddb_dump.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn dump(name: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn load(name: &str, dump: &str) -> Result<JsValue, JsValue>;
}

async fn contents(name: &str) -> String {
    let dumped = dump(name).await.expect("it can be read");
    dumped.as_string().expect("a text")
}

/// A database as it was then: its schema is made by nothing of today's.
async fn loaded() -> String {
    let name = format!("fixture {}", js_sys::Math::random());
    load(&name, DUMP).await.expect("it can be made");
    name
}

#[wasm_bindgen_test]
async fn r51_an_indexeddb_database_of_the_first_release_opens_is_sound_and_goes_on() {
    let name = loaded().await;
    assert_eq!(contents(&name).await, DUMP, "it is as it was");
    let storage = IndexedDbStorage::open(&name).await.expect("it opens");
    Box::pin(opens_and_goes_on(storage)).await;
}

#[wasm_bindgen_test]
async fn r51_opening_an_indexeddb_database_of_this_version_changes_nothing_in_it() {
    let name = loaded().await;
    for _ in 0..2 {
        drop(IndexedDbStorage::open(&name).await.expect("it opens"));
        assert_eq!(contents(&name).await, DUMP);
    }
}

/// Says the dump line by line; `scripts/write-fixtures.sh` makes a file of it.
#[wasm_bindgen_test]
#[ignore = "writes fixtures"]
async fn write_the_fixture_of_an_indexeddb_database() {
    assert_eq!(DUMP, "", "indexeddb.json is never edited");
    let name = format!("to be a fixture {}", js_sys::Math::random());
    let storage = IndexedDbStorage::open(&name).await.expect("it opens");
    drop(Box::pin(tell(storage)).await);
    for line in contents(&name).await.lines() {
        console_log!("fixture: {line}");
    }
}
