//! Commands in a word or two, so that a test reads as what happens.

use holdpoint::machine::{Command, InitialStatus, NewCheckpoint, NewItem, NewPlan, NewStep};
use holdpoint::model::{
    CheckpointId, Digest, Gates, ItemId, LongText, PlanId, PlanSettings, PlanState, Point,
    ProjectId, ProjectSettings, RetentionPolicy, Revision, Timestamp,
};

pub(crate) fn create_project(status: InitialStatus) -> Command {
    create_project_with(status, ProjectSettings::default())
}

pub(crate) fn create_project_with(status: InitialStatus, settings: ProjectSettings) -> Command {
    Command::CreateProject {
        name: "Site".parse().unwrap(),
        status,
        settings,
        plan: None,
    }
}

pub(crate) fn pause() -> Command {
    Command::Pause { reason: None }
}

pub(crate) fn pause_because(reason: &str) -> Command {
    Command::Pause {
        reason: Some(reason.parse().unwrap()),
    }
}

pub(crate) fn resume() -> Command {
    Command::Resume { checkpoint: None }
}

pub(crate) fn resume_from(checkpoint: CheckpointId) -> Command {
    Command::Resume {
        checkpoint: Some(checkpoint),
    }
}

pub(crate) fn stop() -> Command {
    Command::StopProject { reason: None }
}

pub(crate) fn rename(name: &str) -> Command {
    Command::RenameProject {
        name: name.parse().unwrap(),
    }
}

pub(crate) fn new_plan(steps: usize) -> NewPlan {
    NewPlan {
        request: text("Add sign-in"),
        steps: (steps > 0).then(|| new_steps(steps)),
        settings: PlanSettings::default(),
    }
}

/// A plan of so many steps that waits at these gates.
pub(crate) fn create_gated_plan(steps: usize, gates: Gates) -> Command {
    let mut plan = new_plan(steps);
    plan.settings.gates = gates;
    Command::CreatePlan { plan }
}

pub(crate) const ALL_GATES: Gates = Gates {
    plan: true,
    implementation: true,
    review: true,
    verification: true,
};

pub(crate) fn new_steps(count: usize) -> Vec<NewStep> {
    (0..count)
        .map(|step| NewStep {
            title: format!("step {step}").parse().unwrap(),
            input: None,
        })
        .collect()
}

/// A plan of so many steps; none: they are yet to be planned.
pub(crate) fn create_plan(steps: usize) -> Command {
    Command::CreatePlan {
        plan: new_plan(steps),
    }
}

pub(crate) fn start_plan(plan: PlanId) -> Command {
    Command::StartPlan { plan }
}

pub(crate) fn submit_plan(plan: PlanId, steps: usize) -> Command {
    Command::SubmitPlan {
        plan,
        text: text("First this, then that."),
        steps: new_steps(steps),
    }
}

pub(crate) fn approve(plan: PlanId, submission: u64) -> Command {
    Command::Approve { plan, submission }
}

pub(crate) fn reject(plan: PlanId, submission: u64) -> Command {
    reject_to_step(plan, submission, None)
}

pub(crate) fn reject_to_step(
    plan: PlanId,
    submission: u64,
    from_step: impl Into<Option<u32>>,
) -> Command {
    Command::Reject {
        plan,
        submission,
        reason: "not like this".parse().unwrap(),
        from_step: from_step.into(),
    }
}

pub(crate) fn start_implementation(plan: PlanId) -> Command {
    Command::StartImplementation { plan }
}

pub(crate) fn review(plan: PlanId, submission: u64, passed: bool) -> Command {
    Command::RecordReview {
        plan,
        submission,
        passed,
        notes: Some(text("read it all")),
        from_step: None,
    }
}

pub(crate) fn verification(plan: PlanId, submission: u64, passed: bool) -> Command {
    Command::RecordVerification {
        plan,
        submission,
        passed,
        details: Some(text("ran it all")),
        from_step: None,
    }
}

pub(crate) fn start_step(plan: PlanId) -> Command {
    Command::StartStep { plan, step: None }
}

pub(crate) fn complete_step(plan: PlanId, attempt: u64) -> Command {
    complete_step_with(plan, attempt, vec![])
}

pub(crate) fn complete_step_with(plan: PlanId, attempt: u64, context: Vec<NewItem>) -> Command {
    let output = Some(format!("\"result of attempt {attempt}\"").parse().unwrap());
    Command::CompleteStep {
        plan,
        attempt,
        output,
        context,
    }
}

pub(crate) fn fail_step(plan: PlanId, attempt: u64) -> Command {
    Command::FailStep {
        plan,
        attempt,
        error: text("it broke"),
    }
}

pub(crate) fn fail_plan(plan: PlanId) -> Command {
    Command::FailPlan {
        plan,
        error: text("no way to go on"),
    }
}

pub(crate) fn cancel_plan(plan: PlanId) -> Command {
    Command::CancelPlan { plan, reason: None }
}

pub(crate) fn retry_plan(plan: PlanId) -> Command {
    Command::RetryPlan { plan }
}

pub(crate) fn revert_to_planning(plan: PlanId) -> Command {
    Command::RevertPlan {
        plan,
        to: PlanState::Planning,
        from_step: None,
        reason: None,
    }
}

pub(crate) fn revert_to_step(plan: PlanId, from_step: impl Into<Option<u32>>) -> Command {
    let from_step = from_step.into();
    Command::RevertPlan {
        plan,
        to: PlanState::Implementing,
        from_step,
        reason: None,
    }
}

pub(crate) fn mark_applied(plan: PlanId) -> Command {
    Command::MarkApplied { plan }
}

pub(crate) fn set_agent(agent: &str, token_limit: u64) -> Command {
    Command::SetAgent {
        agent: agent.parse().unwrap(),
        token_limit,
    }
}

/// An item of so many tokens by count: see [`SaidTokens`](super::given::SaidTokens).
pub(crate) fn item(agent: &str, kind: &str, tokens: u64) -> NewItem {
    item_saying(agent, kind, &format!("{tokens} tokens"))
}

pub(crate) fn item_saying(agent: &str, kind: &str, body: &str) -> NewItem {
    NewItem {
        agent: agent.parse().unwrap(),
        plan: None,
        kind: kind.parse().unwrap(),
        body: body.parse().unwrap(),
        created_at: None,
        pinned: false,
    }
}

/// How an item differs from a plain one.
pub(crate) trait But {
    fn of_plan(self, plan: PlanId) -> Self;
    fn from(self, created_at: Timestamp) -> Self;
    fn pinned(self) -> Self;
}

impl But for NewItem {
    fn of_plan(self, plan: PlanId) -> Self {
        Self {
            plan: Some(plan),
            ..self
        }
    }

    fn from(self, created_at: Timestamp) -> Self {
        Self {
            created_at: Some(created_at),
            ..self
        }
    }

    fn pinned(self) -> Self {
        Self {
            pinned: true,
            ..self
        }
    }
}

pub(crate) fn add_context(items: Vec<NewItem>) -> Command {
    Command::AddContext { items }
}

pub(crate) fn restore_items(items: Vec<ItemId>) -> Command {
    Command::RestoreItems { items }
}

pub(crate) fn touch_items(items: Vec<ItemId>) -> Command {
    Command::TouchItems { items }
}

pub(crate) fn pin_items(items: Vec<ItemId>) -> Command {
    Command::PinItems { items }
}

pub(crate) fn unpin_items(items: Vec<ItemId>) -> Command {
    Command::UnpinItems { items }
}

pub(crate) fn archive_items(items: Vec<ItemId>) -> Command {
    Command::ArchiveItems { items }
}

/// Of this agent, or of all.
pub(crate) fn flash_save<'a>(agent: impl Into<Option<&'a str>>, force: bool) -> Command {
    let agent = agent.into().map(|agent| agent.parse().unwrap());
    Command::FlashSave { agent, force }
}

pub(crate) fn redact_item(item: ItemId) -> Command {
    Command::RedactItem { item, reason: None }
}

pub(crate) fn redact_output(plan: PlanId, step: u32) -> Command {
    let reason = None;
    Command::RedactOutput { plan, step, reason }
}

pub(crate) fn redact_body(digest: Digest) -> Command {
    let reason = None;
    Command::RedactBody { digest, reason }
}

pub(crate) fn fork(source: ProjectId, at: Point) -> Command {
    let name = None;
    Command::ForkProject { source, at, name }
}

pub(crate) fn checkpoint(name: &str, plan: impl Into<Option<PlanId>>) -> Command {
    let name = name.parse().unwrap();
    Command::CreateCheckpoint {
        checkpoint: NewCheckpoint::named(name, plan.into()),
    }
}

pub(crate) fn pin_checkpoint(checkpoint: CheckpointId, pinned: bool) -> Command {
    Command::PinCheckpoint { checkpoint, pinned }
}

/// So many of each plan, and so many of the project.
pub(crate) const fn policy(per_plan: u32, of_project: u32) -> RetentionPolicy {
    RetentionPolicy {
        per_plan,
        of_project,
    }
}

pub(crate) fn set_retention(policy: RetentionPolicy) -> Command {
    Command::SetRetention { policy }
}

/// By this policy, or by the project's own.
pub(crate) fn apply_retention(policy: impl Into<Option<RetentionPolicy>>) -> Command {
    let policy = policy.into();
    Command::ApplyRetention { policy }
}

pub(crate) fn rollback_plan(plan: PlanId, checkpoint: impl Into<Option<CheckpointId>>) -> Command {
    Command::RollbackPlan {
        plan,
        checkpoint: checkpoint.into(),
        before: None,
        reason: None,
    }
}

/// Reverses what was decided in this revision.
pub(crate) fn rollback_before(plan: PlanId, decision: Revision) -> Command {
    Command::RollbackPlan {
        plan,
        checkpoint: None,
        before: Some(decision),
        reason: None,
    }
}

pub(crate) fn rollback_project(checkpoint: CheckpointId) -> Command {
    Command::RollbackProject {
        checkpoint,
        reason: None,
    }
}

pub(crate) fn text(text: &str) -> LongText {
    text.parse().unwrap()
}
