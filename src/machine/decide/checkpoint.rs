//! Taking checkpoints.

use super::{Flow, find_checkpoint, find_plan};
use crate::machine::command::NewCheckpoint;
use crate::machine::draft::Draft;
use crate::machine::{CheckpointTaken, Event, Outcome, Rejection};
use crate::model::{
    Checkpoint, CheckpointId, CheckpointName, Name, PlanId, Reason, Revision, Stage, Trigger,
};

/// A checkpoint that somebody asked for. It stands for the entry that it is in.
pub(super) fn create(draft: &mut Draft<'_>, new: &NewCheckpoint) -> Result<Flow, Rejection> {
    if let Some(plan) = new.plan {
        find_plan(draft.before, plan)?;
    }
    let bare = bookmark(
        draft,
        draft.entry.revision,
        Trigger::Manual,
        new.name.clone(),
        new.plan,
    );
    take(
        draft,
        Checkpoint {
            description: new.description.clone(),
            reason: new.reason.clone(),
            source_tool: new.source_tool.clone(),
            phase: new.phase.clone(),
            external_ref: new.external_ref.clone(),
            data: new.data.clone(),
            pinned: new.pinned,
            ..bare
        },
    );
    Ok(Flow::Commit)
}

/// To pin one that is pinned changes nothing.
pub(super) fn pin(
    draft: &mut Draft<'_>,
    checkpoint: CheckpointId,
    pinned: bool,
) -> Result<Flow, Rejection> {
    if find_checkpoint(draft.before, checkpoint)?.pinned == pinned {
        let outcome = Outcome::CheckpointPinned { checkpoint, pinned };
        return Ok(Flow::Nothing(Box::new(outcome)));
    }
    draft.push(Event::CheckpointPinned { checkpoint, pinned });
    Ok(Flow::Commit)
}

/// The checkpoint that a completed step brings with it.
pub(super) fn after_step(draft: &mut Draft<'_>, plan: PlanId, step: u32) {
    let name = CheckpointName::new(format!("after step {step}")).expect("it is a short text");
    let checkpoint = bookmark(draft, draft.entry.revision, Trigger::Auto, name, Some(plan));
    take(draft, checkpoint);
}

/// The checkpoint that a stage of the workflow brings with it.
pub(super) fn at_stage(draft: &mut Draft<'_>, plan: PlanId, stage: Stage) {
    let name = CheckpointName::new(stage.title()).expect("it is a short text");
    let phase = Name::new(stage.as_str()).expect("it is a short text");
    let revision = draft.entry.revision;
    let checkpoint = Checkpoint {
        phase: Some(phase),
        ..bookmark(draft, revision, Trigger::PhaseTransition, name, Some(plan))
    };
    take(draft, checkpoint);
}

/// The checkpoint of how all was just before this entry.
pub(super) fn before_this_entry(
    draft: &mut Draft<'_>,
    trigger: Trigger,
    name: &str,
    plan: Option<PlanId>,
    reason: Option<&Reason>,
) -> CheckpointId {
    let shortened: String = name.chars().take(100).collect();
    let name = CheckpointName::new(shortened).expect("it starts with words and is cut to length");
    let checkpoint = Checkpoint {
        safety: trigger == Trigger::Auto,
        reason: reason.cloned(),
        ..bookmark(draft, draft.before.revision, trigger, name, plan)
    };
    let id = checkpoint.id;
    take(draft, checkpoint);
    id
}

fn bookmark(
    draft: &mut Draft<'_>,
    revision: Revision,
    trigger: Trigger,
    name: CheckpointName,
    plan: Option<PlanId>,
) -> Checkpoint {
    Checkpoint {
        id: draft.new_id(),
        number: draft.next.numbers.checkpoints + 1,
        plan,
        revision,
        trigger,
        safety: false,
        name,
        description: None,
        reason: None,
        source_tool: None,
        phase: None,
        external_ref: None,
        data: None,
        pinned: false,
        figures: if revision == draft.before.revision {
            draft.before.figures
        } else {
            draft.next.figures
        },
        created_at: draft.now(),
        created_by: draft.entry.actor.clone(),
    }
}

fn take(draft: &mut Draft<'_>, checkpoint: Checkpoint) {
    let is_last_of_plan = checkpoint.plan.is_some() && !checkpoint.safety;
    draft.push(Event::CheckpointCreated(CheckpointTaken {
        checkpoint,
        is_last_of_plan,
    }));
}
