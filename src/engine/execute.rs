//! Carrying out a command: decide on what is known, append if that is still how it is.

use super::error::write_error;
use super::notice::Committed;
use super::remembered::Remembered;
use super::slots::{Loaded, Slot};
use super::{EngineError, Inner, Result, load, past};
use crate::journal::{Entry, Head, Sealed};
use crate::machine::{
    Command, CommandStamp, Decision, EntryContext, Env, Event, Outcome, Rejection, Request, decide,
};
use crate::model::{
    Blob, CommandId, Digest, ErrorCode, InvalidInput, Project, ProjectId, Revision, Timestamp,
};
use crate::platform::{self, log};
use crate::storage::{Commit, RowChanges, Storage, StorageErrorKind, Tombstone, Turn, WriteError};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// How long a command tries to get its turn before it gives up.
const PATIENCE: Duration = Duration::from_secs(10);
/// The first wait after a conflict, at most; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_millis(1);
/// The longest wait after a conflict.
const LONGEST_WAIT: Duration = Duration::from_millis(250);
/// How often an append whose outcome isn't known is tried again.
const UNKNOWN_TRIES: u32 = 3;

/// What became of a command.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Receipt {
    /// The project.
    pub project: ProjectId,
    /// The revision that the command led to; for one that changed nothing, the newest one.
    pub revision: Revision,
    /// What it came to.
    pub outcome: Outcome,
}

/// What would become of a command.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Preview {
    /// The revision that this rests on.
    pub expected_revision: Revision,
    /// What it would come to.
    pub outcome: Outcome,
    /// The request that does exactly this, down to the ids that it makes, or is refused because
    /// something has changed: for [`submit`](super::Engine::submit).
    #[serde(skip)]
    pub request: Request,
}

pub(super) async fn submit<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    request: &Request,
    may_be_repeated: bool,
) -> Result<Receipt> {
    if request.command.makes_a_project() && project != ProjectId::created_by(&request.id) {
        let expected = ProjectId::created_by(&request.id);
        return Err(InvalidInput::malformed(
            "project",
            format!("{expected}, the project that this command makes"),
            &project.to_string(),
        )
        .into());
    }
    let slot = inner.slots.of(project);
    let _turn = slot.turn.lock().await;
    let mut attempt = Attempt {
        inner,
        slot: &slot,
        turn: inner.storage.turn(project).await,
        project,
        request,
        stamp: request.stamp(),
        may_be_repeated,
        removed_at: None,
        conflicts: 0,
        unknown: 0,
        waited: Duration::ZERO,
    };
    if may_be_repeated && let Some(receipt) = attempt.answer_again().await? {
        return Ok(receipt);
    }
    let mut state = match attempt.known().await {
        // A damaged project can still be deleted: for that nobody needs to know its state.
        Err(EngineError::Journal { error, .. })
            if request.command == Command::DeleteProject && error.code() == ErrorCode::Corrupt =>
        {
            return attempt.remove_unread().await;
        }
        known => known?,
    };
    loop {
        let decided = attempt.decide(&state).await;
        let is_final = matches!(&decided, Ok(Decision::Commit { .. } | Decision::Remove));
        // What is in memory may be old. A commit finds that out by itself; before any other
        // answer is given, the journal is asked.
        if !is_final && let Some(newer) = attempt.newer_than(&state).await? {
            state = newer;
            continue;
        }
        // Nor is a refusal given that only this very command, sent twice at once, has brought about.
        if !is_final
            && may_be_repeated
            && let Some(receipt) = attempt.answer_again().await?
        {
            return Ok(receipt);
        }
        let step = match decided? {
            Decision::Commit {
                events,
                blobs,
                next,
            } => attempt.append(&state, events, blobs, *next).await?,
            Decision::Remove => attempt.remove(&state).await?,
            Decision::Nothing(outcome) => Step::Done(Receipt {
                project,
                revision: attempt.removed_at.unwrap_or(state.project.revision),
                outcome: *outcome,
            }),
            Decision::Needs(_) | Decision::NeedsSource { .. } | Decision::NeedsBody(_) => {
                return Err(not_supplied());
            }
        };
        match step {
            Step::Done(receipt) => return Ok(receipt),
            Step::Again => match attempt.next_try().await? {
                Try::Answered(receipt) => return Ok(receipt),
                Try::On(newer) => state = newer,
            },
        }
    }
}

pub(super) async fn preview<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    request: &Request,
) -> Result<Preview> {
    if request.command.makes_a_project() {
        return past::preview_of_new(inner, request).await;
    }
    let slot = inner.slots.of(project);
    let _turn = slot.turn.lock().await;
    let loaded = load::current(inner, &slot, project).await?;
    let decision = decide_on(inner, &loaded.project, request).await?;
    let outcome = match decision {
        Decision::Commit { events, .. } => outcome_of(&events)?,
        Decision::Nothing(outcome) => *outcome,
        Decision::Remove => Outcome::ProjectDeleted,
        Decision::Needs(_) | Decision::NeedsSource { .. } | Decision::NeedsBody(_) => {
            return Err(not_supplied());
        }
    };
    let expected_revision = loaded.project.revision;
    let request = Request {
        expected_revision: Some(expected_revision),
        ..request.clone()
    };
    Ok(Preview {
        expected_revision,
        outcome,
        request,
    })
}

/// What is known of the project: where a decision begins.
struct Known {
    project: Arc<Project>,
    loaded: Option<Loaded>,
}

/// How a write ended.
enum Step {
    Done(Receipt),
    Again,
}

/// How it goes on after one that was not done.
enum Try {
    Answered(Receipt),
    On(Known),
}

struct Attempt<'a, S: Storage> {
    inner: &'a Arc<Inner<S>>,
    slot: &'a Arc<Slot>,
    /// Among other tabs and programs, as the slot's is within this one.
    turn: Turn,
    project: ProjectId,
    request: &'a Request,
    stamp: CommandStamp,
    may_be_repeated: bool,
    /// The revision of the project that this very command removed before.
    removed_at: Option<Revision>,
    conflicts: u32,
    unknown: u32,
    waited: Duration,
}

impl<S: Storage> Attempt<'_, S> {
    /// The answer of a command that was carried out before.
    async fn answer_again(&self) -> Result<Option<Receipt>> {
        let found = self
            .inner
            .storage
            .find_command(self.project, self.request.id)
            .await?;
        if let Some(revision) = found {
            return self.answer_of(revision).await.map(Some);
        }
        if self.request.command != Command::DeleteProject {
            return Ok(None);
        }
        // A delete leaves no entry: what is left of the project says which command it was.
        match self.inner.storage.tombstone(self.project).await? {
            Some(tombstone) if tombstone.command.id == self.stamp.id => {
                let revision = tombstone.head.revision;
                self.check_stamp(tombstone.command, revision)?;
                self.inner.hub.removed(self.project);
                let outcome = Outcome::ProjectDeleted;
                Ok(Some(Receipt {
                    project: self.project,
                    revision,
                    outcome,
                }))
            }
            _ => Ok(None),
        }
    }

    async fn answer_of(&self, revision: Revision) -> Result<Receipt> {
        let entry = load::entry(self.inner, self.project, revision).await?;
        self.check_stamp(entry.command, revision)?;
        Ok(Receipt {
            project: self.project,
            revision,
            outcome: outcome_of(&entry.events)?,
        })
    }

    fn check_stamp(&self, found: CommandStamp, revision: Revision) -> Result<()> {
        if found == self.stamp {
            return Ok(());
        }
        let command: CommandId = self.request.id;
        Err(EngineError::CommandIdReused { command, revision })
    }

    /// The state in memory, or else the one in the storage.
    async fn known(&self) -> Result<Known> {
        match self.slot.loaded() {
            Some(loaded) => Ok(self.with(Some(loaded))),
            None => self.fresh().await,
        }
    }

    async fn fresh(&self) -> Result<Known> {
        let loaded = load::newest(self.inner, self.slot, self.project).await?;
        Ok(self.with(loaded))
    }

    fn with(&self, loaded: Option<Loaded>) -> Known {
        let project = loaded.as_ref().map_or_else(
            || Arc::new(Project::before_creation(self.project)),
            |loaded| Arc::clone(&loaded.project),
        );
        Known { project, loaded }
    }

    /// A newer state than this, if there is one.
    async fn newer_than(&self, state: &Known) -> Result<Option<Known>> {
        let head = self.inner.storage.head(self.project).await?;
        if head == state.loaded.as_ref().map(|loaded| loaded.head) {
            return Ok(None);
        }
        self.fresh().await.map(Some)
    }

    async fn decide(&mut self, state: &Known) -> Result<Decision> {
        if state.loaded.is_none()
            && let Some(tombstone) = self.inner.storage.tombstone(self.project).await?
        {
            return self.of_removed(tombstone);
        }
        decide_on(self.inner, &state.project, self.request).await
    }

    /// What a command on a removed project comes to: a repeated delete gets its answer.
    fn of_removed(&mut self, tombstone: Tombstone) -> Result<Decision> {
        if tombstone.command.id == self.stamp.id {
            self.check_stamp(tombstone.command, tombstone.head.revision)?;
            self.removed_at = Some(tombstone.head.revision);
            return Ok(Decision::Nothing(Box::new(Outcome::ProjectDeleted)));
        }
        Err(EngineError::Removed {
            project: self.project,
            revision: tombstone.head.revision,
        })
    }

    async fn append(
        &mut self,
        state: &Known,
        events: Vec<Event>,
        mut blobs: Vec<Blob>,
        mut next: Project,
    ) -> Result<Step> {
        match past::bodies(self.inner, &events).await {
            Ok(bodies) => blobs.extend(bodies),
            // Removed for good since the source was read; read again, it is left out.
            Err(EngineError::Redacted { .. }) => return Ok(Step::Again),
            Err(error) => return Err(error),
        }
        let context = EntryContext {
            revision: next.revision,
            at: next.updated_at,
            actor: self.request.actor.clone(),
        };
        let expected = state.loaded.as_ref().map(|loaded| loaded.head);
        let entry = Entry::new(context, self.stamp, events);
        let journal_error = |error| EngineError::Journal {
            project: self.project,
            error,
        };
        let sealed: Sealed = entry
            .seal(expected.map_or(Digest::ZERO, |head| head.digest))
            .map_err(journal_error)?;
        sealed.count_into(&mut next);
        let bytes = sealed.text.len();
        let rows = RowChanges::between(&state.project, &next);
        let mut commit = Commit::new(self.project, expected, vec![sealed], rows, blobs)
            .map_err(journal_error)?;
        commit.drop_blobs = entry.events.iter().filter_map(Event::redacted).collect();
        match self.inner.storage.append(commit).await {
            Ok(head) => {
                let outcome = outcome_of(&entry.events)?;
                let loaded = Loaded {
                    project: Arc::new(next),
                    head,
                };
                let mut way = Remembered::default();
                way.follow(&state.project, &loaded.project, bytes);
                self.slot.follow(expected, loaded.clone(), way);
                self.inner.hub.committed(Committed::of(self.project, entry));
                load::count_and_snapshot(self.inner, self.slot, self.project, &loaded, bytes).await;
                Ok(Step::Done(Receipt {
                    project: self.project,
                    revision: head.revision,
                    outcome,
                }))
            }
            Err(WriteError::DuplicateCommand { revision }) => {
                self.answer_of(revision).await.map(Step::Done)
            }
            Err(error) => self.failed(error).await,
        }
    }

    /// Removes a project whose journal cannot be read.
    async fn remove_unread(&mut self) -> Result<Receipt> {
        /// Nobody can decide anything on a damaged project, so others hardly ever move it.
        const TRIES: u32 = 10;
        for _ in 0..TRIES {
            let Some(head) = self.inner.storage.head(self.project).await? else {
                return Err(load::missing(self.inner, self.project).await?);
            };
            if let Some(expected) = self.request.expected_revision
                && expected != head.revision
            {
                return Err(Rejection::Changed {
                    expected,
                    found: head.revision,
                }
                .into());
            }
            if let Step::Done(receipt) = self.remove_at(head).await? {
                return Ok(receipt);
            }
        }
        Err(EngineError::Busy {
            waited_milliseconds: 0,
            conflicts: self.conflicts,
        })
    }

    async fn remove(&mut self, state: &Known) -> Result<Step> {
        match &state.loaded {
            Some(loaded) => self.remove_at(loaded.head).await,
            None => Err(Rejection::ProjectNotFound {
                project: self.project,
            }
            .into()),
        }
    }

    async fn remove_at(&mut self, head: Head) -> Result<Step> {
        let removed = Receipt {
            project: self.project,
            revision: head.revision,
            outcome: Outcome::ProjectDeleted,
        };
        match self
            .inner
            .storage
            .remove(self.project, head, self.stamp)
            .await
        {
            Ok(()) => {
                self.slot.forget();
                self.inner.hub.removed(self.project);
                Ok(Step::Done(removed))
            }
            Err(WriteError::Removed { tombstone, .. }) if tombstone.command.id == self.stamp.id => {
                self.slot.forget();
                self.inner.hub.removed(self.project);
                self.check_stamp(tombstone.command, tombstone.head.revision)?;
                Ok(Step::Done(removed))
            }
            Err(error) => self.failed(error).await,
        }
    }

    /// What to do after a write that the storage didn't do, or may not have done.
    async fn failed(&mut self, error: WriteError) -> Result<Step> {
        match error {
            WriteError::Conflict { .. } => {
                self.conflicts += 1;
                Ok(Step::Again)
            }
            WriteError::Storage(error) if error.kind == StorageErrorKind::OutcomeUnknown => {
                // The state in memory may be behind: whatever comes next asks the journal.
                self.slot.forget();
                self.unknown += 1;
                if self.unknown >= UNKNOWN_TRIES {
                    return Err(error.into());
                }
                // If the journal can't be asked, the caller has to know that it isn't known.
                match self.answer_again().await {
                    Ok(Some(receipt)) => {
                        // It did happen, so the listeners are to hear of it; that they can't be
                        // told just now is no failure of the command.
                        let _ = load::newest(self.inner, self.slot, self.project).await;
                        Ok(Step::Done(receipt))
                    }
                    Ok(None) => Ok(Step::Again),
                    // Nor if what it says can't be read: the entry may be this very command's.
                    Err(EngineError::Storage(_) | EngineError::Journal { .. }) => Err(error.into()),
                    Err(other) => Err(other),
                }
            }
            WriteError::Removed { tombstone, .. } => {
                self.slot.forget();
                self.inner.hub.removed(self.project);
                if tombstone.command.id == self.stamp.id {
                    self.check_stamp(tombstone.command, tombstone.head.revision)?;
                }
                Err(write_error(self.project, error))
            }
            error => Err(write_error(self.project, error)),
        }
    }

    /// Waits a little, longer each time, and looks at what the others did.
    async fn next_try(&mut self) -> Result<Try> {
        let command = self.request.command.kind();
        log::tried_again(command, self.project, self.conflicts, self.unknown);
        if self.conflicts > 0 {
            if self.waited >= PATIENCE {
                return Err(EngineError::Busy {
                    waited_milliseconds: u64::try_from(self.waited.as_millis()).unwrap_or(u64::MAX),
                    conflicts: self.conflicts,
                });
            }
            let wait = self.next_wait();
            self.waited += wait;
            platform::sleep(wait).await;
            if !self.turn.is_held() {
                self.turn = self.inner.storage.turn(self.project).await;
            }
        }
        // It may have been this very command that was faster, sent twice.
        if (self.may_be_repeated || self.unknown > 0)
            && let Some(receipt) = self.answer_again().await?
        {
            return Ok(Try::Answered(receipt));
        }
        self.fresh().await.map(Try::On)
    }

    /// A random part of a span that doubles with each conflict, so that two who collided don't
    /// collide again.
    fn next_wait(&self) -> Duration {
        let span = FIRST_WAIT
            .saturating_mul(1 << self.conflicts.min(8))
            .min(LONGEST_WAIT);
        let share = u32::try_from(platform::random() % 1000).unwrap_or(0);
        (span / 1000 * share).max(Duration::from_micros(50))
    }
}

/// Decides, with whatever the decision asks for: past states, and whether a body is there.
pub(super) async fn decide_on<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: &Arc<Project>,
    request: &Request,
) -> Result<Decision> {
    let now: Timestamp = inner.clock.now();
    let mut past = BTreeMap::new();
    let mut other = None;
    let mut bodies = BTreeMap::new();
    loop {
        let decision = {
            let env = Env {
                now,
                tokens: &*inner.tokens,
                past: std::mem::take(&mut past),
                source: other.take(),
                bodies: std::mem::take(&mut bodies),
            };
            let decision = decide(project, request, &env)?;
            (past, other, bodies) = (env.past, env.source, env.bodies);
            decision
        };
        match decision {
            Decision::Needs(revision) if !past.contains_key(&revision) => {
                let state = load::past(inner, project, revision).await?;
                past.insert(revision, state);
            }
            Decision::NeedsSource { source, at } if other.is_none() => {
                other = Some(past::source(inner, source, at).await?);
            }
            Decision::NeedsBody(digest) if !bodies.contains_key(&digest) => {
                let is_there = inner.storage.blob(project.id, digest).await?.is_some();
                bodies.insert(digest, is_there);
            }
            Decision::Needs(_) | Decision::NeedsSource { .. } | Decision::NeedsBody(_) => {
                return Err(not_supplied());
            }
            decided => return Ok(decided),
        }
    }
}

pub(super) fn not_supplied() -> EngineError {
    EngineError::Internal("a decision asked for the same thing twice".to_owned())
}

pub(super) fn outcome_of(events: &[Event]) -> Result<Outcome> {
    Outcome::of(events).ok_or_else(|| {
        EngineError::Internal("an entry without an event that a command makes".to_owned())
    })
}
