//! Ids: whole, by how they begin, unknown and ambiguous.

use crate::program::{Place, list, sample, text};
use serde_json::json;

/// How two ids begin, as far as they are the same.
fn common_start(one: &str, other: &str) -> String {
    let same = one.chars().zip(other.chars());
    same.take_while(|(a, b)| a == b).map(|(a, _)| a).collect()
}

#[test]
fn an_id_can_be_given_by_how_it_begins_in_either_case() {
    let (place, imported) = Place::with("parser-fix.traj");
    for start in [
        imported.project[..4].to_owned(),
        imported.project[..25].to_lowercase(),
        imported.project.clone(),
        imported.project.to_lowercase(),
    ] {
        let shown = place.json(&["project", "show", &start]);
        assert_eq!(shown["project"], *imported.project, "{start}");
    }
    assert_eq!(place.plan(&imported.plan[..7])["id"], *imported.plan);
    let played = place.json(&["plan", "run", &imported.plan[..9], "--steps", "2"]);
    assert_eq!(played["plan_id"], *imported.plan);
    let checkpoints = list(&place.json(&["checkpoint", "list", &imported.project[..6]]));
    let first = text(&checkpoints[0]["checkpoint"]);
    let second = text(&checkpoints[1]["checkpoint"]);
    let start = &first[..=common_start(&first, &second).len()];
    let receipt = place.json(&["plan", "rollback", &imported.plan, start]);
    assert_eq!(receipt["outcome"]["checkpoint"], *first);
}

#[test]
fn an_id_that_nothing_has_is_refused_by_every_command() {
    let (place, imported) = Place::with("parser-fix.traj");
    let nobody = "7ZZZZZZZZZZZZZZZZZZZZZZZZZ";
    for unknown in [
        nobody,
        "7Z",
        "",
        " ",
        "%",
        "_",
        "0'1",
        "ä",
        "01 02",
        &"0".repeat(200),
    ] {
        for command in [
            &["project", "show", unknown][..],
            &["plan", "list", "--project", unknown],
            &["history", unknown],
        ] {
            place.refuses(command, "PROJECT_NOT_FOUND", 1);
        }
        place.refuses(&["plan", "show", unknown], "PLAN_NOT_FOUND", 1);
        let rollback = ["project", "rollback", &imported.project, unknown];
        place.refuses(&rollback, "CHECKPOINT_NOT_FOUND", 1);
    }
    for command in [
        &["project", "pause", nobody][..],
        &["project", "resume", nobody],
        &["project", "rollback", nobody, nobody],
        &["project", "delete", nobody, "--yes"],
        &["checkpoint", "list", nobody],
        &["checkpoint", "create", nobody, "--name", "x"],
        &["verify", nobody],
        &["reindex", nobody],
    ] {
        place.refuses(command, "PROJECT_NOT_FOUND", 1);
    }
    for command in [
        &["plan", "run", nobody][..],
        &["plan", "rollback", nobody],
        &["plan", "retry", nobody],
        &["plan", "cancel", nobody],
        &["checkpoint", "list", &imported.project, "--plan", nobody],
    ] {
        place.refuses(command, "PLAN_NOT_FOUND", 1);
    }
    let resume = [
        "project",
        "resume",
        &imported.project,
        "--checkpoint",
        nobody,
    ];
    place.refuses(&resume, "CHECKPOINT_NOT_FOUND", 1);
}

#[test]
fn a_start_that_two_ids_share_is_ambiguous_and_names_them() {
    let (place, one) = Place::with("parser-fix.traj");
    // Made in the same second or soon after: the time begins an id.
    let other = place.import(&sample("cache-race.traj"));
    let start = common_start(&one.project, &other.project);
    assert!(!start.is_empty());
    let refusal = place.refuses(&["project", "show", &start], "AMBIGUOUS_ID", 1);
    refusal.says(&one.project);
    refusal.says(&other.project);
    let start = common_start(&one.plan, &other.plan);
    let refusal = place.refuses(&["plan", "run", &start], "AMBIGUOUS_ID", 1);
    refusal.says(&one.plan);
    refusal.says(&other.project);
    for command in ["pause", "resume", "delete"] {
        place.refuses(&["project", command, &one.project[..1]], "AMBIGUOUS_ID", 1);
    }
    place.text(&["plan", "run", &one.plan, "--steps", "2"]);
    let rollback = ["plan", "rollback", &one.plan, "01"];
    place.refuses(&rollback, "AMBIGUOUS_ID", 1);
}

#[test]
fn r10_r63_a_checkpoint_of_another_project_is_not_found() {
    let (place, one) = Place::with("parser-fix.traj");
    let other = place.import(&sample("cache-race.traj"));
    place.text(&["plan", "run", &other.plan, "--steps", "1"]);
    let foreign = text(&place.json(&["checkpoint", "list", &other.project])[0]["checkpoint"]);
    place.refuses(
        &["plan", "rollback", &one.plan, &foreign],
        "CHECKPOINT_NOT_FOUND",
        1,
    );
    place.refuses(
        &["project", "rollback", &one.project, &foreign],
        "CHECKPOINT_NOT_FOUND",
        1,
    );
    place.text(&["project", "pause", &one.project]);
    let resume = ["project", "resume", &one.project, "--checkpoint", &foreign];
    place.refuses(&resume, "CHECKPOINT_NOT_FOUND", 1);
    let create = [
        "checkpoint",
        "create",
        &one.project,
        "--name",
        "x",
        "--plan",
        &other.plan,
    ];
    place.refuses(&create, "PLAN_NOT_FOUND", 1);
}

#[test]
fn r6_r10_commands_that_the_status_forbids_are_refused() {
    let (place, imported) = Place::with("parser-fix.traj");
    let resume = ["project", "resume", &imported.project];
    place.refuses(&resume, "PROJECT_NOT_PAUSED", 1);
    place.refuses(&["plan", "retry", &imported.plan], "INVALID_TRANSITION", 1);
}

#[test]
fn r53_a_deleted_project_is_no_longer_found() {
    let (place, imported) = Place::with("parser-fix.traj");
    place.text(&["project", "delete", &imported.project, "--yes"]);
    place.refuses(
        &["project", "show", &imported.project],
        "PROJECT_NOT_FOUND",
        1,
    );
    place.refuses(&["plan", "run", &imported.plan], "PLAN_NOT_FOUND", 1);
    assert_eq!(place.json(&["verify"]), json!([]));
}
