//! Hearing events. A listener whose Rust closure is gone throws, and a throw inside a request's
//! event aborts the whole transaction: so listeners leave together with who listens.

use futures_channel::mpsc::{UnboundedReceiver, unbounded};
use std::fmt;
use wasm_bindgen::JsCast as _;
use wasm_bindgen::prelude::Closure;
use web_sys::{Event, EventTarget};

/// Calls a function for chosen events, until it is dropped.
pub(super) struct Listener {
    closure: Closure<dyn FnMut(Event)>,
    heard_at: Vec<(EventTarget, &'static str)>,
}

impl Listener {
    /// Of no event yet.
    pub(super) fn new(heard: impl FnMut(Event) + 'static) -> Self {
        Self {
            closure: Closure::new(heard),
            heard_at: Vec::new(),
        }
    }

    /// Listens to these events as well.
    pub(super) fn listen(&mut self, target: &EventTarget, names: &[&'static str]) {
        for name in names {
            target
                .add_event_listener_with_callback(name, self.closure.as_ref().unchecked_ref())
                .expect("an event target takes a function as a listener");
            self.heard_at.push((target.clone(), name));
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        for (target, name) in &self.heard_at {
            let closure = self.closure.as_ref().unchecked_ref();
            // It was added, so it can be removed; and here nothing could be done about it.
            let _ = target.remove_event_listener_with_callback(name, closure);
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.heard_at.iter().map(|(_, name)| name);
        f.debug_list().entries(names).finish()
    }
}

/// Chosen events in the order in which they fire. A future that awaits one and is woken by it runs
/// within the event, so a transaction is still active then.
#[derive(Debug)]
pub(super) struct Events {
    listener: Listener,
    receiver: UnboundedReceiver<Event>,
}

impl Events {
    /// These of one target.
    pub(super) fn of(target: &EventTarget, names: &[&'static str]) -> Self {
        let (sender, receiver) = unbounded();
        let mut listener = Listener::new(move |event| {
            // The receiver lives as long as this closure; both are in one value.
            let _ = sender.unbounded_send(event);
        });
        listener.listen(target, names);
        Self { listener, receiver }
    }

    /// And these of another.
    pub(super) fn and_of(&mut self, target: &EventTarget, names: &[&'static str]) {
        self.listener.listen(target, names);
    }

    /// The name of the next event.
    pub(super) async fn next(&mut self) -> String {
        let event = self.receiver.recv().await;
        event
            .expect("the sender lives in the listener beside it")
            .type_()
    }
}
