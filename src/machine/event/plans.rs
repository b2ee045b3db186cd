//! Which plans an event is about.

use super::{Event, ItemsAdded, ProjectForked, RolledBack};
use crate::model::{Item, PlanId, set_of};
use std::collections::BTreeSet;

impl Event {
    /// The plans that it names: those that it changes, those whose context it brings, those that a
    /// rollback or a fork takes along. Events that name items or checkpoints by
    /// their ids alone name no plan.
    #[must_use]
    pub fn plans(&self) -> BTreeSet<PlanId> {
        match self {
            Event::PlanCreated(event) => set_of([event.plan]),
            Event::PlanSubmitted(event) => set_of([event.plan]),
            Event::SubmissionDecided(event) => set_of([event.plan]),
            Event::StepCompleted(event) => set_of([event.plan]),
            Event::StepFailed(event) => set_of([event.plan]),
            Event::PlanReverted(event) => set_of([event.plan]),
            Event::PlanStarted { plan, .. }
            | Event::ImplementationStarted { plan }
            | Event::StepStarted { plan, .. }
            | Event::PlanFailed { plan, .. }
            | Event::PlanCancelled { plan, .. }
            | Event::PlanRetried { plan, .. }
            | Event::PlanApplied { plan } => set_of([*plan]),
            Event::CheckpointCreated(taken) => set_of(taken.checkpoint.plan),
            Event::ItemsAdded(ItemsAdded { items }) => set_of(of_items(items)),
            Event::RetentionApplied(applied) => {
                let gone = applied.pruned.iter();
                set_of(gone.filter_map(|checkpoint| checkpoint.plan))
            }
            Event::ProjectForked(event) => forked(event),
            Event::RolledBack(event) => rolled_back(event),
            Event::ProjectCreated(_)
            | Event::ProjectPlanned
            | Event::ProjectStarted
            | Event::ProjectPaused { .. }
            | Event::ProjectResumed { .. }
            | Event::ProjectStopped { .. }
            | Event::ProjectCompleted
            | Event::ProjectRenamed { .. }
            | Event::AgentSet { .. }
            | Event::ItemsArchived(_)
            | Event::ItemsRestored(_)
            | Event::ItemsTouched { .. }
            | Event::ItemsPinned { .. }
            | Event::CheckpointPinned { .. }
            | Event::CheckpointsPruned { .. }
            | Event::RetentionSet { .. }
            | Event::BodyRedacted { .. } => BTreeSet::new(),
        }
    }
}

fn of_items(items: &[Item]) -> impl Iterator<Item = PlanId> {
    items.iter().filter_map(|item| item.plan)
}

// What follows takes each record apart, so that a field added later cannot be forgotten.

fn forked(event: &ProjectForked) -> BTreeSet<PlanId> {
    let ProjectForked {
        plans,
        items,
        origin: _,
        name: _,
        status: _,
        settings: _,
        numbers: _,
        agents: _,
        redacted: _,
    } = event;
    let plans = plans.iter().map(|plan| plan.id);
    set_of(plans.chain(of_items(items)))
}

fn rolled_back(event: &RolledBack) -> BTreeSet<PlanId> {
    let RolledBack {
        plan,
        plans,
        plans_restored,
        plans_removed,
        items_restored,
        // Items that leave are named by their ids.
        items_removed: _,
        checkpoint: _,
        revision: _,
        safety_checkpoint: _,
        reason: _,
    } = event;
    let mut all = set_of(of_items(items_restored));
    all.extend(plan);
    all.extend(plans.iter().map(|change| change.plan));
    all.extend(plans_restored.iter().map(|plan| plan.id));
    all.extend(plans_removed);
    all
}
