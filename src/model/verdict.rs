//! Verdicts: what was decided on a submission, by whom, when and why.

use super::{Actor, Reason, Text, Timestamp};
use serde::{Deserialize, Serialize};

/// A decision that a plan waits for, when its settings say so. In the order of the workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub enum Gate {
    /// Somebody approves the plan before it is implemented.
    Plan,
    /// Somebody approves the implementation.
    Implementation,
    /// Somebody reviews it.
    Review,
    /// Somebody verifies it.
    Verification,
}

impl Gate {
    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Gate::Plan => "plan",
            Gate::Implementation => "implementation",
            Gate::Review => "review",
            Gate::Verification => "verification",
        }
    }
}

impl std::fmt::Display for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// What was decided on a submission. It stays on the plan whatever rollback comes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Verdict {
    /// The submission.
    pub submission: u64,
    /// What it waited for.
    pub gate: Gate,
    /// Whether it passed.
    pub passed: bool,
    /// Why it didn't.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The reviewer's notes, or the verification's details.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<Text>,
    /// Who decided.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
}
