//! `plan run`: plays the steps of an imported trajectory.

use super::failure::Failure;
use super::next;
use super::output::{Output, one_line};
use super::plan::{completed, find, named};
use super::store::Store;
use crate::engine::{Claim, ClaimOptions};
use crate::machine::Command;
use crate::model::{ErrorCode, Plan, PlanId, PlanState, ProjectId};
use crate::storage::SqliteStorage;
use crate::trajectory::play_next;
use crate::views::NextMove;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::sync::Arc;
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
    next: NextMove,
}

pub(super) async fn run(
    store: &Store,
    output: &Output,
    plan: &str,
    most: Option<u32>,
    take_over: bool,
) -> Result<(), Failure> {
    let (project, id) = store.find_plan(plan).await?;
    let named = named(plan, project, id);
    let plan = find(store, project, id).await?;
    let mut plan = begun(store, project, plan).await?;
    let mut done = 0;
    if plan.progress.state == PlanState::Implementing && most != Some(0) {
        let options = ClaimOptions {
            take_over,
            ..ClaimOptions::default()
        };
        let claim = store.claim(project, id, options).await?;
        let played = play(store, output, &claim, most).await;
        // If it can't be given back, it ends with this process.
        let _ = claim.release().await;
        (plan, done) = played?;
    }
    let is_over = !matches!(
        plan.progress.state,
        PlanState::Implementing | PlanState::Completed
    );
    let next = NextMove::of(store.project(project).await?.status, &plan);
    if done == 0 && is_over {
        if let NextMove::Decide { .. } = next {
            return Err(Failure::Undecided(next::told(&next, project, &named)));
        }
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
        next,
    };
    output.answer(&played, || {
        let waits = match played.next {
            NextMove::Decide { .. } => {
                format!("\nnext: {}", next::told(&played.next, project, &named))
            }
            _ => String::new(),
        };
        format!(
            "{}: {done} steps completed now, {} of {} in all{waits}",
            played.state,
            completed(&plan),
            played.steps
        )
    })?;
    Ok(())
}

/// Plays steps until the plan is through or there are enough. The plan as it is then, and how many
/// steps that were.
async fn play(
    store: &Store,
    output: &Output,
    claim: &Claim<SqliteStorage>,
    most: Option<u32>,
) -> Result<(Arc<Plan>, u32), Failure> {
    let (project, id) = (claim.project(), claim.plan());
    let mut plan = find(store, project, id).await?;
    let bar = progress_bar(output, &plan);
    let mut done = 0;
    while plan.progress.state == PlanState::Implementing && most.is_none_or(|most| done < most) {
        if claim.is_due()
            && let Err(error) = claim.renew().await
        {
            bar.abandon();
            return Err(error.into());
        }
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
    Ok((plan, done))
}

/// An approved plan goes on to its implementation, whichever of several workers begins it.
async fn begun(store: &Store, project: ProjectId, plan: Arc<Plan>) -> Result<Arc<Plan>, Failure> {
    if plan.progress.state != PlanState::PlanApproved {
        return Ok(plan);
    }
    let begin = Command::StartImplementation { plan: plan.id };
    match store.execute(project, begin).await {
        Err(error) if error.code() != ErrorCode::InvalidTransition => Err(error.into()),
        _ => find(store, project, plan.id).await,
    }
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
