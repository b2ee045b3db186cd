//! What a project's status forbids: section 4 of the design.

use holdpoint::machine::{Command, CommandKind};

/// The code that a project of this status refuses a command with, whatever it says.
pub(super) fn forbidden(status: &str, command: &Command) -> Option<&'static str> {
    use CommandKind as C;
    let command = command.kind();
    match status {
        "init" | "planning" => (command == C::StartStep).then_some("PROJECT_NOT_STARTED"),
        "paused" => [
            C::StartProject,
            C::PlanProject,
            C::CompleteProject,
            C::StartPlan,
            C::SubmitPlan,
            C::StartImplementation,
            C::StartStep,
            C::RecordReview,
            C::RecordVerification,
            C::RetryPlan,
            C::AddContext,
        ]
        .contains(&command)
        .then_some("PROJECT_PAUSED"),
        "stopped" => (![
            C::StartProject,
            C::CreateCheckpoint,
            C::PinCheckpoint,
            C::SetRetention,
            C::ApplyRetention,
            C::RedactItem,
            C::RedactOutput,
            C::RedactBody,
            C::RenameProject,
            C::DeleteProject,
        ]
        .contains(&command))
        .then_some("PROJECT_STOPPED"),
        "completed" => (![
            C::MarkApplied,
            C::PinCheckpoint,
            C::SetRetention,
            C::ApplyRetention,
            C::RedactItem,
            C::RedactOutput,
            C::RedactBody,
            C::RenameProject,
            C::DeleteProject,
        ]
        .contains(&command))
        .then_some("PROJECT_COMPLETED"),
        _ => None,
    }
}

/// The states of a plan, in the order of the workflow.
pub(super) const ORDER: [&str; 11] = [
    "pending",
    "planning",
    "plan_awaiting_approval",
    "plan_approved",
    "implementing",
    "implementation_awaiting_approval",
    "reviewing",
    "verifying",
    "completed",
    "failed",
    "cancelled",
];

/// A state's place in that order.
pub(super) fn order(state: &str) -> usize {
    let place = ORDER.iter().position(|known| *known == state);
    place.expect("there are no other states")
}

/// Whether work on a plan in this state can go on.
pub(super) fn is_unfinished(state: &str) -> bool {
    order(state) < order("completed")
}

/// What a plan in this state waits for.
pub(super) fn gate(state: &str) -> Option<&'static str> {
    match state {
        "plan_awaiting_approval" => Some("plan"),
        "implementation_awaiting_approval" => Some("implementation"),
        "reviewing" => Some("review"),
        "verifying" => Some("verification"),
        _ => None,
    }
}
