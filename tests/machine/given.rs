//! `Given` a project made by commands, `when` a command comes, `Then` …
//!
//! Command ids and times are fixed. Whatever a test is about, each command is also checked for
//! what must always hold: a refusal changes nothing, asking twice gives the same answer, the
//! entry comes back from its seal and leads to the state that the decision promised, every
//! entry has an outcome, and the running figures are right.

use super::commands::{
    add_context, create_gated_plan, create_plan, create_project_with, start_plan, start_step,
};
use super::{commands, recount};
use holdpoint::journal::{Chain, Entry, Sealed};
use holdpoint::machine::{
    Command, Decision, EntryContext, Env, Event, InitialStatus, NewItem, Outcome, PauseReport,
    Rejection, Request, RollbackReport, Source, StepDone, StepStarted, decide,
};
use holdpoint::model::{
    Agent, Blob, CheckpointId, CommandId, CountTokens, Digest, EstimateTokens, Gates, InvalidInput,
    ItemId, Name, Plan, PlanId, PlanState, Point, Project, ProjectId, ProjectSettings, Revision,
    Timestamp, TokenCount,
};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Counts as many tokens as the body says: `120 tokens` has 120, `~120 tokens` has 120 by
/// estimate. What says nothing is estimated as usual.
pub(crate) struct SaidTokens;

impl CountTokens for SaidTokens {
    fn count(&self, text: &str) -> Result<TokenCount, InvalidInput> {
        let estimated = text.starts_with('~');
        let said = text
            .trim_start_matches('~')
            .split(' ')
            .next()
            .and_then(|word| word.parse().ok());
        said.map_or_else(
            || EstimateTokens.count(text),
            |tokens| Ok(TokenCount { tokens, estimated }),
        )
    }
}

/// A project with its whole past.
#[derive(Clone)]
pub(crate) struct Given {
    /// The states by revision, from the one before the first entry.
    states: Vec<Arc<Project>>,
    chain: Chain,
    pub(crate) journal: Vec<Sealed>,
    pub(crate) now: Timestamp,
    commands: u64,
    /// What the storage would have, but for what a fork brings.
    bodies: BTreeSet<Digest>,
    /// The project that a fork is made of.
    pub(crate) source: Option<Arc<Given>>,
}

/// What a command came to.
pub(crate) struct Answer {
    pub(crate) outcome: Outcome,
    pub(crate) events: Vec<Event>,
    pub(crate) blobs: Vec<Blob>,
    /// Whether there is a new entry.
    pub(crate) is_new: bool,
}

/// What a command came to, or why it was refused.
pub(crate) struct Then(pub(crate) Result<Answer, Rejection>);

pub(crate) fn project_id() -> ProjectId {
    ProjectId::from_parts(1_763_640_000_000, 1)
}

/// A command from its JSON, with `type` where it is written: first. A `Value` forgets the order.
pub(crate) fn command(mut json: serde_json::Value) -> serde_json::Result<Command> {
    let tag = json["type"].take();
    let fields = json.as_object_mut().expect("a command is an object");
    fields.remove("type");
    let rest = serde_json::to_string(fields)?;
    let separator = if fields.is_empty() { "" } else { "," };
    serde_json::from_str(&format!("{{\"type\":{tag}{separator}{}", &rest[1..]))
}

pub(crate) fn noon() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

pub(crate) fn days_before(days: i64, time: Timestamp) -> Timestamp {
    time.plus_milliseconds(-days * 86_400_000)
}

impl Given {
    /// No project yet.
    pub(crate) fn nothing() -> Self {
        Self::nothing_of(project_id())
    }

    /// No project of this id yet.
    pub(crate) fn nothing_of(id: ProjectId) -> Self {
        Self {
            states: vec![Arc::new(Project::before_creation(id))],
            chain: Chain::start(id),
            journal: Vec::new(),
            now: noon(),
            commands: 0,
            bodies: BTreeSet::new(),
            source: None,
        }
    }

    /// A project that was created active, at noon, with default settings.
    pub(crate) fn project() -> Self {
        Self::project_with(ProjectSettings::default())
    }

    pub(crate) fn project_with(settings: ProjectSettings) -> Self {
        let mut given = Self::nothing();
        given.done(create_project_with(InitialStatus::Active, settings));
        given
    }

    /// A project of another id than all others here.
    pub(crate) fn elsewhere() -> Self {
        let mut given = Self::nothing_of(ProjectId::from_parts(1_763_640_000_000, 2));
        given.done(commands::create_project(InitialStatus::Active));
        given
    }

    /// A project that was created in this status.
    pub(crate) fn project_in(status: InitialStatus) -> Self {
        let mut given = Self::nothing();
        given.done(commands::create_project(status));
        given
    }

    pub(crate) fn state(&self) -> &Project {
        self.states.last().unwrap()
    }

    pub(crate) fn state_at(&self, revision: Revision) -> &Arc<Project> {
        &self.states[usize::try_from(revision.get()).unwrap()]
    }

    /// This project for one that is forked from it.
    pub(crate) fn as_source(&self, at: Point) -> Source {
        let now = self.state();
        let revision = match at {
            Point::Now => now.revision,
            Point::Revision(revision) => revision,
            Point::Checkpoint(checkpoint) => now.checkpoints[&checkpoint].revision,
        };
        let state = Project {
            redacted: now.redacted.clone(),
            ..(**self.state_at(revision)).clone()
        };
        let entry = usize::try_from(revision.get()).unwrap() - 1;
        Source {
            state: Arc::new(state),
            digest: self.journal[entry].digest,
        }
    }

    pub(crate) fn revision(&self) -> Revision {
        self.state().revision
    }

    pub(crate) fn plan(&self, plan: PlanId) -> &Plan {
        &self.state().plans[&plan]
    }

    pub(crate) fn agent(&self, name: &str) -> &Agent {
        &self.state().agents[&name.parse::<Name>().unwrap()]
    }

    pub(crate) fn plan_state(&self, plan: PlanId) -> PlanState {
        self.plan(plan).progress.state
    }

    /// The request with a new id, as `ana` gives it.
    pub(crate) fn request(&mut self, command: Command) -> Request {
        self.commands += 1;
        Request {
            id: CommandId::from_parts(1_763_640_000_000 + self.commands, self.commands.into()),
            actor: "ana".parse().unwrap(),
            expected_revision: None,
            command,
        }
    }

    pub(crate) fn when(&mut self, command: Command) -> Then {
        let request = self.request(command);
        self.when_requested(&request)
    }

    pub(crate) fn when_requested(&mut self, request: &Request) -> Then {
        let text = serde_json::to_string(&request.command).expect("commands can be written");
        assert_eq!(
            serde_json::from_str::<Command>(&text).ok().as_ref(),
            Some(&request.command),
            "a command comes back from its JSON form"
        );
        let before = self.state().clone();
        let decision = self.decide(request);
        assert_eq!(*self.state(), before, "a decision changes nothing");
        let decision = match decision {
            Ok(decision) => decision,
            Err(rejection) => return Then(Err(rejection)),
        };
        Then(Ok(match decision {
            Decision::Commit {
                events,
                blobs,
                next,
            } => {
                let brought: BTreeSet<_> = blobs.iter().map(Blob::reference).collect();
                // A fork's are brought by the engine; one that was removed for good stays away.
                let is_brought = |event: &&Event| !matches!(event, Event::ProjectForked(_));
                let named: BTreeSet<_> = events
                    .iter()
                    .filter(is_brought)
                    .flat_map(Event::bodies)
                    .filter(|body| !before.redacted.contains_key(&body.digest))
                    .collect();
                assert_eq!(
                    brought, named,
                    "an entry comes with the bodies that it names"
                );
                self.append(request, &events, Some(&next));
                self.bodies.extend(blobs.iter().map(Blob::digest));
                for digest in events.iter().filter_map(Event::redacted) {
                    self.bodies.remove(&digest);
                }
                let outcome = Outcome::of(&events).expect("every entry has an outcome");
                Answer {
                    outcome,
                    events,
                    blobs,
                    is_new: true,
                }
            }
            Decision::Nothing(outcome) => Answer {
                outcome: *outcome,
                events: vec![],
                blobs: vec![],
                is_new: false,
            },
            Decision::Remove => {
                let outcome = Outcome::ProjectDeleted;
                Answer {
                    outcome,
                    events: vec![],
                    blobs: vec![],
                    is_new: false,
                }
            }
            Decision::Needs(revision) => unreachable!("revision {revision} was handed in"),
            Decision::NeedsSource { source, .. } => unreachable!("{source} was handed in"),
            Decision::NeedsBody(digest) => unreachable!("body {digest} was handed in"),
        }))
    }

    /// What the command would lead to. It gets the past that it asks for, and is asked twice.
    pub(crate) fn decide(&self, request: &Request) -> Result<Decision, Rejection> {
        let decided = self.decide_once(request);
        match (&decided, self.decide_once(request)) {
            (Err(first), Err(again)) => assert_eq!(*first, again),
            (Ok(first), Ok(again)) => assert_same(first, &again),
            (first, again) => panic!("{first:?}, then {again:?}"),
        }
        decided
    }

    fn decide_once(&self, request: &Request) -> Result<Decision, Rejection> {
        let mut env = Env::new(self.now, &SaidTokens);
        loop {
            match decide(self.state(), request, &env)? {
                Decision::Needs(revision) => {
                    let past = Arc::clone(self.state_at(revision));
                    let asked = env.past.insert(revision, past);
                    assert!(asked.is_none(), "revision {revision} was there already");
                }
                Decision::NeedsSource { source, at } => {
                    let given = self.source.as_ref().expect("a project to fork from");
                    assert_eq!(given.state().id, source);
                    assert!(env.source.is_none(), "{source} was there already");
                    env.source = Some(given.as_source(at));
                }
                Decision::NeedsBody(digest) => {
                    let is_there = self.bodies.contains(&digest);
                    let asked = env.bodies.insert(digest, is_there);
                    assert!(asked.is_none(), "body {digest} was there already");
                }
                decision => return Ok(decision),
            }
        }
    }

    /// What a command would come to, without its coming to it.
    pub(crate) fn preview(&mut self, command: Command) -> Result<Outcome, Rejection> {
        let request = self.request(command);
        self.decide(&request).map(|decision| match decision {
            Decision::Commit { events, .. } => Outcome::of(&events).unwrap(),
            other => panic!("{other:?} is no commit"),
        })
    }

    /// Puts events into the journal that no command leads to.
    pub(crate) fn force(&mut self, events: &[Event]) {
        let request = self.request(commands::rename("forced"));
        self.append(&request, events, None);
    }

    fn append(&mut self, request: &Request, events: &[Event], promised: Option<&Project>) {
        let revision = self.revision().next();
        let context = EntryContext {
            revision,
            at: self.now,
            actor: request.actor.clone(),
        };
        let prev = self.chain.head().map_or(Digest::ZERO, |head| head.digest);
        let entry = Entry::new(context, request.stamp(), events.to_vec());
        let sealed = entry.seal(prev).expect("it can be stored");
        assert_eq!(self.chain.follow(&sealed).as_ref(), Ok(&entry));
        let state = self.chain.project();
        if let Some(promised) = promised {
            let mut promised = promised.clone();
            sealed.count_into(&mut promised);
            assert_eq!(
                *state, promised,
                "the entry leads to the state that was decided on"
            );
        }
        recount::check(state);
        self.states.push(Arc::new(state.clone()));
        self.journal.push(sealed);
        self.now = self.now.plus_milliseconds(1000);
    }

    // --- shorthands: the command has to lead to a new entry ---------------------------------

    pub(crate) fn done(&mut self, command: Command) -> Outcome {
        self.when(command).outcome()
    }

    /// The code of a command that has to be refused.
    pub(crate) fn refused(&mut self, command: Command) -> &'static str {
        self.when(command).refusal().code().as_str()
    }

    /// A plan of so many steps that was started.
    pub(crate) fn started_plan(&mut self, steps: usize) -> PlanId {
        let plan = self.created(create_plan(steps));
        self.done(start_plan(plan));
        plan
    }

    /// The same of one that waits at these gates.
    pub(crate) fn started_gated_plan(&mut self, steps: usize, gates: Gates) -> PlanId {
        let plan = self.created(create_gated_plan(steps, gates));
        self.done(start_plan(plan));
        plan
    }

    /// The number of the submission that waits.
    pub(crate) fn submission(&self, plan: PlanId) -> u64 {
        let waiting = self.plan(plan).progress.submission;
        waiting.expect("a plan that waits for a decision")
    }

    pub(crate) fn created(&mut self, command: Command) -> PlanId {
        match self.done(command) {
            Outcome::PlanCreated { plan } => plan,
            other => panic!("{other:?} is no new plan"),
        }
    }

    pub(crate) fn step_started(&mut self, plan: PlanId) -> StepStarted {
        match self.done(start_step(plan)) {
            Outcome::StepStarted(started) => started,
            other => panic!("{other:?} is no attempt"),
        }
    }

    /// The number of a new attempt.
    pub(crate) fn attempt(&mut self, plan: PlanId) -> u64 {
        self.step_started(plan).attempt
    }

    /// Starts and completes the next step.
    pub(crate) fn step_done(&mut self, plan: PlanId) -> StepDone {
        let attempt = self.attempt(plan);
        match self.done(commands::complete_step(plan, attempt)) {
            Outcome::StepCompleted(done) => done,
            other => panic!("{other:?} is no completed step"),
        }
    }

    /// Starts and completes so many steps.
    pub(crate) fn steps_done(&mut self, plan: PlanId, steps: usize) {
        for _ in 0..steps {
            self.step_done(plan);
        }
    }

    pub(crate) fn checkpoint(
        &mut self,
        name: &str,
        plan: impl Into<Option<PlanId>>,
    ) -> CheckpointId {
        match self.done(commands::checkpoint(name, plan)) {
            Outcome::CheckpointCreated { checkpoint } => checkpoint,
            other => panic!("{other:?} is no checkpoint"),
        }
    }

    pub(crate) fn added(&mut self, items: Vec<NewItem>) -> Vec<ItemId> {
        match self.done(add_context(items)) {
            Outcome::ContextAdded(added) => added.items,
            other => panic!("{other:?} is no context"),
        }
    }

    pub(crate) fn paused(&mut self) -> PauseReport {
        self.when(commands::pause()).pause_report()
    }

    pub(crate) fn rolled_back(&mut self, command: Command) -> RollbackReport {
        self.when(command).rollback_report()
    }
}

/// Two decisions that are the same.
pub(crate) fn assert_same(one: &Decision, other: &Decision) {
    match (one, other) {
        (
            Decision::Commit {
                events,
                blobs,
                next,
            },
            Decision::Commit {
                events: other_events,
                blobs: other_blobs,
                next: other_next,
            },
        ) => {
            assert_eq!(events, other_events);
            assert_eq!(blobs, other_blobs);
            assert_eq!(next, other_next);
        }
        (Decision::Nothing(outcome), Decision::Nothing(other)) => assert_eq!(outcome, other),
        (Decision::Remove, Decision::Remove) => {}
        _ => panic!("{one:?} and {other:?} are not the same"),
    }
}

impl Then {
    /// The answer of a command that led to a new entry.
    pub(crate) fn answer(self) -> Answer {
        let answer = self
            .0
            .unwrap_or_else(|rejection| panic!("refused: {rejection}"));
        assert!(answer.is_new, "no entry: {:?}", answer.outcome);
        answer
    }

    pub(crate) fn outcome(self) -> Outcome {
        self.answer().outcome
    }

    /// The outcome of a command that found all as it wants it.
    pub(crate) fn nothing(self) -> Outcome {
        let answer = self
            .0
            .unwrap_or_else(|rejection| panic!("refused: {rejection}"));
        assert!(!answer.is_new, "an entry: {:?}", answer.events);
        answer.outcome
    }

    pub(crate) fn refusal(self) -> Rejection {
        match self.0 {
            Ok(answer) => panic!("not refused: {:?}", answer.outcome),
            Err(rejection) => rejection,
        }
    }

    pub(crate) fn pause_report(self) -> PauseReport {
        match self.outcome() {
            Outcome::Paused(report) => report,
            other => panic!("{other:?} is no pause"),
        }
    }

    pub(crate) fn rollback_report(self) -> RollbackReport {
        match self.outcome() {
            Outcome::RolledBack(report) => report,
            other => panic!("{other:?} is no rollback"),
        }
    }
}
