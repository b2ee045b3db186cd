//! R7, R45, R75, R76: whatever fails, and wherever, the project is as it was before or as it is
//! after; who asked is told the truth; and asking again does it once.

mod kinds;
#[cfg(not(target_family = "wasm"))] // where a test may wait for others
mod overlapping;
mod point;
#[cfg(not(target_family = "wasm"))]
mod queries;

use super::cases::{Case, accepted, without_an_entry};
use super::given::{Disk, Memory, engine_over, wait};
use super::observe::observe;
#[cfg(not(target_family = "wasm"))]
use crate::support::fault_storage::Damage;
use crate::support::fault_storage::{Among, Fault, FaultKind, FaultStorage};
use crate::support::say;
use holdpoint::machine::CommandKind;
use holdpoint::model::ErrorCode;
use holdpoint::storage::{Storage, StorageErrorKind};
use kinds::{KINDS, Kind};
use point::{ENDLESS, Memories, Undisturbed, run};
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Whether the long form was asked for, by `HOLDPOINT_FAULTS=all`: the full product, on every disk.
fn is_long() -> bool {
    std::env::var_os("HOLDPOINT_FAULTS").is_some_and(|extent| extent == "all")
}

/// Tries every kind of fault at every operation of every case, and says how many points that was.
/// In the long form the engine has the project in memory, and hasn't; else by turns.
fn sweep<D: Disk>(cases: &[Case], kinds: &[Kind]) -> usize {
    let mut points = 0;
    for (case, turn) in cases.iter().zip(0..) {
        let expected = Undisturbed::run::<D>(case);
        for (kind, memories) in kinds
            .iter()
            .zip(turn..)
            .flat_map(|(kind, turn)| Memories::by_turns(turn).map(move |memories| (kind, memories)))
        {
            for n in 1..ENDLESS {
                let fault = Some(kind.at(n));
                if run::<D>(case, &expected, memories, None, fault).is_none() {
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
    let cases = accepted();
    let points = sweep::<Memory>(&cases, &KINDS);
    said("on memory", points, &cases, &KINDS);
}

#[test]
fn r7_a_fault_changes_nothing_for_commands_that_have_nothing_to_do_or_are_refused() {
    let cases = without_an_entry();
    let points = sweep::<Memory>(&cases, &KINDS);
    said("with nothing to write, on memory", points, &cases, &KINDS);
}

#[cfg(feature = "sqlite")]
#[test]
fn r7_r76_a_fault_at_any_write_to_sqlite_leaves_before_or_after() {
    use super::given::Sqlite;

    let cases = accepted();
    if is_long() {
        let points = sweep::<Sqlite>(&cases, &KINDS);
        said("on SQLite", points, &cases, &KINDS);
        return;
    }
    let kinds = [
        Kind::once(FaultKind::FailBefore(StorageErrorKind::QuotaExceeded)).of_writes(),
        Kind::once(FaultKind::LoseBefore).of_writes(),
        Kind::once(FaultKind::LoseAfter).of_writes(),
    ];
    let points = sweep::<Sqlite>(&cases, &kinds);
    said("at writes only, on SQLite", points, &cases, &kinds);
}

/// The connection is lost at a write, and a little later something else fails.
#[test]
fn r7_r76_a_second_fault_after_a_write_with_unknown_outcome_makes_nobody_lie() {
    let (mut points, mut wrong) = (0, Vec::new());
    let cases = accepted();
    let then = second_kinds();
    for case in &cases {
        let expected = Undisturbed::run::<Memory>(case);
        let lost = [FaultKind::LoseBefore, FaultKind::LoseAfter];
        for (lost, then) in lost
            .into_iter()
            .flat_map(|lost| then.iter().map(move |then| (lost, then)))
        {
            let outer = Some(Fault::at(1, Among::Writes, lost));
            for n in 1..ENDLESS {
                let inner = Some(then.at(n));
                let point = || run::<Memory>(case, &expected, Memories::Fresh, inner, outer);
                match catch_unwind(AssertUnwindSafe(point)) {
                    Ok(Some(_)) => points += 1,
                    Ok(None) => break,
                    Err(_) => wrong.push(format!("{}: {lost:?}, then {then:?} at {n}", case.name)),
                }
            }
        }
    }
    said("after a lost write, on memory", points, &cases, &then);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[cfg(target_family = "wasm")]
fn second_kinds() -> Vec<Kind> {
    vec![
        Kind::once(FaultKind::FailBefore(StorageErrorKind::Closed)),
        Kind::once(FaultKind::LoseAfter),
    ]
}

#[cfg(not(target_family = "wasm"))]
fn second_kinds() -> Vec<Kind> {
    if is_long() {
        return KINDS.to_vec();
    }
    vec![
        Kind::once(FaultKind::FailBefore(StorageErrorKind::Closed)),
        Kind::once(FaultKind::LoseAfter),
        Kind::once(FaultKind::Damage(Damage::Altered)),
    ]
}

/// Says what was tried of overlapping calls.
#[cfg(not(target_family = "wasm"))]
fn said_of(what: &str, points: usize, cases: &[Case], on: &str) {
    let projects = cases.len();
    say(&format!(
        "faults: {points} points tried, {what} at each operation of commands in {projects} \
         projects, on {on}"
    ));
}

/// Says what was tried: a figure that `make prove` shows.
fn said(which: &str, points: usize, cases: &[Case], kinds: &[Kind]) {
    let commands: BTreeSet<_> = cases
        .iter()
        .map(|case| case.request.command.kind())
        .collect();
    say(&format!(
        "faults: {points} points tried, {} commands in {} projects × {} kinds of fault at each \
         operation, {which}",
        commands.len(),
        cases.len(),
        kinds.len(),
    ));
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
