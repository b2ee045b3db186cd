//! Whole trajectories played through on SQLite: half, pause, kill, resume, finish, roll back to the
//! middle, to the end again; with figures that the test works out by itself from the file's text.
//!
//! The files in `../shared/data` are real ones that are not part of the project: where they are
//! missing, the project's own samples are played alone.
#![cfg(feature = "cli")]
#![forbid(unsafe_code)]

#[path = "support/program.rs"]
mod program;

use program::{Imported, Place, list, sample, samples, text, trajectories_in};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Stdio;

fn shared_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/data")
        .join(name)
}

/// What a file says, read without any of the program's own code.
struct Recorded {
    request: String,
    steps: Vec<Value>,
}

impl Recorded {
    fn read(file: &Path) -> Self {
        let document: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        Self {
            request: request(&document),
            steps: list(&document["trajectory"]),
        }
    }

    fn field(&self, step: usize, field: &str) -> &str {
        self.steps[step][field].as_str().unwrap_or_default()
    }

    /// Thought and action of a step, with the tokens of each; blank ones make no item.
    fn items(&self, step: usize) -> Vec<(&'static str, u64)> {
        [("task", "thought"), ("code", "action")]
            .into_iter()
            .map(|(kind, field)| (kind, self.field(step, field)))
            .filter(|(_, text)| !text.trim().is_empty())
            .map(|(kind, text)| (kind, tokens(text)))
            .collect()
    }

    /// What a project is worth after so many steps: items and tokens, the request included.
    fn after(&self, steps: usize) -> Figures {
        let mut figures = Figures {
            items: 1,
            tokens: tokens(&self.request),
        };
        for (_, tokens) in (0..steps).flat_map(|step| self.items(step)) {
            figures.items += 1;
            figures.tokens += tokens;
        }
        figures
    }

    /// What of it is cold: code whose importance, `0.32 + 0.4·e^(−0.5·days)`, is below 0.4. The
    /// last step is as old as the import and each earlier one a day older. No task is ever cold.
    fn cold_after(&self, steps: usize) -> Figures {
        let mut figures = Figures::default();
        for step in 0..steps {
            let days = u32::try_from(self.steps.len() - 1 - step).unwrap();
            let is_cold = 0.32 + 0.4 * (-0.5 * f64::from(days)).exp() < 0.4;
            for (kind, tokens) in self.items(step) {
                if kind == "code" && is_cold {
                    figures.items += 1;
                    figures.tokens += tokens;
                }
            }
        }
        figures
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Figures {
    items: u64,
    tokens: u64,
}

impl Figures {
    fn without(self, other: Self) -> Self {
        Self {
            items: self.items - other.items,
            tokens: self.tokens - other.tokens,
        }
    }
}

fn tokens(text: &str) -> u64 {
    (text.chars().count() as u64).div_ceil(4)
}

/// The first message of a user that is no demonstration, else the recorded configuration's problem.
fn request(document: &Value) -> String {
    let is_demonstration = |message: &Value| {
        message["is_demo"] == true
            || message["is_demo"]
                .as_str()
                .is_some_and(|text| text == "True")
    };
    let messages = list(&document["history"]);
    let first = messages
        .iter()
        .find(|message| message["role"] == "user" && !is_demonstration(message));
    match first.map(|message| &message["content"]) {
        Some(Value::String(text)) => text.clone(),
        Some(parts) => list(parts)
            .iter()
            .map(|part| text(&part["text"]))
            .collect::<Vec<_>>()
            .join("\n"),
        None => {
            let configuration = document["replay_config"].as_str().unwrap();
            let configuration: Value = serde_json::from_str(configuration).unwrap();
            text(&configuration["problem_statement"]["text"])
        }
    }
}

/// A trajectory that is being played.
struct Play {
    place: Place,
    recorded: Recorded,
    imported: Imported,
}

impl Play {
    fn import(file: &Path) -> Self {
        let place = Place::new();
        let imported = place.import(file);
        let recorded = Recorded::read(file);
        assert_eq!(imported.steps, recorded.steps.len());
        Self {
            place,
            recorded,
            imported,
        }
    }

    fn run(&self, arguments: &[&str]) -> Value {
        let run = ["plan", "run", &self.imported.plan];
        self.place.json(&[&run, arguments].concat())
    }

    fn on_project(&self, command: &str) -> Value {
        self.place
            .json(&["project", command, &self.imported.project])
    }

    /// Starts a run and kills it as soon as it has completed a step. Says how many it had.
    fn kill_in_the_middle(&self) -> usize {
        let mut child = self
            .place
            .command(&["plan", "run", &self.imported.plan])
            // Only a build with delay points heeds this; without, the run may be over too soon,
            // which the checks allow for.
            .env("HOLDPOINT_DELAY_POINTS", "20000")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        let mut completed = 0;
        for line in said.lines() {
            if line.unwrap().starts_with("completed step ") {
                completed += 1;
                let _ = child.kill();
            }
        }
        child.wait().unwrap();
        completed
    }

    /// Each step up to this one has what was recorded as its output; the others have none.
    fn has_completed(&self, steps: usize) {
        let plan = self.place.plan(&self.imported.plan);
        let last = i64::try_from(steps).unwrap() - 1;
        assert_eq!(plan["progress"]["last_completed_step"], last);
        for (index, step) in list(&plan["steps"]).iter().enumerate() {
            if index < steps {
                assert_eq!(step["state"], "completed", "step {index}");
                let output = self
                    .place
                    .body(&self.imported.project, &step["output"]["digest"]);
                let observation = self.recorded.field(index, "observation");
                assert_eq!(output, json!(observation).to_string(), "step {index}");
            } else {
                assert_ne!(step["state"], "completed", "step {index}");
            }
        }
    }

    #[track_caller]
    fn figures_are(&self, active: Figures, archived: Figures) {
        let shown = self.on_project("show");
        let agent = &shown["agents"][0];
        let of = |tally: &Value| Figures {
            items: tally["items"].as_u64().unwrap(),
            tokens: tally["tokens"].as_u64().unwrap(),
        };
        assert_eq!(of(&agent["active"]), active, "active");
        assert_eq!(of(&agent["archived"]), archived, "archived");
        assert_eq!(shown["tokens"], active.tokens);
        assert_eq!(shown["items_archived"], archived.items);
        let tiers =
            ["hot", "warm", "cold"].map(|tier| agent["tiers"][tier]["items"].as_u64().unwrap());
        assert_eq!(
            tiers.iter().sum::<u64>(),
            active.items,
            "each is in one tier"
        );
    }

    /// Pauses, and expects the report to say that this was there and that this of it was cold.
    #[track_caller]
    fn pause_reports(&self, before: Figures, cold: Figures) {
        let report = self.on_project("pause");
        let after = before.tokens - cold.tokens;
        assert_eq!(report["tokens_before"], before.tokens);
        assert_eq!(report["tokens_after"], after);
        assert_eq!(report["items_archived"], cold.items);
        #[allow(clippy::cast_precision_loss)] // thousands of tokens
        let percent = 100.0 * cold.tokens as f64 / before.tokens as f64;
        let reported = report["reduction_percentage"].as_f64().unwrap();
        assert!(
            (reported - percent).abs() < 0.006,
            "{reported} for {percent}"
        );
        let agent = &report["agents"][0];
        let kept = agent["hot_kept"].as_u64().unwrap() + agent["warm_kept"].as_u64().unwrap();
        assert_eq!(kept, before.items - cold.items);
    }

    /// The checkpoint that was taken when so many steps were done.
    fn checkpoint_after(&self, steps: usize) -> String {
        let name = format!("after step {}", steps - 1);
        let all = list(
            &self
                .place
                .json(&["checkpoint", "list", &self.imported.project]),
        );
        let found = all.iter().find(|row| row["name"] == *name).unwrap();
        text(&found["checkpoint"])
    }
}

fn plays_through(file: &Path) {
    let play = Play::import(file);
    let (all, half) = (play.imported.steps, play.imported.steps / 2);
    let recorded = &play.recorded;
    play.figures_are(recorded.after(0), Figures::default());

    // Half of it, then a pause.
    assert_eq!(
        play.run(&["--steps", &half.to_string()])["steps_completed"],
        half
    );
    let (worked, cold) = (recorded.after(half), recorded.cold_after(half));
    play.figures_are(worked, Figures::default());
    play.pause_reports(worked, cold);
    play.figures_are(worked.without(cold), cold);
    play.has_completed(half);

    // R13: while it is paused, no process gets a step done, killed or not.
    play.place
        .refuses(&["plan", "run", &play.imported.plan], "PROJECT_PAUSED", 1);
    assert_eq!(play.kill_in_the_middle(), 0);
    play.has_completed(half);
    play.place.is_sound();

    // Resumed, and killed in the middle of the second half.
    assert_eq!(play.on_project("resume")["status"], "active");
    let completed = play.kill_in_the_middle();
    let reached = play.place.plan(&play.imported.plan)["progress"]["last_completed_step"].clone();
    let reached = usize::try_from(reached.as_u64().unwrap()).unwrap() + 1;
    assert!(completed > 0 && reached >= half + completed, "{completed}");
    println!("killed when {reached} of {all} steps were done");
    play.has_completed(reached);
    play.place.is_sound();

    // A pause and a resume more, for a project has many of them; then to the end.
    play.on_project("pause");
    play.on_project("resume");
    let finished = play.run(&[]);
    assert_eq!(finished["state"], "completed");
    assert_eq!(finished["steps_completed"], all - reached);
    play.has_completed(all);
    play.place.is_sound();

    // Back to the middle, where nothing had been archived yet.
    let middle = play.checkpoint_after(half);
    let rollback = ["plan", "rollback", &play.imported.plan, &middle];
    let outcome = play.place.json(&rollback)["outcome"].clone();
    assert_eq!(outcome["steps_reverted"], all - half);
    assert_eq!(outcome["items_restored"], cold.items);
    let later = recorded.after(all).without(worked);
    assert_eq!(outcome["items_removed"], later.items);
    play.has_completed(half);
    play.figures_are(worked, Figures::default());
    play.place.is_sound();

    // To the end again. The attempts are counted on, and all of the context is there.
    assert_eq!(play.run(&[])["steps_completed"], all - half);
    play.has_completed(all);
    play.figures_are(recorded.after(all), Figures::default());
    let guards = play.place.plan(&play.imported.plan)["guards"].clone();
    assert_eq!(guards["reversion_count"], 1);
    assert!(guards["last_attempt"].as_u64().unwrap() >= (all + all - half) as u64);
    play.pause_reports(recorded.after(all), recorded.cold_after(all));
    play.place.is_sound();
}

#[test]
fn every_shared_file_plays_through_half_pause_kill_resume_finish_and_rollback() {
    let files = trajectories_in(&shared_file(""));
    if files.is_empty() {
        println!("skipped: there is no ../shared/data here");
    }
    for file in files {
        println!("{}", file.display());
        plays_through(&file);
    }
}

#[test]
fn every_sample_plays_through_half_pause_kill_resume_finish_and_rollback() {
    let files = samples();
    assert!(files.len() >= 2);
    for file in files {
        println!("{}", file.display());
        plays_through(&file);
    }
}

/// The figures of a pause after so many steps, as numbers that were worked out on paper.
fn paused_after(file: &Path, steps: usize, before: Figures, cold: Figures) {
    let play = Play::import(file);
    play.run(&["--steps", &steps.to_string()]);
    play.pause_reports(before, cold);
    play.figures_are(before.without(cold), cold);
}

const fn figures(items: u64, tokens: u64) -> Figures {
    Figures { items, tokens }
}

#[test]
fn the_figures_of_a_shared_file_are_those_of_a_calculation_by_hand() {
    let file = shared_file("humanevalfix-0.traj");
    if !file.exists() {
        println!("skipped: there is no {}", file.display());
        return;
    }
    // A request of 3,529 characters; thoughts of 376 and 123, actions of 6 and 13. The first
    // action is 4 days old (importance 0.374: cold), the second 3 days (0.409: warm).
    paused_after(&file, 2, figures(5, 883 + 94 + 2 + 31 + 4), figures(1, 2));
    // And thoughts of 224, 163 and 83, actions of 68, 15 and 7, none of them older.
    paused_after(
        &file,
        5,
        figures(11, 1_014 + 56 + 17 + 41 + 4 + 21 + 2),
        figures(1, 2),
    );
}

#[test]
fn the_figures_of_a_sample_are_those_of_a_calculation_by_hand() {
    // A request of 254 characters; thoughts of 91, 46, 130 and 35, actions of 6, 16, 141 and 20,
    // which are 7 to 4 days old: all of these actions are cold.
    paused_after(
        &sample("parser-fix.traj"),
        4,
        figures(9, 64 + 23 + 2 + 12 + 4 + 33 + 36 + 9 + 5),
        figures(4, 2 + 4 + 36 + 5),
    );
}
