//! `pkg/src/codes.ts`: what the npm package's types say there is.

use super::generated::is_current_file;
use holdpoint::machine::EventKind;
use holdpoint::model::ErrorCode;
use std::fmt::Write as _;

#[test]
fn the_package_knows_every_code_and_every_event() {
    let codes = ErrorCode::ALL.iter().map(ToString::to_string);
    let events = EventKind::ALL.iter().map(ToString::to_string);
    is_current_file(
        "pkg/src/codes.ts",
        &[("codes", list(codes)), ("events", list(events))],
    );
}

fn list(names: impl Iterator<Item = String>) -> String {
    let mut lines = String::new();
    for name in names {
        writeln!(lines, "  \"{name}\",").expect("a String takes it");
    }
    lines + "  // "
}
