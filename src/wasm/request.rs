//! Commands as JavaScript gives them.

use super::asked::Asked;
use super::failure::Failure;
use super::store::Store;
use crate::engine::{Engine, Preview, Receipt};
use crate::machine::{Command, Outcome, Request};
use crate::model::{InvalidInput, ProjectId, Revision};
use serde::Serialize;

impl Asked {
    pub(super) const fn command(&self) -> &Command {
        &self.command
    }

    pub(super) async fn execute(self, engine: &Engine<Store>) -> Result<Receipt, Failure> {
        let is_new = self.command.makes_a_project();
        let is_plain =
            self.id.is_none() && self.actor.is_none() && self.expected_revision.is_none();
        // One with a new id of the engine's own can't have come before: nothing is looked up.
        if is_plain && is_new && self.project.is_none() {
            return Ok(engine.create_project_with(self.command).await?);
        }
        let made = engine.request(self.command);
        let request = Request {
            id: self.id.unwrap_or(made.id),
            actor: self.actor.unwrap_or(made.actor),
            expected_revision: self.expected_revision,
            command: made.command,
        };
        let project = match self.project {
            Some(project) => project,
            None if is_new => ProjectId::created_by(&request.id),
            None => {
                let none = "none";
                return Err(InvalidInput::malformed("request", "a project's id", none).into());
            }
        };
        if is_plain {
            return Ok(engine.execute(project, request.command).await?);
        }
        Ok(engine.submit(project, request).await?)
    }
}

/// `Preview` of the types.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    expected_revision: Revision,
    outcome: Outcome,
    request: Asked,
}

impl Shown {
    pub(super) fn of(project: ProjectId, preview: Preview) -> Self {
        let project = if preview.request.command.makes_a_project() {
            ProjectId::created_by(&preview.request.id)
        } else {
            project
        };
        Self {
            expected_revision: preview.expected_revision,
            outcome: preview.outcome,
            request: Asked {
                project: Some(project),
                id: Some(preview.request.id),
                actor: Some(preview.request.actor),
                expected_revision: preview.request.expected_revision,
                command: preview.request.command,
            },
        }
    }
}
