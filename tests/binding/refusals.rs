//! Requests with something wrong in them, and how each is to be refused: with its place, changing
//! nothing, and leaving the instance as able as before.

use super::given::{Store, id, plain};
use js_sys::Reflect;
use serde_json::{Value, json};
use wasm_bindgen::JsValue;

/// A request to a project whose command has something at a place.
pub(super) fn request_with(project: &Value, place: &[&str], value: &JsValue) -> JsValue {
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
pub(super) fn said(place: &[&str]) -> String {
    let parts = place.iter().map(|part| match part.parse::<u32>() {
        Ok(index) => format!("[{index}]"),
        Err(_) => format!(".{part}"),
    });
    std::iter::once("request.command".to_owned())
        .chain(parts)
        .collect()
}

/// Places of texts in commands.
pub(super) const TEXTS: [&[&str]; 20] = [
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

pub(super) async fn still_works(store: &Store, project: &Value, revision: u64) {
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
pub(super) async fn refused_each(
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
