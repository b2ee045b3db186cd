//! `agent …`.

use super::failure::Failure;
use super::output::{Output, visible};
use super::store::Store;
use crate::machine::{Command, Outcome};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum AgentCommand {
    /// Set the tokens that an agent's active context should stay under.
    Limit {
        /// The project's id, or how it begins.
        project: String,
        /// The agent's name; one that isn't known becomes known.
        agent: String,
        /// The limit: at least 1.
        tokens: u64,
    },
}

pub(super) async fn run(
    store: &Store,
    output: &Output,
    command: &AgentCommand,
) -> Result<(), Failure> {
    let AgentCommand::Limit {
        project,
        agent,
        tokens,
    } = command;
    let agent = agent.parse()?;
    let project = store.find_project(project).await?;
    let set = Command::SetAgent {
        agent,
        token_limit: *tokens,
    };
    let receipt = store.execute(project, set).await?;
    output.answer(&receipt, || match &receipt.outcome {
        Outcome::AgentSet { agent, token_limit } => {
            let agent = visible(agent.as_str());
            format!("agent {agent}: at most {token_limit} tokens of active context")
        }
        other => unreachable!("an agent was set, found {other:?}"),
    })?;
    Ok(())
}
