//! The connection through all that befalls it: closed for another tab's upgrade, closed by the
//! browser, evicted. The next call opens it again, and so does the one that it ends under.

use super::answers::answer;
use super::connection::Connection;
use super::error::{failure, rexie_failure};
use super::lists;
use super::observer::ConnectionObserver;
use super::open::open;
use super::opening::{IfMissing, gone};
use super::settle::settle;
use super::to_its_end::to_its_end;
use super::transaction::{Access, Transaction, unanswered};
use crate::storage::{
    LeaseError, PlatformError, Refused, StorageError, StorageErrorKind, WriteError,
};
use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsValue;
use web_sys::{IdbObjectStore, IdbRequest};

/// How often a call finds its connection at an end before it gives up.
const TRIES: u32 = 3;

/// For how many milliseconds every call is told that the database is gone. Calls that belong
/// together hear the same so, and one that nobody listens to (a look for changes, a snapshot that is
/// skipped) can't be the only one that heard it.
const GONE_FOR: f64 = 1_000.0;

#[derive(Debug)]
pub(super) struct Session {
    name: String,
    patience: Duration,
    observer: Option<ConnectionObserver>,
    state: RefCell<State>,
    /// Calls that find the connection lost open it one after the other, so that one does.
    opening: async_lock::Mutex<()>,
}

#[derive(Debug)]
enum State {
    /// Not opened yet.
    New,
    /// Open, or lost and opened again by the next call.
    Opened(Rc<Connection>),
    /// Found gone at this time. It is made anew once that was told.
    Evicted { at: f64 },
    /// By whoever owns it.
    ClosedForGood,
}

impl Session {
    /// Opens the database.
    pub(super) async fn open(
        name: &str,
        patience: Duration,
        observer: Option<ConnectionObserver>,
    ) -> Result<Self, StorageError> {
        let session = Self {
            name: name.to_owned(),
            patience,
            observer,
            state: RefCell::new(State::New),
            opening: async_lock::Mutex::new(()),
        };
        session.connection().await?;
        Ok(session)
    }

    /// Closes it for good. What is under way still ends well.
    pub(super) fn close(&self) {
        *self.state.borrow_mut() = State::ClosedForGood;
    }

    /// Does it, once more where its connection ended under its hands: nothing was written then, or
    /// what was written is met by the comparison with which every write begins.
    pub(super) async fn again<T, E: OfAConnection>(
        &self,
        attempt: impl AsyncFn() -> Result<T, E>,
    ) -> Result<T, E> {
        for _ in 1..TRIES {
            match attempt().await {
                Err(error) if error.may_be_its_end() && !self.is_closed_for_good() => {}
                done => return done,
            }
        }
        attempt().await
    }

    fn is_closed_for_good(&self) -> bool {
        matches!(&*self.state.borrow(), State::ClosedForGood)
    }

    /// Begins a transaction.
    pub(super) async fn begin(
        &self,
        stores: &[&str],
        access: Access,
    ) -> Result<Transaction, StorageError> {
        self.with(|connection| connection.begin(stores, access))
            .await
    }

    /// Asks one store for one thing, in a transaction of its own, and gives the answer.
    pub(super) async fn ask(
        &self,
        store: &str,
        doing: &str,
        ask: impl FnOnce(&IdbObjectStore) -> Result<IdbRequest, JsValue>,
    ) -> Result<JsValue, StorageError> {
        let wrong = |thrown: JsValue| failure(&thrown, doing);
        let mut transaction = self.begin(&[store], Access::Read).await?;
        let asked = transaction.store(store).and_then(|store| ask(&store));
        let asked = asked.map_err(wrong)?;
        transaction.answered(&asked).await?;
        asked.result().map_err(wrong)
    }

    /// Reads a list from one store, with rexie.
    pub(super) async fn list<T, F>(
        &self,
        store: &str,
        doing: &str,
        read: impl FnOnce(rexie::Store) -> F,
    ) -> Result<T, StorageError>
    where
        T: 'static,
        F: Future<Output = rexie::Result<T>> + 'static,
    {
        let (store, is_lost) = self.begin_list(store, doing).await?;
        match answer(&is_lost, to_its_end(Box::pin(read(store)))).await {
            Some(read) => read.map_err(|error| rexie_failure(&error, doing)),
            None => Err(unanswered(StorageErrorKind::Closed)),
        }
    }

    /// A store to read from with rexie, and where it is told that its connection was lost.
    async fn begin_list(
        &self,
        store: &str,
        doing: &str,
    ) -> Result<(rexie::Store, Rc<Cell<bool>>), StorageError> {
        for _ in 1..TRIES {
            let connection = self.connection().await?;
            match self.begin_list_on(&connection, store, doing).await {
                Err(error) if error.kind == StorageErrorKind::Closed => connection.lose(),
                begun => return Ok((begun?, Rc::clone(connection.loss()))),
            }
        }
        let connection = self.connection().await?;
        let begun = self.begin_list_on(&connection, store, doing).await?;
        Ok((begun, Rc::clone(connection.loss())))
    }

    async fn begin_list_on(
        &self,
        connection: &Connection,
        store: &str,
        doing: &str,
    ) -> Result<rexie::Store, StorageError> {
        if !connection.has_rexie() {
            // Who comes second waits, and takes the handle that is kept by then.
            let _turn = self.opening.lock().await;
            // Lost meanwhile, the database may be gone, and rexie would make an empty one.
            if connection.is_lost() {
                return Err(unanswered(StorageErrorKind::Closed));
            }
            connection.add_rexie(lists::handle(&self.name, self.patience).await?);
        }
        let begun = connection.begin_reading(store);
        begun.map_err(|error| rexie_failure(&error, doing))
    }

    /// Begins something on a connection that is open.
    async fn with<T>(
        &self,
        begin: impl Fn(&Connection) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        for _ in 1..TRIES {
            let connection = self.connection().await?;
            match begin(&connection) {
                Err(error) if error.kind == StorageErrorKind::Closed => connection.lose(),
                answer => return answer,
            }
        }
        begin(&*self.connection().await?)
    }

    /// The connection, opened again if it was lost.
    async fn connection(&self) -> Result<Rc<Connection>, StorageError> {
        if let Some(connection) = self.present()? {
            return Ok(connection);
        }
        let _turn = self.opening.lock().await;
        if let Some(connection) = self.present()? {
            return Ok(connection);
        }
        let if_missing = match &*self.state.borrow() {
            State::New | State::Evicted { .. } => IfMissing::Create,
            State::Opened(_) | State::ClosedForGood => IfMissing::Report,
        };
        for _ in 1..TRIES {
            match self.reopen(if_missing).await {
                Err(error) if error.may_be_its_end() && !self.is_closed_for_good() => {}
                opened => return opened,
            }
        }
        self.reopen(if_missing).await
    }

    /// The connection, if there is one that is open as far as is known.
    fn present(&self) -> Result<Option<Rc<Connection>>, StorageError> {
        match &*self.state.borrow() {
            State::Opened(connection) if !connection.is_lost() => Ok(Some(Rc::clone(connection))),
            // A clock that was set is no reason to go on telling it.
            State::Evicted { at } if (0.0..GONE_FOR).contains(&(js_sys::Date::now() - at)) => {
                Err(gone(&self.name))
            }
            State::New | State::Opened(_) | State::Evicted { .. } => Ok(None),
            State::ClosedForGood => Err(closed()),
        }
    }

    async fn reopen(&self, if_missing: IfMissing) -> Result<Rc<Connection>, StorageError> {
        // It may have been closed for good since the last try.
        self.present()?;
        let observer = self.observer.as_ref();
        // Beside the opening, since they are of two databases.
        let settled = settle(&self.name);
        let opened = open(&self.name, self.patience, if_missing, observer).await;
        if opened.is_ok() {
            settled.await;
        }
        let mut state = self.state.borrow_mut();
        if matches!(&*state, State::ClosedForGood) {
            return Err(closed());
        }
        match opened {
            Ok(connection) => {
                let connection = Rc::new(connection);
                *state = State::Opened(Rc::clone(&connection));
                Ok(connection)
            }
            Err(error) => {
                if error.kind == StorageErrorKind::Evicted {
                    let at = js_sys::Date::now();
                    *state = State::Evicted { at };
                }
                Err(error)
            }
        }
    }
}

/// A failure that may be nothing but the end of a connection.
pub(super) trait OfAConnection {
    fn may_be_its_end(&self) -> bool;
}

impl OfAConnection for StorageError {
    /// What the browser says of a connection that it closes is sooner there than the news that it is
    /// closed; of an opening it says the same.
    fn may_be_its_end(&self) -> bool {
        let is_said = |platform: &PlatformError| {
            ["AbortError", "UnknownError"].contains(&platform.name.as_str())
        };
        match self.kind {
            StorageErrorKind::Closed => true,
            StorageErrorKind::Unavailable => self.platform.as_ref().is_some_and(is_said),
            _ => false,
        }
    }
}

impl OfAConnection for WriteError {
    fn may_be_its_end(&self) -> bool {
        matches!(self, Self::Storage(error) if error.may_be_its_end())
    }
}

impl OfAConnection for LeaseError {
    fn may_be_its_end(&self) -> bool {
        matches!(self, Self::Storage(error) if error.may_be_its_end())
    }
}

impl OfAConnection for Refused {
    fn may_be_its_end(&self) -> bool {
        self.error.may_be_its_end()
    }
}

fn closed() -> StorageError {
    StorageError::new(
        StorageErrorKind::Closed,
        "expected an open storage, found one that was closed for good",
    )
}
