//! Replay: entries from memory to a state, their digests checked on the way.

use crate::say;
use crate::support::{against_bar, show, spread, time};
use holdpoint::engine::Engine;
use holdpoint::journal::Chain;
use holdpoint::machine::Command;
use holdpoint::model::{Name, Revision};
use holdpoint::storage::{MemoryStorage, Storage as _};

const STEPS: usize = 5_000;
const ROUNDS: usize = 9;

pub(crate) fn run() {
    let entries = pollster::block_on(async {
        let storage = MemoryStorage::new();
        let engine = Engine::open(storage, "bench".parse().expect("a short name"))
            .await
            .expect("it can be opened");
        let name = Name::new("bench").expect("a short name");
        let project = engine.create_project(name).await.expect("created").project;
        let titles = (0..STEPS).map(|number| format!("step {number}"));
        let plan = engine
            .create_plan(project, "bench", titles)
            .await
            .expect("created");
        engine
            .execute(project, Command::StartPlan { plan })
            .await
            .expect("started");
        for _ in 0..STEPS {
            let step = engine.start_step(project, plan).await.expect("it starts");
            let output = Some("\"done\"".parse().expect("it is JSON"));
            engine
                .complete_step(project, plan, step.attempt, output, vec![])
                .await
                .expect("it completes");
        }
        let all = engine
            .storage()
            .entries(project, Revision::ZERO, usize::MAX);
        (project, all.await.expect("it can be read"))
    });
    let (project, entries) = entries;
    let bytes: usize = entries.iter().map(|entry| entry.text.len()).sum();
    let mut events = 0;
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let mut chain = Chain::start(project);
        let (taken, count) = time(|| {
            entries
                .iter()
                .map(|sealed| chain.follow(sealed).expect("it is sound").events.len())
                .sum::<usize>()
        });
        events = count;
        times.push(taken);
    }
    let median = spread(times).p50;
    #[allow(clippy::cast_precision_loss)]
    let per_second = events as f64 / median.as_secs_f64();
    say!(
        "{} entries, {events} events, {bytes} bytes: {}",
        entries.len(),
        show(median)
    );
    against_bar(
        "replay",
        per_second,
        "events a second",
        "≥ 500,000",
        per_second >= 500_000.0,
    );
}
