//! Journals to put into bundles, and bundles to take apart.

use crate::journal::bundle::{
    BundleError, BundleLimits, BundleOrigin, BundleProject, Reader, Record, Writer,
};
use crate::journal::{Chain, Entry, Head, Sealed};
use crate::machine::{Command, Decision, EntryContext, Env, Event, Request, decide};
use crate::model::{Actor, CommandId, Digest, EstimateTokens, Project, ProjectId, Timestamp};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

/// 2026-01-01T12:00:00Z.
const NOON: u64 = 1_767_268_800_000;

/// A project's journal, as commands made it.
#[derive(Debug, Clone)]
pub(super) struct Journal {
    pub(super) project: ProjectId,
    pub(super) entries: Vec<Sealed>,
    /// By their revisions.
    pub(super) states: Vec<Arc<Project>>,
    pub(super) bodies: BTreeMap<Digest, String>,
    pub(super) given: u64,
}

impl Journal {
    /// One whose first command has this number.
    pub(super) fn new(first: u64) -> Self {
        let project = ProjectId::created_by(&CommandId::from_parts(NOON, first.into()));
        let mut journal = Self {
            project,
            entries: Vec::new(),
            states: vec![Arc::new(Project::before_creation(project))],
            bodies: BTreeMap::new(),
            given: first,
        };
        let create = r#"{"type":"create_project","name":"zwölf \"Häuser\"","status":"active"}"#;
        assert!(journal.give(create), "a project can be created");
        journal
    }

    /// Some of what a journal can have: a plan, items, a rollback, a text that was removed.
    pub(super) fn furnished(first: u64) -> Self {
        let mut journal = Self::new(first);
        for command in [
            r#"{"type":"create_plan","plan":{"request":"build","steps":[{"title":"one","input":"{\"n\":1}"}]}}"#,
            r#"{"type":"add_context","items":[{"agent":"a","kind":"code","body":"kept\n\u0001"},{"agent":"a","kind":"code","body":"secret"}]}"#,
            r#"{"type":"create_checkpoint","checkpoint":{"name":"here"}}"#,
            r#"{"type":"rename_project","name":"thirteen"}"#,
        ] {
            assert!(journal.give(command), "{command}");
        }
        let digest = Digest::of(b"secret");
        assert!(journal.give(&format!(r#"{{"type":"redact_body","digest":"{digest}"}}"#)));
        assert!(journal.give(r#"{"type":"pause"}"#));
        journal
    }

    /// Gives a command, and says whether it led to an entry.
    pub(super) fn give(&mut self, command: &str) -> bool {
        let command: Command =
            serde_json::from_str(command).unwrap_or_else(|error| panic!("{command}: {error}"));
        let request = Request {
            id: CommandId::from_parts(NOON, self.given.into()),
            actor: "ana".parse().expect("a name"),
            expected_revision: None,
            command,
        };
        self.given += 1;
        let now = Timestamp::from_milliseconds_clamped(NOON.cast_signed());
        let mut env = Env::new(now, &EstimateTokens);
        let project = Arc::clone(self.state());
        loop {
            match decide(&project, &request, &env) {
                Ok(Decision::Needs(revision)) => {
                    let at = usize::try_from(revision.get()).expect("there are few");
                    env.past.insert(revision, Arc::clone(&self.states[at]));
                }
                Ok(Decision::NeedsBody(digest)) => {
                    env.bodies.insert(digest, self.bodies.contains_key(&digest));
                }
                Ok(Decision::Commit {
                    events,
                    blobs,
                    next,
                }) => {
                    for blob in blobs {
                        let text = String::from_utf8(blob.bytes().to_vec()).expect("a text");
                        self.bodies.insert(*blob.digest(), text);
                    }
                    for gone in events.iter().filter_map(Event::redacted) {
                        self.bodies.remove(&gone);
                    }
                    self.append(&request, events);
                    // How long the entry is, is counted where it is sealed.
                    let sizes = self.state().sizes;
                    assert_eq!(Project { sizes, ..*next }, **self.state());
                    return true;
                }
                _ => return false,
            }
        }
    }

    /// Seals these events behind what there is, whatever they are.
    pub(super) fn append(&mut self, request: &Request, events: Vec<Event>) {
        let context = EntryContext {
            revision: self.state().revision.next(),
            at: Timestamp::from_milliseconds_clamped(NOON.cast_signed()),
            actor: request.actor.clone(),
        };
        let prev = self.entries.last().map_or(Digest::ZERO, |last| last.digest);
        let entry = Entry::new(context, request.stamp(), events);
        self.entries
            .push(entry.seal(prev).expect("it can be stored"));
        let mut chain = Chain::at((**self.state()).clone(), prev);
        let followed = chain.follow(self.entries.last().expect("just now"));
        followed.expect("it follows");
        self.states.push(Arc::new(chain.into_project()));
    }

    pub(super) fn state(&self) -> &Arc<Project> {
        self.states
            .last()
            .expect("there is the one before creation")
    }

    pub(super) fn head(&self) -> Head {
        self.entries.last().expect("it was created").head()
    }

    /// Those that its entries mention and that were not removed.
    pub(super) fn needed(&self) -> BTreeMap<Digest, String> {
        let mentioned: Vec<_> = self
            .entries
            .iter()
            .flat_map(|sealed| sealed.open().expect("it is sound").events)
            .flat_map(|event| event.bodies())
            .map(|body| body.digest)
            .collect();
        let mut needed = self.bodies.clone();
        needed.retain(|digest, _| mentioned.contains(digest));
        needed
    }
}

pub(super) fn origin() -> BundleOrigin {
    BundleOrigin {
        exported_at: Timestamp::from_milliseconds_clamped(NOON.cast_signed()),
        exported_by: "eva".parse::<Actor>().expect("a name"),
    }
}

/// A bundle of these.
pub(super) fn bundle(journals: &[Journal]) -> Vec<u8> {
    let mut writer = Writer::begin(&origin());
    for journal in journals {
        writer.project(&BundleProject {
            project: journal.project,
            head: journal.head(),
            name: journal.state().name.clone(),
        });
        journal.entries.iter().for_each(|entry| writer.entry(entry));
        for (digest, text) in journal.needed() {
            writer.body(digest, &text);
        }
    }
    writer.end();
    writer.take()
}

/// All records, from pieces that end where it is said: lengths, the last one again and again.
pub(super) fn read_in(bytes: &[u8], lengths: &[usize]) -> Result<Vec<Record>, BundleError> {
    read_within(bytes, lengths, BundleLimits::default())
}

pub(super) fn read_within(
    bytes: &[u8],
    lengths: &[usize],
    limits: BundleLimits,
) -> Result<Vec<Record>, BundleError> {
    let mut reader = Reader::new(limits);
    let mut records = Vec::new();
    let mut left = bytes;
    let last = lengths.last().copied().unwrap_or(usize::MAX).max(1);
    let mut lengths = lengths.iter().copied();
    while !left.is_empty() {
        let length = lengths.next().unwrap_or(last).min(left.len());
        let (mut piece, rest) = left.split_at(length);
        left = rest;
        while let Some(record) = reader.read(&mut piece)? {
            records.push(record);
        }
        assert!(piece.is_empty(), "all of it was taken");
    }
    reader.finish()?;
    Ok(records)
}

pub(super) fn read(bytes: &[u8]) -> Result<Vec<Record>, BundleError> {
    read_in(bytes, &[])
}

/// The lines of a bundle, without their line feeds.
pub(super) fn lines(bundle: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(bundle).expect("UTF-8");
    text.lines().map(str::to_owned).collect()
}

/// A bundle of these lines. Its end says what is before it, so that what is wrong is wrong by
/// itself.
pub(super) fn resealed(lines: &[String]) -> Vec<u8> {
    let mut text = String::new();
    let count = |kind: &str| {
        let begin = format!(r#"{{"type":"{kind}""#);
        lines.iter().filter(|line| line.starts_with(&begin)).count()
    };
    for line in &lines[..lines.len() - 1] {
        writeln!(text, "{line}").expect("a text takes all");
    }
    let digest = crate::model::Hasher::tagged("holdpoint/bundle/1")
        .update(text.as_bytes())
        .finish();
    let (projects, entries, bodies) = (count("project"), count("entry"), count("body"));
    writeln!(
        text,
        r#"{{"type":"end","projects":{projects},"entries":{entries},"bodies":{bodies},"digest":"{digest}"}}"#
    )
    .expect("a text takes all");
    text.into_bytes()
}
