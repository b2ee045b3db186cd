//! Telling what befalls a connection. Only telling: whoever hears it has nothing to do, the next call
//! opens the database again by itself.

use std::fmt;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// What befalls a connection to a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectionNotice {
    /// An opening waits: another connection, most likely another tab's, holds the database open in
    /// an older version. It goes on when that one is closed, or fails when the
    /// [patience](super::IndexedDbOptions::patience) is at its end.
    Blocked,
    /// The connection stood in the way of an upgrade or a deletion by another one. It has made way.
    Blocking,
    /// The browser has closed the connection: site data was cleared, or something failed there.
    Terminated,
}

impl ConnectionNotice {
    /// As it is written.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            ConnectionNotice::Blocked => "blocked",
            ConnectionNotice::Blocking => "blocking",
            ConnectionNotice::Terminated => "terminated",
        }
    }
}

/// A function that is told what befalls a storage's connections: the first one, and each that the
/// storage opens in its place. It is called by itself, soon after what happened and in that order,
/// so it may use the storage, close it or drop it.
#[derive(Clone)]
pub struct ConnectionObserver(Rc<dyn Fn(ConnectionNotice)>);

impl ConnectionObserver {
    /// Tells this function.
    #[must_use]
    pub fn new(told: impl Fn(ConnectionNotice) + 'static) -> Self {
        Self(Rc::new(told))
    }

    /// Not within the event that it is about: whoever is told may close the storage, or do what fires
    /// the event again, and the listener that runs can be neither dropped nor called.
    pub(super) fn tell(&self, notice: ConnectionNotice) {
        let observer = self.clone();
        spawn_local(async move { (observer.0)(notice) });
    }
}

impl fmt::Debug for ConnectionObserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ConnectionObserver")
    }
}
