//! Entries: what one command did, as it is kept for ever.

use super::format::{ENTRY_TAG, ENTRY_VERSION};
use super::{Head, JournalError};
use crate::machine::{CommandStamp, EntryContext, Event, evolve, settle};
use crate::model::{Actor, CommandId, Digest, Hasher, Project, Revision, Timestamp, from_json};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// One commit: who did what when, and what came of it.
///
/// Kept as JSON: `{"v":1,"revision","at","actor","command":{"id","digest"},"events":[…]}`.
/// The project's id is no part of it, so a copy under another id keeps its digests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Entry {
    #[cfg_attr(test, proptest(value = "ENTRY_VERSION"))]
    v: u32,
    /// Its number in the journal.
    pub revision: Revision,
    /// When it was made, by the clock of whoever made it.
    pub at: Timestamp,
    /// Who gave the command.
    pub actor: Actor,
    /// Which command it came from.
    pub command: CommandStamp,
    /// What happened.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::few()"))]
    pub events: Vec<Event>,
}

/// An entry as it is stored: its bytes, and beside them what ties them to the entry before.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Sealed {
    /// Its number in the journal.
    pub revision: Revision,
    /// The command it came from.
    pub command: CommandId,
    /// The digest of the entry before; 32 zero bytes for the first.
    pub prev: Digest,
    /// BLAKE3(tag ‖ prev ‖ text).
    pub digest: Digest,
    /// The entry's JSON. Never written anew from what it says: these bytes are what is hashed.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::text()"))]
    pub text: Arc<str>,
}

impl Entry {
    /// The entry of these events.
    #[must_use]
    pub fn new(context: EntryContext, command: CommandStamp, events: Vec<Event>) -> Self {
        Self {
            v: ENTRY_VERSION,
            revision: context.revision,
            at: context.at,
            actor: context.actor,
            command,
            events,
        }
    }

    /// What its events have in common.
    #[must_use]
    pub fn context(&self) -> EntryContext {
        EntryContext {
            revision: self.revision,
            at: self.at,
            actor: self.actor.clone(),
        }
    }

    /// Applies it to a state, all but [the size of its text](Sealed::count_into).
    pub fn apply(&self, project: &mut Project) {
        let context = self.context();
        for event in &self.events {
            evolve(project, event, &context);
        }
        settle(project, &context);
    }

    /// Seals it behind the entry before. It is encoded, decoded and compared, so that nothing is
    /// ever stored that doesn't come back as it was.
    ///
    /// # Errors
    /// [`JournalError::NotStorable`] if it doesn't: a bug.
    pub fn seal(&self, prev: Digest) -> Result<Sealed, JournalError> {
        let not_storable = |found: String| JournalError::NotStorable {
            revision: self.revision,
            found,
        };
        let text = serde_json::to_string(self).map_err(|error| not_storable(error.to_string()))?;
        let decoded: Entry = from_json(&text).map_err(|error| not_storable(error.to_string()))?;
        if decoded != *self {
            return Err(not_storable(
                "it does not come back as it went in".to_owned(),
            ));
        }
        Ok(Sealed {
            revision: self.revision,
            command: self.command.id,
            prev,
            digest: digest(&prev, &text),
            text: text.into(),
        })
    }
}

impl Sealed {
    /// The head of a journal that ends here.
    #[must_use]
    pub const fn head(&self) -> Head {
        Head {
            revision: self.revision,
            digest: self.digest,
        }
    }

    /// Counts its text into the state that it leads to. That is all of a state that no event says:
    /// whoever applies an entry without a [`Chain`](super::Chain) does this too.
    pub fn count_into(&self, project: &mut Project) {
        project.sizes.count_entry(&self.text);
    }

    /// Opens it: checks its digest, then reads it.
    ///
    /// # Errors
    /// [`JournalError::Corrupt`] if the bytes are not the ones that were written;
    /// [`JournalError::TooNew`] if they are, and are not understood here.
    pub fn open(&self) -> Result<Entry, JournalError> {
        let found = digest(&self.prev, &self.text);
        if found != self.digest {
            return Err(JournalError::corrupt(
                self.revision,
                format!("digest {}", self.digest),
                found.to_string(),
            ));
        }
        // From here on the bytes are what some program wrote. What isn't understood is newer.
        let too_new = |found: String| JournalError::too_new(self.revision, ENTRY_VERSION, &found);
        let entry: Entry = from_json(&self.text).map_err(|error| match version(&self.text) {
            Some(version) if version != ENTRY_VERSION => too_new(format!("version {version}")),
            _ => too_new(error.to_string()),
        })?;
        if entry.v != ENTRY_VERSION {
            return Err(too_new(format!("version {}", entry.v)));
        }
        if entry.revision != self.revision || entry.command.id != self.command {
            return Err(JournalError::corrupt(
                self.revision,
                format!("the entry of command {}", self.command),
                format!(
                    "revision {} of command {}",
                    entry.revision, entry.command.id
                ),
            ));
        }
        Ok(entry)
    }
}

fn digest(prev: &Digest, text: &str) -> Digest {
    Hasher::tagged(ENTRY_TAG)
        .update(prev.as_bytes())
        .update(text.as_bytes())
        .finish()
}

/// The field `v` of an entry or a snapshot.
pub(super) fn version(text: &str) -> Option<u32> {
    #[derive(Deserialize)]
    struct Version {
        v: u32,
    }
    from_json::<Version>(text).ok().map(|version| version.v)
}
