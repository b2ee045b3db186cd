//! How many checkpoints stay.

use super::{Act, Checkpoint, Comes, Plan, entry, nothing};
use holdpoint::model::{CheckpointId, PlanId, RetentionPolicy, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The limits, which are 1 to a million.
pub(super) fn checked(policy: RetentionPolicy) -> Result<[u32; 2], &'static str> {
    let limits = [policy.per_plan, policy.of_project];
    if limits.iter().any(|limit| *limit == 0 || *limit > 1_000_000) {
        return Err("INVALID_INPUT");
    }
    Ok(limits)
}

impl Act<'_> {
    pub(super) fn keep(&mut self, id: CheckpointId, pinned: bool) -> Comes {
        let found = self.next.checkpoints.get_mut(&id);
        let found = found.ok_or("CHECKPOINT_NOT_FOUND")?;
        let is_new = found.pinned != pinned;
        found.pinned = pinned;
        let outcome = json!({ "type": "checkpoint_pinned", "checkpoint": id, "pinned": pinned });
        if is_new {
            entry(outcome)
        } else {
            nothing(outcome)
        }
    }

    pub(super) fn set_retention(&mut self, policy: RetentionPolicy) -> Comes {
        let limits = checked(policy)?;
        let is_new = self.next.retention != limits;
        self.next.retention = limits;
        let outcome = json!({ "type": "retention_set", "policy": policy });
        if is_new {
            entry(outcome)
        } else {
            nothing(outcome)
        }
    }

    /// After all else in an entry: of each plan that it took a checkpoint for, or of the project, those
    /// go that are too many. What its outcome names stays.
    pub(super) fn retain_by_itself(&mut self, outcome: &Value) {
        let Some(before) = self.past.last() else {
            return;
        };
        let is_new = |id: &CheckpointId| !before.checkpoints.contains_key(id);
        let all = self.next.checkpoints.iter();
        let taken = all.filter(|(id, _)| is_new(id));
        let groups: BTreeSet<_> = taken.map(|(_, checkpoint)| checkpoint.plan).collect();
        if groups.is_empty() {
            return;
        }
        let said = outcome.to_string();
        for id in self.surplus(self.next.retention).0 {
            let is_among = groups.contains(&self.next.checkpoints[&id].plan);
            if is_among && !is_new(&id) && !said.contains(&id.to_string()) {
                self.next.checkpoints.remove(&id);
            }
        }
    }

    pub(super) fn apply_retention(&mut self, policy: Option<RetentionPolicy>) -> Comes {
        let limits = policy.map_or(Ok(self.next.retention), checked)?;
        let (gone, protected) = self.surplus(limits);
        let pruned: Vec<_> = (gone.iter())
            .map(|id| {
                let gone = self.next.checkpoints.remove(id).expect("it is too many");
                json!({
                    "checkpoint": id,
                    "plan": gone.plan,
                    "name": gone.name,
                    "revision": gone.revision,
                    "created_at": Timestamp::from_milliseconds_clamped(gone.at),
                })
            })
            .collect();
        let outcome = json!({
            "type": "retention_applied",
            "policy": { "per_plan": limits[0], "of_project": limits[1] },
            "pruned": pruned,
            "kept": self.next.checkpoints.len(),
            "protected": protected,
        });
        if gone.is_empty() {
            nothing(outcome)
        } else {
            entry(outcome)
        }
    }

    /// Those that these limits don't keep, the project's first, each plan's by their numbers; and how
    /// many of them stay since they are protected.
    fn surplus(&self, [per_plan, of_project]: [u32; 2]) -> (Vec<CheckpointId>, usize) {
        let all = &self.next.checkpoints;
        let newer = |one: &Checkpoint| {
            let is_newer =
                |other: &&Checkpoint| other.plan == one.plan && other.number > one.number;
            all.values().filter(is_newer).count()
        };
        let mut beyond: Vec<_> = (all.iter())
            .filter(|(_, one)| {
                let limit = if one.plan.is_some() {
                    per_plan
                } else {
                    of_project
                };
                newer(one) >= limit as usize
            })
            .map(|(id, one)| (one.plan, one.number, *id))
            .collect();
        beyond.sort_unstable();
        let protected = self.protected();
        let count = beyond.len();
        beyond.retain(|(_, _, id)| !protected.contains(id));
        let stay = count - beyond.len();
        (beyond.into_iter().map(|(_, _, id)| id).collect(), stay)
    }

    fn protected(&self) -> BTreeSet<CheckpointId> {
        let project = &self.next;
        let pinned = project.checkpoints.iter().filter(|(_, one)| one.pinned);
        let at = project
            .plans
            .values()
            .filter_map(|plan| plan.last_checkpoint);
        let left = project.departed.values();
        let waiting = project.plans.iter();
        pinned
            .map(|(id, _)| *id)
            .chain(at)
            .chain(left.filter_map(|left| left.last_checkpoint))
            .chain(waiting.filter_map(|(id, plan)| self.before_submission(*id, plan)))
            .chain(project.pause.as_ref().map(|pause| {
                let id = pause.report["checkpoint_id"].as_str();
                id.and_then(|id| id.parse().ok())
                    .expect("it was paused at one")
            }))
            .collect()
    }

    /// The newest checkpoint of the plan or the project that is no younger than the submission that waits.
    fn before_submission(&self, id: PlanId, plan: &Plan) -> Option<CheckpointId> {
        let waiting = plan.progress.submission?;
        let has_it = |then: &super::Project| {
            let then = then.plans.get(&id);
            then.is_some_and(|then| then.progress.submission == Some(waiting))
        };
        let made = self.past.iter().zip(1..).find(|(then, _)| has_it(then));
        let made = made.map_or(self.revision, |(_, revision)| revision);
        let open =
            self.next.checkpoints.iter().filter(|(_, one)| {
                one.revision <= made && one.plan.is_none_or(|owner| owner == id)
            });
        let newest = open.max_by_key(|(_, one)| one.number);
        newest.map(|(id, _)| *id)
    }
}
