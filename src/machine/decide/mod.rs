//! What a command leads to.

mod checkpoint;
mod context;
mod pause;
mod plan;
mod project;
mod rollback;
mod step;

use super::draft::Draft;
use super::transitions::check_permission;
use super::{Command, Env, Event, Outcome, Rejection, Request};
use crate::model::{Blob, Checkpoint, CheckpointId, Plan, PlanId, Project, Revision};
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
}

/// Says what a command leads to. Changes nothing, and gives the same answer to the same question.
///
/// # Errors
/// [`Rejection`] says why the command may not happen.
pub fn decide(project: &Project, request: &Request, env: &Env<'_>) -> Result<Decision, Rejection> {
    let command = request.command.kind();
    let exists = project.revision > Revision::ZERO;
    match (&request.command, exists) {
        (Command::CreateProject { .. }, true) => {
            return Err(Rejection::ProjectExists {
                project: project.id,
                revision: project.revision,
            });
        }
        (Command::CreateProject { .. }, false) | (_, true) => {}
        (_, false) => {
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
    })
}

/// How a decision ends.
enum Flow {
    Commit,
    Nothing(Box<Outcome>),
    Remove,
    Needs(Revision),
}

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
        Command::RestoreItems { items } => context::restore(draft, items),
        Command::CreateCheckpoint { checkpoint } => checkpoint::create(draft, checkpoint),
        Command::RollbackPlan {
            plan,
            checkpoint,
            reason,
        } => rollback::plan(draft, *plan, *checkpoint, reason.as_ref(), env),
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
