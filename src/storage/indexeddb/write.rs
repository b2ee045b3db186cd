//! Writing: each function is one transaction, which compares before it changes anything. All that
//! it writes is encoded before it begins, its questions are asked at once, and its puts are one
//! synchronous stretch.

use super::compare::{
    Decided, ask_format, ask_project, check_writable, compare, compare_all, find_commands, unasked,
};
use super::encoded_rows::EncodedRows;
use super::js::{beginning_with, key, number, object, text};
use super::read::lease_in;
use super::rows::{Record, put_all};
use super::schema::{
    BLOBS, CHECKPOINTS, ENTRIES, LEASES, META, OF_PROJECTS, PLANS, PROJECTS, SNAPSHOTS, TOMBSTONES,
};
use super::session::Session;
use super::transaction::{Access, Transaction};
use crate::journal::{Head, Sealed, Snapshot};
use crate::machine::CommandStamp;
use crate::model::{Blob, Digest, PlanId, ProjectId};
use crate::storage::{
    Commit, Durability, Epoch, Lease, LeaseError, PlatformError, Refused, RowChanges, StorageError,
    WriteError,
};
use js_sys::Uint8Array;
use std::slice;
use wasm_bindgen::JsValue;
use web_sys::IdbRequest;

pub(super) async fn append(
    session: &Session,
    durability: Durability,
    commit: &Commit,
) -> Result<Head, WriteError> {
    let appended = append_all(session, durability, slice::from_ref(commit)).await;
    appended.map_err(|refused| *refused.error)?;
    Ok(commit.head())
}

pub(super) async fn append_all(
    session: &Session,
    durability: Durability,
    commits: &[Commit],
) -> Result<Vec<Head>, Refused> {
    let encoded: Vec<_> = commits
        .iter()
        .map(EncodedCommit::of)
        .collect::<Result<_, _>>()?;
    let mut stores = vec![META, PROJECTS, TOMBSTONES, ENTRIES];
    for store in encoded.iter().flat_map(EncodedCommit::stores) {
        if !stores.contains(&store) {
            stores.push(store);
        }
    }
    let mut transaction = session.begin(&stores, Access::Write(durability)).await?;
    let gone = encoded.iter().map(|it| it.rows.find_gone(&transaction));
    let gone: Vec<_> = gone.collect::<Result<_, _>>().map_err(unasked)?;
    let decided: Vec<_> = commits.iter().map(Decided::of).collect();
    compare_all(&mut transaction, &decided).await?;
    transaction.expect_requests(encoded.iter().map(EncodedCommit::requests).sum());
    let written = transaction
        .write(|transaction| {
            let mut each = encoded.iter().zip(gone);
            each.try_for_each(|(commit, gone)| commit.put(transaction, gone))
        })
        .await;
    match written {
        Ok(()) => Ok(commits.iter().map(Commit::head).collect()),
        Err(error) => Err(explain(session, commits, error).await),
    }
}

/// A commit, ready to be put.
struct EncodedCommit<'a> {
    entries: Vec<Record>,
    blobs: Vec<Record>,
    dropped: Vec<JsValue>,
    rows: EncodedRows<'a>,
    /// The key of the tombstone that goes.
    revived: Option<JsValue>,
}

impl<'a> EncodedCommit<'a> {
    fn of(commit: &'a Commit) -> Result<Self, StorageError> {
        let project = commit.project();
        let entry = |entry| entry_record(project, entry);
        let blob_key = |digest: &Digest| key([text(&project), text(digest)]);
        let blob = |blob: &Blob| Record {
            key: blob_key(blob.digest()),
            value: Uint8Array::from(blob.bytes()).into(),
        };
        Ok(Self {
            entries: commit.entries().iter().map(entry).collect(),
            blobs: commit.blobs.iter().map(blob).collect(),
            dropped: commit.drop_blobs.iter().map(blob_key).collect(),
            rows: EncodedRows::of(commit.head(), &commit.rows)?,
            revived: commit.revives.then(|| text(&project)),
        })
    }

    /// The stores that it changes, besides those of every commit.
    fn stores(&self) -> impl Iterator<Item = &'static str> {
        let blobs = self.changes_blobs().then_some(BLOBS);
        self.rows.stores().chain(blobs)
    }

    fn changes_blobs(&self) -> bool {
        !(self.blobs.is_empty() && self.dropped.is_empty())
    }

    /// How many requests it is, about: rows are few beside the rest, where there are many.
    fn requests(&self) -> usize {
        self.entries.len() + self.blobs.len() + self.dropped.len()
    }

    fn put(
        &self,
        transaction: &Transaction,
        gone: Vec<(&'static str, IdbRequest)>,
    ) -> Result<(), JsValue> {
        if let Some(project) = &self.revived {
            transaction.store(TOMBSTONES)?.delete(project)?;
        }
        let store = transaction.store(ENTRIES)?;
        for entry in &self.entries {
            // Added, not put: history is never written over, and a command stands in it once.
            store.add_with_key(&entry.value, &entry.key)?;
        }
        if self.changes_blobs() {
            let store = transaction.store(BLOBS)?;
            put_all(&store, &self.blobs)?;
            for key in &self.dropped {
                store.delete(key)?;
            }
        }
        self.rows.put(transaction, gone)
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
async fn explain(session: &Session, commits: &[Commit], error: StorageError) -> Refused {
    let is_constraint = |platform: &PlatformError| platform.name == "ConstraintError";
    if error.platform.as_ref().is_some_and(is_constraint) {
        match find_duplicate(session, commits).await {
            Ok(Some(refused)) => return refused,
            Ok(None) => {}
            Err(failed) => return failed.into(),
        }
    }
    // If it was a constraint: the head says that there is no such entry, and there is one.
    error.into()
}

async fn find_duplicate(
    session: &Session,
    commits: &[Commit],
) -> Result<Option<Refused>, StorageError> {
    let mut transaction = session.begin(&[ENTRIES], Access::Read).await?;
    for commit in commits {
        let project = commit.project();
        let found = find_commands(&mut transaction, project, commit.entries()).await?;
        if let Some(revision) = found {
            let error = WriteError::DuplicateCommand { revision };
            return Ok(Some(Refused::at(project, error)));
        }
    }
    Ok(None)
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
    compare(&mut transaction, project, at).await?;
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
    compare(&mut transaction, project, expected).await?;
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
