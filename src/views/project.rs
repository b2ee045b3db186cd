//! A project as it is shown.

use crate::machine::PauseReport;
use crate::model::{Hold, Name, Project, ProjectSettings, Tally, Tier, Timestamp};
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

/// An agent and its context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AgentView {
    /// Its name.
    pub agent: Name,
    /// The tokens that its active context should stay under.
    pub token_limit: u64,
    /// Its active context.
    pub active: Tally,
    /// What was archived of it.
    pub archived: Tally,
    /// Its active context by tier, at the moment that was asked for.
    pub tiers: Tiers,
}

/// Active context by tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tiers {
    /// Important now, or pinned.
    pub hot: TierTally,
    /// In between.
    pub warm: TierTally,
    /// What a flash save would archive.
    pub cold: TierTally,
}

/// How much is in a tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct TierTally {
    /// How many items.
    pub items: u64,
    /// Their tokens in all.
    pub tokens: u64,
}

impl Tiers {
    fn of(&mut self, tier: Tier) -> &mut TierTally {
        match tier {
            Tier::Hot => &mut self.hot,
            Tier::Warm => &mut self.warm,
            Tier::Cold => &mut self.cold,
        }
    }
}

impl ProjectView {
    /// A project as it is shown, with the tiers of this moment.
    #[must_use]
    pub fn of(project: &Project, now: Timestamp) -> Self {
        Self {
            row: ProjectRow::of(project),
            settings: project.settings.clone(),
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

fn agents(project: &Project, now: Timestamp) -> Vec<AgentView> {
    let view = |agent: &crate::model::Agent| AgentView {
        agent: agent.name.clone(),
        token_limit: agent.token_limit,
        active: agent.active,
        archived: agent.archived,
        tiers: Tiers::default(),
    };
    // In the order of their names, as the agents are kept.
    let mut agents: Vec<AgentView> = project.agents.values().map(|agent| view(agent)).collect();
    for item in project.items.values().filter(|item| !item.archived) {
        let Ok(of_agent) = agents.binary_search_by_key(&&item.agent, |view| &view.agent) else {
            continue;
        };
        let tally = agents[of_agent].tiers.of(item.tier(now));
        tally.items += 1;
        tally.tokens += item.tokens;
    }
    agents
}
