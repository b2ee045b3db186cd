//! Writing: each function is one transaction, which compares before it changes anything. All that
//! it writes is encoded before it begins, its questions are asked at once, and its puts are one
//! synchronous stretch.

use super::compare::{ask_format, ask_project, check_writable, compare, unasked};
use super::encoded_rows::EncodedRows;
use super::js::{beginning_with, key, number, object, text};
use super::read::{find_command, lease_in};
use super::rows::{Record, put_all};
use super::schema::{
    BLOBS, CHECKPOINTS, ENTRIES, LEASES, META, OF_PROJECTS, PLANS, PROJECTS, SNAPSHOTS, TOMBSTONES,
};
use super::session::Session;
use super::transaction::Access;
use crate::journal::{Head, Sealed, Snapshot};
use crate::machine::CommandStamp;
use crate::model::{PlanId, ProjectId};
use crate::storage::{
    Commit, Durability, Epoch, Lease, LeaseError, PlatformError, RowChanges, StorageError,
    WriteError,
};
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;

pub(super) async fn append(
    session: &Session,
    durability: Durability,
    commit: &Commit,
) -> Result<Head, WriteError> {
    let project = commit.project();
    let entries: Vec<_> = commit
        .entries()
        .iter()
        .map(|entry| entry_record(project, entry))
        .collect();
    let rows = EncodedRows::of(commit.head(), &commit.rows)?;
    let blob_key = |digest| key([text(&project), text(digest)]);
    let blobs: Vec<_> = commit
        .blobs
        .iter()
        .map(|blob| Record {
            key: blob_key(blob.digest()),
            value: Uint8Array::from(blob.bytes()).into(),
        })
        .collect();
    let dropped: Vec<_> = commit.drop_blobs.iter().map(blob_key).collect();

    let mut stores = vec![META, PROJECTS, TOMBSTONES, ENTRIES];
    stores.extend(rows.stores());
    if !(blobs.is_empty() && dropped.is_empty()) {
        stores.push(BLOBS);
    }
    let mut transaction = session.begin(&stores, Access::Write(durability)).await?;
    let gone = rows.find_gone(&transaction).map_err(unasked)?;
    compare(
        &mut transaction,
        project,
        commit.expected(),
        commit.entries(),
    )
    .await?;
    let written = transaction
        .write(|transaction| {
            let store = transaction.store(ENTRIES)?;
            for entry in &entries {
                // Added, not put: history is never written over, and a command stands in it once.
                store.add_with_key(&entry.value, &entry.key)?;
            }
            if !(blobs.is_empty() && dropped.is_empty()) {
                let store = transaction.store(BLOBS)?;
                put_all(&store, &blobs)?;
                for key in &dropped {
                    store.delete(key)?;
                }
            }
            rows.put(transaction, gone)
        })
        .await;
    match written {
        Ok(()) => Ok(commit.head()),
        Err(error) => Err(explain(session, commit, error).await),
    }
}

fn entry_record(project: ProjectId, entry: &Sealed) -> Record {
    Record {
        key: key([text(&project), number(entry.revision.get())]),
        value: object([
            ("project", text(&project)),
            ("revision", number(entry.revision.get())),
            ("command", text(&entry.command)),
            ("prev", text(&entry.prev)),
            ("digest", text(&entry.digest)),
            ("text", JsValue::from_str(&entry.text)),
        ]),
    }
}

/// Why an append failed that had met the expected head. A command that is there already meets the
/// unique index only when its entry is added: to look for it before would cost every append, and
/// hardly ever find it.
async fn explain(session: &Session, commit: &Commit, error: StorageError) -> WriteError {
    let is_constraint = |platform: &PlatformError| platform.name == "ConstraintError";
    if error.platform.as_ref().is_some_and(is_constraint) {
        for entry in commit.entries() {
            match find_command(session, commit.project(), entry.command).await {
                Ok(Some(revision)) => return WriteError::DuplicateCommand { revision },
                Ok(None) => {}
                Err(failed) => return failed.into(),
            }
        }
    }
    // If it was a constraint: the head says that there is no such entry, and there is one.
    error.into()
}

pub(super) async fn write_rows(
    session: &Session,
    durability: Durability,
    project: ProjectId,
    at: Head,
    rows: &RowChanges,
) -> Result<(), WriteError> {
    let stores = [META, PROJECTS, TOMBSTONES, PLANS, CHECKPOINTS];
    let rows = EncodedRows::of(at, rows)?;
    let mut transaction = session.begin(&stores, Access::Write(durability)).await?;
    compare(&mut transaction, project, Some(at), &[]).await?;
    let all = beginning_with(&[text(&project)]).map_err(unasked)?;
    let written = transaction.write(|transaction| {
        for store in [PLANS, CHECKPOINTS] {
            transaction.store(store)?.delete(&all)?;
        }
        rows.put(transaction, Vec::new())
    });
    Ok(written.await?)
}

pub(super) async fn remove(
    session: &Session,
    durability: Durability,
    project: ProjectId,
    expected: Head,
    command: CommandStamp,
) -> Result<(), WriteError> {
    let tombstone = object([
        ("command", text(&command.id)),
        ("command_digest", text(&command.digest)),
        ("revision", number(expected.revision.get())),
        ("digest", text(&expected.digest)),
    ]);
    let all = beginning_with(&[text(&project)]).map_err(unasked)?;
    let mut stores = vec![META, PROJECTS, TOMBSTONES];
    stores.extend(OF_PROJECTS);
    let mut transaction = session.begin(&stores, Access::Write(durability)).await?;
    compare(&mut transaction, project, Some(expected), &[]).await?;
    let written = transaction.write(|transaction| {
        for store in OF_PROJECTS {
            transaction.store(store)?.delete(&all)?;
        }
        let project = text(&project);
        transaction.store(PROJECTS)?.delete(&project)?;
        let tombstones = transaction.store(TOMBSTONES)?;
        tombstones.put_with_key(&tombstone, &project).map(drop)
    });
    Ok(written.await?)
}

/// Never strict: a snapshot is a cache.
pub(super) async fn save_snapshot(
    session: &Session,
    project: ProjectId,
    snapshot: &Snapshot,
) -> Result<bool, StorageError> {
    let record = Record {
        key: key([text(&project), number(snapshot.revision.get())]),
        value: object([
            ("digest", text(&snapshot.digest)),
            ("text", Uint8Array::from(snapshot.text.as_bytes()).into()),
        ]),
    };
    let stores = [META, PROJECTS, SNAPSHOTS];
    let access = Access::Write(Durability::Relaxed);
    let mut transaction = session.begin(&stores, access).await?;
    let format = ask_format(&transaction).map_err(unasked)?;
    let found = ask_project(&transaction, project).map_err(unasked)?;
    transaction.answered(&found).await?;
    check_writable(&format)?;
    if found.result().map_err(unasked)?.is_undefined() {
        return Ok(false);
    }
    transaction
        .write(|transaction| put_all(&transaction.store(SNAPSHOTS)?, &[record]))
        .await?;
    Ok(true)
}

pub(super) async fn swap_lease(
    session: &Session,
    durability: Durability,
    project: ProjectId,
    plan: PlanId,
    expected: Option<Epoch>,
    lease: &Lease,
) -> Result<(), LeaseError> {
    let record = Record {
        key: key([text(&project), text(&plan)]),
        value: object([
            ("epoch", number(lease.epoch.0)),
            ("text", JsValue::from_str(&lease.text)),
        ]),
    };
    let stores = [META, PROJECTS, LEASES];
    let mut transaction = session.begin(&stores, Access::Write(durability)).await?;
    let format = ask_format(&transaction).map_err(unasked)?;
    let there = ask_project(&transaction, project).map_err(unasked)?;
    let found = transaction
        .store(LEASES)
        .and_then(|leases| leases.get(&record.key))
        .map_err(unasked)?;
    transaction.answered(&found).await?;
    check_writable(&format)?;
    if there.result().map_err(unasked)?.is_undefined() {
        return Err(LeaseError::NoProject);
    }
    let found = found.result().map_err(unasked)?;
    let found = (!found.is_undefined())
        .then(|| lease_in(&found, project))
        .transpose()?;
    if found.as_ref().map(|lease| lease.epoch) != expected {
        return Err(LeaseError::Conflict { expected, found });
    }
    let written = transaction.write(|transaction| put_all(&transaction.store(LEASES)?, &[record]));
    Ok(written.await?)
}
