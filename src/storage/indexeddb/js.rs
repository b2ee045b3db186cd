//! Plain JavaScript values, and the few calls that web-sys keeps behind an unstable flag.

use crate::model::{Digest, MAX_INTEGER};
use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{IdbKeyRange, IdbTransaction};

#[wasm_bindgen]
extern "C" {
    /// `IDBDatabase`, with the third parameter of `transaction`.
    pub(super) type DurableDatabase;

    #[wasm_bindgen(method, catch)]
    pub(super) fn transaction(
        this: &DurableDatabase,
        stores: &Array,
        mode: &str,
        options: &JsValue,
    ) -> Result<IdbTransaction, JsValue>;

    /// `IDBTransaction`, with `commit`, which web-sys calls deprecated though the standard has it.
    pub(super) type CommittingTransaction;

    #[wasm_bindgen(method, catch)]
    pub(super) fn commit(this: &CommittingTransaction) -> Result<(), JsValue>;

    /// `navigator.locks`.
    pub(super) type LockManager;

    #[wasm_bindgen(method, catch)]
    pub(super) fn request(
        this: &LockManager,
        name: &str,
        granted: &JsValue,
    ) -> Result<js_sys::Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn query(this: &LockManager) -> Result<js_sys::Promise, JsValue>;

    /// `navigator.storage`.
    pub(super) type StorageManager;

    #[wasm_bindgen(method, catch)]
    pub(super) fn estimate(this: &StorageManager) -> Result<js_sys::Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn persisted(this: &StorageManager) -> Result<js_sys::Promise, JsValue>;
}

/// A property of the global object, in a window and in a worker alike.
pub(super) fn global(name: &str) -> Result<JsValue, JsValue> {
    Reflect::get(&js_sys::global(), &name.into())
}

/// A plain object.
pub(super) fn object<const N: usize>(fields: [(&str, JsValue); N]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        set(&object, name, &value);
    }
    object.into()
}

/// Sets a property of a plain object.
pub(super) fn set(object: &JsValue, name: &str, value: &JsValue) {
    Reflect::set(object, &name.into(), value).expect("a plain object takes any property");
}

/// A property of whatever was stored; undefined if it has none of that name.
pub(super) fn field(record: &JsValue, name: &str) -> JsValue {
    // Only a getter throws or a value that is no object, and neither can be read.
    Reflect::get(record, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

/// A key of several parts. Its order is that of the parts.
pub(super) fn key(parts: impl IntoIterator<Item = JsValue>) -> JsValue {
    parts.into_iter().collect::<Array>().into()
}

/// An id, or anything else that is written as text.
pub(super) fn text(value: &impl ToString) -> JsValue {
    value.to_string().into()
}

/// A number. Those in the model end at [`MAX_INTEGER`]; what a caller asks for beyond that is as
/// far as one can ask.
#[allow(clippy::cast_precision_loss)] // none up to there
pub(super) fn number(number: u64) -> JsValue {
    (number.min(MAX_INTEGER) as f64).into()
}

/// The number that stands there.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss
)] // none of it: whole numbers from 0 to MAX_INTEGER
pub(super) fn as_number(value: &JsValue) -> Option<u64> {
    value
        .as_f64()
        .filter(|number| number.fract() == 0.0 && (0.0..=MAX_INTEGER as f64).contains(number))
        .map(|number| number as u64)
}

/// What stands there as text, parsed.
pub(super) fn parsed<T: std::str::FromStr>(value: &JsValue) -> Option<T> {
    value.as_string()?.parse().ok()
}

/// The digest that stands there, or one that fits nothing.
pub(super) fn digest(value: &JsValue) -> Digest {
    parsed(value).unwrap_or(Digest::from_bytes([0xff; 32]))
}

/// All keys that begin with these parts: an empty array comes after every number and text.
pub(super) fn beginning_with(parts: &[JsValue]) -> Result<IdbKeyRange, JsValue> {
    let lower = key(parts.iter().cloned());
    IdbKeyRange::bound_with_lower_open_and_upper_open(&lower, &after_all(parts), false, true)
}

/// A key behind all that begin with these parts.
pub(super) fn after_all(parts: &[JsValue]) -> JsValue {
    key(parts.iter().cloned().chain([Array::new().into()]))
}
