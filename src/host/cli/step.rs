//! `step …`: steps done by hand. They are counted from 0.

use super::failure::Failure;
use super::file::text_of;
use super::output::{Output, visible};
use super::plan::{named, step_state};
use super::redacted::{redaction_text, removed};
use super::store::Store;
use crate::machine::{Command, Outcome};
use crate::model::{Json, LongText, Point};
use crate::views::StepView;
use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(super) enum StepCommand {
    /// Open an attempt at a plan's next step; one that is running is taken over.
    Start {
        /// The plan's id, or how it begins; PROJECT/PLAN where several projects have it.
        plan: String,
        /// Which step, counted from 0: refused unless it is the next one.
        #[arg(long, value_name = "K")]
        step: Option<u32>,
    },
    /// Record what came of an attempt.
    Complete(CompleteArguments),
    /// Record that an attempt failed.
    Fail {
        /// The plan's id, or how it begins; PROJECT/PLAN where several projects have it.
        plan: String,
        /// The attempt's number, as `step start` said it.
        #[arg(long, value_name = "N")]
        attempt: u64,
        /// What went wrong: at most 1 MiB.
        #[arg(long, value_name = "TEXT")]
        error: String,
    },
    /// Show a step: what it works on, what came of it.
    Show {
        /// The plan's id, or how it begins; PROJECT/PLAN where several projects have it.
        plan: String,
        /// Which step, counted from 0.
        step: u32,
    },
    /// Remove a step's output for good, and all else in the project that has the same text.
    Redact {
        /// The plan's id, or how it begins; PROJECT/PLAN where several projects have it.
        plan: String,
        /// Which step, counted from 0.
        step: u32,
        /// Why: at most 2,000 characters.
        #[arg(long)]
        reason: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(super) struct CompleteArguments {
    /// The plan's id, or how it begins; PROJECT/PLAN where several projects have it.
    plan: String,
    /// The attempt's number, as `step start` said it.
    #[arg(long, value_name = "N")]
    attempt: u64,
    /// What came of it: one JSON value, at most 1 MiB.
    #[arg(long, value_name = "JSON", conflicts_with = "output_file")]
    output: Option<String>,
    /// A file with what came of it.
    #[arg(long, value_name = "FILE")]
    output_file: Option<PathBuf>,
}

pub(super) async fn run(
    store: &Store,
    output: &Output,
    command: &StepCommand,
) -> Result<(), Failure> {
    match command {
        StepCommand::Start { plan, step } => start(store, output, plan, *step).await,
        StepCommand::Complete(arguments) => complete(store, output, arguments).await,
        StepCommand::Fail {
            plan,
            attempt,
            error,
        } => fail(store, output, plan, *attempt, error.parse()?).await,
        StepCommand::Show { plan, step } => show(store, output, plan, *step).await,
        StepCommand::Redact { plan, step, reason } => {
            let reason = reason.as_deref().map(str::parse).transpose()?;
            let (project, plan) = store.find_plan(plan).await?;
            let step = *step;
            let redact = Command::RedactOutput { plan, step, reason };
            removed(store, output, project, redact).await
        }
    }
}

async fn start(
    store: &Store,
    output: &Output,
    given: &str,
    step: Option<u32>,
) -> Result<(), Failure> {
    let (project, plan) = store.find_plan(given).await?;
    let receipt = store
        .execute(project, Command::StartStep { plan, step })
        .await?;
    output.answer(&receipt, || match &receipt.outcome {
        Outcome::StepStarted(started) => format!(
            "step {} started, attempt {}\nits idempotency key: {}\nwhen it is done: \
             holdpoint step complete {} --attempt {} --output JSON",
            started.step,
            started.attempt,
            started.id,
            named(given, project, plan),
            started.attempt
        ),
        other => unreachable!("a step was started, found {other:?}"),
    })?;
    Ok(())
}

async fn complete(
    store: &Store,
    output: &Output,
    arguments: &CompleteArguments,
) -> Result<(), Failure> {
    let given = arguments.output.as_deref();
    let result = text_of(given, arguments.output_file.as_deref())?;
    let result = result.map(Json::new).transpose()?;
    let (project, plan) = store.find_plan(&arguments.plan).await?;
    let complete = Command::CompleteStep {
        plan,
        attempt: arguments.attempt,
        output: result,
        context: Vec::new(),
    };
    let receipt = store.execute(project, complete).await?;
    output.answer(&receipt, || match &receipt.outcome {
        Outcome::StepCompleted(done) => {
            let waits = (done.submission)
                .map(|number| format!(": submission {number}"))
                .unwrap_or_default();
            format!(
                "step {} completed, attempt {}; the plan is {}{waits}",
                done.step, done.attempt, done.state
            )
        }
        other => unreachable!("a step was completed, found {other:?}"),
    })?;
    Ok(())
}

async fn fail(
    store: &Store,
    output: &Output,
    plan: &str,
    attempt: u64,
    error: LongText,
) -> Result<(), Failure> {
    let (project, plan) = store.find_plan(plan).await?;
    let fail = Command::FailStep {
        plan,
        attempt,
        error,
    };
    let receipt = store.execute(project, fail).await?;
    output.answer(&receipt, || match &receipt.outcome {
        Outcome::StepFailed(undone) => format!(
            "step {} failed, attempt {}, failures {}; the plan is {}",
            undone.step, undone.attempt, undone.failures, undone.state
        ),
        other => unreachable!("a step failed, found {other:?}"),
    })?;
    Ok(())
}

async fn show(store: &Store, output: &Output, plan: &str, step: u32) -> Result<(), Failure> {
    let (project, plan) = store.find_plan(plan).await?;
    let shown = StepView::read(store, project, plan, step, Point::Now).await?;
    output.answer(&shown, || show_text(&shown))?;
    Ok(())
}

fn show_text(shown: &StepView) -> String {
    let summary = &shown.summary;
    let attempt = (summary.attempt).map_or_else(|| "none".to_owned(), |number| number.to_string());
    let mut parts = vec![format!(
        "step {} of plan {}: {}\nstate {}, attempt {attempt}, failures {}\nits idempotency key: {}",
        shown.step,
        shown.plan,
        visible(summary.title.as_str()),
        step_state(summary.state),
        summary.failures,
        summary.id
    )];
    let texts = [
        ("input", &shown.input),
        ("output", &shown.output),
        ("error", &shown.error),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            parts.push(format!("{name}:\n{}", visible(text)));
        }
    }
    if let Some(redaction) = &shown.output_redacted {
        parts.push(format!("output: {}", redaction_text(redaction)));
    }
    parts.join("\n\n")
}
