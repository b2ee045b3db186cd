//! `plan run`: plays the steps of an imported trajectory.

use super::failure::Failure;
use super::output::{Output, one_line};
use super::plan::{completed, find};
use super::store::Store;
use crate::model::{Plan, PlanId, PlanState, ProjectId};
use crate::trajectory::play_next;
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
        match play_next(store, project, id).await {
            Ok(played) => {
                done += 1;
                plan = find(store, project, id).await?;
                let title = one_line(&played.title, 60);
                bar.set_position(completed(&plan));
                bar.set_message(title.clone());
                if bar.is_hidden() {
                    output.progress(&format!(
                        "completed step {} (attempt {}): {title}",
                        played.done.step, played.done.attempt
                    ));
                }
            }
            Err(error) if error.has_moved_on() => {
                // Another worker has this step now. It is let go first: who comes again at once
                // would only take it over in turn.
                wait().await;
                plan = find(store, project, id).await?;
            }
            Err(error) => {
                bar.abandon();
                return Err(error.into());
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
