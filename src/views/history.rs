//! The history as it is exported.

use crate::engine::FoundEntry;
use crate::machine::{CommandStamp, Event};
use crate::model::{Actor, Digest, ProjectId, Revision, Timestamp};
use serde::Serialize;

/// A line of an exported history: who did what when, in one JSON object that stands for itself.
///
/// `{"project","revision","at","actor","command":{"id","digest"},"events":[{"type",…}],"digest"}`
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HistoryLine<'a> {
    /// The project.
    pub project: ProjectId,
    /// The entry's number in the journal.
    pub revision: Revision,
    /// When it was made, by the clock of whoever made it.
    pub at: Timestamp,
    /// Who gave the command.
    pub actor: &'a Actor,
    /// Which command it came from.
    pub command: CommandStamp,
    /// What happened.
    pub events: &'a [Event],
    /// The entry's digest, which `verify` goes by.
    pub digest: Digest,
}

impl<'a> HistoryLine<'a> {
    /// The line of an entry.
    #[must_use]
    pub fn of(project: ProjectId, found: &'a FoundEntry) -> Self {
        let entry = &found.entry;
        Self {
            project,
            revision: entry.revision,
            at: entry.at,
            actor: &entry.actor,
            command: entry.command,
            events: &entry.events,
            digest: found.digest,
        }
    }
}
