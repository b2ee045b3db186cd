//! The number of an entry in its journal.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The number of an entry in its project's journal, and of the state that it leads to.
/// The first entry's is 1; 0 is the state before there was one.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Revision(u64);

impl Revision {
    /// Before the first entry.
    pub const ZERO: Revision = Revision(0);
    /// The first entry.
    pub const FIRST: Revision = Revision(1);
    /// Above every revision that can be reached.
    pub const MAX: Revision = Revision(super::MAX_INTEGER);

    /// The revision of this number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }

    /// The one after it.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
