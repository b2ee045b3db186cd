//! What was told to all workers, and what is in the journals, told once more by the naive model: each
//! project's history from its first revision on, with every answer that was given at each of them.

use super::moments::{Moment, Moments};
use super::notes::{Asked, Told};
use super::refusals::{self, Refusals};
use crate::model_based::driver::{Mismatch, same, sort_paths};
use crate::model_based::naive::{Answer, Flaw, History, Naive, Place, Project, figures};
use crate::model_based::seen;
use holdpoint::engine::{Engine, EngineError};
use holdpoint::machine::{Command, Request};
use holdpoint::model::{CommandId, ProjectId, Revision};
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
    /// Refusals that the model agrees with.
    pub(crate) refused: usize,
}

/// A project that was replayed.
#[derive(Debug, Default)]
pub(super) struct Replayed {
    history: History,
    /// The request that deleted it.
    end: Option<Request>,
    pub(super) moments: Moments,
}

impl Replayed {
    /// What there was of it at this moment.
    pub(super) fn place(&self, moment: Moment) -> Option<Place> {
        let entries = self.history.revision();
        match &self.end {
            Some(request) if moment > entries => Some(Place::Gone(request.clone(), entries)),
            _ => (moment > 0).then(|| Place::There(self.history.until(moment))),
        }
    }
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
    one_legal_history_without(engine, asked, "REMOVED").await
}

/// The same where a project that was deleted is refused with this code.
pub(crate) async fn one_legal_history_without<S: Storage>(
    engine: &Engine<S>,
    asked: &[Asked],
    gone: &'static str,
) -> Result<Found, Mismatch> {
    let journals = journals(engine, asked).await?;
    let mut answers: BTreeMap<ProjectId, BTreeMap<u64, Vec<&Asked>>> = BTreeMap::new();
    let mut refused: BTreeMap<ProjectId, Vec<&Asked>> = BTreeMap::new();
    let mut refused_forks = Vec::new();
    for one in asked {
        match &one.told {
            Some(Told::Done { revision, .. }) => {
                let of_project = answers.entry(one.given.project).or_default();
                of_project.entry(*revision).or_default().push(one);
            }
            Some(Told::Refused { .. }) if refusals::code(one).is_none() => {}
            Some(Told::Refused { .. }) if refusals::is_fork(one) => refused_forks.push(one),
            Some(Told::Refused { .. }) => refused.entry(one.given.project).or_default().push(one),
            None => return Err(format!("nobody heard what became of {}", one.given)),
        }
    }
    refused_are_not_there(&journals, asked)?;
    let mut found = Found {
        projects: answers.len(),
        refused: refused_forks.len() + refused.values().map(Vec::len).sum::<usize>(),
        ..Found::default()
    };
    if let Some(unknown) = journals
        .keys()
        .find(|project| !answers.contains_key(*project))
    {
        return Err(format!("nobody was told of project {unknown}"));
    }
    let mut replayed: BTreeMap<ProjectId, Replayed> = BTreeMap::new();
    while replayed.len() < answers.len() {
        let ready = answers.iter().find(|(project, answers)| {
            let is_ready = source(answers).is_none_or(|source| replayed.contains_key(&source));
            !replayed.contains_key(*project) && is_ready
        });
        let (project, answers) = ready.ok_or("forks of each other")?;
        let replay = Replay {
            engine,
            project: *project,
            journal: journals.get(project),
            gone,
            replayed: &replayed,
            moments: Moments::of(answers),
        };
        let refused = refused.remove(project).unwrap_or_default();
        let one = replay.run(answers, &refused, &mut found).await;
        let one = one.map_err(|mismatch| format!("project {project}: {mismatch}"))?;
        replayed.insert(*project, one);
    }
    // What is left was asked of projects that nobody ever made.
    let moments = Moments::default();
    let left = refused.values().flatten().copied();
    let mut left = Refusals::of(left.map(|one| (one, moments.window(one))));
    left.judge(0, &Naive::new(Flaw::None));
    left.end()?;
    refusals::judge_forks(refused_forks.into_iter(), &replayed)?;
    Ok(found)
}

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
        ..
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

/// An answer that the model wouldn't give, and all others that were given at the same revision.
fn disagreement(one: &Asked, answer: &Answer, here: &[&Asked]) -> Mismatch {
    let said = match answer {
        Answer::Done(revision, said, _) => format!("revision {revision}, {said}"),
        other => format!("{other:?}"),
    };
    let all = here
        .iter()
        .map(|one| format!("{} told {:?}", one.given, one.told));
    let all: Vec<_> = all.collect();
    format!(
        "{}\nwas told {:?}\nthe model says {said}\nat that revision:\n{}",
        one.given,
        one.told,
        all.join("\n")
    )
}

/// What one project comes to.
struct Replay<'a, S: Storage> {
    engine: &'a Engine<S>,
    project: ProjectId,
    /// None: it is gone.
    journal: Option<&'a Journal>,
    /// How it is refused then.
    gone: &'static str,
    replayed: &'a BTreeMap<ProjectId, Replayed>,
    moments: Moments,
}

impl<S: Storage> Replay<'_, S> {
    async fn run(
        self,
        answers: &BTreeMap<u64, Vec<&Asked>>,
        refused: &[&Asked],
        found: &mut Found,
    ) -> Result<Replayed, Mismatch> {
        let mut naive = Naive::new(Flaw::None);
        let refused = refused.iter().copied();
        let mut refusals = Refusals::of(refused.map(|one| (one, self.moments.window(one))));
        refusals.judge(0, &naive);
        let last = match self.journal {
            Some(journal) => journal.len() as u64,
            None => answers.keys().last().copied().unwrap_or(0),
        };
        for revision in 1..=last {
            let here = answers.get(&revision);
            let here = here.ok_or_else(|| format!("nobody was told of revision {revision}"))?;
            let (one, answer) = self.entry(&naive, revision, here)?;
            found.entries += 1;
            naive.follow(self.project, &one.given.request, &answer);
            let Answer::Done(_, _, next) = answer else {
                return Err(format!("revision {revision} is no entry"));
            };
            refusals.judge(revision, &naive);
            found.idle += self.idle(&naive, &one.given.request, here)?;
            self.compare(revision, last, &next).await?;
        }
        let mut replayed = Replayed {
            history: naive.history(self.project).cloned().unwrap_or_default(),
            end: None,
            moments: Moments::default(),
        };
        if self.journal.is_none() {
            found.deleted += 1;
            let code = self.engine.project(self.project).await;
            let code = code.map_err(|error| error.code().as_str());
            same("a project that is gone", &Err(self.gone), &code.map(drop))?;
            let deletes = answers[&last].iter();
            let deletes = deletes.map(|one| &one.given.request);
            let deletes = deletes.filter(|request| request.command == Command::DeleteProject);
            let ids: BTreeMap<_, _> = deletes.map(|request| (request.id, request)).collect();
            same("the number of those who deleted it", &1, &ids.len())?;
            let end = ids.into_values().next().expect("there is one").clone();
            naive.follow(self.project, &end, &Answer::Removed(last, Value::Null));
            refusals.judge(last + 1, &naive);
            replayed.end = Some(end);
        }
        refusals.end()?;
        replayed.moments = self.moments;
        Ok(replayed)
    }

    /// The answer that led to a revision: one worker heard of its own commit there.
    fn entry<'a>(
        &self,
        naive: &Naive,
        revision: u64,
        here: &[&'a Asked],
    ) -> Result<(&'a Asked, Answer), Mismatch> {
        let made: Vec<_> = here.iter().filter(|one| one.is_made()).collect();
        let [one] = made[..] else {
            return Err(format!(
                "revision {revision} was made by {made:?} of {here:?}"
            ));
        };
        if let Some(journal) = self.journal {
            let place = usize::try_from(revision).expect("journals are short") - 1;
            same("the command", &journal[place], &one.given.request.id)?;
        }
        let told = one.told.as_ref().expect("it was told");
        let answer = self.answer(naive, one, told);
        if !matches!(answer, Answer::Done(..)) || !is_so(&answer, told) {
            return Err(disagreement(one, &answer, here));
        }
        self.is_timely(one, revision - 1)?;
        Ok((*one, answer))
    }

    /// What was decided was decided of what was there then, and of nothing older.
    fn is_timely(&self, one: &Asked, moment: Moment) -> Result<(), Mismatch> {
        let window = self.moments.window(one);
        if window.contains(&moment) {
            return Ok(());
        }
        Err(format!(
            "{}\nwas told {:?}, as it was at {moment}: its moments are {window:?}",
            one.given, one.told
        ))
    }

    /// What the model says of a command.
    fn answer(&self, naive: &Naive, one: &Asked, told: &Told) -> Answer {
        let request = &one.given.request;
        match &request.command {
            Command::ForkProject { source, .. } => self.fork(*source, one, told),
            _ => naive.answer(one.given.now, self.project, request),
        }
    }

    /// A fork was decided at some moment of its source, too. That shows in the revision that it is of,
    /// if it was to be of the latest, and in what had been removed for good by then.
    fn fork(&self, source: ProjectId, one: &Asked, told: &Told) -> Answer {
        if let Told::Done { forked, .. } = told
            && let Some(replayed) = self.replayed.get(&source)
        {
            let forked: BTreeSet<_> = forked.iter().collect();
            for moment in replayed.moments.window(one) {
                let place = replayed.place(moment);
                let mut naive = Naive::new(Flaw::None);
                naive.places.extend(place.map(|place| (source, place)));
                let answer = naive.answer(one.given.now, self.project, &one.given.request);
                if let Answer::Done(_, _, next) = &answer
                    && next.redacted.keys().eq(forked.iter().copied())
                    && is_so(&answer, told)
                {
                    return answer;
                }
            }
        }
        Answer::Refused("no moment of its source fits")
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
                return Err(disagreement(one, &answer, here));
            }
            if let Answer::Nothing(revision, _) = answer {
                self.is_timely(one, revision)?;
            }
            idle += 1;
        }
        Ok(idle)
    }

    /// The states in between every now and then, and the last one always.
    async fn compare(&self, revision: u64, last: u64, expected: &Project) -> Result<(), Mismatch> {
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
