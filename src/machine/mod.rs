//! What may happen: pure functions from a state and a command to events, and from a state and
//! an event to the next state. No clock, no randomness, no storage, no platform.
//!
//! - [`decide`] says what a command leads to and changes nothing.
//! - [`evolve`] applies events and cannot fail: events carry results, so that an old entry
//!   replays the same under any later code or policy.
//! - [`diff`] says what differs between two states.

mod command;
mod decide;
mod diff;
mod draft;
mod env;
mod event;
mod evolve;
mod outcome;
mod rejection;
mod request;
mod transitions;

pub use command::{
    Command, CommandKind, FirstPlan, InitialStatus, NewCheckpoint, NewItem, NewPlan, NewStep,
};
pub use decide::{Decision, decide};
pub use diff::{Change, ChangeKind, Scalar, diff};
pub use env::{Env, Source};
pub use event::{
    CheckpointTaken, Event, EventKind, ForkedAgent, ItemsAdded, ItemsArchived, ItemsRestored,
    PlanCreated, PlanReturn, PlanReverted, PlanSubmitted, ProjectCreated, ProjectForked,
    PrunedCheckpoint, RedactedBody, RetentionApplied, RolledBack, StepCompleted, StepFailed,
    StepReplaced, SubmissionDecided, TouchedItem,
};
pub use evolve::{EntryContext, evolve, settle};
pub use outcome::{
    AgentReport, ArchiveReport, ContextAdded, Outcome, PauseReport, ResumeReport, RollbackReport,
    StepDone, StepStarted, StepUndone,
};
pub use rejection::Rejection;
pub use request::{CommandStamp, Request};
pub use transitions::{PLAN_MOVES, PROJECT_MOVES, Permission, PlanMove, ProjectMove, permission};
