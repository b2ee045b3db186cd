//! A bundle that isn't what was written is refused, whatever was done to it.

use super::given::origin;
use super::given::{Journal, bundle, lines, read, read_in, resealed};
use crate::journal::bundle::{BundleProject, Record, Writer};
use crate::journal::{Entry, Head, Snapshot};
use crate::machine::{Event, ProjectCreated};
use crate::model::arbitrary::limited;
use crate::model::{Digest, ProjectId, Revision};
use proptest::prelude::*;
use proptest::sample::Index;

/// What each byte of is tried: so no more than one line of each kind.
fn small() -> Vec<u8> {
    let mut journal = Journal::new(1);
    journal.give(r#"{"type":"add_context","items":[{"agent":"a","kind":"code","body":"ä\n"}]}"#);
    bundle(&[journal])
}

fn larger() -> Vec<u8> {
    bundle(&[Journal::furnished(1), Journal::new(100)])
}

fn joined(lines: &[String]) -> Vec<u8> {
    let whole = lines.iter().flat_map(|line| [line.as_str(), "\n"]);
    whole.collect::<String>().into_bytes()
}

#[test]
fn r74_any_single_byte_changed_is_refused() {
    let written = small();
    for at in 0..written.len() {
        let was = written[at];
        // Each place with two: all with all would take minutes.
        let others = [b'"', b'\n', b' ', b'0', 0, was ^ 0x80, was ^ 0x20];
        for byte in [was ^ 1, others[at % others.len()]] {
            if byte == was {
                continue;
            }
            let mut altered = written.clone();
            altered[at] = byte;
            let read = read(&altered);
            assert!(read.is_err(), "byte {at}: {was:#x} became {byte:#x}");
        }
    }
}

#[test]
fn r74_a_bundle_that_was_cut_anywhere_is_refused_at_the_line_that_is_missing() {
    let written = small();
    for end in 0..written.len() {
        let cut = &written[..end];
        let error = read(cut).expect_err("it is cut");
        let whole = cut.split(|byte| *byte == b'\n').count() as u64 - 1;
        assert_eq!(error.line, whole + 1, "cut at byte {end}: {error}");
        assert!(
            error.to_string().ends_with("found the end of the file"),
            "{error}"
        );
    }
}

#[test]
fn r74_a_byte_more_or_less_anywhere_is_refused() {
    let written = small();
    for at in 0..=written.len() {
        let others = [b' ', b'\n', b'"', b'}', b'0'];
        for more in [b' ', others[at % others.len()]] {
            let altered = [&written[..at], &[more], &written[at..]].concat();
            assert!(read(&altered).is_err(), "{more:#x} before byte {at}");
        }
        if at < written.len() {
            let altered = [&written[..at], &written[at + 1..]].concat();
            assert!(read(&altered).is_err(), "without byte {at}");
        }
    }
}

/// The end says what is before it, so that it isn't only the digest of all that finds it.
#[test]
fn r74_lines_that_are_missing_doubled_or_swapped_are_refused_by_themselves() {
    let lines = lines(&larger());
    let refused = |altered: &[String], what: String| {
        for bytes in [joined(altered), resealed(altered)] {
            assert!(read(&bytes).is_err(), "{what}");
        }
    };
    // The last one is the end, which `resealed` makes anew.
    for at in 0..lines.len() - 1 {
        let mut altered = lines.clone();
        altered.remove(at);
        refused(&altered, format!("without line {}", at + 1));
        for to in 0..lines.len() - 1 {
            let mut altered = lines.clone();
            altered.insert(to, lines[at].clone());
            refused(&altered, format!("line {} again before {}", at + 1, to + 1));
            if at < to {
                let mut altered = lines.clone();
                altered.swap(at, to);
                refused(&altered, format!("lines {} and {} swapped", at + 1, to + 1));
            }
        }
    }
}

#[test]
fn r74_whatever_size_the_pieces_have_the_same_is_told() {
    let written = larger();
    for at in (0..written.len()).step_by(17) {
        let mut altered = written.clone();
        altered[at] ^= 0x10;
        let told = read(&altered).map(|records| records.len());
        for length in [1, 13, 4096] {
            let again = read_in(&altered, &[length]).map(|records| records.len());
            assert_eq!(again, told, "byte {at} in pieces of {length}");
        }
    }
}

proptest! {
    #[test]
    fn r74_bytes_that_are_anything_are_refused_and_nothing_panics(
        bytes: Vec<u8>,
        lengths in prop::collection::vec(0..64_usize, 0..9),
    ) {
        prop_assert!(read_in(&bytes, &lengths).is_err());
    }

    #[test]
    fn r74_a_bundle_with_a_part_replaced_by_anything_is_refused_and_nothing_panics(
        start: Index,
        length in 0..200_usize,
        with: Vec<u8>,
        length_of_pieces in 1..300_usize,
    ) {
        let written = larger();
        let start = start.index(written.len());
        let end = (start + length).min(written.len());
        let altered = [&written[..start], &with, &written[end..]].concat();
        prop_assume!(altered != written);
        prop_assert!(read_in(&altered, &[length_of_pieces]).is_err());
    }
}

/// The bundle of a chain that holds, whatever its entries say.
fn made_up(project: ProjectId, created: &ProjectCreated, mut entries: Vec<Entry>) -> Vec<u8> {
    let mut sealed = Vec::new();
    let mut prev = Digest::ZERO;
    let name = created.name.clone();
    let makes = |event: &Event| matches!(event, Event::ProjectCreated(_) | Event::ProjectForked(_));
    for (entry, number) in entries.iter_mut().zip(1..) {
        entry.revision = Revision::new(number);
        if number == 1 {
            entry
                .events
                .insert(0, Event::ProjectCreated(created.clone()));
        } else {
            entry.events.retain(|event| !makes(event));
        }
        let next = entry.seal(prev).expect("it can be stored");
        prev = next.digest;
        sealed.push(next);
    }
    let mut writer = Writer::begin(&origin());
    let head = sealed.last().map(crate::journal::Sealed::head);
    writer.project(&BundleProject {
        project,
        head: head.unwrap_or(Head {
            revision: Revision::FIRST,
            digest: prev,
        }),
        name,
    });
    for entry in &sealed {
        writer.entry(entry);
    }
    writer.end();
    writer.take()
}

proptest! {
    /// What is read of it is a state like any other: it can be written down.
    #[test]
    fn r74_a_chain_that_holds_of_anything_is_read_or_refused_and_nothing_panics(
        project: ProjectId,
        created in limited::<ProjectCreated>(),
        entries in prop::collection::vec(limited::<Entry>(), 0..6),
        large in prop::collection::vec(any::<Entry>(), 0..3),
    ) {
        let bundle = made_up(project, &created, entries);
        for record in read(&bundle).unwrap_or_default() {
            if let Record::Whole(state) = record {
                let head = Head { revision: state.revision, digest: Digest::ZERO };
                prop_assert!(Snapshot::take(&state, head).is_ok());
            }
        }
        // Numbers that no program could count on with.
        let _refused_or_not = read(&made_up(project, &created, large));
    }
}
