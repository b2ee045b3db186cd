//! The native host: tests of `cargo test`, and threads.

use holdpoint::platform::MaybeSend;
use std::future::Future;

/// One test for each case.
macro_rules! conformance_tests {
    ($harness:ty, $($case:ident,)+) => {$(
        #[test]
        fn $case() {
            pollster::block_on($crate::conformance::$case::<$harness>());
        }
    )+};
}

/// Runs both at the same time: here on two threads.
pub(crate) async fn together<A, B>(
    a: impl Future<Output = A> + MaybeSend,
    b: impl Future<Output = B> + MaybeSend,
) -> (A, B)
where
    A: MaybeSend,
    B: MaybeSend,
{
    std::thread::scope(|scope| {
        let a = scope.spawn(|| pollster::block_on(a));
        let b = pollster::block_on(b);
        let a = a
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        (a, b)
    })
}
