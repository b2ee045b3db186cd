//! A pause that archives a third of 10,000 items is one append; against writing those rows one by
//! one, in one transaction, as a store with a row for each item would.

use crate::say;
use crate::support::{against_bar, open, project_with_items, ratio, show, spread, time};
use rusqlite::{Connection, TransactionBehavior};
use std::time::Duration;

const ITEMS: usize = 10_000;
const ROUNDS: usize = 7;

pub(crate) fn run() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (mut pauses, mut rows) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let engine = open(&folder.path().join(format!("{round}.db")));
        let project = project_with_items(&engine, ITEMS);
        let (taken, report) = time(|| pollster::block_on(engine.pause(project, None)));
        let archived = report.expect("it can be paused").items_archived;
        assert_eq!(archived, 3334, "every third item is cold");
        pauses.push(taken);
        rows.push(row_by_row(
            &folder.path().join(format!("rows-{round}.db")),
            archived,
        ));
    }
    let (pause, rows) = (spread(pauses).p50, spread(rows).p50);
    say!(
        "pause of {ITEMS} items, 3,334 of them cold: {}; the rows one by one: {}",
        show(pause),
        show(rows)
    );
    let milliseconds = pause.as_secs_f64() * 1000.0;
    against_bar(
        "pause",
        milliseconds,
        "ms",
        "≤ 25 ms, which is the browser's",
        milliseconds <= 25.0,
    );
    say!(
        "rows one by one against the pause: {:.2} × (the bar of 10 × is for IndexedDB)",
        ratio(rows, pause)
    );
}

fn row_by_row(path: &std::path::Path, count: u64) -> Duration {
    let mut connection = Connection::open(path).expect("it can be opened");
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .expect("it can be set");
    connection
        .pragma_update(None, "synchronous", "FULL")
        .expect("it can be set");
    connection
        .execute_batch(
            "CREATE TABLE items (id TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT, WITHOUT ROWID",
        )
        .expect("it is well formed");
    let record = "x".repeat(330);
    let (taken, ()) = time(|| {
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .expect("it can begin");
        for number in 0..count {
            transaction
                .prepare_cached("INSERT OR REPLACE INTO items (id, record) VALUES (?1, ?2)")
                .expect("it is well formed")
                .execute((format!("{number:026}"), &record))
                .expect("it runs");
        }
        transaction.commit().expect("it commits");
    });
    taken
}
