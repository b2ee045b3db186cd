//! R4, R70, R71: processes that write to one store at once make one legal history.
//!
//! `HOLDPOINT_RACE_SECONDS` says for how long each number of them races.

use super::notes::{Asked, Told};
use super::replay::Journal;
use super::{Shared, Worker, replay, say, set_number};
use crate::model_based::platform;
use crate::model_based::random::Random;
use holdpoint::engine::{Notice, Subscription};
use holdpoint::model::{ProjectId, Revision};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long somebody who watches may take to have heard of everything.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long they race, in milliseconds, unless it is set.
const SHORT: u64 = 1500;
/// For so long they race on one store at most: each of them keeps every state in mind.
const ON_ONE_STORE: u64 = 5000;

/// What there was of it all.
#[derive(Debug, Default)]
struct Figures {
    stores: usize,
    commands: usize,
    busy: usize,
    blocked: usize,
    found: replay::Found,
}

impl Figures {
    fn say(&self, processes: u64, milliseconds: u64) {
        say(&format!(
            "races: {processes} processes for {:.1} s on {} stores: {} commands, {} entries in {} \
             projects of which {} were deleted, {} answers without an entry, {} refusals; BUSY {}, \
             BLOCKED {}",
            Duration::from_millis(milliseconds).as_secs_f64(),
            self.stores,
            self.commands,
            self.found.entries,
            self.found.projects,
            self.found.deleted,
            self.found.idle,
            self.found.refused,
            self.busy,
            self.blocked,
        ));
    }
}

/// What somebody heard who watched.
#[derive(Debug, Default)]
struct Watched {
    commits: BTreeMap<ProjectId, Vec<Revision>>,
    removed: Vec<ProjectId>,
    missed: bool,
}

impl Watched {
    fn hear(&mut self, listener: &mut Subscription) {
        while let Some(notice) = listener.try_next() {
            match notice {
                Notice::Committed(commit) => {
                    assert!(!self.removed.contains(&commit.project), "after its end");
                    let heard = self.commits.entry(commit.project).or_default();
                    heard.push(commit.revision);
                }
                Notice::Removed { project } => self.removed.push(project),
                _ => self.missed = true,
            }
        }
    }

    /// Whether all that is there was heard, each revision once and in order, and of what was heard of
    /// and is gone that it is, once.
    fn agrees_with(&self, journals: &BTreeMap<ProjectId, Journal>) -> bool {
        self.differs_from(journals).is_empty()
    }

    /// The projects of which something else was heard than what is there.
    fn differs_from(&self, journals: &BTreeMap<ProjectId, Journal>) -> Vec<ProjectId> {
        let is_told = |project: &ProjectId, journal: &Journal| {
            let all = (1..=journal.len() as u64).map(Revision::new);
            let heard = self.commits.get(project);
            heard.is_some_and(|heard| heard.iter().copied().eq(all))
        };
        let untold = journals
            .iter()
            .filter(|(project, journal)| !is_told(project, journal));
        let gone = self.commits.keys().filter(|project| {
            let told = self.removed.iter().filter(|removed| removed == project);
            let is_gone = !journals.contains_key(*project);
            told.count() != usize::from(is_gone)
        });
        untold
            .map(|(project, _)| *project)
            .chain(gone.copied())
            .collect()
    }
}

fn count(asked: &[Asked], code: &str) -> usize {
    let is_refused = |told: &Told| matches!(told, Told::Refused { code: found } if found == code);
    let told = asked.iter().filter_map(|one| one.told.as_ref());
    told.filter(|told| is_refused(told)).count()
}

async fn race(processes: u64, milliseconds: u64, random: &mut Random, figures: &mut Figures) {
    let mut shared = Shared::new();
    // Whoever watches does nothing else, and is there before anybody begins.
    let watching = shared.engine().await;
    let mut listener = watching.subscribe(None).await.expect("it can be read");
    let mut watched = Watched::default();
    let mut workers: Vec<Worker> = (0..processes)
        .map(|_| shared.start(random, milliseconds, 0))
        .collect();
    while workers
        .iter_mut()
        .any(|worker| worker.child.try_wait().expect("it is ours").is_none())
    {
        watched.hear(&mut listener);
        std::thread::sleep(Duration::from_millis(5));
    }
    for worker in &mut workers {
        let ended = worker.child.wait().expect("it is ours");
        let said = std::fs::read_to_string(&worker.marks).unwrap_or_default();
        assert!(ended.success(), "a worker failed: {said}");
    }
    let asked = shared.asked();
    let engine = shared.engine().await;
    let found = match replay::one_legal_history(&engine, &asked).await {
        Ok(found) => found,
        Err(mismatch) => panic!("{processes} processes: {mismatch}"),
    };
    assert_eq!(shared.integrity(), "ok");
    assert_eq!(count(&asked, "OUTCOME_UNKNOWN"), 0, "nothing was lost");

    let journals = replay::journals(&engine, &asked).await.expect("as before");
    let until = Instant::now() + PATIENCE;
    while !watched.agrees_with(&journals) {
        assert!(
            Instant::now() < until,
            "{processes} processes: {:?}",
            watched.differs_from(&journals)
        );
        watched.hear(&mut listener);
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(
        !watched.missed,
        "whoever listens all the time misses nothing"
    );
    figures.stores += 1;
    figures.commands += asked.len();
    figures.busy += count(&asked, "BUSY");
    figures.blocked += count(&asked, "BLOCKED");
    figures.found.entries += found.entries;
    figures.found.projects += found.projects;
    figures.found.deleted += found.deleted;
    figures.found.idle += found.idle;
    figures.found.refused += found.refused;
    assert!(found.entries > 0, "they did something");
    assert!(found.refused > 0, "and were refused something");
}

#[test]
fn r4_r70_r71_r76_processes_that_race_on_one_store_make_one_legal_history() {
    let seed = platform::seed();
    let milliseconds = set_number("HOLDPOINT_RACE_SECONDS", 0) * 1000;
    let milliseconds = if milliseconds == 0 {
        SHORT
    } else {
        milliseconds
    };
    say(&format!(
        "seed: races: HOLDPOINT_SEED={seed}, SQLite {}",
        rusqlite::version()
    ));
    for processes in [2, 4, 8] {
        let mut random = Random::of(seed, processes);
        let mut figures = Figures::default();
        let mut left = milliseconds;
        while left > 0 {
            let this_time = left.min(ON_ONE_STORE);
            pollster::block_on(race(processes, this_time, &mut random, &mut figures));
            left -= this_time;
        }
        figures.say(processes, milliseconds);
    }
}
