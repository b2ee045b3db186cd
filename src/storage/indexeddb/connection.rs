//! The raw handle on a database, and rexie's beside it once a list was asked for.

use super::listener::Listener;
use super::lists::RexieHandle;
use super::observer::{ConnectionNotice, ConnectionObserver};
use super::transaction::{Access, Transaction};
use crate::storage::StorageError;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use web_sys::IdbDatabase;

/// A database that is open, or was.
#[derive(Debug)]
pub(super) struct Connection {
    raw: IdbDatabase,
    /// None until it is needed.
    rexie: RefCell<Option<Rc<RexieHandle>>>,
    is_lost: Rc<Cell<bool>>,
    /// For as long as the connection lives.
    _ends: Listener,
}

impl Connection {
    /// One of the raw handle alone. It closes itself at once when another tab wants to upgrade or
    /// delete the database: nothing is as bad as a tab that blocks all others.
    pub(super) fn of(raw: IdbDatabase, observer: Option<ConnectionObserver>) -> Self {
        let is_lost = Rc::new(Cell::new(false));
        let mut ends = Listener::new({
            let (raw, is_lost) = (raw.clone(), Rc::clone(&is_lost));
            // One end is told, whatever comes after it.
            let mut untold = observer;
            move |event| {
                // What is under way still ends well. Rexie closes itself, on its own event; if it
                // were dropped here, that event would find its listener gone, and throw.
                raw.close();
                is_lost.set(true);
                if let Some(observer) = untold.take() {
                    observer.tell(match event.type_().as_str() {
                        "close" => ConnectionNotice::Terminated,
                        _ => ConnectionNotice::Blocking,
                    });
                }
            }
        });
        ends.listen(&raw, &["versionchange", "close"]);
        Self {
            raw,
            rexie: RefCell::new(None),
            is_lost,
            _ends: ends,
        }
    }

    /// Whether rexie can read on it.
    pub(super) fn has_rexie(&self) -> bool {
        self.rexie.borrow().is_some()
    }

    /// Takes rexie's handle in.
    pub(super) fn add_rexie(&self, rexie: Rc<RexieHandle>) {
        *self.rexie.borrow_mut() = Some(rexie);
    }

    /// Begins a transaction on the raw handle.
    pub(super) fn begin(
        &self,
        stores: &[&str],
        access: Access,
    ) -> Result<Transaction, StorageError> {
        Transaction::begin(&self.raw, &self.is_lost, stores, access)
    }

    /// Begins to read one store with rexie, whose handle was added.
    pub(super) fn begin_reading(&self, store: &str) -> rexie::Result<rexie::Store> {
        let rexie = self.rexie.borrow();
        let rexie = rexie.as_ref();
        rexie.expect("it was added").begin(store)
    }

    /// What tells whether it is lost, for those who wait for its answers.
    pub(super) const fn loss(&self) -> &Rc<Cell<bool>> {
        &self.is_lost
    }

    /// Whether it was closed from outside: for another tab, or by the browser.
    pub(super) fn is_lost(&self) -> bool {
        self.is_lost.get()
    }

    /// Notes that it was, when a transaction can't begin any more.
    pub(super) fn lose(&self) {
        self.raw.close();
        self.is_lost.set(true);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.raw.close();
    }
}
