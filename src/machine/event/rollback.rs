//! What a rollback changes.

use crate::model::{
    CheckpointId, Item, ItemId, Name, Plan, PlanId, PlanProgress, Reason, Revision, Step,
};
use serde::{Deserialize, Serialize};

/// A plan or the project was put back to where it was at a checkpoint. Holds what differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct RolledBack {
    /// The plan that went back; none: the project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanId>,
    /// The checkpoint.
    pub checkpoint: CheckpointId,
    /// Its revision.
    pub revision: Revision,
    /// The checkpoint taken just before, to undo this.
    pub safety_checkpoint: CheckpointId,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Plans that differ.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::few()"))]
    pub plans: Vec<PlanReturn>,
    /// Plans that are there again, though a rollback had taken them away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::few()"))]
    pub plans_restored: Vec<Plan>,
    /// Plans that are younger than the checkpoint and leave.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::few()"))]
    pub plans_removed: Vec<PlanId>,
    /// Items as they were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::few()"))]
    pub items_restored: Vec<Item>,
    /// Items that are younger than the checkpoint and leave.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::few()"))]
    pub items_removed: Vec<ItemId>,
}

/// How a plan differs after a rollback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct PlanReturn {
    /// Which plan.
    pub plan: PlanId,
    /// How far it was.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::boxed()"))]
    pub progress: PlanProgress,
    /// How many steps it had.
    pub step_count: u32,
    /// How many it has beyond those; they leave.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub steps_gone: u32,
    /// Steps that differ.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::few()"))]
    pub steps: Vec<StepReplaced>,
    /// Reversions so far; one more if this moved it back.
    pub reversion_count: u32,
    /// The newest submission's number; one more if the state awaits a decision.
    pub last_submission: u64,
    /// The checkpoint that the plan is at now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_checkpoint_id: Option<CheckpointId>,
    /// The names of the fields of `progress` that differ.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::few()"))]
    pub changed: Vec<Name>,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A step as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct StepReplaced {
    /// Which, zero-based.
    pub index: u32,
    /// What it was.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::boxed()"))]
    pub step: Step,
}
