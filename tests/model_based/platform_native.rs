//! The native host: memory and SQLite.

use super::run::Extent;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

/// 10,000 commands.
pub(crate) const EXTENT: Extent = Extent {
    runs: 10,
    commands: 1_000,
    check_every: 500,
};

/// What else there is besides memory.
#[cfg(feature = "sqlite")]
pub(crate) type Other = Sqlite;
#[cfg(not(feature = "sqlite"))]
pub(crate) type Other = super::given::Memory;

#[cfg(feature = "sqlite")]
pub(crate) struct Sqlite(tempfile::TempDir);

#[cfg(feature = "sqlite")]
impl super::given::Disk for Sqlite {
    type Storage = holdpoint::storage::SqliteStorage;

    const NAME: &str = "SQLite";

    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    async fn open(&self) -> Self::Storage {
        let mut options = holdpoint::storage::SqliteOptions::default();
        options.durability = holdpoint::storage::Durability::Relaxed;
        let path = self.0.path().join("store.db");
        holdpoint::storage::SqliteStorage::open_with(path, &options)
            .expect("a store can be made there")
    }
}

/// The seed that is set, or a random one.
pub(crate) fn seed() -> u64 {
    match std::env::var("HOLDPOINT_SEED") {
        Ok(seed) => seed.parse().expect("HOLDPOINT_SEED is a whole number"),
        Err(_) => std::collections::hash_map::RandomState::new()
            .build_hasher()
            .finish(),
    }
}

/// Does this for each number below `count`, on two threads.
#[allow(clippy::unused_async)] // in a browser it awaits
pub(crate) async fn each<T: Send>(count: u64, one: impl AsyncFn(u64) -> T + Sync) -> Vec<T> {
    let next = AtomicU64::new(0);
    let work = || {
        let numbers = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
        let numbers = numbers.take_while(|number| *number < count);
        let each: Vec<_> = numbers
            .map(|number| (number, pollster::block_on(one(number))))
            .collect();
        each
    };
    let mut each = std::thread::scope(|scope| {
        let other = scope.spawn(work);
        let mut each = work();
        each.extend(other.join().expect("a run returns what goes wrong"));
        each
    });
    each.sort_by_key(|(number, _)| *number);
    each.into_iter().map(|(_, what)| what).collect()
}

pub(crate) fn say(what: &str) {
    println!("{what}");
}

/// Makes tests of async functions.
macro_rules! tests {
    ($($(#[$attribute:meta])* async fn $test:ident() $body:block)+) => {$(
        $(#[$attribute])*
        #[test]
        fn $test() {
            pollster::block_on(async $body);
        }
    )+};
}
