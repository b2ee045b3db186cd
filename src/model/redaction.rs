//! Redactions: texts that were removed for good.

use super::{Actor, Reason, Timestamp};
use serde::{Deserialize, Serialize};

/// That a body was removed for good. Kept by the body's digest, so that it holds for everything in
/// the project that has this text, whenever it was or will be added; no rollback touches it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Redaction {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}
