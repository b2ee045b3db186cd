//! Tokens counted by a function of the caller's.

use super::given::{Refusal, Store, fresh_name, js, plain, text};
use serde_json::{Value, json};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

on_every_storage![
    r24_the_callers_function_counts_the_tokens_of_each_item_and_they_are_no_estimates,
    r24_what_is_no_count_is_refused_and_nothing_has_changed,
    r24_a_function_that_throws_is_told_by_its_message_and_nothing_has_changed,
    r24_the_function_may_call_back,
];

/// Options with a function.
fn options(storage: &str, function: &str) -> JsValue {
    let name = fresh_name();
    js(&format!(
        "{{ storage: '{storage}', name: '{name}', countTokens: {function} }}"
    ))
}

async fn counting(storage: &str, function: &str) -> Store {
    Store::open_with(options(storage, function))
        .await
        .expect("it opens")
}

fn item(body: &str) -> Value {
    json!({ "agent": "eva", "kind": "code", "body": body })
}

fn add(body: &str) -> Value {
    json!({ "type": "add_context", "items": [item(body)] })
}

/// The token counts of all items, and whether they are estimates.
async fn counts(store: &Store, project: &Value) -> Vec<(u64, bool)> {
    let page = store
        .query(json!({ "type": "context", "project": project }))
        .await;
    let items = page["items"].as_array().unwrap().iter();
    items
        .map(|item| {
            let estimated = item["tokens_estimated"].as_bool().unwrap();
            (item["tokens"].as_u64().unwrap(), estimated)
        })
        .collect()
}

async fn r24_the_callers_function_counts_the_tokens_of_each_item_and_they_are_no_estimates(
    storage: &str,
) {
    let store = counting(storage, "(text) => text.length").await;
    let command = json!({ "type": "create_project", "name": "made", "plan": {
        "plan": { "request": "do it", "steps": [{ "title": "one" }] },
        "context": [item("first")],
    } });
    let receipt = store
        .call("execute", &[plain(&json!({ "command": command }))])
        .await;
    let (project, plan) = (&receipt["project"], &receipt["outcome"]["plan"]);
    // As JavaScript counts: the last one has a length of two.
    for body in ["a", "né", "\u{1f980}"] {
        store.outcome(project, add(body)).await;
    }
    store
        .outcome(project, json!({ "type": "start_step", "plan": plan }))
        .await;
    let complete = json!({
        "type": "complete_step", "plan": plan, "attempt": 1, "context": [item("with a result")],
    });
    store.outcome(project, complete).await;
    let expected = [(5, false), (1, false), (2, false), (2, false), (13, false)];
    assert_eq!(counts(&store, project).await, expected);

    let file =
        json!({ "trajectory": [{ "thought": "t", "action": "run", "observation": "it ran" }] });
    let imported = store
        .call(
            "importTrajectory",
            &[file.to_string().into(), "x.traj".into()],
        )
        .await;
    let ids = [plain(&imported["project"]), plain(&imported["plan"])];
    store.call("playStep", &ids).await;
    let of_import = counts(&store, &imported["project"]).await;
    assert!(of_import.len() > 1, "{of_import:?}");
    assert!(of_import.iter().all(|(_, estimated)| !estimated));
    let report = store.call("pause", &[plain(project)]).await;
    assert_eq!(report["warnings"], json!([]), "nothing is estimated");
}

#[wasm_bindgen_test]
async fn r24_every_count_up_to_the_limit_is_taken() {
    for (given, expected) in [("0", 0), ("-0", 0), ("1", 1), ("1e6", 1_000_000)] {
        let store = counting("memory", &format!("() => {given}")).await;
        let (project, _) = store.project().await;
        store.outcome(&project, add("body")).await;
        assert_eq!(
            counts(&store, &project).await,
            [(expected, false)],
            "{given}"
        );
    }
}

#[wasm_bindgen_test]
async fn r24_without_a_function_counts_are_estimates() {
    let store = counting("memory", "undefined").await;
    let (project, _) = store.project().await;
    store.outcome(&project, add("five!")).await;
    assert_eq!(counts(&store, &project).await, [(2, true)]);
}

#[wasm_bindgen_test]
async fn r24_what_is_no_function_is_refused_when_the_store_is_opened() {
    for (option, found) in [
        ("null", "object"),
        ("7", "a number"),
        ("'text.length'", "a string"),
        ("{ count: () => 1 }", "a Object"),
        ("Promise.resolve(() => 1)", "a Promise"),
    ] {
        let opened = Store::open_with(options("memory", option)).await;
        let refusal: Refusal = opened.err().expect(option);
        refusal.says("INVALID_INPUT", &["countTokens", "a function", found]);
        assert_eq!(text(&refusal.details["field"]), "countTokens");
    }
    let throws = "Object.defineProperty({ storage: 'memory' }, 'countTokens', {
        enumerable: true, get() { throw 1; },
    })";
    let refusal = Store::open_with(js(throws)).await.err().unwrap();
    refusal.says("INVALID_INPUT", &["options.countTokens"]);
    // It is an option and nothing else: functions elsewhere are no data.
    let nested = js("{ storage: 'memory', name: { countTokens: () => 1 } }");
    let refusal = Store::open_with(nested).await.err().unwrap();
    refusal.says("INVALID_INPUT", &["options.name.countTokens", "a function"]);
    let unknown = js("{ storage: 'memory', counter: null }");
    let refusal = Store::open_with(unknown).await.err().unwrap();
    refusal.says("INVALID_INPUT", &["counter"]);
}

/// A store whose function does what the global one of this name does; that one works at first.
async fn changing(storage: &str, id: &str) -> (Store, Value, Value) {
    js(&format!("globalThis.{id} = () => 3"));
    let store = counting(storage, &format!("(text) => globalThis.{id}(text)")).await;
    let (project, plan) = store.project().await;
    store.outcome(&project, add("before")).await;
    store
        .outcome(&project, json!({ "type": "start_step", "plan": plan }))
        .await;
    (store, project, plan)
}

/// A step's result, the addition of an item and an import are refused, and nothing has changed; then
/// they are done.
async fn refuses_then_works(storage: &str, id: &str, function: &str, words: &[&str]) {
    let (store, project, plan) = changing(storage, id).await;
    let revision = store.revision(&project).await;
    let complete = json!({
        "type": "complete_step", "plan": plan, "attempt": 1, "context": [item("result")],
    });
    let file = json!({ "trajectory": [{ "action": "run", "observation": "it ran" }] }).to_string();
    let import = [JsValue::from(file), "x.traj".into()];
    js(&format!("globalThis.{id} = {function}"));
    let preview = [plain(&project), plain(&add("body"))];
    let refusals = [
        store.refuses(&project, add("body")).await,
        store.refuses(&project, complete.clone()).await,
        store.refused("preview", &preview).await,
        store.refused("importTrajectory", &import).await,
    ];
    for refusal in refusals {
        refusal.says("INVALID_INPUT", &["countTokens"]);
        refusal.says("INVALID_INPUT", &["an integer from 0 to 1000000"]);
        refusal.says("INVALID_INPUT", words);
        assert_eq!(text(&refusal.details["field"]), "countTokens");
    }
    assert_eq!(store.revision(&project).await, revision);
    let projects = store.query(json!({ "type": "projects" })).await;
    assert_eq!(projects["rows"].as_array().unwrap().len(), 1);
    assert_eq!(counts(&store, &project).await, [(3, false)]);

    js(&format!("globalThis.{id} = () => 4"));
    store.outcome(&project, add("body")).await;
    store.outcome(&project, complete).await;
    store.call("importTrajectory", &import).await;
    let expected = [(3, false), (4, false), (4, false)];
    assert_eq!(counts(&store, &project).await, expected);
    let verified = store
        .query(json!({ "type": "verify", "project": project }))
        .await;
    assert_eq!(verified["clean"], true);
}

async fn r24_what_is_no_count_is_refused_and_nothing_has_changed(storage: &str) {
    for (function, found) in [
        ("() => 1.5", "found 1.5"),
        ("() => -1", "found -1"),
        ("() => 1000001", "found 1000001"),
        ("() => NaN", "found NaN"),
        ("() => Infinity", "found Infinity"),
        ("() => 2 ** 60", "found 1152921504606847000"),
        ("() => '7'", "found a string"),
        ("() => 7n", "found a bigint"),
        ("() => new Number(7)", "found a Number"),
        ("() => {}", "found undefined"),
        ("() => null", "found null"),
        ("() => [7]", "found a Array"),
        ("async () => 7", "found a Promise"),
        ("() => ({ then() {} })", "found a Object"),
    ] {
        refuses_then_works(storage, "__countsWrong", function, &[found]).await;
    }
}

async fn r24_a_function_that_throws_is_told_by_its_message_and_nothing_has_changed(storage: &str) {
    for (function, said) in [
        (
            "() => { throw new Error('no model is loaded'); }",
            "no model is loaded",
        ),
        ("() => { throw 'only a text'; }", "only a text"),
        ("() => { throw { message: 'plain' }; }", "plain"),
        ("() => { throw 7; }", "a number"),
        ("() => { throw undefined; }", "undefined"),
        (
            "() => { throw new Error('half \\ud800'); }",
            "an exception: a Error",
        ),
        ("() => { throw new Error('x'.repeat(999)); }", "x\"…"),
        (
            "() => { throw Object.defineProperty({}, 'message', { get() { throw 1; } }); }",
            "an exception: a Object",
        ),
        (
            "() => { const { proxy, revoke } = Proxy.revocable({}, {}); revoke(); throw proxy; }",
            "an exception: an object",
        ),
        ("class Counter {}", "an exception: "),
    ] {
        refuses_then_works(storage, "__countsThrows", function, &["an exception", said]).await;
    }
}

/// Calls back while a command is decided, on the same project and on others: each waits for its
/// turn, and none waits for ever.
async fn r24_the_function_may_call_back(storage: &str) {
    let function = "(text) => {
        const { store, calls, project } = globalThis.__callsBack;
        if (calls.length === 0) {
            const item = { agent: 'eva', kind: 'code', body: 'from within' };
            const command = { type: 'add_context', items: [item] };
            calls.push(
                store.execute({ project, command }),
                store.execute({ command: { type: 'create_project', name: 'within' } }),
                store.query({ type: 'project', project }),
                store.preview(project, command),
                store.pause(project, 'within'),
                store.resume(project),
                store.subscribe(() => {}, project),
            );
        }
        return text.length;
    }";
    js("globalThis.__callsBack = { calls: [null] }");
    let store = counting(storage, function).await;
    let (project, _) = store.project().await;
    let shared = js("globalThis.__callsBack = { calls: [] }");
    js_sys::Reflect::set(&shared, &"store".into(), &store.0).unwrap();
    js_sys::Reflect::set(&shared, &"project".into(), &plain(&project)).unwrap();
    store.outcome(&project, add("outer")).await;
    let all = js("Promise.all(globalThis.__callsBack.calls)");
    let all = wasm_bindgen::JsCast::unchecked_into(all);
    super::given::ended(all, "the calls from within")
        .await
        .expect("each is done");
    assert_eq!(counts(&store, &project).await, [(5, false), (11, false)]);
    let projects = store.query(json!({ "type": "projects" })).await;
    assert_eq!(projects["rows"].as_array().unwrap().len(), 2);
}

#[wasm_bindgen_test]
async fn r24_a_store_that_its_function_closes_is_closed_and_nothing_is_half_done() {
    js("globalThis.__closes = { store: null }");
    let name = fresh_name();
    let option = "(text) => { globalThis.__closes.store?.close(); return 1; }";
    let options = format!("{{ name: '{name}', countTokens: {option} }}");
    let store = Store::open_with(js(&options)).await.expect("it opens");
    let (project, _) = store.project().await;
    let shared = js("globalThis.__closes");
    js_sys::Reflect::set(&shared, &"store".into(), &store.0).unwrap();
    store
        .refuses(&project, add("late"))
        .await
        .says("CLOSED", &[]);
    store
        .refused("pause", &[plain(&project)])
        .await
        .says("CLOSED", &[]);
    let again = Store::named("indexeddb", &name).await;
    assert_eq!(again.revision(&project).await, 1);
}
