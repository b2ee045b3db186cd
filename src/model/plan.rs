//! Plans: a request, the steps that fulfil it, and how far they are.

use super::records::Keyed;
use super::{
    Actor, BlobRef, CheckpointId, Gate, PlanId, Reason, Revision, Step, Text, Timestamp, Verdict,
};
use imbl::Vector;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A request with ordered steps.
///
/// What a rollback restores is `progress` and `steps`; everything else here it leaves alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Plan {
    /// Its id.
    pub id: PlanId,
    /// Its place among all plans ever made in the project, from 1.
    pub number: u64,
    /// What was asked for.
    pub request: Text,
    /// What was chosen when it was made.
    pub settings: PlanSettings,
    /// Counters that never go down.
    pub guards: PlanGuards,
    /// The checkpoint that the plan was last at: the newest of its own, or the one it was rolled
    /// back to.
    #[serde(default)]
    pub last_checkpoint_id: Option<CheckpointId>,
    /// When its result was applied; no rollback changes the plan from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applied_at: Option<Timestamp>,
    /// What was decided on its submissions, in order.
    #[serde(default, skip_serializing_if = "Vector::is_empty")]
    #[cfg_attr(test, proptest(strategy = "super::arbitrary::shared()"))]
    pub verdicts: Vector<Arc<Verdict>>,
    /// How far it is.
    pub progress: PlanProgress,
    /// Its steps, in order.
    #[cfg_attr(test, proptest(strategy = "super::arbitrary::shared()"))]
    pub steps: Vector<Arc<Step>>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: Actor,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// The revision in which `progress` or `steps` last changed. While a submission waits, that is the
    /// one in which it was made.
    pub changed: Revision,
}

impl Keyed for Plan {
    type Key = PlanId;

    fn key(&self) -> &PlanId {
        &self.id
    }
}

impl Plan {
    /// The index of the step that comes next, or the number of steps when all are done.
    #[must_use]
    pub fn next_step(&self) -> usize {
        // −1 or the index of a step, in every journal that Holdpoint wrote.
        usize::try_from(self.progress.last_completed_step.saturating_add(1)).unwrap_or(0)
    }

    /// Whether the plan may be moved back once more to this state: it was there or beyond, and
    /// the limit of reversions isn't reached.
    #[must_use]
    pub fn can_revert_to(&self, state: PlanState) -> bool {
        matches!(state, PlanState::Planning | PlanState::Implementing)
            && self.progress.state.is_unfinished()
            && state.order() <= self.progress.state.order()
            && self.guards.reversion_count < self.settings.max_reversions
    }

    /// The state whose place in the workflow counts: a failed or cancelled plan's is the one it left.
    #[must_use]
    pub fn effective_state(&self) -> PlanState {
        self.progress.effective_state()
    }

    /// The bodies that it refers to, each as often as it does.
    pub fn bodies(&self) -> impl Iterator<Item = BlobRef> {
        let progress = &self.progress;
        let texts = [
            Some(&self.request),
            progress.submitted.as_ref().map(|submitted| &submitted.text),
            progress.failure.as_ref().map(|failure| &failure.error),
        ];
        let notes = self.verdicts.iter().map(|verdict| verdict.notes.as_ref());
        let errors = self.steps.iter().map(|step| step.error.as_ref());
        let of_steps = self.steps.iter().flat_map(|step| [step.input, step.output]);
        (texts.into_iter().chain(notes).chain(errors))
            .flatten()
            .map(Text::blob)
            .chain(of_steps)
            .flatten()
    }
}

/// What was chosen when a plan was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct PlanSettings {
    /// Which decisions it waits for.
    pub gates: Gates,
    /// How often it may be moved back.
    pub max_reversions: u32,
    /// How many failures of one step fail the plan; at least 1.
    pub max_attempts: u32,
    /// After how many completed steps a checkpoint is taken by itself; 0: never.
    pub auto_checkpoint_interval: u32,
}

impl Default for PlanSettings {
    fn default() -> Self {
        Self {
            gates: Gates::default(),
            max_reversions: 3,
            max_attempts: 3,
            auto_checkpoint_interval: 1,
        }
    }
}

/// The decisions that a plan waits for. All off by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Gates {
    /// Somebody approves the plan before it is implemented.
    pub plan: bool,
    /// Somebody approves the implementation.
    pub implementation: bool,
    /// Somebody reviews it.
    pub review: bool,
    /// Somebody verifies it.
    pub verification: bool,
}

/// Counters that no rollback and no old checkpoint lowers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct PlanGuards {
    /// How often it was moved back.
    #[serde(default)]
    pub reversion_count: u32,
    /// How often it was retried, by command or by a failed verification.
    #[serde(default)]
    pub retry_count: u32,
    /// The number of the newest attempt at any of its steps.
    #[serde(default)]
    pub last_attempt: u64,
    /// The number of the newest submission.
    #[serde(default)]
    pub last_submission: u64,
}

/// What is kept of a plan that a rollback took away, for when it comes back: its counters and
/// verdicts, and how far it was, so that leaving and coming back at an earlier place is still a
/// reversion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct DepartedPlan {
    /// The counters that it left with.
    pub guards: PlanGuards,
    /// Where in its workflow it was.
    pub state: PlanState,
    /// The last step that was completed.
    pub last_completed_step: i64,
    /// The checkpoint that it was last at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_checkpoint_id: Option<CheckpointId>,
    /// What was decided on its submissions.
    #[serde(default, skip_serializing_if = "Vector::is_empty")]
    #[cfg_attr(test, proptest(strategy = "super::arbitrary::shared()"))]
    pub verdicts: Vector<Arc<Verdict>>,
}

/// How far a plan is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct PlanProgress {
    /// Where in its workflow it is.
    pub state: PlanState,
    /// The index of the last step that is completed, −1 if none is.
    #[serde(default = "none_completed")]
    #[cfg_attr(test, proptest(strategy = "super::arbitrary::last_step()"))]
    pub last_completed_step: i64,
    /// The submission that waits for a decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submission: Option<u64>,
    /// The plan as it was last submitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submitted: Option<SubmittedPlan>,
    /// Why it failed, while it is failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<PlanFailure>,
    /// The state it was in when it was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_from: Option<PlanState>,
    /// Why it was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_reason: Option<Reason>,
    /// When it was completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Timestamp>,
}

const fn none_completed() -> i64 {
    -1
}

impl PlanProgress {
    /// A plan that nobody has started.
    #[must_use]
    pub const fn pending() -> Self {
        Self {
            state: PlanState::Pending,
            last_completed_step: none_completed(),
            submission: None,
            submitted: None,
            failure: None,
            cancelled_from: None,
            cancel_reason: None,
            completed_at: None,
        }
    }

    /// The state whose place in the workflow counts: a failed or cancelled plan's is the one it left.
    #[must_use]
    pub fn effective_state(&self) -> PlanState {
        match self.state {
            PlanState::Failed => self
                .failure
                .as_ref()
                .map_or(self.state, |failure| failure.state),
            // A failed plan that was then cancelled counts as the state it failed in.
            PlanState::Cancelled => match (self.cancelled_from, &self.failure) {
                (Some(PlanState::Failed), Some(failure)) => failure.state,
                (Some(state), _) => state,
                (None, _) => self.state,
            },
            state => state,
        }
    }
}

/// The text of a plan that was put up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct SubmittedPlan {
    /// What it says.
    pub text: Text,
    /// When it was submitted.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
}

/// Why a plan failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct PlanFailure {
    /// The state it failed in: where a retry brings it back to.
    pub state: PlanState,
    /// What went wrong.
    pub error: Text,
    /// The step that failed, if it was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<u32>,
    /// When.
    pub at: Timestamp,
}

/// Where in its workflow a plan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanState {
    /// Nobody has started it.
    Pending,
    /// Its steps are being worked out.
    Planning,
    /// The plan waits to be approved.
    PlanAwaitingApproval,
    /// The plan is approved; implementation can start.
    PlanApproved,
    /// Its steps are being done.
    Implementing,
    /// What was done waits to be approved.
    ImplementationAwaitingApproval,
    /// What was done is being reviewed.
    Reviewing,
    /// What was done is being verified.
    Verifying,
    /// Done.
    Completed,
    /// It went wrong; it can be retried.
    Failed,
    /// It was given up.
    Cancelled,
}

impl PlanState {
    /// Every state, in the order of the workflow.
    pub const ALL: [PlanState; 11] = [
        PlanState::Pending,
        PlanState::Planning,
        PlanState::PlanAwaitingApproval,
        PlanState::PlanApproved,
        PlanState::Implementing,
        PlanState::ImplementationAwaitingApproval,
        PlanState::Reviewing,
        PlanState::Verifying,
        PlanState::Completed,
        PlanState::Failed,
        PlanState::Cancelled,
    ];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            PlanState::Pending => "pending",
            PlanState::Planning => "planning",
            PlanState::PlanAwaitingApproval => "plan_awaiting_approval",
            PlanState::PlanApproved => "plan_approved",
            PlanState::Implementing => "implementing",
            PlanState::ImplementationAwaitingApproval => "implementation_awaiting_approval",
            PlanState::Reviewing => "reviewing",
            PlanState::Verifying => "verifying",
            PlanState::Completed => "completed",
            PlanState::Failed => "failed",
            PlanState::Cancelled => "cancelled",
        }
    }

    /// Whether work on it can still go on: not completed, failed or cancelled.
    #[must_use]
    pub const fn is_unfinished(self) -> bool {
        !matches!(
            self,
            PlanState::Completed | PlanState::Failed | PlanState::Cancelled
        )
    }

    /// Whether it waits for somebody's decision.
    #[must_use]
    pub const fn awaits_decision(self) -> bool {
        self.gate().is_some()
    }

    /// The decision that it waits for.
    #[must_use]
    pub const fn gate(self) -> Option<Gate> {
        match self {
            PlanState::PlanAwaitingApproval => Some(Gate::Plan),
            PlanState::ImplementationAwaitingApproval => Some(Gate::Implementation),
            PlanState::Reviewing => Some(Gate::Review),
            PlanState::Verifying => Some(Gate::Verification),
            _ => None,
        }
    }

    /// Its place in the workflow.
    #[must_use]
    pub const fn order(self) -> u8 {
        self as u8
    }
}

impl std::fmt::Display for PlanState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
