//! What a command came to: a pure function of the entry's events, so that a repeated command
//! gets the same answer.

use super::decide::reduction;
use super::event::{Event, RetentionApplied, RolledBack};
use crate::model::{
    AgentFlashSave, CheckpointId, Digest, ItemId, Name, Origin, PauseRecord, PauseWarning, PlanId,
    PlanState, ProjectStatus, Reason, RetentionPolicy, Revision, StepId, Timestamp, Trigger,
};
use serde::Serialize;

/// What a command came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// The project was created.
    ProjectCreated {
        /// The plan that it was created with.
        plan: Option<PlanId>,
    },
    /// The project was made of another one.
    ProjectForked {
        /// What it is a copy of.
        origin: Origin,
    },
    /// The project's status changed.
    ProjectStatusChanged {
        /// What it is now.
        status: ProjectStatus,
    },
    /// The project goes by another name.
    ProjectRenamed {
        /// The new name.
        name: Name,
    },
    /// The project is gone.
    ProjectDeleted,
    /// The project is paused.
    Paused(PauseReport),
    /// The project goes on.
    Resumed(ResumeReport),
    /// A plan was made.
    PlanCreated {
        /// Its id.
        plan: PlanId,
    },
    /// A plan moved.
    PlanMoved {
        /// Which plan.
        plan: PlanId,
        /// Where it is now.
        state: PlanState,
        /// The submission that now waits for a decision, if one does.
        submission: Option<u64>,
    },
    /// A plan's result was marked as applied.
    PlanApplied {
        /// Which plan.
        plan: PlanId,
    },
    /// An attempt began.
    StepStarted(StepStarted),
    /// An attempt was successful.
    StepCompleted(StepDone),
    /// An attempt failed.
    StepFailed(StepUndone),
    /// An agent's limit was set.
    AgentSet {
        /// Its name.
        agent: Name,
        /// Its token limit.
        token_limit: u64,
    },
    /// Context was added.
    ContextAdded(ContextAdded),
    /// Context was archived.
    ContextArchived(ArchiveReport),
    /// Context was used.
    ItemsTouched {
        /// Which items.
        items: Vec<ItemId>,
    },
    /// Context is kept hot, or no longer.
    ItemsPinned {
        /// The items that were not so before.
        items: Vec<ItemId>,
        /// Whether they are pinned now.
        pinned: bool,
    },
    /// A text was removed for good.
    BodyRedacted {
        /// Its digest.
        digest: Digest,
    },
    /// Archived context is active again.
    ItemsRestored {
        /// The items that were archived and no longer are.
        items: Vec<ItemId>,
    },
    /// A checkpoint was taken.
    CheckpointCreated {
        /// Its id.
        checkpoint: CheckpointId,
    },
    /// A checkpoint is kept whatever the policy says, or no longer.
    CheckpointPinned {
        /// Which.
        checkpoint: CheckpointId,
        /// Whether it is pinned now.
        pinned: bool,
    },
    /// The project keeps so many checkpoints.
    RetentionSet {
        /// How many.
        policy: RetentionPolicy,
    },
    /// Checkpoints that a policy doesn't keep are gone.
    RetentionApplied(RetentionApplied),
    /// A plan or the project was put back.
    RolledBack(RollbackReport),
}

/// What a pause did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PauseReport {
    /// Whether the project is paused.
    pub success: bool,
    /// Whether it was already, so that this call did nothing.
    pub already_paused: bool,
    /// The checkpoint of how all was just before.
    pub checkpoint_id: CheckpointId,
    /// Tokens of active context before.
    pub tokens_before: u64,
    /// And after.
    pub tokens_after: u64,
    /// How much less that is, in percent, with two decimals.
    pub reduction_percentage: f64,
    /// How many items were archived.
    pub items_archived: u64,
    /// When it was paused.
    pub paused_at: Timestamp,
    /// Why.
    pub reason: Option<Reason>,
    /// The same figures for each agent.
    pub agents: Vec<AgentReport>,
    /// What somebody should know of.
    pub warnings: Vec<PauseWarning>,
}

/// What a pause did to one agent's context.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AgentReport {
    /// Whose.
    pub agent: Name,
    /// Tokens of active context before.
    pub tokens_before: u64,
    /// And after.
    pub tokens_after: u64,
    /// How much less that is, in percent, with two decimals.
    pub reduction_percentage: f64,
    /// How many items were archived.
    pub items_archived: u64,
    /// How many hot items stayed.
    pub hot_kept: u64,
    /// How many warm items stayed.
    pub warm_kept: u64,
}

impl PauseReport {
    /// The report of a pause, from its record.
    #[must_use]
    pub fn of(record: &PauseRecord) -> Self {
        Self {
            success: true,
            already_paused: false,
            checkpoint_id: record.checkpoint_id,
            tokens_before: record.tokens_before,
            tokens_after: record.tokens_after,
            reduction_percentage: percent(record.reduction_hundredths),
            items_archived: record.items_archived,
            paused_at: record.paused_at,
            reason: record.reason.clone(),
            agents: record.agents.iter().map(AgentReport::of).collect(),
            warnings: record.warnings.clone(),
        }
    }
}

impl AgentReport {
    fn of(save: &AgentFlashSave) -> Self {
        Self {
            agent: save.agent.clone(),
            tokens_before: save.tokens_before,
            tokens_after: save.tokens_after,
            reduction_percentage: percent(save.reduction_hundredths),
            items_archived: save.items_archived,
            hot_kept: save.hot_kept,
            warm_kept: save.warm_kept,
        }
    }
}

fn percent(hundredths: u32) -> f64 {
    f64::from(hundredths) / 100.0
}

/// How a project goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ResumeReport {
    /// The status that it has again.
    pub status: ProjectStatus,
    /// What the rollback to a checkpoint did, if one was named.
    pub rollback: Option<RollbackReport>,
}

/// An attempt that began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StepStarted {
    /// Which plan.
    pub plan: PlanId,
    /// Which step, zero-based.
    pub step: u32,
    /// The step's id: its idempotency key, the same in every attempt.
    pub id: StepId,
    /// The attempt's number: what its result has to name.
    pub attempt: u64,
}

/// An attempt that was successful.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepDone {
    /// Which plan.
    pub plan: PlanId,
    /// Which step, zero-based.
    pub step: u32,
    /// Which attempt.
    pub attempt: u64,
    /// Where the plan is now.
    pub state: PlanState,
    /// The submission that now waits for a decision, if one does.
    pub submission: Option<u64>,
    /// The context items that came with the result.
    pub items: Vec<ItemId>,
    /// The checkpoint that was taken by itself.
    pub checkpoint: Option<CheckpointId>,
}

/// An attempt that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StepUndone {
    /// Which plan.
    pub plan: PlanId,
    /// Which step, zero-based.
    pub step: u32,
    /// Which attempt.
    pub attempt: u64,
    /// Failures of this step, this one included.
    pub failures: u32,
    /// Where the plan is now.
    pub state: PlanState,
}

/// Context that was archived.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ArchiveReport {
    /// Tokens of active context before, of the agents that this is about.
    pub tokens_before: u64,
    /// And after.
    pub tokens_after: u64,
    /// How much less that is, in percent, with two decimals.
    pub reduction_percentage: f64,
    /// How many items were archived.
    pub items_archived: u64,
    /// The same figures for each agent. Those whose context was left alone are not in it.
    pub agents: Vec<AgentReport>,
}

impl ArchiveReport {
    pub(super) fn of(agents: &[AgentFlashSave]) -> Self {
        let tokens_before = agents.iter().map(|agent| agent.tokens_before).sum();
        let tokens_after = agents.iter().map(|agent| agent.tokens_after).sum();
        Self {
            tokens_before,
            tokens_after,
            reduction_percentage: percent(reduction(tokens_before, tokens_after)),
            items_archived: agents.iter().map(|agent| agent.items_archived).sum(),
            agents: agents.iter().map(AgentReport::of).collect(),
        }
    }
}

/// Context that was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContextAdded {
    /// The items, in the order in which they were given.
    pub items: Vec<ItemId>,
}

/// What a rollback did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RollbackReport {
    /// The checkpoint that it went to.
    pub checkpoint: CheckpointId,
    /// Its revision.
    pub revision: Revision,
    /// The checkpoint taken just before, to undo it.
    pub safety_checkpoint: CheckpointId,
    /// Plans that are now different, there again or gone.
    pub plans_reverted: u64,
    /// Steps that are now different.
    pub steps_reverted: u64,
    /// Items that are as they were.
    pub items_restored: u64,
    /// Items that are gone.
    pub items_removed: u64,
    /// Everything that changed, as paths into the project.
    pub paths: Vec<String>,
}

/// More steps than any plan has.
const MOST_STEPS_TOLD: usize = 1_000_000;

impl RollbackReport {
    fn of(event: &RolledBack) -> Self {
        let mut paths = Vec::new();
        let (mut plans_reverted, mut steps_reverted) = (0, 0);
        for change in &event.plans {
            let plan = change.plan;
            let count = paths.len();
            paths.extend(
                change
                    .changed
                    .iter()
                    .map(|field| format!("plans/{plan}/{field}")),
            );
            paths.extend(
                change
                    .steps
                    .iter()
                    .map(|step| format!("plans/{plan}/steps/{}", step.index)),
            );
            // A bundle may be made up: an entry that holds can say anything of itself.
            let gone = change.step_count..change.step_count.saturating_add(change.steps_gone);
            paths.extend(
                gone.take(MOST_STEPS_TOLD)
                    .map(|step| format!("plans/{plan}/steps/{step}")),
            );
            steps_reverted += change.steps.len() as u64 + u64::from(change.steps_gone);
            plans_reverted += u64::from(paths.len() > count);
        }
        plans_reverted += (event.plans_restored.len() + event.plans_removed.len()) as u64;
        paths.extend(
            event
                .plans_restored
                .iter()
                .map(|plan| format!("plans/{}", plan.id)),
        );
        paths.extend(
            event
                .plans_removed
                .iter()
                .map(|plan| format!("plans/{plan}")),
        );
        paths.extend(
            event
                .items_restored
                .iter()
                .map(|item| format!("items/{}", item.id)),
        );
        paths.extend(
            event
                .items_removed
                .iter()
                .map(|item| format!("items/{item}")),
        );
        Self {
            checkpoint: event.checkpoint,
            revision: event.revision,
            safety_checkpoint: event.safety_checkpoint,
            plans_reverted,
            steps_reverted,
            items_restored: event.items_restored.len() as u64,
            items_removed: event.items_removed.len() as u64,
            paths,
        }
    }
}

impl Outcome {
    /// What the command of this entry came to. `None` for an entry that holds no event that a
    /// command begins with, which no program writes.
    #[must_use]
    pub fn of(events: &[Event]) -> Option<Self> {
        // The command's own event comes last where others prepare it (a pause, a resume, added
        // context), first where others follow from it (a created project, a completed step).
        let rollback = || {
            events.iter().find_map(|event| match event {
                Event::RolledBack(event) => Some(RollbackReport::of(event)),
                _ => None,
            })
        };
        let status = |status| Some(Outcome::ProjectStatusChanged { status });
        let moved = |plan: &PlanId, state, submission| {
            Some(Outcome::PlanMoved {
                plan: *plan,
                state,
                submission,
            })
        };
        let mut last = None;
        for event in events {
            let outcome = match event {
                Event::StepCompleted(done) => {
                    return Some(Outcome::StepCompleted(StepDone {
                        plan: done.plan,
                        step: done.step,
                        attempt: done.attempt,
                        state: done.state,
                        submission: done.submission,
                        items: added_items(events),
                        checkpoint: events.iter().find_map(|event| match event {
                            Event::CheckpointCreated(taken) => Some(taken.checkpoint.id),
                            _ => None,
                        }),
                    }));
                }
                Event::ProjectCreated(_) => {
                    return Some(Outcome::ProjectCreated {
                        plan: events.iter().find_map(|event| match event {
                            Event::PlanCreated(created) => Some(created.plan),
                            _ => None,
                        }),
                    });
                }
                Event::ProjectForked(forked) => Some(Outcome::ProjectForked {
                    origin: forked.origin,
                }),
                Event::ProjectPlanned => status(ProjectStatus::Planning),
                Event::ProjectStarted => status(ProjectStatus::Active),
                Event::ProjectPaused { record } => Some(Outcome::Paused(PauseReport::of(record))),
                Event::ProjectResumed { status } => Some(Outcome::Resumed(ResumeReport {
                    status: *status,
                    rollback: rollback(),
                })),
                Event::ProjectStopped { .. } => status(ProjectStatus::Stopped),
                Event::ProjectCompleted => status(ProjectStatus::Completed),
                Event::ProjectRenamed { name } => {
                    Some(Outcome::ProjectRenamed { name: name.clone() })
                }
                Event::PlanCreated(created) => Some(Outcome::PlanCreated { plan: created.plan }),
                Event::PlanStarted { plan, state } => moved(plan, *state, None),
                Event::PlanSubmitted(event) => moved(&event.plan, event.state, event.submission),
                Event::SubmissionDecided(event) => {
                    moved(&event.plan, event.state, event.next_submission)
                }
                Event::ImplementationStarted { plan } => moved(plan, PlanState::Implementing, None),
                Event::PlanFailed { plan, .. } => moved(plan, PlanState::Failed, None),
                Event::PlanCancelled { plan, .. } => moved(plan, PlanState::Cancelled, None),
                Event::PlanRetried {
                    plan,
                    state,
                    submission,
                    ..
                } => moved(plan, *state, *submission),
                Event::PlanReverted(event) => moved(&event.plan, event.state, None),
                Event::PlanApplied { plan } => Some(Outcome::PlanApplied { plan: *plan }),
                Event::StepStarted {
                    plan,
                    step,
                    id,
                    attempt,
                } => Some(Outcome::StepStarted(StepStarted {
                    plan: *plan,
                    step: *step,
                    id: *id,
                    attempt: *attempt,
                })),
                Event::StepFailed(failed) => Some(Outcome::StepFailed(StepUndone {
                    plan: failed.plan,
                    step: failed.step,
                    attempt: failed.attempt,
                    failures: failed.failures,
                    state: failed.state,
                })),
                Event::AgentSet { agent, token_limit } => Some(Outcome::AgentSet {
                    agent: agent.clone(),
                    token_limit: *token_limit,
                }),
                Event::ItemsAdded(_) => Some(Outcome::ContextAdded(ContextAdded {
                    items: added_items(events),
                })),
                Event::ItemsArchived(event) => {
                    Some(Outcome::ContextArchived(ArchiveReport::of(&event.agents)))
                }
                Event::ItemsTouched { items } => Some(Outcome::ItemsTouched {
                    items: items.iter().map(|touched| touched.item).collect(),
                }),
                Event::ItemsPinned { items, pinned } => Some(Outcome::ItemsPinned {
                    items: items.clone(),
                    pinned: *pinned,
                }),
                Event::BodyRedacted { digest, .. } => {
                    Some(Outcome::BodyRedacted { digest: *digest })
                }
                Event::ItemsRestored(event) => Some(Outcome::ItemsRestored {
                    items: event.items.clone(),
                }),
                // The others come with what somebody else asked for.
                Event::CheckpointCreated(taken) => (taken.checkpoint.trigger == Trigger::Manual)
                    .then_some(Outcome::CheckpointCreated {
                        checkpoint: taken.checkpoint.id,
                    }),
                Event::CheckpointPinned { checkpoint, pinned } => Some(Outcome::CheckpointPinned {
                    checkpoint: *checkpoint,
                    pinned: *pinned,
                }),
                Event::RetentionSet { policy } => Some(Outcome::RetentionSet { policy: *policy }),
                Event::CheckpointsPruned { .. } => None,
                Event::RetentionApplied(event) => Some(Outcome::RetentionApplied(event.clone())),
                Event::RolledBack(_) => rollback().map(Outcome::RolledBack),
            };
            last = outcome.or(last);
        }
        last
    }
}

fn added_items(events: &[Event]) -> Vec<ItemId> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::ItemsAdded(added) => Some(&added.items),
            _ => None,
        })
        .flatten()
        .map(|item| item.id)
        .collect()
}
