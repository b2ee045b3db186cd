//! What befalls the connection to the database, told to a function of the caller's.

use super::given::{Store, data, fresh_name, js, plain, sleep};
use super::logging::Console;
use super::types::Types;
use js_sys::{Function, Reflect};
use serde_json::{Value, json};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_test::wasm_bindgen_test;

/// A store on IndexedDB, and what its function was told.
struct Watched {
    name: String,
    store: Store,
    heard: JsValue,
}

impl Watched {
    /// One whose function does something more.
    async fn that(more: &str) -> Self {
        let name = fresh_name();
        let make = Function::new_with_args(
            "name",
            &format!(
                "const heard = [];
                const onConnection = (notice) => {{ heard.push(notice); {more} }};
                return {{ heard, options: {{ name, onConnection, countTokens: () => 7 }} }};"
            ),
        );
        let parts = make.call1(&JsValue::UNDEFINED, &name.as_str().into());
        let parts = parts.unwrap();
        let options = Reflect::get(&parts, &"options".into()).unwrap();
        let store = Store::open_with(options).await.expect("it opens");
        let heard = Reflect::get(&parts, &"heard".into()).unwrap();
        Reflect::set(&heard, &"store".into(), &store.0).unwrap();
        Self { name, store, heard }
    }

    /// What it was told so far, a little later.
    async fn told(&self) -> Value {
        sleep(30).await;
        data(&self.heard)
    }

    /// Deletes the database as another tab does.
    async fn delete(&self) {
        let delete = Function::new_with_args(
            "name",
            "return new Promise((done, failed) => {
                const request = indexedDB.deleteDatabase(name);
                Object.assign(request, { onsuccess: done, onerror: failed });
            });",
        );
        let deleted = delete.call1(&JsValue::UNDEFINED, &self.name.as_str().into());
        let deleted = deleted.unwrap().unchecked_into();
        super::given::ended(deleted, "the deletion").await.unwrap();
    }
}

#[wasm_bindgen_test]
async fn r75_what_befalls_the_connection_is_told_as_typed() {
    let types = Types::read();
    let watched = Watched::that("").await;
    assert_eq!(watched.told().await, json!([]));
    watched.delete().await;
    let told = watched.told().await;
    types.check("ConnectionNotice[]", &told);
    assert_eq!(told, json!([{ "type": "blocking" }]));
    // It was told of before the store met it, and is told of again.
    let query = plain(&json!({ "type": "projects" }));
    let refusal = watched.store.refused("query", &[query]).await;
    assert_eq!(refusal.code, "EVICTED");
    sleep(1_001).await;
    // The other function is heard too.
    let (project, _) = watched.store.project().await;
    let item = json!({ "agent": "eva", "kind": "code", "body": "x" });
    let add = json!({ "type": "add_context", "items": [item] });
    watched.store.outcome(&project, add).await;
    let context = json!({ "type": "context", "project": project });
    let page = watched.store.query(context).await;
    assert_eq!(page["items"][0]["tokens"], 7);
    watched.delete().await;
    let twice = json!([{ "type": "blocking" }, { "type": "blocking" }]);
    assert_eq!(watched.told().await, twice);
}

#[wasm_bindgen_test]
async fn r75_a_function_that_throws_is_told_of_in_the_console_and_harms_nothing() {
    for thrown in [
        "new Error('mine')",
        "undefined",
        "(() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); return proxy; })()",
    ] {
        let console = Console::listen();
        let watched = Watched::that(&format!("throw {thrown};")).await;
        watched.delete().await;
        assert_eq!(watched.told().await, json!([{ "type": "blocking" }]));
        assert_eq!(console.said("error"), ["holdpoint: a listener threw"]);
        sleep(1_001).await;
        // The first call is told that the database is gone.
        let query = plain(&json!({ "type": "projects" }));
        let refusal = watched.store.refused("query", &[query]).await;
        assert_eq!(refusal.code, "EVICTED");
        sleep(1_001).await;
        watched.store.project().await;
    }
}

#[wasm_bindgen_test]
async fn r75_the_function_may_call_and_close_the_store() {
    let more = "heard.push(heard.store.query({ type: 'projects' }).then(
        () => 'answered',
        (error) => error.code,
    ).then((end) => { heard[1] = end; }));";
    let watched = Watched::that(more).await;
    watched.delete().await;
    sleep(100).await;
    let told = watched.told().await;
    assert_eq!(told, json!([{ "type": "blocking" }, "EVICTED"]));

    let watched = Watched::that("heard.store.close();").await;
    watched.delete().await;
    assert_eq!(watched.told().await, json!([{ "type": "blocking" }]));
    let query = plain(&json!({ "type": "projects" }));
    let refusal = watched.store.refused("query", &[query]).await;
    assert_eq!(refusal.code, "CLOSED");
}

#[wasm_bindgen_test]
async fn what_is_no_function_is_refused_and_memory_takes_one_too() {
    for wrong in ["7", "null", "'told'", "{}", "[]", "new Date()", "true"] {
        for (option, other) in [
            ("onConnection", "countTokens"),
            ("countTokens", "onConnection"),
        ] {
            let options = format!("{{ storage: 'memory', {other}: () => 1, {option}: {wrong} }}");
            let Err(refusal) = Store::open_with(js(&options)).await else {
                panic!("{options} opened a store");
            };
            refusal.says("INVALID_INPUT", &["a function", option]);
            assert_eq!(refusal.details["field"], option, "{refusal:?}");
        }
    }
    // One level down it is no option.
    let nested = "{ storage: 'memory', name: { onConnection: () => {} } }";
    let refusal = Store::open_with(js(nested)).await.err().unwrap();
    refusal.says("INVALID_INPUT", &[]);
    for options in [
        "{ storage: 'memory', onConnection: () => {} }",
        "{ storage: 'memory', onConnection: undefined, countTokens: undefined }",
    ] {
        let store = Store::open_with(js(options)).await.expect("it opens");
        store.project().await;
    }
}
