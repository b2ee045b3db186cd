//! `IndexedDB` beneath rexie: events awaited as they come, and the one append
//! that the storage design rests on, reduced to what `IndexedDB` has to promise.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;

use futures_channel::mpsc;
use futures_timer::Delay;
use js_sys::{Array, Object, Reflect};
use rexie::{Index, ObjectStore, Rexie, RexieBuilder, TransactionMode};
use wasm_bindgen::prelude::*;
use web_sys::{
    DomException, Event, EventTarget, IdbDatabase, IdbFactory, IdbObjectStore, IdbOpenDbRequest,
    IdbRequest, IdbTransaction, IdbTransactionMode,
};

#[wasm_bindgen]
extern "C" {
    /// `IDBDatabase` with the third parameter of `transaction`, which web-sys
    /// keeps behind an unstable flag.
    type DurableDatabase;

    #[wasm_bindgen(method, catch)]
    fn transaction(
        this: &DurableDatabase,
        stores: &Array,
        mode: &str,
        options: &Object,
    ) -> Result<IdbTransaction, JsValue>;

    /// `IDBTransaction` with the property that tells the durability in force, and
    /// with `commit`, which web-sys calls deprecated though the standard has it.
    type DurableTransaction;

    #[wasm_bindgen(method, getter)]
    fn durability(this: &DurableTransaction) -> String;

    #[wasm_bindgen(method, catch)]
    fn commit(this: &DurableTransaction) -> Result<(), JsValue>;
}

// --- events ------------------------------------------------------------------

/// Chosen events of one target, in the order in which they fire. The listeners
/// leave with this value: a listener whose Rust closure is gone throws, and a
/// throw inside a request's event aborts the transaction.
pub(crate) struct Events {
    target: EventTarget,
    names: &'static [&'static str],
    listener: Closure<dyn FnMut(Event)>,
    receiver: mpsc::UnboundedReceiver<Event>,
}

impl Events {
    pub(crate) fn of(target: &EventTarget, names: &'static [&'static str]) -> Self {
        let (sender, receiver) = mpsc::unbounded();
        let listener = Closure::<dyn FnMut(Event)>::new(move |event| {
            // The receiver lives as long as this closure; both are in one value.
            let _ = sender.unbounded_send(event);
        });
        for name in names {
            target
                .add_event_listener_with_callback(name, listener.as_ref().unchecked_ref())
                .expect("an event target takes listeners");
        }
        Self {
            target: target.clone(),
            names,
            listener,
            receiver,
        }
    }

    /// The name of the next event.
    pub(crate) async fn next(&mut self) -> String {
        let event = self.receiver.recv().await;
        event
            .expect("the sender lives in the listener beside it")
            .type_()
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        for name in self.names {
            // Nothing to mend when a target refuses: the test is over.
            let _ = self
                .target
                .remove_event_listener_with_callback(name, self.listener.as_ref().unchecked_ref());
        }
    }
}

/// The request's result, or its error. Awaited alone it keeps the transaction
/// active, because what comes next runs within the event.
pub(crate) async fn finished(request: &IdbRequest) -> Result<JsValue, DomException> {
    match Events::of(request, &["success", "error"])
        .next()
        .await
        .as_str()
    {
        "success" => Ok(request.result().expect("the request succeeded")),
        _ => Err(request
            .error()
            .expect("the request is done")
            .expect("it failed")),
    }
}

/// The transaction's events, to be asked for before anything is awaited in it:
/// they come once, and not again for those who listen late.
pub(crate) fn ending(transaction: &IdbTransaction) -> Events {
    Events::of(transaction, &["complete", "abort"])
}

pub(crate) async fn sleep(milliseconds: u64) {
    Delay::new(Duration::from_millis(milliseconds)).await;
}

/// The future's output, unless it takes longer than that; then it is dropped.
pub(crate) async fn within<T>(milliseconds: u64, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut timer = pin!(sleep(milliseconds));
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => timer.as_mut().poll(context).map(|()| None),
    })
    .await
}

/// Drives both futures to their ends.
pub(crate) async fn both<A, B>(
    left: impl Future<Output = A>,
    right: impl Future<Output = B>,
) -> (A, B) {
    let mut left = pin!(left);
    let mut right = pin!(right);
    let (mut a, mut b) = (None, None);
    poll_fn(|context| {
        if a.is_none()
            && let Poll::Ready(value) = left.as_mut().poll(context)
        {
            a = Some(value);
        }
        if b.is_none()
            && let Poll::Ready(value) = right.as_mut().poll(context)
        {
            b = Some(value);
        }
        match (a.take(), b.take()) {
            (Some(left), Some(right)) => Poll::Ready((left, right)),
            (left, right) => {
                (a, b) = (left, right);
                Poll::Pending
            }
        }
    })
    .await
}

/// Polls the future once and drops it, as a caller does who loses interest.
pub(crate) async fn poll_once_and_drop(future: impl Future) {
    let mut future = pin!(future);
    poll_fn(|context| {
        let _ = future.as_mut().poll(context);
        Poll::Ready(())
    })
    .await;
}

/// What a call threw, as the `DOMException` that it is.
pub(crate) fn dom(thrown: JsValue) -> DomException {
    thrown
        .dyn_into()
        .expect("IndexedDB throws nothing but DOMExceptions")
}

// --- opening -----------------------------------------------------------------

pub(crate) fn factory() -> IdbFactory {
    let window = web_sys::window().expect("the tests run in a window");
    window
        .indexed_db()
        .expect("IndexedDB is allowed here")
        .expect("Chromium has it")
}

/// A name that no earlier test or run has used.
pub(crate) fn fresh_name(purpose: &str) -> String {
    format!("{purpose} {}", js_sys::Math::random())
}

/// Asks for the database with one store per name; the stores are made by the
/// upgrade, and those that are there already are left alone.
pub(crate) fn ask_to_open(
    name: &str,
    version: u32,
    stores: &'static [&'static str],
) -> IdbOpenDbRequest {
    let request = factory()
        .open_with_u32(name, version)
        .expect("name and version are valid");
    let upgraded = request.clone();
    // Leaked: it may be called after this returns, or never.
    let listener = Closure::<dyn FnMut(Event)>::new(move |_| {
        let database = connection(&upgraded);
        for store in stores {
            if !database.object_store_names().contains(store) {
                database
                    .create_object_store(store)
                    .expect("inside an upgrade");
            }
        }
    });
    request.set_onupgradeneeded(Some(listener.as_ref().unchecked_ref()));
    listener.forget();
    request
}

/// The connection that a finished (or upgrading) open request holds.
pub(crate) fn connection(request: &IdbOpenDbRequest) -> IdbDatabase {
    request
        .result()
        .expect("the request has a result")
        .unchecked_into()
}

/// Opens the database, with a connection that ignores `versionchange`.
pub(crate) async fn open_raw(
    name: &str,
    version: u32,
    stores: &'static [&'static str],
) -> Result<IdbDatabase, DomException> {
    let request = ask_to_open(name, version, stores);
    finished(&request).await.map(JsCast::unchecked_into)
}

/// Makes the connection close itself when another one wants to upgrade.
pub(crate) fn close_on_version_change(database: &IdbDatabase) {
    let closing = database.clone();
    let listener = Closure::<dyn FnMut(Event)>::new(move |_| closing.close());
    database.set_onversionchange(Some(listener.as_ref().unchecked_ref()));
    listener.forget();
}

/// Opens a read-write transaction with the durability "strict" or "relaxed".
pub(crate) fn durable_transaction(
    database: &IdbDatabase,
    stores: &[&str],
    durability: &str,
) -> Result<IdbTransaction, DomException> {
    let options = Object::new();
    set(&options, "durability", &durability.into());
    let stores = stores.iter().map(|store| JsValue::from_str(store));
    database
        .unchecked_ref::<DurableDatabase>()
        .transaction(&stores.collect(), "readwrite", &options)
        .map_err(dom)
}

/// The durability that the browser says the transaction has.
pub(crate) fn durability_of(transaction: &IdbTransaction) -> String {
    transaction
        .unchecked_ref::<DurableTransaction>()
        .durability()
}

/// Starts the commit now instead of when the browser sees that nothing more comes.
pub(crate) fn commit(transaction: &IdbTransaction) -> Result<(), DomException> {
    let transaction: &DurableTransaction = transaction.unchecked_ref();
    transaction.commit().map_err(dom)
}

/// Puts one value with an out-of-line key, in a transaction of its own.
pub(crate) async fn put_alone(
    database: &IdbDatabase,
    store: &str,
    key: &str,
    value: &JsValue,
) -> String {
    let transaction = database
        .transaction_with_str_and_mode(store, IdbTransactionMode::Readwrite)
        .expect("the connection is open");
    let mut ending = ending(&transaction);
    store_of(&transaction, store)
        .put_with_key(value, &key.into())
        .expect("the value can be cloned");
    ending.next().await
}

/// Reads one value in a transaction of its own.
pub(crate) async fn get_alone(database: &IdbDatabase, store: &str, key: &str) -> JsValue {
    let transaction = database
        .transaction_with_str(store)
        .expect("the connection is open");
    let request = store_of(&transaction, store)
        .get(&key.into())
        .expect("the key is valid");
    finished(&request).await.expect("reading works")
}

pub(crate) fn store_of(transaction: &IdbTransaction, name: &str) -> IdbObjectStore {
    transaction
        .object_store(name)
        .expect("the store is in scope")
}

// --- rexie -------------------------------------------------------------------

pub(crate) async fn rexie_with(name: &str, version: u32, stores: &[&str]) -> rexie::Result<Rexie> {
    let mut builder = Rexie::builder(name).version(version);
    for store in stores {
        builder = builder.add_object_store(ObjectStore::new(store));
    }
    builder.build().await
}

pub(crate) fn rexie_write(rexie: &Rexie, store: &str) -> (rexie::Transaction, rexie::Store) {
    let transaction = rexie
        .transaction(&[store], TransactionMode::ReadWrite)
        .expect("the connection is open");
    let store = transaction.store(store).expect("the store is in scope");
    (transaction, store)
}

pub(crate) async fn count(rexie: &Rexie, store: &str) -> u32 {
    let (_transaction, store) = rexie_write(rexie, store);
    store.count(None).await.expect("counting works")
}

pub(crate) fn text(value: &str) -> JsValue {
    value.into()
}

/// The names that tell what happened: of the `DOMException`, or of idb's error.
pub(crate) fn name_of<T>(result: Result<T, rexie::Error>) -> String {
    match result.err().expect("it fails") {
        rexie::Error::IdbError(idb::Error::DomException(error)) => error.name(),
        rexie::Error::IdbError(
            idb::Error::TransactionOpenFailed(thrown)
            | idb::Error::UpdateFailed(thrown)
            | idb::Error::AddFailed(thrown)
            | idb::Error::GetFailed(thrown),
        ) => dom(thrown).name(),
        other => format!("{other:?}"),
    }
}

// --- the append --------------------------------------------------------------

pub(crate) const JOURNAL_STORES: [&str; 4] = ["entries", "projects", "plans", "blobs"];

/// The schema as the storage would have it: made by rexie, used by the append.
pub(crate) fn journal_schema(name: &str) -> RexieBuilder {
    Rexie::builder(name)
        .version(1)
        .add_object_store(
            ObjectStore::new("entries")
                .key_path_array(["project", "revision"])
                .add_index(Index::new_array("command", ["project", "command"]).unique(true)),
        )
        .add_object_store(ObjectStore::new("projects"))
        .add_object_store(ObjectStore::new("plans"))
        .add_object_store(ObjectStore::new("blobs"))
}

/// One compare-and-swap append. The head stands in the project's row.
pub(crate) struct Append<'a> {
    pub(crate) project: &'a str,
    /// The revision decided on; 0 for a project that isn't there yet.
    pub(crate) expected: u32,
    pub(crate) command: &'a str,
    pub(crate) text: &'a str,
    pub(crate) durability: &'a str,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Appended {
    Written(u32),
    Conflict { found: u32 },
    Duplicate { revision: u32 },
}

/// Where in its course an append is; for tests that drop it on the way.
pub(crate) type Progress = Rc<RefCell<&'static str>>;

pub(crate) async fn append(
    database: &IdbDatabase,
    append: &Append<'_>,
    progress: &Progress,
) -> Result<Appended, DomException> {
    // Everything is encoded before the transaction opens.
    let revision = append.expected + 1;
    let entry = object(&[
        ("project", append.project.into()),
        ("revision", revision.into()),
        ("command", append.command.into()),
        ("text", append.text.into()),
    ]);
    let head = object(&[("revision", revision.into())]);
    let project = JsValue::from_str(append.project);
    let command = Array::of2(&project, &append.command.into());

    let transaction = durable_transaction(database, &JOURNAL_STORES, append.durability)?;
    let mut ending = ending(&transaction);
    let entries = store_of(&transaction, "entries");
    let projects = store_of(&transaction, "projects");
    // Both questions at once: the second costs no further turn of the loop.
    let same_command = entries
        .index("command")
        .map_err(dom)?
        .get_key(&command)
        .map_err(dom)?;
    let found = projects.get(&project).map_err(dom)?;
    // Requests finish in the order in which they were made.
    *progress.borrow_mut() = "asked";
    let found = finished(&found).await?;
    let same_command = same_command.result().map_err(dom)?;

    let refusal = if same_command.is_undefined() {
        let found = if found.is_undefined() {
            0
        } else {
            number(&get(&found, "revision"))
        };
        (found != append.expected).then_some(Appended::Conflict { found })
    } else {
        let key: Array = same_command.unchecked_into();
        Some(Appended::Duplicate {
            revision: number(&key.get(1)),
        })
    };
    if refusal.is_none() {
        let put_all = || {
            entries.put(&entry)?;
            projects.put_with_key(&head, &project)?;
            for store in ["plans", "blobs"] {
                store_of(&transaction, store).put_with_key(&append.text.into(), &command)?;
            }
            Ok(())
        };
        if let Err(thrown) = put_all() {
            // A put that throws leaves the earlier ones to be committed.
            transaction.abort().map_err(dom)?;
            return Err(dom(thrown));
        }
        *progress.borrow_mut() = "put";
    }
    commit(&transaction)?;
    match ending.next().await.as_str() {
        "complete" => Ok(refusal.unwrap_or(Appended::Written(revision))),
        _ => Err(transaction.error().expect("nobody called abort")),
    }
}

pub(crate) async fn journal(purpose: &str) -> (Rexie, IdbDatabase) {
    let name = fresh_name(purpose);
    let rexie = journal_schema(&name).build().await.unwrap();
    // Opened after rexie, so the upgrade is over and this makes none.
    let raw = open_raw(&name, 1, &[]).await.unwrap();
    (rexie, raw)
}

pub(crate) fn appending(expected: u32, command: &str) -> Append<'_> {
    Append {
        project: "p",
        expected,
        command,
        text: "{}",
        durability: "strict",
    }
}

pub(crate) async fn counts(rexie: &Rexie) -> [u32; 4] {
    let mut counts = [0; 4];
    for (found, store) in counts.iter_mut().zip(JOURNAL_STORES) {
        *found = count(rexie, store).await;
    }
    counts
}

pub(crate) fn object(fields: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in fields {
        set(&object, name, value);
    }
    object
}

pub(crate) fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &name.into()).expect("it is an object")
}

fn set(object: &Object, name: &str, value: &JsValue) {
    Reflect::set(object, &name.into(), value).expect("a plain object takes any property");
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "revisions in these tests are small"
)]
pub(crate) fn number(value: &JsValue) -> u32 {
    value.as_f64().expect("it is a number") as u32
}
