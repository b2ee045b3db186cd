//! What is done with context on demand: flash saves (R22, R23), touching, pinning, archiving.

use super::commands::*;
use super::given::{Given, days_before, noon};
use holdpoint::machine::{AgentReport, ArchiveReport, Event, Outcome, Rejection, TouchedItem};
use holdpoint::model::{Item, ItemId, MAX_INTEGER, ProjectSettings, Tally, Tier, Timestamp};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn long_ago() -> Timestamp {
    days_before(100, noon())
}

fn report(outcome: Outcome) -> ArchiveReport {
    match outcome {
        Outcome::ContextArchived(report) => report,
        other => panic!("{other:?} archived nothing"),
    }
}

fn archived(given: &Given) -> Vec<ItemId> {
    let mut items = given.state().items_in_order();
    items.retain(|item| item.archived);
    items.iter().map(|item| item.id).collect()
}

/// Tokens before and after, percent; items archived, hot and warm ones kept.
fn agent(
    name: &str,
    (tokens_before, tokens_after, reduction_percentage): (u64, u64, f64),
    (items_archived, hot_kept, warm_kept): (u64, u64, u64),
) -> AgentReport {
    AgentReport {
        agent: name.parse().unwrap(),
        tokens_before,
        tokens_after,
        reduction_percentage,
        items_archived,
        hot_kept,
        warm_kept,
    }
}

#[test]
fn r23_a_flash_save_runs_from_exactly_80_percent_of_the_limit_on() {
    for (limit, below, from) in [
        (180_000, 143_999, 144_000),
        (1000, 799, 800),
        // 80 % of 7 is 5.6, of 1,001 is 800.8, of 1 is 0.8.
        (7, 5, 6),
        (1001, 800, 801),
        (1, 0, 1),
    ] {
        for (tokens, is_saved) in [(below, false), (from, true)] {
            let mut given = Given::project();
            given.done(set_agent("ana", limit));
            given.done(add_context(vec![
                item("ana", "diary", tokens).from(long_ago()),
            ]));
            let then = given.when(flash_save(None, false));
            let found = if is_saved {
                report(then.outcome())
            } else {
                report(then.nothing())
            };
            assert_eq!(
                found.items_archived,
                u64::from(is_saved),
                "{tokens} of {limit}"
            );
            assert_eq!(archived(&given).len(), usize::from(is_saved));
        }
    }
}

#[test]
fn r23_by_default_an_agents_limit_is_180_000_tokens() {
    assert_eq!(ProjectSettings::default().token_limit, 180_000);
    let mut given = Given::project();
    given.done(add_context(vec![
        item("ana", "diary", 143_999).from(long_ago()),
    ]));
    given.when(flash_save("ana", false)).nothing();
    given.done(add_context(vec![item("ana", "diary", 1).from(long_ago())]));
    assert_eq!(
        report(given.done(flash_save("ana", false))).items_archived,
        2
    );
}

#[test]
fn r23_forced_it_runs_below_that_too() {
    let mut given = Given::project();
    given.done(add_context(vec![
        item("ana", "diary", 1).from(long_ago()),
        item("ben", "diary", 2).from(long_ago()),
    ]));
    given.when(flash_save(None, false)).nothing();
    let found = report(given.done(flash_save("ben", true)));
    assert_eq!(found.agents, [agent("ben", (2, 0, 100.0), (1, 0, 0))]);
    let found = report(given.done(flash_save(None, true)));
    assert_eq!(
        found.agents,
        [
            agent("ana", (1, 0, 100.0), (1, 0, 0)),
            agent("ben", (0, 0, 0.0), (0, 0, 0)),
        ]
    );
}

#[test]
fn r22_a_flash_save_archives_what_is_cold_and_says_what_stayed() {
    let mut given = Given::project_with(ProjectSettings {
        token_limit: 1000,
        ..ProjectSettings::default()
    });
    let items = given.added(vec![
        item("ana", "diary", 300).from(long_ago()),
        item("ana", "diary", 7).from(long_ago()).pinned(),
        item("ana", "task", 40),
        item("ana", "code", 500),
        item("ana", "task", 60).from(long_ago()),
        // Below its threshold.
        item("ben", "diary", 799).from(long_ago()),
        item("cyd", "error", 900).from(long_ago()),
    ]);
    let answer = given.when(flash_save(None, false)).answer();
    assert_eq!(
        report(answer.outcome),
        ArchiveReport {
            tokens_before: 907 + 900,
            tokens_after: 607,
            reduction_percentage: 66.41,
            items_archived: 2,
            agents: vec![
                agent("ana", (907, 607, 33.08), (1, 1, 3)),
                agent("cyd", (900, 0, 100.0), (1, 0, 0)),
            ],
        }
    );
    assert!(matches!(&answer.events[..], [Event::ItemsArchived(_)]));
    assert!(answer.blobs.is_empty(), "no body is touched");
    assert_eq!(archived(&given), [items[0], items[6]]);
    // No status changes and no checkpoint is taken.
    assert!(given.state().pause.is_none() && given.state().checkpoints.is_empty());
    // What was archived can be brought back, and goes again.
    given.done(restore_items(vec![items[0]]));
    assert_eq!(archived(&given), [items[6]]);
    assert_eq!(
        report(given.done(flash_save("ana", false))).items_archived,
        1
    );
}

#[test]
fn r22_where_nothing_is_cold_there_is_no_entry_and_a_report_all_the_same() {
    let mut given = Given::project();
    let nothing = ArchiveReport {
        tokens_before: 0,
        tokens_after: 0,
        reduction_percentage: 0.0,
        items_archived: 0,
        agents: vec![],
    };
    for force in [false, true] {
        let found = report(given.when(flash_save(None, force)).nothing());
        assert_eq!(found, nothing, "there is nobody");
    }
    given.done(add_context(vec![item("ana", "code", 5)]));
    let found = report(given.when(flash_save("ana", false)).nothing());
    assert_eq!(found, nothing, "left alone, so not reported");
    let found = report(given.when(flash_save("ana", true)).nothing());
    assert_eq!(found.agents, [agent("ana", (5, 5, 0.0), (0, 0, 1))]);
}

#[test]
fn r23_an_agent_that_is_not_known_is_refused() {
    let mut given = Given::project();
    given.done(set_agent("ana", 5));
    for force in [false, true] {
        let refusal = given.when(flash_save("Ana", force)).refusal();
        let agent = "Ana".parse().unwrap();
        assert_eq!(refusal, Rejection::AgentNotFound { agent });
        assert_eq!(refusal.code().as_str(), "AGENT_NOT_FOUND");
    }
    given.when(flash_save("ana", false)).nothing();
}

#[test]
fn touching_is_counted_in_one_event_and_twice_listed_is_twice_used() {
    let mut given = Given::project();
    let items = given.added(vec![
        item("ana", "code", 1),
        item("ben", "code", 1),
        item("ben", "code", 1),
    ]);
    let at = given.now;
    let answer = given
        .when(touch_items(vec![items[1], items[0], items[1]]))
        .answer();
    let [Event::ItemsTouched { items: touched }] = &answer.events[..] else {
        panic!("{:?}", answer.events)
    };
    let mut expected = vec![
        TouchedItem {
            item: items[0],
            access_count: 1,
        },
        TouchedItem {
            item: items[1],
            access_count: 2,
        },
    ];
    expected.sort_by_key(|touched| touched.item);
    assert_eq!(*touched, expected);
    let uses = |given: &Given| -> Vec<_> {
        let item = |id: &ItemId| {
            let item = &given.state().items[id];
            (item.access_count, item.last_accessed)
        };
        items.iter().map(item).collect()
    };
    assert_eq!(uses(&given), [(1, Some(at)), (2, Some(at)), (0, None)]);
    given.done(touch_items(vec![items[1]]));
    assert_eq!(uses(&given)[1].0, 3);
    // The outcome names each once.
    let Outcome::ItemsTouched { items: told } = answer.outcome else {
        panic!("{:?}", answer.outcome)
    };
    assert_eq!(told.len(), 2);
}

#[test]
fn a_use_never_counts_past_the_largest_number() {
    let mut given = Given::project();
    let items = given.added(vec![item("ana", "code", 1)]);
    given.force(&[Event::ItemsTouched {
        items: vec![TouchedItem {
            item: items[0],
            access_count: MAX_INTEGER - 1,
        }],
    }]);
    given.done(touch_items(vec![items[0]; 3]));
    assert_eq!(given.state().items[&items[0]].access_count, MAX_INTEGER);
}

#[test]
fn r20_touching_raises_importance_by_the_formula_and_nothing_else_does() {
    let mut given = Given::project();
    let items = given.added(vec![item("ana", "code", 1).from(long_ago())]);
    let importance = |given: &Given| given.state().items[&items[0]].importance(noon());
    let before = importance(&given);
    for command in [
        pin_items(items.clone()),
        unpin_items(items.clone()),
        archive_items(items.clone()),
        restore_items(items.clone()),
    ] {
        let kind = command.kind();
        given.done(command);
        assert_eq!(importance(&given).to_bits(), before.to_bits(), "{kind}");
    }
    given.done(touch_items(vec![items[0]; 9]));
    let uses = 0.2 * 10.0_f64.ln() / 10.0;
    assert!((importance(&given) - before - uses).abs() < 1e-12);
}

#[test]
fn r21_a_pinned_item_is_hot_whatever_its_age_and_no_flash_save_takes_it() {
    let mut given = Given::project();
    let items = given.added(vec![
        item("ana", "diary", 1).from(long_ago()),
        item("ana", "diary", 2).from(long_ago()),
    ]);
    let tier = |given: &Given, n: usize| given.state().items[&items[n]].tier(given.now);
    assert_eq!((tier(&given, 0), tier(&given, 1)), (Tier::Cold, Tier::Cold));
    given.done(pin_items(vec![items[0]]));
    assert_eq!((tier(&given, 0), tier(&given, 1)), (Tier::Hot, Tier::Cold));
    given.done(flash_save(None, true));
    assert_eq!(archived(&given), [items[1]]);
    assert_eq!(given.paused().items_archived, 0);
    given.done(resume());
    given.done(unpin_items(vec![items[0]]));
    assert_eq!(report(given.done(flash_save(None, true))).items_archived, 1);
}

#[test]
fn pinning_and_unpinning_say_what_changed_and_again_change_nothing() {
    let mut given = Given::project();
    let items = given.added(vec![
        item("ana", "code", 1),
        item("ana", "code", 1).pinned(),
        item("ana", "code", 1),
    ]);
    let pinned = |items: &[ItemId], pinned| Outcome::ItemsPinned {
        items: items.to_vec(),
        pinned,
    };
    let all = || items.clone();
    // In the order in which they are named, each once.
    let named = vec![items[2], items[1], items[0], items[2]];
    let outcome = given.done(pin_items(named));
    assert_eq!(outcome, pinned(&[items[2], items[0]], true));
    assert!(given.state().items.values().all(|item| item.pinned));
    assert_eq!(given.when(pin_items(all())).nothing(), pinned(&[], true));
    let outcome = given.done(unpin_items(vec![items[1]]));
    assert_eq!(outcome, pinned(&items[1..2], false));
    let outcome = given.done(unpin_items(all()));
    assert_eq!(outcome, pinned(&[items[0], items[2]], false));
    assert_eq!(given.when(unpin_items(all())).nothing(), pinned(&[], false));
}

#[test]
fn r22_items_are_archived_by_name_whatever_their_tier_and_brought_back() {
    let mut given = Given::project();
    let items = given.added(vec![
        item("ana", "task", 10),
        item("ana", "code", 20).pinned(),
        item("ben", "code", 30),
        item("cyd", "code", 40),
    ]);
    let found = report(given.done(archive_items(vec![items[2], items[1], items[2], items[0]])));
    assert_eq!(
        (
            found.tokens_before,
            found.tokens_after,
            found.items_archived
        ),
        (60, 0, 3)
    );
    assert_eq!(
        found.agents,
        [
            agent("ana", (30, 0, 100.0), (2, 0, 0)),
            agent("ben", (30, 0, 100.0), (1, 0, 0)),
        ]
    );
    assert_eq!(archived(&given), items[..3]);
    let tally = |items, tokens| Tally {
        items,
        tokens,
        estimated: 0,
    };
    let ana = given.agent("ana");
    assert_eq!((ana.active, ana.archived), (tally(0, 0), tally(2, 30)));
    // Again there is nothing to do, and of those named one is still there.
    let found = report(given.when(archive_items(items[..3].to_vec())).nothing());
    assert_eq!((found.items_archived, found.agents.len()), (0, 0));
    let found = report(given.done(archive_items(items.clone())));
    assert_eq!(found.agents, [agent("cyd", (40, 0, 100.0), (1, 0, 0))]);
    given.done(restore_items(vec![items[1]]));
    let back = &given.state().items[&items[1]];
    assert!(back.pinned && !back.archived);
}

#[test]
fn archived_items_can_be_used_and_pinned_and_stay_archived() {
    let mut given = Given::project();
    let items = given.added(vec![item("ana", "code", 1)]);
    given.done(archive_items(items.clone()));
    given.done(touch_items(items.clone()));
    given.done(pin_items(items.clone()));
    let item = &given.state().items[&items[0]];
    assert!(item.archived && item.pinned);
    assert_eq!(item.access_count, 1);
    given.when(flash_save(None, true)).nothing();
}

#[test]
fn what_names_an_item_that_is_not_there_or_none_at_all_is_refused_whole() {
    let mut given = Given::project();
    let items = given.added(vec![
        item("ana", "code", 1),
        item("ana", "code", 1).pinned(),
    ]);
    let unknown = ItemId::from_parts(1, 1);
    for make in [
        touch_items,
        pin_items,
        unpin_items,
        archive_items,
        restore_items,
    ] {
        let command = make(vec![items[0], items[1], unknown]);
        let kind = command.kind();
        assert_eq!(
            given.when(command).refusal(),
            Rejection::ItemNotFound { item: unknown },
            "{kind}"
        );
        assert_eq!(given.refused(make(vec![])), "INVALID_INPUT", "{kind}");
    }
}

#[test]
fn r61_a_project_rollback_puts_uses_pins_and_archiving_back() {
    let mut given = Given::project();
    let items = given.added(vec![item("ana", "code", 1), item("ana", "code", 2)]);
    let before: Vec<Item> = given
        .state()
        .items
        .values()
        .map(|item| (**item).clone())
        .collect();
    let here = given.checkpoint("here", None);
    given.done(touch_items(items.clone()));
    given.done(pin_items(vec![items[0]]));
    given.done(archive_items(vec![items[1]]));
    let rolled_back = given.rolled_back(rollback_project(here));
    assert_eq!(rolled_back.items_restored, 2);
    let after: Vec<Item> = given
        .state()
        .items
        .values()
        .map(|item| (**item).clone())
        .collect();
    assert_eq!(after, before);
}
