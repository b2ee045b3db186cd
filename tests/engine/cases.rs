//! For each kind of command a project in which it is accepted; and some in which it isn't.

use super::author::{
    Author, checkpoint, cold_item, complete_step, create_heavy_plan, create_plan, create_project,
    item, name, new_plan, pause, plan_of, rename, resume, steps, text,
};
use super::given::{Disk as _, Memory, request};
use super::observe;
use holdpoint::machine::{Command, FirstPlan, InitialStatus, Request};
use holdpoint::model::{PlanState, Project, ProjectId, ProjectSettings, Trigger};
use holdpoint::storage::MemoryStorage;

/// A number that no author gets to.
const THE_REQUEST: u64 = 1 << 40;

/// A project and a request to it.
pub(crate) struct Case {
    pub(crate) name: String,
    /// Who prepared the project; there is none before it is created.
    author: Option<Author<MemoryStorage>>,
    pub(crate) project: ProjectId,
    pub(crate) request: Request,
}

impl Case {
    fn of(
        what: &str,
        author: Author<MemoryStorage>,
        command: impl FnOnce(&Project) -> Command,
    ) -> Self {
        let command = command(&author.state());
        Self {
            name: format!("{} ({what})", command.kind()),
            project: author.project,
            author: Some(author),
            request: request(THE_REQUEST, command),
        }
    }

    fn creation(what: &str, command: Command) -> Self {
        let request = request(THE_REQUEST, command);
        Self {
            name: format!("{} ({what})", request.command.kind()),
            author: None,
            project: ProjectId::created_by(&request.id),
            request,
        }
    }

    /// Puts the project on a disk where it isn't yet.
    pub(crate) fn prepare<S: holdpoint::storage::Storage>(&self, storage: &S) {
        if let Some(author) = &self.author {
            observe::copy(&author.engine, storage, self.project);
        }
    }
}

fn status(status: InitialStatus) -> Author<MemoryStorage> {
    Author::in_status(Memory::new().engine(), status)
}

fn furnished() -> Author<MemoryStorage> {
    let mut author = status(InitialStatus::Active);
    author.furnish();
    author
}

fn furnished_then(commands: impl IntoIterator<Item = Command>) -> Author<MemoryStorage> {
    let mut author = furnished();
    for command in commands {
        author.done(command);
    }
    author
}

/// Two snapshots and what came after.
fn heavy() -> Author<MemoryStorage> {
    let mut author = furnished();
    author.outweigh();
    author.done(rename("heavy"));
    author.outweigh();
    author.done(rename("heavier"));
    author
}

/// The first project checkpoint, or the first that was taken by itself.
fn checkpoint_of(project: &Project, trigger: Trigger) -> holdpoint::model::CheckpointId {
    let all = project.checkpoints_in_order();
    let found = all.iter().find(|checkpoint| checkpoint.trigger == trigger);
    found.expect("there is one").id
}

/// Every kind of command, accepted.
pub(crate) fn accepted() -> Vec<Case> {
    let first = |project: &Project| plan_of(project, 0);
    let with_plan = Command::CreateProject {
        name: name("with a plan"),
        status: InitialStatus::Active,
        settings: ProjectSettings::default(),
        plan: Some(Box::new(FirstPlan {
            plan: new_plan(&"a long request ".repeat(400), 2),
            context: vec![item("known from the start")],
        })),
    };
    vec![
        Case::creation("alone", create_project("new", InitialStatus::Init)),
        Case::creation("with a plan", with_plan),
        Case::of("init", status(InitialStatus::Init), |_| {
            Command::PlanProject
        }),
        Case::of("planning", status(InitialStatus::Planning), |_| {
            Command::StartProject
        }),
        Case::of("active", furnished(), |_| pause()),
        Case::of("from snapshots", heavy(), |_| pause()),
        Case::of("paused", furnished_then([pause()]), |_| resume()),
        Case::of("to a checkpoint", furnished_then([pause()]), |project| {
            Command::Resume {
                checkpoint: Some(checkpoint_of(project, Trigger::Auto)),
            }
        }),
        Case::of("paused", furnished_then([pause()]), |_| {
            Command::StopProject { reason: None }
        }),
        Case::of("empty", status(InitialStatus::Active), |_| {
            Command::CompleteProject
        }),
        Case::of("active", furnished(), |_| rename("other")),
        Case::of("furnished", furnished(), |_| Command::DeleteProject),
        Case::of("with snapshots", heavy(), |_| Command::DeleteProject),
        Case::of("small", furnished(), |_| create_plan("more", 2)),
        Case::of("with a snapshot", furnished(), |_| create_heavy_plan()),
        Case::of("pending", furnished(), |project| Command::StartPlan {
            plan: plan_of(project, 2),
        }),
        Case::of("planning", furnished(), |project| Command::SubmitPlan {
            plan: plan_of(project, 1),
            text: text(&"first this, then that ".repeat(300)),
            steps: steps(2),
        }),
        Case::of("taken over", furnished(), move |project| {
            Command::StartStep {
                plan: first(project),
                step: None,
            }
        }),
        Case::of("running", furnished(), move |project| {
            complete_step(first(project), 2)
        }),
        Case::of("while paused", furnished_then([pause()]), move |project| {
            complete_step(first(project), 2)
        }),
        Case::of("running", furnished(), move |project| Command::FailStep {
            plan: first(project),
            attempt: 2,
            error: text("it broke"),
        }),
        Case::of("running", furnished(), move |project| Command::FailPlan {
            plan: first(project),
            error: text("it broke"),
        }),
        Case::of("running", furnished(), move |project| Command::CancelPlan {
            plan: first(project),
            reason: None,
        }),
        Case::of("failed", furnished(), |project| Command::RetryPlan {
            plan: plan_of(project, 4),
        }),
        Case::of("implementing", furnished(), move |project| {
            Command::RevertPlan {
                plan: first(project),
                to: PlanState::Implementing,
                from_step: None,
                reason: None,
            }
        }),
        Case::of("completed", furnished(), |project| Command::MarkApplied {
            plan: plan_of(project, 3),
        }),
        Case::of("new agent", furnished(), |_| Command::SetAgent {
            agent: name("other agent"),
            token_limit: 1000,
        }),
        Case::of("two items", furnished(), |_| Command::AddContext {
            items: vec![item("one more"), cold_item("and an old one")],
        }),
        Case::of("archived", furnished_then([pause(), resume()]), |project| {
            let archived = project.items.values().filter(|item| item.archived);
            Command::RestoreItems {
                items: archived.map(|item| item.id).collect(),
            }
        }),
        Case::of("project's own", furnished(), |_| checkpoint("now")),
        Case::of("to the newest that differs", furnished(), move |project| {
            Command::RollbackPlan {
                plan: first(project),
                checkpoint: None,
                reason: None,
            }
        }),
        Case::of("far back", furnished(), |project| {
            Command::RollbackProject {
                checkpoint: checkpoint_of(project, Trigger::Auto),
                reason: None,
            }
        }),
        Case::of("far back, past snapshots", heavy(), |project| {
            Command::RollbackProject {
                checkpoint: checkpoint_of(project, Trigger::Auto),
                reason: None,
            }
        }),
    ]
}

/// Commands that find nothing to do, or are refused.
pub(crate) fn without_an_entry() -> Vec<Case> {
    vec![
        Case::of("paused already", furnished_then([pause()]), |_| pause()),
        Case::of("not paused", furnished(), |_| resume()),
        Case::of("while paused", furnished_then([pause()]), |project| {
            Command::StartStep {
                plan: plan_of(project, 0),
                step: None,
            }
        }),
        Case::of("no such attempt", furnished(), |project| {
            complete_step(plan_of(project, 0), 77)
        }),
    ]
}
