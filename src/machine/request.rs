//! A command with what makes it this one: its id, who gives it, and what they saw.

use super::Command;
use crate::model::{Actor, CommandId, Digest, Hasher, Revision};
use serde::{Deserialize, Serialize};

/// A command on its way: the same id again is the same request again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Its id.
    pub id: CommandId,
    /// Who gives it.
    pub actor: Actor,
    /// The revision that the decision rests on: refused as `CHANGED` when it is no longer the
    /// newest. Previews say which one that is.
    pub expected_revision: Option<Revision>,
    /// What is asked for.
    pub command: Command,
}

/// What an entry keeps of the command that it came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct CommandStamp {
    /// Its id.
    pub id: CommandId,
    /// The digest of everything else that makes it this command.
    pub digest: Digest,
}

impl Request {
    /// What an entry keeps of it: the id, and BLAKE3(tag ‖ JSON of actor, expected revision and
    /// command). The project isn't part of it, just as it is no part of an entry.
    #[must_use]
    pub fn stamp(&self) -> CommandStamp {
        #[derive(Serialize)]
        struct Encoding<'a> {
            actor: &'a Actor,
            #[serde(skip_serializing_if = "Option::is_none")]
            expected_revision: Option<Revision>,
            command: &'a Command,
        }
        let encoding = serde_json::to_vec(&Encoding {
            actor: &self.actor,
            expected_revision: self.expected_revision,
            command: &self.command,
        })
        .expect("commands hold texts and integers only, which JSON can hold");
        CommandStamp {
            id: self.id,
            digest: Hasher::tagged("holdpoint/command/1")
                .update(&encoding)
                .finish(),
        }
    }
}
