//! What a store holds, as one digest: to tell whether two of them hold the same.
//!
//! A project's head commits to its whole journal, and a journal to every body that it refers to; so
//! the heads, what is left of removed projects, and the form of the store say all that a backup has
//! to keep. What is left out comes and goes without anything being done: leases, and snapshots and
//! rows, which are made from the journal.

use super::error::storage_error;
use crate::storage::StorageError;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

/// Each in an order of its own, whatever stands in which page.
const ALL: [&str; 4] = [
    "SELECT user_version FROM pragma_user_version",
    "SELECT key, value FROM meta WHERE key IN ('format', 'min_reader', 'min_writer') ORDER BY key",
    "SELECT project, revision, digest FROM projects ORDER BY project",
    "SELECT project, command, revision, digest FROM tombstones ORDER BY project",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Contents(blake3::Hash);

impl Contents {
    /// Of the moment that the connection's transaction sees. It reads a row for each project.
    pub(super) fn of(connection: &Connection) -> Result<Self, StorageError> {
        let mut hasher = blake3::Hasher::new();
        for sql in ALL {
            hash(&mut hasher, connection, sql)
                .map_err(|error| storage_error(error, "reading what the store holds"))?;
        }
        Ok(Self(hasher.finalize()))
    }
}

fn hash(hasher: &mut blake3::Hasher, connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    let mut select = connection.prepare(sql)?;
    let columns = select.column_count();
    let mut rows = select.query([])?;
    while let Some(row) = rows.next()? {
        hash_row(hasher, row, columns)?;
    }
    hasher.update(b";");
    Ok(())
}

/// Each value with its type and length, so that no two rows read alike.
fn hash_row(hasher: &mut blake3::Hasher, row: &Row<'_>, columns: usize) -> rusqlite::Result<()> {
    for column in 0..columns {
        let number;
        let (kind, bytes): (u8, &[u8]) = match row.get_ref(column)? {
            ValueRef::Null => (b'n', &[]),
            ValueRef::Integer(value) => {
                number = value.to_le_bytes();
                (b'i', &number)
            }
            ValueRef::Real(value) => {
                number = value.to_bits().to_le_bytes();
                (b'r', &number)
            }
            ValueRef::Text(text) => (b't', text),
            ValueRef::Blob(blob) => (b'b', blob),
        };
        hasher.update(&[kind]);
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    }
    Ok(())
}
