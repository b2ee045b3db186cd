//! The rows that go with a commit: encoded before its transaction, put within it.

use super::rows::{Record, checkpoint_record, of_id, plan_record, project_record, put_all};
use super::schema::{BY_CHECKPOINT, BY_PLAN, CHECKPOINTS, PLANS, PROJECTS};
use super::transaction::Transaction;
use crate::journal::Head;
use crate::storage::{RowChanges, StorageError};
use wasm_bindgen::JsValue;
use web_sys::IdbRequest;

/// The rows of a commit, ready to be put.
pub(super) struct EncodedRows<'a> {
    project: Record,
    plans: Vec<Record>,
    checkpoints: Vec<Record>,
    changes: &'a RowChanges,
}

impl<'a> EncodedRows<'a> {
    pub(super) fn of(head: Head, changes: &'a RowChanges) -> Result<Self, StorageError> {
        let plans = changes.plans.iter().map(plan_record);
        let checkpoints = changes.checkpoints.iter().map(checkpoint_record);
        Ok(Self {
            project: project_record(head, &changes.project)?,
            plans: plans.collect::<Result<_, _>>()?,
            checkpoints: checkpoints.collect::<Result<_, _>>()?,
            changes,
        })
    }

    /// The stores that they change, besides that of projects.
    pub(super) fn stores(&self) -> impl Iterator<Item = &'static str> {
        let plans = !(self.plans.is_empty() && self.changes.plans_gone.is_empty());
        let checkpoints =
            !(self.checkpoints.is_empty() && self.changes.checkpoints_gone.is_empty());
        plans
            .then_some(PLANS)
            .into_iter()
            .chain(checkpoints.then_some(CHECKPOINTS))
    }

    /// Asks where the records of those stand that left.
    pub(super) fn find_gone(
        &self,
        transaction: &Transaction,
    ) -> Result<Vec<(&'static str, IdbRequest)>, JsValue> {
        let project = self.changes.project.project;
        let mut asked = Vec::new();
        for plan in &self.changes.plans_gone {
            let index = transaction.store(PLANS)?.index(BY_PLAN)?;
            asked.push((PLANS, index.get_key(&of_id(plan, project)?)?));
        }
        for checkpoint in &self.changes.checkpoints_gone {
            let index = transaction.store(CHECKPOINTS)?.index(BY_CHECKPOINT)?;
            asked.push((CHECKPOINTS, index.get_key(&of_id(checkpoint, project)?)?));
        }
        Ok(asked)
    }

    /// Puts them, and deletes those that left.
    pub(super) fn put(
        &self,
        transaction: &Transaction,
        gone: Vec<(&'static str, IdbRequest)>,
    ) -> Result<(), JsValue> {
        // First, since a number that became free may have been given again.
        for (store, found) in gone {
            let key = found.result()?;
            if !key.is_undefined() {
                transaction.store(store)?.delete(&key)?;
            }
        }
        for (store, records) in [(PLANS, &self.plans), (CHECKPOINTS, &self.checkpoints)] {
            if !records.is_empty() {
                put_all(&transaction.store(store)?, records)?;
            }
        }
        put_all(
            &transaction.store(PROJECTS)?,
            std::slice::from_ref(&self.project),
        )
    }
}
