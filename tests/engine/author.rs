//! One who gives commands: all ids are fixed, so two authors who do the same write the same bytes.

use super::given::{noon, request, wait};
use holdpoint::engine::{Engine, Receipt};
use holdpoint::machine::{
    Command, InitialStatus, NewCheckpoint, NewItem, NewPlan, NewStep, Outcome, PauseReport,
};
use holdpoint::model::{
    CheckpointId, CheckpointName, Gates, LongText, Name, PlanId, PlanSettings, Project, ProjectId,
    ProjectSettings, Revision,
};
use holdpoint::storage::Storage;
use std::sync::Arc;

pub(crate) struct Author<S: Storage> {
    pub(crate) engine: Engine<S>,
    pub(crate) project: ProjectId,
    given: u64,
}

impl<S: Storage> Author<S> {
    /// One who has created an active project.
    pub(crate) fn new(engine: Engine<S>) -> Self {
        Self::numbered(engine, 1, InitialStatus::Active)
    }

    pub(crate) fn in_status(engine: Engine<S>, status: InitialStatus) -> Self {
        Self::numbered(engine, 1, status)
    }

    /// One whose first request has this number; the project's id comes from it.
    pub(crate) fn numbered(engine: Engine<S>, first: u64, status: InitialStatus) -> Self {
        let created = request(first, create_project("made", status));
        let project = ProjectId::created_by(&created.id);
        wait(engine.submit(project, created)).expect("a project can be created");
        Self {
            engine,
            project,
            given: first,
        }
    }

    /// One who goes on with the same project through another engine, by the same ids.
    pub(crate) fn through<T: Storage>(&self, engine: Engine<T>) -> Author<T> {
        Author {
            engine,
            project: self.project,
            given: self.given,
        }
    }

    pub(crate) fn state(&self) -> Arc<Project> {
        wait(self.engine.project(self.project)).expect("it can be read")
    }

    #[track_caller]
    pub(crate) fn done(&mut self, command: Command) -> Receipt {
        self.given += 1;
        let request = request(self.given, command);
        match wait(self.engine.submit(self.project, request)) {
            Ok(receipt) => receipt,
            Err(error) => panic!("{error}"),
        }
    }

    pub(crate) fn plan(&mut self, steps: usize) -> PlanId {
        match self.done(create_plan("do it", steps)).outcome {
            Outcome::PlanCreated { plan } => plan,
            other => panic!("{other:?} is no new plan"),
        }
    }

    pub(crate) fn started_plan(&mut self, steps: usize) -> PlanId {
        let plan = self.plan(steps);
        self.done(Command::StartPlan { plan });
        plan
    }

    /// A plan behind all gates, put up for approval as submission 1.
    pub(crate) fn gated_plan(&mut self, steps: usize) -> PlanId {
        let gates = Gates {
            plan: true,
            implementation: true,
            review: true,
            verification: true,
        };
        let settings = PlanSettings {
            gates,
            ..PlanSettings::default()
        };
        let plan = NewPlan {
            settings,
            ..new_plan("do it with care", 0)
        };
        let plan = match self.done(Command::CreatePlan { plan }).outcome {
            Outcome::PlanCreated { plan } => plan,
            other => panic!("{other:?} is no new plan"),
        };
        self.done(Command::StartPlan { plan });
        self.done(Command::SubmitPlan {
            plan,
            text: text("first this, then that"),
            steps: self::steps(steps),
        });
        plan
    }

    /// The number of a new attempt.
    pub(crate) fn attempt(&mut self, plan: PlanId) -> u64 {
        match self.done(Command::StartStep { plan, step: None }).outcome {
            Outcome::StepStarted(started) => started.attempt,
            other => panic!("{other:?} is no attempt"),
        }
    }

    pub(crate) fn step_done(&mut self, plan: PlanId) -> Receipt {
        let attempt = self.attempt(plan);
        self.done(complete_step(plan, attempt))
    }

    pub(crate) fn checkpoint(&mut self, name: &str) -> CheckpointId {
        match self.done(checkpoint(name)).outcome {
            Outcome::CheckpointCreated { checkpoint } => checkpoint,
            other => panic!("{other:?} is no checkpoint"),
        }
    }

    /// Some of everything: five plans, each in another state, with steps, items, bodies and
    /// checkpoints.
    pub(crate) fn furnish(&mut self) {
        let first = self.started_plan(3);
        self.step_done(first);
        self.attempt(first);
        let planned = self.plan(0);
        self.done(Command::StartPlan { plan: planned });
        self.plan(1);
        let completed = self.started_plan(1);
        self.step_done(completed);
        let failed = self.plan(1);
        let error = text(&"it broke ".repeat(600));
        self.done(Command::FailPlan {
            plan: failed,
            error,
        });
        self.done(Command::AddContext {
            items: vec![item("fresh"), cold_item("stale")],
        });
        self.checkpoint("here");
        self.done(rename("furnished"));
    }

    /// Enough entries for a snapshot to be taken.
    pub(crate) fn outweigh(&mut self) -> Revision {
        self.done(create_heavy_plan()).revision
    }
}

/// The n-th plan of a furnished project, from 0.
pub(crate) fn plan_of(project: &Project, n: usize) -> PlanId {
    project.plans_in_order()[n].id
}

pub(crate) fn pause_report(receipt: &Receipt) -> &PauseReport {
    match &receipt.outcome {
        Outcome::Paused(report) => report,
        other => panic!("{other:?} is no pause"),
    }
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).expect("a name within the limits")
}

pub(crate) fn text(text: &str) -> LongText {
    LongText::new(text).expect("a text within the limits")
}

pub(crate) fn create_project(text: &str, status: InitialStatus) -> Command {
    Command::CreateProject {
        name: name(text),
        status,
        settings: ProjectSettings::default(),
        plan: None,
    }
}

pub(crate) fn rename(text: &str) -> Command {
    Command::RenameProject { name: name(text) }
}

pub(crate) fn steps(count: usize) -> Vec<NewStep> {
    let step = |n| NewStep {
        title: name(&format!("step {n}")),
        input: Some(format!("{{\"n\":{n}}}").parse().expect("JSON")),
    };
    (0..count).map(step).collect()
}

pub(crate) fn new_plan(request: &str, count: usize) -> NewPlan {
    NewPlan {
        request: text(request),
        steps: (count > 0).then(|| steps(count)),
        settings: PlanSettings::default(),
    }
}

/// A plan whose entry alone is worth a snapshot: over 64 KiB.
pub(crate) fn create_heavy_plan() -> Command {
    let step = |n| NewStep {
        title: name(&format!("step {n} of many {}", ".".repeat(170))),
        input: None,
    };
    Command::CreatePlan {
        plan: NewPlan {
            steps: Some((0..400).map(step).collect()),
            ..new_plan("many", 0)
        },
    }
}

pub(crate) fn create_plan(request: &str, count: usize) -> Command {
    Command::CreatePlan {
        plan: new_plan(request, count),
    }
}

pub(crate) fn complete_step(plan: PlanId, attempt: u64) -> Command {
    Command::CompleteStep {
        plan,
        attempt,
        output: Some(
            format!("\"done in attempt {attempt}\"")
                .parse()
                .expect("JSON"),
        ),
        context: vec![item(&format!("learned in attempt {attempt}"))],
    }
}

pub(crate) const fn approve(plan: PlanId, submission: u64) -> Command {
    Command::Approve { plan, submission }
}

pub(crate) fn item(body: &str) -> NewItem {
    NewItem {
        agent: name("agent"),
        plan: None,
        kind: "code".parse().expect("a kind"),
        body: body.parse().expect("a body within the limits"),
        created_at: None,
        pinned: false,
    }
}

/// An item so old that a pause archives it.
pub(crate) fn cold_item(body: &str) -> NewItem {
    NewItem {
        created_at: Some(noon().plus_milliseconds(-400 * 86_400_000)),
        ..item(body)
    }
}

pub(crate) fn checkpoint(text: &str) -> Command {
    let name = CheckpointName::new(text).expect("a name within the limits");
    Command::CreateCheckpoint {
        checkpoint: NewCheckpoint::named(name, None),
    }
}

pub(crate) const fn pause() -> Command {
    Command::Pause { reason: None }
}

pub(crate) const fn resume() -> Command {
    Command::Resume { checkpoint: None }
}
