//! Every row comes back from its table as it went in. The values are made for each type as it is,
//! so a field that is added and not stored makes this fail by itself.

use super::{SqliteStorage, row_tables};
use crate::journal::Head;
use crate::model::{Digest, PlanId, ProjectId, Revision};
use crate::storage::round_trip_tests::everything_comes_back;
use crate::storage::{CheckpointRow, PlanRow, ProjectRow, Row, RowChanges, RowKind, RowQuery};
use proptest::prelude::*;
use rusqlite::{Connection, TransactionBehavior};
use std::cell::RefCell;

fn store() -> (tempfile::TempDir, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows.db");
    drop(SqliteStorage::open(&path).unwrap());
    (folder, Connection::open(path).unwrap())
}

fn written_and_read(connection: &mut Connection, rows: &RowChanges) -> Vec<Row> {
    let head = Head {
        revision: rows.project.revision,
        digest: Digest::of(b"head"),
    };
    // Rolled back when it is dropped, so that each case meets an empty table.
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .unwrap();
    row_tables::write(&transaction, head, rows).unwrap();
    [RowKind::Projects, RowKind::Plans, RowKind::Checkpoints]
        .into_iter()
        .flat_map(|kind| {
            row_tables::select(&transaction, &RowQuery::of(kind, 10))
                .unwrap()
                .rows
        })
        .collect()
}

#[test]
fn r31_every_row_comes_back_from_its_table_exactly() {
    let (_folder, connection) = store();
    let connection = RefCell::new(connection);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let rows = (
        any::<ProjectRow>(),
        any::<PlanRow>(),
        any::<CheckpointRow>(),
    );
    runner
        .run(&rows, |(project, plan, checkpoint)| {
            let changes = RowChanges {
                project: project.clone(),
                plans: vec![plan.clone()],
                plans_gone: vec![],
                checkpoints: vec![checkpoint.clone()],
                checkpoints_gone: vec![],
            };
            let expected = vec![
                Row::Project(Box::new(project)),
                Row::Plan(Box::new(plan)),
                Row::Checkpoint(Box::new(checkpoint)),
            ];
            let found = written_and_read(&mut connection.borrow_mut(), &changes);
            prop_assert_eq!(found, expected);
            Ok(())
        })
        .unwrap();
}

#[test]
fn r31_everything_that_is_stored_comes_back_from_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    pollster::block_on(everything_comes_back(async || {
        SqliteStorage::open(&path).unwrap()
    }));
}

#[test]
fn r32_a_plan_written_before_the_fields_existed_has_their_defaults() {
    let (_folder, connection) = store();
    let project = ProjectId::from_parts(1, 1);
    let plan = PlanId::from_parts(1, 2);
    connection
        .execute(
            "INSERT INTO plans (project, plan, number, request, state, steps,
               created_at, created_by, updated_at)
             VALUES (?1, ?2, 1, 'r', 'pending', 0,
               '2026-11-20T00:00:00.000Z', 'ana', '2026-11-20T00:00:00.000Z')",
            [project.to_string(), plan.to_string()],
        )
        .unwrap();
    let page = row_tables::select(&connection, &RowQuery::of(RowKind::Plans, 10)).unwrap();
    let [Row::Plan(row)] = page.rows.as_slice() else {
        panic!("expected one plan, found {:?}", page.rows);
    };
    assert_eq!(
        (
            row.reversion_count,
            row.last_completed_step,
            row.last_checkpoint_id
        ),
        (0, -1, None)
    );
    assert_eq!(Revision::ZERO.get(), row.last_attempt);
}
