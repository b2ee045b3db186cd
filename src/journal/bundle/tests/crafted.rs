//! Bundles that somebody made up: each is refused at its line, with what was expected there.

use super::given::{Journal, bundle, lines, read, resealed};
use crate::machine::{Command, Event, Request};
use crate::model::{BlobRef, CommandId, Digest, ErrorCode, Hasher};

/// A project's journal of three entries and one body: lines 2 to 6 of seven.
fn journal() -> Journal {
    let mut journal = Journal::new(1);
    journal
        .give(r#"{"type":"add_context","items":[{"agent":"a","kind":"code","body":"some text"}]}"#);
    journal.give(r#"{"type":"create_checkpoint","checkpoint":{"name":"here"}}"#);
    journal
}

/// The lines of a bundle of it.
fn good() -> Vec<String> {
    lines(&bundle(&[journal()]))
}

#[track_caller]
fn refused(bytes: &[u8], code: ErrorCode, line: u64, told: &str) {
    let error = read(bytes).expect_err("it is made up");
    assert_eq!((error.code(), error.line), (code, line), "{error}");
    let message = error.to_string();
    assert!(message.contains(told), "expected {told:?} in {message:?}");
    assert!(message.len() < 1000, "{message}");
}

/// A bundle in which one line is another one, and the end fits.
#[track_caller]
fn refused_with(number: u64, line: impl Into<String>, told: &str) {
    let mut lines = good();
    lines[usize::try_from(number).unwrap() - 1] = line.into();
    refused(&resealed(&lines), ErrorCode::BundleInvalid, number, told);
}

/// A line with a part of it replaced.
#[track_caller]
fn with(number: usize, part: &str, by: &str) -> String {
    let line = &good()[number - 1];
    assert!(line.contains(part), "{part} is in {line}");
    line.replacen(part, by, 1)
}

#[test]
fn r74_what_is_no_bundle_is_said_to_be_none() {
    for (bytes, told) in [
        (
            &b""[..],
            "expected the first line of a bundle, found the end of the file",
        ),
        (
            b"hello\n",
            "expected the first line of a bundle, found something else from byte 1 on",
        ),
        (b"SQLite format 3\0", "something else from byte 1 on"),
        (
            b"\x1f\x8b\x08\0",
            "expected the first line of a bundle, found a compressed file",
        ),
        (
            b"\xef\xbb\xbf{",
            "expected the first line of a bundle, found a byte order mark",
        ),
        (b"\xff\xfe{\0", "something else from byte 1 on"),
        (b"[]\n", "something else from byte 1 on"),
        (
            b"{\"type\": \"holdpoint_bundle\"",
            "something else from byte 9 on",
        ),
        (
            b"{\"type\":\"holdpoint_bu",
            "expected a line feed at its end, found the end of the file",
        ),
        (b"\n", "expected an object, found an empty line"),
    ] {
        refused(bytes, ErrorCode::BundleInvalid, 1, told);
    }
    for line in [2, 3, 5] {
        let line = &good()[line];
        refused(
            line.as_bytes(),
            ErrorCode::BundleInvalid,
            1,
            "something else from byte 10 on",
        );
    }
}

#[test]
fn r74_a_version_from_the_future_is_too_new_and_version_0_never_was() {
    let of = |v: &str| {
        let mut lines = good();
        lines[0] = format!(r#"{{"type":"holdpoint_bundle","v":{v},"written_in":"2030"}}"#);
        resealed(&lines)
    };
    refused(
        &of("2"),
        ErrorCode::TooNew,
        1,
        "expected a form of version 1, found version 2",
    );
    refused(
        &of("4294967295"),
        ErrorCode::TooNew,
        1,
        "version 4294967295",
    );
    for (v, told) in [
        ("0", "expected a bundle of version 1, found version 0"),
        ("1", "unknown field `written_in`"),
        ("-1", "-1"),
        ("1.0", "1.0"),
        ("\"1\"", "\"1\""),
        ("null", "null"),
        ("NaN", "NaN"),
        ("4294967296", "4294967296"),
        ("99999999999999999999", "a larger one"),
    ] {
        refused(&of(v), ErrorCode::BundleInvalid, 1, told);
    }
    refused_with(1, r#"{"type":"holdpoint_bundle","w":1}"#, "the line.v");
}

#[test]
fn r74_an_object_has_its_fields_and_no_others_each_once() {
    for (number, part, by, told) in [
        (1, r#","exported_by":"eva""#, "", "the line.exported_by"),
        (1, r#""eva""#, r#"" ""#, "some text"),
        (1, "2026-01-01T12:00:00.000Z", "today", "RFC 3339"),
        (
            2,
            r#","name""#,
            r#","__proto__":{},"name""#,
            "unknown field `__proto__`",
        ),
        (
            2,
            r#","name""#,
            r#","revision":3,"name""#,
            "each field once",
        ),
        (2, r#""revision":3"#, r#""revision":"3""#, "\"3\""),
        (2, r#""revision":3"#, r#""revision":3e0"#, "3"),
        (2, r#""revision":3"#, r#""revision":-3"#, "-3"),
        (2, r#""revision":3"#, r#""revision":NaN"#, "NaN"),
        (
            2,
            r#""revision":3"#,
            r#""revision":0"#,
            "ends at revision 0",
        ),
        (
            2,
            r#""revision":3"#,
            r#""revision":9007199254740992"#,
            "a larger one",
        ),
        (
            2,
            r#""type":"project""#,
            r#""type":"projekt""#,
            "says its type first",
        ),
        (
            2,
            r#"{"type":"project","project":"#,
            r#"{"project":"#,
            "says its type first",
        ),
        (3, "}}", r#"},"__proto__":{}}"#, "digest"),
        (
            3,
            r#""digest":"#,
            r#""__proto__":{},"digest":"#,
            r#""digest", then "entry""#,
        ),
        (3, r#","entry":"#, r#", "entry":"#, "no blanks"),
        (6, r#","text""#, r#","text":"","text""#, "each field once"),
        (6, r#""some text""#, r#"["some text"]"#, "a list"),
        (6, r#""some text"}"#, r#""some text"}{}"#, "JSON"),
        (
            6,
            r#""some text"}"#,
            r#""some text","constructor":1}"#,
            "unknown field `constructor`",
        ),
    ] {
        refused_with(
            number,
            with(usize::try_from(number).unwrap(), part, by),
            told,
        );
    }
}

#[test]
fn r74_bytes_that_no_json_line_has_are_refused_with_their_place() {
    for (number, part, by, told) in [
        (2, "{", "\u{feff}{", "\\u{feff}"),
        (2, r#","name""#, ",\t\"name\"", "0x09"),
        (6, "some text", "some\0text", "0x00"),
        (6, "some text", r"some\ud800text", "JSON"),
        (6, "some text", r"some\udc00text", "JSON"),
        (6, "some text", r"some\xtext", "JSON"),
    ] {
        refused_with(
            number,
            with(usize::try_from(number).unwrap(), part, by),
            told,
        );
    }
    let text = String::from_utf8(resealed(&good())).unwrap();
    let windows = text.replace('\n', "\r\n");
    refused(
        windows.as_bytes(),
        ErrorCode::BundleInvalid,
        1,
        "0x0d, a carriage return",
    );
    let mut latin = good().join("\n").into_bytes();
    let at = latin.windows(4).position(|part| part == b"some").unwrap();
    latin[at] = 0xe4;
    latin.push(b'\n');
    refused(
        &latin,
        ErrorCode::BundleInvalid,
        6,
        "expected UTF-8, found something else at byte",
    );
}

#[test]
fn r74_a_wrong_digest_is_refused_at_its_line() {
    let wrong = Digest::of(b"wrong").to_string();
    let journal = journal();
    let head = journal.head().digest.to_string();
    let second = journal.entries[1].digest.to_string();
    let body = Digest::of(b"some text").to_string();
    refused_with(4, with(4, &second, &wrong), &wrong);
    refused_with(4, with(4, &second, &wrong.to_uppercase()), "64 lower-case");
    refused_with(
        6,
        with(6, &body, &wrong),
        &format!("expected the body with digest {body}"),
    );
    refused_with(6, with(6, "some text", "same text"), "one with digest");
    let mut lines = good();
    lines[1] = with(2, &head, &wrong);
    refused(
        &resealed(&lines),
        ErrorCode::BundleInvalid,
        5,
        "expected the journal to end at",
    );
    let mut lines = good();
    let (begin, _) = lines[6].split_once(r#""digest""#).unwrap();
    lines[6] = format!(r#"{begin}"digest":"{wrong}"}}"#);
    let bytes = lines.join("\n") + "\n";
    refused(
        bytes.as_bytes(),
        ErrorCode::BundleInvalid,
        7,
        "the digest of all lines before it",
    );
}

#[test]
fn r74_lines_stand_in_their_order() {
    let move_line = |from: usize, to: usize| {
        let mut lines = good();
        let line = lines.remove(from - 1);
        lines.insert(to - 1, line);
        resealed(&lines)
    };
    let invalid = ErrorCode::BundleInvalid;
    refused(
        &move_line(1, 2),
        invalid,
        1,
        "something else from byte 10 on",
    );
    refused(
        &move_line(2, 3),
        invalid,
        2,
        "expected a project or the end, found an entry",
    );
    refused(&move_line(3, 4), invalid, 3, "revision 1");
    refused(
        &move_line(6, 5),
        invalid,
        5,
        "expected the entry of revision 3, found a body",
    );
    let mut lines = good();
    lines.remove(5);
    let missing = format!(
        "expected the body with digest {}, found the end",
        Digest::of(b"some text")
    );
    refused(&resealed(&lines), invalid, 6, &missing);
    let mut lines = good();
    lines.insert(6, lines[5].clone());
    refused(
        &resealed(&lines),
        invalid,
        7,
        "expected the next project or the end, found a body",
    );
    let mut lines = good();
    lines.insert(5, lines[4].clone());
    refused(&resealed(&lines), invalid, 6, "found an entry");
    let mut lines = good();
    lines.insert(3, lines[0].clone());
    refused(&resealed(&lines), invalid, 4, "found another first line");
    let mut lines = good();
    lines.insert(4, lines[6].clone());
    refused(
        &resealed(&lines),
        invalid,
        5,
        "expected the entry of revision 3, found the end",
    );
    let mut lines = good();
    lines.insert(3, String::new());
    refused(&resealed(&lines), invalid, 4, "an empty line");
}

#[test]
fn r74_nothing_comes_after_the_end() {
    let whole = bundle(&[journal()]);
    for more in [&b"\n"[..], b" ", b"{}\n", &whole] {
        let bytes = [&whole, more].concat();
        refused(
            &bytes,
            ErrorCode::BundleInvalid,
            8,
            "expected nothing after the end",
        );
    }
}

#[test]
fn r74_the_same_project_twice_is_refused() {
    let lines = good();
    let twice = [&lines[..6], &lines[1..]].concat();
    let project = journal().project.to_string();
    refused(&resealed(&twice), ErrorCode::BundleInvalid, 7, &project);
}

#[test]
fn r74_a_false_name_or_count_is_refused() {
    let mut lines = good();
    lines[1] = with(2, "zwölf", "elf");
    refused(&resealed(&lines), ErrorCode::BundleInvalid, 7, "elf");
    for (part, by) in [
        (r#""projects":1"#, r#""projects":2"#),
        (r#""entries":3"#, r#""entries":0"#),
        (r#""bodies":1"#, r#""bodies":11"#),
    ] {
        let mut lines = good();
        lines[6] = with(7, part, by);
        let bytes = lines.join("\n") + "\n";
        refused(
            bytes.as_bytes(),
            ErrorCode::BundleInvalid,
            7,
            "expected 1 projects, 3 entries and 1 bodies",
        );
    }
}

/// A text whose removal is on record is not to come back that way.
#[test]
fn r28_r74_a_body_that_was_removed_for_good_is_refused() {
    let journal = Journal::furnished(1);
    let mut lines = lines(&bundle(std::slice::from_ref(&journal)));
    let digest = Digest::of(b"secret");
    let line = format!(r#"{{"type":"body","digest":"{digest}","text":"secret"}}"#);
    let at = lines.len() - 1;
    lines.insert(at, line);
    lines[2..=at].sort_by_key(|line| {
        let is_body = line.starts_with(r#"{"type":"body""#);
        is_body.then(|| line.clone())
    });
    let error = read(&resealed(&lines)).unwrap_err();
    assert_eq!(error.code(), ErrorCode::BundleInvalid);
    let found = format!("found a body with digest {digest}");
    assert!(error.to_string().ends_with(&found), "{error}");
}

/// What follows are chains that hold, of entries that no command makes.
fn sealed(journal: &Journal, command: CommandId, events: Vec<Event>) -> Journal {
    let mut journal = journal.clone();
    let request = Request {
        id: command,
        actor: "eva".parse().unwrap(),
        expected_revision: None,
        command: Command::PlanProject,
    };
    journal.append(&request, events);
    journal
}

#[test]
fn r74_a_chain_that_holds_of_what_no_command_makes_is_refused() {
    let journal = journal();
    let events = |at: usize| journal.entries[at].open().unwrap().events;
    let another = CommandId::from_parts(1, 1);
    let empty = Journal {
        entries: Vec::new(),
        states: journal.states[..1].to_vec(),
        ..journal.clone()
    };
    let mut other_size = events(1);
    for event in &mut other_size {
        if let Event::ItemsAdded(added) = event {
            added.items[0].body = BlobRef {
                bytes: 1,
                ..added.items[0].body
            };
        }
    }
    let second = journal.entries[1].command;
    for (made_up, line, told) in [
        (
            sealed(&empty, another, vec![Event::ProjectStarted]),
            3,
            "alone makes the project",
        ),
        (
            sealed(&journal, another, events(0)),
            6,
            "alone makes the project",
        ),
        (
            sealed(&journal, another, Vec::new()),
            6,
            "an entry in which something happens",
        ),
        (sealed(&journal, second, events(2)), 6, "a second one of"),
        (
            sealed(&journal, another, other_size.clone()),
            6,
            "to have 9 bytes",
        ),
        (
            sealed(&sealed(&empty, another, events(0)), second, other_size),
            5,
            "a body of 1 bytes",
        ),
    ] {
        refused(&bundle(&[made_up]), ErrorCode::BundleInvalid, line, told);
    }
}

/// The entry of revision 2 with another text, sealed so that its own digest holds.
fn with_text(text: &str) -> Vec<u8> {
    let journal = journal();
    let prev = journal.entries[0].digest;
    let digest = Hasher::tagged("holdpoint/entry/1")
        .update(prev.as_bytes())
        .update(text.as_bytes())
        .finish();
    let mut lines = good();
    lines[3] = format!(r#"{{"type":"entry","digest":"{digest}","entry":{text}}}"#);
    resealed(&lines)
}

/// It says what the entry would say in a store: written by a newer program.
#[test]
fn r74_r77_an_entry_whose_digest_is_right_and_that_is_not_understood_is_too_new() {
    let text = journal().entries[1].text.to_string();
    for (part, by, told) in [
        (r#"{"v":1"#, r#"{"v":2"#, "version 2"),
        (r#"{"v":1"#, r#"{"__proto__":{},"v":1"#, "__proto__"),
        (r#"{"v":1"#, r#"{"v":1,"v":1"#, "duplicate"),
        (
            r#""type":"items_added""#,
            r#""type":"items_doubled""#,
            "items_doubled",
        ),
        (r#"{"v":1"#, "null", ""),
        (&text, "1", ""),
        (&text, "", ""),
    ] {
        assert!(text.contains(part), "{part}");
        let altered = text.replacen(part, by, 1);
        refused(&with_text(&altered), ErrorCode::TooNew, 4, told);
    }
    let wrong_place = text.replacen(r#""revision":2"#, r#""revision":3"#, 1);
    refused(
        &with_text(&wrong_place),
        ErrorCode::BundleInvalid,
        4,
        "found revision 3",
    );
}
