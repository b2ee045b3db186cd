//! The nouns: plain data, parsed when it comes in and trusted from then on.
//!
//! Nothing here knows a clock, randomness, storage or a platform.

mod actor;
mod borrowed;
mod checkpoint;
mod checkpoints;
mod context;
mod digest;
mod error_code;
mod fields;
mod hold;
mod id;
mod invalid_input;
mod limits;
mod misread;
mod plan;
mod point;
mod project;
mod records;
mod redaction;
mod retention;
mod revision;
mod set_of;
mod sizes;
mod step;
mod strict;
mod tagged;
mod text;
mod text_serde;
mod time;
mod tokens;
mod verdict;

#[cfg(test)]
pub(crate) mod arbitrary;

pub use actor::Actor;
pub use checkpoint::{Checkpoint, Figures, Stage, Trigger};
pub use checkpoints::Checkpoints;
pub use context::{
    Agent, COLD_BELOW, HOT_FROM, Item, ItemKind, Tally, Tier, importance, tier, type_weight,
};
pub use digest::{Digest, Hasher};
pub use error_code::ErrorCode;
pub use hold::Hold;
pub(crate) use id::DerivedId;
pub use id::{CheckpointId, CommandId, ItemId, PlanId, ProjectId, StepId, WorkerId};
pub use invalid_input::InvalidInput;
pub use limits::MAX_INTEGER;
pub(crate) use misread::{misread, shortened};
pub use plan::{
    DepartedPlan, Gates, Plan, PlanFailure, PlanGuards, PlanProgress, PlanSettings, PlanState,
    SubmittedPlan,
};
pub use point::Point;
pub use project::{
    AgentFlashSave, FlashSavePolicy, Numbers, Origin, PauseRecord, PauseWarning, Project,
    ProjectSettings, ProjectStatus,
};
pub use records::{Keyed, Records, in_order};
pub use redaction::Redaction;
pub use retention::RetentionPolicy;
pub use revision::Revision;
pub(crate) use set_of::set_of;
pub use sizes::Sizes;
pub use step::{Step, StepState};
pub(crate) use strict::from_json;
pub(crate) use tagged::TagFirst;
pub use text::{
    Blob, BlobRef, Body, CheckpointName, Data, Description, Json, LongText, Name, Reason,
    StoredText, Text,
};
pub use time::Timestamp;
pub(crate) use tokens::MAX_ITEM_TOKENS;
pub use tokens::{CountTokens, EstimateTokens, TokenCount};
pub use verdict::{Gate, Verdict};
