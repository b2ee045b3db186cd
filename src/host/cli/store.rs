//! The store that a command works on.

use super::arguments::{Arguments, CheckpointCommand, Command, PlanCommand, ProjectCommand};
use super::backup;
use super::context::ContextCommand;
use super::failure::Failure;
use super::output::Output;
use super::settings::ResumeDetection;
use super::step::StepCommand;
use crate::engine::{Engine, EngineOptions, Resumable};
use crate::machine::{self, Outcome};
use crate::model::{Point, ProjectId};
use crate::storage::{Row, RowKind, RowQuery, SqliteOptions, SqliteStorage, Storage as _};

/// The engine that the command line uses.
pub(super) type Store = Engine<SqliteStorage>;

/// Opens the store. Only what makes a project makes a store that isn't there: a mistyped path is no
/// empty store.
pub(super) async fn open(arguments: &Arguments, output: &Output) -> Result<Store, Failure> {
    let create = matches!(
        arguments.command,
        Command::Import(_)
            | Command::Project {
                command: ProjectCommand::Create(_)
            }
    );
    let options = SqliteOptions {
        create,
        ..SqliteOptions::default()
    };
    let mut behaviour = EngineOptions::new(arguments.actor.parse()?);
    behaviour.resume_detection = tells_resumable(arguments, output);
    if writes(&arguments.command) {
        backup::before_writing(arguments, output)?;
    }
    let storage = SqliteStorage::open_with(&arguments.store, &options)?;
    let store = Engine::open_with(storage, behaviour).await?;
    let resumable = store.resumable_at_opening();
    if !resumable.is_empty() {
        output.progress(&told(resumable));
    }
    Ok(store)
}

/// Whether it is to be said which plans can go on: not by the command that lists them.
fn tells_resumable(arguments: &Arguments, output: &Output) -> bool {
    let is_wished = match arguments.resume_detection {
        ResumeDetection::Auto => output.is_watched(),
        ResumeDetection::On => !output.is_json(),
        ResumeDetection::Off => false,
    };
    is_wished && !matches!(arguments.command, Command::Resumable)
}

fn told(resumable: &[Resumable]) -> String {
    let plans = match resumable.len() {
        1 => "1 plan can go on".to_owned(),
        plans => format!("{plans} plans can go on"),
    };
    let held = resumable.iter().filter(|plan| plan.hold.is_some()).count();
    let waiting = match held {
        0 => String::new(),
        held if held == resumable.len() => " once somebody has seen to it".to_owned(),
        held => format!(", {held} of them once somebody has seen to it"),
    };
    format!("{plans}{waiting}: `holdpoint resumable` lists them")
}

/// Whether a command may write to the store: all but those that only read.
fn writes(command: &Command) -> bool {
    let reads = match command {
        Command::Inbox
        | Command::Export(_)
        | Command::Resumable
        | Command::History { .. }
        | Command::Verify { .. }
        | Command::Backup { .. }
        | Command::Settings
        | Command::Completions { .. }
        | Command::Checkpoint {
            command: CheckpointCommand::List { .. } | CheckpointCommand::Show { .. },
        }
        | Command::Context {
            command: ContextCommand::List { .. } | ContextCommand::Show { .. },
        }
        | Command::Step {
            command: StepCommand::Show { .. },
        } => true,
        Command::Project { command } => matches!(
            command,
            ProjectCommand::List
                | ProjectCommand::Show { .. }
                | ProjectCommand::Statistics { .. }
                | ProjectCommand::Rollback { dry_run: true, .. }
        ),
        Command::Plan { command } => matches!(
            command,
            PlanCommand::List { .. }
                | PlanCommand::Show { .. }
                | PlanCommand::Lease { .. }
                | PlanCommand::Rollback { dry_run: true, .. }
        ),
        _ => false,
    };
    !reads
}

/// A point in a project's past; a checkpoint by its id, or how it begins.
pub(super) async fn find_point(
    store: &Store,
    project: ProjectId,
    text: &str,
) -> Result<Point, Failure> {
    match text.parse() {
        Ok(point) => Ok(point),
        // What begins so is no id.
        Err(invalid) if text.starts_with('@') => Err(invalid.into()),
        Err(_) => Ok(store.find_checkpoint(project, text).await?.into()),
    }
}

/// How many rows are read at once.
const PAGE: usize = 500;

/// All rows of a kind that a query asks for.
pub(super) async fn rows(
    store: &Store,
    kind: RowKind,
    narrow: impl FnOnce(RowQuery) -> RowQuery,
) -> Result<Vec<Row>, Failure> {
    let mut query = narrow(RowQuery::of(kind, PAGE));
    let mut rows = Vec::new();
    loop {
        let page = store.storage().rows(query.clone()).await?;
        rows.extend(page.rows);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(rows),
        }
    }
}

/// Carries a command out, or in a dry run only says what it would come to.
pub(super) async fn carry_out(
    store: &Store,
    output: &Output,
    project: ProjectId,
    command: machine::Command,
    dry_run: bool,
    report: impl Fn(&Outcome) -> String,
) -> Result<(), Failure> {
    if dry_run {
        let preview = store.preview(project, command).await?;
        output.answer(&preview, || {
            format!(
                "nothing has changed; from revision {} it would be this:\n{}",
                preview.expected_revision,
                report(&preview.outcome)
            )
        })?;
    } else {
        let receipt = store.execute(project, command).await?;
        output.answer(&receipt, || report(&receipt.outcome))?;
    }
    Ok(())
}
