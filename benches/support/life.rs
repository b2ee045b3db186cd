//! A project that has been worked on for long: plans that were carried out, step by step.

use super::{item, now_milliseconds};
use holdpoint::engine::Engine;
use holdpoint::machine::{Command, NewPlan, NewStep, Outcome};
use holdpoint::model::{LongText, Name, PlanId, PlanSettings, ProjectId, Timestamp};
use holdpoint::storage::Storage;

/// How many items come with a step's result; a step is two entries.
const ITEMS_A_STEP: usize = 4;
const STEPS_A_PLAN: usize = 100;

/// A project with so many items, and with an entry for every two of them.
pub(crate) fn project_with_history<S: Storage>(engine: &Engine<S>, items: usize) -> ProjectId {
    pollster::block_on(async {
        let name = Name::new("bench").expect("a short name");
        let made = engine.create_project(name).await.expect("created");
        let project = made.project;
        let now = Timestamp::from_milliseconds_clamped(now_milliseconds());
        let steps: Vec<_> = (0..items).collect();
        let steps: Vec<_> = steps.chunks(ITEMS_A_STEP).collect();
        for of_plan in steps.chunks(STEPS_A_PLAN) {
            let plan = started_plan(engine, project, of_plan.len()).await;
            for numbers in of_plan {
                let started = engine.start_step(project, plan).await.expect("it starts");
                let context = numbers.iter().map(|number| item(*number, now)).collect();
                engine
                    .complete_step(project, plan, started.attempt, None, context)
                    .await
                    .expect("it completes");
            }
        }
        project
    })
}

/// A plan with so many steps that can be moved back as often as anybody likes.
pub(crate) async fn started_plan<S: Storage>(
    engine: &Engine<S>,
    project: ProjectId,
    steps: usize,
) -> PlanId {
    let title = |number: usize| Name::new(format!("step {number}")).expect("a short name");
    let steps = (0..steps).map(|number| NewStep {
        title: title(number),
        input: None,
    });
    let plan = NewPlan {
        request: LongText::new("go on with it").expect("a short text"),
        steps: Some(steps.collect()),
        settings: PlanSettings {
            max_reversions: u32::MAX,
            ..PlanSettings::default()
        },
    };
    let made = engine.execute(project, Command::CreatePlan { plan }).await;
    let Outcome::PlanCreated { plan } = made.expect("it can be made").outcome else {
        unreachable!("what making a plan comes to");
    };
    let started = engine.execute(project, Command::StartPlan { plan }).await;
    started.expect("it can be started");
    plan
}
