//! A claim that JavaScript holds.

use super::border;
use super::failure::Failure;
use super::promise::promise;
use super::store::Store;
use crate::engine::{Claim as Claimed, ClaimOptions};
use js_sys::Promise;
use serde::Deserialize;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// A plan that is claimed. Calls may overlap: each has a share in it while it waits.
///
/// Dropped by JavaScript's garbage collection, it is released.
#[wasm_bindgen(skip_typescript)]
#[derive(Debug)]
pub struct Claim {
    claimed: Rc<Claimed<Store>>,
}

/// `ClaimOptions` of the types.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Options {
    /// Seconds.
    time_to_live: u32,
    take_over: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            time_to_live: 30,
            take_over: false,
        }
    }
}

/// The options that JavaScript gives, or none.
pub(super) fn options(given: &JsValue) -> Result<ClaimOptions, Failure> {
    let options: Options = if given.is_undefined() {
        Options::default()
    } else {
        border::read("options", given)?
    };
    Ok(ClaimOptions {
        time_to_live: Duration::from_secs(options.time_to_live.into()),
        take_over: options.take_over,
    })
}

impl Claim {
    pub(super) fn of(claimed: Claimed<Store>) -> Self {
        Self {
            claimed: Rc::new(claimed),
        }
    }
}

#[wasm_bindgen]
impl Claim {
    /// The plan's project.
    #[wasm_bindgen(getter, skip_typescript)]
    #[must_use]
    pub fn project(&self) -> String {
        self.claimed.project().to_string()
    }

    /// The plan.
    #[wasm_bindgen(getter, skip_typescript)]
    #[must_use]
    pub fn plan(&self) -> String {
        self.claimed.plan().to_string()
    }

    /// Who has it.
    #[wasm_bindgen(getter, skip_typescript)]
    #[must_use]
    pub fn holder(&self) -> String {
        self.claimed.holder().to_string()
    }

    /// Which worker of theirs.
    #[wasm_bindgen(getter, skip_typescript)]
    #[must_use]
    pub fn worker(&self) -> String {
        self.claimed.worker().to_string()
    }

    /// Since when.
    #[wasm_bindgen(getter, skip_typescript)]
    #[must_use]
    pub fn taken_at(&self) -> String {
        self.claimed.taken_at().to_string()
    }

    /// Until when, unless it is renewed.
    #[wasm_bindgen(getter, skip_typescript)]
    #[must_use]
    pub fn expires_at(&self) -> String {
        self.claimed.expires_at().to_string()
    }

    /// Whether it is time to renew it.
    #[wasm_bindgen(getter, skip_typescript)]
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.claimed.is_due()
    }

    /// Makes its time begin anew.
    #[wasm_bindgen(skip_typescript)]
    pub fn renew(&self) -> Promise {
        let claimed = Rc::clone(&self.claimed);
        let renew = async move {
            claimed.renew().await?;
            Ok(JsValue::UNDEFINED)
        };
        promise("renew", Box::pin(renew))
    }

    /// Gives the plan back.
    #[wasm_bindgen(skip_typescript)]
    pub fn release(&self) -> Promise {
        let claimed = Rc::clone(&self.claimed);
        let release = async move {
            claimed.let_go().await?;
            Ok(JsValue::UNDEFINED)
        };
        promise("release", Box::pin(release))
    }
}
