//! How many checkpoints stay: `project retention`, `checkpoint prune`, `checkpoint pin` and `unpin`.

use super::failure::Failure;
use super::output::{Output, one_line, table};
use super::store::{Store, carry_out};
use crate::machine::{Command, Outcome, RetentionApplied};
use crate::model::RetentionPolicy;
use clap::Args;
use clap::builder::RangedI64ValueParser;
use std::fmt::Write as _;

/// How many checkpoints of a report are shown to people; programs get all.
const SHOWN: usize = 20;

#[derive(Debug, Args)]
pub(super) struct RetentionArguments {
    /// The project's id, or how it begins.
    project: String,
    #[command(flatten)]
    limits: Limits,
}

#[derive(Debug, Args)]
pub(super) struct PruneArguments {
    /// The project's id, or how it begins.
    project: String,
    #[command(flatten)]
    limits: Limits,
    /// Only say what would go.
    #[arg(long)]
    dry_run: bool,
}

/// Those that aren't given are the project's.
#[derive(Debug, Args)]
struct Limits {
    /// How many of each plan are kept: 1 to 1,000,000.
    #[arg(long, value_name = "N", value_parser = limit())]
    per_plan: Option<u32>,
    /// How many of those that belong to no plan are kept: 1 to 1,000,000.
    #[arg(long, value_name = "N", value_parser = limit())]
    of_project: Option<u32>,
}

/// A number of checkpoints to keep.
pub(super) fn limit() -> RangedI64ValueParser<u32> {
    RangedI64ValueParser::<u32>::new().range(1..=i64::from(RetentionPolicy::MOST))
}

impl Limits {
    const fn is_given(&self) -> bool {
        self.per_plan.is_some() || self.of_project.is_some()
    }

    fn beside(&self, own: RetentionPolicy) -> RetentionPolicy {
        RetentionPolicy {
            per_plan: self.per_plan.unwrap_or(own.per_plan),
            of_project: self.of_project.unwrap_or(own.of_project),
        }
    }
}

pub(super) async fn set(
    store: &Store,
    output: &Output,
    arguments: &RetentionArguments,
) -> Result<(), Failure> {
    if !arguments.limits.is_given() {
        return Err(Failure::Usage(
            "expected --per-plan or --of-project, found neither".to_owned(),
        ));
    }
    let project = store.find_project(&arguments.project).await?;
    let own = store.project(project).await?.settings.retention;
    let policy = arguments.limits.beside(own);
    let command = Command::SetRetention { policy };
    let receipt = store.execute(project, command).await?;
    output.answer(&receipt, || kept(policy))?;
    Ok(())
}

/// What a project keeps, in words.
pub(super) fn kept(policy: RetentionPolicy) -> String {
    format!(
        "keeps {} checkpoints of each plan, {} of the project",
        policy.per_plan, policy.of_project
    )
}

pub(super) async fn pin(
    store: &Store,
    output: &Output,
    project: &str,
    checkpoint: &str,
    pinned: bool,
) -> Result<(), Failure> {
    let project = store.find_project(project).await?;
    let checkpoint = store.find_checkpoint(project, checkpoint).await?;
    let command = Command::PinCheckpoint { checkpoint, pinned };
    let receipt = store.execute(project, command).await?;
    output.answer(&receipt, || {
        let what = if pinned { "pinned" } else { "no longer pinned" };
        format!("checkpoint {checkpoint} is {what}")
    })?;
    Ok(())
}

pub(super) async fn prune(
    store: &Store,
    output: &Output,
    arguments: &PruneArguments,
) -> Result<(), Failure> {
    let project = store.find_project(&arguments.project).await?;
    let own = store.project(project).await?.settings.retention;
    let limits = &arguments.limits;
    let policy = limits.is_given().then(|| limits.beside(own));
    let command = Command::ApplyRetention { policy };
    let report = |outcome: &Outcome| match outcome {
        Outcome::RetentionApplied(applied) => report_text(applied, arguments.dry_run),
        other => unreachable!("retention was applied, found {other:?}"),
    };
    carry_out(store, output, project, command, arguments.dry_run, report).await
}

fn report_text(applied: &RetentionApplied, dry_run: bool) -> String {
    let RetentionApplied {
        policy,
        pruned,
        kept,
        protected,
    } = applied;
    let (go, stay) = if dry_run {
        ("go", "stay")
    } else {
        ("gone", "left")
    };
    let mut text = format!(
        "{} checkpoints {go}, {kept} {stay}, {protected} of them protected beyond the limits of {} a plan and {} of the project",
        pruned.len(),
        policy.per_plan,
        policy.of_project
    );
    if pruned.is_empty() {
        return text;
    }
    let mut rows: Vec<Vec<String>> = vec![
        ["CHECKPOINT", "REVISION", "TAKEN", "PLAN", "NAME"]
            .map(str::to_owned)
            .into(),
    ];
    for one in pruned.iter().take(SHOWN) {
        rows.push(vec![
            one.checkpoint.to_string(),
            one.revision.to_string(),
            one.created_at.to_string(),
            one.plan
                .map_or_else(|| "-".to_owned(), |plan| plan.to_string()),
            one_line(one.name.as_str(), 100),
        ]);
    }
    text.push('\n');
    text.push_str(&table(&rows));
    if pruned.len() > SHOWN {
        let _ = write!(text, "\nand {} more", pruned.len() - SHOWN);
    }
    text
}
