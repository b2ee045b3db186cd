//! A project in figures: what it has in all, and how much context each agent has.

use super::Totals;
use crate::model::{Agent, Name, Project, ProjectId, Revision, Sizes, Tally, Tier, Timestamp};
use serde::Serialize;

/// A project in figures; its context agent by agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Statistics {
    /// The project.
    pub project: ProjectId,
    /// The revision that the figures are of.
    pub revision: Revision,
    /// The moment that the tiers are of: they change with time alone.
    pub at: Timestamp,
    /// What it has in all.
    pub totals: Totals,
    /// How much its journal says.
    pub sizes: Sizes,
    /// How many texts were removed for good.
    pub redacted: u64,
    /// Its agents, by name.
    pub agents: Vec<AgentView>,
}

impl Statistics {
    /// The figures of a project, with the tiers of this moment.
    #[must_use]
    pub fn of(project: &Project, now: Timestamp) -> Self {
        Self {
            project: project.id,
            revision: project.revision,
            at: now,
            totals: Totals::of(project),
            sizes: project.sizes,
            redacted: project.redacted.len() as u64,
            agents: agents(project, now),
        }
    }
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
    /// Both together.
    pub total: Tally,
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

/// The agents of a project by name, with the tiers of this moment.
pub(super) fn agents(project: &Project, now: Timestamp) -> Vec<AgentView> {
    let view = |agent: &Agent| AgentView {
        agent: agent.name.clone(),
        token_limit: agent.token_limit,
        active: agent.active,
        archived: agent.archived,
        total: Tally {
            items: agent.active.items + agent.archived.items,
            tokens: agent.active.tokens + agent.archived.tokens,
            estimated: agent.active.estimated + agent.archived.estimated,
        },
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
