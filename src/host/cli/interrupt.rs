//! Ctrl-C, and being asked to end, while something is done that leaves nothing if it may clean up.
//!
//! At all other moments the process simply ends: whatever it was doing is then done or isn't.

use std::sync::atomic::{AtomicBool, Ordering};

/// What a program ends with that was interrupted.
const INTERRUPTED: i32 = 130;

static IS_LISTENING: AtomicBool = AtomicBool::new(false);
static WAS_ASKED_FOR: AtomicBool = AtomicBool::new(false);

/// As long as it is there, an interrupt is only noted. The second one ends the process.
pub(super) struct Interrupt(());

impl Interrupt {
    pub(super) fn listen() -> Self {
        IS_LISTENING.store(true, Ordering::SeqCst);
        // Whoever called this from a program of their own may listen already; then they decide.
        let _ = ctrlc::try_set_handler(|| {
            let is_noted =
                IS_LISTENING.load(Ordering::SeqCst) && !WAS_ASKED_FOR.swap(true, Ordering::SeqCst);
            if !is_noted {
                std::process::exit(INTERRUPTED);
            }
        });
        Self(())
    }

    pub(super) fn was_asked_for() -> bool {
        WAS_ASKED_FOR.load(Ordering::SeqCst)
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        IS_LISTENING.store(false, Ordering::SeqCst);
    }
}
