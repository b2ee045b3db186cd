//! A project's own moves.

use super::Flow;
use crate::machine::command::InitialStatus;
use crate::machine::draft::Draft;
use crate::machine::transitions::check_project_move;
use crate::machine::{Command, Event, ProjectCreated, Rejection};
use crate::model::{InvalidInput, MAX_INTEGER, Name, ProjectSettings, ProjectStatus};

pub(super) fn create(
    draft: &mut Draft<'_>,
    name: &Name,
    status: InitialStatus,
    settings: &ProjectSettings,
) -> Result<(), Rejection> {
    check_token_limit(settings.token_limit)?;
    settings.retention.check()?;
    draft.push(Event::ProjectCreated(ProjectCreated {
        name: name.clone(),
        status: match status {
            InitialStatus::Init => ProjectStatus::Init,
            InitialStatus::Planning => ProjectStatus::Planning,
            InitialStatus::Active => ProjectStatus::Active,
        },
        settings: settings.clone(),
    }));
    Ok(())
}

pub(super) fn change_status(draft: &mut Draft<'_>, command: &Command) -> Result<Flow, Rejection> {
    let project = draft.before;
    check_project_move(project, command.kind())?;
    draft.push(match command {
        Command::PlanProject => Event::ProjectPlanned,
        Command::StartProject => Event::ProjectStarted,
        Command::StopProject { reason } => Event::ProjectStopped {
            reason: reason.clone(),
        },
        _ if project.unfinished_plans > 0 => {
            return Err(Rejection::PlansUnfinished {
                unfinished: project.unfinished_plans,
            });
        }
        _ => Event::ProjectCompleted,
    });
    Ok(Flow::Commit)
}

/// Refuses a token limit that no agent can have.
pub(super) fn check_token_limit(limit: u64) -> Result<(), Rejection> {
    if (1..=MAX_INTEGER).contains(&limit) {
        return Ok(());
    }
    Err(InvalidInput::malformed(
        "token_limit",
        format!("1 to {MAX_INTEGER}"),
        &limit.to_string(),
    )
    .into())
}
