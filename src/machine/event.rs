//! What happened. Events are the format: they carry results, never inputs to compute again.

mod fork;
mod kind;
mod plans;
mod retention;
mod rollback;

pub use fork::{ForkedAgent, ProjectForked, RedactedBody};
pub use retention::{PrunedCheckpoint, RetentionApplied};
pub use rollback::{PlanReturn, RolledBack, StepReplaced};

use crate::model::{
    AgentFlashSave, BlobRef, Checkpoint, CheckpointId, Digest, Gate, Item, ItemId, Name,
    PauseRecord, PlanFailure, PlanId, PlanSettings, PlanState, ProjectSettings, ProjectStatus,
    Reason, RetentionPolicy, Step, StepId, TagFirst, Text,
};
use serde::{Deserialize, Deserializer, Serialize};

macro_rules! events {
    ($(
        $(#[$meta:meta])*
        $variant:ident $(($payload:ty))? $({
            $($(#[$field_meta:meta])* $field:ident: $type:ty,)+
        })?,
    )+) => {
        /// Something that happened to a project. An entry holds the events of one command, in order.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[serde(tag = "type", rename_all = "snake_case")]
        #[cfg_attr(test, derive(proptest_derive::Arbitrary))]
        pub enum Event {
            $($(#[$meta])* $variant $(($payload))? $({
                $($(#[$field_meta])* $field: $type,)+
            })?,)+
        }

        /// An event by its name alone.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        #[allow(missing_docs)] // each is documented on the event of the same name
        pub enum EventKind {
            $($variant,)+
        }

        impl EventKind {
            /// Every event there is.
            pub const ALL: &'static [EventKind] = &[$(EventKind::$variant,)+];
        }

        impl Event {
            /// Which event it is.
            #[must_use]
            pub const fn kind(&self) -> EventKind {
                match self {
                    $(Event::$variant { .. } => EventKind::$variant,)+
                }
            }
        }

        /// How an event is read: the same, but see [`TagFirst`].
        #[derive(Deserialize)]
        #[serde(remote = "Event", rename_all = "snake_case", deny_unknown_fields)]
        #[cfg_attr(test, derive(Debug, proptest_derive::Arbitrary))]
        enum EventForm {
            $($variant $(($payload))? $({
                $($(#[$field_meta])* $field: $type,)+
            })?,)+
        }
    };
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        EventForm::deserialize(TagFirst(deserializer))
    }
}

events! {
    /// The project came to be.
    ProjectCreated(ProjectCreated),
    /// The project came to be as a copy of another one.
    ProjectForked(ProjectForked),
    /// Planning began.
    ProjectPlanned,
    /// Work began, or began again.
    ProjectStarted,
    /// Work is held.
    ProjectPaused {
        /// Why and when, and what the pause did.
        #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::boxed()"))]
        record: PauseRecord,
    },
    /// Work goes on.
    ProjectResumed {
        /// The status that the pause had found.
        status: ProjectStatus,
    },
    /// Work was ended.
    ProjectStopped {
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// All is done.
    ProjectCompleted,
    /// It goes by another name.
    ProjectRenamed {
        /// The new name.
        name: Name,
    },
    /// A plan was made.
    PlanCreated(PlanCreated),
    /// A plan was started.
    PlanStarted {
        /// Which plan.
        plan: PlanId,
        /// Where it went: planning or implementing.
        state: PlanState,
    },
    /// A plan got its steps.
    PlanSubmitted(PlanSubmitted),
    /// Somebody decided on a submission.
    SubmissionDecided(SubmissionDecided),
    /// Implementation of an approved plan began.
    ImplementationStarted {
        /// Which plan.
        plan: PlanId,
    },
    /// An attempt at a step began.
    StepStarted {
        /// Which plan.
        plan: PlanId,
        /// Which step, zero-based.
        step: u32,
        /// That step's id: the idempotency key.
        id: StepId,
        /// The attempt's number in the plan.
        attempt: u64,
    },
    /// An attempt was successful.
    StepCompleted(StepCompleted),
    /// An attempt failed.
    StepFailed(StepFailed),
    /// A plan was failed by command.
    PlanFailed {
        /// Which plan.
        plan: PlanId,
        /// Why, and where it was.
        #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::boxed()"))]
        failure: PlanFailure,
    },
    /// A plan was given up.
    PlanCancelled {
        /// Which plan.
        plan: PlanId,
        /// Where it was.
        from: PlanState,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// A failed plan goes on where it failed.
    PlanRetried {
        /// Which plan.
        plan: PlanId,
        /// Where it goes on.
        state: PlanState,
        /// Retries so far, this one included.
        retry_count: u32,
        /// The step that is pending again, if one had been begun.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<u32>,
        /// The submission that waits for a decision, if the state does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        submission: Option<u64>,
    },
    /// A plan was moved back.
    PlanReverted(PlanReverted),
    /// A plan's result was applied.
    PlanApplied {
        /// Which plan.
        plan: PlanId,
    },
    /// An agent is known, with this limit.
    AgentSet {
        /// Its name.
        agent: Name,
        /// Its token limit.
        token_limit: u64,
    },
    /// Context was added.
    ItemsAdded(ItemsAdded),
    /// Context was archived.
    ItemsArchived(ItemsArchived),
    /// Archived context is active again.
    ItemsRestored(ItemsRestored),
    /// Context was used.
    ItemsTouched {
        /// Which items, and how often they have been used now.
        #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::few()"))]
        items: Vec<TouchedItem>,
    },
    /// Context is kept hot, or no longer.
    ItemsPinned {
        /// Which items.
        #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::few()"))]
        items: Vec<ItemId>,
        /// Whether they are.
        pinned: bool,
    },
    /// A body was removed for good.
    BodyRedacted {
        /// Its digest: everything in the project that has this text has lost it.
        digest: Digest,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// A checkpoint was taken.
    CheckpointCreated(CheckpointTaken),
    /// Retention keeps a checkpoint, or no longer.
    CheckpointPinned {
        /// Which.
        checkpoint: CheckpointId,
        /// Whether it does.
        pinned: bool,
    },
    /// The project keeps so many checkpoints.
    RetentionSet {
        /// How many.
        policy: RetentionPolicy,
    },
    /// Checkpoints went by themselves, since newer ones were taken.
    CheckpointsPruned {
        /// Which.
        #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::few()"))]
        checkpoints: Vec<CheckpointId>,
    },
    /// Checkpoints went by command.
    RetentionApplied(RetentionApplied),
    /// A plan or the project was put back to an earlier state.
    RolledBack(RolledBack),
}

impl Event {
    /// The digest of the body that it removes for good.
    #[must_use]
    pub const fn redacted(&self) -> Option<Digest> {
        match self {
            Event::BodyRedacted { digest, .. } => Some(*digest),
            _ => None,
        }
    }

    /// The bodies that it names for the first time: what the blob store has to hold.
    #[must_use]
    pub fn bodies(&self) -> Vec<BlobRef> {
        let inputs = |steps: &[Step]| {
            steps
                .iter()
                .filter_map(|step| step.input)
                .collect::<Vec<_>>()
        };
        match self {
            Event::PlanCreated(event) => inputs(&event.steps)
                .into_iter()
                .chain(event.request.blob())
                .collect(),
            Event::PlanSubmitted(event) => inputs(&event.steps)
                .into_iter()
                .chain(event.text.blob())
                .collect(),
            Event::StepCompleted(event) => event.output.into_iter().collect(),
            Event::StepFailed(event) => event.error.blob().into_iter().collect(),
            Event::PlanFailed { failure, .. } => failure.error.blob().into_iter().collect(),
            Event::ItemsAdded(event) => event.items.iter().map(|item| item.body).collect(),
            Event::SubmissionDecided(event) => event.notes.iter().filter_map(Text::blob).collect(),
            Event::ProjectForked(event) => event.bodies(),
            // The others hold none, or bring back what an earlier entry named.
            Event::ProjectCreated(_)
            | Event::ProjectPlanned
            | Event::ProjectStarted
            | Event::ProjectPaused { .. }
            | Event::ProjectResumed { .. }
            | Event::ProjectStopped { .. }
            | Event::ProjectCompleted
            | Event::ProjectRenamed { .. }
            | Event::PlanStarted { .. }
            | Event::ImplementationStarted { .. }
            | Event::StepStarted { .. }
            | Event::PlanCancelled { .. }
            | Event::PlanRetried { .. }
            | Event::PlanReverted(_)
            | Event::PlanApplied { .. }
            | Event::AgentSet { .. }
            | Event::ItemsArchived(_)
            | Event::ItemsRestored(_)
            | Event::ItemsTouched { .. }
            | Event::ItemsPinned { .. }
            | Event::BodyRedacted { .. }
            | Event::CheckpointCreated(_)
            | Event::CheckpointPinned { .. }
            | Event::RetentionSet { .. }
            | Event::CheckpointsPruned { .. }
            | Event::RetentionApplied(_)
            | Event::RolledBack(_) => Vec::new(),
        }
    }
}

/// The project came to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct ProjectCreated {
    /// Its name.
    pub name: Name,
    /// Where it begins.
    pub status: ProjectStatus,
    /// How it behaves.
    pub settings: ProjectSettings,
}

/// An item that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct TouchedItem {
    /// Which item.
    pub item: ItemId,
    /// How often it has been used, these times included.
    pub access_count: u64,
}

/// Somebody decided on a submission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct SubmissionDecided {
    /// Which plan.
    pub plan: PlanId,
    /// Which submission.
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
    /// Where the plan is now.
    pub state: PlanState,
    /// If it went back: the last step that stays completed; the steps after it are pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_completed_step: Option<i64>,
    /// Retries so far, if this is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_count: Option<u32>,
    /// The number of the submission that now waits for a decision, if the state does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_submission: Option<u64>,
}

/// A plan was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct PlanCreated {
    /// Its id.
    pub plan: PlanId,
    /// Its place among the project's plans.
    pub number: u64,
    /// What was asked for.
    pub request: Text,
    /// How it behaves.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::boxed()"))]
    pub settings: PlanSettings,
    /// Its steps, all pending; none when they are yet to be planned.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::few()"))]
    pub steps: Vec<Step>,
}

/// A plan got its steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct PlanSubmitted {
    /// Which plan.
    pub plan: PlanId,
    /// The plan in words.
    pub text: Text,
    /// Its steps, all pending.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::few()"))]
    pub steps: Vec<Step>,
    /// Where it went.
    pub state: PlanState,
    /// The number of the submission that now waits for a decision, if the state does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submission: Option<u64>,
}

/// An attempt was successful.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct StepCompleted {
    /// Which plan.
    pub plan: PlanId,
    /// Which step, zero-based.
    pub step: u32,
    /// Which attempt.
    pub attempt: u64,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<BlobRef>,
    /// Where the plan is now.
    pub state: PlanState,
    /// The number of the submission that now waits for a decision, if the state does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submission: Option<u64>,
}

/// An attempt failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct StepFailed {
    /// Which plan.
    pub plan: PlanId,
    /// Which step, zero-based.
    pub step: u32,
    /// Which attempt.
    pub attempt: u64,
    /// What went wrong.
    pub error: Text,
    /// Failures of this step, this one included.
    pub failures: u32,
    /// Where the plan is now: implementing, or failed.
    pub state: PlanState,
}

/// A plan was moved back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct PlanReverted {
    /// Which plan.
    pub plan: PlanId,
    /// Where it is now: planning or implementing.
    pub state: PlanState,
    /// The last step that stays completed; the steps after it are pending.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::last_step()"))]
    pub last_completed_step: i64,
    /// Reversions so far, this one included.
    pub reversion_count: u32,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// Context was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct ItemsAdded {
    /// The items.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::few()"))]
    pub items: Vec<Item>,
}

/// Context was archived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct ItemsArchived {
    /// What that did to each agent's context.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::few()"))]
    pub agents: Vec<AgentFlashSave>,
    /// Which items.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::few()"))]
    pub items: Vec<ItemId>,
}

/// Archived context is active again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct ItemsRestored {
    /// Which items.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::few()"))]
    pub items: Vec<ItemId>,
}

/// A checkpoint was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct CheckpointTaken {
    /// The checkpoint.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::boxed()"))]
    pub checkpoint: Checkpoint,
    /// Whether it is now where its plan was last at.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_last_of_plan: bool,
}
