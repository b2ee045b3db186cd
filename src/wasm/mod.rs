//! The face that JavaScript sees: a thin class over the engine, with plain data in and out.
//!
//! - [`Holdpoint`] is the class. Its TypeScript types are written by hand, in `types/`.
//! - What comes in is looked at whole before anything is done with it: numbers that are none,
//!   halves of surrogate pairs, class instances and fields that nobody knows are refused with
//!   their place (`border`, `plain`).
//! - What a call rejects with is an `Error` with a stable `code` and `details` (`failure`).
//! - A panic is a bug: its message goes to the console, every call that waits is rejected with it,
//!   and so is every later one (`promise`).
//!
//! Names are those of the journal and of the command line's `--json`, in snake_case.

mod asked;
mod border;
mod claim;
mod connection;
mod export;
mod failure;
mod holdpoint;
mod import;
mod in_turn;
mod log;
mod plain;
mod promise;
mod query;
mod query_form;
mod request;
mod store;
mod subscription;
mod tokens;

pub use claim::Claim;
pub use export::Export;
pub use holdpoint::Holdpoint;
pub use import::Import;
pub use log::set_log_level;
pub use subscription::Subscription;

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = concat!(
    include_str!("types/basics.ts"),
    include_str!("types/commands.ts"),
    include_str!("types/outcomes.ts"),
    include_str!("types/rows.ts"),
    include_str!("types/views.ts"),
    include_str!("types/queries.ts"),
    include_str!("types/bundles.ts"),
    include_str!("types/classes.ts"),
);

/// Runs when the module is loaded.
#[wasm_bindgen(start)]
fn start() {
    promise::report_panics();
    log::take_warnings();
}
