//! The form of a command as JavaScript gives it. Pure: fuzzing has this file too.

use crate::machine::Command;
use crate::model::{Actor, CommandId, ProjectId, Revision};
use serde::{Deserialize, Serialize};

/// `Request` of the types.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    #[serde(default)]
    pub(super) project: Option<ProjectId>,
    #[serde(default)]
    pub(super) id: Option<CommandId>,
    #[serde(default)]
    pub(super) actor: Option<Actor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) expected_revision: Option<Revision>,
    pub(super) command: Command,
}
