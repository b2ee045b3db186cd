//! Bundles: whole projects in one file. The form is described in `docs/bundle.md`.
//!
//! A [`Writer`] makes the lines; a [`Reader`] takes them apart as the bytes come, and checks on the
//! way all that can be checked without a store. Neither knows where the bytes come from or go to.

mod error;
mod limits;
mod line;
mod lines;
mod reader;
mod scan;
mod section;
mod writer;

#[cfg(test)]
mod tests;

pub use error::{BundleError, BundleFault};
pub use limits::{BundleLimit, BundleLimits};
pub use reader::{Reader, Record};
pub use writer::Writer;

use super::Head;
use crate::model::{Actor, Name, ProjectId, Timestamp};
use serde::Serialize;

/// The version of bundles: the field `v` of the first line.
pub const BUNDLE_VERSION: u32 = 1;

/// What is hashed before the bytes of all lines but the last.
const BUNDLE_TAG: &str = "holdpoint/bundle/1";

/// What a bundle's first line says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BundleOrigin {
    /// When it was made.
    pub exported_at: Timestamp,
    /// By whom.
    pub exported_by: Actor,
}

/// What stands before a project's entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleProject {
    /// Its id.
    pub project: ProjectId,
    /// The end of its journal.
    pub head: Head,
    /// Its name there.
    pub name: Name,
}

/// How many of each there are in a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct BundleCounts {
    /// Projects.
    pub projects: u64,
    /// Entries.
    pub entries: u64,
    /// Bodies.
    pub bodies: u64,
}

impl std::fmt::Display for BundleCounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} projects, {} entries and {} bodies",
            self.projects, self.entries, self.bodies
        )
    }
}
