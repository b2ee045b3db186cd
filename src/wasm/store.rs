//! The storage that was chosen when the store was opened.

use super::failure::Failure;
use super::tokens::{self, Counter};
use super::{border, connection};
use crate::journal::{Head, Sealed, Snapshot};
use crate::machine::CommandStamp;
use crate::model::{CommandId, Digest, PlanId, ProjectId, Revision, WorkerId};
use crate::storage::{
    Commit, ConnectionObserver, Durability, Epoch, IndexedDbOptions, IndexedDbStorage, Lease,
    LeaseError, MemoryStorage, Refused, RowChanges, RowPage, RowQuery, SignOfLife, Storage,
    StorageError, Tombstone, Turn, Usage, WriteError,
};
use futures_channel::mpsc::UnboundedReceiver;
use serde::Deserialize;
use std::pin::Pin;
use wasm_bindgen::JsValue;

/// How a store is opened: `OpenOptions` of the types.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct OpenOptions {
    pub(super) storage: Kind,
    pub(super) name: String,
    pub(super) actor: String,
    pub(super) durability: Wanted,
    /// `countTokens`: a function, so it isn't read with the rest.
    #[serde(skip)]
    pub(super) counter: Option<Counter>,
    /// `onConnection`, likewise.
    #[serde(skip)]
    pub(super) observer: Option<ConnectionObserver>,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            storage: Kind::IndexedDb,
            name: "holdpoint".to_owned(),
            actor: "user".to_owned(),
            durability: Wanted::Strict,
            counter: None,
            observer: None,
        }
    }
}

impl OpenOptions {
    pub(super) fn read(options: &JsValue) -> Result<Self, Failure> {
        if options.is_undefined() {
            return Ok(Self::default());
        }
        let apart = [tokens::OPTION, connection::OPTION];
        let (options, [counter, observer]) = border::read_without("options", options, apart)?;
        Ok(Self {
            counter: Counter::of(counter)?,
            observer: connection::observer(observer)?,
            ..options
        })
    }
}

/// Where projects are kept.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    IndexedDb,
    Memory,
}

/// What an acknowledged commit survives.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Wanted {
    Strict,
    Relaxed,
}

/// One of the storages.
#[derive(Debug)]
pub(super) enum Store {
    IndexedDb(Box<IndexedDbStorage>),
    Memory(MemoryStorage),
}

impl Store {
    pub(super) async fn open(options: &OpenOptions) -> Result<Self, StorageError> {
        Ok(match options.storage {
            Kind::Memory => Store::Memory(MemoryStorage::new()),
            Kind::IndexedDb => {
                let wanted = IndexedDbOptions {
                    durability: match options.durability {
                        Wanted::Strict => Durability::Strict,
                        Wanted::Relaxed => Durability::Relaxed,
                    },
                    observer: options.observer.clone(),
                    ..IndexedDbOptions::default()
                };
                let storage = IndexedDbStorage::open_with(&options.name, &wanted).await?;
                Store::IndexedDb(Box::new(storage))
            }
        })
    }

    /// Closes what there is to close.
    pub(super) fn close(&self) {
        match self {
            Store::IndexedDb(storage) => storage.close(),
            Store::Memory(_) => {}
        }
    }
}

/// Each call goes to the storage that there is. Boxed: so what waits for it is one pointer to those
/// who ask, of whom there are many, and the module is smaller.
macro_rules! forward {
    ($(fn $name:ident(&self $(, $argument:ident: $type:ty)*) -> $output:ty;)+) => {$(
        fn $name(&self $(, $argument: $type)*) -> impl Future<Output = $output> {
            let call: Pin<Box<dyn Future<Output = $output> + '_>> = match self {
                Store::IndexedDb(storage) => Box::pin(storage.$name($($argument),*)),
                Store::Memory(storage) => Box::pin(storage.$name($($argument),*)),
            };
            call
        }
    )+};
}

impl Storage for Store {
    forward! {
        fn head(&self, project: ProjectId) -> Result<Option<Head>, StorageError>;
        fn tombstone(&self, project: ProjectId) -> Result<Option<Tombstone>, StorageError>;
        fn append(&self, commit: Commit) -> Result<Head, WriteError>;
        fn append_all(&self, commits: Vec<Commit>) -> Result<Vec<Head>, Refused>;
        fn entries(&self, project: ProjectId, after: Revision, limit: usize) -> Result<Vec<Sealed>, StorageError>;
        fn journals(&self, after: Option<ProjectId>, limit: usize) -> Result<Vec<ProjectId>, StorageError>;
        fn find_command(&self, project: ProjectId, command: CommandId) -> Result<Option<Revision>, StorageError>;
        fn snapshot(&self, project: ProjectId, at_most: Revision) -> Result<Option<Snapshot>, StorageError>;
        fn save_snapshot(&self, project: ProjectId, snapshot: Snapshot) -> Result<bool, StorageError>;
        fn rows(&self, query: RowQuery) -> Result<RowPage, StorageError>;
        fn blob(&self, project: ProjectId, digest: Digest) -> Result<Option<Vec<u8>>, StorageError>;
        fn blobs(&self, project: ProjectId, digests: Vec<Digest>) -> Result<Vec<Option<Vec<u8>>>, StorageError>;
        fn write_rows(&self, project: ProjectId, at: Head, rows: RowChanges) -> Result<(), WriteError>;
        fn lease(&self, project: ProjectId, plan: PlanId) -> Result<Option<Lease>, StorageError>;
        fn swap_lease(&self, project: ProjectId, plan: PlanId, expected: Option<Epoch>, lease: Lease) -> Result<(), LeaseError>;
        fn remove(&self, project: ProjectId, expected: Head, command: CommandStamp) -> Result<(), WriteError>;
        fn turn(&self, project: ProjectId) -> Turn;
        fn show_alive(&self, worker: WorkerId) -> SignOfLife;
        fn is_alive(&self, worker: WorkerId) -> Option<bool>;
        fn usage(&self) -> Usage;
    }

    fn changes(&self) -> UnboundedReceiver<Option<ProjectId>> {
        match self {
            Store::IndexedDb(storage) => storage.changes(),
            Store::Memory(storage) => storage.changes(),
        }
    }
}
