//! Rule 2: what is left of a project that was removed, and what cannot bring it back.

use super::Harness;
use super::author::{Author, create, lease, project_id, rename};
use super::observe::{Everything, KINDS, all_rows};
use holdpoint::model::{Digest, Revision};
use holdpoint::storage::{Epoch, LeaseError, RowChanges, RowQuery, Storage, Tombstone, WriteError};

pub(crate) async fn rule_02_removal_takes_all_of_a_project_and_nothing_else<H: Harness>() {
    let harness = H::new().await;
    let storage = harness.open().await.unwrap();
    // Of one seed, so that plans, checkpoints, commands and bodies of both have the same ids.
    let mut gone = Author::furnish(&storage, project_id(1), 1).await;
    let stays = Author::furnish(&storage, project_id(2), 1).await;
    assert_eq!(gone.bodies(), stays.bodies());
    let before = Everything::of(&storage, &stays).await;
    let full = Everything::of(&storage, &gone).await;
    assert!(full.snapshots.iter().any(Option::is_some) && full.leases.iter().any(Option::is_some));
    assert!(!full.bodies.is_empty() && full.bodies.iter().all(Option::is_some));

    let (head, command) = (gone.present_head(), gone.removal());
    assert_eq!(storage.remove(gone.id(), head, command).await, Ok(()));

    for storage in [storage, harness.open().await.unwrap()] {
        let left = Everything::of(&storage, &gone).await;
        assert!(left.is_gone(), "{left:?}");
        assert_eq!(left.tombstone, Some(Tombstone { command, head }));
        assert_eq!(Everything::of(&storage, &stays).await, before);
        assert_eq!(storage.tombstone(stays.id()).await, Ok(None));
        let mut listed = Vec::new();
        for kind in KINDS {
            listed.extend(
                storage
                    .rows(RowQuery::of(kind, usize::MAX))
                    .await
                    .unwrap()
                    .rows,
            );
        }
        assert_eq!(listed, before.rows, "it is in no list either");
    }
}

pub(crate) async fn rule_02_no_revival_after_removal<H: Harness>() {
    let harness = H::new().await;
    let storage = harness.open().await.unwrap();
    let mut gone = Author::furnish(&storage, project_id(1), 1).await;
    let (id, head, command) = (gone.id(), gone.present_head(), gone.removal());
    storage.remove(id, head, command).await.unwrap();
    let tombstone = Tombstone { command, head };
    let before = Everything::of(&storage, &gone).await;

    let rows = RowChanges::all(gone.state());
    let repeated = gone.draft_as(gone.entries()[0].command, rename("repeated"));
    let old_head = gone.draft(rename("on the old head"));
    let new = Author::new(id, 2).write(create("made again"));
    let second = gone.removal();
    for storage in [storage, harness.open().await.unwrap()] {
        let removed = Err(WriteError::Removed {
            project: id,
            tombstone,
        });
        for commit in [&new, &old_head, &repeated] {
            assert_eq!(storage.append(commit.clone()).await.map(drop), removed);
        }
        assert_eq!(storage.write_rows(id, head, rows.clone()).await, removed);
        // The second removal learns which command was the first, so that a repeated one can tell.
        assert_eq!(storage.remove(id, head, command).await, removed);
        assert_eq!(storage.remove(id, head, second).await, removed);
        assert_eq!(storage.save_snapshot(id, gone.snapshot()).await, Ok(false));
        for expected in [None, Some(Epoch(1))] {
            let swapped = storage
                .swap_lease(id, gone.plan(), expected, lease(2, "bo"))
                .await;
            assert_eq!(swapped, Err(LeaseError::NoProject));
        }
        assert_eq!(Everything::of(&storage, &gone).await, before);
        assert!(before.is_gone() && before.tombstone == Some(tombstone));
    }
}

pub(crate) async fn rule_02_removal_on_another_head_removes_nothing<H: Harness>() {
    let storage = H::new().await.open().await.unwrap();
    let mut author = Author::furnish(&storage, project_id(1), 1).await;
    let (old, command) = (author.present_head(), author.removal());
    author.append(&storage, rename("moved on")).await;
    let before = Everything::of(&storage, &author).await;

    let found = author.head();
    let mut elsewhere = author.present_head();
    elsewhere.digest = Digest::of(b"elsewhere");
    for expected in [old, elsewhere] {
        let refused = storage.remove(author.id(), expected, command).await;
        assert_eq!(
            refused,
            Err(WriteError::Conflict {
                expected: Some(expected),
                found
            })
        );
    }
    assert_eq!(Everything::of(&storage, &author).await, before);

    // One that was never there leaves no tombstone: it can still be created.
    let mut other = Author::new(project_id(2), 2);
    let refused = storage.remove(other.id(), old, command).await;
    assert_eq!(
        refused,
        Err(WriteError::Conflict {
            expected: Some(old),
            found: None
        })
    );
    assert_eq!(storage.tombstone(other.id()).await, Ok(None));
    other.append(&storage, create("another")).await;
    assert_eq!(all_rows(&storage, other.id()).await.len(), 1);
    assert_eq!(other.present_head().revision, Revision::FIRST);
}

pub(crate) async fn rule_05_journals_are_listed_whether_or_not_a_row_is_asked_for<H: Harness>() {
    let storage = H::new().await.open().await.unwrap();
    assert_eq!(storage.journals(None, 10).await, Ok(vec![]));
    let mut authors: Vec<_> = (1..=3).map(|n| Author::new(project_id(n), n)).collect();
    for author in &mut authors {
        author.append(&storage, create("one")).await;
        author.append(&storage, rename("two")).await;
    }
    let ids: Vec<_> = authors.iter().map(Author::id).collect();
    assert_eq!(storage.journals(None, 10).await, Ok(ids.clone()));
    assert_eq!(storage.journals(None, 0).await, Ok(vec![]));
    assert_eq!(storage.journals(None, 2).await, Ok(ids[..2].to_vec()));
    assert_eq!(
        storage.journals(Some(ids[1]), 10).await,
        Ok(ids[2..].to_vec())
    );
    let (head, removal) = (authors[1].present_head(), authors[1].removal());
    storage.remove(ids[1], head, removal).await.unwrap();
    assert_eq!(storage.journals(None, 10).await, Ok(vec![ids[0], ids[2]]));
}
