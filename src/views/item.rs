//! Context as it is shown.

use super::RedactionView;
use crate::model::{Item, ItemId, ItemKind, Name, PlanId, Project, Tier, Timestamp, in_order};
use serde::Serialize;

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
        Self {
            next: found.last().filter(|_| more).map(|item| item.number),
            items: found
                .into_iter()
                .map(|item| ItemView::of(project, item, now))
                .collect(),
        }
    }
}
