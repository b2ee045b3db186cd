//! How much context each agent has, at moments that the test chooses.
#![cfg(all(feature = "cli", not(target_family = "wasm")))]
#![forbid(unsafe_code)]

use holdpoint::engine::{Clock, Engine, EngineOptions};
use holdpoint::machine::{Command, NewItem};
use holdpoint::model::{
    CountTokens, EstimateTokens, InvalidInput, ProjectId, Tally, Timestamp, TokenCount,
};
use holdpoint::storage::MemoryStorage;
use holdpoint::views::{AgentView, ProjectView, Statistics, TierTally, Tiers};
use pollster::block_on;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// 2026-01-01T12:00:00Z.
const NOON: i64 = 1_767_268_800_000;

/// A clock that is turned by hand.
#[derive(Clone)]
struct HandClock(Arc<AtomicI64>);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_milliseconds_clamped(self.0.load(Ordering::SeqCst))
    }
}

/// As many tokens as characters; what begins with `~` is estimated.
struct Characters;

impl CountTokens for Characters {
    fn count(&self, text: &str) -> Result<TokenCount, InvalidInput> {
        if text.starts_with('~') {
            return EstimateTokens.count(text);
        }
        Ok(TokenCount {
            tokens: text.chars().count() as u64,
            estimated: false,
        })
    }
}

struct Given {
    engine: Engine<MemoryStorage>,
    clock: HandClock,
    project: ProjectId,
}

impl Given {
    /// Ana has an item of each kind of age: 10 tokens of a task, 20 of code, 40 of a note, and a
    /// pinned note of 80. Bob has an estimated one. Cleo has none.
    fn at_noon() -> Self {
        let clock = HandClock(Arc::new(AtomicI64::new(NOON)));
        let mut options = EngineOptions::new("ana".parse().unwrap());
        options.clock = Box::new(clock.clone());
        options.tokens = Box::new(Characters);
        let engine = block_on(Engine::open_with(MemoryStorage::new(), options)).unwrap();
        let name = "made".parse().unwrap();
        let project = block_on(engine.create_project(name)).unwrap().project;
        let given = Self {
            engine,
            clock,
            project,
        };
        let pinned = NewItem {
            pinned: true,
            ..item("ana", "note", &"x".repeat(80))
        };
        given.done(Command::AddContext {
            items: vec![
                item("bob", "note", "~estimate"),
                item("ana", "task", &"x".repeat(10)),
                item("ana", "code", &"x".repeat(20)),
                item("ana", "note", &"x".repeat(40)),
                pinned,
            ],
        });
        given.done(Command::SetAgent {
            agent: "cleo".parse().unwrap(),
            token_limit: 500,
        });
        given
    }

    fn done(&self, command: Command) {
        block_on(self.engine.execute(self.project, command)).unwrap();
    }

    fn set(&self, after_noon: i64) {
        self.clock.0.store(NOON + after_noon, Ordering::SeqCst);
    }

    fn statistics(&self) -> Statistics {
        let state = block_on(self.engine.project(self.project)).unwrap();
        Statistics::of(&state, self.clock.now())
    }

    fn ana(&self) -> AgentView {
        self.statistics().agents.swap_remove(0)
    }
}

fn item(agent: &str, kind: &str, body: &str) -> NewItem {
    NewItem {
        agent: agent.parse().unwrap(),
        plan: None,
        kind: kind.parse().unwrap(),
        body: body.parse().unwrap(),
        created_at: None,
        pinned: false,
    }
}

const fn tally(items: u64, tokens: u64) -> Tally {
    Tally {
        items,
        tokens,
        estimated: 0,
    }
}

const fn tiers(hot: (u64, u64), warm: (u64, u64), cold: (u64, u64)) -> Tiers {
    const fn tally((items, tokens): (u64, u64)) -> TierTally {
        TierTally { items, tokens }
    }
    Tiers {
        hot: tally(hot),
        warm: tally(warm),
        cold: tally(cold),
    }
}

#[test]
fn r25_each_agent_has_its_items_and_tokens_in_all_and_per_tier() {
    let given = Given::at_noon();
    let statistics = given.statistics();
    assert_eq!(statistics.project, given.project);
    assert_eq!(statistics.revision.get(), 3);
    assert_eq!(statistics.at, given.clock.now());
    let none = tally(0, 0);
    let estimated = Tally {
        estimated: 1,
        ..tally(1, 3)
    };
    let expected = [
        AgentView {
            agent: "ana".parse().unwrap(),
            token_limit: 180_000,
            active: tally(4, 150),
            archived: none,
            total: tally(4, 150),
            tiers: tiers((2, 90), (2, 60), (0, 0)),
        },
        AgentView {
            agent: "bob".parse().unwrap(),
            token_limit: 180_000,
            active: estimated,
            archived: none,
            total: estimated,
            tiers: tiers((0, 0), (1, 3), (0, 0)),
        },
        AgentView {
            agent: "cleo".parse().unwrap(),
            token_limit: 500,
            active: none,
            archived: none,
            total: none,
            tiers: Tiers::default(),
        },
    ];
    assert_eq!(statistics.agents, expected);
}

#[test]
fn r25_tiers_change_with_time_alone_and_are_those_of_the_moment() {
    let given = Given::at_noon();
    let begun = given.statistics();
    for (after_noon, expected) in [
        (-DAY, tiers((2, 90), (2, 60), (0, 0))),
        (0, tiers((2, 90), (2, 60), (0, 0))),
        (HOUR, tiers((1, 80), (3, 70), (0, 0))),
        // A note is cold after 1.4 days, code after 3.2, a task never.
        (33 * HOUR, tiers((1, 80), (3, 70), (0, 0))),
        (34 * HOUR, tiers((1, 80), (2, 30), (1, 40))),
        (3 * DAY, tiers((1, 80), (2, 30), (1, 40))),
        (4 * DAY, tiers((1, 80), (1, 10), (2, 60))),
        (400 * DAY, tiers((1, 80), (1, 10), (2, 60))),
    ] {
        given.set(after_noon);
        let ana = given.ana();
        assert_eq!(ana.tiers, expected, "{after_noon} ms after noon");
        assert_eq!(ana.active, tally(4, 150));
        assert_eq!(given.statistics().revision, begun.revision);
    }
}

#[test]
fn r25_what_a_pause_archives_leaves_the_tiers_and_stays_in_all() {
    let given = Given::at_noon();
    given.set(2 * DAY);
    given.done(Command::Pause { reason: None });
    let ana = given.ana();
    assert_eq!(ana.active, tally(3, 110));
    assert_eq!(ana.archived, tally(1, 40));
    assert_eq!(ana.total, tally(4, 150));
    assert_eq!(ana.tiers, tiers((1, 80), (2, 30), (0, 0)));
    given.set(400 * DAY);
    assert_eq!(given.ana().tiers, tiers((1, 80), (1, 10), (1, 20)));
    assert_eq!(given.ana().archived, tally(1, 40));

    given.done(Command::Resume { checkpoint: None });
    let state = block_on(given.engine.project(given.project)).unwrap();
    let archived = state.items.values().filter(|item| item.archived);
    let items = archived.map(|item| item.id).collect();
    given.done(Command::RestoreItems { items });
    assert_eq!(given.ana().archived, tally(0, 0));
    assert_eq!(given.ana().total, tally(4, 150));
    assert_eq!(given.statistics().agents[1].total.estimated, 1);
}

#[test]
fn r25_a_project_shows_the_same_figures() {
    let given = Given::at_noon();
    given.set(2 * DAY);
    let state = block_on(given.engine.project(given.project)).unwrap();
    let shown = ProjectView::of(&state, given.clock.now());
    assert_eq!(shown.agents, given.statistics().agents);
}
