//! Nobody logs: the same functions, which do nothing and leave nothing behind.

use crate::model::{ErrorCode, ProjectId, Revision};
use std::fmt::Display;

pub(crate) fn opened() {}

pub(crate) fn done(_command: impl Display, _project: ProjectId, _revision: Revision) {}

pub(crate) fn read(_what: &'static str, _project: Option<ProjectId>) {}

pub(crate) fn did_not(_what: impl Display, _project: Option<ProjectId>, _code: ErrorCode) {}

pub(crate) fn loaded(_project: ProjectId, _from: Revision, _to: Revision) {}

pub(crate) fn snapshot_saved(_project: ProjectId, _revision: Revision) {}

pub(crate) fn tried_again(
    _command: impl Display,
    _project: ProjectId,
    _conflicts: u32,
    _unknown: u32,
) {
}
