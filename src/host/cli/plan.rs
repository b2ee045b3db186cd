//! `plan …` and `resumable`.

use super::failure::Failure;
use super::next;
use super::output::{Output, one_line, table, visible};
use super::project::changes;
use super::store::{Store, carry_out, rows};
use super::verdict::verdict_table;
use crate::engine::{EngineError, Resumable};
use crate::machine::{Command, Outcome, Rejection, RollbackReport};
use crate::model::{CheckpointId, Plan, PlanId, Point, ProjectId, Revision, StepState};
use crate::storage::{PlanRow, Row, RowKind, RowQuery};
use crate::views::{NextMove, PlanView, SubmittedView, VerdictView};
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The newest state of a plan.
pub(super) async fn find(
    store: &Store,
    project: ProjectId,
    plan: PlanId,
) -> Result<Arc<Plan>, Failure> {
    let state = store.project(project).await?;
    let found = state.plans.get(&plan).cloned();
    found.ok_or_else(|| EngineError::from(Rejection::PlanNotFound { plan }).into())
}

/// The plan that is meant, which has to be one of the project's: it is looked for there only.
pub(super) async fn plan_in(
    store: &Store,
    project: ProjectId,
    plan: Option<&str>,
) -> Result<Option<PlanId>, Failure> {
    let Some(id) = plan else {
        return Ok(None);
    };
    let (owner, plan) = if id.contains('/') {
        store.find_plan(id).await?
    } else {
        store.find_plan(&format!("{project}/{id}")).await?
    };
    if owner == project {
        return Ok(Some(plan));
    }
    Err(EngineError::from(Rejection::PlanNotFound { plan }).into())
}

/// The plan's id for a command that is shown: with its project if it was given with it, since
/// alone it may fit another project's too.
pub(super) fn named(given: &str, project: ProjectId, plan: PlanId) -> String {
    if given.contains('/') {
        format!("{project}/{plan}")
    } else {
        plan.to_string()
    }
}

/// The ids that more than one of the plans has, as those of a project and its fork do.
pub(super) fn shared<'a>(plans: impl Iterator<Item = &'a PlanRow>) -> BTreeSet<PlanId> {
    let mut seen = BTreeSet::new();
    plans
        .map(|row| row.plan)
        .filter(|plan| !seen.insert(*plan))
        .collect()
}

/// The plan's id in a list: with its project if another one's plan in the list has it too.
pub(super) fn listed(row: &PlanRow, shared: &BTreeSet<PlanId>) -> String {
    if shared.contains(&row.plan) {
        format!("{}/{}", row.project, row.plan)
    } else {
        row.plan.to_string()
    }
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

fn plan_table<'a>(
    plans: impl Iterator<Item = (&'a PlanRow, Option<&'a Resumable>)> + Clone,
) -> String {
    let shared = shared(plans.clone().map(|(plan, _)| plan));
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
            listed(plan, &shared),
            plan.state.to_string(),
            format!("{}/{}", plan.last_completed_step + 1, plan.steps),
            project,
            plan.updated_at.to_string(),
            one_line(&plan.request, 60),
        ]);
    }
    table(&rows)
}

/// The plan as it is in the state, but for its texts, which are all there wherever they live; and
/// what comes next.
#[derive(Serialize)]
struct Shown {
    project_id: ProjectId,
    next: NextMove,
    submitted: Option<SubmittedView>,
    verdicts: Vec<VerdictView>,
    #[serde(flatten)]
    plan: serde_json::Value,
}

pub(super) async fn show(store: &Store, output: &Output, given: &str) -> Result<(), Failure> {
    let (project, id) = store.find_plan(given).await?;
    let plan = find(store, project, id).await?;
    let view = PlanView::read(store, project, id, Point::Now).await?;
    let mut value = serde_json::to_value(&*plan).map_err(std::io::Error::from)?;
    if let Some(fields) = value.as_object_mut() {
        fields.insert("request".to_owned(), view.row.request.into());
        fields.remove("verdicts");
    }
    let shown = Shown {
        project_id: project,
        next: view.next,
        submitted: view.submitted,
        verdicts: view.verdicts,
        plan: value,
    };
    output.answer(&shown, || {
        let mut rows: Vec<Vec<String>> = vec![
            ["STEP", "STATE", "ATTEMPT", "TITLE"]
                .map(str::to_owned)
                .into(),
        ];
        for (index, step) in plan.steps.iter().enumerate() {
            rows.push(vec![
                index.to_string(),
                step_state(step.state).to_owned(),
                step.attempt
                    .map_or_else(|| "-".to_owned(), |attempt| attempt.to_string()),
                one_line(step.title.as_str(), 80),
            ]);
        }
        let applied = plan.applied_at.map(|at| format!(", applied at {at}"));
        let mut parts = vec![
            format!(
                "plan {} (number {}) of project {project}\n\
                 state {}{}, {} of {} steps, reversions {} of {}, retries {}\n\
                 last checkpoint {}\nnext: {}",
                plan.id,
                plan.number,
                plan.progress.state,
                applied.unwrap_or_default(),
                completed(&plan),
                plan.steps.len(),
                plan.guards.reversion_count,
                plan.settings.max_reversions,
                plan.guards.retry_count,
                plan.last_checkpoint_id
                    .map_or_else(|| "none".to_owned(), |id| id.to_string()),
                next::told(&shown.next, project, &named(given, project, id))
            ),
            visible(plan.request.start()),
            table(&rows),
        ];
        parts.extend(shown.submitted.as_ref().map(|submitted| {
            let by = one_line(submitted.by.as_str(), 30);
            let words = visible(&submitted.text);
            format!("submitted by {by} at {}:\n{words}", submitted.at)
        }));
        if !shown.verdicts.is_empty() {
            parts.push(verdict_table(&shown.verdicts));
        }
        parts.join("\n\n")
    })?;
    Ok(())
}

pub(super) const fn step_state(state: StepState) -> &'static str {
    match state {
        StepState::Pending => "pending",
        StepState::Running => "running",
        StepState::Failed => "failed",
        StepState::Completed => "completed",
    }
}

/// Where a plan is to go back to: to one of these, or to the newest checkpoint that differs.
pub(super) struct Target<'a> {
    pub(super) checkpoint: Option<&'a str>,
    pub(super) before: Option<u64>,
}

pub(super) async fn rollback(
    store: &Store,
    output: &Output,
    plan: &str,
    target: Target<'_>,
    reason: Option<&str>,
    dry_run: bool,
) -> Result<(), Failure> {
    let reason = reason.map(str::parse).transpose()?;
    let (project, plan) = store.find_plan(plan).await?;
    let checkpoint: Option<CheckpointId> = match target.checkpoint {
        Some(id) => Some(store.find_checkpoint(project, id).await?),
        None => None,
    };
    let command = Command::RollbackPlan {
        plan,
        checkpoint,
        before: target.before.map(Revision::new),
        reason,
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
    carry_out(store, output, project, command, dry_run, report).await
}

fn report_text(report: &RollbackReport, dry_run: bool) -> String {
    let (back, would) = if dry_run {
        ("back", "would be ")
    } else {
        ("rolled back", "")
    };
    let mut lines = vec![
        format!(
            "{back} to checkpoint {} (revision {})",
            report.checkpoint, report.revision
        ),
        format!(
            "{} plans and {} steps {would}changed, {} items {would}restored, {} items {would}removed",
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

/// Moves a plan, and says where it is now.
pub(super) async fn moved(
    store: &Store,
    output: &Output,
    project: ProjectId,
    command: Command,
) -> Result<(), Failure> {
    let receipt = store.execute(project, command).await?;
    output.answer(&receipt, || match &receipt.outcome {
        Outcome::PlanMoved {
            plan,
            state,
            submission: Some(submission),
        } => format!("plan {plan} is {state}: submission {submission}"),
        Outcome::PlanMoved { plan, state, .. } => format!("plan {plan} is {state}"),
        other => unreachable!("a plan was moved, found {other:?}"),
    })?;
    Ok(())
}
