//! What a decision may know besides the state and the command.

use crate::model::{CountTokens, Digest, Project, Revision, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Time, the past and what the storage holds, handed in. The engine fills it; tests make their own.
#[derive(Clone)]
pub struct Env<'a> {
    /// Now.
    pub now: Timestamp,
    /// How tokens are counted.
    pub tokens: &'a dyn CountTokens,
    /// States at earlier revisions that a decision asked for.
    pub past: BTreeMap<Revision, Arc<Project>>,
    /// The project to fork from, if a decision asked for it.
    pub source: Option<Source>,
    /// Whether the storage has a body of the project, by its digest, where a decision asked.
    pub bodies: BTreeMap<Digest, bool>,
}

/// Another project as it is or was.
#[derive(Debug, Clone)]
pub struct Source {
    /// Its state.
    pub state: Arc<Project>,
    /// The digest of the entry that led there.
    pub digest: Digest,
}

impl<'a> Env<'a> {
    /// An environment with no past.
    #[must_use]
    pub const fn new(now: Timestamp, tokens: &'a dyn CountTokens) -> Self {
        Self {
            now,
            tokens,
            past: BTreeMap::new(),
            source: None,
            bodies: BTreeMap::new(),
        }
    }
}

impl std::fmt::Debug for Env<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Env")
            .field("now", &self.now)
            .field("past", &self.past.keys())
            .field("source", &self.source.is_some())
            .field("bodies", &self.bodies)
            .finish_non_exhaustive()
    }
}
