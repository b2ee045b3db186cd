//! Values for property tests: every model type at random, odd ones among them.
//!
//! Collections are small, so that a few hundred cases take no time: what is looked for is a
//! field that is lost or mixed up, not what only much data does.

use super::{
    Actor, Body, CheckpointId, CheckpointName, CommandId, Data, Description, Digest, ItemId,
    ItemKind, Json, Keyed, LongText, MAX_INTEGER, Name, PlanId, PlanState, ProjectId,
    ProjectStatus, Reason, Records, Revision, StepId, Timestamp,
};
use imbl::{OrdMap, Vector};
use proptest::prelude::*;
use proptest::sample::select;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use std::sync::Arc;

/// The most records that a collection gets.
const FEW: usize = 3;

/// What texts are made of: letters, and what has broken somebody's encoding, quoting, escaping
/// or column width before.
const ODD_PIECES: &[&str] = &[
    "",
    " ",
    "\0",
    "\"",
    "'",
    "\\",
    "\\u0000",
    "\n",
    "\r\n",
    "\t",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{2028}",
    "\u{202e}", // right-to-left override
    "\u{200f}", // right-to-left mark
    "\u{feff}", // byte-order mark
    "\u{fffd}",
    "\u{10ffff}",
    "e\u{301}", // é in two scalar values, which must not become one
    "é",
    "שלום",
    "🦀",
    "👩\u{200d}👩\u{200d}👧", // one family, five scalar values
    "-- ; drop table plans",
    "{}[],:",
    "</script>",
    "${x} %s {0}",
];

/// Any text, odd ones often.
pub(crate) fn string() -> impl Strategy<Value = String> + use<> {
    let piece = prop_oneof![
        3 => select(ODD_PIECES).prop_map(str::to_owned),
        2 => "[a-zA-Z0-9 _-]{1,12}",
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

/// Any text, shared.
pub(crate) fn text() -> impl Strategy<Value = Arc<str>> + use<> {
    string().prop_map(Arc::from)
}

/// A text that isn't blank, of at most so many characters; now and then of just that many.
fn words(limit: usize) -> impl Strategy<Value = String> + use<> {
    let exact =
        select(["x", "ä", "🦀"].as_slice()).prop_map(move |one| one.repeat(limit.min(2000)));
    prop_oneof![20 => string(), 1 => exact].prop_map(move |text| {
        let text: String = text.chars().take(limit).collect();
        if text.trim().is_empty() {
            format!("x{text}").chars().take(limit).collect()
        } else {
            text
        }
    })
}

/// A number that any store can hold: 0 to [`MAX_INTEGER`], its ends often.
pub(crate) fn integer() -> impl Strategy<Value = u64> + use<> {
    prop_oneof![3 => 0..=9_u64, 1 => 0..=MAX_INTEGER, 1 => Just(MAX_INTEGER)]
}

/// Such a number, or none.
pub(crate) fn maybe_integer() -> impl Strategy<Value = Option<u64>> + use<> {
    prop::option::of(integer())
}

/// The index of a step, or −1.
pub(crate) fn last_step() -> impl Strategy<Value = i64> + use<> {
    prop_oneof![Just(-1), 0..10_000_i64]
}

/// At most a few values, so that what holds others that hold others stays small. Boxed: nested
/// strategies by value overflow a test thread's stack.
pub(crate) fn few<T: Arbitrary + 'static>() -> BoxedStrategy<Vec<T>> {
    prop::collection::vec(any::<T>().boxed(), 0..=FEW).boxed()
}

/// Any value, with the strategy on the heap: see [`few`].
pub(crate) fn boxed<T: Arbitrary + 'static>() -> BoxedStrategy<T> {
    any::<T>().boxed()
}

/// A few records by their ids.
pub(crate) fn records<T>() -> impl Strategy<Value = Records<T>>
where
    T: Keyed<Key: Debug> + Arbitrary + 'static,
{
    few::<T>().prop_map(|records| {
        records
            .into_iter()
            .map(|record| (record.key().clone(), Arc::new(record)))
            .collect()
    })
}

/// A few keys and values.
pub(crate) fn map<K, V>() -> impl Strategy<Value = OrdMap<K, V>>
where
    K: Arbitrary + Ord + Clone + 'static,
    V: Arbitrary + Clone + 'static,
{
    few::<(K, V)>().prop_map(|pairs| pairs.into_iter().collect())
}

/// A few shared values, in order.
pub(crate) fn shared<T: Arbitrary + 'static>() -> impl Strategy<Value = Vector<Arc<T>>> {
    few::<T>().prop_map(|values| values.into_iter().map(Arc::new).collect())
}

/// A stored value with no integer over [`MAX_INTEGER`], as Holdpoint itself writes them. Goes by
/// way of JSON, so it is for tests that count with the value, not for those of its round trip.
pub(crate) fn limited<T>() -> impl Strategy<Value = T>
where
    T: Arbitrary + Serialize + DeserializeOwned,
{
    any::<T>().prop_map(|value| {
        let json = serde_json::to_string(&value).expect("stored types can be written as JSON");
        serde_json::from_str(&limit_integers(&json)).expect("a smaller integer is as good")
    })
}

/// The JSON text with every integer limited. On the text, since its fields have to keep their
/// order.
fn limit_integers(json: &str) -> String {
    let mut limited = String::with_capacity(json.len());
    // Strings begin and end with a quote that no backslash escapes; outside of them all runs of
    // digits are numbers.
    for (number, part) in split_strings(json).into_iter().enumerate() {
        if number % 2 == 1 {
            limited.push_str(part);
            continue;
        }
        for run in part.split_inclusive(|letter: char| !letter.is_ascii_digit()) {
            let digits = run.trim_end_matches(|letter: char| !letter.is_ascii_digit());
            match digits.parse::<u64>() {
                Ok(value) => {
                    limited.push_str(&value.min(MAX_INTEGER).to_string());
                    limited.push_str(&run[digits.len()..]);
                }
                Err(_) => limited.push_str(run),
            }
        }
    }
    limited
}

/// The parts outside and inside of strings by turns, beginning outside. Strings have their quotes.
fn split_strings(json: &str) -> Vec<&str> {
    let (mut parts, mut start, mut in_string, mut escaped) = (Vec::new(), 0, false, false);
    for (at, byte) in json.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => {
                let end = at + usize::from(in_string);
                parts.push(&json[start..end]);
                (start, in_string) = (end, !in_string);
            }
            _ => {}
        }
    }
    parts.push(&json[start..]);
    parts
}

/// JSON text as somebody else may have written it: with spaces, and numbers as they please.
fn json_text() -> impl Strategy<Value = String> + use<> {
    let quoted = string()
        .prop_map(|text| serde_json::Value::from(text).to_string())
        .boxed();
    let scalar = prop_oneof![
        select(
            [
                "null",
                "true",
                " false ",
                "0",
                "-0.0",
                "1.10",
                "1e2",
                "9007199254740993",
                "1E-7"
            ]
            .as_slice()
        )
        .prop_map(str::to_owned),
        quoted.clone(),
    ];
    scalar.prop_recursive(3, 12, 3, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..=FEW)
                .prop_map(|values| format!("[{}]", values.join(", "))),
            prop::collection::vec((quoted.clone(), inner), 0..=FEW).prop_map(|fields| {
                let fields: Vec<_> = fields
                    .into_iter()
                    .map(|(name, value)| format!("{name}: {value}"))
                    .collect();
                format!("{{\n{}}}", fields.join(","))
            }),
        ]
    })
}

/// The parts of a ULID: 48 bits of time, 80 random ones.
fn ulid_parts() -> impl Strategy<Value = (u64, u128)> + use<> {
    let time = prop_oneof![4 => 0..1_u64 << 48, 1 => Just(0), 1 => Just((1 << 48) - 1)];
    (time, 0..1_u128 << 80)
}

macro_rules! arbitrary {
    ($($type:ty: $strategy:expr;)+) => {$(
        impl Arbitrary for $type {
            type Parameters = ();
            type Strategy = BoxedStrategy<Self>;

            fn arbitrary_with((): ()) -> Self::Strategy {
                $strategy.boxed()
            }
        }
    )+};
}

// The larger enums by choice from their lists: each derived one is several kilobytes of strategy
// for every field that holds it.
arbitrary! {
    ProjectId: ulid_parts().prop_map(|(time, random)| ProjectId::from_parts(time, random));
    PlanId: ulid_parts().prop_map(|(time, random)| PlanId::from_parts(time, random));
    StepId: ulid_parts().prop_map(|(time, random)| StepId::from_parts(time, random));
    ItemId: ulid_parts().prop_map(|(time, random)| ItemId::from_parts(time, random));
    CheckpointId: ulid_parts().prop_map(|(time, random)| CheckpointId::from_parts(time, random));
    CommandId: ulid_parts().prop_map(|(time, random)| CommandId::from_parts(time, random));
    Digest: prop_oneof![9 => any::<[u8; 8]>().prop_map(|bytes| Digest::of(&bytes)), 1 => Just(Digest::ZERO)];
    Timestamp: prop_oneof![
        Just(Timestamp::EPOCH),
        Just(Timestamp::LATEST),
        any::<i64>().prop_map(|time| Timestamp::from_milliseconds_clamped(time.rem_euclid(1 << 48))),
    ];
    PlanState: select(PlanState::ALL.as_slice());
    ProjectStatus: select(ProjectStatus::ALL.as_slice());
    Revision: integer().prop_map(Revision::new);
    Name: words(200).prop_map(|text| Name::new(text).expect("within its limit"));
    Actor: any::<Name>().prop_map(Actor::new);
    ItemKind: prop_oneof![
        select(["task", "code", "error", "test_result", "prd_section"].as_slice()).prop_map(str::to_owned),
        words(ItemKind::MAX_CHARACTERS),
    ]
    .prop_map(|text| ItemKind::new(&text).expect("within its limit"));
    CheckpointName: words(100).prop_map(|text| CheckpointName::new(text).expect("within its limit"));
    Description: string().prop_map(|text| Description::new(text).expect("within its limit"));
    Reason: string().prop_map(|text| Reason::new(text).expect("within its limit"));
    LongText: words(5000).prop_map(|text| LongText::new(text).expect("within its limit"));
    Body: words(5000).prop_map(|text| Body::new(text).expect("within its limit"));
    Json: json_text().prop_map(|text| Json::new(text).expect("it is JSON"));
    Data: json_text().prop_map(|text| Data::new(text).expect("it is JSON"));
}
