//! Context as it is shown.

use super::{RedactionView, body_unless_redacted, project_at};
use crate::engine::{Engine, EngineError};
use crate::machine::Rejection;
use crate::model::{
    BlobRef, Item, ItemId, ItemKind, Name, PlanId, Point, Project, ProjectId, Tier, Timestamp,
    in_order,
};
use crate::storage::Storage;
use serde::Serialize;
use std::sync::Arc;

/// So many bytes of bodies a part of a list has at most, unless its first item alone has more.
const BODY_BYTES: u64 = 8 << 20;

/// A context item, without its body.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ItemView {
    /// Its id.
    pub id: ItemId,
    /// Its place among all items ever added to the project, from 1.
    pub number: u64,
    /// Whose context it is in.
    pub agent: Name,
    /// The plan that it belongs to.
    pub plan: Option<PlanId>,
    /// What kind of thing it is.
    pub kind: ItemKind,
    /// How many tokens the body has.
    pub tokens: u64,
    /// Whether that number is an estimate.
    pub tokens_estimated: bool,
    /// How many bytes the body has.
    pub bytes: u32,
    /// When what it says came to be.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_accessed: Option<Timestamp>,
    /// How often it was used.
    pub access_count: u64,
    /// Whether it is always hot.
    pub pinned: bool,
    /// Whether it has left the active context.
    pub archived: bool,
    /// If its body was removed for good.
    pub redacted: Option<RedactionView>,
    /// How important it is at the moment that was asked for, between 0 and 1.
    pub importance: f64,
    /// Which tier that makes.
    pub tier: Tier,
}

impl ItemView {
    /// An item of a project as it is shown at a moment.
    #[must_use]
    pub fn of(project: &Project, item: &Item, now: Timestamp) -> Self {
        Self {
            id: item.id,
            number: item.number,
            agent: item.agent.clone(),
            plan: item.plan,
            kind: item.kind.clone(),
            tokens: item.tokens,
            tokens_estimated: item.tokens_estimated,
            bytes: item.body.bytes,
            created_at: item.created_at,
            last_accessed: item.last_accessed,
            access_count: item.access_count,
            pinned: item.pinned,
            archived: item.archived,
            redacted: RedactionView::of(project, &item.body),
            importance: item.importance(now),
            tier: item.tier(now),
        }
    }
}

/// Which items are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemQuery {
    /// Of this agent only.
    pub agent: Option<Name>,
    /// Of this plan only.
    pub plan: Option<PlanId>,
    /// Archived ones only, or active ones only.
    pub archived: Option<bool>,
    /// Those after this number.
    pub after: u64,
    /// At most so many.
    pub limit: usize,
}

/// A part of a list of items, in the order in which they were added.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ItemPage {
    /// The items.
    pub items: Vec<ItemView>,
    /// The number to go on after; none at the end.
    pub next: Option<u64>,
}

impl ItemPage {
    /// The items of a project that are asked for, as they are at a moment.
    #[must_use]
    pub fn of(project: &Project, query: &ItemQuery, now: Timestamp) -> Self {
        let (found, next) = found(project, query);
        Self {
            items: found
                .into_iter()
                .map(|item| ItemView::of(project, item, now))
                .collect(),
            next,
        }
    }
}

/// A context item with what it says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ItemWithBody {
    /// The item.
    #[serde(flatten)]
    pub item: ItemView,
    /// What it says; none if that was removed for good.
    pub body: Option<Arc<str>>,
}

impl ItemWithBody {
    /// Reads one, as it is or was.
    ///
    /// # Errors
    /// `ITEM_NOT_FOUND`, and as [`Engine::body`], but for `REDACTED`.
    pub async fn read<S: Storage>(
        engine: &Engine<S>,
        project: ProjectId,
        item: ItemId,
        at: Point,
        now: Timestamp,
    ) -> Result<Self, EngineError> {
        let state = project_at(engine, project, at).await?;
        let found = state.items.get(&item);
        let found = found.ok_or_else(|| EngineError::from(Rejection::ItemNotFound { item }))?;
        Ok(Self {
            item: ItemView::of(&state, found, now),
            body: body_unless_redacted(engine, project, Some(&found.body)).await?,
        })
    }
}

/// A part of a list of items with what they say.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ItemPageWithBodies {
    /// The items.
    pub items: Vec<ItemWithBody>,
    /// The number to go on after; none at the end.
    pub next: Option<u64>,
}

impl ItemPageWithBodies {
    /// Reads the items that are asked for, as they are or were. It ends before `limit` where there
    /// would be more than 8 MiB of bodies.
    ///
    /// # Errors
    /// As [`Engine::bodies`].
    pub async fn read<S: Storage>(
        engine: &Engine<S>,
        project: ProjectId,
        query: &ItemQuery,
        at: Point,
        now: Timestamp,
    ) -> Result<Self, EngineError> {
        let state = project_at(engine, project, at).await?;
        let (mut found, mut next) = found(&state, query);
        let fitting = fitting(&found);
        if fitting < found.len() {
            found.truncate(fitting);
            next = found.last().map(|item| item.number);
        }
        let bodies: Vec<BlobRef> = found.iter().map(|item| item.body).collect();
        let bodies = engine.bodies(project, &bodies).await?;
        let items = found
            .into_iter()
            .zip(bodies)
            .map(|(item, body)| ItemWithBody {
                item: ItemView::of(&state, item, now),
                body,
            });
        Ok(Self {
            items: items.collect(),
            next,
        })
    }
}

/// How many of them have few enough bytes of bodies; one at least.
fn fitting(items: &[&Item]) -> usize {
    let mut bytes = 0;
    let fitting = items.iter().take_while(|item| {
        bytes += u64::from(item.body.bytes);
        bytes <= BODY_BYTES
    });
    fitting.count().max(1)
}

/// The items that are asked for, and the number to go on after.
fn found<'a>(project: &'a Project, query: &ItemQuery) -> (Vec<&'a Item>, Option<u64>) {
    let found = project
        .items
        .values()
        .map(|item| &**item)
        .filter(|item| item.number > query.after)
        .filter(|item| {
            query
                .agent
                .as_ref()
                .is_none_or(|agent| item.agent == *agent)
        })
        .filter(|item| query.plan.is_none_or(|plan| item.plan == Some(plan)))
        .filter(|item| {
            query
                .archived
                .is_none_or(|archived| item.archived == archived)
        });
    let mut found: Vec<&Item> = in_order(found, |item| item.number);
    let more = found.len() > query.limit;
    found.truncate(query.limit);
    let next = found.last().filter(|_| more).map(|item| item.number);
    (found, next)
}
