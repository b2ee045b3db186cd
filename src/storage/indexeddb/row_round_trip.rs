//! Every row comes back from IndexedDB as it went in. The values are made for each type as it is,
//! so a field that is added and not stored makes this fail by itself.

use super::IndexedDbStorage;
use crate::journal::{Head, Sealed};
use crate::model::{CommandId, Digest, ProjectId, Revision};
use crate::storage::round_trip_tests::everything_comes_back;
use crate::storage::{
    CheckpointRow, Commit, PlanRow, ProjectRow, Row, RowChanges, RowKind, RowQuery, Storage,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const CASES: u32 = 64;

#[wasm_bindgen_test]
async fn r31_every_row_comes_back_from_its_store_exactly() {
    let name = format!("row round trip {}", js_sys::Math::random());
    let storage = IndexedDbStorage::open(&name).await.unwrap();
    let rows = (
        any::<ProjectRow>(),
        any::<PlanRow>(),
        any::<CheckpointRow>(),
    );
    let mut runner = TestRunner::deterministic();
    for case in 0..CASES {
        let (mut project, mut plan, mut checkpoint) = rows.new_tree(&mut runner).unwrap().current();
        // Storages rely on it that rows go with their project, and cases mustn't meet each other.
        let id = ProjectId::from_parts(case.into(), 1);
        (project.project, plan.project, checkpoint.project) = (id, id, id);
        let changes = RowChanges {
            project: project.clone(),
            plans: vec![plan.clone()],
            plans_gone: vec![],
            checkpoints: vec![checkpoint.clone()],
            checkpoints_gone: vec![],
        };
        let head = first_entry(&storage, id, changes).await;
        for (kind, expected) in [
            (RowKind::Projects, Row::Project(Box::new(project))),
            (RowKind::Plans, Row::Plan(Box::new(plan))),
            (RowKind::Checkpoints, Row::Checkpoint(Box::new(checkpoint))),
        ] {
            let page = storage.rows(RowQuery::of(kind, 10).in_project(id)).await;
            assert_eq!(page.unwrap().rows, vec![expected]);
        }
        assert_eq!(storage.head(id).await, Ok(Some(head)));
    }
}

#[wasm_bindgen_test]
async fn r31_everything_that_is_stored_comes_back_from_indexeddb() {
    let name = format!("round trip {}", js_sys::Math::random());
    everything_comes_back(async || IndexedDbStorage::open(&name).await.unwrap()).await;
}

async fn first_entry(storage: &IndexedDbStorage, project: ProjectId, rows: RowChanges) -> Head {
    let entry = Sealed {
        revision: Revision::FIRST,
        command: CommandId::from_parts(1, 1),
        prev: Digest::ZERO,
        digest: Digest::of(b"head"),
        text: "{}".into(),
    };
    let commit = Commit::new(project, None, vec![entry], rows, vec![]).unwrap();
    storage.append(commit).await.unwrap()
}
