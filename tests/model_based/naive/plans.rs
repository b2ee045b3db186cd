//! Plans: their moves, their steps, and what is decided on them.

use super::table::{ORDER, gate, is_unfinished, order};
use super::{Act, Comes, Failure, Flaw, Guards, Plan, Progress, Step, Verdict, Words, entry};
use holdpoint::machine::{Command, NewPlan, NewStep};
use holdpoint::model::{Digest, LongText, PlanId, StepId};
use serde_json::json;

/// What was found by somebody who looked at a submission.
struct Finding {
    passed: bool,
    reason: Option<String>,
    notes: Option<Words>,
    from_step: Option<u32>,
}

/// How a text begins, and its digest if it has more than 4,096 bytes: all that the model keeps of it.
fn words(text: &LongText) -> Words {
    let text = text.as_str();
    Words {
        start: text.chars().take(200).collect(),
        body: (text.len() > 4096).then(|| Digest::of(text.as_bytes())),
    }
}

impl Act<'_> {
    pub(super) fn run_on_plan(&mut self, command: &Command) -> Comes {
        match command {
            Command::StartPlan { plan } => {
                self.plan(*plan)?;
                self.start_plan(*plan)?;
                self.moved(*plan)
            }
            Command::SubmitPlan { plan, text, steps } => self.submit(*plan, words(text), steps),
            Command::Approve { plan, submission } => {
                let states = ["plan_awaiting_approval", "implementation_awaiting_approval"];
                let finding = Finding {
                    passed: true,
                    reason: None,
                    notes: None,
                    from_step: None,
                };
                self.decide(*plan, *submission, &states, finding, None)
            }
            Command::Reject {
                plan,
                submission,
                reason,
                from_step,
            } => {
                let states = ["plan_awaiting_approval", "implementation_awaiting_approval"];
                let finding = Finding {
                    passed: false,
                    reason: Some(reason.to_string()),
                    notes: None,
                    from_step: *from_step,
                };
                self.decide(*plan, *submission, &states, finding, None)
            }
            Command::RecordReview {
                plan,
                submission,
                passed,
                notes,
                from_step,
            } => {
                let finding = Finding {
                    passed: *passed,
                    reason: None,
                    notes: notes.as_ref().map(words),
                    from_step: *from_step,
                };
                self.decide(
                    *plan,
                    *submission,
                    &["reviewing"],
                    finding,
                    Some("after_review"),
                )
            }
            Command::RecordVerification {
                plan,
                submission,
                passed,
                details,
                from_step,
            } => {
                let finding = Finding {
                    passed: *passed,
                    reason: None,
                    notes: details.as_ref().map(words),
                    from_step: *from_step,
                };
                let reached = Some("after_verification");
                self.decide(*plan, *submission, &["verifying"], finding, reached)
            }
            Command::StartImplementation { plan } => {
                self.in_state(*plan, &["plan_approved"])?.progress.state = "implementing";
                self.at_stage(*plan, "start_implementation");
                self.moved(*plan)
            }
            Command::StartStep { plan, step } => self.start_step(*plan, *step),
            Command::CompleteStep {
                plan,
                attempt,
                output,
                context,
            } => self.complete_step(*plan, *attempt, output.as_ref(), context),
            Command::FailStep {
                plan,
                attempt,
                error,
            } => self.fail_step(*plan, *attempt, words(error)),
            Command::FailPlan { plan, error } => {
                let now = self.now;
                let found = self.in_state(*plan, &ORDER[..8])?;
                let state = found.progress.state;
                let error = words(error);
                found.progress.failure = Some(Failure {
                    state,
                    error,
                    step: None,
                    at: now,
                });
                found.progress.state = "failed";
                found.progress.submission = None;
                self.moved(*plan)
            }
            Command::CancelPlan { plan, reason } => {
                let found = self.in_state(*plan, &[&ORDER[..8], &["failed"]].concat())?;
                found.progress.cancelled_from = Some(found.progress.state);
                found.progress.cancel_reason = reason.as_ref().map(ToString::to_string);
                found.progress.state = "cancelled";
                found.progress.submission = None;
                self.moved(*plan)
            }
            Command::RetryPlan { plan } => self.retry(*plan),
            Command::RevertPlan {
                plan,
                to,
                from_step,
                ..
            } => self.revert(*plan, to.as_str(), *from_step),
            Command::MarkApplied { plan } => {
                let now = self.now;
                let found = self.in_state(*plan, &["completed"])?;
                if found.applied_at.is_some() {
                    return Err("PLAN_APPLIED");
                }
                found.applied_at = Some(now);
                entry(json!({ "type": "plan_applied", "plan": plan }))
            }
            other => panic!("the model doesn't know {:?}", other.kind()),
        }
    }

    pub(super) fn new_plan(&mut self, new: &NewPlan) -> Result<PlanId, &'static str> {
        let settings = &new.settings;
        if settings.max_attempts == 0 {
            return Err("INVALID_INPUT");
        }
        let id = self.id(PlanId::from_parts);
        let steps = match &new.steps {
            Some(steps) => self.new_steps(steps)?,
            None => vec![],
        };
        self.next.numbers[0] += 1;
        let gates = settings.gates;
        let plan = Plan {
            number: self.next.numbers[0],
            request: words(&new.request),
            gates: [
                gates.plan,
                gates.implementation,
                gates.review,
                gates.verification,
            ],
            max_reversions: settings.max_reversions,
            max_attempts: settings.max_attempts,
            interval: settings.auto_checkpoint_interval,
            guards: Guards::default(),
            last_checkpoint: None,
            applied_at: None,
            verdicts: vec![],
            progress: Progress {
                state: "pending",
                last_completed_step: -1,
                submission: None,
                submitted: None,
                failure: None,
                cancelled_from: None,
                cancel_reason: None,
                completed_at: None,
            },
            steps,
            created_at: self.now,
            created_by: self.by.clone(),
            updated_at: self.now,
        };
        self.next.plans.insert(id, plan);
        Ok(id)
    }

    fn new_steps(&mut self, steps: &[NewStep]) -> Result<Vec<Step>, &'static str> {
        if steps.is_empty() {
            return Err("NO_STEPS");
        }
        let new = |step: &NewStep| {
            let input = step
                .input
                .as_ref()
                .map(|input| Digest::of(input.as_str().as_bytes()));
            Step::pending(self.id(StepId::from_parts), step.title.to_string(), input)
        };
        Ok(steps.iter().map(new).collect())
    }

    /// The plan, to be changed, if it is in one of these states.
    pub(super) fn in_state(
        &mut self,
        id: PlanId,
        states: &[&str],
    ) -> Result<&mut Plan, &'static str> {
        let now = self.now;
        let plan = self.next.plans.get_mut(&id).ok_or("PLAN_NOT_FOUND")?;
        if !states.contains(&plan.progress.state) {
            return Err("INVALID_TRANSITION");
        }
        plan.updated_at = now;
        Ok(plan)
    }

    /// What most commands say: where the plan is now, and what waits for a decision.
    fn moved(&self, id: PlanId) -> Comes {
        let progress = &self.plan(id)?.progress;
        entry(json!({
            "type": "plan_moved",
            "plan": id,
            "state": progress.state,
            "submission": progress.submission,
        }))
    }

    pub(super) fn start_plan(&mut self, id: PlanId) -> Result<(), &'static str> {
        let plan = self.in_state(id, &["pending"])?;
        let is_planned = !plan.steps.is_empty() && !plan.gates[0];
        plan.progress.state = if is_planned {
            "implementing"
        } else {
            "planning"
        };
        self.at_stage(id, "workflow_start");
        Ok(())
    }

    fn submit(&mut self, id: PlanId, text: Words, steps: &[NewStep]) -> Comes {
        self.in_state(id, &["planning"])?;
        let steps = self.new_steps(steps)?;
        let (now, by) = (self.now, self.by.clone());
        let plan = self.in_state(id, &["planning"])?;
        plan.steps = steps;
        plan.progress.last_completed_step = -1;
        plan.progress.submitted = Some((text, now, by));
        plan.go_to(
            if plan.gates[0] {
                "plan_awaiting_approval"
            } else {
                "implementing"
            },
            now,
        );
        self.at_stage(id, "after_planning");
        self.moved(id)
    }

    fn decide(
        &mut self,
        id: PlanId,
        submission: u64,
        states: &[&str],
        finding: Finding,
        reached: Option<&'static str>,
    ) -> Comes {
        let plan = self.plan(id)?;
        if submission == 0 || submission > plan.guards.last_submission {
            return Err("SUBMISSION_NOT_FOUND");
        }
        if plan.progress.submission != Some(submission) {
            return Err("SUPERSEDED");
        }
        let (now, by) = (self.now, self.by.clone());
        let plan = self.in_state(id, states)?;
        if finding
            .reason
            .as_ref()
            .is_some_and(|reason| reason.trim().is_empty())
        {
            return Err("INVALID_INPUT");
        }
        let gate = gate(plan.progress.state).expect("it waits for a decision");
        if finding.passed {
            if finding.from_step.is_some() {
                return Err("INVALID_INPUT");
            }
            plan.go_to(plan.after(gate), now);
        } else {
            let to = if gate == "plan" {
                "planning"
            } else {
                "implementing"
            };
            plan.go_back(to, finding.from_step)?;
            plan.go_to(to, now);
            plan.guards.retries += u32::from(gate == "verification");
        }
        plan.verdicts.push(Verdict {
            submission,
            gate,
            passed: finding.passed,
            reason: finding.reason,
            notes: finding.notes,
            by,
            at: now,
        });
        if finding.passed
            && let Some(stage) = reached
        {
            self.at_stage(id, stage);
        }
        self.moved(id)
    }

    fn retry(&mut self, id: PlanId) -> Comes {
        let now = self.now;
        let plan = self.in_state(id, &["failed"])?;
        let failure = plan.progress.failure.take().expect("it failed");
        plan.guards.retries += 1;
        let next = plan.next_step();
        if let Some(step) = plan.steps.get_mut(next) {
            *step = step.again();
        }
        plan.go_to(failure.state, now);
        self.moved(id)
    }

    fn revert(&mut self, id: PlanId, to: &str, from_step: Option<u32>) -> Comes {
        let is_free = self.naive.flaw == Flaw::FreeReverts;
        let now = self.now;
        let plan = self.in_state(id, &ORDER[1..8])?;
        let to = match to {
            "planning" => "planning",
            "implementing" => "implementing",
            _ => return Err("INVALID_TRANSITION"),
        };
        if order(to) > order(plan.progress.state) {
            return Err("INVALID_TRANSITION");
        }
        if plan.guards.reversions >= plan.max_reversions {
            return Err("REVERSION_LIMIT");
        }
        plan.go_back(to, from_step)?;
        plan.go_to(to, now);
        plan.guards.reversions += u32::from(!is_free);
        self.moved(id)
    }
}

impl Plan {
    pub(super) fn next_step(&self) -> usize {
        usize::try_from(self.progress.last_completed_step + 1).expect("it is −1 at least")
    }

    /// The state after a gate was passed: at the next gate that is on, or completed.
    pub(super) fn after(&self, gate: &str) -> &'static str {
        let later = match gate {
            "plan" if self.progress.state == "plan_awaiting_approval" => return "plan_approved",
            "plan" => 1,
            "implementation" => 2,
            "review" => 3,
            _ => 4,
        };
        let states = [
            "",
            "implementation_awaiting_approval",
            "reviewing",
            "verifying",
        ];
        let next = (later..4).find(|gate| self.gates[*gate]);
        next.map_or("completed", |gate| states[gate])
    }

    /// Enters a state. Each entry into one that waits for a decision is a submission of its own.
    pub(super) fn go_to(&mut self, state: &'static str, now: i64) {
        self.progress.state = state;
        self.progress.submission = None;
        if gate(state).is_some() {
            self.guards.last_submission += 1;
            self.progress.submission = Some(self.guards.last_submission);
        }
        if state == "completed" {
            self.progress.completed_at = Some(now);
        }
    }

    /// Makes the steps pending that are to be done again.
    fn go_back(&mut self, to: &str, from_step: Option<u32>) -> Result<(), &'static str> {
        let last = self.progress.last_completed_step.max(0);
        let from = match (to, from_step) {
            ("planning", None) => 0,
            ("planning", Some(_)) => return Err("INVALID_INPUT"),
            (_, from) => from.map_or(last, i64::from),
        };
        if from > last {
            return Err("INVALID_INPUT");
        }
        self.progress.last_completed_step = from - 1;
        let next = self.next_step();
        for step in self.steps.iter_mut().skip(next) {
            *step = step.again();
        }
        Ok(())
    }

    /// Its place in the workflow: a failed or cancelled plan's is the one that it left.
    pub(super) fn place(&self) -> &'static str {
        let progress = &self.progress;
        let failed_in = progress.failure.as_ref().map(|failure| failure.state);
        match progress.state {
            "failed" => failed_in.expect("it failed"),
            "cancelled" => match progress.cancelled_from.expect("it was cancelled") {
                "failed" => failed_in.expect("it failed"),
                state => state,
            },
            state => state,
        }
    }

    pub(super) fn awaits_decision(&self) -> bool {
        is_unfinished(self.progress.state) && gate(self.progress.state).is_some()
    }
}
