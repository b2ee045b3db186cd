//! Items as they are listed with what they say.

use super::author::{Author, item};
use super::given::{Disk, engine_over, noon, wait};
use crate::support::fault_storage::{FaultStorage, Operation};
use holdpoint::engine::Engine;
use holdpoint::machine::Command;
use holdpoint::model::{Point, ProjectId};
use holdpoint::storage::Storage;
use holdpoint::views::{ItemPageWithBodies, ItemQuery};

on_every_disk![
    items_are_listed_with_their_bodies_many_at_a_time_but_for_what_was_removed_for_good,
    a_list_of_items_ends_where_their_bodies_would_be_more_than_8_mib,
];

/// More than are read at once.
const BODIES: usize = 600;

/// Items with their bodies, at a moment.
fn listed<S: Storage>(
    engine: &Engine<S>,
    project: ProjectId,
    at: Point,
    after: u64,
) -> ItemPageWithBodies {
    let query = ItemQuery {
        agent: None,
        plan: None,
        archived: None,
        after,
        limit: 10_000,
    };
    wait(ItemPageWithBodies::read(
        engine,
        project,
        &query,
        at,
        noon(),
    ))
    .unwrap()
}

fn items_are_listed_with_their_bodies_many_at_a_time_but_for_what_was_removed_for_good<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let items = (0..BODIES).map(|n| item(&format!("body {n}"))).collect();
    author.done(Command::AddContext { items });
    let then = author.state().revision;
    let state = author.state();
    let second = state.items.values().find(|item| item.number == 2).unwrap();
    author.done(Command::RedactItem {
        item: second.id,
        reason: None,
    });
    author.done(Command::AddContext {
        items: vec![item("one more")],
    });
    let storage = FaultStorage::new(disk.open());
    let faults = storage.faults();
    let engine = engine_over(storage);

    let page = listed(&engine, author.project, Point::Revision(then), 0);

    let bodies: Vec<_> = page.items.iter().map(|item| item.body.as_deref()).collect();
    let expected: Vec<_> = (0..BODIES).map(|n| format!("body {n}")).collect();
    assert_eq!(bodies.len(), BODIES);
    for (number, (body, expected)) in bodies.iter().zip(&expected).enumerate() {
        let expected = (number != 1).then_some(expected.as_str());
        assert_eq!(*body, expected, "item {number}");
    }
    assert_eq!(page.next, None);
    let operations = faults.operations();
    let blobs = operations.iter().filter(|done| **done == Operation::Blobs);
    assert_eq!(blobs.count(), BODIES.div_ceil(256));
    assert!(!operations.contains(&Operation::Blob));
}

fn a_list_of_items_ends_where_their_bodies_would_be_more_than_8_mib<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    // A hundred thousand characters of four bytes: 20 such bodies have less than 8 MiB, 21 have more.
    let large = |n: usize| item(&format!("{n:04}{}", "𝄞".repeat(99_996)));
    for part in [0..15, 15..30] {
        let items = part.map(large).collect();
        author.done(Command::AddContext { items });
    }
    let first = listed(&author.engine, author.project, Point::Now, 0);
    assert_eq!((first.items.len(), first.next), (20, Some(20)));
    let rest = listed(&author.engine, author.project, Point::Now, 20);
    assert_eq!((rest.items.len(), rest.next), (10, None));
    let starts = first.items.iter().chain(&rest.items);
    let starts: Vec<_> = starts
        .map(|item| item.body.as_deref().unwrap()[..4].to_owned())
        .collect();
    let expected: Vec<_> = (0..30).map(|n| format!("{n:04}")).collect();
    assert_eq!(starts, expected);
}
