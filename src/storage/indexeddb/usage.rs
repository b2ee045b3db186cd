//! How much room the site takes up: `navigator.storage`, where there is one. Not in an insecure
//! context, not in old browsers.

use super::js::{StorageManager, as_number, field, global};
use super::to_its_end::before;
use crate::platform;
use crate::storage::Usage;
use js_sys::Promise;
use std::time::Duration;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;

/// How long to wait for an answer that takes a few milliseconds.
const DEADLINE: Duration = Duration::from_secs(2);

pub(super) async fn usage() -> Usage {
    let Some(manager) = manager() else {
        return Usage::default();
    };
    let estimate = answer(manager.estimate()).await.unwrap_or_default();
    let persisted = answer(manager.persisted()).await;
    Usage {
        bytes: as_number(&field(&estimate, "usage")),
        quota: as_number(&field(&estimate, "quota")),
        persisted: persisted.and_then(|persisted| persisted.as_bool()),
    }
}

fn manager() -> Option<StorageManager> {
    let manager = field(&global("navigator").ok()?, "storage");
    manager.is_object().then(|| manager.unchecked_into())
}

/// What a promise brings, if it does in time.
async fn answer(asked: Result<Promise, JsValue>) -> Option<JsValue> {
    let mut deadline = Box::pin(platform::sleep(DEADLINE));
    before(&mut deadline, JsFuture::from(asked.ok()?))
        .await?
        .ok()
}
