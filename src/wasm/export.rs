//! A bundle on its way out of a store, as JavaScript has it.

use super::border;
use super::failure::Failure;
use super::in_turn::InTurn;
use super::promise::promise;
use super::store::Store;
use crate::engine::{Export as Exported, ExportProgress, ExportScope};
use crate::model::ProjectId;
use js_sys::{Promise, Uint8Array};
use std::cell::Cell;
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// An export that has begun. Calls may overlap: they have their turn one after the other.
#[wasm_bindgen(skip_typescript)]
pub struct Export {
    shared: Rc<Shared>,
}

struct Shared {
    exported: InTurn<Exported<Store>>,
    /// As it was after the newest call.
    progress: Cell<ExportProgress>,
}

/// The projects that JavaScript names, or the whole store.
pub(super) fn scope(projects: &JsValue) -> Result<ExportScope, Failure> {
    if projects.is_undefined() {
        return Ok(ExportScope::Store);
    }
    let projects: Vec<ProjectId> = border::read("projects", projects)?;
    Ok(ExportScope::Projects(projects))
}

impl Export {
    pub(super) fn of(exported: Exported<Store>) -> Self {
        Self {
            shared: Rc::new(Shared {
                progress: Cell::new(exported.progress()),
                exported: InTurn::of("an export", exported),
            }),
        }
    }
}

#[wasm_bindgen]
impl Export {
    /// The next piece of the bundle, or `undefined` at its end.
    #[wasm_bindgen(skip_typescript)]
    pub fn next(&self) -> Promise {
        let shared = Rc::clone(&self.shared);
        let place = shared.exported.place();
        let next = async move {
            let next = async |exported: &mut Exported<Store>| {
                let piece = exported.next().await;
                shared.progress.set(exported.progress());
                Ok(piece?)
            };
            let piece = shared.exported.with(place, next).await?;
            Ok(piece.map_or(JsValue::UNDEFINED, |piece| {
                Uint8Array::from(piece.as_slice()).into()
            }))
        };
        promise("next", Box::pin(next))
    }

    /// How far it has come.
    #[wasm_bindgen(skip_typescript)]
    #[must_use]
    pub fn progress(&self) -> JsValue {
        border::write(&self.shared.progress.get())
    }

    /// Ends it.
    #[wasm_bindgen(skip_typescript)]
    pub fn cancel(&self) {
        self.shared.exported.cancel();
    }
}

impl std::fmt::Debug for Export {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Export")
            .field("progress", &self.shared.progress.get())
            .finish_non_exhaustive()
    }
}
