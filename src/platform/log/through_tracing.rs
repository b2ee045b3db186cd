//! Events of `tracing`, all with the target `holdpoint`.

use crate::model::{ErrorCode, ProjectId, Revision};
use std::fmt::Display;
use tracing::field::display;

/// A store was opened.
pub(crate) fn opened() {
    tracing::info!(target: "holdpoint", "opened");
}

/// A command was carried out, or found nothing to do.
pub(crate) fn done(command: impl Display, project: ProjectId, revision: Revision) {
    tracing::info!(target: "holdpoint", %command, %project, revision = revision.get(), "done");
}

/// Something was read.
pub(crate) fn read(what: &'static str, project: Option<ProjectId>) {
    tracing::debug!(target: "holdpoint", %what, project = project.map(display), "read");
}

/// A call did not do what it was asked: it was refused, or it failed.
pub(crate) fn did_not(what: impl Display, project: Option<ProjectId>, code: ErrorCode) {
    let project = project.map(display);
    if code.is_failure() {
        tracing::error!(target: "holdpoint", %what, project, %code, "failed");
    } else {
        tracing::debug!(target: "holdpoint", %what, project, %code, "refused");
    }
}

/// A state was made from the journal, with a snapshot (`from` its revision) or without.
pub(crate) fn loaded(project: ProjectId, from: Revision, to: Revision) {
    let (from, revision) = (from.get(), to.get());
    tracing::debug!(target: "holdpoint", %project, from, revision, "loaded");
}

/// A snapshot was saved.
pub(crate) fn snapshot_saved(project: ProjectId, revision: Revision) {
    let revision = revision.get();
    tracing::debug!(target: "holdpoint", %project, revision, "snapshot saved");
}

/// A command is decided anew, after commits of others or after appends whose outcome isn't known.
pub(crate) fn tried_again(command: impl Display, project: ProjectId, conflicts: u32, unknown: u32) {
    tracing::debug!(target: "holdpoint", %command, %project, conflicts, unknown, "tried again");
}
