//! The border: JavaScript's values become what they are expected to be, or are refused; answers
//! become plain objects.
//!
//! Both ways go through JSON text: so each type is read and written by the one deserializer and the
//! one serializer that the journal uses too, which keeps the module smaller.

use super::failure::Failure;
use super::plain::{self, Refused};
use crate::model::{InvalidInput, from_json, misread};
use js_sys::{Function, JSON, JsString};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast as _, JsValue};

/// A value of JavaScript as what it is expected to be.
///
/// # Errors
/// `INVALID_INPUT` says where something else was found. Nothing is converted silently: not `NaN`
/// to null, not half a surrogate pair to a replacement character, not a `Date` to a text.
pub(super) fn read<T: DeserializeOwned>(name: &'static str, value: &JsValue) -> Result<T, Failure> {
    let json = plain::json(name, value).map_err(|refused| invalid(name, refused))?;
    from_json(&json).map_err(|error| misread(name, &json, &error).into())
}

/// The same of an object with some properties that are no data: those are given as they are.
pub(super) fn read_without<T: DeserializeOwned, const N: usize>(
    name: &'static str,
    value: &JsValue,
    apart: [&'static str; N],
) -> Result<(T, [JsValue; N]), Failure> {
    let read = plain::json_without(name, value, apart);
    let (json, taken) = read.map_err(|refused| invalid(name, refused))?;
    let data = from_json(&json).map_err(|error| misread(name, &json, &error))?;
    Ok((data, taken))
}

/// A function that may be left out.
pub(super) fn function(
    name: &'static str,
    value: JsValue,
) -> Result<Option<Function>, InvalidInput> {
    if value.is_undefined() {
        return Ok(None);
    }
    let function = value.dyn_into().map_err(|found| {
        let found = plain::kind(&found);
        InvalidInput::malformed(name, "a function", &found)
    })?;
    Ok(Some(function))
}

/// A text of JavaScript, whole.
pub(super) fn text(name: &'static str, value: &JsValue) -> Result<String, Failure> {
    let string = value.dyn_ref::<JsString>();
    let string =
        string.ok_or_else(|| InvalidInput::malformed(name, "a text", &plain::kind(value)))?;
    plain::whole(string).map_err(|refused| invalid(name, refused).into())
}

/// A text of JavaScript as what it stands for: an id, a name.
pub(super) fn parse<T>(name: &'static str, value: &JsValue) -> Result<T, Failure>
where
    T: std::str::FromStr<Err = InvalidInput>,
{
    Ok(text(name, value)?.parse()?)
}

/// The same of a value that may be left out.
pub(super) fn parse_optional<T>(name: &'static str, value: &JsValue) -> Result<Option<T>, Failure>
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
