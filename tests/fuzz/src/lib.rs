//! What is fuzzed: for each target a function that takes bytes and panics if something is not as
//! it has to be. libFuzzer calls them (`fuzz_targets/`), and so does an ordinary test
//! (`tests/fuzz_corpus.rs`), with the same files and with mutations of its own.
//!
//! - [`entry`]: an entry's stored text, read and applied to a state.
//! - [`snapshot`]: a snapshot's stored text.
//! - [`bundle`]: a bundle that comes in pieces, imported and exported again.
//! - [`trajectory`]: a file of SWE-agent, imported and played.
//! - [`command`]: a command or a query as JavaScript gives it.
//! - [`commands`]: commands one after the other, against the naive model of `tests/model_based`.

pub mod bundle;
pub mod command;
pub mod commands;
pub mod entry;
mod fixtures;
pub mod mutate;
pub mod snapshot;
pub mod trajectory;
