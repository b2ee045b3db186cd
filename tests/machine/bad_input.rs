//! Every field of every command, wrong in every way in which a caller can get it wrong: each is
//! refused with its code, says the field, what was expected and what was found, and changes nothing.
//!
//! The fields are those that serde itself names, so that a new command, or a new field of one, fails
//! here until it is added.

use super::examples::{Holds, at, examples, holds_at, paths, said, with};
use holdpoint::machine::{Command, CommandKind};
use holdpoint::model::InvalidInput;
use std::collections::BTreeSet;

/// Asserts that nobody takes this for a command, and that the place is told.
#[track_caller]
fn is_refused(text: &str, place: &str) {
    let shown: String = text.chars().take(300).collect();
    match Command::from_json(text) {
        Ok(command) => panic!("{place}: {shown} is taken for {:?}", command.kind()),
        Err(InvalidInput::TooLong { field, .. }) => {
            assert!(place.ends_with(field), "{field} is told of {place}");
        }
        Err(error) => {
            assert_eq!(error.code().as_str(), "INVALID_INPUT");
            let message = error.to_string();
            let told = message.contains(": expected ") && message.contains(", found ");
            assert!(told, "{shown}: {message}");
            let ends = message.ends_with(&format!(" at {place}"));
            assert!(ends, "{shown}: {message} does not name {place}");
        }
    }
}

/// What never fits a field that holds this.
fn wrong_values(holds: Holds) -> Vec<String> {
    let mut wrong: Vec<String> = [
        "NaN",
        "Infinity",
        "-Infinity",
        "undefined",
        "'x'",
        "0x1",
        "+1",
    ]
    .map(str::to_owned)
    .to_vec();
    let is_text = matches!(
        holds,
        Holds::Id
            | Holds::Digest
            | Holds::Text { .. }
            | Holds::JsonText { .. }
            | Holds::Time
            | Holds::Point
            | Holds::Word
    );
    let is_number = matches!(holds, Holds::Count | Holds::Number);
    for (raw, fits) in [
        ("true", holds == Holds::YesOrNo),
        ("7", is_number),
        ("[]", holds == Holds::List),
        ("{}", holds == Holds::Object),
        ("\"x\"", matches!(holds, Holds::Text { .. })),
    ] {
        if !fits {
            wrong.push(raw.to_owned());
        }
    }
    let texts = |wrong: &mut Vec<String>, texts: &[&str]| {
        wrong.extend(
            texts
                .iter()
                .map(|text| serde_json::to_string(text).unwrap()),
        );
    };
    // Halves of surrogate pairs, as only an escape can write them, and broken escapes.
    if is_text {
        let halves = [
            r#""\ud800""#,
            r#""a\udc00""#,
            r#""\udc00\ud800""#,
            r#""\u12""#,
            r#""\x""#,
        ];
        wrong.extend(halves.map(str::to_owned));
        wrong.push("\"\u{1}\"".to_owned());
    }
    match holds {
        Holds::Id => texts(
            &mut wrong,
            &[
                "",
                " ",
                "01",
                "01KDWPVNG0CRWD4R5CNFD7RMJ",
                "01KDWPVNG0CRWD4R5CNFD7RMJHX",
                "01KDWPVNG0IIIIOOOOUUUULLLL",
                "81KDWPVNG0CRWD4R5CNFD7RMJH",
                " 01KDWPVNG0CRWD4R5CNFD7RMJ",
                "01KDWPVNG0CRWD4R5CNFD7RMJ\0",
                "../../../../../etc/passwd0",
                "０１ＫＤＷＰＶＮＧ０ＣＲＷＤ４Ｒ５ＣＮＦＤ７ＲＭＪＨ",
                "__proto__",
            ],
        ),
        Holds::Digest => {
            texts(&mut wrong, &["", " ", "0x", "__proto__", "../etc/passwd"]);
            let short = "0".repeat(63);
            for end in ["", "A", "g", "00", " ", "\0", "０"] {
                texts(&mut wrong, &[&format!("{short}{end}")]);
            }
        }
        Holds::Text { most, may_be_blank } => {
            if !may_be_blank {
                texts(&mut wrong, &["", " ", "\n\t\u{a0}\u{2003}"]);
            }
            wrong.push(format!("\"{}\"", "x".repeat(most + 1)));
        }
        Holds::JsonText { most } => {
            texts(
                &mut wrong,
                &["", " ", "{", "1 2", "NaN", "'x'", "[1,]", "\"\u{1}\""],
            );
            wrong.push(serde_json::to_string(&format!("\"{}\"", "x".repeat(most))).unwrap());
            let nested = format!("{}{}", "[".repeat(101), "]".repeat(101));
            texts(&mut wrong, &[&nested]);
        }
        Holds::Time => texts(
            &mut wrong,
            &[
                "",
                "now",
                "0",
                "2026-11-20",
                "2026-11-20T10:00:00",
                "2026-02-30T10:00:00Z",
                "2026-13-01T10:00:00Z",
                "2026-11-20T25:00:00Z",
                "2026-11-20T10:00:00+99:00",
                "1969-12-31T23:59:59.999Z",
                "10000-01-01T00:00:00Z",
                "+275760-09-13T00:00:00.001Z",
                "9999-12-31T23:59:59-01:00",
                "-000001-01-01T00:00:00Z",
            ],
        ),
        Holds::Point => texts(
            &mut wrong,
            &[
                "",
                "then",
                "@",
                "@-1",
                "@0",
                "@1.5",
                "@18446744073709551616",
                "01",
            ],
        ),
        Holds::Word => texts(
            &mut wrong,
            &["", " ", "nowhere", "ACTIVE", "active ", "__proto__"],
        ),
        Holds::Count | Holds::Number => {
            let more = [
                "-1",
                "1.5",
                "1e300",
                "-1e300",
                "1e400",
                "18446744073709551616",
                "\"1\"",
                "1.0",
            ];
            wrong.extend(more.map(str::to_owned));
            texts(&mut wrong, &["NaN", "Infinity", ""]);
            if holds == Holds::Count {
                wrong.push("4294967296".to_owned());
            }
        }
        Holds::YesOrNo => {
            wrong.extend(["0", "1", "\"true\"", "\"\""].map(str::to_owned));
        }
        Holds::List => wrong.extend(["[null]", "[7]", "[[]]"].map(str::to_owned)),
        Holds::Object => {}
    }
    wrong
}

/// A wrong value is told where it stands: for a list's, that is in it.
fn told_at(place: &str, raw: &str) -> String {
    if raw.starts_with('[') && raw != "[]" {
        format!("{place}[0]")
    } else {
        place.to_owned()
    }
}

#[test]
fn every_kind_of_command_has_an_example_with_all_its_fields() {
    let examples = examples();
    let kinds: BTreeSet<_> = examples
        .iter()
        .map(|example| example.json["type"].clone().to_string())
        .collect();
    let all: BTreeSet<_> = CommandKind::ALL
        .iter()
        .map(|kind| format!("\"{kind}\""))
        .collect();
    assert_eq!(kinds, all);
    // What serde says that there is, at the top and in every object.
    for example in &examples {
        let mut objects = paths(&example.json);
        objects.retain(|path| at(&example.json, path).is_object());
        objects.push(vec![]);
        for path in objects {
            let mut unknown = path.clone();
            unknown.push("colour".to_owned());
            let text = with(&example.json, &unknown, Some("1"));
            let message = Command::from_json(&text).unwrap_err().to_string();
            let (expected, _) = message.split_once(", found ").unwrap();
            let named: BTreeSet<_> = expected.split('`').skip(1).step_by(2).collect();
            let kind = &example.json["type"];
            let there: BTreeSet<_> = examples
                .iter()
                .filter(|other| other.json["type"] == *kind)
                .filter_map(|other| at(&other.json, &path).as_object())
                .flat_map(|fields| fields.keys().map(String::as_str))
                .filter(|key| *key != "type" || !path.is_empty())
                .collect();
            let mut named = named;
            if *kind == "create_project" && path.get(1).is_some_and(|part| part == "context") {
                // No item can name the plan that is only made with it.
                assert!(named.remove("plan"));
            }
            assert_eq!(named, there, "{kind} at {}", said(&path));
        }
    }
}

#[test]
fn r6_a_field_that_holds_what_it_cannot_is_refused_by_its_place() {
    for example in examples() {
        for path in paths(&example.json) {
            let holds = holds_at(&path, at(&example.json, &path));
            let place = said(&path);
            for raw in wrong_values(holds) {
                // An empty object is one whose fields are missing, which is told of them.
                let text = with(&example.json, &path, Some(&raw));
                is_refused(&text, &told_at(&place, &raw));
            }
        }
    }
}

#[test]
fn r6_a_field_that_is_missing_or_null_is_refused_or_as_if_left_out() {
    let (mut missing, mut null) = (0, 0);
    for example in examples() {
        for path in paths(&example.json) {
            let is_element = path.last().unwrap().parse::<usize>().is_ok();
            let place = said(&path);
            let left_out = with(&example.json, &path, None);
            let without = Command::from_json(&left_out);
            if without.is_err() {
                is_refused(&left_out, &place);
                missing += 1;
            }
            let with_null = with(&example.json, &path, Some("null"));
            match Command::from_json(&with_null) {
                Ok(command) => assert_eq!(Some(command), without.ok(), "{place}"),
                Err(_) if is_element => is_refused(&with_null, &place),
                Err(_) => {
                    is_refused(&with_null, &place);
                    null += 1;
                }
            }
        }
    }
    assert!(missing > 50 && null > missing, "{missing}, {null}");
}

#[test]
fn r6_a_field_that_nobody_knows_is_refused_whatever_it_is_called() {
    let names = [
        "colour",
        "__proto__",
        "constructor",
        "prototype",
        "toString",
        "Type",
        "type ",
        "",
        "type",
        "plan\\u0000",
    ];
    for example in examples() {
        let mut objects = paths(&example.json);
        objects.retain(|path| at(&example.json, path).is_object());
        objects.push(vec![]);
        for path in objects {
            for name in names {
                // As it would stand first, so that it is in no other's way.
                let mut field = path.clone();
                field.push("\u{2}name\u{2}".to_owned());
                let text = with(&example.json, &field, Some("{\"toString\":1}"));
                let text = text.replace("\\u0002name\\u0002", name);
                let error = Command::from_json(&text).expect_err(&text);
                assert_eq!(error.code().as_str(), "INVALID_INPUT");
                let message = error.to_string();
                assert!(message.contains("unknown field `"), "{message}");
                let inside = format!(" at {}.", said(&path));
                assert!(
                    message.contains(&inside),
                    "{message} does not name {inside}"
                );
            }
        }
    }
}

#[test]
fn r6_what_is_no_command_at_all_is_refused() {
    for text in [
        "",
        " ",
        "null",
        "true",
        "7",
        "\"pause\"",
        "[]",
        "[\"pause\"]",
        "{}",
        "{\"reason\":\"r\"}",
        "{\"reason\":\"r\",\"type\":\"pause\"}",
        "{\"type\":7}",
        "{\"type\":null}",
        "{\"type\":[\"pause\"]}",
        "{\"type\":{\"pause\":1}}",
        "{\"type\":\"\"}",
        "{\"type\":\"paint\"}",
        "{\"type\":\"Pause\"}",
        "{\"type\":\"__proto__\"}",
        "{\"type\":\"pause\"",
        "{\"type\":\"pause\",}",
        "{\"type\":\"pause\"} {}",
        "{\"type\":\"pause\",\"type\":\"pause\"}",
        "{\"type\":\"pause\",\"reason\":\"a\",\"reason\":\"b\"}",
        "\u{feff}{\"type\":\"pause\"}",
    ] {
        let error = Command::from_json(text).expect_err(text);
        assert_eq!(error.code().as_str(), "INVALID_INPUT", "{text}");
        let message = error.to_string();
        let told = message.contains("expected ") && message.contains("found ");
        assert!(told && message.contains(" at command"), "{text}: {message}");
    }
    let deep = format!("{{\"type\":\"pause\",\"reason\":{}", "[".repeat(100_000));
    assert!(Command::from_json(&deep).is_err());
}

/// Ids that are well formed and of nothing here: another project's or plan's.
#[test]
fn r6_ids_of_something_else_are_refused_and_nothing_changes() {
    let foreign = "01KDWPVNG0CRWD4R5CNFD7RMJH";
    for example in examples() {
        for path in paths(&example.json) {
            if holds_at(&path, at(&example.json, &path)) != Holds::Id {
                continue;
            }
            // A fork's source is asked for by the engine, which says whether it is there.
            let field = path
                .iter()
                .rfind(|part| part.parse::<usize>().is_err())
                .unwrap();
            if field == "source" {
                continue;
            }
            let text = with(&example.json, &path, Some(&format!("\"{foreign}\"")));
            let mut given = example.given.clone();
            let refusal = given.when(Command::from_json(&text).unwrap()).refusal();
            let code = match field.as_str() {
                "plan" => "PLAN_NOT_FOUND",
                "items" | "item" => "ITEM_NOT_FOUND",
                "checkpoint" => "CHECKPOINT_NOT_FOUND",
                other => panic!("{other} is new"),
            };
            assert_eq!(refusal.code().as_str(), code, "{text}");
            assert!(refusal.to_string().contains(foreign), "{refusal}");
            assert_eq!(given.journal.len(), example.given.journal.len());
            assert_eq!(given.state(), example.given.state());
        }
    }
}

/// Numbers that can be read and that no project has room for.
#[test]
fn r6_numbers_out_of_range_are_refused_by_their_field_and_nothing_changes() {
    let mut tried = BTreeSet::new();
    for example in examples() {
        for path in paths(&example.json) {
            let field = path.last().unwrap().as_str();
            let (values, code): (&[&str], _) = match field {
                "submission" => (&["0", "2", "18446744073709551615"], "SUBMISSION_NOT_FOUND"),
                "attempt" => (&["0", "99", "18446744073709551615"], "STEP_NOT_FOUND"),
                "from_step" => (&["3", "4294967295"], "INVALID_INPUT"),
                "step" => (&["3", "4294967295"], "STEP_NOT_FOUND"),
                "token_limit" => (
                    &["0", "9007199254740992", "18446744073709551615"],
                    "INVALID_INPUT",
                ),
                "before" => (&["9007199254740991"], "INVALID_INPUT"),
                "max_attempts" => (&["0"], "INVALID_INPUT"),
                "per_plan" | "of_project" => (&["0", "1000001", "4294967295"], "INVALID_INPUT"),
                _ => continue,
            };
            tried.insert(field.to_owned());
            for value in values {
                let text = with(&example.json, &path, Some(value));
                let mut given = example.given.clone();
                let refusal = given.when(Command::from_json(&text).unwrap()).refusal();
                assert_eq!(refusal.code().as_str(), code, "{text}");
                let message = refusal.to_string();
                assert!(message.contains(value), "{message}");
                let named = field.trim_start_matches("from_");
                assert!(message.contains(named), "{message} does not name {field}");
                assert_eq!(given.journal.len(), example.given.journal.len());
                assert_eq!(given.state(), example.given.state());
            }
        }
    }
    assert_eq!(tried.len(), 9, "{tried:?}");
}

#[test]
fn r6_lists_that_are_empty_are_refused_where_something_is_to_be_done_with_them() {
    for example in examples() {
        for path in paths(&example.json) {
            if holds_at(&path, at(&example.json, &path)) != Holds::List {
                continue;
            }
            let text = with(&example.json, &path, Some("[]"));
            let mut given = example.given.clone();
            let then = given.when(Command::from_json(&text).unwrap()).0;
            let code = then.err().map(|refusal| refusal.code().as_str());
            let expected = match path.last().unwrap().as_str() {
                "items" => Some("INVALID_INPUT"),
                "steps" => Some("NO_STEPS"),
                // A result may come without context, and a project too.
                "context" => None,
                other => panic!("{other} is new"),
            };
            assert_eq!(code, expected, "{text}");
        }
    }
}

#[test]
fn what_looks_odd_in_a_text_is_kept_as_it_is() {
    let odd =
        "a\u{1}\u{7f}\u{200f}\u{202e}b\u{feff} \u{2028}žluť\u{301} 👩‍👩‍👧 <script>\\\"'\r\n__proto__";
    for example in examples() {
        for path in paths(&example.json) {
            let value = at(&example.json, &path);
            let Holds::Text { most, .. } = holds_at(&path, value) else {
                continue;
            };
            // An agent that is saved has to be known.
            if example.json["type"] == "flash_save" || odd.chars().count() > most {
                continue;
            }
            let raw = serde_json::to_string(odd).unwrap();
            let command = Command::from_json(&with(&example.json, &path, Some(&raw))).unwrap();
            let back = serde_json::to_value(&command).unwrap();
            assert_eq!(at(&back, &path), odd, "{}", said(&path));
            let mut given = example.given.clone();
            given.when(command).answer();
        }
    }
}
