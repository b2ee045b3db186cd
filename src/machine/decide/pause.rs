//! Pause and resume.

use super::{Flow, checkpoint, rollback};
use crate::machine::draft::Draft;
use crate::machine::transitions::check_project_move;
use crate::machine::{CommandKind, Env, Event, ItemsArchived, Outcome, PauseReport, Rejection};
use crate::model::{
    Agent, AgentFlashSave, CheckpointId, FlashSavePolicy, ItemId, Name, PauseRecord, PauseWarning,
    Project, ProjectStatus, Reason, Tier, Timestamp, Trigger,
};

/// An agent's context is worth a flash save from this share of its token limit on, in percent.
const THRESHOLD_PERCENT: u128 = 80;

pub(super) fn pause(draft: &mut Draft<'_>, reason: Option<&Reason>) -> Result<Flow, Rejection> {
    let project = draft.before;
    if let Some(record) = &project.pause {
        // The first pause's report, and no new entry.
        let report = PauseReport {
            already_paused: true,
            ..PauseReport::of(record)
        };
        return Ok(Flow::Nothing(Box::new(Outcome::Paused(report))));
    }
    check_project_move(project, CommandKind::Pause)?;
    let saved = flash_save(project, draft.now());
    let tokens_before = project.figures.tokens;
    let tokens_after = saved.agents.iter().map(|agent| agent.tokens_after).sum();
    let warnings = warnings(project, &saved, draft.now());
    let items_archived = saved.items.len() as u64;
    if !saved.items.is_empty() {
        draft.push(Event::ItemsArchived(ItemsArchived {
            agents: saved.agents.clone(),
            items: saved.items,
        }));
    }
    let checkpoint_id =
        checkpoint::before_this_entry(draft, Trigger::Pause, "before the pause", None, reason);
    let record = PauseRecord {
        from: project.status,
        checkpoint_id,
        paused_at: draft.now(),
        paused_by: draft.entry.actor.clone(),
        reason: reason.cloned(),
        tokens_before,
        tokens_after,
        reduction_hundredths: reduction(tokens_before, tokens_after),
        items_archived,
        agents: saved.agents,
        warnings,
    };
    draft.push(Event::ProjectPaused { record });
    Ok(Flow::Commit)
}

pub(super) fn resume(
    draft: &mut Draft<'_>,
    checkpoint: Option<CheckpointId>,
    env: &Env<'_>,
) -> Result<Flow, Rejection> {
    let project = draft.before;
    let Some(record) = &project.pause else {
        return Err(Rejection::ProjectNotPaused {
            status: project.status,
        });
    };
    check_project_move(project, CommandKind::Resume)?;
    if let Some(checkpoint) = checkpoint {
        match rollback::project(draft, checkpoint, None, env)? {
            Flow::Commit => {}
            other => return Ok(other),
        }
    }
    draft.push(Event::ProjectResumed {
        status: match record.from {
            ProjectStatus::Planning => ProjectStatus::Planning,
            _ => ProjectStatus::Active,
        },
    });
    Ok(Flow::Commit)
}

/// What a flash save takes out of active context.
struct FlashSave {
    items: Vec<ItemId>,
    agents: Vec<AgentFlashSave>,
}

/// Finds the cold items of every agent that the policy lets it save.
fn flash_save(project: &Project, now: Timestamp) -> FlashSave {
    // In the order of their names, as the agents are kept.
    let mut saves: Vec<AgentFlashSave> = project
        .agents
        .values()
        .map(|agent| untouched(agent))
        .collect();
    let mut items = Vec::new();
    for item in project.items.values().filter(|item| !item.archived) {
        let Ok(of_agent) = saves.binary_search_by_key(&&item.agent, |save| &save.agent) else {
            continue;
        };
        let save = &mut saves[of_agent];
        match item.tier(now) {
            Tier::Hot => save.hot_kept += 1,
            Tier::Warm => save.warm_kept += 1,
            Tier::Cold if is_saved(project, &item.agent) => {
                save.items_archived += 1;
                save.tokens_after -= item.tokens;
                items.push(item.id);
            }
            Tier::Cold => {}
        }
    }
    let agents = saves
        .into_iter()
        .map(|save| AgentFlashSave {
            reduction_hundredths: reduction(save.tokens_before, save.tokens_after),
            ..save
        })
        .collect();
    FlashSave { items, agents }
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

fn is_saved(project: &Project, agent: &Name) -> bool {
    match project.settings.flash_save {
        FlashSavePolicy::Always => true,
        FlashSavePolicy::Never => false,
        FlashSavePolicy::OverThreshold => project.agents.get(agent).is_some_and(|agent| {
            u128::from(agent.active.tokens) * 100
                >= u128::from(agent.token_limit) * THRESHOLD_PERCENT
        }),
    }
}

fn warnings(project: &Project, saved: &FlashSave, now: Timestamp) -> Vec<PauseWarning> {
    let mut warnings = Vec::new();
    for save in &saved.agents {
        let limit = project
            .agents
            .get(&save.agent)
            .map_or(u64::MAX, |agent| agent.token_limit);
        if save.tokens_after > limit {
            warnings.push(PauseWarning::AgentOverLimit {
                agent: save.agent.clone(),
                tokens: save.tokens_after,
                limit,
            });
        }
    }
    let estimated = project
        .agents
        .values()
        .map(|agent| agent.active.estimated)
        .sum();
    if estimated > 0 {
        warnings.push(PauseWarning::TokensEstimated { items: estimated });
    }
    if now < project.updated_at {
        warnings.push(PauseWarning::ClockWentBack {
            previous: project.updated_at,
            now,
        });
    }
    warnings
}

/// How much less `after` is than `before`, in hundredths of a percent, half rounded up.
fn reduction(before: u64, after: u64) -> u32 {
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
