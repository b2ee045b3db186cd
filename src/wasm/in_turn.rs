//! Something that calls have one after the other, in the order in which they were made, until it is
//! over.

use super::failure::Failure;
use futures_channel::oneshot;
use std::cell::{Cell, RefCell};

/// Calls may overlap: each waits for those that were made before it.
pub(super) struct InTurn<T> {
    /// What it is, in words: for what is refused.
    what: &'static str,
    state: RefCell<State<T>>,
    /// Ends with the call that was made last.
    last: Cell<Option<oneshot::Receiver<()>>>,
}

enum State<T> {
    Free(T),
    /// A call has it.
    Taken,
    Finished,
    Cancelled,
}

/// A place in the queue. Whoever comes next has its turn when this is dropped.
pub(super) struct Place {
    before: Option<oneshot::Receiver<()>>,
    _ended: oneshot::Sender<()>,
}

impl<T> InTurn<T> {
    pub(super) fn of(what: &'static str, value: T) -> Self {
        Self {
            what,
            state: RefCell::new(State::Free(value)),
            last: Cell::new(None),
        }
    }

    /// Takes a place in the queue: when the call is made, not when it is first polled.
    pub(super) fn place(&self) -> Place {
        let (ended, wait) = oneshot::channel();
        Place {
            before: self.last.replace(Some(wait)),
            _ended: ended,
        }
    }

    /// Does something with it.
    ///
    /// # Errors
    /// `CLOSED` and `CANCELLED` if it is over; `CANCELLED` too if that happened meanwhile.
    pub(super) async fn with<R>(
        &self,
        mut place: Place,
        call: impl AsyncFnOnce(&mut T) -> Result<R, Failure>,
    ) -> Result<R, Failure> {
        place.turn().await;
        let mut value = self.take(State::Taken)?;
        let result = call(&mut value).await;
        if self.is_cancelled() {
            return Err(Failure::cancelled(self.what));
        }
        self.state.replace(State::Free(value));
        result
    }

    /// Takes it for good: from now on it is too late to cancel it.
    ///
    /// # Errors
    /// `CLOSED` and `CANCELLED` if it is over.
    pub(super) async fn finish(&self, mut place: Place) -> Result<T, Failure> {
        place.turn().await;
        self.take(State::Finished)
    }

    /// Lets go of it, or of what a call has of it once that call is over.
    pub(super) fn cancel(&self) {
        if matches!(*self.state.borrow(), State::Finished) {
            return;
        }
        self.state.replace(State::Cancelled);
    }

    pub(super) fn is_cancelled(&self) -> bool {
        matches!(*self.state.borrow(), State::Cancelled)
    }

    fn take(&self, leaving: State<T>) -> Result<T, Failure> {
        let mut state = self.state.borrow_mut();
        match std::mem::replace(&mut *state, leaving) {
            State::Free(value) => Ok(value),
            State::Taken => unreachable!("a call has it only in its turn"),
            State::Finished => {
                *state = State::Finished;
                Err(Failure::finished(self.what))
            }
            State::Cancelled => {
                *state = State::Cancelled;
                Err(Failure::cancelled(self.what))
            }
        }
    }
}

impl Place {
    async fn turn(&mut self) {
        if let Some(before) = self.before.take() {
            // It never sends: it is dropped.
            let _ = before.await;
        }
    }
}
