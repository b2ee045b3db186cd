//! Agents, items, flash saves and pauses.

use super::super::given::said_tokens;
use super::projects::check_limit;
use super::table::is_unfinished;
use super::{Act, Comes, Flaw, Item, Pause, Project, Time, entry, nothing, with_type};
use holdpoint::machine::NewItem;
use holdpoint::model::{CheckpointId, Digest, ItemId, PlanId, Reason, Timestamp};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const DAY: f64 = 86_400_000.0;

/// How important an item is: R20, with the `exp` and `ln` of libm.
#[allow(clippy::cast_precision_loss)] // ages and counts are small
fn importance(item: &Item, now: Time) -> f64 {
    let weight = match item.kind.as_str() {
        "task" => 1.0,
        "code" => 0.8,
        "error" => 0.7,
        "test_result" => 0.6,
        _ => 0.5,
    };
    let age_days = ((now - item.created_at) as f64 / DAY).max(0.0);
    let used = libm::log(item.access_count as f64 + 1.0) / 10.0;
    0.4 * weight + 0.4 * libm::exp(-0.5 * age_days) + 0.2 * used.min(1.0)
}

fn tier(item: &Item, now: Time) -> &'static str {
    match importance(item, now) {
        _ if item.pinned => "hot",
        importance if importance >= 0.8 => "hot",
        importance if importance >= 0.4 => "warm",
        _ => "cold",
    }
}

/// Everything that is counted, counted anew.
pub(crate) fn figures(project: &Project) -> Value {
    let [completed, plans, active_agents, items, tokens] = of_checkpoint(project);
    let unfinished = project.plans.values();
    let unfinished = unfinished.filter(|plan| is_unfinished(plan.progress.state));
    let tally = |agent: &str, archived: bool| {
        let of = (project.items.values())
            .filter(|item| item.agent == agent && item.archived == archived);
        let of: Vec<_> = of.collect();
        json!({
            "items": of.len(),
            "tokens": of.iter().map(|item| item.tokens).sum::<u64>(),
            "estimated": of.iter().filter(|item| item.estimated).count(),
        })
    };
    let agents: BTreeMap<_, _> = project
        .agents
        .keys()
        .map(|agent| {
            let tallies = json!({ "active": tally(agent, false), "archived": tally(agent, true) });
            (agent, tallies)
        })
        .collect();
    json!({
        "plans_completed": completed,
        "plans": plans,
        "plans_unfinished": unfinished.count(),
        "active_agents": active_agents,
        "items": items,
        "tokens": tokens,
        "items_archived": project.items.values().filter(|item| item.archived).count(),
        "agents": agents,
    })
}

/// The five figures that a checkpoint keeps.
pub(super) fn of_checkpoint(project: &Project) -> [u64; 5] {
    let plans = project.plans.values();
    let active: Vec<_> = project
        .items
        .values()
        .filter(|item| !item.archived)
        .collect();
    let agents: BTreeSet<_> = active.iter().map(|item| &item.agent).collect();
    [
        plans
            .filter(|plan| plan.progress.state == "completed")
            .count() as u64,
        project.plans.len() as u64,
        agents.len() as u64,
        active.len() as u64,
        active.iter().map(|item| item.tokens).sum(),
    ]
}

/// How much less `after` is, in percent with two decimals, half rounded up.
#[allow(clippy::cast_precision_loss)] // at most 10,000
fn percent(before: u64, after: u64) -> f64 {
    let hundredths = ((before - after) * 10_000 + before / 2).checked_div(before);
    hundredths.unwrap_or(0) as f64 / 100.0
}

/// What a flash save comes to: the figures of all agents by name, and which items leave.
struct Save {
    agents: Vec<(String, Value)>,
    leave: Vec<ItemId>,
}

impl Act<'_> {
    pub(super) fn set_agent(&mut self, agent: &str, token_limit: u64) -> Comes {
        check_limit(token_limit)?;
        self.next.agents.insert(agent.to_owned(), token_limit);
        entry(json!({ "type": "agent_set", "agent": agent, "token_limit": token_limit }))
    }

    pub(super) fn add_items(
        &mut self,
        items: &[NewItem],
        plan: Option<PlanId>,
    ) -> Result<Vec<ItemId>, &'static str> {
        let mut ids = Vec::new();
        for new in items {
            if let Some(named) = new.plan {
                self.plan(named)?;
            }
            let agent = new.agent.to_string();
            let limit = self.next.token_limit;
            self.next.agents.entry(agent.clone()).or_insert(limit);
            let (tokens, estimated) = said_tokens(new.body.as_str());
            self.next.numbers[1] += 1;
            let item = Item {
                number: self.next.numbers[1],
                agent,
                plan: new.plan.or(plan),
                kind: new.kind.to_string(),
                body: Digest::of(new.body.as_str().as_bytes()),
                tokens,
                estimated,
                created_at: new.created_at.map_or(self.now, Timestamp::milliseconds),
                last_accessed: None,
                access_count: 0,
                pinned: new.pinned,
                archived: false,
            };
            let id = self.id(ItemId::from_parts);
            self.next.items.insert(id, item);
            ids.push(id);
        }
        Ok(ids)
    }

    fn check_items(&self, items: &[ItemId]) -> Result<(), &'static str> {
        if items.is_empty() {
            return Err("INVALID_INPUT");
        }
        let all = items.iter().all(|id| self.next.items.contains_key(id));
        if all { Ok(()) } else { Err("ITEM_NOT_FOUND") }
    }

    /// Changes those that aren't so yet, and says which these were, in the order of their naming.
    fn change(
        &mut self,
        items: &[ItemId],
        is_so: impl Fn(&Item) -> bool,
        make_so: impl Fn(&mut Item),
    ) -> Result<Vec<ItemId>, &'static str> {
        self.check_items(items)?;
        let mut changed = Vec::new();
        for id in items {
            let item = self.next.items.get_mut(id).expect("it was looked up");
            if !is_so(item) {
                make_so(item);
                changed.push(*id);
            }
        }
        Ok(changed)
    }

    pub(super) fn touch(&mut self, items: &[ItemId]) -> Comes {
        self.check_items(items)?;
        for id in items {
            let item = self.next.items.get_mut(id).expect("it was looked up");
            item.access_count += 1;
            item.last_accessed = Some(self.now);
        }
        let once: BTreeSet<_> = items.iter().collect();
        entry(json!({ "type": "items_touched", "items": once }))
    }

    pub(super) fn pin(&mut self, items: &[ItemId], pinned: bool) -> Comes {
        let changed = self.change(
            items,
            |item| item.pinned == pinned,
            |item| item.pinned = pinned,
        )?;
        let outcome = json!({ "type": "items_pinned", "items": changed, "pinned": pinned });
        if changed.is_empty() {
            nothing(outcome)
        } else {
            entry(outcome)
        }
    }

    pub(super) fn restore(&mut self, items: &[ItemId]) -> Comes {
        let changed = self.change(items, |item| !item.archived, |item| item.archived = false)?;
        let outcome = json!({ "type": "items_restored", "items": changed });
        if changed.is_empty() {
            nothing(outcome)
        } else {
            entry(outcome)
        }
    }

    pub(super) fn archive(&mut self, items: &[ItemId]) -> Comes {
        self.check_items(items)?;
        let save = self.save(|_, _| true, |id, _| items.contains(id));
        Self::archived(save, |_, figures| figures["items_archived"] != 0)
    }

    pub(super) fn flash_save(&mut self, agent: Option<&str>, force: bool) -> Comes {
        if agent.is_some_and(|agent| !self.next.agents.contains_key(agent)) {
            return Err("AGENT_NOT_FOUND");
        }
        let is_saved =
            |name: &str, full: bool| agent.is_none_or(|agent| agent == name) && (force || full);
        let full = self.full_agents();
        let now = self.now;
        let save = self.save(is_saved, |_, item| tier(item, now) == "cold");
        Self::archived(save, |name, _| is_saved(name, full.contains(name)))
    }

    /// Agents that have reached 80 % of their limit.
    fn full_agents(&self) -> BTreeSet<String> {
        let agents = self.next.agents.iter();
        let full = agents.filter(|(name, limit)| self.tokens(name) * 100 >= **limit * 80);
        full.map(|(name, _)| name.clone()).collect()
    }

    fn tokens(&self, agent: &str) -> u64 {
        let items = self.next.items.values();
        let active = items.filter(|item| item.agent == agent && !item.archived);
        active.map(|item| item.tokens).sum()
    }

    /// Archives those of the saved agents' active items that leave.
    fn save(
        &mut self,
        is_saved: impl Fn(&str, bool) -> bool,
        leaves: impl Fn(&ItemId, &Item) -> bool,
    ) -> Save {
        let full = self.full_agents();
        let mut leave = Vec::new();
        let mut agents = Vec::new();
        for name in self.next.agents.keys() {
            let saved = is_saved(name, full.contains(name));
            let before = self.tokens(name);
            let (mut after, mut archived, mut hot, mut warm) = (before, 0, 0, 0);
            for (id, item) in &self.next.items {
                if item.agent != *name || item.archived {
                    continue;
                }
                match tier(item, self.now) {
                    _ if saved && leaves(id, item) => {
                        after -= item.tokens;
                        archived += 1;
                        leave.push(*id);
                    }
                    "hot" => hot += 1,
                    "warm" => warm += 1,
                    _ => {}
                }
            }
            let figures = json!({
                "agent": name,
                "tokens_before": before,
                "tokens_after": after,
                "reduction_percentage": percent(before, after),
                "items_archived": archived,
                "hot_kept": hot,
                "warm_kept": warm,
            });
            agents.push((name.clone(), figures));
        }
        for id in &leave {
            self.next
                .items
                .get_mut(id)
                .expect("it was just seen")
                .archived = true;
        }
        Save { agents, leave }
    }

    fn archived(save: Save, is_told: impl Fn(&str, &Value) -> bool) -> Comes {
        let is_empty = save.leave.is_empty();
        let told = save.agents.into_iter();
        let told: Vec<Value> = told
            .filter(|(name, figures)| is_told(name, figures))
            .map(|(_, figures)| figures)
            .collect();
        let outcome = with_type("context_archived", summed(&told));
        if is_empty {
            nothing(outcome)
        } else {
            entry(outcome)
        }
    }

    pub(super) fn redact(&mut self, digest: Digest, reason: Option<&Reason>) -> Comes {
        let outcome = json!({ "type": "body_redacted", "digest": digest });
        if self.next.redacted.contains_key(&digest) {
            return nothing(outcome);
        }
        let on_record = (self.now, self.by.clone(), reason.map(ToString::to_string));
        self.next.redacted.insert(digest, on_record);
        entry(outcome)
    }

    pub(super) fn pause(&mut self, reason: Option<String>) -> Comes {
        if let Some(pause) = &self.next.pause {
            if self.naive.flaw == Flaw::NoSecondPause {
                return Err("PROJECT_PAUSED");
            }
            return nothing(report(&pause.report, true));
        }
        let from = self.next.status;
        if !["planning", "active"].contains(&from) {
            return Err("INVALID_TRANSITION");
        }
        let checkpoint = self.id(CheckpointId::from_parts);
        let policy = self.next.flash_save;
        let now = self.now;
        let estimated = self.next.items.values();
        let estimated = estimated
            .filter(|item| item.estimated && !item.archived)
            .count();
        let save = self.save(
            |_, full| policy == "always" || policy == "over-threshold" && full,
            |_, item| tier(item, now) == "cold",
        );
        let mut warnings = Vec::new();
        for (name, limit) in &self.next.agents {
            let tokens = self.tokens(name);
            if tokens > *limit {
                warnings.push(json!({
                    "type": "agent_over_limit", "agent": name, "tokens": tokens, "limit": limit,
                }));
            }
        }
        if estimated > 0 {
            warnings.push(json!({ "type": "tokens_estimated", "items": estimated }));
        }
        let previous = self.before().updated_at;
        if self.now < previous {
            warnings.push(json!({
                "type": "clock_went_back", "previous": time(previous), "now": time(now),
            }));
        }
        let agents = save.agents.into_iter().map(|(_, figures)| figures);
        let mut said = summed(&agents.collect::<Vec<_>>());
        said["checkpoint_id"] = json!(checkpoint);
        said["paused_at"] = time(now);
        said["reason"] = json!(reason);
        said["warnings"] = json!(warnings);
        self.take_before(checkpoint, "pause", "before the pause", None, reason);
        let by = self.by.clone();
        self.next.status = "paused";
        self.next.pause = Some(Pause {
            from,
            by,
            report: said.clone(),
        });
        entry(report(&said, false))
    }

    pub(super) fn resume(&mut self, checkpoint: Option<CheckpointId>) -> Comes {
        let status = self.next.pause.as_ref().ok_or("PROJECT_NOT_PAUSED")?.from;
        let rollback = match checkpoint {
            Some(checkpoint) => Some(self.rollback_project(checkpoint, None)?),
            None => None,
        };
        self.next.status = status;
        self.next.pause = None;
        entry(json!({ "type": "resumed", "status": status, "rollback": rollback }))
    }
}

/// The figures of several agents, and their sums.
fn summed(agents: &[Value]) -> Value {
    let sum = |field: &str| -> u64 {
        let of_each = agents.iter().map(|agent| &agent[field]);
        of_each
            .map(|figure| figure.as_u64().expect("a count"))
            .sum()
    };
    let (before, after) = (sum("tokens_before"), sum("tokens_after"));
    json!({
        "tokens_before": before,
        "tokens_after": after,
        "reduction_percentage": percent(before, after),
        "items_archived": sum("items_archived"),
        "agents": agents,
    })
}

fn report(said: &Value, already_paused: bool) -> Value {
    let mut report = with_type("paused", said.clone());
    report["success"] = true.into();
    report["already_paused"] = already_paused.into();
    report
}

fn time(milliseconds: Time) -> Value {
    json!(Timestamp::from_milliseconds_clamped(milliseconds))
}
