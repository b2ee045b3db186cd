//! Turns between tabs: a Web Lock for each project, taken only where writers have collided.
//!
//! To ask for one and give it back takes 0.2 to 0.4 ms (p50 of 300, Chromium 156), a fifth of a
//! whole commit, and hardly any project has two writers. So it is asked for only for a second after
//! a conflict, by the one who was too late and by all whom it told so (`hints.rs`).

use super::js::{LockManager, field, global};
use super::to_its_end::before;
use crate::model::ProjectId;
use crate::platform;
use crate::storage::Turn;
use crate::storage::turn::Held;
use futures_channel::oneshot;
use js_sys::{Function, Promise};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// How long to wait for a tab that holds the lock. It may hang; then it goes on without.
const DEADLINE: Duration = Duration::from_secs(2);

/// For how many milliseconds after a conflict turns are taken.
const CONTENDED_FOR: f64 = 1_000.0;

/// Which projects are contended, and until when.
#[derive(Debug)]
pub(super) struct Turns {
    database: String,
    contended: RefCell<HashMap<ProjectId, f64>>,
}

impl Turns {
    /// Those of a database.
    pub(super) fn of(database: &str) -> Self {
        Self {
            database: database.to_owned(),
            contended: RefCell::default(),
        }
    }

    /// Notes that somebody was too late: here or elsewhere.
    pub(super) fn expect_others(&self, project: ProjectId) {
        let now = js_sys::Date::now();
        let mut contended = self.contended.borrow_mut();
        contended.retain(|_, until| *until > now);
        contended.insert(project, now + CONTENDED_FOR);
    }

    /// Waits for the project's turn, if it is contended.
    pub(super) async fn take(&self, project: ProjectId) -> Turn {
        if !self.is_contended(project) {
            return Turn::free();
        }
        let Some(locks) = locks() else {
            return Turn::free();
        };
        let name = format!("holdpoint {} {project}", self.database);
        let granted = request(&locks, &name);
        let mut deadline = Box::pin(platform::sleep(DEADLINE));
        match before(&mut deadline, granted).await {
            Some(Ok(lock)) => Turn::holding(lock),
            // Too late, or refused: without a turn there may be conflicts, and no harm.
            Some(Err(oneshot::Canceled)) | None => Turn::free(),
        }
    }

    fn is_contended(&self, project: ProjectId) -> bool {
        let until = self.contended.borrow().get(&project).copied();
        until.is_some_and(|until| until > js_sys::Date::now())
    }
}

/// `navigator.locks`, where there is one: not in an insecure context, not in old browsers.
pub(super) fn locks() -> Option<LockManager> {
    let locks = field(&global("navigator").ok()?, "locks");
    locks.is_object().then(|| locks.unchecked_into())
}

/// Asks for a lock. It comes at some time; if nobody waits any more then, it is given back at once.
pub(super) fn request(locks: &LockManager, name: &str) -> oneshot::Receiver<Lock> {
    let (sender, receiver) = oneshot::channel();
    let sender = Rc::new(RefCell::new(Some(sender)));
    let granted = Closure::<dyn FnMut() -> JsValue>::new({
        let sender = Rc::clone(&sender);
        move || {
            // The lock is held until this promise is kept.
            let mut release = None;
            let held = Promise::new(&mut |resolve, _| release = Some(resolve));
            let lock = release.map(|release| Lock { release });
            if let (Some(sender), Some(lock)) = (sender.take(), lock) {
                // What nobody receives is dropped, and so released.
                let _ = sender.send(lock);
            }
            held.into()
        }
    });
    if let Ok(ended) = locks.request(name, granted.as_ref()) {
        spawn_local(async move {
            // Kept when the lock was released, broken if it was refused: then nothing is sent.
            let _ = JsFuture::from(ended).await;
            drop((granted, sender));
        });
    }
    receiver
}

/// A lock that is held, and released when this is dropped.
pub(super) struct Lock {
    release: Function,
}

impl Held for Lock {}

impl Drop for Lock {
    fn drop(&mut self) {
        // It is the function of a promise, which never throws.
        let _ = self.release.call0(&JsValue::UNDEFINED);
    }
}
