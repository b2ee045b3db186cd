//! What a run is made of: storages to open, a clock that is set, a token counter that is told.

use holdpoint::engine::{Clock, Engine, EngineOptions};
use holdpoint::machine::Request;
use holdpoint::model::{CountTokens, InvalidInput, ProjectId, Timestamp, TokenCount};
use holdpoint::storage::{MemoryDisk, MemoryStorage, Storage};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// One command of a run, with all that makes it come to what it comes to.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    /// What the clock shows.
    pub(crate) now: i64,
    /// Which of the engines on each storage gets it.
    pub(crate) engine: usize,
    pub(crate) project: ProjectId,
    pub(crate) request: Request,
}

impl std::fmt::Display for Given {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Request {
            id,
            actor,
            expected_revision,
            command,
        } = &self.request;
        let line = json!({
            "now": Timestamp::from_milliseconds_clamped(self.now),
            "engine": self.engine,
            "project": self.project,
            "id": id,
            "actor": actor,
            "expected_revision": expected_revision,
            "command": command,
        });
        line.fmt(f)
    }
}

/// A clock that shows what it was set to.
#[derive(Debug, Clone, Default)]
pub(crate) struct SetClock(Arc<AtomicI64>);

impl SetClock {
    pub(crate) fn set(&self, milliseconds: i64) {
        self.0.store(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_milliseconds_clamped(self.0.load(Ordering::SeqCst))
    }
}

/// What a body says of its tokens: their number, then `e` if it is an estimate.
pub(crate) fn said_tokens(body: &str) -> (u64, bool) {
    let mut words = body.trim_matches('"').split(' ');
    let tokens = words.next().and_then(|number| number.parse().ok());
    let tokens = tokens.expect("the bodies of this test say how many tokens they have");
    (tokens, words.next() == Some("e"))
}

/// Counts what a body says.
struct Said;

impl CountTokens for Said {
    fn count(&self, text: &str) -> Result<TokenCount, InvalidInput> {
        let (tokens, estimated) = said_tokens(text);
        Ok(TokenCount { tokens, estimated })
    }
}

/// A store that can be opened several times.
pub(crate) trait Disk {
    type Storage: Storage;

    const NAME: &str;

    fn new() -> Self;

    async fn open(&self) -> Self::Storage;
}

pub(crate) struct Memory(MemoryDisk);

impl Disk for Memory {
    type Storage = MemoryStorage;

    const NAME: &str = "memory";

    fn new() -> Self {
        Self(MemoryDisk::new())
    }

    async fn open(&self) -> MemoryStorage {
        MemoryStorage::open(&self.0).expect("this program's own format")
    }
}

/// A new engine on a store.
pub(crate) async fn engine<D: Disk>(disk: &D, clock: &SetClock) -> Engine<D::Storage> {
    engine_on(disk.open().await, clock).await
}

/// A new engine over this storage.
pub(crate) async fn engine_on<S: Storage>(storage: S, clock: &SetClock) -> Engine<S> {
    let mut options = EngineOptions::new("nobody".parse().expect("a name"));
    options.clock = Box::new(clock.clone());
    options.tokens = Box::new(Said);
    let opened = Engine::open_with(storage, options).await;
    opened.expect("the storage can be read")
}
