//! What was told to all workers, and what is in the journals, told once more by the naive model: each
//! project's history from its first revision on, with every answer that was given at each of them.

use super::notes::{Asked, Told};
use crate::model_based::driver::{Mismatch, same, sort_paths};
use crate::model_based::naive::{Answer, Flaw, History, Naive, Place, figures};
use crate::model_based::seen;
use holdpoint::engine::{Engine, EngineError};
use holdpoint::machine::{Command, Request};
use holdpoint::model::{CommandId, Point, ProjectId, Revision};
use holdpoint::storage::Storage;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What was found to be so.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Found {
    pub(crate) projects: usize,
    pub(crate) deleted: usize,
    pub(crate) entries: usize,
    /// Answers that changed nothing, or repeated an earlier one.
    pub(crate) idle: usize,
}

/// A project's journal: which command led to each revision.
pub(crate) type Journal = Vec<CommandId>;

/// Every journal there is, each command of it once, none that nobody gave.
pub(crate) async fn journals<S: Storage>(
    engine: &Engine<S>,
    asked: &[Asked],
) -> Result<BTreeMap<ProjectId, Journal>, Mismatch> {
    let failed = |error: EngineError| error.to_string();
    let mut stamps: BTreeMap<(ProjectId, CommandId), Vec<_>> = BTreeMap::new();
    for asked in asked {
        let of = (asked.given.project, asked.given.request.id);
        stamps
            .entry(of)
            .or_default()
            .push(asked.given.request.stamp());
    }
    let mut journals = BTreeMap::new();
    for project in engine.journals(None, 100_000).await.map_err(failed)? {
        let report = engine.verify(project).await.map_err(failed)?;
        same("what verify finds", &vec![], &report.findings)?;
        let entries = engine.history(project, Revision::ZERO, 1_000_000).await;
        let mut journal = Journal::new();
        let mut commands = BTreeSet::new();
        for entry in entries.map_err(failed)? {
            let id = entry.command.id;
            let stamps = stamps.get(&(project, id));
            if !stamps.is_some_and(|stamps| stamps.contains(&entry.command)) {
                return Err(format!("nobody gave {id} as it is in project {project}"));
            }
            if !commands.insert(id) {
                return Err(format!("{id} is twice in project {project}"));
            }
            journal.push(id);
        }
        same("the length", &report.entries, &(journal.len() as u64))?;
        journals.insert(project, journal);
    }
    Ok(journals)
}

/// Replays everything. Every worker has to have heard what became of every command of its.
pub(crate) async fn one_legal_history<S: Storage>(
    engine: &Engine<S>,
    asked: &[Asked],
) -> Result<Found, Mismatch> {
    let journals = journals(engine, asked).await?;
    let mut answers: BTreeMap<ProjectId, BTreeMap<u64, Vec<&Asked>>> = BTreeMap::new();
    for one in asked {
        match &one.told {
            Some(Told::Done { revision, .. }) => {
                let of_project = answers.entry(one.given.project).or_default();
                of_project.entry(*revision).or_default().push(one);
            }
            Some(Told::Refused { .. }) => {}
            None => return Err(format!("nobody heard what became of {}", one.given)),
        }
    }
    refused_are_not_there(&journals, asked)?;
    let mut found = Found {
        projects: answers.len(),
        ..Found::default()
    };
    if let Some(unknown) = journals
        .keys()
        .find(|project| !answers.contains_key(*project))
    {
        return Err(format!("nobody was told of project {unknown}"));
    }
    let mut replayed: BTreeMap<ProjectId, History> = BTreeMap::new();
    while replayed.len() < answers.len() {
        let ready = answers.iter().find(|(project, answers)| {
            let is_ready = source(answers).is_none_or(|source| replayed.contains_key(&source));
            !replayed.contains_key(*project) && is_ready
        });
        let (project, answers) = ready.ok_or("forks of each other")?;
        let mut replay = Replay {
            engine,
            project: *project,
            journal: journals.get(project),
            replayed: &replayed,
            moment: 0,
        };
        let mut first = None;
        let history = loop {
            let mut of_project = found;
            match replay.run(answers, &mut of_project).await {
                Ok(history) => {
                    found = of_project;
                    break history;
                }
                // A later moment of what it was forked from may be the one.
                Err(mismatch) if source(answers).is_some() && replay.moment < MOMENTS => {
                    first.get_or_insert(mismatch);
                    replay.moment += 1;
                }
                Err(mismatch) => {
                    let mismatch = first.unwrap_or(mismatch);
                    return Err(format!("project {project}: {mismatch}"));
                }
            }
        };
        replayed.insert(*project, history);
    }
    Ok(found)
}

/// A fork was decided at some moment of its source: of those whose answer fits, so many are tried.
/// They differ in what was removed for good by then.
const MOMENTS: usize = 200;

/// A command that was refused and never given again is in no journal.
pub(crate) fn refused_are_not_there(
    journals: &BTreeMap<ProjectId, Journal>,
    asked: &[Asked],
) -> Result<(), Mismatch> {
    let mut may_be: BTreeSet<(ProjectId, CommandId)> = BTreeSet::new();
    for one in asked {
        let is_refused =
            matches!(&one.told, Some(Told::Refused { code }) if code != "OUTCOME_UNKNOWN");
        if !is_refused {
            may_be.insert((one.given.project, one.given.request.id));
        }
    }
    for (project, journal) in journals {
        if let Some(id) = journal
            .iter()
            .find(|id| !may_be.contains(&(*project, **id)))
        {
            return Err(format!("{id} was refused and is in project {project}"));
        }
    }
    Ok(())
}

/// The project that a fork was made of.
fn source(answers: &BTreeMap<u64, Vec<&Asked>>) -> Option<ProjectId> {
    answers
        .get(&1)?
        .iter()
        .find_map(|one| match &one.given.request.command {
            Command::ForkProject { source, .. } => Some(*source),
            _ => None,
        })
}

/// An outcome as the model says it: it knows no digests, and the order of paths says nothing.
fn outcome(told: &Value) -> Value {
    let mut outcome = told.clone();
    sort_paths(&mut outcome);
    if let Some(origin) = outcome.get_mut("origin").and_then(Value::as_object_mut) {
        origin.remove("digest");
    }
    outcome
}

/// Whether this is how the model answers.
fn is_so(answer: &Answer, told: &Told) -> bool {
    let Told::Done {
        revision: told_revision,
        outcome: told_outcome,
    } = told
    else {
        return false;
    };
    match answer {
        Answer::Done(revision, said, _)
        | Answer::Nothing(revision, said)
        | Answer::Removed(revision, said) => {
            revision == told_revision && *said == outcome(told_outcome)
        }
        Answer::Again | Answer::Refused(_) => false,
    }
}

/// What one project comes to.
struct Replay<'a, S: Storage> {
    engine: &'a Engine<S>,
    project: ProjectId,
    /// None: it is gone.
    journal: Option<&'a Journal>,
    replayed: &'a BTreeMap<ProjectId, History>,
    /// Which of the moments that a fork may have been decided at is tried.
    moment: usize,
}

impl<S: Storage> Replay<'_, S> {
    async fn run(
        &self,
        answers: &BTreeMap<u64, Vec<&Asked>>,
        found: &mut Found,
    ) -> Result<History, Mismatch> {
        let mut naive = Naive::new(Flaw::None);
        let last = match self.journal {
            Some(journal) => journal.len() as u64,
            None => answers.keys().last().copied().unwrap_or(0),
        };
        let mut states = Vec::new();
        for revision in 1..=last {
            let here = answers.get(&revision);
            let here = here.ok_or_else(|| format!("nobody was told of revision {revision}"))?;
            let made = self.entry(&naive, revision, here)?;
            let (one, answer) = made.ok_or_else(|| {
                let told: Vec<_> = here.iter().map(|one| (&one.given, &one.told)).collect();
                format!("no answer leads to revision {revision}: {told:?}")
            })?;
            found.entries += 1;
            naive.follow(self.project, &one.given.request, &answer);
            let Answer::Done(_, _, next) = answer else {
                return Err(format!("revision {revision} is no entry"));
            };
            states.push((*next).clone());
            found.idle += self.idle(&naive, &one.given.request, here)?;
            self.compare(revision, last, &next).await?;
        }
        if self.journal.is_none() {
            found.deleted += 1;
            let code = self.engine.project(self.project).await;
            let code = code.map_err(|error| error.code().as_str());
            same("a project that is gone", &Err("REMOVED"), &code.map(drop))?;
            let deletes = answers[&last].iter();
            let deletes = deletes.filter(|one| one.given.request.command == Command::DeleteProject);
            let ids: BTreeSet<_> = deletes.map(|one| one.given.request.id).collect();
            same("the number of those who deleted it", &1, &ids.len())?;
        }
        Ok(History::of(states))
    }

    /// The answer that led to a revision: the one of the journal's command, or where the journal is
    /// gone the one that the model gives too.
    fn entry<'a>(
        &self,
        naive: &Naive,
        revision: u64,
        here: &[&'a Asked],
    ) -> Result<Option<(&'a Asked, Answer)>, Mismatch> {
        let command = match self.journal {
            Some(journal) => {
                let place = usize::try_from(revision).expect("journals are short") - 1;
                Some(journal[place])
            }
            None => None,
        };
        for one in here {
            if command.is_some_and(|command| command != one.given.request.id) {
                continue;
            }
            let told = one.told.as_ref().expect("it was told");
            let answer = self.answer(naive, one, told);
            if matches!(answer, Answer::Done(..)) && is_so(&answer, told) {
                return Ok(Some((one, answer)));
            }
            if command.is_some() {
                let said = match &answer {
                    Answer::Done(revision, said, _) => format!("revision {revision}, {said}"),
                    other => format!("{other:?}"),
                };
                return Err(format!(
                    "revision {revision}: {}\nwas told {told:?}\nthe model says {said}",
                    one.given
                ));
            }
        }
        Ok(None)
    }

    /// What the model says of a command.
    fn answer(&self, naive: &Naive, one: &Asked, told: &Told) -> Answer {
        let request = &one.given.request;
        match &request.command {
            Command::ForkProject { source, .. } => self.fork(*source, one, told),
            _ => naive.answer(one.given.now, self.project, request),
        }
    }

    /// A fork was decided at some moment of its source: the revision that it is of, or a later one.
    fn fork(&self, source: ProjectId, one: &Asked, told: &Told) -> Answer {
        let refused = Answer::Refused("no moment of its source fits");
        let (Told::Done { outcome, .. }, Some(history)) = (told, self.replayed.get(&source)) else {
            return refused;
        };
        let Some(of) = outcome["origin"]["revision"].as_u64() else {
            return refused;
        };
        (of..=history.revision())
            .map(|moment| {
                let until = usize::try_from(moment).expect("journals are short");
                let mut naive = Naive::new(Flaw::None);
                let then = History::of(history.states[..until].to_vec());
                naive.places.insert(source, Place::There(then));
                let mut request = one.given.request.clone();
                if let Command::ForkProject { at, .. } = &mut request.command
                    && *at == Point::Now
                {
                    *at = Point::Revision(Revision::new(of));
                }
                naive.answer(one.given.now, self.project, &request)
            })
            .filter(|answer| is_so(answer, told))
            .nth(self.moment)
            .unwrap_or(refused)
    }

    /// All others that were told of this revision: nothing was to be done, or it had been.
    fn idle(&self, naive: &Naive, made: &Request, here: &[&Asked]) -> Result<usize, Mismatch> {
        let mut idle = 0;
        let mut is_made = false;
        for one in here {
            let request = &one.given.request;
            let told = one.told.as_ref().expect("it was told");
            if !is_made && request == made {
                is_made = true;
                continue;
            }
            let answer = naive.answer(one.given.now, self.project, request);
            let fits = match &answer {
                Answer::Again => request.id == made.id,
                Answer::Removed(..) => self.journal.is_none() && is_so(&answer, told),
                Answer::Nothing(..) => is_so(&answer, told),
                Answer::Done(..) | Answer::Refused(_) => false,
            };
            if !fits {
                return Err(format!(
                    "{}\nwas told {told:?}\nthe model says {answer:?}",
                    one.given
                ));
            }
            idle += 1;
        }
        Ok(idle)
    }

    /// The states in between every now and then, and the last one always.
    async fn compare(
        &self,
        revision: u64,
        last: u64,
        expected: &crate::model_based::naive::Project,
    ) -> Result<(), Mismatch> {
        const EVERY: u64 = 7;
        if self.journal.is_none() || revision != last && !revision.is_multiple_of(EVERY) {
            return Ok(());
        }
        let state = self
            .engine
            .state_at(self.project, Revision::new(revision))
            .await;
        let state = state.map_err(|error| error.to_string())?;
        same("the state", expected, &seen::project(&state))?;
        same("the figures", &figures(expected), &seen::figures(&state))
    }
}
