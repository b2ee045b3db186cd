//! `context …`: what agents know, used, pinned, archived and brought back on demand.

use super::failure::Failure;
use super::file::text_of;
use super::output::{Output, one_line, table, visible};
use super::plan::plan_in;
use super::redacted::{redaction_text, removed};
use super::store::Store;
use crate::engine::EngineError;
use crate::machine::{ArchiveReport, Command, NewItem, Outcome};
use crate::model::{Body, ErrorCode, Item, ItemId, Name, Project, ProjectId, Tier};
use crate::views::{ItemPage, ItemQuery, ItemView, body_unless_redacted};
use clap::{Args, Subcommand};
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;

/// How many of the items that an ambiguous id fits are named.
const NAMED: usize = 5;

#[derive(Debug, Subcommand)]
pub(super) enum ContextCommand {
    /// List the items of a project's context, with how important each is now.
    List {
        /// The project's id, or how it begins.
        project: String,
        /// Of this agent only.
        #[arg(long)]
        agent: Option<String>,
        /// Of this plan only.
        #[arg(long)]
        plan: Option<String>,
        /// Archived items, instead of active ones.
        #[arg(long)]
        archived: bool,
    },
    /// Show an item and what it says.
    Show {
        /// The project's id, or how it begins.
        project: String,
        /// The item's id, or how it begins.
        item: String,
    },
    /// Add an item.
    Add(AddArguments),
    /// Say that items were used.
    Touch(Items),
    /// Keep items hot whatever their age.
    Pin(Items),
    /// Let items cool again.
    Unpin(Items),
    /// Take items out of active context.
    Archive(Items),
    /// Bring archived items back into active context.
    Restore(Items),
    /// Archive the cold items of agents whose context has reached 80 % of their limit.
    FlashSave {
        /// The project's id, or how it begins.
        project: String,
        /// Of this agent only.
        #[arg(long)]
        agent: Option<String>,
        /// Of agents below that too.
        #[arg(long)]
        force: bool,
    },
    /// Remove what an item says for good, and all else in the project that has the same text.
    Redact {
        /// The project's id, or how it begins.
        project: String,
        /// The item's id, or how it begins.
        item: String,
        /// Why: at most 2,000 characters.
        #[arg(long)]
        reason: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(super) struct AddArguments {
    /// The project's id, or how it begins.
    project: String,
    /// Whose context it goes to; an agent that isn't known becomes known.
    #[arg(long)]
    agent: String,
    /// What kind of thing it is: task, code, error, test_result, prd_section, or any other word.
    #[arg(long)]
    kind: String,
    /// What it says: 1 to 100,000 characters.
    #[arg(long, required_unless_present = "file", conflicts_with = "file")]
    text: Option<String>,
    /// A file with what it says.
    #[arg(long)]
    file: Option<PathBuf>,
    /// The plan that it belongs to: a rollback of the plan takes it along.
    #[arg(long)]
    plan: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct Items {
    /// The project's id, or how it begins.
    project: String,
    /// The items' ids, or how they begin.
    #[arg(required = true)]
    items: Vec<String>,
}

pub(super) async fn run(
    store: &Store,
    output: &Output,
    command: &ContextCommand,
) -> Result<(), Failure> {
    match command {
        ContextCommand::List {
            project,
            agent,
            plan,
            archived,
        } => {
            let agent = agent.as_deref().map(str::parse).transpose()?;
            list(store, output, project, agent, plan.as_deref(), *archived).await
        }
        ContextCommand::Show { project, item } => show(store, output, project, item).await,
        ContextCommand::Add(arguments) => add(store, output, arguments).await,
        ContextCommand::Touch(items) => {
            change(store, output, items, |items| Command::TouchItems { items }).await
        }
        ContextCommand::Pin(items) => {
            change(store, output, items, |items| Command::PinItems { items }).await
        }
        ContextCommand::Unpin(items) => {
            change(store, output, items, |items| Command::UnpinItems { items }).await
        }
        ContextCommand::Archive(items) => {
            change(store, output, items, |items| Command::ArchiveItems {
                items,
            })
            .await
        }
        ContextCommand::Restore(items) => {
            change(store, output, items, |items| Command::RestoreItems {
                items,
            })
            .await
        }
        ContextCommand::FlashSave {
            project,
            agent,
            force,
        } => {
            let agent = agent.as_deref().map(str::parse).transpose()?;
            let project = store.find_project(project).await?;
            let force = *force;
            execute(store, output, project, Command::FlashSave { agent, force }).await
        }
        ContextCommand::Redact {
            project,
            item,
            reason,
        } => {
            let reason = reason.as_deref().map(str::parse).transpose()?;
            let state = state(store, project).await?;
            let item = find_item(&state, item)?.id;
            let redact = Command::RedactItem { item, reason };
            removed(store, output, state.id, redact).await
        }
    }
}

async fn state(store: &Store, project: &str) -> Result<Arc<Project>, Failure> {
    let project = store.find_project(project).await?;
    Ok(store.project(project).await?)
}

/// The one item whose id this is or begins with.
fn find_item<'a>(project: &'a Project, id: &str) -> Result<&'a Arc<Item>, Failure> {
    let start = id.to_ascii_uppercase();
    let fits = |item: &&Arc<Item>| !start.is_empty() && item.id.to_string().starts_with(&start);
    let mut found = project.items.values().filter(fits);
    let kind = "context item";
    match (found.next(), found.next()) {
        (Some(item), None) => Ok(item),
        (None, _) => Err(EngineError::IdNotFound {
            kind,
            id: id.to_owned(),
            code: ErrorCode::ItemNotFound,
        }
        .into()),
        (Some(_), Some(_)) => {
            let fitting = project.items.values().filter(fits);
            let fits = fitting.take(NAMED).map(|item| item.id.to_string());
            Err(EngineError::AmbiguousId {
                kind,
                id: id.to_owned(),
                fits: fits.collect(),
            }
            .into())
        }
    }
}

async fn list(
    store: &Store,
    output: &Output,
    project: &str,
    agent: Option<Name>,
    plan: Option<&str>,
    archived: bool,
) -> Result<(), Failure> {
    let state = state(store, project).await?;
    let query = ItemQuery {
        agent,
        plan: plan_in(store, state.id, plan).await?,
        archived: Some(archived),
        after: 0,
        limit: usize::MAX,
    };
    let items = ItemPage::of(&state, &query, crate::platform::now()).items;
    output.answer(&items, || {
        let heading = [
            "ITEM",
            "AGENT",
            "KIND",
            "TOKENS",
            "TIER",
            "IMPORTANCE",
            "USED",
            "MADE",
        ];
        let mut rows: Vec<Vec<String>> = vec![heading.map(str::to_owned).into()];
        for item in &items {
            rows.push(vec![
                item.id.to_string(),
                one_line(item.agent.as_str(), 30),
                one_line(item.kind.as_str(), 30),
                item.tokens.to_string(),
                tier_text(item),
                format!("{:.2}", item.importance),
                item.access_count.to_string(),
                item.created_at.to_string(),
            ]);
        }
        table(&rows)
    })?;
    Ok(())
}

fn tier_text(item: &ItemView) -> String {
    let tier = match item.tier {
        Tier::Hot => "hot",
        Tier::Warm => "warm",
        Tier::Cold => "cold",
    };
    if item.pinned {
        format!("{tier} (pinned)")
    } else {
        tier.to_owned()
    }
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    item: ItemView,
    /// None if it was removed for good.
    body: Option<Arc<str>>,
}

async fn show(store: &Store, output: &Output, project: &str, item: &str) -> Result<(), Failure> {
    let state = state(store, project).await?;
    let item = find_item(&state, item)?;
    let shown = Shown {
        item: ItemView::of(&state, item, crate::platform::now()),
        body: body_unless_redacted(store, state.id, Some(&item.body)).await?,
    };
    output.answer(&shown, || {
        let Shown { item, body } = &shown;
        let removed = item.redacted.as_ref().map(redaction_text);
        let estimated = if item.tokens_estimated {
            " (estimated)"
        } else {
            ""
        };
        format!(
            "item {} of agent {}: {}\n{}, importance {:.2}, used {} times{}\n\
             {} tokens{estimated}, {} bytes, made {}\n\n{}",
            item.id,
            visible(item.agent.as_str()),
            visible(item.kind.as_str()),
            tier_text(item),
            item.importance,
            item.access_count,
            if item.archived { ", archived" } else { "" },
            item.tokens,
            item.bytes,
            item.created_at,
            match body {
                Some(body) => visible(body),
                None => removed.unwrap_or_default(),
            }
        )
    })?;
    Ok(())
}

async fn add(store: &Store, output: &Output, arguments: &AddArguments) -> Result<(), Failure> {
    let text = text_of(arguments.text.as_deref(), arguments.file.as_deref())?;
    let (agent, kind) = (arguments.agent.parse()?, arguments.kind.parse()?);
    let body = Body::new(text.unwrap_or_default())?;
    let project = store.find_project(&arguments.project).await?;
    let item = NewItem {
        agent,
        plan: plan_in(store, project, arguments.plan.as_deref()).await?,
        kind,
        body,
        created_at: None,
        pinned: false,
    };
    execute(
        store,
        output,
        project,
        Command::AddContext { items: vec![item] },
    )
    .await
}

async fn change(
    store: &Store,
    output: &Output,
    items: &Items,
    command: impl FnOnce(Vec<ItemId>) -> Command,
) -> Result<(), Failure> {
    let state = state(store, &items.project).await?;
    let find = |id: &String| find_item(&state, id).map(|item| item.id);
    let items = items.items.iter().map(find).collect::<Result<_, _>>()?;
    execute(store, output, state.id, command(items)).await
}

async fn execute(
    store: &Store,
    output: &Output,
    project: ProjectId,
    command: Command,
) -> Result<(), Failure> {
    let receipt = store.execute(project, command).await?;
    output.answer(&receipt, || outcome_text(&receipt.outcome))?;
    Ok(())
}

fn outcome_text(outcome: &Outcome) -> String {
    match outcome {
        Outcome::ContextAdded(added) => {
            let ids = added.items.iter().map(|id| format!("item {id}"));
            ids.collect::<Vec<_>>().join("\n")
        }
        Outcome::ItemsTouched { items } => counted(items, "used"),
        Outcome::ItemsPinned {
            items,
            pinned: true,
        } => counted(items, "pinned"),
        Outcome::ItemsPinned { items, .. } => counted(items, "no longer pinned"),
        Outcome::ItemsRestored { items } => counted(items, "active again"),
        Outcome::ContextArchived(report) => archived_text(report),
        other => unreachable!("context was changed, found {other:?}"),
    }
}

/// How many items something has become of: none that was so before.
fn counted(items: &[ItemId], what: &str) -> String {
    match items.len() {
        0 => format!("no item was not {what} before"),
        1 => format!("1 item is {what}"),
        several => format!("{several} items are {what}"),
    }
}

fn archived_text(report: &ArchiveReport) -> String {
    let mut lines = vec![format!(
        "tokens {} before, {} after ({:.2} % less), {} items archived",
        report.tokens_before,
        report.tokens_after,
        report.reduction_percentage,
        report.items_archived
    )];
    for agent in &report.agents {
        lines.push(format!(
            "  {}: {} archived, {} hot and {} warm kept",
            one_line(agent.agent.as_str(), 40),
            agent.items_archived,
            agent.hot_kept,
            agent.warm_kept
        ));
    }
    lines.join("\n")
}
