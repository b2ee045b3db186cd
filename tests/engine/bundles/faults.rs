//! R7, R75: whatever fails in an import, and wherever, all of its projects are there or none is; who
//! asked is told the truth; and asking again puts them there once.

use super::given::{exported, fork, imported, rich};
use crate::engine::author::resume;
use crate::engine::given::{Disk, Memory, engine_over, wait};
use crate::engine::observe::{Observed, observe};
use crate::support::fault_storage::{Among, Fault, FaultKind, FaultStorage, Operation};
use holdpoint::engine::{EngineError, ExportScope, ImportOptions, ImportReport};
use holdpoint::model::{ErrorCode, ProjectId};
use holdpoint::storage::StorageErrorKind;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const KINDS: [FaultKind; 5] = [
    FaultKind::FailBefore(StorageErrorKind::QuotaExceeded),
    FaultKind::FailBefore(StorageErrorKind::Closed),
    FaultKind::LoseBefore,
    FaultKind::LoseAfter,
    FaultKind::FailAfter(StorageErrorKind::Closed),
];

/// More operations than the import of two projects has.
const ENDLESS: usize = 200;

/// A bundle of two projects, one of them long enough for a snapshot, and how they are in a store.
struct Given {
    bundle: Vec<u8>,
    projects: [ProjectId; 2],
    there: Vec<Observed>,
}

impl Given {
    fn new() -> Self {
        let disk = Memory::new();
        let mut author = rich(disk.engine());
        let forked = fork(&author, 7000);
        author.done(resume());
        author.outweigh();
        let projects = [author.project, forked];
        Self {
            bundle: exported(&author.engine, ExportScope::Projects(projects.to_vec()))
                .expect("it can be exported"),
            projects,
            there: Self::of(&disk, projects),
        }
    }

    fn of<D: Disk>(disk: &D, projects: [ProjectId; 2]) -> Vec<Observed> {
        projects.map(|project| observe(disk.open(), project)).into()
    }

    /// Imports it with faults, the inner one first. Says what the last of them hit.
    fn run<D: Disk>(&self, inner: Option<Fault>, outer: Option<Fault>) -> Option<Operation> {
        let disk = D::new();
        let before = Self::of(&disk, self.projects);
        let within = FaultStorage::new(disk.open());
        let inner_faults = within.faults();
        let storage = FaultStorage::new(within);
        let outer_faults = storage.faults();
        let engine = engine_over(storage);
        // Somebody listens, so that telling them can fail too.
        let _listener = wait(engine.subscribe(None)).expect("it can be read");
        for (faults, fault) in [(&inner_faults, inner), (&outer_faults, outer)] {
            if let Some(fault) = fault {
                faults.arm(fault);
            }
        }
        let told = imported(&engine, &self.bundle, ImportOptions::default());
        let fired = if inner.is_some() {
            inner_faults.fired()
        } else {
            outer_faults.fired()
        };
        assert!(outer_faults.seen(Among::All) < ENDLESS);
        inner_faults.disarm();
        outer_faults.disarm();
        let point = format!("{inner:?}, {outer:?} hit {fired:?}: told {}", said(&told));

        let now = Self::of(&disk, self.projects);
        let is_there = now == self.there;
        assert!(is_there || now == before, "{point}: both or none");
        match &told {
            Ok(report) => {
                assert!(is_there, "{point}");
                let imported = report.projects.iter().map(|one| one.project);
                assert!(imported.eq(self.projects), "{point}");
            }
            Err(error) if error.code() == ErrorCode::OutcomeUnknown => {}
            Err(error) => assert!(!is_there, "{point}: {error}"),
        }
        if matches!(fired, Some(Operation::SaveSnapshot)) {
            assert!(told.is_ok(), "{point}: a snapshot is a cache");
        }

        let again = imported(&engine, &self.bundle, ImportOptions::default());
        match again {
            Ok(_) => assert!(!is_there, "{point}: again"),
            Err(error) => {
                assert!(is_there, "{point}: again: {error}");
                assert_eq!(error.code(), ErrorCode::ProjectExists, "{point}");
            }
        }
        assert_eq!(Self::of(&disk, self.projects), self.there, "{point}: once");
        fired
    }

    fn sweep<D: Disk>(&self, kinds: &[FaultKind], among: Among) -> usize {
        let mut points = 0;
        for kind in kinds {
            for n in 1..ENDLESS {
                let fault = Fault::at(n, among, *kind);
                if self.run::<D>(None, Some(fault)).is_none() {
                    break;
                }
                points += 1;
            }
        }
        points
    }
}

fn said(told: &Result<ImportReport, EngineError>) -> String {
    match told {
        Ok(_) => "that it is there".to_owned(),
        Err(error) => format!("{}: {error}", error.code()),
    }
}

#[test]
fn r7_r74_a_fault_at_any_operation_of_an_import_leaves_all_or_nothing() {
    let points = Given::new().sweep::<Memory>(&KINDS, Among::All);
    assert!(points > 30, "{points}");
}

#[cfg(feature = "sqlite")]
#[test]
fn r7_r74_a_fault_at_any_write_of_an_import_to_sqlite_leaves_all_or_nothing() {
    use crate::engine::given::Sqlite;

    let points = Given::new().sweep::<Sqlite>(&KINDS, Among::Writes);
    assert!(points >= KINDS.len(), "{points}");
}

/// The append's answer is lost, and a little later something else fails.
#[test]
fn r7_r74_a_second_fault_after_an_append_with_unknown_outcome_makes_nobody_lie() {
    let given = Given::new();
    for lost in [FaultKind::LoseBefore, FaultKind::LoseAfter] {
        let outer = Some(Fault::at(1, Among::Writes, lost));
        for then in [
            FaultKind::FailBefore(StorageErrorKind::Closed),
            FaultKind::LoseAfter,
        ] {
            for n in 1..ENDLESS {
                let inner = Some(Fault::at(n, Among::All, then));
                if given.run::<Memory>(inner, outer).is_none() {
                    break;
                }
            }
        }
    }
}

/// Three times in a row nobody says what became of the append.
#[test]
fn r7_r74_an_append_that_is_lost_three_times_is_told_as_unknown() {
    let given = Given::new();
    let disk = Memory::new();
    let one = FaultStorage::new(disk.open());
    let first = one.faults();
    let two = FaultStorage::new(one);
    let second = two.faults();
    let three = FaultStorage::new(two);
    let third = three.faults();
    let engine = engine_over(three);
    for faults in [&first, &second, &third] {
        faults.arm(Fault::at(1, Among::Writes, FaultKind::LoseBefore));
    }
    let told = imported(&engine, &given.bundle, ImportOptions::default());
    assert_eq!(
        told.map_err(|error| error.code()),
        Err(ErrorCode::OutcomeUnknown)
    );
    assert_eq!(wait(engine.journals(None, 9)), Ok(vec![]));
    let again = imported(&engine, &given.bundle, ImportOptions::default());
    assert!(again.is_ok());
    assert_eq!(Given::of(&disk, given.projects), given.there);
}
