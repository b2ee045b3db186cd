//! What can be wrong with a bundle, and where.

use super::BundleLimit;
use crate::journal::JournalError;
use crate::model::{ErrorCode, InvalidInput};
use serde::Serialize;

/// A bundle that cannot be read to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("line {line} of the bundle: {fault}")]
pub struct BundleError {
    /// The line, from 1.
    pub line: u64,
    /// What is wrong there.
    #[serde(flatten)]
    pub fault: BundleFault,
}

/// What is wrong with a line of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(untagged)]
#[non_exhaustive]
pub enum BundleFault {
    /// It was cut off, altered, put elsewhere or made up; or the file is something else.
    #[error("expected {expected}, found {found}")]
    Invalid {
        /// What should be there.
        expected: String,
        /// What is there, shortened.
        found: String,
    },
    /// It goes over a limit.
    #[error("expected at most {most} {limit}, found more")]
    TooLarge {
        /// Which limit.
        limit: BundleLimit,
        /// The most that is allowed.
        most: u64,
    },
    /// A newer program wrote it, in a form that this one doesn't know.
    #[error("expected a form of version {known}, found {found} of a newer program")]
    TooNew {
        /// The newest version known here.
        known: u32,
        /// What is there.
        found: String,
    },
}

impl BundleError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self.fault {
            BundleFault::Invalid { .. } => ErrorCode::BundleInvalid,
            BundleFault::TooLarge { .. } => ErrorCode::BundleTooLarge,
            BundleFault::TooNew { .. } => ErrorCode::TooNew,
        }
    }
}

impl BundleFault {
    pub(super) fn invalid(expected: impl Into<String>, found: impl Into<String>) -> Self {
        BundleFault::Invalid {
            expected: expected.into(),
            found: found.into(),
        }
    }

    pub(super) const fn at(self, line: u64) -> BundleError {
        BundleError { line, fault: self }
    }
}

impl From<JournalError> for BundleFault {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Corrupt {
                expected, found, ..
            } => BundleFault::Invalid { expected, found },
            JournalError::TooNew { known, found, .. } => BundleFault::TooNew { known, found },
            JournalError::NotStorable { found, .. } => {
                BundleFault::invalid("an entry that can be stored", found)
            }
        }
    }
}

impl From<InvalidInput> for BundleFault {
    fn from(invalid: InvalidInput) -> Self {
        match invalid {
            InvalidInput::Malformed {
                expected, found, ..
            } => BundleFault::Invalid { expected, found },
            InvalidInput::TooLong {
                field,
                limit,
                unit,
                found,
            } => BundleFault::invalid(
                format!("a {field} of at most {limit} {unit}"),
                format!("one of {found}"),
            ),
            InvalidInput::Blank { field, .. } => {
                BundleFault::invalid(format!("a {field} that is not blank"), "a blank one")
            }
        }
    }
}
