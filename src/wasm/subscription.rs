//! A listener of JavaScript.

use super::border;
use super::log::{Level, say};
use crate::engine::{Notice, Subscription as Notices};
use crate::machine::Event;
use crate::model::{Actor, CommandId, ProjectId, Revision, Timestamp};
use futures_channel::oneshot;
use js_sys::Function;
use serde::Serialize;
use std::cell::RefCell;
use std::future::{Future as _, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;

/// A listener: it hears until this is closed, or the store is. Dropped by JavaScript's garbage
/// collection it goes on hearing: who subscribes and keeps nothing still wants to be told.
#[wasm_bindgen(skip_typescript)]
#[derive(Debug)]
pub struct Subscription {
    open: RefCell<Option<oneshot::Sender<()>>>,
}

#[wasm_bindgen]
impl Subscription {
    /// Ends it; the listener is not called any more.
    #[wasm_bindgen(skip_typescript)]
    pub fn close(&self) {
        if let Some(open) = self.open.take() {
            // The listener may be gone already, with its store.
            let _ = open.send(());
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        // Without a word, so that the other end knows it from a close.
        self.open.take();
    }
}

/// What a listener is told: `Notice` of the types.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Told<'a> {
    Committed {
        project: ProjectId,
        revision: Revision,
        at: Timestamp,
        actor: &'a Actor,
        command: CommandId,
        events: &'a [Event],
    },
    Removed {
        project: ProjectId,
    },
    Missed {
        count: u64,
    },
}

impl<'a> Told<'a> {
    fn of(notice: &'a Notice) -> Self {
        match notice {
            Notice::Committed(committed) => Told::Committed {
                project: committed.project,
                revision: committed.revision,
                at: committed.at,
                actor: &committed.actor,
                command: committed.command,
                events: &committed.events,
            },
            Notice::Removed { project } => Told::Removed { project: *project },
            Notice::Missed { count } => Told::Missed { count: *count },
        }
    }
}

impl Subscription {
    /// Calls the listener for each notice.
    pub(super) fn start(mut notices: Notices, listener: Function) -> Self {
        let (open, mut closed) = oneshot::channel();
        spawn_local(async move {
            let mut is_kept = true;
            loop {
                let next = {
                    let mut next = pin!(notices.next());
                    poll_fn(|context| {
                        if is_kept && let Poll::Ready(word) = Pin::new(&mut closed).poll(context) {
                            if word.is_ok() {
                                return Poll::Ready(None);
                            }
                            is_kept = false;
                        }
                        next.as_mut().poll(context)
                    })
                    .await
                };
                let Some(notice) = next else { return };
                tell(&listener, &Told::of(&notice));
            }
        });
        Self {
            open: RefCell::new(Some(open)),
        }
    }
}

/// Calls a listener. One that throws is told of in the console, and harms nobody.
pub(super) fn tell(listener: &Function, told: &impl Serialize) {
    if listener
        .call1(&JsValue::UNDEFINED, &border::write(told))
        .is_err()
    {
        // Not what it threw: that may hold anything, and looking at it may throw too.
        say(Level::Error, || "a listener threw".to_owned());
    }
}
