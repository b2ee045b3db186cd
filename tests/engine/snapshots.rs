//! R73, R75: a snapshot is a cache. A bad one is skipped, found by `verify`, and costs nothing but
//! time.

use super::author::{Author, rename};
use super::damage::bounded;
use super::given::{Disk, Memory, request, wait};
use super::observe::{entries, observe};
use holdpoint::engine::FindingKind;
use holdpoint::journal::{Head, Snapshot};
use holdpoint::model::{Digest, Hasher, Project, ProjectId, Revision};
use holdpoint::storage::{MemoryStorage, Storage};
use std::sync::Arc;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A project with three snapshots and entries after the last.
fn three_snapshots(disk: &Memory) -> Author<MemoryStorage> {
    let mut author = Author::new(disk.engine());
    author.furnish();
    for n in 0..3 {
        author.outweigh();
        author.done(rename(&format!("after heavy plan {n}")));
    }
    let report = wait(author.engine.verify(author.project)).unwrap();
    assert!(report.is_clean() && report.snapshots >= 2, "{report:?}");
    author
}

/// The digest that a snapshot of this text has.
fn digest(text: &str) -> Digest {
    Hasher::tagged("holdpoint/snapshot/1")
        .update(text.as_bytes())
        .finish()
}

fn resealed(snapshot: &mut Snapshot, text: String) {
    snapshot.digest = digest(&text);
    snapshot.text = text.into();
}

/// Every reading comes to what it came to before; `verify` finds snapshots and nothing else.
#[track_caller]
fn is_skipped(name: &str, disk: &Memory, project: ProjectId, known: &[Arc<Project>]) {
    let newest = known.last().unwrap();
    let engine = bounded(disk);
    assert_eq!(
        wait(engine.project(project)).expect(name),
        *newest,
        "{name}"
    );
    for state in known {
        let then = wait(bounded(disk).state_at(project, state.revision)).expect(name);
        assert_eq!(then, *state, "{name}");
    }
    let report = wait(bounded(disk).verify(project)).expect(name);
    assert!(!report.is_clean(), "{name}");
    let is_one = |kind| kind == FindingKind::Snapshot;
    assert!(
        report.findings.iter().all(|finding| is_one(finding.kind)),
        "{name}: {report:?}"
    );
    let next = wait(engine.submit(project, request(900, rename("goes on")))).expect(name);
    assert_eq!(next.revision, newest.revision.next(), "{name}");
}

fn states(author: &Author<MemoryStorage>) -> Vec<Arc<Project>> {
    (1..=author.state().revision.get())
        .map(|n| wait(author.engine.state_at(author.project, Revision::new(n))).unwrap())
        .collect()
}

/// What is done to a snapshot.
type Damage = fn(&mut Snapshot);

#[test]
fn r73_r75_bad_snapshots_are_skipped_and_found() {
    let damages: [(&str, Damage); 7] = [
        ("a letter altered", |snapshot| {
            snapshot.text = snapshot.text.replacen("step 3", "step 4", 1).into();
        }),
        ("cut short", |snapshot| {
            snapshot.text = snapshot.text[..1000].into();
        }),
        ("empty", |snapshot| snapshot.text = "".into()),
        ("of another version", |snapshot| {
            let text = snapshot.text.replacen("\"v\":2", "\"v\":3", 1);
            resealed(snapshot, text);
        }),
        ("with a field more", |snapshot| {
            let text = snapshot.text.replacen("{\"v\":2", "{\"new\":0,\"v\":2", 1);
            resealed(snapshot, text);
        }),
        ("no JSON, with its own digest", |snapshot| {
            resealed(snapshot, "nonsense".to_owned());
        }),
        ("of another journal", |snapshot| {
            let own = format!("\"revision\":{},\"digest\":\"", snapshot.revision);
            let at = snapshot.text.find(&own).expect("it names its head") + own.len();
            let mut text = snapshot.text.to_string();
            text.replace_range(at..at + 64, &Digest::of(b"other").to_string());
            resealed(snapshot, text);
        }),
    ];
    for (name, damage) in damages {
        let disk = Memory::new();
        let author = three_snapshots(&disk);
        let known = states(&author);
        assert!(disk.0.damage_snapshots(author.project, damage));
        is_skipped(name, &disk, author.project, &known);
    }
}

/// It says nothing that the entries don't, in a way that isn't read any more.
#[test]
fn r77_a_snapshot_of_an_earlier_version_is_passed_over_and_is_no_damage() {
    let disk = Memory::new();
    let author = three_snapshots(&disk);
    let known = author.state();
    assert!(disk.0.damage_snapshots(author.project, |snapshot| {
        let text = snapshot.text.replacen("\"v\":2", "\"v\":1", 1);
        resealed(snapshot, text.replacen("\"sizes\":", "\"measures\":", 1));
    }));
    let engine = bounded(&disk);
    assert_eq!(wait(engine.project(author.project)).unwrap(), known);
    let report = wait(engine.verify(author.project)).unwrap();
    assert!(report.is_clean() && report.snapshots == 0, "{report:?}");
    wait(engine.reindex(author.project)).unwrap();
    let report = wait(engine.verify(author.project)).unwrap();
    assert!(report.is_clean() && report.snapshots >= 3, "{report:?}");
    // Altered, it is damage, whatever it says of itself.
    assert!(disk.0.damage_snapshots(author.project, |snapshot| {
        snapshot.text = snapshot.text.replacen("\"v\":2", "\"v\":1", 1).into();
    }));
    let report = wait(bounded(&disk).verify(author.project)).unwrap();
    assert!(!report.is_clean());
}

/// A snapshot that says that it is of a later revision than the one it is kept under.
#[test]
fn r75_a_snapshot_under_another_revision_than_its_own_does_not_go_round_in_circles() {
    for revision in [0, 3, 1000] {
        let disk = Memory::new();
        let author = three_snapshots(&disk);
        let known = author.state();
        disk.0.damage_snapshots(author.project, |snapshot| {
            snapshot.revision = Revision::new(revision);
        });
        let loaded = wait(bounded(&disk).project(author.project));
        assert!(
            loaded.as_ref() == Ok(&known),
            "under revision {revision}: {:?}",
            loaded.err()
        );
        let report = wait(bounded(&disk).verify(author.project));
        assert!(report.is_ok(), "under revision {revision}: {report:?}");
    }
}

/// A snapshot of revision 0 is of no revision.
#[test]
fn r75_a_snapshot_of_revision_zero_does_not_go_round_in_circles() {
    let disk = Memory::new();
    let mut author = Author::new(disk.engine());
    author.furnish();
    let (project, known) = (author.project, author.state());
    let text = "nonsense";
    let snapshot = Snapshot {
        revision: Revision::ZERO,
        digest: digest(text),
        text: text.into(),
    };
    wait(disk.open().save_snapshot(project, snapshot)).unwrap();
    let loaded = wait(bounded(&disk).project(project));
    assert!(loaded == Ok(known), "{:?}", loaded.err());
    let then = wait(bounded(&disk).state_at(project, Revision::FIRST));
    assert_eq!(then.map(|state| state.revision), Ok(Revision::FIRST));
    let report = wait(bounded(&disk).verify(project));
    assert!(report.is_ok(), "{report:?}");
}

/// The digest of a snapshot has no key: one can be made that is whole and wrong. A load believes
/// it; `verify` doesn't.
#[test]
fn r73_a_snapshot_that_is_whole_and_wrong_is_found() {
    let disk = Memory::new();
    let author = three_snapshots(&disk);
    let project = author.project;
    disk.0.damage_snapshots(project, |snapshot| {
        let text = snapshot.text.replacen("step 3", "step 4", 1);
        resealed(snapshot, text);
    });
    let report = wait(bounded(&disk).verify(project)).unwrap();
    assert!(!report.is_clean());
    assert!(
        report
            .findings
            .iter()
            .all(|finding| finding.kind == FindingKind::Snapshot)
    );
    assert_eq!(report.findings.len() as u64, report.snapshots);
    let newest = author.state();
    wait(disk.engine().reindex(project)).unwrap();
    assert_eq!(
        wait(disk.engine().project(project)).unwrap(),
        newest,
        "mended where work goes on"
    );
}

#[test]
fn r75_a_snapshot_ahead_of_the_head_is_not_used() {
    let disk = Memory::new();
    let mut author = Author::new(disk.engine());
    author.furnish();
    let (project, known) = (author.project, author.state());
    let sound = observe(disk.open(), project);
    let mut ahead = (*known).clone();
    ahead.revision = Revision::new(known.revision.get() + 5);
    ahead.name = super::author::name("what never was");
    let head = Head {
        revision: ahead.revision,
        digest: Digest::of(b"no entry's"),
    };
    let snapshot = Snapshot::take(&ahead, head).unwrap();
    wait(disk.open().save_snapshot(project, snapshot)).unwrap();
    assert_eq!(wait(bounded(&disk).project(project)).unwrap(), known);
    assert_eq!(observe(disk.open(), project), sound);
    // Nor when the journal gets there.
    for n in 0..6 {
        author.done(rename(&format!("{n}")));
        let state = wait(bounded(&disk).project(project)).unwrap();
        assert_eq!(
            state,
            author.state(),
            "after {} entries",
            entries(&disk.open(), project).len()
        );
    }
    let report = wait(bounded(&disk).verify(project)).unwrap();
    assert_eq!(report.findings.len(), 1, "{report:?}");
    assert_eq!(report.findings[0].kind, FindingKind::Snapshot);
    assert_eq!(report.findings[0].revision, Some(ahead.revision));
}

/// R73: a tail that was cut is found, snapshot or not: the stored head says where the end is.
#[test]
fn r73_a_tail_cut_after_a_snapshot_is_found() {
    let disk = Memory::new();
    let author = three_snapshots(&disk);
    let head = author.state().revision;
    disk.0.damage_entries(author.project, |entries| {
        entries.pop();
    });
    let error = wait(bounded(&disk).project(author.project)).unwrap_err();
    assert_eq!(error.code().as_str(), "CORRUPT");
    assert!(
        error.to_string().contains(&format!("revision {head}")),
        "{error}"
    );
    let report = wait(bounded(&disk).verify(author.project)).unwrap();
    assert_eq!(report.findings[0].kind, FindingKind::Head);
}
