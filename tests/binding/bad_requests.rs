//! Data that are no request: fields that nobody knows, texts that are too long, parts that are missing.

use super::given::{Store, js, plain, text};
use super::refusals::{TEXTS, refused_each, request_with, said};
use serde_json::{Value, json};

on_every_storage![
    fields_that_nobody_knows_are_refused,
    lists_in_the_place_of_objects_are_refused,
    half_characters_are_refused_wherever_texts_are,
    texts_over_their_limits_are_refused_by_their_code,
    a_text_over_its_limit_is_told_by_its_field,
    texts_at_their_limits_are_taken,
    a_type_may_stand_anywhere,
    requests_without_what_they_need_are_refused,
];

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
