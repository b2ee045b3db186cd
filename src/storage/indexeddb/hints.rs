//! Hints from tab to tab: that a project moved, and that it is contended. IndexedDB has no such
//! events, so they go through a `BroadcastChannel` beside it. Where there is none, each tab hears of
//! its own commits only.

use super::listener::Listener;
use super::turns::Turns;
use crate::model::ProjectId;
use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast as _;
use wasm_bindgen_futures::spawn_local;
use web_sys::{BroadcastChannel, MessageEvent};

/// What stands before the id of a project that is contended. One that moved is an id alone.
const CONTENDED: &str = "contended ";

/// None once it was closed.
type Watchers = Rc<RefCell<Option<Vec<UnboundedSender<Option<ProjectId>>>>>>;

/// Those who watch here, and the channel to those who watch elsewhere.
#[derive(Debug)]
pub(super) struct Hints {
    watchers: Watchers,
    channel: RefCell<Option<(BroadcastChannel, Listener)>>,
}

impl Hints {
    /// Those of a database.
    pub(super) fn of(database: &str, turns: &Rc<Turns>) -> Self {
        let watchers = Watchers::new(RefCell::new(Some(Vec::new())));
        let channel = BroadcastChannel::new(&format!("holdpoint {database}")).ok();
        let channel = channel.map(|channel| {
            let (watchers, turns) = (Rc::clone(&watchers), Rc::clone(turns));
            let mut listener = Listener::new(move |event| {
                // Anybody in this origin can post here. What is neither hint is not for us.
                let message = event.unchecked_ref::<MessageEvent>().data();
                let Some(message) = message.as_string() else {
                    return;
                };
                if let Ok(project) = message.parse() {
                    tell(&watchers, Some(project));
                } else if let Some(contended) = message.strip_prefix(CONTENDED)
                    && let Ok(project) = contended.parse()
                {
                    turns.expect_others(project);
                }
            });
            listener.listen(&channel, &["message"]);
            (channel, listener)
        });
        Self {
            watchers,
            channel: RefCell::new(channel),
        }
    }

    /// Hears all that come from now on; after the end, that it has ended.
    pub(super) fn watch(&self) -> UnboundedReceiver<Option<ProjectId>> {
        let (sender, receiver) = unbounded();
        if let Some(watchers) = &mut *self.watchers.borrow_mut() {
            watchers.push(sender);
        }
        receiver
    }

    /// Tells everybody that a project moved.
    pub(super) fn moved(&self, project: ProjectId) {
        tell(&self.watchers, Some(project));
        self.post(project.to_string());
    }

    /// Tells other tabs that this one was too late. Whoever is always first learns it only so, and
    /// without taking turns would let nobody else in.
    pub(super) fn contended(&self, project: ProjectId) {
        self.post(format!("{CONTENDED}{project}"));
    }

    fn post(&self, message: String) {
        if let Some((channel, _)) = &*self.channel.borrow() {
            let channel = channel.clone();
            // Posting costs about as much as a put, so whoever waits for the commit is woken first.
            // But before they hear of it: they may close the storage next, and with it the channel.
            // A hint that can't be sent is no failure.
            spawn_local(async move {
                let _ = channel.post_message(&message.into());
            });
        }
    }

    /// Sends and hears nothing from now on.
    pub(super) fn close(&self) {
        if let Some((channel, listener)) = self.channel.take() {
            drop(listener);
            // After what is still to be posted, which was spawned before.
            spawn_local(async move { channel.close() });
        }
        *self.watchers.borrow_mut() = None;
    }
}

impl Drop for Hints {
    fn drop(&mut self) {
        self.close();
    }
}

fn tell(watchers: &Watchers, hint: Option<ProjectId>) {
    if let Some(watchers) = &mut *watchers.borrow_mut() {
        watchers.retain(|watcher| watcher.unbounded_send(hint).is_ok());
    }
}
