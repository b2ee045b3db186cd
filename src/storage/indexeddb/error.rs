//! IndexedDB's failures in the storage's words.

use super::js::field;
use crate::storage::{PlatformError, StorageError, StorageErrorKind};
use wasm_bindgen::JsValue;

/// What was thrown, while doing what. Its name and message are copied: a JavaScript value belongs
/// to its thread, an error goes anywhere.
pub(super) fn failure(thrown: &JsValue, doing: &str) -> StorageError {
    let platform = platform(thrown);
    StorageError {
        kind: platform
            .as_ref()
            .map_or(StorageErrorKind::Unavailable, |platform| {
                kind(&platform.name)
            }),
        message: format!("expected {doing} to succeed, found that IndexedDB refused it"),
        platform,
    }
}

/// The same of rexie, whose own text is "idb error": what counts is the exception within.
pub(super) fn rexie_failure(error: &rexie::Error, doing: &str) -> StorageError {
    if let Some(thrown) = exception(error) {
        return failure(&thrown, doing);
    }
    StorageError {
        platform: Some(PlatformError {
            name: "rexie".to_owned(),
            message: match error {
                rexie::Error::IdbError(error) => error.to_string(),
                other => other.to_string(),
            },
        }),
        ..failure(&JsValue::UNDEFINED, doing)
    }
}

/// A record that no program writes like this.
pub(super) fn corrupt(expected: &str, found: &str) -> StorageError {
    StorageError::new(
        StorageErrorKind::Corrupt,
        format!("expected {expected}, found {found}"),
    )
}

fn kind(name: &str) -> StorageErrorKind {
    match name {
        "QuotaExceededError" => StorageErrorKind::QuotaExceeded,
        "VersionError" => StorageErrorKind::TooNew,
        // What a connection says that was closed, and a request that was cut off with it.
        "InvalidStateError" | "AbortError" => StorageErrorKind::Closed,
        // The stores are named rightly and keys are made alike everywhere, so it is the schema or
        // a record that isn't what it was.
        "NotFoundError" | "ConstraintError" => StorageErrorKind::Corrupt,
        _ => StorageErrorKind::Unavailable,
    }
}

fn platform(thrown: &JsValue) -> Option<PlatformError> {
    if thrown.is_undefined() || thrown.is_null() {
        return None;
    }
    let text = |name| field(thrown, name).as_string();
    Some(PlatformError {
        name: text("name").unwrap_or_else(|| "unknown".to_owned()),
        message: text("message").unwrap_or_else(|| format!("{thrown:?}")),
    })
}

/// The exception that an error of rexie is about, if it was IndexedDB that failed.
fn exception(error: &rexie::Error) -> Option<JsValue> {
    use idb::Error::{
        DomException, GetAllFailed, GetAllKeysFailed, GetFailed, GetKeyFailed, IndexNotFound,
        IndexedDbNotFound, IndexedDbOpenFailed, KeyRangeCreateFailed, ObjectStoreNotFound,
        TransactionOpenFailed,
    };
    let rexie::Error::IdbError(error) = error else {
        return None;
    };
    match error {
        DomException(exception) => Some(exception.into()),
        GetAllFailed(thrown)
        | GetAllKeysFailed(thrown)
        | GetFailed(thrown)
        | GetKeyFailed(thrown)
        | IndexNotFound(thrown)
        | IndexedDbNotFound(thrown)
        | IndexedDbOpenFailed(thrown)
        | KeyRangeCreateFailed(thrown)
        | ObjectStoreNotFound(thrown)
        | TransactionOpenFailed(thrown) => Some(thrown.clone()),
        _ => None,
    }
}
