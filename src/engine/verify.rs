//! Checking a project from its first entry to its last, and making its rows anew.

use super::error::write_error;
use super::find::each_row;
use super::remembered::Remembered;
use super::slots::Loaded;
use super::{EngineError, Inner, Result, bodies, load};
use crate::journal::{Chain, Head, JournalError, Snapshot};
use crate::model::{BlobRef, Digest, ErrorCode, Project, ProjectId, Revision};
use crate::storage::{Row, RowChanges, RowKind, RowQuery, Storage};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many entries or rows are read at once.
const PAGE: usize = 512;

/// What a check of a project found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct VerifyReport {
    /// The project.
    pub project: ProjectId,
    /// How many entries follow each other soundly, from the first on.
    pub entries: u64,
    /// How many snapshots were compared with the replay.
    pub snapshots: u64,
    /// How many rows were compared with the replay.
    pub rows: u64,
    /// How many bodies were read and hashed.
    pub bodies: u64,
    /// What is wrong. Empty: all is well.
    pub findings: Vec<Finding>,
}

impl VerifyReport {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Something that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// With what.
    pub kind: FindingKind,
    /// At which revision, where there is one.
    pub revision: Option<Revision>,
    /// What was expected and what was found.
    pub message: String,
}

/// What something is wrong with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// An entry is altered, missing or out of order.
    Entry,
    /// An entry is of a form that this program doesn't know.
    TooNew,
    /// The journal doesn't end at the stored head.
    Head,
    /// A snapshot is not what a replay leads to.
    Snapshot,
    /// A row is not what a replay leads to.
    Row,
    /// A body is missing or altered.
    Body,
}

/// What a reindex did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ReindexReport {
    /// The project.
    pub project: ProjectId,
    /// The revision that its rows stand for.
    pub revision: Revision,
    /// How many rows were written.
    pub rows: u64,
}

pub(super) async fn verify<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
) -> Result<VerifyReport> {
    loop {
        let Some(head) = inner.storage.head(project).await? else {
            return without_head(inner, project).await;
        };
        let report = verify_at(inner, project, head).await?;
        // While others commit, rows and journal are not read at the same moment. What was found
        // counts only if nothing moved meanwhile.
        if report.is_clean() || inner.storage.head(project).await? == Some(head) {
            return Ok(report);
        }
    }
}

async fn verify_at<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    head: Head,
) -> Result<VerifyReport> {
    let mut check = Check {
        inner,
        head,
        snapshots: all_snapshots(inner, project, head.revision).await?,
        chain: Chain::start(project),
        bodies: BTreeMap::new(),
        report: VerifyReport {
            project,
            entries: 0,
            snapshots: 0,
            rows: 0,
            bodies: 0,
            findings: Vec::new(),
        },
    };
    let is_sound = check.entries().await?;
    if is_sound {
        check.rows().await?;
    }
    check.bodies().await?;
    Ok(check.report)
}

/// A project that has no head: it isn't there, or its row was lost and its entries weren't.
async fn without_head<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
) -> Result<VerifyReport> {
    let entries = inner.storage.entries(project, Revision::ZERO, 1).await?;
    let Some(first) = entries.first() else {
        return Err(load::missing(inner, project).await?);
    };
    let message = "expected a stored head of a journal that has entries, found none".to_owned();
    let finding = Finding {
        kind: FindingKind::Head,
        revision: Some(first.revision),
        message,
    };
    Ok(VerifyReport {
        project,
        entries: 0,
        snapshots: 0,
        rows: 0,
        bodies: 0,
        findings: vec![finding],
    })
}

/// Every snapshot of a project, by its revision.
async fn all_snapshots<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    newest: Revision,
) -> Result<BTreeMap<Revision, Snapshot>> {
    let mut snapshots = BTreeMap::new();
    let mut at_most = newest;
    while at_most > Revision::ZERO {
        let Some(snapshot) = inner.storage.snapshot(project, at_most).await? else {
            break;
        };
        at_most = load::before(at_most.min(snapshot.revision));
        snapshots.insert(snapshot.revision, snapshot);
    }
    Ok(snapshots)
}

struct Check<'a, S: Storage> {
    inner: &'a Arc<Inner<S>>,
    head: Head,
    snapshots: BTreeMap<Revision, Snapshot>,
    chain: Chain,
    /// Those that the entries mention.
    bodies: BTreeMap<Digest, BlobRef>,
    report: VerifyReport,
}

impl<S: Storage> Check<'_, S> {
    fn find(&mut self, kind: FindingKind, revision: Option<Revision>, message: String) {
        self.report.findings.push(Finding {
            kind,
            revision,
            message,
        });
    }

    /// Follows the chain to the head. After a break nothing further can be said of the entries.
    async fn entries(&mut self) -> Result<bool> {
        let project = self.report.project;
        loop {
            let after = self.chain.project().revision;
            if after == self.head.revision {
                break;
            }
            let page = self.inner.storage.entries(project, after, PAGE).await?;
            if page.is_empty() {
                break;
            }
            for sealed in &page {
                // What others append meanwhile is beyond the head that is checked.
                if self.chain.project().revision == self.head.revision {
                    break;
                }
                match self.chain.follow(sealed) {
                    Ok(entry) => {
                        self.report.entries += 1;
                        let bodies = entry.events.iter().flat_map(crate::machine::Event::bodies);
                        self.bodies.extend(bodies.map(|body| (body.digest, body)));
                        self.snapshot_here();
                    }
                    Err(error) => {
                        self.broken(&error);
                        return Ok(false);
                    }
                }
            }
        }
        let reached = self.chain.head();
        if reached == Some(self.head) {
            return Ok(true);
        }
        let found = reached.map_or_else(|| "no entry".to_owned(), |reached| reached.to_string());
        let message = format!(
            "expected the journal to end at {}, found {found}",
            self.head
        );
        self.find(FindingKind::Head, Some(self.head.revision), message);
        Ok(false)
    }

    fn broken(&mut self, error: &JournalError) {
        let kind = if error.code() == ErrorCode::TooNew {
            FindingKind::TooNew
        } else {
            FindingKind::Entry
        };
        self.find(kind, Some(error.revision()), error.to_string());
    }

    /// Compares the snapshot of the revision that the chain has reached, if there is one.
    fn snapshot_here(&mut self) {
        let here = self.chain.head();
        let revision = self.chain.project().revision;
        let Some(snapshot) = self.snapshots.remove(&revision) else {
            return;
        };
        if snapshot.is_outdated() {
            return;
        }
        self.report.snapshots += 1;
        let problem = match snapshot.open(self.report.project) {
            Ok(read) if read.head() == here && read.project() == self.chain.project() => return,
            Ok(_) => format!(
                "expected the snapshot of revision {revision} to be what the entries lead to, found another state"
            ),
            Err(error) => error.to_string(),
        };
        self.find(FindingKind::Snapshot, Some(revision), problem);
    }

    async fn rows(&mut self) -> Result<()> {
        let expected = rows_of(self.chain.project());
        let mut found = BTreeMap::new();
        let mut unreadable = false;
        for kind in [RowKind::Projects, RowKind::Plans, RowKind::Checkpoints] {
            let query = RowQuery::of(kind, PAGE).in_project(self.report.project);
            let read = each_row(self.inner, query, |row| {
                found.insert(row_key(&row), row);
            })
            .await;
            match read {
                // Rows that can't even be read are what is looked for here.
                Err(error) if error.code() == ErrorCode::Corrupt => {
                    let message = format!("the rows of {kind:?} cannot be read: {error}");
                    self.find(FindingKind::Row, Some(self.head.revision), message);
                    unreadable = true;
                }
                other => other?,
            }
        }
        if unreadable {
            return Ok(());
        }
        self.report.rows = found.len() as u64;
        let surplus = found.keys().filter(|key| !expected.contains_key(*key));
        for key in expected.keys().chain(surplus) {
            let (expected, found) = (expected.get(key), found.get(key));
            if expected != found {
                let message = format!(
                    "{} {}: expected {}, found {}",
                    key.0,
                    key.1,
                    shown(expected),
                    shown(found)
                );
                self.find(FindingKind::Row, Some(self.head.revision), message);
            }
        }
        Ok(())
    }

    async fn bodies(&mut self) -> Result<()> {
        let project = self.report.project;
        let mentioned: Vec<_> = std::mem::take(&mut self.bodies).into_values().collect();
        for part in bodies::parts(&mentioned) {
            let digests: Vec<_> = part.iter().map(|body| body.digest).collect();
            let found = self.inner.storage.blobs(project, digests.clone()).await?;
            for (digest, body) in digests.into_iter().zip(found) {
                self.body(digest, body).await?;
            }
        }
        Ok(())
    }

    /// Compares what was found of a body with its digest.
    async fn body(&mut self, digest: Digest, body: Option<Vec<u8>>) -> Result<()> {
        self.report.bodies += 1;
        let project = self.report.project;
        let is_redacted = self.chain.project().redacted.contains_key(&digest);
        let found = match body {
            Some(_) if is_redacted => {
                let message = format!(
                    "expected no body with digest {digest}, which was removed for good, found one"
                );
                self.find(FindingKind::Body, None, message);
                return Ok(());
            }
            Some(body) if Digest::of(&body) == digest => return Ok(()),
            Some(body) => format!("one with digest {}", Digest::of(&body)),
            None if is_redacted => return Ok(()),
            // It may have been removed since.
            None if load::redaction(self.inner, project, &digest)
                .await?
                .is_some() =>
            {
                return Ok(());
            }
            None => "none".to_owned(),
        };
        let message = format!("expected a body with digest {digest}, found {found}");
        self.find(FindingKind::Body, None, message);
        Ok(())
    }
}

/// The rows that a state leads to, by kind and id.
fn rows_of(project: &Project) -> BTreeMap<(&'static str, String), Row> {
    let rows = RowChanges::all(project);
    let project = std::iter::once(Row::Project(Box::new(rows.project)));
    let plans = rows.plans.into_iter().map(|row| Row::Plan(Box::new(row)));
    let checkpoints = rows
        .checkpoints
        .into_iter()
        .map(|row| Row::Checkpoint(Box::new(row)));
    let all = project.chain(plans).chain(checkpoints);
    // Filled, not collected, which would sort first: a sort of its own in the browser's module.
    let mut by_key = BTreeMap::new();
    by_key.extend(all.map(|row| (row_key(&row), row)));
    by_key
}

fn row_key(row: &Row) -> (&'static str, String) {
    match row {
        Row::Project(row) => ("row of project", row.project.to_string()),
        Row::Plan(row) => ("row of plan", row.plan.to_string()),
        Row::Checkpoint(row) => ("row of checkpoint", row.checkpoint.to_string()),
    }
}

fn shown(row: Option<&Row>) -> String {
    row.map_or_else(
        || "none".to_owned(),
        |row| serde_json::to_string(row).unwrap_or_else(|error| error.to_string()),
    )
}

pub(super) async fn reindex<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
) -> Result<ReindexReport> {
    let slot = inner.slots.of(project);
    let _turn = slot.turn.lock().await;
    loop {
        let Some(head) = inner.storage.head(project).await? else {
            return Err(load::missing(inner, project).await?);
        };
        // From the journal alone: a snapshot may be what is wrong.
        let state = match load::replay_from_start(inner, project, head).await {
            Err(EngineError::Journal { .. }) if load::has_moved(inner, project, head).await? => {
                continue;
            }
            replayed => replayed?,
        };
        let loaded = Loaded {
            project: state,
            head,
        };
        let rows = RowChanges::all(&loaded.project);
        let count = 1 + (rows.plans.len() + rows.checkpoints.len()) as u64;
        match inner.storage.write_rows(project, head, rows).await {
            Ok(()) => {
                mend_snapshots(inner, project, head).await?;
                load::save_snapshot(inner, &slot, project, &loaded).await?;
                slot.keep(loaded, Remembered::default());
                return Ok(ReindexReport {
                    project,
                    revision: head.revision,
                    rows: count,
                });
            }
            // Somebody committed meanwhile: their rows are newer, so it begins again.
            Err(crate::storage::WriteError::Conflict { .. }) => {}
            Err(error) => return Err(write_error(project, error)),
        }
    }
}

/// Replaces the snapshots that are not what the entries lead to.
async fn mend_snapshots<S: Storage>(
    inner: &Arc<Inner<S>>,
    project: ProjectId,
    head: Head,
) -> Result<()> {
    for (revision, snapshot) in all_snapshots(inner, project, head.revision).await? {
        let chain = load::chain_from_start(inner, project, revision).await?;
        let Some(at) = chain.head() else {
            continue;
        };
        let is_good = snapshot
            .open(project)
            .is_ok_and(|read| read.head() == Some(at) && read.project() == chain.project());
        if !is_good {
            let snapshot = Snapshot::take(chain.project(), at)
                .map_err(|error| EngineError::Journal { project, error })?;
            inner.storage.save_snapshot(project, snapshot).await?;
        }
    }
    Ok(())
}
