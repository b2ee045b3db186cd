//! How many checkpoints stay.

use crate::program::{Place, list, text};
use serde_json::{Value, json};

/// A project with two plans, each with so many checkpoints, and as many of its own.
struct Shelf {
    place: Place,
    project: String,
    plans: [String; 2],
}

impl Shelf {
    fn with(count: usize, settings: &[&str]) -> Self {
        let place = Place::new();
        let create = [&["project", "create", "Site redesign"], settings].concat();
        let project = text(&place.json(&create)["project"]);
        let plans = ["first", "second"].map(|request| {
            let create = [
                "plan",
                "create",
                "--project",
                &project,
                "--request",
                request,
            ];
            text(&place.json(&create)["outcome"]["plan"])
        });
        let shelf = Self {
            place,
            project,
            plans,
        };
        for number in 0..count {
            for plan in [None, Some(0), Some(1)] {
                shelf.take(&number.to_string(), plan);
            }
        }
        shelf
    }

    fn take(&self, name: &str, plan: Option<usize>) -> String {
        let mut take = vec!["checkpoint", "create", &self.project, "--name", name];
        if let Some(plan) = plan {
            take.extend(["--plan", &self.plans[plan]]);
        }
        text(&self.place.json(&take)["outcome"]["checkpoint"])
    }

    /// The names of the project's own checkpoints, or of a plan's.
    fn names(&self, plan: Option<usize>) -> Vec<String> {
        let all = list(&self.place.json(&["checkpoint", "list", &self.project]));
        let plan = plan.map_or(Value::Null, |plan| json!(self.plans[plan]));
        let own = all.iter().filter(|row| row["plan"] == plan);
        own.map(|row| text(&row["name"])).collect()
    }

    fn prune(&self, rest: &[&str]) -> Value {
        let prune = [&["checkpoint", "prune", &self.project], rest].concat();
        self.place.json(&prune)["outcome"].take()
    }

    fn retention(&self) -> Value {
        self.place.json(&["project", "show", &self.project])["retention"].take()
    }
}

#[test]
fn r64_old_checkpoints_are_pruned_and_a_dry_run_says_which() {
    let shelf = Shelf::with(3, &[]);
    let dry_run = shelf.prune(&["--per-plan", "1", "--of-project", "2", "--dry-run"]);
    assert_eq!(shelf.names(None), ["0", "1", "2"]);
    assert_eq!(list(&dry_run["pruned"]).len(), 5);
    assert_eq!(
        (&dry_run["kept"], &dry_run["protected"]),
        (&json!(4), &json!(0))
    );
    let told = shelf.place.text(&[
        "checkpoint",
        "prune",
        &shelf.project,
        "--of-project",
        "2",
        "--dry-run",
    ]);
    assert!(told.contains("nothing has changed"), "{told}");
    assert!(told.contains("1 checkpoints go, 8 stay"), "{told}");
    let done = shelf.prune(&["--per-plan", "1", "--of-project", "2"]);
    assert_eq!(done, dry_run);
    assert_eq!(shelf.names(None), ["1", "2"]);
    assert_eq!(shelf.names(Some(0)), ["2"]);
    assert_eq!(shelf.names(Some(1)), ["2"]);
    // What isn't given is the project's own, and here nothing is beyond that.
    let nothing = shelf.prune(&[]);
    assert_eq!(nothing["policy"], json!({"per_plan": 50, "of_project": 50}));
    assert_eq!(
        (list(&nothing["pruned"]).len(), &nothing["kept"]),
        (0, &json!(4))
    );
    let told = shelf.place.text(&["checkpoint", "prune", &shelf.project]);
    assert!(
        told.contains("0 checkpoints gone, 4 left, 0 of them protected"),
        "{told}"
    );
    let history = shelf.place.text(&["history", &shelf.project]);
    assert!(history.contains("5 old checkpoints let go"), "{history}");
    shelf.place.is_sound();
}

#[test]
fn r64_a_project_is_made_with_limits_and_they_are_set_later() {
    let shelf = Shelf::with(3, &["--keep-per-plan", "2", "--keep-of-project", "1"]);
    assert_eq!(shelf.retention(), json!({"per_plan": 2, "of_project": 1}));
    assert_eq!(shelf.names(None), ["2"]);
    assert_eq!(shelf.names(Some(0)), ["1", "2"]);
    let show = ["project", "show", &shelf.project];
    let told = shelf.place.text(&show);
    let line = "keeps 2 checkpoints of each plan, 1 of the project";
    assert!(told.contains(line), "{told}");
    let set = ["project", "retention", &shelf.project, "--of-project", "3"];
    let outcome = shelf.place.json(&set)["outcome"].take();
    let policy = json!({"per_plan": 2, "of_project": 3});
    assert_eq!(outcome, json!({"type": "retention_set", "policy": policy}));
    assert_eq!(shelf.retention(), policy);
    for name in ["3", "4"] {
        shelf.take(name, None);
    }
    assert_eq!(shelf.names(None), ["2", "3", "4"]);
    // One that nobody chose anything for says so too.
    let other = Place::new();
    let project = text(&other.json(&["project", "create", "other"])["project"]);
    let shown = other.json(&["project", "show", &project]);
    assert_eq!(
        shown["retention"],
        json!({"per_plan": 50, "of_project": 50})
    );
}

#[test]
fn r64_a_checkpoint_is_pinned_and_unpinned() {
    let shelf = Shelf::with(3, &[]);
    let all = list(&shelf.place.json(&["checkpoint", "list", &shelf.project]));
    let first = text(&all[0]["checkpoint"]);
    let pin = ["checkpoint", "pin", &shelf.project, &first];
    let outcome = shelf.place.json(&pin)["outcome"].take();
    let pinned =
        |pinned| json!({"type": "checkpoint_pinned", "checkpoint": first, "pinned": pinned});
    assert_eq!(outcome, pinned(true));
    let told = shelf.place.text(&pin);
    assert_eq!(told.trim(), format!("checkpoint {first} is pinned"));
    let told = shelf.place.text(&["checkpoint", "list", &shelf.project]);
    let line = told.lines().find(|line| line.starts_with(&first)).unwrap();
    let others = told.lines().filter(|line| line.contains("yes"));
    assert!(others.eq([line]), "{told}");
    assert_eq!(shelf.prune(&["--of-project", "1"])["protected"], 1);
    assert_eq!(shelf.names(None), ["0", "2"]);
    let unpin = ["checkpoint", "unpin", &shelf.project, &first];
    assert_eq!(shelf.place.json(&unpin)["outcome"], pinned(false));
    shelf.prune(&["--of-project", "1"]);
    assert_eq!(shelf.names(None), ["2"]);
    shelf.place.refuses(&pin, "CHECKPOINT_NOT_FOUND", 1);
}

#[test]
fn limits_with_something_wrong_in_them_are_refused() {
    let shelf = Shelf::with(1, &[]);
    let project = shelf.project.as_str();
    for wrong in [
        &["checkpoint", "prune", project, "--per-plan", "0"][..],
        &["checkpoint", "prune", project, "--of-project", "1000001"],
        &["checkpoint", "prune", project, "--of-project", "many"],
        &["checkpoint", "prune", project, "--per-plan", "-1"],
        &["checkpoint", "prune"],
        &["project", "retention", project],
        &["project", "retention", project, "--per-plan", "0"],
        &["project", "create", "x", "--keep-per-plan", "0"],
        &["project", "create", "x", "--keep-of-project", "1.5"],
        &["checkpoint", "pin", project],
    ] {
        shelf.place.refuses(wrong, "USAGE", 2);
    }
    let nobody = "01KDWPVNG0CRWD4R5CNFD7RMJH";
    for wrong in [
        ["checkpoint", "pin", project, nobody],
        ["checkpoint", "unpin", project, nobody],
    ] {
        shelf.place.refuses(&wrong, "CHECKPOINT_NOT_FOUND", 1);
    }
    shelf
        .place
        .refuses(&["checkpoint", "prune", nobody], "PROJECT_NOT_FOUND", 1);
    assert_eq!(shelf.names(None), ["0"]);
}
