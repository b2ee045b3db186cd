//! The task that `benches/peers` gives to what somebody might take instead, on SQLite: a state of so
//! many items is kept through checkpoints, ten items being replaced before each, and one of them is
//! gone back to later. `HOLDPOINT_TASK` has this process do one part of it and say what it found, as
//! `benches/peers/run.mjs` asks; without it all is done here, beside nothing.

use crate::say;
use crate::support::memory::{peak, peak_over};
use crate::support::{over, show, spread, time};
use holdpoint::engine::Engine;
use holdpoint::machine::{Command, InitialStatus, NewCheckpoint, NewItem, Outcome};
use holdpoint::model::{
    Body, CheckpointId, Item, ItemId, ItemKind, Name, Point, Project, ProjectId, ProjectSettings,
    RetentionPolicy,
};
use holdpoint::storage::{Durability, SqliteOptions, SqliteStorage};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How many items are replaced before each checkpoint, and how many one command adds at first.
const CHANGED: usize = 10;
const BATCH: usize = 1000;

type Store = Engine<SqliteStorage>;

#[derive(Deserialize)]
struct Task {
    items: usize,
    checkpoints: usize,
    /// The checkpoint that is gone back to, from 1.
    to: usize,
    phase: Phase,
    options: Options,
    kept: Option<Kept>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Phase {
    Work,
    Back,
}

#[derive(Clone, Deserialize)]
struct Options {
    file: PathBuf,
    durability: String,
}

#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    project: ProjectId,
    checkpoints: Vec<CheckpointId>,
}

/// Times in milliseconds, memory in bytes.
#[derive(Serialize)]
struct Worked {
    times: Vec<f64>,
    alone: Vec<f64>,
    bytes: u64,
    kept: Kept,
    before: Option<u64>,
    peak: Option<u64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Back {
    reopen: f64,
    list: f64,
    read: f64,
    restore: f64,
    peak_all: Option<u64>,
}

pub(crate) fn run() {
    if let Ok(task) = std::env::var("HOLDPOINT_TASK") {
        let task: Task = serde_json::from_str(&task).expect("a task, as run.mjs gives it");
        let found = match task.phase {
            Phase::Work => serde_json::to_string(&work(&task)),
            Phase::Back => serde_json::to_string(&back(&task)),
        };
        println!("{}", found.expect("figures can be written"));
        return;
    }
    for items in [1_000, 10_000] {
        for durability in ["relaxed", "strict"] {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let mut task = Task {
                items,
                checkpoints: 200,
                to: 100,
                phase: Phase::Work,
                options: Options {
                    file: folder.path().join("store.db"),
                    durability: durability.to_owned(),
                },
                kept: None,
            };
            let worked = work(&task);
            task.kept = Some(worked.kept.clone());
            let back = back(&task);
            let times = (worked.times.iter()).map(|time| Duration::from_secs_f64(time / 1000.0));
            let times = spread(times.collect());
            say!(
                "{items} items, {durability}: a checkpoint {} (p95 {}), {} bytes of the file each; \
                 reopen {:.2} ms, read no. 100 {:.2} ms, make it current {:.2} ms",
                show(times.p50),
                show(times.p95),
                worked.bytes,
                back.reopen,
                back.read,
                back.restore,
            );
        }
    }
}

fn work(task: &Task) -> Worked {
    let engine = open(&task.options);
    let before = peak();
    let (peak, (project, mut ids)) = peak_over(|| make(&engine, task.items));
    let weight = weigh(&task.options.file);
    let (mut times, mut alone, mut checkpoints) = (Vec::new(), Vec::new(), Vec::new());
    let (peak_later, ()) = peak_over(|| {
        for number in 0..task.checkpoints {
            let added = items(task.items + CHANGED * number, CHANGED);
            let removed: Vec<_> = ids.drain(..CHANGED).collect();
            let (taken, (added, of_checkpoint)) = time(|| {
                let added = add(&engine, project, added);
                done(&engine, project, Command::ArchiveItems { items: removed });
                (added, time(|| checkpoint(&engine, project, number + 1)))
            });
            ids.extend(added);
            times.push(milliseconds(taken));
            alone.push(milliseconds(of_checkpoint.0));
            checkpoints.push(of_checkpoint.1);
        }
    });
    drop(engine);
    let grown = weigh(&task.options.file).saturating_sub(weight);
    Worked {
        times,
        alone,
        bytes: grown / task.checkpoints as u64,
        kept: Kept {
            project,
            checkpoints,
        },
        before: before.map(|peak| peak * 1_000_000),
        peak: peak.max(peak_later).map(|peak| peak * 1_000_000),
    }
}

fn back(task: &Task) -> Back {
    let kept = task.kept.as_ref().expect("what the work has kept");
    let to = kept.checkpoints[task.to - 1];
    let (reopen, (engine, count)) = time(|| {
        let engine = open(&task.options);
        let state = pollster::block_on(engine.project(kept.project)).expect("it can be loaded");
        let count = active(&state).len();
        (engine, count)
    });
    assert_eq!(count, task.items, "all of them are there");
    let (list, state) = time(|| at(&engine, kept.project, to));
    assert_eq!(active(&state).len(), task.items);
    let (read, texts) = time(|| {
        let state = at(&engine, kept.project, to);
        let bodies: Vec<_> = active(&state).iter().map(|item| item.body).collect();
        let texts = pollster::block_on(engine.bodies(kept.project, &bodies));
        let texts = texts.expect("they can be read").into_iter();
        texts.collect::<Option<Vec<_>>>().expect("none was removed")
    });
    check(&texts, CHANGED * task.to, task.items);
    let (restore, _) = time(|| {
        let command = Command::RollbackProject {
            checkpoint: to,
            reason: None,
        };
        done(&engine, kept.project, command)
    });
    let state = pollster::block_on(engine.project(kept.project)).expect("it can be read");
    let first = active(&state)[0].number;
    assert_eq!(first, (CHANGED * task.to) as u64 + 1, "it is the 100th");
    let newest = kept.checkpoints[task.checkpoints - 1];
    let newest = at(&engine, kept.project, newest);
    assert_eq!(
        active(&newest).len(),
        task.items,
        "the newest is still there"
    );
    Back {
        reopen: milliseconds(reopen),
        list: milliseconds(list),
        read: milliseconds(read),
        restore: milliseconds(restore),
        peak_all: peak().map(|peak| peak * 1_000_000),
    }
}

fn open(options: &Options) -> Store {
    let mut sqlite = SqliteOptions::default();
    sqlite.durability = match options.durability.as_str() {
        "relaxed" => Durability::Relaxed,
        _ => Durability::Strict,
    };
    over(SqliteStorage::open_with(&options.file, &sqlite).expect("it can be opened"))
}

fn make(engine: &Store, count: usize) -> (ProjectId, Vec<ItemId>) {
    let command = Command::CreateProject {
        name: Name::new("bench").expect("a short name"),
        status: InitialStatus::default(),
        settings: ProjectSettings {
            // Beyond what any checkpoint here is let go of.
            retention: RetentionPolicy {
                per_plan: 100_000,
                of_project: 100_000,
            },
            ..ProjectSettings::default()
        },
        plan: None,
    };
    let made = pollster::block_on(engine.create_project_with(command));
    let project = made.expect("it can be made").project;
    let mut ids = Vec::with_capacity(count);
    for from in (0..count).step_by(BATCH) {
        let items = items(from, BATCH.min(count - from));
        ids.extend(add(engine, project, items));
    }
    (project, ids)
}

fn text(number: usize) -> String {
    format!("item {number}: what an agent found out about something, said in one sentence")
}

fn items(from: usize, count: usize) -> Vec<NewItem> {
    let item = |number: usize| NewItem {
        agent: "agent".parse().expect("a short name"),
        plan: None,
        kind: ItemKind::new("code").expect("a short kind"),
        body: Body::new(text(number)).expect("a short body"),
        created_at: None,
        pinned: false,
    };
    (from..from + count).map(item).collect()
}

fn add(engine: &Store, project: ProjectId, items: Vec<NewItem>) -> Vec<ItemId> {
    match done(engine, project, Command::AddContext { items }) {
        Outcome::ContextAdded(added) => added.items,
        other => unreachable!("{other:?} is not what adding comes to"),
    }
}

fn checkpoint(engine: &Store, project: ProjectId, number: usize) -> CheckpointId {
    let name = format!("checkpoint {number}")
        .parse()
        .expect("a short name");
    let checkpoint = NewCheckpoint::named(name, None);
    match done(engine, project, Command::CreateCheckpoint { checkpoint }) {
        Outcome::CheckpointCreated { checkpoint } => checkpoint,
        other => unreachable!("{other:?} is no checkpoint"),
    }
}

fn done(engine: &Store, project: ProjectId, command: Command) -> Outcome {
    let receipt = pollster::block_on(engine.execute(project, command));
    receipt.expect("it can be done").outcome
}

fn at(engine: &Store, project: ProjectId, point: impl Into<Point>) -> Arc<Project> {
    pollster::block_on(engine.state_at(project, point.into())).expect("it can be read")
}

fn active(state: &Project) -> Vec<&Arc<Item>> {
    let mut items = state.items_in_order();
    items.retain(|item| !item.archived);
    items
}

fn check(texts: &[Arc<str>], from: usize, count: usize) {
    assert_eq!(texts.len(), count, "all of them");
    for (found, number) in texts.iter().zip(from..) {
        assert_eq!(**found, *text(number), "in their order");
    }
}

/// Bytes of the file, with nothing left in its log.
fn weigh(file: &Path) -> u64 {
    let connection = Connection::open(file).expect("it can be opened");
    let emptied = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
        row.get::<_, i64>(0)
    });
    emptied.expect("it can be emptied");
    std::fs::metadata(file).expect("it is there").len()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
