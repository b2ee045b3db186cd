//! R72: one plan is executed by one worker at a time.

use super::author::{Author, complete_step};
use super::given::{Disk, NOON, SetClock, noon, refused, wait};
use holdpoint::engine::{Claim, ClaimOptions, Engine, EngineError, EngineOptions};
use holdpoint::machine::Command;
use holdpoint::model::{PlanId, ProjectId, Revision, Timestamp, WorkerId};
use holdpoint::storage::{Epoch, Lease, Storage};
use std::time::Duration;

on_every_disk![
    r72_a_plan_that_is_claimed_is_refused_to_others_until_it_is_released,
    r72_two_runs_of_one_engine_are_in_each_others_way_too,
    r72_a_claim_leaves_no_trace_in_the_journal,
    r72_where_life_is_unknown_the_clock_of_whoever_asks_decides,
    r72_a_worker_that_is_gone_keeps_nobody_waiting,
    r72_a_worker_that_is_alive_keeps_its_plan_however_late_it_is,
    r72_who_is_taken_over_learns_it_at_the_next_renewal,
    r72_a_renewal_begins_the_time_anew,
    r72_a_clock_that_jumps_makes_a_renewal_due,
    r72_a_clock_that_went_back_holds_no_plan_for_longer_than_an_hour,
    r72_what_cannot_be_claimed_is_refused,
    r72_a_lease_of_a_newer_program_is_too_new_and_stays,
    r72_a_damaged_lease_names_nobody,
    r72_a_claim_on_a_project_that_was_deleted_is_over,
    ;
    awaited: r72_a_claim_that_is_dropped_is_given_back,
];

const SECOND: i64 = 1_000;

/// Two engines on one disk, each of an actor and with a clock of its own, and a plan.
struct Two<D: Disk> {
    ana: Engine<D::Storage>,
    bo: Engine<D::Storage>,
    clock_of_ana: SetClock,
    clock_of_bo: SetClock,
    author: Author<D::Storage>,
    project: ProjectId,
    plan: PlanId,
    /// It is there as long as they are.
    _disk: D,
}

impl<D: Disk> Two<D> {
    fn new() -> Self {
        let disk = D::new();
        let clocks = [SetClock::at(NOON), SetClock::at(NOON)];
        let [ana, bo] = [("ana", &clocks[0]), ("bo", &clocks[1])].map(|(actor, clock)| {
            let mut options = EngineOptions::new(actor.parse().unwrap());
            options.clock = Box::new(clock.clone());
            wait(Engine::open_with(disk.open(), options)).unwrap()
        });
        let mut author = Author::new(ana.clone());
        let plan = author.started_plan(3);
        let [clock_of_ana, clock_of_bo] = clocks;
        Self {
            ana,
            bo,
            clock_of_ana,
            clock_of_bo,
            project: author.project,
            plan,
            author,
            _disk: disk,
        }
    }

    fn claim(&self, engine: &Engine<D::Storage>) -> Result<Claim<D::Storage>, EngineError> {
        wait(engine.claim(self.project, self.plan, ClaimOptions::default()))
    }

    fn take_over(&self, engine: &Engine<D::Storage>) -> Claim<D::Storage> {
        let options = ClaimOptions {
            take_over: true,
            ..ClaimOptions::default()
        };
        wait(engine.claim(self.project, self.plan, options)).expect("whoever has it")
    }

    /// Puts a lease there that somebody else has left.
    fn leave(&self, text: &str) {
        let storage = self.ana.storage();
        let found = wait(storage.lease(self.project, self.plan)).unwrap();
        let expected = found.map(|lease| lease.epoch);
        let lease = Lease {
            epoch: Epoch(expected.map_or(1, |epoch| epoch.0 + 1)),
            text: text.into(),
        };
        wait(storage.swap_lease(self.project, self.plan, expected, lease)).unwrap();
    }

    fn stored(&self) -> Lease {
        let stored = self.ana.storage().lease(self.project, self.plan);
        wait(stored).unwrap().expect("a lease was written")
    }
}

fn later(milliseconds: i64) -> Timestamp {
    noon().plus_milliseconds(milliseconds)
}

/// A lease of a worker whom nobody knows.
fn left_by_cy(shows_life: bool, expires_at: Timestamp) -> String {
    let worker = WorkerId::from_parts(NOON.unsigned_abs(), 77);
    format!(
        r#"{{"v":1,"holder":"cy","worker":"{worker}","shows_life":{shows_life},"taken_at":"{}","expires_at":"{expires_at}"}}"#,
        noon()
    )
}

/// Whom a refusal names.
#[track_caller]
fn claimed_by<T: std::fmt::Debug>(result: Result<T, EngineError>) -> Option<String> {
    let refused = result.expect_err("expected it to be claimed");
    assert_eq!(refused.code().as_str(), "PLAN_CLAIMED", "{refused}");
    let text = refused.to_string();
    assert!(
        text.contains("expected") && text.contains("found"),
        "{text}"
    );
    match refused {
        EngineError::PlanClaimed {
            holder,
            worker,
            expires_at,
            ..
        } => {
            assert_eq!(holder.is_some(), worker.is_some());
            assert_eq!(holder.is_some(), expires_at.is_some());
            holder.map(|holder| holder.to_string())
        }
        other => panic!("{other:?}"),
    }
}

fn r72_a_plan_that_is_claimed_is_refused_to_others_until_it_is_released<D: Disk>() {
    let two = Two::<D>::new();
    assert_eq!(wait(two.bo.lease(two.project, two.plan)), Ok(None));
    let claim = two.claim(&two.ana).unwrap();
    assert_eq!((claim.project(), claim.plan()), (two.project, two.plan));
    assert_eq!(claim.holder().as_str(), "ana");
    assert_eq!(claim.expires_at(), later(30 * SECOND));

    let refused = two.claim(&two.bo).unwrap_err();
    let expected = EngineError::PlanClaimed {
        plan: two.plan,
        holder: Some("ana".parse().unwrap()),
        worker: Some(claim.worker()),
        expires_at: Some(later(30 * SECOND)),
    };
    assert_eq!(refused, expected);
    let seen = wait(two.bo.lease(two.project, two.plan)).unwrap().unwrap();
    assert_eq!((seen.worker, seen.is_alive), (claim.worker(), Some(true)));
    assert!(seen.is_held && !seen.is_own);
    let own = wait(two.ana.lease(two.project, two.plan)).unwrap().unwrap();
    assert!(own.is_held && own.is_own);

    wait(claim.release()).unwrap();
    assert_eq!(wait(two.bo.lease(two.project, two.plan)), Ok(None));
    assert_eq!(&*two.stored().text, r#"{"v":1}"#);
    let claim = two.claim(&two.bo).unwrap();
    assert_eq!(claimed_by(two.claim(&two.ana)).as_deref(), Some("bo"));
    assert_eq!(two.stored().epoch, Epoch(2), "it counts the holders");
    wait(claim.release()).unwrap();
}

fn r72_two_runs_of_one_engine_are_in_each_others_way_too<D: Disk>() {
    let mut two = Two::<D>::new();
    let claim = two.claim(&two.ana).unwrap();
    for copy in [&two.ana, &two.ana.clone()] {
        assert_eq!(claimed_by(two.claim(copy)).as_deref(), Some("ana"));
    }
    // Other plans are other plans.
    let plan = two.author.plan(1);
    let other = wait(two.ana.claim(two.project, plan, ClaimOptions::default())).unwrap();
    assert_eq!(claim.worker(), other.worker());
    wait(claim.release()).unwrap();
    let of_bo = two.claim(&two.bo).unwrap();
    let still = wait(two.bo.claim(two.project, plan, ClaimOptions::default()));
    assert_eq!(claimed_by(still).as_deref(), Some("ana"));
    wait(other.release()).unwrap();
    wait(of_bo.release()).unwrap();
}

fn r72_a_claim_leaves_no_trace_in_the_journal<D: Disk>() {
    let two = Two::<D>::new();
    let before = wait(two.bo.storage().head(two.project));
    let claim = two.claim(&two.ana).unwrap();
    wait(claim.renew()).unwrap();
    wait(claim.release()).unwrap();
    assert_eq!(wait(two.bo.storage().head(two.project)), before);
    let report = wait(two.bo.verify(two.project)).unwrap();
    assert!(report.is_clean(), "{report:?}");
}

fn r72_where_life_is_unknown_the_clock_of_whoever_asks_decides<D: Disk>() {
    let two = Two::<D>::new();
    two.leave(&left_by_cy(false, later(30 * SECOND)));
    two.clock_of_bo.turn(30 * SECOND - 1);
    assert_eq!(claimed_by(two.claim(&two.bo)).as_deref(), Some("cy"));
    let seen = wait(two.bo.lease(two.project, two.plan)).unwrap().unwrap();
    assert_eq!((seen.is_alive, seen.is_held), (None, true));
    two.clock_of_bo.turn(1);
    let seen = wait(two.bo.lease(two.project, two.plan)).unwrap().unwrap();
    assert_eq!((seen.is_alive, seen.is_held), (None, false));
    assert_eq!(claimed_by(two.claim(&two.ana)).as_deref(), Some("cy"));
    wait(two.claim(&two.bo).unwrap().release()).unwrap();
}

fn r72_a_worker_that_is_gone_keeps_nobody_waiting<D: Disk>() {
    let two = Two::<D>::new();
    two.leave(&left_by_cy(true, later(3_600 * SECOND)));
    let seen = wait(two.bo.lease(two.project, two.plan)).unwrap().unwrap();
    assert_eq!((seen.is_alive, seen.is_held), (Some(false), false));
    let claim = two.claim(&two.bo).unwrap();
    assert_eq!(claimed_by(two.claim(&two.ana)).as_deref(), Some("bo"));
    wait(claim.release()).unwrap();
}

fn r72_a_worker_that_is_alive_keeps_its_plan_however_late_it_is<D: Disk>() {
    let two = Two::<D>::new();
    let claim = two.claim(&two.ana).unwrap();
    two.clock_of_bo.turn(48 * 3_600 * SECOND);
    assert_eq!(claimed_by(two.claim(&two.bo)).as_deref(), Some("ana"));
    two.clock_of_ana.turn(48 * 3_600 * SECOND);
    assert!(claim.is_due());
    wait(claim.renew()).unwrap();
    wait(claim.release()).unwrap();
}

fn r72_who_is_taken_over_learns_it_at_the_next_renewal<D: Disk>() {
    let mut two = Two::<D>::new();
    let of_ana = two.claim(&two.ana).unwrap();
    let attempt = two.author.attempt(two.plan);
    let of_bo = two.take_over(&two.bo);
    assert_eq!(claimed_by(wait(of_ana.renew())).as_deref(), Some("bo"));
    assert_eq!(claimed_by(wait(of_ana.renew())).as_deref(), Some("bo"));
    // The journal doesn't rest on it: what was begun can still be completed.
    two.author.done(complete_step(two.plan, attempt));
    assert_eq!(claimed_by(two.claim(&two.ana)).as_deref(), Some("bo"));
    wait(of_bo.renew()).unwrap();
    wait(of_bo.release()).unwrap();
    assert_eq!(claimed_by(wait(of_ana.renew())), None, "nobody has it now");
    assert_eq!(
        wait(of_ana.release()),
        Ok(()),
        "it was lost, and it is over"
    );

    // From itself too; and giving back what was lost takes nothing from who has it.
    let first = two.claim(&two.ana).unwrap();
    let second = two.take_over(&two.ana);
    wait(first.release()).unwrap();
    wait(second.renew()).unwrap();
    assert_eq!(claimed_by(two.claim(&two.bo)).as_deref(), Some("ana"));
    wait(second.release()).unwrap();
}

fn r72_a_renewal_begins_the_time_anew<D: Disk>() {
    let two = Two::<D>::new();
    let claim = two.claim(&two.ana).unwrap();
    two.clock_of_ana.turn(10 * SECOND - 1);
    assert!(!claim.is_due(), "at a third");
    two.clock_of_ana.turn(1);
    assert!(claim.is_due());
    wait(claim.renew()).unwrap();
    assert!(!claim.is_due());
    assert_eq!(claim.taken_at(), noon());
    assert_eq!(claim.expires_at(), later(40 * SECOND));
    let seen = wait(two.bo.lease(two.project, two.plan)).unwrap().unwrap();
    assert_eq!(
        (seen.taken_at, seen.expires_at),
        (noon(), later(40 * SECOND))
    );
    // Out of time, but nobody came.
    two.clock_of_ana.turn(60 * SECOND);
    wait(claim.renew()).unwrap();
    assert_eq!(claim.expires_at(), later(100 * SECOND));
    wait(claim.release()).unwrap();
}

fn r72_a_clock_that_jumps_makes_a_renewal_due<D: Disk>() {
    let two = Two::<D>::new();
    let claim = two.claim(&two.ana).unwrap();
    for jump in [-3_600 * SECOND, 86_400 * SECOND, -1] {
        assert!(!claim.is_due());
        two.clock_of_ana.turn(jump);
        assert!(claim.is_due(), "{jump}");
        wait(claim.renew()).unwrap();
        let seen = wait(two.ana.lease(two.project, two.plan)).unwrap().unwrap();
        assert_eq!(seen.expires_at, claim.expires_at());
    }
    wait(claim.release()).unwrap();
}

fn r72_a_clock_that_went_back_holds_no_plan_for_longer_than_an_hour<D: Disk>() {
    let two = Two::<D>::new();
    two.leave(&left_by_cy(false, later(30 * SECOND)));
    two.clock_of_bo.turn(-3_600 * SECOND + 30 * SECOND);
    assert_eq!(claimed_by(two.claim(&two.bo)).as_deref(), Some("cy"));
    two.clock_of_bo.turn(-1);
    wait(two.claim(&two.bo).unwrap().release()).unwrap();
}

fn r72_what_cannot_be_claimed_is_refused<D: Disk>() {
    let mut two = Two::<D>::new();
    let nobody = PlanId::from_parts(1, 1);
    let options = ClaimOptions::default();
    let code = refused(wait(two.ana.claim(two.project, nobody, options)));
    assert_eq!(code, "PLAN_NOT_FOUND");
    let nowhere = ProjectId::from_parts(1, 1);
    let code = refused(wait(two.ana.claim(nowhere, two.plan, options)));
    assert_eq!(code, "PROJECT_NOT_FOUND");
    for milliseconds in [0, 999, 3_600_001] {
        let options = ClaimOptions {
            time_to_live: Duration::from_millis(milliseconds),
            ..options
        };
        let code = refused(wait(two.ana.claim(two.project, two.plan, options)));
        assert_eq!(code, "INVALID_INPUT", "{milliseconds}");
    }
    assert_eq!(wait(two.ana.lease(two.project, two.plan)), Ok(None));
    // A plan that is over can be claimed: leases don't judge.
    two.author.done(Command::CancelPlan {
        plan: two.plan,
        reason: None,
    });
    for milliseconds in [1_000, 3_600_000] {
        let options = ClaimOptions {
            time_to_live: Duration::from_millis(milliseconds),
            ..options
        };
        let claim = wait(two.bo.claim(two.project, two.plan, options)).unwrap();
        wait(claim.release()).unwrap();
    }
}

fn r72_a_lease_of_a_newer_program_is_too_new_and_stays<D: Disk>() {
    let two = Two::<D>::new();
    let newer = r#"{"v":2,"holders":["cy","di"]}"#;
    two.leave(newer);
    assert_eq!(refused(two.claim(&two.bo)), "TOO_NEW");
    assert_eq!(
        refused(wait(two.bo.lease(two.project, two.plan))),
        "TOO_NEW"
    );
    assert_eq!(&*two.stored().text, newer);
    let claim = two.take_over(&two.bo);
    assert_eq!(claimed_by(two.claim(&two.ana)).as_deref(), Some("bo"));
    // And taken over in turn.
    two.leave(newer);
    assert_eq!(claimed_by(wait(claim.renew())), None);
    wait(claim.release()).unwrap();
    assert_eq!(&*two.stored().text, newer);
}

fn r72_a_damaged_lease_names_nobody<D: Disk>() {
    let two = Two::<D>::new();
    for damaged in ["", "nonsense", "{}", r#"{"v":1,"holder":"cy"}"#] {
        two.leave(damaged);
        assert_eq!(wait(two.bo.lease(two.project, two.plan)), Ok(None));
        wait(two.claim(&two.bo).unwrap().release()).unwrap();
    }
}

fn r72_a_claim_on_a_project_that_was_deleted_is_over<D: Disk>() {
    let mut two = Two::<D>::new();
    let claim = two.claim(&two.bo).unwrap();
    two.author.done(Command::DeleteProject);
    assert_eq!(refused(wait(claim.renew())), "REMOVED");
    assert_eq!(wait(claim.release()), Ok(()));
    assert_eq!(refused(two.claim(&two.bo)), "REMOVED");
    assert_eq!(wait(two.bo.lease(two.project, two.plan)), Ok(None));
}

async fn r72_a_claim_that_is_dropped_is_given_back<D: Disk>() {
    let two = Two::<D>::new();
    drop(two.claim(&two.ana).unwrap());
    // In the background: it takes a moment.
    while &*two.stored().text != r#"{"v":1}"# {
        futures_timer::Delay::new(Duration::from_millis(1)).await;
    }
    // One that its engine dropped and could not give back is no hindrance to the engine itself.
    drop(two.claim(&two.ana).unwrap());
    wait(two.claim(&two.ana).unwrap().release()).unwrap();
    let state = wait(two.bo.project(two.project)).unwrap();
    assert!(state.revision > Revision::ZERO);
}
