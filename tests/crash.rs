//! The program is killed at random moments, and two of it work on one plan at once (R45, R54, R71).
//!
//! Needs the feature `delay-points`, which draws out the moments inside an append and says on
//! stderr when one began and when its caller had the answer. The seed is printed; the environment
//! variable `HOLDPOINT_SEED` repeats a run's random choices.
#![cfg(all(feature = "cli", feature = "delay-points"))]
#![forbid(unsafe_code)]

#[path = "support/program.rs"]
mod program;

use program::{Answer, Imported, Place, document, integrity, list, sample};
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Says a figure past the test runner, which keeps what a passing test prints to itself.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stdout(), $($text)*);
    }};
}

/// How often a running plan is killed.
const KILLS: u32 = 210;
/// How often an import is killed.
const IMPORT_KILLS: u32 = 60;
/// Enough steps for the entries to outweigh a snapshot, so that kills hit its saving too.
const STEPS: usize = 60;
const SIGKILL: i32 = 9;

/// A random number generator (SplitMix64) whose seed can be given.
struct Random(u64);

impl Random {
    /// For one test: tests run side by side, and each has to repeat by itself.
    fn seeded(test: &str) -> Self {
        let seed = if let Ok(seed) = std::env::var("HOLDPOINT_SEED") {
            seed.parse().expect("HOLDPOINT_SEED is a number")
        } else {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
            now.as_secs() << 32 | u64::from(now.subsec_nanos())
        };
        say!("{test}: HOLDPOINT_SEED={seed}");
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        let choice = self.below(choices.len() as u64);
        choices[usize::try_from(choice).unwrap()]
    }
}

/// A trajectory as it was recorded, and as a file to import.
struct Recording {
    steps: Vec<Value>,
    file: String,
}

impl Recording {
    /// Steps like those of the samples, each unlike every other, some with long observations.
    fn new(count: usize) -> Self {
        let text = std::fs::read_to_string(sample("parser-fix.traj")).unwrap();
        let template: Value = serde_json::from_str(&text).unwrap();
        let templates = list(&template["trajectory"]);
        let step = |index: usize| {
            let step = &templates[index % templates.len()];
            let long = "x".repeat(if index % 7 == 3 { 20_000 } else { 0 });
            let own = |field: &str| format!("{}{index}", step[field].as_str().unwrap());
            json!({
                "thought": if index % 5 == 4 { String::new() } else { own("thought") },
                "action": own("action"),
                "observation": own("observation") + &long,
            })
        };
        let steps: Vec<_> = (0..count).map(step).collect();
        let file =
            json!({"trajectory": steps, "history": template["history"], "info": {}}).to_string();
        Self { steps, file }
    }

    /// The output that a step is completed with.
    fn output(&self, step: usize) -> String {
        self.steps[step]["observation"].to_string()
    }

    /// The kinds and sizes of the items that come with its result.
    fn items(&self, step: usize) -> Vec<(String, u64)> {
        [("task", "thought"), ("code", "action")]
            .into_iter()
            .map(|(kind, field)| (kind, self.steps[step][field].as_str().unwrap()))
            .filter(|(_, text)| !text.trim().is_empty())
            .map(|(kind, text)| (kind.to_owned(), text.len() as u64))
            .collect()
    }
}

/// One imported plan and all that is checked of it.
struct Work<'a> {
    place: Place,
    recording: &'a Recording,
    imported: Imported,
}

impl<'a> Work<'a> {
    fn import(recording: &'a Recording) -> Self {
        let place = Place::new();
        let file = place.write("long.traj", &recording.file);
        Self {
            imported: place.import(&file),
            place,
            recording,
        }
    }

    fn run(&self, delay_microseconds: u64, arguments: &[&str]) -> Command {
        let fixed = ["plan", "run", &self.imported.plan];
        let mut command = self.place.command(&[&fixed, arguments].concat());
        command
            .env("HOLDPOINT_DELAY_POINTS", delay_microseconds.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn plan(&self) -> Value {
        self.place.plan(&self.imported.plan)
    }

    fn history(&self) -> Vec<Value> {
        self.place.history(&self.imported.project)
    }

    /// Follows the journal by hand: it is one legal history, and the plan is what it leads to.
    fn follow(&self, entries: &[Value], plan: &Value) {
        let (mut last_attempt, mut last_completed) = (0, -1);
        let mut running: Option<(i64, u64)> = None;
        for (entry, revision) in entries.iter().zip(1_u64..) {
            assert_eq!(entry["revision"], revision, "revisions have no gap");
            for event in list(&entry["events"]) {
                let named = || {
                    (
                        event["step"].as_i64().unwrap(),
                        event["attempt"].as_u64().unwrap(),
                    )
                };
                match event["type"].as_str().unwrap() {
                    "step_started" => {
                        let (step, attempt) = named();
                        assert_eq!(attempt, last_attempt + 1, "attempts have no gap: {event}");
                        assert_eq!(step, last_completed + 1, "steps go in order: {event}");
                        last_attempt = attempt;
                        running = Some((step, attempt));
                    }
                    "step_completed" => {
                        assert_eq!(running.take(), Some(named()), "by its newest attempt");
                        last_completed += 1;
                        self.comes_whole(entry, usize::try_from(last_completed).unwrap());
                    }
                    _ => {}
                }
            }
        }
        assert_eq!(plan["progress"]["last_completed_step"], last_completed);
        assert_eq!(plan["guards"]["last_attempt"], last_attempt);
        for (step, index) in list(&plan["steps"]).iter().zip(0_i64..) {
            let expected = match running {
                _ if index <= last_completed => json!("completed"),
                Some((running, attempt)) if running == index => {
                    assert_eq!(step["attempt"], attempt);
                    json!("running")
                }
                _ => json!("pending"),
            };
            assert_eq!(step["state"], expected, "step {index}");
            let has_output = !step["output"].is_null();
            assert_eq!(has_output, index <= last_completed, "step {index}");
        }
    }

    /// The entry of a completed step holds its context and its checkpoint as well.
    fn comes_whole(&self, entry: &Value, step: usize) {
        let events = list(&entry["events"]);
        let of_type = |name: &str| {
            let found: Vec<_> = events
                .iter()
                .filter(|event| event["type"] == name)
                .collect();
            assert_eq!(found.len(), 1, "{name} in {entry}");
            found[0].clone()
        };
        let items: Vec<_> = list(&of_type("items_added")["items"])
            .iter()
            .map(|item| {
                let kind = item["kind"].as_str().unwrap().to_owned();
                (kind, item["body"]["bytes"].as_u64().unwrap())
            })
            .collect();
        assert_eq!(items, self.recording.items(step), "step {step}");
        of_type("checkpoint_created");
    }

    fn snapshots(&self) -> u32 {
        let sql = "SELECT count(*) FROM snapshots";
        self.place
            .sql()
            .query_row(sql, [], |row| row.get(0))
            .unwrap()
    }

    /// All there is to check at a moment of rest. Returns the plan and the journal's length.
    fn check(&self) -> (Value, u64) {
        let (plan, entries) = (self.plan(), self.history());
        self.follow(&entries, &plan);
        for (index, step) in list(&plan["steps"]).iter().enumerate() {
            if step["state"] == "completed" {
                let output = self
                    .place
                    .body(&self.imported.project, &step["output"]["digest"]);
                assert_eq!(output, self.recording.output(index), "step {index}");
            }
        }
        self.place.is_sound();
        (plan, entries.len() as u64)
    }
}

/// What a program said on stderr before it ended.
#[derive(Debug, Default)]
struct Said {
    /// Steps that it called completed, each with its attempt.
    completed: Vec<(usize, u64)>,
    begun: u64,
    acknowledged: u64,
    /// Whether the last that was heard is that an append has written its first byte.
    ended_inside: bool,
}

impl Said {
    fn of(output: &Output) -> Self {
        let mut said = Self::default();
        // The last line may be cut off: only a marker, which is written at once, counts then.
        for line in String::from_utf8_lossy(&output.stderr).split_inclusive('\n') {
            match line.trim_end() {
                "@append-begun" => {
                    said.begun += 1;
                    said.ended_inside = true;
                }
                "@append-acknowledged" => {
                    said.acknowledged += 1;
                    said.ended_inside = false;
                }
                _ if line.ends_with('\n') => said.completed.extend(completed_step(line)),
                _ => {}
            }
        }
        said
    }
}

/// `completed step 3 (attempt 5): title`.
fn completed_step(line: &str) -> Option<(usize, u64)> {
    let (step, rest) = line
        .strip_prefix("completed step ")?
        .split_once(" (attempt ")?;
    let (attempt, _) = rest.split_once("): ")?;
    Some((step.parse().unwrap(), attempt.parse().unwrap()))
}

/// When a program is killed.
#[derive(Clone, Copy)]
enum Moment {
    /// So many microseconds after its start.
    AfterStart(u64),
    /// So many microseconds after its first append began, however slow the machine is.
    AfterFirstByte(u64),
}

impl Moment {
    fn random(random: &mut Random, microseconds: u64) -> Self {
        let after = random.below(microseconds);
        match random.below(2) {
            0 => Moment::AfterStart(after),
            _ => Moment::AfterFirstByte(after),
        }
    }
}

/// Starts a program and kills it. Says what was heard of it, or nothing if it had ended by then.
fn kill(mut command: Command, moment: Moment) -> (Option<Said>, Output) {
    let mut child = command.spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut heard = Vec::new();
    let microseconds = match moment {
        Moment::AfterStart(microseconds) => microseconds,
        Moment::AfterFirstByte(microseconds) => {
            stderr.read_until(b'\n', &mut heard).unwrap();
            microseconds
        }
    };
    std::thread::sleep(Duration::from_micros(microseconds));
    let _ = child.kill();
    stderr.read_to_end(&mut heard).unwrap();
    let mut output = child.wait_with_output().unwrap();
    output.stderr = heard;
    let was_killed = output.status.signal() == Some(SIGKILL);
    (was_killed.then(|| Said::of(&output)), output)
}

#[test]
fn r45_r34_a_killed_plan_has_all_that_was_acknowledged_and_goes_on_at_the_next_step() {
    let mut random = Random::seeded("killed plans");
    let recording = Recording::new(STEPS);
    let mut work = Work::import(&recording);
    let (mut revision, mut kills, mut inside) = (1, 0, 0);
    let (mut steps, mut plans, mut snapshots) = (0, 1, 0);
    while kills < KILLS {
        let delay = random.one_of(&[800, 3_000, 8_000]);
        let moment = Moment::random(&mut random, 100_000);
        let (said, output) = kill(work.run(delay, &[]), moment);
        let Some(said) = said else {
            Answer::of(&output).success();
            assert_eq!(work.check().0["progress"]["state"], "completed");
            snapshots += work.snapshots();
            (work, revision, plans) = (Work::import(&recording), 1, plans + 1);
            continue;
        };
        kills += 1;
        inside += u32::from(said.ended_inside);
        let (plan, reached) = work.check();
        assert!(
            (revision + said.acknowledged..=revision + said.begun).contains(&reached),
            "revision {reached} after {revision} and {said:?}"
        );
        for (step, attempt) in &said.completed {
            assert_eq!(plan["steps"][step]["state"], "completed", "step {step}");
            assert_eq!(plan["steps"][step]["attempt"], *attempt, "step {step}");
        }
        steps += said.completed.len();
        revision = goes_on(&work, &plan, reached);
    }
    say!(
        "killed {kills} times in {plans} plans of {STEPS} steps, {inside} times between the first \
         byte of an append and its acknowledgement ({} %); {steps} acknowledged steps checked; \
         {snapshots} snapshots",
        inside * 100 / kills
    );
    assert!(inside * 3 >= kills, "{inside} of {kills}");
    assert!(snapshots > 0);
}

/// One more step, which is the one after the last completed. Returns the journal's length.
fn goes_on(work: &Work<'_>, plan: &Value, revision: u64) -> u64 {
    let last = plan["progress"]["last_completed_step"].as_u64();
    let next = last.map_or(0, |last| last + 1);
    let one_step = ["plan", "run", &work.imported.plan, "--steps", "1"];
    let answer = work.place.json(&one_step);
    if next == STEPS as u64 {
        assert_eq!(answer["steps_completed"], 0, "it was completed already");
        return revision;
    }
    assert_eq!(answer["steps_completed"], 1);
    assert_eq!(answer["last_completed_step"], next);
    // A start and a result: the next check follows them and counts.
    revision + 2
}

#[test]
fn r45_a_killed_import_leaves_the_whole_project_or_none() {
    let mut random = Random::seeded("killed imports");
    let recording = Recording::new(STEPS);
    let mut place = Place::new();
    let (mut kills, mut inside, mut whole) = (0, 0, 0);
    while kills < IMPORT_KILLS {
        // Every other time there is no store yet: its making is part of the import.
        if random.below(2) == 0 {
            place = Place::new();
        }
        let file = place.write("long.traj", &recording.file);
        let before = projects(&place);
        let mut command = place.command(&["import", file.to_str().unwrap(), "--json"]);
        command
            .env("HOLDPOINT_DELAY_POINTS", "15000")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let (said, output) = kill(command, Moment::random(&mut random, 40_000));
        let after = projects(&place);
        let acknowledged = String::from_utf8(output.stdout).unwrap();
        if let Some(said) = said {
            kills += 1;
            inside += u32::from(said.ended_inside);
            whole += u32::from(after.len() > before.len());
        }
        if acknowledged.ends_with('\n') {
            let project = document(&acknowledged)["project_id"].clone();
            assert!(after.contains(&project), "an acknowledged import is there");
        }
        assert!(after.len() <= before.len() + 1 && after[..before.len()] == before);
        if place.store().exists() {
            no_part_of_a_project(&place);
            place.is_sound();
        }
        if let [_] = &after[before.len()..] {
            let plans = list(&place.json(&["plan", "list"]));
            let plan = plans.last().unwrap();
            assert_eq!(plan["steps"], STEPS as u64);
            assert_eq!(plan["state"], "implementing");
        }
        // Whatever was left behind, it is no hindrance.
        let again = place.import(&file);
        assert_eq!(projects(&place).len(), after.len() + 1);
        let shown = place.json(&["project", "show", &again.project]);
        assert_eq!(
            shown["agents"][0]["tiers"]["hot"]["items"], 1,
            "the request is there, pinned"
        );
    }
    say!("killed {kills} imports, {inside} of them inside the append; {whole} had taken effect");
}

/// The projects of a store, which may not be there yet.
fn projects(place: &Place) -> Vec<Value> {
    if !place.store().exists() {
        return Vec::new();
    }
    list(&place.json(&["project", "list"]))
        .iter()
        .map(|project| project["project"].clone())
        .collect()
}

fn no_part_of_a_project(place: &Place) {
    for table in ["entries", "plans", "checkpoints", "blobs", "snapshots"] {
        let sql = format!(
            "SELECT count(*) FROM {table} WHERE project NOT IN (SELECT project FROM projects)"
        );
        let left: u32 = place.sql().query_row(&sql, [], |row| row.get(0)).unwrap();
        assert_eq!(left, 0, "{table}");
    }
    assert_eq!(integrity(&place.sql()), "ok");
}

#[test]
fn r54_r71_two_processes_on_one_plan_make_one_legal_history_with_every_result_once() {
    let recording = Recording::new(24);
    let (mut taken_over, mut shared) = (0, 0);
    for delay in [0, 1_000, 4_000, 0, 8_000, 16_000] {
        let work = Work::import(&recording);
        let workers: Vec<_> = (0..2)
            .map(|_| work.run(delay, &["--json", "--take-over"]).spawn().unwrap())
            .collect();
        let completed: Vec<u64> = workers
            .into_iter()
            .map(|worker| Answer::of(&worker.wait_with_output().unwrap()).success())
            .map(|answer| document(&answer.out)["steps_completed"].as_u64().unwrap())
            .collect();
        assert_eq!(completed.iter().sum::<u64>(), 24, "each is one worker's");
        let (plan, _) = work.check();
        assert_eq!(plan["progress"]["state"], "completed");
        taken_over += plan["guards"]["last_attempt"].as_u64().unwrap() - 24;
        shared += u32::from(completed.iter().all(|steps| *steps > 0));
    }
    say!(
        "two processes at once: a running step was taken over {taken_over} times; both completed \
         steps of {shared} plans"
    );
    assert!(taken_over > 0 || shared > 0, "they never met");
}

#[test]
fn r45_r54_of_two_processes_on_one_plan_one_is_killed_and_the_other_finishes() {
    let mut random = Random::seeded("one of two killed");
    let recording = Recording::new(24);
    let mut killed = 0;
    for _ in 0..8 {
        let work = Work::import(&recording);
        let mut survivor = work.run(3_000, &["--json", "--take-over"]);
        let survivor = survivor.spawn().unwrap();
        let moment = Moment::random(&mut random, 100_000);
        let (said, _) = kill(work.run(3_000, &["--take-over"]), moment);
        Answer::of(&survivor.wait_with_output().unwrap()).success();
        let (plan, _) = work.check();
        assert_eq!(plan["progress"]["state"], "completed");
        for (step, attempt) in said.iter().flat_map(|said| &said.completed) {
            assert_eq!(plan["steps"][step]["attempt"], *attempt, "step {step}");
        }
        killed += u32::from(said.is_some());
    }
    say!("killed one of two processes {killed} times");
    assert!(killed > 0);
}
