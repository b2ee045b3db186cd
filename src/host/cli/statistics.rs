//! `project statistics` and `statistics`.

use super::failure::Failure;
use super::output::{Output, one_line, table};
use super::store::Store;
use crate::views::{Statistics, StoreStatistics, Totals};
use std::collections::BTreeMap;
use std::fmt::Display;

pub(super) async fn show(store: &Store, output: &Output, project: &str) -> Result<(), Failure> {
    let id = store.find_project(project).await?;
    let project = store.project(id).await?;
    let statistics = Statistics::of(&project, crate::platform::now());
    output.answer(&statistics, || text(&statistics))?;
    Ok(())
}

fn text(statistics: &Statistics) -> String {
    let Statistics {
        project,
        revision,
        at,
        ..
    } = statistics;
    let heading = [
        "AGENT", "LIMIT", "IN ALL", "ACTIVE", "HOT", "WARM", "COLD", "ARCHIVED",
    ];
    let mut rows: Vec<Vec<String>> = vec![heading.map(str::to_owned).into()];
    for agent in &statistics.agents {
        let tiers = &agent.tiers;
        rows.push(vec![
            one_line(agent.agent.as_str(), 40),
            agent.token_limit.to_string(),
            figures(agent.total.items, agent.total.tokens),
            figures(agent.active.items, agent.active.tokens),
            figures(tiers.hot.items, tiers.hot.tokens),
            figures(tiers.warm.items, tiers.warm.tokens),
            figures(tiers.cold.items, tiers.cold.tokens),
            figures(agent.archived.items, agent.archived.tokens),
        ]);
    }
    format!(
        "project {project}, revision {revision}: items (tokens) at {at}\n\n{}",
        table(&rows)
    )
}

fn figures(items: u64, tokens: u64) -> String {
    format!("{items} ({tokens})")
}

pub(super) async fn totals(
    store: &Store,
    output: &Output,
    project: Option<&str>,
) -> Result<(), Failure> {
    if let Some(project) = project {
        let id = store.find_project(project).await?;
        let project = store.project(id).await?;
        let statistics = Statistics::of(&project, crate::platform::now());
        let name = project.name.as_str();
        output.answer(&statistics, || table(&of_project(&statistics, name)))?;
    } else {
        let statistics = StoreStatistics::read(store).await?;
        output.answer(&statistics, || table(&of_store(&statistics)))?;
    }
    Ok(())
}

fn of_project(statistics: &Statistics, name: &str) -> Vec<Vec<String>> {
    let Statistics {
        totals,
        sizes,
        redacted,
        ..
    } = statistics;
    let mut lines = heading();
    let project = format!("{} {}", statistics.project, one_line(name, 60));
    lines.push(line("project", project));
    lines.extend(of_totals(
        totals,
        format!("{} known", statistics.agents.len()),
    ));
    lines.push(line("journal", bytes(sizes.journal_bytes)));
    let bodies = format!("{}, {}", sizes.bodies, bytes(sizes.body_bytes));
    lines.push(line("bodies named", bodies));
    lines.push(line("removed texts", redacted.to_string()));
    lines
}

fn of_store(statistics: &StoreStatistics) -> Vec<Vec<String>> {
    let StoreStatistics {
        projects,
        projects_by_status,
        totals,
        usage,
    } = statistics;
    let mut lines = heading();
    lines.push(line("projects", counts(*projects, projects_by_status)));
    lines.extend(of_totals(totals, String::new()));
    lines.extend(usage.bytes.map(|taken| line("store", bytes(taken))));
    lines
}

fn heading() -> Vec<Vec<String>> {
    vec![line("OF", "HOW MUCH".to_owned())]
}

fn of_totals(totals: &Totals, agents: String) -> Vec<Vec<String>> {
    let agents = [format!("{} active", totals.active_agents), agents];
    let agents: Vec<_> = agents.into_iter().filter(|part| !part.is_empty()).collect();
    vec![
        line("plans", counts(totals.plans, &totals.plans_by_state)),
        line(
            "steps",
            format!("{}: {} completed", totals.steps, totals.steps_completed),
        ),
        line(
            "checkpoints",
            counts(totals.checkpoints, &totals.checkpoints_by_trigger),
        ),
        line("agents", agents.join(", ")),
        line(
            "items",
            format!(
                "{} active, {} archived",
                totals.items, totals.items_archived
            ),
        ),
        line("tokens", totals.tokens.to_string()),
        line("entries", totals.entries.to_string()),
    ]
}

fn line(of: &str, how_much: String) -> Vec<String> {
    vec![of.to_owned(), how_much]
}

/// How many there are, and of which kinds.
fn counts<K: Display>(all: u64, by_kind: &BTreeMap<K, u64>) -> String {
    let kinds = by_kind.iter().filter(|(_, count)| **count > 0);
    let kinds: Vec<_> = kinds
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    if kinds.is_empty() {
        all.to_string()
    } else {
        format!("{all}: {}", kinds.join(", "))
    }
}

fn bytes(count: u64) -> String {
    format!("{count} bytes")
}
