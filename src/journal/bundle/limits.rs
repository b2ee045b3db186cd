//! How much a bundle may have.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How much of a bundle is read before it is refused. Raise them for one that you trust.
///
/// ```
/// # use holdpoint::journal::bundle::BundleLimits;
/// let limits = BundleLimits { bytes: 2 << 30, ..BundleLimits::default() };
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BundleLimits {
    /// Bytes in all, decompressed: 512 MiB.
    pub bytes: u64,
    /// Bytes in one line: 256 MiB. A project that was forked has all of its items in its first
    /// entry.
    pub line_bytes: u64,
    /// Lines: 2,000,000.
    pub lines: u64,
    /// How deep the JSON on a line is nested: 64.
    pub depth: u64,
    /// Bytes of a body: 1 MiB.
    pub body_bytes: u64,
    /// How many times larger it gets by decompression: 200. Looked at from
    /// [`RATIO_FROM`](Self::RATIO_FROM) on.
    pub ratio: u64,
}

impl BundleLimits {
    /// So many bytes do no harm, whatever they were decompressed from: 16 MiB.
    pub const RATIO_FROM: u64 = 16 << 20;

    /// Enough for every project that there should be.
    pub const DEFAULT: BundleLimits = BundleLimits {
        bytes: 512 << 20,
        line_bytes: 256 << 20,
        lines: 2_000_000,
        depth: 64,
        body_bytes: 1 << 20,
        ratio: 200,
    };
}

impl Default for BundleLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Which of the [`BundleLimits`] it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BundleLimit {
    /// Bytes in all.
    Bytes,
    /// Bytes in one line.
    LineBytes,
    /// Lines.
    Lines,
    /// How deep it is nested.
    Depth,
    /// Bytes of a body.
    BodyBytes,
    /// How many times larger it gets by decompression.
    Ratio,
}

impl fmt::Display for BundleLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BundleLimit::Bytes => "bytes in all",
            BundleLimit::LineBytes => "bytes in a line",
            BundleLimit::Lines => "lines",
            BundleLimit::Depth => "levels of nesting",
            BundleLimit::BodyBytes => "bytes of a body",
            BundleLimit::Ratio => "times as many bytes as before decompression",
        })
    }
}
