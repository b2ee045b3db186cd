//! What retention takes away.

use crate::model::{
    Checkpoint, CheckpointId, CheckpointName, PlanId, RetentionPolicy, Revision, Timestamp,
};
use serde::{Deserialize, Serialize};

/// Retention was applied by command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct RetentionApplied {
    /// How many were to be kept.
    pub policy: RetentionPolicy,
    /// The checkpoints that went.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::few()"))]
    pub pruned: Vec<PrunedCheckpoint>,
    /// How many the project still has.
    pub kept: u64,
    /// How many of those the policy alone would not have kept.
    pub protected: u64,
}

/// A checkpoint that went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct PrunedCheckpoint {
    /// Its id.
    pub checkpoint: CheckpointId,
    /// The plan that it was for; none: the project's own.
    #[serde(default)]
    pub plan: Option<PlanId>,
    /// Its name.
    pub name: CheckpointName,
    /// The revision that it stood for.
    pub revision: Revision,
    /// When it was taken.
    pub created_at: Timestamp,
}

impl From<&Checkpoint> for PrunedCheckpoint {
    fn from(checkpoint: &Checkpoint) -> Self {
        Self {
            checkpoint: checkpoint.id,
            plan: checkpoint.plan,
            name: checkpoint.name.clone(),
            revision: checkpoint.revision,
            created_at: checkpoint.created_at,
        }
    }
}
