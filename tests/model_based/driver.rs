//! Carries commands out on two storages at once and compares: the answers with each other and
//! with the model's, the heads, the states, what is stored.

use super::given::{Disk, Given, SetClock, engine};
use super::naive::{Answer, Flaw, Naive, Place, figures};
use super::{bundles, seen};
use holdpoint::engine::{Engine, EngineError, Receipt};
use holdpoint::model::{CommandId, Digest, ProjectId, Revision};
use holdpoint::storage::{Row, RowChanges, RowKind, RowQuery, Storage};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

/// How many of a project's checkpoints are looked at, the newest first.
const REMEMBERED: usize = 5;

/// What was not as it has to be.
pub(crate) type Mismatch = String;

/// Storages, with engines on them as two tabs or two processes would have them.
struct Side<D: Disk> {
    disk: D,
    engines: [Engine<D::Storage>; 2],
}

impl<D: Disk> Side<D> {
    async fn new(clock: &SetClock) -> Self {
        let disk = D::new();
        let engines = [engine(&disk, clock).await, engine(&disk, clock).await];
        Self { disk, engines }
    }
}

/// A run under way.
pub(crate) struct Driver<A: Disk, B: Disk> {
    clock: SetClock,
    pub(crate) naive: Naive,
    one: Side<A>,
    other: Side<B>,
    /// What was answered to each command that led to an entry.
    receipts: BTreeMap<(ProjectId, CommandId), Receipt>,
    digests: BTreeMap<(ProjectId, u64), Digest>,
}

impl<A: Disk, B: Disk> Driver<A, B> {
    pub(crate) async fn new(flaw: Flaw) -> Self {
        let clock = SetClock::default();
        Self {
            naive: Naive::new(flaw),
            one: Side::new(&clock).await,
            other: Side::new(&clock).await,
            clock,
            receipts: BTreeMap::new(),
            digests: BTreeMap::new(),
        }
    }

    /// Gives a command to all storages and to the model.
    pub(crate) async fn take(&mut self, given: &Given, answer: &Answer) -> Result<(), Mismatch> {
        let Given {
            now,
            engine,
            project,
            request,
        } = given;
        self.clock.set(*now);
        let one = &self.one.engines[*engine];
        let other = &self.other.engines[*engine];
        let answered = one.submit(*project, request.clone()).await;
        same(
            "the answer",
            &answered,
            &other.submit(*project, request.clone()).await,
        )?;
        self.compare_answer(given, answer, &answered)?;
        let head = one
            .storage()
            .head(*project)
            .await
            .map_err(|error| error.to_string())?;
        let other_head = other.storage().head(*project).await;
        same("the head", &Ok(head), &other_head)?;
        self.naive.follow(*project, request, answer);
        let revision = self
            .naive
            .history(*project)
            .map(super::naive::History::revision);
        same(
            "the revision",
            &revision,
            &head.map(|head| head.revision.get()),
        )?;
        if let (Answer::Done(revision, ..), Some(head), Ok(receipt)) = (answer, head, answered) {
            self.digests.insert((*project, *revision), head.digest);
            self.receipts.insert((*project, request.id), receipt);
            let state = one
                .project(*project)
                .await
                .map_err(|error| error.to_string())?;
            self.compare_state(*project, *revision, &state)?;
        }
        Ok(())
    }

    fn compare_answer(
        &self,
        given: &Given,
        answer: &Answer,
        answered: &Result<Receipt, EngineError>,
    ) -> Result<(), Mismatch> {
        let outcome = |receipt: &Receipt| {
            let mut outcome = serde_json::to_value(&receipt.outcome).expect("it can be written");
            sort_paths(&mut outcome);
            self.take_digest(&mut outcome)?;
            Ok::<_, Mismatch>((receipt.revision.get(), outcome))
        };
        match (answer, answered) {
            (Answer::Refused(code), Err(error)) => same("the code", code, &error.code().as_str()),
            (
                Answer::Nothing(revision, said)
                | Answer::Removed(revision, said)
                | Answer::Done(revision, said, _),
                Ok(receipt),
            ) => same("the answer", &(*revision, said.clone()), &outcome(receipt)?),
            (Answer::Again, Ok(receipt)) => {
                let first = self.receipts.get(&(given.project, given.request.id));
                same("the answer once more", &first, &Some(receipt))
            }
            (expected, found) => {
                let expected = match expected {
                    Answer::Done(revision, said, _) => format!("revision {revision}, {said}"),
                    other => format!("{other:?}"),
                };
                Err(format!("expected {expected}\nfound {found:?}"))
            }
        }
    }

    /// The model knows no digests: that of a fork's origin is compared with what was seen.
    fn take_digest(&self, outcome: &mut Value) -> Result<(), Mismatch> {
        let Some(origin) = outcome.get_mut("origin").and_then(Value::as_object_mut) else {
            return Ok(());
        };
        let digest = origin.remove("digest").unwrap_or_default();
        let project = origin["project"].as_str().and_then(|id| id.parse().ok());
        let of = project.zip(origin["revision"].as_u64());
        let seen = of.and_then(|of| self.digests.get(&of));
        same(
            "the origin's digest",
            &serde_json::to_value(seen).ok(),
            &Some(digest),
        )
    }

    fn compare_state(
        &self,
        project: ProjectId,
        revision: u64,
        state: &holdpoint::model::Project,
    ) -> Result<(), Mismatch> {
        let history = self
            .naive
            .history(project)
            .ok_or("a project that is gone has a state")?;
        let place = usize::try_from(revision).expect("journals are short") - 1;
        let expected = &history.states[place];
        same("the state", expected, &seen::project(state))?;
        same("the figures", &figures(expected), &seen::figures(state))
    }

    /// Compares all that there is.
    pub(crate) async fn check(&mut self) -> Result<(), Mismatch> {
        for (id, place) in &self.naive.places {
            match place {
                Place::There(history) => {
                    let revision = history.revision();
                    self.check_project(&self.one, *id, revision).await?;
                    self.check_project(&self.other, *id, revision).await?;
                }
                Place::Gone(..) => {
                    check_gone(&self.one.engines[0], *id).await?;
                    check_gone(&self.other.engines[0], *id).await?;
                }
            }
        }
        self.check_resumable().await?;
        let (one, other) = (&self.one.engines[0], &self.other.engines[0]);
        // On the heap: together these futures would be large.
        Box::pin(bundles::check::<A, B>(one, other, &self.clock)).await?;
        // The page is loaded anew, the process started again.
        self.one.engines[1] = engine(&self.one.disk, &self.clock).await;
        self.other.engines[1] = engine(&self.other.disk, &self.clock).await;
        Ok(())
    }

    async fn check_project<D: Disk>(
        &self,
        side: &Side<D>,
        id: ProjectId,
        revision: u64,
    ) -> Result<(), Mismatch> {
        let failed = |error: EngineError| format!("{}: {error}", D::NAME);
        let fresh = engine(&side.disk, &self.clock).await;
        let state = fresh.project(id).await.map_err(failed)?;
        for known in &side.engines {
            let now = known.project(id).await.map_err(failed)?;
            same("the state that another engine knows", &state, &now)?;
            // What it remembers of its checkpoints is what a replay comes to.
            for checkpoint in now.checkpoints_in_order().iter().rev().take(REMEMBERED) {
                let replayed = fresh.state_at(id, checkpoint.revision).await;
                let remembered = known.state_at(id, checkpoint.id).await;
                same("the state at a checkpoint", &replayed, &remembered)?;
            }
        }
        self.compare_state(id, revision, &state)?;
        // The past, at the ends of its first and second third.
        for past in [1 + revision / 3, 1 + revision * 2 / 3] {
            let past = past.min(revision);
            let state = fresh
                .state_at(id, Revision::new(past))
                .await
                .map_err(failed)?;
            self.compare_state(id, past, &state)?;
        }
        let report = fresh.verify(id).await.map_err(failed)?;
        same("what verify finds", &vec![], &report.findings)?;
        same("the number of entries", &revision, &report.entries)?;
        let rows = RowChanges::all(&state);
        let sorted = |mut rows: Vec<Row>| {
            rows.sort_by_key(Row::cursor);
            rows
        };
        let plans = rows.plans.into_iter().map(|row| Row::Plan(Box::new(row)));
        let checkpoints = rows.checkpoints.into_iter();
        let checkpoints = checkpoints.map(|row| Row::Checkpoint(Box::new(row)));
        for (kind, expected) in [
            (
                RowKind::Projects,
                vec![Row::Project(Box::new(rows.project))],
            ),
            (RowKind::Plans, sorted(plans.collect())),
            (RowKind::Checkpoints, sorted(checkpoints.collect())),
        ] {
            let query = RowQuery::of(kind, 100_000).in_project(id);
            let found = fresh
                .storage()
                .rows(query)
                .await
                .map_err(|error| error.to_string())?;
            same("the rows", &expected, &found.rows)?;
        }
        self.check_bodies(&fresh, id).await
    }

    /// What was removed for good is gone, and all else is there.
    async fn check_bodies<S: Storage>(
        &self,
        fresh: &Engine<S>,
        id: ProjectId,
    ) -> Result<(), Mismatch> {
        let project = self.naive.history(id).expect("it is there").now();
        let redacted = project.redacted.keys().copied();
        let all: BTreeSet<Digest> = project.bodies().chain(redacted).collect();
        for digest in all {
            let body = fresh.storage().blob(id, digest).await;
            let body = body.map_err(|error| error.to_string())?;
            let is_there = !project.redacted.contains_key(&digest);
            let expected = is_there.then_some(digest);
            same("a body", &expected, &body.map(|body| Digest::of(&body)))?;
        }
        Ok(())
    }

    async fn check_resumable(&self) -> Result<(), Mismatch> {
        let one = self.one.engines[0].resumable().await;
        same(
            "resumable plans",
            &one,
            &self.other.engines[0].resumable().await,
        )?;
        let found: BTreeSet<_> = one
            .map_err(|error| error.to_string())?
            .iter()
            .map(|found| {
                (
                    found.plan.project,
                    found.plan.plan,
                    found.plan.state.as_str(),
                )
            })
            .collect();
        let mut expected = BTreeSet::new();
        for (project, history) in self.naive.there() {
            for (id, plan) in &history.now().plans {
                let state = plan.progress.state;
                if !["completed", "failed", "cancelled"].contains(&state) {
                    expected.insert((*project, *id, state));
                }
            }
        }
        same("resumable plans", &expected, &found)
    }
}

async fn check_gone<S: Storage>(engine: &Engine<S>, id: ProjectId) -> Result<(), Mismatch> {
    let code = engine
        .project(id)
        .await
        .map_err(|error| error.code().as_str());
    same("a project that is gone", &Err("REMOVED"), &code.map(|_| ()))?;
    for kind in [RowKind::Projects, RowKind::Plans, RowKind::Checkpoints] {
        let rows = engine
            .storage()
            .rows(RowQuery::of(kind, 10).in_project(id))
            .await;
        let rows = rows.map_err(|error| error.to_string())?.rows;
        same("rows of a project that is gone", &vec![], &rows)?;
    }
    Ok(())
}

/// The order of the paths in a report says nothing.
pub(crate) fn sort_paths(outcome: &mut Value) {
    for report in ["/paths", "/rollback/paths"] {
        if let Some(Value::Array(paths)) = outcome.pointer_mut(report) {
            paths.sort_by_key(ToString::to_string);
        }
    }
}

/// Checks that two things are the same, and says where they are not.
pub(crate) fn same<T: PartialEq + Debug>(
    what: &str,
    expected: &T,
    found: &T,
) -> Result<(), Mismatch> {
    const SHOWN: usize = 12;
    if expected == found {
        return Ok(());
    }
    let (expected, found) = (format!("{expected:#?}"), format!("{found:#?}"));
    let (expected, found): (Vec<_>, Vec<_>) = (expected.lines().collect(), found.lines().collect());
    let begin = expected
        .iter()
        .zip(&found)
        .take_while(|(here, there)| here == there);
    let begin = begin.count();
    let ends = expected[begin..]
        .iter()
        .rev()
        .zip(found[begin..].iter().rev());
    let end = ends.take_while(|(here, there)| here == there).count();
    let shown = |lines: &[&str]| {
        let from = begin.saturating_sub(3);
        let differing = &lines[from..(lines.len() - end).max(from)];
        differing[..differing.len().min(SHOWN)].join("\n")
    };
    Err(format!(
        "{what}, expected:\n{}\nfound:\n{}",
        shown(&expected),
        shown(&found)
    ))
}
