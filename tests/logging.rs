//! What the engine logs through `tracing`, natively: at which level, and that no text is among it.
#![cfg(all(feature = "tracing", not(target_family = "wasm")))]
#![forbid(unsafe_code)]

mod support;

// The block is what makes the files stand in tests/logging/.
mod logging {
    mod captured;
    mod levels;
    mod marked;
    mod texts;
}
