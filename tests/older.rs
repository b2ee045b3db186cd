//! A program of an earlier commit beside today's, on one store: neither destroys the other's work,
//! and the older one leaves alone what it doesn't know. (Row R77.)
//!
//! `scripts/build-older.sh` builds it; `tests/older/commit` says which commit it is. Where that
//! isn't known, in a shallow clone say, these tests say so and do nothing.
#![cfg(feature = "cli")]
#![forbid(unsafe_code)]

#[path = "support/program.rs"]
mod program;

use holdpoint::journal::{Head, Sealed};
use holdpoint::model::{CommandId, Hasher, ProjectId};
use holdpoint::storage::{Commit, Row, RowChanges, RowKind, RowQuery, SqliteStorage, Storage};
use pollster::block_on;
use program::{Answer, HOLDPOINT, Imported, Place, document, list, sample};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// The program of the earlier commit; none if that isn't known here.
fn older() -> Option<&'static Path> {
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let target = Path::new(HOLDPOINT).ancestors().nth(2).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/build-older.sh");
        let said = Command::new(script)
            .arg(target)
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        assert!(said.status.success(), "the earlier commit can be built");
        let said = String::from_utf8(said.stdout).unwrap();
        (!said.is_empty()).then(|| PathBuf::from(said.trim_end()))
    });
    built.as_deref()
}

/// Some program, about to be started on a place's store.
fn of(program: &Path, place: &Place, arguments: &[&str]) -> Command {
    let todays = place.command(arguments);
    let mut command = Command::new(program);
    command
        .args(todays.get_args())
        .current_dir(todays.get_current_dir().unwrap())
        .stdin(Stdio::null());
    for (name, value) in todays.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

fn run(program: &Path, place: &Place, arguments: &[&str]) -> Answer {
    Answer::of(&of(program, place, arguments).output().unwrap())
}

/// The document that a successful command of some program answers with.
fn answer(program: &Path, place: &Place, arguments: &[&str]) -> Value {
    let arguments = [arguments, &["--json"]].concat();
    document(&run(program, place, &arguments).success().out)
}

/// Both find nothing wrong with any project.
fn is_sound_to_both(older: &Path, place: &Place) {
    place.is_sound();
    for report in list(&answer(older, place, &["verify"])) {
        assert_eq!(report["findings"], Value::Array(Vec::new()), "{report}");
    }
}

#[test]
fn r77_an_older_program_and_todays_work_by_turns_on_one_store() {
    let Some(older) = older() else { return };
    let todays = Path::new(HOLDPOINT);
    // Whichever makes the store.
    for programs in [[older, todays], [todays, older]] {
        let place = Place::new();
        let file = sample("cache-race.traj");
        let imported = answer(programs[0], &place, &["import", file.to_str().unwrap()]);
        let Imported {
            project,
            plan,
            steps,
        } = Imported::of(&imported);
        for n in 0..steps {
            let program = programs[n % 2];
            let done = answer(program, &place, &["plan", "run", &plan, "--steps", "1"]);
            assert_eq!(done["steps_completed"], 1);
            assert_eq!(done["last_completed_step"], n);
            let name = format!("step {n} 🎉");
            let taken = ["checkpoint", "create", &project, "--name", &name];
            answer(programs[(n + 1) % 2], &place, &taken);
            for command in [["project", "pause"], ["project", "resume"]] {
                answer(
                    programs[n % 2],
                    &place,
                    &[&command[..], &[&project]].concat(),
                );
            }
        }
        is_sound_to_both(older, &place);
        let [one, other] = programs.map(|program| answer(program, &place, &["history", &project]));
        assert_eq!(one, other, "both read the same");
        assert_eq!(place.plan(&plan)["progress"]["state"], "completed");
    }
}

#[test]
fn r77_an_older_program_and_todays_work_at_the_same_time_on_one_plan() {
    let Some(older) = older() else { return };
    for _ in 0..3 {
        let (place, imported) = Place::with("cache-race.traj");
        let (second, third) = (
            place.import(&sample("parser-fix.traj")),
            place.import(&sample("slug-unicode.traj")),
        );
        for plan in [imported, second, third] {
            let run = ["plan", "run", &plan.plan, "--json", "--take-over"];
            let workers = [older, Path::new(HOLDPOINT)].map(|program| {
                let mut command = of(program, &place, &run);
                command.stdout(Stdio::piped()).stderr(Stdio::piped());
                command.spawn().unwrap()
            });
            let completed = workers.map(|worker| {
                let answer = Answer::of(&worker.wait_with_output().unwrap()).success();
                document(&answer.out)["steps_completed"].as_u64().unwrap()
            });
            assert_eq!(
                completed.iter().sum::<u64>(),
                plan.steps as u64,
                "each step is one worker's"
            );
            assert_eq!(place.plan(&plan.plan)["progress"]["state"], "completed");
        }
        is_sound_to_both(older, &place);
    }
}

/// Appends an entry with an event that neither program knows, as a newer one would.
fn append_from_the_future(place: &Place, project: &str) {
    let project: ProjectId = project.parse().unwrap();
    let storage = SqliteStorage::open(place.store()).unwrap();
    let head = block_on(storage.head(project)).unwrap().unwrap();
    let query = RowQuery::of(RowKind::Projects, 1).in_project(project);
    let page = block_on(storage.rows(query)).unwrap();
    let [Row::Project(row)] = page.rows.as_slice() else {
        panic!("{page:?}");
    };
    let entry = next_entry(head, r#"{"type":"project_painted","colour":"red"}"#);
    let mut row = row.as_ref().clone();
    row.revision = entry.revision;
    let rows = RowChanges {
        project: row,
        plans: vec![],
        plans_gone: vec![],
        checkpoints: vec![],
        checkpoints_gone: vec![],
    };
    let commit = Commit::new(project, Some(head), vec![entry], rows, vec![]).unwrap();
    block_on(storage.append(commit)).unwrap();
}

fn next_entry(head: Head, event: &str) -> Sealed {
    let command = CommandId::from_parts(1_800_000_000_000, 1);
    let (revision, stamp) = (head.revision.next(), head.digest);
    let text = format!(
        r#"{{"v":1,"revision":{revision},"at":"2027-01-01T00:00:00.000Z","actor":"ana","command":{{"id":"{command}","digest":"{stamp}"}},"events":[{event}]}}"#
    );
    let digest = Hasher::tagged("holdpoint/entry/1")
        .update(head.digest.as_bytes())
        .update(text.as_bytes())
        .finish();
    Sealed {
        revision,
        command,
        prev: head.digest,
        digest,
        text: text.into(),
    }
}

/// An event that today's program knows and the earlier commit didn't.
fn set_retention(place: &Place, project: &str) {
    place.json(&["project", "retention", project, "--per-plan", "7"]);
}

/// What would change a project.
fn changes<'a>(project: &'a str, plan: &'a str) -> [Vec<&'a str>; 6] {
    [
        vec!["project", "rename", project, "older"],
        vec!["project", "pause", project],
        vec!["project", "delete", project, "--yes"],
        vec!["checkpoint", "create", project, "--name", "older"],
        vec!["plan", "run", plan],
        vec!["reindex", project],
    ]
}

#[test]
fn r77_an_older_program_refuses_what_it_does_not_know_and_leaves_it_as_it_is() {
    let Some(older) = older() else { return };
    for grow in [append_from_the_future, set_retention] {
        let (place, newer) = Place::with("parser-fix.traj");
        let known = place.import(&sample("slug-unicode.traj"));
        grow(&place, &newer.project);
        refuses_what_grew(older, &place, &newer, &known);
    }
}

fn refuses_what_grew(older: &Path, place: &Place, newer: &Imported, known: &Imported) {
    let before = place.tables();
    for arguments in changes(&newer.project, &newer.plan) {
        let arguments = [&arguments[..], &["--json"]].concat();
        let refused = run(older, place, &arguments).refusal();
        assert_eq!(
            refused.code, "TOO_NEW",
            "{arguments:?}: {}",
            refused.message
        );
    }
    assert_eq!(place.tables(), before, "no row has changed");

    // What it knows it goes on with, and the other project is in its lists.
    let listed = list(&answer(older, place, &["project", "list"]));
    assert_eq!(listed.len(), 2);
    let done = answer(older, place, &["plan", "run", &known.plan]);
    assert_eq!(done["steps_completed"], known.steps);
    let of_newer = |rows: Vec<String>| -> Vec<String> {
        rows.into_iter()
            .filter(|row| row.contains(&newer.project))
            .collect()
    };
    assert!(of_newer(before.clone()).len() > 5);
    assert_eq!(of_newer(place.tables()), of_newer(before));
}

#[test]
fn r77_an_older_program_only_reads_a_store_that_it_may_not_write_to() {
    let Some(older) = older() else { return };
    let (place, imported) = Place::with("parser-fix.traj");
    let raise = |what: &str| {
        let sql = format!("UPDATE meta SET value = 1000 WHERE key = '{what}'");
        assert_eq!(place.sql().execute(&sql, []), Ok(1));
    };
    raise("min_writer");
    let before = place.tables();
    for arguments in changes(&imported.project, &imported.plan) {
        let arguments = [&arguments[..], &["--json"]].concat();
        let refused = run(older, &place, &arguments).refusal();
        assert_eq!(
            refused.code, "TOO_NEW",
            "{arguments:?}: {}",
            refused.message
        );
    }
    assert_eq!(place.tables(), before);
    let history = answer(older, &place, &["history", &imported.project]);
    assert_eq!(list(&history), place.history(&imported.project));

    // Nor does it read one that it may not read.
    raise("min_reader");
    let bytes = std::fs::read(place.store()).unwrap();
    for arguments in changes(&imported.project, &imported.plan) {
        let arguments = [&arguments[..], &["--json"]].concat();
        let refused = run(older, &place, &arguments).refusal();
        assert_eq!(
            refused.code, "TOO_NEW",
            "{arguments:?}: {}",
            refused.message
        );
    }
    assert!(std::fs::read(place.store()).unwrap() == bytes, "no byte");
}
