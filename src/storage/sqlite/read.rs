//! Reading everything that isn't a row.

use super::error::storage_error;
use crate::journal::{Head, Sealed, Snapshot};
use crate::machine::CommandStamp;
use crate::model::{CommandId, Digest, PlanId, ProjectId, Revision};
use crate::storage::{Epoch, Lease, StorageError, Tombstone};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension as _, Params, Row};
use std::str::FromStr;
use std::sync::Arc;

/// A value that is stored as text and parsed when it is read.
pub(super) struct Parsed<T>(pub(super) T);

impl<T> FromSql for Parsed<T>
where
    T: FromStr,
    T::Err: std::error::Error + Send + Sync + 'static,
{
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value
            .as_str()?
            .parse()
            .map(Parsed)
            .map_err(|error: T::Err| FromSqlError::other(error))
    }
}

impl ToSql for Digest {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.as_bytes())))
    }
}

impl FromSql for Digest {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let bytes: &[u8] = value.as_blob()?;
        bytes
            .try_into()
            .map(Digest::from_bytes)
            .map_err(|_| FromSqlError::InvalidBlobSize {
                expected_size: 32,
                blob_size: bytes.len(),
            })
    }
}

impl ToSql for Revision {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(integer(self.get()).into())
    }
}

impl FromSql for Revision {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let number = value.as_i64()?;
        u64::try_from(number)
            .map(Revision::new)
            .map_err(|_| FromSqlError::OutOfRange(number))
    }
}

/// A number for SQLite, whose integers end at 2^63 − 1. Those in the model end at 2^53 − 1; what a
/// caller asks for beyond that is as far as one can ask.
pub(super) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The one row of a query, if there is one.
fn one<T>(
    connection: &Connection,
    sql: &str,
    params: impl Params,
    read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Option<T>, StorageError> {
    connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.query_row(params, read).optional())
        .map_err(|error| storage_error(error, "reading from the store"))
}

pub(super) fn head(
    connection: &Connection,
    project: ProjectId,
) -> Result<Option<Head>, StorageError> {
    one(
        connection,
        "SELECT revision, digest FROM projects WHERE project = ?1",
        [project.to_string()],
        |row| {
            Ok(Head {
                revision: row.get(0)?,
                digest: row.get(1)?,
            })
        },
    )
}

pub(super) fn tombstone(
    connection: &Connection,
    project: ProjectId,
) -> Result<Option<Tombstone>, StorageError> {
    one(
        connection,
        "SELECT command, command_digest, revision, digest FROM tombstones WHERE project = ?1",
        [project.to_string()],
        |row| {
            Ok(Tombstone {
                command: CommandStamp {
                    id: row.get::<_, Parsed<_>>(0)?.0,
                    digest: row.get(1)?,
                },
                head: Head {
                    revision: row.get(2)?,
                    digest: row.get(3)?,
                },
            })
        },
    )
}

pub(super) fn entries(
    connection: &Connection,
    project: ProjectId,
    after: Revision,
    limit: usize,
) -> Result<Vec<Sealed>, StorageError> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let read = |row: &Row<'_>| {
        Ok(Sealed {
            revision: row.get(0)?,
            command: row
                .get_ref(1)?
                .as_str()
                .ok()
                .and_then(|id| id.parse().ok())
                .unwrap_or(CommandId::from_parts(0, 0)),
            prev: as_digest(row.get_ref(2)?),
            digest: as_digest(row.get_ref(3)?),
            text: as_text(row.get_ref(4)?),
        })
    };
    connection
        .prepare_cached(
            "SELECT revision, command, prev, digest, text FROM entries
             WHERE project = ?1 AND revision > ?2 ORDER BY revision LIMIT ?3",
        )
        .and_then(|mut statement| {
            statement
                .query_map((project.to_string(), after, limit), read)?
                .collect()
        })
        .map_err(|error| storage_error(error, "reading entries"))
}

pub(super) fn find_command(
    connection: &Connection,
    project: ProjectId,
    command: CommandId,
) -> Result<Option<Revision>, StorageError> {
    one(
        connection,
        "SELECT revision FROM entries WHERE project = ?1 AND command = ?2",
        [project.to_string(), command.to_string()],
        |row| row.get(0),
    )
}

pub(super) fn snapshot(
    connection: &Connection,
    project: ProjectId,
    at_most: Revision,
) -> Result<Option<Snapshot>, StorageError> {
    one(
        connection,
        "SELECT revision, digest, text FROM snapshots
         WHERE project = ?1 AND revision <= ?2 ORDER BY revision DESC LIMIT 1",
        (project.to_string(), at_most),
        |row| {
            Ok(Snapshot {
                revision: row.get(0)?,
                digest: as_digest(row.get_ref(1)?),
                text: as_text(row.get_ref(2)?),
            })
        },
    )
}

/// The text that stands there. Bytes that are none are shown as such: then the digest doesn't fit,
/// and whoever opens the entry or snapshot can say which one is damaged.
fn as_text(value: ValueRef<'_>) -> Arc<str> {
    match value {
        // `from_utf8_lossy` alone looks at each byte by itself: a fifth of an opening.
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => match str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => String::from_utf8_lossy(bytes).into(),
        },
        _ => "".into(),
    }
}

/// The digest that stands there, or one that fits nothing.
fn as_digest(value: ValueRef<'_>) -> Digest {
    Digest::column_result(value).unwrap_or(Digest::from_bytes([0xff; 32]))
}

/// Projects that have entries, whether or not they have a row.
pub(super) fn journals(
    connection: &Connection,
    after: Option<ProjectId>,
    limit: usize,
) -> Result<Vec<ProjectId>, StorageError> {
    let after = after.map(|project| project.to_string()).unwrap_or_default();
    connection
        .prepare_cached(
            "SELECT DISTINCT project FROM entries WHERE project > ?1 ORDER BY project LIMIT ?2",
        )
        .and_then(|mut statement| {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            statement
                .query_map((after, limit), |row| {
                    row.get::<_, Parsed<_>>(0).map(|id| id.0)
                })?
                .collect()
        })
        .map_err(|error| storage_error(error, "reading which journals there are"))
}

pub(super) fn blob(
    connection: &Connection,
    project: ProjectId,
    digest: Digest,
) -> Result<Option<Vec<u8>>, StorageError> {
    one(
        connection,
        "SELECT body FROM blobs WHERE project = ?1 AND digest = ?2",
        (project.to_string(), digest),
        |row| row.get(0),
    )
}

pub(super) fn blobs(
    connection: &mut Connection,
    project: ProjectId,
    digests: &[Digest],
) -> Result<Vec<Option<Vec<u8>>>, StorageError> {
    // What one of them finds is what was there when the first was looked for.
    let transaction = connection
        .transaction()
        .map_err(|error| storage_error(error, "beginning to read"))?;
    digests
        .iter()
        .map(|digest| blob(&transaction, project, *digest))
        .collect()
}

pub(super) fn lease(
    connection: &Connection,
    project: ProjectId,
    plan: PlanId,
) -> Result<Option<Lease>, StorageError> {
    one(
        connection,
        "SELECT epoch, text FROM leases WHERE project = ?1 AND plan = ?2",
        [project.to_string(), plan.to_string()],
        |row| {
            Ok(Lease {
                epoch: Epoch(row.get::<_, i64>(0)?.cast_unsigned()),
                text: row.get::<_, Arc<str>>(1)?,
            })
        },
    )
}
