//! The codes of every failure that a caller can meet. They never change their meaning.

use serde::{Deserialize, Serialize};

macro_rules! error_codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal,)+) => {
        /// A stable name for a kind of failure: what programs compare, in every face alike.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[doc = $doc])+ #[serde(rename = $text)] $variant,)+
        }

        impl ErrorCode {
            /// Every code there is, in the order of this file.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$variant),+];

            /// The code as it is written in JSON, logs and documentation.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(ErrorCode::$variant => $text,)+
                }
            }
        }
    };
}

error_codes! {
    /// A field has a form that it may not have.
    InvalidInput = "INVALID_INPUT",
    /// A text is longer than its limit.
    TooLong = "TOO_LONG",
    /// A plan was given or submitted with no steps.
    NoSteps = "NO_STEPS",
    /// No project has this id.
    ProjectNotFound = "PROJECT_NOT_FOUND",
    /// No plan of this project, or of the store, has this id.
    PlanNotFound = "PLAN_NOT_FOUND",
    /// The plan has no step or attempt of this number.
    StepNotFound = "STEP_NOT_FOUND",
    /// No context item of this project has this id.
    ItemNotFound = "ITEM_NOT_FOUND",
    /// This project has no body with this digest.
    BodyNotFound = "BODY_NOT_FOUND",
    /// No checkpoint of this project has this id, or the plan has none to go to.
    CheckpointNotFound = "CHECKPOINT_NOT_FOUND",
    /// The plan has no submission of this number.
    SubmissionNotFound = "SUBMISSION_NOT_FOUND",
    /// No agent of this project has this name.
    AgentNotFound = "AGENT_NOT_FOUND",
    /// No revision of this project has this number.
    RevisionNotFound = "REVISION_NOT_FOUND",
    /// A bare or shortened id fits more than one record.
    AmbiguousId = "AMBIGUOUS_ID",
    /// The state that the plan or project is in does not allow this command.
    InvalidTransition = "INVALID_TRANSITION",
    /// The project is paused and this command has to wait for the resume.
    ProjectPaused = "PROJECT_PAUSED",
    /// A resume of a project that is not paused.
    ProjectNotPaused = "PROJECT_NOT_PAUSED",
    /// The project is stopped: start it first.
    ProjectStopped = "PROJECT_STOPPED",
    /// The project is completed.
    ProjectCompleted = "PROJECT_COMPLETED",
    /// The project was not started yet, so no step of it starts.
    ProjectNotStarted = "PROJECT_NOT_STARTED",
    /// A project cannot be completed while plans of it are unfinished.
    PlansUnfinished = "PLANS_UNFINISHED",
    /// A newer attempt or submission has taken the place of the one named.
    Superseded = "SUPERSEDED",
    /// What the caller saw has changed since.
    Changed = "CHANGED",
    /// The plan has been moved back as often as it may be.
    ReversionLimit = "REVERSION_LIMIT",
    /// The plan's result was applied; no rollback changes it any more.
    PlanApplied = "PLAN_APPLIED",
    /// The checkpoint belongs to another plan.
    CheckpointForeign = "CHECKPOINT_FOREIGN",
    /// The plan is already as it was at the checkpoint.
    NothingToRollBack = "NOTHING_TO_ROLL_BACK",
    /// The step has no output that could be removed.
    NothingToRedact = "NOTHING_TO_REDACT",
    /// The text was removed for good.
    Redacted = "REDACTED",
    /// Somebody else executes the plan, or has taken it over.
    PlanClaimed = "PLAN_CLAIMED",
    /// The plan's steps cannot be played, for want of a recorded trajectory.
    NotPlayable = "NOT_PLAYABLE",
    /// The same command id was used for another command.
    CommandIdReused = "COMMAND_ID_REUSED",
    /// The journal already holds an entry of this command.
    DuplicateCommand = "DUPLICATE_COMMAND",
    /// The project was deleted.
    Removed = "REMOVED",
    /// The file is not a trajectory that can be imported.
    TrajectoryInvalid = "TRAJECTORY_INVALID",
    /// The file cannot be read.
    FileUnreadable = "FILE_UNREADABLE",
    /// The file changed while it was read.
    FileChanged = "FILE_CHANGED",
    /// The file cannot be written.
    FileUnwritable = "FILE_UNWRITABLE",
    /// There is a file already, and nothing is written over it.
    FileExists = "FILE_EXISTS",
    /// The file to write to is the store itself.
    FileIsTheStore = "FILE_IS_THE_STORE",
    /// The file is not a whole, sound bundle.
    BundleInvalid = "BUNDLE_INVALID",
    /// The bundle is over a limit.
    BundleTooLarge = "BUNDLE_TOO_LARGE",
    /// The store has this project already.
    ProjectExists = "PROJECT_EXISTS",
    /// It was cancelled by whoever began it.
    Cancelled = "CANCELLED",
    /// The project was so contended that the command did not get its turn in time.
    Busy = "BUSY",
    /// The head moved: another writer was first.
    Conflict = "CONFLICT",
    /// The connection to the storage was closed.
    Closed = "CLOSED",
    /// Somebody else holds the storage and does not let go.
    Blocked = "BLOCKED",
    /// The disk or the quota is full.
    QuotaExceeded = "QUOTA_EXCEEDED",
    /// The data was written by a newer program in a form that this one does not know.
    TooNew = "TOO_NEW",
    /// Stored data is damaged.
    Corrupt = "CORRUPT",
    /// The append may or may not have taken effect.
    OutcomeUnknown = "OUTCOME_UNKNOWN",
    /// The storage cannot be reached, read or written.
    Unavailable = "UNAVAILABLE",
    /// The file is not a Holdpoint store.
    NotAStore = "NOT_A_STORE",
    /// The database is gone: the site's data was cleared, or the browser evicted it.
    Evicted = "EVICTED",
    /// The command line was used wrongly.
    Usage = "USAGE",
    /// A bug in Holdpoint; please report it.
    Internal = "INTERNAL",
}

impl ErrorCode {
    /// Whether it is trouble: what a storage or a bug does. Everything else is an answer: the call
    /// was refused.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        matches!(
            self,
            ErrorCode::Closed
                | ErrorCode::Blocked
                | ErrorCode::QuotaExceeded
                | ErrorCode::Evicted
                | ErrorCode::TooNew
                | ErrorCode::Corrupt
                | ErrorCode::OutcomeUnknown
                | ErrorCode::Unavailable
                | ErrorCode::NotAStore
                | ErrorCode::Internal
        )
    }
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
