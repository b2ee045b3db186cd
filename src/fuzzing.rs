//! What JavaScript gives, read natively as the module for browsers reads it: for fuzzing
//! (`tests/fuzz`), which has no browser. Not a part of the library; it may change at any time.
//!
//! The forms are the very files of the module. What comes before them there, the walk over
//! JavaScript's values, ends in the JSON text that is given here.

#[path = "wasm/asked.rs"]
mod asked;
#[path = "wasm/query_form.rs"]
mod query_form;

use crate::machine::Command;
use crate::model::{InvalidInput, from_json, misread};
use serde::de::DeserializeOwned;

/// JSON as what it is expected to be.
///
/// # Errors
/// [`InvalidInput`] says where something else was found.
pub fn read<T: DeserializeOwned>(name: &'static str, json: &str) -> Result<T, InvalidInput> {
    from_json(json).map_err(|error| misread(name, json, &error))
}

/// `Request` of the module's types: its command.
///
/// # Errors
/// As [`read`].
pub fn request(json: &str) -> Result<Command, InvalidInput> {
    read("request", json).map(|asked: asked::Asked| asked.command)
}

/// `Query` of the module's types.
///
/// # Errors
/// As [`read`].
pub fn query(json: &str) -> Result<(), InvalidInput> {
    read("query", json).map(|_: query_form::Query| ())
}
