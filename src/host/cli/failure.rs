//! How a command fails: a code, a message, an exit code.

use super::output::{Output, visible};
use super::settings::variable_of;
use crate::engine::EngineError;
use crate::model::{ErrorCode, InvalidInput};
use crate::storage::{BackupError, StorageError};
use crate::trajectory::{PlayError, TrajectoryError};
use std::io::Write as _;
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
    #[error("expected {path} to stay as it is while it is read, found {found}")]
    FileChanged { path: String, found: String },
    #[error("byte {byte} of {path}: expected gzip that can be decompressed, found {found}")]
    Gzip {
        path: String,
        byte: u64,
        found: String,
    },
    #[error("expected the {0} to be finished, found that it was cancelled: nothing is left of it")]
    Cancelled(&'static str),
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Play(#[from] PlayError),
    #[error("expected a plan with steps to do, found that {0}")]
    Undecided(String),
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error(
        "{0}; nothing was done, for want of that backup: `--backup-on-open off` goes on without"
    )]
    BackupOnOpen(BackupError),
    #[error("expected every project to be sound, found {0} with findings")]
    Damaged(usize),
    #[error(
        "expected to write the answer, found that it cannot be written: {0}. What was asked for was \
         done: look what is there before you ask for it again"
    )]
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
            Failure::FileChanged { .. } => ErrorCode::FileChanged,
            Failure::Gzip { .. } => ErrorCode::BundleInvalid,
            Failure::Cancelled(_) => ErrorCode::Cancelled,
            Failure::Usage(_) => ErrorCode::Usage,
            Failure::Play(error) => error.code(),
            Failure::Undecided(_) => ErrorCode::InvalidTransition,
            Failure::Backup(error) | Failure::BackupOnOpen(error) => error.code(),
            Failure::Damaged(_) => ErrorCode::Corrupt,
            // The one failure after which something may have changed.
            Failure::Output(_) => ErrorCode::OutcomeUnknown,
        }
    }

    /// 1: the command was refused. 2: it was used wrongly. 3: the storage failed.
    fn exit_code(&self) -> u8 {
        match self.code() {
            ErrorCode::Usage => 2,
            ErrorCode::Busy | ErrorCode::Conflict => 3,
            code if code.is_failure() => 3,
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
    let variable = variable_of(error)
        .map(|variable| format!("The value is that of the environment variable {variable}."));
    if is_help {
        let _ = error.print();
    } else if !wants_json {
        // It repeats what was given. Without colours, since what was given could hold some too.
        let text = visible(&error.render().to_string());
        let _ = write!(std::io::stderr(), "{text}");
        if let Some(variable) = variable {
            let _ = writeln!(std::io::stderr(), "\n{variable}");
        }
    } else {
        let text = error.render().to_string();
        let parts: Vec<_> = [text.trim()]
            .into_iter()
            .chain(variable.as_deref())
            .collect();
        Output::new(true).error(ErrorCode::Usage, &parts.join("\n\n"));
    }
    ExitCode::from(if is_help { 0 } else { 2 })
}
