//! What several tests have in common.
#![allow(dead_code)] // Each test uses the part of it that it needs.

pub(crate) mod fault_storage;

/// Says a figure past the test runner, which keeps what a passing test prints to itself.
pub(crate) fn say(figure: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{figure}");
}
