//! A process that gives one random command after the other, most of them sensible in view of what
//! it has last seen of the store; others change that all the time.

use super::notes::Notes;
use crate::model_based::generator::Generator;
use crate::model_based::given::{SetClock, engine_on};
use crate::model_based::naive::{Flaw, History, Naive, Place};
use crate::model_based::random::Random;
use crate::model_based::seen;
use holdpoint::engine::{Committed, Engine, Notice};
use holdpoint::model::ErrorCode;
use holdpoint::storage::{SqliteStorage, Storage};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The test that is a worker when it is told so.
pub(super) const NAME: &str = "model_based::processes::worker::a_worker_when_it_is_given_orders";
/// What tells it so.
pub(super) const ORDERS: &str = "HOLDPOINT_WORKER";

/// What a worker is to do.
#[derive(Debug)]
pub(super) struct Orders {
    pub(super) store: PathBuf,
    pub(super) notes: PathBuf,
    pub(super) seed: u64,
    /// No two on one store have the same.
    pub(super) number: u64,
    pub(super) milliseconds: u64,
}

impl Orders {
    pub(super) fn to_text(&self) -> String {
        json!([
            self.store,
            self.notes,
            self.seed,
            self.number,
            self.milliseconds
        ])
        .to_string()
    }

    fn from_text(text: &str) -> Self {
        let orders: Value = serde_json::from_str(text).expect("orders are JSON");
        let path = |at: usize| orders[at].as_str().expect("a path").into();
        let number = |at: usize| orders[at].as_u64().expect("a number");
        Self {
            store: path(0),
            notes: path(1),
            seed: number(2),
            number: number(3),
            milliseconds: number(4),
        }
    }
}

#[test]
fn a_worker_when_it_is_given_orders() {
    if let Ok(orders) = std::env::var(ORDERS) {
        pollster::block_on(work(&Orders::from_text(&orders)));
    }
}

async fn work(orders: &Orders) {
    let until = Instant::now() + Duration::from_millis(orders.milliseconds);
    let clock = SetClock::default();
    let storage = SqliteStorage::open(&orders.store).expect("a store can be made there");
    let engine = engine_on(storage, &clock).await;
    let mut listener = engine.subscribe(None).await.expect("it can be read");
    let mut notes = Notes::at(&orders.notes);
    let mut generator = Generator::numbered(Random::of(orders.seed, 0), orders.number);
    let mut naive = Naive::new(Flaw::None);
    while Instant::now() < until {
        look(&mut naive, &engine).await;
        let (given, _) = generator.next(&naive);
        clock.set(given.now);
        notes.ask(&given);
        let (project, id) = (given.project, given.request.id);
        let told = engine.submit(project, given.request).await;
        // One's own commits are heard of before they are told.
        let heard = std::iter::from_fn(|| listener.try_next());
        let commit = heard.filter_map(|notice| match notice {
            Notice::Committed(commit) => Some(commit),
            _ => None,
        });
        let commits: Vec<_> = commit.collect();
        let own = |commit: &&Committed| commit.project == project && commit.command == id;
        notes.told(&told, commits.iter().find(own));
    }
}

/// Brings what the worker believes up to what is there. Of revisions that it wasn't there for it
/// only knows that they were; what it believes of them may be wrong, and so may its commands.
async fn look<S: Storage>(naive: &mut Naive, engine: &Engine<S>) {
    let there = engine.journals(None, 1000).await.expect("it can be read");
    naive.places.retain(|project, _| there.contains(project));
    for project in there {
        let state = match engine.project(project).await {
            Ok(state) => state,
            Err(error) if error.code() == ErrorCode::Removed => {
                naive.places.remove(&project);
                continue;
            }
            Err(error) => panic!("{error}"),
        };
        let length = usize::try_from(state.revision.get()).expect("journals are short");
        let place = naive.places.entry(project);
        let place = place.or_insert_with(|| Place::There(History::of(Vec::new())));
        if let Place::There(history) = place
            && history.states.len() < length
        {
            history.states.resize(length, seen::project(&state));
        }
    }
}
