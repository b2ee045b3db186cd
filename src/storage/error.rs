//! What a storage can fail with.

use super::Tombstone;
use crate::journal::Head;
use crate::journal::format::STORE_FORMAT;
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
    /// What was there is gone: the site's data was cleared, or the browser evicted it. Said to every
    /// call for a second; then there is an empty store.
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

impl StorageError {
    /// A store that a newer program keeps, which this one can't read. `place` says where it is, as it
    /// goes on after the verb; nothing, if there is one place only.
    pub(super) fn unreadable(place: &str, min_reader: u32) -> Self {
        Self::new(
            StorageErrorKind::TooNew,
            format!(
                "expected a store that programs of format {STORE_FORMAT} can read{place}, found one for {min_reader} and later"
            ),
        )
    }

    /// A store that this program can read, and that only newer ones may write to.
    pub(super) fn unwritable(min_writer: u32) -> Self {
        Self::new(
            StorageErrorKind::TooNew,
            format!(
                "expected a store that programs of format {STORE_FORMAT} can write to, found one for {min_writer} and later"
            ),
        )
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
    /// Commits that can't be appended in one go, which is a bug in whoever made them; nothing was
    /// written.
    #[error("expected commits of different projects, at least one, found {found}")]
    NotTogether {
        /// What there is instead.
        found: String,
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
            WriteError::NotTogether { .. } => ErrorCode::InvalidInput,
            WriteError::Storage(error) => error.kind.code(),
        }
    }
}

/// Several commits that were not appended in one go, or of which it isn't known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{error}", whose(.project.as_ref()))]
pub struct Refused {
    /// The project whose commit stood in the way; of several that did, any. None: it was none of
    /// them, the storage failed.
    pub project: Option<ProjectId>,
    /// What stood in the way.
    pub error: Box<WriteError>,
}

impl Refused {
    /// For what was found at this project's commit. A storage that fails just then fails for all of
    /// them, unless what it holds of this project is damaged.
    pub(super) fn at(project: ProjectId, error: WriteError) -> Self {
        let is_of_all = match &error {
            WriteError::Storage(failed) => failed.kind != StorageErrorKind::Corrupt,
            _ => false,
        };
        Self {
            project: (!is_of_all).then_some(project),
            error: Box::new(error),
        }
    }
}

impl From<StorageError> for Refused {
    fn from(failed: StorageError) -> Self {
        Self {
            project: None,
            error: Box::new(failed.into()),
        }
    }
}

fn whose(project: Option<&ProjectId>) -> String {
    project.map_or_else(String::new, |project| format!("project {project}: "))
}

fn head(head: Option<&Head>) -> String {
    head.map_or_else(|| "no entry".to_owned(), ToString::to_string)
}
