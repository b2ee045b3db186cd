//! The tables of rows, which people may query too.

use super::error::storage_error;
use super::read::{Parsed, integer};
use super::write::execute;
use crate::journal::Head;
use crate::model::{InvalidInput, Reason};
use crate::storage::{
    CheckpointRow, PlanRow, ProjectRow, Row as AnyRow, RowChanges, RowKind, RowPage, RowQuery,
    StorageError,
};
use rusqlite::types::{FromSql, FromSqlError, Value, ValueRef};
use rusqlite::{Connection, Row, Transaction, named_params, params_from_iter};
use serde::de::DeserializeOwned;

/// Something that the model writes as a JSON string: statuses, states, triggers.
struct Word<T>(T);

impl<T: DeserializeOwned> FromSql for Word<T> {
    fn column_result(value: ValueRef<'_>) -> Result<Self, FromSqlError> {
        let word = serde_json::Value::String(value.as_str()?.to_owned());
        serde_json::from_value(word)
            .map(Word)
            .map_err(FromSqlError::other)
    }
}

/// Writes the rows of a commit, and the head with the project's.
pub(super) fn write(
    transaction: &Transaction<'_>,
    head: Head,
    rows: &RowChanges,
) -> Result<(), StorageError> {
    let project = rows.project.project.to_string();
    write_project(transaction, head, &rows.project)?;
    for plan in &rows.plans_gone {
        execute(
            transaction,
            "DELETE FROM plans WHERE project = ?1 AND plan = ?2",
            [&project, &plan.to_string()],
        )?;
    }
    for plan in &rows.plans {
        write_plan(transaction, plan)?;
    }
    for checkpoint in &rows.checkpoints_gone {
        execute(
            transaction,
            "DELETE FROM checkpoints WHERE project = ?1 AND checkpoint = ?2",
            [&project, &checkpoint.to_string()],
        )?;
    }
    for checkpoint in &rows.checkpoints {
        write_checkpoint(transaction, checkpoint)?;
    }
    Ok(())
}

fn write_project(
    transaction: &Transaction<'_>,
    head: Head,
    row: &ProjectRow,
) -> Result<(), StorageError> {
    execute(
        transaction,
        "INSERT OR REPLACE INTO projects (
           project, revision, digest, name, status, plans, plans_completed, plans_unfinished,
           active_agents, items, items_archived, tokens, checkpoints,
           paused_at, pause_reason, pause_checkpoint_id, created_at, created_by, updated_at
         ) VALUES (
           :project, :revision, :digest, :name, :status, :plans, :plans_completed, :plans_unfinished,
           :active_agents, :items, :items_archived, :tokens, :checkpoints,
           :paused_at, :pause_reason, :pause_checkpoint_id, :created_at, :created_by, :updated_at
         )",
        named_params! {
            ":project": row.project.to_string(),
            ":revision": head.revision,
            ":digest": head.digest,
            ":name": row.name.as_str(),
            ":status": row.status.as_str(),
            ":plans": integer(row.plans),
            ":plans_completed": integer(row.plans_completed),
            ":plans_unfinished": integer(row.plans_unfinished),
            ":active_agents": integer(row.active_agents),
            ":items": integer(row.items),
            ":items_archived": integer(row.items_archived),
            ":tokens": integer(row.tokens),
            ":checkpoints": integer(row.checkpoints),
            ":paused_at": row.paused_at.map(|time| time.to_string()),
            ":pause_reason": row.pause_reason.as_ref().map(Reason::as_str),
            ":pause_checkpoint_id": row.pause_checkpoint_id.map(|id| id.to_string()),
            ":created_at": row.created_at.to_string(),
            ":created_by": row.created_by.as_str(),
            ":updated_at": row.updated_at.to_string(),
        },
    )
}

fn write_plan(transaction: &Transaction<'_>, row: &PlanRow) -> Result<(), StorageError> {
    execute(
        transaction,
        "INSERT OR REPLACE INTO plans (
           project, plan, number, request, state, steps, last_completed_step,
           last_attempt, reversion_count, max_reversions, retry_count, submission,
           last_checkpoint_id, created_at, created_by, updated_at, completed_at, applied_at
         ) VALUES (
           :project, :plan, :number, :request, :state, :steps, :last_completed_step,
           :last_attempt, :reversion_count, :max_reversions, :retry_count, :submission,
           :last_checkpoint_id, :created_at, :created_by, :updated_at, :completed_at, :applied_at
         )",
        named_params! {
            ":project": row.project.to_string(),
            ":plan": row.plan.to_string(),
            ":number": integer(row.number),
            ":request": row.request,
            ":state": row.state.as_str(),
            ":steps": integer(row.steps),
            ":last_completed_step": row.last_completed_step,
            ":last_attempt": integer(row.last_attempt),
            ":reversion_count": row.reversion_count,
            ":max_reversions": row.max_reversions,
            ":retry_count": row.retry_count,
            ":submission": row.submission.map(integer),
            ":last_checkpoint_id": row.last_checkpoint_id.map(|id| id.to_string()),
            ":created_at": row.created_at.to_string(),
            ":created_by": row.created_by.as_str(),
            ":updated_at": row.updated_at.to_string(),
            ":completed_at": row.completed_at.map(|time| time.to_string()),
            ":applied_at": row.applied_at.map(|time| time.to_string()),
        },
    )
}

fn write_checkpoint(
    transaction: &Transaction<'_>,
    row: &CheckpointRow,
) -> Result<(), StorageError> {
    execute(
        transaction,
        "INSERT OR REPLACE INTO checkpoints (
           project, checkpoint, number, plan, revision, trigger, safety, name, reason, pinned,
           created_at, created_by
         ) VALUES (
           :project, :checkpoint, :number, :plan, :revision, :trigger, :safety, :name, :reason,
           :pinned, :created_at, :created_by
         )",
        named_params! {
            ":project": row.project.to_string(),
            ":checkpoint": row.checkpoint.to_string(),
            ":number": integer(row.number),
            ":plan": row.plan.map(|id| id.to_string()),
            ":revision": row.revision,
            ":trigger": row.trigger.as_str(),
            ":safety": row.safety,
            ":name": row.name.as_str(),
            ":reason": row.reason.as_ref().map(Reason::as_str),
            ":pinned": row.pinned,
            ":created_at": row.created_at.to_string(),
            ":created_by": row.created_by.as_str(),
        },
    )
}

pub(super) fn select(connection: &Connection, query: &RowQuery) -> Result<RowPage, StorageError> {
    let (table, id) = match query.kind {
        RowKind::Projects => ("projects", "project"),
        RowKind::Plans => ("plans", "plan"),
        RowKind::Checkpoints => ("checkpoints", "checkpoint"),
    };
    let (direction, beyond) = if query.newest_first {
        ("DESC", "<")
    } else {
        ("ASC", ">")
    };
    let order = match query.kind {
        RowKind::Projects => format!("project {direction}"),
        RowKind::Plans | RowKind::Checkpoints => {
            format!("project {direction}, number {direction}")
        }
    };
    let mut conditions = Vec::new();
    let mut values: Vec<Value> = Vec::new();
    let mut condition = |sql: String, bound: Vec<Value>| {
        conditions.push(sql);
        values.extend(bound);
    };
    if let Some(project) = query.project {
        condition("project = ?".to_owned(), vec![project.to_string().into()]);
    }
    match (query.plan, query.kind) {
        (Some(_), RowKind::Projects) => condition("0".to_owned(), vec![]),
        (Some(plan), _) => condition("plan = ?".to_owned(), vec![plan.to_string().into()]),
        (None, _) => {}
    }
    let mut by_id = String::new();
    if let Some(start) = &query.id_starts_with {
        let bounds = all_that_begin_with(start);
        if query.kind != RowKind::Projects && are_few(connection, (table, id), &bounds)? {
            by_id = format!("INDEXED BY {table}_by_id");
        }
        condition(
            format!("{id} >= ? AND {id} < ?"),
            bounds.map(Value::from).to_vec(),
        );
    }
    if query.unfinished && query.kind == RowKind::Plans {
        condition("unfinished = 1".to_owned(), vec![]);
    }
    match (query.after, query.kind) {
        (Some(after), RowKind::Projects) => {
            condition(
                format!("project {beyond} ?"),
                vec![after.project.to_string().into()],
            );
        }
        // Of one project the number alone says where to go on: with both, SQLite reads its list from
        // the beginning for each page.
        (Some(after), _) if query.project == Some(after.project) => {
            condition(
                format!("number {beyond} ?"),
                vec![integer(after.number).into()],
            );
        }
        (Some(after), _) => condition(
            format!("(project, number) {beyond} (?, ?)"),
            vec![
                after.project.to_string().into(),
                integer(after.number).into(),
            ],
        ),
        (None, _) => {}
    }
    let filter = if conditions.is_empty() {
        String::new()
    } else {
        format!("WHERE {}", conditions.join(" AND "))
    };
    // One more than asked for tells whether there is more.
    let limit = i64::try_from(query.limit)
        .unwrap_or(i64::MAX)
        .saturating_add(1);
    values.push(limit.into());
    let read = match query.kind {
        RowKind::Projects => read_project,
        RowKind::Plans => read_plan,
        RowKind::Checkpoints => read_checkpoint,
    };
    let rows = connection
        .prepare_cached(&format!(
            "SELECT * FROM {table} {by_id} {filter} ORDER BY {order} LIMIT ?"
        ))
        .and_then(|mut statement| {
            statement
                .query_map(params_from_iter(values), read)?
                .collect::<Result<Vec<_>, _>>()
        })
        .map_err(|error| storage_error(error, "reading rows"))?;
    Ok(RowPage::of(rows, query.limit))
}

/// Ids are ASCII: everything that begins so lies between the two.
fn all_that_begin_with(start: &str) -> [String; 2] {
    [start.to_owned(), format!("{start}\u{7f}")]
}

/// Whether so few ids lie between the two that the index of ids is the shorter way to their rows. Of
/// more, the rows in their order soon have as many as are asked for. SQLite by itself takes that way
/// always, since it need not sort then, and reads every row of a project to find one.
fn are_few(
    connection: &Connection,
    (table, id): (&str, &str),
    bounds: &[String; 2],
) -> Result<bool, StorageError> {
    const FEW: i64 = 256;
    let count: i64 = connection
        .prepare_cached(&format!(
            "SELECT count(*) FROM (
               SELECT 1 FROM {table} INDEXED BY {table}_by_id WHERE {id} >= ? AND {id} < ? LIMIT {FEW} + 1
             )"
        ))
        .and_then(|mut statement| statement.query_row(params_from_iter(bounds), |row| row.get(0)))
        .map_err(|error| storage_error(error, "reading rows"))?;
    Ok(count <= FEW)
}

fn text<T>(row: &Row<'_>, column: &str) -> rusqlite::Result<T>
where
    T: std::str::FromStr<Err = InvalidInput>,
{
    row.get::<_, Parsed<T>>(column).map(|parsed| parsed.0)
}

fn optional_text<T>(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<T>>
where
    T: std::str::FromStr<Err = InvalidInput>,
{
    row.get::<_, Option<Parsed<T>>>(column)
        .map(|parsed| parsed.map(|parsed| parsed.0))
}

fn word<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    row.get::<_, Word<T>>(column).map(|word| word.0)
}

fn number(row: &Row<'_>, column: &str) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::cast_unsigned)
}

fn read_project(row: &Row<'_>) -> rusqlite::Result<AnyRow> {
    Ok(AnyRow::Project(Box::new(ProjectRow {
        project: text(row, "project")?,
        revision: row.get("revision")?,
        name: text(row, "name")?,
        status: word(row, "status")?,
        plans: number(row, "plans")?,
        plans_completed: number(row, "plans_completed")?,
        plans_unfinished: number(row, "plans_unfinished")?,
        active_agents: number(row, "active_agents")?,
        items: number(row, "items")?,
        items_archived: number(row, "items_archived")?,
        tokens: number(row, "tokens")?,
        checkpoints: number(row, "checkpoints")?,
        paused_at: optional_text(row, "paused_at")?,
        pause_reason: optional_text(row, "pause_reason")?,
        pause_checkpoint_id: optional_text(row, "pause_checkpoint_id")?,
        created_at: text(row, "created_at")?,
        created_by: text(row, "created_by")?,
        updated_at: text(row, "updated_at")?,
    })))
}

fn read_plan(row: &Row<'_>) -> rusqlite::Result<AnyRow> {
    Ok(AnyRow::Plan(Box::new(PlanRow {
        project: text(row, "project")?,
        plan: text(row, "plan")?,
        number: number(row, "number")?,
        request: row.get("request")?,
        state: word(row, "state")?,
        steps: number(row, "steps")?,
        last_completed_step: row.get("last_completed_step")?,
        last_attempt: number(row, "last_attempt")?,
        reversion_count: row.get("reversion_count")?,
        max_reversions: row.get("max_reversions")?,
        retry_count: row.get("retry_count")?,
        submission: row
            .get::<_, Option<i64>>("submission")?
            .map(i64::cast_unsigned),
        last_checkpoint_id: optional_text(row, "last_checkpoint_id")?,
        created_at: text(row, "created_at")?,
        created_by: text(row, "created_by")?,
        updated_at: text(row, "updated_at")?,
        completed_at: optional_text(row, "completed_at")?,
        applied_at: optional_text(row, "applied_at")?,
    })))
}

fn read_checkpoint(row: &Row<'_>) -> rusqlite::Result<AnyRow> {
    Ok(AnyRow::Checkpoint(Box::new(CheckpointRow {
        project: text(row, "project")?,
        checkpoint: text(row, "checkpoint")?,
        number: number(row, "number")?,
        plan: optional_text(row, "plan")?,
        revision: row.get("revision")?,
        trigger: word(row, "trigger")?,
        safety: row.get("safety")?,
        name: text(row, "name")?,
        reason: optional_text(row, "reason")?,
        pinned: row.get("pinned")?,
        created_at: text(row, "created_at")?,
        created_by: text(row, "created_by")?,
    })))
}
