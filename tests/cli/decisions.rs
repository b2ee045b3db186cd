//! Submissions and decisions, from files and with something wrong in them; and how one is reversed.

use super::desk::{Desk, GATES, is_at};
use serde_json::{Value, json};

#[test]
fn a_plan_can_be_submitted_from_a_file() {
    let desk = Desk::with("plan");
    let words = "# The plan\n\nin two parts\n";
    let file = desk.place.write("plan.md", words);
    let submit = ["--file", file.to_str().unwrap(), "--step", "one"];
    is_at(&desk.plan("submit", &submit), "plan_awaiting_approval", 1);
    let shown = desk.place.plan(&desk.plan);
    assert_eq!(shown["submitted"]["text"], words);
    let shown = desk.place.text(&["plan", "show", &desk.plan]);
    assert!(shown.contains("# The plan\n\nin two parts"), "{shown}");
}

#[test]
fn r55_a_decision_on_another_submission_is_refused() {
    let desk = Desk::with("plan");
    desk.submit("first");
    desk.boss("reject", "1", &["--reason", "no"]);
    desk.submit("second");
    let on = |number| ["plan", "approve", &desk.plan, "--submission", number];
    desk.place
        .refuses(&on("1"), "SUPERSEDED", 1)
        .says("submission 2 does");
    desk.place.refuses(&on("3"), "SUBMISSION_NOT_FOUND", 1);
    desk.place.refuses(&on("0"), "SUBMISSION_NOT_FOUND", 1);
}

#[test]
fn decisions_with_something_wrong_in_them_are_refused() {
    let desk = Desk::with(GATES);
    desk.submit("so");
    let plan = &desk.plan;
    let long = "ä".repeat(2001);
    let on = ["--submission", "1"];
    let reject = ["plan", "reject", plan];
    let nobody = ["plan", "approve", "7Z", "--submission", "1"];
    desk.place.refuses(&nobody, "PLAN_NOT_FOUND", 1);
    for (rest, code, exit) in [
        (
            &["--submission", "1", "--reason", " "][..],
            "INVALID_INPUT",
            1,
        ),
        (&["--submission", "1", "--reason", &long], "TOO_LONG", 1),
        (
            &["--submission", "1", "--reason", "r", "--from-step", "0"],
            "INVALID_INPUT",
            1,
        ),
        (&["--submission", "1"], "USAGE", 2),
        (&["--reason", "r"], "USAGE", 2),
        (&["--submission", "-1", "--reason", "r"], "USAGE", 2),
        (&["--submission", "one", "--reason", "r"], "USAGE", 2),
        (
            &["--submission", "1", "--reason", "r", "--from-step", "x"],
            "USAGE",
            2,
        ),
    ] {
        desk.place
            .refuses(&[&reject[..], rest].concat(), code, exit);
    }
    for command in ["review", "verification"] {
        let record = [&["plan", command, plan], &on[..]].concat();
        let with = |rest: &[&'static str]| [&record[..], rest].concat();
        desk.place
            .refuses(&with(&["--passed"]), "INVALID_TRANSITION", 1);
        desk.place.refuses(&with(&[]), "USAGE", 2);
        desk.place
            .refuses(&with(&["--passed", "--failed"]), "USAGE", 2);
    }
    let implement = ["plan", "implement", plan];
    desk.place
        .refuses(&implement, "INVALID_TRANSITION", 1)
        .says("approve, reject");
    let apply = ["plan", "apply", plan];
    desk.place.refuses(&apply, "INVALID_TRANSITION", 1);

    desk.boss("approve", "1", &[]);
    desk.plan("implement", &[]);
    desk.implement();
    desk.boss("approve", "2", &[]);
    let review = ["plan", "review", plan, "--submission", "3"];
    let blank = ["--passed", "--notes", " "];
    for (rest, says) in [
        (&["--passed", "--from-step", "0"][..], "from_step"),
        (
            &["--failed", "--from-step", "3"],
            "at most the last completed step, 2",
        ),
        (&blank, "blank"),
    ] {
        let refusal = desk
            .place
            .refuses(&[&review[..], rest].concat(), "INVALID_INPUT", 1);
        refusal.says(says);
    }
    desk.boss("review", "3", &["--passed"]);
    let verification = ["plan", "verification", plan, "--submission", "4"];
    let blank = ["--failed", "--details", ""];
    desk.place
        .refuses(&[&verification[..], &blank].concat(), "INVALID_INPUT", 1);
}

#[test]
fn submissions_with_something_wrong_in_them_are_refused() {
    let desk = Desk::with("plan");
    let submit = ["plan", "submit", &desk.plan];
    let missing = desk.place.path("nowhere.md");
    let binary = desk.place.write("binary", [0xff, 0xfe]);
    let long = "ä".repeat(201);
    for (rest, code, exit) in [
        (&["--text", " ", "--step", "a"][..], "INVALID_INPUT", 1),
        (&["--text", "t", "--step", ""], "INVALID_INPUT", 1),
        (&["--text", "t", "--step", &long], "TOO_LONG", 1),
        (
            &["--file", missing.to_str().unwrap(), "--step", "a"],
            "FILE_UNREADABLE",
            1,
        ),
        (
            &["--file", binary.to_str().unwrap(), "--step", "a"],
            "FILE_UNREADABLE",
            1,
        ),
        (&["--text", "t"], "USAGE", 2),
        (&["--step", "a"], "USAGE", 2),
        (&["--text", "t", "--file", "f", "--step", "a"], "USAGE", 2),
    ] {
        desk.place
            .refuses(&[&submit[..], rest].concat(), code, exit);
    }
    let large = desk.place.write("large.md", "x".repeat((1 << 20) + 1));
    let from_file = ["--file", large.to_str().unwrap(), "--step", "a"];
    desk.place
        .refuses(&[&submit[..], &from_file].concat(), "TOO_LONG", 1);
}

#[test]
fn r65_a_plan_is_moved_back_with_a_reason() {
    let desk = Desk::with("implementation");
    desk.submit("so");
    desk.implement();
    let revert = [
        "--to",
        "implementing",
        "--from-step",
        "1",
        "--reason",
        "wrong way",
    ];
    is_at(&desk.plan("revert", &revert), "implementing", Value::Null);
    assert_eq!(desk.next()["step"], 1);
    let said = desk
        .place
        .text(&["plan", "revert", &desk.plan, "--to", "planning"]);
    assert_eq!(said, format!("plan {} is planning\n", desk.plan));
    let history = desk.place.text(&["history", &desk.project]);
    for part in [
        "plan 1 moved back to step 1: “wrong way”",
        "plan 1 moved back to planning",
    ] {
        assert!(history.contains(part), "{part}: {history}");
    }
    let revert = ["plan", "revert", &desk.plan];
    for (rest, code, exit) in [
        (&["--to", "implementing"][..], "INVALID_TRANSITION", 1),
        (
            &["--to", "planning", "--from-step", "0"],
            "INVALID_INPUT",
            1,
        ),
        (&["--to", "completed"], "USAGE", 2),
        (&[], "USAGE", 2),
    ] {
        desk.place
            .refuses(&[&revert[..], rest].concat(), code, exit);
    }
}

#[test]
fn r65_one_decision_is_reversed_by_its_revision() {
    let desk = Desk::with("implementation");
    desk.submit("so");
    desk.implement();
    desk.boss("approve", "1", &[]);
    let history = desk.place.history(&desk.project);
    let approved = history.last().unwrap()["revision"].to_string();
    let rollback = ["plan", "rollback", &desk.plan];
    let before = [
        &rollback[..],
        &["--before", &approved, "--reason", "too soon"],
    ]
    .concat();
    let preview = desk.place.json(&[&before[..], &["--dry-run"]].concat());
    let receipt = desk.place.json(&before);
    assert_eq!(
        receipt["outcome"]["revision"],
        preview["outcome"]["revision"]
    );
    let next = desk.next();
    assert_eq!(
        (&next["type"], &next["submission"]),
        (&json!("decide"), &json!(2))
    );
    let said = desk.place.text(&["history", &desk.project]);
    assert!(
        said.contains("rolled back to revision ") && said.contains("“too soon”"),
        "{said}"
    );
    for (rest, code, exit) in [
        (&["--before", "1"][..], "NOTHING_TO_ROLL_BACK", 1),
        (&["01", "--before", "3"], "USAGE", 2),
        (&["--before", "soon"], "USAGE", 2),
    ] {
        desk.place
            .refuses(&[&rollback[..], rest].concat(), code, exit);
    }
}
