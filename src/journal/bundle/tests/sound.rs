//! What is written is read.

use super::given::{Journal, bundle, lines, origin, read, read_in, resealed};
use crate::journal::bundle::{BundleCounts, Record};
use crate::model::Digest;
use proptest::prelude::*;
use proptest::sample::select;

/// The records that a bundle of these has.
fn records(journals: &[Journal]) -> Vec<Record> {
    let mut counts = BundleCounts::default();
    let mut records = vec![Record::Origin(origin())];
    for journal in journals {
        counts.projects += 1;
        counts.entries += journal.entries.len() as u64;
        records.push(Record::Project(crate::journal::bundle::BundleProject {
            project: journal.project,
            head: journal.head(),
            name: journal.state().name.clone(),
        }));
        records.extend(journal.entries.iter().cloned().map(Record::Entry));
        for text in journal.needed().into_values() {
            counts.bodies += 1;
            records.push(Record::Body(crate::model::Blob::new(text)));
        }
        records.push(Record::Whole(Box::new((**journal.state()).clone())));
    }
    records.push(Record::End(counts));
    records
}

#[test]
fn r74_a_bundle_is_read_as_it_was_written() {
    let journals = [Journal::furnished(1), Journal::new(100)];
    let written = bundle(&journals);
    for lengths in [&[][..], &[1], &[7, 0, 1000, 3]] {
        assert_eq!(read_in(&written, lengths), Ok(records(&journals)));
    }
    assert_eq!(resealed(&lines(&written)), written);
}

#[test]
fn r74_a_bundle_of_nothing_has_a_first_and_a_last_line() {
    let written = bundle(&[]);
    assert_eq!(lines(&written).len(), 2);
    let expected = [
        Record::Origin(origin()),
        Record::End(BundleCounts::default()),
    ];
    assert_eq!(read(&written).as_deref(), Ok(&expected[..]));
}

/// Pinned: the form is for ever.
#[test]
fn r74_each_line_is_written_in_one_way() {
    let mut journal = Journal::new(1);
    journal.give(
        r#"{"type":"add_context","items":[{"agent":"a","kind":"code","body":"ä \"b\"\n\u007f"}]}"#,
    );
    let lines = lines(&bundle(std::slice::from_ref(&journal)));
    let head = journal.head();
    let digest = Digest::of("ä \"b\"\n\u{7f}".as_bytes());
    assert_eq!(
        lines[0],
        r#"{"type":"holdpoint_bundle","v":1,"exported_at":"2026-01-01T12:00:00.000Z","exported_by":"eva"}"#
    );
    assert_eq!(
        lines[1],
        format!(
            r#"{{"type":"project","project":"{}","revision":2,"digest":"{}","name":"zwölf \"Häuser\""}}"#,
            journal.project, head.digest
        )
    );
    let entry = &journal.entries[0];
    assert_eq!(
        lines[2],
        format!(
            r#"{{"type":"entry","digest":"{}","entry":{}}}"#,
            entry.digest, entry.text
        )
    );
    let body = "{\"type\":\"body\",\"digest\":\"DIGEST\",\"text\":\"ä \\\"b\\\"\\n\u{7f}\"}";
    assert_eq!(lines[4], body.replace("DIGEST", &digest.to_string()));
    let end = r#"{"type":"end","projects":1,"entries":2,"bodies":1,"digest":""#;
    assert!(lines[5].starts_with(end), "{}", lines[5]);
}

#[test]
fn r28_r74_a_text_that_was_removed_for_good_is_not_in_it() {
    let journal = Journal::furnished(1);
    let written = String::from_utf8(bundle(std::slice::from_ref(&journal))).unwrap();
    assert!(!written.contains(r#""text":"secret""#));
    assert!(written.contains(&Digest::of(b"secret").to_string()));
    assert!(
        journal
            .state()
            .redacted
            .contains_key(&Digest::of(b"secret"))
    );
}

/// Commands of which each is possible in some state, so that most lists lead to some entries.
const COMMANDS: [&str; 14] = [
    r#"{"type":"create_plan","plan":{"request":"R","steps":[{"title":"one","input":"[1, 2]"},{"title":"two"}]}}"#,
    r#"{"type":"create_plan","plan":{"request":"LONG"}}"#,
    r#"{"type":"add_context","items":[{"agent":"a","kind":"code","body":"TEXT"}]}"#,
    r#"{"type":"add_context","items":[{"agent":"b","kind":"task","body":"TEXT"},{"agent":"a","kind":"code","body":"x"}]}"#,
    r#"{"type":"redact_body","digest":"DIGEST"}"#,
    r#"{"type":"redact_body","digest":"X"}"#,
    r#"{"type":"create_checkpoint","checkpoint":{"name":"here"}}"#,
    r#"{"type":"rename_project","name":"other"}"#,
    r#"{"type":"rename_project","name":"and another"}"#,
    r#"{"type":"flash_save","force":true}"#,
    r#"{"type":"pause"}"#,
    r#"{"type":"resume"}"#,
    r#"{"type":"stop_project"}"#,
    r#"{"type":"start_project"}"#,
];

fn journal() -> impl Strategy<Value = Journal> {
    let texts = prop_oneof![
        3 => any::<String>(),
        1 => select(vec!["same", "\u{0}\u{1f}\"\\", "\u{2028}", "🦀"]).prop_map(str::to_owned),
    ];
    let command = (select(COMMANDS.as_slice()), texts);
    (any::<u64>(), prop::collection::vec(command, 0..20)).prop_map(|(first, commands)| {
        let mut journal = Journal::new(first >> 1);
        for (command, text) in commands {
            let text = if text.trim().is_empty() { "t" } else { &text };
            let json = serde_json::to_string(text).expect("a text");
            let command = command
                .replace("LONG", &"long ".repeat(1000))
                .replace("\"TEXT\"", &json)
                .replace("DIGEST", &Digest::of(text.as_bytes()).to_string())
                .replace("\"X\"", &format!("\"{}\"", Digest::of(b"x")));
            journal.give(&command);
        }
        journal
    })
}

proptest! {
    #[test]
    fn r74_any_journals_come_back_from_a_bundle_in_pieces_of_any_size(
        journals in prop::collection::vec(journal(), 0..3),
        lengths in prop::collection::vec(0..5000_usize, 0..50),
    ) {
        let mut seen = std::collections::BTreeSet::new();
        let journals: Vec<_> = journals
            .into_iter()
            .filter(|journal| seen.insert(journal.project))
            .collect();
        let expected = records(&journals);
        prop_assert_eq!(read_in(&bundle(&journals), &lengths), Ok(expected));
    }
}
