//! Moments at which the crash test likes to kill the program.
//!
//! Compiled in with the feature `delay-points` only, and asleep unless `HOLDPOINT_DELAY_POINTS`
//! says for how many microseconds at most each moment is drawn out. It then says on stderr when
//! an append has written its first byte and when its caller has the answer.

#[cfg(feature = "delay-points")]
mod points {
    use std::io::Write as _;
    use std::sync::OnceLock;
    use std::time::Duration;

    fn longest() -> Option<u64> {
        static LONGEST: OnceLock<Option<u64>> = OnceLock::new();
        *LONGEST.get_or_init(|| std::env::var("HOLDPOINT_DELAY_POINTS").ok()?.parse().ok())
    }

    pub(in super::super) fn pass() {
        if let Some(longest) = longest().filter(|longest| *longest > 0) {
            let share = u64::try_from(crate::platform::random() % u128::from(longest));
            std::thread::sleep(Duration::from_micros(share.unwrap_or(0)));
        }
    }

    pub(in super::super) fn say(line: &str) {
        if longest().is_some() {
            let _ = writeln!(std::io::stderr(), "{line}");
        }
    }
}

#[cfg(not(feature = "delay-points"))]
mod points {
    pub(in super::super) const fn pass() {}
    pub(in super::super) const fn say(_line: &str) {}
}

/// The append has written its first byte.
pub(super) fn begun() {
    points::say("@append-begun");
    points::pass();
}

/// Somewhere between the first byte and the answer.
pub(super) fn pass() {
    points::pass();
}

/// The caller has the answer.
pub(super) fn acknowledged() {
    points::say("@append-acknowledged");
}
