//! Queries: everything that is read, by one door.

use super::border::write;
use super::failure::Failure;
use super::store::Store;
use crate::engine::{Engine, EngineError, VerifyReport};
use crate::machine::Rejection;
use crate::model::{InvalidInput, ItemId, Name, PlanId, ProjectId, Revision, TagFirst};
use crate::platform;
use crate::storage::{Cursor, RowKind, RowQuery, Storage as _};
use crate::views::{ItemPage, ItemQuery, ItemView, PlanView, ProjectView, StepView};
use serde::{Deserialize, Deserializer, Serialize};
use wasm_bindgen::JsValue;

/// How many rows a list has, unless it is said.
const LIMIT: usize = 500;
/// How many it can have at most.
const MAX_LIMIT: usize = 10_000;

/// `Query` of the types.
#[derive(Debug, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Query {
    Projects {
        after: Option<Cursor>,
        limit: Option<usize>,
        id_starts_with: Option<String>,
    },
    Plans {
        project: Option<ProjectId>,
        #[serde(default)]
        unfinished: bool,
        after: Option<Cursor>,
        limit: Option<usize>,
        id_starts_with: Option<String>,
    },
    Checkpoints {
        project: Option<ProjectId>,
        plan: Option<PlanId>,
        after: Option<Cursor>,
        limit: Option<usize>,
        id_starts_with: Option<String>,
    },
    Resumable {},
    Project {
        project: ProjectId,
    },
    Plan {
        project: ProjectId,
        plan: PlanId,
    },
    Step {
        project: ProjectId,
        plan: PlanId,
        step: u32,
    },
    Context {
        project: ProjectId,
        agent: Option<Name>,
        plan: Option<PlanId>,
        archived: Option<bool>,
        after: Option<u64>,
        limit: Option<usize>,
    },
    Item {
        project: ProjectId,
        item: ItemId,
    },
    History {
        project: ProjectId,
        after: Option<Revision>,
        limit: Option<usize>,
    },
    Verify {
        project: ProjectId,
    },
}

impl<'de> Deserialize<'de> for Query {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Query::deserialize(TagFirst(deserializer))
    }
}

#[derive(Serialize)]
struct ItemWithBody<'a> {
    #[serde(flatten)]
    item: ItemView,
    body: &'a str,
}

#[derive(Serialize)]
struct Verified<'a> {
    clean: bool,
    #[serde(flatten)]
    report: &'a VerifyReport,
}

impl Query {
    pub(super) async fn answer(self, engine: &Engine<Store>) -> Result<JsValue, Failure> {
        Ok(match self {
            Query::Projects {
                after,
                limit,
                id_starts_with,
            } => {
                let query = RowQuery {
                    id_starts_with,
                    after,
                    ..RowQuery::of(RowKind::Projects, checked(limit)?)
                };
                write(&engine.storage().rows(query).await?)
            }
            Query::Plans {
                project,
                unfinished,
                after,
                limit,
                id_starts_with,
            } => {
                let query = RowQuery {
                    project,
                    id_starts_with,
                    unfinished,
                    after,
                    ..RowQuery::of(RowKind::Plans, checked(limit)?)
                };
                write(&engine.storage().rows(query).await?)
            }
            Query::Checkpoints {
                project,
                plan,
                after,
                limit,
                id_starts_with,
            } => {
                let query = RowQuery {
                    project,
                    plan,
                    id_starts_with,
                    after,
                    ..RowQuery::of(RowKind::Checkpoints, checked(limit)?)
                };
                write(&engine.storage().rows(query).await?)
            }
            Query::Resumable {} => write(&engine.resumable().await?),
            Query::Project { project } => {
                let state = engine.project(project).await?;
                write(&ProjectView::of(&state, platform::now()))
            }
            Query::Plan { project, plan } => write(&PlanView::read(engine, project, plan).await?),
            Query::Step {
                project,
                plan,
                step,
            } => write(&StepView::read(engine, project, plan, step).await?),
            Query::Context {
                project,
                agent,
                plan,
                archived,
                after,
                limit,
            } => {
                let query = ItemQuery {
                    agent,
                    plan,
                    archived,
                    after: after.unwrap_or(0),
                    limit: checked(limit)?,
                };
                let state = engine.project(project).await?;
                write(&ItemPage::of(&state, &query, platform::now()))
            }
            Query::Item { project, item } => {
                let state = engine.project(project).await?;
                let found = state.items.get(&item);
                let found =
                    found.ok_or_else(|| EngineError::from(Rejection::ItemNotFound { item }))?;
                write(&ItemWithBody {
                    item: ItemView::of(found, platform::now()),
                    body: &engine.body(project, &found.body).await?,
                })
            }
            Query::History {
                project,
                after,
                limit,
            } => {
                let after = after.unwrap_or(Revision::ZERO);
                write(&engine.history(project, after, checked(limit)?).await?)
            }
            Query::Verify { project } => {
                let report = engine.verify(project).await?;
                write(&Verified {
                    clean: report.is_clean(),
                    report: &report,
                })
            }
        })
    }
}

fn checked(limit: Option<usize>) -> Result<usize, InvalidInput> {
    match limit {
        None => Ok(LIMIT),
        Some(limit) if (1..=MAX_LIMIT).contains(&limit) => Ok(limit),
        Some(limit) => Err(InvalidInput::malformed(
            "limit",
            format!("1 to {MAX_LIMIT}"),
            &limit.to_string(),
        )),
    }
}
