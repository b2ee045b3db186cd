//! Rules 2 and 10: stores of newer programs.

use super::Harness;
use super::author::{Author, create, lease, project_id, rename};
use super::observe::{Everything, Failure};
use holdpoint::journal::format::{STORE_FORMAT, StoreFormat};
use holdpoint::storage::{Epoch, RowChanges, Storage, StorageErrorKind};

const NEWER: u32 = STORE_FORMAT + 1;

/// Newer, but such that this program may still read it.
const READABLE: StoreFormat = StoreFormat {
    format: NEWER,
    min_writer: NEWER,
    ..StoreFormat::CURRENT
};

/// Newer, and unreadable for this program.
const UNREADABLE: StoreFormat = StoreFormat {
    format: NEWER,
    min_reader: NEWER,
    min_writer: NEWER,
};

pub(crate) async fn rule_02_an_older_program_reads_and_does_not_write<H: Harness>() {
    let harness = H::new().await;
    let opened_before = harness.open().await.unwrap();
    let mut author = Author::furnish(&opened_before, project_id(1), 1).await;
    let mut gone = Author::furnish(&opened_before, project_id(2), 1).await;
    let removal = gone.removal();
    opened_before
        .remove(gone.id(), gone.present_head(), removal)
        .await
        .unwrap();
    let before = Everything::of(&opened_before, &author).await;
    let removed = Everything::of(&opened_before, &gone).await;

    harness.set_format(READABLE).await;
    let opened_after = harness.open().await.unwrap();
    let (id, head, removal) = (author.id(), author.present_head(), author.removal());
    let repeated = author.draft_as(author.entries()[0].command, rename("repeated"));
    let commits = [
        author.draft(rename("the next")),
        repeated,
        Author::new(id, 2).write(create("a conflict")),
        Author::new(project_id(3), 3).write(create("a new one")),
        gone.draft(rename("a removed one")),
    ];
    for storage in [&opened_before, &opened_after] {
        // What else speaks against a commit is not even looked at.
        for commit in &commits {
            too_new(storage.append(commit.clone()).await.map(drop));
            too_new(storage.append_all(vec![commit.clone()]).await.map(drop));
        }
        too_new(
            storage
                .write_rows(id, head, RowChanges::all(author.state()))
                .await,
        );
        too_new(storage.remove(id, head, removal).await);
        too_new(storage.save_snapshot(id, author.snapshot()).await.map(drop));
        too_new(
            storage
                .save_snapshot(project_id(3), author.snapshot())
                .await
                .map(drop),
        );
        let plan = author.first_plan();
        too_new(
            storage
                .swap_lease(id, plan, Some(Epoch(1)), lease(2, "bo"))
                .await,
        );
        too_new(storage.swap_lease(id, plan, None, lease(2, "bo")).await);

        assert_eq!(
            Everything::of(storage, &author).await,
            before,
            "it reads, and nothing changed"
        );
        assert_eq!(Everything::of(storage, &gone).await, removed);
        assert_eq!(storage.head(project_id(3)).await, Ok(None));
    }

    // The same objects write again once they may.
    harness.set_format(StoreFormat::CURRENT).await;
    for storage in [&opened_before, &opened_after] {
        author.append(storage, rename("goes on")).await;
        assert_eq!(storage.head(id).await, Ok(author.head()));
    }
}

pub(crate) async fn rule_10_a_store_too_new_to_read_is_refused_untouched<H: Harness>() {
    let harness = H::new().await;
    let storage = harness.open().await.unwrap();
    let mut author = Author::furnish(&storage, project_id(1), 1).await;
    let before = Everything::of(&storage, &author).await;
    drop(storage);

    harness.set_format(UNREADABLE).await;
    for _ in 0..2 {
        too_new(harness.open().await.map(drop));
    }

    harness.set_format(StoreFormat::CURRENT).await;
    let storage = harness.open().await.unwrap();
    assert_eq!(Everything::of(&storage, &author).await, before);
    author.append(&storage, rename("goes on")).await;
}

fn too_new(refused: Result<(), impl Failure>) {
    let failure = refused
        .expect_err("expected the store to be too new")
        .storage();
    assert_eq!(failure.kind, StorageErrorKind::TooNew, "{failure}");
    // What was expected, and what was found.
    assert!(failure.message.contains(&NEWER.to_string()), "{failure}");
}
