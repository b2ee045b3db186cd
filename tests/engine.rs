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
    mod cases;
    mod observe;

    mod clock;
    #[cfg(not(target_family = "wasm"))] // needs threads
    mod concurrency;
    mod damage;
    mod faults;
    mod lists;
    mod notices;
    mod notices_lost;
    mod reading;
    mod repeats;
    mod snapshots;
    mod stale;
    mod too_new;
}
