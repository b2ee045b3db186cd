//! R72: a storage that fails, or loses an answer, while a plan is claimed.

use super::author::Author;
use super::given::{Disk as _, Memory, engine_over, refused, wait};
use crate::support::fault_storage::{Among, Fault, FaultKind, FaultStorage};
use holdpoint::engine::{Claim, ClaimOptions, Engine, EngineError};
use holdpoint::model::{PlanId, ProjectId};
use holdpoint::storage::{MemoryStorage, StorageErrorKind};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

struct Faulty {
    engine: Engine<FaultStorage<MemoryStorage>>,
    other: Engine<MemoryStorage>,
    project: ProjectId,
    plan: PlanId,
}

impl Faulty {
    fn new() -> Self {
        let disk = Memory::new();
        let mut author = Author::new(disk.engine());
        let plan = author.started_plan(2);
        Self {
            engine: engine_over(FaultStorage::new(disk.open())),
            other: disk.engine(),
            project: author.project,
            plan,
        }
    }

    fn next_write_is_hit(&self, kind: FaultKind) {
        let faults = self.engine.storage().faults();
        faults.arm(Fault::at(1, Among::Writes, kind));
    }

    fn claim(&self) -> Result<Claim<FaultStorage<MemoryStorage>>, EngineError> {
        wait(
            self.engine
                .claim(self.project, self.plan, ClaimOptions::default()),
        )
    }

    fn claim_of_another(&self) -> Result<Claim<MemoryStorage>, EngineError> {
        wait(
            self.other
                .claim(self.project, self.plan, ClaimOptions::default()),
        )
    }
}

#[test]
fn r72_a_claim_whose_answer_was_lost_is_found_to_be_there() {
    let faulty = Faulty::new();
    faulty.next_write_is_hit(FaultKind::LoseAfter);
    let claim = faulty.claim().unwrap();
    assert_eq!(refused(faulty.claim_of_another()), "PLAN_CLAIMED");
    faulty.next_write_is_hit(FaultKind::LoseAfter);
    wait(claim.renew()).unwrap();
    faulty.next_write_is_hit(FaultKind::LoseAfter);
    wait(claim.release()).unwrap();
    wait(faulty.claim_of_another().unwrap().release()).unwrap();
}

#[test]
fn r72_a_claim_that_failed_holds_up_nobody() {
    for kind in [
        FaultKind::LoseBefore,
        FaultKind::FailBefore(StorageErrorKind::QuotaExceeded),
    ] {
        let faulty = Faulty::new();
        faulty.next_write_is_hit(kind);
        let error = faulty.claim().unwrap_err();
        assert!(matches!(error, EngineError::Storage(_)), "{error}");
        wait(faulty.claim_of_another().unwrap().release()).unwrap();
        wait(faulty.claim().unwrap().release()).unwrap();
    }
}

/// It may be there, and nobody can be asked.
#[test]
fn r7_r72_a_claim_of_which_nothing_can_be_known_is_told_as_unknown_and_holds_up_nobody() {
    for kind in [FaultKind::LoseBefore, FaultKind::LoseAfter] {
        let faulty = Faulty::new();
        let armed = faulty.engine.storage().faults();
        armed.arm(Fault::at(1, Among::Writes, kind).lasting());
        assert_eq!(refused(faulty.claim()), "OUTCOME_UNKNOWN");
        armed.disarm();
        wait(faulty.claim_of_another().unwrap().release()).unwrap();
        wait(faulty.claim().unwrap().release()).unwrap();
    }
}

#[test]
fn r72_a_renewal_that_failed_leaves_the_claim_as_it_was() {
    let faulty = Faulty::new();
    let claim = faulty.claim().unwrap();
    faulty.next_write_is_hit(FaultKind::FailBefore(StorageErrorKind::Blocked));
    assert_eq!(refused(wait(claim.renew())), "BLOCKED");
    assert_eq!(refused(faulty.claim_of_another()), "PLAN_CLAIMED");
    wait(claim.renew()).unwrap();
    wait(claim.release()).unwrap();
}

#[test]
fn r72_a_release_that_failed_ends_with_the_worker() {
    let faulty = Faulty::new();
    let claim = faulty.claim().unwrap();
    faulty.next_write_is_hit(FaultKind::FailBefore(StorageErrorKind::Closed));
    assert_eq!(refused(wait(claim.release())), "CLOSED");
    let left = wait(faulty.other.lease(faulty.project, faulty.plan)).unwrap();
    let left = left.expect("it could not be taken away");
    assert_eq!((left.is_alive, left.is_held), (Some(false), false));
    wait(faulty.claim_of_another().unwrap().release()).unwrap();
}
