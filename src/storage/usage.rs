//! How much room a store takes up.

use serde::Serialize;

/// How much room a store takes up, as far as that can be known. What isn't known is none, never an
/// error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Usage {
    /// How many bytes it takes up. SQLite: its file, with those beside it. A browser: an estimate, of
    /// all that the site keeps, other databases included. Memory: entries, snapshots, bodies, leases.
    pub bytes: Option<u64>,
    /// How many the browser lets the site have in all.
    pub quota: Option<u64>,
    /// Whether the browser has promised not to take it away by itself when room is short.
    pub persisted: Option<bool>,
}
