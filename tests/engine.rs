//! The engine, from outside: what it tells, what it remembers, what it survives.
//!
//! Each test is named for the behaviour and begins with the row of the requirements that it shows.
//! Where the storage could make a difference, it runs on memory and on SQLite.
#![cfg(not(target_family = "wasm"))]
#![forbid(unsafe_code)]

mod support;

// The block is what makes the files stand in tests/engine/.
mod engine {
    #[macro_use]
    mod given;
    mod author;
    mod cases;
    mod observe;

    mod clock;
    mod concurrency;
    mod damage;
    mod faults;
    mod lists;
    mod notices;
    mod notices_lost;
    mod reading;
    mod repeats;
    mod snapshots;
    mod too_new;
}
