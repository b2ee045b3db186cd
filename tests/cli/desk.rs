//! A plan on somebody's desk: asked, submitted, decided on.

use crate::program::{Place, text};
use serde_json::{Value, json};

/// All four.
pub(super) const GATES: &str = "plan,implementation,review,verification";

/// Things are asked of one plan, by its author or by whoever decides.
pub(super) struct Desk {
    pub(super) place: Place,
    pub(super) project: String,
    pub(super) plan: String,
}

impl Desk {
    /// A started plan that waits for these decisions.
    pub(super) fn with(gates: &str) -> Self {
        let place = Place::new();
        let project = text(&place.json(&["project", "create", "Site redesign"])["project"]);
        let create = [
            "plan",
            "create",
            "--project",
            &project,
            "--request",
            "Add sign-in",
        ];
        let receipt = place.json(&[&create[..], &["--gate", gates]].concat());
        let plan = text(&receipt["outcome"]["plan"]);
        place.text(&["plan", "start", &plan]);
        Self {
            place,
            project,
            plan,
        }
    }

    /// `plan …` on the plan, with its receipt's outcome.
    pub(super) fn plan(&self, command: &str, rest: &[&str]) -> Value {
        let arguments = [&["plan", command, &self.plan], rest].concat();
        self.place.json(&arguments)["outcome"].take()
    }

    /// The same, decided by `boss`.
    pub(super) fn boss(&self, command: &str, submission: &str, rest: &[&str]) -> Value {
        let on = ["--submission", submission, "--actor", "boss"];
        self.plan(command, &[&on[..], rest].concat())
    }

    pub(super) fn submit(&self, words: &str) -> Value {
        let steps = ["--step", "design", "--step", "code", "--step", "test"];
        self.plan("submit", &[&["--text", words], &steps[..]].concat())
    }

    /// Does the steps that are left; gives what became of the last.
    pub(super) fn implement(&self) -> Value {
        loop {
            let started = self.place.json(&["step", "start", &self.plan]);
            let attempt = started["outcome"]["attempt"].to_string();
            let complete = ["step", "complete", &self.plan, "--attempt", &attempt];
            let done = self.place.json(&complete)["outcome"].take();
            if done["state"] != "implementing" {
                return done;
            }
        }
    }

    pub(super) fn next(&self) -> Value {
        self.place.json(&["plan", "show", &self.plan])["next"].take()
    }
}

/// Where the plan is, and which submission waits.
#[track_caller]
pub(super) fn is_at(outcome: &Value, state: &str, submission: impl Into<Value>) {
    assert_eq!(
        (&outcome["state"], &outcome["submission"]),
        (&json!(state), &submission.into()),
        "{outcome}"
    );
}
