//! What befalls a connection is told, and telling it harms nobody.

use super::given::{Replaced, Uncaught, delete, global, refused, works};
use crate::indexeddb_raw::{Events, ask_to_open, fresh_name, open_raw, sleep};
use futures_channel::mpsc::unbounded;
use holdpoint::storage::ConnectionNotice::{Blocked, Blocking, Terminated};
use holdpoint::storage::{
    ConnectionNotice, ConnectionObserver, IndexedDbOptions, IndexedDbStorage, Storage,
    StorageErrorKind,
};
use js_sys::{Array, Function};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{Event, IdbDatabase, IdbOpenDbRequest};

/// All that was told.
#[derive(Default, Clone)]
struct Heard(Rc<RefCell<Vec<ConnectionNotice>>>);

impl Heard {
    fn options(&self) -> IndexedDbOptions {
        let heard = self.clone();
        options(move |notice| heard.0.borrow_mut().push(notice))
    }

    /// What it was since the last time, a little later.
    async fn lately(&self) -> Vec<ConnectionNotice> {
        sleep(30).await;
        self.0.take()
    }
}

fn options(told: impl Fn(ConnectionNotice) + 'static) -> IndexedDbOptions {
    let mut options = IndexedDbOptions::default();
    options.patience = Duration::from_millis(300);
    options.observer = Some(ConnectionObserver::new(told));
    options
}

/// Asks for the next version as another tab does, and leaves the database as it was.
async fn upgrade_for_nothing(name: &str) {
    let request = ask_to_open(name, 2, &[]);
    let mut upgrading = Events::of(&request, &["upgradeneeded", "error"]);
    assert_eq!(upgrading.next().await, "upgradeneeded");
    request.transaction().unwrap().abort().unwrap();
    assert_eq!(upgrading.next().await, "error");
}

/// Every request to open a database, seen from outside, and made at a later version than this
/// program knows, if one is set.
struct Openings {
    requests: Array,
    _open: Replaced,
}

impl Openings {
    fn watch(name: &str, version: Option<u32>) -> Self {
        let seen = Array::new();
        let make = Function::new_with_args(
            "seen, name, later",
            "const open = IDBFactory.prototype.open;
            return function(asked, version) {
                const is_ours = asked === name;
                const request = open.call(this, asked, is_ours && later ? later : version);
                if (is_ours) seen.push(request);
                return request;
            };",
        );
        let later = version.map_or(JsValue::UNDEFINED, JsValue::from);
        let open = make.call3(&JsValue::UNDEFINED, &seen, &name.into(), &later);
        Self {
            requests: seen,
            _open: Replaced::value(&global("IDBFactory.prototype"), "open", &open.unwrap()),
        }
    }

    /// The newest connection of the raw handle. Rexie's, which lists are read with, is told from it by
    /// its `onversionchange`.
    fn connection(&self) -> IdbDatabase {
        let newest_first = (0..self.requests.length()).rev();
        let mut opened = newest_first.filter_map(|at| {
            let request: IdbOpenDbRequest = self.requests.get(at).unchecked_into();
            request.result().ok()?.dyn_into::<IdbDatabase>().ok()
        });
        let raw = opened.find(|database| database.onversionchange().is_none());
        raw.expect("one was opened")
    }
}

/// Does what a browser does that closes a connection; nothing makes Chromium do so from a page.
fn terminate(database: &IdbDatabase) {
    database.close();
    database
        .dispatch_event(&Event::new("close").unwrap())
        .unwrap();
}

#[wasm_bindgen_test]
async fn r75_a_connection_that_makes_way_is_told_each_time() {
    let name = fresh_name("makes way");
    let heard = Heard::default();
    let storage = IndexedDbStorage::open_with(&name, &heard.options()).await;
    let storage = storage.unwrap();
    let mut uncaught = Uncaught::watch();
    works(&storage, 1).await;
    assert_eq!(heard.lately().await, []);
    for id in [2, 3] {
        upgrade_for_nothing(&name).await;
        assert_eq!(heard.lately().await, [Blocking]);
        // Another one, while nobody has opened it again, has nobody in its way.
        upgrade_for_nothing(&name).await;
        assert_eq!(heard.lately().await, []);
        works(&storage, id).await;
    }
    delete(&name).await;
    assert_eq!(heard.lately().await, [Blocking]);
    uncaught.nothing().await;
}

#[wasm_bindgen_test]
async fn r75_a_connection_that_the_browser_closes_is_told_each_time() {
    let name = fresh_name("terminated");
    let heard = Heard::default();
    let openings = Openings::watch(&name, None);
    let storage = IndexedDbStorage::open_with(&name, &heard.options()).await;
    let storage = storage.unwrap();
    let mut uncaught = Uncaught::watch();
    for id in [1, 2] {
        let database = openings.connection();
        terminate(&database);
        terminate(&database);
        assert_eq!(heard.lately().await, [Terminated]);
        works(&storage, id).await;
    }
    uncaught.nothing().await;
}

#[wasm_bindgen_test]
async fn r75_an_opening_that_waits_for_an_older_version_is_told_each_time() {
    let name = fresh_name("blocked");
    works(&IndexedDbStorage::open(&name).await.unwrap(), 1).await;
    let heard = Heard::default();
    // Nothing is upgraded by it; to the browser it is a later version all the same.
    let older = open_raw(&name, 1, &[]).await.unwrap();
    let openings = Openings::watch(&name, Some(2));
    let refusal = IndexedDbStorage::open_with(&name, &heard.options()).await;
    refused(refusal, StorageErrorKind::Blocked);
    assert_eq!(heard.lately().await, [Blocked]);
    drop(openings);
    older.close();

    // What was given up came to nothing. Now there is somebody who makes way.
    let older = open_raw(&name, 1, &[]).await.unwrap();
    let closed_when_told = {
        let heard = heard.clone();
        options(move |notice| {
            heard.0.borrow_mut().push(notice);
            older.close();
        })
    };
    let openings = Openings::watch(&name, Some(2));
    let storage = IndexedDbStorage::open_with(&name, &closed_when_told).await;
    let storage = storage.unwrap();
    works(&storage, 2).await;
    assert_eq!(heard.lately().await, [Blocked]);

    // And when it is opened again.
    terminate(&openings.connection());
    drop(openings);
    assert_eq!(heard.lately().await, [Terminated]);
    let older = open_raw(&name, 2, &[]).await.unwrap();
    let openings = Openings::watch(&name, Some(3));
    let refusal = storage.journals(None, 1).await;
    refused(refusal, StorageErrorKind::Blocked);
    assert_eq!(heard.lately().await, [Blocked]);
    older.close();
    works(&storage, 3).await;
    assert_eq!(heard.lately().await, []);
    drop(openings);
}

#[wasm_bindgen_test]
async fn r75_whoever_is_told_may_use_close_or_drop_the_storage() {
    let mut uncaught = Uncaught::watch();
    for what in ["use", "close", "drop"] {
        let name = fresh_name(what);
        let heard = Heard::default();
        let kept: Rc<RefCell<Option<Rc<IndexedDbStorage>>>> = Rc::default();
        let (sender, mut used) = unbounded();
        let options = {
            let (heard, kept) = (heard.clone(), kept.clone());
            options(move |notice| {
                heard.0.borrow_mut().push(notice);
                match (what, &*kept.borrow()) {
                    ("use", Some(storage)) => {
                        let (storage, sender) = (Rc::clone(storage), sender.clone());
                        spawn_local(async move {
                            let read = storage.journals(None, 1).await;
                            sender.unbounded_send(read.is_ok()).unwrap();
                        });
                        return;
                    }
                    ("close", Some(storage)) => return storage.close(),
                    (_, _) => {}
                }
                kept.take();
            })
        };
        let openings = Openings::watch(&name, None);
        let storage = IndexedDbStorage::open_with(&name, &options).await.unwrap();
        *kept.borrow_mut() = Some(Rc::new(storage));
        terminate(&openings.connection());
        assert_eq!(heard.lately().await, [Terminated], "{what}");
        if what == "use" {
            assert_eq!(used.recv().await, Ok(true));
            // It is open again, so it can be told again.
            upgrade_for_nothing(&name).await;
            assert_eq!(heard.lately().await, [Blocking]);
            assert_eq!(used.recv().await, Ok(true));
        }
        kept.take();
        delete(&name).await;
        assert_eq!(heard.lately().await, [], "{what}");
    }
    uncaught.nothing().await;
}

#[wasm_bindgen_test]
async fn a_storage_that_was_closed_tells_nothing_more() {
    let name = fresh_name("closed and silent");
    let heard = Heard::default();
    let openings = Openings::watch(&name, None);
    let storage = IndexedDbStorage::open_with(&name, &heard.options()).await;
    let storage = storage.unwrap();
    storage.close();
    terminate(&openings.connection());
    delete(&name).await;
    assert_eq!(heard.lately().await, []);
    // Rexie is opened by the first list.
    assert_eq!(openings.requests.length(), 1);
}
