//! The hash chain: each entry names the digest of the one before.

use super::{Entry, JournalError, Sealed};
use crate::model::{Digest, Project, ProjectId, Revision};
use serde::Serialize;

/// The end of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Head {
    /// The newest entry's revision.
    pub revision: Revision,
    /// The newest entry's digest.
    pub digest: Digest,
}

impl std::fmt::Display for Head {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "revision {} ({:.12}…)",
            self.revision,
            self.digest.to_string()
        )
    }
}

/// Follows a journal from one entry to the next, building the state on the way.
#[derive(Debug, Clone)]
pub struct Chain {
    project: Project,
    digest: Digest,
}

impl Chain {
    /// Before the first entry.
    #[must_use]
    pub fn start(project: ProjectId) -> Self {
        Self {
            project: Project::before_creation(project),
            digest: Digest::ZERO,
        }
    }

    /// At a state that is known to belong to this digest.
    #[must_use]
    pub const fn at(project: Project, digest: Digest) -> Self {
        Self { project, digest }
    }

    /// The head so far; none before the first entry.
    #[must_use]
    pub fn head(&self) -> Option<Head> {
        (self.project.revision > Revision::ZERO).then_some(Head {
            revision: self.project.revision,
            digest: self.digest,
        })
    }

    /// The state so far.
    #[must_use]
    pub const fn project(&self) -> &Project {
        &self.project
    }

    /// The state.
    #[must_use]
    pub fn into_project(self) -> Project {
        self.project
    }

    /// Checks that an entry is the next link, and applies it.
    ///
    /// # Errors
    /// [`JournalError`] says where and what; the state so far stays as it is.
    pub fn follow(&mut self, sealed: &Sealed) -> Result<Entry, JournalError> {
        let expected = self.project.revision.next();
        if sealed.revision != expected {
            return Err(JournalError::corrupt(
                expected,
                format!("revision {expected}"),
                format!("revision {}", sealed.revision),
            ));
        }
        if sealed.prev != self.digest {
            return Err(JournalError::corrupt(
                expected,
                format!("an entry after digest {}", self.digest),
                format!("one after {}", sealed.prev),
            ));
        }
        let entry = sealed.open()?;
        entry.apply(&mut self.project);
        sealed.count_into(&mut self.project);
        self.digest = sealed.digest;
        Ok(entry)
    }
}
