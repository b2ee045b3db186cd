//! `import`, `project …`, `checkpoint …`, `history`, `verify` and `reindex`, as text and as JSON.

use crate::program::{Place, list, sample, text};
use serde_json::{Value, json};

/// A store with the parser sample, run half-way and paused.
fn paused() -> (Place, crate::program::Imported) {
    let (place, imported) = Place::with("parser-fix.traj");
    place.text(&["plan", "run", &imported.plan, "--steps", "4"]);
    place.text(&["project", "pause", &imported.project, "--reason", "lunch"]);
    (place, imported)
}

#[test]
fn an_import_answers_with_the_ids_of_the_project_and_its_plan() {
    let place = Place::new();
    let file = sample("slug-unicode.traj");
    let answer = place.json(&["import", file.to_str().unwrap()]);
    assert_eq!(answer["name"], "slug-unicode");
    assert_eq!(answer["steps"], 7);
    for field in ["project_id", "plan_id"] {
        assert_eq!(text(&answer[field]).len(), 26, "{field}");
    }
    let said = place.text(&["import", file.to_str().unwrap()]);
    assert!(
        said.starts_with("imported slug-unicode with 7 steps\nproject "),
        "{said}"
    );
    assert!(said.contains("\nplan "), "{said}");
}

#[test]
fn an_imported_project_has_a_step_for_each_recorded_one_and_its_request_pinned() {
    let (place, imported) = Place::with("slug-unicode.traj");
    let plan = place.plan(&imported.plan);
    let titles: Vec<_> = list(&plan["steps"])
        .iter()
        .map(|step| text(&step["title"]))
        .collect();
    assert_eq!(titles.len(), 7);
    assert_eq!(titles[0], "cat src/slug.js");
    assert_eq!(titles[3], "cat > src/slug.js <<'END'", "its first line");
    assert!(
        titles[1].starts_with("Every letter outside a-z"),
        "a step with no action goes by its thought: {}",
        titles[1]
    );
    let created = &place.history(&imported.project)[0];
    let added = list(&created["events"])
        .into_iter()
        .find(|event| event["type"] == "items_added")
        .unwrap();
    let items = list(&added["items"]);
    assert_eq!(items.len(), 1);
    assert_eq!(
        (&items[0]["kind"], &items[0]["pinned"]),
        (&json!("task"), &json!(true))
    );
    let request = place.body(&imported.project, &items[0]["body"]["digest"]);
    assert!(
        request.starts_with("Titles with letters outside a-z get broken addresses:\n`slug("),
        "the parts of a content list, one after the other: {request}"
    );
}

#[test]
fn project_list_has_a_line_for_each_project() {
    let place = Place::new();
    place.import(&sample("parser-fix.traj"));
    assert_eq!(list(&place.json(&["project", "list"])).len(), 1);
    let second = place.import(&sample("cache-race.traj"));
    let projects = list(&place.json(&["project", "list"]));
    let named: Vec<_> = projects.iter().map(|row| text(&row["name"])).collect();
    assert_eq!(named, ["parser-fix", "cache-race"]);
    assert_eq!(projects[1]["project"], *second.project);
    assert_eq!(projects[1]["status"], "active");
    assert_eq!(projects[1]["plans_unfinished"], 1);
    let table = place.text(&["project", "list"]);
    assert_eq!(table.lines().count(), 3, "{table}");
    assert!(table.starts_with("PROJECT"), "{table}");
    assert!(table.contains("parser-fix") && table.contains("cache-race"));
}

#[test]
fn project_show_has_figures_plans_and_agents() {
    let (place, imported) = Place::with("parser-fix.traj");
    let shown = place.json(&["project", "show", &imported.project]);
    assert_eq!(shown["project"], *imported.project);
    assert_eq!(shown["status"], "active");
    assert_eq!(shown["pause"], Value::Null);
    assert_eq!(shown["plan_list"][0]["plan"], json!(imported.plan));
    assert_eq!(shown["agents"][0]["agent"], "agent");
    assert_eq!(shown["agents"][0]["token_limit"], 180_000);
    let said = place.text(&["project", "show", &imported.project]);
    for part in [&imported.project, &imported.plan, "active", "180000"] {
        assert!(said.contains(part), "{part} in {said}");
    }
}

#[test]
fn r25_project_statistics_has_items_and_tokens_of_each_agent_by_tier_and_archived() {
    let (place, imported) = Place::with("parser-fix.traj");
    place.text(&["plan", "run", &imported.plan, "--steps", "4"]);
    place.text(&["project", "pause", &imported.project]);
    let statistics = place.json(&["project", "statistics", &imported.project]);
    let shown = place.json(&["project", "show", &imported.project]);
    assert_eq!(statistics["agents"], shown["agents"], "there is one source");
    assert_eq!(statistics["project"], *imported.project);
    assert_eq!(statistics["revision"], shown["revision"]);
    assert!(text(&statistics["at"]).ends_with('Z'));
    let agent = &statistics["agents"][0];
    let figures = |of: &str| {
        let figures = agent.pointer(of).unwrap();
        format!("{} ({})", figures["items"], figures["tokens"])
    };
    assert!(agent["archived"]["items"].as_u64().unwrap() > 0);
    let said = place.text(&["project", "statistics", &imported.project]);
    let line = said.lines().last().unwrap();
    for of in [
        "/total",
        "/active",
        "/tiers/hot",
        "/tiers/warm",
        "/tiers/cold",
        "/archived",
    ] {
        assert!(line.contains(&figures(of)), "{of} in {said}");
    }
    let short = place.text(&["project", "stats", &imported.project]);
    assert_eq!(short.lines().last(), Some(line));
    place.refuses(&["project", "statistics", "01ZZZZ"], "PROJECT_NOT_FOUND", 1);
}

#[test]
fn r1_r2_project_pause_reports_what_it_did() {
    let (place, imported) = Place::with("parser-fix.traj");
    place.text(&["plan", "run", &imported.plan, "--steps", "4"]);
    let report = place.json(&["project", "pause", &imported.project, "--reason", "lunch"]);
    assert_eq!(report["success"], true);
    assert_eq!(report["already_paused"], false);
    assert_eq!(report["reason"], "lunch");
    assert!(text(&report["paused_at"]).ends_with('Z'));
    assert!(report["items_archived"].as_u64().unwrap() > 0);
    assert!(report["tokens_after"].as_u64() < report["tokens_before"].as_u64());
    assert_eq!(report["warnings"][0]["type"], "tokens_estimated");
    let shown = place.json(&["project", "show", &imported.project]);
    assert_eq!(shown["status"], "paused");
    assert_eq!(shown["pause"], report, "it is on record while it is paused");
    let said = place.text(&["project", "show", &imported.project]);
    assert!(
        said.contains("reason: lunch") && said.contains("items archived"),
        "{said}"
    );
}

#[test]
fn r3_pausing_a_paused_project_gives_the_first_report_and_changes_nothing() {
    let (place, imported) = paused();
    let first = place.json(&["project", "show", &imported.project])["pause"].clone();
    let before = place.tables();
    let again = place.json(&["project", "pause", &imported.project, "--reason", "other"]);
    assert_eq!(again["already_paused"], true);
    for field in ["paused_at", "checkpoint_id", "reason", "tokens_after"] {
        assert_eq!(again[field], first[field], "{field}");
    }
    let said = place.text(&["project", "pause", &imported.project]);
    assert!(said.starts_with("was paused already"), "{said}");
    assert_eq!(place.tables(), before);
}

#[test]
fn r8_project_resume_goes_on_and_with_a_checkpoint_rolls_back_first() {
    let (place, imported) = paused();
    let archived = |place: &Place| {
        place.json(&["project", "show", &imported.project])["items_archived"].clone()
    };
    let report = place.json(&["project", "resume", &imported.project]);
    assert_eq!(report, json!({"status": "active", "rollback": null}));
    assert_ne!(archived(&place), 0, "the reduced context stays");
    let paused = place.json(&["project", "pause", &imported.project]);
    let checkpoint = list(&place.json(&["checkpoint", "list", &imported.project]))
        .iter()
        .find(|row| row["name"] == "before the pause")
        .map(|row| text(&row["checkpoint"]))
        .unwrap();
    assert_ne!(paused["checkpoint_id"], *checkpoint);
    let resume = [
        "project",
        "resume",
        &imported.project,
        "--checkpoint",
        &checkpoint,
    ];
    let report = place.json(&resume);
    assert_eq!(report["rollback"]["checkpoint"], *checkpoint);
    assert_eq!(archived(&place), 0, "all of the context is back");
    place.text(&["project", "pause", &imported.project]);
    let said = place.text(&resume);
    assert!(
        said.starts_with(&format!("active again, from checkpoint {checkpoint}\n")),
        "{said}"
    );
    place.is_sound();
}

#[test]
fn r61_project_rollback_reports_what_changes_and_a_dry_run_only_says_so() {
    let (place, imported) = Place::with("parser-fix.traj");
    place.text(&["plan", "run", &imported.plan, "--steps", "5"]);
    let checkpoint = list(&place.json(&["checkpoint", "list", &imported.project]))[2].clone();
    assert_eq!(checkpoint["name"], "after step 1");
    let id = text(&checkpoint["checkpoint"]);
    let rollback = ["project", "rollback", &imported.project, &id];
    let dry_run = [&rollback[..], &["--dry-run"]].concat();
    let before = place.tables();
    let preview = place.json(&dry_run);
    let said = place.text(&dry_run);
    assert!(said.starts_with("nothing has changed;"), "{said}");
    assert_eq!(place.tables(), before);
    let receipt = place.json(&rollback);
    for field in [
        "type",
        "checkpoint",
        "revision",
        "plans_reverted",
        "steps_reverted",
        "items_restored",
        "items_removed",
        "paths",
    ] {
        assert_eq!(
            preview["outcome"][field], receipt["outcome"][field],
            "{field}"
        );
    }
    assert_eq!(receipt["outcome"]["type"], "rolled_back");
    assert_eq!(receipt["outcome"]["steps_reverted"], 3);
    let plan = place.plan(&imported.plan);
    assert_eq!(plan["progress"]["last_completed_step"], 1);
    assert_eq!(plan["guards"]["reversion_count"], 1);
    place.is_sound();
}

#[test]
fn r53_project_delete_wants_a_yes_and_leaves_nothing() {
    let (place, imported) = Place::with("parser-fix.traj");
    let kept = place.import(&sample("cache-race.traj"));
    let unasked = place.refuses(&["project", "delete", &imported.project], "USAGE", 2);
    unasked.says("--yes");
    let receipt = place.json(&["project", "delete", &imported.project, "--yes"]);
    assert_eq!(receipt["outcome"]["type"], "project_deleted");
    let said = place.text(&["project", "delete", &kept.project, "--yes"]);
    assert_eq!(said, format!("project {} is deleted\n", kept.project));
    assert_eq!(place.json(&["project", "list"]), json!([]));
    let left: Vec<_> = place
        .tables()
        .into_iter()
        .filter(|row| !row.starts_with("meta:") && !row.starts_with("tombstones:"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn r60_checkpoint_create_and_list() {
    let (place, imported) = Place::with("parser-fix.traj");
    let create = ["checkpoint", "create", &imported.project, "--name"];
    let receipt = place.json(
        &[
            &create[..],
            &["first", "--plan", &imported.plan, "--reason", "to be sure"],
        ]
        .concat(),
    );
    let first = text(&receipt["outcome"]["checkpoint"]);
    let said = place.text(&[&create[..], &["second"]].concat());
    assert!(
        said.starts_with("checkpoint ") && said.ends_with("at revision 3\n"),
        "{said}"
    );
    let listed = list(&place.json(&["checkpoint", "list", &imported.project]));
    assert_eq!(listed.len(), 3);
    assert_eq!(listed[0]["trigger"], "phase_transition");
    assert_eq!(listed[0]["name"], "start of the work");
    assert_eq!(listed[1]["checkpoint"], *first);
    assert_eq!(listed[1]["trigger"], "manual");
    assert_eq!(listed[1]["reason"], "to be sure");
    let list_of_plan = [
        "checkpoint",
        "list",
        &imported.project,
        "--plan",
        &imported.plan,
    ];
    assert_eq!(list(&place.json(&list_of_plan)).len(), 2);
    let table = place.text(&["checkpoint", "list", &imported.project]);
    assert!(
        table.contains("first") && table.contains("second"),
        "{table}"
    );
}

#[test]
fn r50_history_says_who_did_what_when() {
    let (place, imported) = paused();
    place.text(&[
        "project",
        "resume",
        &imported.project,
        "--actor",
        "Ada Lovelace",
    ]);
    let entries = place.history(&imported.project);
    assert_eq!(entries.len(), 11, "created, four steps, paused, resumed");
    for (entry, revision) in entries.iter().zip(1..) {
        assert_eq!(entry["revision"], revision);
        assert!(text(&entry["at"]).ends_with('Z'));
        let is_last = revision == 11;
        assert_eq!(entry["actor"], if is_last { "Ada Lovelace" } else { "cli" });
    }
    let table = place.text(&["history", &imported.project]);
    let last = table.lines().last().unwrap();
    assert!(
        last.contains("Ada Lovelace") && last.ends_with("project resumed, active again"),
        "{table}"
    );
}

#[test]
fn r73_verify_and_reindex_report_on_one_project_or_all() {
    let (place, imported) = Place::with("parser-fix.traj");
    place.import(&sample("cache-race.traj"));
    let all = list(&place.json(&["verify"]));
    assert_eq!(all.len(), 2);
    assert_eq!(all[0]["findings"], json!([]));
    assert_eq!(
        list(&place.json(&["verify", &imported.project])),
        all[..1].to_vec()
    );
    let said = place.text(&["verify"]);
    assert_eq!(said.lines().count(), 2);
    assert!(said.contains(": sound; 1 entries"), "{said}");
    let rebuilt = list(&place.json(&["reindex"]));
    assert_eq!(rebuilt.len(), 2);
    assert_eq!(
        (&rebuilt[0]["revision"], &rebuilt[0]["rows"]),
        (&json!(1), &json!(3))
    );
    let said = place.text(&["reindex", &imported.project]);
    assert!(said.contains("3 rows at revision 1"), "{said}");
    place.is_sound();
}
