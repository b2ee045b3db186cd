//! What a storage can fail with.

use super::Tombstone;
use crate::journal::Head;
use crate::model::{ErrorCode, ProjectId, Revision};
use serde::Serialize;
use std::fmt;

/// What the platform itself said: SQLite, IndexedDB, the operating system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlatformError {
    /// Its name for the failure, like `SQLITE_FULL` or `QuotaExceededError`.
    pub name: String,
    /// Its message.
    pub message: String,
}

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StorageErrorKind {
    /// The connection was closed.
    Closed,
    /// Somebody else holds the storage and does not let go.
    Blocked,
    /// The disk or the quota is full.
    QuotaExceeded,
    /// A newer program owns the store, or may alone write to it.
    TooNew,
    /// What is stored is damaged.
    Corrupt,
    /// The write may or may not have taken effect.
    OutcomeUnknown,
    /// The storage cannot be reached, read or written.
    Unavailable,
    /// The file is something else.
    NotAStore,
    /// What was there is gone: the site's data was cleared, or the browser evicted it. Said once;
    /// the next call begins with an empty store.
    Evicted,
}

impl StorageErrorKind {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        match self {
            StorageErrorKind::Closed => ErrorCode::Closed,
            StorageErrorKind::Blocked => ErrorCode::Blocked,
            StorageErrorKind::QuotaExceeded => ErrorCode::QuotaExceeded,
            StorageErrorKind::TooNew => ErrorCode::TooNew,
            StorageErrorKind::Corrupt => ErrorCode::Corrupt,
            StorageErrorKind::OutcomeUnknown => ErrorCode::OutcomeUnknown,
            StorageErrorKind::Unavailable => ErrorCode::Unavailable,
            StorageErrorKind::NotAStore => ErrorCode::NotAStore,
            StorageErrorKind::Evicted => ErrorCode::Evicted,
        }
    }
}

/// A storage failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StorageError {
    /// What kind of failure it is.
    #[serde(skip)]
    pub kind: StorageErrorKind,
    /// What was expected and what was found.
    #[serde(skip)]
    pub message: String,
    /// What the platform said, if it was asked.
    pub platform: Option<PlatformError>,
}

impl StorageError {
    /// A failure that the platform had no part in.
    pub fn new(kind: StorageErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            platform: None,
        }
    }
}

impl fmt::Display for StorageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.platform {
            Some(platform) => write!(f, " ({}: {})", platform.name, platform.message),
            None => Ok(()),
        }
    }
}

impl std::error::Error for StorageError {}

/// A write that did not happen, or of which it isn't known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// The head is another one; nothing was written.
    #[error("expected {}, found {}", head(.expected.as_ref()), head(.found.as_ref()))]
    Conflict {
        /// The head that the write was decided on.
        expected: Option<Head>,
        /// The head that is there.
        found: Option<Head>,
    },
    /// The journal holds an entry of this command already; nothing was written.
    #[error("the command led to revision {revision} already")]
    DuplicateCommand {
        /// Which entry it is.
        revision: Revision,
    },
    /// The project was removed; nothing was written.
    #[error("project {project} was removed at revision {}", .tombstone.head.revision)]
    Removed {
        /// Which project.
        project: ProjectId,
        /// What is left of it.
        tombstone: Tombstone,
    },
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl WriteError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            WriteError::Conflict { .. } => ErrorCode::Conflict,
            WriteError::DuplicateCommand { .. } => ErrorCode::DuplicateCommand,
            WriteError::Removed { .. } => ErrorCode::Removed,
            WriteError::Storage(error) => error.kind.code(),
        }
    }
}

fn head(head: Option<&Head>) -> String {
    head.map_or_else(|| "no entry".to_owned(), ToString::to_string)
}
