//! Seeing to it that what was removed for good is in no file of the store any more.
//!
//! A deleted row leaves its bytes behind: in the file, until something else is written there, and
//! in the write-ahead log. SQLite's `secure_delete` writes over the row, but not over copies that
//! were left when pages were balanced before: tried, one body in a thousand stays. So the file is
//! made anew and the log emptied, which costs as much as the store is large.
//!
//! Who reads just then, or a full disk, can be in the way. That it is still to be done stands in
//! the store, written with the deletion itself, and it is tried again with the next one, when the
//! store is closed and when it is opened.
//!
//! How far that is are numbers in the table `meta`, which only grow and are never deleted: several
//! programs do this at once, and one that is late must not take another's deletion for its own.

use super::error::storage_error;
use super::open;
use super::write::execute;
use crate::journal::format::StoreFormat;
use crate::platform;
use crate::storage::StorageError;
use rusqlite::{Connection, Transaction};
use std::time::Duration;

/// How many transactions have removed something for good.
const MARKED: &str = "erasures_marked";

/// Up to which of these the file was made anew, while the log could not be emptied.
const MADE_ANEW: &str = "erasures_made_anew";

/// Up to which of these nothing is left in any file.
const DONE: &str = "erasures_done";

/// How long a step waits for others after a commit. Four of them may wait, and all that while
/// nobody is answered.
const PATIENCE: Duration = Duration::from_millis(60);

/// How many bytes a store may hold for a deleted project to be seen to at once: some tenths of a
/// second. Whoever clears out a larger one would pay for all of it with each project.
const AT_ONCE: i64 = 16 << 20;

/// Has SQLite write over what is deleted from here on.
pub(super) fn write_over(connection: &Connection, is_on: bool) -> Result<(), StorageError> {
    connection
        .pragma_update(None, "secure_delete", is_on)
        .map_err(|error| storage_error(error, "having deleted bodies written over"))
}

/// Puts on record that something goes for good, in the transaction in which it does.
pub(super) fn mark(transaction: &Transaction<'_>) -> Result<(), StorageError> {
    execute(
        transaction,
        "INSERT INTO meta (key, value) VALUES (?1, 1)
         ON CONFLICT (key) DO UPDATE SET value = value + 1",
        [MARKED],
    )
}

/// Does what is due, waiting for others a moment. The deletion itself has happened whatever comes
/// of this, so a failure is a warning.
pub(super) fn catch_up(connection: &Connection) {
    catch_up_within(connection, PATIENCE);
}

/// The same, unless it would take long.
pub(super) fn catch_up_if_small(connection: &Connection) {
    let held = "SELECT (page_count - freelist_count) * page_size
                FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
    let held = connection.query_row(held, [], |row| row.get::<_, i64>(0));
    if held.is_ok_and(|bytes| bytes <= AT_ONCE) {
        catch_up(connection);
    }
}

/// The same without waiting for anybody, unless the store is one that only newer programs may write
/// to.
pub(super) fn catch_up_at_once(connection: &Connection) {
    let is_writable = open::meta(connection, "min_writer").is_ok_and(|min_writer| {
        let format = StoreFormat {
            min_writer,
            ..StoreFormat::CURRENT
        };
        format.is_writable()
    });
    if is_writable && matches!(due(connection), Ok(Some(_))) {
        catch_up_within(connection, Duration::ZERO);
    }
}

fn catch_up_within(connection: &Connection, patience: Duration) {
    if let Err(hindrance) = try_within(connection, patience) {
        platform::warn(&format!(
            "what was removed for good may still be in the store's files: {hindrance}; \
             tried again when the store is next opened or closed"
        ));
    }
}

/// Tries with another patience than the connection has otherwise.
fn try_within(connection: &Connection, patience: Duration) -> Result<(), String> {
    let usual: u32 = connection
        .query_row("PRAGMA busy_timeout", [], |row| row.get(0))
        .map_err(failed)?;
    let usual = Duration::from_millis(usual.into());
    connection
        .busy_timeout(usual.min(patience))
        .map_err(failed)?;
    let tried = try_to(connection);
    connection.busy_timeout(usual).map_err(failed)?;
    tried
}

/// Does what is due; says what is in the way.
pub(super) fn try_to(connection: &Connection) -> Result<(), String> {
    let Some(due) = due(connection).map_err(failed)? else {
        return Ok(());
    };
    clear_files(connection, &due)?;
    raise(connection, DONE, due.marked).map_err(failed)
}

/// Leaves nothing in any file of what was removed up to the mark that was read before.
fn clear_files(connection: &Connection, due: &Due) -> Result<(), String> {
    // First of all: beside a reader the file could be made anew, but only by adding all of it to
    // the log, and that again at each try.
    empty_log(connection)?;
    if due.made_anew >= due.marked {
        return Ok(());
    }
    connection.execute_batch("VACUUM").map_err(failed)?;
    empty_log(connection).inspect_err(|_| {
        // If this fails too, the file is made anew once more than it had to be.
        let _ = raise(connection, MADE_ANEW, due.marked);
    })
}

/// Has all of the log written to the file, and cuts it to nothing.
fn empty_log(connection: &Connection) -> Result<(), String> {
    let is_blocked: bool = connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .map_err(failed)?;
    if is_blocked {
        return Err("somebody else uses it, so the log could not be emptied".to_owned());
    }
    Ok(())
}

/// What is not seen to yet.
#[derive(Debug, PartialEq, Eq)]
struct Due {
    marked: i64,
    made_anew: i64,
}

/// Whether there is anything to do.
pub(super) fn is_due(connection: &Connection) -> rusqlite::Result<bool> {
    due(connection).map(|due| due.is_some())
}

fn due(connection: &Connection) -> rusqlite::Result<Option<Due>> {
    // A row that isn't there is zero. In one statement, so that all are of one moment.
    let sql = "SELECT coalesce(max(value) FILTER (WHERE key = ?1), 0),
                      coalesce(max(value) FILTER (WHERE key = ?2), 0),
                      coalesce(max(value) FILTER (WHERE key = ?3), 0)
               FROM meta";
    connection.query_row(sql, [MARKED, MADE_ANEW, DONE], |row| {
        let (marked, made_anew, done): (i64, i64, i64) = row.try_into()?;
        Ok((done < marked).then_some(Due { marked, made_anew }))
    })
}

/// Sets a number, but never back: somebody else may have come further meanwhile.
fn raise(connection: &Connection, key: &str, value: i64) -> rusqlite::Result<()> {
    let sql = "INSERT INTO meta (key, value) VALUES (?1, ?2)
               ON CONFLICT (key) DO UPDATE SET value = max(value, excluded.value)";
    connection.execute(sql, (key, value)).map(drop)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn failed(error: rusqlite::Error) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::SqliteStorage;

    fn two_on_one_store() -> (tempfile::TempDir, Connection, Connection) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store.db");
        drop(SqliteStorage::open(&path).unwrap());
        let connect = || {
            let connection = Connection::open(&path).unwrap();
            connection.busy_timeout(Duration::ZERO).unwrap();
            connection
        };
        (folder, connect(), connect())
    }

    fn mark_alone(connection: &Connection) {
        let transaction = connection.unchecked_transaction().unwrap();
        mark(&transaction).unwrap();
        transaction.commit().unwrap();
    }

    #[test]
    fn r28_what_is_removed_while_another_is_late_stays_due() {
        let (_folder, late, other) = two_on_one_store();
        mark_alone(&other);
        let seen = due(&late).unwrap().unwrap();
        clear_files(&late, &seen).unwrap();
        // Somebody else does the same and is through with it first; then more is removed.
        try_to(&other).unwrap();
        assert_eq!(due(&other), Ok(None));
        mark_alone(&other);
        raise(&late, DONE, seen.marked).unwrap();
        let rest = Due {
            marked: 2,
            made_anew: 0,
        };
        assert_eq!(due(&other), Ok(Some(rest)));

        // Nor does one who is late make due again what is done.
        try_to(&other).unwrap();
        raise(&late, DONE, seen.marked).unwrap();
        assert_eq!(due(&late), Ok(None));
    }

    #[test]
    fn r28_what_is_removed_after_the_file_was_made_anew_has_it_made_anew_again() {
        let (_folder, connection, reader) = two_on_one_store();
        let version = || -> i64 {
            let version = connection.query_row("PRAGMA schema_version", [], |row| row.get(0));
            version.unwrap()
        };
        mark_alone(&connection);
        empty_log(&connection).unwrap();
        // With an empty log a reader is in nobody's way until something is written.
        reader.execute_batch("BEGIN; SELECT * FROM meta").unwrap();
        let before = version();
        try_to(&connection).unwrap_err();
        let made_anew = version();
        assert_ne!(made_anew, before, "VACUUM counts this up");
        try_to(&connection).unwrap_err();
        assert_eq!(version(), made_anew);
        mark_alone(&connection);
        reader.execute_batch("COMMIT").unwrap();
        try_to(&connection).unwrap();
        assert_ne!(version(), made_anew);
        assert_eq!(due(&connection), Ok(None));
    }

    #[test]
    fn r28_the_connection_waits_as_long_as_before_afterwards() {
        let (_folder, connection, reader) = two_on_one_store();
        let wait = || -> i64 {
            let wait = connection.query_row("PRAGMA busy_timeout", [], |row| row.get(0));
            wait.unwrap()
        };
        connection.busy_timeout(Duration::from_hours(1)).unwrap();
        reader.execute_batch("BEGIN; SELECT * FROM meta").unwrap();
        mark_alone(&connection);
        // Waiting an hour for that reader would be noticed.
        catch_up(&connection);
        assert_eq!(wait(), 3_600_000);
        catch_up_at_once(&connection);
        assert_eq!(wait(), 3_600_000);
        reader.execute_batch("COMMIT").unwrap();
        catch_up(&connection);
        assert_eq!((wait(), due(&connection)), (3_600_000, Ok(None)));
    }
}
