//! A whole store in figures.

use super::Totals;
use super::totals::zeros;
use crate::engine::{Engine, EngineError};
use crate::model::ProjectStatus;
use crate::storage::{Row, RowKind, RowQuery, Storage, Usage};
use serde::Serialize;
use std::collections::BTreeMap;

/// How many rows are read at once.
const PAGE: usize = 500;

/// A whole store in figures. Read in parts: what others do meanwhile may be in some figures and not
/// yet in others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoreStatistics {
    /// Projects.
    pub projects: u64,
    /// Projects in each status; every status is named.
    pub projects_by_status: BTreeMap<ProjectStatus, u64>,
    /// What they have in all.
    pub totals: Totals,
    /// How much room the store takes up.
    pub usage: Usage,
}

impl StoreStatistics {
    /// Counts what is in a store, from rows alone: no project is loaded.
    ///
    /// # Errors
    /// What the storage fails with.
    pub async fn read<S: Storage>(engine: &Engine<S>) -> Result<Self, EngineError> {
        let storage = engine.storage();
        let mut statistics = Self {
            projects: 0,
            projects_by_status: zeros(ProjectStatus::ALL),
            totals: Totals::none(),
            usage: Usage::default(),
        };
        for kind in [RowKind::Projects, RowKind::Plans, RowKind::Checkpoints] {
            let mut query = RowQuery::of(kind, PAGE);
            loop {
                let page = storage.rows(query.clone()).await?;
                page.rows.iter().for_each(|row| statistics.add(row));
                match page.next {
                    Some(next) => query.after = Some(next),
                    None => break,
                }
            }
        }
        statistics.usage = storage.usage().await;
        Ok(statistics)
    }

    fn add(&mut self, row: &Row) {
        if let Row::Project(row) = row {
            self.projects += 1;
            *self.projects_by_status.entry(row.status).or_default() += 1;
        }
        self.totals.add(row);
    }
}
