//! For each kind of command a project in which it is accepted; and some in which it isn't.

use super::author::{
    Author, approve, checkpoint, cold_item, complete_step, create_heavy_plan, create_plan,
    create_project, item, name, new_plan, pause, plan_of, rename, resume, steps, text,
};
use super::given::{Disk as _, Memory, request, wait};
use super::observe::Copy;
use holdpoint::machine::{Command, FirstPlan, InitialStatus, NewItem, Request};
use holdpoint::model::{
    Digest, ItemId, PlanId, PlanState, Point, Project, ProjectId, ProjectSettings, RetentionPolicy,
    Revision, Trigger,
};
use holdpoint::storage::MemoryStorage;

/// A number that no author gets to.
const THE_REQUEST: u64 = 1 << 40;

/// A project and a request to it.
pub(crate) struct Case {
    pub(crate) name: String,
    /// The project as it was prepared, or the one that it is forked from; none before it is created.
    prepared: Option<Copy>,
    pub(crate) project: ProjectId,
    pub(crate) request: Request,
}

// An author is done with once its case is made.
#[allow(clippy::needless_pass_by_value)]
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
            prepared: Copy::of(&author.engine, author.project),
            request: request(THE_REQUEST, command),
        }
    }

    fn fork(what: &str, author: Author<MemoryStorage>, at: impl FnOnce(&Project) -> Point) -> Self {
        let command = Command::ForkProject {
            source: author.project,
            at: at(&author.state()),
            name: None,
        };
        Self {
            prepared: Copy::of(&author.engine, author.project),
            ..Self::creation(what, command)
        }
    }

    fn creation(what: &str, command: Command) -> Self {
        let request = request(THE_REQUEST, command);
        Self {
            name: format!("{} ({what})", request.command.kind()),
            prepared: None,
            project: ProjectId::created_by(&request.id),
            request,
        }
    }

    /// A command that was given before, and done.
    fn repeated(author: Author<MemoryStorage>, command: Command) -> Self {
        let request = request(THE_REQUEST, command);
        let done = wait(author.engine.submit(author.project, request.clone()));
        done.expect("it is accepted");
        Self {
            name: format!("{} (given before)", request.command.kind()),
            project: author.project,
            prepared: Copy::of(&author.engine, author.project),
            request,
        }
    }

    /// Puts the project on a disk where it isn't yet.
    pub(crate) fn prepare<S: holdpoint::storage::Storage>(&self, storage: &S) {
        if let Some(prepared) = &self.prepared {
            prepared.put(storage);
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

/// A plan behind all gates, after these.
fn gated_then(commands: impl FnOnce(PlanId) -> Vec<Command>) -> Author<MemoryStorage> {
    let mut author = status(InitialStatus::Active);
    let plan = author.gated_plan(1);
    for command in commands(plan) {
        author.done(command);
    }
    author
}

/// A plan whose one step is done, waiting for its implementation to be approved.
fn implemented(plan: PlanId) -> Vec<Command> {
    vec![
        approve(plan, 1),
        Command::StartImplementation { plan },
        Command::StartStep { plan, step: None },
        complete_step(plan, 1),
    ]
}

fn reviewed(plan: PlanId) -> Vec<Command> {
    let mut commands = implemented(plan);
    commands.extend([approve(plan, 2), record_review(plan, 3)]);
    commands
}

fn record_review(plan: PlanId, submission: u64) -> Command {
    Command::RecordReview {
        plan,
        submission,
        passed: true,
        notes: Some(text(&"well done ".repeat(600))),
        from_step: None,
    }
}

/// A project in which a body and an output were removed for good.
fn redacted() -> Author<MemoryStorage> {
    let mut author = furnished();
    author.done(redact_first_item(&author.state()));
    author.done(redact_first_output(&author.state()));
    author
}

fn redact_first_item(project: &Project) -> Command {
    Command::RedactItem {
        item: first_item(project),
        reason: None,
    }
}

fn redact_first_output(project: &Project) -> Command {
    Command::RedactOutput {
        plan: plan_of(project, 0),
        step: 0,
        reason: None,
    }
}

fn redact_first_input(project: &Project) -> Command {
    let plan = &project.plans[&plan_of(project, 0)];
    Command::RedactBody {
        digest: plan.steps[0].input.expect("it works on something").digest,
        reason: None,
    }
}

fn first_item(project: &Project) -> ItemId {
    project.items_in_order()[0].id
}

/// One checkpoint of each.
const ONE: RetentionPolicy = RetentionPolicy {
    per_plan: 1,
    of_project: 1,
};

fn keeping_one() -> Author<MemoryStorage> {
    furnished_then([Command::SetRetention { policy: ONE }])
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
        Case::of("plan", gated_then(|_| vec![]), |project| {
            approve(plan_of(project, 0), 1)
        }),
        Case::of("implementation", gated_then(implemented), |project| {
            Command::Reject {
                plan: plan_of(project, 0),
                submission: 2,
                reason: "not yet".parse().expect("a reason"),
                from_step: Some(0),
            }
        }),
        Case::of(
            "approved",
            gated_then(|plan| vec![approve(plan, 1)]),
            |project| Command::StartImplementation {
                plan: plan_of(project, 0),
            },
        ),
        Case::of(
            "with long notes",
            gated_then(|plan| [implemented(plan), vec![approve(plan, 2)]].concat()),
            |project| record_review(plan_of(project, 0), 3),
        ),
        Case::of("failed", gated_then(reviewed), |project| {
            Command::RecordVerification {
                plan: plan_of(project, 0),
                submission: 4,
                passed: false,
                details: Some(text("it does not work")),
                from_step: None,
            }
        }),
        Case::of("twice", furnished(), |project| Command::TouchItems {
            items: vec![first_item(project), first_item(project)],
        }),
        Case::of("one", furnished(), |project| Command::PinItems {
            items: vec![first_item(project)],
        }),
        Case::of(
            "one",
            furnished_then([Command::AddContext {
                items: vec![NewItem {
                    pinned: true,
                    ..item("kept")
                }],
            }]),
            |project| {
                let pinned = project.items.values().filter(|item| item.pinned);
                Command::UnpinItems {
                    items: pinned.map(|item| item.id).collect(),
                }
            },
        ),
        Case::of("one", furnished(), |project| Command::ArchiveItems {
            items: vec![first_item(project)],
        }),
        Case::of("of all", furnished(), |_| Command::FlashSave {
            agent: None,
            force: true,
        }),
        Case::of("of an item", furnished(), redact_first_item),
        Case::of("of a step", furnished(), redact_first_output),
        Case::of("of any", furnished(), redact_first_input),
        Case::fork("of now", furnished(), |_| Point::Now),
        Case::fork("of a checkpoint, past snapshots", heavy(), |project| {
            Point::Checkpoint(checkpoint_of(project, Trigger::Auto))
        }),
        Case::fork("of before bodies were removed", redacted(), |project| {
            Point::Revision(Revision::new(project.revision.get() - 2))
        }),
        Case::of("project's own", furnished(), |_| checkpoint("now")),
        Case::of("that takes another's place", keeping_one(), |_| {
            checkpoint("now")
        }),
        Case::of("one", furnished(), |project| Command::PinCheckpoint {
            checkpoint: checkpoint_of(project, Trigger::Auto),
            pinned: true,
        }),
        Case::of("fewer", furnished(), |_| Command::SetRetention {
            policy: ONE,
        }),
        Case::of("of all", furnished(), |_| Command::ApplyRetention {
            policy: Some(ONE),
        }),
        Case::of("to the newest that differs", furnished(), move |project| {
            Command::RollbackPlan {
                plan: first(project),
                checkpoint: None,
                before: None,
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
        Case::of("nothing too many", furnished(), |_| {
            Command::ApplyRetention { policy: None }
        }),
        Case::of("no such limit", furnished(), |_| Command::SetRetention {
            policy: RetentionPolicy {
                per_plan: 0,
                of_project: 1,
            },
        }),
        Case::of("no such body", furnished(), |_| Command::RedactBody {
            digest: Digest::ZERO,
            reason: None,
        }),
        Case::repeated(furnished(), rename("as it was wished")),
    ]
}
