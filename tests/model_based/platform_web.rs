//! The browser: memory and IndexedDB.

use super::run::Extent;

/// 3,000 commands.
pub(crate) const EXTENT: Extent = Extent {
    runs: 3,
    commands: 1_000,
    check_every: 500,
};

/// What else there is besides memory.
#[cfg(feature = "indexeddb")]
pub(crate) type Other = Indexed;
#[cfg(not(feature = "indexeddb"))]
pub(crate) type Other = super::given::Memory;

#[cfg(feature = "indexeddb")]
pub(crate) struct Indexed(String);

#[cfg(feature = "indexeddb")]
impl super::given::Disk for Indexed {
    type Storage = holdpoint::storage::IndexedDbStorage;

    const NAME: &str = "IndexedDB";

    fn new() -> Self {
        Self(format!("model-based {}", js_sys::Math::random()))
    }

    async fn open(&self) -> Self::Storage {
        let mut options = holdpoint::storage::IndexedDbOptions::default();
        options.durability = holdpoint::storage::Durability::Relaxed;
        let opened = holdpoint::storage::IndexedDbStorage::open_with(&self.0, &options).await;
        opened.expect("a database can be made")
    }
}

/// The seed that was set when this was compiled, or a random one.
pub(crate) fn seed() -> u64 {
    match option_env!("HOLDPOINT_SEED") {
        Some(seed) => seed.parse().expect("HOLDPOINT_SEED is a whole number"),
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 53 random bits
        None => (js_sys::Math::random() * 9_007_199_254_740_992.0) as u64,
    }
}

/// Does this for each number below `count`, one after the other.
pub(crate) async fn each<T>(count: u64, one: impl AsyncFn(u64) -> T) -> Vec<T> {
    let mut each = Vec::new();
    for number in 0..count {
        each.push(one(number).await);
    }
    each
}

pub(crate) fn say(what: &str) {
    wasm_bindgen_test::console_log!("{what}");
}

/// Makes tests of async functions.
macro_rules! tests {
    ($($(#[$attribute:meta])* async fn $test:ident() $body:block)+) => {$(
        $(#[$attribute])*
        #[wasm_bindgen_test::wasm_bindgen_test]
        async fn $test() $body
    )+};
}
