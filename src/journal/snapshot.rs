//! Snapshots: the state at a revision, so that a replay needn't begin at the first entry. A
//! cache: a bad one is skipped, a missing one costs time only.

use super::entry::version;
use super::format::{SNAPSHOT_TAG, STATE_VERSION};
use super::{Chain, Head, JournalError};
use crate::model::{Digest, Hasher, Project, ProjectId, Revision, from_json};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A snapshot as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Snapshot {
    /// The revision whose state it is.
    pub revision: Revision,
    /// BLAKE3(tag ‖ text).
    pub digest: Digest,
    /// The JSON text: `{"v":2,"revision","digest","state":{…}}`.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::text()"))]
    pub text: Arc<str>,
}

#[derive(Serialize)]
struct Written<'a> {
    v: u32,
    revision: Revision,
    digest: Digest,
    state: &'a Project,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    v: u32,
    revision: Revision,
    digest: Digest,
    state: Project,
}

impl Snapshot {
    /// Writes down the state at a head.
    ///
    /// # Errors
    /// [`JournalError::NotStorable`] if JSON can't hold it: a bug.
    pub fn take(project: &Project, head: Head) -> Result<Self, JournalError> {
        let written = Written {
            v: STATE_VERSION,
            revision: head.revision,
            digest: head.digest,
            state: project,
        };
        let text = serde_json::to_string(&written).map_err(|error| JournalError::NotStorable {
            revision: head.revision,
            found: error.to_string(),
        })?;
        Ok(Self {
            revision: head.revision,
            digest: digest(&text),
            text: text.into(),
        })
    }

    /// Whether it is sound, and of an earlier version of the state: of no use any more, and no damage.
    #[must_use]
    pub fn is_outdated(&self) -> bool {
        let is_earlier = |version| version < STATE_VERSION;
        version(&self.text).is_some_and(is_earlier) && digest(&self.text) == self.digest
    }

    /// Reads it back, as the chain that goes on from it.
    ///
    /// # Errors
    /// [`JournalError::Corrupt`] if the bytes changed or contradict themselves,
    /// [`JournalError::TooNew`] if they are of another version.
    pub fn open(&self, project: ProjectId) -> Result<Chain, JournalError> {
        let corrupt =
            |expected: &str, found: String| JournalError::corrupt(self.revision, expected, found);
        let found = digest(&self.text);
        if found != self.digest {
            return Err(corrupt(
                &format!("a snapshot with digest {}", self.digest),
                found.to_string(),
            ));
        }
        let too_new = |found: String| JournalError::too_new(self.revision, STATE_VERSION, &found);
        let read: Read = from_json(&self.text).map_err(|error| too_new(error.to_string()))?;
        if read.v != STATE_VERSION {
            return Err(too_new(format!("version {}", read.v)));
        }
        if read.revision != self.revision || read.state.revision != self.revision {
            return Err(corrupt(
                "a snapshot of this revision",
                format!("one of revision {}", read.revision),
            ));
        }
        Ok(Chain::at(
            Project {
                id: project,
                ..read.state
            },
            read.digest,
        ))
    }
}

fn digest(text: &str) -> Digest {
    Hasher::tagged(SNAPSHOT_TAG)
        .update(text.as_bytes())
        .finish()
}
