//! R48: `statistics`, of a project and of the whole store.

use crate::program::{Place, sample, text};

#[test]
fn r48_statistics_of_a_project_has_what_it_has_in_all() {
    let (place, imported) = Place::with("parser-fix.traj");
    place.text(&["plan", "run", &imported.plan, "--steps", "4"]);
    place.text(&["project", "pause", &imported.project]);
    let project = &imported.project;
    let statistics = place.json(&["statistics", project]);
    let totals = &statistics["totals"];
    assert_eq!(totals["plans"], 1);
    assert_eq!(totals["plans_by_state"]["implementing"], 1);
    assert_eq!(totals["plans_by_state"]["completed"], 0, "each is named");
    assert_eq!(totals["steps"], imported.steps);
    assert_eq!(totals["steps_completed"], 4);
    assert_eq!(totals["checkpoints_by_trigger"]["pause"], 1);
    assert_eq!(totals["entries"], place.history(project).len());
    let sql = place.sql();
    let sum = |sql_text: &str| -> u64 {
        let found: i64 = sql.query_row(sql_text, [], |row| row.get(0)).unwrap();
        found.unsigned_abs()
    };
    let bytes = sum("SELECT sum(length(CAST(text AS BLOB))) FROM entries");
    assert_eq!(statistics["sizes"]["journal_bytes"], bytes);
    let (bodies, kept) = (
        sum("SELECT count(*) FROM blobs"),
        sum("SELECT sum(length(body)) FROM blobs"),
    );
    // Equal texts share one body.
    assert!(statistics["sizes"]["bodies"].as_u64().unwrap() >= bodies);
    assert!(statistics["sizes"]["body_bytes"].as_u64().unwrap() >= kept);
    let said = place.text(&["statistics", project]);
    for part in [
        project.as_str(),
        "1: 1 implementing",
        "4 completed",
        &format!("{bytes} bytes"),
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    assert_eq!(place.text(&["stats", project]), said);
    // One document, whichever way it is asked for; but for the time.
    let same = place.json(&["project", "statistics", project]);
    for field in ["totals", "sizes", "agents", "redacted", "revision"] {
        assert_eq!(same[field], statistics[field], "{field}");
    }
    place.refuses(&["statistics", "01ZZZZ"], "PROJECT_NOT_FOUND", 1);
}

#[test]
fn r48_statistics_of_the_store_has_all_projects() {
    let (place, imported) = Place::with("parser-fix.traj");
    place.import(&sample("slug-unicode.traj"));
    place.text(&["project", "create", "third", "--status", "init"]);
    place.text(&["plan", "run", &imported.plan]);
    let statistics = place.json(&["statistics"]);
    assert_eq!(statistics["projects"], 3);
    assert_eq!(statistics["projects_by_status"]["active"], 2);
    assert_eq!(statistics["projects_by_status"]["init"], 1);
    assert_eq!(statistics["totals"]["plans"], 2);
    let by_state = &statistics["totals"]["plans_by_state"];
    assert_eq!(
        (&by_state["completed"], &by_state["implementing"]),
        (&1.into(), &1.into())
    );
    let listed = place.json(&["project", "list"]);
    let listed = listed.as_array().unwrap();
    for figure in ["items", "tokens", "active_agents", "checkpoints"] {
        let sum: u64 = listed.iter().map(|row| row[figure].as_u64().unwrap()).sum();
        assert_eq!(statistics["totals"][figure], sum, "{figure}");
    }
    let taken = statistics["usage"]["bytes"].as_u64().unwrap();
    let file = std::fs::metadata(place.store()).unwrap().len();
    assert!(taken >= file, "{taken} of at least {file}");
    let said = place.text(&["statistics"]);
    assert!(said.contains("3: 1 init, 2 active"), "{said}");
    assert!(said.contains("2: 1 implementing, 1 completed"), "{said}");
    assert!(text(&listed[0]["name"]).len() > 1);
}

#[test]
fn r48_statistics_of_an_empty_store_are_zeros() {
    let place = Place::new();
    let created = place.json(&["project", "create", "gone"]);
    place.text(&["project", "delete", &text(&created["project"]), "--yes"]);
    let statistics = place.json(&["statistics"]);
    assert_eq!(statistics["projects"], 0);
    assert_eq!(statistics["totals"]["entries"], 0);
    let said = place.text(&["statistics"]);
    assert!(said.contains("0 active"), "{said}");
}
