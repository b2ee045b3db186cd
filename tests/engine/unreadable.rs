//! R7, R73, R75, R76: what is told when the journal cannot be read just then.

use crate::engine::author::{Author, rename};
use crate::engine::given::{Disk as _, Memory, engine_over, refused, request, wait};
use crate::support::fault_storage::{Among, Damage, Fault, FaultKind, FaultStorage};
use holdpoint::model::Revision;
use holdpoint::storage::StorageErrorKind;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// The answer is lost, and so is what could tell what became of the write.
#[test]
fn r7_r75_a_lost_write_whose_entry_cannot_be_read_is_told_as_unknown() {
    for damage in Damage::ALL {
        let disk = Memory::new();
        let author = Author::new(disk.engine());
        let project = author.project;
        let within = FaultStorage::new(disk.open());
        let entries = within.faults();
        let storage = FaultStorage::new(within);
        let lost = storage.faults();
        let engine = engine_over(storage);
        wait(engine.project(project)).unwrap();
        lost.arm(Fault::at(1, Among::Writes, FaultKind::LoseAfter));
        entries.arm(Fault::at(1, Among::Contents, FaultKind::Damage(damage)).lasting());
        let command = request(77, rename("other"));
        let told = wait(engine.submit(project, command.clone()));
        if damage == Damage::Reversed {
            // Of one entry that is none.
            assert!(told.is_ok());
        } else {
            assert_eq!(refused(told), "OUTCOME_UNKNOWN", "{damage:?}");
        }
        entries.disarm();
        let again = wait(engine.submit(project, command)).unwrap();
        assert_eq!(again.revision, Revision::new(2), "it was done, once");
    }
}

#[test]
fn r73_r75_a_revision_whose_entry_is_missing_is_damage_and_not_one_that_never_was() {
    let disk = Memory::new();
    let mut author = Author::new(disk.engine());
    for n in 2..=9 {
        author.done(rename(&format!("name {n}")));
    }
    let engine = engine_over(FaultStorage::new(disk.open()));
    let faults = engine.storage().faults();
    let missing = FaultKind::Damage(Damage::Missing);
    faults.arm(Fault::at(1, Among::Contents, missing).lasting());
    for revision in [1, 5, 9] {
        let told = wait(engine.state_at(author.project, Revision::new(revision)));
        assert_eq!(refused(told), "CORRUPT", "{revision}");
    }
    faults.disarm();
    let beyond = wait(engine.state_at(author.project, Revision::new(10)));
    assert_eq!(refused(beyond), "REVISION_NOT_FOUND");
    faults.arm(Fault::at(
        2,
        Among::All,
        FaultKind::FailBefore(StorageErrorKind::Closed),
    ));
    let told = wait(engine.state_at(author.project, Revision::new(5)));
    assert_eq!(refused(told), "CLOSED");
}
