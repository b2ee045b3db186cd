//! What comes next: how work on a plan is taken up again, by the state that it is in.

use crate::machine::{CommandKind, Permission, permission};
use crate::model::{Gate, Hold, Name, Plan, PlanState, ProjectStatus, StepId};
use serde::Serialize;

/// What a plan does next, or waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum NextMove {
    /// Something else has to happen first.
    Held {
        /// What.
        hold: Hold,
    },
    /// Somebody has to decide on a submission.
    Decide {
        /// What it waits for.
        gate: Gate,
        /// The submission.
        submission: u64,
    },
    /// The plan is approved; its implementation can begin.
    StartImplementation,
    /// A step is to be done, or done again.
    RunStep {
        /// Which, zero-based.
        step: u32,
        /// Its idempotency key.
        id: StepId,
        /// What is to be done.
        title: Name,
    },
    /// There is nothing more to do.
    Over {
        /// How it ended: completed, failed or cancelled.
        state: PlanState,
    },
}

impl NextMove {
    /// What comes next for a plan, in a project of this status.
    #[must_use]
    pub fn of(project: ProjectStatus, plan: &Plan) -> Self {
        let state = plan.progress.state;
        if !state.is_unfinished() {
            return NextMove::Over { state };
        }
        // A move that the project's status lets through is not held by it: an approval can be
        // given while the project is paused.
        match possible(plan) {
            Some((command, next)) if permission(project, command) == Permission::Allowed => next,
            _ => NextMove::Held {
                hold: Hold::of(project, state).unwrap_or(Hold::AwaitingSteps),
            },
        }
    }
}

/// What the plan's own state is ready for, and the command that does it.
fn possible(plan: &Plan) -> Option<(CommandKind, NextMove)> {
    let state = plan.progress.state;
    match (state.gate(), state) {
        (Some(gate), _) => {
            let submission = plan.progress.submission?;
            let command = match gate {
                Gate::Plan | Gate::Implementation => CommandKind::Approve,
                Gate::Review => CommandKind::RecordReview,
                Gate::Verification => CommandKind::RecordVerification,
            };
            Some((command, NextMove::Decide { gate, submission }))
        }
        (None, PlanState::PlanApproved) => Some((
            CommandKind::StartImplementation,
            NextMove::StartImplementation,
        )),
        (None, PlanState::Implementing) => Some((CommandKind::StartStep, next_step(plan)?)),
        _ => None,
    }
}

fn next_step(plan: &Plan) -> Option<NextMove> {
    let next = plan.next_step();
    let step = plan.steps.get(next)?;
    Some(NextMove::RunStep {
        step: u32::try_from(next).ok()?,
        id: step.id,
        title: step.title.clone(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        Actor, PlanGuards, PlanId, PlanProgress, PlanSettings, Revision, Step, Text, Timestamp,
    };
    use std::sync::Arc;

    /// A plan in a state, with one step done of two.
    fn plan(state: PlanState) -> Plan {
        let name = Name::new("ana").unwrap();
        let step = |n| Step::new(StepId::from_parts(1, n), name.clone(), None);
        Plan {
            id: PlanId::from_parts(1, 1),
            number: 1,
            request: Text::Inline("do it".into()),
            settings: PlanSettings::default(),
            guards: PlanGuards::default(),
            last_checkpoint_id: None,
            applied_at: None,
            verdicts: imbl::Vector::new(),
            progress: PlanProgress {
                state,
                last_completed_step: 0,
                submission: state.awaits_decision().then_some(7),
                ..PlanProgress::pending()
            },
            steps: [1, 2].map(|n| Arc::new(step(n))).into_iter().collect(),
            created_at: Timestamp::EPOCH,
            created_by: Actor::new(name.clone()),
            updated_at: Timestamp::EPOCH,
            changed: Revision::FIRST,
        }
    }

    #[test]
    fn r47_what_comes_next_follows_from_the_state_and_the_projects_status() {
        for status in ProjectStatus::ALL {
            for state in PlanState::ALL {
                let plan = plan(state);
                let held = Hold::of(status, state);
                let expected = match (status, state) {
                    (_, PlanState::Completed | PlanState::Failed | PlanState::Cancelled) => {
                        NextMove::Over { state }
                    }
                    // What is decided or prepared goes on before the start; no step does.
                    (
                        ProjectStatus::Active | ProjectStatus::Init | ProjectStatus::Planning,
                        PlanState::PlanApproved,
                    ) => NextMove::StartImplementation,
                    (ProjectStatus::Active, PlanState::Implementing) => NextMove::RunStep {
                        step: 1,
                        id: plan.steps[1].id,
                        title: plan.steps[1].title.clone(),
                    },
                    (ProjectStatus::Active | ProjectStatus::Init | ProjectStatus::Planning, _)
                        if state.awaits_decision() =>
                    {
                        NextMove::Decide {
                            gate: state.gate().unwrap(),
                            submission: 7,
                        }
                    }
                    // Approvals go on in a pause (R13), reviews and verifications wait.
                    (
                        ProjectStatus::Paused,
                        PlanState::PlanAwaitingApproval | PlanState::ImplementationAwaitingApproval,
                    ) => NextMove::Decide {
                        gate: state.gate().unwrap(),
                        submission: 7,
                    },
                    _ => NextMove::Held {
                        hold: held.unwrap(),
                    },
                };
                assert_eq!(NextMove::of(status, &plan), expected, "{status} {state}");
            }
        }
    }
}
