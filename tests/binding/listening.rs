//! Listeners.

use super::given::{Store, data, fresh_name, plain, sleep, text};
use super::logging::Console;
use super::types::Types;
use js_sys::{Array, Function, Reflect};
use serde_json::{Value, json};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

on_every_storage![
    a_listener_hears_every_commit_in_order_once,
    a_listener_of_one_project_hears_of_no_other,
    a_listener_that_throws_hears_on_and_holds_up_nobody,
    a_listener_that_throws_what_cannot_be_shown_hears_on,
    a_subscription_that_is_closed_hears_nothing_more,
    a_subscription_that_nobody_keeps_hears_on,
    a_listener_may_close_its_own_subscription,
    a_listener_may_give_commands,
    listeners_end_when_the_store_is_closed,
    a_delete_is_heard,
];

/// A listener that remembers what it was told.
struct Listener {
    heard: Array,
    function: Function,
}

impl Listener {
    fn new() -> Self {
        Self::that("")
    }

    /// One that does something more.
    fn that(more: &str) -> Self {
        let heard = Array::new();
        let make = Function::new_with_args(
            "heard",
            &format!("return value => {{ heard.push(value); {more} }};"),
        );
        let function = make.call1(&JsValue::UNDEFINED, &heard).unwrap();
        Self {
            heard,
            function: function.unchecked_into(),
        }
    }

    fn notices(&self) -> Vec<Value> {
        self.heard.iter().map(|notice| data(&notice)).collect()
    }

    fn revisions(&self) -> Vec<u64> {
        let of = |notice: &Value| notice["revision"].as_u64();
        self.notices().iter().filter_map(of).collect()
    }

    /// Waits until it has heard so many, and a little longer.
    async fn hears(&self, count: u32) {
        for _ in 0..500 {
            if self.heard.length() >= count {
                break;
            }
            sleep(10).await;
        }
        sleep(100).await;
        assert_eq!(self.heard.length(), count, "{:?}", self.notices());
    }
}

async fn subscribe(store: &Store, listener: &Listener, project: Option<&Value>) -> JsValue {
    let mut arguments = vec![listener.function.clone().into()];
    arguments.extend(project.map(plain));
    store.raw("subscribe", &arguments).await.unwrap()
}

async fn rename(store: &Store, project: &Value, name: &str) {
    let command = json!({ "type": "rename_project", "name": name });
    store.outcome(project, command).await;
}

fn close(subscription: &JsValue) {
    let close: Function = Reflect::get(subscription, &"close".into())
        .unwrap()
        .unchecked_into();
    close.call0(subscription).unwrap();
}

async fn a_listener_hears_every_commit_in_order_once(storage: &str) {
    let (store, types) = (Store::new(storage).await, Types::read());
    let (project, plan) = store.project().await;
    let (one, all) = (Listener::new(), Listener::new());
    subscribe(&store, &one, Some(&project)).await;
    subscribe(&store, &all, None).await;
    for _ in 0..3 {
        store.step(&project, &plan).await;
    }
    store.call("pause", &[plain(&project)]).await;
    store.call("pause", &[plain(&project)]).await;
    store
        .refuses(&project, json!({ "type": "complete_project" }))
        .await;
    let history = json!({ "type": "history", "project": project, "after": 1 });
    let history = store.query(history).await;
    for listener in [&one, &all] {
        listener.hears(7).await;
        for (notice, entry) in listener.notices().iter().zip(history.as_array().unwrap()) {
            types.check("Notice", notice);
            for field in ["revision", "at", "actor", "events"] {
                assert_eq!(notice[field], entry[field]);
            }
            assert_eq!(notice["command"], entry["command"]["id"]);
            assert_eq!(notice["project"], project);
        }
    }
}

async fn a_listener_of_one_project_hears_of_no_other(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    let (one, all) = (Listener::new(), Listener::new());
    subscribe(&store, &one, Some(&project)).await;
    subscribe(&store, &all, None).await;
    let (other, _) = store.project().await;
    rename(&store, &other, "other").await;
    rename(&store, &project, "one").await;
    one.hears(1).await;
    assert_eq!(one.notices()[0]["project"], project);
    all.hears(3).await;
}

async fn a_listener_that_throws_hears_on_and_holds_up_nobody(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    let throws = Listener::that("throw new Error('from the listener');");
    let hears = Listener::new();
    subscribe(&store, &throws, Some(&project)).await;
    subscribe(&store, &hears, Some(&project)).await;
    let console = Console::listen();
    for n in 0..3 {
        rename(&store, &project, &format!("name {n}")).await;
    }
    throws.hears(3).await;
    hears.hears(3).await;
    assert_eq!(hears.revisions(), [2, 3, 4]);
    let said = console.said("error");
    let logged = said.iter().filter(|line| line.contains("listener threw"));
    assert_eq!(logged.count(), 3, "{said:?}");
}

async fn a_listener_that_throws_what_cannot_be_shown_hears_on(storage: &str) {
    for thrown in ["undefined", "Symbol('s')"] {
        throwing(storage, thrown).await;
    }
}

/// What was thrown is not looked at.
#[wasm_bindgen_test]
async fn a_listener_that_throws_what_throws_hears_on() {
    for thrown in [
        "(() => { const p = Proxy.revocable({}, {}); p.revoke(); return p.proxy; })()",
        "Object.defineProperty(new Error('e'), 'message', { get() { throw 1; } })",
        "{ toString() { throw 1; }, toJSON() { throw 1; } }",
    ] {
        throwing("memory", thrown).await;
    }
}

async fn throwing(storage: &str, thrown: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    let listener = Listener::that(&format!("throw {thrown};"));
    subscribe(&store, &listener, None).await;
    rename(&store, &project, "first").await;
    rename(&store, &project, "second").await;
    sleep(200).await;
    assert_eq!(listener.revisions(), [2, 3], "throwing {thrown}");
}

async fn a_subscription_that_is_closed_hears_nothing_more(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    let (closed, open) = (Listener::new(), Listener::new());
    let subscription = subscribe(&store, &closed, Some(&project)).await;
    subscribe(&store, &open, Some(&project)).await;
    rename(&store, &project, "heard by both").await;
    closed.hears(1).await;
    close(&subscription);
    close(&subscription);
    rename(&store, &project, "heard by one").await;
    open.hears(2).await;
    closed.hears(1).await;
    // Not even what was there already when it was closed.
    let (closed, store) = (Listener::new(), Store::new(storage).await);
    let (project, _) = store.project().await;
    let subscription = subscribe(&store, &closed, None).await;
    let command = json!({ "type": "rename_project", "name": "just now" });
    let request = json!({ "project": project, "command": command });
    let done = store.begin("execute", &[plain(&request)]);
    close(&subscription);
    wasm_bindgen_futures::JsFuture::from(done).await.unwrap();
    closed.hears(0).await;
}

async fn a_subscription_that_nobody_keeps_hears_on(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    let listener = Listener::new();
    let subscription = subscribe(&store, &listener, Some(&project)).await;
    // What a garbage collection comes to.
    let free: Function = Reflect::get(&subscription, &"free".into())
        .unwrap()
        .unchecked_into();
    free.call0(&subscription).unwrap();
    rename(&store, &project, "one").await;
    rename(&store, &project, "two").await;
    listener.hears(2).await;
    store.call_now("close", &[]).unwrap();
}

async fn a_listener_may_close_its_own_subscription(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    let listener = Listener::that("globalThis.toClose.close();");
    let subscription = subscribe(&store, &listener, Some(&project)).await;
    Reflect::set(&js_sys::global(), &"toClose".into(), &subscription).unwrap();
    rename(&store, &project, "one").await;
    rename(&store, &project, "two").await;
    listener.hears(1).await;
    let listener = Listener::that("globalThis.toClose.close();");
    Reflect::set(&js_sys::global(), &"toClose".into(), &store.0).unwrap();
    subscribe(&store, &listener, Some(&project)).await;
    rename(&store, &project, "three").await;
    listener.hears(1).await;
}

async fn a_listener_may_give_commands(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    Reflect::set(&js_sys::global(), &"theStore".into(), &store.0).unwrap();
    let listener = Listener::that(
        "if (value.revision < 10) theStore.execute({ project: value.project, command: {
            type: 'rename_project', name: `after ${value.revision}` } });",
    );
    subscribe(&store, &listener, Some(&project)).await;
    rename(&store, &project, "one").await;
    listener.hears(9).await;
    assert_eq!(listener.revisions(), (2..=10).collect::<Vec<_>>());
}

async fn listeners_end_when_the_store_is_closed(storage: &str) {
    let name = fresh_name();
    let store = Store::named(storage, &name).await;
    let (project, _) = store.project().await;
    let listener = Listener::new();
    subscribe(&store, &listener, None).await;
    rename(&store, &project, "heard").await;
    listener.hears(1).await;
    store.call_now("close", &[]).unwrap();
    let other = Store::named(storage, &name).await;
    let (created, _) = other.project().await;
    rename(&other, &created, "not heard").await;
    listener.hears(1).await;
}

async fn a_delete_is_heard(storage: &str) {
    let (store, types) = (Store::new(storage).await, Types::read());
    let (project, _) = store.project().await;
    let listener = Listener::new();
    subscribe(&store, &listener, Some(&project)).await;
    store
        .outcome(&project, json!({ "type": "delete_project" }))
        .await;
    listener.hears(1).await;
    let notice = &listener.notices()[0];
    types.check("Notice", notice);
    assert_eq!(*notice, json!({ "type": "removed", "project": project }));
}

#[wasm_bindgen_test]
async fn two_stores_on_one_database_hear_each_other() {
    let name = fresh_name();
    let stores = [
        Store::named("indexeddb", &name).await,
        Store::named("indexeddb", &name).await,
    ];
    let (project, plan) = stores[0].project().await;
    let listeners = [Listener::new(), Listener::new()];
    subscribe(&stores[0], &listeners[0], Some(&project)).await;
    subscribe(&stores[1], &listeners[1], Some(&project)).await;
    for n in 0..10 {
        rename(&stores[n % 2], &project, &format!("name {n}")).await;
    }
    for listener in &listeners {
        listener.hears(10).await;
        assert_eq!(listener.revisions(), (2..=11).collect::<Vec<_>>());
    }
    let view = json!({ "type": "project", "project": project });
    assert_eq!(text(&stores[0].query(view.clone()).await["name"]), "name 9");
    assert_eq!(
        stores[0].query(view.clone()).await,
        stores[1].query(view).await
    );
    // Both at once, through both.
    let renames: Vec<_> = (0..20)
        .map(|n| {
            let command = json!({ "type": "rename_project", "name": format!("at once {n}") });
            let request = json!({ "project": project, "command": command });
            stores[n % 2].begin("execute", &[plain(&request)])
        })
        .collect();
    for promise in renames {
        super::given::ended(promise, "a rename").await.unwrap();
    }
    for listener in &listeners {
        listener.hears(30).await;
        assert_eq!(listener.revisions(), (2..=31).collect::<Vec<_>>());
    }
    stores[1].step(&project, &plan).await;
    stores[0]
        .outcome(&project, json!({ "type": "delete_project" }))
        .await;
    for listener in &listeners {
        listener.hears(33).await;
        assert_eq!(listener.notices()[32]["type"], "removed");
    }
}

/// A listener of every project hears of those that another one makes.
#[wasm_bindgen_test]
async fn a_project_that_another_store_makes_is_heard_of() {
    let name = fresh_name();
    let one = Store::named("indexeddb", &name).await;
    let other = Store::named("indexeddb", &name).await;
    let listener = Listener::new();
    subscribe(&one, &listener, None).await;
    let (project, _) = other.project().await;
    rename(&other, &project, "renamed").await;
    listener.hears(2).await;
    assert_eq!(listener.revisions(), [1, 2]);
}

#[wasm_bindgen_test]
async fn a_listener_gets_an_object_of_its_own() {
    let store = Store::new("memory").await;
    let (project, _) = store.project().await;
    let spoils = Listener::that("value.revision = 77; value.events.length = 0;");
    let hears = Listener::new();
    subscribe(&store, &spoils, None).await;
    subscribe(&store, &hears, None).await;
    rename(&store, &project, "one").await;
    hears.hears(1).await;
    assert_eq!(hears.revisions(), [2]);
}
