//! Databases, what goes wrong with them, and what the page gets to see of it.

use crate::conformance::author::{Author, create, project_id};
use crate::indexeddb_raw::{Events, factory, get, object, sleep, within};
use holdpoint::storage::{IndexedDbStorage, Storage, StorageError, StorageErrorKind};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use wasm_bindgen::prelude::*;

/// A storage in this database, and a project in it.
pub(crate) async fn storage_with_a_project(name: &str) -> (IndexedDbStorage, Author) {
    let storage = IndexedDbStorage::open(name).await.unwrap();
    let mut author = Author::new(project_id(1), 1);
    author.append(&storage, create("one")).await;
    (storage, author)
}

/// Deletes a database; nobody may stay in the way.
pub(crate) async fn delete(name: &str) {
    let request = factory().delete_database(name).unwrap();
    // It may be blocked for a moment: a connection is closed once its transactions have ended.
    let mut events = Events::of(&request, &["success", "error"]);
    let ended = within(2_000, events.next()).await;
    assert_eq!(ended.as_deref(), Some("success"), "deleting {name}");
}

/// Checks that a call was refused in this way, and returns what it said.
pub(crate) fn refused<T: std::fmt::Debug>(
    answer: Result<T, StorageError>,
    kind: StorageErrorKind,
) -> StorageError {
    let refused = answer.expect_err("expected a refusal");
    assert_eq!(refused.kind, kind, "{refused}");
    assert!(
        refused.message.contains("expected") && refused.message.contains("found"),
        "{refused}"
    );
    refused
}

/// Everything that nobody caught, from now on.
pub(crate) struct Uncaught(Events);

impl Uncaught {
    pub(crate) fn watch() -> Self {
        let window = web_sys::window().unwrap();
        Self(Events::of(&window, &["error", "unhandledrejection"]))
    }

    /// Checks that there was nothing.
    pub(crate) async fn nothing(&mut self) {
        sleep(30).await;
        let uncaught = within(0, self.0.next()).await;
        assert_eq!(uncaught, None);
    }
}

/// Polls a future so many times and drops it. Its output, if it was done by then.
pub(crate) async fn drop_after<T>(polls: usize, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let mut polled = 0;
    poll_fn(|context| {
        if polled == polls {
            return Poll::Ready(None);
        }
        polled += 1;
        match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            // At the last one it is dropped at once, not when it is woken again.
            Poll::Pending if polled == polls => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// Checks that a storage works, by a read and a write of everything that it takes.
pub(crate) async fn works(storage: &IndexedDbStorage, id: u16) {
    let author = Author::furnish(storage, project_id(id), 1).await;
    assert_eq!(storage.head(author.id()).await, Ok(author.head()));
}

#[wasm_bindgen(inline_js = r#"
    export async function exists(name) {
        return (await indexedDB.databases()).some(database => database.name === name);
    }

    // Puts something else in the place of a property, until it is told to put it back.
    export function replace(object, name, value) {
        const before = Object.getOwnPropertyDescriptor(object, name);
        Object.defineProperty(object, name, { ...value, configurable: true });
        return () => before ? Object.defineProperty(object, name, before) : delete object[name];
    }

"#)]
extern "C" {
    #[wasm_bindgen(js_name = exists)]
    async fn exists_in_js(name: &str) -> JsValue;

    fn replace(object: &JsValue, name: &str, value: &JsValue) -> js_sys::Function;

}

/// Whether there is a database of this name.
pub(crate) async fn exists(name: &str) -> bool {
    exists_in_js(name).await.is_truthy()
}

/// A property that is something else, until this is dropped.
pub(crate) struct Replaced(js_sys::Function);

impl Replaced {
    /// By a value.
    pub(crate) fn value(target: &JsValue, name: &str, value: &JsValue) -> Self {
        let by = object(&[("value", value.clone()), ("writable", true.into())]);
        Self(replace(target, name, &by))
    }

    /// By a function that JavaScript makes of this text.
    pub(crate) fn function(target: &JsValue, name: &str, parameters: &str, body: &str) -> Self {
        let function = js_sys::Function::new_with_args(parameters, body);
        Self::value(target, name, &function)
    }

    /// By a getter that JavaScript makes of this text.
    pub(crate) fn getter(target: &JsValue, name: &str, body: &str) -> Self {
        let getter = js_sys::Function::new_no_args(body);
        Self(replace(target, name, &object(&[("get", getter.into())])))
    }
}

impl Drop for Replaced {
    fn drop(&mut self) {
        self.0.call0(&JsValue::UNDEFINED).unwrap();
    }
}

/// Something that the global object has, or that a part of it has.
pub(crate) fn global(path: &str) -> JsValue {
    path.split('.')
        .fold(js_sys::global().into(), |found, name| get(&found, name))
}
