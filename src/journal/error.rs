//! What can be wrong with what a journal holds.

use crate::model::{ErrorCode, Revision, shortened};
use serde::Serialize;

/// How much is told of what is not understood: a name in it may be as long as all of it.
const SHOWN: usize = 300;

/// What is wrong with an entry or a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(untagged)]
#[non_exhaustive]
pub enum JournalError {
    /// The stored bytes are not the ones that were written, or not where they belong.
    #[error("revision {revision} is damaged: expected {expected}, found {found}")]
    Corrupt {
        /// Where.
        revision: Revision,
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A newer program wrote it, in a form that this one does not know.
    #[error(
        "revision {revision} was written by a newer program: expected a form of version {known}, found {found}"
    )]
    TooNew {
        /// Where.
        revision: Revision,
        /// The newest version known here.
        known: u32,
        /// What is there, shortened.
        found: String,
    },
    /// An entry did not come back from its own encoding as it went in: a bug, caught before
    /// anything was stored.
    #[error("revision {revision} cannot be stored: {found}")]
    NotStorable {
        /// Which it would have been.
        revision: Revision,
        /// What differs.
        found: String,
    },
}

impl JournalError {
    pub(crate) fn corrupt(
        revision: Revision,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        JournalError::Corrupt {
            revision,
            expected: expected.into(),
            found: found.into(),
        }
    }

    pub(super) fn too_new(revision: Revision, known: u32, found: &str) -> Self {
        JournalError::TooNew {
            revision,
            known,
            found: shortened(found, SHOWN),
        }
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            JournalError::Corrupt { .. } => ErrorCode::Corrupt,
            JournalError::TooNew { .. } => ErrorCode::TooNew,
            JournalError::NotStorable { .. } => ErrorCode::Internal,
        }
    }

    /// Which revision it is about.
    #[must_use]
    pub const fn revision(&self) -> Revision {
        match self {
            JournalError::Corrupt { revision, .. }
            | JournalError::TooNew { revision, .. }
            | JournalError::NotStorable { revision, .. } => *revision,
        }
    }
}
