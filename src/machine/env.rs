//! What a decision may know besides the state and the command.

use crate::model::{CountTokens, Project, Revision, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Time and the past, handed in. The engine fills it; tests make their own.
#[derive(Clone)]
pub struct Env<'a> {
    /// Now.
    pub now: Timestamp,
    /// How tokens are counted.
    pub tokens: &'a dyn CountTokens,
    /// States at earlier revisions that a decision asked for.
    pub past: BTreeMap<Revision, Arc<Project>>,
}

impl<'a> Env<'a> {
    /// An environment with no past.
    #[must_use]
    pub const fn new(now: Timestamp, tokens: &'a dyn CountTokens) -> Self {
        Self {
            now,
            tokens,
            past: BTreeMap::new(),
        }
    }
}

impl std::fmt::Debug for Env<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Env")
            .field("now", &self.now)
            .field("past", &self.past.keys())
            .finish_non_exhaustive()
    }
}
