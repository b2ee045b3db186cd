//! What comes next for a plan, in words, with the command that does it.

use super::output::one_line;
use super::verdict::waits_for;
use crate::model::{Gate, Hold, PlanState, ProjectId};
use crate::views::NextMove;

/// What comes next; the plan by an id that commands find it by.
pub(super) fn told(next: &NextMove, project: ProjectId, plan: &str) -> String {
    match next {
        NextMove::Held { hold } => held(*hold, project, plan),
        NextMove::Decide { gate, submission } => decide(*gate, *submission, plan),
        NextMove::StartImplementation => {
            format!("its implementation can begin: holdpoint plan implement {plan}")
        }
        NextMove::RunStep { step, title, .. } => {
            format!("step {step}: {}", one_line(title.as_str(), 80))
        }
        NextMove::Over {
            state: PlanState::Failed,
        } => format!("it failed; to go on where it did: holdpoint plan retry {plan}"),
        NextMove::Over { state } => format!("nothing, it is {state}"),
    }
}

/// What is to be decided, and by which command.
fn decide(gate: Gate, submission: u64, plan: &str) -> String {
    let on = format!("{plan} --submission {submission}");
    let command = match gate {
        Gate::Plan | Gate::Implementation => {
            format!("plan approve {on}, or holdpoint plan reject {on} --reason …")
        }
        Gate::Review => format!("plan review {on} --passed, or --failed --notes …"),
        Gate::Verification => {
            format!("plan verification {on} --passed, or --failed --details …")
        }
    };
    let waits = waits_for(gate);
    format!("submission {submission} waits for {waits}: holdpoint {command}")
}

fn held(hold: Hold, project: ProjectId, plan: &str) -> String {
    match hold {
        Hold::ProjectNotStarted => {
            format!("the project has to be started: holdpoint project start {project}")
        }
        Hold::ProjectPaused => {
            format!("the project is paused: holdpoint project resume {project}")
        }
        Hold::ProjectStopped => {
            format!("the project is stopped: holdpoint project start {project}")
        }
        Hold::ProjectCompleted => "nothing, the project is completed".to_owned(),
        Hold::NotStarted => format!("it has to be started: holdpoint plan start {plan}"),
        Hold::AwaitingSteps => {
            format!("somebody submits its steps: holdpoint plan submit {plan} --text … --step …")
        }
        Hold::AwaitingStart => format!("holdpoint plan implement {plan}"),
        Hold::AwaitingApproval
        | Hold::AwaitingReview
        | Hold::AwaitingVerification
        | Hold::Failed
        | Hold::Cancelled => format!("holdpoint plan show {plan}"),
    }
}
