//! `checkpoint …`.

use super::failure::Failure;
use super::output::{Output, one_line, table};
use super::store::{Store, rows};
use crate::machine::{Command, NewCheckpoint, Outcome};
use crate::model::{CheckpointName, PlanId, ProjectId};
use crate::storage::{CheckpointRow, Row, RowKind, RowQuery};

pub(super) async fn create(
    store: &Store,
    output: &Output,
    project: &str,
    plan: Option<&str>,
    name: &str,
    reason: Option<&str>,
) -> Result<(), Failure> {
    let project = store.find_project(project).await?;
    let plan = plan_of(store, project, plan).await?;
    let checkpoint = NewCheckpoint {
        reason: reason.map(str::parse).transpose()?,
        source_tool: Some("holdpoint".parse()?),
        ..NewCheckpoint::named(CheckpointName::new(name)?, plan)
    };
    let receipt = store
        .execute(project, Command::CreateCheckpoint { checkpoint })
        .await?;
    output.answer(&receipt, || match &receipt.outcome {
        Outcome::CheckpointCreated { checkpoint } => {
            format!("checkpoint {checkpoint} at revision {}", receipt.revision)
        }
        other => unreachable!("a checkpoint was taken, found {other:?}"),
    })?;
    Ok(())
}

pub(super) async fn list(
    store: &Store,
    output: &Output,
    project: &str,
    plan: Option<&str>,
) -> Result<(), Failure> {
    let project = store.find_project(project).await?;
    let plan = plan_of(store, project, plan).await?;
    let narrow = |query: RowQuery| RowQuery {
        plan,
        ..query.in_project(project)
    };
    let checkpoints: Vec<CheckpointRow> = rows(store, RowKind::Checkpoints, narrow)
        .await?
        .into_iter()
        .filter_map(|row| match row {
            Row::Checkpoint(row) => Some(*row),
            Row::Project(_) | Row::Plan(_) => None,
        })
        .collect();
    output.answer(&checkpoints, || {
        let mut rows: Vec<Vec<String>> = vec![
            ["CHECKPOINT", "REVISION", "TRIGGER", "TAKEN", "NAME"]
                .map(str::to_owned)
                .into(),
        ];
        for row in &checkpoints {
            rows.push(vec![
                row.checkpoint.to_string(),
                row.revision.to_string(),
                row.trigger.as_str().to_owned(),
                row.created_at.to_string(),
                one_line(row.name.as_str(), 100),
            ]);
        }
        table(&rows)
    })?;
    Ok(())
}

/// The plan that is meant, which has to be one of the project's.
async fn plan_of(
    store: &Store,
    project: ProjectId,
    plan: Option<&str>,
) -> Result<Option<PlanId>, Failure> {
    let Some(id) = plan else {
        return Ok(None);
    };
    let (owner, plan) = store.find_plan(id).await?;
    if owner == project {
        return Ok(Some(plan));
    }
    Err(crate::engine::EngineError::from(crate::machine::Rejection::PlanNotFound { plan }).into())
}
