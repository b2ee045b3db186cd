//! Reading everything that isn't a list of rows: what opening, deciding and going back need. On the
//! raw handle, which is open anyway, and can do what rexie can't: find the newest snapshot without
//! reading the one before it, and wait once for many bodies.

use super::error::{corrupt, failure};
use super::js::{after_all, as_number, digest, field, key, number, parsed, text};
use super::schema::{BLOBS, BY_COMMAND, ENTRIES, LEASES, PROJECTS, SNAPSHOTS, TOMBSTONES};
use super::session::Session;
use super::transaction::Access;
use crate::journal::{Head, Sealed, Snapshot};
use crate::machine::CommandStamp;
use crate::model::{CommandId, Digest, PlanId, ProjectId, Revision};
use crate::storage::{Epoch, Lease, StorageError, Tombstone};
use js_sys::{Array, Uint8Array};
use std::slice;
use std::sync::Arc;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{IdbCursor, IdbCursorDirection, IdbKeyRange, IdbRequest};

/// One record by its key.
async fn get(
    session: &Session,
    store: &str,
    key: JsValue,
    doing: &str,
) -> Result<Option<JsValue>, StorageError> {
    let record = session.ask(store, doing, |store| store.get(&key)).await?;
    Ok((!record.is_undefined()).then_some(record))
}

pub(super) async fn head(
    session: &Session,
    project: ProjectId,
) -> Result<Option<Head>, StorageError> {
    get(session, PROJECTS, text(&project), "reading a head")
        .await?
        .map(|record| head_in(&record, project))
        .transpose()
}

/// The head in a project's record.
pub(super) fn head_in(record: &JsValue, project: ProjectId) -> Result<Head, StorageError> {
    Ok(Head {
        revision: revision_in(record, "revision", project)?,
        digest: readable(parsed(&field(record, "digest")), "digest", record, project)?,
    })
}

fn revision_in(record: &JsValue, name: &str, project: ProjectId) -> Result<Revision, StorageError> {
    let number = as_number(&field(record, name)).map(Revision::new);
    readable(number, name, record, project)
}

/// What was read of a field, unless the record holds something that no program writes there.
fn readable<T>(
    read: Option<T>,
    name: &str,
    record: &JsValue,
    project: ProjectId,
) -> Result<T, StorageError> {
    read.ok_or_else(|| {
        corrupt(
            &format!("a readable field {name} in a record of project {project}"),
            &format!("{:?}", field(record, name)),
        )
    })
}

pub(super) async fn tombstone(
    session: &Session,
    project: ProjectId,
) -> Result<Option<Tombstone>, StorageError> {
    get(session, TOMBSTONES, text(&project), "reading a tombstone")
        .await?
        .map(|record| tombstone_in(&record, project))
        .transpose()
}

/// The tombstone in its record.
pub(super) fn tombstone_in(
    record: &JsValue,
    project: ProjectId,
) -> Result<Tombstone, StorageError> {
    let command = parsed(&field(record, "command"));
    let digest = parsed(&field(record, "command_digest"));
    Ok(Tombstone {
        command: CommandStamp {
            id: readable(command, "command", record, project)?,
            digest: readable(digest, "command_digest", record, project)?,
        },
        head: head_in(record, project)?,
    })
}

pub(super) async fn entries(
    session: &Session,
    project: ProjectId,
    after: Revision,
    limit: usize,
) -> Result<Vec<Sealed>, StorageError> {
    const DOING: &str = "reading entries";
    // To IndexedDB no limit and a limit of 0 are the same.
    if limit == 0 {
        return Ok(Vec::new());
    }
    let project = text(&project);
    let range = IdbKeyRange::bound_with_lower_open_and_upper_open(
        &key([project.clone(), number(after.get())]),
        &after_all(&[project]),
        true,
        true,
    )
    .map_err(|thrown| failure(&thrown, DOING))?;
    let records = session
        .ask(ENTRIES, DOING, |store| match at_most(limit) {
            Some(limit) => store.get_all_with_key_and_limit(&range, limit),
            None => store.get_all_with_key(&range),
        })
        .await?;
    let records: Array = records.unchecked_into();
    let mut entries: Vec<Sealed> = Vec::with_capacity(records.length() as usize);
    for record in records.iter() {
        let before = entries.last().map_or(after, |entry| entry.revision);
        entries.push(sealed(&record, before));
    }
    Ok(entries)
}

/// An entry as it stands there. What is damaged is handed out: its digest doesn't fit then, and
/// whoever opens it can say which entry it is: where that isn't said, the one after the last.
fn sealed(record: &JsValue, before: Revision) -> Sealed {
    let revision = as_number(&field(record, "revision"));
    Sealed {
        revision: revision.map_or(before.next(), Revision::new),
        command: parsed(&field(record, "command")).unwrap_or(CommandId::from_parts(0, 0)),
        prev: digest(&field(record, "prev")),
        digest: digest(&field(record, "digest")),
        text: field(record, "text").as_string().unwrap_or_default().into(),
    }
}

/// A limit as IndexedDB takes it.
pub(super) fn at_most(limit: usize) -> Option<u32> {
    u32::try_from(limit).ok()
}

pub(super) async fn journals(
    session: &Session,
    after: Option<ProjectId>,
    limit: usize,
) -> Result<Vec<ProjectId>, StorageError> {
    const DOING: &str = "reading which journals there are";
    let first = after.map_or_else(|| key([]), |project| after_all(&[text(&project)]));
    let wrong = |thrown: JsValue| failure(&thrown, DOING);
    let mut transaction = session.begin(&[ENTRIES], Access::Read).await?;
    let store = transaction.store(ENTRIES).map_err(wrong)?;
    let (mut projects, mut from) = (Vec::new(), first);
    while projects.len() < limit {
        // From one project's first entry to the next one's, past all in between.
        let next = IdbKeyRange::lower_bound_with_open(&from, true)
            .and_then(|range| store.get_all_keys_with_key_and_limit(&range, 1))
            .map_err(wrong)?;
        transaction.answered(&next).await?;
        let next: Array = next.result().map_err(wrong)?.unchecked_into();
        if next.length() == 0 {
            break;
        }
        let project = next.get(0).unchecked_into::<Array>().get(0);
        from = after_all(slice::from_ref(&project));
        projects.push(project);
    }
    projects
        .iter()
        .map(|project| {
            parsed(project)
                .ok_or_else(|| corrupt("entries under a project's id", &format!("{project:?}")))
        })
        .collect()
}

pub(super) async fn find_command(
    session: &Session,
    project: ProjectId,
    command: CommandId,
) -> Result<Option<Revision>, StorageError> {
    let wanted = key([text(&project), text(&command)]);
    let key = session
        .ask(ENTRIES, "looking for a command", |store| {
            store.index(BY_COMMAND)?.get_key(&wanted)
        })
        .await?;
    let is_there = !key.is_undefined();
    is_there.then(|| revision_of(&key)).transpose()
}

/// The revision in an entry's key.
pub(super) fn revision_of(key: &JsValue) -> Result<Revision, StorageError> {
    as_number(&key.unchecked_ref::<Array>().get(1))
        .map(Revision::new)
        .ok_or_else(|| corrupt("an entry under its revision", &format!("{key:?}")))
}

pub(super) async fn snapshot(
    session: &Session,
    project: ProjectId,
    at_most: Revision,
) -> Result<Option<Snapshot>, StorageError> {
    let wrong = |thrown: JsValue| failure(&thrown, "reading a snapshot");
    let project = text(&project);
    let range = IdbKeyRange::bound(
        &key([project.clone()]),
        &key([project, number(at_most.get())]),
    )
    .map_err(wrong)?;
    let mut transaction = session.begin(&[SNAPSHOTS], Access::Read).await?;
    let store = transaction.store(SNAPSHOTS).map_err(wrong)?;
    let newest = store
        .open_key_cursor_with_range_and_direction(&range, IdbCursorDirection::Prev)
        .map_err(wrong)?;
    transaction.answered(&newest).await?;
    let cursor = newest.result().map_err(wrong)?;
    if cursor.is_null() {
        return Ok(None);
    }
    let key = cursor.unchecked_ref::<IdbCursor>().key().map_err(wrong)?;
    let record = store.get(&key).map_err(wrong)?;
    transaction.answered(&record).await?;
    let record = record.result().map_err(wrong)?;
    Ok(Some(Snapshot {
        revision: revision_of(&key)?,
        digest: digest(&field(&record, "digest")),
        // Handed out like a damaged entry, if it is no text.
        text: bytes(&field(&record, "text")).map_or_else(Arc::default, |bytes| {
            String::from_utf8(bytes)
                .unwrap_or_else(|wrong| String::from_utf8_lossy(wrong.as_bytes()).into_owned())
                .into()
        }),
    }))
}

fn bytes(value: &JsValue) -> Option<Vec<u8>> {
    value.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec)
}

pub(super) async fn blob(
    session: &Session,
    project: ProjectId,
    digest: Digest,
) -> Result<Option<Vec<u8>>, StorageError> {
    let wanted = key([text(&project), text(&digest)]);
    get(session, BLOBS, wanted, "reading a body")
        .await?
        .map(|body| body_in(&body))
        .transpose()
}

fn body_in(record: &JsValue) -> Result<Vec<u8>, StorageError> {
    bytes(record).ok_or_else(|| corrupt("a body made of bytes", &format!("{record:?}")))
}

pub(super) async fn blobs(
    session: &Session,
    project: ProjectId,
    digests: &[Digest],
) -> Result<Vec<Option<Vec<u8>>>, StorageError> {
    let wrong = |thrown: JsValue| failure(&thrown, "reading bodies");
    let mut transaction = session.begin(&[BLOBS], Access::Read).await?;
    let store = transaction.store(BLOBS).map_err(wrong)?;
    let ask = |digest| store.get(&key([text(&project), text(digest)]));
    let asked: Result<Vec<_>, _> = digests.iter().map(ask).collect();
    let asked = asked.map_err(wrong)?;
    transaction.expect_requests(asked.len());
    if let Some(last) = asked.last() {
        transaction.answered(last).await?;
    }
    let read = |body: &IdbRequest| {
        let body = body.result().map_err(wrong)?;
        let is_there = !body.is_undefined();
        is_there.then(|| body_in(&body)).transpose()
    };
    asked.iter().map(read).collect()
}

pub(super) async fn lease(
    session: &Session,
    project: ProjectId,
    plan: PlanId,
) -> Result<Option<Lease>, StorageError> {
    let wanted = key([text(&project), text(&plan)]);
    get(session, LEASES, wanted, "reading a lease")
        .await?
        .map(|record| lease_in(&record, project))
        .transpose()
}

/// The lease in its record.
pub(super) fn lease_in(record: &JsValue, project: ProjectId) -> Result<Lease, StorageError> {
    let epoch = as_number(&field(record, "epoch")).map(Epoch);
    let text = field(record, "text").as_string().map(Arc::from);
    Ok(Lease {
        epoch: readable(epoch, "epoch", record, project)?,
        text: readable(text, "text", record, project)?,
    })
}
