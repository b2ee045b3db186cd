//! R72: workers show that they are alive by Web Locks, where there are any.

use super::given::{Replaced, Uncaught, drop_after, global, refused};
use crate::indexeddb_raw::fresh_name;
use holdpoint::engine::{ClaimOptions, Engine, EngineError};
use holdpoint::machine::Command;
use holdpoint::model::{Name, PlanId, ProjectId, WorkerId};
use holdpoint::storage::{IndexedDbStorage, Storage, StorageErrorKind};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

const REFUSALS: [&str; 2] = [
    "throw new DOMException('', 'SecurityError')",
    "return Promise.reject(new DOMException('', 'SecurityError'))",
];

fn worker(n: u128) -> WorkerId {
    WorkerId::from_parts(1_767_268_800_000, n)
}

async fn engine(name: &str, actor: &str) -> Engine<IndexedDbStorage> {
    let storage = IndexedDbStorage::open(name).await.unwrap();
    Engine::open(storage, actor.parse().unwrap()).await.unwrap()
}

async fn plan(engine: &Engine<IndexedDbStorage>) -> (ProjectId, PlanId) {
    let created = engine.create_project(Name::new("made").unwrap()).await;
    let project = created.unwrap().project;
    let plan = engine
        .create_plan(project, "do it", ["a step"])
        .await
        .unwrap();
    let start = Command::StartPlan { plan };
    engine.execute(project, start).await.unwrap();
    (project, plan)
}

#[wasm_bindgen_test]
async fn r72_of_two_connections_one_has_a_plan_until_it_gives_it_back_or_is_gone() {
    let name = fresh_name("claims");
    let (ana, bo) = (engine(&name, "ana").await, engine(&name, "bo").await);
    let (project, plan) = plan(&ana).await;
    let options = ClaimOptions::default();
    let claim = ana.claim(project, plan, options).await.unwrap();
    let error = bo.claim(project, plan, options).await.unwrap_err();
    let EngineError::PlanClaimed { holder, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(
        holder.as_ref().map(ToString::to_string).as_deref(),
        Some("ana")
    );
    claim.release().await.unwrap();
    let of_bo = bo.claim(project, plan, options).await.unwrap();
    let seen = ana.lease(project, plan).await.unwrap().unwrap();
    assert_eq!((seen.is_alive, seen.is_held), (Some(true), true));

    // Its storage is closed under its hands: it can't say goodbye, and is known to be gone.
    bo.storage().close();
    let failed = of_bo.release().await.unwrap_err();
    assert_eq!(failed.code(), StorageErrorKind::Closed.code());
    let claim = ana.claim(project, plan, options).await.unwrap();
    claim.renew().await.unwrap();
    claim.release().await.unwrap();
}

#[wasm_bindgen_test]
async fn r72_where_there_are_no_locks_or_they_are_refused_life_is_unknown() {
    let name = fresh_name("no locks");
    let (ana, bo) = (engine(&name, "ana").await, engine(&name, "bo").await);
    let (project, plan) = plan(&ana).await;
    let mut uncaught = Uncaught::watch();
    let unknown = async || {
        let sign = ana.storage().show_alive(worker(1)).await;
        assert!(!sign.is_shown());
        // By the time, then: what is claimed is claimed.
        let options = ClaimOptions::default();
        let claim = ana.claim(project, plan, options).await.unwrap();
        let error = bo.claim(project, plan, options).await.unwrap_err();
        assert_eq!(error.code().as_str(), "PLAN_CLAIMED");
        let seen = bo.lease(project, plan).await.unwrap().unwrap();
        assert_eq!((seen.is_alive, seen.is_held), (None, true));
        claim.release().await.unwrap();
    };
    let missing = Replaced::value(&global("navigator"), "locks", &JsValue::UNDEFINED);
    unknown().await;
    assert_eq!(ana.storage().is_alive(worker(1)).await, None);
    drop(missing);
    for body in REFUSALS {
        let refusing = Replaced::function(&global("LockManager.prototype"), "request", "", body);
        unknown().await;
        drop(refusing);
        let refusing = Replaced::function(&global("LockManager.prototype"), "query", "", body);
        assert_eq!(ana.storage().is_alive(worker(1)).await, None);
        drop(refusing);
    }
    uncaught.nothing().await;
}

#[wasm_bindgen_test]
async fn r72_who_waits_for_a_workers_end_is_not_taken_for_the_worker() {
    let name = fresh_name("shared");
    let storage = IndexedDbStorage::open(&name).await.unwrap();
    let lock = format!("holdpoint worker {name} {}", worker(1));
    let shared = js_sys::Function::new_with_args(
        "name",
        "return navigator.locks.request(name, { mode: 'shared' }, () => \
         new Promise(resolve => { globalThis.__letGo = resolve; }))",
    );
    shared.call1(&JsValue::UNDEFINED, &lock.into()).unwrap();
    for _ in 0..3 {
        assert_eq!(storage.is_alive(worker(1)).await, Some(false));
    }
    let let_go = js_sys::Function::new_no_args("globalThis.__letGo()");
    let_go.call0(&JsValue::UNDEFINED).unwrap();
}

#[wasm_bindgen_test]
async fn r72_a_sign_that_nobody_waits_for_any_more_is_not_shown() {
    let storage = IndexedDbStorage::open(&fresh_name("dropped"))
        .await
        .unwrap();
    let mut uncaught = Uncaught::watch();
    for polls in 1..4 {
        drop(drop_after(polls, storage.show_alive(worker(1))).await);
        while storage.is_alive(worker(1)).await == Some(true) {}
        let _ = drop_after(polls, storage.is_alive(worker(1))).await;
    }
    uncaught.nothing().await;
    storage.close();
    refused(storage.journals(None, 1).await, StorageErrorKind::Closed);
    // Locks don't need the database.
    assert_eq!(storage.is_alive(worker(1)).await, Some(false));
}
