//! The browser: tests of wasm-bindgen, and one event loop.

use holdpoint::platform::MaybeSend;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

/// One test for each case.
macro_rules! conformance_tests {
    ($harness:ty, $($case:ident,)+) => {$(
        #[wasm_bindgen_test::wasm_bindgen_test]
        async fn $case() {
            $crate::conformance::$case::<$harness>().await;
        }
    )+};
}

/// Runs both at the same time: here by turns.
pub(crate) async fn together<A, B>(
    a: impl Future<Output = A> + MaybeSend,
    b: impl Future<Output = B> + MaybeSend,
) -> (A, B)
where
    A: MaybeSend,
    B: MaybeSend,
{
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut of_a, mut of_b) = (None, None);
    poll_fn(|context| {
        if of_a.is_none()
            && let Poll::Ready(answer) = a.as_mut().poll(context)
        {
            of_a = Some(answer);
        }
        if of_b.is_none()
            && let Poll::Ready(answer) = b.as_mut().poll(context)
        {
            of_b = Some(answer);
        }
        match (of_a.take(), of_b.take()) {
            (Some(a), Some(b)) => Poll::Ready((a, b)),
            (a, b) => {
                (of_a, of_b) = (a, b);
                Poll::Pending
            }
        }
    })
    .await
}
