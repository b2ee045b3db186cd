//! Checkpoints, rollbacks and forks.

use super::context::of_checkpoint;
use super::table::order;
use super::{Act, Checkpoint, Comes, Departed, Item, Place, Plan, Project, Step, entry};
use holdpoint::machine::NewCheckpoint;
use holdpoint::model::{CheckpointId, ItemId, Name, PlanId, Point, ProjectId, StepId};
use serde_json::{Value, json};

/// What a rollback changed, for its report.
#[derive(Default)]
struct Changed {
    plans: u64,
    steps: u64,
    items_restored: u64,
    items_removed: u64,
    paths: Vec<String>,
}

impl Act<'_> {
    /// A checkpoint of how all is after this entry. The last thing that an entry does.
    fn take(&mut self, checkpoint: CheckpointId, plan: Option<PlanId>, taken: Checkpoint) {
        self.next.numbers[2] += 1;
        self.next.checkpoints.insert(checkpoint, taken);
        if let Some(plan) = plan {
            let now = self.now;
            let plan = self.next.plans.get_mut(&plan).expect("it was looked up");
            plan.last_checkpoint = Some(checkpoint);
            plan.updated_at = now;
        }
    }

    fn bookmark(&self, plan: Option<PlanId>, trigger: &'static str, name: String) -> Checkpoint {
        Checkpoint {
            number: self.next.numbers[2] + 1,
            plan,
            revision: self.revision,
            trigger,
            safety: false,
            phase: None,
            name,
            reason: None,
            pinned: false,
            at: self.now,
            by: self.by.clone(),
            figures: of_checkpoint(&self.next),
        }
    }

    pub(super) fn create_checkpoint(&mut self, new: &NewCheckpoint) -> Comes {
        if let Some(plan) = new.plan {
            self.plan(plan)?;
        }
        let id = self.id(CheckpointId::from_parts);
        let taken = Checkpoint {
            phase: new.phase.as_ref().map(ToString::to_string),
            reason: new.reason.as_ref().map(ToString::to_string),
            pinned: new.pinned,
            ..self.bookmark(new.plan, "manual", new.name.to_string())
        };
        self.take(id, new.plan, taken);
        entry(json!({ "type": "checkpoint_created", "checkpoint": id }))
    }

    pub(super) fn after_step(&mut self, plan: PlanId, step: usize) -> CheckpointId {
        let id = self.id(CheckpointId::from_parts);
        let taken = self.bookmark(Some(plan), "auto", format!("after step {step}"));
        self.take(id, Some(plan), taken);
        id
    }

    pub(super) fn at_stage(&mut self, plan: PlanId, phase: &str) -> CheckpointId {
        let id = self.id(CheckpointId::from_parts);
        let name = match phase {
            "workflow_start" => "start of the work".to_owned(),
            "start_implementation" => "start of implementation".to_owned(),
            after => after.replace('_', " "),
        };
        let taken = Checkpoint {
            phase: Some(phase.to_owned()),
            ..self.bookmark(Some(plan), "phase_transition", name)
        };
        self.take(id, Some(plan), taken);
        id
    }

    /// A checkpoint of how all was before this entry.
    pub(super) fn take_before(
        &mut self,
        id: CheckpointId,
        trigger: &'static str,
        name: &str,
        plan: Option<PlanId>,
        reason: Option<String>,
    ) {
        let name = name.chars().take(100).collect();
        let taken = Checkpoint {
            revision: self.revision - 1,
            safety: trigger == "auto",
            reason,
            figures: of_checkpoint(self.before()),
            ..self.bookmark(plan, trigger, name)
        };
        self.take(id, None, taken);
    }

    pub(super) fn rollback_plan(
        &mut self,
        id: PlanId,
        checkpoint: Option<CheckpointId>,
        before: Option<u64>,
        reason: Option<String>,
    ) -> Result<Value, &'static str> {
        if checkpoint.is_some() && before.is_some() {
            return Err("INVALID_INPUT");
        }
        let plan = self.plan(id)?.clone();
        if plan.applied_at.is_some() {
            return Err("PLAN_APPLIED");
        }
        let target = match (checkpoint, before) {
            (Some(checkpoint), _) => checkpoint,
            (None, Some(before)) => self.newest_before(id, before)?,
            (None, None) => self.newest_that_differs(id, &plan)?,
        };
        let to = self
            .next
            .checkpoints
            .get(&target)
            .ok_or("CHECKPOINT_NOT_FOUND")?
            .clone();
        if to.plan.is_some_and(|owner| owner != id) {
            return Err("CHECKPOINT_FOREIGN");
        }
        let then = &self.past[at(to.revision)];
        let was = then.plans.get(&id).ok_or("CHECKPOINT_NOT_FOUND")?;
        if is_back(&plan, was) && plan.guards.reversions >= plan.max_reversions {
            return Err("REVERSION_LIMIT");
        }
        let mut changed = Changed::default();
        let mut plan = changed.put_back(id, &plan, was, self.now);
        plan.last_checkpoint = Some(target);
        self.next.plans.insert(id, plan);
        changed.items(&mut self.next, then, |item| item.plan == Some(id));
        Ok(self.rolled_back(Some(id), target, &to, reason, changed))
    }

    pub(super) fn rollback_project(
        &mut self,
        target: CheckpointId,
        reason: Option<String>,
    ) -> Result<Value, &'static str> {
        let to = self
            .next
            .checkpoints
            .get(&target)
            .ok_or("CHECKPOINT_NOT_FOUND")?
            .clone();
        let then = &self.past[at(to.revision)];
        let before = self.before().clone();
        let is_touched =
            |id: &PlanId, plan: &Plan| (then.plans.get(id)).is_none_or(|was| differs(plan, was));
        let mut plans = before.plans.iter();
        if plans.any(|(id, plan)| plan.applied_at.is_some() && is_touched(id, plan)) {
            return Err("PLAN_APPLIED");
        }
        let mut changed = Changed::default();
        for (id, plan) in &before.plans {
            let Some(was) = then.plans.get(id) else {
                self.next.plans.remove(id);
                let departed = Departed {
                    guards: plan.guards.clone(),
                    state: plan.place(),
                    last_completed_step: plan.progress.last_completed_step,
                    last_checkpoint: plan.last_checkpoint,
                    verdicts: plan.verdicts.clone(),
                };
                self.next.departed.insert(*id, departed);
                changed.plan(*id);
                continue;
            };
            if differs(plan, was) {
                if is_back(plan, was) && plan.guards.reversions >= plan.max_reversions {
                    return Err("REVERSION_LIMIT");
                }
                let plan = changed.put_back(*id, plan, was, self.now);
                self.next.plans.insert(*id, plan);
            }
        }
        for (id, was) in &then.plans {
            if !before.plans.contains_key(id) {
                let left = self
                    .next
                    .departed
                    .remove(id)
                    .expect("it was there and left");
                let plan = returned(was, left, self.now)?;
                self.next.plans.insert(*id, plan);
                changed.plan(*id);
            }
        }
        changed.items(&mut self.next, then, |_| true);
        Ok(self.rolled_back(None, target, &to, reason, changed))
    }

    fn rolled_back(
        &mut self,
        plan: Option<PlanId>,
        target: CheckpointId,
        to: &Checkpoint,
        reason: Option<String>,
        mut changed: Changed,
    ) -> Value {
        let safety = self.id(CheckpointId::from_parts);
        let name = format!("before the rollback to {}", to.name);
        self.take_before(safety, "auto", &name, plan, reason);
        changed.paths.sort();
        json!({
            "checkpoint": target,
            "revision": to.revision,
            "safety_checkpoint": safety,
            "plans_reverted": changed.plans,
            "steps_reverted": changed.steps,
            "items_restored": changed.items_restored,
            "items_removed": changed.items_removed,
            "paths": changed.paths,
        })
    }

    fn newest_before(&self, plan: PlanId, decision: u64) -> Result<CheckpointId, &'static str> {
        if decision >= self.revision {
            return Err("INVALID_INPUT");
        }
        // The plan as it was when the decision came.
        let came_to = decision.checked_sub(2).and_then(|_| {
            let then = &self.past[at(decision - 1)];
            then.plans.get(&plan)
        });
        let came_to = came_to.ok_or("NOTHING_TO_ROLL_BACK")?;
        let older = self.next.checkpoints.iter().filter(|(_, checkpoint)| {
            checkpoint.revision < decision
                && !checkpoint.safety
                && checkpoint.plan.is_none_or(|owner| owner == plan)
        });
        let on_the_way = older.filter(|(_, checkpoint)| {
            let was = self.past[at(checkpoint.revision)].plans.get(&plan);
            was.is_some_and(|was| {
                let done = usize::try_from(was.progress.last_completed_step + 1).unwrap();
                !is_back(was, came_to)
                    && came_to.steps.len() >= done.min(was.steps.len())
                    && was
                        .steps
                        .iter()
                        .take(done)
                        .eq(came_to.steps.iter().take(done))
            })
        });
        let newest = on_the_way.max_by_key(|(_, older)| older.number);
        newest.map(|(id, _)| *id).ok_or("NOTHING_TO_ROLL_BACK")
    }

    fn newest_that_differs(&self, id: PlanId, plan: &Plan) -> Result<CheckpointId, &'static str> {
        let checkpoints = &self.next.checkpoints;
        let last = plan.last_checkpoint.and_then(|last| checkpoints.get(&last));
        let last = last.map_or(0, |last| last.number);
        let own = checkpoints.iter().filter(|(_, checkpoint)| {
            checkpoint.plan == Some(id) && !checkpoint.safety && checkpoint.number <= last
        });
        let other = own.filter(|(_, checkpoint)| {
            let was = self.past[at(checkpoint.revision)].plans.get(&id);
            // A step that ran there and runs now is no difference, though it would end.
            let is_same = |was: &Plan| was.progress == plan.progress && was.steps == plan.steps;
            was.is_some_and(|was| differs(plan, was) && !is_same(was))
        });
        let newest = other.max_by_key(|(_, checkpoint)| checkpoint.number);
        newest.map(|(id, _)| *id).ok_or("NOTHING_TO_ROLL_BACK")
    }

    pub(super) fn fork(
        &mut self,
        project: ProjectId,
        source: ProjectId,
        at_point: Point,
        name: Option<&Name>,
    ) -> Comes {
        if project == source {
            return Err("PROJECT_NOT_FOUND");
        }
        let history = match self.naive.places.get(&source) {
            Some(Place::There(history)) => history,
            Some(Place::Gone(..)) => return Err("REMOVED"),
            None => return Err("PROJECT_NOT_FOUND"),
        };
        let revision = match at_point {
            Point::Now => history.revision(),
            Point::Revision(revision) => revision.get(),
            Point::Checkpoint(checkpoint) => {
                let found = history.now().checkpoints.get(&checkpoint);
                found.ok_or("CHECKPOINT_NOT_FOUND")?.revision
            }
        };
        if revision == 0 || revision > history.revision() {
            return Err("REVISION_NOT_FOUND");
        }
        let then = history.states[at(revision)].clone();
        self.next = Project {
            name: name.map_or(then.name, ToString::to_string),
            status: then.pause.map_or(then.status, |pause| pause.from),
            origin: Some((source, revision)),
            pause: None,
            created_at: self.now,
            created_by: self.by.clone(),
            numbers: [then.numbers[0], then.numbers[1], 0],
            // What was removed for good is gone from the past too.
            redacted: history.now().redacted.clone(),
            checkpoints: std::collections::BTreeMap::new(),
            ..then
        };
        let mut plans: Vec<_> = self
            .next
            .plans
            .iter()
            .map(|(id, p)| (p.number, *id))
            .collect();
        plans.sort_unstable();
        for (_, id) in plans {
            let mut plan = self.next.plans[&id].clone();
            plan.last_checkpoint = None;
            plan.steps = plan.steps.iter().map(Step::at_rest).collect();
            for step in &mut plan.steps {
                step.id = self.id(StepId::from_parts);
            }
            self.next.plans.insert(id, plan);
        }
        // Without their checkpoints nothing leads back to plans that had left.
        self.next.departed.clear();
        let origin = json!({ "project": source, "revision": revision });
        entry(json!({ "type": "project_forked", "origin": origin }))
    }
}

/// Where the state of a revision stands.
fn at(revision: u64) -> usize {
    usize::try_from(revision).expect("journals are short") - 1
}

/// Whether going back to `was` would change the record.
fn differs(now: &Plan, was: &Plan) -> bool {
    let mut changed = Changed::default();
    changed.put_back(PlanId::from_parts(0, 0), now, was, 0);
    !changed.paths.is_empty()
}

/// Whether going from one to the other counts as a reversion.
fn is_back(now: &Plan, was: &Plan) -> bool {
    order(was.place()) < order(now.place())
        || was.progress.last_completed_step < now.progress.last_completed_step
}

/// A plan that comes back with the counters that it left with.
fn returned(was: &Plan, left: Departed, now: i64) -> Result<Plan, &'static str> {
    let is_back = order(was.place()) < order(left.state)
        || was.progress.last_completed_step < left.last_completed_step;
    let mut plan = was.clone();
    plan.guards = left.guards;
    plan.verdicts = left.verdicts;
    plan.last_checkpoint = left.last_checkpoint;
    if is_back {
        if plan.guards.reversions >= plan.max_reversions {
            return Err("REVERSION_LIMIT");
        }
        plan.guards.reversions += 1;
    }
    plan.steps = was.steps.iter().map(Step::at_rest).collect();
    plan.resubmit();
    plan.updated_at = now;
    Ok(plan)
}

impl Plan {
    /// A state that waits for a decision waits with a new submission.
    fn resubmit(&mut self) {
        self.progress.submission = None;
        if self.awaits_decision() {
            self.guards.last_submission += 1;
            self.progress.submission = Some(self.guards.last_submission);
        }
    }
}

impl Changed {
    fn plan(&mut self, id: PlanId) {
        self.plans += 1;
        self.paths.push(format!("plans/{id}"));
    }

    /// The plan with the record that it had, and what of it that changes.
    fn put_back(&mut self, id: PlanId, now: &Plan, was: &Plan, time: i64) -> Plan {
        let steps: Vec<_> = was.steps.iter().map(Step::at_rest).collect();
        let (here, there) = (&now.progress, &was.progress);
        let fields = [
            ("state", here.state != there.state),
            (
                "last_completed_step",
                here.last_completed_step != there.last_completed_step,
            ),
            ("submitted", here.submitted != there.submitted),
            ("failure", here.failure != there.failure),
            (
                "cancelled_from",
                here.cancelled_from != there.cancelled_from,
            ),
            ("cancel_reason", here.cancel_reason != there.cancel_reason),
            ("completed_at", here.completed_at != there.completed_at),
        ];
        let paths = self.paths.len();
        for (field, _) in fields.iter().filter(|(_, differs)| *differs) {
            self.paths.push(format!("plans/{id}/{field}"));
        }
        for index in 0..steps.len().max(now.steps.len()) {
            if steps.get(index) != now.steps.get(index) {
                self.steps += 1;
                self.paths.push(format!("plans/{id}/steps/{index}"));
            }
        }
        let mut plan = Plan {
            updated_at: time,
            ..now.clone()
        };
        if self.paths.len() > paths {
            self.plans += 1;
            plan.guards.reversions += u32::from(is_back(now, was));
            plan.progress = there.clone();
            plan.steps = steps;
            plan.resubmit();
        }
        plan
    }

    fn items(&mut self, next: &mut Project, then: &Project, concerns: impl Fn(&Item) -> bool) {
        let now: Vec<ItemId> = next.items.keys().copied().collect();
        for id in now {
            if !then.items.contains_key(&id) && concerns(&next.items[&id]) {
                next.items.remove(&id);
                self.items_removed += 1;
                self.paths.push(format!("items/{id}"));
            }
        }
        for (id, was) in &then.items {
            if concerns(was) && next.items.get(id) != Some(was) {
                next.items.insert(*id, was.clone());
                self.items_restored += 1;
                self.paths.push(format!("items/{id}"));
            }
        }
    }
}
