//! What is printed. The same goes to the file in `HOLDPOINT_BENCH_JSON`, one record a line, of which
//! `scripts/bench-tables.mjs` makes the tables of the documentation.

use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::sync::Mutex;

/// The part that is being measured.
static PART: Mutex<String> = Mutex::new(String::new());

/// A part begins.
pub(crate) fn heading(part: &str) {
    println!("\n## {part}");
    part.clone_into(&mut PART.lock().expect("nobody panics with it"));
}

/// A line of text; [`say!`](crate::say) formats it.
pub(crate) fn line(text: &str) {
    println!("{text}");
    record("line", json!({ "text": text }));
}

/// What all was measured on.
pub(crate) fn machine(text: &str) {
    println!("{text}");
    record("machine", json!({ "text": text }));
}

/// A figure beside its bar.
pub(crate) fn bar(what: &str, value: &str, bar: &str, is_met: bool) {
    let verdict = if is_met { "met" } else { "MISSED" };
    println!("{what}: {value} (bar {bar}: {verdict})");
    let content = json!({ "what": what, "value": value, "bar": bar, "verdict": verdict });
    record("bar", content);
}

/// A table, as Markdown: the first column is text, the others are figures.
pub(crate) fn table(head: &[String], rows: &[Vec<String>]) {
    let cells = |row: &[String]| println!("| {} |", row.join(" | "));
    cells(head);
    let line = |place: usize| if place == 0 { "---" } else { "---:" };
    let lines: Vec<_> = (0..head.len())
        .map(|place| line(place).to_owned())
        .collect();
    cells(&lines);
    for row in rows {
        cells(row);
    }
    record("table", json!({ "head": head, "rows": rows }));
}

fn record(kind: &str, content: Value) {
    let file = std::env::var("HOLDPOINT_BENCH_JSON").unwrap_or_default();
    if file.is_empty() {
        return;
    }
    let mut record = json!({ "kind": kind, "runner": "native" });
    record["part"] = json!(*PART.lock().expect("nobody panics with it"));
    if let (Value::Object(record), Value::Object(content)) = (&mut record, content) {
        record.extend(content);
    }
    let opened = OpenOptions::new().create(true).append(true).open(file);
    let mut file = opened.expect("the file of the records can be opened");
    writeln!(file, "{record}").expect("it can be written");
}

/// Prints a line, and records it.
#[macro_export]
macro_rules! say {
    ($($given:tt)*) => { $crate::support::report::line(&format!($($given)*)) };
}
