//! Agents and their context.

use super::project::check_token_limit;
use super::{Flow, find_items, find_plan};
use crate::machine::command::NewItem;
use crate::machine::draft::Draft;
use crate::machine::{Env, Event, ItemsAdded, ItemsRestored, Outcome, Rejection, TouchedItem};
use crate::model::{
    Blob, InvalidInput, Item, ItemId, MAX_INTEGER, MAX_ITEM_TOKENS, Name, PlanId, Project,
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn set_agent(
    draft: &mut Draft<'_>,
    agent: &Name,
    limit: u64,
) -> Result<Flow, Rejection> {
    check_token_limit(limit)?;
    draft.push(Event::AgentSet {
        agent: agent.clone(),
        token_limit: limit,
    });
    Ok(Flow::Commit)
}

pub(super) fn add(
    draft: &mut Draft<'_>,
    items: &[NewItem],
    env: &Env<'_>,
) -> Result<Flow, Rejection> {
    if items.is_empty() {
        return Err(no_items());
    }
    push_items(draft, items, None, env)?;
    Ok(Flow::Commit)
}

/// Adds items; those that name no plan go to `plan`.
pub(super) fn push_items(
    draft: &mut Draft<'_>,
    items: &[NewItem],
    plan: Option<PlanId>,
    env: &Env<'_>,
) -> Result<(), Rejection> {
    let mut added = Vec::with_capacity(items.len());
    for new in items {
        if let Some(named) = new.plan {
            find_plan(&draft.next, named)?;
        }
        let count = env.tokens.count(new.body.as_str())?;
        if count.tokens > MAX_ITEM_TOKENS {
            return Err(InvalidInput::malformed(
                "tokens",
                format!("at most {MAX_ITEM_TOKENS} tokens for one item"),
                &count.tokens.to_string(),
            )
            .into());
        }
        if !draft.next.agents.contains_key(&new.agent) {
            let token_limit = draft.next.settings.token_limit;
            draft.push(Event::AgentSet {
                agent: new.agent.clone(),
                token_limit,
            });
        }
        let item = Item {
            id: draft.new_id(),
            number: draft.before.numbers.items + added.len() as u64 + 1,
            agent: new.agent.clone(),
            plan: new.plan.or(plan),
            kind: new.kind.clone(),
            body: draft.blob(Blob::new(&new.body)),
            tokens: count.tokens,
            tokens_estimated: count.estimated,
            created_at: new.created_at.unwrap_or(draft.now()),
            last_accessed: None,
            access_count: 0,
            pinned: new.pinned,
            archived: false,
        };
        debug_assert!(item.number <= MAX_INTEGER, "a journal never gets that long");
        added.push(item);
    }
    draft.push(Event::ItemsAdded(ItemsAdded { items: added }));
    Ok(())
}

/// Many uses are one event. An item that is listed twice was used twice.
pub(super) fn touch(draft: &mut Draft<'_>, items: &[ItemId]) -> Result<Flow, Rejection> {
    find_items(draft.before, items)?;
    let mut uses = BTreeMap::<ItemId, u64>::new();
    for id in items {
        *uses.entry(*id).or_default() += 1;
    }
    let touched = uses.into_iter().map(|(id, uses)| TouchedItem {
        item: id,
        access_count: (draft.before.items[&id].access_count + uses).min(MAX_INTEGER),
    });
    let items = touched.collect();
    draft.push(Event::ItemsTouched { items });
    Ok(Flow::Commit)
}

pub(super) fn pin(
    draft: &mut Draft<'_>,
    items: &[ItemId],
    pinned: bool,
) -> Result<Flow, Rejection> {
    let changed = those(draft.before, items, |item| item.pinned != pinned)?;
    Ok(push_unless_empty(draft, changed, |items| {
        Event::ItemsPinned { items, pinned }
    }))
}

pub(super) fn restore(draft: &mut Draft<'_>, items: &[ItemId]) -> Result<Flow, Rejection> {
    let archived = those(draft.before, items, |item| item.archived)?;
    Ok(push_unless_empty(draft, archived, |items| {
        Event::ItemsRestored(ItemsRestored { items })
    }))
}

/// Those of the named items that a change is to be made to, each once.
fn those(
    project: &Project,
    items: &[ItemId],
    is_meant: impl Fn(&Item) -> bool,
) -> Result<Vec<ItemId>, Rejection> {
    let mut seen = BTreeSet::new();
    let named = find_items(project, items)?.into_iter();
    Ok(named
        .filter(|item| is_meant(item) && seen.insert(item.id))
        .map(|item| item.id)
        .collect())
}

/// To change what is so already changes nothing.
fn push_unless_empty(
    draft: &mut Draft<'_>,
    items: Vec<ItemId>,
    event: impl Fn(Vec<ItemId>) -> Event,
) -> Flow {
    let is_empty = items.is_empty();
    let event = event(items);
    if is_empty {
        let outcome = Outcome::of(&[event]).expect("these events are outcomes");
        return Flow::Nothing(Box::new(outcome));
    }
    draft.push(event);
    Flow::Commit
}

pub(super) fn no_items() -> Rejection {
    InvalidInput::malformed("items", "at least one item", "none").into()
}
