//! What holds after any sequence of commands. [`Given`](super::given::Given) itself checks after
//! each that a refusal changed nothing, that the entry comes back from its seal, that replaying
//! it gives the state that was decided on, that it has an outcome and that the figures are right.

use super::commands::*;
use super::diffs;
use super::given::Given;
use super::invariants::Watch;
use super::kept;
use super::sizes;
use holdpoint::journal::{Chain, Snapshot};
use holdpoint::machine::{Command, CommandKind, InitialStatus, NewItem};
use holdpoint::model::{
    CheckpointId, FlashSavePolicy, Gates, ItemId, PlanId, PlanSettings, PlanState, Point,
    ProjectSettings, ProjectStatus, RetentionPolicy, Revision,
};
use proptest::prelude::*;
use std::sync::Arc;

/// Something to do, with places in lists instead of ids, so that it fits any state.
#[derive(Debug, Clone)]
enum Do {
    CreatePlan {
        steps: usize,
        interval: u32,
        reversions: u32,
        attempts: u32,
        gates: Gates,
    },
    /// A decision by this command, which may be another than the plan waits for.
    Decide(Place, CommandKind, Decided),
    StartImplementation(Place),
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
    Touch(Vec<Place>),
    Pin(Vec<Place>, bool),
    Archive(Vec<Place>),
    FlashSave(Option<u8>, bool),
    RedactItem(Place),
    RedactOutput(Place, u32),
    Checkpoint(Option<Place>),
    PinCheckpoint(Place, bool),
    SetRetention(RetentionPolicy),
    ApplyRetention(Option<RetentionPolicy>),
    RollbackPlan(Place, Option<Place>),
    RollbackProject(Place),
    /// Reverses what was decided so many revisions ago.
    RollbackBefore(Place, u64),
    /// What a worker would do next with this plan.
    Work(Place, Vec<Thing>),
    /// Whatever lets the project's work go on.
    GoOn,
    /// Lets time go by, or back.
    Wait(i64),
}

const AGENTS: [&str; 3] = ["ana", "ben", "cyd"];

/// A place in a list, counted round.
type Place = u8;

/// Which attempt's result comes in: the newest, or one that many before it.
type Attempt = u64;

/// How a submission is decided: the newest, or one that many before it.
#[derive(Debug, Clone, Copy)]
struct Decided {
    passed: bool,
    before: u64,
    from_step: Option<u32>,
}

fn decided() -> impl Strategy<Value = Decided> {
    let before = prop_oneof![8 => Just(0_u64), 1 => 1..3_u64, 1 => Just(99)];
    let from_step = prop::option::weighted(0.3, 0..4_u32);
    (any::<bool>(), before, from_step).prop_map(|(passed, before, from_step)| Decided {
        passed,
        before,
        from_step: from_step.filter(|_| !passed),
    })
}

fn gates() -> impl Strategy<Value = Gates> {
    let some = any::<[bool; 4]>().prop_map(|[plan, implementation, review, verification]| Gates {
        plan,
        implementation,
        review,
        verification,
    });
    prop_oneof![Just(Gates::default()), some]
}

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

/// The commands that decide on a submission.
const DECISIONS: [CommandKind; 4] = [
    CommandKind::Approve,
    CommandKind::Reject,
    CommandKind::RecordReview,
    CommandKind::RecordVerification,
];

/// Small places, so that the same ones are named again.
fn some_items() -> impl Strategy<Value = Vec<Place>> {
    prop::collection::vec(0..4_u8, 0..3)
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
        1 => place().prop_map(Do::StartImplementation),
        12 => (place(), prop::sample::select(DECISIONS.as_slice()), decided())
            .prop_map(|(plan, kind, decided)| Do::Decide(plan, kind, decided)),
    ];
    let plans = prop_oneof![
        2 => (0..4_usize, 0..3_u32, 0..4_u32, 1..3_u32, gates()).prop_map(
            |(steps, interval, reversions, attempts, gates)| Do::CreatePlan {
                steps,
                interval,
                reversions,
                attempts,
                gates,
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
        2 => some_items().prop_map(Do::Restore),
        2 => some_items().prop_map(Do::Touch),
        2 => (some_items(), any::<bool>()).prop_map(|(items, pinned)| Do::Pin(items, pinned)),
        1 => some_items().prop_map(Do::Archive),
        2 => (prop::option::of(0..3_u8), any::<bool>())
            .prop_map(|(agent, force)| Do::FlashSave(agent, force)),
        1 => place().prop_map(Do::RedactItem),
        1 => (place(), 0..3_u32).prop_map(|(plan, step)| Do::RedactOutput(plan, step)),
    ];
    let back = prop_oneof![
        2 => prop::option::of(place()).prop_map(Do::Checkpoint),
        2 => (place(), any::<bool>()).prop_map(|(one, pinned)| Do::PinCheckpoint(one, pinned)),
        1 => retention().prop_map(Do::SetRetention),
        1 => prop::option::of(retention()).prop_map(Do::ApplyRetention),
        4 => (place(), prop::option::of(place())).prop_map(|(plan, to)| Do::RollbackPlan(plan, to)),
        3 => place().prop_map(Do::RollbackProject),
        2 => Just(Do::RollbackProject(0)),
        2 => (place(), 0..12_u64).prop_map(|(plan, ago)| Do::RollbackBefore(plan, ago)),
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
        self.plan_in(given, place, |state| state == PlanState::Completed)
    }

    /// A plan that waits for a decision, if there is one.
    fn waiting(&self, given: &Given, place: Place) -> PlanId {
        self.plan_in(given, place, PlanState::awaits_decision)
    }

    fn plan_in(&self, given: &Given, place: Place, is_meant: impl Fn(PlanState) -> bool) -> PlanId {
        let mut meant = self.plans.clone();
        meant.retain(|plan| {
            let plan = given.state().plans.get(plan);
            plan.is_some_and(|plan| is_meant(plan.progress.state))
        });
        pick(&meant, place, self.plan(place))
    }

    /// Archived items come first, so that small places name those.
    fn item(&self, place: Place) -> ItemId {
        pick(&self.items, place, ItemId::from_parts(1, 1))
    }

    fn items(&self, places: &[Place]) -> Vec<ItemId> {
        places.iter().map(|place| self.item(*place)).collect()
    }

    fn things(&self, given: &Given, things: &[Thing]) -> Vec<NewItem> {
        const KINDS: [&str; 4] = ["task", "code", "test_result", "diary"];
        let estimated = |tokens: u64| if tokens.is_multiple_of(5) { "~" } else { "" };
        let item = |thing: &Thing| NewItem {
            plan: thing.plan.map(|plan| self.plan(plan)),
            created_at: Some(given.now.plus_milliseconds(-thing.days * 86_400_000)),
            pinned: thing.pinned,
            ..item_saying(
                AGENTS[usize::from(thing.agent)],
                KINDS[usize::from(thing.kind)],
                &format!("{}{} tokens", estimated(thing.tokens), thing.tokens),
            )
        };
        things.iter().map(item).collect()
    }
}

/// A decision by this command; where it isn't the one that the plan waits for, mostly by that one.
fn decision(given: &Given, plan: PlanId, kind: CommandKind, decided: Decided) -> Command {
    let record = given.state().plans.get(&plan);
    let newest = record.map_or(0, |record| record.guards.last_submission);
    let submission = newest.saturating_sub(decided.before);
    let state = record.map(|record| record.progress.state);
    let kind = match state {
        _ if decided.before > 0 => kind,
        Some(PlanState::Reviewing) => CommandKind::RecordReview,
        Some(PlanState::Verifying) => CommandKind::RecordVerification,
        _ if decided.passed => CommandKind::Approve,
        Some(PlanState::PlanAwaitingApproval | PlanState::ImplementationAwaitingApproval) => {
            CommandKind::Reject
        }
        _ => kind,
    };
    let (passed, from_step) = (decided.passed, decided.from_step);
    match kind {
        CommandKind::Approve => approve(plan, submission),
        CommandKind::Reject => reject_to_step(plan, submission, from_step),
        CommandKind::RecordReview => Command::RecordReview {
            plan,
            submission,
            passed,
            notes: None,
            from_step,
        },
        _ => Command::RecordVerification {
            plan,
            submission,
            passed,
            details: Some(text("seen")),
            from_step,
        },
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
            gates,
        } => {
            let mut plan = new_plan(*steps);
            plan.settings = PlanSettings {
                max_reversions: *reversions,
                max_attempts: *attempts,
                auto_checkpoint_interval: *interval,
                gates: *gates,
            };
            Command::CreatePlan { plan }
        }
        Do::Decide(plan, kind, decided) => {
            decision(given, named.waiting(given, *plan), *kind, *decided)
        }
        Do::StartImplementation(plan) => start_implementation(named.plan(*plan)),
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
        Do::SetAgent(agent, limit) => set_agent(AGENTS[usize::from(*agent)], *limit),
        Do::Add(things) => add_context(named.things(given, things)),
        Do::Restore(items) => restore_items(named.items(items)),
        Do::Touch(items) => touch_items(named.items(items)),
        Do::Pin(items, true) => pin_items(named.items(items)),
        Do::Pin(items, false) => unpin_items(named.items(items)),
        Do::Archive(items) => archive_items(named.items(items)),
        Do::FlashSave(agent, force) => {
            flash_save(agent.map(|agent| AGENTS[usize::from(agent)]), *force)
        }
        Do::RedactItem(item) => redact_item(named.item(*item)),
        Do::RedactOutput(plan, step) => redact_output(named.plan(*plan), *step),
        Do::PinCheckpoint(one, pinned) => pin_checkpoint(named.checkpoint(*one), *pinned),
        Do::SetRetention(policy) => set_retention(*policy),
        Do::ApplyRetention(policy) => apply_retention(*policy),
        Do::Checkpoint(plan) => checkpoint("by hand", plan.map(|plan| named.plan(plan))),
        Do::RollbackPlan(plan, checkpoint) => rollback_plan(
            named.plan(*plan),
            checkpoint.map(|checkpoint| named.checkpoint(checkpoint)),
        ),
        Do::RollbackProject(checkpoint) => rollback_project(named.checkpoint(*checkpoint)),
        Do::RollbackBefore(plan, ago) => {
            let decision = given.revision().get().saturating_sub(*ago);
            rollback_before(named.plan(*plan), Revision::new(decision))
        }
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
        (PlanState::PlanAwaitingApproval | PlanState::ImplementationAwaitingApproval, _) => {
            approve(plan, record.guards.last_submission)
        }
        (PlanState::PlanApproved, _) => start_implementation(plan),
        (PlanState::Reviewing, _) => review(plan, record.guards.last_submission, true),
        (PlanState::Verifying, _) => verification(plan, record.guards.last_submission, true),
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

/// Mostly so few that checkpoints go all the time.
fn retention() -> impl Strategy<Value = RetentionPolicy> {
    let few =
        (1..4_u32, 1..4_u32).prop_map(|(plan, project)| super::commands::policy(plan, project));
    prop_oneof![4 => few, 1 => Just(RetentionPolicy::default())]
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
        retention in retention(),
        all in prop::collection::vec(anything_to_do(), 10..80),
        forked_at in 1..80_u64,
    ) {
        let mut given = Given::nothing();
        let settings = ProjectSettings { token_limit, flash_save, retention };
        given.done(create_project_with(InitialStatus::Active, settings));
        let mut watch = Watch::default();
        let plan = |steps, gates| Do::CreatePlan {
            steps,
            interval: 1,
            reversions: 3,
            attempts: 2,
            gates,
        };
        let after_work = Gates { plan: false, ..ALL_GATES };
        let verified = Gates { verification: true, ..Gates::default() };
        // So that nothing is out of reach: a checkpoint that most plans are younger than; a third
        // plan that is to be approved when it is done, a fourth that is to be verified.
        let mut begin = vec![plan(2, Gates::default()), Do::Checkpoint(None)];
        begin.push(plan(4, ALL_GATES));
        begin.extend([plan(1, after_work), plan(1, verified)]);
        begin.extend((0..4).map(|place| Do::Work(place, vec![])));
        begin.extend([2, 3, 2, 3].map(|place| Do::Work(place, vec![])));
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
            diffs::check(before.state(), given.state());
            if let Ok(answer) = &then.0 {
                diffs::check_report(&answer.outcome, before.state(), given.state());
            }
            retained(&given, what);
        }
        kept::check_restores(&given);
        let middle = Revision::new(given.revision().get() / 2);
        diffs::check(given.state_at(middle), given.state());
        came_back(&given);
        // Not of the fork below: there commands have the same ids once more, and so do records.
        sizes::check_plans_named(&given);
        let revision = forked_at.min(given.revision().get());
        forks(&given, Point::Revision(Revision::new(revision)));
    }
}

/// After a policy was applied there is nothing more to do for it.
fn retained(given: &Given, what: &Do) {
    if let Do::ApplyRetention(policy) = what {
        let mut given = given.clone();
        given.when(apply_retention(*policy)).nothing();
    }
}

/// A fork is as the project was then, with every decision and removal on record, and work on it
/// goes on.
fn forks(given: &Given, at: Point) {
    let source = given.as_source(at).state;
    let mut fork = Given::nothing_of(Given::elsewhere().state().id);
    fork.source = Some(Arc::new(given.clone()));
    fork.now = given.now;
    fork.done(super::commands::fork(given.state().id, at));
    let copy = fork.state();
    assert!(copy.plans.keys().eq(source.plans.keys()));
    assert_eq!(copy.redacted, given.state().redacted);
    assert_eq!(copy.items, source.items);
    for (id, plan) in &copy.plans {
        let was = &source.plans[id];
        assert_eq!((plan.guards, &plan.verdicts), (was.guards, &was.verdicts));
        assert_eq!(
            (&plan.progress, plan.last_checkpoint_id),
            (&was.progress, None)
        );
    }
    assert!(copy.departed.is_empty(), "nothing leads back to those");
    let mut watch = Watch::of(given);
    let plans: Vec<PlanId> = copy.plans.keys().copied().collect();
    for plan in plans {
        for _ in 0..3 {
            let before = fork.clone();
            let command = next_of(&fork, plan, vec![]);
            let then = fork.when(command.clone());
            watch.look(&before, &command, &then, &fork);
        }
    }
    came_back(&fork);
}

/// The whole journal, and a snapshot in its middle, lead to the same state again.
fn came_back(given: &Given) {
    sizes::check(given.state(), &given.journal);
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
