//! Opening a file: find out what it is before anything is changed, then bring it up to date.

use super::error::storage_error;
use super::{SqliteOptions, erase};
use crate::journal::format::StoreFormat;
use crate::storage::{Durability, StorageError, StorageErrorKind};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, TransactionBehavior};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Marks a SQLite file as a Holdpoint store: `HOLD` in ASCII.
const APPLICATION_ID: i64 = 0x484F_4C44;

/// The schema, step by step. `user_version` says how many of these a file has.
pub(super) const MIGRATIONS: &[&str] = &[include_str!("schema_1.sql")];

pub(super) fn open(path: &Path, options: &SqliteOptions) -> Result<Connection, StorageError> {
    open_with_steps(path, options, MIGRATIONS)
}

/// The same with another list of steps: what this program did before, or will do one day.
pub(super) fn open_with_steps(
    path: &Path,
    options: &SqliteOptions,
    migrations: &[&str],
) -> Result<Connection, StorageError> {
    // Made absolute, so that no name means something special to SQLite, like ":memory:".
    let path = &absolute(path)?;
    is_there(path, options)?;
    let create = if options.create {
        OpenFlags::SQLITE_OPEN_CREATE
    } else {
        OpenFlags::empty()
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | create;
    let mut connection = connect(path, flags, options)?;
    let wrong = |doing: &'static str| move |error| storage_error(error, doing);
    // Switching to a log doesn't wait for others, as everything else does.
    let deadline = Instant::now() + options.busy_timeout;
    let identity = loop {
        let identity = identify_alone(&connection, path)?;
        if !identity.is_new {
            break identity;
        }
        match connection.pragma_update(None, "journal_mode", "WAL") {
            Ok(()) => break identity,
            Err(error) => {
                let refused = storage_error(error, "switching to a write-ahead log");
                if refused.kind != StorageErrorKind::Blocked || Instant::now() >= deadline {
                    return Err(refused);
                }
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    };
    let synchronous = match options.durability {
        Durability::Strict => "FULL",
        Durability::Relaxed => "NORMAL",
    };
    connection
        .pragma_update(None, "synchronous", synchronous)
        .map_err(wrong("setting the durability"))?;
    if identity.user_version < migrations.len() {
        migrate(&mut connection, path, migrations)?;
    }
    connection.set_prepared_statement_cache_capacity(64);
    erase::catch_up_at_once(&connection);
    Ok(connection)
}

/// A connection to a store as it is, to read all of it: nothing is made, migrated or erased.
pub(super) fn open_to_copy(path: &Path) -> Result<(Connection, PathBuf), StorageError> {
    let options = SqliteOptions {
        create: false,
        ..SqliteOptions::default()
    };
    let path = absolute(path)?;
    is_there(&path, &options)?;
    let connection = connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE, &options)?;
    match identify_alone(&connection, &path) {
        // Where no file can be made beside it, and none is there, nobody can write to it.
        Err(refused)
            if refused.kind == StorageErrorKind::Unavailable && !beside(&path, "-wal").exists() =>
        {
            Ok((open_immutable(&path)?, path))
        }
        Err(refused) => Err(refused),
        Ok(_) => Ok((connection, path)),
    }
}

/// A connection to a file that nobody writes to, with nothing made beside it.
pub(super) fn open_immutable(path: &Path) -> Result<Connection, StorageError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    connect(&immutable_uri(path), flags, &SqliteOptions::default())
}

fn absolute(path: &Path) -> Result<PathBuf, StorageError> {
    std::path::absolute(path).map_err(|error| {
        let message = format!(
            "expected the path of a store, found {}: {error}",
            path.display()
        );
        StorageError::new(StorageErrorKind::Unavailable, message)
    })
}

/// Finds out what is there before anything is changed; whether anything is.
fn is_there(path: &Path, options: &SqliteOptions) -> Result<bool, StorageError> {
    if !check_path(path, options.create)? {
        return Ok(false);
    }
    check_header(path)?;
    look(path, options)?;
    let_write_beside(path);
    Ok(true)
}

/// Looks at a file before anything is opened for writing, so that one that isn't ours, or is newer,
/// stays as it is, with no file beside it that wasn't there.
fn look(path: &Path, options: &SqliteOptions) -> Result<(), StorageError> {
    let connection = if beside(path, "-wal").exists() {
        // Somebody uses it, or was killed: what the file is may stand in the log only.
        connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY, options)?
    } else {
        // Said to be immutable, SQLite reads the file and makes nothing beside it.
        open_immutable(path)?
    };
    identify_alone(&connection, path).map(drop)
}

/// Where SQLite puts what belongs to a file: beside it, not beside a link to it.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut path = path.into_os_string();
    path.push(suffix);
    path.into()
}

/// Refuses a file that begins like no database. SQLite itself takes some very short ones for empty.
///
/// Not one that somebody uses: if it is this process, closing the file here would take away the
/// locks that its other connections hold on it (<https://www.sqlite.org/howtocorrupt.html>, 2.2).
/// SQLite mends that when it takes the next one; a process that closes the store before that deletes
/// the log under their hands.
fn check_header(path: &Path) -> Result<(), StorageError> {
    const MAGIC: &[u8] = b"SQLite format 3\0";
    /// The smallest page there is, and so the smallest database.
    const SMALLEST: u64 = 512;
    if beside(path, "-wal").exists() {
        let is_too_short = std::fs::metadata(path)
            .is_ok_and(|file| file.is_file() && (1..SMALLEST).contains(&file.len()));
        return if is_too_short {
            let place = path.display();
            let message = format!("expected a Holdpoint store at {place}, found no database");
            Err(StorageError::new(StorageErrorKind::NotAStore, message))
        } else {
            Ok(())
        };
    }
    let mut start = Vec::new();
    let read = std::fs::File::open(path)
        .and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut start));
    let expected = |kind, found: &str| {
        let message = format!(
            "expected a Holdpoint store at {}, found {found}",
            path.display()
        );
        StorageError::new(kind, message)
    };
    match read {
        Ok(0) => Ok(()),
        Ok(_) if start == MAGIC => Ok(()),
        Ok(_) => Err(expected(StorageErrorKind::NotAStore, "no database")),
        Err(error) => Err(expected(StorageErrorKind::Unavailable, &error.to_string())),
    }
}

/// Files that SQLite made beside a store while that was read-only are read-only too, and would keep
/// it so for ever. If they can't be mended, SQLite says so at the first write.
fn let_write_beside(path: &Path) {
    let Ok(store) = std::fs::metadata(path) else {
        return;
    };
    for suffix in ["-wal", "-shm"] {
        let beside = beside(path, suffix);
        let is_read_only =
            std::fs::metadata(&beside).is_ok_and(|file| file.permissions().readonly());
        if is_read_only && !store.permissions().readonly() {
            let _ = std::fs::set_permissions(&beside, store.permissions());
        }
    }
}

fn immutable_uri(path: &Path) -> PathBuf {
    let mut uri = b"file:".to_vec();
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(byte) {
            uri.push(*byte);
        } else {
            uri.extend(format!("%{byte:02X}").into_bytes());
        }
    }
    uri.extend(b"?immutable=1");
    PathBuf::from(String::from_utf8(uri).expect("all of it is ASCII"))
}

/// [`identify`] in a transaction of its own: another program may be making the store just now, and
/// its header and its tables have to be seen at one moment.
fn identify_alone(connection: &Connection, path: &Path) -> Result<Identity, StorageError> {
    let transaction = connection
        .unchecked_transaction()
        .map_err(|error| storage_error(error, "beginning to read"))?;
    identify(&transaction, path)
}

/// Says plainly what is wrong with a path that SQLite would only call "unable to open".
fn check_path(path: &Path, create: bool) -> Result<bool, StorageError> {
    let unavailable = |found: String| {
        Err(StorageError::new(
            StorageErrorKind::Unavailable,
            format!("expected a store at {}, found {found}", path.display()),
        ))
    };
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => unavailable("a folder".to_owned()),
        Ok(_) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let folder = path
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty());
            match folder {
                Some(folder) if !folder.is_dir() => {
                    unavailable(format!("no folder {}", folder.display()))
                }
                _ if !create => unavailable("no file".to_owned()),
                _ => Ok(false),
            }
        }
        Err(error) => unavailable(error.to_string()),
    }
}

fn connect(
    path: &Path,
    flags: OpenFlags,
    options: &SqliteOptions,
) -> Result<Connection, StorageError> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|error| storage_error(error, "opening the store"))?;
    connection
        .busy_timeout(options.busy_timeout)
        .map_err(|error| storage_error(error, "setting the busy timeout"))?;
    Ok(connection)
}

struct Identity {
    is_new: bool,
    user_version: usize,
}

/// Refuses everything but a store that this program can read, in the connection's transaction.
pub(super) fn identify_store(connection: &Connection, path: &Path) -> Result<(), StorageError> {
    if !identify(connection, path)?.is_new {
        return Ok(());
    }
    let place = path.display();
    let message = format!("expected a Holdpoint store at {place}, found an empty file");
    Err(StorageError::new(StorageErrorKind::NotAStore, message))
}

/// What the file is: an empty one, or a store that this program can read. Anything else is refused.
fn identify(connection: &Connection, path: &Path) -> Result<Identity, StorageError> {
    let not_a_store = |found: String| {
        StorageError::new(
            StorageErrorKind::NotAStore,
            format!(
                "expected a Holdpoint store at {}, found {found}",
                path.display()
            ),
        )
    };
    let number = |sql: &str| -> Result<i64, StorageError> {
        connection
            .query_row(sql, [], |row| row.get(0))
            .map_err(|error| {
                let mut failed = storage_error(error, "reading the store's header");
                if failed.kind == StorageErrorKind::NotAStore {
                    failed.message = not_a_store("no database".to_owned()).message;
                }
                failed
            })
    };
    // The first read fixes the moment that the transaction sees; a pragma alone would not.
    let tables = number("SELECT count(*) FROM sqlite_schema")?;
    let application = number("PRAGMA application_id")?;
    if application != APPLICATION_ID {
        if application == 0 && tables == 0 {
            return Ok(Identity {
                is_new: true,
                user_version: 0,
            });
        }
        return Err(not_a_store(format!(
            "a database of another program (application id {application:#010x})"
        )));
    }
    let user_version = usize::try_from(number("PRAGMA user_version")?).unwrap_or(0);
    let format = store_format(connection)?;
    if !format.is_readable() {
        let place = format!(" at {}", path.display());
        return Err(StorageError::unreadable(&place, format.min_reader));
    }
    Ok(Identity {
        is_new: false,
        user_version,
    })
}

fn store_format(connection: &Connection) -> Result<StoreFormat, StorageError> {
    Ok(StoreFormat {
        format: meta(connection, "format")?,
        min_reader: meta(connection, "min_reader")?,
        min_writer: meta(connection, "min_writer")?,
    })
}

/// A number that the store says of itself.
pub(super) fn meta(connection: &Connection, key: &str) -> Result<u32, StorageError> {
    let value: Option<i64> = connection
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")
        .and_then(|mut statement| statement.query_row([key], |row| row.get(0)).optional())
        .map_err(|error| storage_error(error, "reading the store's format"))?;
    value
        .and_then(|value| u32::try_from(value).ok())
        .ok_or_else(|| {
            StorageError::new(
                StorageErrorKind::Corrupt,
                format!("expected a number under {key} in the store's table meta, found {value:?}"),
            )
        })
}

/// Brings the schema up to date, in one transaction. Two programs that open a new file at once
/// both come here; the second finds the work done.
///
/// Written by hand: what a migration crate would add, it does outside this transaction.
fn migrate(
    connection: &mut Connection,
    path: &Path,
    migrations: &[&str],
) -> Result<(), StorageError> {
    let wrong = |error| storage_error(error, "bringing the store's schema up to date");
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(wrong)?;
    let identity = identify(&transaction, path)?;
    for migration in migrations.iter().skip(identity.user_version) {
        transaction.execute_batch(migration).map_err(wrong)?;
    }
    if identity.is_new {
        transaction
            .pragma_update(None, "application_id", APPLICATION_ID)
            .map_err(wrong)?;
        let format = StoreFormat::CURRENT;
        for (key, value) in [
            ("format", format.format),
            ("min_reader", format.min_reader),
            ("min_writer", format.min_writer),
        ] {
            transaction
                .execute(
                    "INSERT INTO meta (key, value) VALUES (?1, ?2)",
                    (key, value),
                )
                .map_err(wrong)?;
        }
    }
    if identity.user_version < migrations.len() {
        transaction
            .pragma_update(
                None,
                "user_version",
                i64::try_from(migrations.len()).unwrap_or(i64::MAX),
            )
            .map_err(wrong)?;
    }
    transaction.commit().map_err(wrong)
}
