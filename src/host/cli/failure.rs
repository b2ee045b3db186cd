//! How a command fails: a code, a message, an exit code.

use super::output::Output;
use crate::engine::EngineError;
use crate::model::{ErrorCode, InvalidInput};
use crate::storage::StorageError;
use crate::trajectory::{PlayError, TrajectoryError};
use std::process::ExitCode;

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Trajectory(#[from] TrajectoryError),
    #[error(transparent)]
    Invalid(#[from] InvalidInput),
    #[error("expected to read {path}, found that it cannot be read: {found}")]
    File { path: String, found: String },
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Play(#[from] PlayError),
    #[error("expected every project to be sound, found {0} with findings")]
    Damaged(usize),
    #[error("expected to write the answer, found that it cannot be written: {0}")]
    Output(#[from] std::io::Error),
}

impl Failure {
    fn code(&self) -> ErrorCode {
        match self {
            Failure::Engine(error) => error.code(),
            Failure::Storage(error) => error.kind.code(),
            Failure::Trajectory(error) => error.code(),
            Failure::Invalid(error) => error.code(),
            Failure::File { .. } => ErrorCode::FileUnreadable,
            Failure::Usage(_) => ErrorCode::Usage,
            Failure::Play(error) => error.code(),
            Failure::Damaged(_) => ErrorCode::Corrupt,
            Failure::Output(_) => ErrorCode::Unavailable,
        }
    }

    /// 1: the command was refused. 2: it was used wrongly. 3: the storage failed.
    fn exit_code(&self) -> u8 {
        match self.code() {
            ErrorCode::Usage => 2,
            ErrorCode::Busy
            | ErrorCode::Conflict
            | ErrorCode::Closed
            | ErrorCode::Blocked
            | ErrorCode::QuotaExceeded
            | ErrorCode::TooNew
            | ErrorCode::Corrupt
            | ErrorCode::OutcomeUnknown
            | ErrorCode::Unavailable
            | ErrorCode::NotAStore
            | ErrorCode::Internal => 3,
            _ => 1,
        }
    }

    /// Says it on stderr.
    pub(super) fn report(&self, output: &Output) -> ExitCode {
        if let Failure::Output(error) = self
            && error.kind() == std::io::ErrorKind::BrokenPipe
        {
            // Whoever was reading has read enough, as `head` does. What was asked for is done.
            return ExitCode::SUCCESS;
        }
        output.error(self.code(), &self.to_string());
        ExitCode::from(self.exit_code())
    }
}

/// What the command line could not make sense of; or help, which is no failure.
pub(super) fn usage(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind;
    let is_help = matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    );
    let wants_json = std::env::args_os().any(|argument| argument == "--json");
    if is_help || !wants_json {
        let _ = error.print();
    } else {
        let text = error.render().to_string();
        Output::new(true).error(ErrorCode::Usage, text.trim());
    }
    ExitCode::from(if is_help { 0 } else { 2 })
}
