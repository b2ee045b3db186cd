//! `plan …` and `resumable`.

use super::failure::Failure;
use super::output::{Output, one_line, table, visible};
use super::project::changes;
use super::store::{Store, rows};
use crate::engine::Resumable;
use crate::machine::{Command, Outcome, Rejection, RollbackReport};
use crate::model::{CheckpointId, Plan, PlanId, ProjectId, StepState, Text};
use crate::storage::{PlanRow, Row, RowKind, RowQuery};
use serde::Serialize;
use std::sync::Arc;

/// The newest state of a plan.
pub(super) async fn find(
    store: &Store,
    project: ProjectId,
    plan: PlanId,
) -> Result<Arc<Plan>, Failure> {
    let state = store.project(project).await?;
    let found = state.plans.get(&plan).cloned();
    found.ok_or_else(|| crate::engine::EngineError::from(Rejection::PlanNotFound { plan }).into())
}

/// How many of its steps are done.
pub(super) fn completed(plan: &Plan) -> u64 {
    plan.next_step() as u64
}

pub(super) async fn list(
    store: &Store,
    output: &Output,
    project: Option<&str>,
) -> Result<(), Failure> {
    let project = match project {
        Some(id) => Some(store.find_project(id).await?),
        None => None,
    };
    let rows = rows(store, RowKind::Plans, |query| RowQuery { project, ..query }).await?;
    let plans: Vec<PlanRow> = rows
        .into_iter()
        .filter_map(|row| match row {
            Row::Plan(row) => Some(*row),
            Row::Project(_) | Row::Checkpoint(_) => None,
        })
        .collect();
    output.answer(&plans, || plan_table(plans.iter().map(|plan| (plan, None))))?;
    Ok(())
}

pub(super) async fn resumable(store: &Store, output: &Output) -> Result<(), Failure> {
    let plans = store.resumable().await?;
    output.answer(&plans, || {
        if plans.is_empty() {
            return "no plan is unfinished".to_owned();
        }
        plan_table(plans.iter().map(|found| (&found.plan, Some(found))))
    })?;
    Ok(())
}

fn plan_table<'a>(plans: impl Iterator<Item = (&'a PlanRow, Option<&'a Resumable>)>) -> String {
    let mut rows: Vec<Vec<String>> = vec![
        ["PLAN", "STATE", "STEPS", "PROJECT", "TOUCHED", "REQUEST"]
            .map(str::to_owned)
            .into(),
    ];
    for (plan, resumable) in plans {
        let project = resumable.map_or_else(
            || plan.project.to_string(),
            |found| {
                format!(
                    "{} ({})",
                    one_line(&found.project_name, 30),
                    found.project_status
                )
            },
        );
        rows.push(vec![
            plan.plan.to_string(),
            plan.state.to_string(),
            format!("{}/{}", plan.last_completed_step + 1, plan.steps),
            project,
            plan.updated_at.to_string(),
            one_line(&plan.request, 60),
        ]);
    }
    table(&rows)
}

/// The plan as it is in the state, but for the request, which is all of it wherever it lives.
#[derive(Serialize)]
struct Shown {
    project_id: ProjectId,
    #[serde(flatten)]
    plan: serde_json::Value,
}

pub(super) async fn show(store: &Store, output: &Output, plan: &str) -> Result<(), Failure> {
    let (project, id) = store.find_plan(plan).await?;
    let plan = find(store, project, id).await?;
    let request = store.text(project, &plan.request).await?;
    let mut value = serde_json::to_value(&*plan).map_err(std::io::Error::from)?;
    value["request"] = request.to_string().into();
    let shown = Shown {
        project_id: project,
        plan: value,
    };
    output.answer(&shown, || {
        let mut rows: Vec<Vec<String>> =
            vec![["STEP", "STATE", "ATTEMPT", "TITLE"].map(str::to_owned).into()];
        for (index, step) in plan.steps.iter().enumerate() {
            rows.push(vec![
                index.to_string(),
                step_state(step.state).to_owned(),
                step.attempt.map_or_else(|| "-".to_owned(), |attempt| attempt.to_string()),
                one_line(step.title.as_str(), 80),
            ]);
        }
        format!(
            "plan {} of project {project}\nstate {}, {} of {} steps, reversions {} of {}, retries {}\n\
             last checkpoint {}\n\n{}\n\n{}",
            plan.id,
            plan.progress.state,
            completed(&plan),
            plan.steps.len(),
            plan.guards.reversion_count,
            plan.settings.max_reversions,
            plan.guards.retry_count,
            plan.last_checkpoint_id.map_or_else(|| "none".to_owned(), |id| id.to_string()),
            visible(plan_start(&plan.request)),
            table(&rows)
        )
    })?;
    Ok(())
}

fn plan_start(request: &Text) -> &str {
    request.start()
}

const fn step_state(state: StepState) -> &'static str {
    match state {
        StepState::Pending => "pending",
        StepState::Running => "running",
        StepState::Failed => "failed",
        StepState::Completed => "completed",
    }
}

pub(super) async fn rollback(
    store: &Store,
    output: &Output,
    plan: &str,
    checkpoint: Option<&str>,
    dry_run: bool,
) -> Result<(), Failure> {
    let (project, plan) = store.find_plan(plan).await?;
    let checkpoint: Option<CheckpointId> = match checkpoint {
        Some(id) => Some(store.find_checkpoint(project, id).await?),
        None => None,
    };
    let command = Command::RollbackPlan {
        plan,
        checkpoint,
        reason: None,
    };
    roll_back(store, output, project, command, dry_run).await
}

/// Rolls back, or says what that would change.
pub(super) async fn roll_back(
    store: &Store,
    output: &Output,
    project: ProjectId,
    command: Command,
    dry_run: bool,
) -> Result<(), Failure> {
    let report = |outcome: &Outcome| match outcome {
        Outcome::RolledBack(report) => report_text(report, dry_run),
        other => unreachable!("a rollback was asked for, found {other:?}"),
    };
    if dry_run {
        let preview = store.preview(project, command).await?;
        output.answer(&preview, || {
            format!(
                "nothing has changed; from revision {} a rollback would be this:\n{}",
                preview.expected_revision,
                report(&preview.outcome)
            )
        })?;
    } else {
        let receipt = store.execute(project, command).await?;
        output.answer(&receipt, || report(&receipt.outcome))?;
    }
    Ok(())
}

fn report_text(report: &RollbackReport, dry_run: bool) -> String {
    let mut lines = vec![
        format!(
            "rolled back to checkpoint {} (revision {})",
            report.checkpoint, report.revision
        ),
        format!(
            "{} plans and {} steps changed, {} items restored, {} items removed",
            report.plans_reverted,
            report.steps_reverted,
            report.items_restored,
            report.items_removed
        ),
    ];
    if !dry_run {
        lines.push(format!(
            "to undo it: checkpoint {}",
            report.safety_checkpoint
        ));
    }
    lines.push(changes(&report.paths));
    lines.join("\n")
}

pub(super) async fn retry(store: &Store, output: &Output, plan: &str) -> Result<(), Failure> {
    let (project, plan) = store.find_plan(plan).await?;
    moved(store, output, project, Command::RetryPlan { plan }).await
}

pub(super) async fn cancel(
    store: &Store,
    output: &Output,
    plan: &str,
    reason: Option<&str>,
) -> Result<(), Failure> {
    let (project, plan) = store.find_plan(plan).await?;
    let reason = reason.map(str::parse).transpose()?;
    moved(store, output, project, Command::CancelPlan { plan, reason }).await
}

async fn moved(
    store: &Store,
    output: &Output,
    project: ProjectId,
    command: Command,
) -> Result<(), Failure> {
    let receipt = store.execute(project, command).await?;
    output.answer(&receipt, || match &receipt.outcome {
        Outcome::PlanMoved { plan, state } => format!("plan {plan} is {state}"),
        other => unreachable!("a plan was moved, found {other:?}"),
    })?;
    Ok(())
}
