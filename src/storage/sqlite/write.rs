//! Writing: each function is one transaction, which compares before it changes anything.

use super::error::{commit_error, storage_error};
use super::{delay, erase, open, read, row_tables};
use crate::journal::format::StoreFormat;
use crate::journal::{Head, Sealed, Snapshot};
use crate::machine::CommandStamp;
use crate::model::{PlanId, ProjectId};
use crate::storage::{
    Commit, Epoch, Lease, LeaseError, Refused, RowChanges, StorageError, StorageErrorKind,
    WriteError,
};
use rusqlite::ffi::ErrorCode;
use rusqlite::{Connection, Params, Transaction, TransactionBehavior};
use std::slice;

/// Every table that holds something of a project.
const TABLES: [&str; 7] = [
    "entries",
    "plans",
    "checkpoints",
    "blobs",
    "snapshots",
    "leases",
    "projects",
];

pub(super) fn append(connection: &mut Connection, commit: &Commit) -> Result<Head, WriteError> {
    append_all(connection, slice::from_ref(commit)).map_err(|refused| *refused.error)?;
    Ok(commit.head())
}

pub(super) fn append_all(
    connection: &mut Connection,
    commits: &[Commit],
) -> Result<Vec<Head>, Refused> {
    if !commits.iter().any(drops) {
        return append_commits(connection, commits);
    }
    erase::write_over(connection, true)?;
    let appended = append_commits(connection, commits);
    // Left on it would cost a little time, and nothing is to be told of that.
    let _ = erase::write_over(connection, false);
    if appended.is_ok() {
        erase::catch_up(connection);
    }
    appended
}

/// Whether something goes for good with it.
fn drops(commit: &Commit) -> bool {
    !commit.drop_blobs.is_empty()
}

fn append_commits(connection: &mut Connection, commits: &[Commit]) -> Result<Vec<Head>, Refused> {
    let transaction = begin(connection)?;
    for commit in commits {
        append_entries(&transaction, commit)
            .map_err(|error| Refused::at(commit.project(), error))?;
    }
    if commits.iter().any(drops) {
        erase::mark(&transaction)?;
    }
    delay::pass();
    transaction.commit().map_err(commit_error)?;
    delay::pass();
    Ok(commits.iter().map(Commit::head).collect())
}

fn append_entries(transaction: &Transaction<'_>, commit: &Commit) -> Result<(), WriteError> {
    let project = commit.project();
    let id = project.to_string();
    if commit.revives {
        execute(
            transaction,
            "DELETE FROM tombstones WHERE project = ?1",
            [&id],
        )?;
    }
    compare(transaction, project, commit.expected(), Some(commit))?;
    for entry in commit.entries() {
        insert(transaction, commit, entry)?;
        delay::begun();
    }
    for blob in &commit.blobs {
        execute(
            transaction,
            "INSERT INTO blobs (project, digest, body) VALUES (?1, ?2, ?3)
             ON CONFLICT (project, digest) DO NOTHING",
            (&id, blob.digest(), blob.bytes()),
        )?;
    }
    for digest in &commit.drop_blobs {
        execute(
            transaction,
            "DELETE FROM blobs WHERE project = ?1 AND digest = ?2",
            (&id, digest),
        )?;
    }
    Ok(row_tables::write(transaction, commit.head(), &commit.rows)?)
}

fn insert(
    transaction: &Transaction<'_>,
    commit: &Commit,
    entry: &Sealed,
) -> Result<(), WriteError> {
    let inserted = transaction
        .prepare_cached(
            "INSERT INTO entries (project, revision, command, prev, digest, text)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )
        .and_then(|mut statement| {
            statement.execute((
                commit.project().to_string(),
                entry.revision,
                entry.command.to_string(),
                entry.prev,
                entry.digest,
                &*entry.text,
            ))
        });
    let Err(error) = inserted else {
        return Ok(());
    };
    if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) {
        let found = read::find_command(transaction, commit.project(), entry.command)?;
        if let Some(revision) = found {
            return Err(WriteError::DuplicateCommand { revision });
        }
        // The head says that there is no such entry, and there is one.
        let mut corrupt = storage_error(error, "writing an entry after the head");
        corrupt.kind = StorageErrorKind::Corrupt;
        return Err(corrupt.into());
    }
    Err(storage_error(error, "writing to the store").into())
}

pub(super) fn save_snapshot(
    connection: &mut Connection,
    project: ProjectId,
    snapshot: &Snapshot,
) -> Result<bool, StorageError> {
    let transaction = begin(connection)?;
    if read::head(&transaction, project)?.is_none() {
        return Ok(false);
    }
    execute(
        &transaction,
        "INSERT INTO snapshots (project, revision, digest, text) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (project, revision) DO UPDATE SET digest = excluded.digest, text = excluded.text",
        (project.to_string(), snapshot.revision, snapshot.digest, &*snapshot.text),
    )?;
    transaction.commit().map_err(commit_error)?;
    Ok(true)
}

pub(super) fn write_rows(
    connection: &mut Connection,
    project: ProjectId,
    at: Head,
    rows: &RowChanges,
) -> Result<(), WriteError> {
    let transaction = begin(connection)?;
    compare(&transaction, project, Some(at), None)?;
    for table in ["plans", "checkpoints"] {
        let sql = format!("DELETE FROM {table} WHERE project = ?1");
        execute(&transaction, &sql, [project.to_string()])?;
    }
    row_tables::write(&transaction, at, rows)?;
    Ok(transaction.commit().map_err(commit_error)?)
}

pub(super) fn swap_lease(
    connection: &mut Connection,
    project: ProjectId,
    plan: PlanId,
    expected: Option<Epoch>,
    lease: &Lease,
) -> Result<(), LeaseError> {
    let transaction = begin(connection)?;
    if read::head(&transaction, project)?.is_none() {
        return Err(LeaseError::NoProject);
    }
    let found = read::lease(&transaction, project, plan)?;
    if found.as_ref().map(|lease| lease.epoch) != expected {
        return Err(LeaseError::Conflict { expected, found });
    }
    execute(
        &transaction,
        "INSERT INTO leases (project, plan, epoch, text) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (project, plan) DO UPDATE SET epoch = excluded.epoch, text = excluded.text",
        (
            project.to_string(),
            plan.to_string(),
            lease.epoch.0.cast_signed(),
            &*lease.text,
        ),
    )?;
    Ok(transaction.commit().map_err(commit_error)?)
}

pub(super) fn remove(
    connection: &mut Connection,
    project: ProjectId,
    expected: Head,
    command: CommandStamp,
) -> Result<(), WriteError> {
    let transaction = begin(connection)?;
    compare(&transaction, project, Some(expected), None)?;
    for table in TABLES {
        let sql = format!("DELETE FROM {table} WHERE project = ?1");
        execute(&transaction, &sql, [project.to_string()])?;
    }
    execute(
        &transaction,
        "INSERT INTO tombstones (project, command, command_digest, revision, digest)
         VALUES (?1, ?2, ?3, ?4, ?5)",
        (
            project.to_string(),
            command.id.to_string(),
            command.digest,
            expected.revision,
            expected.digest,
        ),
    )?;
    erase::mark(&transaction)?;
    transaction.commit().map_err(commit_error)?;
    erase::catch_up_if_small(connection);
    Ok(())
}

/// Takes the write lock at once: a transaction that read first and wanted to write then would
/// fail if another had written meanwhile. A program that is too old learns it here.
fn begin(connection: &mut Connection) -> Result<Transaction<'_>, StorageError> {
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(|error| storage_error(error, "beginning to write"))?;
    let min_writer = open::meta(&transaction, "min_writer")?;
    let format = StoreFormat {
        min_writer,
        ..StoreFormat::CURRENT
    };
    if format.is_writable() {
        return Ok(transaction);
    }
    Err(StorageError::unwritable(min_writer))
}

/// Refuses a write to another head than the one that it was decided on.
fn compare(
    transaction: &Transaction<'_>,
    project: ProjectId,
    expected: Option<Head>,
    commit: Option<&Commit>,
) -> Result<(), WriteError> {
    let found = read::head(transaction, project)?;
    if found.is_none()
        && let Some(tombstone) = read::tombstone(transaction, project)?
    {
        return Err(WriteError::Removed { project, tombstone });
    }
    if found == expected {
        // A command that is there already meets the unique index when its entry is inserted.
        return Ok(());
    }
    if let Some(duplicate) = duplicate(transaction, commit)? {
        return Err(duplicate);
    }
    Err(WriteError::Conflict { expected, found })
}

/// Whether the journal holds an entry of one of the commit's commands.
fn duplicate(
    transaction: &Transaction<'_>,
    commit: Option<&Commit>,
) -> Result<Option<WriteError>, StorageError> {
    let Some(commit) = commit else {
        return Ok(None);
    };
    for entry in commit.entries() {
        if let Some(revision) = read::find_command(transaction, commit.project(), entry.command)? {
            return Ok(Some(WriteError::DuplicateCommand { revision }));
        }
    }
    Ok(None)
}

/// Runs one statement that writes.
pub(super) fn execute(
    transaction: &Transaction<'_>,
    sql: &str,
    params: impl Params,
) -> Result<(), StorageError> {
    transaction
        .prepare_cached(sql)
        .and_then(|mut statement| statement.execute(params))
        .map_err(|error| storage_error(error, "writing to the store"))?;
    Ok(())
}
