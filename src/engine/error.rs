//! What a call can fail with.

use crate::journal::bundle::BundleError;
use crate::journal::{Head, JournalError};
use crate::machine::Rejection;
use crate::model::{
    Actor, CommandId, Digest, ErrorCode, InvalidInput, PlanId, ProjectId, Revision, Timestamp,
    WorkerId,
};
use crate::storage::{StorageError, WriteError};
use serde::Serialize;

/// A call that did not do what it was asked. Everything is as it was before, unless the code is
/// `OUTCOME_UNKNOWN`.
///
/// Its JSON form is what the message says, as data: the fields of the variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(untagged)]
#[non_exhaustive]
pub enum EngineError {
    /// The command may not happen.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// The storage failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The journal is damaged, or newer than this program.
    #[error("project {project}: {error}")]
    Journal {
        /// Whose journal.
        project: ProjectId,
        /// What is wrong with it.
        error: JournalError,
    },
    /// The project was deleted.
    #[error("project {project} was deleted at revision {revision}")]
    Removed {
        /// Which.
        project: ProjectId,
        /// The revision that it had.
        revision: Revision,
    },
    /// The id was used for another command.
    #[error(
        "expected the command that {command} stood for at revision {revision}, found another one with the same id"
    )]
    CommandIdReused {
        /// Which id.
        command: CommandId,
        /// The entry of the command that had it first.
        revision: Revision,
    },
    /// Others were faster for as long as it tried.
    #[error("expected a turn within {} s, found {conflicts} commits of others in between", .waited_milliseconds / 1000)]
    Busy {
        /// How long it tried.
        waited_milliseconds: u64,
        /// How often another one was faster.
        conflicts: u32,
    },
    /// Somebody else executes the plan; or a claim on it is over.
    #[error("{}", claimed(plan, holder.as_ref(), expires_at.as_ref()))]
    PlanClaimed {
        /// Which plan.
        plan: PlanId,
        /// Who has it. None if a claim is over and nobody has it now.
        holder: Option<Actor>,
        /// Which worker of theirs.
        worker: Option<WorkerId>,
        /// Until when, unless they renew it.
        expires_at: Option<Timestamp>,
    },
    /// There is no such revision.
    #[error("project {project} has revisions 1 to {newest}, found {found}")]
    RevisionNotFound {
        /// Which project.
        project: ProjectId,
        /// Its newest.
        newest: Revision,
        /// Which was asked for.
        found: Revision,
    },
    /// The text was removed for good.
    #[error("expected the text with digest {digest}, found that {by} removed it for good at {at}")]
    Redacted {
        /// Its digest.
        digest: Digest,
        /// When it was removed.
        at: Timestamp,
        /// By whom.
        by: Actor,
    },
    /// An id fits more than one record.
    #[error("{id:?} fits more than one {kind}: {}", .fits.join(", "))]
    AmbiguousId {
        /// What was looked for.
        kind: &'static str,
        /// The id, or how it begins.
        id: String,
        /// The first that it fits.
        fits: Vec<String>,
    },
    /// An id fits no record.
    #[error("no {kind} was found whose id is {id:?} or begins with it")]
    IdNotFound {
        /// What was looked for.
        kind: &'static str,
        /// The id, or how it begins.
        id: String,
        /// The code for that kind.
        code: ErrorCode,
    },
    /// A bundle that cannot be imported.
    #[error(transparent)]
    Bundle(#[from] BundleError),
    /// The store has a project of the bundle already.
    #[error(
        "expected no project {project} in the store, found one at {found}; the bundle has it at {bundle}"
    )]
    ProjectExists {
        /// Which.
        project: ProjectId,
        /// The end of the journal that is there.
        found: Head,
        /// The end of the one in the bundle.
        bundle: Head,
    },
    /// A project that is being exported changed in a way that takes away what it was.
    #[error(
        "expected to export project {project} as it was at revision {revision}, found {found} meanwhile; export again"
    )]
    ExportOvertaken {
        /// Which.
        project: ProjectId,
        /// The revision that it had when the export began.
        revision: Revision,
        /// What happened to it.
        found: String,
    },
    /// A bug in Holdpoint.
    #[error("a bug in Holdpoint, please report it: {0}")]
    Internal(String),
}

impl EngineError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            EngineError::Rejected(rejection) => rejection.code(),
            EngineError::Storage(error) => error.kind.code(),
            EngineError::Journal { error, .. } => error.code(),
            EngineError::Removed { .. } => ErrorCode::Removed,
            EngineError::CommandIdReused { .. } => ErrorCode::CommandIdReused,
            EngineError::Busy { .. } => ErrorCode::Busy,
            EngineError::PlanClaimed { .. } => ErrorCode::PlanClaimed,
            EngineError::RevisionNotFound { .. } => ErrorCode::RevisionNotFound,
            EngineError::Redacted { .. } => ErrorCode::Redacted,
            EngineError::AmbiguousId { .. } => ErrorCode::AmbiguousId,
            EngineError::IdNotFound { code, .. } => *code,
            EngineError::Bundle(error) => error.code(),
            EngineError::ProjectExists { .. } => ErrorCode::ProjectExists,
            EngineError::ExportOvertaken { .. } => ErrorCode::Changed,
            EngineError::Internal(_) => ErrorCode::Internal,
        }
    }
}

impl From<InvalidInput> for EngineError {
    fn from(invalid: InvalidInput) -> Self {
        Rejection::from(invalid).into()
    }
}

/// What a storage's refusal means where no conflict is expected.
pub(super) fn write_error(project: ProjectId, error: WriteError) -> EngineError {
    match error {
        WriteError::Storage(error) => error.into(),
        WriteError::Removed { tombstone, .. } => EngineError::Removed {
            project,
            revision: tombstone.head.revision,
        },
        WriteError::Conflict { .. }
        | WriteError::DuplicateCommand { .. }
        | WriteError::NotTogether { .. } => {
            EngineError::Internal(format!("a refusal went unhandled: {error}"))
        }
    }
}

fn claimed(plan: &PlanId, holder: Option<&Actor>, expires_at: Option<&Timestamp>) -> String {
    match (holder, expires_at) {
        (Some(holder), Some(until)) => format!(
            "expected to have plan {plan} alone, found it claimed by {holder} until {until} or longer"
        ),
        _ => format!("expected to have plan {plan} still, found that the claim is over"),
    }
}
