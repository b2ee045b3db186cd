//! The end of a list. rexie gets there with a cursor only, one record and one turn of the loop after
//! the other; here the browser walks back over the keys by itself, and gives the records in one go.

use super::error::failure;
use super::session::Session;
use super::transaction::Access;
use crate::storage::StorageError;
use js_sys::Array;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{IdbCursor, IdbCursorDirection, IdbIndex, IdbKeyRange, IdbObjectStore, IdbRequest};

/// The last records of a range, at most so many and at least one, in the order in which they stand
/// there. Keys in the index, if there is one, are unique.
pub(super) async fn last_records(
    session: &Session,
    store: &str,
    index: Option<&str>,
    range: Option<IdbKeyRange>,
    limit: u32,
    doing: &str,
) -> Result<Vec<JsValue>, StorageError> {
    let wrong = |thrown: JsValue| failure(&thrown, doing);
    // One transaction for all of it: between two, retention may take away what was counted.
    let mut transaction = session.begin(&[store], Access::Read).await?;
    let store = transaction.store(store).map_err(wrong)?;
    let records = match index {
        None => Records::Stored(store),
        Some(index) => Records::Indexed(store.index(index).map_err(wrong)?),
    };
    let walk = records.walk_back(range.as_ref()).map_err(wrong)?;
    transaction.answered(&walk).await?;
    let Some(last) = cursor(&walk).map_err(wrong)? else {
        return Ok(Vec::new());
    };
    let first = if limit > 1 {
        last.advance(limit - 1).map_err(wrong)?;
        transaction.answered(&walk).await?;
        cursor(&walk).map_err(wrong)?
    } else {
        Some(last)
    };
    // Where the walk went beyond the beginning, there are no more than are asked for.
    let range = match first {
        Some(first) => Some(beginning_at(range, &first).map_err(wrong)?),
        None => range,
    };
    let all = records.all_in(range.as_ref()).map_err(wrong)?;
    transaction.answered(&all).await?;
    let all = all.result().map_err(wrong)?;
    Ok(all.unchecked_ref::<Array>().to_vec())
}

/// Where records are asked for. The calls are the same, but nothing says so.
enum Records {
    Stored(IdbObjectStore),
    Indexed(IdbIndex),
}

impl Records {
    /// A cursor on the last key.
    fn walk_back(&self, range: Option<&IdbKeyRange>) -> Result<IdbRequest, JsValue> {
        let (range, back) = (value(range), IdbCursorDirection::Prev);
        match self {
            Records::Stored(store) => store.open_key_cursor_with_range_and_direction(&range, back),
            Records::Indexed(index) => index.open_key_cursor_with_range_and_direction(&range, back),
        }
    }

    fn all_in(&self, range: Option<&IdbKeyRange>) -> Result<IdbRequest, JsValue> {
        let range = value(range);
        match self {
            Records::Stored(store) => store.get_all_with_key(&range),
            Records::Indexed(index) => index.get_all_with_key(&range),
        }
    }
}

/// A range as IndexedDB takes it; undefined: everything.
fn value(range: Option<&IdbKeyRange>) -> JsValue {
    range.map_or(JsValue::UNDEFINED, JsValue::from)
}

/// Where a walk is; none behind its end.
fn cursor(walk: &IdbRequest) -> Result<Option<IdbCursor>, JsValue> {
    let cursor = walk.result()?;
    Ok((!cursor.is_null()).then(|| cursor.unchecked_into()))
}

/// What is left of a range from where a walk is.
fn beginning_at(range: Option<IdbKeyRange>, first: &IdbCursor) -> Result<IdbKeyRange, JsValue> {
    let first = first.key()?;
    if let Some(range) = range {
        let end = range.upper()?;
        if !end.is_undefined() {
            let open = range.upper_open();
            return IdbKeyRange::bound_with_lower_open_and_upper_open(&first, &end, false, open);
        }
    }
    IdbKeyRange::lower_bound(&first)
}
