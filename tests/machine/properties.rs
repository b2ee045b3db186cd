//! What holds after any sequence of commands. [`Given`](super::given::Given) itself checks after
//! each that a refusal changed nothing, that the entry comes back from its seal, that replaying
//! it gives the state that was decided on, that it has an outcome and that the figures are right.

use super::commands::*;
use super::given::Given;
use super::invariants::Watch;
use holdpoint::journal::{Chain, Snapshot};
use holdpoint::machine::{Command, InitialStatus, NewItem};
use holdpoint::model::{
    CheckpointId, FlashSavePolicy, ItemId, PlanId, PlanSettings, PlanState, ProjectSettings,
    ProjectStatus,
};
use proptest::prelude::*;

/// Something to do, with places in lists instead of ids, so that it fits any state.
#[derive(Debug, Clone)]
enum Do {
    CreatePlan {
        steps: usize,
        interval: u32,
        reversions: u32,
        attempts: u32,
    },
    StartPlan(Place),
    Submit(Place, usize),
    StartStep(Place),
    Complete(Place, Attempt, Vec<Thing>),
    FailStep(Place, Attempt),
    FailPlan(Place),
    Cancel(Place),
    Retry(Place),
    Revert(Place, PlanState, Option<u32>),
    Apply(Place),
    Pause,
    Resume(Option<Place>),
    Stop,
    StartProject,
    CompleteProject,
    Rename,
    SetAgent(u8, u64),
    Add(Vec<Thing>),
    Restore(Vec<Place>),
    Checkpoint(Option<Place>),
    RollbackPlan(Place, Option<Place>),
    RollbackProject(Place),
    /// What a worker would do next with this plan.
    Work(Place, Vec<Thing>),
    /// Whatever lets the project's work go on.
    GoOn,
    /// Lets time go by, or back.
    Wait(i64),
}

/// A place in a list, counted round.
type Place = u8;

/// Which attempt's result comes in: the newest, or one that many before it.
type Attempt = u64;

/// A context item.
#[derive(Debug, Clone)]
struct Thing {
    agent: u8,
    kind: u8,
    tokens: u64,
    days: i64,
    plan: Option<Place>,
    pinned: bool,
}

fn thing() -> impl Strategy<Value = Thing> {
    let of_plan = prop::option::of(any::<Place>());
    let pinned = prop::bool::weighted(0.2);
    (0..3_u8, 0..4_u8, 0..2000_u64, 0..6_i64, of_plan, pinned).prop_map(
        |(agent, kind, tokens, days, plan, pinned)| Thing {
            agent,
            kind,
            tokens,
            days,
            plan,
            pinned,
        },
    )
}

fn anything_to_do() -> impl Strategy<Value = Do> {
    let place = any::<Place>;
    let things = |most| prop::collection::vec(thing(), 0..=most);
    let attempt = prop_oneof![8 => Just(0_u64), 1 => 1..3_u64, 1 => Just(99)];
    let work = prop_oneof![
        24 => (place(), things(2)).prop_map(|(plan, things)| Do::Work(plan, things)),
        4 => place().prop_map(Do::StartStep),
        2 => (place(), attempt.clone(), things(2)).prop_map(|(plan, attempt, things)| {
            Do::Complete(plan, attempt, things)
        }),
        4 => (place(), attempt).prop_map(|(plan, attempt)| Do::FailStep(plan, attempt)),
        1 => place().prop_map(Do::StartPlan),
        1 => (place(), 0..4_usize).prop_map(|(plan, steps)| Do::Submit(plan, steps)),
    ];
    let plans = prop_oneof![
        2 => (0..4_usize, 0..3_u32, 0..4_u32, 1..3_u32).prop_map(
            |(steps, interval, reversions, attempts)| Do::CreatePlan {
                steps,
                interval,
                reversions,
                attempts
            }
        ),
        1 => place().prop_map(Do::FailPlan),
        1 => place().prop_map(Do::Cancel),
        2 => place().prop_map(Do::Retry),
        2 => (place(), prop::sample::select(PlanState::ALL.as_slice()), prop::option::of(0..4_u32))
            .prop_map(|(plan, to, from)| Do::Revert(plan, to, from)),
        2 => (place(), prop::option::of(0..4_u32))
            .prop_map(|(plan, from)| Do::Revert(plan, PlanState::Implementing, from)),
        3 => place().prop_map(Do::Apply),
    ];
    let project = prop_oneof![
        8 => Just(Do::Pause),
        8 => prop::option::weighted(0.4, place()).prop_map(Do::Resume),
        24 => Just(Do::GoOn),
        2 => Just(Do::Stop),
        1 => Just(Do::StartProject),
        1 => Just(Do::CompleteProject),
        2 => Just(Do::Rename),
        4 => (-3_i64..10).prop_map(|days| Do::Wait(days * 86_400_000)),
    ];
    let context = prop_oneof![
        3 => things(3).prop_map(Do::Add),
        1 => (0..3_u8, 1..3000_u64).prop_map(|(agent, limit)| Do::SetAgent(agent, limit)),
        2 => prop::collection::vec(0..4_u8, 0..3).prop_map(Do::Restore),
    ];
    let back = prop_oneof![
        2 => prop::option::of(place()).prop_map(Do::Checkpoint),
        4 => (place(), prop::option::of(place())).prop_map(|(plan, to)| Do::RollbackPlan(plan, to)),
        3 => place().prop_map(Do::RollbackProject),
    ];
    prop_oneof![16 => work, 4 => plans, 6 => project, 3 => context, 5 => back]
}

/// The one at a place of a list, or one that isn't there.
fn pick<T: Copy>(list: &[T], place: Place, other: T) -> T {
    list.get(usize::from(place) % list.len().max(1))
        .copied()
        .unwrap_or(other)
}

/// What there is to be named in a command.
struct Named {
    plans: Vec<PlanId>,
    checkpoints: Vec<CheckpointId>,
    items: Vec<ItemId>,
}

impl Named {
    fn of(given: &Given) -> Self {
        let project = given.state();
        // Plans that left are named too: they may come back.
        let gone = project.departed.keys().copied();
        let plans = project.plans_in_order().into_iter().map(|plan| plan.id);
        let checkpoints = project.checkpoints_in_order().into_iter();
        let mut items = project.items_in_order();
        items.sort_by_key(|item| !item.archived);
        Self {
            plans: plans.chain(gone).collect(),
            checkpoints: checkpoints.map(|checkpoint| checkpoint.id).collect(),
            items: items.into_iter().map(|item| item.id).collect(),
        }
    }

    fn plan(&self, place: Place) -> PlanId {
        pick(&self.plans, place, PlanId::from_parts(1, 1))
    }

    fn checkpoint(&self, place: Place) -> CheckpointId {
        pick(&self.checkpoints, place, CheckpointId::from_parts(1, 1))
    }

    /// A completed plan, if there is one.
    fn completed(&self, given: &Given, place: Place) -> PlanId {
        let mut completed = self.plans.clone();
        completed.retain(|plan| {
            let plan = given.state().plans.get(plan);
            plan.is_some_and(|plan| plan.progress.state == PlanState::Completed)
        });
        pick(&completed, place, self.plan(place))
    }

    /// Archived items come first, so that small places name those.
    fn item(&self, place: Place) -> ItemId {
        pick(&self.items, place, ItemId::from_parts(1, 1))
    }

    fn things(&self, given: &Given, things: &[Thing]) -> Vec<NewItem> {
        const KINDS: [&str; 4] = ["task", "code", "test_result", "diary"];
        let estimated = |tokens: u64| if tokens.is_multiple_of(5) { "~" } else { "" };
        let item = |thing: &Thing| NewItem {
            plan: thing.plan.map(|plan| self.plan(plan)),
            created_at: Some(given.now.plus_milliseconds(-thing.days * 86_400_000)),
            pinned: thing.pinned,
            ..item_saying(
                ["ana", "ben", "cyd"][usize::from(thing.agent)],
                KINDS[usize::from(thing.kind)],
                &format!("{}{} tokens", estimated(thing.tokens), thing.tokens),
            )
        };
        things.iter().map(item).collect()
    }
}

/// The command, in this state.
fn command(what: &Do, given: &Given) -> Option<Command> {
    let named = Named::of(given);
    let attempt = |plan: PlanId, before: u64| {
        let newest = given
            .state()
            .plans
            .get(&plan)
            .map_or(0, |plan| plan.guards.last_attempt);
        newest.saturating_sub(before)
    };
    Some(match what {
        Do::CreatePlan {
            steps,
            interval,
            reversions,
            attempts,
        } => {
            let mut plan = new_plan(*steps);
            plan.settings = PlanSettings {
                max_reversions: *reversions,
                max_attempts: *attempts,
                auto_checkpoint_interval: *interval,
                ..PlanSettings::default()
            };
            Command::CreatePlan { plan }
        }
        Do::StartPlan(plan) => start_plan(named.plan(*plan)),
        Do::Submit(plan, steps) => submit_plan(named.plan(*plan), *steps),
        Do::StartStep(plan) => start_step(named.plan(*plan)),
        Do::Complete(plan, before, things) => {
            let plan = named.plan(*plan);
            complete_step_with(plan, attempt(plan, *before), named.things(given, things))
        }
        Do::FailStep(plan, before) => {
            let plan = named.plan(*plan);
            fail_step(plan, attempt(plan, *before))
        }
        Do::FailPlan(plan) => fail_plan(named.plan(*plan)),
        Do::Cancel(plan) => cancel_plan(named.plan(*plan)),
        Do::Retry(plan) => retry_plan(named.plan(*plan)),
        Do::Revert(plan, to, from_step) => Command::RevertPlan {
            plan: named.plan(*plan),
            to: *to,
            from_step: *from_step,
            reason: None,
        },
        Do::Apply(plan) => mark_applied(named.completed(given, *plan)),
        Do::Pause => pause(),
        Do::Resume(None) => resume(),
        Do::Resume(Some(checkpoint)) => resume_from(named.checkpoint(*checkpoint)),
        Do::Stop => stop(),
        Do::StartProject => Command::StartProject,
        Do::CompleteProject => Command::CompleteProject,
        Do::Rename => rename("Shop"),
        Do::SetAgent(agent, limit) => set_agent(["ana", "ben", "cyd"][usize::from(*agent)], *limit),
        Do::Add(things) => add_context(named.things(given, things)),
        Do::Restore(items) => restore_items(items.iter().map(|item| named.item(*item)).collect()),
        Do::Checkpoint(plan) => checkpoint("by hand", plan.map(|plan| named.plan(plan))),
        Do::RollbackPlan(plan, checkpoint) => rollback_plan(
            named.plan(*plan),
            checkpoint.map(|checkpoint| named.checkpoint(checkpoint)),
        ),
        Do::RollbackProject(checkpoint) => rollback_project(named.checkpoint(*checkpoint)),
        Do::Work(plan, things) => {
            let plan = named.plan(*plan);
            next_of(given, plan, named.things(given, things))
        }
        Do::GoOn => match given.state().status {
            ProjectStatus::Paused => resume(),
            ProjectStatus::Stopped => Command::StartProject,
            _ => return None,
        },
        Do::Wait(_) => return None,
    })
}

/// What a worker would do next with a plan.
fn next_of(given: &Given, plan: PlanId, context: Vec<NewItem>) -> Command {
    let Some(record) = given.state().plans.get(&plan) else {
        return create_plan(2);
    };
    let running = record
        .steps
        .get(record.next_step())
        .and_then(|step| step.attempt);
    match (record.progress.state, running) {
        (PlanState::Pending, _) => start_plan(plan),
        (PlanState::Planning, _) => submit_plan(plan, 3),
        (PlanState::Failed, _) => retry_plan(plan),
        (PlanState::Completed, _) => checkpoint("done", plan),
        (_, Some(attempt)) => complete_step_with(plan, attempt, context),
        (_, None) => start_step(plan),
    }
}

fn policy() -> impl Strategy<Value = FlashSavePolicy> {
    prop::sample::select(
        [
            FlashSavePolicy::Always,
            FlashSavePolicy::OverThreshold,
            FlashSavePolicy::Never,
        ]
        .as_slice(),
    )
}

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 300,
        // Failures are to become tests with a name, not seeds in a file.
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn after_any_commands_all_that_must_hold_holds(
        flash_save in policy(),
        token_limit in 1..3000_u64,
        all in prop::collection::vec(anything_to_do(), 10..80),
    ) {
        let mut given = Given::nothing();
        let settings = ProjectSettings { token_limit, flash_save };
        given.done(create_project_with(InitialStatus::Active, settings));
        let mut watch = Watch::default();
        let plan =
            |steps| Do::CreatePlan { steps, interval: 1, reversions: 3, attempts: 2 };
        let begin = [plan(2), Do::Work(0, vec![]), plan(4), Do::Work(1, vec![])];
        for what in begin.iter().chain(&all) {
            if let Do::Wait(milliseconds) = what {
                given.now = given.now.plus_milliseconds(*milliseconds);
            }
            let Some(command) = command(what, &given) else {
                continue;
            };
            let before = given.clone();
            let then = given.when(command.clone());
            watch.look(&before, &command, &then, &given);
        }
        came_back(&given);
    }
}

/// The whole journal, and a snapshot in its middle, lead to the same state again.
fn came_back(given: &Given) {
    let id = given.state().id;
    let mut chain = Chain::start(id);
    let middle = given.journal.len() / 2;
    for (number, sealed) in given.journal.iter().enumerate() {
        if number > 0 && number == middle {
            let head = chain.head().unwrap();
            let snapshot = Snapshot::take(chain.project(), head).unwrap();
            chain = snapshot.open(id).unwrap();
            assert_eq!(chain.head(), Some(head));
        }
        chain.follow(sealed).unwrap();
    }
    assert_eq!(chain.project(), given.state());
}
