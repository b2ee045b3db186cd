//! A later version of the database: made whole or not at all, and refused by programs that are too
//! old for it. There is one version so far, so the second is made up. (Rows R51, R77.)

use super::js::{key, object};
use super::opening::{IfMissing, Opening, database};
use super::schema::{self, PLANS};
use super::{IndexedDbStorage, format};
use crate::journal::format::StoreFormat;
use crate::journal::{Head, Sealed};
use crate::model::{CommandId, Digest, PlanId, Project, ProjectId, Revision};
use crate::storage::{
    Commit, Row, RowChanges, RowKind, RowQuery, Storage, StorageError, StorageErrorKind,
};
use std::time::Duration;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::{IdbDatabase, IdbOpenDbRequest, IdbTransaction, IdbTransactionMode};

#[wasm_bindgen(module = "/tests/support/indexeddb_dump.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn dump(name: &str) -> Result<JsValue, JsValue>;
}

const PATIENCE: Duration = Duration::from_millis(200);

/// All that is in a database, as text.
async fn contents(name: &str) -> String {
    let dumped = dump(name).await.unwrap();
    dumped.as_string().unwrap()
}

fn fresh_name() -> String {
    format!("upgrade {}", js_sys::Math::random())
}

fn project() -> ProjectId {
    ProjectId::from_parts(1, 1)
}

/// A commit of a project's next entry; storages don't ask what it says.
fn entry(expected: Option<Head>) -> Commit {
    let revision = expected.map_or(Revision::ZERO, |head| head.revision).next();
    let entry = Sealed {
        revision,
        command: CommandId::from_parts(1, revision.get().into()),
        prev: expected.map_or(Digest::ZERO, |head| head.digest),
        digest: Digest::of(&revision.get().to_le_bytes()),
        text: "{\"ř\":\"🎉\"}".into(),
    };
    let rows = RowChanges::all(&Project::before_creation(project()));
    Commit::new(project(), expected, vec![entry], rows, vec![]).unwrap()
}

/// A storage of this program's version, and an entry in it.
async fn storage_with_an_entry(name: &str) -> (IndexedDbStorage, Head) {
    let storage = IndexedDbStorage::open(name).await.unwrap();
    let head = storage.append(entry(None)).await.unwrap();
    (storage, head)
}

/// Puts a value into a store behind the storage's back.
async fn put_raw(name: &str, store: &str, key: &JsValue, value: &JsValue) {
    let raw = Opening::ask(name, Some(1), IfMissing::Report).unwrap();
    let raw = raw.finished(name, PATIENCE).await.unwrap();
    raw.transaction_with_str_and_mode(store, IdbTransactionMode::Readwrite)
        .and_then(|transaction| transaction.object_store(store))
        .and_then(|store| store.put_with_key(value, key))
        .unwrap();
    // What is under way still ends.
    raw.close();
}

/// A part of an upgrade.
type Statement = fn(&IdbDatabase, &IdbTransaction) -> Result<(), JsValue>;

/// What the second version adds and takes away.
const STATEMENTS: [Statement; 5] = [
    |database, _| database.create_object_store("things").map(drop),
    |_, upgrade| {
        let plans = upgrade.object_store(PLANS)?;
        plans.create_index_with_str("by_state", "state").map(drop)
    },
    |_, upgrade| {
        let things = upgrade.object_store("things")?;
        things.put_with_key(&"made".into(), &"by".into()).map(drop)
    },
    |_, upgrade| upgrade.object_store(PLANS)?.delete_index("unfinished"),
    |_, upgrade| {
        let meta = upgrade.object_store("meta")?;
        meta.put_with_key(&2.into(), &"more".into()).map(drop)
    },
];

/// How an upgrade ends before its n-th statement.
#[derive(Clone, Copy)]
enum Fault {
    None,
    /// Something throws.
    Throws(usize),
    /// A request fails, which is known only later.
    Fails(usize),
    /// The page goes: the browser aborts what was under way.
    Aborts(usize),
}

fn second_version(request: &IdbOpenDbRequest, from: u32, fault: Fault) -> Result<(), JsValue> {
    schema::upgrade(&database(request), from)?;
    let upgrade = request.transaction().expect("it is upgrading");
    for (n, statement) in STATEMENTS.iter().enumerate() {
        match fault {
            Fault::Throws(at) if at == n => return Err("thrown by the test".into()),
            Fault::Fails(at) if at == n => {
                let entries = upgrade.object_store("meta")?;
                entries.add_with_key(&0.into(), &schema::FORMAT.into())?;
            }
            Fault::Aborts(at) if at == n => return upgrade.abort(),
            _ => {}
        }
        statement(&database(request), &upgrade)?;
    }
    Ok(())
}

async fn upgraded(name: &str, fault: Fault) -> Result<IdbDatabase, StorageError> {
    let steps = move |request: &IdbOpenDbRequest, from| second_version(request, from, fault);
    let asked = Opening::ask_with(name, Some(2), IfMissing::Create, steps)?;
    asked.finished(name, PATIENCE).await
}

#[wasm_bindgen_test]
async fn r51_an_upgrade_that_ends_at_any_statement_leaves_the_older_version_whole() {
    let name = fresh_name();
    let (storage, head) = storage_with_an_entry(&name).await;
    storage.close();
    drop(storage);
    let before = contents(&name).await;
    assert!(before.starts_with(r#"{"version":1,"#), "{before}");
    for n in 0..STATEMENTS.len() {
        for fault in [Fault::Throws(n), Fault::Fails(n), Fault::Aborts(n)] {
            assert!(upgraded(&name, fault).await.is_err());
            assert_eq!(contents(&name).await, before, "before statement {n}");
        }
    }
    // The program of the older version goes on.
    let storage = IndexedDbStorage::open(&name).await.unwrap();
    let head = storage.append(entry(Some(head))).await.unwrap();
    drop(storage);
    // And the next upgrade completes it.
    let newer = upgraded(&name, Fault::None).await.unwrap();
    assert!(schema::is_in(&newer) && newer.object_store_names().contains("things"));
    newer.close();
    let after = contents(&name).await;
    for line in before.lines().filter(|line| line.starts_with("[[")) {
        assert!(after.contains(line.trim_end_matches(',')), "{line}");
    }
    assert!(after.contains(&head.digest.to_string()));
}

#[wasm_bindgen_test]
async fn r77_an_older_tab_makes_way_for_an_upgrade_and_touches_nothing_afterwards() {
    let name = fresh_name();
    let (older, head) = storage_with_an_entry(&name).await;
    upgraded(&name, Fault::None).await.unwrap().close();
    let before = contents(&name).await;
    let refused = older.append(entry(Some(head))).await.unwrap_err();
    assert_eq!(refused.code().as_str(), "TOO_NEW", "{refused}");
    let rows = older.rows(RowQuery::of(RowKind::Projects, 1)).await;
    let refused = rows.unwrap_err();
    assert_eq!(refused.kind, StorageErrorKind::TooNew, "{refused}");
    for _ in 0..2 {
        let refused = IndexedDbStorage::open(&name).await.unwrap_err();
        assert_eq!(refused.kind, StorageErrorKind::TooNew, "{refused}");
    }
    assert_eq!(contents(&name).await, before);
}

#[wasm_bindgen_test]
async fn r77_a_store_that_says_it_is_for_newer_programs_is_left_as_it_is() {
    let name = fresh_name();
    drop(storage_with_an_entry(&name).await);
    let newer = StoreFormat {
        format: 2,
        min_reader: 2,
        min_writer: 2,
    };
    put_raw(
        &name,
        schema::META,
        &schema::FORMAT.into(),
        &format::record(newer),
    )
    .await;
    let before = contents(&name).await;
    let refused = IndexedDbStorage::open(&name).await.unwrap_err();
    assert_eq!(refused.kind, StorageErrorKind::TooNew, "{refused}");
    assert_eq!(contents(&name).await, before);
}

#[wasm_bindgen_test]
async fn r32_a_row_from_before_the_plan_fields_existed_opens_with_their_defaults() {
    let name = fresh_name();
    let (storage, _) = storage_with_an_entry(&name).await;
    let plan = PlanId::from_parts(1, 2);
    let project = project();
    let row = format!(
        r#"{{"project":"{project}","plan":"{plan}","number":1,"request":"ř 🎉","state":"implementing","steps":2,"created_at":"2026-11-20T00:00:00.000Z","created_by":"ana","updated_at":"2026-11-20T00:00:00.000Z"}}"#
    );
    let value = object([
        ("project", project.to_string().into()),
        ("number", 1.into()),
        ("plan", plan.to_string().into()),
        ("unfinished", 1.into()),
        ("row", row.into()),
    ]);
    let place = key([project.to_string().into(), 1.into()]);
    put_raw(&name, PLANS, &place, &value).await;
    let page = storage.rows(RowQuery::of(RowKind::Plans, 10)).await;
    let rows = page.unwrap().rows;
    let [Row::Plan(row)] = rows.as_slice() else {
        panic!("expected one plan, found {rows:?}");
    };
    assert_eq!((row.last_completed_step, row.last_attempt), (-1, 0));
    assert_eq!((row.reversion_count, row.max_reversions), (0, 3));
    assert_eq!((row.retry_count, row.submission), (0, None));
    assert_eq!((row.last_checkpoint_id, row.applied_at), (None, None));
}
