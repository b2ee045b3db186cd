//! 10 to 10,000 checkpoints in one project: taking one and listing some may not grow with them.

use crate::say;
use crate::support::growth::{Growth, flat};
use crate::support::{
    item, now_milliseconds, open, over, relaxed, show, spread, time, up_to_largest,
};
use holdpoint::engine::Engine;
use holdpoint::machine::{Command, NewCheckpoint, Outcome};
use holdpoint::model::{CheckpointId, ItemId, Name, ProjectId, RetentionPolicy, Timestamp};
use holdpoint::storage::{RowKind, RowQuery, SqliteStorage, Storage as _};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::time::Duration;

const SIZES: [usize; 4] = [10, 100, 1_000, 10_000];
const ITEMS: usize = 1_000;
/// Checkpoints at each size that are measured, and those before them that don't count.
const ROUNDS: usize = 100;
const WARM_UP: usize = 10;
/// How often what takes longer is done.
const FEW: usize = 5;
const PAGE: usize = 10;

type Store = Engine<SqliteStorage>;
/// What is measured, given the number of the round.
type Flat = (&'static str, fn(&Store, &Grown, usize) -> Duration);
type Whole = (&'static str, fn(&Store, &Grown) -> Duration);

pub(crate) fn run() {
    let sizes = up_to_largest(&SIZES);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let grown: Vec<_> = sizes
        .iter()
        .map(|size| Grown::make(folder.path(), *size))
        .collect();
    let mut growth = Growth::with(&format!("checkpoints of {ITEMS} items"), &sizes);
    let engines: Vec<_> = grown.iter().map(|grown| open(&grown.path)).collect();
    let mut bars = Vec::new();
    for (what, work) in FLAT {
        let mut times: Vec<Vec<Duration>> = vec![Vec::new(); sizes.len()];
        // In turns, so that what else the machine does meets all sizes alike.
        for round in 0..ROUNDS + WARM_UP {
            for ((grown, engine), times) in grown.iter().zip(&engines).zip(&mut times) {
                let taken = work(engine, grown, round);
                if round >= WARM_UP {
                    times.push(taken);
                }
            }
        }
        let medians: Vec<_> = times.into_iter().map(|times| spread(times).p50).collect();
        growth.times(what, &medians);
        bars.push((what, medians));
    }
    for (what, work) in WHOLE {
        let medians: Vec<_> = grown
            .iter()
            .zip(&engines)
            .map(|(grown, engine)| {
                let times = (0..FEW).map(|_| work(engine, grown));
                spread(times.collect()).p50
            })
            .collect();
        growth.times(what, &medians);
    }
    let number = |sql: &str| {
        grown
            .iter()
            .map(|grown| grown.number(sql))
            .collect::<Vec<_>>()
    };
    for (what, sql) in [
        ("entries", "SELECT max(revision) FROM entries"),
        (
            "kB of entries",
            "SELECT sum(length(text)) / 1000 FROM entries",
        ),
        (
            "kB of all snapshots",
            "SELECT coalesce(sum(length(text)), 0) / 1000 FROM snapshots",
        ),
    ] {
        growth.numbers(what, &number(sql));
    }
    growth.print();
    for (what, times) in bars {
        flat(what, &times);
    }
}

/// What may not grow.
const FLAT: [Flat; 4] = [
    ("take one", |engine, grown, _| {
        time(|| checkpoint(engine, grown.project)).0
    }),
    ("the newest of all, one page", |engine, grown, _| {
        time(|| page(engine, grown, None)).0
    }),
    ("a page from the middle on", |engine, grown, _| {
        time(|| page(engine, grown, Some(grown.checkpoints.len() / 2))).0
    }),
    ("one by how its id begins", |engine, grown, round| {
        let id = grown.checkpoints[round % grown.checkpoints.len()].to_string();
        let found = engine.find_checkpoint(grown.project, &id);
        time(|| pollster::block_on(found).expect("it is there")).0
    }),
];

/// What reads states.
const WHOLE: [Whole; 5] = [
    ("open, and load the project", |_, grown| {
        time(|| {
            let engine = open(&grown.path);
            pollster::block_on(engine.project(grown.project)).expect("it can be loaded");
        })
        .0
    }),
    ("the project as it was at the first", |engine, grown| {
        state_at(engine, grown, 0)
    }),
    (
        "the project as it was at the middle one",
        |engine, grown| state_at(engine, grown, grown.checkpoints.len() / 2),
    ),
    ("roll back to the newest", |engine, grown| {
        roll_back(engine, grown, grown.checkpoints.len() - 1)
    }),
    ("roll back to the first", |engine, grown| {
        roll_back(engine, grown, 0)
    }),
];

/// A store with one project and so many checkpoints, which all differ.
struct Grown {
    path: PathBuf,
    project: ProjectId,
    checkpoints: Vec<CheckpointId>,
}

impl Grown {
    fn make(folder: &Path, count: usize) -> Self {
        let path = folder.join(format!("{count}.db"));
        let engine = over(relaxed(&path));
        let name = Name::new("bench").expect("a short name");
        let created = pollster::block_on(engine.create_project(name));
        let project = created.expect("it can be created").project;
        let policy = RetentionPolicy {
            per_plan: RetentionPolicy::MOST,
            of_project: RetentionPolicy::MOST,
        };
        done(&engine, project, Command::SetRetention { policy });
        let now = Timestamp::from_milliseconds_clamped(now_milliseconds());
        let items = (0..ITEMS).map(|number| item(number, now)).collect();
        let Outcome::ContextAdded(added) = done(&engine, project, Command::AddContext { items })
        else {
            unreachable!("what adding comes to");
        };
        let (taken, checkpoints) = time(|| {
            let next = |number: usize| {
                touch(&engine, project, added.items[number % ITEMS]);
                checkpoint(&engine, project)
            };
            (0..count).map(next).collect()
        });
        say!("{count} checkpoints made in {}", show(taken));
        Self {
            path,
            project,
            checkpoints,
        }
    }

    fn number(&self, sql: &str) -> u64 {
        let connection = Connection::open(&self.path).expect("it can be opened");
        let number: i64 = connection
            .query_row(sql, [], |row| row.get(0))
            .expect("it is well formed");
        number.unsigned_abs()
    }
}

fn page(engine: &Store, grown: &Grown, after: Option<usize>) {
    let mut query = RowQuery::of(RowKind::Checkpoints, PAGE).in_project(grown.project);
    if let Some(after) = after {
        query.after = Some(holdpoint::storage::Cursor {
            project: grown.project,
            number: after as u64,
        });
    } else {
        query.newest_first = true;
    }
    let page = pollster::block_on(engine.storage().rows(query)).expect("it can be read");
    assert!(!page.rows.is_empty(), "something is found");
}

fn state_at(engine: &Store, grown: &Grown, place: usize) -> Duration {
    let state = engine.state_at(grown.project, grown.checkpoints[place]);
    time(|| pollster::block_on(state).expect("it can be read")).0
}

fn roll_back(engine: &Store, grown: &Grown, place: usize) -> Duration {
    let command = Command::RollbackProject {
        checkpoint: grown.checkpoints[place],
        reason: None,
    };
    time(|| done(engine, grown.project, command)).0
}

fn touch(engine: &Store, project: ProjectId, item: ItemId) {
    let items = vec![item];
    done(engine, project, Command::TouchItems { items });
}

fn checkpoint(engine: &Store, project: ProjectId) -> CheckpointId {
    let name = "a checkpoint".parse().expect("a short name");
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
