//! `history`: who did what when.

use super::failure::Failure;
use super::output::{Output, one_line, table};
use super::store::Store;
use super::story::Story;
use crate::engine::{EngineError, FoundEntry, HistoryQuery};
use crate::journal::Entry;
use crate::model::{ErrorCode, PlanId, ProjectId};
use crate::views::HistoryLine;
use clap::Args;
use std::io::Write as _;

/// How many entries are read at once.
const PAGE: usize = 500;

#[derive(Debug, Args)]
pub(super) struct HistoryArguments {
    /// The project's id, or how it begins.
    project: String,
    /// Only what is about this plan: its id, or how it begins. One that a rollback took away too.
    #[arg(long)]
    plan: Option<String>,
    /// Only what this actor did.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Only entries with an event of this type, as `--json` shows it; of one of these, if it is given
    /// several times.
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<String>,
    /// Only what was done at this time or later: RFC 3339, like 2026-11-20T18:35:52Z. It is the time
    /// of whoever did it, by a clock that may have gone back.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only what was done before this time.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// At most so many entries.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    /// Begin with the newest entry.
    #[arg(long)]
    newest_first: bool,
    /// One JSON object a line, each with its project and digest, written as they are read: for files
    /// and for other programs.
    #[arg(long)]
    json_lines: bool,
}

impl HistoryArguments {
    /// Whether it is less than everything from the beginning.
    fn is_part(&self) -> bool {
        let is_filtered = self.plan.is_some() || self.by.is_some() || !self.types.is_empty();
        is_filtered || self.from.is_some() || self.until.is_some() || self.newest_first
    }

    async fn query(&self, store: &Store, project: ProjectId) -> Result<HistoryQuery, Failure> {
        let time = |given: &Option<String>| given.as_deref().map(str::parse).transpose();
        let mut query = HistoryQuery::of(PAGE);
        query.actor = self.by.as_deref().map(str::parse).transpose()?;
        query.kinds = (self.types.iter().map(|name| name.parse())).collect::<Result<_, _>>()?;
        query.from = time(&self.from)?;
        query.until = time(&self.until)?;
        query.newest_first = self.newest_first;
        if let Some(plan) = &self.plan {
            query.plan = Some(find_plan(store, project, plan).await?);
        }
        Ok(query)
    }
}

pub(super) async fn show(
    store: &Store,
    output: &Output,
    arguments: &HistoryArguments,
) -> Result<(), Failure> {
    let project = store.find_project(&arguments.project).await?;
    let query = arguments.query(store, project).await?;
    if arguments.json_lines {
        let print = |page: Vec<FoundEntry>| print_lines(project, &page);
        return each_page(store, project, query, arguments.limit, print).await;
    }
    let mut entries: Vec<Entry> = Vec::new();
    let keep = |page: Vec<FoundEntry>| {
        entries.extend(page.into_iter().map(|found| found.entry));
        Ok(())
    };
    each_page(store, project, query, arguments.limit, keep).await?;
    let mut teller = Story::default();
    if arguments.is_part() && !output.is_json() {
        // The entries that made the plans may not be among them.
        teller.know(&*store.project(project).await?);
    }
    output.answer(&entries, || {
        let mut rows: Vec<Vec<String>> =
            vec![["REVISION", "AT", "BY", "WHAT"].map(str::to_owned).into()];
        for entry in &entries {
            rows.push(vec![
                entry.revision.to_string(),
                entry.at.to_string(),
                one_line(entry.actor.as_str(), 30),
                teller.told(entry),
            ]);
        }
        table(&rows)
    })?;
    Ok(())
}

/// Reads page by page, so many entries at most.
async fn each_page(
    store: &Store,
    project: ProjectId,
    mut query: HistoryQuery,
    limit: Option<u64>,
    mut each: impl FnMut(Vec<FoundEntry>) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut left = limit.map_or(usize::MAX, |limit| {
        usize::try_from(limit).unwrap_or(usize::MAX)
    });
    while left > 0 {
        query.limit = PAGE.min(left);
        let page = store.find_entries(project, &query).await?;
        left -= page.entries.len();
        each(page.entries)?;
        match page.next {
            Some(next) => query = query.going_on(next),
            None => return Ok(()),
        }
    }
    Ok(())
}

/// The lines of one page, written at once.
fn print_lines(project: ProjectId, page: &[FoundEntry]) -> Result<(), Failure> {
    let mut lines = Vec::new();
    for found in page {
        serde_json::to_writer(&mut lines, &HistoryLine::of(project, found))
            .map_err(std::io::Error::from)?;
        lines.push(b'\n');
    }
    let mut out = std::io::stdout().lock();
    out.write_all(&lines)?;
    Ok(out.flush()?)
}

/// The plan of a project whose id this is or begins with. Rows know only those that are there now;
/// history is also about those that a rollback took away.
async fn find_plan(store: &Store, project: ProjectId, id: &str) -> Result<PlanId, Failure> {
    let state = store.project(project).await?;
    let start = id.to_ascii_uppercase();
    let plans = state.plans.keys().chain(state.departed.keys());
    let fits: Vec<PlanId> = plans
        .filter(|plan| !start.is_empty() && plan.to_string().starts_with(&start))
        .copied()
        .collect();
    let id = id.to_owned();
    match fits[..] {
        [plan] => Ok(plan),
        [] => Err(EngineError::IdNotFound {
            kind: "plan",
            id,
            code: ErrorCode::PlanNotFound,
        }
        .into()),
        [..] => Err(EngineError::AmbiguousId {
            kind: "plan",
            id,
            fits: fits.iter().map(PlanId::to_string).collect(),
        }
        .into()),
    }
}
