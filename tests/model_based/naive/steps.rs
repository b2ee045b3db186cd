//! Attempts at a plan's steps.

use super::{Act, Comes, Failure, Plan, Step, Words, entry};
use holdpoint::machine::NewItem;
use holdpoint::model::{Digest, Json, PlanId, StepId};
use serde_json::json;

impl Act<'_> {
    pub(super) fn start_step(&mut self, id: PlanId, named: Option<u32>) -> Comes {
        let now = self.now;
        let plan = self.in_state(id, &["implementing"])?;
        let next = plan.next_step();
        if let Some(named) = named.map(|named| named as usize)
            && named != next
        {
            let is_there = named < plan.steps.len();
            return Err(if is_there {
                "INVALID_TRANSITION"
            } else {
                "STEP_NOT_FOUND"
            });
        }
        plan.guards.last_attempt += 1;
        let attempt = plan.guards.last_attempt;
        let step = plan.steps.get_mut(next).ok_or("NO_STEPS")?;
        step.state = "running";
        step.attempt = Some(attempt);
        step.started_at = Some(now);
        step.ended_at = None;
        entry(json!({
            "type": "step_started", "plan": id, "step": next, "id": step.id, "attempt": attempt,
        }))
    }

    /// The plan, and which of its steps this attempt is under way at.
    fn under_way(&mut self, id: PlanId, attempt: u64) -> Result<(&mut Plan, usize), &'static str> {
        let plan = self.plan(id)?;
        if attempt == 0 || attempt > plan.guards.last_attempt {
            return Err("STEP_NOT_FOUND");
        }
        let is_it = |step: &Step| step.state == "running" && step.attempt == Some(attempt);
        let found = plan.steps.iter().position(is_it).ok_or("SUPERSEDED")?;
        let plan = self.in_state(id, &["implementing"])?;
        Ok((plan, found))
    }

    pub(super) fn complete_step(
        &mut self,
        id: PlanId,
        attempt: u64,
        output: Option<&Json>,
        context: &[NewItem],
    ) -> Comes {
        let now = self.now;
        let (plan, index) = self.under_way(id, attempt)?;
        let step = &mut plan.steps[index];
        step.state = "completed";
        step.output = output.map(|output| Digest::of(output.as_str().as_bytes()));
        step.error = None;
        step.ended_at = Some(now);
        plan.progress.last_completed_step = i64::try_from(index).expect("plans are short");
        let is_last = index + 1 == plan.steps.len();
        if is_last {
            plan.go_to(plan.after("plan"), now);
        }
        let interval = plan.interval as usize;
        let items = self.add_items(context, Some(id))?;
        let checkpoint = if is_last {
            Some(self.at_stage(id, "after_implementation"))
        } else if interval > 0 && (index + 1).is_multiple_of(interval) {
            Some(self.after_step(id, index))
        } else {
            None
        };
        let progress = &self.plan(id)?.progress;
        entry(json!({
            "type": "step_completed",
            "plan": id,
            "step": index,
            "attempt": attempt,
            "state": progress.state,
            "submission": progress.submission,
            "items": items,
            "checkpoint": checkpoint,
        }))
    }

    pub(super) fn fail_step(&mut self, id: PlanId, attempt: u64, error: Words) -> Comes {
        let now = self.now;
        let (plan, index) = self.under_way(id, attempt)?;
        let step = &mut plan.steps[index];
        step.state = "failed";
        step.failures += 1;
        step.error = Some(error.clone());
        step.ended_at = Some(now);
        let failures = step.failures;
        if failures >= plan.max_attempts {
            plan.progress.failure = Some(Failure {
                state: "implementing",
                error,
                step: Some(u32::try_from(index).expect("plans are short")),
                at: now,
            });
            plan.progress.state = "failed";
        }
        entry(json!({
            "type": "step_failed",
            "plan": id,
            "step": index,
            "attempt": attempt,
            "failures": failures,
            "state": plan.progress.state,
        }))
    }
}

impl Step {
    pub(super) fn pending(id: StepId, title: String, input: Option<Digest>) -> Self {
        Self {
            id,
            title,
            input,
            state: "pending",
            attempt: None,
            failures: 0,
            output: None,
            error: None,
            started_at: None,
            ended_at: None,
        }
    }

    /// The step as it was before anybody began it.
    pub(super) fn again(&self) -> Self {
        Self::pending(self.id, self.title.clone(), self.input)
    }

    /// The step with nobody at work on it.
    pub(super) fn at_rest(&self) -> Self {
        if self.state == "running" {
            self.again()
        } else {
            self.clone()
        }
    }
}
