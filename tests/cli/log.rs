//! `--log`: what goes to stderr besides the answer.

use crate::program::{Answer, Place, bare, document};
use std::process::Stdio;

const SECRET: &str = "s3cr3t";

/// A store with a trajectory whose every text is secret: the lines of importing it, its project
/// and plan.
fn imported(level: &str) -> (Place, Answer) {
    let place = Place::new();
    let step = serde_json::json!({
        "thought": SECRET, "action": SECRET, "observation": SECRET, "response": SECRET,
    });
    let file = serde_json::json!({ "trajectory": [step, step] }).to_string();
    let path = place.write(&format!("{SECRET}.traj"), file);
    let path = path.to_str().unwrap();
    let answer = place.run(&["--json", "--log", level, "--actor", SECRET, "import", path]);
    (place, answer.success())
}

fn lines_with<'a>(answer: &'a Answer, word: &str) -> Vec<&'a str> {
    let lines = answer.err.lines();
    lines.filter(|line| line.contains(word)).collect()
}

#[test]
fn r16_nothing_is_logged_unless_it_is_asked_for() {
    let (place, answer) = imported("off");
    assert_eq!(answer.err, "");
    assert_eq!(place.run(&["project", "list"]).success().err, "");
}

#[test]
fn r16_each_level_has_what_those_before_it_have() {
    let (_, error) = imported("error");
    assert_eq!(error.err, "", "nothing failed");
    let (_, info) = imported("info");
    let done = "done command=create_project project=";
    assert_eq!(lines_with(&info, "holdpoint: opened").len(), 1);
    assert_eq!(lines_with(&info, done).len(), 1);
    assert_eq!(info.err.lines().count(), 2, "{}", info.err);
    let (place, debug) = imported("debug");
    assert_eq!(lines_with(&debug, done).len(), 1);
    assert!(!debug.err.contains(SECRET), "{}", debug.err);
    let imported = document(&debug.out);
    let plan = imported["plan_id"].as_str().unwrap();
    let project = imported["project_id"].as_str().unwrap();
    for command in [
        &["plan", "run", plan][..],
        &["plan", "show", plan],
        &["project", "pause", project, "--reason", SECRET],
        &["checkpoint", "create", project, "--name", SECRET],
        &["verify"],
        &["reindex"],
    ] {
        let arguments = [command, &["--json", "--log", "debug"]].concat();
        let answer = place.run(&arguments).success();
        assert!(answer.err.contains("DEBUG holdpoint: "), "{command:?}");
        assert!(!answer.err.contains(SECRET), "{command:?}: {}", answer.err);
        assert!(!answer.err.contains('\x1b'), "{command:?}: {}", answer.err);
        document(&answer.out);
    }
}

#[test]
fn r16_the_level_comes_from_the_environment_too_and_an_error_stands_after_the_log() {
    let (place, _) = imported("off");
    let mut command = place.command(&["project", "show", "01ZZZZ", "--json"]);
    command.env("HOLDPOINT_LOG", "debug");
    let answer = Answer::of(&command.output().unwrap());
    assert_eq!(answer.exit, 1);
    let (log, error) = answer.err.trim_end().rsplit_once('\n').unwrap();
    assert!(
        log.contains("refused what=find_project code=PROJECT_NOT_FOUND"),
        "{log}"
    );
    assert_eq!(document(error)["code"], "PROJECT_NOT_FOUND");
}

#[test]
fn a_level_that_there_is_not_is_wrong_use() {
    let place = Place::new();
    let refusal = place.refuses(&["project", "list", "--log", "loud"], "USAGE", 2);
    for level in ["loud", "off", "error", "info", "debug"] {
        refusal.says(level);
    }
}

#[test]
fn a_log_that_cannot_be_written_stops_nothing() {
    let Ok(full) = std::fs::OpenOptions::new().write(true).open("/dev/full") else {
        println!("skipped: there is no /dev/full");
        return;
    };
    let (place, _) = imported("off");
    let mut command = bare(&["project", "list", "--json", "--log", "debug", "--store"]);
    command.arg(place.store()).stderr(Stdio::from(full));
    let answer = Answer::of(&command.output().unwrap()).success();
    assert_eq!(document(&answer.out).as_array().unwrap().len(), 1);
}
