//! The running figures of a project, counted again from scratch.

use holdpoint::model::{Figures, PlanId, PlanState, Project, Tally};
use std::collections::BTreeMap;

/// Checks every running figure against a count of what is there.
pub(crate) fn check(project: &Project) {
    let active = || project.items.values().filter(|item| !item.archived);
    let count = |state: fn(PlanState) -> bool| {
        project
            .plans
            .values()
            .filter(|plan| state(plan.progress.state))
            .count() as u64
    };
    let has_active = |name| active().any(|item| item.agent == name);
    let figures = Figures {
        plans_completed: count(|state| state == PlanState::Completed),
        plans: project.plans.len() as u64,
        active_agents: project
            .agents
            .keys()
            .filter(|name| has_active((*name).clone()))
            .count() as u64,
        items: active().count() as u64,
        tokens: active().map(|item| item.tokens).sum(),
    };
    assert_eq!(project.figures, figures);
    assert_eq!(
        project.unfinished_plans,
        count(|state| {
            !matches!(
                state,
                PlanState::Completed | PlanState::Failed | PlanState::Cancelled
            )
        })
    );
    assert_eq!(
        project.archived_items,
        project.items.values().filter(|item| item.archived).count() as u64
    );
    for agent in project.agents.values() {
        let tally = |archived| {
            let mut tally = Tally::default();
            for item in project.items.values() {
                if item.agent == agent.name && item.archived == archived {
                    tally.items += 1;
                    tally.tokens += item.tokens;
                    tally.estimated += u64::from(item.tokens_estimated);
                }
            }
            tally
        };
        assert_eq!(
            (agent.active, agent.archived),
            (tally(false), tally(true)),
            "{}",
            agent.name
        );
    }
    for item in project.items.values() {
        assert!(
            project.agents.contains_key(&item.agent),
            "{} is of nobody",
            item.id
        );
        assert!(item.number <= project.numbers.items);
    }
    for plan in project.plans.values() {
        assert!(plan.number <= project.numbers.plans);
        assert!(
            !project.departed.contains_key(&plan.id),
            "{} is there and gone",
            plan.id
        );
    }
    for checkpoint in project.checkpoints.values() {
        assert!(checkpoint.number <= project.numbers.checkpoints);
        assert!(checkpoint.revision <= project.revision);
    }
    check_index(project);
}

/// Checkpoints are found by whom they are for, in the order in which they were taken.
fn check_index(project: &Project) {
    let checkpoints = &project.checkpoints;
    let mut groups: BTreeMap<Option<PlanId>, Vec<_>> = BTreeMap::new();
    for checkpoint in project.checkpoints_in_order() {
        groups.entry(checkpoint.plan).or_default().push(checkpoint);
    }
    let counts = groups.iter().map(|(plan, group)| (*plan, group.len()));
    assert!(checkpoints.groups().eq(counts));
    for (plan, group) in &groups {
        assert_eq!(checkpoints.count_of(*plan), group.len());
        assert!(checkpoints.of(*plan).eq(group.iter().copied()));
        assert!(checkpoints.of(*plan).rev().eq(group.iter().rev().copied()));
    }
    for plan in project.plans.keys() {
        let mut open = project.checkpoints_in_order();
        open.retain(|one| one.plan.is_none_or(|owner| owner == *plan));
        assert!(checkpoints.open_to(*plan).eq(open.into_iter().rev()));
    }
}
