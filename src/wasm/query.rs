//! Queries: everything that is read, by one door.

use super::border::write;
use super::failure::Failure;
use super::query_form::Query;
use super::store::Store;
use crate::engine::{Engine, HistoryQuery, VerifyReport};
use crate::model::{InvalidInput, Revision};
use crate::platform;
use crate::storage::{RowKind, RowQuery, Storage as _};
use crate::views::{
    CheckpointView, InboxEntry, ItemPage, ItemPageWithBodies, ItemQuery, ItemWithBody, PlanView,
    ProjectView, Statistics, StepView, StoreStatistics, project_at,
};
use serde::Serialize;
use wasm_bindgen::JsValue;

/// How many rows a list has, unless it is said.
const LIMIT: usize = 500;
/// How many it can have at most.
const MAX_LIMIT: usize = 10_000;

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
                newest_first,
                after,
                limit,
                id_starts_with,
            } => {
                let query = RowQuery {
                    id_starts_with,
                    newest_first,
                    after,
                    ..RowQuery::of(RowKind::Projects, checked(limit)?)
                };
                write(&engine.storage().rows(query).await?)
            }
            Query::Plans {
                project,
                unfinished,
                newest_first,
                after,
                limit,
                id_starts_with,
            } => {
                let query = RowQuery {
                    project,
                    id_starts_with,
                    unfinished,
                    newest_first,
                    after,
                    ..RowQuery::of(RowKind::Plans, checked(limit)?)
                };
                write(&engine.storage().rows(query).await?)
            }
            Query::Checkpoints {
                project,
                plan,
                newest_first,
                after,
                limit,
                id_starts_with,
            } => {
                let query = RowQuery {
                    project,
                    plan,
                    id_starts_with,
                    newest_first,
                    after,
                    ..RowQuery::of(RowKind::Checkpoints, checked(limit)?)
                };
                write(&engine.storage().rows(query).await?)
            }
            Query::Checkpoint {
                project,
                checkpoint,
            } => write(&CheckpointView::read(engine, project, checkpoint).await?),
            Query::Resumable {} => write(&engine.resumable().await?),
            Query::Inbox {} => write(&InboxEntry::all(engine).await?),
            Query::Project { project, at } => {
                let state = project_at(engine, project, at.unwrap_or_default()).await?;
                write(&ProjectView::of(&state, platform::now()))
            }
            Query::Statistics { project } => {
                let state = engine.project(project).await?;
                write(&Statistics::of(&state, platform::now()))
            }
            Query::StoreStatistics {} => write(&StoreStatistics::read(engine).await?),
            Query::Plan { project, plan, at } => {
                let at = at.unwrap_or_default();
                write(&PlanView::read(engine, project, plan, at).await?)
            }
            Query::Step {
                project,
                plan,
                step,
                at,
            } => {
                let at = at.unwrap_or_default();
                write(&StepView::read(engine, project, plan, step, at).await?)
            }
            Query::Diff { project, from, to } => {
                write(&engine.diff(project, from, to.unwrap_or_default()).await?)
            }
            Query::Context {
                project,
                at,
                agent,
                plan,
                archived,
                bodies,
                after,
                limit,
            } => {
                let (at, now) = (at.unwrap_or_default(), platform::now());
                let query = ItemQuery {
                    agent,
                    plan,
                    archived,
                    after: after.unwrap_or(0),
                    limit: checked(limit)?,
                };
                if bodies {
                    let page = ItemPageWithBodies::read(engine, project, &query, at, now).await?;
                    write(&page)
                } else {
                    let state = project_at(engine, project, at).await?;
                    write(&ItemPage::of(&state, &query, now))
                }
            }
            Query::Item { project, item, at } => {
                let (at, now) = (at.unwrap_or_default(), platform::now());
                write(&ItemWithBody::read(engine, project, item, at, now).await?)
            }
            Query::History {
                project,
                after,
                limit,
            } => {
                let after = after.unwrap_or(Revision::ZERO);
                write(&engine.history(project, after, checked(limit)?).await?)
            }
            Query::FindEntries {
                project,
                plan,
                actor,
                types,
                from,
                until,
                after,
                before,
                newest_first,
                limit,
            } => {
                let query = HistoryQuery {
                    plan,
                    actor,
                    kinds: types,
                    from,
                    until,
                    after,
                    before,
                    newest_first,
                    limit: checked(limit)?,
                };
                write(&engine.find_entries(project, &query).await?)
            }
            Query::Lease { project, plan } => write(&engine.lease(project, plan).await?),
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

fn checked(limit: Option<usize>) -> Result<usize, Failure> {
    match limit {
        None => Ok(LIMIT),
        Some(limit) if (1..=MAX_LIMIT).contains(&limit) => Ok(limit),
        Some(limit) => {
            Err(
                InvalidInput::malformed("limit", format!("1 to {MAX_LIMIT}"), &limit.to_string())
                    .into(),
            )
        }
    }
}
