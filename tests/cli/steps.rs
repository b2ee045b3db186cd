//! `step …`: steps done by hand.

use super::made::plan_without_recording;
use crate::program::{Place, text};
use serde_json::{Value, json};

#[test]
fn r54_a_step_is_started_failed_taken_over_and_completed() {
    let place = Place::new();
    let plan = plan_without_recording(&place);
    let first = place.json(&["step", "start", &plan])["outcome"].take();
    assert_eq!((&first["step"], &first["attempt"]), (&json!(0), &json!(1)));
    let failed = [
        "step",
        "fail",
        &plan,
        "--attempt",
        "1",
        "--error",
        "no luck",
    ];
    let failed = place.json(&failed)["outcome"].take();
    assert_eq!(
        (&failed["failures"], &failed["state"]),
        (&json!(1), &json!("implementing"))
    );
    let said = place.text(&["step", "show", &plan, "0"]);
    assert!(
        said.contains("state failed") && said.contains("error:\nno luck"),
        "{said}"
    );
    let again = place.json(&["step", "start", &plan, "--step", "0"])["outcome"].take();
    assert_eq!(again["id"], first["id"], "the same key in every attempt");
    let complete = ["step", "complete", &plan, "--attempt", "2"];
    let result = r#"{ "n": 1.0 }"#;
    let done = place.json(&[&complete[..], &["--output", result]].concat());
    assert_eq!(done["outcome"]["state"], "implementing");
    let shown = place.json(&["step", "show", &plan, "0"]);
    assert_eq!(shown["output"], result, "as it was given");
    assert_eq!(
        (
            &shown["state"],
            &shown["attempt"],
            &shown["output_redacted"]
        ),
        (&json!("completed"), &json!(2), &Value::Null)
    );

    let said = place.text(&["step", "start", &plan]);
    assert!(
        said.starts_with("step 1 started, attempt 3\nits idempotency key: 01"),
        "{said}"
    );
    let file = place.write("out.json", "[1, 2]");
    let complete = ["step", "complete", &plan, "--attempt", "3", "--output-file"];
    let said = place.text(&[&complete[..], &[file.to_str().unwrap()]].concat());
    assert_eq!(said, "step 1 completed, attempt 3; the plan is completed\n");
    let said = place.text(&["step", "show", &plan, "1"]);
    assert!(said.contains("output:\n[1, 2]"), "{said}");
}

#[test]
fn a_step_that_fails_too_often_fails_the_plan() {
    let place = Place::new();
    let plan = plan_without_recording(&place);
    for attempt in ["1", "2", "3"] {
        place.text(&["step", "start", &plan]);
        let fail = ["step", "fail", &plan, "--attempt", attempt, "--error", "no"];
        place.text(&fail);
    }
    let shown = place.plan(&plan);
    assert_eq!(shown["next"], json!({"type": "over", "state": "failed"}));
    let said = place.text(&["history", &text(&shown["project_id"])]);
    assert!(
        said.contains("step 0 of plan 1 failed, attempt 3: “no”; plan failed"),
        "{said}"
    );
}

#[test]
fn r28_an_output_is_removed_for_good() {
    let place = Place::new();
    let plan = plan_without_recording(&place);
    let redact = ["step", "redact", &plan, "0", "--reason", "leaked"];
    place.refuses(&redact, "NOTHING_TO_REDACT", 1);
    place.text(&["step", "start", &plan]);
    let complete = ["step", "complete", &plan, "--attempt", "1", "--output"];
    place.text(&[&complete[..], &["\"swordfish\""]].concat());
    let outcome = place.json(&redact)["outcome"].take();
    assert_eq!(outcome["type"], "body_redacted");
    let shown = place.json(&["step", "show", &plan, "0"]);
    assert_eq!(shown["output"], Value::Null);
    assert_eq!(
        (
            &shown["output_redacted"]["by"],
            &shown["output_redacted"]["reason"]
        ),
        (&json!("cli"), &json!("leaked"))
    );
    let said = place.text(&["step", "show", &plan, "0"]);
    assert!(
        said.contains("output: removed for good by cli at "),
        "{said}"
    );
    assert!(said.contains(": leaked"), "{said}");
    assert!(!place.tables().join("\n").contains("swordfish"));
    // It is so already.
    assert_eq!(place.json(&redact)["outcome"], outcome);
    place.is_sound();
}

#[test]
fn r28_an_output_that_was_reverted_is_found_in_the_history_and_removed_for_good() {
    let place = Place::new();
    let plan = plan_without_recording(&place);
    let project = text(&place.plan(&plan)["project_id"]);
    place.text(&["step", "start", &plan]);
    let complete = ["step", "complete", &plan, "--attempt", "1", "--output"];
    place.text(&[&complete[..], &["\"swordfish\""]].concat());
    let revert = ["plan", "revert", &plan, "--to", "implementing"];
    place.text(&[&revert[..], &["--from-step", "0"]].concat());
    place.refuses(&["step", "redact", &plan, "0"], "NOTHING_TO_REDACT", 1);
    assert!(place.tables().join("\n").contains("swordfish"));

    let events = place.history(&project).into_iter();
    let mut events = events.flat_map(|entry| entry["events"].as_array().unwrap().clone());
    let completed = events.find(|event| event["type"] == "step_completed");
    let digest = text(&completed.unwrap()["output"]["digest"]);
    let redact = ["project", "redact", &project, &digest, "--reason", "leaked"];
    let said = place.text(&redact);
    assert_eq!(
        said,
        format!("the text with digest {digest} is removed for good\n")
    );
    assert!(!place.tables().join("\n").contains("swordfish"));
    let again = place.json(&redact);
    let outcome = json!({ "type": "body_redacted", "digest": digest });
    assert_eq!(again["outcome"], outcome);
    let unknown = digest.chars().rev().collect::<String>();
    place.refuses(
        &["project", "redact", &project, &unknown],
        "BODY_NOT_FOUND",
        1,
    );
    place.refuses(
        &["project", "redact", &project, &digest[..8]],
        "INVALID_INPUT",
        1,
    );
    let said = place.text(&["history", &project]);
    assert!(said.contains("a text removed for good: “leaked”"), "{said}");
    place.is_sound();
}

#[test]
fn steps_with_something_wrong_in_them_are_refused() {
    let place = Place::new();
    let plan = plan_without_recording(&place);
    place.text(&["step", "start", &plan]);
    let long = format!("\"{}\"", "x".repeat(1 << 20));
    let large = place.write("large.json", &long);
    let complete = ["step", "complete", &plan, "--attempt", "1"];
    for (rest, code, exit) in [
        (&["--output", "{"][..], "INVALID_INPUT", 1),
        (&["--output-file", large.to_str().unwrap()], "TOO_LONG", 1),
        (&["--output-file", "nowhere.json"], "FILE_UNREADABLE", 1),
        (&["--output", "1", "--output-file", "f"], "USAGE", 2),
        (&["--attempt", "2"], "USAGE", 2),
    ] {
        place.refuses(&[&complete[..], rest].concat(), code, exit);
    }
    let of_another = ["step", "complete", &plan, "--attempt", "2"];
    place.refuses(&of_another, "STEP_NOT_FOUND", 1);
    let fail = ["step", "fail", &plan, "--attempt", "1"];
    place.refuses(&fail, "USAGE", 2);
    place.refuses(&[&fail[..], &["--error", " "]].concat(), "INVALID_INPUT", 1);
    for (step, code) in [("1", "INVALID_TRANSITION"), ("2", "STEP_NOT_FOUND")] {
        place.refuses(&["step", "start", &plan, "--step", step], code, 1);
    }
    place.refuses(&["step", "start", &plan, "--step", "one"], "USAGE", 2);
    place.refuses(&["step", "show", &plan, "2"], "STEP_NOT_FOUND", 1);
    place.refuses(&["step", "show", &plan, "-1"], "USAGE", 2);
    place.refuses(&["step", "redact", &plan, "2"], "STEP_NOT_FOUND", 1);
    for command in [
        &["step", "start", "7Z"][..],
        &["step", "show", "7Z", "0"],
        &["step", "redact", "7Z", "0"],
        &["step", "fail", "7Z", "--attempt", "1", "--error", "e"],
        &["step", "complete", "7Z", "--attempt", "1"],
    ] {
        place.refuses(command, "PLAN_NOT_FOUND", 1);
    }
}

#[test]
fn r54_a_late_result_is_refused() {
    let place = Place::new();
    let plan = plan_without_recording(&place);
    place.text(&["step", "start", &plan]);
    place.text(&["step", "start", &plan]);
    let late = ["step", "complete", &plan, "--attempt", "1"];
    place.refuses(&late, "SUPERSEDED", 1).says("attempt 2 is");
}
