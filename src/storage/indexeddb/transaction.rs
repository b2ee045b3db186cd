//! One transaction beneath rexie, whose own can't ask for a durability, hide why they aborted, and
//! lose everything when a request of theirs is dropped (`tests/rexie_behaviour.rs`).
//!
//! A transaction stays active while a request's event is told and no longer: whatever is awaited
//! in it is one of its own requests, and everything is written in one synchronous stretch.

use super::answers::{PATIENCE, answer_within};
use super::error::failure;
use super::js::{CommittingTransaction, DurableDatabase, field, global, key, object};
use super::listener::Events;
use crate::storage::{Durability, StorageError, StorageErrorKind};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{IdbDatabase, IdbObjectStore, IdbRequest, IdbTransaction};

/// What a transaction is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Access {
    Read,
    Write(Durability),
}

/// One that is under way. Dropped before it has written, it ends by itself and changes nothing.
#[derive(Debug)]
pub(super) struct Transaction {
    raw: IdbTransaction,
    events: Events,
    /// Whether its connection is.
    is_lost: Rc<Cell<bool>>,
    /// For how many ticks its answers are waited for.
    ticks: u32,
}

impl Transaction {
    pub(super) fn begin(
        database: &IdbDatabase,
        is_lost: &Rc<Cell<bool>>,
        stores: &[&str],
        access: Access,
    ) -> Result<Self, StorageError> {
        let (mode, durability) = match access {
            Access::Read => ("readonly", "default"),
            Access::Write(Durability::Strict) => ("readwrite", "strict"),
            Access::Write(Durability::Relaxed) => ("readwrite", "relaxed"),
        };
        let raw = database
            .unchecked_ref::<DurableDatabase>()
            .transaction(
                key(stores.iter().map(|name| (*name).into())).unchecked_ref(),
                mode,
                &object([("durability", durability.into())]),
            )
            .map_err(|thrown| failure(&thrown, "beginning a transaction"))?;
        // Before anything is awaited: an end comes once, and not again for those who listen late.
        let events = Events::of(&raw, &["complete", "abort"]);
        Ok(Self {
            raw,
            events,
            is_lost: Rc::clone(is_lost),
            ticks: PATIENCE,
        })
    }

    /// Waits longer than usual, for so many requests: a millisecond more for each, which is several
    /// times what they take.
    pub(super) fn expect_requests(&mut self, count: usize) {
        let seconds = u32::try_from(count / 1_000).unwrap_or(u32::MAX);
        self.ticks = PATIENCE.saturating_add(seconds);
    }

    /// A store in its scope.
    pub(super) fn store(&self, name: &str) -> Result<IdbObjectStore, JsValue> {
        self.raw.object_store(name)
    }

    /// Waits for this request and all that were made before it: they are answered in the order in
    /// which they are made.
    pub(super) async fn answered(&mut self, last: &IdbRequest) -> Result<(), StorageError> {
        // One that fails aborts the transaction, which then says why.
        self.events.and_of(last, &["success"]);
        let told = answer_within(self.ticks, &self.is_lost, self.events.next()).await;
        match told.as_deref() {
            Some("success") => Ok(()),
            Some(_) => Err(self.aborted().await),
            None => Err(unanswered(StorageErrorKind::Closed)),
        }
    }

    /// Writes, commits, and waits until that is done. An error means that nothing was written,
    /// unless it says that the outcome isn't known.
    pub(super) async fn write(
        mut self,
        put: impl FnOnce(&Self) -> Result<(), JsValue>,
    ) -> Result<(), StorageError> {
        if let Err(thrown) = put(&self) {
            // What was put before the throw would be committed otherwise. A transaction that
            // refuses to be aborted has ended so already.
            let _ = self.raw.abort();
            return Err(failure(&thrown, "writing to the store"));
        }
        if may_be_told_to_commit() {
            // It would commit by itself; this spares it from finding out that nothing more comes. One
            // that can't commit any more is aborting, and says so in a moment.
            let _ = self.raw.unchecked_ref::<CommittingTransaction>().commit();
        }
        loop {
            let told = answer_within(self.ticks, &self.is_lost, self.events.next()).await;
            match told.as_deref() {
                Some("complete") => return Ok(()),
                Some("abort") => return Err(self.aborted().await),
                Some(_) => {}
                None => return Err(unanswered(StorageErrorKind::OutcomeUnknown)),
            }
        }
    }

    /// Why it was aborted: only it itself knows that, and only after its event. A full disk, for
    /// one, fails no request.
    async fn aborted(&self) -> StorageError {
        let Some(error) = self.raw.error() else {
            return StorageError::new(
                StorageErrorKind::Unavailable,
                "expected the transaction to be completed, found it aborted without a reason",
            );
        };
        let mut failed = failure(&error, "the transaction");
        if error.name() == "UnknownError" {
            // Site data that is cleared aborts with this, and closes the connection right after.
            crate::platform::sleep(std::time::Duration::ZERO).await;
            let again = self.raw.db().transaction_with_str(super::schema::META);
            if again.is_err() {
                failed.kind = StorageErrorKind::Closed;
            }
        }
        failed
    }
}

/// Whether a transaction that is told to commit still undoes everything when a request of it fails.
/// Firefox (153) then commits the others, and calls it complete, unless the last one failed. So none
/// is told but where it is known to be right, which is Chromium; elsewhere they commit by themselves,
/// once all requests have succeeded.
fn may_be_told_to_commit() -> bool {
    // Only Chromium has it, and only on secure pages.
    global("navigator").is_ok_and(|navigator| field(&navigator, "userAgentData").is_object())
}

/// The browser has forgotten what it was asked.
pub(super) fn unanswered(kind: StorageErrorKind) -> StorageError {
    StorageError::new(
        kind,
        "expected an answer from the database, found that none came: its connection is lost",
    )
}
