//! Plain data: JavaScript's values, walked once and written as JSON text, or refused with their
//! place.
//!
//! Whatever a value does when it is looked at (a getter that throws, a revoked proxy) is refused
//! like anything else: an exception that went through the module would leave a call unsettled.

use js_sys::{Array, JSON, JsString, Number, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};

/// Deeper than anything that is asked for; a cycle is deeper still.
const MAX_DEPTH: usize = 64;
/// More than anything that is asked for: a list with as many holes would keep the page waiting.
const MAX_VALUES: usize = 1_000_000;
/// How much of a name is told in a place.
const NAME_SHOWN: usize = 40;

const WHOLE_TEXT: &str = "a text of whole characters";
const HALF: &str = "half of a surrogate pair";

// As js-sys has them, but for what they throw of a proxy.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = Array, js_name = isArray)]
    fn is_array(value: &JsValue) -> Result<bool, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Object, js_name = keys)]
    fn keys(object: &JsValue) -> Result<Array, JsValue>;

    #[wasm_bindgen(catch, js_namespace = Object, js_name = getPrototypeOf)]
    fn prototype_of(object: &JsValue) -> Result<JsValue, JsValue>;
}

/// Why a value is refused.
pub(super) struct Refused {
    pub(super) expected: &'static str,
    /// What was found, and where.
    pub(super) found: String,
}

/// A value as JSON text. An object's `type` comes first, wherever it stands there: that is how
/// tagged enums are read.
pub(super) fn json(name: &str, value: &JsValue) -> Result<String, Refused> {
    json_without(name, value, []).map(|(json, [])| json)
}

/// The same of an object without some of its properties, which are no data and are given as they
/// are: undefined where there is none.
pub(super) fn json_without<const N: usize>(
    name: &str,
    value: &JsValue,
    apart: [&'static str; N],
) -> Result<(String, [JsValue; N]), Refused> {
    let mut taken = [JsValue::UNDEFINED; N];
    let mut walk = Walk {
        json: String::new(),
        place: name.to_owned(),
        left: MAX_VALUES,
        apart: &apart,
        taken: &mut taken,
    };
    match walk.value(value, MAX_DEPTH) {
        Ok(()) => Ok((walk.json, taken)),
        Err(refused) => Err(Refused {
            expected: refused.expected,
            found: format!("{} at {}", refused.found, walk.place),
        }),
    }
}

/// The text, unless it has half of a surrogate pair in it, which no text has that can be stored.
pub(super) fn whole(string: &JsString) -> Result<String, Refused> {
    if string.is_valid_utf16() {
        Ok(String::from(string))
    } else {
        Err(refused(WHOLE_TEXT, HALF))
    }
}

/// What something is, in a word.
pub(super) fn kind(value: &JsValue) -> String {
    if value.is_undefined() {
        return "undefined".to_owned();
    }
    if value.is_object() {
        let constructor = Reflect::get(value, &"constructor".into());
        let name = constructor.and_then(|constructor| Reflect::get(&constructor, &"name".into()));
        return match name.ok().and_then(|name| name.as_string()) {
            Some(name) if !name.is_empty() => format!("a {}", shortened(&name)),
            _ => "an object".to_owned(),
        };
    }
    value
        .js_typeof()
        .as_string()
        .map_or_else(|| "something else".to_owned(), |kind| format!("a {kind}"))
}

/// A number as it is, anything else by its kind.
pub(super) fn shown(given: &JsValue) -> String {
    match given
        .dyn_ref::<Number>()
        .map(|number| number.to_string_with_radix(10))
    {
        Some(Ok(digits)) => String::from(digits),
        _ if given.is_null() => "null".to_owned(),
        _ => kind(given),
    }
}

struct Walk<'a> {
    json: String,
    /// Where it is. After a refusal it stays there, to be told.
    place: String,
    /// How many values there may still be.
    left: usize,
    /// The properties of the outermost object that are left out, and what was found there.
    apart: &'a [&'static str],
    taken: &'a mut [JsValue],
}

impl Walk<'_> {
    fn value(&mut self, value: &JsValue, depth: usize) -> Result<(), Refused> {
        self.left = self
            .left
            .checked_sub(1)
            .ok_or_else(|| refused("at most a million values", "more"))?;
        if value.is_null() || value.is_undefined() {
            self.json.push_str("null");
        } else if let Some(truth) = value.as_bool() {
            self.json.push_str(if truth { "true" } else { "false" });
        } else if let Some(number) = value.as_f64() {
            self.json.push_str(&number_text(value, number)?);
        } else if let Some(string) = value.dyn_ref::<JsString>() {
            self.text(&whole(string)?);
        } else if depth == 0 {
            return Err(refused("data with an end", "something endlessly deep"));
        } else if is_array(value).map_err(threw)? {
            self.array(value, depth - 1)?;
        } else if is_plain(value)? {
            self.object(value, depth - 1)?;
        } else {
            return Err(refused("plain data", kind(value)));
        }
        Ok(())
    }

    fn array(&mut self, array: &JsValue, depth: usize) -> Result<(), Refused> {
        let length = Reflect::get(array, &"length".into()).map_err(threw)?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // an array's length
        let length = length.as_f64().unwrap_or(0.0) as u32;
        self.json.push('[');
        for index in 0..length {
            if index > 0 {
                self.json.push(',');
            }
            self.within(&format!("[{index}]"), |walk| {
                let element = Reflect::get_u32(array.unchecked_ref(), index).map_err(threw)?;
                walk.value(&element, depth)
            })?;
        }
        self.json.push(']');
        Ok(())
    }

    fn object(&mut self, object: &JsValue, depth: usize) -> Result<(), Refused> {
        let mut names = Vec::new();
        for key in keys(object).map_err(threw)?.iter() {
            names.push(whole(key.unchecked_ref())?);
        }
        // The others stay in their order.
        if let Some(tag) = names.iter().position(|name| name == "type") {
            names[..=tag].rotate_right(1);
        }
        self.json.push('{');
        for name in names {
            self.within(&format!(".{}", shortened(&name)), |walk| {
                let value = Reflect::get(object, &name.as_str().into()).map_err(threw)?;
                // As JSON has it: what isn't defined isn't there.
                if value.is_undefined() {
                    return Ok(());
                }
                let apart = walk.apart.iter().position(|apart| *apart == name);
                if let (Some(apart), true) = (apart, depth + 1 == MAX_DEPTH) {
                    walk.taken[apart] = value;
                    return Ok(());
                }
                if !walk.json.ends_with('{') {
                    walk.json.push(',');
                }
                walk.text(&name);
                walk.json.push(':');
                walk.value(&value, depth)
            })?;
        }
        self.json.push('}');
        Ok(())
    }

    fn text(&mut self, text: &str) {
        let text = serde_json::to_string(text).expect("a text can be written as JSON");
        self.json.push_str(&text);
    }

    /// Does something one place further down.
    fn within(
        &mut self,
        part: &str,
        inner: impl FnOnce(&mut Self) -> Result<(), Refused>,
    ) -> Result<(), Refused> {
        let length = self.place.len();
        self.place.push_str(part);
        inner(self)?;
        self.place.truncate(length);
        Ok(())
    }
}

fn number_text(value: &JsValue, number: f64) -> Result<String, Refused> {
    if Number::is_safe_integer(value) {
        // Without a sign before zero.
        #[allow(clippy::cast_possible_truncation)] // an integer below 2^53
        return Ok((number as i64).to_string());
    }
    if number.is_nan() {
        return Err(refused("a number", "NaN"));
    }
    if number.is_infinite() {
        return Err(refused("a number", "Infinity"));
    }
    if number.fract() == 0.0 {
        return Err(refused("an integer up to 2^53 − 1", "a larger one"));
    }
    // Every number of JavaScript's is written as JSON writes it.
    let text = JSON::stringify(value).map_err(threw)?;
    whole(&text)
}

/// Whether it is an object that a literal or `JSON.parse` makes: no class instance, no `Map`.
fn is_plain(value: &JsValue) -> Result<bool, Refused> {
    // Not by `instanceof`, which an object of another realm or without a prototype is not.
    if !value.is_object() {
        return Ok(false);
    }
    let prototype = prototype_of(value).map_err(threw)?;
    // One level up there is nothing more: `Object.prototype`, of this realm or another.
    Ok(prototype.is_null() || prototype_of(&prototype).map_err(threw)?.is_null())
}

fn refused(expected: &'static str, found: impl Into<String>) -> Refused {
    Refused {
        expected,
        found: found.into(),
    }
}

#[allow(clippy::needless_pass_by_value)] // it is what `map_err` gives
fn threw(_exception: JsValue) -> Refused {
    refused("plain data", "something that throws when it is read")
}

fn shortened(name: &str) -> String {
    if name.chars().count() <= NAME_SHOWN {
        return name.to_owned();
    }
    name.chars().take(NAME_SHOWN).chain(['…']).collect()
}
