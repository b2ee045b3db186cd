//! `plan run`: plays the steps of an imported trajectory.

use super::failure::Failure;
use super::output::{Output, one_line};
use super::plan::{completed, find};
use super::store::Store;
use crate::engine::EngineError;
use crate::host::trajectory::RecordedStep;
use crate::machine::{Command, Outcome, StepStarted};
use crate::model::{ErrorCode, Plan, PlanId, PlanState, ProjectId};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::time::Duration;

/// The longest wait after another worker has taken a step over.
const LONGEST_WAIT_MILLISECONDS: u64 = 200;

#[derive(Serialize)]
struct Played {
    project_id: ProjectId,
    plan_id: PlanId,
    state: PlanState,
    steps_completed: u32,
    last_completed_step: i64,
    steps: usize,
}

pub(super) async fn run(
    store: &Store,
    output: &Output,
    plan: &str,
    most: Option<u32>,
) -> Result<(), Failure> {
    let (project, id) = store.find_plan(plan).await?;
    let mut plan = find(store, project, id).await?;
    let bar = progress_bar(output, &plan);
    let mut done = 0;
    while plan.progress.state == PlanState::Implementing && most.is_none_or(|most| done < most) {
        match play_next(store, project, &plan).await {
            Ok(step) => {
                done += 1;
                plan = find(store, project, id).await?;
                let title = plan
                    .steps
                    .get(step.step as usize)
                    .map_or("", |step| step.title.as_str());
                let title = one_line(title, 60);
                bar.set_position(completed(&plan));
                bar.set_message(title.clone());
                if bar.is_hidden() {
                    output.progress(&format!(
                        "completed step {} (attempt {}): {title}",
                        step.step, step.attempt
                    ));
                }
            }
            Err(Failure::Engine(error)) if has_moved_on(&error) => {
                // Another worker has this step now. It is let go first: who comes again at once
                // would only take it over in turn.
                wait().await;
                plan = find(store, project, id).await?;
            }
            Err(failure) => {
                bar.abandon();
                return Err(failure);
            }
        }
    }
    bar.finish_and_clear();
    let is_over = !matches!(
        plan.progress.state,
        PlanState::Implementing | PlanState::Completed
    );
    if done == 0 && is_over {
        // The machine knows best why no step starts.
        store.start_step(project, id).await?;
    }
    let played = Played {
        project_id: project,
        plan_id: id,
        state: plan.progress.state,
        steps_completed: done,
        last_completed_step: plan.progress.last_completed_step,
        steps: plan.steps.len(),
    };
    output.answer(&played, || {
        format!(
            "{}: {done} steps completed now, {} of {} in all",
            played.state,
            completed(&plan),
            played.steps
        )
    })?;
    Ok(())
}

/// Starts the next step and completes it with what was recorded. What can't be played isn't begun.
async fn play_next(store: &Store, project: ProjectId, plan: &Plan) -> Result<StepStarted, Failure> {
    let next = plan.next_step();
    let step = u32::try_from(next).unwrap_or(u32::MAX);
    let recorded = match plan.steps.get(next).and_then(|step| step.input) {
        Some(input) => RecordedStep::from_input(&store.body(project, &input).await?),
        None => None,
    };
    let recorded = recorded.ok_or(Failure::NotPlayable { step })?;
    // Named, so that a step that another worker completed meanwhile isn't mistaken for this one.
    let start = Command::StartStep {
        plan: plan.id,
        step: Some(step),
    };
    let started = match store.execute(project, start).await?.outcome {
        Outcome::StepStarted(started) => started,
        other => unreachable!("a step was started, found {other:?}"),
    };
    let output = Some(recorded.output()?);
    store
        .complete_step(project, plan.id, started.attempt, output, recorded.items()?)
        .await?;
    Ok(started)
}

/// Whether another worker has been faster: the plan is to be looked at again.
fn has_moved_on(error: &EngineError) -> bool {
    matches!(
        error.code(),
        ErrorCode::Superseded | ErrorCode::InvalidTransition
    )
}

async fn wait() {
    let share = crate::platform::random() % u128::from(LONGEST_WAIT_MILLISECONDS);
    let milliseconds = u64::try_from(share).unwrap_or(0);
    crate::platform::sleep(Duration::from_millis(milliseconds)).await;
}

fn progress_bar(output: &Output, plan: &Plan) -> ProgressBar {
    if !output.is_watched() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}")
        .expect("the template is well formed");
    let bar = ProgressBar::new(plan.steps.len() as u64).with_style(style);
    bar.set_position(completed(plan));
    bar
}
