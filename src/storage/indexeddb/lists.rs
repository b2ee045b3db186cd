//! Rexie's handles, with which lists are read: one for each database, opened by the first list and
//! kept by the page from then on.
//!
//! To open one leaves memory behind that nobody can free: idb forgets the closures of each open
//! request, and with them all that its upgrade would have needed, some three kilobytes. So a store
//! that is opened after another takes the handle that is there. One that stays open is in nobody's
//! way: rexie closes it when another connection upgrades or deletes the database.

use super::error::rexie_failure;
use super::opening::{UNANSWERED, blocked};
use super::schema;
use super::to_its_end::{before, to_its_end};
use crate::platform;
use crate::storage::StorageError;
use rexie::{Rexie, TransactionMode};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;

thread_local! {
    static KEPT: RefCell<HashMap<String, Rc<RexieHandle>>> = RefCell::default();
}

/// The handle on a database that is open: the one that is kept, unless it was closed since.
pub(super) async fn handle(
    name: &str,
    patience: Duration,
) -> Result<Rc<RexieHandle>, StorageError> {
    let kept = KEPT.with_borrow(|kept| kept.get(name).cloned());
    if let Some(kept) = kept.filter(|kept| kept.is_open()) {
        return Ok(kept);
    }
    let opened = Rc::new(open(name, patience).await?);
    let kept = Rc::clone(&opened);
    let before = KEPT.with_borrow_mut(|all| all.insert(name.to_owned(), kept));
    drop(before);
    Ok(opened)
}

/// Opens with rexie. That future must not be dropped half-way: the opening would go on, and leave
/// a connection that nobody closes. So it runs to its end, and closes itself if it comes too late.
async fn open(name: &str, patience: Duration) -> Result<RexieHandle, StorageError> {
    let builder = schema::in_rexie(name);
    let opening = to_its_end(Box::pin(async {
        let built = builder.build().await;
        built.map(|rexie| RexieHandle(Some(rexie)))
    }));
    let mut deadline = Box::pin(platform::sleep(patience.saturating_mul(UNANSWERED)));
    match before(&mut deadline, opening).await {
        Some(opened) => opened.map_err(|error| rexie_failure(&error, "opening the database")),
        None => Err(blocked(name, "it has not answered")),
    }
}

/// A rexie that is closed when it is dropped. Otherwise its connection would stay open with a
/// listener that throws, and block every later upgrade.
#[derive(Debug)]
pub(super) struct RexieHandle(Option<Rexie>);

impl RexieHandle {
    /// Begins to read one store.
    pub(super) fn begin(&self, store: &str) -> rexie::Result<rexie::Store> {
        let rexie = self.0.as_ref();
        rexie
            .expect("it is taken when this is dropped")
            .transaction(&[store], TransactionMode::ReadOnly)?
            .store(store)
    }

    /// Whether a transaction can begin on it; nothing else tells.
    fn is_open(&self) -> bool {
        self.begin(schema::META).is_ok()
    }
}

impl Drop for RexieHandle {
    fn drop(&mut self) {
        if let Some(rexie) = self.0.take() {
            rexie.close();
        }
    }
}
