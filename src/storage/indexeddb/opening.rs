//! One open request, from the asking to its end: whatever happens to it, no connection is left that
//! nobody holds.

use super::error::failure;
use super::js::{as_number, global};
use super::listener::{Events, Listener};
use super::observer::{ConnectionNotice, ConnectionObserver};
use super::schema;
use super::to_its_end::before;
use crate::platform;
use crate::storage::{StorageError, StorageErrorKind};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{IdbDatabase, IdbFactory, IdbOpenDbRequest, IdbVersionChangeEvent};

/// What to do where there is no database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum IfMissing {
    /// It is made.
    Create,
    /// It was there before: whoever asks is told that it is gone, and none is made.
    Report,
}

/// How many times the patience it may take when nobody says that another tab is in the way: the
/// browser may have much to do.
pub(super) const UNANSWERED: u32 = 4;

/// An open request under way. Dropped, it sees to it that nothing comes of the request.
pub(super) struct Opening {
    request: IdbOpenDbRequest,
    course: Rc<Course>,
    /// Its listeners, until it has ended.
    listeners: Option<(Events, Listener)>,
    /// Who is told when it has to wait.
    observer: Option<ConnectionObserver>,
}

/// What happens in the meantime.
#[derive(Default)]
struct Course {
    given_up: Cell<bool>,
    was_missing: Cell<bool>,
    failed: RefCell<Option<StorageError>>,
}

impl Opening {
    /// Asks for the database at this version, or at whichever it has.
    pub(super) fn ask(
        name: &str,
        version: Option<u32>,
        if_missing: IfMissing,
    ) -> Result<Self, StorageError> {
        let upgrade = |request: &IdbOpenDbRequest, from| schema::upgrade(&database(request), from);
        Self::ask_with(name, version, if_missing, upgrade)
    }

    /// The same with another upgrade: what this program did before, or will do one day.
    pub(super) fn ask_with(
        name: &str,
        version: Option<u32>,
        if_missing: IfMissing,
        steps: impl Fn(&IdbOpenDbRequest, u32) -> Result<(), JsValue> + 'static,
    ) -> Result<Self, StorageError> {
        let request = match version {
            Some(version) => factory()?.open_with_u32(name, version),
            None => factory()?.open(name),
        }
        .map_err(|thrown| unavailable(&thrown))?;
        let course = Rc::new(Course::default());
        let mut upgrading = Listener::new({
            let (request, course) = (request.clone(), Rc::clone(&course));
            move |event| {
                upgrade(&request, event.unchecked_ref(), &course, if_missing, &steps);
            }
        });
        upgrading.listen(&request, &["upgradeneeded"]);
        let ends = Events::of(&request, &["success", "error", "blocked"]);
        Ok(Self {
            request,
            course,
            listeners: Some((ends, upgrading)),
            observer: None,
        })
    }

    /// Tells when it has to wait for another connection.
    pub(super) fn telling(mut self, observer: Option<&ConnectionObserver>) -> Self {
        self.observer = observer.cloned();
        self
    }

    /// Waits until the database is open, but not for ever.
    pub(super) async fn finished(
        mut self,
        name: &str,
        patience: Duration,
    ) -> Result<IdbDatabase, StorageError> {
        let (ends, _) = self.listeners.as_mut().expect("it has not ended");
        let mut found = "it has not answered";
        let mut deadline = Box::pin(platform::sleep(patience.saturating_mul(UNANSWERED)));
        loop {
            match before(&mut deadline, ends.next()).await.as_deref() {
                Some("success") => {
                    self.listeners = None;
                    return Ok(database(&self.request));
                }
                Some("blocked") => {
                    if let Some(observer) = &self.observer {
                        observer.tell(ConnectionNotice::Blocked);
                    }
                    // The others are told to make way; they get some time for it.
                    found = "another tab holds it open in an older version";
                    deadline = Box::pin(platform::sleep(patience));
                }
                Some(_) => {
                    self.listeners = None;
                    return Err(self.failure(name));
                }
                None => return Err(blocked(name, found)),
            }
        }
    }

    fn failure(&self, name: &str) -> StorageError {
        if self.course.was_missing.get() {
            return gone(name);
        }
        if let Some(failed) = self.course.failed.take() {
            return failed;
        }
        match self.request.error() {
            Ok(Some(error)) => unavailable(&error),
            Ok(None) => unavailable(&JsValue::UNDEFINED),
            Err(thrown) => unavailable(&thrown),
        }
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        let Some((mut ends, upgrading)) = self.listeners.take() else {
            return;
        };
        // The request can't be taken back. A connection that nobody holds would block every later
        // upgrade, so it is closed as soon as it is there.
        self.course.given_up.set(true);
        let request = self.request.clone();
        spawn_local(async move {
            loop {
                match ends.next().await.as_str() {
                    "success" => break database(&request).close(),
                    "error" => break,
                    _ => {}
                }
            }
            drop(upgrading);
        });
    }
}

/// What `upgradeneeded` asks for.
fn upgrade(
    request: &IdbOpenDbRequest,
    event: &IdbVersionChangeEvent,
    course: &Course,
    if_missing: IfMissing,
    steps: impl Fn(&IdbOpenDbRequest, u32) -> Result<(), JsValue>,
) {
    let from = as_number(&event.old_version().into())
        .and_then(|version| u32::try_from(version).ok())
        .unwrap_or(0);
    course
        .was_missing
        .set(from == 0 && if_missing == IfMissing::Report);
    let upgraded = if course.was_missing.get() || course.given_up.get() {
        Err(None)
    } else {
        steps(request, from).map_err(Some)
    };
    if let Err(thrown) = upgraded {
        *course.failed.borrow_mut() =
            thrown.map(|thrown| failure(&thrown, "bringing the store's schema up to date"));
        // Aborted, an upgrade leaves what was there: no database, if there was none.
        if let Some(transaction) = request.transaction() {
            let _ = transaction.abort();
        }
    }
}

/// The connection that a finished or upgrading request holds.
pub(super) fn database(request: &IdbOpenDbRequest) -> IdbDatabase {
    request
        .result()
        .expect("a request that succeeded has a result")
        .unchecked_into()
}

pub(super) fn factory() -> Result<IdbFactory, StorageError> {
    let found = global("indexedDB").map_err(|thrown| unavailable(&thrown))?;
    if found.is_object() {
        return Ok(found.unchecked_into());
    }
    Err(StorageError::new(
        StorageErrorKind::Unavailable,
        "expected a browser with IndexedDB, found none here",
    ))
}

/// A browser that refuses to open anything names many reasons for it: a private window, a setting,
/// a profile that is damaged.
fn unavailable(thrown: &JsValue) -> StorageError {
    let mut failed = failure(thrown, "opening the database");
    if matches!(
        failed.kind,
        StorageErrorKind::Closed | StorageErrorKind::Corrupt
    ) {
        failed.kind = StorageErrorKind::Unavailable;
    }
    failed
}

/// Somebody is in the way, and stays there.
pub(super) fn blocked(name: &str, found: &str) -> StorageError {
    StorageError::new(
        StorageErrorKind::Blocked,
        format!("expected the database \"{name}\" to be opened, found that {found}"),
    )
}

/// What was there before is not there any more.
pub(super) fn gone(name: &str) -> StorageError {
    StorageError::new(
        StorageErrorKind::Evicted,
        format!(
            "expected the database \"{name}\", found that it is gone: the site's data was cleared or the browser evicted it"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::super::open::open;
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    const PATIENCE: Duration = Duration::from_millis(50);

    fn ask(name: &str, version: u32) -> Opening {
        Opening::ask(name, Some(version), IfMissing::Create).unwrap()
    }

    /// There is one version so far, so nobody else can be in the way of it but here.
    #[wasm_bindgen_test]
    async fn an_upgrade_that_another_tab_blocks_gives_up_and_leaves_no_trace() {
        let name = format!("blocked upgrade {}", js_sys::Math::random());
        let older = ask(&name, 1).finished(&name, PATIENCE).await.unwrap();
        let refused = ask(&name, 2).finished(&name, PATIENCE).await.unwrap_err();
        assert_eq!(refused.kind, StorageErrorKind::Blocked);
        assert!(refused.message.contains("another tab"), "{refused}");

        // Its turn comes now, and it is over: the database stays as it was.
        older.close();
        let again = ask(&name, 1).finished(&name, PATIENCE).await.unwrap();
        assert!(again.version() < 1.5 && schema::is_in(&again));
        again.close();
    }

    #[wasm_bindgen_test]
    async fn an_upgrade_for_which_the_other_tab_makes_way_succeeds() {
        let name = format!("let through {}", js_sys::Math::random());
        let older = open(&name, PATIENCE, IfMissing::Create, None)
            .await
            .unwrap();
        let newer = ask(&name, 2).finished(&name, PATIENCE).await.unwrap();
        assert!(older.is_lost());
        assert!(schema::is_in(&newer), "no store is deleted");
        newer.close();
    }
}
