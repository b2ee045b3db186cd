//! Agents and their context.

use super::project::check_token_limit;
use super::{Flow, find_plan};
use crate::machine::command::NewItem;
use crate::machine::draft::Draft;
use crate::machine::{Env, Event, ItemsAdded, ItemsRestored, Rejection};
use crate::model::{Blob, InvalidInput, Item, ItemId, MAX_INTEGER, Name, PlanId};

/// The most tokens that one item may be said to have: a body has at most 100,000 characters.
const MAX_ITEM_TOKENS: u64 = 1_000_000;

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
        let count = env.tokens.count(new.body.as_str());
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

pub(super) fn restore(draft: &mut Draft<'_>, items: &[ItemId]) -> Result<Flow, Rejection> {
    if items.is_empty() {
        return Err(no_items());
    }
    let mut archived = Vec::new();
    for id in items {
        let item = draft
            .before
            .items
            .get(id)
            .ok_or(Rejection::ItemNotFound { item: *id })?;
        if item.archived && !archived.contains(id) {
            archived.push(*id);
        }
    }
    if archived.is_empty() {
        // Bringing back what is there already changes nothing.
        return Ok(Flow::Nothing(Box::new(
            crate::machine::Outcome::ItemsRestored { items: archived },
        )));
    }
    draft.push(Event::ItemsRestored(ItemsRestored { items: archived }));
    Ok(Flow::Commit)
}

fn no_items() -> Rejection {
    InvalidInput::malformed("items", "at least one item", "none").into()
}
