//! Why a command is refused. A refused command has changed nothing.

use super::CommandKind;
use crate::model::{
    CheckpointId, Digest, ErrorCode, InvalidInput, ItemId, Name, PlanId, PlanState, ProjectId,
    ProjectStatus, Revision, StepState,
};
use serde::Serialize;

/// Why a command is refused: what was expected, what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Rejection {
    /// A value that no command may carry.
    #[error(transparent)]
    Invalid(#[from] InvalidInput),
    /// There is no such project.
    #[error("project {project} was not found")]
    ProjectNotFound {
        /// Which was asked for.
        project: ProjectId,
    },
    /// There is a project already where one was to be created.
    #[error("project {project} exists already, at revision {revision}")]
    ProjectExists {
        /// Which.
        project: ProjectId,
        /// Its newest revision.
        revision: Revision,
    },
    /// There is no such plan.
    #[error("plan {plan} was not found in this project")]
    PlanNotFound {
        /// Which was asked for.
        plan: PlanId,
    },
    /// There is no such step.
    #[error("plan {plan} has steps 0 to {}, found {found}", i64::from(*.steps) - 1)]
    StepNotFound {
        /// Which plan.
        plan: PlanId,
        /// How many steps it has.
        steps: u32,
        /// Which was asked for.
        found: u32,
    },
    /// The plan never had an attempt of this number.
    #[error("plan {plan} has had {newest} attempts, found attempt {found}")]
    AttemptNotFound {
        /// Which plan.
        plan: PlanId,
        /// The newest attempt.
        newest: u64,
        /// Which was named.
        found: u64,
    },
    /// The plan never had a submission of this number.
    #[error("plan {plan} has had {newest} submissions, found submission {found}")]
    SubmissionNotFound {
        /// Which plan.
        plan: PlanId,
        /// The newest submission.
        newest: u64,
        /// Which was named.
        found: u64,
    },
    /// There is no such agent.
    #[error("agent {agent} was not found in this project")]
    AgentNotFound {
        /// Which was asked for.
        agent: Name,
    },
    /// There is no such item.
    #[error("context item {item} was not found in this project")]
    ItemNotFound {
        /// Which was asked for.
        item: ItemId,
    },
    /// There is no such body.
    #[error("body {digest} was not found in this project")]
    BodyNotFound {
        /// Which was asked for.
        digest: Digest,
    },
    /// There is no such checkpoint.
    #[error("checkpoint {checkpoint} was not found in this project")]
    CheckpointNotFound {
        /// Which was asked for.
        checkpoint: CheckpointId,
    },
    /// The plan has no steps.
    #[error("a plan needs at least one step, found none")]
    NoSteps,
    /// The state does not allow the command.
    #[error("{subject} is {state}: expected {}, found {command}", list(.allowed))]
    InvalidTransition {
        /// What it was asked of: `project` or `plan`, with its id.
        subject: String,
        /// The state it is in.
        state: String,
        /// What was asked.
        command: CommandKind,
        /// What can be asked in that state.
        allowed: Vec<CommandKind>,
    },
    /// The step is not the one that comes next.
    #[error("step {expected} of plan {plan} comes next, found step {found} ({})", .state.as_str())]
    StepOutOfOrder {
        /// Which plan.
        plan: PlanId,
        /// Which step comes next.
        expected: u32,
        /// Which was asked for.
        found: u32,
        /// How far that one is.
        state: StepState,
    },
    /// The project is paused.
    #[error("the project is paused: {command} has to wait for the resume")]
    ProjectPaused {
        /// What was asked.
        command: CommandKind,
    },
    /// The project is not paused.
    #[error("expected a paused project, found one that is {status}")]
    ProjectNotPaused {
        /// What it is.
        status: ProjectStatus,
    },
    /// The project is stopped.
    #[error("the project is stopped: start it before {command}")]
    ProjectStopped {
        /// What was asked.
        command: CommandKind,
    },
    /// The project is completed.
    #[error("the project is completed: {command} is no longer possible")]
    ProjectCompleted {
        /// What was asked.
        command: CommandKind,
    },
    /// The project was not started yet.
    #[error("the project is {status}: start it before {command}")]
    ProjectNotStarted {
        /// What it is.
        status: ProjectStatus,
        /// What was asked.
        command: CommandKind,
    },
    /// Plans are unfinished.
    #[error("expected no unfinished plan, found {unfinished}")]
    PlansUnfinished {
        /// How many.
        unfinished: u64,
    },
    /// A newer attempt has taken the place of the one named.
    #[error("attempt {found} of plan {plan} is no longer the running one; {}", which_runs(*.running))]
    Superseded {
        /// Which plan.
        plan: PlanId,
        /// Which attempt was named.
        found: u64,
        /// Which attempt runs now, if one does.
        running: Option<u64>,
    },
    /// The submission no longer waits for a decision.
    #[error("submission {found} of plan {plan} no longer waits for a decision; {}", which_waits(*.waiting))]
    SubmissionSuperseded {
        /// Which plan.
        plan: PlanId,
        /// Which submission was named.
        found: u64,
        /// Which one waits now, if one does.
        waiting: Option<u64>,
    },
    /// The project moved on since the caller looked.
    #[error("expected revision {expected}, found revision {found}: look again before you decide")]
    Changed {
        /// What the caller saw.
        expected: Revision,
        /// What is there.
        found: Revision,
    },
    /// Plans have been moved back as often as they may be.
    #[error("expected fewer than the allowed reversions, found the limit reached by {}", limits(.plans))]
    ReversionLimit {
        /// Which plans, each with its limit.
        plans: Vec<(PlanId, u32)>,
    },
    /// Plans were applied.
    #[error("expected no applied plan to change, found {} applied", ids(.plans))]
    PlanApplied {
        /// Which plans.
        plans: Vec<PlanId>,
    },
    /// The checkpoint belongs to another plan.
    #[error("expected a checkpoint of plan {plan} or of the project, found one of plan {owner}")]
    CheckpointForeign {
        /// Which plan was to go back.
        plan: PlanId,
        /// Whose checkpoint it is.
        owner: PlanId,
    },
    /// The plan did not exist at the checkpoint.
    #[error("plan {plan} did not exist at checkpoint {checkpoint} (revision {revision})")]
    PlanYoungerThanCheckpoint {
        /// Which plan.
        plan: PlanId,
        /// Which checkpoint.
        checkpoint: CheckpointId,
        /// Its revision.
        revision: Revision,
    },
    /// No checkpoint of the plan differs from how it is.
    #[error("expected a checkpoint in which plan {plan} differs from now, found none")]
    NothingToRollBack {
        /// Which plan.
        plan: PlanId,
    },
    /// No checkpoint is older than the decision that is to be reversed.
    #[error(
        "expected a checkpoint of plan {plan} or of the project before revision {revision}, found none"
    )]
    NoCheckpointBefore {
        /// Which plan.
        plan: PlanId,
        /// The decision's revision.
        revision: Revision,
    },
    /// Nothing came of the step, so there is nothing to remove.
    #[error("expected an output of step {step} of plan {plan}, found none")]
    NothingToRedact {
        /// Which plan.
        plan: PlanId,
        /// Which step, zero-based.
        step: u32,
    },
    /// The plan cannot be moved back to this state.
    #[error(
        "plan {plan} is {state}: it can be reverted to planning or implementing, and not forward; found {to}"
    )]
    CannotRevert {
        /// Which plan.
        plan: PlanId,
        /// Where it is.
        state: PlanState,
        /// Where it was to go.
        to: PlanState,
    },
}

impl Rejection {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Rejection::Invalid(invalid) => invalid.code(),
            Rejection::ProjectNotFound { .. } => ErrorCode::ProjectNotFound,
            Rejection::ProjectExists { .. }
            | Rejection::InvalidTransition { .. }
            | Rejection::StepOutOfOrder { .. }
            | Rejection::CannotRevert { .. } => ErrorCode::InvalidTransition,
            Rejection::PlanNotFound { .. } => ErrorCode::PlanNotFound,
            Rejection::StepNotFound { .. } | Rejection::AttemptNotFound { .. } => {
                ErrorCode::StepNotFound
            }
            Rejection::ItemNotFound { .. } => ErrorCode::ItemNotFound,
            Rejection::BodyNotFound { .. } => ErrorCode::BodyNotFound,
            Rejection::CheckpointNotFound { .. } | Rejection::PlanYoungerThanCheckpoint { .. } => {
                ErrorCode::CheckpointNotFound
            }
            Rejection::SubmissionNotFound { .. } => ErrorCode::SubmissionNotFound,
            Rejection::AgentNotFound { .. } => ErrorCode::AgentNotFound,
            Rejection::NoSteps => ErrorCode::NoSteps,
            Rejection::ProjectPaused { .. } => ErrorCode::ProjectPaused,
            Rejection::ProjectNotPaused { .. } => ErrorCode::ProjectNotPaused,
            Rejection::ProjectStopped { .. } => ErrorCode::ProjectStopped,
            Rejection::ProjectCompleted { .. } => ErrorCode::ProjectCompleted,
            Rejection::ProjectNotStarted { .. } => ErrorCode::ProjectNotStarted,
            Rejection::PlansUnfinished { .. } => ErrorCode::PlansUnfinished,
            Rejection::Superseded { .. } | Rejection::SubmissionSuperseded { .. } => {
                ErrorCode::Superseded
            }
            Rejection::Changed { .. } => ErrorCode::Changed,
            Rejection::ReversionLimit { .. } => ErrorCode::ReversionLimit,
            Rejection::PlanApplied { .. } => ErrorCode::PlanApplied,
            Rejection::CheckpointForeign { .. } => ErrorCode::CheckpointForeign,
            Rejection::NothingToRollBack { .. } | Rejection::NoCheckpointBefore { .. } => {
                ErrorCode::NothingToRollBack
            }
            Rejection::NothingToRedact { .. } => ErrorCode::NothingToRedact,
        }
    }
}

fn list(kinds: &[CommandKind]) -> String {
    let names: Vec<_> = kinds.iter().map(|kind| kind.as_str()).collect();
    match names.as_slice() {
        [] => "no further command".to_owned(),
        [one] => one.clone(),
        several => format!("one of {}", several.join(", ")),
    }
}

fn ids(plans: &[PlanId]) -> String {
    plans
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

fn limits(plans: &[(PlanId, u32)]) -> String {
    plans
        .iter()
        .map(|(plan, limit)| format!("plan {plan} ({limit})"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn which_runs(attempt: Option<u64>) -> String {
    attempt.map_or_else(
        || "none is".to_owned(),
        |attempt| format!("attempt {attempt} is"),
    )
}

fn which_waits(submission: Option<u64>) -> String {
    submission.map_or_else(
        || "none does".to_owned(),
        |submission| format!("submission {submission} does"),
    )
}
