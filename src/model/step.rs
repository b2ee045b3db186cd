//! Steps: what a plan is made of.

use super::{BlobRef, Name, StepId, Text, Timestamp};
use serde::{Deserialize, Serialize};

/// One step of a plan. Its newest attempt is the one that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Step {
    /// Its id, made when the steps were given: the idempotency key, the same in every attempt.
    pub id: StepId,
    /// What is to be done, in a line.
    pub title: Name,
    /// What it works on: JSON text in the blob store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<BlobRef>,
    /// How far it is.
    pub state: StepState,
    /// The newest attempt, by its number in the plan; none while it is pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<u64>,
    /// Failures recorded since it last became pending or the plan was retried.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub failures: u32,
    /// What came of it: JSON text in the blob store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<BlobRef>,
    /// What went wrong in the newest attempt that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Text>,
    /// When the newest attempt started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When the newest attempt completed or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

impl Step {
    /// A step that nobody has begun.
    #[must_use]
    pub const fn new(id: StepId, title: Name, input: Option<BlobRef>) -> Self {
        Self {
            id,
            title,
            input,
            state: StepState::Pending,
            attempt: None,
            failures: 0,
            output: None,
            error: None,
            started_at: None,
            ended_at: None,
        }
    }

    /// The same step as if nobody had begun it.
    #[must_use]
    pub fn as_pending(&self) -> Self {
        Self::new(self.id, self.title.clone(), self.input)
    }
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub enum StepState {
    /// Nobody has begun it.
    Pending,
    /// An attempt is under way, or its worker died.
    Running,
    /// The newest attempt failed; another may start.
    Failed,
    /// Done.
    Completed,
}

impl StepState {
    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            StepState::Pending => "pending",
            StepState::Running => "running",
            StepState::Failed => "failed",
            StepState::Completed => "completed",
        }
    }
}
