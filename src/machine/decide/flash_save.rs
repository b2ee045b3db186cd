//! Taking cold context out of the way.

use super::{Flow, find_items};
use crate::machine::draft::Draft;
use crate::machine::{ArchiveReport, Event, ItemsArchived, Outcome, Rejection};
use crate::model::{Agent, AgentFlashSave, Item, ItemId, Name, Project, Tier, Timestamp, set_of};

/// An agent's context is worth a flash save from this share of its token limit on, in percent.
const THRESHOLD_PERCENT: u128 = 80;

/// What is taken out of active context.
pub(super) struct FlashSave {
    pub(super) items: Vec<ItemId>,
    pub(super) agents: Vec<AgentFlashSave>,
}

/// On demand: of one agent or of all, of those that have reached the threshold, or of every one.
pub(super) fn save(
    draft: &mut Draft<'_>,
    agent: Option<&Name>,
    force: bool,
) -> Result<Flow, Rejection> {
    let project = draft.before;
    if let Some(agent) = agent
        && !project.agents.contains_key(agent)
    {
        return Err(Rejection::AgentNotFound {
            agent: agent.clone(),
        });
    }
    let is_meant = |known: &Agent| agent.is_none_or(|agent| known.name == *agent);
    let is_saved = |known: &Agent| is_meant(known) && (force || is_over_threshold(known));
    let now = draft.now();
    let saved = FlashSave::of(project, is_saved, |item| item.tier(now) == Tier::Cold, now);
    Ok(commit(
        draft,
        saved.only(|save| {
            project
                .agents
                .get(&save.agent)
                .is_some_and(|known| is_saved(known))
        }),
    ))
}

/// What somebody names, whatever its tier.
pub(super) fn archive(draft: &mut Draft<'_>, items: &[ItemId]) -> Result<Flow, Rejection> {
    let project = draft.before;
    let named = find_items(project, items)?;
    let of = set_of(named.iter().map(|item| &item.agent));
    let ids = set_of(named.iter().map(|item| item.id));
    let is_named = |item: &Item| ids.contains(&item.id);
    let saved = FlashSave::of(
        project,
        |agent| of.contains(&agent.name),
        is_named,
        draft.now(),
    );
    Ok(commit(draft, saved.only(|save| save.items_archived > 0)))
}

fn commit(draft: &mut Draft<'_>, saved: FlashSave) -> Flow {
    if saved.items.is_empty() {
        // Nothing to take away is nothing to put on record.
        let report = ArchiveReport::of(&saved.agents);
        return Flow::Nothing(Box::new(Outcome::ContextArchived(report)));
    }
    draft.push(Event::ItemsArchived(ItemsArchived {
        agents: saved.agents,
        items: saved.items,
    }));
    Flow::Commit
}

pub(super) fn is_over_threshold(agent: &Agent) -> bool {
    u128::from(agent.active.tokens) * 100 >= u128::from(agent.token_limit) * THRESHOLD_PERCENT
}

impl FlashSave {
    /// Finds the active items that leave, of the agents that are saved. All agents are reported,
    /// in the order of their names, as they are kept.
    pub(super) fn of(
        project: &Project,
        is_saved: impl Fn(&Agent) -> bool,
        leaves: impl Fn(&Item) -> bool,
        now: Timestamp,
    ) -> Self {
        let mut saves: Vec<(AgentFlashSave, bool)> = project
            .agents
            .values()
            .map(|agent| (untouched(agent), is_saved(agent)))
            .collect();
        let mut items = Vec::new();
        for item in project.items.values().filter(|item| !item.archived) {
            let found = saves.binary_search_by_key(&&item.agent, |(save, _)| &save.agent);
            let Ok(of_agent) = found else { continue };
            let (save, is_saved) = &mut saves[of_agent];
            if *is_saved && leaves(item) {
                save.items_archived += 1;
                save.tokens_after -= item.tokens;
                items.push(item.id);
                continue;
            }
            match item.tier(now) {
                Tier::Hot => save.hot_kept += 1,
                Tier::Warm => save.warm_kept += 1,
                Tier::Cold => {}
            }
        }
        let agents = saves
            .into_iter()
            .map(|(save, _)| AgentFlashSave {
                reduction_hundredths: reduction(save.tokens_before, save.tokens_after),
                ..save
            })
            .collect();
        FlashSave { items, agents }
    }

    /// With no word of the other agents.
    fn only(mut self, is_told: impl Fn(&AgentFlashSave) -> bool) -> Self {
        self.agents.retain(is_told);
        self
    }
}

fn untouched(agent: &Agent) -> AgentFlashSave {
    AgentFlashSave {
        agent: agent.name.clone(),
        tokens_before: agent.active.tokens,
        tokens_after: agent.active.tokens,
        reduction_hundredths: 0,
        items_archived: 0,
        hot_kept: 0,
        warm_kept: 0,
    }
}

/// How much less `after` is than `before`, in hundredths of a percent, half rounded up.
pub(in crate::machine) fn reduction(before: u64, after: u64) -> u32 {
    if before == 0 {
        return 0;
    }
    let (before, saved) = (u128::from(before), u128::from(before - after));
    u32::try_from((saved * 10_000 + before / 2) / before).expect("a share is at most 10,000")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r2_a_reduction_has_two_decimals_rounded_half_up() {
        for (before, after, hundredths) in [
            (0, 0, 0),
            (3, 2, 3333),
            (3, 1, 6667),
            (8, 8, 0),
            (8, 0, 10_000),
            (20_000, 19_999, 1),
            (20_001, 20_000, 0),
        ] {
            assert_eq!(reduction(before, after), hundredths, "{before} to {after}");
        }
    }
}
