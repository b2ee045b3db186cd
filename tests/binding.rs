//! The class that JavaScript sees, driven as JavaScript drives it: plain objects in, promises of
//! plain objects out. On memory and on IndexedDB, in a real browser.
#![cfg(all(feature = "wasm", target_family = "wasm"))]
#![forbid(unsafe_code)]

// The block is what makes the files stand in tests/binding/.
mod binding {
    #[macro_use]
    mod given;
    mod refusals;
    mod types;

    mod approvals;
    mod bad_requests;
    mod bad_values;
    mod bundles;
    mod claims;
    mod commands;
    mod connections;
    mod context;
    mod errors;
    mod leaks;
    mod listening;
    mod logging;
    mod opening;
    mod overlapping;
    mod past;
    mod queries;
    mod retention;
    mod tokens;
    mod trajectories;
}

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
