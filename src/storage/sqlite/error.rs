//! SQLite's failures in the storage's words.

use crate::storage::{PlatformError, StorageError, StorageErrorKind};
use rusqlite::ffi::ErrorCode;

/// What failed, while doing what.
#[allow(clippy::needless_pass_by_value)] // it is what `map_err` gives
pub(super) fn storage_error(error: rusqlite::Error, doing: &str) -> StorageError {
    StorageError {
        kind: kind(&error),
        message: format!("expected {doing} to succeed, found that SQLite refused it"),
        platform: Some(platform(&error)),
    }
}

fn kind(error: &rusqlite::Error) -> StorageErrorKind {
    /// The file that the connections share could not be made large enough.
    const SQLITE_IOERR_SHMSIZE: i32 = 4874;
    if result_code(error).is_some_and(|error| error.extended_code == SQLITE_IOERR_SHMSIZE) {
        return StorageErrorKind::QuotaExceeded;
    }
    match result_code(error).map(|error| error.code) {
        Some(ErrorCode::DiskFull) => StorageErrorKind::QuotaExceeded,
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StorageErrorKind::Blocked,
        Some(ErrorCode::DatabaseCorrupt) => StorageErrorKind::Corrupt,
        Some(ErrorCode::NotADatabase) => StorageErrorKind::NotAStore,
        // The statements are right, so it is the schema that isn't what it was.
        Some(ErrorCode::Unknown) => StorageErrorKind::Corrupt,
        // A value of another type or form than any program writes.
        None => StorageErrorKind::Corrupt,
        Some(_) => StorageErrorKind::Unavailable,
    }
}

/// What SQLite returned, if it was SQLite.
const fn result_code(error: &rusqlite::Error) -> Option<&rusqlite::ffi::Error> {
    match error {
        rusqlite::Error::SqliteFailure(error, _) | rusqlite::Error::SqlInputError { error, .. } => {
            Some(error)
        }
        _ => None,
    }
}

fn platform(error: &rusqlite::Error) -> PlatformError {
    match result_code(error) {
        Some(code) => PlatformError {
            name: name(code.extended_code),
            message: error.to_string(),
        },
        None => PlatformError {
            name: "rusqlite".to_owned(),
            message: error.to_string(),
        },
    }
}

/// The name of a primary result code (<https://www.sqlite.org/rescode.html>), with the number of
/// the extended one where it says more.
fn name(extended: i32) -> String {
    let name = match extended & 0xff {
        1 => "SQLITE_ERROR",
        3 => "SQLITE_PERM",
        5 => "SQLITE_BUSY",
        6 => "SQLITE_LOCKED",
        7 => "SQLITE_NOMEM",
        8 => "SQLITE_READONLY",
        10 => "SQLITE_IOERR",
        11 => "SQLITE_CORRUPT",
        13 => "SQLITE_FULL",
        14 => "SQLITE_CANTOPEN",
        19 => "SQLITE_CONSTRAINT",
        26 => "SQLITE_NOTADB",
        _ => "SQLITE",
    };
    if extended > 0xff {
        format!("{name} ({extended})")
    } else {
        name.to_owned()
    }
}

/// A failure while the transaction was being committed: whether it took effect isn't always known.
pub(super) fn commit_error(error: rusqlite::Error) -> StorageError {
    let mut failed = storage_error(error, "the commit");
    let is_io = |platform: &PlatformError| platform.name.starts_with("SQLITE_IOERR");
    if failed.platform.as_ref().is_some_and(is_io) {
        failed.kind = StorageErrorKind::OutcomeUnknown;
    }
    failed
}
