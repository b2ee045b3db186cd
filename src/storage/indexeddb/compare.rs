//! What stands before every write, in its own transaction: the store's format, the tombstone, the
//! command and the head.

use super::error::failure;
use super::format;
use super::js::{key, text};
use super::read::{head_in, revision_of, tombstone_in};
use super::schema::{BY_COMMAND, ENTRIES, FORMAT, META, PROJECTS, TOMBSTONES};
use super::transaction::Transaction;
use crate::journal::{Head, Sealed};
use crate::model::{ProjectId, Revision};
use crate::storage::{Commit, Refused, StorageError, WriteError};
use wasm_bindgen::JsValue;
use web_sys::IdbRequest;

/// What a write was decided on.
pub(super) struct Decided<'a> {
    pub(super) project: ProjectId,
    pub(super) expected: Option<Head>,
    /// The entries that it adds.
    pub(super) entries: &'a [Sealed],
    /// Whether a tombstone is in its way.
    pub(super) revives: bool,
}

impl<'a> Decided<'a> {
    pub(super) fn of(commit: &'a Commit) -> Self {
        Self {
            project: commit.project(),
            expected: commit.expected(),
            entries: commit.entries(),
            revives: commit.revives,
        }
    }
}

/// Refuses a write to another head than the one that it was decided on.
pub(super) async fn compare(
    transaction: &mut Transaction,
    project: ProjectId,
    expected: Head,
) -> Result<(), WriteError> {
    let decided = Decided {
        project,
        expected: Some(expected),
        entries: &[],
        revives: false,
    };
    let compared = compare_all(transaction, &[decided]).await;
    compared.map_err(|refused| *refused.error)
}

/// The same of several. They wait once: for the format and the heads, which are asked for together;
/// and once more if some projects aren't there, for what may be left of them.
pub(super) async fn compare_all(
    transaction: &mut Transaction,
    decided: &[Decided<'_>],
) -> Result<(), Refused> {
    let format = ask_format(transaction).map_err(unasked)?;
    let heads = ask_each(decided, |of| ask_project(transaction, of.project).map(Some))?;
    wait_for(transaction, &heads).await?;
    check_writable(&format)?;
    let mut found = Vec::with_capacity(decided.len());
    for (of, head) in decided.iter().zip(&heads) {
        let head = answer(head.as_ref())?
            .map(|record| head_in(&record, of.project))
            .transpose();
        found.push(head.map_err(|error| Refused::at(of.project, error.into()))?);
    }

    let mut heads = found.iter();
    let tombstones = ask_each(decided, |of| match heads.next() {
        Some(None) if !of.revives => {
            let tombstones = transaction.store(TOMBSTONES)?;
            tombstones.get(&text(&of.project)).map(Some)
        }
        _ => Ok(None),
    })?;
    wait_for(transaction, &tombstones).await?;
    for ((of, found), tombstone) in decided.iter().zip(found).zip(&tombstones) {
        let tombstone = answer(tombstone.as_ref())?;
        let compared = compare_one(transaction, of, found, tombstone).await;
        compared.map_err(|error| Refused::at(of.project, error))?;
    }
    Ok(())
}

async fn compare_one(
    transaction: &mut Transaction,
    of: &Decided<'_>,
    found: Option<Head>,
    tombstone: Option<JsValue>,
) -> Result<(), WriteError> {
    let (project, expected) = (of.project, of.expected);
    if let Some(tombstone) = tombstone {
        let tombstone = tombstone_in(&tombstone, project)?;
        return Err(WriteError::Removed { project, tombstone });
    }
    if found == expected {
        return Ok(());
    }
    if let Some(revision) = find_commands(transaction, project, of.entries).await? {
        return Err(WriteError::DuplicateCommand { revision });
    }
    Err(WriteError::Conflict { expected, found })
}

/// Where the first of these entries' commands stands that stands there already. All are asked for
/// at once: an import may have tens of thousands.
pub(super) async fn find_commands(
    transaction: &mut Transaction,
    project: ProjectId,
    entries: &[Sealed],
) -> Result<Option<Revision>, StorageError> {
    transaction.expect_requests(entries.len());
    let asked = ask_each(entries, |entry| {
        let index = transaction.store(ENTRIES)?.index(BY_COMMAND)?;
        let wanted = key([text(&project), text(&entry.command)]);
        index.get_key(&wanted).map(Some)
    })?;
    wait_for(transaction, &asked).await?;
    for found in &asked {
        if let Some(key) = answer(found.as_ref())? {
            return revision_of(&key).map(Some);
        }
    }
    Ok(None)
}

/// Asks something of each, where there is something to be asked.
fn ask_each<T>(
    all: &[T],
    ask: impl FnMut(&T) -> Result<Option<IdbRequest>, JsValue>,
) -> Result<Vec<Option<IdbRequest>>, StorageError> {
    let asked: Result<_, _> = all.iter().map(ask).collect();
    asked.map_err(unasked)
}

/// Waits for the answers, if anything was asked.
async fn wait_for(
    transaction: &mut Transaction,
    asked: &[Option<IdbRequest>],
) -> Result<(), StorageError> {
    match asked.iter().flatten().next_back() {
        Some(last) => transaction.answered(last).await,
        None => Ok(()),
    }
}

/// The answer to what was asked; none if nothing was, or nothing is there.
fn answer(asked: Option<&IdbRequest>) -> Result<Option<JsValue>, StorageError> {
    let Some(request) = asked else {
        return Ok(None);
    };
    let answer = request.result().map_err(unasked)?;
    Ok((!answer.is_undefined()).then_some(answer))
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

/// A program that is too old learns it here.
pub(super) fn check_writable(answered: &IdbRequest) -> Result<(), StorageError> {
    let format = format::read(&answered.result().map_err(unasked)?)?;
    if format.is_writable() {
        return Ok(());
    }
    Err(StorageError::unwritable(format.min_writer))
}

/// What was thrown before anything was put.
#[allow(clippy::needless_pass_by_value)] // it is what `map_err` gives
pub(super) fn unasked(thrown: JsValue) -> StorageError {
    failure(&thrown, "reading before the write")
}
