//! Signs of life: what tells a worker that is slow from one that is gone.

use super::turn::Held;
use std::fmt;

/// Shows that a worker is alive, until it is dropped.
#[must_use = "the worker is taken for dead when this is dropped"]
pub struct SignOfLife(Option<Box<dyn Held>>);

impl SignOfLife {
    /// One that nobody sees: the storage has no means for it.
    pub fn not_shown() -> Self {
        Self(None)
    }

    /// One that others see until this is dropped.
    pub(super) fn holding(held: impl Held + 'static) -> Self {
        Self(Some(Box::new(held)))
    }

    /// Whether others can see it. If not, they have to go by the time.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        self.0.is_some()
    }
}

impl fmt::Debug for SignOfLife {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SignOfLife").field(&self.is_shown()).finish()
    }
}
