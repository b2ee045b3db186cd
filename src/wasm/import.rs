//! A bundle on its way into a store, as JavaScript has it.

use super::border;
use super::failure::Failure;
use super::in_turn::InTurn;
use super::log::{Level, say};
use super::plain;
use super::promise::promise;
use super::store::Store;
use crate::engine::{Import as Imported, ImportOptions, ImportProgress};
use crate::model::InvalidInput;
use js_sys::{Number, Promise, Uint8Array};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast as _, JsValue};

/// How many bytes of a chunk are copied into the module's memory at once.
const SLICE: u32 = 256 << 10;

/// An import that has begun. Calls may overlap: they have their turn one after the other.
///
/// Dropped by JavaScript's garbage collection before it is finished, it leaves nothing behind.
#[wasm_bindgen(skip_typescript)]
pub struct Import {
    shared: Rc<Shared>,
}

struct Shared {
    imported: InTurn<Imported<Store>>,
    /// As it was after the newest slice.
    progress: Cell<ImportProgress>,
    /// How many bytes there were before decompression, if that was said.
    compressed: Cell<Option<u64>>,
}

/// The options that JavaScript gives, or none.
pub(super) fn options(given: &JsValue) -> Result<ImportOptions, Failure> {
    if given.is_undefined() {
        return Ok(ImportOptions::default());
    }
    border::read("options", given)
}

impl Import {
    pub(super) fn of(imported: Imported<Store>) -> Self {
        Self {
            shared: Rc::new(Shared {
                progress: Cell::new(imported.progress()),
                imported: InTurn::of("an import", imported),
                compressed: Cell::new(None),
            }),
        }
    }
}

#[wasm_bindgen]
impl Import {
    /// Takes the next bytes of the bundle.
    #[wasm_bindgen(skip_typescript)]
    pub fn push(&self, chunk: JsValue) -> Promise {
        let shared = Rc::clone(&self.shared);
        let place = shared.imported.place();
        let compressed = shared.compressed.get();
        let push = async move {
            let chunk: Uint8Array = chunk.dyn_into().map_err(|found| {
                InvalidInput::malformed("chunk", "a Uint8Array", &plain::kind(&found))
            })?;
            let push = async |imported: &mut Imported<Store>| {
                if let Some(bytes) = compressed {
                    imported.compressed(bytes);
                }
                shared.push(imported, &chunk).await
            };
            shared.imported.with(place, push).await?;
            Ok(JsValue::UNDEFINED)
        };
        promise("push", Box::pin(push))
    }

    /// Says how many bytes of a compressed bundle what is pushed from now on was made of, in all.
    ///
    /// # Errors
    /// `INVALID_INPUT` for anything but a whole number.
    #[wasm_bindgen(skip_typescript)]
    pub fn compressed(&self, bytes: &JsValue) -> Result<(), JsValue> {
        let number = bytes.as_f64().filter(|_| Number::is_safe_integer(bytes));
        let Some(number) = number.filter(|number| *number >= 0.0) else {
            let expected = "an integer from 0 to 2^53 − 1";
            let error = InvalidInput::malformed("bytes", expected, &plain::shown(bytes));
            return Err(Failure::from(error).to_js());
        };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // an integer below 2^53
        self.shared.compressed.set(Some(number as u64));
        Ok(())
    }

    /// How far it has come.
    #[wasm_bindgen(skip_typescript)]
    #[must_use]
    pub fn progress(&self) -> JsValue {
        border::write(&self.shared.progress.get())
    }

    /// Puts all of it into the store, or nothing.
    #[wasm_bindgen(skip_typescript)]
    pub fn finish(&self) -> Promise {
        let shared = Rc::clone(&self.shared);
        let place = shared.imported.place();
        let finish = async move {
            let imported = shared.imported.finish(place).await?;
            let report = imported.finish().await?;
            say(Level::Info, || {
                format!("import done: {} projects", report.projects.len())
            });
            Ok(border::write(&report))
        };
        promise("finish", Box::pin(finish))
    }

    /// Ends it: nothing of it is in the store.
    #[wasm_bindgen(skip_typescript)]
    pub fn cancel(&self) {
        self.shared.imported.cancel();
    }
}

impl Shared {
    /// Slice by slice, so that there is never a copy of a whole chunk, however large that is.
    async fn push(
        &self,
        imported: &mut Imported<Store>,
        chunk: &Uint8Array,
    ) -> Result<(), Failure> {
        let mut begin = 0;
        while begin < chunk.length() && !self.imported.is_cancelled() {
            let end = begin.saturating_add(SLICE);
            let pushed = imported.push(&chunk.subarray(begin, end).to_vec()).await;
            self.progress.set(imported.progress());
            pushed?;
            begin = end;
        }
        Ok(())
    }
}

impl std::fmt::Debug for Import {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Import")
            .field("progress", &self.shared.progress.get())
            .finish_non_exhaustive()
    }
}
