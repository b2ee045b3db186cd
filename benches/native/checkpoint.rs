//! A checkpoint is a bookmark: at 100,000 items it has to cost what it costs at 100.

use crate::say;
use crate::support::{against_bar, open, project_with_items, ratio, show, spread, time};
use holdpoint::machine::{Command, NewCheckpoint};
use rusqlite::Connection;

const ROUNDS: u64 = 300;
const SIZES: [usize; 4] = [100, 1_000, 10_000, 100_000];

pub(crate) fn run() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut medians = Vec::new();
    let mut largest = 0.0_f64;
    let stores: Vec<_> = SIZES
        .iter()
        .map(|size| {
            let path = folder.path().join(format!("{size}.db"));
            let engine = open(&path);
            let project = project_with_items(&engine, *size);
            (path, engine, project)
        })
        .collect();
    let bytes_before: Vec<_> = stores
        .iter()
        .map(|(path, ..)| content_bytes(path))
        .collect();
    let mut times = vec![Vec::new(); SIZES.len()];
    // In turns, so that what else the machine does meets all sizes alike.
    for _ in 0..ROUNDS {
        for ((_, engine, project), times) in stores.iter().zip(&mut times) {
            let name = "a checkpoint".parse().expect("a short name");
            let command = Command::CreateCheckpoint {
                checkpoint: NewCheckpoint::named(name, None),
            };
            let (taken, receipt) = time(|| pollster::block_on(engine.execute(*project, command)));
            receipt.expect("it can be taken");
            times.push(taken);
        }
    }
    for (((path, ..), before), (size, times)) in
        stores.iter().zip(bytes_before).zip(SIZES.iter().zip(times))
    {
        #[allow(clippy::cast_precision_loss)]
        let bytes = (content_bytes(path) - before) as f64 / ROUNDS as f64;
        let median = spread(times).p50;
        say!(
            "{size} items: {} and {bytes:.0} bytes a checkpoint",
            show(median)
        );
        largest = largest.max(bytes);
        medians.push(median);
    }
    let times = ratio(medians[medians.len() - 1], medians[0]);
    against_bar(
        "100,000 items against 100",
        times,
        "×",
        "≤ 1.2 ×",
        times <= 1.2,
    );
    against_bar(
        "bytes a checkpoint",
        largest,
        "bytes",
        "≤ 1 KB",
        largest <= 1024.0,
    );
}

/// Bytes of content in the tables that a checkpoint adds to, keys of indexes included; not the
/// snapshots, which belong to entries, and not the free space in pages.
fn content_bytes(path: &std::path::Path) -> i64 {
    let connection = Connection::open(path).expect("it can be opened");
    let sum = |sql: &str| -> i64 {
        connection
            .query_row(sql, [], |row| row.get(0))
            .expect("it is well formed")
    };
    sum(
        "SELECT coalesce(sum(2 * length(project) + length(command) * 2 + 16 + length(prev) + length(digest) + length(text)), 0) FROM entries",
    ) + sum(
        "SELECT coalesce(sum(2 * length(project) + 2 * length(checkpoint) + 24 + length(trigger) + length(name) + length(created_at) + length(created_by)), 0) FROM checkpoints",
    )
}
