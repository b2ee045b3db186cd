//! R73, R75: damage is found, named by its revision, and never makes anything panic. Entries and
//! rows; snapshots have a file of their own.

use super::author::{Author, rename};
use super::given::{Disk, Memory, engine_over, request, wait};
use super::observe::observe;
use crate::support::fault_storage::{Among, Fault, FaultKind, FaultStorage};
use holdpoint::engine::{Engine, EngineError, FindingKind};
use holdpoint::journal::Sealed;
use holdpoint::machine::InitialStatus;
use holdpoint::model::{Digest, ErrorCode, ProjectId, Revision};
use holdpoint::storage::{MemoryStorage, RowChanges, Storage, StorageErrorKind};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

on_every_disk![
    r73_altered_rows_are_found_and_mended_by_a_reindex,
    r73_rows_of_what_is_not_there_are_found_and_mended_by_a_reindex,
    r73_missing_rows_are_found_and_mended_by_a_reindex,
];

/// How many operations reading a damaged project may take. More: it goes round in circles.
const ENDLESS: usize = 3000;

/// A new engine on a damaged disk. What goes round in circles there ends with an error.
pub(crate) fn bounded(disk: &Memory) -> Engine<FaultStorage<MemoryStorage>> {
    let storage = FaultStorage::new(disk.open());
    let faults = storage.faults();
    let engine = engine_over(storage);
    let kind = FaultKind::FailBefore(StorageErrorKind::Unavailable);
    faults.arm(Fault::at(ENDLESS, Among::All, kind));
    engine
}

/// What is done to the entries of a project, and where the first bad one is then.
struct Damage {
    name: &'static str,
    first_bad: u64,
    kind: FindingKind,
    make: fn(&mut Vec<Sealed>, &[Sealed]),
}

fn altered(entry: &mut Sealed, from: &str, to: &str) {
    assert!(entry.text.contains(from), "{}", entry.text);
    entry.text = entry.text.replacen(from, to, 1).into();
}

const fn at_entry(
    name: &'static str,
    first_bad: u64,
    make: fn(&mut Vec<Sealed>, &[Sealed]),
) -> Damage {
    Damage {
        name,
        first_bad,
        kind: FindingKind::Entry,
        make,
    }
}

const fn at_head(name: &'static str, make: fn(&mut Vec<Sealed>, &[Sealed])) -> Damage {
    Damage {
        name,
        first_bad: 10,
        kind: FindingKind::Head,
        make,
    }
}

/// Ten entries: a creation, and nine renamings.
const DAMAGES: &[Damage] = &[
    at_entry("a letter of a text", 5, |entries, _| {
        altered(&mut entries[4], "name 5", "name 6");
    }),
    at_entry("a letter of the first", 1, |entries, _| {
        altered(&mut entries[0], "made", "mad_");
    }),
    at_entry("a letter of the last", 10, |entries, _| {
        altered(&mut entries[9], "name 10", "name 11");
    }),
    at_entry("a text cut short", 5, |entries, _| {
        let text = entries[4].text.clone();
        entries[4].text = text[..text.len() / 2].into();
    }),
    at_entry("an empty text", 5, |entries, _| entries[4].text = "".into()),
    at_entry("a space more", 5, |entries, _| {
        entries[4].text = format!("{} ", entries[4].text).into();
    }),
    at_entry("a digest replaced", 5, |entries, _| {
        entries[4].digest = Digest::of(b"other");
    }),
    at_entry("the last digest replaced", 10, |entries, _| {
        entries[9].digest = Digest::of(b"other");
    }),
    at_entry("the digest before replaced", 5, |entries, _| {
        entries[4].prev = Digest::of(b"other");
    }),
    at_entry("the first one's digest before", 1, |entries, _| {
        entries[0].prev = Digest::of(b"other");
    }),
    at_entry("a revision replaced", 5, |entries, _| {
        entries[4].revision = Revision::new(50);
    }),
    at_entry("the command's id replaced", 5, |entries, others| {
        entries[4].command = others[4].command;
    }),
    at_entry("one removed in the middle", 5, |entries, _| {
        entries.remove(4);
    }),
    at_entry("the first one cut", 1, |entries, _| {
        entries.remove(0);
    }),
    at_entry("two swapped", 5, |entries, _| entries.swap(4, 5)),
    at_entry("two that changed texts", 5, |entries, _| {
        let text = entries[4].text.clone();
        entries[4].text = entries[5].text.clone();
        entries[5].text = text;
    }),
    at_entry("one of another project", 5, |entries, others| {
        entries[4] = others[4].clone();
    }),
    at_head("all of another project", |entries, others| {
        *entries = others.to_vec();
    }),
    at_entry("one twice", 6, |entries, _| {
        let twice = entries[4].clone();
        entries.insert(5, twice);
    }),
    at_head("the last cut off", |entries, _| {
        entries.pop();
    }),
    at_head("the last three cut off", |entries, _| entries.truncate(7)),
    at_head("all gone", |entries, _| entries.clear()),
];

/// A project with ten entries.
fn ten(disk: &Memory, first: u64) -> ProjectId {
    let mut author = Author::numbered(disk.engine(), first, InitialStatus::Active);
    for n in 2..=10 {
        author.done(rename(&format!("name {n}")));
    }
    author.project
}

#[test]
fn r73_r75_every_kind_of_damage_to_entries_is_found_and_named_by_its_revision() {
    let wrong: Vec<_> = DAMAGES
        .iter()
        .filter_map(|damage| damage.check().err())
        .collect();
    println!("{} kinds of damage", DAMAGES.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

impl Damage {
    fn check(&self) -> Result<(), String> {
        let disk = Memory::new();
        let (project, other) = (ten(&disk, 1), ten(&disk, 1000));
        let others = super::observe::entries(&disk.open(), other);
        let untouched = observe(disk.open(), other);
        assert!(
            disk.0
                .damage_entries(project, |entries| (self.make)(entries, &others))
        );
        let bad = Revision::new(self.first_bad);

        let found = wait(bounded(&disk).verify(project)).map(|report| report.findings);
        match found.as_deref() {
            Ok([first, ..]) if (first.kind, first.revision) == (self.kind, Some(bad)) => {}
            other => return Err(format!("{}: verify: {other:?}", self.name)),
        }
        let is_told = |told: &Result<(), EngineError>| match told {
            Err(EngineError::Journal { error, .. }) => {
                error.code() == ErrorCode::Corrupt && error.revision() == bad
            }
            _ => false,
        };
        let rename = request(900, rename("on top of damage"));
        let told = [
            ("project", wait(bounded(&disk).project(project)).map(|_| ())),
            (
                "submit",
                wait(bounded(&disk).submit(project, rename)).map(|_| ()),
            ),
            ("reindex", wait(bounded(&disk).reindex(project)).map(|_| ())),
        ];
        for (call, told) in told {
            if !is_told(&told) {
                return Err(format!("{}: {call}: {told:?}", self.name));
            }
        }
        let engine = bounded(&disk);
        let _whatever_can_be_read = wait(engine.history(project, Revision::ZERO, 100));
        let _whatever_can_be_read = wait(engine.state_at(project, Revision::new(3)));
        assert_eq!(
            observe(disk.open(), other),
            untouched,
            "another project is as it was"
        );
        let goes_on = wait(engine.submit(other, request(901, super::author::rename("goes on"))));
        goes_on
            .map(|_| ())
            .map_err(|error| format!("{}: another project: {error}", self.name))
    }
}

#[test]
fn r73_what_lies_before_the_damage_can_still_be_read() {
    let disk = Memory::new();
    let project = ten(&disk, 1);
    disk.0.damage_entries(project, |entries| {
        altered(&mut entries[6], "name 7", "name 8");
    });
    let engine = bounded(&disk);
    let then = wait(engine.state_at(project, Revision::new(6))).unwrap();
    assert_eq!(then.name.as_str(), "name 6");
    let told = wait(engine.state_at(project, Revision::new(7)));
    assert_eq!(super::given::refused(told), "CORRUPT");
}

/// R75: once the cause is gone, the same object works again.
#[test]
fn r75_damage_that_is_mended_is_forgotten() {
    let disk = Memory::new();
    let project = ten(&disk, 1);
    let mut sound = Vec::new();
    disk.0.damage_entries(project, |entries| {
        sound.clone_from(entries);
        entries.remove(4);
    });
    let engine = disk.engine();
    assert!(wait(engine.project(project)).is_err());
    disk.0
        .damage_entries(project, |entries| entries.clone_from(&sound));
    assert_eq!(
        wait(engine.project(project)).unwrap().name.as_str(),
        "name 10"
    );
    assert!(wait(engine.submit(project, request(900, rename("goes on")))).is_ok());
    assert!(wait(engine.verify(project)).unwrap().is_clean());
}

/// R7: the delete of a damaged project, whose answer is lost, is not told as something that was
/// not done.
#[test]
fn r7_a_delete_of_a_damaged_project_with_a_lost_answer_makes_nobody_lie() {
    let disk = Memory::new();
    let project = ten(&disk, 1);
    disk.0.damage_entries(project, |entries| {
        entries.remove(4);
    });
    let storage = FaultStorage::new(disk.open());
    let faults = storage.faults();
    let engine = engine_over(storage);
    faults.arm(Fault::at(1, Among::Writes, FaultKind::LoseAfter));
    let delete = request(900, holdpoint::machine::Command::DeleteProject);
    let told = wait(engine.submit(project, delete)).map_err(|error| error.code());
    let is_gone = wait(disk.open().head(project)).unwrap().is_none();
    match told {
        Ok(_) => assert!(is_gone),
        Err(ErrorCode::OutcomeUnknown) => {}
        Err(code) => assert!(!is_gone, "told {code}, and it is gone"),
    }
}

/// Writes rows that aren't those of the state.
fn rows_mended<D: Disk>(alter: impl FnOnce(&mut RowChanges)) {
    let disk = D::new();
    let mut author = Author::new(disk.engine());
    author.furnish();
    let project = author.project;
    let sound = observe(disk.open(), project);
    let mut rows = RowChanges::all(&author.state());
    alter(&mut rows);
    let storage = disk.open();
    wait(storage.write_rows(project, sound.head.unwrap(), rows)).unwrap();

    let engine = disk.engine();
    let report = wait(engine.verify(project)).unwrap();
    assert!(!report.is_clean());
    assert!(
        report
            .findings
            .iter()
            .all(|finding| finding.kind == FindingKind::Row),
        "{report:?}"
    );
    let mended = wait(engine.reindex(project)).unwrap();
    assert_eq!(mended.revision, sound.head.unwrap().revision);
    assert_eq!(mended.rows, sound.rows.len() as u64);
    assert_eq!(observe(disk.open(), project), sound);
}

fn r73_altered_rows_are_found_and_mended_by_a_reindex<D: Disk>() {
    rows_mended::<D>(|rows| {
        rows.project.tokens += 1;
        rows.plans[0].last_completed_step = 2;
        rows.checkpoints[0].pinned = true;
    });
}

fn r73_rows_of_what_is_not_there_are_found_and_mended_by_a_reindex<D: Disk>() {
    rows_mended::<D>(|rows| {
        let mut plan = rows.plans[0].clone();
        plan.plan = holdpoint::model::PlanId::from_parts(1, 1);
        plan.number = 77;
        rows.plans.push(plan);
    });
}

fn r73_missing_rows_are_found_and_mended_by_a_reindex<D: Disk>() {
    rows_mended::<D>(|rows| {
        rows.plans.pop();
        rows.checkpoints.clear();
    });
}
