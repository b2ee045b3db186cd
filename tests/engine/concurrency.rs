//! R4, R71: several engines on one store, at the same time.

use super::author::{Author, checkpoint, complete_step, create_plan, item, pause, rename, resume};
use super::given::{Disk, command_id, request, wait};
use super::observe::observe;
use holdpoint::engine::{ClaimOptions, Engine, Receipt};
use holdpoint::machine::{Command, Event, Outcome};
use holdpoint::model::{CommandId, PlanId, Project, ProjectId, Revision, Trigger};
use holdpoint::storage::Storage;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

on_every_disk![
    r71_two_engines_at_once_make_one_history_and_lose_nothing,
    r71_two_copies_of_one_engine_make_one_history_and_lose_nothing,
    r4_two_pauses_at_once_are_one_pause,
    r72_of_workers_that_claim_a_plan_at_once_one_gets_it,
];

const COMMANDS: u64 = 100;
/// What a command that others were faster than may be told.
const FAIR: [&str; 8] = [
    "PROJECT_PAUSED",
    "PROJECT_NOT_PAUSED",
    "SUPERSEDED",
    "STEP_NOT_FOUND",
    "INVALID_TRANSITION",
    "NOTHING_TO_ROLL_BACK",
    "REVERSION_LIMIT",
    "CHECKPOINT_NOT_FOUND",
];

fn r71_two_engines_at_once_make_one_history_and_lose_nothing<D: Disk>() {
    let disk = D::new();
    crowd(&disk, [disk.engine(), disk.engine()]);
}

fn r71_two_copies_of_one_engine_make_one_history_and_lose_nothing<D: Disk>() {
    let disk = D::new();
    let engine = disk.engine();
    crowd(&disk, [engine.clone(), engine]);
}

/// However it comes: never two at a time, and each gets its turn.
fn r72_of_workers_that_claim_a_plan_at_once_one_gets_it<D: Disk>() {
    const TURNS: usize = 10;
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    let (project, plan) = (author.project, author.plan(1));
    let [one, other] = [disk.engine(), disk.engine()];
    // A copy of an engine is the same worker, and a run of its own.
    let engines = [one.clone(), one, other];
    let (working, barrier) = (AtomicUsize::new(0), Barrier::new(engines.len()));
    std::thread::scope(|scope| {
        for engine in &engines {
            scope.spawn(|| {
                barrier.wait();
                let mut turns = 0;
                while turns < TURNS {
                    match wait(engine.claim(project, plan, ClaimOptions::default())) {
                        Ok(claim) => {
                            assert_eq!(working.fetch_add(1, Ordering::SeqCst), 0);
                            wait(claim.renew()).unwrap();
                            working.fetch_sub(1, Ordering::SeqCst);
                            wait(claim.release()).unwrap();
                            turns += 1;
                        }
                        Err(error) => {
                            assert_eq!(error.code().as_str(), "PLAN_CLAIMED");
                            std::thread::yield_now();
                        }
                    }
                }
            });
        }
    });
}

fn crowd<D: Disk>(disk: &D, engines: [Engine<D::Storage>; 2]) {
    let mut author = Author::new(disk.engine());
    author.furnish();
    let project = author.project;
    let barrier = Barrier::new(2);
    let done: Vec<(CommandId, Receipt)> = std::thread::scope(|scope| {
        let threads = [0_u8, 1].map(|worker| {
            let (engine, barrier) = (engines[usize::from(worker)].clone(), &barrier);
            scope.spawn(move || {
                barrier.wait();
                work(&engine, project, u64::from(worker) + 1)
            })
        });
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("nothing panics"))
            .collect()
    });
    check_history(disk, project, &done);
    let known = engines.map(|engine| wait(engine.project(project)).unwrap());
    assert_eq!(known[0], known[1]);
}

fn work<S: Storage>(
    engine: &Engine<S>,
    project: ProjectId,
    worker: u64,
) -> Vec<(CommandId, Receipt)> {
    let mut random = Random(worker);
    let mut done = Vec::new();
    for n in 0..COMMANDS {
        let state = wait(engine.project(project)).unwrap();
        let request = request(worker * 10_000 + n, any_command(&state, &mut random));
        let (id, kind) = (request.id, request.command.kind());
        match wait(engine.submit(project, request)) {
            Ok(receipt) => done.push((id, receipt)),
            Err(error) => {
                let code = error.code().as_str();
                assert!(FAIR.contains(&code), "{kind}: {code}: {error}");
            }
        }
    }
    assert!(done.len() > 20, "only {} were done", done.len());
    done
}

fn any_command(state: &Project, random: &mut Random) -> Command {
    let plans: Vec<PlanId> = state.plans_in_order().iter().map(|plan| plan.id).collect();
    let any = usize::try_from(random.below(plans.len() as u64)).unwrap();
    // The first plan has most of the traffic.
    let plan = if random.below(3) > 0 {
        plans[0]
    } else {
        plans[any]
    };
    let attempt = state.plans[&plan].guards.last_attempt.max(1);
    match random.below(12) {
        0..4 => Command::StartStep { plan, step: None },
        4..6 => complete_step(plan, attempt),
        6 => pause(),
        7 => resume(),
        8 => create_plan("one more", 3),
        9 => Command::AddContext {
            items: vec![item("some")],
        },
        10 => checkpoint("now and then"),
        _ => match random.below(3) {
            0 => Command::RollbackPlan {
                plan,
                checkpoint: None,
                before: None,
                reason: None,
            },
            1 => Command::StartPlan { plan },
            _ => rename("other"),
        },
    }
}

fn check_history<D: Disk>(disk: &D, project: ProjectId, done: &[(CommandId, Receipt)]) {
    let observed = observe(disk.open(), project);
    let newest = observed.head.expect("it is there").revision;
    assert_eq!(observed.entries.len() as u64, newest.get());
    let ids: BTreeSet<_> = observed.entries.iter().map(|entry| entry.command).collect();
    assert_eq!(ids.len(), observed.entries.len(), "none doubled");

    let history = wait(disk.engine().history(project, Revision::ZERO, usize::MAX)).unwrap();
    let mut attempts: BTreeMap<PlanId, u64> = BTreeMap::new();
    for event in history.iter().flat_map(|entry| &entry.events) {
        if let Event::StepStarted { plan, attempt, .. } = event {
            let last = attempts.entry(*plan).or_default();
            assert_eq!(*attempt, *last + 1, "R54: attempts are contiguous");
            *last = *attempt;
        }
    }
    let mut entered = BTreeSet::new();
    for (id, receipt) in done {
        if matches!(&receipt.outcome, Outcome::Paused(report) if report.already_paused) {
            assert!(!ids.contains(id), "R3: no entry");
            continue;
        }
        let place = usize::try_from(receipt.revision.get()).unwrap() - 1;
        let entry = &history[place];
        assert_eq!(entry.command.id, *id, "every receipt names its own entry");
        assert_eq!(Outcome::of(&entry.events).as_ref(), Some(&receipt.outcome));
        assert!(entered.insert(*id));
    }
    let theirs: BTreeSet<_> = ids
        .into_iter()
        .filter(|id| *id >= command_id(10_000))
        .collect();
    assert_eq!(entered, theirs, "nothing is there that nobody was told of");
}

fn r4_two_pauses_at_once_are_one_pause<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    author.furnish();
    let project = author.project;
    let engines = [disk.engine(), disk.engine()];
    for _ in 0..30 {
        let before = author.state();
        let barrier = Barrier::new(2);
        let reports = std::thread::scope(|scope| {
            let threads = engines.each_ref().map(|engine| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    wait(engine.pause(project, None)).expect("both are answered")
                })
            });
            threads.map(|thread| thread.join().expect("nothing panics"))
        });
        let first = reports
            .iter()
            .filter(|report| !report.already_paused)
            .count();
        assert_eq!(first, 1, "exactly one paused it");
        let mut same = reports[1].clone();
        same.already_paused = reports[0].already_paused;
        assert_eq!(reports[0], same, "both have its report");
        let after = author.state();
        assert_eq!(after.revision, before.revision.next(), "one entry");
        assert_eq!(
            after.checkpoints.len(),
            before.checkpoints.len() + 1,
            "one checkpoint"
        );
        assert_eq!(
            after.checkpoints[&reports[0].checkpoint_id].trigger,
            Trigger::Pause
        );
        wait(author.engine.resume(project, None)).unwrap();
    }
    observe(disk.open(), project);
}

/// A random number generator (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}
