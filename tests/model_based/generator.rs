//! Random commands, most of them sensible. What is sensible, the model is asked.

use super::choice::{Choice, DAY, MINUTE};
use super::covered::Sight;
use super::given::Given;
use super::naive::{Answer, History, Naive, Project, derived};
use super::random::Random;
use holdpoint::machine::{Command, CommandKind, Request};
use holdpoint::model::{CheckpointId, CommandId, Digest, Point, ProjectId, Revision};
use std::collections::BTreeMap;

/// 2026-01-01T12:00:00Z.
const NOON: i64 = 1_767_268_800_000;
/// So many projects are worked on at a time.
const PROJECTS: usize = 5;
/// Nobody's id.
const UNKNOWN: ProjectId = ProjectId::from_parts(1, 1);

/// How often each command is given; those that aren't named here, once.
const OFTEN: &[(CommandKind, usize)] = {
    use CommandKind as C;
    &[
        (C::CreatePlan, 4),
        (C::StartPlan, 24),
        (C::SubmitPlan, 24),
        (C::Approve, 60),
        (C::Reject, 12),
        (C::StartImplementation, 40),
        (C::RecordReview, 60),
        (C::RecordVerification, 60),
        (C::StartStep, 24),
        (C::CompleteStep, 120),
        (C::FailStep, 12),
        (C::RetryPlan, 12),
        (C::RevertPlan, 3),
        (C::MarkApplied, 4),
        (C::AddContext, 3),
        (C::TouchItems, 3),
        (C::UnpinItems, 2),
        (C::RestoreItems, 2),
        (C::FlashSave, 3),
        (C::RedactOutput, 2),
        (C::RedactBody, 2),
        (C::Pause, 2),
        (C::Resume, 12),
        (C::StartProject, 8),
        (C::CreateCheckpoint, 2),
        (C::RollbackPlan, 4),
        (C::RollbackProject, 2),
    ]
};

pub(crate) struct Generator {
    pub(crate) random: Random,
    now: i64,
    /// How many commands there were.
    count: u64,
    given: Vec<Given>,
    /// What hasn't come of a command yet.
    unseen: Vec<Sight>,
    /// How often each code was given.
    codes: BTreeMap<&'static str, u32>,
    often: Vec<CommandKind>,
}

impl Generator {
    pub(crate) fn new(random: Random) -> Self {
        let often = CommandKind::ALL.iter().flat_map(|kind| {
            let often = OFTEN.iter().find(|(often, _)| often == kind);
            vec![*kind; often.map_or(1, |(_, often)| *often)]
        });
        Self {
            random,
            now: NOON,
            count: 0,
            given: Vec::new(),
            unseen: Sight::all(),
            codes: BTreeMap::new(),
            often: often.collect(),
        }
    }

    /// One of several that give commands to the same storage: no id of its commands is another's.
    #[cfg(all(feature = "sqlite", not(target_family = "wasm")))]
    pub(crate) fn numbered(random: Random, number: u64) -> Self {
        Self {
            count: number << 32,
            ..Self::new(random)
        }
    }

    /// The next command, and what the model says of it.
    pub(crate) fn next(&mut self, naive: &Naive) -> (Given, Answer) {
        self.turn_clock();
        self.count += 1;
        let given = match self.random.below(100) {
            0..4 if !self.given.is_empty() => self.repeat(naive),
            4..24 => self.unseen(naive).unwrap_or_else(|| self.fresh(naive)),
            _ => self.fresh(naive),
        };
        self.judged(given, naive)
    }

    /// A command as the numbers have it, whatever may come of it: whoever chooses the numbers by what
    /// they led to chooses better. With what the model says of it.
    #[allow(dead_code)] // for `tests/fuzz`, which has this file too
    pub(crate) fn any(&mut self, naive: &Naive) -> (Given, Answer) {
        self.turn_clock();
        self.count += 1;
        let is_wrong = self.random.percent(15);
        let given = if !self.given.is_empty() && self.random.percent(4) {
            self.repeat(naive)
        } else {
            let kind = self.random.one(CommandKind::ALL);
            let project = self.project(naive, is_wrong);
            self.given(kind, project, naive, is_wrong)
        };
        self.judged(given, naive)
    }

    fn judged(&mut self, given: Given, naive: &Naive) -> (Given, Answer) {
        let answer = naive.answer(given.now, given.project, &given.request);
        let kind = given.request.command.kind();
        self.unseen.retain(|unseen| !unseen.is(kind, &answer));
        if let Answer::Refused(code) = &answer {
            *self.codes.entry(code).or_default() += 1;
        }
        self.given.push(given.clone());
        (given, answer)
    }

    fn turn_clock(&mut self) {
        let span = |milliseconds: u64| i64::try_from(milliseconds).expect("some days");
        self.now += match self.random.below(20) {
            0 | 1 => span(self.random.below(2 * DAY)),
            2 => -span(self.random.below(DAY)),
            3 => 0,
            _ => span(self.random.below(10 * MINUTE)),
        };
    }

    /// An earlier command once more, or another one under its id.
    fn repeat(&mut self, naive: &Naive) -> Given {
        let recent = self.given.len().saturating_sub(40);
        let mut given = match self.random.below(3) {
            0 => self.random.one(&self.given),
            _ => self.random.one(&self.given[recent..]),
        };
        given.now = self.now;
        given.engine = self.engine();
        match self.random.below(6) {
            0 => given.request.actor = "mallory".parse().expect("a name"),
            1 => {
                let kind = self.random.one(CommandKind::ALL);
                given.request.command = self.command(kind, given.project, naive, false);
            }
            _ => {}
        }
        given
    }

    fn engine(&mut self) -> usize {
        usize::from(self.random.percent(30))
    }

    /// A new command: mostly one that is done, else one that is refused.
    fn fresh(&mut self, naive: &Naive) -> Given {
        let is_wrong = self.random.percent(15);
        let mut refused: Option<(u32, Given)> = None;
        for left in (0..if is_wrong { 20 } else { 60 }).rev() {
            let kind = if is_wrong && self.random.percent(50) {
                self.random.one(CommandKind::ALL)
            } else {
                self.kind(naive)
            };
            let project = self.project(naive, is_wrong);
            let given = self.given(kind, project, naive, is_wrong);
            match naive.answer(given.now, given.project, &given.request) {
                Answer::Done(..) | Answer::Removed(..) if !is_wrong => return given,
                Answer::Nothing(..) if self.random.percent(20) => return given,
                // Of some that are refused, the one with the rarest code.
                Answer::Refused(code) if is_wrong => {
                    let seen = self.codes.get(code).copied().unwrap_or(0);
                    if refused.as_ref().is_none_or(|(least, _)| seen < *least) {
                        refused = Some((seen, given));
                    }
                    if left < 14 {
                        break;
                    }
                }
                _ if left == 0 => return given,
                _ => {}
            }
        }
        let refused = refused.map(|(_, given)| given);
        refused.unwrap_or_else(|| self.given(CommandKind::Pause, UNKNOWN, naive, true))
    }

    /// A command that comes to something that wasn't seen yet, if one is found.
    fn unseen(&mut self, naive: &Naive) -> Option<Given> {
        let unseen = self.random.pick(&self.unseen)?;
        for _ in 0..40 {
            let (kind, is_wrong) = match unseen {
                Sight::Done(kind) | Sight::Nothing(kind) => (kind, false),
                Sight::Refused(kind) => (kind, true),
                Sight::Code(_) => (self.random.one(CommandKind::ALL), true),
            };
            let project = self.project(naive, is_wrong);
            let given = self.given(kind, project, naive, is_wrong);
            let answer = naive.answer(given.now, given.project, &given.request);
            if unseen.is(kind, &answer) {
                return Some(given);
            }
        }
        None
    }

    /// Not too many projects at a time, and not too few.
    fn kind(&mut self, naive: &Naive) -> CommandKind {
        let there = naive.there().count();
        match self.random.one(&self.often) {
            _ if there == 0 => CommandKind::CreateProject,
            CommandKind::CreateProject | CommandKind::ForkProject if there > PROJECTS => {
                CommandKind::CompleteStep
            }
            CommandKind::DeleteProject if there < PROJECTS => CommandKind::CreateProject,
            kind => kind,
        }
    }

    fn project(&mut self, naive: &Naive, is_wrong: bool) -> ProjectId {
        let all: Vec<_> = naive.places.keys().copied().collect();
        let at_work: Vec<_> = naive
            .there()
            .filter(|(_, history)| !["stopped", "completed"].contains(&history.now().status))
            .map(|(id, _)| *id)
            .collect();
        let there: Vec<_> = naive.there().map(|(id, _)| *id).collect();
        let unknown = ProjectId::from_parts(1, self.random.next().into());
        let chosen = match self.random.below(20) {
            0 if is_wrong => None,
            1 | 2 if is_wrong => self.random.pick(&all),
            _ if at_work.is_empty() => self.random.pick(&there),
            3 | 4 => self.random.pick(&there),
            _ => self.random.pick(&at_work),
        };
        chosen.unwrap_or(unknown)
    }

    fn given(
        &mut self,
        kind: CommandKind,
        project: ProjectId,
        naive: &Naive,
        is_wrong: bool,
    ) -> Given {
        let time = u64::try_from(self.now).expect("after 1970");
        let id = CommandId::from_parts(time, u128::from(self.count));
        let command = self.command(kind, project, naive, is_wrong);
        let makes = command.makes_a_project() && !(is_wrong && self.random.percent(10));
        let project = if makes {
            derived(id, 0, ProjectId::from_parts)
        } else {
            project
        };
        let revision = naive.history(project).map_or(0, History::revision);
        let expected_revision = match self.random.below(20) {
            0 => Some(Revision::new(revision)),
            1 if is_wrong => Some(Revision::new(revision.saturating_sub(1))),
            _ => None,
        };
        let actor = self.random.one(&["ana", "ben", "the planner"]);
        let request = Request {
            id,
            actor: actor.parse().expect("a name"),
            expected_revision,
            command,
        };
        Given {
            now: self.now,
            engine: self.engine(),
            project,
            request,
        }
    }

    fn command(
        &mut self,
        kind: CommandKind,
        project: ProjectId,
        naive: &Naive,
        is_wrong: bool,
    ) -> Command {
        let state = naive.history(project).map(History::now);
        let mut choice = Choice {
            random: &mut self.random,
            state,
            is_wrong,
            now: self.now,
        };
        match kind {
            CommandKind::ForkProject => {
                let others: Vec<_> = naive.places.keys().copied().collect();
                let source = choice.pick_or(&others, |n| ProjectId::from_parts(1, n));
                let history = naive.history(source);
                let revisions = history.map_or(1, History::revision);
                let now = history.map(|history| history.now().checkpoints.keys().copied());
                let checkpoints: Vec<_> = now.into_iter().flatten().collect();
                let at = match choice.random.below(3) {
                    0 => Point::Now,
                    1 => {
                        let beyond = if is_wrong { 9 } else { 0 };
                        let revision = 1 + choice.random.below(revisions + beyond);
                        Point::Revision(Revision::new(revision))
                    }
                    _ => Point::Checkpoint(
                        choice.pick_or(&checkpoints, |n| CheckpointId::from_parts(1, n)),
                    ),
                };
                let name = choice.random.percent(50).then(|| choice.name());
                Command::ForkProject { source, at, name }
            }
            CommandKind::RollbackPlan => {
                let revisions = naive.history(project).map_or(1, History::revision);
                let plan = choice.plan();
                let beyond = if is_wrong { 9 } else { 0 };
                let before = 1 + choice.random.below(revisions + beyond);
                let before = choice.random.percent(25).then(|| Revision::new(before));
                let checkpoint = before.is_none() || is_wrong && choice.random.percent(10);
                let checkpoint = checkpoint && choice.random.percent(60);
                let checkpoint = checkpoint.then(|| choice.checkpoint());
                let reason = choice.reason();
                Command::RollbackPlan {
                    plan,
                    checkpoint,
                    before,
                    reason,
                }
            }
            // Of any revision: it may have left the state since.
            CommandKind::RedactBody => {
                let states = naive.history(project).map(|history| &history.states);
                let then = states.and_then(|states| {
                    let place = choice.random.below(states.len() as u64);
                    states.get(usize::try_from(place).expect("journals are short"))
                });
                let bodies: Vec<_> = then.into_iter().flat_map(Project::bodies).collect();
                let digest = choice.pick_or(&bodies, |n| Digest::of(&n.to_be_bytes()));
                let reason = choice.reason();
                Command::RedactBody { digest, reason }
            }
            kind => choice.command(kind),
        }
    }
}
