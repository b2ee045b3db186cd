//! What the log is told of calls: how each ended, once.

use super::Result;
use crate::model::{ProjectId, Revision};
use crate::platform::log;
use std::fmt::Display;

/// The end of a call, on its way out.
pub(super) trait Logged<T> {
    /// Says that this was read, or why it was not.
    fn logged(self, what: &'static str, project: impl Into<Option<ProjectId>>) -> Self;

    /// Says that this was done, and the revision that is in the answer, or why it was not.
    fn logged_at(
        self,
        what: impl Display,
        project: ProjectId,
        revision: impl FnOnce(&T) -> Revision,
    ) -> Self;
}

impl<T> Logged<T> for Result<T> {
    fn logged(self, what: &'static str, project: impl Into<Option<ProjectId>>) -> Self {
        let project = project.into();
        match &self {
            Ok(_) => log::read(what, project),
            Err(error) => log::did_not(what, project, error.code()),
        }
        self
    }

    fn logged_at(
        self,
        what: impl Display,
        project: ProjectId,
        revision: impl FnOnce(&T) -> Revision,
    ) -> Self {
        match &self {
            Ok(answer) => log::done(what, project, revision(answer)),
            Err(error) => log::did_not(what, Some(project), error.code()),
        }
        self
    }
}
