//! Files that are no trajectory, and unusual ones that are.

use crate::program::{Place, list, text};
use serde_json::json;

#[test]
fn a_file_that_is_no_trajectory_is_refused_with_what_was_found() {
    let (place, _) = Place::with("parser-fix.traj");
    let whole = std::fs::read(crate::program::sample("parser-fix.traj")).unwrap();
    for (name, bytes, found) in [
        ("no JSON", &b"not json"[..], "found expected ident"),
        ("empty", b"", "EOF"),
        ("cut off", &whole[..whole.len() - 200], "EOF"),
        ("more behind it", b"{\"trajectory\":[{\"action\":\"x\"}]} x", "trailing characters"),
        ("no trajectory", b"{\"history\": []}", "found none"),
        ("a list", b"[{\"action\": \"x\"}]", "found none"),
        ("null", b"{\"trajectory\": null}", "found null"),
        ("a text", b"{\"trajectory\": \"x\"}", "found a text"),
        ("no steps", b"{\"trajectory\": []}", "at least one step"),
        ("a step that is none", b"{\"trajectory\": [{\"action\": \"x\"}, 7]}", "step 1"),
        (
            "neither thought nor action",
            b"{\"trajectory\": [{\"action\": \"x\"}, {\"thought\": \" \\n\", \"observation\": \"y\"}]}",
            "in step 1, found neither",
        ),
        (
            "an action that is no text",
            b"{\"trajectory\": [{\"action\": {\"a\": 1}}]}",
            "as action of step 0, found an object",
        ),
        (
            "an observation that is no text",
            b"{\"trajectory\": [{\"action\": \"x\", \"observation\": 3}]}",
            "as observation of step 0, found a number",
        ),
    ] {
        let file = place.write("bad.traj", bytes);
        let import = ["import", file.to_str().unwrap()];
        let refusal = place.refuses(&import, "TRAJECTORY_INVALID", 1);
        assert!(refusal.message.contains(found), "{name}: {}", refusal.message);
    }
    let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    let file = place.write("deep.traj", deep);
    place.refuses(&["import", file.to_str().unwrap()], "TRAJECTORY_INVALID", 1);
}

#[test]
fn a_file_that_cannot_be_read_is_refused() {
    let (place, _) = Place::with("parser-fix.traj");
    let binary: Vec<u8> = (0..=255).cycle().take(5_000).collect();
    place.write("binary.traj", binary);
    place.write("utf-16.traj", b"\xff\xfe{\0}\0");
    std::fs::create_dir(place.path("folder.traj")).unwrap();
    for (name, found) in [
        ("binary.traj", "no UTF-8 text"),
        ("utf-16.traj", "no UTF-8 text"),
        ("folder.traj", "Is a directory"),
        ("missing.traj", "No such file"),
        ("parser-fix/x.traj", "No such file"),
    ] {
        let refusal = place.refuses(&["import", name], "FILE_UNREADABLE", 1);
        refusal.says(name);
        refusal.says(found);
    }
}

#[test]
fn a_file_over_64_mib_is_refused() {
    let (place, _) = Place::with("parser-fix.traj");
    let file = std::fs::File::create(place.path("huge.traj")).unwrap();
    file.set_len((64 << 20) + 1).unwrap();
    place
        .refuses(&["import", "huge.traj"], "FILE_UNREADABLE", 1)
        .says("more than 67108864 bytes");
}

#[test]
fn a_refused_import_makes_no_store() {
    let place = Place::new();
    place.write("bad.traj", "{}");
    for file in ["bad.traj", "missing.traj"] {
        let refusal = place.refusal(&["import", file]);
        assert_eq!(refusal.exit, 1);
    }
    assert!(
        !place.store().exists(),
        "expected all to be as it was, found a store"
    );
}

#[test]
fn an_empty_observation_is_valid_and_so_is_a_step_with_a_thought_or_an_action_only() {
    let place = Place::new();
    let trajectory = json!({"trajectory": [
        {"thought": "look", "action": "ls", "observation": ""},
        {"thought": "only thinking", "action": "", "observation": "x"},
        {"action": "ls", "observation": null},
        {"thought": null, "action": "ls -l"},
    ]});
    let file = place.write("odd.traj", trajectory.to_string());
    let imported = place.import(&file);
    assert_eq!(imported.steps, 4);
    let played = place.json(&["plan", "run", &imported.plan]);
    assert_eq!(played["state"], "completed");
    let steps = list(&place.plan(&imported.plan)["steps"]);
    let outputs: Vec<_> = steps
        .iter()
        .map(|step| place.body(&imported.project, &step["output"]["digest"]))
        .collect();
    assert_eq!(outputs, ["\"\"", "\"x\"", "\"\"", "\"\""]);
    let shown = place.json(&["project", "show", &imported.project]);
    assert_eq!(shown["items"], 6, "the request, then 2 + 1 + 1 + 1");
    place.is_sound();
}

#[test]
fn a_trajectory_without_a_request_is_called_after_its_file() {
    let place = Place::new();
    let file = place.write("nameless.traj", r#"{"trajectory": [{"action": "ls"}]}"#);
    let imported = place.import(&file);
    let plans = list(&place.json(&["plan", "list"]));
    assert_eq!(plans[0]["request"], "Replay of nameless");
    let shown = place.json(&["project", "show", &imported.project]);
    assert_eq!(shown["name"], "nameless");
}

#[test]
fn the_same_file_can_be_imported_twice_and_makes_two_projects() {
    let (place, one) = Place::with("parser-fix.traj");
    let other = place.import(&crate::program::sample("parser-fix.traj"));
    assert_ne!(one.project, other.project);
    place.text(&["plan", "run", &one.plan]);
    assert_eq!(
        place.plan(&other.plan)["progress"]["last_completed_step"],
        -1
    );
    let bodies = |project: &str| -> u32 {
        let sql = "SELECT count(*) FROM blobs WHERE project = ?1";
        place
            .sql()
            .query_row(sql, [project], |row| row.get(0))
            .unwrap()
    };
    // R26: once by content in each project; `python -m pytest -q` is in two steps.
    assert_eq!(bodies(&one.project), 1 + 8 + 8 + 7 + 7);
    assert_eq!(bodies(&other.project), 1 + 8);
    place.is_sound();
}

#[test]
fn names_of_files_in_every_alphabet_are_kept() {
    let place = Place::new();
    for name in ["Überblick – 概要", "نظرة عامة", "a b'c\"d", "👩‍💻"] {
        let file = place.write(
            &format!("{name}.traj"),
            r#"{"trajectory": [{"action": "ls"}]}"#,
        );
        let imported = place.import(&file);
        let shown = place.json(&["project", "show", &imported.project]);
        assert_eq!(text(&shown["name"]), name);
    }
}
