//! Projects and plans made by hand, and a project's own moves.

use crate::program::{Place, list, text};
use serde_json::{Value, json};

fn project(place: &Place, rest: &[&str]) -> String {
    let receipt = place.json(&[&["project", "create", "made"], rest].concat());
    assert_eq!(
        receipt["outcome"],
        json!({"type": "project_created", "plan": null})
    );
    text(&receipt["project"])
}

#[test]
fn a_new_project_makes_its_store() {
    let place = Place::new();
    let said = place.text(&["project", "create", "first of all"]);
    let id = said.trim().strip_prefix("project ").unwrap();
    let shown = place.json(&["project", "show", id]);
    assert_eq!(
        (&shown["name"], &shown["status"], &shown["origin"]),
        (&json!("first of all"), &json!("active"), &Value::Null)
    );
    assert_eq!(shown["settings"]["flash_save"], "always");
}

#[test]
fn a_new_project_that_is_refused_makes_no_store() {
    let place = Place::new();
    let long = "ä".repeat(201);
    for (rest, code, exit) in [
        (&[" "][..], "INVALID_INPUT", 1),
        (&[&*long], "TOO_LONG", 1),
        (&["x", "--status", "paused"], "USAGE", 2),
        (&["x", "--token-limit", "0"], "USAGE", 2),
        (&["x", "--flash-save", "sometimes"], "USAGE", 2),
        (&[], "USAGE", 2),
    ] {
        place.refuses(&[&["project", "create"], rest].concat(), code, exit);
    }
    assert!(!place.store().exists());
}

#[test]
fn a_project_moves_from_init_to_completed_by_hand() {
    let place = Place::new();
    let settings = ["--token-limit", "500", "--flash-save", "over-threshold"];
    let id = project(&place, &[&["--status", "init"], &settings[..]].concat());
    let shown = place.json(&["project", "show", &id]);
    assert_eq!(
        shown["settings"],
        json!({"token_limit": 500, "flash_save": "over-threshold"})
    );
    let status = |command: &str| {
        let receipt = place.json(&["project", command, &id]);
        assert_eq!(receipt["outcome"]["type"], "project_status_changed");
        text(&receipt["outcome"]["status"])
    };
    place.refuses(&["project", "complete", &id], "INVALID_TRANSITION", 1);
    assert_eq!(status("plan"), "planning");
    place.refuses(&["project", "plan", &id], "INVALID_TRANSITION", 1);
    assert_eq!(status("start"), "active");
    let said = place.text(&["project", "stop", &id, "--reason", "no budget"]);
    assert_eq!(said, format!("project {id} is stopped\n"));
    let create = ["plan", "create", "--project", &id, "--request", "r"];
    place.refuses(&create, "PROJECT_STOPPED", 1);
    assert_eq!(status("start"), "active");
    let plan = text(&place.json(&create)["outcome"]["plan"]);
    place
        .refuses(&["project", "complete", &id], "PLANS_UNFINISHED", 1)
        .says("found 1");
    place.text(&["plan", "cancel", &plan]);
    assert_eq!(status("complete"), "completed");
    place.refuses(&["project", "start", &id], "PROJECT_COMPLETED", 1);
    let renamed = place.json(&["project", "rename", &id, "an archive"]);
    assert_eq!(
        renamed["outcome"],
        json!({"type": "project_renamed", "name": "an archive"})
    );
    let said = place.text(&["history", &id]);
    for part in [
        "project “made” made, init",
        "planning begun",
        "project started",
        "project stopped: “no budget”",
        "plan 1 cancelled",
        "project completed",
        "project renamed “an archive”",
    ] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn moves_with_something_wrong_in_them_are_refused() {
    let place = Place::new();
    let id = project(&place, &[]);
    let long = "ä".repeat(2001);
    let stop = ["project", "stop", &id, "--reason", &long];
    place.refuses(&stop, "TOO_LONG", 1);
    place.refuses(&["project", "rename", &id, ""], "INVALID_INPUT", 1);
    place.refuses(&["project", "rename", &id], "USAGE", 2);
    for command in ["plan", "start", "stop", "complete"] {
        place.refuses(&["project", command, "7Z"], "PROJECT_NOT_FOUND", 1);
    }
}

#[test]
fn r44_a_plan_is_made_with_steps_and_settings() {
    let place = Place::new();
    let id = project(&place, &[]);
    let create = [
        "plan",
        "create",
        "--project",
        &id[..20],
        "--request",
        "do it",
    ];
    let rest = [
        "--step",
        "one",
        "--step",
        "two",
        "--gate",
        "review,plan",
        "--gate",
        "verification",
        "--max-reversions",
        "1",
        "--max-attempts",
        "2",
        "--checkpoint-interval",
        "0",
    ];
    let said = place.text(&[&create[..], &rest].concat());
    let plan = said.trim().strip_prefix("plan ").unwrap();
    let shown = place.plan(plan);
    assert_eq!(
        shown["settings"],
        json!({
            "gates": {"plan": true, "implementation": false, "review": true, "verification": true},
            "max_reversions": 1,
            "max_attempts": 2,
            "auto_checkpoint_interval": 0,
        })
    );
    assert_eq!(list(&shown["steps"])[1]["title"], "two");
    assert_eq!(
        shown["next"],
        json!({"type": "held", "hold": "not_started"})
    );
    let started = place.json(&["plan", "start", plan]);
    assert_eq!(started["outcome"]["state"], "planning", "its gate is on");
    place.refuses(&["plan", "start", plan], "INVALID_TRANSITION", 1);

    let ungated = place.json(&[&create[..], &["--step", "only"]].concat());
    let ungated = text(&ungated["outcome"]["plan"]);
    let started = place.json(&["plan", "start", &ungated]);
    assert_eq!(started["outcome"]["state"], "implementing");
    let settings = place.plan(&ungated)["settings"].take();
    assert_eq!(settings["max_reversions"], 3, "as usual");
}

#[test]
fn plans_with_something_wrong_in_them_are_refused() {
    let place = Place::new();
    let id = project(&place, &[]);
    let create = ["plan", "create", "--project", &id];
    let long = "ä".repeat(201);
    for (rest, code, exit) in [
        (&["--request", " "][..], "INVALID_INPUT", 1),
        (&["--request", "r", "--step", &long], "TOO_LONG", 1),
        (&["--request", "r", "--step", " "], "INVALID_INPUT", 1),
        (
            &["--request", "r", "--max-attempts", "0"],
            "INVALID_INPUT",
            1,
        ),
        (&["--request", "r", "--gate", "door"], "USAGE", 2),
        (&["--request", "r", "--max-reversions", "-1"], "USAGE", 2),
        (
            &["--request", "r", "--checkpoint-interval", "often"],
            "USAGE",
            2,
        ),
        (&[], "USAGE", 2),
    ] {
        place.refuses(&[&create[..], rest].concat(), code, exit);
    }
    let nowhere = ["plan", "create", "--project", "7Z", "--request", "r"];
    place.refuses(&nowhere, "PROJECT_NOT_FOUND", 1);
    let homeless = ["plan", "create", "--request", "r"];
    place.refuses(&homeless, "USAGE", 2);
    for command in [&["plan", "start", "7Z"][..], &["plan", "apply", "7Z"]] {
        place.refuses(command, "PLAN_NOT_FOUND", 1);
    }
    let fail = ["plan", "fail", "7Z", "--error", "e"];
    place.refuses(&fail, "PLAN_NOT_FOUND", 1);
    place.refuses(&["plan", "fail", "7Z"], "USAGE", 2);
    place.refuses(&["plan", "fail", "7Z", "--error", ""], "INVALID_INPUT", 1);
}

#[test]
fn r67_a_project_is_forked_from_a_checkpoint_a_revision_or_now() {
    let (place, imported) = Place::with("parser-fix.traj");
    place.text(&["plan", "run", &imported.plan, "--steps", "2"]);
    let source = &imported.project;
    let create = ["checkpoint", "create", source, "--name", "here"];
    let here = text(&place.json(&create)["outcome"]["checkpoint"]);
    let revision = place.history(source).len();
    place.text(&["plan", "run", &imported.plan, "--steps", "2"]);
    let fork = |rest: &[&str]| {
        let receipt = place.json(&[&["project", "fork", source], rest].concat());
        let origin = &receipt["outcome"]["origin"];
        assert_eq!(origin["project"], *source);
        let shown = place.json(&["project", "show", &text(&receipt["project"])]);
        assert_eq!(shown["origin"], *origin);
        (
            text(&shown["name"]),
            usize::try_from(origin["revision"].as_u64().unwrap()).unwrap(),
            shown["plan_list"][0]["last_completed_step"]
                .as_i64()
                .unwrap(),
        )
    };
    let at = |point: &str| fork(&["--at", point, "--name", "other"]);
    let then = ("other".to_owned(), revision, 1);
    assert_eq!(at(&here), then);
    assert_eq!(at(&here[..25].to_lowercase()), then);
    assert_eq!(at(&format!("@{revision}")), then);
    assert_eq!(fork(&[]), ("parser-fix".to_owned(), revision + 4, 3));
    let said = place.text(&["project", "fork", source, "--at", "@1"]);
    let project = said
        .lines()
        .next()
        .unwrap()
        .strip_prefix("project ")
        .unwrap();
    let made_of = format!("made of project {source} at revision 1");
    assert!(said.contains(&made_of), "{said}");
    assert!(place.text(&["project", "show", project]).contains(&made_of));
    assert!(place.text(&["history", project]).contains(&made_of));
    place.is_sound();
}

#[test]
fn r67_a_fork_that_cannot_be_is_refused() {
    let (place, imported) = Place::with("parser-fix.traj");
    let fork = ["project", "fork", &imported.project];
    let long = "ä".repeat(201);
    for (rest, code, exit) in [
        (&["--at", "@99"][..], "REVISION_NOT_FOUND", 1),
        (&["--at", "@0"], "INVALID_INPUT", 1),
        (&["--at", "@"], "INVALID_INPUT", 1),
        (&["--at", "yesterday"], "CHECKPOINT_NOT_FOUND", 1),
        (
            &["--at", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"],
            "CHECKPOINT_NOT_FOUND",
            1,
        ),
        (&["--name", " "], "INVALID_INPUT", 1),
        (&["--name", &long], "TOO_LONG", 1),
        (&["--at"], "USAGE", 2),
    ] {
        place.refuses(&[&fork[..], rest].concat(), code, exit);
    }
    place.refuses(&["project", "fork", "7Z"], "PROJECT_NOT_FOUND", 1);
}

#[test]
fn r60_a_checkpoint_is_shown_with_all_that_was_said_of_it() {
    let (place, imported) = Place::with("parser-fix.traj");
    let project = &*imported.project;
    let create = ["checkpoint", "create", project, "--name", "here"];
    let said = [
        "--plan",
        &imported.plan,
        "--description",
        "before the risky part",
        "--reason",
        "to be sure",
        "--source-tool",
        "ci",
        "--phase",
        "refactoring",
        "--external-ref",
        "git:0a1b",
        "--data",
        r#"{"a": 1.0}"#,
        "--pin",
        "--actor",
        "eva",
    ];
    let receipt = place.json(&[&create[..], &said].concat());
    let id = text(&receipt["outcome"]["checkpoint"]);
    let shown = place.text(&["checkpoint", "show", project, &id]);
    let time = text(&place.history(project).last().unwrap()["at"]);
    let expected = format!(
        "checkpoint {id} (number 2): here\n\
         of plan {} of project {project}, at revision 2\n\
         manual, pinned\n\
         taken {time} by eva\n\
         then: plans completed 0 of 1, active agents 1, items 1, tokens 64\n\
         description: before the risky part\n\
         reason: to be sure\n\
         source tool: ci\n\
         phase: refactoring\n\
         external reference: git:0a1b\n\
         data: {{\"a\": 1.0}}\n",
        imported.plan
    );
    assert_eq!(shown, expected);

    // Of one of which nothing was said, nothing is said; the fields are there all the same.
    let bare = text(&place.json(&["checkpoint", "list", project])[0]["checkpoint"]);
    let shown = place.text(&["checkpoint", "show", &project[..6], &bare]);
    assert!(
        !shown.contains("description") && !shown.contains("data"),
        "{shown}"
    );
    let shown = place.json(&["checkpoint", "show", project, &bare]);
    for field in ["description", "external_ref", "data", "reason"] {
        assert_eq!(shown.get(field), Some(&Value::Null), "{field}");
    }
    assert_eq!(shown["trigger"], "phase_transition");

    // It changes nothing, and a rollback's own is known as that.
    place.text(&["plan", "run", &imported.plan, "--steps", "2"]);
    place.text(&["plan", "rollback", &imported.plan, &bare]);
    let taken = list(&place.json(&["checkpoint", "list", project]));
    let safety = taken.iter().find(|row| row["safety"] == true).unwrap();
    let shown = place.text(&["checkpoint", "show", project, &text(&safety["checkpoint"])]);
    assert!(shown.contains("auto, taken to undo a rollback"), "{shown}");
}

#[test]
fn r60_a_checkpoint_is_taken_with_all_its_fields() {
    let (place, imported) = Place::with("parser-fix.traj");
    let create = ["checkpoint", "create", &imported.project, "--name", "here"];
    let all = [
        "--plan",
        &imported.plan,
        "--description",
        "before the risky part",
        "--reason",
        "r",
        "--source-tool",
        "ci",
        "--phase",
        "refactoring",
        "--external-ref",
        "git:0a1b",
        "--data",
        r#"{"a": 1.0}"#,
        "--pin",
    ];
    place.text(&[&create[..], &all].concat());
    let history = place.history(&imported.project);
    let taken = &history.last().unwrap()["events"][0]["checkpoint"];
    for (field, value) in [
        ("plan", &*imported.plan),
        ("name", "here"),
        ("description", "before the risky part"),
        ("reason", "r"),
        ("source_tool", "ci"),
        ("phase", "refactoring"),
        ("external_ref", "git:0a1b"),
        ("data", r#"{"a": 1.0}"#),
        ("created_by", "cli"),
    ] {
        assert_eq!(taken[field], value, "{field}");
    }
    assert_eq!(taken["pinned"], true);
    assert_eq!(taken["figures"]["plans"], 1);

    let id = text(&taken["id"]);
    let shown = place.json(&["checkpoint", "show", &imported.project, &id]);
    let mut fields = shown.as_object().unwrap().clone();
    assert_eq!(fields.remove("project"), Some(json!(imported.project)));
    assert_eq!(fields.remove("safety"), Some(json!(false)));
    let mut all_of_it = taken.as_object().unwrap().clone();
    let its_id = all_of_it.remove("id").unwrap();
    all_of_it.insert("checkpoint".to_owned(), its_id);
    assert_eq!(fields, all_of_it);

    let (long, reason, data) = ("ä".repeat(501), "ä".repeat(2001), "1".repeat((1 << 16) + 1));
    for (rest, code) in [
        (["--description", &long], "TOO_LONG"),
        (["--reason", &reason], "TOO_LONG"),
        (["--source-tool", &long], "TOO_LONG"),
        (["--source-tool", " "], "INVALID_INPUT"),
        (["--phase", &long], "TOO_LONG"),
        (["--external-ref", ""], "INVALID_INPUT"),
        (["--data", "{"], "INVALID_INPUT"),
        (["--data", &data], "TOO_LONG"),
    ] {
        place.refuses(&[&create[..], &rest].concat(), code, 1);
    }
}
