//! `checkpoint …`.

use super::failure::Failure;
use super::output::{Output, one_line, table, visible};
use super::plan::plan_in;
use super::store::{Store, rows};
use crate::machine::{Command, NewCheckpoint, Outcome};
use crate::model::{CheckpointName, Data, Description, InvalidInput, Name, Reason};
use crate::storage::{CheckpointRow, Row, RowKind, RowQuery};
use crate::views::CheckpointView;
use clap::Args;
use std::str::FromStr;

#[derive(Debug, Args)]
pub(super) struct CreateArguments {
    /// The project's id, or how it begins.
    project: String,
    /// The checkpoint's name: at most 100 characters.
    #[arg(long)]
    name: String,
    /// The plan that it is for.
    #[arg(long)]
    plan: Option<String>,
    /// What there is to say of it: at most 500 characters.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Why: at most 2,000 characters.
    #[arg(long)]
    reason: Option<String>,
    /// The tool that takes it: at most 200 characters.
    #[arg(long, value_name = "NAME", default_value = "holdpoint")]
    source_tool: String,
    /// The phase of work that it belongs to: at most 200 characters.
    #[arg(long)]
    phase: Option<String>,
    /// Something outside that goes with it, a git commit or a sandbox: at most 200 characters.
    #[arg(long, value_name = "REF")]
    external_ref: Option<String>,
    /// Data of your own: one JSON value, at most 64 KiB.
    #[arg(long, value_name = "JSON")]
    data: Option<String>,
    /// Retention keeps it whatever the policy says.
    #[arg(long)]
    pin: bool,
}

pub(super) async fn create(
    store: &Store,
    output: &Output,
    arguments: &CreateArguments,
) -> Result<(), Failure> {
    let project = store.find_project(&arguments.project).await?;
    let plan = plan_in(store, project, arguments.plan.as_deref()).await?;
    let checkpoint = NewCheckpoint {
        plan,
        name: CheckpointName::new(arguments.name.as_str())?,
        description: parsed(arguments.description.as_deref())?,
        reason: parsed(arguments.reason.as_deref())?,
        source_tool: Some(arguments.source_tool.parse()?),
        phase: parsed(arguments.phase.as_deref())?,
        external_ref: parsed(arguments.external_ref.as_deref())?,
        data: parsed(arguments.data.as_deref())?,
        pinned: arguments.pin,
    };
    let receipt = store
        .execute(project, Command::CreateCheckpoint { checkpoint })
        .await?;
    output.answer(&receipt, || match &receipt.outcome {
        Outcome::CheckpointCreated { checkpoint } => {
            format!("checkpoint {checkpoint} at revision {}", receipt.revision)
        }
        other => unreachable!("a checkpoint was taken, found {other:?}"),
    })?;
    Ok(())
}

pub(super) async fn list(
    store: &Store,
    output: &Output,
    project: &str,
    plan: Option<&str>,
) -> Result<(), Failure> {
    let project = store.find_project(project).await?;
    let plan = plan_in(store, project, plan).await?;
    let narrow = |query: RowQuery| RowQuery {
        plan,
        ..query.in_project(project)
    };
    let checkpoints: Vec<CheckpointRow> = rows(store, RowKind::Checkpoints, narrow)
        .await?
        .into_iter()
        .filter_map(|row| match row {
            Row::Checkpoint(row) => Some(*row),
            Row::Project(_) | Row::Plan(_) => None,
        })
        .collect();
    output.answer(&checkpoints, || {
        let mut rows: Vec<Vec<String>> = vec![
            [
                "CHECKPOINT",
                "REVISION",
                "TRIGGER",
                "PINNED",
                "TAKEN",
                "NAME",
            ]
            .map(str::to_owned)
            .into(),
        ];
        for row in &checkpoints {
            rows.push(vec![
                row.checkpoint.to_string(),
                row.revision.to_string(),
                row.trigger.as_str().to_owned(),
                if row.pinned { "yes" } else { "-" }.to_owned(),
                row.created_at.to_string(),
                one_line(row.name.as_str(), 100),
            ]);
        }
        table(&rows)
    })?;
    Ok(())
}

pub(super) async fn show(
    store: &Store,
    output: &Output,
    project: &str,
    checkpoint: &str,
) -> Result<(), Failure> {
    let project = store.find_project(project).await?;
    let checkpoint = store.find_checkpoint(project, checkpoint).await?;
    let shown = CheckpointView::read(store, project, checkpoint).await?;
    output.answer(&shown, || show_text(&shown))?;
    Ok(())
}

fn show_text(shown: &CheckpointView) -> String {
    let CheckpointView { row, figures, .. } = shown;
    let mut notes = String::new();
    for (is_so, note) in [
        (row.safety, ", taken to undo a rollback"),
        (row.pinned, ", pinned"),
    ] {
        if is_so {
            notes.push_str(note);
        }
    }
    let of = match row.plan {
        Some(plan) => format!("plan {plan} of project {}", row.project),
        None => format!("project {}", row.project),
    };
    let mut lines = vec![
        format!(
            "checkpoint {} (number {}): {}",
            row.checkpoint,
            row.number,
            one_line(row.name.as_str(), 100)
        ),
        format!("of {of}, at revision {}", row.revision),
        format!("{}{notes}", row.trigger),
        format!(
            "taken {} by {}",
            row.created_at,
            one_line(row.created_by.as_str(), 200)
        ),
        format!(
            "then: plans completed {} of {}, active agents {}, items {}, tokens {}",
            figures.plans_completed,
            figures.plans,
            figures.active_agents,
            figures.items,
            figures.tokens
        ),
    ];
    let said = [
        (
            "description",
            shown.description.as_ref().map(Description::as_str),
        ),
        ("reason", row.reason.as_ref().map(Reason::as_str)),
        ("source tool", shown.source_tool.as_ref().map(Name::as_str)),
        ("phase", shown.phase.as_ref().map(Name::as_str)),
        (
            "external reference",
            shown.external_ref.as_ref().map(Name::as_str),
        ),
        ("data", shown.data.as_ref().map(Data::as_str)),
    ];
    lines.extend(
        said.into_iter()
            .filter_map(|(name, text)| text.map(|text| format!("{name}: {}", visible(text)))),
    );
    lines.join("\n")
}

/// What a text that was given stands for.
fn parsed<T: FromStr<Err = InvalidInput>>(text: Option<&str>) -> Result<Option<T>, InvalidInput> {
    text.map(str::parse).transpose()
}
