//! R72: one `plan run` at a time, and what becomes of one that was killed.

use crate::program::{Answer, Imported, Place, text};
use serde_json::json;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStderr, Stdio};

/// More steps than fit into a pipe, told one a line: a run that nobody listens to stands still.
const STEPS: usize = 1_500;

/// A place with a plan that a program runs, and holds, since nobody listens to it.
fn running() -> (Place, Imported, Running) {
    let place = Place::new();
    let steps: Vec<_> = (0..STEPS)
        .map(|step| json!({ "thought": "", "action": format!("{step} {}", "x".repeat(50)), "observation": "" }))
        .collect();
    let file = place.write("long.traj", json!({ "trajectory": steps }).to_string());
    let imported = place.import(&file);
    let running = Running::start(&place, &imported.plan);
    (place, imported, running)
}

struct Running {
    child: Child,
    stderr: BufReader<ChildStderr>,
}

impl Running {
    /// Starts a run, and waits until it has completed its first step.
    fn start(place: &Place, plan: &str) -> Self {
        let mut command = place.command(&["plan", "run", plan, "--actor", "ana"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut line = String::new();
        stderr.read_line(&mut line).unwrap();
        assert!(line.starts_with("completed step 0 "), "{line}");
        Self { child, stderr }
    }

    /// Ends it as nothing else does: without a chance to say anything.
    fn kill(mut self) {
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert!(!status.success());
    }

    /// Listens to it until it ends by itself.
    fn ends(mut self) -> Answer {
        std::io::copy(&mut self.stderr, &mut std::io::sink()).unwrap();
        Answer::of(&self.child.wait_with_output().unwrap())
    }
}

#[test]
fn r72_a_second_run_is_refused_and_told_who_runs_it() {
    let (place, imported, running) = running();
    let run = ["plan", "run", &imported.plan];
    let refusal = place.refusal(&run);
    assert_eq!((refusal.code.as_str(), refusal.exit), ("PLAN_CLAIMED", 1));
    refusal.says("claimed by ana until 20");
    let shown = place.json(&["plan", "lease", &imported.plan]);
    assert_eq!(shown["plan_id"], *imported.plan);
    let lease = &shown["lease"];
    assert_eq!(
        (&lease["holder"], &lease["is_alive"], &lease["is_held"]),
        (&json!("ana"), &json!(true), &json!(true))
    );
    assert_eq!(text(&lease["worker"]).len(), 26);
    let said = place.text(&["plan", "lease", &imported.plan]);
    assert!(said.starts_with("ana runs plan "), "{said}");
    assert!(said.contains("is alive"), "{said}");
    // Another plan is nobody's.
    let other = place.import(&crate::program::sample("parser-fix.traj"));
    let answer = place.json(&["plan", "run", &other.plan, "--steps", "1"]);
    assert_eq!(answer["steps_completed"], 1);

    running.ends().success();
    let nobody = place.text(&["plan", "lease", &imported.plan]);
    assert_eq!(nobody, format!("nobody runs plan {}\n", imported.plan));
    assert!(!workers(&place).exists(), "nothing is left of them");
    place.is_sound();
}

#[test]
fn r72_a_run_that_was_killed_keeps_nobody_waiting() {
    let (place, imported, running) = running();
    running.kill();
    let shown = place.json(&["plan", "lease", &imported.plan]);
    assert_eq!(
        (&shown["lease"]["is_alive"], &shown["lease"]["is_held"]),
        (&json!(false), &json!(false))
    );
    let said = place.text(&["plan", "lease", &imported.plan]);
    assert!(said.contains("is gone, so anybody can go on"), "{said}");
    let answer = place.json(&["plan", "run", &imported.plan, "--steps", "1"]);
    assert_eq!(answer["steps_completed"], 1);
    assert!(!workers(&place).exists(), "nor is anything left of it");
    place.is_sound();
}

#[test]
fn r72_a_plan_is_taken_over_on_purpose() {
    let (place, imported, running) = running();
    let run = ["plan", "run", &imported.plan, "--steps", "1"];
    let answer = place.json(&[&run[..], &["--take-over"]].concat());
    assert_eq!(answer["steps_completed"], 1);
    let shown = place.json(&["plan", "lease", &imported.plan]);
    assert_eq!(shown["lease"], json!(null), "it was given back");
    running.kill();
    place.is_sound();
}

#[test]
fn r72_a_run_that_fails_gives_the_plan_back() {
    let (place, imported) = Place::with("parser-fix.traj");
    place.text(&["project", "pause", &imported.project]);
    let run = ["plan", "run", &imported.plan];
    place.refuses(&run, "PROJECT_PAUSED", 1);
    let shown = place.json(&["plan", "lease", &imported.plan]);
    assert_eq!(shown["lease"], json!(null));
    assert!(!workers(&place).exists());
}

fn workers(place: &Place) -> std::path::PathBuf {
    place.path("store.db.workers")
}
