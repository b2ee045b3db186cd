//! R7, R45, R75, R76: whatever fails, and wherever, the project is as it was before or as it is
//! after; who asked is told the truth; and asking again does it once.

use super::cases::{Case, accepted, without_an_entry};
use super::given::{Disk, Memory, engine_over, wait};
use super::observe::{Observed, observe, state};
use crate::support::fault_storage::{Among, Fault, FaultKind, FaultStorage, Operation};
use holdpoint::engine::{EngineError, Receipt};
use holdpoint::machine::CommandKind;
use holdpoint::model::ErrorCode;
use holdpoint::storage::{Storage, StorageErrorKind};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// In a browser one of each sort: a build for tests is slow there, and where the fault comes from
/// makes no difference to it.
#[cfg(target_family = "wasm")]
const KINDS: [FaultKind; 3] = [
    FaultKind::FailBefore(StorageErrorKind::Unavailable),
    FaultKind::LoseBefore,
    FaultKind::LoseAfter,
];

#[cfg(not(target_family = "wasm"))]
const KINDS: [FaultKind; 9] = [
    FaultKind::FailBefore(StorageErrorKind::Closed),
    FaultKind::FailBefore(StorageErrorKind::Blocked),
    FaultKind::FailBefore(StorageErrorKind::QuotaExceeded),
    FaultKind::FailBefore(StorageErrorKind::TooNew),
    FaultKind::FailBefore(StorageErrorKind::Corrupt),
    FaultKind::FailBefore(StorageErrorKind::Unavailable),
    FaultKind::LoseBefore,
    FaultKind::LoseAfter,
    FaultKind::FailAfter(StorageErrorKind::Closed),
];

/// More operations than any command has. What goes on for longer goes on for ever.
const ENDLESS: usize = 200;

/// What a case comes to when nothing fails.
struct Undisturbed {
    before: Observed,
    told: Result<Receipt, EngineError>,
    after: Observed,
}

impl Undisturbed {
    fn run<D: Disk>(case: &Case) -> Self {
        let disk = D::new();
        case.prepare(&disk.open());
        let before = observe(disk.open(), case.project);
        let told = wait(disk.engine().submit(case.project, case.request.clone()));
        let after = observe(disk.open(), case.project);
        Self {
            before,
            told,
            after,
        }
    }
}

/// Whether the engine knows the project already when the command comes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Memories {
    None,
    Fresh,
}

/// Runs a case with faults armed, and checks all that has to be true afterwards. Says which
/// operation was hit by the last of them.
fn run<D: Disk>(
    case: &Case,
    expected: &Undisturbed,
    memories: Memories,
    inner: Option<Fault>,
    outer: Option<Fault>,
) -> Option<Operation> {
    let disk = D::new();
    case.prepare(&disk.open());
    let within = FaultStorage::new(disk.open());
    let inner_faults = within.faults();
    let storage = FaultStorage::new(within);
    let outer_faults = storage.faults();
    let engine = engine_over(storage);
    if memories == Memories::Fresh {
        let _none_before_it_is_created = wait(engine.project(case.project));
    }
    if let Some(fault) = inner {
        inner_faults.arm(fault);
    }
    if let Some(fault) = outer {
        outer_faults.arm(fault);
    }
    let told = wait(engine.submit(case.project, case.request.clone()));
    let fired = if inner.is_some() {
        inner_faults.fired()
    } else {
        outer_faults.fired()
    };
    assert!(outer_faults.seen(Among::All) < ENDLESS);
    inner_faults.disarm();
    outer_faults.disarm();
    let point = format!(
        "{}, {memories:?}, {inner:?}, {outer:?} hit {fired:?}",
        case.name
    );

    let observed = observe(disk.open(), case.project);
    let (is_before, is_after) = (observed == expected.before, observed == expected.after);
    assert!(
        is_before || is_after,
        "{point}: before or after, never another: {observed:?}"
    );
    match &told {
        told if *told == expected.told => assert!(is_after, "{point}: told {told:?}"),
        Ok(receipt) => panic!("{point}: another receipt: {receipt:?}"),
        Err(error) if error.code() == ErrorCode::OutcomeUnknown => {}
        Err(error) => assert!(is_before, "{point}: told that it was not done: {error}"),
    }
    if let (Err(error), Some(hit), Some(fault), None) = (&told, fired, outer, inner)
        && told != expected.told
    {
        assert_eq!(error.code(), code(fault.kind, hit), "{point}: R75, {error}");
    }
    if fired == Some(Operation::SaveSnapshot) {
        assert_eq!(told, expected.told, "{point}: a snapshot is a cache");
    }

    let known = state(&engine, case.project);
    assert_eq!(known, observed.state, "{point}: memory is as the storage");
    let again = wait(engine.submit(case.project, case.request.clone()));
    assert_eq!(again, expected.told, "{point}: asked again");
    let by_another = disk.engine();
    let asked = wait(by_another.submit(case.project, case.request.clone()));
    assert_eq!(
        asked, expected.told,
        "{point}: asked again through another engine"
    );
    let observed = observe(disk.open(), case.project);
    assert_eq!(observed, expected.after, "{point}: applied exactly once");
    assert_eq!(
        state(&engine, case.project),
        expected.after.state,
        "{point}"
    );
    fired
}

/// What the caller sees of a fault that nothing could be done about.
fn code(kind: FaultKind, hit: Operation) -> ErrorCode {
    match kind {
        FaultKind::FailBefore(kind) => kind.code(),
        _ if hit.writes() => ErrorCode::OutcomeUnknown,
        _ => ErrorCode::Closed,
    }
}

fn sweep<D: Disk>(cases: &[Case], kinds: &[FaultKind], among: Among) -> usize {
    let mut points = 0;
    for case in cases {
        let expected = Undisturbed::run::<D>(case);
        for (kind, memories) in kinds
            .iter()
            .flat_map(|kind| [Memories::None, Memories::Fresh].map(|memories| (*kind, memories)))
        {
            for n in 1..ENDLESS {
                let fault = Fault::at(n, among, kind);
                if run::<D>(case, &expected, memories, None, Some(fault)).is_none() {
                    break;
                }
                points += 1;
            }
        }
    }
    points
}

#[test]
fn every_kind_of_command_is_tried() {
    let tried: BTreeSet<_> = accepted()
        .iter()
        .map(|case| case.request.command.kind())
        .collect();
    let all: BTreeSet<_> = CommandKind::ALL.iter().copied().collect();
    assert_eq!(tried, all);
}

#[test]
fn r7_r76_a_fault_at_any_operation_leaves_before_or_after_and_asking_again_does_it_once() {
    let points = sweep::<Memory>(&accepted(), &KINDS, Among::All);
    println!("{points} points");
}

#[test]
fn r7_a_fault_changes_nothing_for_commands_that_have_nothing_to_do_or_are_refused() {
    let points = sweep::<Memory>(&without_an_entry(), &KINDS, Among::All);
    println!("{points} points");
}

#[cfg(feature = "sqlite")]
#[test]
fn r7_r76_a_fault_at_any_write_to_sqlite_leaves_before_or_after() {
    use super::given::Sqlite;
    let kinds = [
        FaultKind::FailBefore(StorageErrorKind::QuotaExceeded),
        FaultKind::LoseBefore,
        FaultKind::LoseAfter,
    ];
    let points = sweep::<Sqlite>(&accepted(), &kinds, Among::Writes);
    println!("{points} points");
}

/// The connection is lost at a write, and a little later something else fails.
#[test]
fn r7_r76_a_second_fault_after_a_write_with_unknown_outcome_makes_nobody_lie() {
    let (mut points, mut wrong) = (0, Vec::new());
    for case in accepted() {
        let expected = Undisturbed::run::<Memory>(&case);
        let lost = [FaultKind::LoseBefore, FaultKind::LoseAfter];
        let then = [
            FaultKind::FailBefore(StorageErrorKind::Closed),
            FaultKind::LoseAfter,
        ];
        for (lost, then) in lost
            .into_iter()
            .flat_map(|lost| then.map(|then| (lost, then)))
        {
            let outer = Some(Fault::at(1, Among::Writes, lost));
            for n in 1..ENDLESS {
                let inner = Some(Fault::at(n, Among::All, then));
                let point = || run::<Memory>(&case, &expected, Memories::Fresh, inner, outer);
                match catch_unwind(AssertUnwindSafe(point)) {
                    Ok(Some(_)) => points += 1,
                    Ok(None) => break,
                    Err(_) => wrong.push(format!("{}: {lost:?}, then {then:?} at {n}", case.name)),
                }
            }
        }
    }
    println!("{points} points");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// R7: a storage that never says what became of a write gets its tries, and then the caller hears.
#[test]
fn r7_three_lost_appends_in_a_row_are_told_as_unknown() {
    let case = accepted().swap_remove(4);
    let expected = Undisturbed::run::<Memory>(&case);
    let disk = Memory::new();
    case.prepare(&disk.open());
    let lose = || Fault::at(1, Among::Writes, FaultKind::LoseBefore);
    let one = FaultStorage::new(disk.open());
    let first = one.faults();
    let two = FaultStorage::new(one);
    let second = two.faults();
    let three = FaultStorage::new(two);
    let third = three.faults();
    let engine = engine_over(three);
    for faults in [&first, &second, &third] {
        faults.arm(lose());
    }
    let told = wait(engine.submit(case.project, case.request.clone()));
    assert_eq!(
        told.map_err(|error| error.code()),
        Err(ErrorCode::OutcomeUnknown)
    );
    assert_eq!(observe(disk.open(), case.project), expected.before);
    let again = wait(engine.submit(case.project, case.request.clone()));
    assert_eq!(again, expected.told);
    assert_eq!(observe(disk.open(), case.project), expected.after);
    assert!(wait(engine.storage().head(case.project)).is_ok());
}
