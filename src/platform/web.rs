//! The browser: one thread, the event loop, `Date` and `crypto`.

use crate::model::Timestamp;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// `Send` natively, nothing in a browser, where all runs on one thread.
pub trait MaybeSend {}
impl<T: ?Sized> MaybeSend for T {}

/// `Sync` natively, nothing in a browser.
pub trait MaybeSync {}
impl<T: ?Sized> MaybeSync for T {}

/// A future that can be handed around.
pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T>>>;

/// What `Date.now()` shows.
pub(crate) fn now() -> Timestamp {
    #[allow(clippy::cast_possible_truncation)] // whole milliseconds, far below 2^53
    Timestamp::from_milliseconds_clamped(js_sys::Date::now() as i64)
}

/// 128 random bits from `crypto.getRandomValues`.
pub(crate) fn random() -> u128 {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("every browser that runs wasm has crypto.getRandomValues");
    u128::from_le_bytes(bytes)
}

/// Waits.
pub(crate) async fn sleep(duration: Duration) {
    futures_timer::Delay::new(duration).await;
}

/// Runs a future to its end on the event loop.
pub(crate) fn spawn(_name: &str, future: BoxFuture<()>) {
    wasm_bindgen_futures::spawn_local(future);
}

/// Says something that nobody has to act on at once. Never the content of a body.
pub(super) fn print_warning(message: &str) {
    web_sys::console::warn_1(&format!("holdpoint: {message}").into());
}
