//! What is begun and ended over and over leaves nothing behind. Counted are the values of JavaScript's
//! that the module holds: each closure, listener and promise is one, so what is never freed is found
//! there, and no time or size of a heap decides.

use super::given::{Store, fresh_name, js, plain, sleep};
use holdpoint::wasm::Holdpoint;
use js_sys::{Function, Promise, Reflect};
use serde_json::json;
use wasm_bindgen::{JsCast as _, JsValue, externref_heap_live_count};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

/// How often: a leak of one value each can't be mistaken for what is still under way.
const TIMES: u32 = 40;
/// How often before, until all is there that stays: rexie's handle on the database, for one.
const WARM_UP: u32 = 3;

/// Does it over and over, and counts what it leaves behind.
async fn leaves_nothing(what: &str, once: impl AsyncFn()) {
    for _ in 0..WARM_UP {
        once().await;
    }
    let before = at_rest().await;
    for _ in 0..TIMES {
        once().await;
    }
    let after = at_rest().await;
    assert!(
        after <= before + TIMES / 4,
        "{what}: {} values are left of {TIMES} times",
        after - before
    );
}

/// How many values are held when what was under way has ended.
async fn at_rest() -> u32 {
    sleep(200).await;
    externref_heap_live_count()
}

/// What a method of an object gives.
fn call(of: &JsValue, name: &str, arguments: &[JsValue]) -> JsValue {
    let method: Function = Reflect::get(of, &name.into()).unwrap().unchecked_into();
    let arguments = arguments.iter().cloned().collect();
    method.apply(of, &arguments).expect("it doesn't throw")
}

/// What a promise comes to. With no timer beside it, which would be left.
async fn end(promise: JsValue) -> Result<JsValue, JsValue> {
    JsFuture::from(promise.unchecked_into::<Promise>()).await
}

async fn awaited(of: &JsValue, name: &str, arguments: &[JsValue]) -> JsValue {
    end(call(of, name, arguments)).await.expect("it succeeds")
}

fn options(name: &str) -> JsValue {
    plain(&json!({ "storage": "indexeddb", "name": name, "actor": "ana" }))
}

/// What JavaScript does with an object of the module's that it needs no more, or its collector.
fn free(object: &JsValue) {
    call(object, "free", &[]);
}

#[wasm_bindgen_test]
async fn a_store_that_is_opened_and_closed_leaves_nothing() {
    let name = fresh_name();
    leaves_nothing("a store that is opened and closed", async || {
        let store = end(Holdpoint::open(options(&name)).into()).await.unwrap();
        awaited(&store, "query", &[plain(&json!({ "type": "projects" }))]).await;
        call(&store, "close", &[]);
        free(&store);
    })
    .await;
}

#[wasm_bindgen_test]
async fn an_opening_that_fails_leaves_nothing() {
    let name = fresh_name();
    let foreign = "name => new Promise(resolve => { const asked = indexedDB.open(name);
        asked.onsuccess = () => { asked.result.close(); resolve(); }; })";
    let make: Function = js(foreign).unchecked_into();
    let database = make.call1(&JsValue::UNDEFINED, &name.as_str().into());
    end(database.unwrap()).await.unwrap();
    leaves_nothing("an opening that fails", async || {
        end(Holdpoint::open(options(&name)).into())
            .await
            .unwrap_err();
    })
    .await;
}

#[wasm_bindgen_test]
async fn what_is_begun_and_ended_on_a_store_leaves_nothing() {
    let store = Store::named("indexeddb", &fresh_name()).await;
    let (project, plan) = store.project().await;
    let (id, plan) = (plain(&project), plain(&plan));
    let store = &store.0;

    leaves_nothing("a subscription", async || {
        let listener = Function::new_no_args("").into();
        let subscription = awaited(store, "subscribe", &[listener, id.clone()]).await;
        call(&subscription, "close", &[]);
        free(&subscription);
    })
    .await;
    leaves_nothing("a claim", async || {
        let claim = awaited(store, "claim", &[id.clone(), plan.clone()]).await;
        awaited(&claim, "release", &[]).await;
        free(&claim);
    })
    .await;
    leaves_nothing("an export that is begun and dropped", async || {
        let export = awaited(store, "export", &[]).await;
        awaited(&export, "next", &[]).await;
        free(&export);
    })
    .await;
    leaves_nothing("an export that is cancelled", async || {
        let export = awaited(store, "export", &[]).await;
        call(&export, "cancel", &[]);
        free(&export);
    })
    .await;
    leaves_nothing("an import that is cancelled", async || {
        let import = awaited(store, "import", &[]).await;
        call(&import, "cancel", &[]);
        free(&import);
    })
    .await;
    leaves_nothing("a commit", async || {
        let command = json!({ "type": "rename_project", "name": "again" });
        let request = json!({ "project": project, "command": command });
        awaited(store, "execute", &[plain(&request)]).await;
    })
    .await;
    leaves_nothing("a query", async || {
        let query = json!({ "type": "project", "project": project });
        awaited(store, "query", &[plain(&query)]).await;
    })
    .await;
    leaves_nothing("a call that is refused", async || {
        let refused = call(store, "claim", &[id.clone(), "no plan".into()]);
        end(refused).await.unwrap_err();
    })
    .await;
}
