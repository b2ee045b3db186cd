//! The two handles on one database, which make way and end together.

use super::listener::Listener;
use super::observer::{ConnectionNotice, ConnectionObserver};
use super::transaction::{Access, Transaction};
use crate::storage::StorageError;
use rexie::Rexie;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use web_sys::IdbDatabase;

/// A database that is open, or was.
#[derive(Debug)]
pub(super) struct Connection {
    raw: IdbDatabase,
    rexie: RefCell<Option<RexieHandle>>,
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

    /// Takes rexie's handle in.
    pub(super) fn add_rexie(&self, rexie: RexieHandle) {
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

    /// Begins to read one store with rexie.
    pub(super) fn begin_reading(&self, store: &str) -> rexie::Result<rexie::Store> {
        let handle = self.rexie.borrow();
        let rexie = handle.as_ref().and_then(|handle| handle.0.as_ref());
        rexie
            .expect("it is added when the connection is made, and taken when that ends")
            .transaction(&[store], rexie::TransactionMode::ReadOnly)?
            .store(store)
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

/// A rexie that is closed when it is dropped. Otherwise its connection would stay open with a
/// listener that throws, and block every later upgrade.
#[derive(Debug)]
pub(super) struct RexieHandle(Option<Rexie>);

impl RexieHandle {
    pub(super) const fn of(rexie: Rexie) -> Self {
        Self(Some(rexie))
    }
}

impl Drop for RexieHandle {
    fn drop(&mut self) {
        if let Some(rexie) = self.0.take() {
            rexie.close();
        }
    }
}
