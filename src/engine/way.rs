//! What is noted on the way along a journal.

use super::remembered::{LATEST, Remembered};
use crate::journal::{Chain, Head, JournalError, Sealed};
use crate::model::Revision;
use std::sync::Arc;

/// How much was read, and which states are worth remembering.
#[derive(Debug)]
pub(super) struct Way {
    /// After this revision states are remembered.
    after: Revision,
    pub(super) bytes: usize,
    pub(super) remembered: Remembered,
}

impl Way {
    /// To a state that will be kept.
    pub(super) fn to(head: Head) -> Self {
        Self {
            after: Revision::new(head.revision.get().saturating_sub(LATEST)),
            ..Self::of_no_note()
        }
    }

    /// To one of which nobody needs to know how it came to be.
    pub(super) fn of_no_note() -> Self {
        Self {
            after: Revision::MAX,
            bytes: 0,
            remembered: Remembered::default(),
        }
    }

    pub(super) fn follow(
        &mut self,
        chain: &mut Chain,
        sealed: &Sealed,
    ) -> Result<(), JournalError> {
        let bytes = sealed.text.len();
        if chain.project().revision < self.after {
            chain.follow(sealed)?;
            self.remembered.pass(bytes);
        } else {
            let before = Arc::new(chain.project().clone());
            chain.follow(sealed)?;
            if chain.project().numbers.checkpoints > before.numbers.checkpoints {
                let after = Arc::new(chain.project().clone());
                self.remembered.follow(&before, &after, bytes);
            } else {
                self.remembered.pass(bytes);
            }
        }
        self.bytes += bytes;
        Ok(())
    }
}
