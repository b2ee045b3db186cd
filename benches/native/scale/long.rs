//! One project that grows to 100,000 items and 50,000 entries: what a commit and a checkpoint cost
//! may not grow with it; what reads or writes a whole state may, in proportion.

use crate::say;
use crate::support::growth::{Growth, flat};
use crate::support::life::{project_with_history, started_plan};
use crate::support::memory::peak_over;
use crate::support::{
    item, now_milliseconds, open, over, relaxed, show, spread, time, up_to_largest,
};
use holdpoint::engine::{Engine, ExportScope};
use holdpoint::journal::Snapshot;
use holdpoint::machine::{Command, NewCheckpoint, Outcome};
use holdpoint::model::{CheckpointId, PlanId, ProjectId, Timestamp};
use holdpoint::storage::{Row, RowKind, RowQuery, SqliteStorage, Storage as _};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::time::Duration;

const SIZES: [usize; 4] = [100, 1_000, 10_000, 100_000];
/// Commits of each kind at each size, and those before them that don't count.
const ROUNDS: usize = 200;
const WARM_UP: usize = 20;
/// How often what takes longer is done.
const FEW: usize = 5;

type Store = Engine<SqliteStorage>;
/// A figure's name, and where it is.
type Figure<T> = (&'static str, fn(&Whole) -> T);

pub(crate) fn run() {
    let sizes = up_to_largest(&SIZES);
    let folder = tempfile::tempdir().expect("a temporary folder");
    let grown: Vec<_> = sizes
        .iter()
        .map(|size| Grown::make(folder.path(), *size))
        .collect();
    let mut growth = Growth::with("items; half as many entries", &sizes);
    growth.numbers("entries", &each(&grown, Grown::entries));
    commits(&grown, &mut growth);
    wholes(&grown, &mut growth);
    growth.print();
}

/// What may not grow: a commit and a checkpoint.
fn commits(grown: &[Grown], growth: &mut Growth) {
    let engines: Vec<_> = grown.iter().map(|grown| open(&grown.path())).collect();
    let mut times = vec![[const { Vec::new() }; 3]; grown.len()];
    let mut plans = Vec::new();
    for (grown, engine) in grown.iter().zip(&engines) {
        let plan = started_plan(engine, grown.project, 2 * ROUNDS + WARM_UP);
        plans.push(pollster::block_on(plan));
    }
    // In turns, so that what else the machine does meets all sizes alike.
    for round in 0..ROUNDS + WARM_UP {
        for (((grown, engine), plan), times) in
            grown.iter().zip(&engines).zip(&plans).zip(&mut times)
        {
            let project = grown.project;
            let (added, ()) = time(|| add_item(engine, project, round));
            let attempt = start(engine, project, *plan);
            let (completed, ()) = time(|| complete(engine, project, *plan, attempt));
            let (taken, _) = time(|| checkpoint(engine, project));
            if round >= WARM_UP {
                for (times, taken) in times.iter_mut().zip([added, completed, taken]) {
                    times.push(taken);
                }
            }
        }
    }
    let names = ["add an item", "complete a step", "checkpoint"];
    let mut bars = Vec::new();
    for (place, name) in names.into_iter().enumerate() {
        let spreads = times.iter().map(|times| spread(times[place].clone()));
        let (p50, p95): (Vec<_>, Vec<_>) = spreads.map(|spread| (spread.p50, spread.p95)).unzip();
        growth.times(name, &p50);
        growth.times(&format!("{name}, 95 in 100"), &p95);
        bars.push((name, p50));
    }
    for (name, times) in bars {
        flat(name, &times);
    }
}

/// What reads or writes whole states.
fn wholes(grown: &[Grown], growth: &mut Growth) {
    let taken = each(grown, Whole::measure);
    let rows: [Figure<Duration>; 12] = [
        ("open, from the snapshot", |whole| whole.open),
        ("pause, a third of it cold", |whole| whole.pause_cold),
        ("pause, nothing cold", |whole| whole.pause),
        ("roll the plan back by a step", |whole| whole.plan_back),
        ("roll the project back by an item", |whole| {
            whole.project_back
        }),
        ("roll the project back over the pause", |whole| {
            whole.pause_back
        }),
        ("the first page of its checkpoints", |whole| {
            whole.first_page
        }),
        ("the last page of its checkpoints", |whole| whole.last_page),
        ("export", |whole| whole.export),
        ("take a snapshot", |whole| whole.snapshot_taken),
        ("save it", |whole| whole.snapshot_saved),
        ("read it back", |whole| whole.snapshot_opened),
    ];
    for (what, of) in rows {
        growth.times(what, &taken.iter().map(of).collect::<Vec<_>>());
    }
    let numbers: [Figure<u64>; 7] = [
        ("checkpoints", |whole| whole.checkpoints),
        ("kB on disk", |whole| whole.disk / 1000),
        ("kB of entries", |whole| whole.entries_bytes / 1000),
        ("kB of all snapshots", |whole| whole.snapshots_bytes / 1000),
        ("kB of a snapshot", |whole| whole.snapshot_bytes / 1000),
        ("kB of the bundle", |whole| whole.bundle_bytes / 1000),
        ("entries after the newest snapshot", |whole| {
            whole.entries_after
        }),
    ];
    for (what, of) in numbers {
        growth.numbers(what, &taken.iter().map(of).collect::<Vec<_>>());
    }
    let peaks: [Figure<Option<u64>>; 3] = [
        ("MB of memory at most: open", |whole| whole.open_peak),
        ("MB of memory at most: roll back", |whole| whole.back_peak),
        ("MB of memory at most: export", |whole| whole.export_peak),
    ];
    let shown = |peak: Option<u64>| peak.map_or("unknown".to_owned(), |peak| peak.to_string());
    for (what, of) in peaks {
        growth.figures(what, taken.iter().map(|whole| shown(of(whole))));
    }
}

fn each<T>(grown: &[Grown], of: impl FnMut(&Grown) -> T) -> Vec<T> {
    grown.iter().map(of).collect()
}

/// A store with one project of a size.
struct Grown {
    folder: PathBuf,
    project: ProjectId,
}

impl Grown {
    fn make(folder: &Path, items: usize) -> Self {
        let folder = folder.join(items.to_string());
        std::fs::create_dir(&folder).expect("a new folder");
        let engine = over(relaxed(&folder.join("store.db")));
        let (taken, project) = time(|| project_with_history(&engine, items));
        say!("{items} items made in {}", show(taken));
        Self { folder, project }
    }

    fn path(&self) -> PathBuf {
        self.folder.join("store.db")
    }

    /// How many entries it has.
    fn entries(&self) -> u64 {
        self.number("SELECT max(revision) FROM entries")
    }

    fn number(&self, sql: &str) -> u64 {
        let connection = Connection::open(self.path()).expect("it can be opened");
        let number: i64 = connection
            .query_row(sql, [], |row| row.get(0))
            .expect("it is well formed");
        number.unsigned_abs()
    }

    fn disk(&self) -> u64 {
        let files = std::fs::read_dir(&self.folder).expect("it can be listed");
        let length = |file: std::io::Result<std::fs::DirEntry>| {
            let file = file.expect("it can be listed");
            file.metadata().expect("it is there").len()
        };
        files.map(length).sum()
    }
}

/// What was measured of a store.
struct Whole {
    open: Duration,
    open_peak: Option<u64>,
    pause_cold: Duration,
    pause: Duration,
    plan_back: Duration,
    back_peak: Option<u64>,
    project_back: Duration,
    pause_back: Duration,
    first_page: Duration,
    last_page: Duration,
    checkpoints: u64,
    export: Duration,
    export_peak: Option<u64>,
    bundle_bytes: u64,
    snapshot_taken: Duration,
    snapshot_saved: Duration,
    snapshot_opened: Duration,
    snapshot_bytes: u64,
    snapshots_bytes: u64,
    entries_bytes: u64,
    entries_after: u64,
    disk: u64,
}

impl Whole {
    fn measure(grown: &Grown) -> Self {
        let (disk, project) = (grown.disk(), grown.project);
        let entries_bytes = grown.number("SELECT sum(length(text)) FROM entries");
        let snapshots_bytes = grown.number("SELECT coalesce(sum(length(text)), 0) FROM snapshots");
        let entries_after = grown.number(
            "SELECT (SELECT max(revision) FROM entries)
                  - (SELECT coalesce(max(revision), 0) FROM snapshots)",
        );
        let mut open_peak = None;
        let opened = median(|| {
            let (peak, (taken, _engine)) = peak_over(|| {
                time(|| {
                    let engine = open(&grown.path());
                    pollster::block_on(engine.project(project)).expect("it can be loaded");
                    engine
                })
            });
            open_peak = open_peak.max(peak);
            taken
        });

        let engine = open(&grown.path());
        let before = checkpoint(&engine, project);
        let (pause_cold, ()) = time(|| pause(&engine, project));
        let (pause_back, ()) = {
            resume(&engine, project);
            time(|| roll_back(&engine, project, before))
        };
        // What a pause has archived came back with that, so it goes once more.
        pause(&engine, project);
        let pause = median(|| {
            resume(&engine, project);
            time(|| pause(&engine, project)).0
        });
        resume(&engine, project);

        let plan = pollster::block_on(started_plan(&engine, project, 2 * FEW));
        step(&engine, project, plan);
        let mut back_peak = None;
        let plan_back = median(|| {
            step(&engine, project, plan);
            let (peak, (taken, ())) = peak_over(|| time(|| plan_back(&engine, project, plan)));
            back_peak = back_peak.max(peak);
            taken
        });
        let mut number = 0;
        let project_back = median(|| {
            let before = checkpoint(&engine, project);
            number += 1;
            add_item(&engine, project, ROUNDS + WARM_UP + number);
            time(|| roll_back(&engine, project, before)).0
        });

        let pages = Pages::read(&engine, project);
        let (export_peak, (export, bundle_bytes)) = peak_over(|| time(|| export(&engine, project)));
        let snapshot = OneSnapshot::measure(&engine, project);
        Self {
            open: opened,
            open_peak,
            pause_cold,
            pause,
            plan_back,
            back_peak,
            project_back,
            pause_back,
            first_page: pages.first,
            last_page: pages.last,
            checkpoints: pages.count,
            export,
            export_peak,
            bundle_bytes,
            snapshot_taken: snapshot.taken,
            snapshot_saved: snapshot.saved,
            snapshot_opened: snapshot.opened,
            snapshot_bytes: snapshot.bytes,
            snapshots_bytes,
            entries_bytes,
            entries_after,
            disk,
        }
    }
}

/// The list of a project's checkpoints, read to its end.
struct Pages {
    first: Duration,
    last: Duration,
    count: u64,
}

impl Pages {
    fn read(engine: &Store, project: ProjectId) -> Self {
        let mut query = RowQuery::of(RowKind::Checkpoints, 50).in_project(project);
        let page = |query: &RowQuery| {
            let page = pollster::block_on(engine.storage().rows(query.clone()));
            page.expect("it can be read")
        };
        let first = median(|| time(|| page(&query)).0);
        let mut count = 0;
        loop {
            let found = page(&query);
            count += found.rows.len() as u64;
            match found.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
        // The last whole one: the end of the list may have few.
        query.after = query.after.map(|mut after| {
            after.number -= 50;
            after
        });
        let last = median(|| time(|| page(&query)).0);
        assert!(
            page(&query)
                .rows
                .iter()
                .all(|row| matches!(row, Row::Checkpoint(_)))
        );
        Self { first, last, count }
    }
}

/// What a snapshot of the newest state costs.
struct OneSnapshot {
    taken: Duration,
    saved: Duration,
    opened: Duration,
    bytes: u64,
}

impl OneSnapshot {
    fn measure(engine: &Store, project: ProjectId) -> Self {
        let state = pollster::block_on(engine.project(project)).expect("it can be read");
        let head = pollster::block_on(engine.storage().head(project)).expect("it can be read");
        let head = head.expect("it is there");
        let take = || Snapshot::take(&state, head).expect("it can be stored");
        let snapshot = take();
        Self {
            taken: median(|| time(take).0),
            saved: median(|| {
                let save = engine.storage().save_snapshot(project, snapshot.clone());
                time(|| pollster::block_on(save).expect("it can be saved")).0
            }),
            opened: median(|| time(|| snapshot.open(project).expect("it is sound")).0),
            bytes: snapshot.text.len() as u64,
        }
    }
}

/// The middle of a few.
fn median(work: impl FnMut() -> Duration) -> Duration {
    spread(std::iter::repeat_with(work).take(FEW).collect()).p50
}

fn done(engine: &Store, project: ProjectId, command: Command) -> Outcome {
    let receipt = pollster::block_on(engine.execute(project, command));
    receipt.expect("it can be done").outcome
}

fn add_item(engine: &Store, project: ProjectId, number: usize) {
    let now = Timestamp::from_milliseconds_clamped(now_milliseconds());
    // None that was there before, and none that is cold.
    let items = vec![item(3 * (1_000_000 + number) + 1, now)];
    done(engine, project, Command::AddContext { items });
}

fn start(engine: &Store, project: ProjectId, plan: PlanId) -> u64 {
    let started = pollster::block_on(engine.start_step(project, plan));
    started.expect("it starts").attempt
}

fn complete(engine: &Store, project: ProjectId, plan: PlanId, attempt: u64) {
    let output = Some("\"done\"".parse().expect("it is JSON"));
    let done = engine.complete_step(project, plan, attempt, output, vec![]);
    pollster::block_on(done).expect("it completes");
}

fn step(engine: &Store, project: ProjectId, plan: PlanId) {
    let attempt = start(engine, project, plan);
    complete(engine, project, plan, attempt);
}

fn checkpoint(engine: &Store, project: ProjectId) -> CheckpointId {
    let name = "a checkpoint".parse().expect("a short name");
    let checkpoint = NewCheckpoint::named(name, None);
    match done(engine, project, Command::CreateCheckpoint { checkpoint }) {
        Outcome::CheckpointCreated { checkpoint } => checkpoint,
        other => unreachable!("{other:?} is no checkpoint"),
    }
}

fn pause(engine: &Store, project: ProjectId) {
    pollster::block_on(engine.pause(project, None)).expect("it can be paused");
}

fn resume(engine: &Store, project: ProjectId) {
    pollster::block_on(engine.resume(project, None)).expect("it can be resumed");
}

fn plan_back(engine: &Store, project: ProjectId, plan: PlanId) {
    let command = Command::RollbackPlan {
        plan,
        checkpoint: None,
        before: None,
        reason: None,
    };
    done(engine, project, command);
}

fn roll_back(engine: &Store, project: ProjectId, checkpoint: CheckpointId) {
    let reason = None;
    done(
        engine,
        project,
        Command::RollbackProject { checkpoint, reason },
    );
}

/// How many bytes a bundle of it has.
fn export(engine: &Store, project: ProjectId) -> u64 {
    pollster::block_on(async {
        let begun = engine.export(ExportScope::Project(project)).await;
        let mut export = begun.expect("it can begin");
        while let Some(piece) = export.next().await.expect("it can be read") {
            std::hint::black_box(piece);
        }
        export.progress().bytes
    })
}
