//! R49, R74: bundles out of a store and into one.

use super::given::{Refusal, Store, data, ended, fresh_name, id, js, plain, text};
use super::types::Types;
use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use serde_json::{Value, json};
use wasm_bindgen::{JsCast as _, JsValue};

on_every_storage![
    r49_a_project_goes_on_in_another_store_and_comes_back,
    r49_an_export_has_the_projects_that_were_named_or_all,
    r49_a_cancelled_export_is_over,
    r74_nothing_is_there_of_an_import_that_was_cancelled_or_dropped,
    r74_what_was_cut_or_altered_is_refused_with_its_line,
    r74_a_bundle_over_a_limit_is_refused,
    r49_a_deleted_project_comes_back_only_if_that_is_said,
    r74_calls_may_overlap_and_have_their_turn,
    r74_what_makes_no_sense_is_refused_and_changes_nothing,
    r74_a_bundle_of_twenty_megabytes_goes_through,
];

fn call_now(of: &JsValue, method: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let function: Function = Reflect::get(of, &method.into())?.dyn_into()?;
    function.apply(of, &arguments.iter().collect::<Array>())
}

fn begin(of: &JsValue, method: &str, arguments: &[JsValue]) -> Promise {
    let begun = call_now(of, method, arguments).expect("it rejects, and doesn't throw");
    begun.dyn_into().expect("a promise")
}

async fn call(of: &JsValue, method: &str, arguments: &[JsValue]) -> Result<JsValue, Refusal> {
    let end = ended(begin(of, method, arguments), method).await;
    end.map_err(|thrown| Refusal::of(&thrown))
}

fn progress(of: &JsValue, kind: &str) -> Value {
    let progress = data(&call_now(of, "progress", &[]).expect("it says how far it is"));
    Types::read().check(kind, &progress);
    progress
}

fn bytes(of: &[u8]) -> JsValue {
    Uint8Array::from(of).into()
}

impl Store {
    async fn export(&self, projects: Option<Value>) -> JsValue {
        let arguments: Vec<_> = projects.iter().map(plain).collect();
        self.raw("export", &arguments).await.expect("it begins")
    }

    async fn bundle(&self, projects: Option<Value>) -> Vec<u8> {
        let export = self.export(projects).await;
        let mut bundle = Vec::new();
        loop {
            let piece = call(&export, "next", &[]).await.expect("it goes on");
            if piece.is_undefined() {
                break;
            }
            let piece: Uint8Array = piece.dyn_into().expect("bytes");
            assert!((1..=256 << 10).contains(&piece.length()));
            bundle.extend(piece.to_vec());
            assert_eq!(progress(&export, "ExportProgress")["bytes"], bundle.len());
        }
        // The end stays the end.
        assert!(call(&export, "next", &[]).await.unwrap().is_undefined());
        bundle
    }

    async fn import(&self, options: Value) -> JsValue {
        let import = self.raw("import", &[plain(&options)]).await;
        import.expect("it begins")
    }

    async fn take(&self, bundle: &[u8], options: Value) -> Result<Value, Refusal> {
        let import = self.import(options).await;
        let mut taken = 0;
        for piece in bundle.chunks(100_000) {
            let pushed = call(&import, "push", &[bytes(piece)]).await?;
            assert!(pushed.is_undefined());
            taken += piece.len();
            assert_eq!(progress(&import, "ImportProgress")["bytes"], taken);
        }
        let report = data(&call(&import, "finish", &[]).await?);
        Types::read().check("ImportReport", &report);
        Ok(report)
    }

    async fn journal(&self, project: &Value) -> Vec<Value> {
        let query = json!({ "type": "find_entries", "project": project, "limit": 500 });
        let entries = self.query(query).await["entries"].take();
        entries.as_array().expect("entries").clone()
    }

    async fn projects(&self) -> usize {
        let rows = self.query(json!({ "type": "projects" })).await["rows"].take();
        rows.as_array().expect("rows").len()
    }

    async fn is_sound(&self, project: &Value) {
        let report = self.query(json!({ "type": "verify", "project": project }));
        let report = report.await;
        assert_eq!(report["clean"], true, "{report}");
    }

    /// A project that has come half-way, with a body.
    async fn half_way(&self) -> (Value, Value) {
        let (project, plan) = self.project().await;
        let items = json!([{ "agent": "coder", "kind": "note", "body": "remember this" }]);
        self.outcome(&project, json!({ "type": "add_context", "items": items }))
            .await;
        self.step(&project, &plan).await;
        (project, plan)
    }
}

async fn r49_a_project_goes_on_in_another_store_and_comes_back(storage: &str) {
    let (here, there) = (Store::new(storage).await, Store::new(storage).await);
    let (project, plan) = here.half_way().await;
    let journal = here.journal(&project).await;
    let bundle = here.bundle(Some(json!([project]))).await;
    let report = there.take(&bundle, json!({})).await.unwrap();
    assert_eq!(report["exported_by"], "ana");
    let expected = json!([{
        "project": project,
        "from": project,
        "name": "made",
        "revision": journal.len(),
        "digest": journal.last().unwrap()["digest"],
        "entries": journal.len(),
        "bodies": 1,
    }]);
    assert_eq!(report["projects"], expected);
    assert_eq!(there.journal(&project).await, journal);
    there.is_sound(&project).await;

    there.step(&project, &plan).await;
    let back = there.bundle(None).await;
    let refusal = here.take(&back, json!({})).await.unwrap_err();
    refusal.says("PROJECT_EXISTS", &[text(&project)]);
    assert_eq!(refusal.details["project"], project);
    let report = here.take(&back, json!({ "as_copies": true })).await;
    let mut report = report.unwrap();
    let copy = report["projects"][0]["project"].take();
    assert_ne!(copy, project);
    assert_eq!(report["projects"][0]["from"], project);
    let entries = here.journal(&copy).await;
    assert_eq!(entries, there.journal(&project).await);
    assert_eq!(entries[..journal.len()], journal);
    assert_eq!(here.journal(&project).await, journal);
    here.is_sound(&copy).await;
    here.step(&copy, &plan).await;
    assert_eq!(here.journal(&project).await, journal);
}

async fn r49_an_export_has_the_projects_that_were_named_or_all(storage: &str) {
    let store = Store::new(storage).await;
    let empty = String::from_utf8(store.bundle(None).await).unwrap();
    assert_eq!(empty.lines().count(), 2, "{empty}");
    let (first, _) = store.half_way().await;
    let (second, _) = store.project().await;
    let named = |bundle: Vec<u8>| {
        let bundle = String::from_utf8(bundle).expect("a text");
        let lines = bundle.lines().map(serde_json::from_str::<Value>);
        let lines: Vec<_> = lines.map(Result::unwrap).collect();
        let projects = lines.iter().filter(|line| line["type"] == "project");
        projects
            .map(|line| line["project"].clone())
            .collect::<Vec<_>>()
    };
    let both = json!([second, first]);
    assert_eq!(json!(named(store.bundle(Some(both.clone())).await)), both);
    let mut all = named(store.bundle(None).await);
    all.sort_by_key(|id| *id == second);
    assert_eq!(all, [first, second]);
}

async fn r49_a_cancelled_export_is_over(storage: &str) {
    let store = Store::new(storage).await;
    store.half_way().await;
    let export = store.export(None).await;
    let waiting = begin(&export, "next", &[]);
    call_now(&export, "cancel", &[]).unwrap();
    let refusal = Refusal::of(&ended(waiting, "next").await.unwrap_err());
    refusal.says("CANCELLED", &["expected an export", "found"]);
    let refusal = call(&export, "next", &[]).await.unwrap_err();
    refusal.says("CANCELLED", &["expected an export", "found"]);
    assert_eq!(progress(&export, "ExportProgress")["projects_in_all"], 1);
    call_now(&export, "free", &[]).unwrap();
}

async fn r74_nothing_is_there_of_an_import_that_was_cancelled_or_dropped(storage: &str) {
    let (here, there) = (Store::new(storage).await, Store::new(storage).await);
    here.half_way().await;
    let bundle = here.bundle(None).await;
    // At its end, in the middle of a piece, and before its turn to finish.
    let import = there.import(json!({})).await;
    call(&import, "push", &[bytes(&bundle)]).await.unwrap();
    call_now(&import, "cancel", &[]).unwrap();
    let refusal = call(&import, "finish", &[]).await.unwrap_err();
    refusal.says("CANCELLED", &["expected an import", "found"]);
    let import = there.import(json!({})).await;
    let calls = [
        begin(&import, "push", &[bytes(&bundle)]),
        begin(&import, "finish", &[]),
    ];
    call_now(&import, "cancel", &[]).unwrap();
    for waiting in calls {
        let refusal = Refusal::of(&ended(waiting, "a call").await.unwrap_err());
        refusal.says("CANCELLED", &["found"]);
    }
    let import = there.import(json!({})).await;
    call(&import, "push", &[bytes(&bundle)]).await.unwrap();
    call_now(&import, "free", &[]).unwrap();
    assert_eq!(there.projects().await, 0);
    // Once it has finished, it is too late.
    let import = there.import(json!({})).await;
    call(&import, "push", &[bytes(&bundle)]).await.unwrap();
    call(&import, "finish", &[]).await.unwrap();
    call_now(&import, "cancel", &[]).unwrap();
    let refusal = call(&import, "push", &[bytes(b"x")]).await.unwrap_err();
    refusal.says("CLOSED", &["expected an import", "finished"]);
    assert_eq!(there.projects().await, 1);
}

async fn r74_what_was_cut_or_altered_is_refused_with_its_line(storage: &str) {
    let (here, there) = (Store::new(storage).await, Store::new(storage).await);
    here.half_way().await;
    let bundle = String::from_utf8(here.bundle(None).await).unwrap();
    let lines = bundle.lines().count();
    let third = bundle.lines().nth(2).unwrap();
    let cut = &bundle[..bundle.len() - 1];
    let altered = bundle.replacen("remember this", "remember that", 1);
    let body = bundle
        .lines()
        .position(|line| line.contains("remember this"));
    for (given, code, line) in [
        (cut.to_owned(), "BUNDLE_INVALID", lines),
        (String::new(), "BUNDLE_INVALID", 1),
        (altered, "BUNDLE_INVALID", body.unwrap() + 1),
        (
            bundle.replacen(&format!("{third}\n"), "", 1),
            "BUNDLE_INVALID",
            3,
        ),
        (
            bundle.replacen("{\"type\"", "{\"__proto__\":{},\"type\"", 1),
            "BUNDLE_INVALID",
            1,
        ),
        (bundle.replacen("\"v\":1", "\"v\":2", 1), "TOO_NEW", 1),
        (format!("{bundle}x"), "BUNDLE_INVALID", lines + 1),
    ] {
        let refusal = there.take(given.as_bytes(), json!({})).await.unwrap_err();
        refusal.says(code, &[&format!("line {line} "), "expected", "found"]);
        assert_eq!(refusal.details["line"], line, "{refusal:?}");
    }
    // It says so again, and again.
    let import = there.import(json!({})).await;
    for _ in 0..2 {
        let refusal = call(&import, "push", &[bytes(b"{}\n")]).await.unwrap_err();
        refusal.says("BUNDLE_INVALID", &["line 1 "]);
    }
    let refusal = call(&import, "finish", &[]).await.unwrap_err();
    refusal.says("BUNDLE_INVALID", &["line 1 "]);
    assert_eq!(there.projects().await, 0);
}

async fn r74_a_bundle_over_a_limit_is_refused(storage: &str) {
    let (here, there) = (Store::new(storage).await, Store::new(storage).await);
    here.half_way().await;
    let bundle = here.bundle(None).await;
    for (limit, most) in [
        ("bytes", bundle.len() - 1),
        ("lines", 4),
        ("line_bytes", 90),
    ] {
        let options = json!({ "limits": { limit: most } });
        let refusal = there.take(&bundle, options).await.unwrap_err();
        refusal.says("BUNDLE_TOO_LARGE", &["expected at most", "found"]);
        assert_eq!(
            (&refusal.details["limit"], &refusal.details["most"]),
            (&json!(limit), &json!(most))
        );
    }
    let enough = json!({ "limits": { "bytes": bundle.len() } });
    there.take(&bundle, enough).await.unwrap();

    // What grows beyond measure.
    let import = there.import(json!({ "as_copies": true })).await;
    let lines: Vec<_> = bundle
        .split_inclusive(|byte| *byte == b'\n')
        .take(3)
        .collect();
    let at = lines[2].windows(8).position(|part| part == b"\"entry\":");
    let at = lines[2]
        .iter()
        .rposition(|byte| *byte == b'{')
        .filter(|_| at.is_some());
    let begun = [lines[0], lines[1], &lines[2][..=at.unwrap()], b"\"x\":\""].concat();
    call_now(&import, "compressed", &[100.into()]).unwrap();
    call(&import, "push", &[bytes(&begun)]).await.unwrap();
    let chunk = bytes(&vec![b'a'; 4 << 20]);
    let mut pushed = 0;
    let refusal = loop {
        call_now(&import, "compressed", &[(200 + pushed).into()]).unwrap();
        match call(&import, "push", std::slice::from_ref(&chunk)).await {
            Ok(_) => pushed += 1,
            Err(refusal) => break refusal,
        }
    };
    refusal.says("BUNDLE_TOO_LARGE", &["200 times"]);
    assert_eq!(refusal.details["limit"], "ratio");
    assert_eq!(pushed, 3, "up to 16 MiB it does no harm");
    assert_eq!(there.projects().await, 1);
}

async fn r49_a_deleted_project_comes_back_only_if_that_is_said(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.half_way().await;
    let journal = store.journal(&project).await;
    let bundle = store.bundle(None).await;
    store
        .execute(&project, json!({ "type": "delete_project" }))
        .await;
    let refusal = store.take(&bundle, json!({})).await.unwrap_err();
    refusal.says("REMOVED", &[text(&project)]);
    // One that is gone can't be exported.
    let refusal = store.refused("export", &[plain(&json!([project]))]).await;
    refusal.says("REMOVED", &[text(&project)]);
    store
        .take(&bundle, json!({ "revive": true }))
        .await
        .unwrap();
    assert_eq!(store.journal(&project).await, journal);
    store.is_sound(&project).await;
}

async fn r74_calls_may_overlap_and_have_their_turn(storage: &str) {
    let (here, there) = (Store::new(storage).await, Store::new(storage).await);
    let (project, _) = here.half_way().await;
    let whole = here.bundle(None).await;
    let export = here.export(None).await;
    let pieces: Vec<_> = (0..4).map(|_| begin(&export, "next", &[])).collect();
    call_now(&export, "free", &[]).unwrap();
    let mut bundle = Vec::new();
    for piece in pieces {
        let piece = ended(piece, "next").await.unwrap();
        if let Ok(piece) = piece.dyn_into::<Uint8Array>() {
            bundle.extend(piece.to_vec());
        }
    }
    assert_eq!(bundle.len(), whole.len());

    let import = there.import(json!({})).await;
    let mut calls: Vec<_> = bundle
        .chunks(700)
        .map(|piece| begin(&import, "push", &[bytes(piece)]))
        .collect();
    calls.extend([begin(&import, "finish", &[]), begin(&import, "finish", &[])]);
    call_now(&import, "free", &[]).unwrap();
    let last = calls.pop().unwrap();
    for promise in calls {
        ended(promise, "a call").await.unwrap();
    }
    let refusal = Refusal::of(&ended(last, "finish").await.unwrap_err());
    refusal.says("CLOSED", &["expected an import", "finished"]);
    assert_eq!(there.journal(&project).await, here.journal(&project).await);
}

async fn r74_what_makes_no_sense_is_refused_and_changes_nothing(storage: &str) {
    let store = Store::new(storage).await;
    let (project, _) = store.half_way().await;
    for projects in [
        json!(7),
        json!("all"),
        json!(["short"]),
        json!([project, null]),
        json!({ "projects": [project] }),
        Value::Null,
    ] {
        let refusal = store.refused("export", &[plain(&projects)]).await;
        refusal.says("INVALID_INPUT", &["expected", "found"]);
    }
    let refusal = store.refused("export", &[plain(&json!([id(9)]))]).await;
    refusal.says("PROJECT_NOT_FOUND", &[&id(9)]);
    for options in [
        json!(7),
        json!({ "asCopies": true }),
        json!({ "as_copies": 1 }),
        json!({ "limits": { "bytes": -1 } }),
        json!({ "limits": { "megabytes": 1 } }),
    ] {
        let refusal = store.refused("import", &[plain(&options)]).await;
        refusal.says("INVALID_INPUT", &["expected", "found"]);
    }
    let bundle = store.bundle(None).await;
    let import = store.import(json!({ "as_copies": true })).await;
    let wrong = [
        "'text'",
        "undefined",
        "null",
        "[1, 2]",
        "new ArrayBuffer(8)",
        "new Uint16Array(3)",
    ];
    for wrong in wrong {
        let refusal = call(&import, "push", &[js(wrong)]).await.unwrap_err();
        refusal.says("INVALID_INPUT", &["expected a Uint8Array", "found"]);
    }
    for wrong in ["-1", "1.5", "NaN", "'7'", "undefined", "2 ** 53"] {
        let thrown = call_now(&import, "compressed", &[js(wrong)]).unwrap_err();
        Refusal::of(&thrown).says("INVALID_INPUT", &["expected an integer", "found"]);
    }
    // It goes on all the same.
    call(&import, "push", &[bytes(b"")]).await.unwrap();
    call(&import, "push", &[bytes(&bundle)]).await.unwrap();
    call(&import, "finish", &[]).await.unwrap();
    assert_eq!(store.projects().await, 2);

    let export = store.export(None).await;
    store.call_now("close", &[]).unwrap();
    store.refused("export", &[]).await.says("CLOSED", &[]);
    store.refused("import", &[]).await.says("CLOSED", &[]);
    if storage == "indexeddb" {
        let refusal = call(&export, "next", &[]).await.unwrap_err();
        refusal.says("CLOSED", &[]);
    }
}

async fn r74_a_bundle_of_twenty_megabytes_goes_through(storage: &str) {
    let name = fresh_name();
    let (here, there) = (
        Store::new(storage).await,
        Store::named(storage, &name).await,
    );
    let (project, _) = here.project().await;
    // As long as they may be, and four bytes a character.
    let compasses = "\u{1F9ED}".repeat(95_000);
    for n in 0..12 {
        let items = (0..5).map(|m| {
            let body = format!("{n} {m} {compasses}");
            json!({ "agent": "coder", "kind": "note", "body": body })
        });
        let items: Vec<_> = items.collect();
        here.outcome(&project, json!({ "type": "add_context", "items": items }))
            .await;
    }
    let bundle = here.bundle(None).await;
    assert!(bundle.len() > 20 << 20, "{}", bundle.len());
    // All at once: it is taken in slices.
    let import = there.import(json!({})).await;
    call(&import, "push", &[bytes(&bundle)]).await.unwrap();
    let of = progress(&import, "ImportProgress");
    assert_eq!(
        (&of["bytes"], &of["bodies"]),
        (&json!(bundle.len()), &json!(60))
    );
    call(&import, "finish", &[]).await.unwrap();
    assert_eq!(there.journal(&project).await, here.journal(&project).await);
    there.is_sound(&project).await;
}
