//! Holds: why a plan doesn't move.

use super::{PlanState, ProjectStatus};
use serde::Serialize;

/// Why a plan doesn't move by itself: what somebody has to do first, or that nobody can.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Hold {
    /// The project has to be started.
    ProjectNotStarted,
    /// The project has to be resumed.
    ProjectPaused,
    /// The project has to be started again.
    ProjectStopped,
    /// The project is over.
    ProjectCompleted,
    /// The plan has to be started.
    NotStarted,
    /// Somebody has to submit its steps.
    AwaitingSteps,
    /// Somebody has to approve the plan or what was done.
    AwaitingApproval,
    /// Somebody has to start its implementation.
    AwaitingStart,
    /// Somebody has to review what was done.
    AwaitingReview,
    /// Somebody has to verify what was done.
    AwaitingVerification,
    /// It went wrong; it can be retried.
    Failed,
    /// It was given up.
    Cancelled,
}

impl Hold {
    /// What holds a plan in this state, in a project of this status. None: its next step can start,
    /// or it is completed. What is over is over whatever the project's status.
    #[must_use]
    pub const fn of(project: ProjectStatus, plan: PlanState) -> Option<Self> {
        match plan {
            PlanState::Completed => return None,
            PlanState::Failed => return Some(Hold::Failed),
            PlanState::Cancelled => return Some(Hold::Cancelled),
            _ => {}
        }
        match project {
            ProjectStatus::Active => {}
            ProjectStatus::Init | ProjectStatus::Planning => return Some(Hold::ProjectNotStarted),
            ProjectStatus::Paused => return Some(Hold::ProjectPaused),
            ProjectStatus::Stopped => return Some(Hold::ProjectStopped),
            ProjectStatus::Completed => return Some(Hold::ProjectCompleted),
        }
        match plan {
            PlanState::Pending => Some(Hold::NotStarted),
            PlanState::Planning => Some(Hold::AwaitingSteps),
            PlanState::PlanAwaitingApproval | PlanState::ImplementationAwaitingApproval => {
                Some(Hold::AwaitingApproval)
            }
            PlanState::PlanApproved => Some(Hold::AwaitingStart),
            PlanState::Reviewing => Some(Hold::AwaitingReview),
            PlanState::Verifying => Some(Hold::AwaitingVerification),
            PlanState::Implementing
            | PlanState::Completed
            | PlanState::Failed
            | PlanState::Cancelled => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_moves_only_while_it_is_implemented_in_an_active_project() {
        for status in ProjectStatus::ALL {
            for state in PlanState::ALL {
                let moves = status == ProjectStatus::Active && state == PlanState::Implementing;
                let free = moves || state == PlanState::Completed;
                assert_eq!(Hold::of(status, state).is_none(), free, "{status} {state}");
            }
        }
    }

    #[test]
    fn what_is_over_says_so_before_it_speaks_of_the_project() {
        for status in ProjectStatus::ALL {
            assert_eq!(Hold::of(status, PlanState::Failed), Some(Hold::Failed));
            assert_eq!(
                Hold::of(status, PlanState::Cancelled),
                Some(Hold::Cancelled)
            );
        }
        assert_eq!(
            Hold::of(ProjectStatus::Paused, PlanState::Reviewing),
            Some(Hold::ProjectPaused)
        );
    }
}
