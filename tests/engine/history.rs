//! R50: entries are found by plan, actor, type and time, page by page and in both directions.

use super::author::{Author, checkpoint, item, rename};
use super::given::{Disk, Memory, NOON, SetClock, engine_with, noon, refused, request, wait};
use holdpoint::engine::{Engine, HistoryPage, HistoryQuery};
use holdpoint::journal::Entry;
use holdpoint::machine::{Command, EventKind, Request};
use holdpoint::model::{ErrorCode, Point, ProjectId, Revision};
use holdpoint::storage::Storage;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

on_every_disk![
    r50_entries_are_found_by_plan_actor_type_and_time,
    r50_pages_join_to_the_whole_in_both_directions,
    r50_a_plan_is_followed_through_rollbacks_and_into_a_fork,
    r50_what_makes_no_sense_or_is_not_there_is_refused,
];

const HOUR: i64 = 3_600_000;

/// No revision.
const NONE: [u64; 0] = [];

fn all() -> HistoryQuery {
    HistoryQuery::of(1000)
}

fn page<S: Storage>(engine: &Engine<S>, project: ProjectId, query: &HistoryQuery) -> HistoryPage {
    wait(engine.find_entries(project, query)).expect("it can be read")
}

/// The revisions that a query finds, and that its pages of this size find too.
#[track_caller]
fn found<S: Storage>(engine: &Engine<S>, project: ProjectId, query: &HistoryQuery) -> Vec<u64> {
    let revisions = |page: &HistoryPage| {
        let entries = page.entries.iter();
        entries
            .map(|found| found.entry.revision.get())
            .collect::<Vec<_>>()
    };
    let whole = page(engine, project, query);
    assert_eq!(whole.next, None);
    for limit in [1, 3] {
        let mut query = HistoryQuery {
            limit,
            ..query.clone()
        };
        let mut joined = Vec::new();
        loop {
            let part = page(engine, project, &query);
            assert!(part.entries.len() <= limit);
            joined.extend(revisions(&part));
            let Some(next) = part.next else { break };
            query = query.going_on(next);
        }
        assert_eq!(joined, revisions(&whole), "by {limit}");
    }
    revisions(&whole)
}

fn r50_entries_are_found_by_plan_actor_type_and_time<D: Disk>() {
    let disk = D::new();
    let clock = SetClock::at(NOON);
    let mut author = Author::new(engine_with(disk.open(), clock.clone()));
    let one = author.plan(1);
    clock.turn(HOUR);
    let other = author.plan(1);
    author.done(Command::StartPlan { plan: one });
    // The clock goes back; the order is that of the revisions.
    clock.turn(-2 * HOUR);
    let bob = Request {
        actor: "bob".parse().unwrap(),
        ..request(900, Command::StartPlan { plan: other })
    };
    wait(author.engine.submit(author.project, bob)).unwrap();
    clock.turn(3 * HOUR);
    let mut of_other = item("of the other plan");
    of_other.plan = Some(other);
    let items = vec![item("of no plan"), of_other];
    author.done(Command::AddContext { items });
    author.done(rename("furnished"));

    let (engine, project) = (disk.engine(), author.project);
    let find = |query| found(&engine, project, &query);
    assert_eq!(find(all()), [1, 2, 3, 4, 5, 6, 7]);
    let of_plan = |plan| HistoryQuery {
        plan: Some(plan),
        ..all()
    };
    assert_eq!(find(of_plan(one)), [2, 4]);
    assert_eq!(find(of_plan(other)), [3, 5, 6]);
    let of_bob = HistoryQuery {
        actor: Some("bob".parse().unwrap()),
        ..all()
    };
    assert_eq!(find(of_bob.clone()), [5]);
    let kinds = |kinds: &[EventKind]| HistoryQuery {
        kinds: kinds.to_vec(),
        ..all()
    };
    assert_eq!(find(kinds(&[EventKind::PlanStarted])), [4, 5]);
    let two = [EventKind::ProjectRenamed, EventKind::PlanCreated];
    assert_eq!(find(kinds(&two)), [2, 3, 7]);
    assert_eq!(find(kinds(&[EventKind::RolledBack])), NONE);
    let between = |from: i64, until: i64| HistoryQuery {
        from: Some(noon().plus_milliseconds(from)),
        until: Some(noon().plus_milliseconds(until)),
        ..all()
    };
    assert_eq!(
        find(between(0, HOUR)),
        [1, 2],
        "from it on, until before it"
    );
    assert_eq!(
        find(between(-HOUR, HOUR)),
        [1, 2, 5],
        "wherever the clock was"
    );
    assert_eq!(find(between(HOUR, HOUR)), NONE);
    let since = HistoryQuery {
        from: Some(noon().plus_milliseconds(HOUR)),
        ..all()
    };
    assert_eq!(find(since), [3, 4, 6, 7]);
    let both = HistoryQuery {
        plan: Some(other),
        ..kinds(&[EventKind::PlanStarted])
    };
    assert_eq!(find(both.clone()), [5]);
    let none = HistoryQuery {
        actor: Some("ana".parse().unwrap()),
        ..both
    };
    assert_eq!(find(none), NONE, "all has to hold");
    let middle = HistoryQuery {
        after: Some(Revision::new(2)),
        before: Some(Revision::new(6)),
        ..all()
    };
    assert_eq!(find(middle.clone()), [3, 4, 5]);
    let newest_first = HistoryQuery {
        newest_first: true,
        ..middle
    };
    assert_eq!(find(newest_first), [5, 4, 3]);
    let far = HistoryQuery {
        after: Some(Revision::new(u64::MAX)),
        before: Some(Revision::new(u64::MAX)),
        ..all()
    };
    assert_eq!(find(far), NONE);
}

fn r50_pages_join_to_the_whole_in_both_directions<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    author.furnish();
    // More than are read at once.
    for n in 0..550 {
        author.done(rename(&format!("{n}")));
    }
    let (engine, project) = (disk.engine(), author.project);
    let history = wait(engine.history(project, Revision::ZERO, usize::MAX)).unwrap();
    let sealed = wait(engine.storage().entries(project, Revision::ZERO, 10_000)).unwrap();
    for newest_first in [false, true] {
        let mut query = HistoryQuery {
            newest_first,
            ..HistoryQuery::of(100)
        };
        let mut joined = Vec::new();
        loop {
            let part = page(&engine, project, &query);
            joined.extend(part.entries);
            let Some(next) = part.next else { break };
            query = query.going_on(next);
        }
        if newest_first {
            joined.reverse();
        }
        assert!(joined.iter().map(|found| &found.entry).eq(&history));
        let digests = joined.iter().map(|found| found.digest);
        assert!(digests.eq(sealed.iter().map(|sealed| sealed.digest)));
    }
}

fn r50_a_plan_is_followed_through_rollbacks_and_into_a_fork<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let kept = author.started_plan(1);
    let here = author.checkpoint("here");
    let gone = author.plan(1);
    let made = author.state().revision.get();
    let back = author.done(Command::RollbackProject {
        checkpoint: here,
        reason: None,
    });
    let project = author.project;
    let of_plan = |plan| HistoryQuery {
        plan: Some(plan),
        ..all()
    };
    let engine = disk.engine();
    let made_and_gone = [made, back.revision.get()];
    assert_eq!(found(&engine, project, &of_plan(gone)), made_and_gone);
    let fork = request(
        5000,
        Command::ForkProject {
            source: project,
            at: Point::Now,
            name: None,
        },
    );
    let copy = ProjectId::created_by(&fork.id);
    wait(engine.submit(copy, fork)).unwrap();
    assert_eq!(found(&engine, copy, &of_plan(kept)), [1]);
    assert_eq!(found(&engine, copy, &of_plan(gone)), NONE);
}

fn r50_what_makes_no_sense_or_is_not_there_is_refused<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let (engine, project) = (disk.engine(), author.project);
    let backwards = HistoryQuery {
        from: Some(noon().plus_milliseconds(1)),
        until: Some(noon()),
        ..all()
    };
    for query in [backwards, HistoryQuery::of(0)] {
        let told = wait(engine.find_entries(project, &query));
        assert_eq!(refused(told), "INVALID_INPUT", "{query:?}");
    }
    let nobody = ProjectId::from_parts(1, 1);
    let told = wait(engine.find_entries(nobody, &all()));
    assert_eq!(refused(told), "PROJECT_NOT_FOUND");
    author.done(Command::DeleteProject);
    let told = wait(engine.find_entries(project, &all()));
    assert_eq!(refused(told), "REMOVED");
}

/// What is looked for is the first entry, or the last one.
#[test]
fn r50_a_page_ends_when_it_has_looked_at_enough() {
    let disk = Memory::new();
    let mut author = Author::new(disk.engine());
    let most = HistoryQuery::LOOKED_AT;
    for n in 1..most {
        author.done(rename(&n.to_string()));
    }
    let (engine, project) = (author.engine.clone(), author.project);
    let newest = HistoryQuery {
        kinds: vec![EventKind::CheckpointCreated],
        ..all()
    };
    let whole = page(&engine, project, &newest);
    assert_eq!((whole.entries.len(), whole.next), (0, None), "just so many");
    author.done(checkpoint("at last"));
    let begun = page(&engine, project, &newest);
    assert_eq!(begun.entries, []);
    assert_eq!(begun.next, Some(Revision::new(most)));
    let rest = page(&engine, project, &newest.going_on(begun.next.unwrap()));
    assert_eq!((rest.entries.len(), rest.next), (1, None));
    let first = HistoryQuery {
        kinds: vec![EventKind::ProjectCreated],
        newest_first: true,
        ..all()
    };
    let begun = page(&engine, project, &first);
    assert_eq!(begun.entries, []);
    assert_eq!(begun.next, Some(Revision::new(2)));
    let rest = page(&engine, project, &first.going_on(begun.next.unwrap()));
    assert_eq!((rest.entries.len(), rest.next), (1, None));
}

#[test]
fn r50_damage_is_told_with_its_place_in_both_directions() {
    for newest_first in [false, true] {
        // Two parts are read: the newest one has 512 entries, or the oldest.
        for place in [1, 20, 511, 512, 513, 600] {
            let disk = Memory::new();
            let mut author = Author::new(disk.engine());
            for n in 1..600 {
                author.done(rename(&n.to_string()));
            }
            let project = author.project;
            disk.0.damage_entries(project, |entries| {
                let entry = &mut entries[place - 1];
                let text = entry.text.replacen("\"at\":\"2026", "\"at\":\"2025", 1);
                entry.text = text.into();
            });
            let query = HistoryQuery {
                newest_first,
                ..all()
            };
            let told = wait(disk.engine().find_entries(project, &query)).unwrap_err();
            assert_eq!(told.code(), ErrorCode::Corrupt);
            assert!(told.to_string().contains(&place.to_string()), "{told}");
        }
    }
}

/// Another journal's part, sound in itself, doesn't follow the part before it.
#[test]
fn r50_parts_that_do_not_belong_together_are_found_in_both_directions() {
    let long = |name: &str| {
        let disk = Memory::new();
        let mut author = Author::new(disk.engine());
        author.done(rename(name));
        for n in 2..1024 {
            author.done(rename(&n.to_string()));
        }
        (disk, author.project)
    };
    let (disk, project) = long("one");
    let (other, _) = long("other");
    let theirs = wait(other.open().entries(project, Revision::ZERO, 2000)).unwrap();
    disk.0.damage_entries(project, |entries| {
        entries.truncate(512);
        entries.extend_from_slice(&theirs[512..]);
    });
    for newest_first in [false, true] {
        let query = HistoryQuery {
            newest_first,
            kinds: vec![EventKind::RolledBack],
            ..all()
        };
        let told = wait(disk.engine().find_entries(project, &query));
        assert_eq!(refused(told), "CORRUPT");
    }
}

/// The names are those of the JSON.
#[test]
fn r50_each_type_of_event_is_known_by_its_name() {
    let mut author = Author::new(Memory::new().engine());
    author.furnish();
    let all = wait(author.engine.history(author.project, Revision::ZERO, 1000)).unwrap();
    for event in all.iter().flat_map(|entry: &Entry| &entry.events) {
        let json = serde_json::to_value(event).unwrap();
        assert_eq!(json["type"], event.kind().as_str());
    }
    for kind in EventKind::ALL {
        assert_eq!(kind.as_str().parse(), Ok(*kind));
    }
    let unknown = "plan_crated".parse::<EventKind>().unwrap_err();
    assert_eq!(unknown.code(), ErrorCode::InvalidInput);
    let said = unknown.to_string();
    assert!(said.contains("plan_created") && said.contains("plan_crated"));
}
