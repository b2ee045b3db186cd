//! Opening: the raw handle first, which makes the schema in its own upgrade; then rexie, at the
//! same version, so that no upgrade of rexie's ever runs. Those delete every store that they aren't
//! told of, panic when they fail, and wait in silence for other tabs.

use super::connection::{Connection, RexieHandle};
use super::error::{corrupt, failure, rexie_failure};
use super::js::{as_number, field, global, number, object};
use super::listener::{Events, Listener};
use super::schema;
use super::to_its_end::to_its_end;
use super::transaction::{Access, Transaction};
use crate::journal::format::StoreFormat;
use crate::platform;
use crate::storage::{Durability, StorageError, StorageErrorKind};
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;
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

/// Opens both handles.
pub(super) async fn open(
    name: &str,
    patience: Duration,
    if_missing: IfMissing,
) -> Result<Connection, StorageError> {
    let request = Opening::ask(name, Some(schema::VERSION), if_missing)?;
    let raw = match request.finished(name, patience).await {
        Err(error) if error.kind == StorageErrorKind::TooNew => {
            return Err(newer_or_foreign(name, patience, error).await);
        }
        opened => opened?,
    };
    if !schema::is_in(&raw) {
        raw.close();
        return Err(not_a_store(name));
    }
    let connection = Connection::of(raw);
    check_format(name, &connection, if_missing).await?;
    connection.add_rexie(open_rexie(name, patience).await?);
    Ok(connection)
}

/// Opens with rexie. That future must not be dropped half-way: the opening would go on, and leave
/// a connection that nobody closes. So it runs to its end, and closes itself if it comes too late.
async fn open_rexie(name: &str, patience: Duration) -> Result<RexieHandle, StorageError> {
    let builder = schema::in_rexie(name);
    let opening = to_its_end(async { builder.build().await.map(RexieHandle::of) });
    let mut deadline = Box::pin(platform::sleep(patience.saturating_mul(UNANSWERED)));
    match before(&mut deadline, opening).await {
        Some(opened) => opened.map_err(|error| rexie_failure(&error, "opening the database")),
        None => Err(blocked(name, "it has not answered")),
    }
}

/// How many times the patience it may take when nobody says that another tab is in the way: the
/// browser may have much to do.
const UNANSWERED: u32 = 4;

/// An open request under way. Dropped, it sees to it that nothing comes of the request.
struct Opening {
    request: IdbOpenDbRequest,
    course: Rc<Course>,
    /// Its listeners, until it has ended.
    listeners: Option<(Events, Listener)>,
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
    fn ask(name: &str, version: Option<u32>, if_missing: IfMissing) -> Result<Self, StorageError> {
        let request = match version {
            Some(version) => factory()?.open_with_u32(name, version),
            None => factory()?.open(name),
        }
        .map_err(|thrown| unavailable(&thrown))?;
        let course = Rc::new(Course::default());
        let mut upgrading = Listener::new({
            let (request, course) = (request.clone(), Rc::clone(&course));
            move |event| upgrade(&request, event.unchecked_ref(), &course, if_missing)
        });
        upgrading.listen(&request, &["upgradeneeded"]);
        let ends = Events::of(&request, &["success", "error", "blocked"]);
        Ok(Self {
            request,
            course,
            listeners: Some((ends, upgrading)),
        })
    }

    /// Waits until the database is open, but not for ever.
    async fn finished(
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
        schema::upgrade(&database(request), from).map_err(Some)
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
fn database(request: &IdbOpenDbRequest) -> IdbDatabase {
    request
        .result()
        .expect("a request that succeeded has a result")
        .unchecked_into()
}

/// Tells a store of a newer program from a database that only has the same name. Looks at it in
/// whichever version it has, and changes nothing.
async fn newer_or_foreign(name: &str, patience: Duration, error: StorageError) -> StorageError {
    let opened = match Opening::ask(name, None, IfMissing::Report) {
        Ok(request) => request.finished(name, patience).await,
        Err(failed) => Err(failed),
    };
    let Ok(database) = opened else {
        return error;
    };
    let is_store = database.object_store_names().contains(schema::META);
    let found = database.version();
    database.close();
    if !is_store {
        return not_a_store(name);
    }
    StorageError {
        message: format!(
            "expected the database \"{name}\" in version {} at most, found version {found}",
            schema::VERSION
        ),
        ..error
    }
}

/// Reads what the store says of itself, and writes it into a new one.
async fn check_format(
    name: &str,
    connection: &Connection,
    if_missing: IfMissing,
) -> Result<(), StorageError> {
    let wrong = |thrown: JsValue| failure(&thrown, "reading the store's format");
    let access = Access::Write(Durability::Strict);
    let mut transaction = Transaction::begin(connection.raw(), &[schema::META], Access::Read)?;
    let meta = transaction.store(schema::META).map_err(wrong)?;
    let request = meta.get(&schema::FORMAT.into()).map_err(wrong)?;
    transaction.answered(&request).await?;
    let record = request.result().map_err(wrong)?;
    if record.is_undefined() {
        if if_missing == IfMissing::Report {
            return Err(gone(name));
        }
        let made = format_record(StoreFormat::CURRENT);
        let transaction = Transaction::begin(connection.raw(), &[schema::META], access)?;
        return transaction
            .write(|transaction| {
                let meta = transaction.store(schema::META)?;
                meta.put_with_key(&made, &schema::FORMAT.into()).map(drop)
            })
            .await;
    }
    let format = read_format(&record)?;
    if format.is_readable() {
        return Ok(());
    }
    Err(StorageError::new(
        StorageErrorKind::TooNew,
        format!(
            "expected a store that programs of format {} can read in the database \"{name}\", found one for {} and later",
            StoreFormat::CURRENT.format,
            format.min_reader
        ),
    ))
}

fn format_record(format: StoreFormat) -> JsValue {
    object([
        ("format", number(format.format.into())),
        ("min_reader", number(format.min_reader.into())),
        ("min_writer", number(format.min_writer.into())),
    ])
}

/// What a store says of itself.
pub(super) fn read_format(record: &JsValue) -> Result<StoreFormat, StorageError> {
    let version = |name: &str| {
        as_number(&field(record, name))
            .and_then(|number| u32::try_from(number).ok())
            .ok_or_else(|| {
                corrupt(
                    &format!("a number called {name} in the store's format"),
                    &format!("{:?}", field(record, name)),
                )
            })
    };
    Ok(StoreFormat {
        format: version("format")?,
        min_reader: version("min_reader")?,
        min_writer: version("min_writer")?,
    })
}

fn factory() -> Result<IdbFactory, StorageError> {
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

fn blocked(name: &str, found: &str) -> StorageError {
    StorageError::new(
        StorageErrorKind::Blocked,
        format!("expected the database \"{name}\" to be opened, found that {found}"),
    )
}

fn not_a_store(name: &str) -> StorageError {
    StorageError::new(
        StorageErrorKind::NotAStore,
        format!(
            "expected a Holdpoint store in the database \"{name}\", found one of another program"
        ),
    )
}

fn gone(name: &str) -> StorageError {
    StorageError::new(
        StorageErrorKind::Evicted,
        format!(
            "expected the database \"{name}\", found that it is gone: the site's data was cleared or the browser evicted it"
        ),
    )
}

/// What comes of a future, unless the deadline is first.
pub(super) async fn before<T>(
    deadline: &mut Pin<Box<impl Future<Output = ()>>>,
    future: impl Future<Output = T>,
) -> Option<T> {
    let mut future = pin!(future);
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => deadline.as_mut().poll(context).map(|()| None),
    })
    .await
}

#[cfg(test)]
mod tests {
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
        let older = open(&name, PATIENCE, IfMissing::Create).await.unwrap();
        let newer = ask(&name, 2).finished(&name, PATIENCE).await.unwrap();
        assert!(older.is_lost());
        assert!(schema::is_in(&newer), "no store is deleted");
        newer.close();
    }
}
