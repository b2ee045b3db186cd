//! The border: JavaScript's values become data, or are refused with their place; data become plain
//! objects.
//!
//! Both ways go through JSON text: so each type is read and written by the one deserializer and the
//! one serializer that the journal uses too, which halves the module.

use crate::model::{InvalidInput, from_json};
use js_sys::{Array, JSON, JsString, Number, Object, Reflect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast as _, JsValue};

/// Deeper than anything that is asked for; a cycle is deeper still.
const MAX_DEPTH: usize = 64;

/// A value of JavaScript as what it is expected to be.
///
/// # Errors
/// [`InvalidInput`] says where something else was found. Nothing is converted silently: not `NaN`
/// to null, not half a surrogate pair to a replacement character, not a `Date` to a text.
pub(super) fn read<T: DeserializeOwned>(
    name: &'static str,
    value: &JsValue,
) -> Result<T, InvalidInput> {
    from_json(&json(name, value)?).map_err(|error| refused_text(name, &error.to_string()))
}

/// Looks at a value as [`read`] does, and leaves the reading to somebody else.
pub(super) fn check(name: &'static str, value: &JsValue) -> Result<(), InvalidInput> {
    json(name, value).map(drop)
}

fn json(name: &'static str, value: &JsValue) -> Result<String, InvalidInput> {
    let mut place = name.to_owned();
    let mut json = String::new();
    write_json(value, &mut json, &mut place, MAX_DEPTH).map_err(|refused| {
        let found = format!("{} at {place}", refused.found);
        InvalidInput::malformed(name, refused.expected, &found)
    })?;
    Ok(json)
}

/// A text of JavaScript, whole.
pub(super) fn text(name: &'static str, value: &JsValue) -> Result<String, InvalidInput> {
    let string = value.dyn_ref::<JsString>();
    let string = string.ok_or_else(|| InvalidInput::malformed(name, "a text", &kind(value)))?;
    whole(string).ok_or_else(|| InvalidInput::malformed(name, WHOLE_TEXT, HALF))
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

const WHOLE_TEXT: &str = "a text of whole characters";
const HALF: &str = "half of a surrogate pair";

struct Refused {
    expected: &'static str,
    found: String,
}

impl Refused {
    fn new(expected: &'static str, found: impl Into<String>) -> Self {
        Self {
            expected,
            found: found.into(),
        }
    }
}

/// Writes a value as JSON text. An object's `type` comes first, wherever it stands there: that is
/// how tagged enums are read.
fn write_json(
    value: &JsValue,
    json: &mut String,
    place: &mut String,
    depth: usize,
) -> Result<(), Refused> {
    if value.is_null() || value.is_undefined() {
        json.push_str("null");
    } else if let Some(truth) = value.as_bool() {
        json.push_str(if truth { "true" } else { "false" });
    } else if let Some(number) = value.as_f64() {
        json.push_str(&number_text(value, number)?);
    } else if let Some(string) = value.dyn_ref::<JsString>() {
        write_text(
            &whole(string).ok_or_else(|| Refused::new(WHOLE_TEXT, HALF))?,
            json,
        );
    } else if depth == 0 {
        return Err(Refused::new("data with an end", "something endlessly deep"));
    } else if Array::is_array(value) {
        json.push('[');
        let array: &Array = value.unchecked_ref();
        for (index, element) in array.iter().enumerate() {
            if index > 0 {
                json.push(',');
            }
            within(place, &format!("[{index}]"), |place| {
                write_json(&element, json, place, depth - 1)
            })?;
        }
        json.push(']');
    } else {
        // Not by `instanceof`, which an object of another realm or without a prototype is not.
        let object = value.is_object().then(|| value.unchecked_ref::<Object>());
        let object = object.filter(|object| is_plain(object));
        let object = object.ok_or_else(|| Refused::new("plain data", kind(value)))?;
        write_object(object, json, place, depth)?;
    }
    Ok(())
}

fn write_object(
    object: &Object,
    json: &mut String,
    place: &mut String,
    depth: usize,
) -> Result<(), Refused> {
    let mut names = Vec::new();
    for key in Object::keys(object).iter() {
        let name = key.dyn_ref::<JsString>().and_then(whole);
        names.push(name.ok_or_else(|| Refused::new(WHOLE_TEXT, HALF))?);
    }
    // The others stay in their order.
    if let Some(tag) = names.iter().position(|name| name == "type") {
        names[..=tag].rotate_right(1);
    }
    json.push('{');
    for name in names {
        let value = Reflect::get(object, &name.as_str().into())
            .map_err(|_| Refused::new("plain data", "a property that throws"))?;
        // As JSON has it: what isn't defined isn't there.
        if value.is_undefined() {
            continue;
        }
        if !json.ends_with('{') {
            json.push(',');
        }
        write_text(&name, json);
        json.push(':');
        within(place, &format!(".{name}"), |place| {
            write_json(&value, json, place, depth - 1)
        })?;
    }
    json.push('}');
    Ok(())
}

/// Does something one place further down. After a refusal the place is left as it is, to be told.
fn within(
    place: &mut String,
    part: &str,
    inner: impl FnOnce(&mut String) -> Result<(), Refused>,
) -> Result<(), Refused> {
    let length = place.len();
    place.push_str(part);
    inner(place)?;
    place.truncate(length);
    Ok(())
}

fn write_text(text: &str, json: &mut String) {
    json.push_str(&serde_json::to_string(text).expect("a text can be written as JSON"));
}

fn number_text(value: &JsValue, number: f64) -> Result<String, Refused> {
    if Number::is_safe_integer(value) {
        // Without a sign before zero.
        #[allow(clippy::cast_possible_truncation)] // an integer below 2^53
        return Ok((number as i64).to_string());
    }
    if !number.is_finite() {
        return Err(Refused::new("a number", number_word(number)));
    }
    if number.fract() == 0.0 {
        return Err(Refused::new("an integer up to 2^53 − 1", "a larger one"));
    }
    // Every number of JavaScript's is written as JSON writes it.
    Ok(JSON::stringify(value)
        .ok()
        .and_then(|text| whole(&text))
        .unwrap_or_default())
}

const fn number_word(number: f64) -> &'static str {
    if number.is_nan() { "NaN" } else { "Infinity" }
}

/// Whether it is an object that a literal or `JSON.parse` makes: no class instance, no `Map`.
fn is_plain(object: &Object) -> bool {
    // A function is an object too, but none of these.
    if object.is_function() {
        return false;
    }
    let prototype = Object::get_prototype_of(object);
    // One level up there is nothing more: `Object.prototype`, of this realm or another.
    prototype.is_null() || Object::get_prototype_of(&prototype).is_null()
}

/// The text, unless it has half of a surrogate pair in it, which no text has that can be stored.
fn whole(string: &JsString) -> Option<String> {
    string.is_valid_utf16().then(|| String::from(string))
}

/// What something is, in a word.
fn kind(value: &JsValue) -> String {
    if value.is_undefined() {
        return "undefined".to_owned();
    }
    if value.is_object() {
        let constructor = Reflect::get(value, &"constructor".into());
        let name = constructor.and_then(|constructor| Reflect::get(&constructor, &"name".into()));
        return match name.ok().and_then(|name| name.as_string()) {
            Some(name) if !name.is_empty() => format!("a {name}"),
            _ => "an object".to_owned(),
        };
    }
    value
        .js_typeof()
        .as_string()
        .map_or_else(|| "something else".to_owned(), |kind| format!("a {kind}"))
}

/// What was wrong, from a message of serde. A text that was too long says so by the words of
/// [`InvalidInput::TooLong`], which is all that serde lets through.
pub(super) fn refused_text(name: &'static str, message: &str) -> InvalidInput {
    too_long(name, message).unwrap_or_else(|| InvalidInput::Malformed {
        field: name,
        expected: "what its type says".to_owned(),
        found: message.to_owned(),
    })
}

fn too_long(field: &'static str, message: &str) -> Option<InvalidInput> {
    let (_, limits) = message.split_once(" is too long: expected at most ")?;
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
        assert_eq!(too_long("name", &placed), Some(error.clone()));
        assert_eq!(too_long("name", &error.to_string()), Some(error));
        assert_eq!(too_long("name", "missing field `name`"), None);
    }
}
