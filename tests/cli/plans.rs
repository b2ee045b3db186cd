//! `plan …` and `resumable`, as text and as JSON.

use super::made::{failed_plan, plan_without_recording};
use crate::program::{Place, list, sample, text};
use serde_json::{Value, json};

#[test]
fn plan_list_shows_all_plans_or_those_of_a_project() {
    let (place, imported) = Place::with("parser-fix.traj");
    place.import(&sample("cache-race.traj"));
    assert_eq!(list(&place.json(&["plan", "list"])).len(), 2);
    let of_one = list(&place.json(&["plan", "list", "--project", &imported.project]));
    assert_eq!(of_one.len(), 1);
    assert_eq!(of_one[0]["plan"], *imported.plan);
    assert_eq!(of_one[0]["steps"], 8);
    assert_eq!(of_one[0]["last_completed_step"], -1);
    let table = place.text(&["plan", "list"]);
    assert_eq!(table.lines().count(), 3, "{table}");
    assert!(
        table.contains("0/8") && table.contains("The function `duration`"),
        "{table}"
    );
}

#[test]
fn plan_show_answers_with_one_document_in_which_each_key_stands_once() {
    let (place, imported) = Place::with("parser-fix.traj");
    let shown = place.json(&["plan", "show", &imported.plan]);
    assert_eq!(shown["project_id"], *imported.project);
    assert!(
        text(&shown["request"]).starts_with("The function `duration`"),
        "{shown}"
    );
}

#[test]
fn plan_show_has_the_plans_fields_and_its_steps() {
    let (place, imported) = Place::with("parser-fix.traj");
    place.text(&["plan", "run", &imported.plan, "--steps", "2"]);
    let plan = place.plan(&imported.plan);
    assert_eq!(plan["id"], *imported.plan);
    assert_eq!(plan["progress"]["state"], "implementing");
    assert_eq!(plan["progress"]["last_completed_step"], 1);
    assert_eq!(plan["guards"]["reversion_count"], 0);
    assert_eq!(plan["guards"]["last_attempt"], 2);
    assert_eq!(text(&plan["last_checkpoint_id"]).len(), 26);
    assert_eq!(plan["steps"][1]["attempt"], 2);
    assert_eq!(plan["steps"][2]["state"], "pending");
    let output = place.body(&imported.project, &plan["steps"][0]["output"]["digest"]);
    assert_eq!(
        output,
        json!("README.md\nduration.py\ntest_duration.py\n").to_string()
    );
    let said = place.text(&["plan", "show", &imported.plan]);
    for part in [
        "state implementing, 2 of 8 steps",
        "0     completed  1",
        "2     pending    -",
        "cat duration.py",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
}

#[test]
fn r34_plan_run_plays_the_next_steps_and_says_each() {
    let (place, imported) = Place::with("parser-fix.traj");
    let run = ["plan", "run", &imported.plan, "--steps", "3"];
    let first = place.run(&run).success();
    let said: Vec<_> = first.err.lines().collect();
    assert_eq!(
        said,
        [
            "completed step 0 (attempt 1): ls -F",
            "completed step 1 (attempt 2): cat duration.py",
            "completed step 2 (attempt 3): cat >> test_duration.py <<'END'"
        ]
    );
    assert_eq!(
        first.out,
        "implementing: 3 steps completed now, 3 of 8 in all\n"
    );
    let answer = place.run(&[&run[..], &["--json"]].concat()).success();
    assert_eq!(answer.err, "", "no progress for programs");
    let mut answer: Value = serde_json::from_str(&answer.out).unwrap();
    let next = answer.as_object_mut().unwrap().remove("next").unwrap();
    assert_eq!(
        (&next["type"], &next["step"]),
        (&json!("run_step"), &json!(6))
    );
    assert_eq!(
        answer,
        json!({
            "project_id": imported.project,
            "plan_id": imported.plan,
            "state": "implementing",
            "steps_completed": 3,
            "last_completed_step": 5,
            "steps": 8,
        })
    );
    let last = place.json(&["plan", "run", &imported.plan]);
    assert_eq!(
        (&last["state"], &last["steps_completed"]),
        (&json!("completed"), &json!(2))
    );
    let again = place.json(&["plan", "run", &imported.plan]);
    assert_eq!(
        again["steps_completed"], 0,
        "a completed plan has no step left"
    );
    place.is_sound();
}

#[test]
fn plan_run_of_no_steps_changes_nothing() {
    let (place, imported) = Place::with("parser-fix.traj");
    let before = place.tables();
    let answer = place.json(&["plan", "run", &imported.plan, "--steps", "0"]);
    assert_eq!(answer["steps_completed"], 0);
    assert_eq!(place.tables(), before);
}

#[test]
fn r13_plan_run_of_a_paused_project_is_refused() {
    let (place, imported) = Place::with("parser-fix.traj");
    place.text(&["project", "pause", &imported.project]);
    place.refuses(&["plan", "run", &imported.plan], "PROJECT_PAUSED", 1);
}

#[test]
fn r44_plan_run_of_steps_that_nobody_recorded_is_refused() {
    let place = Place::new();
    let plan = plan_without_recording(&place);
    let refusal = place.refuses(&["plan", "run", &plan], "NOT_PLAYABLE", 1);
    refusal.says("step 0");
}

#[test]
fn r35_plan_rollback_goes_further_back_each_time_until_the_limit() {
    let (place, imported) = Place::with("parser-fix.traj");
    place.text(&["plan", "run", &imported.plan, "--steps", "5"]);
    let rollback = ["plan", "rollback", &imported.plan];
    let last =
        |place: &Place| place.plan(&imported.plan)["progress"]["last_completed_step"].clone();
    let before = place.tables();
    let preview = place.json(&[&rollback[..], &["--dry-run"]].concat());
    assert_eq!(preview["outcome"]["steps_reverted"], 1);
    assert_eq!(preview["expected_revision"], 11);
    let said = place.text(&[&rollback[..], &["--dry-run"]].concat());
    assert!(said.starts_with("nothing has changed; "), "{said}");
    assert!(said.contains("1 steps would be changed"), "{said}");
    assert_eq!(place.tables(), before);
    let receipt = place.json(&rollback);
    assert_eq!(receipt["outcome"]["steps_reverted"], 1);
    assert_eq!(last(&place), 3);
    let said = place.text(&rollback);
    assert!(said.starts_with("rolled back to checkpoint "), "{said}");
    assert_eq!(last(&place), 2);
    place.text(&rollback);
    assert_eq!(last(&place), 1);
    // R33: the default limit is three, and every process knows of it.
    place.refuses(&rollback, "REVERSION_LIMIT", 1);
    place.is_sound();
}

#[test]
fn r62_a_rollback_is_undone_by_rolling_back_to_its_safety_checkpoint() {
    let (place, imported) = Place::with("parser-fix.traj");
    place.text(&["plan", "run", &imported.plan]);
    let done = place.plan(&imported.plan);
    let receipt = place.json(&["plan", "rollback", &imported.plan]);
    let safety = text(&receipt["outcome"]["safety_checkpoint"]);
    place.text(&["plan", "rollback", &imported.plan, &safety]);
    let again = place.plan(&imported.plan);
    assert_eq!(again["steps"], done["steps"]);
    assert_eq!(again["progress"], done["progress"]);
    place.is_sound();
}

#[test]
fn plan_rollback_of_a_plan_that_is_where_it_started_is_refused() {
    let (place, imported) = Place::with("parser-fix.traj");
    place.refuses(
        &["plan", "rollback", &imported.plan],
        "NOTHING_TO_ROLL_BACK",
        1,
    );
}

#[test]
fn r42_plan_retry_brings_a_failed_plan_back() {
    let place = Place::new();
    let plan = failed_plan(&place);
    place.refuses(&["plan", "run", &plan], "INVALID_TRANSITION", 1);
    let receipt = place.json(&["plan", "retry", &plan]);
    assert_eq!(
        receipt["outcome"],
        json!({"type": "plan_moved", "plan": plan, "state": "implementing", "submission": null})
    );
    assert_eq!(place.plan(&plan)["guards"]["retry_count"], 1);
    place.refuses(&["plan", "retry", &plan], "INVALID_TRANSITION", 1);
    let other = failed_plan(&place);
    let said = place.text(&["plan", "retry", &other]);
    assert_eq!(said, format!("plan {other} is implementing\n"));
}

#[test]
fn plan_cancel_gives_a_plan_up_with_its_reason() {
    let (place, imported) = Place::with("parser-fix.traj");
    let receipt = place.json(&["plan", "cancel", &imported.plan, "--reason", "no need"]);
    assert_eq!(receipt["outcome"]["state"], "cancelled");
    assert_eq!(
        place.plan(&imported.plan)["progress"]["cancel_reason"],
        "no need"
    );
    let refusal = place.refuses(&["plan", "cancel", &imported.plan], "INVALID_TRANSITION", 1);
    refusal.says("cancelled");
    place.refuses(&["plan", "run", &imported.plan], "INVALID_TRANSITION", 1);
    let other = place.import(&sample("cache-race.traj"));
    let said = place.text(&["plan", "cancel", &other.plan]);
    assert_eq!(said, format!("plan {} is cancelled\n", other.plan));
}

#[test]
fn r46_resumable_lists_the_unfinished_plans_with_their_projects() {
    let (place, imported) = Place::with("parser-fix.traj");
    let done = place.import(&sample("cache-race.traj"));
    place.text(&["plan", "run", &done.plan]);
    place.text(&["plan", "run", &imported.plan, "--steps", "2"]);
    place.text(&["project", "pause", &imported.project]);
    let plans = list(&place.json(&["resumable"]));
    assert_eq!(plans.len(), 1);
    for (field, value) in [
        ("project_name", json!("parser-fix")),
        ("project_status", json!("paused")),
        ("project", json!(imported.project)),
        ("plan", json!(imported.plan)),
        ("state", json!("implementing")),
        ("last_completed_step", json!(1)),
    ] {
        assert_eq!(plans[0][field], value, "{field}");
    }
    let table = place.text(&["resumable"]);
    assert!(
        table.contains("parser-fix (paused)") && table.contains("2/8"),
        "{table}"
    );
    place.text(&["plan", "cancel", &imported.plan]);
    assert_eq!(place.json(&["resumable"]), json!([]));
    assert_eq!(place.text(&["resumable"]), "no plan is unfinished\n");
}
