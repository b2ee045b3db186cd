//! Stores in states that the command line doesn't lead to by itself, made through the library.

use crate::program::{Imported, Place, sample};
use holdpoint::engine::{Clock, Engine, EngineOptions};
use holdpoint::machine::{Command, FirstPlan, InitialStatus, NewPlan, Outcome};
use holdpoint::model::{Gates, LongText, Name, PlanSettings, ProjectSettings, Timestamp};
use holdpoint::storage::SqliteStorage;
use holdpoint::trajectory::Trajectory;
use pollster::block_on;

/// A clock that stands still.
struct Stopped(Timestamp);

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        self.0
    }
}

async fn engine(place: &Place) -> Engine<SqliteStorage> {
    let storage = SqliteStorage::open(place.store()).unwrap();
    Engine::open(storage, "maker".parse().unwrap())
        .await
        .unwrap()
}

async fn plan_of_two(
    engine: &Engine<SqliteStorage>,
) -> (holdpoint::model::ProjectId, holdpoint::model::PlanId) {
    let project = engine
        .create_project(Name::new("made").unwrap())
        .await
        .unwrap()
        .project;
    let plan = engine
        .create_plan(project, "do it", ["one", "two"])
        .await
        .unwrap();
    engine
        .execute(project, Command::StartPlan { plan })
        .await
        .unwrap();
    (project, plan)
}

/// A plan in a new project, whose steps have titles and nothing to play.
pub(super) fn plan_without_recording(place: &Place) -> String {
    block_on(async {
        let engine = engine(place).await;
        plan_of_two(&engine).await.1.to_string()
    })
}

/// A sample's steps in a plan of a new project that waits for all four decisions, submitted.
pub(super) fn gated_recording(place: &Place, name: &str) -> String {
    let text = std::fs::read_to_string(sample(name)).unwrap();
    let now = Timestamp::from_milliseconds_clamped(0);
    let recorded = Trajectory::parse(&text, name, now).unwrap().plan().unwrap();
    block_on(async {
        let engine = engine(place).await;
        let project = engine
            .create_project(Name::new("made").unwrap())
            .await
            .unwrap()
            .project;
        let gates = Gates {
            plan: true,
            implementation: true,
            review: true,
            verification: true,
        };
        let made = NewPlan {
            request: recorded.request,
            steps: None,
            settings: PlanSettings {
                gates,
                ..PlanSettings::default()
            },
        };
        let receipt = engine
            .execute(project, Command::CreatePlan { plan: made })
            .await
            .unwrap();
        let Outcome::PlanCreated { plan } = receipt.outcome else {
            panic!("expected a plan, found {receipt:?}");
        };
        let submit = Command::SubmitPlan {
            plan,
            text: LongText::new("as it was recorded").unwrap(),
            steps: recorded.steps.unwrap(),
        };
        for command in [Command::StartPlan { plan }, submit] {
            engine.execute(project, command).await.unwrap();
        }
        plan.to_string()
    })
}

/// A plan in a new project that was failed while it was being implemented.
pub(super) fn failed_plan(place: &Place) -> String {
    block_on(async {
        let engine = engine(place).await;
        let (project, plan) = plan_of_two(&engine).await;
        let error = LongText::new("it went wrong").unwrap();
        engine
            .execute(project, Command::FailPlan { plan, error })
            .await
            .unwrap();
        plan.to_string()
    })
}

/// A sample, imported by a program whose clock showed this.
pub(super) fn imported_at(place: &Place, name: &str, now: Timestamp) -> Imported {
    let text = std::fs::read_to_string(sample(name)).unwrap();
    let trajectory = Trajectory::parse(&text, name, now).unwrap();
    let plan = trajectory.plan().unwrap();
    let steps = plan.steps.as_ref().unwrap().len();
    let first = FirstPlan {
        plan,
        context: trajectory.request_items().unwrap(),
    };
    block_on(async {
        let options = EngineOptions {
            clock: Box::new(Stopped(now)),
            ..EngineOptions::new("maker".parse().unwrap())
        };
        let storage = SqliteStorage::open(place.store()).unwrap();
        let engine = Engine::open_with(storage, options).await.unwrap();
        let created = engine
            .create_project_with(Command::CreateProject {
                name: trajectory.title().clone(),
                status: InitialStatus::Active,
                settings: ProjectSettings::default(),
                plan: Some(Box::new(first)),
            })
            .await
            .unwrap();
        let Outcome::ProjectCreated { plan: Some(plan) } = created.outcome else {
            panic!("expected a project with a plan, found {created:?}");
        };
        Imported {
            project: created.project.to_string(),
            plan: plan.to_string(),
            steps,
        }
    })
}
