//! Answers that never come. A browser that takes a database away (site data cleared, a crash of the
//! process that keeps it) sometimes forgets what it was asked: no success, no error, no abort. Nobody
//! may wait for that for ever.

use futures_channel::oneshot;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;
use std::time::Duration;
use wasm_bindgen_futures::spawn_local;

/// How often those who wait are looked after. One timer does for all of them: one for each would
/// cost every commit more than its decision.
const TICK: Duration = Duration::from_secs(1);
/// How many ticks an answer may take: far more than any that comes.
pub(super) const PATIENCE: u32 = 60;
/// How many once the connection is known to be lost: what was under way is told in a moment.
const PATIENCE_WHEN_LOST: u32 = 2;

struct Waiting {
    number: u64,
    is_lost: Rc<Cell<bool>>,
    ticks_left: u32,
    give_up: oneshot::Sender<()>,
}

#[derive(Default)]
struct Waits {
    waiting: Vec<Waiting>,
    next: u64,
    is_ticking: bool,
}

thread_local! {
    static WAITS: RefCell<Waits> = RefCell::default();
}

/// What a connection answers, or none if it doesn't. A connection that gives no answer is lost.
pub(super) async fn answer<T>(
    is_lost: &Rc<Cell<bool>>,
    future: impl Future<Output = T>,
) -> Option<T> {
    answer_within(PATIENCE, is_lost, future).await
}

/// The same of one for which so many ticks are waited.
pub(super) async fn answer_within<T>(
    ticks: u32,
    is_lost: &Rc<Cell<bool>>,
    future: impl Future<Output = T>,
) -> Option<T> {
    let (give_up, mut overdue) = oneshot::channel();
    let _waiting = Registered::of(ticks, is_lost, give_up);
    let mut future = pin!(future);
    let answer = poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending => Pin::new(&mut overdue).poll(context).map(|_| None),
    })
    .await;
    if answer.is_none() {
        is_lost.set(true);
    }
    answer
}

/// One who waits; no longer once this is dropped.
struct Registered(u64);

impl Registered {
    fn of(ticks: u32, is_lost: &Rc<Cell<bool>>, give_up: oneshot::Sender<()>) -> Self {
        let (number, must_tick) = WAITS.with_borrow_mut(|waits| {
            waits.next += 1;
            waits.waiting.push(Waiting {
                number: waits.next,
                is_lost: Rc::clone(is_lost),
                ticks_left: ticks,
                give_up,
            });
            (waits.next, !std::mem::replace(&mut waits.is_ticking, true))
        });
        if must_tick {
            spawn_local(tick());
        }
        Self(number)
    }
}

impl Drop for Registered {
    fn drop(&mut self) {
        WAITS.with_borrow_mut(|waits| waits.waiting.retain(|waiting| waiting.number != self.0));
    }
}

/// Looks after those who wait, as long as somebody does.
async fn tick() {
    loop {
        crate::platform::sleep(TICK).await;
        let (late, is_over) = WAITS.with_borrow_mut(|waits| {
            for waiting in &mut waits.waiting {
                if waiting.is_lost.get() {
                    waiting.ticks_left = waiting.ticks_left.min(PATIENCE_WHEN_LOST);
                }
                waiting.ticks_left -= 1;
            }
            let late: Vec<_> = waits
                .waiting
                .extract_if(.., |waiting| waiting.ticks_left == 0)
                .collect();
            waits.is_ticking = !waits.waiting.is_empty();
            (late, !waits.is_ticking)
        });
        // Told after the borrow: whoever hears it may wait for something new at once.
        for waiting in late {
            let _ = waiting.give_up.send(());
        }
        if is_over {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    async fn an_answer_that_comes_is_given() {
        let is_lost = Rc::new(Cell::new(false));
        assert_eq!(answer(&is_lost, async { 7 }).await, Some(7));
        assert!(!is_lost.get());
    }

    #[wasm_bindgen_test]
    async fn nobody_waits_for_ever_for_a_connection_that_is_lost() {
        let is_lost = Rc::new(Cell::new(true));
        assert_eq!(answer(&is_lost, pending::<()>()).await, None);
        // And the next one is looked after as well.
        assert_eq!(answer(&is_lost, pending::<()>()).await, None);
    }
}
