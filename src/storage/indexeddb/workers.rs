//! Who is alive: a Web Lock for each worker, held as long as it lives. The browser frees it when
//! the tab ends, in whatever way; a tab that is hidden or frozen keeps it.

use super::js::field;
use super::to_its_end::before;
use super::turns::{locks, request};
use crate::model::WorkerId;
use crate::platform;
use crate::storage::SignOfLife;
use futures_channel::oneshot;
use js_sys::Array;
use std::time::Duration;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// How long to wait for an answer that takes a millisecond.
const DEADLINE: Duration = Duration::from_secs(2);

/// The workers of a database.
#[derive(Debug)]
pub(super) struct Workers {
    database: String,
}

impl Workers {
    /// Those of a database.
    pub(super) fn of(database: &str) -> Self {
        Self {
            database: database.to_owned(),
        }
    }

    fn lock_name(&self, worker: WorkerId) -> String {
        format!("holdpoint worker {} {worker}", self.database)
    }

    pub(super) async fn show_alive(&self, worker: WorkerId) -> SignOfLife {
        let Some(locks) = locks() else {
            return SignOfLife::not_shown();
        };
        let granted = request(&locks, &self.lock_name(worker));
        let mut deadline = Box::pin(platform::sleep(DEADLINE));
        match before(&mut deadline, granted).await {
            Some(Ok(lock)) => SignOfLife::holding(lock),
            // Refused: others go by the time.
            Some(Err(oneshot::Canceled)) | None => SignOfLife::not_shown(),
        }
    }

    pub(super) async fn is_alive(&self, worker: WorkerId) -> Option<bool> {
        let asked = locks()?.query().ok()?;
        let mut deadline = Box::pin(platform::sleep(DEADLINE));
        let found = before(&mut deadline, JsFuture::from(asked)).await?.ok()?;
        let name = self.lock_name(worker);
        let held = field(&found, "held");
        // Who waits for a worker's end asks for its lock in the shared mode and may have it for a
        // moment.
        let is_it =
            |lock: JsValue| field(&lock, "name") == *name && field(&lock, "mode") == *"exclusive";
        Array::is_array(&held).then(|| Array::from(&held).iter().any(is_it))
    }
}
