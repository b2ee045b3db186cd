//! What is wrong with a value that came from outside.

use super::ErrorCode;
use serde::Serialize;

/// A value that a caller gave and that no command may carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(untagged)]
#[non_exhaustive]
pub enum InvalidInput {
    /// A text is over its limit.
    #[error("{field} is too long: expected at most {limit} {unit}, found {found}")]
    TooLong {
        /// Which field.
        field: &'static str,
        /// The most it may have.
        limit: usize,
        /// What is counted: `characters` (Unicode scalar values) or `bytes` (of UTF-8).
        unit: &'static str,
        /// What it had.
        found: usize,
    },
    /// A text is empty or nothing but white space.
    #[error("{field} is blank: expected some text, found {found} characters of white space")]
    Blank {
        /// Which field.
        field: &'static str,
        /// How many characters it had.
        found: usize,
    },
    /// A value has the wrong form.
    #[error("{field} is not valid: expected {expected}, found {found}")]
    Malformed {
        /// Which field.
        field: &'static str,
        /// What it should have looked like.
        expected: String,
        /// What was there, shortened.
        found: String,
    },
}

impl InvalidInput {
    /// A value of the wrong form; what was found is shortened so that a message stays readable.
    pub fn malformed(field: &'static str, expected: impl Into<String>, found: &str) -> Self {
        InvalidInput::Malformed {
            field,
            expected: expected.into(),
            found: shortened(found),
        }
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            InvalidInput::TooLong { .. } => ErrorCode::TooLong,
            InvalidInput::Blank { .. } | InvalidInput::Malformed { .. } => ErrorCode::InvalidInput,
        }
    }

    /// Which field it was.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            InvalidInput::TooLong { field, .. }
            | InvalidInput::Blank { field, .. }
            | InvalidInput::Malformed { field, .. } => field,
        }
    }
}

fn shortened(text: &str) -> String {
    const SHOWN: usize = 60;
    if text.chars().count() <= SHOWN {
        return format!("{text:?}");
    }
    let start: String = text.chars().take(SHOWN).collect();
    format!("{start:?}…")
}
