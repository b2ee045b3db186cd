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

/// Runs tests that are generic over the disk on every disk there is.
macro_rules! on_every_disk {
    ($($test:ident,)+) => {
        mod in_memory {
            $(#[test] fn $test() { super::$test::<crate::engine::given::Memory>(); })+
        }
        #[cfg(feature = "sqlite")]
        mod in_sqlite {
            $(#[test] fn $test() { super::$test::<crate::engine::given::Sqlite>(); })+
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
pub(crate) fn wait<F: Future>(future: F) -> F::Output {
    pollster::block_on(future)
}

/// The code that a call failed with.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, EngineError>) -> &'static str {
    result.expect_err("expected an error").code().as_str()
}

/// A random number generator (SplitMix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}
