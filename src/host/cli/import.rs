//! `import`: a bundle or a trajectory, told apart by how they begin.

use super::failure::Failure;
use super::file::text_from;
use super::interrupt::Interrupt;
use super::output::{Output, one_line};
use super::source::{STREAM, Source};
use super::store::Store;
use crate::machine::{Command, Outcome};
use crate::model::{PlanId, ProjectId};
use crate::trajectory::Trajectory;
use clap::Args;
use serde::Serialize;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct ImportArguments {
    /// A bundle, as `export` writes it, or a trajectory: JSON as SWE-agent writes it. -: stdin.
    file: PathBuf,
    #[command(flatten)]
    pub(super) bundle: BundleArguments,
}

/// What can be said of a bundle only.
#[derive(Debug, Args)]
pub(super) struct BundleArguments {
    /// Give a bundle's projects new ids: they are put beside those that are there.
    #[arg(long, conflicts_with = "bring_back")]
    pub(super) as_copy: bool,
    /// Bring back projects of a bundle that were deleted here.
    #[arg(long)]
    pub(super) bring_back: bool,
    /// How many bytes of a bundle are read, decompressed, before it is refused: 536870912, which is
    /// 512 MiB, unless it is given.
    #[arg(long, value_name = "N")]
    pub(super) max_bytes: Option<u64>,
    /// The same of one line: 268435456.
    #[arg(long, value_name = "N")]
    pub(super) max_line_bytes: Option<u64>,
    /// How many lines of a bundle are read: 2000000.
    #[arg(long, value_name = "N")]
    pub(super) max_lines: Option<u64>,
    /// How many times larger a bundle may get by decompression: 200.
    #[arg(long, value_name = "N")]
    pub(super) max_ratio: Option<u64>,
}

impl BundleArguments {
    const fn is_given(&self) -> bool {
        self.as_copy
            || self.bring_back
            || self.max_bytes.is_some()
            || self.max_line_bytes.is_some()
            || self.max_lines.is_some()
            || self.max_ratio.is_some()
    }
}

/// What there is to import.
pub(super) enum Found {
    /// Interrupts are noted from here on, unless it is a stream.
    Bundle(Source, Option<Interrupt>),
    Trajectory(Checked),
}

/// Looks at what there is to import.
pub(super) fn find(
    arguments: &ImportArguments,
    checkpoint_interval: u32,
) -> Result<Found, Failure> {
    let source = Source::open(&arguments.file)?;
    if source.is_bundle() {
        let listening = source.is_file().then(Interrupt::listen);
        return Ok(Found::Bundle(source, listening));
    }
    let name = if arguments.file.as_os_str() == STREAM {
        "stdin".into()
    } else {
        arguments
            .file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
    };
    let trajectory = read(source, &name, checkpoint_interval)?;
    if arguments.bundle.is_given() {
        let why = "this is a trajectory, and one of the options is for bundles only";
        return Err(Failure::Usage(why.to_owned()));
    }
    Ok(Found::Trajectory(trajectory))
}

#[derive(Serialize)]
struct Imported {
    project_id: ProjectId,
    plan_id: PlanId,
    name: String,
    steps: usize,
}

/// What is to be imported, with everything refused that can be.
pub(super) struct Checked {
    name: String,
    steps: usize,
    command: Command,
}

/// Reads and checks a trajectory.
fn read(mut source: Source, name: &str, checkpoint_interval: u32) -> Result<Checked, Failure> {
    let text = text_from(source.plain()?, source.name())?;
    source.unchanged()?;
    let trajectory = Trajectory::parse(&text, name, crate::platform::now())?;
    let mut command = trajectory.command()?;
    if let Command::CreateProject {
        plan: Some(first), ..
    } = &mut command
    {
        first.plan.settings.auto_checkpoint_interval = checkpoint_interval;
    }
    Ok(Checked {
        name: trajectory.title().to_string(),
        steps: trajectory.step_count(),
        command,
    })
}

pub(super) async fn import(
    store: &Store,
    output: &Output,
    checked: Checked,
) -> Result<(), Failure> {
    let Checked {
        name,
        steps,
        command,
    } = checked;
    let created = store.create_project_with(command).await?;
    let project = created.project;
    let plan_id = match created.outcome {
        Outcome::ProjectCreated { plan: Some(plan) } => plan,
        other => unreachable!("a project with a plan was created, found {other:?}"),
    };
    let imported = Imported {
        project_id: project,
        plan_id,
        name,
        steps,
    };
    output.answer(&imported, || {
        format!(
            "imported {} with {steps} steps\nproject {project}\nplan    {plan_id}",
            one_line(&imported.name, 80)
        )
    })?;
    Ok(())
}
