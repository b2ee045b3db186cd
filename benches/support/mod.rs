//! What the benchmarks share: the machine's name, medians, and projects of a given size.

pub(crate) mod growth;
pub(crate) mod life;
pub(crate) mod memory;
pub(crate) mod report;

use holdpoint::engine::Engine;
use holdpoint::machine::{Command, NewItem};
use holdpoint::model::{Body, ItemKind, Name, ProjectId, Timestamp};
use holdpoint::storage::{Durability, SqliteOptions, SqliteStorage, Storage};
use std::time::{Duration, Instant};

/// How many items one command adds while a project is built.
const BATCH: usize = 1000;
const DAY: i64 = 86_400_000;

/// Says what all this was measured on.
pub(crate) fn machine() {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("an unknown processor", |rest| {
            rest.trim_start_matches([' ', '\t', ':'])
        });
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let today = Timestamp::from_milliseconds_clamped(now_milliseconds()).to_string();
    report::machine(&format!(
        "{}: holdpoint {} on {model}, {cores} cores, {}, SQLite {}, {} build",
        &today[..10],
        env!("CARGO_PKG_VERSION"),
        read("/proc/sys/kernel/osrelease").trim(),
        rusqlite::version(),
        if cfg!(debug_assertions) {
            "DEBUG"
        } else {
            "release"
        },
    ));
}

/// The middle of these, and the one that 95 in 100 are below.
pub(crate) struct Spread {
    pub(crate) p50: Duration,
    pub(crate) p95: Duration,
}

pub(crate) fn spread(mut times: Vec<Duration>) -> Spread {
    times.sort_unstable();
    Spread {
        p50: times[times.len() / 2],
        p95: times[times.len() * 95 / 100],
    }
}

/// How long it takes.
pub(crate) fn time<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let result = work();
    (start.elapsed(), result)
}

/// These sizes without those above `HOLDPOINT_LARGEST`, for trying something.
pub(crate) fn up_to_largest(sizes: &[usize]) -> Vec<usize> {
    let largest = std::env::var("HOLDPOINT_LARGEST").ok();
    let largest = largest.and_then(|largest| largest.parse().ok());
    let largest = largest.unwrap_or(usize::MAX).max(sizes[0]);
    (sizes.iter().copied())
        .filter(|size| *size <= largest)
        .collect()
}

/// A ratio of two times.
pub(crate) fn ratio(time: Duration, to: Duration) -> f64 {
    time.as_secs_f64() / to.as_secs_f64()
}

/// A figure beside its bar.
pub(crate) fn against_bar(what: &str, value: f64, unit: &str, bar: &str, is_met: bool) {
    report::bar(what, &format!("{value:.2} {unit}"), bar, is_met);
}

pub(crate) fn open(path: &std::path::Path) -> Engine<SqliteStorage> {
    over(SqliteStorage::open(path).expect("a new file can be opened"))
}

pub(crate) fn over<S: Storage>(storage: S) -> Engine<S> {
    pollster::block_on(Engine::open(
        storage,
        "bench".parse().expect("a short name"),
    ))
    .expect("a new store can be opened")
}

/// A store whose commits needn't survive a loss of power: for making what is measured later.
pub(crate) fn relaxed(path: &std::path::Path) -> SqliteStorage {
    let mut options = SqliteOptions::default();
    options.durability = Durability::Relaxed;
    SqliteStorage::open_with(path, &options).expect("a new file can be opened")
}

/// A project with so many items. Every third is old enough to be cold.
pub(crate) fn project_with_items<S: Storage>(engine: &Engine<S>, items: usize) -> ProjectId {
    pollster::block_on(async {
        let name = Name::new("bench").expect("a short name");
        let project = engine
            .create_project(name)
            .await
            .expect("it can be created")
            .project;
        let now = Timestamp::from_milliseconds_clamped(now_milliseconds());
        for batch in (0..items).collect::<Vec<_>>().chunks(BATCH) {
            let items = batch.iter().map(|number| item(*number, now)).collect();
            let command = Command::AddContext { items };
            engine
                .execute(project, command)
                .await
                .expect("they can be added");
        }
        project
    })
}

pub(crate) fn item(number: usize, now: Timestamp) -> NewItem {
    let is_cold = number.is_multiple_of(3);
    NewItem {
        agent: "agent".parse().expect("a short name"),
        plan: None,
        kind: ItemKind::new("code").expect("a short kind"),
        body: Body::new(format!(
            "item {number}: what an agent found out about something"
        ))
        .expect("a short body"),
        created_at: Some(now.plus_milliseconds(if is_cold { -10 * DAY } else { 0 })),
        pinned: false,
    }
}

pub(crate) fn now_milliseconds() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    i64::try_from(since.unwrap_or_default().as_millis()).unwrap_or(0)
}

/// A short time for people.
pub(crate) fn show(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    if micros < 1000.0 {
        format!("{micros:.1} µs")
    } else {
        format!("{:.2} ms", micros / 1000.0)
    }
}
