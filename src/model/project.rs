//! Projects: the whole state that one journal leads to.

use super::records::{self, Records};
use super::{
    Actor, Agent, Checkpoint, CheckpointId, Checkpoints, DepartedPlan, Digest, Figures, Item, Name,
    Plan, PlanId, ProjectId, Reason, Redaction, RetentionPolicy, Revision, Sizes, TagFirst,
    Timestamp,
};
use imbl::OrdMap;
use serde::{Deserialize, Deserializer, Serialize};
use std::sync::Arc;

/// A project: the unit of pausing, the owner of one journal, and all that the journal says.
///
/// A copy of it costs a few pointers, and changing the copy costs what is changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Project {
    /// Its id. It stands outside the journal, so that a copy under a new id keeps its digests;
    /// whoever loads a state says which project's it is.
    #[serde(skip, default = "nobody")]
    #[cfg_attr(test, proptest(value = "nobody()"))]
    pub id: ProjectId,
    /// The entry that led here; [`Revision::ZERO`] before it was created.
    pub revision: Revision,
    /// Its name.
    pub name: Name,
    /// What may happen in it.
    pub status: ProjectStatus,
    /// What was chosen when it was created, and since.
    pub settings: ProjectSettings,
    /// What it was forked from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
    /// While it is paused: why, when, and what the pause did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause: Option<PauseRecord>,
    /// When it was created.
    pub created_at: Timestamp,
    /// Who created it.
    pub created_by: Actor,
    /// The time of its newest entry, which may lie before that of an older one.
    pub updated_at: Timestamp,
    /// How many plans, items and checkpoints it ever had.
    pub numbers: Numbers,
    /// Running figures.
    pub figures: Figures,
    /// How many of its plans are unfinished.
    pub unfinished_plans: u64,
    /// Items that were archived.
    pub archived_items: u64,
    /// How much its journal says.
    pub sizes: Sizes,
    /// Its plans.
    #[serde(with = "records")]
    #[cfg_attr(test, proptest(strategy = "super::arbitrary::records()"))]
    pub plans: Records<Plan>,
    /// Plans that a rollback took away, for when they come back.
    #[serde(default, skip_serializing_if = "OrdMap::is_empty")]
    #[cfg_attr(test, proptest(strategy = "super::arbitrary::map()"))]
    pub departed: OrdMap<PlanId, DepartedPlan>,
    /// Bodies that were removed for good, by their digests.
    #[serde(default, skip_serializing_if = "OrdMap::is_empty")]
    #[cfg_attr(test, proptest(strategy = "super::arbitrary::map()"))]
    pub redacted: OrdMap<Digest, Redaction>,
    /// Its agents.
    #[serde(with = "records")]
    #[cfg_attr(test, proptest(strategy = "super::arbitrary::records()"))]
    pub agents: Records<Agent>,
    /// Its context items, active and archived.
    #[serde(with = "records")]
    #[cfg_attr(test, proptest(strategy = "super::arbitrary::records()"))]
    pub items: Records<Item>,
    /// Its checkpoints.
    pub checkpoints: Checkpoints,
}

/// The id of a state that nobody has claimed yet.
const fn nobody() -> ProjectId {
    ProjectId::from_parts(0, 0)
}

/// How many records of each kind a project ever had. No rollback lowers these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Numbers {
    /// Plans.
    pub plans: u64,
    /// Items.
    pub items: u64,
    /// Checkpoints.
    pub checkpoints: u64,
}

impl Project {
    /// The state before the first entry: where every replay begins.
    #[must_use]
    pub fn before_creation(id: ProjectId) -> Self {
        let nobody = Name::new("nobody").expect("it is a short text");
        Self {
            id,
            revision: Revision::ZERO,
            name: nobody.clone(),
            status: ProjectStatus::Init,
            settings: ProjectSettings::default(),
            origin: None,
            pause: None,
            created_at: Timestamp::EPOCH,
            created_by: Actor::new(nobody),
            updated_at: Timestamp::EPOCH,
            numbers: Numbers::default(),
            figures: Figures::default(),
            unfinished_plans: 0,
            archived_items: 0,
            sizes: Sizes::default(),
            plans: OrdMap::new(),
            departed: OrdMap::new(),
            redacted: OrdMap::new(),
            agents: OrdMap::new(),
            items: OrdMap::new(),
            checkpoints: Checkpoints::new(),
        }
    }

    /// Its plans in the order in which they were made.
    #[must_use]
    pub fn plans_in_order(&self) -> Vec<&Arc<Plan>> {
        records::in_order(self.plans.values(), |plan| plan.number)
    }

    /// Its checkpoints in the order in which they were taken.
    #[must_use]
    pub fn checkpoints_in_order(&self) -> Vec<&Arc<Checkpoint>> {
        records::in_order(self.checkpoints.values(), |checkpoint| checkpoint.number)
    }

    /// Its items in the order in which they were added.
    #[must_use]
    pub fn items_in_order(&self) -> Vec<&Arc<Item>> {
        records::in_order(self.items.values(), |item| item.number)
    }
}

/// The moment that a project was forked from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Origin {
    /// The project.
    pub project: ProjectId,
    /// Its revision.
    pub revision: Revision,
    /// The digest of that revision's entry.
    pub digest: Digest,
}

/// What may happen in a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProjectStatus {
    /// Created, nothing begun.
    Init,
    /// Plans are made; no step starts.
    Planning,
    /// Work goes on.
    Active,
    /// Work is held until the resume.
    Paused,
    /// Work was ended; it can start again.
    Stopped,
    /// All is done.
    Completed,
}

impl ProjectStatus {
    /// Every status.
    pub const ALL: [ProjectStatus; 6] = [
        ProjectStatus::Init,
        ProjectStatus::Planning,
        ProjectStatus::Active,
        ProjectStatus::Paused,
        ProjectStatus::Stopped,
        ProjectStatus::Completed,
    ];

    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            ProjectStatus::Init => "init",
            ProjectStatus::Planning => "planning",
            ProjectStatus::Active => "active",
            ProjectStatus::Paused => "paused",
            ProjectStatus::Stopped => "stopped",
            ProjectStatus::Completed => "completed",
        }
    }
}

impl std::fmt::Display for ProjectStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// What was chosen when a project was created; its retention may be set later too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct ProjectSettings {
    /// The token limit of agents that nobody set one for.
    pub token_limit: u64,
    /// When a pause archives cold context.
    pub flash_save: FlashSavePolicy,
    /// How many checkpoints it keeps.
    #[serde(skip_serializing_if = "RetentionPolicy::is_usual")]
    pub retention: RetentionPolicy,
}

impl Default for ProjectSettings {
    fn default() -> Self {
        Self {
            token_limit: 180_000,
            flash_save: FlashSavePolicy::Always,
            retention: RetentionPolicy::default(),
        }
    }
}

/// When a pause archives cold context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub enum FlashSavePolicy {
    /// At every pause.
    Always,
    /// Of agents that have reached 80 % of their limit.
    OverThreshold,
    /// At none.
    Never,
}

/// Why and when a project paused, and what the pause did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct PauseRecord {
    /// The status that the resume returns to: planning or active.
    pub from: ProjectStatus,
    /// The checkpoint taken just before it.
    pub checkpoint_id: CheckpointId,
    /// When.
    pub paused_at: Timestamp,
    /// Who paused it.
    pub paused_by: Actor,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Tokens of active context before.
    pub tokens_before: u64,
    /// And after.
    pub tokens_after: u64,
    /// How much less that is, in hundredths of a percent.
    pub reduction_hundredths: u32,
    /// How many items were archived.
    pub items_archived: u64,
    /// The same for each agent.
    #[cfg_attr(test, proptest(strategy = "super::arbitrary::few()"))]
    pub agents: Vec<AgentFlashSave>,
    /// What somebody should know of; none of it stopped the pause.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, proptest(strategy = "super::arbitrary::few()"))]
    pub warnings: Vec<PauseWarning>,
}

/// What a flash save did to one agent's context.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct AgentFlashSave {
    /// Whose.
    pub agent: Name,
    /// Tokens of active context before.
    pub tokens_before: u64,
    /// And after.
    pub tokens_after: u64,
    /// How much less that is, in hundredths of a percent.
    pub reduction_hundredths: u32,
    /// How many items were archived.
    pub items_archived: u64,
    /// How many hot items stayed.
    pub hot_kept: u64,
    /// How many warm items stayed.
    pub warm_kept: u64,
}

/// Something that did not stop a pause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub enum PauseWarning {
    /// An agent has more active tokens than its limit, even now.
    AgentOverLimit {
        /// Which agent.
        agent: Name,
        /// Its active tokens after the pause.
        tokens: u64,
        /// Its limit.
        limit: u64,
    },
    /// Token counts of this many active items are estimates.
    TokensEstimated {
        /// How many items.
        items: u64,
    },
    /// The clock shows an earlier time than the newest entry.
    ClockWentBack {
        /// The newest entry's time.
        previous: Timestamp,
        /// The clock's.
        now: Timestamp,
    },
}

/// How a warning is read: the same, but see [`TagFirst`].
#[derive(Deserialize)]
#[serde(
    remote = "PauseWarning",
    rename_all = "snake_case",
    deny_unknown_fields
)]
enum PauseWarningForm {
    AgentOverLimit {
        agent: Name,
        tokens: u64,
        limit: u64,
    },
    TokensEstimated {
        items: u64,
    },
    ClockWentBack {
        previous: Timestamp,
        now: Timestamp,
    },
}

impl<'de> Deserialize<'de> for PauseWarning {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        PauseWarningForm::deserialize(TagFirst(deserializer))
    }
}
