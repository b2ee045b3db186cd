//! Values that are no input: each is refused with its place, changes nothing, and leaves the
//! instance as able as before.

use super::given::{Store, data, id, js, plain, text};
use js_sys::{Object, Reflect};
use serde_json::{Value, json};
use wasm_bindgen::{JsCast as _, JsValue};

on_every_storage![
    values_that_are_no_data_are_refused_with_their_place,
    numbers_that_are_no_integers_are_refused,
    minus_zero_is_zero,
    objects_that_are_not_plain_are_refused,
    objects_that_throw_are_refused,
    fields_that_nobody_knows_are_refused,
    lists_in_the_place_of_objects_are_refused,
    half_characters_are_refused_wherever_texts_are,
    texts_over_their_limits_are_refused_by_their_code,
    a_text_over_its_limit_is_told_by_its_field,
    texts_at_their_limits_are_taken,
    depth_bombs_are_refused,
    a_type_may_stand_anywhere,
    objects_of_another_realm_are_taken,
    requests_without_what_they_need_are_refused,
    a_getter_may_call_back,
];

/// A request to a project whose command has something at a place.
fn request_with(project: &Value, place: &[&str], value: &JsValue) -> JsValue {
    let command = match place[0] {
        "name" => json!({ "type": "rename_project", "name": "x" }),
        "checkpoint" => {
            json!({ "type": "create_checkpoint", "checkpoint": { "name": "c" } })
        }
        "items" => json!({ "type": "add_context", "items": [
            { "agent": "a", "kind": "k", "body": "b" }
        ] }),
        "plan" => json!({ "type": "create_plan", "plan": {
            "request": "r", "steps": [{ "title": "t" }], "settings": {}
        } }),
        "token_limit" => json!({ "type": "set_agent", "agent": "a", "token_limit": 1 }),
        "agent" => json!({ "type": "set_agent", "agent": "a", "token_limit": 1 }),
        "text" => json!({ "type": "submit_plan", "plan": id(1), "text": "t", "steps": [
            { "title": "t" }
        ] }),
        "error" => json!({ "type": "fail_plan", "plan": id(1), "error": "e" }),
        "output" => json!({ "type": "complete_step", "plan": id(1), "attempt": 1 }),
        "reason" => json!({ "type": "pause" }),
        "step" => json!({ "type": "start_step", "plan": id(1) }),
        other => panic!("no command has {other}"),
    };
    let request = plain(&json!({ "project": project, "command": command }));
    let mut object = Reflect::get(&request, &"command".into()).unwrap();
    let (last, way) = place.split_last().unwrap();
    for part in way {
        object = match part.parse::<u32>() {
            Ok(index) => Reflect::get_u32(&object, index).unwrap(),
            Err(_) => Reflect::get(&object, &(*part).into()).unwrap(),
        };
    }
    assert!(object.is_object(), "{place:?}");
    Reflect::set(&object, &(*last).into(), value).unwrap();
    request
}

/// Where a place is said to be.
fn said(place: &[&str]) -> String {
    let parts = place.iter().map(|part| match part.parse::<u32>() {
        Ok(index) => format!("[{index}]"),
        Err(_) => format!(".{part}"),
    });
    std::iter::once("request.command".to_owned())
        .chain(parts)
        .collect()
}

const TEXTS: [&[&str]; 20] = [
    &["name"],
    &["reason"],
    &["agent"],
    &["text"],
    &["error"],
    &["output"],
    &["checkpoint", "name"],
    &["checkpoint", "description"],
    &["checkpoint", "reason"],
    &["checkpoint", "source_tool"],
    &["checkpoint", "phase"],
    &["checkpoint", "external_ref"],
    &["checkpoint", "data"],
    &["items", "0", "agent"],
    &["items", "0", "kind"],
    &["items", "0", "body"],
    &["items", "0", "created_at"],
    &["plan", "request"],
    &["plan", "steps", "0", "title"],
    &["plan", "steps", "0", "input"],
];

async fn still_works(store: &Store, project: &Value, revision: u64) {
    assert_eq!(
        store.revision(project).await,
        revision,
        "nothing has changed"
    );
    let name = json!({ "type": "rename_project", "name": format!("after {revision}") });
    let receipt = store.execute(project, name).await;
    assert_eq!(receipt["revision"], revision + 1, "the instance goes on");
}

/// Checks that each is refused, and says all that aren't.
async fn refused_each(
    store: &Store,
    project: &Value,
    cases: &[(String, JsValue, &str, Vec<String>)],
) {
    let revision = store.revision(project).await;
    let mut wrong = Vec::new();
    for (what, request, code, words) in cases {
        match store.told("execute", std::slice::from_ref(request)).await {
            Ok(receipt) => wrong.push(format!("{what}: accepted, {}", receipt["revision"])),
            Err(refusal) if refusal.code != *code => wrong.push(format!("{what}: {refusal:?}")),
            Err(refusal) => {
                for word in words.iter().filter(|word| !refusal.message.contains(*word)) {
                    wrong.push(format!("{what}: no {word:?} in {:?}", refusal.message));
                }
                if refusal
                    .details
                    .as_object()
                    .is_none_or(serde_json::Map::is_empty)
                {
                    wrong.push(format!("{what}: no details in {refusal:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    still_works(store, project, revision).await;
}

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

async fn fields_that_nobody_knows_are_refused(storage: &str) {
    let store = Store::new(storage).await;
    let (project, plan) = store.project().await;
    let mut cases = Vec::new();
    for (what, command) in [
        ("of a unit", json!({ "type": "plan_project", "colour": 1 })),
        ("of a command", json!({ "type": "pause", "colour": 1 })),
        (
            "of a plan",
            json!({ "type": "create_plan", "plan": { "request": "r", "colour": 1 } }),
        ),
        (
            "of settings",
            json!({ "type": "create_plan", "plan": {
            "request": "r", "settings": { "colour": 1 } } }),
        ),
        (
            "of gates",
            json!({ "type": "create_plan", "plan": {
            "request": "r", "settings": { "gates": { "colour": true } } } }),
        ),
        (
            "of a step",
            json!({ "type": "create_plan", "plan": {
            "request": "r", "steps": [{ "title": "t", "colour": 1 }] } }),
        ),
        (
            "of an item",
            json!({ "type": "add_context", "items": [
            { "agent": "a", "kind": "k", "body": "b", "colour": 1 }] }),
        ),
        (
            "of a checkpoint",
            json!({ "type": "create_checkpoint", "checkpoint": {
            "name": "c", "colour": 1 } }),
        ),
    ] {
        let request = plain(&json!({ "project": project, "command": command }));
        cases.push((
            what.to_owned(),
            request,
            "INVALID_INPUT",
            vec!["colour".to_owned()],
        ));
    }
    let more = json!({ "project": project, "colour": 1, "command": { "type": "pause" } });
    cases.push((
        "of a request".into(),
        plain(&more),
        "INVALID_INPUT",
        vec!["colour".into()],
    ));
    for (what, command) in [
        ("an unknown type", json!({ "type": "paint" })),
        ("a type that is none", json!({ "type": 7 })),
        ("a type of a list", json!({ "type": ["pause"] })),
        ("no type", json!({ "reason": "r" })),
        ("nothing", json!({})),
        ("a missing field", json!({ "type": "start_plan" })),
        (
            "a state that can't be gone to",
            json!({
            "type": "revert_plan", "plan": plan, "to": "nowhere" }),
        ),
        (
            "a text for a list",
            json!({ "type": "add_context", "items": "none" }),
        ),
        (
            "an object for a list",
            json!({ "type": "add_context", "items": {} }),
        ),
        ("a short id", json!({ "type": "start_plan", "plan": "01" })),
    ] {
        let request = plain(&json!({ "project": project, "command": command }));
        cases.push((
            what.to_owned(),
            request,
            "INVALID_INPUT",
            vec!["expected".to_owned()],
        ));
    }
    refused_each(&store, &project, &cases).await;
}

async fn lists_in_the_place_of_objects_are_refused(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    let mut cases = Vec::new();
    for (what, command) in [
        (
            "a plan",
            json!({ "type": "create_plan", "plan": ["request"] }),
        ),
        (
            "a step",
            json!({ "type": "create_plan", "plan": { "request": "r", "steps": [["title"]] } }),
        ),
        (
            "an item",
            json!({ "type": "add_context", "items": [["agent", null, "k", "b"]] }),
        ),
        (
            "a checkpoint",
            json!({ "type": "create_checkpoint", "checkpoint": [null, "name"] }),
        ),
        ("a command", json!(["pause"])),
    ] {
        let request = plain(&json!({ "project": project, "command": command }));
        cases.push((what.to_owned(), request, "INVALID_INPUT", vec![]));
    }
    let request = json!([project, null, null, null, { "type": "pause" }]);
    cases.push((
        "a request".to_owned(),
        plain(&request),
        "INVALID_INPUT",
        vec![],
    ));
    refused_each(&store, &project, &cases).await;
}

async fn half_characters_are_refused_wherever_texts_are(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    let mut cases = Vec::new();
    for place in TEXTS {
        for value in ["'a\\ud800'", "'\\udc00a'", "'\\udc00\\ud800'"] {
            let request = request_with(&project, place, &js(value));
            let words = vec!["surrogate".into(), said(place)];
            cases.push((
                format!("{value} at {place:?}"),
                request,
                "INVALID_INPUT",
                words,
            ));
        }
    }
    let name = js("({ ['half \\ud800']: 1, command: { type: 'pause' } })");
    cases.push((
        "a field's name".into(),
        name,
        "INVALID_INPUT",
        vec!["surrogate".into()],
    ));
    let kind = js("({ command: { type: 'pause\\ud800' } })");
    cases.push((
        "a type".into(),
        kind,
        "INVALID_INPUT",
        vec!["surrogate".into()],
    ));
    refused_each(&store, &project, &cases).await;
    let half = js("'\\ud800'");
    for (method, arguments) in [
        ("pause", vec![half.clone()]),
        ("pause", vec![plain(&project), half.clone()]),
        ("resume", vec![plain(&project), half.clone()]),
        ("importTrajectory", vec![half.clone(), "x".into()]),
        ("importTrajectory", vec!["{}".into(), half.clone()]),
        ("playStep", vec![plain(&project), half.clone()]),
    ] {
        let refusal = store.refused(method, &arguments).await;
        assert_eq!(refusal.code, "INVALID_INPUT", "{method} {refusal:?}");
    }
}

async fn texts_over_their_limits_are_refused_by_their_code(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    let (mebibyte, kibibytes) = (1 << 20, 1 << 16);
    let mut cases = Vec::new();
    for (place, limit, value) in [
        (&["name"][..], 200, "x".repeat(201)),
        (&["name"], 200, "🎉".repeat(201)),
        (&["agent"], 200, "x".repeat(201)),
        (&["items", "0", "agent"], 200, "x".repeat(201)),
        (&["items", "0", "kind"], 50, "x".repeat(51)),
        (&["items", "0", "body"], 100_000, "x".repeat(mebibyte + 1)),
        (&["items", "0", "body"], 100_000, "🎉".repeat(100_001)),
        (&["checkpoint", "name"], 100, "x".repeat(101)),
        (&["checkpoint", "description"], 500, "x".repeat(501)),
        (&["reason"], 2000, "x".repeat(2001)),
        (&["plan", "request"], mebibyte, "x".repeat(mebibyte + 1)),
        (&["text"], mebibyte, "é".repeat(mebibyte / 2 + 1)),
        (&["error"], mebibyte, "x".repeat(mebibyte + 1)),
        (&["plan", "steps", "0", "title"], 200, "x".repeat(201)),
        (
            &["plan", "steps", "0", "input"],
            mebibyte,
            format!("\"{}\"", "x".repeat(mebibyte)),
        ),
        (
            &["output"],
            mebibyte,
            format!("\"{}\"", "x".repeat(mebibyte)),
        ),
        (
            &["checkpoint", "data"],
            kibibytes,
            format!("\"{}\"", "x".repeat(kibibytes)),
        ),
    ] {
        let request = request_with(&project, place, &value.into());
        let words = vec![format!("at most {limit}")];
        cases.push((format!("{place:?}"), request, "TOO_LONG", words));
    }
    refused_each(&store, &project, &cases).await;
}

/// Which field it was, as data too.
async fn a_text_over_its_limit_is_told_by_its_field(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    let request = request_with(&project, &["name"], &"x".repeat(201).into());
    let refusal = store.refused("execute", &[request]).await;
    assert_eq!(
        refusal.details,
        json!({ "field": "name", "limit": 200, "unit": "characters", "found": 201 })
    );
}

async fn texts_at_their_limits_are_taken(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    let mebibyte = 1 << 20;
    for (place, value) in [
        (&["name"][..], "🎉".repeat(200)),
        (&["items", "0", "kind"], "ž".repeat(50)),
        (&["items", "0", "body"], "🎉".repeat(100_000)),
        (&["items", "0", "body"], "\u{1}".repeat(100_000)),
        (
            &["checkpoint", "data"],
            format!("\"{}\"", "x".repeat((1 << 16) - 2)),
        ),
        (
            &["plan", "steps", "0", "input"],
            format!("\"{}\"", "x".repeat(mebibyte - 2)),
        ),
    ] {
        let request = request_with(&project, place, &value.into());
        store.call("execute", &[request]).await;
    }
    let items = store
        .query(json!({ "type": "context", "project": project }))
        .await;
    for (n, body) in [(1, "🎉".repeat(100_000)), (2, "\u{1}".repeat(100_000))] {
        let item = &items["items"][n]["id"];
        let item = store
            .query(json!({ "type": "item", "project": project, "item": item }))
            .await;
        assert!(text(&item["body"]) == body, "it comes back as it was");
    }
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

async fn a_type_may_stand_anywhere(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    let request = "{ command: { name: 'n', plan: { context: [], plan: { steps: [{ title: 't' }], request: 'r' } }, type: 'create_project' } }";
    store.call("execute", &[js(request)]).await;
    let query = format!("{{ project: {project}, type: 'project' }}");
    store.call("query", &[js(&query)]).await;
    let frozen = format!(
        "Object.freeze({{ project: {project}, command: Object.freeze({{ reason: undefined, type: 'pause' }}) }})"
    );
    store.call("execute", &[js(&frozen)]).await;
    let bare = format!(
        "Object.assign(Object.create(null), {{ project: {project}, command: Object.assign(Object.create(null), {{ type: 'resume' }}) }})"
    );
    store.call("execute", &[js(&bare)]).await;
    assert_eq!(store.revision(&project).await, 3);
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

async fn requests_without_what_they_need_are_refused(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.project().await;
    let pause = json!({ "type": "pause" });
    let request = |value: Value| plain(&value);
    let cases = [
        ("no project", request(json!({ "command": pause }))),
        (
            "a null project",
            request(json!({ "project": null, "command": pause })),
        ),
        ("no command", request(json!({ "project": project }))),
        (
            "a null command",
            request(json!({ "project": project, "command": null })),
        ),
        (
            "a command's name",
            request(json!({ "project": project, "command": "pause" })),
        ),
        (
            "a wrong id",
            request(json!({ "project": project, "id": "1", "command": pause })),
        ),
        (
            "an id of letters that no id has",
            request(json!({
            "project": project, "id": "01KDWPVNG0IIIIOOOOUUUULLLL", "command": pause })),
        ),
        (
            "a wrong project",
            request(json!({ "project": "x", "command": pause })),
        ),
        (
            "a blank actor",
            request(json!({ "project": project, "actor": " ", "command": pause })),
        ),
    ];
    let cases: Vec<_> = cases
        .into_iter()
        .map(|(what, request)| {
            (
                what.to_owned(),
                request,
                "INVALID_INPUT",
                vec!["expected".to_owned()],
            )
        })
        .collect();
    refused_each(&store, &project, &cases).await;
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
