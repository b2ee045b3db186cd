//! Rows: small summaries, written in the same transaction as the entry, so that lists and
//! searches never load a project. They say nothing that a replay doesn't, and can be made anew.

use crate::model::{
    Actor, Checkpoint, CheckpointId, CheckpointName, Keyed, Name, Plan, PlanId, PlanSettings,
    PlanState, Project, ProjectId, ProjectStatus, Reason, Records, Revision, Timestamp, Trigger,
};
use imbl::ordmap::DiffItem;
use serde::{Deserialize, Serialize};
use std::borrow::Borrow;

/// A project in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct ProjectRow {
    /// Its id.
    pub project: ProjectId,
    /// Its newest revision.
    pub revision: Revision,
    /// Its name.
    pub name: Name,
    /// What may happen in it.
    pub status: ProjectStatus,
    /// Plans in all.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::integer()"))]
    pub plans: u64,
    /// Plans that are completed.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::integer()"))]
    pub plans_completed: u64,
    /// Plans that are unfinished.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::integer()"))]
    pub plans_unfinished: u64,
    /// Agents with active context.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::integer()"))]
    pub active_agents: u64,
    /// Items in active context.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::integer()"))]
    pub items: u64,
    /// Items that were archived.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::integer()"))]
    pub items_archived: u64,
    /// Tokens of active context.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::integer()"))]
    pub tokens: u64,
    /// Checkpoints.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::integer()"))]
    pub checkpoints: u64,
    /// While it is paused: since when.
    pub paused_at: Option<Timestamp>,
    /// And why.
    pub pause_reason: Option<Reason>,
    /// And the checkpoint of how all was before.
    pub pause_checkpoint_id: Option<CheckpointId>,
    /// When it was created.
    pub created_at: Timestamp,
    /// Who created it.
    pub created_by: Actor,
    /// The time of its newest entry.
    pub updated_at: Timestamp,
}

/// A plan in a list. Fields that came later have a default: rows are read as they were written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct PlanRow {
    /// Its project.
    pub project: ProjectId,
    /// Its id.
    pub plan: PlanId,
    /// Its place among the project's plans.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::integer()"))]
    pub number: u64,
    /// How its request begins.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::string()"))]
    pub request: String,
    /// Where in its workflow it is.
    pub state: PlanState,
    /// How many steps it has.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::integer()"))]
    pub steps: u64,
    /// The last step that is completed, −1 if none is.
    #[serde(default = "none_completed")]
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::last_step()"))]
    pub last_completed_step: i64,
    /// The newest attempt's number.
    #[serde(default)]
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::integer()"))]
    pub last_attempt: u64,
    /// How often it was moved back.
    #[serde(default)]
    pub reversion_count: u32,
    /// How often it may be.
    #[serde(default = "usual_reversions")]
    pub max_reversions: u32,
    /// How often it was retried.
    #[serde(default)]
    pub retry_count: u32,
    /// The submission that waits for a decision.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::maybe_integer()"))]
    pub submission: Option<u64>,
    /// The checkpoint that it was last at.
    pub last_checkpoint_id: Option<CheckpointId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: Actor,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it was completed.
    pub completed_at: Option<Timestamp>,
    /// When its result was applied.
    pub applied_at: Option<Timestamp>,
}

const fn none_completed() -> i64 {
    -1
}

fn usual_reversions() -> u32 {
    PlanSettings::default().max_reversions
}

impl PlanRow {
    /// Whether work on it can still go on.
    #[must_use]
    pub const fn is_unfinished(&self) -> bool {
        self.state.is_unfinished()
    }
}

/// A checkpoint in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct CheckpointRow {
    /// Its project.
    pub project: ProjectId,
    /// Its id.
    pub checkpoint: CheckpointId,
    /// Its place among the project's checkpoints.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::integer()"))]
    pub number: u64,
    /// The plan that it is for.
    pub plan: Option<PlanId>,
    /// The revision that it stands for.
    pub revision: Revision,
    /// What made it.
    pub trigger: Trigger,
    /// Whether it was taken to undo a rollback.
    pub safety: bool,
    /// Its name.
    pub name: CheckpointName,
    /// Why it was taken.
    pub reason: Option<Reason>,
    /// Whether retention keeps it.
    pub pinned: bool,
    /// When it was taken.
    pub created_at: Timestamp,
    /// Who took it.
    pub created_by: Actor,
}

impl ProjectRow {
    /// The row of a project.
    #[must_use]
    pub fn of(project: &Project) -> Self {
        let pause = project.pause.as_ref();
        Self {
            project: project.id,
            revision: project.revision,
            name: project.name.clone(),
            status: project.status,
            plans: project.figures.plans,
            plans_completed: project.figures.plans_completed,
            plans_unfinished: project.unfinished_plans,
            active_agents: project.figures.active_agents,
            items: project.figures.items,
            items_archived: project.archived_items,
            tokens: project.figures.tokens,
            checkpoints: project.checkpoints.len() as u64,
            paused_at: pause.map(|pause| pause.paused_at),
            pause_reason: pause.and_then(|pause| pause.reason.clone()),
            pause_checkpoint_id: pause.map(|pause| pause.checkpoint_id),
            created_at: project.created_at,
            created_by: project.created_by.clone(),
            updated_at: project.updated_at,
        }
    }
}

impl PlanRow {
    /// The row of a plan.
    #[must_use]
    pub fn of(project: ProjectId, plan: &Plan) -> Self {
        Self {
            project,
            plan: plan.id,
            number: plan.number,
            request: plan.request.start().to_owned(),
            state: plan.progress.state,
            steps: plan.steps.len() as u64,
            last_completed_step: plan.progress.last_completed_step,
            last_attempt: plan.guards.last_attempt,
            reversion_count: plan.guards.reversion_count,
            max_reversions: plan.settings.max_reversions,
            retry_count: plan.guards.retry_count,
            submission: plan.progress.submission,
            last_checkpoint_id: plan.last_checkpoint_id,
            created_at: plan.created_at,
            created_by: plan.created_by.clone(),
            updated_at: plan.updated_at,
            completed_at: plan.progress.completed_at,
            applied_at: plan.applied_at,
        }
    }
}

impl CheckpointRow {
    /// The row of a checkpoint.
    #[must_use]
    pub fn of(project: ProjectId, checkpoint: &Checkpoint) -> Self {
        Self {
            project,
            checkpoint: checkpoint.id,
            number: checkpoint.number,
            plan: checkpoint.plan,
            revision: checkpoint.revision,
            trigger: checkpoint.trigger,
            safety: checkpoint.safety,
            name: checkpoint.name.clone(),
            reason: checkpoint.reason.clone(),
            pinned: checkpoint.pinned,
            created_at: checkpoint.created_at,
            created_by: checkpoint.created_by.clone(),
        }
    }
}

/// Rows to write and rows to drop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowChanges {
    /// The project's own row.
    pub project: ProjectRow,
    /// Rows of plans that are new or changed.
    pub plans: Vec<PlanRow>,
    /// Plans that left.
    pub plans_gone: Vec<PlanId>,
    /// Rows of checkpoints that are new or changed.
    pub checkpoints: Vec<CheckpointRow>,
    /// Checkpoints that left.
    pub checkpoints_gone: Vec<CheckpointId>,
}

impl RowChanges {
    /// All rows of a project.
    #[must_use]
    pub fn all(project: &Project) -> Self {
        Self::between(&Project::before_creation(project.id), project)
    }

    /// The rows that differ between two states of a project. Costs what differs: the states share
    /// what they have in common.
    #[must_use]
    pub fn between(before: &Project, after: &Project) -> Self {
        let id = after.id;
        let (plans, plans_gone) =
            changes(&before.plans, &after.plans, |plan| PlanRow::of(id, plan));
        let (checkpoints, checkpoints_gone) =
            changes(&before.checkpoints, &after.checkpoints, |checkpoint| {
                CheckpointRow::of(id, checkpoint)
            });
        Self {
            project: ProjectRow::of(after),
            plans,
            plans_gone,
            checkpoints,
            checkpoints_gone,
        }
    }
}

fn changes<T, R>(
    before: &Records<T>,
    after: &Records<T>,
    row: impl Fn(&T) -> R,
) -> (Vec<R>, Vec<T::Key>)
where
    T: Keyed + Eq,
{
    let (mut changed, mut gone) = (Vec::new(), Vec::new());
    for difference in before.diff(after) {
        match difference {
            DiffItem::Add(_, record)
            | DiffItem::Update {
                new: (_, record), ..
            } => {
                changed.push(row(record));
            }
            DiffItem::Remove(key, _) => gone.push(key.clone()),
        }
    }
    (changed, gone)
}

/// Which rows are asked for. They come in the order of project id, then number, or the other way
/// round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowQuery {
    /// What of.
    pub kind: RowKind,
    /// Of this project only.
    pub project: Option<ProjectId>,
    /// Plans: of this id only, in every project. Checkpoints: of this plan only.
    pub plan: Option<PlanId>,
    /// Those whose own id begins like this: upper-case letters and digits.
    pub id_starts_with: Option<String>,
    /// Plans: unfinished ones only.
    pub unfinished: bool,
    /// From the last to the first: by project id, then number, both descending. Of one project or
    /// one plan in it that is the newest first.
    pub newest_first: bool,
    /// Those after this place, in the order that is asked for: with the newest first, those whose
    /// place is before it.
    pub after: Option<Cursor>,
    /// At most so many.
    pub limit: usize,
}

impl RowQuery {
    /// The first rows of a kind.
    #[must_use]
    pub const fn of(kind: RowKind, limit: usize) -> Self {
        Self {
            kind,
            project: None,
            plan: None,
            id_starts_with: None,
            unfinished: false,
            newest_first: false,
            after: None,
            limit,
        }
    }

    /// The same of one project.
    #[must_use]
    pub const fn in_project(mut self, project: ProjectId) -> Self {
        self.project = Some(project);
        self
    }
}

/// What rows there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowKind {
    /// Projects.
    Projects,
    /// Plans.
    Plans,
    /// Checkpoints.
    Checkpoints,
}

/// A place in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cursor {
    /// The project there.
    pub project: ProjectId,
    /// The plan's or checkpoint's number; 0 for a project.
    pub number: u64,
}

/// A row of any kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Row {
    /// A project.
    Project(Box<ProjectRow>),
    /// A plan.
    Plan(Box<PlanRow>),
    /// A checkpoint.
    Checkpoint(Box<CheckpointRow>),
}

impl Row {
    /// Its place in the list.
    #[must_use]
    pub const fn cursor(&self) -> Cursor {
        match self {
            Row::Project(row) => Cursor {
                project: row.project,
                number: 0,
            },
            Row::Plan(row) => Cursor {
                project: row.project,
                number: row.number,
            },
            Row::Checkpoint(row) => Cursor {
                project: row.project,
                number: row.number,
            },
        }
    }

    /// Whether a query asks for it.
    pub(super) fn matches(&self, query: &RowQuery) -> bool {
        let (project, id, plan, unfinished) = match self {
            Row::Project(row) => (row.project, row.project.to_string(), None, true),
            Row::Plan(row) => (
                row.project,
                row.plan.to_string(),
                Some(row.plan),
                row.is_unfinished(),
            ),
            Row::Checkpoint(row) => (row.project, row.checkpoint.to_string(), row.plan, true),
        };
        query.project.is_none_or(|wanted| wanted == project)
            && query.plan.is_none_or(|wanted| Some(wanted) == plan)
            && query
                .id_starts_with
                .as_ref()
                .is_none_or(|start| id.starts_with(start.as_str()))
            && (unfinished || !query.unfinished)
            && query
                .after
                .is_none_or(|after| self.is_after(after, query.newest_first))
    }

    /// Whether it comes after a place in a list of this order. Of a project its id alone is a place,
    /// whatever number is given.
    fn is_after(&self, mut after: Cursor, newest_first: bool) -> bool {
        let place = self.cursor();
        if let Row::Project(_) = self {
            after.number = place.number;
        }
        if newest_first {
            place < after
        } else {
            place > after
        }
    }

    /// Brings rows into the order that a query asks for.
    pub(super) fn sort<R: Borrow<Self>>(rows: &mut [R], query: &RowQuery) {
        rows.sort_unstable_by_key(|row| row.borrow().cursor());
        if query.newest_first {
            rows.reverse();
        }
    }
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowPage {
    /// The rows.
    pub rows: Vec<Row>,
    /// Where to go on; none at the end.
    pub next: Option<Cursor>,
}

impl RowPage {
    /// A page of at most `limit` rows, given one more if there is more.
    pub(super) fn of(mut rows: Vec<Row>, limit: usize) -> Self {
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(Row::cursor);
        Self { rows, next }
    }
}
