//! `context …` and `agent …`.

use crate::program::{Imported, Place, list, text};
use serde_json::{Value, json};

/// The parser sample with one more item; gives its id.
fn with_a_note() -> (Place, Imported, String) {
    let (place, imported) = Place::with("parser-fix.traj");
    let add = [
        "context",
        "add",
        &imported.project,
        "--agent",
        "eva",
        "--kind",
        "note",
    ];
    let receipt = place.json(&[&add[..], &["--text", "learned"]].concat());
    let item = text(&receipt["outcome"]["items"][0]);
    (place, imported, item)
}

fn ids(items: &Value) -> Vec<String> {
    list(items).iter().map(|item| text(&item["id"])).collect()
}

#[test]
fn r21_context_is_listed_with_tier_and_importance() {
    let (place, imported, note) = with_a_note();
    let of = |rest: &[&str]| {
        let arguments = [&["context", "list", &imported.project], rest].concat();
        ids(&place.json(&arguments))
    };
    assert_eq!(of(&[]).len(), 2, "the request and the note");
    assert_eq!(of(&["--agent", "eva"]), [&*note]);
    assert_eq!(of(&["--plan", &imported.plan]).len(), 1);
    assert!(of(&["--archived"]).is_empty());
    let table = place.text(&["context", "list", &imported.project]);
    assert_eq!(table.lines().count(), 3, "{table}");
    assert!(table.contains("hot (pinned)"), "{table}");
    let line = table.lines().find(|line| line.starts_with(&note)).unwrap();
    let columns: Vec<_> = line.split_whitespace().collect();
    assert_eq!(
        columns[1..6],
        ["eva", "note", "2", "warm", "0.60"],
        "{line}"
    );
}

#[test]
fn an_item_is_added_from_a_file_to_a_plan_and_shown() {
    let (place, imported) = Place::with("parser-fix.traj");
    let body = "line one\n\tline two";
    let file = place.write("note.txt", body);
    let add = [
        "context",
        "add",
        &imported.project,
        "--agent",
        "eva",
        "--kind",
        "code",
    ];
    let rest = ["--file", file.to_str().unwrap(), "--plan", &imported.plan];
    let said = place.text(&[&add[..], &rest].concat());
    let item = said.trim().strip_prefix("item ").unwrap();
    let shown = place.json(&["context", "show", &imported.project, &item[..25]]);
    assert_eq!(
        (&shown["body"], &shown["plan"], &shown["agent"]),
        (&json!(body), &json!(imported.plan), &json!("eva"))
    );
    let said = place.text(&["context", "show", &imported.project, item]);
    assert!(
        said.contains("of agent eva: code") && said.ends_with(&format!("{body}\n")),
        "{said}"
    );
}

#[test]
fn r22_items_are_used_pinned_archived_and_brought_back() {
    let (place, imported, note) = with_a_note();
    let project = &imported.project;
    let change =
        |command: &str| place.json(&["context", command, project, &note])["outcome"].take();
    assert_eq!(
        change("touch"),
        json!({"type": "items_touched", "items": [note]})
    );
    let pinned = |now| json!({"type": "items_pinned", "items": [note], "pinned": now});
    assert_eq!(change("pin"), pinned(true));
    assert_eq!(change("unpin"), pinned(false));
    assert_eq!(change("archive")["items_archived"], 1);
    let archived = place.json(&["context", "list", project, "--archived"]);
    assert_eq!(ids(&archived), [&*note]);
    assert_eq!(change("restore")["items"], json!([note]));
    let said = place.text(&["context", "restore", project, &note]);
    assert_eq!(said, "no item was not active again before\n");
    let said = place.text(&["context", "touch", project, &note, &note]);
    assert_eq!(said, "1 item is used\n");
    let shown = place.json(&["context", "show", project, &note]);
    assert_eq!(shown["access_count"], 3);
    let said = place.text(&["history", project]);
    for part in [
        "1 item of context used",
        "1 item of context pinned",
        "1 item of context unpinned",
        "1 item of context archived",
        "1 item of context active again",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn r23_a_flash_save_runs_when_the_limit_is_near_or_when_forced() {
    let (place, imported, _) = with_a_note();
    let project = &imported.project;
    let limit = place.json(&["agent", "limit", project, "eva", "1"]);
    assert_eq!(
        limit["outcome"],
        json!({"type": "agent_set", "agent": "eva", "token_limit": 1})
    );
    let save = ["context", "flash-save", project];
    let report = place.json(&[&save[..], &["--agent", "eva"]].concat());
    assert_eq!(report["outcome"]["agents"][0]["agent"], "eva");
    assert_eq!(report["outcome"]["agents"][0]["warm_kept"], 1);
    // Of all that have reached their share of the limit: not the other one.
    let report = place.json(&save)["outcome"].take();
    assert_eq!(list(&report["agents"]).len(), 1);
    let said = place.text(&[&save[..], &["--force"]].concat());
    assert!(
        said.contains("0 items archived") && said.contains("  eva: 0 archived"),
        "{said}"
    );
    let said = place.text(&["agent", "limit", project, "eva", "500"]);
    assert_eq!(said, "agent eva: at most 500 tokens of active context\n");
}

#[test]
fn r28_an_item_is_removed_for_good() {
    let (place, imported, note) = with_a_note();
    let project = &imported.project;
    let redact = [
        "context",
        "redact",
        project,
        &note,
        "--reason",
        "a password",
    ];
    assert_eq!(place.json(&redact)["outcome"]["type"], "body_redacted");
    let shown = place.json(&["context", "show", project, &note]);
    assert_eq!(
        (&shown["body"], &shown["redacted"]["reason"]),
        (&Value::Null, &json!("a password"))
    );
    let said = place.text(&["context", "show", project, &note]);
    assert!(
        said.contains("removed for good by cli at ") && said.contains("a password"),
        "{said}"
    );
    let said = place.text(&["history", project]);
    assert!(
        said.contains("a text removed for good: “a password”"),
        "{said}"
    );
    place.is_sound();
}

#[test]
fn context_with_something_wrong_in_it_is_refused() {
    let (place, imported, note) = with_a_note();
    let project = &imported.project;
    let (long, name) = ("x".repeat(100_001), "n".repeat(201));
    let add = ["context", "add", project];
    for (rest, code, exit) in [
        (
            &["--agent", "a", "--kind", "k", "--text", " "][..],
            "INVALID_INPUT",
            1,
        ),
        (
            &["--agent", "a", "--kind", "k", "--text", &long],
            "TOO_LONG",
            1,
        ),
        (
            &["--agent", &name, "--kind", "k", "--text", "t"],
            "TOO_LONG",
            1,
        ),
        (
            &["--agent", "a", "--kind", &name, "--text", "t"],
            "TOO_LONG",
            1,
        ),
        (
            &["--agent", "a", "--kind", "", "--text", "t"],
            "INVALID_INPUT",
            1,
        ),
        (
            &["--agent", "a", "--kind", "k", "--file", "no"],
            "FILE_UNREADABLE",
            1,
        ),
        (
            &["--agent", "a", "--kind", "k", "--text", "t", "--plan", "7Z"],
            "PLAN_NOT_FOUND",
            1,
        ),
        (&["--agent", "a", "--kind", "k"], "USAGE", 2),
        (&["--kind", "k", "--text", "t"], "USAGE", 2),
        (&["--agent", "a", "--text", "t"], "USAGE", 2),
    ] {
        place.refuses(&[&add[..], rest].concat(), code, exit);
    }
    for command in ["touch", "pin", "unpin", "archive", "restore"] {
        let change = ["context", command, project];
        place.refuses(&change, "USAGE", 2);
        place.refuses(&[&change[..], &["7Z"]].concat(), "ITEM_NOT_FOUND", 1);
        place.refuses(&[&change[..], &[&note, ""]].concat(), "ITEM_NOT_FOUND", 1);
        place
            .refuses(&[&change[..], &["0"]].concat(), "AMBIGUOUS_ID", 1)
            .says(&note);
        let nowhere = ["context", command, "7Z", &note];
        place.refuses(&nowhere, "PROJECT_NOT_FOUND", 1);
    }
    for command in ["show", "redact"] {
        place.refuses(&["context", command, project, "7Z"], "ITEM_NOT_FOUND", 1);
    }
    let list = ["context", "list", project];
    place.refuses(
        &[&list[..], &["--plan", "7Z"]].concat(),
        "PLAN_NOT_FOUND",
        1,
    );
    place.refuses(&[&list[..], &["--agent", ""]].concat(), "INVALID_INPUT", 1);
    let save = ["context", "flash-save", project, "--agent", "nobody"];
    place.refuses(&save, "AGENT_NOT_FOUND", 1);
    for (tokens, code, exit) in [("0", "INVALID_INPUT", 1), ("many", "USAGE", 2)] {
        place.refuses(&["agent", "limit", project, "eva", tokens], code, exit);
    }
    place.refuses(&["agent", "limit", project, " ", "5"], "INVALID_INPUT", 1);
}
