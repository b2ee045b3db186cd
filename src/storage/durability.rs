//! How much an acknowledged commit survives.

/// What an acknowledged commit survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// A loss of power. SQLite: `synchronous=FULL`; IndexedDB: `{durability: "strict"}`.
    #[default]
    Strict,
    /// The death of the process, and not always a loss of power. SQLite: `synchronous=NORMAL`;
    /// IndexedDB: `{durability: "relaxed"}`.
    Relaxed,
}
