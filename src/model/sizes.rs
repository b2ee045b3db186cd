//! How much a project's journal says, in bytes.

use super::BlobRef;
use serde::{Deserialize, Serialize};

/// How much a project's journal says and names, counted as it grows. No rollback lowers these, for
/// history is never erased; they are the same on every way to a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Sizes {
    /// Bytes of the entries' JSON texts, as they are stored.
    pub journal_bytes: u64,
    /// How often entries named a body for the first time: of an item, of a step's input or output,
    /// of a long text. Equal texts share one body in the storage and count here each time, and so do
    /// those that were removed for good since: which of several mentions a removal took along can't
    /// be known without reading the journal.
    pub bodies: u64,
    /// Their bytes, counted in the same way: the most that the bodies can take up.
    pub body_bytes: u64,
}

impl Sizes {
    /// Counts an entry's text.
    pub const fn count_entry(&mut self, text: &str) {
        self.journal_bytes += text.len() as u64;
    }

    /// Counts a body that an entry names.
    pub fn count_body(&mut self, body: &BlobRef) {
        self.bodies += 1;
        self.body_bytes += u64::from(body.bytes);
    }
}
