//! Leases: who executes a plan at the moment. They stand beside the journal and save double work;
//! what keeps the journal right is the attempt number.

use super::StorageError;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Counts the holders of a lease. It never goes down, not by a release either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Epoch(
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::integer()"))] pub u64,
);

/// A lease as it is stored. Storages compare the epoch; what else it says is the engine's.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Lease {
    /// Which holder it is.
    pub epoch: Epoch,
    /// JSON text: who holds it and until when. Nobody, when it was released.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::text()"))]
    pub text: Arc<str>,
}

/// A lease was not swapped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LeaseError {
    /// The epoch is another one; nothing was written.
    #[error("expected {}, found {}", epoch(*.expected), epoch(.found.as_ref().map(|lease| lease.epoch)))]
    Conflict {
        /// The epoch that the caller had seen.
        expected: Option<Epoch>,
        /// The lease that is there.
        found: Option<Lease>,
    },
    /// The project isn't there; nothing was written.
    #[error("expected a project to hold the lease in, found none")]
    NoProject,
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

fn epoch(epoch: Option<Epoch>) -> String {
    epoch.map_or_else(
        || "no lease".to_owned(),
        |epoch| format!("a lease of epoch {}", epoch.0),
    )
}
