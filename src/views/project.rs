//! A project as it is shown.

use super::statistics::{AgentView, agents};
use crate::machine::PauseReport;
use crate::model::{Hold, Origin, Project, ProjectSettings, RetentionPolicy, Timestamp};
use crate::storage::{PlanRow, ProjectRow};
use serde::Serialize;

/// A project, its agents and its plans.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProjectView {
    /// What lists say of it.
    #[serde(flatten)]
    pub row: ProjectRow,
    /// How it behaves.
    pub settings: ProjectSettings,
    /// How many checkpoints it keeps: its settings leave that out where it is as usual.
    pub retention: RetentionPolicy,
    /// The moment of another project that it was made of.
    pub origin: Option<Origin>,
    /// What the pause did, while it is paused.
    pub pause: Option<PauseReport>,
    /// Its agents, by name.
    pub agents: Vec<AgentView>,
    /// Its plans, in the order in which they were made.
    pub plan_list: Vec<PlanInList>,
}

/// A plan in a list, with what holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlanInList {
    /// What lists say of it.
    #[serde(flatten)]
    pub row: PlanRow,
    /// Why it doesn't move.
    pub hold: Option<Hold>,
}

impl ProjectView {
    /// A project as it is shown, with the tiers of this moment.
    #[must_use]
    pub fn of(project: &Project, now: Timestamp) -> Self {
        Self {
            row: ProjectRow::of(project),
            settings: project.settings.clone(),
            retention: project.settings.retention,
            origin: project.origin,
            pause: project.pause.as_ref().map(PauseReport::of),
            agents: agents(project, now),
            plan_list: project
                .plans_in_order()
                .into_iter()
                .map(|plan| PlanInList {
                    row: PlanRow::of(project.id, plan),
                    hold: Hold::of(project.status, plan.progress.state),
                })
                .collect(),
        }
    }
}
