//! How many checkpoints are kept.

use super::InvalidInput;
use serde::{Deserialize, Serialize};

/// How many checkpoints a project keeps, counted from the newest. What is protected, a pinned one
/// say, stays beyond that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct RetentionPolicy {
    /// Of each plan: 1 to [`MOST`](Self::MOST).
    pub per_plan: u32,
    /// Of those that belong to no plan: 1 to [`MOST`](Self::MOST).
    pub of_project: u32,
}

impl RetentionPolicy {
    /// So many that it means all: each is a row and a part of the state. At least one, since a
    /// checkpoint that is gone in the entry that took it is of use to nobody.
    pub const MOST: u32 = 1_000_000;

    /// Refuses limits that nobody can mean.
    ///
    /// # Errors
    /// [`InvalidInput`] names the limit that is out of range.
    pub fn check(self) -> Result<Self, InvalidInput> {
        let limits = [("per_plan", self.per_plan), ("of_project", self.of_project)];
        match limits
            .iter()
            .find(|(_, limit)| !(1..=Self::MOST).contains(limit))
        {
            None => Ok(self),
            Some((field, limit)) => Err(InvalidInput::malformed(
                field,
                format!("1 to {}", Self::MOST),
                &limit.to_string(),
            )),
        }
    }

    pub(super) fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for RetentionPolicy {
    /// What holds where nobody chose anything. It is part of the format: what was written before
    /// there was a choice, or with this one, means this for ever.
    fn default() -> Self {
        Self {
            per_plan: 50,
            of_project: 50,
        }
    }
}
