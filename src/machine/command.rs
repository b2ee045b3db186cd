//! What a caller can ask for.

use crate::model::{
    Body, CheckpointId, CheckpointName, Data, Description, Digest, InvalidInput, ItemId, ItemKind,
    Json, LongText, Name, PlanId, PlanSettings, PlanState, Point, ProjectId, ProjectSettings,
    Reason, RetentionPolicy, Revision, TagFirst, Timestamp, from_json, misread,
};
use serde::{Deserialize, Deserializer, Serialize};

macro_rules! commands {
    ($($(#[$meta:meta])* $variant:ident $({ $($(#[$field_meta:meta])* $field:ident: $type:ty,)+ })?,)+) => {
        /// Something that a caller asks of one project.
        ///
        /// Its fields are parsed already: a command that exists is well formed, and whether it
        /// may happen is up to [`decide`](super::decide).
        ///
        /// The JSON form of a command is part of the format: its digest tells a repeated command
        /// from another one under the same id. So a field that is added later has a default and
        /// is left out while it has it.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
        #[serde(tag = "type", rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Command {
            $($(#[$meta])* $variant $({ $($(#[$field_meta])* $field: $type,)+ })?,)+
        }

        /// How a command is read: the same, but see [`TagFirst`].
        #[derive(Deserialize)]
        #[serde(remote = "Command", rename_all = "snake_case", deny_unknown_fields)]
        enum CommandForm {
            $($variant $({ $($(#[$field_meta])* $field: $type,)+ })?,)+
        }

        /// Which command it is, without what it carries.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        #[allow(missing_docs)] // each is documented on the command of the same name
        pub enum CommandKind {
            $($variant,)+
        }

        impl CommandKind {
            /// Every command there is.
            pub const ALL: &'static [CommandKind] = &[$(CommandKind::$variant,)+];
        }

        impl Command {
            /// Which command it is.
            #[must_use]
            pub const fn kind(&self) -> CommandKind {
                match self {
                    $(Command::$variant { .. } => CommandKind::$variant,)+
                }
            }
        }
    };
}

impl<'de> Deserialize<'de> for Command {
    /// Reads a command whose `type` comes first.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        CommandForm::deserialize(TagFirst(deserializer))
    }
}

commands! {
    /// Creates the project. It begins in `status`: `active`, unless `init` or `planning` is given.
    CreateProject {
        /// Its name.
        name: Name,
        /// Where it begins.
        #[serde(default, skip_serializing_if = "InitialStatus::is_active")]
        status: InitialStatus,
        /// How it behaves.
        #[serde(default)]
        settings: ProjectSettings,
        /// Its first plan, made and started in the same commit. Needs the status `active`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        plan: Option<Box<FirstPlan>>,
    },
    /// Makes a new project of another one as it is or was: plans, agents and context with their ids
    /// and counters, but no checkpoints, no pause and nobody at work. Steps get new ids, since these
    /// are idempotency keys.
    ForkProject {
        /// The other project.
        source: ProjectId,
        /// From when: now, unless it is given.
        #[serde(default, skip_serializing_if = "Point::is_now")]
        at: Point,
        /// Its name: that of the other one, unless it is given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name: Option<Name>,
    },
    /// `init` → `planning`.
    PlanProject,
    /// `init`, `planning` or `stopped` → `active`.
    StartProject,
    /// Archives cold context, takes a checkpoint and holds all work, in one commit.
    Pause {
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// Lets the work go on, from where the pause stopped it or from a checkpoint.
    Resume {
        /// Rolls the project back to this checkpoint first, in the same commit.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        checkpoint: Option<CheckpointId>,
    },
    /// Ends the work; it can start again.
    StopProject {
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// Says that all is done; refused while a plan is unfinished.
    CompleteProject,
    /// Gives the project another name.
    RenameProject {
        /// The new name.
        name: Name,
    },
    /// Takes the project away for good: journal, rows and bodies.
    DeleteProject,
    /// Makes a plan; it is pending until it is started.
    CreatePlan {
        /// The plan.
        plan: NewPlan,
    },
    /// Starts a plan: with steps given it is implemented, without it is planned first.
    StartPlan {
        /// Which plan.
        plan: PlanId,
    },
    /// Gives a plan in planning its steps; they replace the ones it had.
    SubmitPlan {
        /// Which plan.
        plan: PlanId,
        /// The plan in words.
        text: LongText,
        /// Its steps; at least one.
        steps: Vec<NewStep>,
    },
    /// Passes a submission that waits for approval: the plan, or what was implemented.
    Approve {
        /// Which plan.
        plan: PlanId,
        /// The submission: refused when another one has taken its place.
        submission: u64,
    },
    /// Sends a submission that waits for approval back: a plan to planning, an implementation to
    /// one of its steps.
    Reject {
        /// Which plan.
        plan: PlanId,
        /// The submission: refused when another one has taken its place.
        submission: u64,
        /// Why.
        reason: Reason,
        /// The step to go on from, zero-based, at most `last_completed_step`, which is the
        /// default. Not for a plan that goes back to planning.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from_step: Option<u32>,
    },
    /// Begins the implementation of a plan that was approved.
    StartImplementation {
        /// Which plan.
        plan: PlanId,
    },
    /// Records what a review came to.
    RecordReview {
        /// Which plan.
        plan: PlanId,
        /// The submission: refused when another one has taken its place.
        submission: u64,
        /// Whether it passed; otherwise the plan goes back to implementing.
        passed: bool,
        /// What the reviewer says.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        notes: Option<LongText>,
        /// As in [`Reject`](Command::Reject); not for one that passed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from_step: Option<u32>,
    },
    /// Records what a verification came to.
    RecordVerification {
        /// Which plan.
        plan: PlanId,
        /// The submission: refused when another one has taken its place.
        submission: u64,
        /// Whether it passed; otherwise the plan goes back to implementing, which is a retry.
        passed: bool,
        /// What was found.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        details: Option<LongText>,
        /// As in [`Reject`](Command::Reject); not for one that passed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from_step: Option<u32>,
    },
    /// Opens a new attempt at the next step. A step that is running is taken over.
    StartStep {
        /// Which plan.
        plan: PlanId,
        /// Which step, zero-based: the next one, which is the default.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        step: Option<u32>,
    },
    /// Records what came of an attempt.
    CompleteStep {
        /// Which plan.
        plan: PlanId,
        /// Which attempt: refused when a newer one was opened.
        attempt: u64,
        /// What came of it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        output: Option<Json>,
        /// Context items that belong to the result, added in the same commit.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        context: Vec<NewItem>,
    },
    /// Records that an attempt failed; the plan fails when the step has failed too often.
    FailStep {
        /// Which plan.
        plan: PlanId,
        /// Which attempt: refused when a newer one was opened.
        attempt: u64,
        /// What went wrong.
        error: LongText,
    },
    /// Fails the plan.
    FailPlan {
        /// Which plan.
        plan: PlanId,
        /// What went wrong.
        error: LongText,
    },
    /// Gives the plan up.
    CancelPlan {
        /// Which plan.
        plan: PlanId,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// Brings a failed plan back to the state that it failed in.
    RetryPlan {
        /// Which plan.
        plan: PlanId,
    },
    /// Moves the plan back to planning or to an earlier step; counts as a reversion.
    RevertPlan {
        /// Which plan.
        plan: PlanId,
        /// `planning` or `implementing`.
        to: PlanState,
        /// The step to go on from, zero-based, at most `last_completed_step`, which is the
        /// default (0 if that is −1). Not with `planning`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from_step: Option<u32>,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// Says that a completed plan's result was applied: no rollback changes it from then on.
    MarkApplied {
        /// Which plan.
        plan: PlanId,
    },
    /// Sets an agent's token limit; an agent that isn't known becomes known.
    SetAgent {
        /// The agent's name.
        agent: Name,
        /// The tokens that its active context should stay under; 1 to 2^53 − 1.
        token_limit: u64,
    },
    /// Adds context.
    AddContext {
        /// The items; at least one.
        items: Vec<NewItem>,
    },
    /// Says that items were used. One that is listed twice was used twice.
    TouchItems {
        /// Which items; at least one.
        items: Vec<ItemId>,
    },
    /// Keeps items hot whatever their age.
    PinItems {
        /// Which items; at least one.
        items: Vec<ItemId>,
    },
    /// Lets items cool again.
    UnpinItems {
        /// Which items; at least one.
        items: Vec<ItemId>,
    },
    /// Takes items out of active context.
    ArchiveItems {
        /// Which items; at least one.
        items: Vec<ItemId>,
    },
    /// Archives the cold items of agents whose context has reached 80 % of their limit.
    FlashSave {
        /// Whose; none: every agent's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        agent: Option<Name>,
        /// Of agents below that too.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        force: bool,
    },
    /// Removes an item's body for good. Its digest stays, so that history still verifies; all else
    /// in the project that has the same text loses it too.
    RedactItem {
        /// Which item.
        item: ItemId,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// Removes a step's output for good, as [`RedactItem`](Command::RedactItem) does a body.
    RedactOutput {
        /// Which plan.
        plan: PlanId,
        /// Which step, zero-based.
        step: u32,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// Removes a body for good by its digest, as [`RedactItem`](Command::RedactItem) does: one too
    /// that is in no plan and no item any more, since a revert or a rollback took it away.
    RedactBody {
        /// Which, as history shows it.
        digest: Digest,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// Brings archived items back into active context.
    RestoreItems {
        /// Which items; at least one.
        items: Vec<ItemId>,
    },
    /// Takes a checkpoint.
    CreateCheckpoint {
        /// What to say of it.
        checkpoint: NewCheckpoint,
    },
    /// Makes retention keep a checkpoint whatever the policy says, or no longer.
    PinCheckpoint {
        /// Which checkpoint.
        checkpoint: CheckpointId,
        /// Whether it is kept so.
        pinned: bool,
    },
    /// Sets how many checkpoints the project keeps from now on. What there is too many goes when the
    /// next one is taken, plan by plan, or when retention is applied.
    SetRetention {
        /// How many.
        policy: RetentionPolicy,
    },
    /// Lets go of every checkpoint that a policy doesn't keep and nothing protects: neither that it
    /// is pinned, nor a pause, nor a plan that is at it or waits for a decision.
    ApplyRetention {
        /// How many are kept; none: as many as the project keeps.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        policy: Option<RetentionPolicy>,
    },
    /// Puts a plan back to where it was at a checkpoint.
    RollbackPlan {
        /// Which plan.
        plan: PlanId,
        /// Which checkpoint; none: the newest own one that would change it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        checkpoint: Option<CheckpointId>,
        /// Instead of a checkpoint: the revision of a decision, a step's result or an approval say,
        /// that is to be reversed. The plan goes to the newest checkpoint, its own or the
        /// project's, that is older and on the way to it: none that a rollback has left behind.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        before: Option<Revision>,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// Puts all plans and items back to where they were at a checkpoint.
    RollbackProject {
        /// Which checkpoint.
        checkpoint: CheckpointId,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
}

impl Command {
    /// Reads a command from JSON, with its `type` first.
    ///
    /// # Errors
    /// [`InvalidInput`] says where something else was found than what was expected.
    pub fn from_json(text: &str) -> Result<Self, InvalidInput> {
        from_json(text).map_err(|error| misread("command", text, &error))
    }

    /// Whether it makes a project, rather than being given to one that is there.
    #[must_use]
    pub const fn makes_a_project(&self) -> bool {
        matches!(
            self,
            Command::CreateProject { .. } | Command::ForkProject { .. }
        )
    }
}

impl CommandKind {
    /// The command's name, as it is written in JSON.
    #[must_use]
    pub fn as_str(self) -> String {
        let name = serde_json::to_string(&self).expect("a unit variant is written as a string");
        name.trim_matches('"').to_owned()
    }
}

impl std::fmt::Display for CommandKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.as_str())
    }
}

/// Where a project begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InitialStatus {
    /// Nothing begun.
    Init,
    /// Plans are made.
    Planning,
    /// Work goes on.
    #[default]
    Active,
}

impl InitialStatus {
    fn is_active(&self) -> bool {
        *self == InitialStatus::Active
    }
}

/// The plan that a project is created with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FirstPlan {
    /// The plan.
    pub plan: NewPlan,
    /// Context that belongs to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub context: Vec<NewItem>,
}

/// A plan to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPlan {
    /// What is asked for.
    pub request: LongText,
    /// Its steps, if they are known already; at least one, if given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<Vec<NewStep>>,
    /// How it behaves.
    #[serde(default)]
    pub settings: PlanSettings,
}

/// A step to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewStep {
    /// What is to be done, in a line.
    pub title: Name,
    /// What it works on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Json>,
}

/// A context item to be added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewItem {
    /// Whose context it goes to; an agent that isn't known becomes known.
    pub agent: Name,
    /// The plan that it belongs to. Items that come with a step's result belong to its plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanId>,
    /// What kind of thing it is.
    pub kind: ItemKind,
    /// What it says.
    pub body: Body,
    /// When that came to be; none: now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Timestamp>,
    /// Whether it is always hot.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
}

/// A checkpoint to be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCheckpoint {
    /// The plan that it is for; none: the project's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanId>,
    /// Its name.
    pub name: CheckpointName,
    /// What a person wants to say of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Description>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The tool that takes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_tool: Option<Name>,
    /// The phase of work that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<Name>,
    /// Something outside that goes with it: a git commit, a sandbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_ref: Option<Name>,
    /// The caller's own data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Data>,
    /// Whether retention keeps it whatever the policy says.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
}

impl NewCheckpoint {
    /// A checkpoint of this name and nothing else.
    #[must_use]
    pub const fn named(name: CheckpointName, plan: Option<PlanId>) -> Self {
        Self {
            plan,
            name,
            description: None,
            reason: None,
            source_tool: None,
            phase: None,
            external_ref: None,
            data: None,
            pinned: false,
        }
    }
}
