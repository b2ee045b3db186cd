//! Removing texts for good.

use super::{Flow, find_item, find_plan, index};
use crate::machine::draft::Draft;
use crate::machine::{Env, Event, Outcome, Rejection};
use crate::model::{Digest, ItemId, PlanId, Reason};

pub(super) fn item(
    draft: &mut Draft<'_>,
    item: ItemId,
    reason: Option<&Reason>,
) -> Result<Flow, Rejection> {
    let body = find_item(draft.before, item)?.body;
    Ok(redact(draft, body.digest, reason))
}

pub(super) fn output(
    draft: &mut Draft<'_>,
    id: PlanId,
    step: u32,
    reason: Option<&Reason>,
) -> Result<Flow, Rejection> {
    let plan = find_plan(draft.before, id)?;
    let found = plan
        .steps
        .get(step as usize)
        .ok_or(Rejection::StepNotFound {
            plan: id,
            steps: index(plan.steps.len()),
            found: step,
        })?;
    let output = found
        .output
        .ok_or(Rejection::NothingToRedact { plan: id, step })?;
    Ok(redact(draft, output.digest, reason))
}

/// Any body of the project, those included that no state has any more: what a revert or a rollback
/// took away is still in the storage.
pub(super) fn body(
    draft: &mut Draft<'_>,
    digest: Digest,
    reason: Option<&Reason>,
    env: &Env<'_>,
) -> Result<Flow, Rejection> {
    // What is gone already needs no look at the storage, which no longer has it.
    if !draft.before.redacted.contains_key(&digest) {
        match env.bodies.get(&digest) {
            None => return Ok(Flow::NeedsBody(digest)),
            Some(false) => return Err(Rejection::BodyNotFound { digest }),
            Some(true) => {}
        }
    }
    Ok(redact(draft, digest, reason))
}

fn redact(draft: &mut Draft<'_>, digest: Digest, reason: Option<&Reason>) -> Flow {
    if draft.before.redacted.contains_key(&digest) {
        // It is gone already, and who did it and why stays as it is.
        return Flow::Nothing(Box::new(Outcome::BodyRedacted { digest }));
    }
    draft.push(Event::BodyRedacted {
        digest,
        reason: reason.cloned(),
    });
    Flow::Commit
}
