//! The border: JavaScript's values become what they are expected to be, or are refused; answers
//! become plain objects.
//!
//! Both ways go through JSON text: so each type is read and written by the one deserializer and the
//! one serializer that the journal uses too, which keeps the module smaller.

use super::plain::{self, Refused};
use crate::model::{InvalidInput, from_json};
use js_sys::{JSON, JsString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast as _, JsValue};

/// A value of JavaScript as what it is expected to be.
///
/// # Errors
/// [`InvalidInput`] says where something else was found. Nothing is converted silently: not `NaN`
/// to null, not half a surrogate pair to a replacement character, not a `Date` to a text.
pub(super) fn read<T: DeserializeOwned>(
    name: &'static str,
    value: &JsValue,
) -> Result<T, InvalidInput> {
    let json = plain::json(name, value).map_err(|refused| invalid(name, refused))?;
    from_json(&json).map_err(|error| refused_text(name, &error.to_string()))
}

/// A text of JavaScript, whole.
pub(super) fn text(name: &'static str, value: &JsValue) -> Result<String, InvalidInput> {
    let string = value.dyn_ref::<JsString>();
    let string =
        string.ok_or_else(|| InvalidInput::malformed(name, "a text", &plain::kind(value)))?;
    plain::whole(string).map_err(|refused| invalid(name, refused))
}

/// A text of JavaScript as what it stands for: an id, a name.
pub(super) fn parse<T>(name: &'static str, value: &JsValue) -> Result<T, InvalidInput>
where
    T: std::str::FromStr<Err = InvalidInput>,
{
    text(name, value)?.parse()
}

/// The same of a value that may be left out.
pub(super) fn parse_optional<T>(
    name: &'static str,
    value: &JsValue,
) -> Result<Option<T>, InvalidInput>
where
    T: std::str::FromStr<Err = InvalidInput>,
{
    if value.is_undefined() || value.is_null() {
        return Ok(None);
    }
    parse(name, value).map(Some)
}

/// Data as plain objects, with numbers and texts.
pub(super) fn write<T: Serialize>(data: &T) -> JsValue {
    let json = serde_json::to_string(data).expect("what is answered can be written as JSON");
    JSON::parse(&json).expect("serde_json writes JSON")
}

/// The same of data that nothing else writes as JSON: then there is nothing to share, and no text
/// is needed in between.
pub(super) fn write_own<T: Serialize>(data: &T) -> JsValue {
    data.serialize(&serde_wasm_bindgen::Serializer::json_compatible())
        .expect("what is answered holds texts and small numbers only")
}

fn invalid(field: &'static str, refused: Refused) -> InvalidInput {
    InvalidInput::Malformed {
        field,
        expected: refused.expected.to_owned(),
        found: refused.found,
    }
}

/// What was wrong, from a message of serde. A text that was too long says so by the words of
/// [`InvalidInput::TooLong`], which is all that serde lets through.
fn refused_text(name: &'static str, message: &str) -> InvalidInput {
    too_long(message).unwrap_or_else(|| InvalidInput::Malformed {
        field: name,
        expected: "what its type says".to_owned(),
        found: message.to_owned(),
    })
}

/// The fields that texts with a limit are told by.
const LIMITED: [&str; 9] = [
    "name",
    "checkpoint name",
    "description",
    "reason",
    "text",
    "body",
    "json",
    "data",
    "kind",
];

fn too_long(message: &str) -> Option<InvalidInput> {
    let (field, limits) = message.split_once(" is too long: expected at most ")?;
    let field = LIMITED.into_iter().find(|known| *known == field)?;
    let (limit, rest) = limits.split_once(' ')?;
    let (unit, found) = rest.split_once(", found ")?;
    // Where in the JSON text that was, which nobody gave, is left out.
    let found = found
        .split_once(" at line ")
        .map_or(found, |(found, _)| found);
    let unit = ["characters", "bytes"]
        .into_iter()
        .find(|known| *known == unit)?;
    Some(InvalidInput::TooLong {
        field,
        limit: limit.parse().ok()?,
        unit,
        found: found.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_is_too_long_is_told_from_other_faults() {
        let error = InvalidInput::TooLong {
            field: "name",
            limit: 200,
            unit: "characters",
            found: 201,
        };
        let placed = format!("{error} at line 1 column 9");
        assert_eq!(too_long(&placed), Some(error.clone()));
        assert_eq!(too_long(&error.to_string()), Some(error));
        assert_eq!(too_long("missing field `name`"), None);
    }
}
