//! Why a backup was not made.

use crate::model::ErrorCode;
use crate::storage::{PlatformError, StorageError, StorageErrorKind};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// A backup was not made. Nothing is left of it then.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// There is a file of this name, and nothing is written over it.
    #[error("expected {} to be no file yet, found one: nothing is written over it", .path.display())]
    FileExists {
        /// The file.
        path: PathBuf,
    },
    /// It would be written to the store, or to a file that belongs to it.
    #[error(
        "expected another file to write to, found {}, which is the store itself or one of its own files",
        .path.display()
    )]
    FileIsTheStore {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be written.
    #[error("expected to write {}, found {found}", .path.display())]
    FileUnwritable {
        /// The file.
        path: PathBuf,
        /// What is in the way.
        found: String,
    },
    /// Whoever began it cancelled it.
    #[error(
        "expected the backup to be finished, found that it was cancelled: nothing is left of it"
    )]
    Cancelled,
    /// The store cannot be read, is damaged or no store, or the disk is full.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl BackupError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            BackupError::FileExists { .. } => ErrorCode::FileExists,
            BackupError::FileIsTheStore { .. } => ErrorCode::FileIsTheStore,
            BackupError::FileUnwritable { .. } => ErrorCode::FileUnwritable,
            BackupError::Cancelled => ErrorCode::Cancelled,
            BackupError::Storage(error) => error.kind.code(),
        }
    }

    /// What the operating system said when the backup was written.
    #[allow(clippy::needless_pass_by_value)] // it is what `map_err` gives
    pub(super) fn of_file(path: &Path, error: std::io::Error) -> Self {
        if !is_full(&error) {
            return Self::unwritable(path, error.to_string());
        }
        Self::Storage(StorageError {
            kind: StorageErrorKind::QuotaExceeded,
            message: format!("expected room for {}, found none", path.display()),
            platform: Some(PlatformError {
                name: format!("{:?}", error.kind()),
                message: error.to_string(),
            }),
        })
    }

    /// What a storage that backs up before it opens fails with.
    pub(super) fn on_opening(self) -> StorageError {
        match self {
            Self::Storage(error) => error,
            other => StorageError::new(
                StorageErrorKind::Unavailable,
                format!("the store was not opened, for want of a backup: {other}"),
            ),
        }
    }

    pub(super) fn unwritable(path: &Path, found: impl Into<String>) -> Self {
        Self::FileUnwritable {
            path: path.to_owned(),
            found: found.into(),
        }
    }
}

fn is_full(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded
    )
}
