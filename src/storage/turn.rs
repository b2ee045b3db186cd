//! Taking turns: what spares writers in several tabs or programs from deciding in vain.

use crate::platform::{MaybeSend, MaybeSync};
use std::fmt;

/// What somebody holds, and gives back by dropping it.
pub(super) trait Held: MaybeSend + MaybeSync {}

/// A project's turn. It is over when this is dropped.
///
/// Whoever has it may count on being alone among those who take turns, and on nothing else.
#[must_use = "the turn is over when this is dropped"]
pub struct Turn(Option<Box<dyn Held>>);

impl Turn {
    /// A turn that nobody had to wait for and that keeps nobody waiting.
    pub fn free() -> Self {
        Self(None)
    }

    /// A turn for which others wait until this is dropped.
    #[allow(dead_code)] // only browsers have turns so far
    pub(super) fn holding(held: impl Held + 'static) -> Self {
        Self(Some(Box::new(held)))
    }

    /// Whether others wait for its end.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.0.is_some()
    }
}

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Turn").field(&self.is_held()).finish()
    }
}
