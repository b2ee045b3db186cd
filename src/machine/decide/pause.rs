//! Pause and resume.

use super::flash_save::{FlashSave, is_over_threshold, reduction};
use super::{Flow, checkpoint, rollback};
use crate::machine::draft::Draft;
use crate::machine::transitions::check_project_move;
use crate::machine::{CommandKind, Env, Event, ItemsArchived, Outcome, PauseReport, Rejection};
use crate::model::{
    CheckpointId, FlashSavePolicy, PauseRecord, PauseWarning, Project, ProjectStatus, Reason, Tier,
    Timestamp, Trigger,
};

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
    let now = draft.now();
    let saved = FlashSave::of(
        project,
        |agent| match project.settings.flash_save {
            FlashSavePolicy::Always => true,
            FlashSavePolicy::OverThreshold => is_over_threshold(agent),
            FlashSavePolicy::Never => false,
        },
        |item| item.tier(now) == Tier::Cold,
        now,
    );
    let tokens_before = project.figures.tokens;
    let tokens_after = saved.agents.iter().map(|agent| agent.tokens_after).sum();
    let warnings = warnings(project, &saved, now);
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
