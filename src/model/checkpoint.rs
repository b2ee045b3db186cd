//! Checkpoints: bookmarks in the journal.

use super::records::Keyed;
use super::{
    Actor, CheckpointId, CheckpointName, Data, Description, Name, PlanId, Reason, Revision,
    Timestamp,
};
use serde::{Deserialize, Serialize};

/// A bookmark: it names a revision, so it costs the same whatever the project holds. The state
/// there is a replay up to that revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Checkpoint {
    /// Its id.
    pub id: CheckpointId,
    /// Its place among all checkpoints ever taken in the project, from 1.
    pub number: u64,
    /// The plan that it is for; none: the project's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanId>,
    /// The revision whose state it stands for.
    pub revision: Revision,
    /// What made it.
    pub trigger: Trigger,
    /// Whether it was taken before a rollback, so that the rollback can be undone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub safety: bool,
    /// Its name.
    pub name: CheckpointName,
    /// What a person wants to say of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Description>,
    /// Why it was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The tool that took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_tool: Option<Name>,
    /// The phase of work that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<Name>,
    /// Something outside that goes with it: a git commit, a sandbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_ref: Option<Name>,
    /// The caller's own data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Data>,
    /// Whether retention keeps it whatever the policy says.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// Figures of the project at that revision.
    pub figures: Figures,
    /// When it was taken.
    pub created_at: Timestamp,
    /// Who took it.
    pub created_by: Actor,
}

impl Keyed for Checkpoint {
    type Key = CheckpointId;

    fn key(&self) -> &CheckpointId {
        &self.id
    }
}

/// What made a checkpoint. There are exactly these four.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub enum Trigger {
    /// Somebody asked for it.
    Manual,
    /// A step was completed, or a rollback was about to change things.
    Auto,
    /// The plan went from one phase of its workflow to the next.
    PhaseTransition,
    /// The project was paused.
    Pause,
}

impl Trigger {
    /// Every trigger.
    pub const ALL: [Trigger; 4] = [
        Trigger::Manual,
        Trigger::Auto,
        Trigger::PhaseTransition,
        Trigger::Pause,
    ];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Trigger::Manual => "manual",
            Trigger::Auto => "auto",
            Trigger::PhaseTransition => "phase_transition",
            Trigger::Pause => "pause",
        }
    }
}

impl std::fmt::Display for Trigger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// A stage of a plan's workflow that brings a checkpoint with it, by the trigger
/// [`Trigger::PhaseTransition`]; its name is the checkpoint's phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The plan was started.
    WorkflowStart,
    /// The plan has its steps.
    AfterPlanning,
    /// Implementation began after an approval.
    StartImplementation,
    /// All steps are done.
    AfterImplementation,
    /// A review passed.
    AfterReview,
    /// A verification passed.
    AfterVerification,
}

impl Stage {
    /// Every stage, in the order of the workflow.
    pub const ALL: [Stage; 6] = [
        Stage::WorkflowStart,
        Stage::AfterPlanning,
        Stage::StartImplementation,
        Stage::AfterImplementation,
        Stage::AfterReview,
        Stage::AfterVerification,
    ];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Stage::WorkflowStart => "workflow_start",
            Stage::AfterPlanning => "after_planning",
            Stage::StartImplementation => "start_implementation",
            Stage::AfterImplementation => "after_implementation",
            Stage::AfterReview => "after_review",
            Stage::AfterVerification => "after_verification",
        }
    }

    /// The same for people: the name of its checkpoint.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Stage::WorkflowStart => "start of the work",
            Stage::AfterPlanning => "after planning",
            Stage::StartImplementation => "start of implementation",
            Stage::AfterImplementation => "after implementation",
            Stage::AfterReview => "after review",
            Stage::AfterVerification => "after verification",
        }
    }
}

/// Figures of a project at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Figures {
    /// Plans that are completed.
    pub plans_completed: u64,
    /// Plans in all.
    pub plans: u64,
    /// Agents that have active context.
    pub active_agents: u64,
    /// Items in active context.
    pub items: u64,
    /// Their tokens.
    pub tokens: u64,
}
