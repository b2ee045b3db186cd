//! 1,000 projects with 10 plans each: what is asked of them is answered from rows, so a page costs
//! what it costs of 10 projects, and a whole list what is in it.

use crate::fault_storage::{FaultStorage, Faults, Operation};
use crate::say;
use crate::support::growth::{Growth, flat};
use crate::support::{relaxed, spread, time, up_to_largest};
use holdpoint::engine::Engine;
use holdpoint::machine::Command;
use holdpoint::model::{Name, PlanId, ProjectId};
use holdpoint::storage::{Cursor, Row, RowKind, RowPage, RowQuery, SqliteStorage, Storage as _};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

const SIZES: [usize; 4] = [1, 10, 100, 1_000];
/// Where the sizes begin at which every page is full: with those the largest is compared.
const FULL: usize = 1;
const PLANS: usize = 10;
const ROUNDS: usize = 40;
const PAGE: usize = 50;
/// So much of an id that nobody else's begins so: its first ten say only when it was made.
const BEGINNING: usize = 20;

type Counted = Engine<FaultStorage<SqliteStorage>>;

/// What can be asked, whether its answer is of one size, and how many rows it has.
type Question = (&'static str, bool, fn(&Store) -> usize);

const QUESTIONS: [Question; 10] = [
    ("10 projects", true, |store| {
        store.page(&RowQuery::of(RowKind::Projects, 10))
    }),
    ("5 projects, from the middle on", true, |store| {
        store.page(&RowQuery {
            after: Some(store.middle),
            ..RowQuery::of(RowKind::Projects, 5)
        })
    }),
    ("all projects", false, |store| {
        store.all(RowQuery::of(RowKind::Projects, 500))
    }),
    ("the plans of one project", true, |store| {
        store.page(&RowQuery::of(RowKind::Plans, PAGE).in_project(store.project))
    }),
    ("50 unfinished plans", true, |store| {
        store.page(&RowQuery {
            unfinished: true,
            ..RowQuery::of(RowKind::Plans, PAGE)
        })
    }),
    ("the unfinished plans of one project", true, |store| {
        store.page(&RowQuery {
            unfinished: true,
            ..RowQuery::of(RowKind::Plans, PAGE).in_project(store.project)
        })
    }),
    ("a project by how its id begins", true, |store| {
        let start = &store.project.to_string()[..BEGINNING];
        let found = pollster::block_on(store.engine.find_project(start));
        usize::from(found == Ok(store.project))
    }),
    ("a plan by how its id begins", true, |store| {
        let start = &store.plan.to_string()[..BEGINNING];
        let found = pollster::block_on(store.engine.find_plan(start));
        usize::from(found == Ok((store.project, store.plan)))
    }),
    ("all plans that can go on", false, |store| {
        let found = pollster::block_on(store.engine.resumable());
        found.expect("it can be asked").len()
    }),
    ("all rows, as for statistics of the store", false, |store| {
        let kinds = [RowKind::Projects, RowKind::Plans, RowKind::Checkpoints];
        let usage = pollster::block_on(store.engine.storage().usage());
        assert!(usage.bytes > Some(0), "its room is known");
        let all = kinds.map(|kind| store.all(RowQuery::of(kind, 500)));
        all.into_iter().sum()
    }),
];

pub(crate) fn run() {
    let sizes = up_to_largest(&SIZES);
    let full = FULL.min(sizes.len() - 1);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let stores: Vec<_> = sizes
        .iter()
        .map(|size| Store::make(&folder.path().join(format!("{size}.db")), *size))
        .collect();
    let mut growth =
        Growth::with(&format!("projects, {PLANS} plans each"), &sizes).compared_from(full);
    let mut bars = Vec::new();
    for (what, is_flat, ask) in QUESTIONS {
        let mut times: Vec<Vec<Duration>> = vec![Vec::new(); sizes.len()];
        let mut counts = vec![0; sizes.len()];
        // In turns, so that what else the machine does meets all sizes alike.
        for _ in 0..ROUNDS {
            for (place, store) in stores.iter().enumerate() {
                let (taken, found) = time(|| ask(store));
                assert!(
                    found > 0 || place < full || sizes.len() == 1,
                    "{what}: something is found"
                );
                times[place].push(taken);
                counts[place] = found;
            }
        }
        let medians: Vec<_> = times.into_iter().map(|times| spread(times).p50).collect();
        let what = if is_flat {
            what.to_owned()
        } else {
            format!("{what} ({})", counted(&counts))
        };
        growth.times(&what, &medians);
        if is_flat {
            bars.push((what, medians));
        }
    }
    growth.print();
    for (what, medians) in &bars {
        flat(what, &medians[full..]);
    }
    let met: BTreeSet<_> = (stores.iter())
        .flat_map(|store| store.faults.operations())
        .map(|operation| format!("{operation:?}"))
        .collect();
    let rows = format!("{:?}", Operation::Rows);
    let only_rows = met.iter().all(|operation| *operation == rows);
    let verdict = if only_rows { "" } else { "; NOT ONLY ROWS" };
    say!("what the storages were asked for: {met:?}: no project was loaded{verdict}");
}

fn counted(counts: &[usize]) -> String {
    let counts: Vec<_> = counts.iter().map(ToString::to_string).collect();
    counts.join(", ")
}

/// A store of many projects.
struct Store {
    engine: Counted,
    faults: Faults,
    /// A project, and a plan of it, from the middle.
    project: ProjectId,
    plan: PlanId,
    middle: Cursor,
}

impl Store {
    fn make(path: &Path, projects: usize) -> Self {
        let storage = FaultStorage::new(relaxed(path));
        let faults = storage.faults();
        let actor = "bench".parse().expect("a short name");
        let engine = pollster::block_on(Engine::open(storage, actor)).expect("it can be opened");
        let made: Vec<_> = (0..projects).map(|_| project(&engine)).collect();
        let (project, plan) = made[projects / 2];
        faults.disarm();
        Self {
            engine,
            faults,
            project,
            plan,
            middle: Cursor { project, number: 0 },
        }
    }

    fn page(&self, query: &RowQuery) -> usize {
        self.read(query).rows.len()
    }

    fn all(&self, mut query: RowQuery) -> usize {
        let mut count = 0;
        loop {
            let page = self.read(&query);
            count += page.rows.len();
            match page.next {
                Some(next) => query.after = Some(next),
                None => return count,
            }
        }
    }

    fn read(&self, query: &RowQuery) -> RowPage {
        let page = pollster::block_on(self.engine.storage().rows(query.clone()));
        let page = page.expect("it can be read");
        // Used, so that nothing of it is left out.
        assert!(page.rows.iter().all(|row| matches!(
            (row, query.kind),
            (Row::Project(_), RowKind::Projects)
                | (Row::Plan(_), RowKind::Plans)
                | (Row::Checkpoint(_), RowKind::Checkpoints)
        )));
        page
    }
}

/// A project with ten plans, every other of them cancelled, and one of them.
fn project(engine: &Counted) -> (ProjectId, PlanId) {
    pollster::block_on(async {
        let name = Name::new("one of many").expect("a short name");
        let made = engine.create_project(name).await.expect("created");
        let mut one = None;
        for number in 0..PLANS {
            let plan = engine
                .create_plan(made.project, "one of ten", ["first", "second"])
                .await
                .expect("created");
            let command = if number.is_multiple_of(2) {
                Command::StartPlan { plan }
            } else {
                Command::CancelPlan { plan, reason: None }
            };
            let done = engine.execute(made.project, command).await;
            done.expect("it can be done");
            one = Some(plan);
        }
        (made.project, one.expect("there are plans"))
    })
}
