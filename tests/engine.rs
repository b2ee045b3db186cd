//! The engine, from outside: what it tells, what it remembers, what it survives.
//!
//! Each test is named for the behaviour and begins with the row of the requirements that it shows.
//! Where the storage could make a difference, it runs on memory and on SQLite; in a browser on
//! memory, as far as it needs no threads.
#![forbid(unsafe_code)]

mod support;

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

// The block is what makes the files stand in tests/engine/.
mod engine {
    #[macro_use]
    mod given;
    mod author;
    mod bundles;
    mod cases;
    mod observe;

    mod clock;
    #[cfg(not(target_family = "wasm"))] // needs threads
    mod concurrency;
    mod corrections;
    mod damage;
    mod faults;
    mod forks;
    mod history;
    mod lease_faults;
    mod leases;
    #[cfg(any(feature = "cli", feature = "wasm"))] // where there are views
    mod listed;
    mod lists;
    #[cfg(not(target_family = "wasm"))] // makes thousands of entries first
    mod many;
    mod notices;
    mod notices_lost;
    mod reading;
    mod redactions;
    mod remembered;
    mod repeats;
    mod retention;
    mod snapshots;
    mod stale;
    #[cfg(any(feature = "cli", feature = "wasm"))] // where there are views
    mod statistics;
    mod too_new;
    mod unreadable;
}
