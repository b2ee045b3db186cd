//! The command line: one command, one answer, one exit code.
//!
//! Exit codes: 0 done, 1 refused, 2 wrong use, 3 the storage failed or is damaged.

mod arguments;
mod checkpoint;
mod failure;
mod import;
mod output;
mod plan;
mod play;
mod project;
mod store;

use arguments::{Arguments, CheckpointCommand, Command, PlanCommand, ProjectCommand};
use clap::{CommandFactory as _, Parser as _};
use failure::Failure;
use output::Output;
use std::io::Write as _;
use std::process::ExitCode;

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return failure::usage(&error),
    };
    let output = Output::new(arguments.json);
    if arguments.json {
        // Stderr is for one JSON document then, if there is an error, and for nothing else.
        crate::platform::on_warning(|_| {});
    }
    match pollster::block_on(run(&arguments, &output)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(&output),
    }
}

/// Prints completions for a shell.
fn completions(shell: clap_complete::Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "holdpoint", &mut script);
    let mut out = std::io::stdout().lock();
    out.write_all(&script)?;
    Ok(out.flush()?)
}

async fn run(arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    // What needs no store, or can be refused without one, comes first: a refused import makes none.
    let trajectory = match &arguments.command {
        Command::Completions { shell } => return completions(*shell),
        Command::Import { file } => Some(import::read(file)?),
        _ => None,
    };
    let engine = store::open(arguments).await?;
    if let Some(trajectory) = trajectory {
        return import::import(&engine, output, trajectory).await;
    }
    match &arguments.command {
        Command::Project { command } => match command {
            ProjectCommand::List => project::list(&engine, output).await,
            ProjectCommand::Show { project } => project::show(&engine, output, project).await,
            ProjectCommand::Pause { project, reason } => {
                project::pause(&engine, output, project, reason.as_deref()).await
            }
            ProjectCommand::Resume {
                project,
                checkpoint,
            } => project::resume(&engine, output, project, checkpoint.as_deref()).await,
            ProjectCommand::Rollback {
                project,
                checkpoint,
                dry_run,
            } => project::rollback(&engine, output, project, checkpoint, *dry_run).await,
            ProjectCommand::Delete { project, yes } => {
                project::delete(&engine, output, project, *yes).await
            }
        },
        Command::Plan { command } => match command {
            PlanCommand::List { project } => plan::list(&engine, output, project.as_deref()).await,
            PlanCommand::Show { plan } => plan::show(&engine, output, plan).await,
            PlanCommand::Run { plan, steps } => play::run(&engine, output, plan, *steps).await,
            PlanCommand::Rollback {
                plan,
                checkpoint,
                dry_run,
            } => plan::rollback(&engine, output, plan, checkpoint.as_deref(), *dry_run).await,
            PlanCommand::Retry { plan } => plan::retry(&engine, output, plan).await,
            PlanCommand::Cancel { plan, reason } => {
                plan::cancel(&engine, output, plan, reason.as_deref()).await
            }
        },
        Command::Checkpoint { command } => match command {
            CheckpointCommand::Create {
                project,
                plan,
                name,
                reason,
            } => {
                checkpoint::create(
                    &engine,
                    output,
                    project,
                    plan.as_deref(),
                    name,
                    reason.as_deref(),
                )
                .await
            }
            CheckpointCommand::List { project, plan } => {
                checkpoint::list(&engine, output, project, plan.as_deref()).await
            }
        },
        Command::Resumable => plan::resumable(&engine, output).await,
        Command::History { project } => project::history(&engine, output, project).await,
        Command::Verify { project } => project::verify(&engine, output, project.as_deref()).await,
        Command::Reindex { project } => project::reindex(&engine, output, project.as_deref()).await,
        // Answered above.
        Command::Import { .. } | Command::Completions { .. } => Ok(()),
    }
}
