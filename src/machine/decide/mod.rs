//! What a command leads to.

mod checkpoint;
mod context;
mod flash_save;
mod fork;
mod pause;
mod plan;
mod project;
mod redact;
mod retention;
mod rollback;
mod step;
mod verdict;

pub(super) use flash_save::reduction;

use self::rollback::Target;
use self::verdict::Findings;
use super::draft::Draft;
use super::transitions::check_permission;
use super::{Command, Env, Event, Outcome, Rejection, Request};
use crate::model::{
    Blob, Checkpoint, CheckpointId, Digest, Item, ItemId, Plan, PlanId, Point, Project, ProjectId,
    Revision,
};
use std::sync::Arc;

/// What a command leads to, if nothing speaks against it.
#[derive(Debug, Clone)]
pub enum Decision {
    /// These events, in one entry.
    Commit {
        /// What happens.
        events: Vec<Event>,
        /// The bodies that the events name.
        blobs: Vec<Blob>,
        /// The state after them.
        next: Box<Project>,
    },
    /// Nothing, since all is as the command wants it.
    Nothing(Box<Outcome>),
    /// The journal is to be removed: the one thing that no entry can say.
    Remove,
    /// The state at this revision is needed to decide: load it into [`Env::past`], ask again.
    Needs(Revision),
    /// Another project's state is needed to decide: load it into [`Env::source`], ask again.
    NeedsSource {
        /// The other project.
        source: ProjectId,
        /// As it was then.
        at: Point,
    },
    /// Whether the storage has this body is needed to decide: put it into [`Env::bodies`], ask again.
    NeedsBody(Digest),
}

/// Says what a command leads to. Changes nothing, and gives the same answer to the same question.
///
/// # Errors
/// [`Rejection`] says why the command may not happen.
pub fn decide(project: &Project, request: &Request, env: &Env<'_>) -> Result<Decision, Rejection> {
    let command = request.command.kind();
    let exists = project.revision > Revision::ZERO;
    match (request.command.makes_a_project(), exists) {
        (true, true) => {
            return Err(Rejection::ProjectExists {
                project: project.id,
                revision: project.revision,
            });
        }
        (true, false) | (false, true) => {}
        (false, false) => {
            return Err(Rejection::ProjectNotFound {
                project: project.id,
            });
        }
    }
    if let Some(expected) = request.expected_revision
        && expected != project.revision
    {
        return Err(Rejection::Changed {
            expected,
            found: project.revision,
        });
    }
    if exists {
        check_permission(project, command)?;
    }
    let mut draft = Draft::new(project, request, env);
    let flow = dispatch(&mut draft, &request.command, env)?;
    Ok(match flow {
        Flow::Commit => {
            retention::by_itself(&mut draft);
            let (events, blobs, next) = draft.finish();
            Decision::Commit {
                events,
                blobs,
                next: Box::new(next),
            }
        }
        Flow::Nothing(outcome) => Decision::Nothing(outcome),
        Flow::Remove => Decision::Remove,
        Flow::Needs(revision) => Decision::Needs(revision),
        Flow::NeedsSource { source, at } => Decision::NeedsSource { source, at },
        Flow::NeedsBody(digest) => Decision::NeedsBody(digest),
    })
}

/// How a decision ends.
enum Flow {
    Commit,
    Nothing(Box<Outcome>),
    Remove,
    Needs(Revision),
    NeedsSource { source: ProjectId, at: Point },
    NeedsBody(Digest),
}

#[allow(clippy::too_many_lines)] // a line or two for each command
fn dispatch(draft: &mut Draft<'_>, command: &Command, env: &Env<'_>) -> Result<Flow, Rejection> {
    match command {
        Command::CreateProject {
            name,
            status,
            settings,
            plan,
        } => {
            project::create(draft, name, *status, settings)?;
            if let Some(first) = plan {
                plan::create_first(draft, first, *status, env)?;
            }
            Ok(Flow::Commit)
        }
        Command::ForkProject { source, at, name } => {
            fork::fork(draft, *source, *at, name.as_ref(), env)
        }
        Command::PlanProject
        | Command::StartProject
        | Command::StopProject { .. }
        | Command::CompleteProject => project::change_status(draft, command),
        Command::RenameProject { name } => {
            draft.push(Event::ProjectRenamed { name: name.clone() });
            Ok(Flow::Commit)
        }
        Command::DeleteProject => Ok(Flow::Remove),
        Command::Pause { reason } => pause::pause(draft, reason.as_ref()),
        Command::Resume { checkpoint } => pause::resume(draft, *checkpoint, env),
        Command::CreatePlan { plan } => plan::create(draft, plan),
        Command::StartPlan { plan } => plan::start(draft, *plan),
        Command::SubmitPlan { plan, text, steps } => plan::submit(draft, *plan, text, steps),
        Command::FailPlan { plan, error } => plan::fail(draft, *plan, error),
        Command::CancelPlan { plan, reason } => plan::cancel(draft, *plan, reason.as_ref()),
        Command::RetryPlan { plan } => plan::retry(draft, *plan),
        Command::RevertPlan {
            plan,
            to,
            from_step,
            reason,
        } => plan::revert(draft, *plan, *to, *from_step, reason.as_ref()),
        Command::MarkApplied { plan } => plan::mark_applied(draft, *plan),
        Command::Approve { plan, submission } => verdict::approve(draft, *plan, *submission),
        Command::Reject {
            plan,
            submission,
            reason,
            from_step,
        } => verdict::reject(draft, *plan, *submission, reason, *from_step),
        Command::StartImplementation { plan } => verdict::start_implementation(draft, *plan),
        Command::RecordReview {
            plan,
            submission,
            passed,
            notes,
            from_step,
        } => {
            let notes = notes.as_ref();
            let findings = Findings::new(*submission, *passed, notes, *from_step);
            verdict::record_review(draft, *plan, &findings)
        }
        Command::RecordVerification {
            plan,
            submission,
            passed,
            details,
            from_step,
        } => {
            let details = details.as_ref();
            let findings = Findings::new(*submission, *passed, details, *from_step);
            verdict::record_verification(draft, *plan, &findings)
        }
        Command::StartStep { plan, step } => step::start(draft, *plan, *step),
        Command::CompleteStep {
            plan,
            attempt,
            output,
            context,
        } => step::complete(draft, *plan, *attempt, output.as_ref(), context, env),
        Command::FailStep {
            plan,
            attempt,
            error,
        } => step::fail(draft, *plan, *attempt, error),
        Command::SetAgent { agent, token_limit } => context::set_agent(draft, agent, *token_limit),
        Command::AddContext { items } => context::add(draft, items, env),
        Command::TouchItems { items } => context::touch(draft, items),
        Command::PinItems { items } => context::pin(draft, items, true),
        Command::UnpinItems { items } => context::pin(draft, items, false),
        Command::ArchiveItems { items } => flash_save::archive(draft, items),
        Command::FlashSave { agent, force } => flash_save::save(draft, agent.as_ref(), *force),
        Command::RedactItem { item, reason } => redact::item(draft, *item, reason.as_ref()),
        Command::RedactOutput { plan, step, reason } => {
            redact::output(draft, *plan, *step, reason.as_ref())
        }
        Command::RedactBody { digest, reason } => {
            redact::body(draft, *digest, reason.as_ref(), env)
        }
        Command::RestoreItems { items } => context::restore(draft, items),
        Command::CreateCheckpoint { checkpoint } => checkpoint::create(draft, checkpoint),
        Command::PinCheckpoint { checkpoint, pinned } => {
            checkpoint::pin(draft, *checkpoint, *pinned)
        }
        Command::SetRetention { policy } => retention::set(draft, *policy),
        Command::ApplyRetention { policy } => retention::apply(draft, *policy),
        Command::RollbackPlan {
            plan,
            checkpoint,
            before,
            reason,
        } => {
            let target = Target::named(*checkpoint, *before)?;
            rollback::plan(draft, *plan, target, reason.as_ref(), env)
        }
        Command::RollbackProject { checkpoint, reason } => {
            rollback::project(draft, *checkpoint, reason.as_ref(), env)
        }
    }
}

fn find_plan(project: &Project, id: PlanId) -> Result<Arc<Plan>, Rejection> {
    project
        .plans
        .get(&id)
        .cloned()
        .ok_or(Rejection::PlanNotFound { plan: id })
}

fn find_item(project: &Project, id: ItemId) -> Result<&Arc<Item>, Rejection> {
    project
        .items
        .get(&id)
        .ok_or(Rejection::ItemNotFound { item: id })
}

/// All of these items; refused if there is none, or one that isn't there.
fn find_items<'a>(project: &'a Project, ids: &[ItemId]) -> Result<Vec<&'a Arc<Item>>, Rejection> {
    if ids.is_empty() {
        return Err(context::no_items());
    }
    ids.iter().map(|id| find_item(project, *id)).collect()
}

fn find_checkpoint(project: &Project, id: CheckpointId) -> Result<Arc<Checkpoint>, Rejection> {
    project
        .checkpoints
        .get(&id)
        .cloned()
        .ok_or(Rejection::CheckpointNotFound { checkpoint: id })
}

/// An index that came from a position in a plan's steps, of which there are at most
/// [`plan::MAX_STEPS`].
fn index(position: usize) -> u32 {
    u32::try_from(position).expect("plans are limited to far fewer steps")
}
