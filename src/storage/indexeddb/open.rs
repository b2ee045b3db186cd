//! Opening: the raw handle, which makes the schema in its own upgrade. Rexie comes later, at the
//! same version (`lists.rs`), so that no upgrade of rexie's ever runs. Those delete every store that
//! they aren't told of, panic when they fail, and wait in silence for other tabs.

use super::connection::Connection;
use super::error::failure;
use super::format;
use super::js::as_number;
use super::observer::ConnectionObserver;
use super::opening::{IfMissing, Opening, gone};
use super::schema;
use super::transaction::Access;
use crate::journal::format::StoreFormat;
use crate::storage::{Durability, StorageError, StorageErrorKind};
use std::time::Duration;
use wasm_bindgen::JsValue;

/// Opens the raw handle.
pub(super) async fn open(
    name: &str,
    patience: Duration,
    if_missing: IfMissing,
    observer: Option<&ConnectionObserver>,
) -> Result<Connection, StorageError> {
    let request = Opening::ask(name, Some(schema::VERSION), if_missing)?.telling(observer);
    let raw = match request.finished(name, patience).await {
        Err(error) if error.kind == StorageErrorKind::TooNew => {
            return Err(newer_or_foreign(name, patience, error).await);
        }
        opened => opened?,
    };
    if !schema::is_in(&raw) {
        raw.close();
        return Err(not_a_store(name));
    }
    let connection = Connection::of(raw, observer.cloned());
    check_format(name, &connection, if_missing).await?;
    Ok(connection)
}

/// Tells a store of a newer program from a database that only has the same name. Looks at it in
/// whichever version it has, and changes nothing.
async fn newer_or_foreign(name: &str, patience: Duration, error: StorageError) -> StorageError {
    let opened = match Opening::ask(name, None, IfMissing::Report) {
        Ok(request) => request.finished(name, patience).await,
        Err(failed) => Err(failed),
    };
    let Ok(database) = opened else {
        return error;
    };
    let is_store = database.object_store_names().contains(schema::META);
    // As the whole number that it is: what writes any other is five kilobytes to load.
    let found = as_number(&database.version().into()).unwrap_or(0);
    database.close();
    if !is_store {
        return not_a_store(name);
    }
    StorageError {
        message: format!(
            "expected the database \"{name}\" in version {} at most, found version {found}",
            schema::VERSION
        ),
        ..error
    }
}

/// Reads what the store says of itself, and writes it into a new one.
async fn check_format(
    name: &str,
    connection: &Connection,
    if_missing: IfMissing,
) -> Result<(), StorageError> {
    let wrong = |thrown: JsValue| failure(&thrown, "reading the store's format");
    let access = Access::Write(Durability::Strict);
    let mut transaction = connection.begin(&[schema::META], Access::Read)?;
    let meta = transaction.store(schema::META).map_err(wrong)?;
    let request = meta.get(&schema::FORMAT.into()).map_err(wrong)?;
    transaction.answered(&request).await?;
    let record = request.result().map_err(wrong)?;
    if record.is_undefined() {
        if if_missing == IfMissing::Report {
            return Err(gone(name));
        }
        let made = format::record(StoreFormat::CURRENT);
        let transaction = connection.begin(&[schema::META], access)?;
        return transaction
            .write(|transaction| {
                let meta = transaction.store(schema::META)?;
                meta.put_with_key(&made, &schema::FORMAT.into()).map(drop)
            })
            .await;
    }
    let format = format::read(&record)?;
    if format.is_readable() {
        return Ok(());
    }
    let place = format!(" in the database \"{name}\"");
    Err(StorageError::unreadable(&place, format.min_reader))
}

fn not_a_store(name: &str) -> StorageError {
    StorageError::new(
        StorageErrorKind::NotAStore,
        format!(
            "expected a Holdpoint store in the database \"{name}\", found one of another program"
        ),
    )
}
