//! One project's part of a bundle.

use super::{BundleFault, BundleLimit, BundleLimits, BundleProject};
use crate::journal::{Chain, Entry, Sealed};
use crate::machine::Event;
use crate::model::{Blob, CommandId, Digest, Project, Revision, from_json};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// A project that has begun: how far its journal has come, and which bodies it needs.
#[derive(Debug)]
pub(super) struct Section {
    said: BundleProject,
    chain: Chain,
    commands: BTreeSet<CommandId>,
    /// The bodies that entries mention, with their sizes; once all entries are there, those that
    /// have to come.
    needed: BTreeMap<Digest, u32>,
}

impl Section {
    pub(super) fn begin(said: BundleProject) -> Self {
        Self {
            chain: Chain::start(said.project),
            said,
            commands: BTreeSet::new(),
            needed: BTreeMap::new(),
        }
    }

    /// What has to come next, in words.
    pub(super) fn expects(&self) -> String {
        if !self.has_all_entries() {
            return format!("the entry of revision {}", self.next_revision());
        }
        match self.needed.keys().next() {
            Some(digest) => format!("the body with digest {digest}"),
            None => "the next project or the end".to_owned(),
        }
    }

    pub(super) fn entry(&mut self, digest: Digest, text: &str) -> Result<Sealed, BundleFault> {
        if self.has_all_entries() {
            return Err(BundleFault::invalid(self.expects(), "an entry"));
        }
        let (revision, command) = Index::of(text)
            // It has to be opened to know why.
            .unwrap_or((self.next_revision(), CommandId::from_parts(0, 0)));
        let sealed = Sealed {
            revision,
            command,
            prev: self.chain.head().map_or(Digest::ZERO, |head| head.digest),
            digest,
            text: text.into(),
        };
        let entry = self.chain.follow(&sealed)?;
        self.check(&entry)?;
        if self.has_all_entries() {
            if sealed.digest != self.said.head.digest {
                return Err(BundleFault::invalid(
                    format!("the journal to end at {}", self.said.head),
                    sealed.head().to_string(),
                ));
            }
            let redacted = &self.chain.project().redacted;
            self.needed
                .retain(|digest, _| !redacted.contains_key(digest));
        }
        Ok(sealed)
    }

    /// What no journal has that Holdpoint wrote, though its chain may hold.
    fn check(&mut self, entry: &Entry) -> Result<(), BundleFault> {
        let makes_a_project = entry
            .events
            .iter()
            .any(|event| matches!(event, Event::ProjectCreated(_) | Event::ProjectForked(_)));
        if makes_a_project != (entry.revision == Revision::FIRST) {
            let found = format!("another at revision {}", entry.revision);
            let expected = "a journal whose first entry alone makes the project";
            return Err(BundleFault::invalid(expected, found));
        }
        if entry.events.is_empty() {
            let expected = "an entry in which something happens";
            return Err(BundleFault::invalid(expected, "no events"));
        }
        let command = entry.command.id;
        if !self.commands.insert(command) {
            let found = format!("a second one of {command}");
            return Err(BundleFault::invalid("the entry of another command", found));
        }
        for body in entry.events.iter().flat_map(Event::bodies) {
            let bytes = *self.needed.entry(body.digest).or_insert(body.bytes);
            if bytes != body.bytes {
                return Err(BundleFault::invalid(
                    format!("the body with digest {} to have {bytes} bytes", body.digest),
                    format!("an entry that says {}", body.bytes),
                ));
            }
        }
        Ok(())
    }

    pub(super) fn body(
        &mut self,
        digest: Digest,
        text: String,
        limits: &BundleLimits,
    ) -> Result<Blob, BundleFault> {
        let is_next = self.has_all_entries() && self.needed.keys().next() == Some(&digest);
        if !is_next {
            let found = format!("a body with digest {digest}");
            return Err(BundleFault::invalid(self.expects(), found));
        }
        if text.len() as u64 > limits.body_bytes {
            return Err(BundleFault::TooLarge {
                limit: BundleLimit::BodyBytes,
                most: limits.body_bytes,
            });
        }
        let found = Digest::of(text.as_bytes());
        if found != digest {
            let found = format!("one with digest {found}");
            return Err(BundleFault::invalid(self.expects(), found));
        }
        let bytes = self.needed.remove(&digest);
        if bytes.map(u64::from) != Some(text.len() as u64) {
            return Err(BundleFault::invalid(
                format!("a body of {} bytes", bytes.unwrap_or_default()),
                format!("one of {}", text.len()),
            ));
        }
        Ok(Blob::new(text))
    }

    /// The state at its end.
    pub(super) fn end(&mut self) -> Result<Project, BundleFault> {
        let state = self.chain.project();
        if state.name != self.said.name {
            return Err(BundleFault::invalid(
                format!(
                    "a project with the name that it has, {:?}",
                    state.name.as_str()
                ),
                format!("{:?}", self.said.name.as_str()),
            ));
        }
        Ok(state.clone())
    }

    pub(super) fn is_whole(&self) -> bool {
        self.has_all_entries() && self.needed.is_empty()
    }

    fn has_all_entries(&self) -> bool {
        self.chain.project().revision >= self.said.head.revision
    }

    fn next_revision(&self) -> Revision {
        self.chain.project().revision.next()
    }
}

/// What stands beside an entry in a store, and in its text.
#[derive(Deserialize)]
struct Index {
    revision: Revision,
    command: IndexCommand,
}

#[derive(Deserialize)]
struct IndexCommand {
    id: CommandId,
}

impl Index {
    fn of(text: &str) -> Option<(Revision, CommandId)> {
        let index: Self = from_json(text).ok()?;
        Some((index.revision, index.command.id))
    }
}
