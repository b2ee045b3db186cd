//! What is logged of an engine's work, at a level: commands done at INFO, reads, loads, snapshots,
//! conflicts and refusals at DEBUG, failures at ERROR.
//!
//! Kinds, ids, counts and codes only, by the types of what is handed in. Never a text that a caller
//! gave or a storage said: nothing here takes one.
//!
//! Natively it goes through `tracing`, if the feature of that name is on. In a browser the binding
//! logs the calls that it gets, to the console; none of this is in the module.

#[cfg(not(all(feature = "tracing", not(target_family = "wasm"))))]
#[path = "nowhere.rs"]
mod imp;
#[cfg(all(feature = "tracing", not(target_family = "wasm")))]
#[path = "through_tracing.rs"]
mod imp;

pub(crate) use imp::{did_not, done, loaded, opened, read, snapshot_saved, tried_again};
