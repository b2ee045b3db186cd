//! What stands before every write, in its own transaction: the store's format, the tombstone, the
//! command and the head.

use super::error::failure;
use super::format;
use super::js::{key, text};
use super::read::{head_in, revision_of, tombstone_in};
use super::schema::{BY_COMMAND, ENTRIES, FORMAT, META, PROJECTS, TOMBSTONES};
use super::transaction::Transaction;
use crate::journal::format::StoreFormat;
use crate::journal::{Head, Sealed};
use crate::model::ProjectId;
use crate::storage::{StorageError, StorageErrorKind, WriteError};
use wasm_bindgen::JsValue;
use web_sys::IdbRequest;

/// Refuses a write to another head than the one that it was decided on. An append that meets it
/// has waited once: for the format and the head, which were asked for together.
pub(super) async fn compare(
    transaction: &mut Transaction,
    project: ProjectId,
    expected: Option<Head>,
    entries: &[Sealed],
) -> Result<(), WriteError> {
    let format = ask_format(transaction).map_err(unasked)?;
    let record = ask_project(transaction, project).map_err(unasked)?;
    transaction.answered(&record).await?;
    check_writable(&format)?;
    let record = record.result().map_err(unasked)?;
    let found = (!record.is_undefined())
        .then(|| head_in(&record, project))
        .transpose()?;
    if found.is_none() {
        let asked = transaction
            .store(TOMBSTONES)
            .and_then(|tombstones| tombstones.get(&text(&project)));
        let tombstone = answer(transaction, asked).await?;
        if !tombstone.is_undefined() {
            let tombstone = tombstone_in(&tombstone, project)?;
            return Err(WriteError::Removed { project, tombstone });
        }
    }
    if found == expected {
        return Ok(());
    }
    for entry in entries {
        let wanted = key([text(&project), text(&entry.command)]);
        let asked = transaction
            .store(ENTRIES)
            .and_then(|entries| entries.index(BY_COMMAND)?.get_key(&wanted));
        let there = answer(transaction, asked).await?;
        if !there.is_undefined() {
            let revision = revision_of(&there)?;
            return Err(WriteError::DuplicateCommand { revision });
        }
    }
    Err(WriteError::Conflict { expected, found })
}

/// Asks what the store says of itself.
pub(super) fn ask_format(transaction: &Transaction) -> Result<IdbRequest, JsValue> {
    transaction.store(META)?.get(&FORMAT.into())
}

/// Asks for a project's record.
pub(super) fn ask_project(
    transaction: &Transaction,
    project: ProjectId,
) -> Result<IdbRequest, JsValue> {
    transaction.store(PROJECTS)?.get(&text(&project))
}

/// The answer to one question.
async fn answer(
    transaction: &mut Transaction,
    asked: Result<IdbRequest, JsValue>,
) -> Result<JsValue, StorageError> {
    let request = asked.map_err(unasked)?;
    transaction.answered(&request).await?;
    request.result().map_err(unasked)
}

/// A program that is too old learns it here.
pub(super) fn check_writable(answered: &IdbRequest) -> Result<(), StorageError> {
    let format = format::read(&answered.result().map_err(unasked)?)?;
    if format.is_writable() {
        return Ok(());
    }
    Err(StorageError::new(
        StorageErrorKind::TooNew,
        format!(
            "expected a store that programs of format {} can write to, found one for {} and later",
            StoreFormat::CURRENT.format,
            format.min_writer
        ),
    ))
}

/// What was thrown before anything was put.
#[allow(clippy::needless_pass_by_value)] // it is what `map_err` gives
pub(super) fn unasked(thrown: JsValue) -> StorageError {
    failure(&thrown, "reading before the write")
}
