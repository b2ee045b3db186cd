//! Ids: whole, by how they begin, unknown and ambiguous.

use super::desk::{Desk, is_at};
use crate::program::{Place, list, sample, text};
use serde_json::{Value, json};

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
        let show = ["checkpoint", "show", &imported.project, unknown];
        place.refuses(&show, "CHECKPOINT_NOT_FOUND", 1);
    }
    for command in [
        &["project", "pause", nobody][..],
        &["project", "resume", nobody],
        &["project", "rollback", nobody, nobody],
        &["project", "delete", nobody, "--yes"],
        &["checkpoint", "list", nobody],
        &["checkpoint", "show", nobody, nobody],
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

/// A fork of the project as it is.
fn fork_of(place: &Place, project: &str) -> String {
    text(&place.json(&["project", "fork", project])["project"])
}

#[test]
fn r67_a_plan_that_a_fork_has_too_is_named_with_its_project() {
    let (place, imported) = Place::with("parser-fix.traj");
    let (source, plan) = (&imported.project, &imported.plan);
    place.text(&["plan", "run", plan, "--steps", "2"]);
    let fork = fork_of(&place, source);
    let (here, there) = (format!("{source}/{plan}"), format!("{fork}/{plan}"));
    for command in [
        &["plan", "show", plan][..],
        &["plan", "run", plan],
        &["plan", "lease", plan],
        &["plan", "rollback", plan],
        &["plan", "show", &plan[..9]],
        &["step", "show", plan, "0"],
    ] {
        let refusal = place.refuses(command, "AMBIGUOUS_ID", 1);
        refusal.says(&here);
        refusal.says(&there);
    }
    assert_eq!(place.plan(&there)["project_id"], *fork);
    assert_eq!(place.plan(&here)["project_id"], **source);
    let played = place.json(&["plan", "run", &there, "--steps", "2"]);
    assert_eq!(played["project_id"], *fork);
    assert_eq!(place.plan(&there)["progress"]["last_completed_step"], 3);
    assert_eq!(place.plan(&here)["progress"]["last_completed_step"], 1);
    let shown = place.json(&["step", "show", &there, "3"]);
    assert_eq!(shown["state"], "completed");
    assert_eq!(place.json(&["plan", "lease", &there])["plan_id"], **plan);

    let checkpoints = list(&place.json(&["checkpoint", "list", &fork, "--plan", plan]));
    let first = text(&checkpoints[0]["checkpoint"]);
    place.text(&["plan", "rollback", &there, &first]);
    assert_eq!(place.plan(&there)["guards"]["reversion_count"], 1);
    assert_eq!(place.plan(&here)["guards"]["reversion_count"], 0);
    let resumable = place.text(&["resumable"]);
    assert!(resumable.contains(&here), "{resumable}");
    assert!(resumable.contains(&there), "{resumable}");
    place.is_sound();
}

#[test]
fn r67_each_half_of_a_plan_with_its_project_is_an_id_or_how_it_begins() {
    let (place, imported) = Place::with("parser-fix.traj");
    let (source, plan) = (&imported.project, &imported.plan);
    let fork = fork_of(&place, source);
    let both = common_start(source, &fork);
    let start = fork[..=both.len()].to_lowercase();
    let shown = place.plan(&format!("{start}/{}", plan[..7].to_lowercase()));
    assert_eq!(shown["project_id"], *fork);
    assert_eq!(shown["id"], **plan);
    for (bad, code) in [
        (format!("7Z/{plan}"), "PROJECT_NOT_FOUND"),
        (format!("/{plan}"), "PROJECT_NOT_FOUND"),
        ("/".to_owned(), "PROJECT_NOT_FOUND"),
        (format!("{fork}/"), "PLAN_NOT_FOUND"),
        (format!("{fork}/7Z"), "PLAN_NOT_FOUND"),
        (format!("{fork}/{plan}/"), "PLAN_NOT_FOUND"),
        (format!("{both}/{plan}"), "AMBIGUOUS_ID"),
    ] {
        place.refuses(&["plan", "show", &bad], code, 1);
    }
}

#[test]
fn r67_where_the_project_is_named_its_plan_is_meant() {
    let (place, imported) = Place::with("parser-fix.traj");
    let (source, plan) = (&imported.project, &imported.plan);
    let fork = fork_of(&place, source);
    let note = ["--agent", "ana", "--kind", "note", "--text", "mind the gap"];
    let add = ["context", "add", &fork, "--plan", plan];
    place.text(&[&add[..], &note].concat());
    let there = format!("{fork}/{plan}");
    for named in [&plan[..9], plan, &there] {
        let notes = |project: &str| {
            let items = place.json(&["context", "list", project, "--plan", named]);
            let is_hers = |item: &&Value| item["agent"] == "ana";
            list(&items).iter().filter(is_hers).count()
        };
        assert_eq!(notes(&fork), 1, "{named}");
        if named != there {
            assert_eq!(notes(source), 0, "{named}");
        }
        let create = ["checkpoint", "create", &fork, "--name", "x"];
        place.text(&[&create[..], &["--plan", named]].concat());
    }
    let count = |project: &str| {
        let taken = list(&place.json(&["checkpoint", "list", project, "--plan", plan]));
        taken.iter().filter(|taken| taken["name"] == "x").count()
    };
    assert_eq!((count(&fork), count(source)), (3, 0));
    let elsewhere = ["context", "list", source, "--plan", &there];
    place.refuses(&elsewhere, "PLAN_NOT_FOUND", 1);
}

#[test]
fn r67_a_fork_is_decided_on_by_itself_and_says_what_comes_next_of_it() {
    let desk = Desk::with("plan");
    desk.submit("design, code, test");
    let (place, plan) = (&desk.place, &desk.plan);
    let fork = fork_of(place, &desk.project);
    let here = format!("{}/{plan}", desk.project);
    let there = format!("{fork}/{plan}");
    let inbox = place.text(&["inbox"]);
    assert!(inbox.contains(&here), "{inbox}");
    assert!(inbox.contains(&there), "{inbox}");
    let approve = ["plan", "approve", plan, "--submission", "1"];
    place.refuses(&approve, "AMBIGUOUS_ID", 1).says(&there);
    let receipt = place.json(&["plan", "approve", &there, "--submission", "1"]);
    assert_eq!(receipt["project"], *fork);
    is_at(&receipt["outcome"], "plan_approved", json!(null));
    assert_eq!(
        place.plan(&here)["progress"]["state"],
        "plan_awaiting_approval"
    );
    let said = place.text(&["plan", "show", &there]);
    let next = format!("holdpoint plan implement {there}");
    assert!(said.contains(&next), "{said}");
    place.text(&["plan", "implement", &there]);
    let said = place.text(&["step", "start", &there]);
    let next = format!("holdpoint step complete {there} --attempt 1 ");
    assert!(said.contains(&next), "{said}");
    place.text(&["step", "complete", &there, "--attempt", "1"]);
    // Alone it is enough where nobody else has it.
    place.text(&["project", "delete", &desk.project, "--yes"]);
    assert_eq!(place.plan(plan)["progress"]["last_completed_step"], 0);
    place.is_sound();
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
