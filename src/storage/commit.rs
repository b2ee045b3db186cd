//! What an append writes: made whole before a transaction opens.

use super::{Refused, RowChanges, WriteError};
use crate::journal::{Head, JournalError, Sealed};
use crate::machine::CommandStamp;
use crate::model::{Blob, Digest, ProjectId, Revision};
use std::collections::BTreeSet;

/// One append. Its entries follow each other and the expected head: a commit with a gap cannot be
/// made.
#[derive(Debug, Clone)]
pub struct Commit {
    project: ProjectId,
    expected: Option<Head>,
    entries: Vec<Sealed>,
    /// Rows that change with it.
    pub rows: RowChanges,
    /// Bodies that come with it. One that is there already stays as it is.
    pub blobs: Vec<Blob>,
    /// Bodies that go: redacted ones.
    pub drop_blobs: Vec<Digest>,
    /// Whether it brings back a project that was removed: the [`Tombstone`], if there is one, goes
    /// with it. Only an import that says so does.
    pub revives: bool,
}

impl Commit {
    /// An append of these entries after the expected head; none: the project is new.
    ///
    /// # Errors
    /// [`JournalError::Corrupt`] if there is no entry, they don't follow each other, or two come
    /// from the same command.
    pub fn new(
        project: ProjectId,
        expected: Option<Head>,
        entries: Vec<Sealed>,
        rows: RowChanges,
        blobs: Vec<Blob>,
    ) -> Result<Self, JournalError> {
        let mut revision = expected.map_or(Revision::ZERO, |head| head.revision);
        let mut digest = expected.map_or(Digest::ZERO, |head| head.digest);
        debug_assert_eq!(project, rows.project.project, "rows go with their project");
        if entries.is_empty() {
            return Err(JournalError::corrupt(
                revision.next(),
                "at least one entry",
                "none",
            ));
        }
        let mut commands = BTreeSet::new();
        for entry in &entries {
            if !commands.insert(entry.command) {
                return Err(JournalError::corrupt(
                    entry.revision,
                    "the entry of another command",
                    format!("a second one of {}", entry.command),
                ));
            }
            if entry.revision != revision.next() || entry.prev != digest {
                return Err(JournalError::corrupt(
                    revision.next(),
                    format!("an entry after digest {digest}"),
                    format!("revision {} after {}", entry.revision, entry.prev),
                ));
            }
            (revision, digest) = (entry.revision, entry.digest);
        }
        Ok(Self {
            project,
            expected,
            entries,
            rows,
            blobs,
            drop_blobs: Vec::new(),
            revives: false,
        })
    }

    /// Whose journal it goes to.
    #[must_use]
    pub const fn project(&self) -> ProjectId {
        self.project
    }

    /// The head that it was decided on.
    #[must_use]
    pub const fn expected(&self) -> Option<Head> {
        self.expected
    }

    /// Its entries; at least one.
    #[must_use]
    pub fn entries(&self) -> &[Sealed] {
        &self.entries
    }

    /// The head after it.
    #[must_use]
    pub fn head(&self) -> Head {
        self.entries.last().expect("a commit has an entry").head()
    }
}

/// Refuses commits that nobody can mean to append in one go, before a storage looks at any of them.
pub(super) fn check_together(commits: &[Commit]) -> Result<(), Refused> {
    let not_together = |project, found| Refused {
        project,
        error: Box::new(WriteError::NotTogether { found }),
    };
    if commits.is_empty() {
        return Err(not_together(None, "none".to_owned()));
    }
    let mut projects = BTreeSet::new();
    match commits
        .iter()
        .find(|commit| !projects.insert(commit.project))
    {
        None => Ok(()),
        Some(second) => {
            let found = format!("two of project {}", second.project);
            Err(not_together(Some(second.project), found))
        }
    }
}

/// What is left of a project that was removed, so that nothing brings it back by accident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Tombstone {
    /// The command that removed it.
    pub command: CommandStamp,
    /// The head that it had.
    pub head: Head,
}
