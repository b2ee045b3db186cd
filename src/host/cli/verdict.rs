//! `plan approve`, `plan reject`, `plan review`, `plan verification`, and `inbox`.

use super::failure::Failure;
use super::output::{Output, one_line, table};
use super::plan::{listed, moved, shared};
use super::store::Store;
use crate::machine::Command;
use crate::model::{Gate, LongText, PlanId, Reason};
use crate::views::{InboxEntry, VerdictView};
use clap::Args;

/// What somebody looked at.
#[derive(Debug, Args)]
pub(super) struct Submission {
    /// The plan's id, or how it begins; PROJECT/PLAN where several projects have it.
    plan: String,
    /// The submission that was looked at, as `inbox` and `plan show` say it.
    #[arg(long, value_name = "N")]
    submission: u64,
}

/// Where a plan goes on that goes back.
#[derive(Debug, Args)]
pub(super) struct Back {
    /// The step to go on from, counted from 0; none: the last completed one.
    #[arg(long, value_name = "K")]
    from_step: Option<u32>,
}

#[derive(Debug, Args)]
pub(super) struct RejectArguments {
    #[command(flatten)]
    of: Submission,
    /// Why: at most 2,000 characters.
    #[arg(long)]
    reason: String,
    #[command(flatten)]
    back: Back,
}

/// What was found.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Finding {
    /// It is good.
    #[arg(long)]
    passed: bool,
    /// It isn't: the plan goes back to implementing.
    #[arg(long)]
    failed: bool,
}

#[derive(Debug, Args)]
pub(super) struct ReviewArguments {
    #[command(flatten)]
    of: Submission,
    #[command(flatten)]
    finding: Finding,
    /// What the reviewer says: at most 1 MiB.
    #[arg(long, value_name = "TEXT")]
    notes: Option<String>,
    #[command(flatten)]
    back: Back,
}

#[derive(Debug, Args)]
pub(super) struct VerificationArguments {
    #[command(flatten)]
    of: Submission,
    #[command(flatten)]
    finding: Finding,
    /// What was found: at most 1 MiB.
    #[arg(long, value_name = "TEXT")]
    details: Option<String>,
    #[command(flatten)]
    back: Back,
}

pub(super) async fn approve(
    store: &Store,
    output: &Output,
    of: &Submission,
) -> Result<(), Failure> {
    let submission = of.submission;
    decide(store, output, of, |plan| Command::Approve {
        plan,
        submission,
    })
    .await
}

pub(super) async fn reject(
    store: &Store,
    output: &Output,
    arguments: &RejectArguments,
) -> Result<(), Failure> {
    let reason = arguments.reason.parse()?;
    decide(store, output, &arguments.of, |plan| Command::Reject {
        plan,
        submission: arguments.of.submission,
        reason,
        from_step: arguments.back.from_step,
    })
    .await
}

pub(super) async fn review(
    store: &Store,
    output: &Output,
    arguments: &ReviewArguments,
) -> Result<(), Failure> {
    let notes = long_text(arguments.notes.as_deref())?;
    decide(store, output, &arguments.of, |plan| Command::RecordReview {
        plan,
        submission: arguments.of.submission,
        passed: arguments.finding.passed,
        notes,
        from_step: arguments.back.from_step,
    })
    .await
}

pub(super) async fn verification(
    store: &Store,
    output: &Output,
    arguments: &VerificationArguments,
) -> Result<(), Failure> {
    let details = long_text(arguments.details.as_deref())?;
    decide(store, output, &arguments.of, |plan| {
        Command::RecordVerification {
            plan,
            submission: arguments.of.submission,
            passed: arguments.finding.passed,
            details,
            from_step: arguments.back.from_step,
        }
    })
    .await
}

fn long_text(text: Option<&str>) -> Result<Option<LongText>, Failure> {
    Ok(text.map(str::parse).transpose()?)
}

async fn decide(
    store: &Store,
    output: &Output,
    of: &Submission,
    command: impl FnOnce(PlanId) -> Command,
) -> Result<(), Failure> {
    let (project, plan) = store.find_plan(&of.plan).await?;
    moved(store, output, project, command(plan)).await
}

pub(super) async fn inbox(store: &Store, output: &Output) -> Result<(), Failure> {
    let waiting = InboxEntry::all(store).await?;
    output.answer(&waiting, || {
        if waiting.is_empty() {
            return "no plan waits for a decision".to_owned();
        }
        let heading = [
            "PLAN",
            "WAITS FOR",
            "SUBMISSION",
            "PROJECT",
            "TOUCHED",
            "REQUEST",
        ];
        let shared = shared(waiting.iter().map(|entry| &entry.found.plan));
        let mut rows: Vec<Vec<String>> = vec![heading.map(str::to_owned).into()];
        for InboxEntry { gate, found } in &waiting {
            let submission = found.plan.submission;
            rows.push(vec![
                listed(&found.plan, &shared),
                waits_for(*gate).to_owned(),
                submission.map_or_else(|| "-".to_owned(), |number| number.to_string()),
                format!(
                    "{} ({})",
                    one_line(&found.project_name, 30),
                    found.project_status
                ),
                found.plan.updated_at.to_string(),
                one_line(&found.plan.request, 60),
            ]);
        }
        table(&rows)
    })?;
    Ok(())
}

/// What a gate waits for.
pub(super) const fn waits_for(gate: Gate) -> &'static str {
    match gate {
        Gate::Plan => "approval of the plan",
        Gate::Implementation => "approval of the implementation",
        Gate::Review => "review",
        Gate::Verification => "verification",
    }
}

/// How a decision went.
pub(super) const fn went(gate: Gate, passed: bool) -> &'static str {
    match (gate, passed) {
        (Gate::Plan | Gate::Implementation, true) => "approved",
        (Gate::Plan | Gate::Implementation, false) => "rejected",
        (Gate::Review | Gate::Verification, true) => "passed",
        (Gate::Review | Gate::Verification, false) => "failed",
    }
}

/// The decisions on a plan's submissions.
pub(super) fn verdict_table(verdicts: &[VerdictView]) -> String {
    let heading = ["SUBMISSION", "OF", "DECISION", "BY", "AT", "WHY"];
    let mut rows: Vec<Vec<String>> = vec![heading.map(str::to_owned).into()];
    for verdict in verdicts {
        let reason = verdict.reason.as_ref().map(Reason::as_str);
        let why = reason.or(verdict.notes.as_deref()).unwrap_or_default();
        rows.push(vec![
            verdict.submission.to_string(),
            verdict.gate.to_string(),
            went(verdict.gate, verdict.passed).to_owned(),
            one_line(verdict.by.as_str(), 30),
            verdict.at.to_string(),
            one_line(why, 100),
        ]);
    }
    table(&rows)
}
