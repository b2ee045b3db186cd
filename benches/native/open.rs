//! Opening a project with 10,000 items and resuming it, against reading 10,000 rows.

use crate::say;
use crate::support::{open, project_with_items, ratio, show, spread, time};
use rusqlite::Connection;

const ITEMS: usize = 10_000;
const ROUNDS: usize = 15;

pub(crate) fn run() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("engine.db");
    let engine = open(&path);
    let project = project_with_items(&engine, ITEMS);
    drop(engine);

    let rows_path = folder.path().join("rows.db");
    let rows = Connection::open(&rows_path).expect("it can be opened");
    rows.execute_batch("CREATE TABLE items (id TEXT PRIMARY KEY, record TEXT NOT NULL) STRICT, WITHOUT ROWID; BEGIN")
        .expect("it is well formed");
    let record = format!("{{\"body\":\"{}\"}}", "x".repeat(300));
    for number in 0..ITEMS {
        rows.execute(
            "INSERT INTO items VALUES (?1, ?2)",
            (format!("{number:026}"), &record),
        )
        .expect("it runs");
    }
    rows.execute_batch("COMMIT").expect("it commits");
    drop(rows);

    let (mut opens, mut reads) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        pollster::block_on(open(&path).pause(project, None)).expect("it can be paused");
        let (taken, ()) = time(|| {
            let engine = open(&path);
            pollster::block_on(engine.resume(project, None)).expect("it can be resumed");
        });
        opens.push(taken);
        let (taken, count) = time(|| {
            let connection = Connection::open(&rows_path).expect("it can be opened");
            let mut statement = connection
                .prepare("SELECT id, record FROM items")
                .expect("it is well formed");
            let rows = statement
                .query_map([], |row| {
                    let record: String = row.get(1)?;
                    Ok(serde_json::from_str::<serde_json::Value>(&record).expect("it is JSON"))
                })
                .expect("it runs");
            rows.count()
        });
        assert_eq!(count, ITEMS);
        reads.push(taken);
    }
    let (opened, read) = (spread(opens).p50, spread(reads).p50);
    say!(
        "open {ITEMS} items and resume: {}; reading and parsing {ITEMS} rows: {}",
        show(opened),
        show(read)
    );
    say!(
        "rows against open and resume: {:.2} × (the bar of 5 × is for IndexedDB)",
        ratio(read, opened)
    );
}
