//! The form of queries. Pure: fuzzing has this file too.

use crate::machine::EventKind;
use crate::model::{
    Actor, CheckpointId, ItemId, Name, PlanId, Point, ProjectId, Revision, TagFirst, Timestamp,
};
use crate::storage::Cursor;
use serde::{Deserialize, Deserializer};

/// `Query` of the types.
#[derive(Debug, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Query {
    Projects {
        #[serde(default)]
        newest_first: bool,
        after: Option<Cursor>,
        limit: Option<usize>,
        id_starts_with: Option<String>,
    },
    Plans {
        project: Option<ProjectId>,
        #[serde(default)]
        unfinished: bool,
        #[serde(default)]
        newest_first: bool,
        after: Option<Cursor>,
        limit: Option<usize>,
        id_starts_with: Option<String>,
    },
    Checkpoints {
        project: Option<ProjectId>,
        plan: Option<PlanId>,
        #[serde(default)]
        newest_first: bool,
        after: Option<Cursor>,
        limit: Option<usize>,
        id_starts_with: Option<String>,
    },
    Checkpoint {
        project: ProjectId,
        checkpoint: CheckpointId,
    },
    Resumable {},
    Inbox {},
    Project {
        project: ProjectId,
        at: Option<Point>,
    },
    Statistics {
        project: ProjectId,
    },
    StoreStatistics {},
    Plan {
        project: ProjectId,
        plan: PlanId,
        at: Option<Point>,
    },
    Step {
        project: ProjectId,
        plan: PlanId,
        step: u32,
        at: Option<Point>,
    },
    Diff {
        project: ProjectId,
        from: Point,
        to: Option<Point>,
    },
    Context {
        project: ProjectId,
        at: Option<Point>,
        agent: Option<Name>,
        plan: Option<PlanId>,
        archived: Option<bool>,
        #[serde(default)]
        bodies: bool,
        after: Option<u64>,
        limit: Option<usize>,
    },
    Item {
        project: ProjectId,
        item: ItemId,
        at: Option<Point>,
    },
    History {
        project: ProjectId,
        after: Option<Revision>,
        limit: Option<usize>,
    },
    FindEntries {
        project: ProjectId,
        plan: Option<PlanId>,
        actor: Option<Actor>,
        #[serde(default)]
        types: Vec<EventKind>,
        from: Option<Timestamp>,
        until: Option<Timestamp>,
        after: Option<Revision>,
        before: Option<Revision>,
        #[serde(default)]
        newest_first: bool,
        limit: Option<usize>,
    },
    Lease {
        project: ProjectId,
        plan: PlanId,
    },
    Verify {
        project: ProjectId,
    },
}

impl<'de> Deserialize<'de> for Query {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Query::deserialize(TagFirst(deserializer))
    }
}
