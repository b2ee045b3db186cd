//! What happened, in plain words.

use super::output::one_line;
use super::verdict::{waits_for, went};
use crate::journal::Entry;
use crate::machine::{
    Event, PlanSubmitted, RolledBack, StepCompleted, StepFailed, SubmissionDecided,
};
use crate::model::{Gate, PlanId, PlanState, Project, Reason, Text};
use std::collections::BTreeMap;

/// How much of a text from outside is told.
const TOLD: usize = 120;

/// Tells entries, one after the other. Plans go by their numbers, as they were told when made.
#[derive(Default)]
pub(super) struct Story {
    plans: BTreeMap<PlanId, u64>,
}

impl Story {
    /// Takes the numbers of a project's plans from its state.
    pub(super) fn know(&mut self, project: &Project) {
        let plans = project.plans.values();
        self.plans.extend(plans.map(|plan| (plan.id, plan.number)));
    }

    /// What an entry says.
    pub(super) fn told(&mut self, entry: &Entry) -> String {
        for event in &entry.events {
            self.remember(event);
        }
        let told = entry.events.iter().map(|event| self.event(event));
        told.collect::<Vec<_>>().join("; ")
    }

    fn remember(&mut self, event: &Event) {
        match event {
            Event::PlanCreated(made) => {
                self.plans.insert(made.plan, made.number);
            }
            Event::ProjectForked(forked) => {
                let plans = forked.plans.iter();
                self.plans.extend(plans.map(|plan| (plan.id, plan.number)));
            }
            _ => {}
        }
    }

    fn plan(&self, id: &PlanId) -> String {
        match self.plans.get(id) {
            Some(number) => format!("plan {number}"),
            None => format!("plan {id}"),
        }
    }

    #[allow(clippy::too_many_lines)] // a line or two for each event
    fn event(&self, event: &Event) -> String {
        match event {
            Event::ProjectCreated(made) => {
                let name = quoted(made.name.as_str());
                format!("project {name} made, {}", made.status)
            }
            Event::ProjectForked(forked) => format!(
                "project {} made of project {} at revision {}",
                quoted(forked.name.as_str()),
                forked.origin.project,
                forked.origin.revision
            ),
            Event::ProjectPlanned => "planning begun".to_owned(),
            Event::ProjectStarted => "project started".to_owned(),
            Event::ProjectPaused { record } => {
                format!("project paused{}", because(record.reason.as_ref()))
            }
            Event::ProjectResumed { status } => format!("project resumed, {status} again"),
            Event::ProjectStopped { reason } => {
                format!("project stopped{}", because(reason.as_ref()))
            }
            Event::ProjectCompleted => "project completed".to_owned(),
            Event::ProjectRenamed { name } => format!("project renamed {}", quoted(name.as_str())),
            Event::PlanCreated(made) => format!(
                "{} made: {}, {}",
                self.plan(&made.plan),
                quoted(made.request.start()),
                steps(made.steps.len())
            ),
            Event::PlanStarted { plan, state } => format!("{} started, {state}", self.plan(plan)),
            Event::PlanSubmitted(event) => self.submitted(event),
            Event::SubmissionDecided(event) => self.decided(event),
            Event::ImplementationStarted { plan } => {
                format!("implementation of {} begun", self.plan(plan))
            }
            Event::StepStarted {
                plan,
                step,
                attempt,
                ..
            } => format!(
                "step {step} of {} started, attempt {attempt}",
                self.plan(plan)
            ),
            Event::StepCompleted(event) => self.step_completed(event),
            Event::StepFailed(event) => self.step_failed(event),
            Event::PlanFailed { plan, failure } => {
                format!("{} failed: {}", self.plan(plan), text(&failure.error))
            }
            Event::PlanCancelled { plan, reason, .. } => {
                format!("{} cancelled{}", self.plan(plan), because(reason.as_ref()))
            }
            Event::PlanRetried {
                plan,
                state,
                submission,
                ..
            } => {
                let waits = waiting(*state, *submission);
                format!("{} retried, {state} again{waits}", self.plan(plan))
            }
            Event::PlanReverted(event) => format!(
                "{} moved back to {}{}",
                self.plan(&event.plan),
                back(event.state, event.last_completed_step),
                because(event.reason.as_ref())
            ),
            Event::PlanApplied { plan } => format!("{} applied", self.plan(plan)),
            Event::AgentSet { agent, token_limit } => {
                let agent = quoted(agent.as_str());
                format!("agent {agent} has a limit of {token_limit} tokens")
            }
            Event::ItemsAdded(event) => format!("{} added", items(event.items.len())),
            Event::ItemsArchived(event) => format!("{} archived", items(event.items.len())),
            Event::ItemsRestored(event) => format!("{} active again", items(event.items.len())),
            Event::ItemsTouched { items: used } => format!("{} used", items(used.len())),
            Event::ItemsPinned {
                items: these,
                pinned,
            } => {
                let what = if *pinned { "pinned" } else { "unpinned" };
                format!("{} {what}", items(these.len()))
            }
            Event::BodyRedacted { reason, .. } => {
                format!("a text removed for good{}", because(reason.as_ref()))
            }
            Event::CheckpointCreated(taken) => {
                let name = quoted(taken.checkpoint.name.as_str());
                format!("checkpoint {name} taken")
            }
            Event::CheckpointPinned { pinned, .. } => {
                let what = if *pinned { "pinned" } else { "unpinned" };
                format!("checkpoint {what}")
            }
            Event::RetentionSet { policy } => format!(
                "kept from now on: {} checkpoints of each plan, {} of the project",
                policy.per_plan, policy.of_project
            ),
            Event::CheckpointsPruned { checkpoints } => let_go(checkpoints.len()),
            Event::RetentionApplied(event) => let_go(event.pruned.len()),
            Event::RolledBack(event) => self.rolled_back(event),
        }
    }

    fn submitted(&self, event: &PlanSubmitted) -> String {
        format!(
            "{} submitted with {}: {}{}",
            self.plan(&event.plan),
            steps(event.steps.len()),
            text(&event.text),
            waiting(event.state, event.submission)
        )
    }

    fn decided(&self, event: &SubmissionDecided) -> String {
        let plan = self.plan(&event.plan);
        let subject = match event.gate {
            Gate::Plan => plan,
            gate => format!("{gate} of {plan}"),
        };
        let reason = event.reason.as_ref().map(Reason::as_str);
        let notes = event.notes.as_ref().map(Text::start);
        let why = (reason.or(notes))
            .map(|why| format!(": {}", quoted(why)))
            .unwrap_or_default();
        let on = match event.last_completed_step {
            Some(last) => format!("; back to {}", back(event.state, last)),
            None if event.state == PlanState::Completed => "; plan completed".to_owned(),
            None => waiting(event.state, event.next_submission),
        };
        format!(
            "{subject} {} (submission {}){why}{on}",
            went(event.gate, event.passed),
            event.submission
        )
    }

    fn step_completed(&self, event: &StepCompleted) -> String {
        let on = match event.state {
            PlanState::Completed => "; plan completed".to_owned(),
            state => waiting(state, event.submission),
        };
        format!(
            "step {} of {} completed, attempt {}{on}",
            event.step,
            self.plan(&event.plan),
            event.attempt
        )
    }

    fn step_failed(&self, event: &StepFailed) -> String {
        let failed = match event.state {
            PlanState::Failed => "; plan failed",
            _ => "",
        };
        format!(
            "step {} of {} failed, attempt {}: {}{failed}",
            event.step,
            self.plan(&event.plan),
            event.attempt,
            text(&event.error)
        )
    }

    fn rolled_back(&self, event: &RolledBack) -> String {
        let subject = match &event.plan {
            Some(plan) => self.plan(plan),
            None => "project".to_owned(),
        };
        format!(
            "{subject} rolled back to revision {}{}",
            event.revision,
            because(event.reason.as_ref())
        )
    }
}

fn quoted(words: &str) -> String {
    format!("“{}”", one_line(words, TOLD))
}

fn text(text: &Text) -> String {
    quoted(text.start())
}

fn because(reason: Option<&Reason>) -> String {
    reason
        .map(|reason| format!(": {}", quoted(reason.as_str())))
        .unwrap_or_default()
}

fn steps(count: usize) -> String {
    match count {
        0 => "no steps yet".to_owned(),
        1 => "1 step".to_owned(),
        several => format!("{several} steps"),
    }
}

fn items(count: usize) -> String {
    match count {
        1 => "1 item of context".to_owned(),
        several => format!("{several} items of context"),
    }
}

fn let_go(count: usize) -> String {
    match count {
        1 => "1 old checkpoint let go".to_owned(),
        several => format!("{several} old checkpoints let go"),
    }
}

/// What now waits for a decision.
fn waiting(state: PlanState, submission: Option<u64>) -> String {
    match (state.gate(), submission) {
        (Some(gate), Some(number)) => {
            format!("; submission {number} waits for {}", waits_for(gate))
        }
        _ => String::new(),
    }
}

/// Where a plan goes back to.
fn back(state: PlanState, last_completed_step: i64) -> String {
    match state {
        PlanState::Implementing => format!("step {}", last_completed_step + 1),
        state => state.to_string(),
    }
}
