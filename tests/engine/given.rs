//! Where the engine is opened: disks, clocks, requests.

use holdpoint::engine::{Clock, Engine, EngineError, EngineOptions};
use holdpoint::machine::{Command, Request};
use holdpoint::model::{CommandId, Timestamp};
use holdpoint::storage::{MemoryDisk, MemoryStorage, Storage};
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// 2026-01-01T12:00:00Z.
pub(crate) const NOON: i64 = 1_767_268_800_000;

/// What several storages can be opened on, one after the other or side by side.
pub(crate) trait Disk: Send + Sync + 'static {
    type Storage: Storage;

    fn new() -> Self;

    fn open(&self) -> Self::Storage;

    /// A new engine on it, whose clock stands still at noon.
    fn engine(&self) -> Engine<Self::Storage> {
        engine_over(self.open())
    }
}

pub(crate) struct Memory(pub(crate) MemoryDisk);

impl Disk for Memory {
    type Storage = MemoryStorage;

    fn new() -> Self {
        Self(MemoryDisk::new())
    }

    fn open(&self) -> MemoryStorage {
        MemoryStorage::open(&self.0).expect("this program's own format")
    }
}

#[cfg(feature = "sqlite")]
pub(crate) struct Sqlite(tempfile::TempDir);

#[cfg(feature = "sqlite")]
impl Sqlite {
    /// Changes the file behind everybody's back.
    pub(crate) fn change(&self, statement: &str) {
        let file = rusqlite::Connection::open(self.0.path().join("store.db"));
        let changed = file.and_then(|file| file.execute_batch(statement));
        changed.expect("it can be changed");
    }

    /// Whether a text stands in any file of the store.
    pub(crate) fn has(&self, text: &str) -> bool {
        let files = std::fs::read_dir(self.0.path()).expect("it can be listed");
        files.into_iter().any(|file| {
            let path = file.expect("it can be listed").path();
            let bytes = std::fs::read(path).expect("it can be read");
            let text = text.as_bytes();
            bytes.windows(text.len()).any(|part| part == text)
        })
    }
}

#[cfg(feature = "sqlite")]
impl Disk for Sqlite {
    type Storage = holdpoint::storage::SqliteStorage;

    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn open(&self) -> Self::Storage {
        holdpoint::storage::SqliteStorage::open(self.0.path().join("store.db"))
            .expect("a store can be made there")
    }
}

/// Runs tests that are generic over the disk on every disk there is. Those after `awaited` wait for
/// something that others do: another thread, or in a browser another task or a timer, which gets
/// its turn only when the test gives up its own.
macro_rules! on_every_disk {
    ($($(#[$on:meta])* $test:ident,)* $(; awaited: $($(#[$awaited_on:meta])* $awaited:ident,)+)?) => {
        mod in_memory {
            use crate::engine::given::Memory;
            #[cfg(target_family = "wasm")]
            use wasm_bindgen_test::wasm_bindgen_test as test;

            $($(#[$on])* #[test] fn $test() { super::$test::<Memory>(); })*
            $($(
                $(#[$awaited_on])*
                #[cfg(not(target_family = "wasm"))]
                #[test]
                fn $awaited() { pollster::block_on(super::$awaited::<Memory>()); }

                $(#[$awaited_on])*
                #[cfg(target_family = "wasm")]
                #[test]
                async fn $awaited() { super::$awaited::<Memory>().await; }
            )+)?
        }
        #[cfg(feature = "sqlite")]
        mod in_sqlite {
            use crate::engine::given::Sqlite;

            $(#[test] fn $test() { super::$test::<Sqlite>(); })*
            $($(#[test] fn $awaited() { pollster::block_on(super::$awaited::<Sqlite>()); })+)?
        }
    };
}

/// A clock that shows what it was set to.
#[derive(Debug, Clone)]
pub(crate) struct SetClock(Arc<AtomicI64>);

impl SetClock {
    pub(crate) fn at(milliseconds: i64) -> Self {
        Self(Arc::new(AtomicI64::new(milliseconds)))
    }

    pub(crate) fn turn(&self, milliseconds: i64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_milliseconds_clamped(self.0.load(Ordering::SeqCst))
    }
}

pub(crate) fn noon() -> Timestamp {
    Timestamp::from_milliseconds_clamped(NOON)
}

/// An engine of `ana`, whose clock stands still at noon.
pub(crate) fn engine_over<S: Storage>(storage: S) -> Engine<S> {
    engine_with(storage, SetClock::at(NOON))
}

pub(crate) fn engine_with<S: Storage>(storage: S, clock: impl Clock) -> Engine<S> {
    let mut options = EngineOptions::new("ana".parse().expect("a name"));
    options.clock = Box::new(clock);
    wait(Engine::open_with(storage, options)).expect("the storage can be read")
}

/// The `n`-th request: the same id whenever it is made.
pub(crate) fn request(n: u64, command: Command) -> Request {
    Request {
        id: command_id(n),
        actor: "ana".parse().expect("a name"),
        expected_revision: None,
        command,
    }
}

pub(crate) fn command_id(n: u64) -> CommandId {
    CommandId::from_parts(NOON.unsigned_abs(), n.into())
}

/// Runs a future to its end on this thread.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    pollster::block_on(future)
}

/// Runs a future to its end, which has to come without anything that the event loop does: so it is
/// over memory, as long as nobody else has the turn.
#[cfg(target_family = "wasm")]
#[track_caller]
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    use std::task::{Context, Poll, Waker};

    let mut future = std::pin::pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    // Some futures wake themselves before they go on.
    for _ in 0..100 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
    panic!("it waits for something that can't happen while the test has the thread");
}

/// The code that a call failed with.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, EngineError>) -> &'static str {
    result.expect_err("expected an error").code().as_str()
}
