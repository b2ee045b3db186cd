//! The versions of everything that is stored, and what older forms become.
//!
//! A form that was released once is read for ever. A field that is added later has a default;
//! what needs more than that is turned into today's form here, when it is read.

/// The version of entries: the field `v`.
pub const ENTRY_VERSION: u32 = 1;

/// The version of the state in a snapshot: the field `v`. Snapshots of another version are
/// skipped, never converted: they are a cache.
pub const STATE_VERSION: u32 = 2;

/// The version of a store.
pub const STORE_FORMAT: u32 = 1;

/// What a store says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreFormat {
    /// The version it is in.
    pub format: u32,
    /// The oldest program, by its [`STORE_FORMAT`], that may read it.
    pub min_reader: u32,
    /// The oldest program, by its [`STORE_FORMAT`], that may write to it.
    pub min_writer: u32,
}

impl StoreFormat {
    /// What this program writes into a new store.
    pub const CURRENT: StoreFormat = StoreFormat {
        format: STORE_FORMAT,
        min_reader: STORE_FORMAT,
        min_writer: STORE_FORMAT,
    };

    /// Whether this program may read it.
    #[must_use]
    pub const fn is_readable(&self) -> bool {
        self.min_reader <= STORE_FORMAT
    }

    /// Whether this program may write to it.
    #[must_use]
    pub const fn is_writable(&self) -> bool {
        self.min_writer <= STORE_FORMAT
    }
}

/// What is hashed before an entry's `prev` and bytes.
pub(super) const ENTRY_TAG: &str = "holdpoint/entry/1";
/// What is hashed before a snapshot's bytes.
pub(super) const SNAPSHOT_TAG: &str = "holdpoint/snapshot/1";
