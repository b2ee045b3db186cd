//! Making a project of another one.

use super::{Flow, rollback};
use crate::machine::draft::Draft;
use crate::machine::{Env, Event, ForkedAgent, ProjectForked, RedactedBody, Rejection};
use crate::model::{
    Item, Name, Numbers, Origin, Plan, Point, Project, ProjectId, ProjectStatus, Step,
};
use std::sync::Arc;

pub(super) fn fork(
    draft: &mut Draft<'_>,
    source: ProjectId,
    at: Point,
    name: Option<&Name>,
    env: &Env<'_>,
) -> Result<Flow, Rejection> {
    // Nothing can be a copy of what it is to become.
    if source == draft.before.id {
        return Err(Rejection::ProjectNotFound { project: source });
    }
    let Some(found) = &env.source else {
        return Ok(Flow::NeedsSource { source, at });
    };
    let state = &found.state;
    let plans = state.plans_in_order().into_iter();
    let plans = plans.map(|plan| of_its_own(draft, plan)).collect();
    draft.push(Event::ProjectForked(ProjectForked {
        origin: Origin {
            project: source,
            revision: state.revision,
            digest: found.digest,
        },
        name: name.unwrap_or(&state.name).clone(),
        status: status_without_pause(state),
        settings: state.settings.clone(),
        // The numbers go on, but for those of the checkpoints, which stay behind.
        numbers: Numbers {
            checkpoints: 0,
            ..state.numbers
        },
        plans,
        agents: state
            .agents
            .values()
            .map(|agent| ForkedAgent::from(&**agent))
            .collect(),
        items: state
            .items_in_order()
            .into_iter()
            .map(|item| Item::clone(item))
            .collect(),
        redacted: state
            .redacted
            .iter()
            .map(|(digest, redaction)| RedactedBody {
                digest: *digest,
                redaction: redaction.clone(),
            })
            .collect(),
    }));
    Ok(Flow::Commit)
}

fn status_without_pause(state: &Project) -> ProjectStatus {
    state
        .pause
        .as_ref()
        .map_or(state.status, |pause| pause.from)
}

/// The plan with nobody at work on it and no checkpoint to be at. Its steps have ids of their own:
/// they are idempotency keys, and what is done for the copy must not be taken for what was done for
/// the other one.
fn of_its_own(draft: &mut Draft<'_>, plan: &Plan) -> Plan {
    let steps = plan.steps.iter().map(|step| {
        Arc::new(Step {
            id: draft.new_id(),
            ..(*rollback::at_rest(step)).clone()
        })
    });
    Plan {
        last_checkpoint_id: None,
        steps: steps.collect(),
        ..plan.clone()
    }
}
