//! `project …`, `verify` and `reindex`.

use super::failure::Failure;
use super::output::{Output, one_line, table, visible};
use super::plan::roll_back;
use super::redacted::removed;
use super::retention::kept;
use super::store::{Store, rows};
use crate::engine::{ReindexReport, VerifyReport};
use crate::machine::{Command, Outcome, PauseReport};
use crate::model::{PauseWarning, Project, ProjectId};
use crate::storage::{ProjectRow, Row, RowKind};
use crate::views::ProjectView;
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};

const PAGE: usize = 500;

/// How many paths of a report are shown to people; programs get all.
const PATHS_SHOWN: usize = 20;

pub(super) async fn list(store: &Store, output: &Output) -> Result<(), Failure> {
    let projects: Vec<ProjectRow> = rows(store, RowKind::Projects, |query| query)
        .await?
        .into_iter()
        .filter_map(|row| match row {
            Row::Project(row) => Some(*row),
            Row::Plan(_) | Row::Checkpoint(_) => None,
        })
        .collect();
    output.answer(&projects, || {
        let heading = [
            "PROJECT",
            "STATUS",
            "PLANS",
            "ITEMS",
            "TOKENS",
            "CHECKPOINTS",
            "NAME",
        ];
        let mut rows: Vec<Vec<String>> = vec![heading.map(str::to_owned).into()];
        for row in &projects {
            rows.push(vec![
                row.project.to_string(),
                row.status.to_string(),
                format!("{}/{}", row.plans_completed, row.plans),
                row.items.to_string(),
                row.tokens.to_string(),
                row.checkpoints.to_string(),
                one_line(row.name.as_str(), 60),
            ]);
        }
        table(&rows)
    })?;
    Ok(())
}

pub(super) async fn show(store: &Store, output: &Output, project: &str) -> Result<(), Failure> {
    let id = store.find_project(project).await?;
    let project = store.project(id).await?;
    let shown = ProjectView::of(&project, crate::platform::now());
    output.answer(&shown, || show_text(&project, &shown))?;
    Ok(())
}

fn show_text(project: &Project, shown: &ProjectView) -> String {
    let mut text = format!(
        "project {}: {}\nstatus {}, revision {}, {} checkpoints\n",
        project.id,
        one_line(project.name.as_str(), 100),
        project.status,
        project.revision,
        project.checkpoints.len()
    );
    let _ = writeln!(text, "{}", kept(project.settings.retention));
    if let Some(pause) = &shown.pause {
        text.push_str(&pause_text(pause));
        text.push('\n');
    }
    if let Some(origin) = &shown.origin {
        let (project, revision) = (origin.project, origin.revision);
        let _ = writeln!(text, "made of project {project} at revision {revision}");
    }
    let mut plans: Vec<Vec<String>> = vec![
        ["PLAN", "STATE", "STEPS", "REQUEST"]
            .map(str::to_owned)
            .into(),
    ];
    for plan in project.plans_in_order() {
        plans.push(vec![
            plan.id.to_string(),
            plan.progress.state.to_string(),
            format!("{}/{}", plan.next_step(), plan.steps.len()),
            one_line(plan.request.start(), 60),
        ]);
    }
    let heading = [
        "AGENT", "ITEMS", "TOKENS", "LIMIT", "HOT", "WARM", "COLD", "ARCHIVED",
    ];
    let mut agents: Vec<Vec<String>> = vec![heading.map(str::to_owned).into()];
    for agent in &shown.agents {
        agents.push(vec![
            one_line(agent.agent.as_str(), 40),
            agent.active.items.to_string(),
            agent.active.tokens.to_string(),
            agent.token_limit.to_string(),
            agent.tiers.hot.items.to_string(),
            agent.tiers.warm.items.to_string(),
            agent.tiers.cold.items.to_string(),
            format!(
                "{} ({} tokens)",
                agent.archived.items, agent.archived.tokens
            ),
        ]);
    }
    format!("{text}\n{}\n\n{}", table(&plans), table(&agents))
}

pub(super) async fn pause(
    store: &Store,
    output: &Output,
    project: &str,
    reason: Option<&str>,
) -> Result<(), Failure> {
    let project = store.find_project(project).await?;
    let reason = reason.map(str::parse).transpose()?;
    let report = store.pause(project, reason).await?;
    output.answer(&report, || pause_text(&report))?;
    Ok(())
}

fn pause_text(report: &PauseReport) -> String {
    let before = if report.already_paused {
        "was paused already, "
    } else {
        "paused "
    };
    let mut lines = vec![
        format!("{before}{}", report.paused_at),
        format!(
            "tokens {} before, {} after ({:.2} % less), {} items archived",
            report.tokens_before,
            report.tokens_after,
            report.reduction_percentage,
            report.items_archived
        ),
        format!("checkpoint {}", report.checkpoint_id),
    ];
    lines.extend(
        report
            .reason
            .iter()
            .map(|reason| format!("reason: {}", visible(reason.as_str()))),
    );
    lines.extend(
        report
            .warnings
            .iter()
            .map(|warning| format!("note: {}", warning_text(warning))),
    );
    lines.join("\n")
}

fn warning_text(warning: &PauseWarning) -> String {
    match warning {
        PauseWarning::AgentOverLimit {
            agent,
            tokens,
            limit,
        } => {
            let agent = visible(agent.as_str());
            format!("agent {agent} still has {tokens} tokens, its limit is {limit}")
        }
        PauseWarning::TokensEstimated { items } => {
            format!("the token counts of {items} items are estimates")
        }
        PauseWarning::ClockWentBack { previous, now } => {
            format!("the clock went back, from {previous} to {now}")
        }
    }
}

pub(super) async fn resume(
    store: &Store,
    output: &Output,
    project: &str,
    checkpoint: Option<&str>,
) -> Result<(), Failure> {
    let project = store.find_project(project).await?;
    let checkpoint = match checkpoint {
        Some(id) => Some(store.find_checkpoint(project, id).await?),
        None => None,
    };
    let report = store.resume(project, checkpoint).await?;
    output.answer(&report, || match &report.rollback {
        Some(rollback) => format!(
            "{} again, from checkpoint {}\n{}",
            report.status,
            rollback.checkpoint,
            changes(&rollback.paths)
        ),
        None => format!("{} again", report.status),
    })?;
    Ok(())
}

pub(super) async fn rollback(
    store: &Store,
    output: &Output,
    project: &str,
    checkpoint: &str,
    reason: Option<&str>,
    dry_run: bool,
) -> Result<(), Failure> {
    let reason = reason.map(str::parse).transpose()?;
    let project = store.find_project(project).await?;
    let checkpoint = store.find_checkpoint(project, checkpoint).await?;
    let command = Command::RollbackProject { checkpoint, reason };
    roll_back(store, output, project, command, dry_run).await
}

/// The paths of what changed, the first few of many.
pub(super) fn changes(paths: &[String]) -> String {
    if paths.is_empty() {
        return "nothing differs".to_owned();
    }
    let mut lines: Vec<_> = paths
        .iter()
        .take(PATHS_SHOWN)
        .map(|path| format!("  {path}"))
        .collect();
    if paths.len() > PATHS_SHOWN {
        lines.push(format!("  and {} more", paths.len() - PATHS_SHOWN));
    }
    lines.join("\n")
}

pub(super) async fn redact(
    store: &Store,
    output: &Output,
    project: &str,
    digest: &str,
    reason: Option<&str>,
) -> Result<(), Failure> {
    let reason = reason.map(str::parse).transpose()?;
    let digest = digest.parse()?;
    let project = store.find_project(project).await?;
    let redact = Command::RedactBody { digest, reason };
    removed(store, output, project, redact).await
}

pub(super) async fn delete(
    store: &Store,
    output: &Output,
    project: &str,
    yes: bool,
) -> Result<(), Failure> {
    let project = store.find_project(project).await?;
    if !yes && !is_confirmed(output, project)? {
        return Err(Failure::Usage(format!(
            "expected a yes, or --yes, to delete project {project} for good, found neither"
        )));
    }
    let receipt = store.execute(project, Command::DeleteProject).await?;
    debug_assert_eq!(receipt.outcome, Outcome::ProjectDeleted);
    output.answer(&receipt, || format!("project {project} is deleted"))?;
    Ok(())
}

/// Asks, if there is somebody to ask.
fn is_confirmed(output: &Output, project: ProjectId) -> Result<bool, Failure> {
    if output.is_json() || !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    eprint!("Delete project {project} for good, with its journal and bodies? [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

/// The one project that is meant, or all that have a journal: those whose rows are lost too.
async fn chosen(store: &Store, project: Option<&str>) -> Result<Vec<ProjectId>, Failure> {
    if let Some(id) = project {
        return Ok(vec![store.find_project(id).await?]);
    }
    let mut projects = Vec::new();
    loop {
        let page = store.journals(projects.last().copied(), PAGE).await?;
        if page.is_empty() {
            return Ok(projects);
        }
        projects.extend(page);
    }
}

pub(super) async fn verify(
    store: &Store,
    output: &Output,
    project: Option<&str>,
) -> Result<(), Failure> {
    let mut reports: Vec<VerifyReport> = Vec::new();
    for project in chosen(store, project).await? {
        reports.push(store.verify(project).await?);
    }
    let damaged = reports.iter().filter(|report| !report.is_clean()).count();
    output.answer(&reports, || {
        let mut lines = Vec::new();
        for report in &reports {
            let verdict = if report.is_clean() {
                "sound"
            } else {
                "DAMAGED"
            };
            lines.push(format!(
                "project {}: {verdict}; {} entries, {} snapshots, {} rows, {} bodies",
                report.project, report.entries, report.snapshots, report.rows, report.bodies
            ));
            lines.extend(
                report
                    .findings
                    .iter()
                    .map(|finding| format!("  {}", finding.message)),
            );
        }
        if lines.is_empty() {
            lines.push("there is no project to check".to_owned());
        }
        lines.join("\n")
    })?;
    if damaged > 0 {
        Err(Failure::Damaged(damaged))
    } else {
        Ok(())
    }
}

pub(super) async fn reindex(
    store: &Store,
    output: &Output,
    project: Option<&str>,
) -> Result<(), Failure> {
    let mut reports: Vec<ReindexReport> = Vec::new();
    for project in chosen(store, project).await? {
        reports.push(store.reindex(project).await?);
    }
    output.answer(&reports, || {
        let line = |report: &ReindexReport| {
            format!(
                "project {}: {} rows at revision {}",
                report.project, report.rows, report.revision
            )
        };
        reports.iter().map(line).collect::<Vec<_>>().join("\n")
    })?;
    Ok(())
}
