//! Futures that must not be dropped half-way.

use futures_channel::oneshot;
use std::future::Future;
use wasm_bindgen_futures::spawn_local;

/// Runs a future to its end, whatever becomes of whoever waits for it.
///
/// A rexie future that is dropped takes its listeners' closures with it and leaves the listeners:
/// the event then throws, the transaction aborts, and the page gets an uncaught error.
pub(super) async fn to_its_end<T: 'static>(future: impl Future<Output = T> + 'static) -> T {
    let (sender, receiver) = oneshot::channel();
    spawn_local(async move {
        // If nobody waits any more, what came of it is dropped.
        let _ = sender.send(future.await);
    });
    receiver
        .await
        .expect("what was spawned is dropped only once it has ended")
}
