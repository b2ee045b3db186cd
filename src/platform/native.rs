//! The native host: threads, the system clock, the operating system's randomness.

use crate::model::Timestamp;
use std::future::Future;
use std::io::Write as _;
use std::pin::Pin;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// `Send` natively, nothing in a browser, where all runs on one thread.
pub trait MaybeSend: Send {}
impl<T: Send + ?Sized> MaybeSend for T {}

/// `Sync` natively, nothing in a browser.
pub trait MaybeSync: Sync {}
impl<T: Sync + ?Sized> MaybeSync for T {}

/// A future that can be handed around.
pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What the system clock shows.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_milliseconds_clamped(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// 128 random bits.
pub(crate) fn random() -> u128 {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    u128::from_le_bytes(bytes)
}

/// Waits.
pub(crate) async fn sleep(duration: Duration) {
    futures_timer::Delay::new(duration).await;
}

/// Runs a future to its end on a thread of its own. A panic in it ends that thread only.
pub(crate) fn spawn(name: &str, future: BoxFuture<()>) {
    let thread = std::thread::Builder::new().name(format!("holdpoint {name}"));
    let spawned = thread.spawn(move || pollster::block_on(future));
    if let Err(error) = spawned {
        super::warn(&format!(
            "no thread could be started for the {name}: {error}"
        ));
    }
}

/// Says something that nobody has to act on at once. Never the content of a body.
pub(super) fn print_warning(message: &str) {
    // Nobody may be there to read it; that is no reason to stop.
    let _ = writeln!(std::io::stderr(), "holdpoint: warning: {message}");
}
