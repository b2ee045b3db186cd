//! `plan create` and `plan submit`: what a plan is made of.

use super::failure::Failure;
use super::file::text_of;
use super::output::Output;
use super::plan::moved;
use super::store::Store;
use crate::machine::{Command, NewPlan, NewStep, Outcome};
use crate::model::{Gates, LongText, Name, PlanSettings};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct CreateArguments {
    /// The project's id, or how it begins.
    #[arg(long)]
    project: String,
    /// What is asked for: at most 1 MiB.
    #[arg(long, value_name = "TEXT")]
    request: String,
    /// A step's title, once for each step, in order; none: they are submitted later.
    #[arg(long = "step", value_name = "TITLE")]
    steps: Vec<String>,
    /// The decisions that it waits for.
    #[arg(long = "gate", value_enum, value_delimiter = ',')]
    gates: Vec<GateName>,
    /// How often it may be moved back.
    #[arg(long, value_name = "N")]
    max_reversions: Option<u32>,
    /// How many failures of one step fail the plan: at least 1.
    #[arg(long, value_name = "N")]
    max_attempts: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum GateName {
    /// Somebody approves the plan before it is implemented.
    Plan,
    /// Somebody approves the implementation.
    Implementation,
    /// Somebody reviews it.
    Review,
    /// Somebody verifies it.
    Verification,
}

#[derive(Debug, Args)]
pub(super) struct SubmitArguments {
    /// The plan's id, or how it begins; PROJECT/PLAN where several projects have it.
    plan: String,
    /// The plan in words: at most 1 MiB.
    #[arg(long, required_unless_present = "file", conflicts_with = "file")]
    text: Option<String>,
    /// A file with the plan in words.
    #[arg(long)]
    file: Option<PathBuf>,
    /// A step's title, once for each step, in order. They replace the steps it had.
    #[arg(long = "step", value_name = "TITLE", required = true)]
    steps: Vec<String>,
}

pub(super) async fn create(
    store: &Store,
    output: &Output,
    arguments: &CreateArguments,
    checkpoint_interval: u32,
) -> Result<(), Failure> {
    let project = store.find_project(&arguments.project).await?;
    let has = |gate| arguments.gates.contains(&gate);
    let usual = PlanSettings::default();
    let settings = PlanSettings {
        gates: Gates {
            plan: has(GateName::Plan),
            implementation: has(GateName::Implementation),
            review: has(GateName::Review),
            verification: has(GateName::Verification),
        },
        max_reversions: arguments.max_reversions.unwrap_or(usual.max_reversions),
        max_attempts: arguments.max_attempts.unwrap_or(usual.max_attempts),
        auto_checkpoint_interval: checkpoint_interval,
    };
    let steps = steps(&arguments.steps)?;
    let plan = NewPlan {
        request: LongText::new(arguments.request.as_str())?,
        steps: (!steps.is_empty()).then_some(steps),
        settings,
    };
    let receipt = store.execute(project, Command::CreatePlan { plan }).await?;
    output.answer(&receipt, || match &receipt.outcome {
        Outcome::PlanCreated { plan } => format!("plan {plan}"),
        other => unreachable!("a plan was made, found {other:?}"),
    })?;
    Ok(())
}

pub(super) async fn submit(
    store: &Store,
    output: &Output,
    arguments: &SubmitArguments,
) -> Result<(), Failure> {
    let text = text_of(arguments.text.as_deref(), arguments.file.as_deref())?;
    let text = LongText::new(text.unwrap_or_default())?;
    let steps = steps(&arguments.steps)?;
    let (project, plan) = store.find_plan(&arguments.plan).await?;
    let submit = Command::SubmitPlan { plan, text, steps };
    moved(store, output, project, submit).await
}

fn steps(titles: &[String]) -> Result<Vec<NewStep>, Failure> {
    let step = |title: &String| {
        Ok(NewStep {
            title: Name::new(title.as_str())?,
            input: None,
        })
    };
    titles.iter().map(step).collect()
}
