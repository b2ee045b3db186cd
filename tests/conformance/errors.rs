//! Rule 10: errors keep what the platform said, map to stable codes, and don't last.

use super::Harness;
use super::author::{Author, create, lease, project_id, rename};
use super::observe::{Everything, Failure};
use crate::support::fault_storage::{
    Among, Fault, FaultKind, FaultStorage, Operation, PLATFORM_NAME,
};
use holdpoint::model::{ErrorCode, Revision};
use holdpoint::storage::{
    Epoch, LeaseError, RowChanges, RowKind, RowQuery, Storage, StorageError, StorageErrorKind,
    WriteError,
};

const CODES: [(StorageErrorKind, ErrorCode, &str); 9] = [
    (StorageErrorKind::Closed, ErrorCode::Closed, "CLOSED"),
    (StorageErrorKind::Blocked, ErrorCode::Blocked, "BLOCKED"),
    (
        StorageErrorKind::QuotaExceeded,
        ErrorCode::QuotaExceeded,
        "QUOTA_EXCEEDED",
    ),
    (StorageErrorKind::TooNew, ErrorCode::TooNew, "TOO_NEW"),
    (StorageErrorKind::Corrupt, ErrorCode::Corrupt, "CORRUPT"),
    (
        StorageErrorKind::OutcomeUnknown,
        ErrorCode::OutcomeUnknown,
        "OUTCOME_UNKNOWN",
    ),
    (
        StorageErrorKind::Unavailable,
        ErrorCode::Unavailable,
        "UNAVAILABLE",
    ),
    (
        StorageErrorKind::NotAStore,
        ErrorCode::NotAStore,
        "NOT_A_STORE",
    ),
    (StorageErrorKind::Evicted, ErrorCode::Evicted, "EVICTED"),
];

pub(crate) async fn rule_10_each_kind_of_failure_has_its_code<H: Harness>() {
    let storage = FaultStorage::new(H::new().await.open().await.unwrap());
    for (kind, code, text) in CODES {
        storage
            .faults()
            .arm(Fault::at(1, Among::All, FaultKind::FailBefore(kind)));
        let failed = storage.head(project_id(1)).await.unwrap_err();
        assert_eq!((failed.kind, failed.kind.code()), (kind, code));
        assert_eq!(code.as_str(), text);
    }
}

pub(crate) async fn rule_10_what_the_platform_said_is_kept<H: Harness>() {
    let storage = FaultStorage::new(H::new().await.open().await.unwrap());
    let mut author = Author::new(project_id(1), 1);
    author.append(&storage, create("one")).await;
    let full = FaultKind::FailBefore(StorageErrorKind::QuotaExceeded);
    storage.faults().arm(Fault::at(1, Among::Writes, full));
    let refused = storage
        .append(author.draft(rename("two")))
        .await
        .unwrap_err();

    // Through every layer of errors, by name and message, for programs and for people.
    let WriteError::Storage(failure) = &refused else {
        panic!("found {refused:?}")
    };
    let platform = failure.platform.as_ref().expect("the platform was asked");
    assert_eq!(platform.name, PLATFORM_NAME);
    assert_eq!(refused.to_string(), failure.to_string());
    for part in [&failure.message, &platform.name, &platform.message] {
        assert!(
            !part.is_empty() && refused.to_string().contains(part),
            "{refused}"
        );
    }
    let lease = LeaseError::from(failure.clone());
    assert_eq!(lease.to_string(), failure.to_string());
    // One that the platform had no part in says so by leaving it out.
    let own = StorageError::new(StorageErrorKind::TooNew, "expected 1, found 2");
    assert_eq!(
        (own.to_string().as_str(), own.platform),
        ("expected 1, found 2", None)
    );
}

pub(crate) async fn rule_10_the_same_object_works_again_once_the_cause_is_gone<H: Harness>() {
    let storage = FaultStorage::new(H::new().await.open().await.unwrap());
    let faults = storage.faults();
    for (operation, n) in Operation::ALL.into_iter().zip(1..) {
        let mut author = Author::furnish(&storage, project_id(n), 1).await;
        let before = Everything::of(&storage, &author).await;
        let closed = FaultKind::FailBefore(StorageErrorKind::Closed);
        faults.arm(Fault::at(1, Among::All, closed));

        let failed = perform(operation, &storage, &mut author).await.unwrap_err();
        assert_eq!(
            (failed.kind, faults.fired()),
            (StorageErrorKind::Closed, Some(operation))
        );
        assert_eq!(
            Everything::of(&storage, &author).await,
            before,
            "{operation:?} did nothing"
        );
        let worked = perform(operation, &storage, &mut author).await;
        assert_eq!(worked, Ok(()), "{operation:?} works again");
    }
}

/// One operation that succeeds unless the storage fails.
async fn perform<S: Storage>(
    operation: Operation,
    storage: &S,
    author: &mut Author,
) -> Result<(), StorageError> {
    let (id, head, plan) = (author.id(), author.present_head(), author.first_plan());
    let written = match operation {
        Operation::Head => return storage.head(id).await.map(drop),
        Operation::Tombstone => return storage.tombstone(id).await.map(drop),
        Operation::Entries => return storage.entries(id, Revision::ZERO, 1).await.map(drop),
        Operation::Journals => return storage.journals(None, 1).await.map(drop),
        Operation::FindCommand => {
            let command = author.command_id();
            return storage.find_command(id, command).await.map(drop);
        }
        Operation::Snapshot => return storage.snapshot(id, Revision::MAX).await.map(drop),
        Operation::SaveSnapshot => {
            return storage.save_snapshot(id, author.snapshot()).await.map(drop);
        }
        Operation::Rows => {
            return storage
                .rows(RowQuery::of(RowKind::Plans, 1))
                .await
                .map(drop);
        }
        Operation::Blob => return storage.blob(id, author.bodies()[0]).await.map(drop),
        Operation::Blobs => {
            let bodies = author.bodies().to_vec();
            return storage.blobs(id, bodies).await.map(drop);
        }
        Operation::Lease => return storage.lease(id, plan).await.map(drop),
        Operation::SwapLease => {
            let swapped = storage
                .swap_lease(id, plan, Some(Epoch(1)), lease(2, "bo"))
                .await;
            return swapped.map_err(Failure::storage);
        }
        Operation::Append => storage.append(author.draft(rename("next"))).await.map(drop),
        Operation::AppendAll => {
            let commits = vec![author.draft(rename("next"))];
            let appended = storage.append_all(commits).await;
            return appended.map(drop).map_err(Failure::storage);
        }
        Operation::WriteRows => {
            storage
                .write_rows(id, head, RowChanges::all(author.state()))
                .await
        }
        Operation::Remove => {
            let removal = author.removal();
            storage.remove(id, head, removal).await
        }
    };
    written.map_err(Failure::storage)
}
