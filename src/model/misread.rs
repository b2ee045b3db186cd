//! What is wrong with JSON that could not be read, in words for whoever wrote it: the place of the
//! value, what was expected there and what was found.
//!
//! Serde's message names neither the place nor, but for missing and unknown ones, the field. Keeping
//! track while reading would cost each replay; so the place is looked up afterwards, by the position
//! at which reading stopped.

use super::InvalidInput;
use std::fmt::Write as _;

/// How much of what was found is told.
const SHOWN: usize = 80;

/// What is wrong with the text, which is called `name` in places.
pub(crate) fn misread(name: &'static str, text: &str, error: &serde_json::Error) -> InvalidInput {
    let told = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    let message = told.strip_suffix(&position).unwrap_or(&told);
    let read = &text.as_bytes()[..offset(text, error)];
    let place = Place::of(read, message).written(name);
    if let Some(too_long) = too_long(&place, message) {
        return too_long;
    }
    let Fault {
        place,
        expected,
        found,
    } = Fault::of(place, message, &text[whole_characters(text, read.len())..]);
    InvalidInput::Malformed {
        field: name,
        expected: shortened(&expected, 10 * SHOWN),
        found: format!("{} at {place}", shortened(&found, SHOWN)),
    }
}

/// How many bytes had been read.
fn offset(text: &str, error: &serde_json::Error) -> usize {
    let lines = text.split_inclusive('\n').map(str::len);
    let before: usize = lines.take(error.line().saturating_sub(1)).sum();
    (before + error.column()).min(text.len())
}

/// Where the character begins that was read last: the one that could not be gone on from.
fn whole_characters(text: &str, offset: usize) -> usize {
    let mut start = offset.saturating_sub(1);
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    start
}

/// Where in a JSON text reading stopped.
struct Place(Vec<Part>);

#[derive(Clone)]
enum Part {
    /// In an object: the key that was read last, if one was.
    Key(Option<String>),
    /// In a list: how many values have begun.
    Values(usize),
}

impl Place {
    fn of(read: &[u8], message: &str) -> Self {
        let mut open: Vec<Part> = Vec::new();
        // Whether the next text is a key, and the next value another one of a list.
        let (mut key_next, mut value_next) = (false, false);
        let mut closed = None;
        let mut bytes = read.iter().enumerate();
        while let Some((at, byte)) = bytes.next() {
            if matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | b':') {
                continue;
            }
            closed = None;
            if !matches!(byte, b',' | b']' | b'}')
                && std::mem::take(&mut value_next)
                && let Some(Part::Values(begun)) = open.last_mut()
            {
                *begun += 1;
            }
            match byte {
                b'"' => {
                    let end = end_of_text(&mut bytes);
                    if let (Some(end), Some(Part::Key(key)), true) =
                        (end, open.last_mut(), key_next)
                    {
                        *key = Some(String::from_utf8_lossy(&read[at + 1..end]).into_owned());
                        key_next = false;
                    }
                }
                b'{' => {
                    open.push(Part::Key(None));
                    key_next = true;
                }
                b'[' => {
                    open.push(Part::Values(0));
                    (key_next, value_next) = (false, true);
                }
                b'}' | b']' => {
                    closed = Some(open.clone());
                    open.pop();
                    (key_next, value_next) = (false, false);
                }
                b',' => {
                    key_next = matches!(open.last(), Some(Part::Key(_)));
                    value_next = !key_next;
                }
                _ => {}
            }
        }
        // An object or list in a wrong place is refused before it is read.
        let is_unread = ["invalid type: map", "invalid type: sequence"]
            .iter()
            .any(|unread| message.starts_with(unread));
        if is_unread
            && value_next
            && let Some(Part::Values(begun)) = open.last_mut()
        {
            *begun += 1;
        }
        // What is wrong with the last value of an object is said after its end; what is missing is
        // missing in the object.
        match closed {
            Some(inside) if !message.starts_with("missing field") => Self(inside),
            _ => Self(open),
        }
    }

    fn written(&self, name: &str) -> String {
        let mut place = name.to_owned();
        for part in &self.0 {
            match part {
                Part::Key(Some(key)) => {
                    place.push('.');
                    place.push_str(&shortened(key, SHOWN));
                }
                Part::Values(begun @ 1..) => {
                    write!(place, "[{}]", begun - 1).expect("a text takes all");
                }
                Part::Key(None) | Part::Values(0) => {}
            }
        }
        place
    }
}

/// Where a text ends whose beginning was read.
fn end_of_text<'a>(bytes: &mut impl Iterator<Item = (usize, &'a u8)>) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at),
            _ => {}
        }
    }
    None
}

struct Fault {
    place: String,
    expected: String,
    found: String,
}

impl Fault {
    /// Takes the message of serde, or of a type of ours, apart. `rest` is what was still to be read.
    fn of(place: String, message: &str, rest: &str) -> Self {
        let (expected, found) = if let Some(field) = quoted(message, "missing field `") {
            let place = format!("{place}.{field}");
            let (expected, found) = ("a value".to_owned(), "none".to_owned());
            return Self {
                place,
                expected,
                found,
            };
        } else if let Some(field) = quoted(message, "duplicate field `") {
            (
                "each field once".to_owned(),
                format!("another field `{field}`"),
            )
        } else if message == "expected value" {
            let end = rest.find([',', '}', ']', ' ', '\n']).unwrap_or(rest.len());
            ("a value of its type".to_owned(), rest[..end].to_owned())
        } else if let Some((_, (expected, found))) = (message.split_once("expected "))
            .and_then(|(before, told)| Some((before, told.split_once(", found ")?)))
        {
            // As our own types say it.
            (expected.to_owned(), found.to_owned())
        } else if let Some((found, expected)) = message.split_once(", expected ") {
            (in_words(expected), in_words(found))
        } else if let Some((found, _)) = message.split_once(", there are no fields") {
            ("no fields".to_owned(), found.to_owned())
        } else {
            ("JSON".to_owned(), message.to_owned())
        };
        Self {
            place,
            expected,
            found,
        }
    }
}

fn quoted<'a>(message: &'a str, before: &str) -> Option<&'a str> {
    message.strip_prefix(before)?.strip_suffix('`')
}

/// Serde's names of types in words for everybody.
fn in_words(told: &str) -> String {
    let told = told
        .strip_prefix("invalid type: ")
        .or_else(|| told.strip_prefix("invalid value: "))
        .unwrap_or(told);
    let words = match told {
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number from 0 on",
        "a boolean" => "true or false",
        "a sequence" | "sequence" => "a list",
        "map" => "an object",
        _ if told.starts_with("struct ") => "an object",
        _ if told.starts_with("the text of a ") => "a text",
        _ => told,
    };
    words.to_owned()
}

/// At most so many characters of a text.
pub(crate) fn shortened(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// The fields whose texts have limits.
const LIMITED: [&str; 20] = [
    "actor",
    "agent",
    "body",
    "data",
    "description",
    "details",
    "error",
    "external_ref",
    "input",
    "kind",
    "name",
    "notes",
    "output",
    "phase",
    "reason",
    "request",
    "source_tool",
    "text",
    "title",
    "json",
];

/// A text that was too long says so by the words of [`InvalidInput::TooLong`], which is all that
/// serde lets through.
fn too_long(place: &str, message: &str) -> Option<InvalidInput> {
    let (kind, limits) = message.split_once(" is too long: expected at most ")?;
    let (limit, rest) = limits.split_once(' ')?;
    let (unit, found) = rest.split_once(", found ")?;
    let last = place.rsplit('.').next();
    let known = |field: &str| LIMITED.into_iter().find(|known| *known == field);
    Some(InvalidInput::TooLong {
        field: last.and_then(known).or_else(|| known(kind))?,
        limit: limit.parse().ok()?,
        unit: ["characters", "bytes"]
            .into_iter()
            .find(|known| *known == unit)?,
        found: found.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ItemId, Name, from_json};
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)] // it is only read
    struct Outer {
        name: Name,
        #[serde(default)]
        inner: Vec<Inner>,
        #[serde(default)]
        ids: Vec<ItemId>,
        #[serde(default)]
        count: u32,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)] // it is only read
    struct Inner {
        title: Name,
        #[serde(default)]
        pinned: bool,
    }

    #[track_caller]
    fn told(text: &str) -> String {
        let error = from_json::<Outer>(text).unwrap_err();
        misread("x", text, &error).to_string()
    }

    #[test]
    fn the_place_is_told_and_what_was_expected_and_found_there() {
        for (text, expected, found) in [
            (r#"{"name":7}"#, "a text", "integer `7` at x.name"),
            (r#"{"name":{}}"#, "a text", "an object at x.name"),
            (r#"{"name":[],"count":1}"#, "a text", "a list at x.name"),
            ("{}", "a value", "none at x.name"),
            (
                r#"{"name":" "}"#,
                "some text",
                "1 characters of white space at x.name",
            ),
            (
                "{\"count\":1,\n \"name\" : \"\" ,\n\"ids\":[]}",
                "some text",
                "0 characters of white space at x.name",
            ),
            (
                r#"{"name":"n","count":-1}"#,
                "a whole number from 0 to 4294967295",
                "integer `-1` at x.count",
            ),
            (
                r#"{"name":"n","count":1.5,"ids":[]}"#,
                "a whole number from 0 to 4294967295",
                "floating point `1.5` at x.count",
            ),
            (
                r#"{"name":"n","inner":[{"title":"t"},{"pinned":true}]}"#,
                "a value",
                "none at x.inner[1].title",
            ),
            (
                r#"{"name":"n","inner":[{"title":"t"},{"title":"t","pinned":1}]}"#,
                "true or false",
                "integer `1` at x.inner[1].pinned",
            ),
            (
                r#"{"name":"n","inner":[{"title":"t"}, [] ]}"#,
                "an object",
                "a list at x.inner[1]",
            ),
            (
                r#"{"name":"n","inner":{}}"#,
                "a list",
                "an object at x.inner",
            ),
            (
                r#"{"name":"n","inner":[{"title":"t","a.b":1}]}"#,
                "`title` or `pinned`",
                "unknown field `a.b` at x.inner[0].a.b",
            ),
            (
                r#"{"name":"n","ids":["01KDWPVNG0CRWD4R5CNFD7RMJH","bad", "more"]}"#,
                "a ULID (26 characters of 0-9 and A-Z without I, L, O, U)",
                "\"bad\" at x.ids[1]",
            ),
            (
                r#"{"name":"n","ids":["bad"]}"#,
                "a ULID (26 characters of 0-9 and A-Z without I, L, O, U)",
                "\"bad\" at x.ids[0]",
            ),
            (
                r#"{"name":"n","ids":[],"name":"m"}"#,
                "each field once",
                "another field `name` at x.name",
            ),
            (
                r#"{"name":"n","count":NaN}"#,
                "a value of its type",
                "NaN at x.count",
            ),
            (
                r#"{"name":"\ud800"}"#,
                "JSON",
                "unexpected end of hex escape at x.name",
            ),
        ] {
            let expected = format!("x is not valid: expected {expected}, found {found}");
            assert_eq!(told(text), expected, "{text}");
        }
    }

    #[test]
    fn a_text_that_is_too_long_is_told_by_its_field() {
        for (text, field) in [
            (format!(r#"{{"name":"{}"}}"#, "ä".repeat(201)), "name"),
            (
                format!(
                    r#"{{"name":"n","inner":[{{"title":"{}"}}]}}"#,
                    "ä".repeat(201)
                ),
                "title",
            ),
        ] {
            let error = from_json::<Outer>(&text).unwrap_err();
            assert_eq!(
                misread("x", &text, &error),
                InvalidInput::TooLong {
                    field,
                    limit: 200,
                    unit: "characters",
                    found: 201
                }
            );
        }
    }

    #[test]
    fn no_text_makes_it_panic_and_long_values_are_cut() {
        let whole = r#"{"name":"ž\"[{","inner":[{"title":"t"}],"ids":[],"count":"ž🎉"}"#;
        for end in (0..whole.len()).filter(|end| whole.is_char_boundary(*end)) {
            assert!(told(&whole[..end]).starts_with("x is not valid: expected "));
        }
        let long = format!(r#"{{"name":"n","count":"{}"}}"#, "🎉".repeat(1000));
        assert!(told(&long).chars().count() < 200, "{}", told(&long));
    }
}
