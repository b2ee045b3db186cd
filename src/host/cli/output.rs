//! Saying what happened: for people on a terminal, for programs as JSON.

use crate::model::ErrorCode;
use serde::Serialize;
use std::io::{IsTerminal as _, Write as _};

const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RED: &str = "\x1b[31m";
const PLAIN: &str = "\x1b[0m";

/// Where answers go. Colours show on a terminal only: what is written goes through `anstream`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    json: bool,
}

impl Output {
    pub(super) const fn new(json: bool) -> Self {
        Self { json }
    }

    pub(super) const fn is_json(&self) -> bool {
        self.json
    }

    /// Whether somebody is watching.
    pub(super) fn is_watched(&self) -> bool {
        !self.json && std::io::stderr().is_terminal()
    }

    /// The answer: as one JSON document, or as text.
    pub(super) fn answer<T: Serialize>(
        &self,
        document: &T,
        text: impl FnOnce() -> String,
    ) -> std::io::Result<()> {
        if self.json {
            let mut out = std::io::stdout().lock();
            serde_json::to_writer(&mut out, document)?;
            writeln!(out)
        } else {
            let mut out = anstream::stdout().lock();
            writeln!(out, "{}", text())?;
            out.flush()
        }
    }

    pub(super) fn error(&self, code: ErrorCode, message: &str) {
        if self.json {
            let document = serde_json::json!({ "code": code, "message": message });
            say(&document.to_string());
        } else {
            say(&format!("{RED}{code}{PLAIN}: {}", visible(message)));
        }
    }

    /// Something on the way, for people only.
    pub(super) fn progress(&self, line: &str) {
        if !self.json {
            say(&format!("{DIM}{}{PLAIN}", visible(line)));
        }
    }
}

/// A line on stderr. If nobody can be told, work goes on all the same.
fn say(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// A text from outside on one line of a terminal: control characters, which could move the cursor
/// or change what stands there already, are shown by their names.
pub(super) fn visible(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\n' | '\t' => character.to_string(),
            _ if character.is_control() || is_direction(character) => {
                character.escape_unicode().to_string()
            }
            _ => character.to_string(),
        })
        .collect()
}

/// The same on one line.
pub(super) fn one_line(text: &str, most: usize) -> String {
    let line = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    let line = visible(line).replace('\t', " ");
    if line.chars().count() <= most {
        return line;
    }
    line.chars()
        .take(most.saturating_sub(1))
        .chain(['…'])
        .collect()
}

/// Marks that turn the direction of the text around them.
const fn is_direction(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A table whose columns line up. The first line is its heading.
pub(super) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
    };
    let widths: Vec<_> = (0..columns)
        .map(|column| width(column).unwrap_or(0))
        .collect();
    let line = |row: &Vec<String>| {
        let cells = row
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter()
        .enumerate()
        .map(|(index, row)| match index {
            0 => format!("{BOLD}{}{PLAIN}", line(row)),
            _ => line(row),
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_cannot_move_the_cursor_or_turn_the_line_around() {
        assert_eq!(
            visible("a\x1b[2Jb\u{202e}c\u{7f}"),
            "a\\u{1b}[2Jb\\u{202e}c\\u{7f}"
        );
        assert_eq!(one_line("\n  first\tline \nsecond", 40), "first line");
        assert_eq!(one_line("abcdef", 4), "abc…");
    }
}
