//! What differs between a browser and a native host: time, randomness, waiting, and whether
//! things move between threads. Each file is the same interface; the platform is chosen here.

#[cfg_attr(target_family = "wasm", path = "web.rs")]
#[cfg_attr(not(target_family = "wasm"), path = "native.rs")]
mod imp;
pub(crate) mod log;

pub use imp::{MaybeSend, MaybeSync};
pub(crate) use imp::{now, random, sleep, spawn};

use std::sync::OnceLock;

/// Where warnings go: what nobody has to act on at once, like a snapshot that was skipped.
static WARNINGS: OnceLock<fn(&str)> = OnceLock::new();

/// Says where warnings go, once for the process. Otherwise they are printed: to stderr natively, to
/// the console in a browser. They never hold the content of a body. Returns whether it is so now.
pub fn on_warning(listener: fn(&str)) -> bool {
    WARNINGS.set(listener).is_ok()
}

pub(crate) fn warn(message: &str) {
    WARNINGS.get().copied().unwrap_or(imp::print_warning)(message);
}
