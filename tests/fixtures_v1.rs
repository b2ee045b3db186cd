//! What the first released program wrote opens for ever: entries, snapshots, a SQLite store, an
//! IndexedDB database, a bundle. (Rows R31, R32, R51.)
//!
//! `tests/fixtures/v1/README.md` says how these files were made, and that they are never edited.
#![forbid(unsafe_code)]

// The block is what makes the files stand in tests/fixtures_v1/. Where there is neither of these
// storages, little of them is used.
#[cfg_attr(
    not(any(feature = "sqlite", all(feature = "indexeddb", target_family = "wasm"))),
    allow(dead_code)
)]
mod fixtures_v1 {
    mod bundle;
    mod entries;
    #[cfg(all(feature = "indexeddb", target_family = "wasm"))]
    mod indexeddb;
    mod opened;
    #[cfg(feature = "sqlite")]
    mod sqlite;
    mod story;
    mod written;
}

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
