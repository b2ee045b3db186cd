//! Writing: each function is one transaction, which compares before it changes anything. All that
//! it writes is encoded before it begins, its questions are asked at once, and its puts are one
//! synchronous stretch.

use super::error::failure;
use super::js::{beginning_with, key, number, object, text};
use super::open::read_format;
use super::read::{find_command, head_in, lease_in, revision_of, tombstone_in};
use super::rows::{Record, checkpoint_record, of_id, plan_record, project_record};
use super::schema::{
    BLOBS, BY_CHECKPOINT, BY_COMMAND, BY_PLAN, CHECKPOINTS, ENTRIES, FORMAT, LEASES, META,
    OF_PROJECTS, PLANS, PROJECTS, SNAPSHOTS, TOMBSTONES,
};
use super::session::Session;
use super::transaction::{Access, Transaction};
use crate::journal::format::StoreFormat;
use crate::journal::{Head, Sealed, Snapshot};
use crate::machine::CommandStamp;
use crate::model::{PlanId, ProjectId};
use crate::storage::{
    Commit, Durability, Epoch, Lease, LeaseError, RowChanges, StorageError, StorageErrorKind,
    WriteError,
};
use js_sys::Uint8Array;
use wasm_bindgen::JsValue;
use web_sys::{IdbObjectStore, IdbRequest};

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
    let is_constraint =
        |platform: &crate::storage::PlatformError| platform.name == "ConstraintError";
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

/// The rows of a commit, ready to be put.
struct EncodedRows<'a> {
    project: Record,
    plans: Vec<Record>,
    checkpoints: Vec<Record>,
    changes: &'a RowChanges,
}

impl<'a> EncodedRows<'a> {
    fn of(head: Head, changes: &'a RowChanges) -> Result<Self, StorageError> {
        let plans = changes.plans.iter().map(plan_record);
        let checkpoints = changes.checkpoints.iter().map(checkpoint_record);
        Ok(Self {
            project: project_record(head, &changes.project)?,
            plans: plans.collect::<Result<_, _>>()?,
            checkpoints: checkpoints.collect::<Result<_, _>>()?,
            changes,
        })
    }

    /// The stores that they change, besides that of projects.
    fn stores(&self) -> impl Iterator<Item = &'static str> {
        let plans = !(self.plans.is_empty() && self.changes.plans_gone.is_empty());
        let checkpoints =
            !(self.checkpoints.is_empty() && self.changes.checkpoints_gone.is_empty());
        plans
            .then_some(PLANS)
            .into_iter()
            .chain(checkpoints.then_some(CHECKPOINTS))
    }

    /// Asks where the records of those stand that left.
    fn find_gone(
        &self,
        transaction: &Transaction,
    ) -> Result<Vec<(&'static str, IdbRequest)>, JsValue> {
        let project = self.changes.project.project;
        let mut asked = Vec::new();
        for plan in &self.changes.plans_gone {
            let index = transaction.store(PLANS)?.index(BY_PLAN)?;
            asked.push((PLANS, index.get_key(&of_id(plan, project)?)?));
        }
        for checkpoint in &self.changes.checkpoints_gone {
            let index = transaction.store(CHECKPOINTS)?.index(BY_CHECKPOINT)?;
            asked.push((CHECKPOINTS, index.get_key(&of_id(checkpoint, project)?)?));
        }
        Ok(asked)
    }

    fn put(
        &self,
        transaction: &Transaction,
        gone: Vec<(&'static str, IdbRequest)>,
    ) -> Result<(), JsValue> {
        // First, since a number that became free may have been given again.
        for (store, found) in gone {
            let key = found.result()?;
            if !key.is_undefined() {
                transaction.store(store)?.delete(&key)?;
            }
        }
        for (store, records) in [(PLANS, &self.plans), (CHECKPOINTS, &self.checkpoints)] {
            if !records.is_empty() {
                put_all(&transaction.store(store)?, records)?;
            }
        }
        put_all(
            &transaction.store(PROJECTS)?,
            std::slice::from_ref(&self.project),
        )
    }
}

fn put_all(store: &IdbObjectStore, records: &[Record]) -> Result<(), JsValue> {
    for record in records {
        store.put_with_key(&record.value, &record.key)?;
    }
    Ok(())
}

/// Refuses a write to another head than the one that it was decided on. An append that meets it
/// has waited once: for the format and the head, which were asked for together.
async fn compare(
    transaction: &mut Transaction,
    project: ProjectId,
    expected: Option<Head>,
    entries: &[Sealed],
) -> Result<(), WriteError> {
    let format = ask_format(transaction).map_err(unasked)?;
    let record = ask_project(transaction, project).map_err(unasked)?;
    transaction.answered(&record).await?;
    check_writable(&format)?;
    let record = record.result().map_err(unasked)?;
    let found = (!record.is_undefined())
        .then(|| head_in(&record, project))
        .transpose()?;
    if found.is_none() {
        let asked = transaction
            .store(TOMBSTONES)
            .and_then(|tombstones| tombstones.get(&text(&project)));
        let tombstone = answer(transaction, asked).await?;
        if !tombstone.is_undefined() {
            let tombstone = tombstone_in(&tombstone, project)?;
            return Err(WriteError::Removed { project, tombstone });
        }
    }
    if found == expected {
        return Ok(());
    }
    for entry in entries {
        let wanted = key([text(&project), text(&entry.command)]);
        let asked = transaction
            .store(ENTRIES)
            .and_then(|entries| entries.index(BY_COMMAND)?.get_key(&wanted));
        let there = answer(transaction, asked).await?;
        if !there.is_undefined() {
            let revision = revision_of(&there)?;
            return Err(WriteError::DuplicateCommand { revision });
        }
    }
    Err(WriteError::Conflict { expected, found })
}

fn ask_format(transaction: &Transaction) -> Result<IdbRequest, JsValue> {
    transaction.store(META)?.get(&FORMAT.into())
}

fn ask_project(transaction: &Transaction, project: ProjectId) -> Result<IdbRequest, JsValue> {
    transaction.store(PROJECTS)?.get(&text(&project))
}

/// The answer to one question.
async fn answer(
    transaction: &mut Transaction,
    asked: Result<IdbRequest, JsValue>,
) -> Result<JsValue, StorageError> {
    let request = asked.map_err(unasked)?;
    transaction.answered(&request).await?;
    request.result().map_err(unasked)
}

/// A program that is too old learns it here.
fn check_writable(answered: &IdbRequest) -> Result<(), StorageError> {
    let format = read_format(&answered.result().map_err(unasked)?)?;
    if format.is_writable() {
        return Ok(());
    }
    Err(StorageError::new(
        StorageErrorKind::TooNew,
        format!(
            "expected a store that programs of format {} can write to, found one for {} and later",
            StoreFormat::CURRENT.format,
            format.min_writer
        ),
    ))
}

/// What was thrown before anything was put.
#[allow(clippy::needless_pass_by_value)] // it is what `map_err` gives
fn unasked(thrown: JsValue) -> StorageError {
    failure(&thrown, "reading before the write")
}
