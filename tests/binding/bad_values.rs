//! Values that are no data, or only just: whatever they do when they are looked at.

use super::given::{Store, data, js, plain};
use super::refusals::{TEXTS, refused_each, request_with, said, still_works};
use js_sys::{Object, Reflect};
use serde_json::{Value, json};
use wasm_bindgen::{JsCast as _, JsValue};

on_every_storage![
    values_that_are_no_data_are_refused_with_their_place,
    numbers_that_are_no_integers_are_refused,
    minus_zero_is_zero,
    objects_that_are_not_plain_are_refused,
    objects_that_throw_are_refused,
    depth_bombs_are_refused,
    objects_of_another_realm_are_taken,
    a_getter_may_call_back,
];

async fn values_that_are_no_data_are_refused_with_their_place(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    let mut cases = Vec::new();
    for place in TEXTS {
        for (value, found) in [
            ("NaN", "NaN"),
            ("Infinity", "Infinity"),
            ("-Infinity", "Infinity"),
            ("2 ** 53", "larger"),
            ("10n", "bigint"),
            ("Symbol('s')", "symbol"),
            ("() => 'text'", "function"),
            ("class X {}", "function"),
            ("new Date(0)", "Date"),
            ("new Map()", "Map"),
            ("new String('text')", "String"),
            ("new Uint8Array(2)", "Uint8Array"),
            ("new (class Own { text = 1 })()", "Own"),
            ("Promise.resolve('text')", "Promise"),
            ("new Error('text')", "Error"),
        ] {
            let request = request_with(&project, place, &js(value));
            let words = vec!["expected".into(), found.into(), said(place)];
            cases.push((
                format!("{value} at {place:?}"),
                request,
                "INVALID_INPUT",
                words,
            ));
        }
        // Data, but no texts.
        for value in ["7", "true", "{}", "[]", "[ , ]", "['text']"] {
            let request = request_with(&project, place, &js(value));
            let what = format!("{value} at {place:?}");
            cases.push((what, request, "INVALID_INPUT", vec!["expected".into()]));
        }
    }
    refused_each(&store, &project, &cases).await;
}

async fn numbers_that_are_no_integers_are_refused(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    let mut cases = Vec::new();
    for place in [
        &["token_limit"][..],
        &["step"],
        &["plan", "settings", "max_attempts"],
    ] {
        for value in [
            "NaN",
            "Infinity",
            "1.5",
            "-1",
            "2 ** 53",
            "1e300",
            "5e-324",
            "1n",
            "'1'",
            "true",
            "[1]",
            "new Number(1)",
            "{ valueOf() { return 1; } }",
        ] {
            let request = request_with(&project, place, &js(value));
            cases.push((
                format!("{value} at {place:?}"),
                request,
                "INVALID_INPUT",
                vec![],
            ));
        }
    }
    for value in ["NaN", "1.5", "-1", "2 ** 53", "'1'", "1n"] {
        let request = plain(&json!({ "project": project, "command": { "type": "pause" } }));
        Reflect::set(&request, &"expected_revision".into(), &js(value)).unwrap();
        cases.push((
            format!("{value} as revision"),
            request,
            "INVALID_INPUT",
            vec![],
        ));
    }
    refused_each(&store, &project, &cases).await;
}

/// JSON has it so too; no field tells the two apart.
async fn minus_zero_is_zero(storage: &str) {
    let store = Store::new(storage).await;
    let query = js("({ type: 'history', project: null, after: -0 })");
    let (project, _) = store.project().await;
    Reflect::set(&query, &"project".into(), &plain(&project)).unwrap();
    let history = data(&store.raw("query", &[query]).await.unwrap());
    assert_eq!(history.as_array().unwrap().len(), 1);
}

async fn objects_that_are_not_plain_are_refused(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    let request = "{ project: PROJECT, command: { type: 'rename_project', name: 'sly' } }";
    let mut cases = Vec::new();
    for (what, wrapped) in [
        (
            "an instance",
            "Object.assign(new (class Own {})(), REQUEST)",
        ),
        ("an Error", "Object.assign(new Error(), REQUEST)"),
        ("a Date", "Object.assign(new Date(), REQUEST)"),
        ("a Map", "new Map(Object.entries(REQUEST))"),
        ("a function", "Object.assign(() => 1, REQUEST)"),
        ("an array", "[REQUEST]"),
        ("an array with names", "Object.assign([], REQUEST)"),
        ("a prototype", "Object.create(REQUEST)"),
        ("a __proto__ literal", "({ __proto__: REQUEST })"),
        (
            "an own __proto__",
            "Object.assign(JSON.parse('{\"__proto__\":{}}'), REQUEST)",
        ),
        (
            "an own __proto__ with the request",
            "JSON.parse('{\"__proto__\":' + JSON.stringify(REQUEST) + '}')",
        ),
        ("a null", "null"),
        ("a text", "JSON.stringify(REQUEST)"),
        ("a promise", "Promise.resolve(REQUEST)"),
        (
            "hidden properties",
            "Object.defineProperties({}, Object.getOwnPropertyDescriptors(Object.freeze(Object.defineProperties({}, { project: { value: PROJECT }, command: { value: REQUEST.command } }))))",
        ),
    ] {
        let text = wrapped
            .replace("REQUEST", request)
            .replace("PROJECT", &project.to_string());
        cases.push((
            what.to_owned(),
            js(&text),
            "INVALID_INPUT",
            vec!["expected".to_owned()],
        ));
    }
    let cyclic = js("(() => { const a = { type: 'pause' }; a.a = a; return { command: a }; })()");
    cases.push((
        "a cycle".into(),
        cyclic,
        "INVALID_INPUT",
        vec!["endlessly deep".into()],
    ));
    let cyclic = js("(() => { const a = []; a.push(a); return { command: a }; })()");
    cases.push((
        "a cycle".into(),
        cyclic,
        "INVALID_INPUT",
        vec!["endlessly deep".into()],
    ));
    refused_each(&store, &project, &cases).await;
    // Nothing was put into everybody's prototype.
    assert!(js("({}).command").is_undefined());
}

async fn objects_that_throw_are_refused(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    let mut cases = Vec::new();
    for place in TEXTS {
        let request = request_with(&project, place, &JsValue::NULL);
        let mut object = Reflect::get(&request, &"command".into()).unwrap();
        let (last, way) = place.split_last().unwrap();
        for part in way {
            object = Reflect::get(&object, &(*part).into()).unwrap();
        }
        let getter = js("({ enumerable: true, get() { throw new Error('from the getter'); } })");
        Object::define_property(
            object.unchecked_ref::<Object>(),
            &(*last).into(),
            getter.unchecked_ref::<Object>(),
        );
        cases.push((
            format!("{place:?}"),
            request,
            "INVALID_INPUT",
            vec!["throws".into()],
        ));
    }
    refused_each(&store, &project, &cases).await;
}

/// An exception that went through the module would leave the call unsettled.
#[wasm_bindgen_test::wasm_bindgen_test]
async fn proxies_that_throw_are_refused() {
    let store = Store::new("memory").await;
    let (project, _) = store.project().await;
    let mut wrong = Vec::new();
    for value in [
        "(() => { const p = Proxy.revocable({}, {}); p.revoke(); return p.proxy; })()",
        "(() => { const p = Proxy.revocable([], {}); p.revoke(); return p.proxy; })()",
        "new Proxy({}, { ownKeys() { throw new Error('no keys'); } })",
        "new Proxy({}, { getPrototypeOf() { throw new Error('no prototype'); } })",
        "new Proxy({}, { getOwnPropertyDescriptor() { throw new Error('no descriptor'); }, ownKeys() { return ['a']; } })",
        "new Proxy([1], { get() { throw new Error('no element'); } })",
        "Object.defineProperty([1], 0, { get() { throw new Error('no element'); } })",
    ] {
        let request = request_with(&project, &["name"], &js(value));
        let promise = store.begin("execute", &[request]);
        let slow = wasm_bindgen_futures::future_to_promise(async {
            super::given::sleep(1000).await;
            Ok(JsValue::from("slow"))
        });
        let first = js_sys::Promise::race(&js_sys::Array::of2(&promise, &slow));
        match wasm_bindgen_futures::JsFuture::from(first).await {
            Ok(end) => wrong.push(format!("{value}: {end:?}")),
            Err(thrown) => {
                let refusal = super::given::Refusal::of(&thrown);
                assert_eq!(refusal.code, "INVALID_INPUT", "{value}: {refusal:?}");
            }
        }
    }
    // First: after an exception went through the module nothing is sure to end.
    assert!(wrong.is_empty(), "{wrong:#?}");
    still_works(&store, &project, 1).await;
}

async fn depth_bombs_are_refused(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let mut cases = Vec::new();
    for depth in [33, 100, 127, 128, 129, 10_000, 30_000] {
        let request = request_with(&project, &["checkpoint", "data"], &nested(depth).into());
        cases.push((format!("data of {depth}"), request, "INVALID_INPUT", vec![]));
    }
    for depth in [101, 127, 128, 129, 10_000, 500_000] {
        for place in [&["plan", "steps", "0", "input"][..], &["output"]] {
            let request = request_with(&project, place, &nested(depth).into());
            cases.push((
                format!("{place:?} of {depth}"),
                request,
                "INVALID_INPUT",
                vec![],
            ));
        }
    }
    for depth in [60, 64, 65, 1000, 100_000] {
        let bomb = format!(
            "(() => {{ let a = 1; for (let n = 0; n < {depth}; n++) a = {{ a }}; return a; }})()"
        );
        let request = request_with(&project, &["name"], &js(&bomb));
        cases.push((
            format!("an object of {depth}"),
            request,
            "INVALID_INPUT",
            vec![],
        ));
        let bomb = bomb.replace("{ a }", "[a]");
        let request = request_with(&project, &["name"], &js(&bomb));
        cases.push((
            format!("an array of {depth}"),
            request,
            "INVALID_INPUT",
            vec![],
        ));
    }
    refused_each(&store, &project, &cases).await;
    let deepest = request_with(&project, &["checkpoint", "data"], &nested(32).into());
    store.call("execute", &[deepest]).await;
    let deepest = request_with(
        &project,
        &["plan", "steps", "0", "input"],
        &nested(100).into(),
    );
    store.call("execute", &[deepest]).await;
}

async fn objects_of_another_realm_are_taken(storage: &str) {
    let store = Store::new(storage).await;
    let (project, plan) = store.project().await;
    let other = js("(() => {
        const frame = document.createElement('iframe');
        document.body.append(frame);
        return frame.contentWindow.eval('text => JSON.parse(text)');
    })()");
    let other: js_sys::Function = other.unchecked_into();
    let foreign = |value: Value| {
        other
            .call1(&JsValue::UNDEFINED, &value.to_string().into())
            .unwrap()
    };
    let items = json!([{ "agent": "a", "kind": "k", "body": "b" }]);
    let command = json!({ "type": "add_context", "items": items });
    let request = foreign(json!({ "project": project, "command": command }));
    assert!(
        js("value => value instanceof Object")
            .unchecked_into::<js_sys::Function>()
            .call1(&JsValue::UNDEFINED, &request)
            .unwrap()
            .is_falsy()
    );
    store.call("execute", &[request]).await;
    store
        .call(
            "query",
            &[foreign(
                json!({ "type": "plan", "project": project, "plan": plan }),
            )],
        )
        .await;
    store
        .call(
            "preview",
            &[plain(&project), foreign(json!({ "type": "pause" }))],
        )
        .await;
    let options = foreign(json!({ "storage": storage, "name": super::given::fresh_name() }));
    assert!(Store::open_with(options).await.is_ok());
}

/// Whatever a getter does meanwhile.
async fn a_getter_may_call_back(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    Reflect::set(&js_sys::global(), &"theStore".into(), &store.0).unwrap();
    let request = format!(
        "{{ project: {project}, command: {{ type: 'rename_project', get name() {{
            theStore.query({{ type: 'resumable' }}); return 'got'; }} }} }}"
    );
    let receipt = store.call("execute", &[js(&request)]).await;
    assert_eq!(receipt["outcome"]["name"], "got");
    let request = request.replace("theStore.query({ type: 'resumable' })", "theStore.close()");
    // It was open when the call was made; it may be done or be refused, and it ends.
    let _ = store.told("execute", &[js(&request)]).await;
    let late = json!({ "type": "resumable" });
    store
        .refused("query", &[plain(&late)])
        .await
        .says("CLOSED", &[]);
}
