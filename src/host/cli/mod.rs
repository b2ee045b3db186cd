//! The command line: one command, one answer, one exit code.
//!
//! Exit codes: 0 done, 1 refused, 2 wrong use, 3 the storage failed or is damaged.

mod agent;
mod arguments;
mod backup;
mod checkpoint;
mod context;
mod export;
mod failure;
mod file;
mod history;
mod import;
mod import_bundle;
mod interrupt;
mod lease;
mod log;
mod new_plan;
mod new_project;
mod next;
mod output;
mod plan;
mod play;
mod project;
mod redacted;
mod retention;
mod settings;
mod source;
mod statistics;
mod step;
mod store;
mod story;
mod verdict;
mod workflow;

use crate::machine;
use arguments::{Arguments, CheckpointCommand, Command, PlanCommand, ProjectCommand};
use clap::{ArgMatches, CommandFactory as _, FromArgMatches as _};
use failure::Failure;
use import::Found;
use output::Output;
use std::io::Write as _;
use std::process::ExitCode;
use store::Store;

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let parsed = Arguments::command()
        .try_get_matches()
        .and_then(|matches| Ok((Arguments::from_arg_matches(&matches)?, matches)));
    let (arguments, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return failure::usage(&error),
    };
    log::start(arguments.log);
    let output = Output::new(arguments.json);
    if arguments.json {
        // Stderr is for one JSON document then, if there is an error, and for nothing else.
        crate::platform::on_warning(|_| {});
    }
    match pollster::block_on(run(&arguments, &matches, &output)) {
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

async fn run(arguments: &Arguments, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let checkpoint_interval = arguments.checkpoint_interval;
    // What needs no store, or can be refused without one, comes first: a refused import makes none.
    let (mut found, mut new_project) = (None, None);
    match &arguments.command {
        Command::Completions { shell } => return completions(*shell),
        Command::Settings => return settings::list(matches, output),
        Command::Backup { file } => return backup::run(&arguments.store, output, file),
        Command::Import(how) => {
            let mut to_import = import::find(how, checkpoint_interval)?;
            if let Found::Bundle(source, _) = &mut to_import {
                import_bundle::check(arguments, output, &how.bundle, source).await?;
            }
            found = Some((how, to_import));
        }
        Command::Project {
            command: ProjectCommand::Create(arguments),
        } => new_project = Some(arguments.command()?),
        _ => {}
    }
    let engine = store::open(arguments, output).await?;
    match found {
        Some((_, Found::Trajectory(trajectory))) => {
            return import::import(&engine, output, trajectory).await;
        }
        Some((how, Found::Bundle(source, _listening))) => {
            // It holds a buffer, which needn't be in every command's future.
            let import = import_bundle::import(&engine, output, &how.bundle, source);
            return Box::pin(import).await;
        }
        None => {}
    }
    if let Some(command) = new_project {
        return new_project::create(&engine, output, command).await;
    }
    match &arguments.command {
        Command::Project { command } => of_project(&engine, output, command).await,
        Command::Plan {
            command: PlanCommand::Create(arguments),
        } => new_plan::create(&engine, output, arguments, checkpoint_interval).await,
        Command::Plan { command } => of_plan(&engine, output, command).await,
        Command::Step { command } => step::run(&engine, output, command).await,
        Command::Context { command } => context::run(&engine, output, command).await,
        Command::Agent { command } => agent::run(&engine, output, command).await,
        Command::Checkpoint { command } => match command {
            CheckpointCommand::Create(arguments) => {
                checkpoint::create(&engine, output, arguments).await
            }
            CheckpointCommand::List { project, plan } => {
                checkpoint::list(&engine, output, project, plan.as_deref()).await
            }
            CheckpointCommand::Show {
                project,
                checkpoint,
            } => checkpoint::show(&engine, output, project, checkpoint).await,
            CheckpointCommand::Pin {
                project,
                checkpoint,
            } => retention::pin(&engine, output, project, checkpoint, true).await,
            CheckpointCommand::Unpin {
                project,
                checkpoint,
            } => retention::pin(&engine, output, project, checkpoint, false).await,
            CheckpointCommand::Prune(arguments) => {
                retention::prune(&engine, output, arguments).await
            }
        },
        Command::Export(how) => export::run(&engine, arguments, output, how).await,
        Command::Inbox => verdict::inbox(&engine, output).await,
        Command::Resumable => plan::resumable(&engine, output).await,
        Command::Statistics { project } => {
            statistics::totals(&engine, output, project.as_deref()).await
        }
        Command::History(arguments) => history::show(&engine, output, arguments).await,
        Command::Verify { project } => project::verify(&engine, output, project.as_deref()).await,
        Command::Reindex { project } => project::reindex(&engine, output, project.as_deref()).await,
        // Answered above.
        Command::Import(_)
        | Command::Backup { .. }
        | Command::Settings
        | Command::Completions { .. } => Ok(()),
    }
}

async fn of_project(
    engine: &Store,
    output: &Output,
    command: &ProjectCommand,
) -> Result<(), Failure> {
    match command {
        ProjectCommand::List => project::list(engine, output).await,
        ProjectCommand::Statistics { project } => statistics::show(engine, output, project).await,
        ProjectCommand::Show { project } => project::show(engine, output, project).await,
        ProjectCommand::Plan { project } => {
            new_project::change(engine, output, project, machine::Command::PlanProject).await
        }
        ProjectCommand::Start { project } => {
            new_project::change(engine, output, project, machine::Command::StartProject).await
        }
        ProjectCommand::Stop { project, reason } => {
            let reason = reason.as_deref().map(str::parse).transpose()?;
            let stop = machine::Command::StopProject { reason };
            new_project::change(engine, output, project, stop).await
        }
        ProjectCommand::Complete { project } => {
            new_project::change(engine, output, project, machine::Command::CompleteProject).await
        }
        ProjectCommand::Rename { project, name } => {
            let name = name.parse()?;
            let rename = machine::Command::RenameProject { name };
            new_project::change(engine, output, project, rename).await
        }
        ProjectCommand::Retention(arguments) => retention::set(engine, output, arguments).await,
        ProjectCommand::Fork(arguments) => new_project::fork(engine, output, arguments).await,
        ProjectCommand::Pause { project, reason } => {
            project::pause(engine, output, project, reason.as_deref()).await
        }
        ProjectCommand::Resume {
            project,
            checkpoint,
        } => project::resume(engine, output, project, checkpoint.as_deref()).await,
        ProjectCommand::Rollback {
            project,
            checkpoint,
            dry_run,
            reason,
        } => {
            let reason = reason.as_deref();
            project::rollback(engine, output, project, checkpoint, reason, *dry_run).await
        }
        ProjectCommand::Redact {
            project,
            digest,
            reason,
        } => project::redact(engine, output, project, digest, reason.as_deref()).await,
        ProjectCommand::Delete { project, yes } => {
            project::delete(engine, output, project, *yes).await
        }
        // Answered before.
        ProjectCommand::Create(_) => Ok(()),
    }
}

async fn of_plan(engine: &Store, output: &Output, command: &PlanCommand) -> Result<(), Failure> {
    match command {
        PlanCommand::List { project } => plan::list(engine, output, project.as_deref()).await,
        PlanCommand::Show { plan } => plan::show(engine, output, plan).await,
        PlanCommand::Start { plan } => {
            let start = |plan| machine::Command::StartPlan { plan };
            workflow::move_on(engine, output, plan, start).await
        }
        PlanCommand::Submit(arguments) => new_plan::submit(engine, output, arguments).await,
        PlanCommand::Approve(of) => verdict::approve(engine, output, of).await,
        PlanCommand::Reject(arguments) => verdict::reject(engine, output, arguments).await,
        PlanCommand::Implement { plan } => {
            let begin = |plan| machine::Command::StartImplementation { plan };
            workflow::move_on(engine, output, plan, begin).await
        }
        PlanCommand::Review(arguments) => verdict::review(engine, output, arguments).await,
        PlanCommand::Verification(arguments) => {
            verdict::verification(engine, output, arguments).await
        }
        PlanCommand::Revert(arguments) => workflow::revert(engine, output, arguments).await,
        PlanCommand::Apply { plan } => workflow::apply(engine, output, plan).await,
        PlanCommand::Fail { plan, error } => workflow::fail(engine, output, plan, error).await,
        PlanCommand::Run {
            plan,
            steps,
            take_over,
        } => play::run(engine, output, plan, *steps, *take_over).await,
        PlanCommand::Lease { plan } => lease::show(engine, output, plan).await,
        PlanCommand::Rollback {
            plan,
            checkpoint,
            before,
            dry_run,
            reason,
        } => {
            let target = plan::Target {
                checkpoint: checkpoint.as_deref(),
                before: *before,
            };
            plan::rollback(engine, output, plan, target, reason.as_deref(), *dry_run).await
        }
        PlanCommand::Retry { plan } => plan::retry(engine, output, plan).await,
        PlanCommand::Cancel { plan, reason } => {
            plan::cancel(engine, output, plan, reason.as_deref()).await
        }
        // Answered before.
        PlanCommand::Create(_) => Ok(()),
    }
}
