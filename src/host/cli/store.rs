//! The store that a command works on.

use super::arguments::{Arguments, Command};
use super::failure::Failure;
use crate::engine::Engine;
use crate::storage::{Row, RowKind, RowQuery, SqliteOptions, SqliteStorage, Storage as _};

/// The engine that the command line uses.
pub(super) type Store = Engine<SqliteStorage>;

/// Opens the store. Only an import makes one that isn't there: a mistyped path is no empty store.
pub(super) async fn open(arguments: &Arguments) -> Result<Store, Failure> {
    let create = matches!(arguments.command, Command::Import { .. });
    let options = SqliteOptions {
        create,
        ..SqliteOptions::default()
    };
    let actor = arguments.actor.parse()?;
    let storage = SqliteStorage::open_with(&arguments.store, &options)?;
    Ok(Engine::open(storage, actor).await?)
}

/// How many rows are read at once.
const PAGE: usize = 500;

/// All rows of a kind that a query asks for.
pub(super) async fn rows(
    store: &Store,
    kind: RowKind,
    narrow: impl FnOnce(RowQuery) -> RowQuery,
) -> Result<Vec<Row>, Failure> {
    let mut query = narrow(RowQuery::of(kind, PAGE));
    let mut rows = Vec::new();
    loop {
        let page = store.storage().rows(query.clone()).await?;
        rows.extend(page.rows);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(rows),
        }
    }
}
