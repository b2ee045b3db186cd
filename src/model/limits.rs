//! The largest numbers that may be stored.

/// The largest integer that any stored field may hold: 2^53 − 1, the largest that a
/// JavaScript number holds exactly (ECMA-262, `Number.MAX_SAFE_INTEGER`).
pub const MAX_INTEGER: u64 = (1 << 53) - 1;
