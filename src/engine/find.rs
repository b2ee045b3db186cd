//! Finding records by their ids, or how these begin, and plans that can go on; all from rows.

use super::{EngineError, Inner, Result};
use crate::model::{CheckpointId, ErrorCode, Hold, PlanId, ProjectId, ProjectStatus, Revision};
use crate::storage::{PlanRow, ProjectRow, Row, RowKind, RowQuery, Storage};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many rows are read at once.
pub(super) const PAGE: usize = 500;
/// How many of the records that an ambiguous id fits are named.
const NAMED: usize = 5;
/// The length of an id.
const ID_LENGTH: usize = 26;

/// An unfinished plan: where work can go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Resumable {
    /// The project's name.
    pub project_name: String,
    /// The project's status: in a paused or stopped one the plan waits.
    pub project_status: ProjectStatus,
    /// Why it doesn't move. None: its next step can start.
    pub hold: Option<Hold>,
    /// The plan.
    #[serde(flatten)]
    pub plan: PlanRow,
}

pub(super) async fn resumable<S: Storage>(inner: &Arc<Inner<S>>) -> Result<Vec<Resumable>> {
    let unfinished = RowQuery {
        unfinished: true,
        ..RowQuery::of(RowKind::Plans, PAGE)
    };
    let mut plans = Vec::new();
    each_row(inner, unfinished, |row| {
        if let Row::Plan(plan) = row {
            plans.push(*plan);
        }
    })
    .await?;
    let mut projects: BTreeMap<ProjectId, ProjectRow> = BTreeMap::new();
    if !plans.is_empty() {
        each_row(inner, RowQuery::of(RowKind::Projects, PAGE), |row| {
            if let Row::Project(row) = row {
                projects.insert(row.project, *row);
            }
        })
        .await?;
    }
    Ok(plans
        .into_iter()
        .filter_map(|plan| {
            // A project that was deleted between the two reads takes its plans along.
            let project = projects.get(&plan.project)?;
            Some(Resumable {
                project_name: project.name.to_string(),
                project_status: project.status,
                hold: Hold::of(project.status, plan.state),
                plan,
            })
        })
        .collect())
}

/// Reads a list to its end.
pub(super) async fn each_row<S: Storage>(
    inner: &Arc<Inner<S>>,
    mut query: RowQuery,
    mut each: impl FnMut(Row),
) -> Result<()> {
    loop {
        let page = inner.storage.rows(query.clone()).await?;
        page.rows.into_iter().for_each(&mut each);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(()),
        }
    }
}

pub(super) async fn project<S: Storage>(inner: &Arc<Inner<S>>, id: &str) -> Result<ProjectId> {
    // A whole id needs no row, which may be what is damaged.
    if let Ok(project) = id.parse::<ProjectId>()
        && !inner
            .storage
            .entries(project, Revision::ZERO, 1)
            .await?
            .is_empty()
    {
        return Ok(project);
    }
    let query = RowQuery::of(RowKind::Projects, NAMED);
    let not_found = ("project", ErrorCode::ProjectNotFound);
    match one(inner, query, id, not_found).await? {
        Row::Project(row) => Ok(row.project),
        other => Err(unexpected(&other)),
    }
}

pub(super) async fn plan<S: Storage>(
    inner: &Arc<Inner<S>>,
    id: &str,
) -> Result<(ProjectId, PlanId)> {
    let plans = RowQuery::of(RowKind::Plans, NAMED);
    let (query, id) = match id.split_once('/') {
        Some((owner, id)) => (plans.in_project(project(inner, owner).await?), id),
        None => (plans, id),
    };
    match one(inner, query, id, ("plan", ErrorCode::PlanNotFound)).await? {
        Row::Plan(row) => Ok((row.project, row.plan)),
        other => Err(unexpected(&other)),
    }
}

pub(super) async fn checkpoint<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    id: &str,
) -> Result<CheckpointId> {
    let query = RowQuery::of(RowKind::Checkpoints, NAMED).in_project(project);
    let not_found = ("checkpoint", ErrorCode::CheckpointNotFound);
    match one(inner, query, id, not_found).await? {
        Row::Checkpoint(row) => Ok(row.checkpoint),
        other => Err(unexpected(&other)),
    }
}

/// The one row whose id begins so.
async fn one<S: Storage>(
    inner: &Arc<Inner<S>>,
    query: RowQuery,
    id: &str,
    (kind, code): (&'static str, ErrorCode),
) -> Result<Row> {
    let not_found = || EngineError::IdNotFound {
        kind,
        id: id.to_owned(),
        code,
    };
    // Nothing begins with what no id has in it; and an empty beginning would fit everything.
    let is_possible = !id.is_empty()
        && id.len() <= ID_LENGTH
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !is_possible {
        return Err(not_found());
    }
    let start = id.to_ascii_uppercase();
    let page = inner
        .storage
        .rows(RowQuery {
            id_starts_with: Some(start),
            ..query
        })
        .await?;
    let mut rows = page.rows;
    match (rows.pop(), rows.is_empty()) {
        (None, _) => Err(not_found()),
        (Some(row), true) => Ok(row),
        (Some(row), false) => {
            rows.push(row);
            let fits = rows.iter().map(described).collect();
            Err(EngineError::AmbiguousId {
                kind,
                id: id.to_owned(),
                fits,
            })
        }
    }
}

fn described(row: &Row) -> String {
    match row {
        Row::Project(row) => row.project.to_string(),
        // As it can be asked for: a fork has the same plans.
        Row::Plan(row) => format!("{}/{}", row.project, row.plan),
        Row::Checkpoint(row) => format!("{} in project {}", row.checkpoint, row.project),
    }
}

fn unexpected(row: &Row) -> EngineError {
    let row = serde_json::to_string(row).unwrap_or_default();
    EngineError::Internal(format!("a list of one kind has a row of another: {row}"))
}
