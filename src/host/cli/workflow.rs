//! A plan's moves by hand: start, implement, revert, apply, fail.

use super::failure::Failure;
use super::output::Output;
use super::plan::moved;
use super::store::Store;
use crate::machine::{Command, Outcome};
use crate::model::{PlanId, PlanState};
use clap::{Args, ValueEnum};

#[derive(Debug, Args)]
pub(super) struct RevertArguments {
    /// The plan's id, or how it begins; PROJECT/PLAN where several projects have it.
    plan: String,
    /// Where it goes back to.
    #[arg(long, value_enum)]
    to: Earlier,
    /// The step to go on from, counted from 0, when it goes back to implementing; none: the last
    /// completed one.
    #[arg(long, value_name = "K")]
    from_step: Option<u32>,
    /// Why: at most 2,000 characters.
    #[arg(long)]
    reason: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Earlier {
    /// Its steps are worked out anew.
    Planning,
    /// Steps of it are done again.
    Implementing,
}

/// Makes the one move that needs nothing but the plan.
pub(super) async fn move_on(
    store: &Store,
    output: &Output,
    plan: &str,
    command: impl FnOnce(PlanId) -> Command,
) -> Result<(), Failure> {
    let (project, plan) = store.find_plan(plan).await?;
    moved(store, output, project, command(plan)).await
}

pub(super) async fn revert(
    store: &Store,
    output: &Output,
    arguments: &RevertArguments,
) -> Result<(), Failure> {
    let reason = arguments.reason.as_deref().map(str::parse).transpose()?;
    move_on(store, output, &arguments.plan, |plan| Command::RevertPlan {
        plan,
        to: match arguments.to {
            Earlier::Planning => PlanState::Planning,
            Earlier::Implementing => PlanState::Implementing,
        },
        from_step: arguments.from_step,
        reason,
    })
    .await
}

pub(super) async fn fail(
    store: &Store,
    output: &Output,
    plan: &str,
    error: &str,
) -> Result<(), Failure> {
    let error = error.parse()?;
    move_on(store, output, plan, |plan| Command::FailPlan {
        plan,
        error,
    })
    .await
}

pub(super) async fn apply(store: &Store, output: &Output, plan: &str) -> Result<(), Failure> {
    let (project, plan) = store.find_plan(plan).await?;
    let receipt = store
        .execute(project, Command::MarkApplied { plan })
        .await?;
    debug_assert_eq!(receipt.outcome, Outcome::PlanApplied { plan });
    output.answer(&receipt, || {
        format!("plan {plan} is applied: no rollback changes it from now on")
    })?;
    Ok(())
}
