//! R50: `history` with filters, and as JSON lines.

use crate::program::{Answer, Place, list, text};
use serde_json::{Value, json};
use std::process::Stdio;

/// No revision.
const NONE: [u64; 0] = [];

/// A project with two plans, of which one was cancelled by somebody else.
fn two_plans() -> (Place, String, [String; 2]) {
    let place = Place::new();
    let created = place.json(&["project", "create", "made"]);
    let project = text(&created["project"]);
    let plan = |request: &str| {
        let create = [
            "plan",
            "create",
            "--project",
            &project,
            "--request",
            request,
            "--step",
            "one",
        ];
        text(&place.json(&create)["outcome"]["plan"])
    };
    let plans = [plan("first"), plan("second")];
    place.text(&["plan", "start", &plans[0]]);
    let cancel = ["plan", "cancel", &plans[1], "--actor", "Ada Lovelace"];
    place.text(&cancel);
    place.text(&["project", "rename", &project, "renamed"]);
    (place, project, plans)
}

fn revisions(entries: &[Value]) -> Vec<u64> {
    let revisions = entries.iter().map(|entry| entry["revision"].as_u64());
    revisions.map(Option::unwrap).collect()
}

fn lines(out: &str) -> Vec<Value> {
    let lines = out.lines().map(crate::program::document);
    lines.collect()
}

#[test]
fn r50_history_is_filtered_by_plan_actor_type_and_time() {
    let (place, project, [first, second]) = two_plans();
    let find = |filters: &[&str]| {
        let command = [&["history", &project][..], filters].concat();
        let found = revisions(&list(&place.json(&command)));
        let lines = [&command[..], &["--json-lines"]].concat();
        assert_eq!(revisions(&self::lines(&place.text(&lines))), found);
        // A heading, and a line for each.
        assert_eq!(place.text(&command).lines().count(), 1 + found.len());
        found
    };
    assert_eq!(find(&[]), [1, 2, 3, 4, 5, 6]);
    assert_eq!(find(&["--plan", &first]), [2, 4]);
    assert_eq!(find(&["--plan", &second.to_lowercase()]), [3, 5]);
    assert_eq!(find(&["--by", "Ada Lovelace"]), [5]);
    assert_eq!(find(&["--by", "nobody"]), NONE);
    assert_eq!(find(&["--type", "plan_created"]), [2, 3]);
    let two = ["--type", "plan_cancelled", "--type", "project_renamed"];
    assert_eq!(find(&two), [5, 6]);
    assert_eq!(find(&["--newest-first", "--limit", "2"]), [6, 5]);
    assert_eq!(find(&["--limit", "3"]), [1, 2, 3]);
    assert_eq!(find(&["--until", "2020-01-01T00:00:00Z"]), NONE);
    assert_eq!(find(&["--from", "2020-01-01T01:00:00+01:00"]).len(), 6);
    let both = ["--plan", &second, "--type", "plan_created"];
    assert_eq!(find(&both), [3]);
}

#[test]
fn r50_plans_go_by_their_numbers_though_their_making_is_not_shown() {
    let (place, project, [_, second]) = two_plans();
    let filtered = ["history", &project, "--type", "plan_cancelled"];
    let said = place.text(&filtered);
    assert!(said.contains("plan 2 cancelled"), "{said}");
    let back = place.text(&["history", &project, "--newest-first", "--plan", &second]);
    assert!(back.contains("plan 2 cancelled"), "{back}");
}

#[test]
fn r50_each_json_line_says_who_did_what_when_and_stands_for_itself() {
    let (place, project, _) = two_plans();
    let said = lines(&place.text(&["history", &project, "--json-lines"]));
    let entries = place.history(&project);
    assert_eq!(said.len(), entries.len());
    for (line, entry) in said.iter().zip(&entries) {
        let mut expected = entry.as_object().unwrap().clone();
        expected.remove("v");
        expected.insert("project".to_owned(), json!(project));
        expected.insert("digest".to_owned(), line["digest"].clone());
        assert_eq!(*line, Value::Object(expected));
        let digest: String = place
            .sql()
            .query_row(
                "SELECT lower(hex(digest)) FROM entries WHERE revision = ?1",
                [line["revision"].as_i64().unwrap()],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(line["digest"], digest);
    }
    assert_eq!(said[4]["actor"], "Ada Lovelace");
    assert_eq!(said[4]["events"][0]["type"], "plan_cancelled");
}

#[test]
fn r50_a_plan_that_a_rollback_took_away_is_found() {
    let (place, project, _) = two_plans();
    let checkpoint = place.json(&["checkpoint", "create", &project, "--name", "here"]);
    let checkpoint = text(&checkpoint["outcome"]["checkpoint"]);
    let create = [
        "plan",
        "create",
        "--project",
        &project,
        "--request",
        "third",
        "--step",
        "one",
    ];
    let third = text(&place.json(&create)["outcome"]["plan"]);
    place.text(&["project", "rollback", &project, &checkpoint]);
    let found = place.json(&["history", &project, "--plan", &third]);
    assert_eq!(list(&found).len(), 2, "made and taken away");
}

#[test]
fn r50_what_makes_no_sense_is_refused() {
    let (place, project, _) = two_plans();
    let refuses = |filters: &[&str], code: &str, exit: i32| {
        let command = [&["history", &project][..], filters].concat();
        place.refuses(&command, code, exit)
    };
    let (noon, one) = ("2026-01-01T12:00:00Z", "2026-01-01T13:00:00Z");
    let backwards = refuses(&["--from", one, "--until", noon], "INVALID_INPUT", 1);
    backwards.says("2026-01-01T13:00:00.000Z");
    refuses(&["--from", "yesterday"], "INVALID_INPUT", 1);
    refuses(&["--by", " "], "INVALID_INPUT", 1);
    let unknown = refuses(&["--type", "plan_made"], "INVALID_INPUT", 1);
    unknown.says("plan_created");
    refuses(&["--plan", "01ZZZZ"], "PLAN_NOT_FOUND", 1);
    refuses(&["--plan", ""], "PLAN_NOT_FOUND", 1);
    refuses(&["--plan", "0"], "AMBIGUOUS_ID", 1);
    refuses(&["--limit", "0"], "USAGE", 2);
    refuses(&["--limit", "-1"], "USAGE", 2);
    place.refuses(
        &["history", "01ZZZZ", "--json-lines"],
        "PROJECT_NOT_FOUND",
        1,
    );
}

/// More than a pipe holds, so that it is written to after its reader has gone.
#[test]
fn r50_json_lines_end_quietly_when_their_reader_has_read_enough() {
    let (place, project, _) = two_plans();
    for _ in 0..30 {
        let reason = "why ".repeat(490);
        place.text(&["project", "pause", &project, "--reason", &reason]);
        place.text(&["project", "resume", &project]);
    }
    let export = ["history", &project, "--json-lines"];
    let whole = place.text(&export);
    assert!(whole.len() > 70_000, "{}", whole.len());
    let mut child = place
        .command(&export)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let answer = Answer::of(&child.wait_with_output().unwrap());
    assert_eq!((answer.exit, answer.err.as_str()), (0, ""));
}
