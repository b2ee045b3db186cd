//! Texts with limits, and where their bytes are kept.

use super::text_serde::text_serde;
use super::{Digest, InvalidInput};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// What a bounded text counts.
#[derive(Clone, Copy)]
enum Limit {
    /// Unicode scalar values.
    Characters(usize),
    /// Bytes of UTF-8.
    Bytes(usize),
}

fn check(
    field: &'static str,
    text: &str,
    limit: Limit,
    blank_allowed: bool,
) -> Result<(), InvalidInput> {
    let (found, limit, unit) = match limit {
        // As many bytes as characters at least, so most texts need no count.
        Limit::Characters(limit) if text.len() <= limit => (text.len(), limit, "characters"),
        Limit::Characters(limit) => (text.chars().count(), limit, "characters"),
        Limit::Bytes(limit) => (text.len(), limit, "bytes"),
    };
    if found > limit {
        return Err(InvalidInput::TooLong {
            field,
            limit,
            unit,
            found,
        });
    }
    if !blank_allowed && text.trim().is_empty() {
        return Err(InvalidInput::Blank {
            field,
            found: text.chars().count(),
        });
    }
    Ok(())
}

macro_rules! texts {
    ($($(#[doc = $doc:literal])+ $name:ident($field:literal, $limit:expr, blank_allowed: $blank:literal);)+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        text_serde!($name);

        impl $name {
            /// Takes the text if it is within the limits.
            ///
            /// # Errors
            /// [`InvalidInput`] says which limit and what was found.
            pub fn new(text: impl Into<Arc<str>>) -> Result<Self, InvalidInput> {
                let text = text.into();
                check($field, &text, $limit, $blank)?;
                Ok(Self(text))
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidInput;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }

        impl From<&$name> for Arc<str> {
            fn from(text: &$name) -> Arc<str> {
                Arc::clone(&text.0)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> String {
                text.0.as_ref().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    )+};
}

texts! {
    /// A name or title: 1 to 200 characters, not blank.
    Name("name", Limit::Characters(200), blank_allowed: false);
    /// A checkpoint's name: 1 to 100 characters, not blank.
    CheckpointName("checkpoint name", Limit::Characters(100), blank_allowed: false);
    /// A checkpoint's description: at most 500 characters.
    Description("description", Limit::Characters(500), blank_allowed: true);
    /// Why something is done: at most 2,000 characters.
    Reason("reason", Limit::Characters(2000), blank_allowed: true);
    /// A request, a plan's text or an error: 1 byte to 1 MiB of UTF-8, not blank.
    LongText("text", Limit::Bytes(1 << 20), blank_allowed: false);
    /// The body of a context item: 1 to 100,000 characters, not blank.
    Body("body", Limit::Characters(100_000), blank_allowed: false);
}

macro_rules! json_texts {
    ($($(#[doc = $doc:literal])+ $name:ident($field:literal, bytes: $bytes:expr, depth: $depth:literal);)+) => {$(
        $(#[doc = $doc])+
        ///
        /// Kept as the text it came as: numbers, spaces and the order of keys stay.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name(Arc<str>);

        text_serde!($name);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl $name {
            /// Takes the text if it is one JSON value within the limits.
            ///
            /// # Errors
            /// [`InvalidInput`] says which limit, or where it stops being JSON.
            pub fn new(text: impl Into<Arc<str>>) -> Result<Self, InvalidInput> {
                let text = text.into();
                check($field, &text, Limit::Bytes($bytes), true)?;
                check_json($field, &text, $depth)?;
                Ok(Self(text))
            }

            /// The JSON text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidInput;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }

        impl From<&$name> for Arc<str> {
            fn from(text: &$name) -> Arc<str> {
                Arc::clone(&text.0)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> String {
                text.0.as_ref().to_owned()
            }
        }
    )+};
}

json_texts! {
    /// A step's input or output: any JSON value, at most 1 MiB of text, nested at most 100 deep.
    Json("json", bytes: 1 << 20, depth: 100);
    /// A caller's own data beside a record: any JSON value, at most 64 KiB, nested at most 32 deep.
    Data("data", bytes: 1 << 16, depth: 32);
}

fn check_json(field: &'static str, text: &str, depth: usize) -> Result<(), InvalidInput> {
    serde_json::from_str::<serde::de::IgnoredAny>(text)
        .map_err(|error| InvalidInput::malformed(field, "one JSON value", &error.to_string()))?;
    let found = json_depth(text);
    if found > depth {
        return Err(InvalidInput::malformed(
            field,
            format!("JSON nested at most {depth} deep"),
            &format!("{found} deep"),
        ));
    }
    Ok(())
}

/// How deep a valid JSON text is nested.
fn json_depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Names a body in the project's blob store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct BlobRef {
    /// The BLAKE3 of its bytes.
    pub digest: Digest,
    /// How many bytes it has.
    pub bytes: u32,
}

/// A body on its way to the blob store: bytes with the digest that names them.
#[derive(Clone, PartialEq, Eq)]
pub struct Blob {
    digest: Digest,
    bytes: Arc<str>,
}

impl Blob {
    /// Names these bytes. At most 1 MiB, by the types that bodies come from.
    #[must_use]
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        let bytes = text.into();
        Self {
            digest: Digest::of(bytes.as_bytes()),
            bytes,
        }
    }

    /// The digest that names it.
    #[must_use]
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes.as_bytes()
    }

    /// What stands for it in the state.
    #[must_use]
    pub fn reference(&self) -> BlobRef {
        BlobRef {
            digest: self.digest,
            bytes: u32::try_from(self.bytes.len()).expect("bodies are limited to 1 MiB"),
        }
    }
}

impl fmt::Debug for Blob {
    // Bodies never reach a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Blob({}, {} bytes)", self.digest, self.bytes.len())
    }
}

/// A text in the state: short ones in place, long ones in the blob store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub enum Text {
    /// The text itself: at most [`Text::INLINE_BYTES`].
    Inline(#[cfg_attr(test, proptest(strategy = "super::arbitrary::text()"))] Arc<str>),
    /// The name of the text in the blob store.
    Stored(StoredText),
}

/// A text in the blob store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct StoredText {
    /// Where all of it is.
    pub blob: BlobRef,
    /// How it begins: its first [`Text::START_CHARACTERS`], so that lists need no blob.
    #[cfg_attr(test, proptest(strategy = "super::arbitrary::text()"))]
    pub start: Arc<str>,
}

impl Text {
    /// Texts of more bytes than this live in the blob store, so that entries and states stay small.
    pub const INLINE_BYTES: usize = 4096;

    /// How much of a text stands in lists.
    pub const START_CHARACTERS: usize = 200;

    /// Decides where the text lives; the blob, if there is one, is for the caller to store.
    #[must_use]
    pub fn keep(text: &LongText) -> (Self, Option<Blob>) {
        if text.0.len() <= Self::INLINE_BYTES {
            (Text::Inline(text.0.clone()), None)
        } else {
            let blob = Blob::new(text.0.clone());
            let stored = StoredText {
                blob: blob.reference(),
                start: text
                    .0
                    .chars()
                    .take(Self::START_CHARACTERS)
                    .collect::<String>()
                    .into(),
            };
            (Text::Stored(stored), Some(blob))
        }
    }

    /// Its body in the blob store, if it lives there.
    #[must_use]
    pub fn blob(&self) -> Option<BlobRef> {
        match self {
            Text::Inline(_) => None,
            Text::Stored(stored) => Some(stored.blob),
        }
    }

    /// How it begins, at most [`Text::START_CHARACTERS`].
    #[must_use]
    pub fn start(&self) -> &str {
        match self {
            Text::Stored(stored) => &stored.start,
            Text::Inline(text) => text
                .char_indices()
                .nth(Self::START_CHARACTERS)
                .map_or(text, |(end, _)| &text[..end]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_over_its_limit_is_refused_with_what_was_found() {
        assert!(Name::new("ä".repeat(200)).is_ok());
        let error = Name::new("ä".repeat(201)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "name is too long: expected at most 200 characters, found 201"
        );
        assert!(CheckpointName::new("x".repeat(101)).is_err());
        assert!(Description::new("x".repeat(501)).is_err());
        assert!(Reason::new("x".repeat(2001)).is_err());
        assert!(LongText::new("x".repeat(1 << 20)).is_ok());
        assert!(LongText::new("x".repeat((1 << 20) + 1)).is_err());
    }

    #[test]
    fn r27_a_body_is_1_to_100_000_characters_and_not_blank() {
        assert!(Body::new("x".repeat(100_000)).is_ok());
        assert!(Body::new("€".repeat(100_000)).is_ok());
        assert!(Body::new("x".repeat(100_001)).is_err());
        for blank in ["", " ", "\n\t\u{a0}"] {
            assert!(
                matches!(Body::new(blank), Err(InvalidInput::Blank { .. })),
                "{blank:?}"
            );
        }
    }

    #[test]
    fn json_is_kept_as_text_and_limited_in_depth() {
        let text = r#"{ "b": 1.10, "a": "[[[\"[[" }"#;
        assert_eq!(Json::new(text).unwrap().as_str(), text);
        assert!(Json::new("{").is_err());
        assert!(Json::new("1 2").is_err());
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(Data::new(nested(32)).is_ok());
        assert!(Data::new(nested(33)).is_err());
        assert!(Data::new(format!("\"{}\"", "x".repeat(1 << 16))).is_err());
        assert!(Json::new(nested(100)).is_ok());
        assert!(Json::new(nested(101)).is_err());
        assert!(Json::new(nested(400_000)).is_err());
    }

    #[test]
    fn a_long_text_lives_in_the_blob_store() {
        let (text, blob) = Text::keep(&LongText::new("x".repeat(4096)).unwrap());
        assert!(matches!(text, Text::Inline(_)) && blob.is_none());
        let (text, blob) = Text::keep(&LongText::new("x".repeat(4097)).unwrap());
        assert_eq!(text.start(), "x".repeat(200));
        let Text::Stored(stored) = text else {
            panic!("expected it in the blob store")
        };
        assert_eq!(stored.blob, blob.unwrap().reference());
    }
}
