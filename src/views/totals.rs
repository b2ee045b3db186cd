//! What there is in all, counted from rows.

use crate::model::{PlanState, Project, Trigger};
use crate::storage::{CheckpointRow, PlanRow, ProjectRow, Row, RowChanges};
use serde::Serialize;
use std::collections::BTreeMap;

/// How much there is of everything, in a project or in a whole store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Entries of journals: one for each commit.
    pub entries: u64,
    /// Plans.
    pub plans: u64,
    /// Plans in each state; every state is named.
    pub plans_by_state: BTreeMap<PlanState, u64>,
    /// Steps of plans.
    pub steps: u64,
    /// Steps that are completed.
    pub steps_completed: u64,
    /// Checkpoints.
    pub checkpoints: u64,
    /// Checkpoints by what made them; every trigger is named.
    pub checkpoints_by_trigger: BTreeMap<Trigger, u64>,
    /// Agents with active context, counted in each project.
    pub active_agents: u64,
    /// Items in active context.
    pub items: u64,
    /// Items that were archived.
    pub items_archived: u64,
    /// Tokens of active context.
    pub tokens: u64,
}

impl Totals {
    /// Nothing yet.
    pub(super) fn none() -> Self {
        Self {
            entries: 0,
            plans: 0,
            plans_by_state: zeros(PlanState::ALL),
            steps: 0,
            steps_completed: 0,
            checkpoints: 0,
            checkpoints_by_trigger: zeros(Trigger::ALL),
            active_agents: 0,
            items: 0,
            items_archived: 0,
            tokens: 0,
        }
    }

    /// What a project has in all: the same that its rows say.
    #[must_use]
    pub fn of(project: &Project) -> Self {
        let rows = RowChanges::all(project);
        let mut totals = Self::none();
        totals.add_project(&rows.project);
        rows.plans.iter().for_each(|row| totals.add_plan(row));
        (rows.checkpoints.iter()).for_each(|row| totals.add_checkpoint(row));
        totals
    }

    /// Counts a row.
    pub(super) fn add(&mut self, row: &Row) {
        match row {
            Row::Project(row) => self.add_project(row),
            Row::Plan(row) => self.add_plan(row),
            Row::Checkpoint(row) => self.add_checkpoint(row),
        }
    }

    fn add_project(&mut self, row: &ProjectRow) {
        // Revisions have no gaps, and begin with 1.
        add(&mut self.entries, row.revision.get());
        add(&mut self.active_agents, row.active_agents);
        add(&mut self.items, row.items);
        add(&mut self.items_archived, row.items_archived);
        add(&mut self.tokens, row.tokens);
    }

    fn add_plan(&mut self, row: &PlanRow) {
        self.plans += 1;
        *self.plans_by_state.entry(row.state).or_default() += 1;
        add(&mut self.steps, row.steps);
        // Of none the last one is −1.
        let completed = row.last_completed_step.saturating_add(1);
        let completed = u64::try_from(completed).unwrap_or(0);
        add(&mut self.steps_completed, completed);
    }

    fn add_checkpoint(&mut self, row: &CheckpointRow) {
        self.checkpoints += 1;
        *self.checkpoints_by_trigger.entry(row.trigger).or_default() += 1;
    }
}

/// A damaged row may say any number.
const fn add(figure: &mut u64, amount: u64) {
    *figure = figure.saturating_add(amount);
}

/// Each of these, with none so far.
pub(super) fn zeros<K: Ord, const N: usize>(kinds: [K; N]) -> BTreeMap<K, u64> {
    let mut counts = BTreeMap::new();
    counts.extend(kinds.map(|kind| (kind, 0)));
    counts
}
