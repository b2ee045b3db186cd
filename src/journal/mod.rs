//! How a project is kept: entries sealed into a hash chain, and snapshots as a cache.

pub mod bundle;
mod chain;
mod entry;
mod error;
pub mod format;
mod snapshot;

#[cfg(test)]
mod round_trip_tests;

pub use chain::{Chain, Head};
pub use entry::{Entry, Sealed};
pub use error::JournalError;
pub use snapshot::Snapshot;
