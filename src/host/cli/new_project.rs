//! `project create` and `project fork`, and a project's moves by hand.

use super::failure::Failure;
use super::output::{Output, visible};
use super::retention::limit;
use super::store::{Store, find_point};
use crate::engine::Receipt;
use crate::machine::{Command, InitialStatus, Outcome};
use crate::model::{FlashSavePolicy, Name, ProjectSettings, RetentionPolicy};
use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(super) struct CreateArguments {
    /// Its name: at most 200 characters.
    name: String,
    /// Where it begins; no step starts before it is active.
    #[arg(long, value_enum, default_value = "active")]
    status: Status,
    /// The token limit of agents that nobody sets one for: at least 1.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    token_limit: Option<u64>,
    /// When a pause archives cold context.
    #[arg(long, value_enum, default_value = "always")]
    flash_save: FlashSave,
    /// How many checkpoints it keeps of each plan: 1 to 1,000,000; 50 unless it is given.
    #[arg(long, value_name = "N", value_parser = limit())]
    keep_per_plan: Option<u32>,
    /// How many checkpoints it keeps that belong to no plan: 1 to 1,000,000; 50 unless it is given.
    #[arg(long, value_name = "N", value_parser = limit())]
    keep_of_project: Option<u32>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Status {
    /// Nothing is begun.
    Init,
    /// Plans are made.
    Planning,
    /// Work goes on.
    Active,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FlashSave {
    /// At every pause.
    Always,
    /// Of agents that have reached 80 % of their limit.
    OverThreshold,
    /// At none.
    Never,
}

#[derive(Debug, Args)]
pub(super) struct ForkArguments {
    /// The id of the project that it is made of, or how it begins.
    project: String,
    /// From when: a checkpoint's id or how it begins, @ and a revision's number, or now.
    #[arg(long, value_name = "POINT", default_value = "now")]
    at: String,
    /// Its name: that of the other one, unless it is given.
    #[arg(long)]
    name: Option<String>,
}

impl CreateArguments {
    /// What is asked for, with everything refused that can be without a store.
    pub(super) fn command(&self) -> Result<Command, Failure> {
        let usual = ProjectSettings::default();
        Ok(Command::CreateProject {
            name: Name::new(self.name.as_str())?,
            status: match self.status {
                Status::Init => InitialStatus::Init,
                Status::Planning => InitialStatus::Planning,
                Status::Active => InitialStatus::Active,
            },
            settings: ProjectSettings {
                token_limit: self.token_limit.unwrap_or(usual.token_limit),
                flash_save: match self.flash_save {
                    FlashSave::Always => FlashSavePolicy::Always,
                    FlashSave::OverThreshold => FlashSavePolicy::OverThreshold,
                    FlashSave::Never => FlashSavePolicy::Never,
                },
                retention: RetentionPolicy {
                    per_plan: self.keep_per_plan.unwrap_or(usual.retention.per_plan),
                    of_project: self.keep_of_project.unwrap_or(usual.retention.of_project),
                },
            },
            plan: None,
        })
    }
}

pub(super) async fn create(
    store: &Store,
    output: &Output,
    command: Command,
) -> Result<(), Failure> {
    let receipt = store.create_project_with(command).await?;
    output.answer(&receipt, || format!("project {}", receipt.project))?;
    Ok(())
}

pub(super) async fn fork(
    store: &Store,
    output: &Output,
    arguments: &ForkArguments,
) -> Result<(), Failure> {
    let name = arguments.name.as_deref().map(str::parse).transpose()?;
    let source = store.find_project(&arguments.project).await?;
    let at = find_point(store, source, &arguments.at).await?;
    let fork = Command::ForkProject { source, at, name };
    let receipt = store.create_project_with(fork).await?;
    output.answer(&receipt, || match &receipt.outcome {
        Outcome::ProjectForked { origin } => format!(
            "project {}\nmade of project {} at revision {}",
            receipt.project, origin.project, origin.revision
        ),
        other => unreachable!("a project was forked, found {other:?}"),
    })?;
    Ok(())
}

/// Moves a project, or renames it, and says what it is now.
pub(super) async fn change(
    store: &Store,
    output: &Output,
    project: &str,
    command: Command,
) -> Result<(), Failure> {
    let project = store.find_project(project).await?;
    let receipt = store.execute(project, command).await?;
    output.answer(&receipt, || changed(&receipt))?;
    Ok(())
}

fn changed(receipt: &Receipt) -> String {
    let project = receipt.project;
    match &receipt.outcome {
        Outcome::ProjectStatusChanged { status } => format!("project {project} is {status}"),
        Outcome::ProjectRenamed { name } => {
            format!("project {project} is called {}", visible(name.as_str()))
        }
        other => unreachable!("a project was changed, found {other:?}"),
    }
}
