//! The tables: which moves there are, and which commands a project's status lets through.
//!
//! This is the one place that says so. `decide` asks here; messages, documentation and tests are
//! made from here.

use super::{CommandKind, Rejection};
use crate::model::{Plan, PlanState, Project, ProjectStatus};

/// A row of the table of a project's moves.
#[derive(Debug, Clone, Copy)]
pub struct ProjectMove {
    /// The command.
    pub command: CommandKind,
    /// Where it can begin.
    pub from: &'static [ProjectStatus],
    /// Where it can lead.
    pub to: &'static [ProjectStatus],
}

/// A row of the table of a plan's moves.
#[derive(Debug, Clone, Copy)]
pub struct PlanMove {
    /// The command.
    pub command: CommandKind,
    /// Where it can begin.
    pub from: &'static [PlanState],
    /// Where it can lead.
    pub to: &'static [PlanState],
}

/// The moves of a project.
pub const PROJECT_MOVES: &[ProjectMove] = {
    use CommandKind as C;
    use ProjectStatus::{Active, Completed, Init, Paused, Planning, Stopped};
    &[
        ProjectMove {
            command: C::PlanProject,
            from: &[Init],
            to: &[Planning],
        },
        ProjectMove {
            command: C::StartProject,
            from: &[Init, Planning, Stopped],
            to: &[Active],
        },
        ProjectMove {
            command: C::Pause,
            from: &[Planning, Active],
            to: &[Paused],
        },
        ProjectMove {
            command: C::Resume,
            from: &[Paused],
            to: &[Planning, Active],
        },
        ProjectMove {
            command: C::StopProject,
            from: &[Planning, Active, Paused],
            to: &[Stopped],
        },
        ProjectMove {
            command: C::CompleteProject,
            from: &[Active],
            to: &[Completed],
        },
    ]
};

/// The moves of a plan, a row for each command and the states that it can be given in. Gates that
/// are off are left out on the way.
pub const PLAN_MOVES: &[PlanMove] = {
    use CommandKind as C;
    use PlanState::{
        Cancelled, Completed, Failed, ImplementationAwaitingApproval, Implementing, Pending,
        PlanApproved, PlanAwaitingApproval, Planning, Reviewing, Verifying,
    };
    const UNFINISHED: &[PlanState] = &[
        Pending,
        Planning,
        PlanAwaitingApproval,
        PlanApproved,
        Implementing,
        ImplementationAwaitingApproval,
        Reviewing,
        Verifying,
    ];
    const UNFINISHED_OR_FAILED: &[PlanState] = &[
        Pending,
        Planning,
        PlanAwaitingApproval,
        PlanApproved,
        Implementing,
        ImplementationAwaitingApproval,
        Reviewing,
        Verifying,
        Failed,
    ];
    const PLANNING_OR_LATER: &[PlanState] = &[
        Planning,
        PlanAwaitingApproval,
        PlanApproved,
        Implementing,
        ImplementationAwaitingApproval,
        Reviewing,
        Verifying,
    ];
    &[
        PlanMove {
            command: C::StartPlan,
            from: &[Pending],
            to: &[Planning, Implementing],
        },
        PlanMove {
            command: C::SubmitPlan,
            from: &[Planning],
            to: &[PlanAwaitingApproval, Implementing],
        },
        PlanMove {
            command: C::Approve,
            from: &[PlanAwaitingApproval],
            to: &[PlanApproved],
        },
        PlanMove {
            command: C::Reject,
            from: &[PlanAwaitingApproval],
            to: &[Planning],
        },
        PlanMove {
            command: C::StartImplementation,
            from: &[PlanApproved],
            to: &[Implementing],
        },
        PlanMove {
            command: C::StartStep,
            from: &[Implementing],
            to: &[Implementing],
        },
        PlanMove {
            command: C::CompleteStep,
            from: &[Implementing],
            to: &[
                Implementing,
                ImplementationAwaitingApproval,
                Reviewing,
                Verifying,
                Completed,
            ],
        },
        PlanMove {
            command: C::FailStep,
            from: &[Implementing],
            to: &[Implementing, Failed],
        },
        PlanMove {
            command: C::Approve,
            from: &[ImplementationAwaitingApproval],
            to: &[Reviewing, Verifying, Completed],
        },
        PlanMove {
            command: C::Reject,
            from: &[ImplementationAwaitingApproval],
            to: &[Implementing],
        },
        PlanMove {
            command: C::RecordReview,
            from: &[Reviewing],
            to: &[Implementing, Verifying, Completed],
        },
        PlanMove {
            command: C::RecordVerification,
            from: &[Verifying],
            to: &[Implementing, Completed],
        },
        PlanMove {
            command: C::FailPlan,
            from: UNFINISHED,
            to: &[Failed],
        },
        PlanMove {
            command: C::CancelPlan,
            from: UNFINISHED_OR_FAILED,
            to: &[Cancelled],
        },
        PlanMove {
            command: C::RetryPlan,
            from: &[Failed],
            to: UNFINISHED,
        },
        PlanMove {
            command: C::RevertPlan,
            from: PLANNING_OR_LATER,
            to: &[Planning, Implementing],
        },
        PlanMove {
            command: C::MarkApplied,
            from: &[Completed],
            to: &[Completed],
        },
    ]
};

/// What a project's status says to a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// It may go on.
    Allowed,
    /// It has to wait for the resume.
    Paused,
    /// It has to wait for the start.
    NotStarted,
    /// The project is stopped.
    Stopped,
    /// The project is completed.
    Completed,
}

/// The table of what each status lets through.
#[must_use]
pub fn permission(status: ProjectStatus, command: CommandKind) -> Permission {
    use CommandKind as C;
    let refused = match status {
        ProjectStatus::Active => false,
        // No step starts before the project does.
        ProjectStatus::Init | ProjectStatus::Planning => command == C::StartStep,
        // What would begin new work waits; what records, decides or undoes goes on.
        ProjectStatus::Paused => matches!(
            command,
            C::StartProject
                | C::PlanProject
                | C::CompleteProject
                | C::StartPlan
                | C::SubmitPlan
                | C::StartImplementation
                | C::StartStep
                | C::RecordReview
                | C::RecordVerification
                | C::RetryPlan
                | C::AddContext
        ),
        // How many checkpoints are kept is no work, and what is over stays the longest.
        ProjectStatus::Stopped => !matches!(
            command,
            C::StartProject
                | C::CreateCheckpoint
                | C::PinCheckpoint
                | C::SetRetention
                | C::ApplyRetention
                | C::RedactItem
                | C::RedactOutput
                | C::RedactBody
                | C::RenameProject
                | C::DeleteProject
        ),
        ProjectStatus::Completed => !matches!(
            command,
            C::MarkApplied
                | C::PinCheckpoint
                | C::SetRetention
                | C::ApplyRetention
                | C::RedactItem
                | C::RedactOutput
                | C::RedactBody
                | C::RenameProject
                | C::DeleteProject
        ),
    };
    match status {
        _ if !refused => Permission::Allowed,
        ProjectStatus::Paused => Permission::Paused,
        ProjectStatus::Stopped => Permission::Stopped,
        ProjectStatus::Completed => Permission::Completed,
        _ => Permission::NotStarted,
    }
}

/// Refuses what the project's status doesn't let through.
pub(super) fn check_permission(project: &Project, command: CommandKind) -> Result<(), Rejection> {
    match permission(project.status, command) {
        Permission::Allowed => Ok(()),
        Permission::Paused => Err(Rejection::ProjectPaused { command }),
        Permission::NotStarted => Err(Rejection::ProjectNotStarted {
            status: project.status,
            command,
        }),
        Permission::Stopped => Err(Rejection::ProjectStopped { command }),
        Permission::Completed => Err(Rejection::ProjectCompleted { command }),
    }
}

/// Refuses a move that the project's table doesn't have.
pub(super) fn check_project_move(project: &Project, command: CommandKind) -> Result<(), Rejection> {
    let possible = |row: &&ProjectMove| row.from.contains(&project.status);
    if PROJECT_MOVES
        .iter()
        .filter(possible)
        .any(|row| row.command == command)
    {
        return Ok(());
    }
    Err(Rejection::InvalidTransition {
        subject: format!("project {}", project.id),
        state: project.status.to_string(),
        command,
        allowed: PROJECT_MOVES
            .iter()
            .filter(possible)
            .map(|row| row.command)
            .collect(),
    })
}

/// Refuses a move that the plan's table doesn't have.
pub(super) fn check_plan_move(plan: &Plan, command: CommandKind) -> Result<(), Rejection> {
    let state = plan.progress.state;
    let possible = |row: &&PlanMove| row.from.contains(&state);
    if PLAN_MOVES
        .iter()
        .filter(possible)
        .any(|row| row.command == command)
    {
        return Ok(());
    }
    Err(Rejection::InvalidTransition {
        subject: format!("plan {}", plan.id),
        state: state.to_string(),
        command,
        allowed: PLAN_MOVES
            .iter()
            .filter(possible)
            .map(|row| row.command)
            .collect(),
    })
}
