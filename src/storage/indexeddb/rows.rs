//! Rows: as JSON text, beside what lists are asked by.

use super::backwards::last_records;
use super::error::{corrupt, failure};
use super::js::{after_all, beginning_with, field, key, number, object, set, text};
use super::read::at_most;
use super::schema::{BY_CHECKPOINT, BY_PLAN, CHECKPOINTS, PLANS, PROJECTS, UNFINISHED};
use super::session::Session;
use crate::journal::Head;
use crate::model::{ProjectId, from_json};
use crate::storage::{
    CheckpointRow, PlanRow, ProjectRow, Row, RowKind, RowPage, RowQuery, StorageError,
};
use serde::Serialize;
use wasm_bindgen::JsValue;
use web_sys::{IdbKeyRange, IdbObjectStore};

/// A record and its key.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) key: JsValue,
    pub(super) value: JsValue,
}

/// The record of a project: its head and its row.
pub(super) fn project_record(head: Head, row: &ProjectRow) -> Result<Record, StorageError> {
    Ok(Record {
        key: text(&row.project),
        value: object([
            ("revision", number(head.revision.get())),
            ("digest", text(&head.digest)),
            ("row", json(row)?),
        ]),
    })
}

/// The record of a plan.
pub(super) fn plan_record(row: &PlanRow) -> Result<Record, StorageError> {
    let value = object([
        ("project", text(&row.project)),
        ("number", number(row.number)),
        ("plan", text(&row.plan)),
        ("row", json(row)?),
    ]);
    if row.is_unfinished() {
        // The others have no such field, and are not in its index.
        set(&value, "unfinished", &number(1));
    }
    Ok(Record {
        key: key([text(&row.project), number(row.number)]),
        value,
    })
}

/// The record of a checkpoint.
pub(super) fn checkpoint_record(row: &CheckpointRow) -> Result<Record, StorageError> {
    let value = object([
        ("project", text(&row.project)),
        ("number", number(row.number)),
        ("checkpoint", text(&row.checkpoint)),
        ("row", json(row)?),
    ]);
    if let Some(plan) = row.plan {
        set(&value, "plan", &text(&plan));
    }
    Ok(Record {
        key: key([text(&row.project), number(row.number)]),
        value,
    })
}

/// Puts them all.
pub(super) fn put_all(store: &IdbObjectStore, records: &[Record]) -> Result<(), JsValue> {
    for record in records {
        store.put_with_key(&record.value, &record.key)?;
    }
    Ok(())
}

fn json(row: &impl Serialize) -> Result<JsValue, StorageError> {
    serde_json::to_string(row)
        .map(JsValue::from)
        .map_err(|error| corrupt("a row that JSON can hold", &error.to_string()))
}

/// The row in its record.
pub(super) fn row(kind: RowKind, record: &JsValue) -> Result<Row, StorageError> {
    let text = field(record, "row").as_string().unwrap_or_default();
    match kind {
        RowKind::Projects => from_json(&text).map(Row::Project),
        RowKind::Plans => from_json(&text).map(Row::Plan),
        RowKind::Checkpoints => from_json(&text).map(Row::Checkpoint),
    }
    .map_err(|error| corrupt("a row", &format!("{text:?}: {error}")))
}

pub(super) async fn select(session: &Session, query: &RowQuery) -> Result<RowPage, StorageError> {
    const DOING: &str = "reading rows";
    let source = match query.kind {
        RowKind::Projects => Source::of_projects(query),
        RowKind::Plans => Source::of_plans(query),
        RowKind::Checkpoints => Source::of_checkpoints(query),
    };
    let Some(source) = source.map_err(|thrown| failure(&thrown, DOING))? else {
        return Ok(RowPage::of(Vec::new(), query.limit));
    };
    // One more than asked for tells whether there is more.
    let wanted = query.limit.saturating_add(1);
    let limit = at_most(wanted).filter(|_| source.is_exact);
    let Source {
        store,
        index,
        range,
        ..
    } = source;
    let records = match limit {
        Some(limit) if query.newest_first => {
            last_records(session, store, index, range, limit, DOING).await?
        }
        limit => {
            session
                .list(store, DOING, |store| async move {
                    let range = range.map(Into::into);
                    match index {
                        None => store.get_all(range, limit).await,
                        Some(index) => store.index(index)?.get_all(range, limit).await,
                    }
                })
                .await?
        }
    };
    let mut rows = Vec::new();
    for record in &records {
        let row = row(query.kind, record)?;
        if row.matches(query) {
            rows.push(row);
        }
    }
    Row::sort(&mut rows, query);
    rows.truncate(wanted);
    Ok(RowPage::of(rows, query.limit))
}

/// Where the rows are that a query asks for.
struct Source {
    store: &'static str,
    index: Option<&'static str>,
    range: Option<IdbKeyRange>,
    /// Whether all of them are asked for, in the order in which they stand there or from their end.
    /// Otherwise all are read before some are chosen: those of one plan, of one project, or of ids
    /// that begin alike.
    is_exact: bool,
}

impl Source {
    /// Projects stand under their ids alone.
    fn of_projects(query: &RowQuery) -> Result<Option<Self>, JsValue> {
        if query.plan.is_some() {
            return Ok(None);
        }
        let range = match (query.project, query.after, beginning(query)) {
            (Some(project), _, _) => Some(IdbKeyRange::only(&text(&project))?),
            (None, Some(after), _) => {
                let after = text(&after.project);
                Some(if query.newest_first {
                    IdbKeyRange::upper_bound_with_open(&after, true)?
                } else {
                    IdbKeyRange::lower_bound_with_open(&after, true)?
                })
            }
            (None, None, Some(start)) => Some(IdbKeyRange::bound(
                &start.into(),
                &behind_all_that_begin_with(start),
            )?),
            (None, None, None) => None,
        };
        Ok(Some(Self {
            store: PROJECTS,
            index: None,
            range,
            is_exact: query.project.is_none() && beginning(query).is_none(),
        }))
    }

    fn of_plans(query: &RowQuery) -> Result<Option<Self>, JsValue> {
        let is_exact = beginning(query).is_none();
        if let Some(plan) = query.plan {
            let is_exact = is_exact && !query.unfinished;
            return Self::numbered(PLANS, Some(BY_PLAN), vec![text(&plan)], query, is_exact);
        }
        if let (Some(start), None) = (beginning(query), query.project) {
            return Self::of_ids(PLANS, BY_PLAN, start);
        }
        if query.unfinished {
            return Self::numbered(PLANS, Some(UNFINISHED), vec![number(1)], query, is_exact);
        }
        Self::numbered(PLANS, None, vec![], query, is_exact)
    }

    fn of_checkpoints(query: &RowQuery) -> Result<Option<Self>, JsValue> {
        let is_exact = beginning(query).is_none();
        if let Some(plan) = query.plan {
            let plan = vec![text(&plan)];
            return Self::numbered(CHECKPOINTS, Some(BY_PLAN), plan, query, is_exact);
        }
        if let (Some(start), None) = (beginning(query), query.project) {
            return Self::of_ids(CHECKPOINTS, BY_CHECKPOINT, start);
        }
        Self::numbered(CHECKPOINTS, None, vec![], query, is_exact)
    }

    /// Those whose keys are these parts, then project and number.
    fn numbered(
        store: &'static str,
        index: Option<&'static str>,
        mut parts: Vec<JsValue>,
        query: &RowQuery,
        is_exact: bool,
    ) -> Result<Option<Self>, JsValue> {
        parts.extend(query.project.as_ref().map(text));
        let mut place = parts.clone();
        let is_within = match (query.project, query.after) {
            (Some(project), Some(after)) if after.project == project => {
                place.push(number(after.number));
                true
            }
            (Some(project), Some(after)) if (after.project < project) == query.newest_first => {
                return Ok(None);
            }
            (None, Some(after)) => {
                place.extend([text(&after.project), number(after.number)]);
                true
            }
            (_, _) => false,
        };
        // What has fewer parts comes first and is nobody's key, so both ends can be left out.
        let (lower, upper) = match (is_within, query.newest_first) {
            (true, true) => (key(parts), key(place)),
            (true, false) => (key(place), after_all(&parts)),
            (false, _) => (key(parts.iter().cloned()), after_all(&parts)),
        };
        let range = IdbKeyRange::bound_with_lower_open_and_upper_open(&lower, &upper, true, true)?;
        Ok(Some(Self {
            store,
            index,
            range: Some(range),
            is_exact,
        }))
    }

    /// Those whose own ids begin like this, whatever else is asked.
    fn of_ids(
        store: &'static str,
        index: &'static str,
        start: &str,
    ) -> Result<Option<Self>, JsValue> {
        let range = IdbKeyRange::bound(
            &key([start.into()]),
            &key([behind_all_that_begin_with(start)]),
        )?;
        Ok(Some(Self {
            store,
            index: Some(index),
            range: Some(range),
            is_exact: false,
        }))
    }
}

/// How the ids that are asked for begin.
fn beginning(query: &RowQuery) -> Option<&str> {
    query
        .id_starts_with
        .as_deref()
        .filter(|start| !start.is_empty())
}

/// Ids are ASCII.
fn behind_all_that_begin_with(start: &str) -> JsValue {
    format!("{start}\u{7f}").into()
}

/// The keys of a plan's or checkpoint's record in the index of its id.
pub(super) fn of_id(id: &impl ToString, project: ProjectId) -> Result<JsValue, JsValue> {
    beginning_with(&[text(id), text(&project)]).map(JsValue::from)
}
