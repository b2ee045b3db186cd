//! The object stores and their indexes, for ever once released. All keys stand outside of the
//! values, which are plain objects that DevTools show readably.

use super::js::key;
use rexie::RexieBuilder;
use wasm_bindgen::JsValue;
use web_sys::{IdbDatabase, IdbIndexParameters};

/// The version of the database: how many [steps](upgrade) made it.
pub(super) const VERSION: u32 = 1;

/// `"format"` → `{format, min_reader, min_writer}`.
pub(super) const META: &str = "meta";
/// project → `{revision, digest, row}`: the head, and the project's row.
pub(super) const PROJECTS: &str = "projects";
/// [project, revision] → `{project, revision, command, prev, digest, text}`.
pub(super) const ENTRIES: &str = "entries";
/// [project, number] → `{project, number, plan, unfinished?: 1, row}`.
pub(super) const PLANS: &str = "plans";
/// [project, number] → `{project, number, checkpoint, plan?, row}`.
pub(super) const CHECKPOINTS: &str = "checkpoints";
/// [project, digest] → bytes.
pub(super) const BLOBS: &str = "blobs";
/// [project, revision] → `{digest, text}`, the text as UTF-8 bytes: a snapshot is large, nobody
/// reads it in DevTools, and what isn't converted costs nothing.
pub(super) const SNAPSHOTS: &str = "snapshots";
/// [project, plan] → `{epoch, text}`.
pub(super) const LEASES: &str = "leases";
/// project → `{command, command_digest, revision, digest}`.
pub(super) const TOMBSTONES: &str = "tombstones";

/// Of entries, by [project, command]; unique.
pub(super) const BY_COMMAND: &str = "by_command";
/// Of plans and of the checkpoints that have one, by [plan, project, number].
pub(super) const BY_PLAN: &str = "by_plan";
/// Of unfinished plans, by [1, project, number].
pub(super) const UNFINISHED: &str = "unfinished";
/// Of checkpoints, by [checkpoint, project, number].
pub(super) const BY_CHECKPOINT: &str = "by_checkpoint";

/// The key in [`META`].
pub(super) const FORMAT: &str = "format";

/// Stores whose keys begin with a project, in an array.
pub(super) const OF_PROJECTS: [&str; 6] = [ENTRIES, PLANS, CHECKPOINTS, BLOBS, SNAPSHOTS, LEASES];

struct Store {
    name: &'static str,
    indexes: &'static [Index],
}

struct Index {
    name: &'static str,
    path: &'static [&'static str],
    unique: bool,
}

const fn store(name: &'static str, indexes: &'static [Index]) -> Store {
    Store { name, indexes }
}

const fn index(name: &'static str, path: &'static [&'static str]) -> Index {
    Index {
        name,
        path,
        unique: false,
    }
}

const STORES: [Store; 9] = [
    store(META, &[]),
    store(PROJECTS, &[]),
    store(
        ENTRIES,
        &[Index {
            name: BY_COMMAND,
            path: &["project", "command"],
            unique: true,
        }],
    ),
    store(
        PLANS,
        &[
            index(BY_PLAN, &["plan", "project", "number"]),
            index(UNFINISHED, &["unfinished", "project", "number"]),
        ],
    ),
    store(
        CHECKPOINTS,
        &[
            index(BY_CHECKPOINT, &["checkpoint", "project", "number"]),
            index(BY_PLAN, &["plan", "project", "number"]),
        ],
    ),
    store(BLOBS, &[]),
    store(SNAPSHOTS, &[]),
    store(LEASES, &[]),
    store(TOMBSTONES, &[]),
];

/// Brings a database up to date, within its `upgradeneeded` event: one step for each version. No
/// step deletes a store.
pub(super) fn upgrade(database: &IdbDatabase, from: u32) -> Result<(), JsValue> {
    if from < 1 {
        for store in &STORES {
            let made = database.create_object_store(store.name)?;
            for index in store.indexes {
                let path = key(index.path.iter().map(|name| (*name).into()));
                let parameters = IdbIndexParameters::new();
                parameters.set_unique(index.unique);
                made.create_index_with_str_sequence_and_optional_parameters(
                    index.name,
                    &path,
                    &parameters,
                )?;
            }
        }
    }
    Ok(())
}

/// Whether it has the stores of this version: a database of this name may be somebody else's.
pub(super) fn is_in(database: &IdbDatabase) -> bool {
    let there = database.object_store_names();
    STORES.iter().all(|store| there.contains(store.name))
}

/// The whole schema once more, in rexie's words. It never gets to make it, except when somebody
/// deletes the database between the two openings; then it makes the same.
pub(super) fn in_rexie(name: &str) -> RexieBuilder {
    let builder = rexie::Rexie::builder(name).version(VERSION);
    STORES.iter().fold(builder, |builder, store| {
        let indexes = store.indexes.iter().map(|index| {
            rexie::Index::new_array(index.name, index.path.iter().copied()).unique(index.unique)
        });
        let named = rexie::ObjectStore::new(store.name);
        builder.add_object_store(indexes.fold(named, rexie::ObjectStore::add_index))
    })
}
