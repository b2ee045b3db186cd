//! Opening and closing.

use super::given::{Refusal, Store, fresh_name, js, plain};
use serde_json::json;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

on_every_storage![after_close_every_call_is_refused_as_closed,];

async fn refused(options: &str) -> Refusal {
    match Store::open_with(js(options)).await {
        Ok(_) => panic!("{options} opened a store"),
        Err(refusal) => refusal,
    }
}

#[wasm_bindgen_test]
async fn without_options_it_is_indexeddb_by_the_name_holdpoint() {
    let one = Store::open_with(JsValue::UNDEFINED).await.unwrap();
    let (project, _) = one.project().await;
    let other = json!({ "storage": "indexeddb", "name": "holdpoint", "durability": "strict" });
    let other = Store::open_with(plain(&other)).await.unwrap();
    let found = other
        .query(json!({ "type": "project", "project": project }))
        .await;
    assert_eq!(found["created_by"], "user");
}

#[wasm_bindgen_test]
async fn options_may_be_undefined_each() {
    let options = "{ storage: 'memory', name: undefined, actor: undefined, durability: undefined }";
    assert!(Store::open_with(js(options)).await.is_ok());
}

#[wasm_bindgen_test]
async fn every_option_is_taken() {
    let options = json!({
        "storage": "indexeddb", "name": fresh_name(), "actor": "eva", "durability": "relaxed",
    });
    let store = Store::open_with(plain(&options)).await.unwrap();
    let (project, _) = store.project().await;
    let found = store
        .query(json!({ "type": "project", "project": project }))
        .await;
    assert_eq!(found["created_by"], "eva");
}

#[wasm_bindgen_test]
async fn options_of_wrong_values_are_refused() {
    for options in [
        "{ storage: 'sqlite' }",
        "{ storage: 'Memory' }",
        "{ storage: 7 }",
        "{ storage: 'memory', name: 7 }",
        "{ storage: 'memory', name: null }",
        "{ storage: 'memory', name: 'half \\ud800' }",
        "{ storage: 'memory', actor: '' }",
        "{ storage: 'memory', actor: {} }",
        "{ storage: 'memory', durability: 'sometimes' }",
        "null",
        "'memory'",
        "7",
        "() => ({})",
        "new Map([['storage', 'memory']])",
        "new Date()",
        "Object.defineProperty({}, 'name', { enumerable: true, get() { throw 1; } })",
    ] {
        let refusal = refused(options).await;
        assert_eq!(refusal.code, "INVALID_INPUT", "{options}: {refusal:?}");
        assert!(
            refusal.message.contains("expected"),
            "{options}: {refusal:?}"
        );
    }
    let actor = format!("{{ storage: 'memory', actor: '{}' }}", "x".repeat(201));
    refused(&actor).await.says("TOO_LONG", &["200", "201"]);
}

#[wasm_bindgen_test]
async fn a_list_of_options_is_refused() {
    refused("[]").await.says("INVALID_INPUT", &[]);
}

#[wasm_bindgen_test]
async fn an_unknown_option_is_refused() {
    refused("{ storage: 'memory', nmae: 'typo' }")
        .await
        .says("INVALID_INPUT", &["nmae"]);
}

async fn after_close_every_call_is_refused_as_closed(storage: &str) {
    let name = fresh_name();
    let store = Store::named(storage, &name).await;
    let (project, plan) = store.project().await;
    store.call_now("close", &[]).unwrap();
    store.call_now("close", &[]).unwrap();
    let (project, plan) = (plain(&project), plain(&plan));
    let request = plain(&json!({ "command": { "type": "create_project", "name": "late" } }));
    let pause = plain(&json!({ "type": "pause" }));
    let calls: [(&str, Vec<JsValue>); 8] = [
        ("execute", vec![request]),
        ("preview", vec![project.clone(), pause]),
        ("query", vec![plain(&json!({ "type": "resumable" }))]),
        ("subscribe", vec![js("() => {}")]),
        ("pause", vec![project.clone()]),
        ("resume", vec![project.clone()]),
        ("importTrajectory", vec!["{}".into(), "x.traj".into()]),
        ("playStep", vec![project, plan]),
    ];
    for (method, arguments) in calls {
        let refusal = store.refused(method, &arguments).await;
        refusal.says("CLOSED", &["expected", "found"]);
    }
    // The name is free again for another one.
    Store::named(storage, &name).await.project().await;
}
