//! A decision in the making: events so far, and the state that they lead to.

use super::{EntryContext, Env, Event, Request, evolve, settle};
use crate::model::{Blob, BlobRef, CommandId, Digest, Json, LongText, Project, Text, Timestamp};
use std::collections::BTreeSet;

/// Collects events and applies each at once, so that the rest of the decision sees its effect
/// and nobody has to apply it again.
pub(super) struct Draft<'a> {
    /// The state before the command.
    pub(super) before: &'a Project,
    /// The state after the events so far.
    pub(super) next: Project,
    pub(super) entry: EntryContext,
    pub(super) events: Vec<Event>,
    blobs: Vec<Blob>,
    /// Digests of the blobs: a command may bring thousands.
    kept: BTreeSet<Digest>,
    command: CommandId,
    ids: u32,
}

impl<'a> Draft<'a> {
    pub(super) fn new(project: &'a Project, request: &Request, env: &Env<'_>) -> Self {
        Self {
            before: project,
            next: project.clone(),
            entry: EntryContext {
                revision: project.revision.next(),
                at: env.now,
                actor: request.actor.clone(),
            },
            events: Vec::new(),
            blobs: Vec::new(),
            kept: BTreeSet::new(),
            command: request.id,
            ids: 0,
        }
    }

    pub(super) const fn now(&self) -> Timestamp {
        self.entry.at
    }

    pub(super) fn push(&mut self, event: Event) {
        evolve(&mut self.next, &event, &self.entry);
        self.events.push(event);
    }

    /// The next id that this command makes.
    pub(super) fn new_id<T: crate::model::DerivedId>(&mut self) -> T {
        // 0 is the project's own, whether this command creates one or not.
        self.ids += 1;
        self.command.derive(self.ids)
    }

    /// Keeps a text where it belongs.
    pub(super) fn text(&mut self, text: &LongText) -> Text {
        let (text, blob) = Text::keep(text);
        if let Some(blob) = blob {
            self.blob(blob);
        }
        text
    }

    /// Keeps a step's input or output, always in the blob store.
    pub(super) fn json(&mut self, json: &Json) -> BlobRef {
        self.blob(Blob::new(json))
    }

    pub(super) fn blob(&mut self, blob: Blob) -> BlobRef {
        let reference = blob.reference();
        // What was removed for good doesn't come back with somebody who says it again.
        if self.before.redacted.contains_key(blob.digest()) {
            return reference;
        }
        if self.kept.insert(*blob.digest()) {
            self.blobs.push(blob);
        }
        reference
    }

    /// The events, the bodies that they name, and the state that they lead to.
    pub(super) fn finish(mut self) -> (Vec<Event>, Vec<Blob>, Project) {
        settle(&mut self.next, &self.entry);
        (self.events, self.blobs, self.next)
    }
}
