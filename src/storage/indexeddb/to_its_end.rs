//! Futures that must not be dropped half-way, and futures that must not take for ever.

use futures_channel::oneshot;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use wasm_bindgen_futures::spawn_local;

/// Runs a future to its end, whatever becomes of whoever waits for it.
///
/// A rexie future that is dropped takes its listeners' closures with it and leaves the listeners:
/// the event then throws, the transaction aborts, and the page gets an uncaught error.
///
/// It takes them boxed, so that there is one copy of this for each output and not one for each future.
pub(super) async fn to_its_end<T: 'static>(future: Pin<Box<dyn Future<Output = T>>>) -> T {
    let (sender, receiver) = oneshot::channel();
    spawn_local(async move {
        // If nobody waits any more, what came of it is dropped.
        let _ = sender.send(future.await);
    });
    receiver
        .await
        .expect("what was spawned is dropped only once it has ended")
}

/// What comes of a future, unless the deadline is first.
pub(super) async fn before<T>(
    deadline: &mut Pin<Box<impl Future<Output = ()>>>,
    future: impl Future<Output = T>,
) -> Option<T> {
    let mut future = pin!(future);
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => deadline.as_mut().poll(context).map(|()| None),
    })
    .await
}
