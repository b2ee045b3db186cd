//! A naive model of projects, written from the design and not from the machine: plain maps and
//! lists, a whole copy of the state for each revision, figures counted anew whenever they are
//! asked for. It says what has to come of each command, to the last field.

mod back;
mod context;
mod plans;
mod projects;
mod retention;
mod steps;
mod table;

use holdpoint::machine::{Command, Request};
use holdpoint::model::{
    CheckpointId, CommandId, Digest, Hasher, ItemId, Name, PlanId, ProjectId, Revision, StepId,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) use context::figures;

/// Milliseconds since 1970.
pub(crate) type Time = i64;

/// A project as it is after one of its entries.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Project {
    pub(crate) name: String,
    pub(crate) status: &'static str,
    pub(crate) token_limit: u64,
    pub(crate) flash_save: &'static str,
    /// Of each plan, of the project.
    pub(crate) retention: [u32; 2],
    pub(crate) origin: Option<(ProjectId, u64)>,
    pub(crate) pause: Option<Pause>,
    pub(crate) created_at: Time,
    pub(crate) created_by: String,
    pub(crate) updated_at: Time,
    /// Plans, items and checkpoints that there ever were.
    pub(crate) numbers: [u64; 3],
    pub(crate) plans: BTreeMap<PlanId, Plan>,
    pub(crate) departed: BTreeMap<PlanId, Departed>,
    pub(crate) redacted: BTreeMap<Digest, (Time, String, Option<String>)>,
    /// The agents' limits.
    pub(crate) agents: BTreeMap<String, u64>,
    pub(crate) items: BTreeMap<ItemId, Item>,
    pub(crate) checkpoints: BTreeMap<CheckpointId, Checkpoint>,
}

impl Project {
    /// The bodies of its items, what its steps work on and came to, and its plans' long texts.
    pub(crate) fn bodies(&self) -> impl Iterator<Item = Digest> {
        let of_items = self.items.values().map(|item| item.body);
        let steps = self.plans.values().flat_map(|plan| &plan.steps);
        let of_steps = steps.flat_map(|step| [step.input, step.output]).flatten();
        let texts = self.plans.values().flat_map(Plan::texts);
        let of_texts = texts.filter_map(|text| text.body);
        of_items.chain(of_steps).chain(of_texts)
    }
}

/// A text that may be long.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Words {
    /// How it begins.
    pub(crate) start: String,
    /// Where all of it is, if it is so long that it lives in the blob store.
    pub(crate) body: Option<Digest>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pause {
    pub(crate) from: &'static str,
    pub(crate) by: String,
    /// As it was given back, but for `success` and `already_paused`.
    pub(crate) report: Value,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan {
    pub(crate) number: u64,
    pub(crate) request: Words,
    /// Plan, implementation, review, verification.
    pub(crate) gates: [bool; 4],
    pub(crate) max_reversions: u32,
    pub(crate) max_attempts: u32,
    pub(crate) interval: u32,
    pub(crate) guards: Guards,
    pub(crate) last_checkpoint: Option<CheckpointId>,
    pub(crate) applied_at: Option<Time>,
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) progress: Progress,
    pub(crate) steps: Vec<Step>,
    pub(crate) created_at: Time,
    pub(crate) created_by: String,
    pub(crate) updated_at: Time,
}

impl Plan {
    fn texts(&self) -> impl Iterator<Item = &Words> {
        let submitted = self.progress.submitted.iter().map(|(text, ..)| text);
        let failure = self.progress.failure.iter().map(|failure| &failure.error);
        let notes = self
            .verdicts
            .iter()
            .filter_map(|verdict| verdict.notes.as_ref());
        let errors = self.steps.iter().filter_map(|step| step.error.as_ref());
        let request = std::iter::once(&self.request);
        request
            .chain(submitted)
            .chain(failure)
            .chain(notes)
            .chain(errors)
    }
}

/// What never goes down.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Guards {
    pub(crate) reversions: u32,
    pub(crate) retries: u32,
    pub(crate) last_attempt: u64,
    pub(crate) last_submission: u64,
}

/// What goes back with a rollback.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Progress {
    pub(crate) state: &'static str,
    pub(crate) last_completed_step: i64,
    pub(crate) submission: Option<u64>,
    pub(crate) submitted: Option<(Words, Time, String)>,
    pub(crate) failure: Option<Failure>,
    pub(crate) cancelled_from: Option<&'static str>,
    pub(crate) cancel_reason: Option<String>,
    pub(crate) completed_at: Option<Time>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure {
    pub(crate) state: &'static str,
    pub(crate) error: Words,
    pub(crate) step: Option<u32>,
    pub(crate) at: Time,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) submission: u64,
    pub(crate) gate: &'static str,
    pub(crate) passed: bool,
    pub(crate) reason: Option<String>,
    pub(crate) notes: Option<Words>,
    pub(crate) by: String,
    pub(crate) at: Time,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Step {
    pub(crate) id: StepId,
    pub(crate) title: String,
    pub(crate) input: Option<Digest>,
    pub(crate) state: &'static str,
    pub(crate) attempt: Option<u64>,
    pub(crate) failures: u32,
    pub(crate) output: Option<Digest>,
    pub(crate) error: Option<Words>,
    pub(crate) started_at: Option<Time>,
    pub(crate) ended_at: Option<Time>,
}

/// What stays of a plan that a rollback took away.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Departed {
    pub(crate) guards: Guards,
    pub(crate) state: &'static str,
    pub(crate) last_completed_step: i64,
    pub(crate) last_checkpoint: Option<CheckpointId>,
    pub(crate) verdicts: Vec<Verdict>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Item {
    pub(crate) number: u64,
    pub(crate) agent: String,
    pub(crate) plan: Option<PlanId>,
    pub(crate) kind: String,
    pub(crate) body: Digest,
    pub(crate) tokens: u64,
    pub(crate) estimated: bool,
    pub(crate) created_at: Time,
    pub(crate) last_accessed: Option<Time>,
    pub(crate) access_count: u64,
    pub(crate) pinned: bool,
    pub(crate) archived: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Checkpoint {
    pub(crate) number: u64,
    pub(crate) plan: Option<PlanId>,
    pub(crate) revision: u64,
    pub(crate) trigger: &'static str,
    pub(crate) safety: bool,
    pub(crate) phase: Option<String>,
    pub(crate) name: String,
    pub(crate) reason: Option<String>,
    pub(crate) pinned: bool,
    pub(crate) at: Time,
    pub(crate) by: String,
    /// Completed plans, plans, agents with active context, active items, their tokens.
    pub(crate) figures: [u64; 5],
}

/// What has to come of a command.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// Refused, with this code.
    Refused(&'static str),
    /// No new entry: all is so already, at this revision.
    Nothing(u64, Value),
    /// What the same command was answered before.
    Again,
    /// A new entry of this revision, which leads to this state.
    Done(u64, Value, Box<Project>),
    /// The project is gone; this was its last revision.
    Removed(u64, Value),
}

/// A rule that the model has wrong, to see that the check can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    /// A revert doesn't count as a reversion.
    FreeReverts,
    /// Pausing a paused project is refused.
    NoSecondPause,
}

/// All projects that there are and were.
#[derive(Debug, Clone)]
pub(crate) struct Naive {
    pub(crate) places: BTreeMap<ProjectId, Place>,
    pub(crate) flaw: Flaw,
}

#[derive(Debug, Clone)]
pub(crate) enum Place {
    There(History),
    /// Deleted by this request, at this revision.
    Gone(Request, u64),
}

/// A state for each revision, and what led there.
#[derive(Debug, Clone, Default)]
pub(crate) struct History {
    pub(crate) states: Vec<Project>,
    requests: BTreeMap<CommandId, Request>,
}

impl History {
    /// One of which only the states are known.
    #[cfg(all(feature = "sqlite", not(target_family = "wasm")))]
    pub(crate) fn of(states: Vec<Project>) -> Self {
        let requests = BTreeMap::new();
        Self { states, requests }
    }

    /// What it was when it had so many revisions. Its requests are those of later, too.
    #[cfg(all(feature = "sqlite", not(target_family = "wasm")))]
    pub(crate) fn until(&self, revision: u64) -> Self {
        let revision = usize::try_from(revision).expect("journals are short");
        Self {
            states: self.states[..revision].to_vec(),
            requests: self.requests.clone(),
        }
    }

    pub(crate) fn now(&self) -> &Project {
        self.states.last().expect("a history begins with an entry")
    }

    pub(crate) fn revision(&self) -> u64 {
        self.states.len() as u64
    }
}

/// How a command ends that is not refused: with an entry, or without.
enum Said {
    Entry(Value),
    Nothing(Value),
    Remove,
}

/// What a command comes to, or the code that it is refused with.
type Comes = Result<Said, &'static str>;

/// A command under way.
struct Act<'a> {
    naive: &'a Naive,
    /// The states of the project's revisions, from the first on.
    past: &'a [Project],
    next: Project,
    now: Time,
    by: String,
    command: CommandId,
    ids: u32,
    /// That of the entry, if there will be one.
    revision: u64,
}

impl Naive {
    pub(crate) fn new(flaw: Flaw) -> Self {
        let places = BTreeMap::new();
        Self { places, flaw }
    }

    /// The projects that are there.
    pub(crate) fn there(&self) -> impl Iterator<Item = (&ProjectId, &History)> {
        self.places.iter().filter_map(|(id, place)| match place {
            Place::There(history) => Some((id, history)),
            Place::Gone(..) => None,
        })
    }

    pub(crate) fn history(&self, project: ProjectId) -> Option<&History> {
        match self.places.get(&project) {
            Some(Place::There(history)) => Some(history),
            _ => None,
        }
    }

    /// What has to come of a request. Changes nothing.
    pub(crate) fn answer(&self, now: Time, project: ProjectId, request: &Request) -> Answer {
        let makes = request.command.makes_a_project();
        if makes && project != derived(request.id, 0, ProjectId::from_parts) {
            return Answer::Refused("INVALID_INPUT");
        }
        let past: &[Project] = match self.places.get(&project) {
            None if !makes => return Answer::Refused("PROJECT_NOT_FOUND"),
            None => &[],
            Some(Place::Gone(by, revision)) if by == request => {
                return Answer::Nothing(*revision, json!({ "type": "project_deleted" }));
            }
            Some(Place::Gone(by, _)) if by.id == request.id => {
                return Answer::Refused("COMMAND_ID_REUSED");
            }
            Some(Place::Gone(..)) => return Answer::Refused("REMOVED"),
            Some(Place::There(history)) => match history.requests.get(&request.id) {
                Some(earlier) if earlier == request => return Answer::Again,
                Some(_) => return Answer::Refused("COMMAND_ID_REUSED"),
                None => &history.states,
            },
        };
        let revision = past.len() as u64;
        if (request.expected_revision).is_some_and(|expected| expected.get() != revision) {
            return Answer::Refused("CHANGED");
        }
        if let Some(before) = past.last()
            && let Some(code) = table::forbidden(before.status, &request.command)
        {
            return Answer::Refused(code);
        }
        let by = request.actor.to_string();
        let mut act = Act {
            naive: self,
            past,
            next: past
                .last()
                .cloned()
                .unwrap_or_else(|| projects::blank(now, &by)),
            now,
            by,
            command: request.id,
            ids: 0,
            revision: revision + 1,
        };
        match act.run(project, &request.command) {
            Err(code) => Answer::Refused(code),
            Ok(Said::Nothing(outcome)) => Answer::Nothing(revision, outcome),
            Ok(Said::Remove) => Answer::Removed(revision, json!({ "type": "project_deleted" })),
            Ok(Said::Entry(outcome)) => {
                act.retain_by_itself(&outcome);
                act.next.updated_at = now;
                Answer::Done(revision + 1, outcome, Box::new(act.next))
            }
        }
    }

    /// Makes it so.
    pub(crate) fn follow(&mut self, project: ProjectId, request: &Request, answer: &Answer) {
        match answer {
            Answer::Done(_, _, next) => {
                let place = self.places.entry(project);
                let place = place.or_insert_with(|| Place::There(History::default()));
                if let Place::There(history) = place {
                    history.states.push((**next).clone());
                    history.requests.insert(request.id, request.clone());
                }
            }
            Answer::Removed(revision, _) => {
                let gone = Place::Gone(request.clone(), *revision);
                self.places.insert(project, gone);
            }
            Answer::Refused(_) | Answer::Nothing(..) | Answer::Again => {}
        }
    }
}

impl Act<'_> {
    fn run(&mut self, project: ProjectId, command: &Command) -> Comes {
        match command {
            Command::CreateProject {
                name,
                status,
                settings,
                plan,
            } => self.create_project(name.as_str(), *status, settings, plan.as_deref()),
            Command::ForkProject { source, at, name } => {
                self.fork(project, *source, *at, name.as_ref())
            }
            Command::PlanProject => self.change_status("planning", &["init"]),
            Command::StartProject => self.change_status("active", &["init", "planning", "stopped"]),
            Command::StopProject { .. } => {
                self.change_status("stopped", &["planning", "active", "paused"])
            }
            Command::CompleteProject => self.complete_project(),
            Command::RenameProject { name } => {
                self.next.name = name.to_string();
                entry(json!({ "type": "project_renamed", "name": name.as_str() }))
            }
            Command::DeleteProject => Ok(Said::Remove),
            Command::Pause { reason } => self.pause(reason.as_ref().map(ToString::to_string)),
            Command::Resume { checkpoint } => self.resume(*checkpoint),
            Command::CreatePlan { plan } => {
                let plan = self.new_plan(plan)?;
                entry(json!({ "type": "plan_created", "plan": plan }))
            }
            Command::SetAgent { agent, token_limit } => {
                self.set_agent(agent.as_str(), *token_limit)
            }
            Command::AddContext { items } if items.is_empty() => Err("INVALID_INPUT"),
            Command::AddContext { items } => {
                let items = self.add_items(items, None)?;
                entry(json!({ "type": "context_added", "items": items }))
            }
            Command::TouchItems { items } => self.touch(items),
            Command::PinItems { items } => self.pin(items, true),
            Command::UnpinItems { items } => self.pin(items, false),
            Command::ArchiveItems { items } => self.archive(items),
            Command::RestoreItems { items } => self.restore(items),
            Command::FlashSave { agent, force } => {
                self.flash_save(agent.as_ref().map(Name::as_str), *force)
            }
            Command::RedactItem { item, reason } => {
                let body = self.next.items.get(item).ok_or("ITEM_NOT_FOUND")?.body;
                self.redact(body, reason.as_ref())
            }
            Command::RedactOutput { plan, step, reason } => {
                let step = (self.plan(*plan)?.steps.get(*step as usize)).ok_or("STEP_NOT_FOUND")?;
                let output = step.output.ok_or("NOTHING_TO_REDACT")?;
                self.redact(output, reason.as_ref())
            }
            // Whatever a state ever had is there until it is removed.
            Command::RedactBody { digest, reason } => {
                let mut bodies = self.past.iter().flat_map(Project::bodies);
                let is_there = bodies.any(|body| body == *digest);
                if !is_there && !self.next.redacted.contains_key(digest) {
                    return Err("BODY_NOT_FOUND");
                }
                self.redact(*digest, reason.as_ref())
            }
            Command::CreateCheckpoint { checkpoint } => self.create_checkpoint(checkpoint),
            Command::PinCheckpoint { checkpoint, pinned } => self.keep(*checkpoint, *pinned),
            Command::SetRetention { policy } => self.set_retention(*policy),
            Command::ApplyRetention { policy } => self.apply_retention(*policy),
            Command::RollbackPlan {
                plan,
                checkpoint,
                before,
                reason,
            } => {
                let reason = reason.as_ref().map(ToString::to_string);
                let before = before.map(Revision::get);
                let report = self.rollback_plan(*plan, *checkpoint, before, reason)?;
                entry(with_type("rolled_back", report))
            }
            Command::RollbackProject { checkpoint, reason } => {
                let reason = reason.as_ref().map(ToString::to_string);
                let report = self.rollback_project(*checkpoint, reason)?;
                entry(with_type("rolled_back", report))
            }
            of_plan => self.run_on_plan(of_plan),
        }
    }

    /// The state before the command.
    fn before(&self) -> &Project {
        self.past
            .last()
            .expect("a project that is there has an entry")
    }

    fn plan(&self, id: PlanId) -> Result<&Plan, &'static str> {
        self.next.plans.get(&id).ok_or("PLAN_NOT_FOUND")
    }

    /// The next id that the command makes.
    fn id<T>(&mut self, of_parts: fn(u64, u128) -> T) -> T {
        self.ids += 1;
        derived(self.command, self.ids, of_parts)
    }
}

#[allow(clippy::unnecessary_wraps)] // so that it can be what a command ends with
fn entry(outcome: Value) -> Comes {
    Ok(Said::Entry(outcome))
}

#[allow(clippy::unnecessary_wraps)] // as above
fn nothing(outcome: Value) -> Comes {
    Ok(Said::Nothing(outcome))
}

fn with_type(kind: &str, mut value: Value) -> Value {
    value["type"] = kind.into();
    value
}

/// The n-th id that a command makes: the command's time, then 80 bits of a BLAKE3 of tag, id and n.
pub(crate) fn derived<T>(command: CommandId, n: u32, of_parts: fn(u64, u128) -> T) -> T {
    let ulid = ulid::Ulid::from_string(&command.to_string()).expect("ids are ULIDs");
    let mut hasher = Hasher::tagged("holdpoint/id/1");
    hasher.update(&ulid.to_bytes()).update(&n.to_be_bytes());
    let random = hasher.finish().as_bytes()[..10]
        .iter()
        .fold(0, |random, byte| random << 8 | u128::from(*byte));
    of_parts(ulid.timestamp_ms(), random)
}
