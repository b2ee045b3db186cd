//! The nouns: plain data, parsed when it comes in and trusted from then on.
//!
//! Nothing here knows a clock, randomness, storage or a platform.

mod actor;
mod borrowed;
mod checkpoint;
mod context;
mod digest;
mod error_code;
mod hold;
mod id;
mod invalid_input;
mod limits;
mod plan;
mod project;
mod records;
mod revision;
mod step;
mod strict;
mod tagged;
mod text;
mod text_serde;
mod time;
mod tokens;

#[cfg(test)]
pub(crate) mod arbitrary;

pub use actor::Actor;
pub use checkpoint::{Checkpoint, Figures, Trigger};
pub use context::{
    Agent, COLD_BELOW, HOT_FROM, Item, ItemKind, Tally, Tier, importance, tier, type_weight,
};
pub use digest::{Digest, Hasher};
pub use error_code::ErrorCode;
pub use hold::Hold;
pub(crate) use id::DerivedId;
pub use id::{CheckpointId, CommandId, ItemId, PlanId, ProjectId, StepId};
pub use invalid_input::InvalidInput;
pub use limits::MAX_INTEGER;
pub use plan::{
    DepartedPlan, Gates, Plan, PlanFailure, PlanGuards, PlanProgress, PlanSettings, PlanState,
    SubmittedPlan,
};
pub use project::{
    AgentFlashSave, FlashSavePolicy, Numbers, PauseRecord, PauseWarning, Project, ProjectSettings,
    ProjectStatus,
};
pub(crate) use records::in_order;
pub use records::{Keyed, Records};
pub use revision::Revision;
pub use step::{Step, StepState};
pub(crate) use strict::from_json;
pub(crate) use tagged::TagFirst;
pub use text::{
    Blob, BlobRef, Body, CheckpointName, Data, Description, Json, LongText, Name, Reason,
    StoredText, Text,
};
pub use time::Timestamp;
pub use tokens::{CountTokens, EstimateTokens, TokenCount};
