//! What a store says of itself.

use super::error::corrupt;
use super::js::{as_number, field, number, object};
use crate::journal::format::StoreFormat;
use crate::storage::StorageError;
use wasm_bindgen::JsValue;

/// The record of a format.
pub(super) fn record(format: StoreFormat) -> JsValue {
    object([
        ("format", number(format.format.into())),
        ("min_reader", number(format.min_reader.into())),
        ("min_writer", number(format.min_writer.into())),
    ])
}

/// The format in its record.
pub(super) fn read(record: &JsValue) -> Result<StoreFormat, StorageError> {
    let version = |name: &str| {
        as_number(&field(record, name))
            .and_then(|number| u32::try_from(number).ok())
            .ok_or_else(|| {
                corrupt(
                    &format!("a number called {name} in the store's format"),
                    &format!("{:?}", field(record, name)),
                )
            })
    };
    Ok(StoreFormat {
        format: version("format")?,
        min_reader: version("min_reader")?,
        min_writer: version("min_writer")?,
    })
}
