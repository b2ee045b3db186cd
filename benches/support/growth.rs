//! How figures grow with what there is: a table with a column for each size.

use super::{against_bar, ratio, report, show};
use std::time::Duration;

/// The most by which something flat may differ between the smallest size and the largest.
const FLAT: f64 = 1.5;

/// A table that is printed as Markdown.
pub(crate) struct Growth {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
    /// The place of the size that the largest is compared with.
    from: usize,
}

impl Growth {
    /// One with a column for each of these sizes of something.
    pub(crate) fn with(what: &str, sizes: &[usize]) -> Self {
        let mut head = vec![what.to_owned()];
        head.extend(sizes.iter().map(ToString::to_string));
        head.push("largest / smallest".to_owned());
        Self {
            head,
            rows: Vec::new(),
            from: 0,
        }
    }

    /// The same, where not all sizes have as much of what is asked for: compared with the largest is
    /// the one at this place.
    pub(crate) fn compared_from(mut self, from: usize) -> Self {
        let last = self.head.len() - 1;
        self.head[last] = format!("{} / {}", self.head[last - 1], self.head[1 + from]);
        self.from = from;
        self
    }

    /// Figures, one for each size.
    pub(crate) fn figures(&mut self, what: &str, figures: impl IntoIterator<Item = String>) {
        let mut row = vec![what.to_owned()];
        row.extend(figures);
        row.resize(self.head.len(), String::new());
        self.rows.push(row);
    }

    /// Numbers, one for each size.
    pub(crate) fn numbers(&mut self, what: &str, numbers: &[u64]) {
        self.figures(what, numbers.iter().map(ToString::to_string));
    }

    /// Times, one for each size, and how they grow.
    pub(crate) fn times(&mut self, what: &str, times: &[Duration]) {
        let grown = ratio(times[times.len() - 1], times[self.from]);
        let grown = format!("{grown:.2} ×");
        let shown = times.iter().map(|time| show(*time));
        self.figures(what, shown.chain([grown]));
    }

    /// Prints the table.
    pub(crate) fn print(&self) {
        report::table(&self.head, &self.rows);
    }
}

/// The largest size against the smallest, of something that may not grow.
pub(crate) fn flat(what: &str, times: &[Duration]) {
    let grown = ratio(times[times.len() - 1], times[0]);
    against_bar(
        &format!("{what}, largest against smallest"),
        grown,
        "×",
        "≤ 1.5 ×",
        grown <= FLAT,
    );
}
