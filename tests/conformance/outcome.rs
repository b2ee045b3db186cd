//! Rules 3, 4, 5 and 9: what is there after an append, whether or not anybody was told.

use super::Harness;
use super::author::{Author, create, create_plan, project_id, rename};
use super::observe::{Everything, all_entries, all_rows, begin_and_drop, in_time, rows_of};
use crate::support::fault_storage::{Among, Fault, FaultKind, FaultStorage, Operation};
use holdpoint::journal::Sealed;
use holdpoint::machine::Command;
use holdpoint::model::{CommandId, ProjectId, Revision};
use holdpoint::storage::{Cursor, RowKind, RowQuery, Storage, StorageErrorKind, WriteError};

pub(crate) async fn rule_03_reopen_finds_everything<H: Harness>() {
    let harness = H::new().await;
    let storage = harness.open().await.unwrap();
    let author = Author::furnish(&storage, project_id(1), 1).await;
    let mut gone = Author::furnish(&storage, project_id(2), 2).await;
    let removal = gone.removal();
    storage
        .remove(gone.id(), gone.present_head(), removal)
        .await
        .unwrap();
    let before = Everything::of(&storage, &author).await;
    let removed = Everything::of(&storage, &gone).await;
    assert_eq!(
        (before.head, before.rows.clone()),
        (author.head(), rows_of(&author))
    );

    drop(storage);
    for _ in 0..2 {
        let storage = harness.open().await.unwrap();
        assert_eq!(Everything::of(&storage, &author).await, before);
        assert_eq!(Everything::of(&storage, &gone).await, removed);
    }
    // The journal goes on from there.
    let mut successor = Author::new(author.id(), 3);
    let storage = harness.open().await.unwrap();
    successor.catch_up(&storage).await;
    assert_eq!(successor.state(), author.state());
    successor.append(&storage, rename("goes on")).await;
}

pub(crate) async fn rule_04_lost_after_it_took_effect_is_found_and_not_repeated<H: Harness>() {
    let harness = H::new().await;
    let storage = FaultStorage::new(harness.open().await.unwrap());
    let mut author = Author::new(project_id(1), 1);
    author.append(&storage, create("one")).await;
    storage
        .faults()
        .arm(Fault::at(1, Among::Writes, FaultKind::LoseAfter));
    let commit = author.write(create_plan("a plan", 1));
    let command = commit.entries()[0].command;

    outcome_unknown(storage.append(commit.clone()).await.map(drop));

    let revision = Revision::new(2);
    assert_eq!(
        storage.find_command(author.id(), command).await,
        Ok(Some(revision))
    );
    let retried = storage.append(commit).await;
    assert_eq!(retried, Err(WriteError::DuplicateCommand { revision }));
    assert_eq!(all_entries(&storage, author.id()).await, author.entries());
    assert_eq!(all_rows(&storage, author.id()).await, rows_of(&author));
}

pub(crate) async fn rule_04_lost_before_it_took_effect_is_appended_once<H: Harness>() {
    let harness = H::new().await;
    let storage = FaultStorage::new(harness.open().await.unwrap());
    let mut author = Author::new(project_id(1), 1);
    author.append(&storage, create("one")).await;
    let before = Everything::of(&storage, &author).await;
    storage
        .faults()
        .arm(Fault::at(1, Among::Writes, FaultKind::LoseBefore));
    let commit = author.draft(create_plan("a plan", 1));
    let command = commit.entries()[0].command;

    outcome_unknown(storage.append(commit.clone()).await.map(drop));

    assert_eq!(storage.find_command(author.id(), command).await, Ok(None));
    assert_eq!(Everything::of(&storage, &author).await, before);
    assert_eq!(storage.append(commit.clone()).await, Ok(commit.head()));
    author.follow(commit.entries());
    assert_eq!(all_entries(&storage, author.id()).await, author.entries());
}

pub(crate) async fn rule_04_whichever_operation_is_lost_each_command_is_appended_once<
    H: Harness,
>() {
    let harness = H::new().await;
    let storage = FaultStorage::new(harness.open().await.unwrap());
    let faults = storage.faults();
    let mut projects = (1..).map(project_id);
    let mut deliver_all = async || {
        let id = projects.next().expect("there are 65,535");
        let mut author = Author::new(id, 1);
        for command in [
            create("one"),
            create_plan(&"long ".repeat(1000), 1),
            rename("two"),
        ] {
            deliver(&storage, &mut author, command).await;
        }
        author
    };
    let undisturbed = deliver_all().await;
    let length = faults.seen(Among::All);

    let kinds = [
        FaultKind::FailBefore(StorageErrorKind::Unavailable),
        FaultKind::LoseBefore,
        FaultKind::LoseAfter,
        FaultKind::FailAfter(StorageErrorKind::Closed),
    ];
    for kind in kinds {
        for n in 1.. {
            faults.arm(Fault::at(n, Among::All, kind));
            let author = deliver_all().await;
            let fired = faults.fired();
            faults.disarm();
            let entries = all_entries(&storage, author.id()).await;
            let texts = |entries: &[Sealed]| {
                entries
                    .iter()
                    .map(|entry| entry.text.clone())
                    .collect::<Vec<_>>()
            };
            assert_eq!(
                texts(&entries),
                texts(undisturbed.entries()),
                "{kind:?} at {n}"
            );
            let there = Everything::of(&storage, &author).await;
            assert_eq!(there.rows, rows_of(&author), "{kind:?} at {n}");
            if fired.is_none() {
                assert_eq!(n, length + 1, "every operation was hit once");
                break;
            }
        }
    }
}

/// Does what the engine does: looks for the command before each try, and knows it by its id.
async fn deliver<S: Storage>(storage: &S, author: &mut Author, command: Command) {
    let id = author.command_id();
    for _ in 0..10 {
        if let Ok(done) = try_once(storage, author, id, &command).await {
            author.follow(&done);
            return;
        }
    }
    panic!("expected one fault at most");
}

async fn try_once<S: Storage>(
    storage: &S,
    author: &Author,
    id: CommandId,
    command: &Command,
) -> Result<Vec<Sealed>, WriteError> {
    let project: ProjectId = author.id();
    if storage.find_command(project, id).await?.is_some() {
        return Ok(storage
            .entries(project, author.state().revision, usize::MAX)
            .await?);
    }
    let commit = author.draft_as(id, command.clone());
    storage.append(commit.clone()).await?;
    Ok(commit.entries().to_vec())
}

fn outcome_unknown(lost: Result<(), WriteError>) {
    match lost {
        Err(WriteError::Storage(error)) if error.kind == StorageErrorKind::OutcomeUnknown => {}
        other => panic!("expected the outcome to be unknown, found {other:?}"),
    }
}

pub(crate) async fn rule_04_the_wrapper_counts_what_it_is_told_to_count<H: Harness>() {
    let harness = H::new().await;
    let storage = FaultStorage::new(harness.open().await.unwrap());
    let faults = storage.faults();
    let mut author = Author::new(project_id(1), 1);
    let id = author.id();

    // Reads before it are not counted among the writes, and it fires once.
    faults.arm(Fault::at(
        2,
        Among::Writes,
        FaultKind::FailBefore(StorageErrorKind::QuotaExceeded),
    ));
    assert_eq!(storage.head(id).await, Ok(None));
    author.append(&storage, create("one")).await;
    assert_eq!(storage.head(id).await, Ok(author.head()));
    assert_eq!(faults.fired(), None);
    let refused = storage
        .save_snapshot(id, author.snapshot())
        .await
        .unwrap_err();
    assert_eq!(refused.kind, StorageErrorKind::QuotaExceeded);
    assert_eq!(faults.fired(), Some(Operation::SaveSnapshot));
    assert_eq!(storage.inner().snapshot(id, Revision::MAX).await, Ok(None));
    assert_eq!(storage.save_snapshot(id, author.snapshot()).await, Ok(true));
    assert_eq!(
        (faults.seen(Among::All), faults.seen(Among::Writes)),
        (5, 3)
    );
    let snapshots = [Operation::SaveSnapshot; 2];
    let seen = faults.operations();
    assert_eq!(
        seen[..3],
        [Operation::Head, Operation::Append, Operation::Head]
    );
    assert_eq!(seen[3..], snapshots);

    // A read has no outcome that could be unknown.
    for kind in [FaultKind::LoseBefore, FaultKind::LoseAfter] {
        faults.arm(Fault::at(1, Among::All, kind));
        assert_eq!(
            storage.head(id).await.unwrap_err().kind,
            StorageErrorKind::Closed
        );
    }
    // And a write that was done never fails for certain.
    faults.arm(Fault::at(
        1,
        Among::All,
        FaultKind::FailAfter(StorageErrorKind::Corrupt),
    ));
    outcome_unknown(storage.append(author.write(rename("two"))).await.map(drop));
    assert_eq!(storage.head(id).await, Ok(author.head()));
}

pub(crate) async fn rule_05_reads_see_every_append_of_another_connection<H: Harness>() {
    let harness = H::new().await;
    let (writing, reading) = (harness.open().await.unwrap(), harness.open().await.unwrap());
    let mut author = Author::new(project_id(1), 1);
    assert!(Everything::of(&reading, &author).await.is_gone());
    author.append(&writing, create("one")).await;
    for round in 0..30 {
        // What was read before must not be what is read now.
        let there = Everything::of(&reading, &author).await;
        assert_eq!(
            (there.head, &*there.entries),
            (author.head(), author.entries())
        );
        assert_eq!(there.rows, rows_of(&author));
        assert!(there.bodies.iter().all(Option::is_some));
        author
            .append(&writing, create_plan(&format!("{round} ").repeat(2000), 1))
            .await;
    }
    // And the other way round, from the one that has only read so far.
    author.append(&reading, rename("the other way")).await;
    assert_eq!(writing.head(author.id()).await, Ok(author.head()));
}

pub(crate) async fn rule_05_entries_come_in_order_and_in_parts<H: Harness>() {
    let storage = H::new().await.open().await.unwrap();
    let mut author = Author::new(project_id(1), 1);
    // Above 9 and above 255, so that neither texts nor bytes happen to be in order.
    author.append(&storage, create("one")).await;
    for n in 1..260 {
        author.append(&storage, rename(&format!("name {n}"))).await;
    }
    Author::furnish(&storage, project_id(2), 2).await;
    let (id, all) = (author.id(), author.entries());

    assert_eq!(all_entries(&storage, id).await, all);
    for limit in [1, 7, 100, 259, 260, 261] {
        let (mut read, mut after) = (Vec::new(), Revision::ZERO);
        loop {
            let part = storage.entries(id, after, limit).await.unwrap();
            assert!(part.len() <= limit);
            let Some(last) = part.last() else { break };
            after = last.revision;
            read.extend(part);
            assert!(read.len() <= all.len(), "it goes round in circles");
        }
        assert_eq!(read, all, "in parts of {limit}");
    }
    for (after, limit, expected) in [
        (Revision::ZERO, 0, &all[..0]),
        (Revision::new(99), 2, &all[99..101]),
        (Revision::new(259), usize::MAX, &all[259..]),
        (Revision::new(260), usize::MAX, &all[..0]),
        (Revision::MAX, usize::MAX, &all[..0]),
    ] {
        assert_eq!(storage.entries(id, after, limit).await.unwrap(), expected);
    }
    let nothing = storage
        .entries(project_id(3), Revision::ZERO, usize::MAX)
        .await;
    assert_eq!(nothing, Ok(Vec::new()));
}

pub(crate) async fn rule_05_numbers_beyond_all_that_exist_find_nothing_more<H: Harness>() {
    let storage = H::new().await.open().await.unwrap();
    let author = Author::furnish(&storage, project_id(1), 1).await;
    let id = author.id();
    // The first is what JavaScript can count to, the others what a careless caller may ask for.
    for number in [
        Revision::MAX.get(),
        i64::MAX.unsigned_abs(),
        1 << 63,
        u64::MAX,
    ] {
        let revision = Revision::new(number);
        assert_eq!(
            storage.entries(id, revision, 10).await,
            Ok(Vec::new()),
            "after {number}"
        );
        let newest = storage.snapshot(id, revision).await.unwrap();
        assert!(newest.is_some(), "at most {number}");
        for kind in [RowKind::Plans, RowKind::Checkpoints] {
            let after = Some(Cursor {
                project: id,
                number,
            });
            let page = storage
                .rows(RowQuery {
                    after,
                    ..RowQuery::of(kind, 10)
                })
                .await
                .unwrap();
            assert_eq!(page.rows, Vec::new(), "{kind:?} after {number}");
            let whole = storage.rows(RowQuery::of(kind, 10)).await.unwrap();
            let page = storage
                .rows(RowQuery {
                    newest_first: true,
                    after,
                    ..RowQuery::of(kind, 10)
                })
                .await
                .unwrap();
            assert_eq!(
                page.rows.len(),
                whole.rows.len(),
                "{kind:?} before {number}"
            );
        }
    }
}

pub(crate) async fn rule_05_a_commit_of_another_connection_is_hinted_at<H: Harness>() {
    let harness = H::new().await;
    let (writing, watching) = (harness.open().await.unwrap(), harness.open().await.unwrap());
    let dropped = watching.changes();
    let mut changes = watching.changes();
    let mut author = Author::new(project_id(1), 1);
    let id = author.id();
    drop(dropped);

    for command in [create("one"), rename("two"), rename("three")] {
        author.append(&writing, command).await;
        // It may come late, twice, or without a project. It must come at all.
        let hint = in_time("a hint", changes.recv())
            .await
            .expect("the storage is open");
        assert!(hint.is_none_or(|project| project == id), "{hint:?}");
        assert_eq!(watching.head(id).await, Ok(author.head()));
    }
}

pub(crate) async fn rule_05_a_watcher_of_a_busy_connection_misses_nothing<H: Harness>() {
    let harness = H::new().await;
    let (writing, watching) = (harness.open().await.unwrap(), harness.open().await.unwrap());
    let mut author = Author::new(project_id(1), 1);
    author.append(&writing, create("one")).await;
    for n in 0..8 {
        author
            .append(&writing, create_plan(&format!("{n} ").repeat(400_000), 1))
            .await;
    }
    for round in 0..10 {
        // Reads that nobody waits for any more may still be going on in there.
        for digest in author.bodies() {
            begin_and_drop(watching.blob(author.id(), *digest)).await;
        }
        let mut changes = watching.changes();
        author
            .append(&writing, rename(&format!("name {round}")))
            .await;
        in_time("a hint", changes.recv())
            .await
            .expect("the storage is open");
    }
}

pub(crate) async fn rule_05_own_commits_and_removals_are_hinted_at<H: Harness>() {
    let storage = H::new().await.open().await.unwrap();
    let mut author = Author::new(project_id(1), 1);
    let id = author.id();
    let mut changes = storage.changes();
    author.append(&storage, create("one")).await;
    let hint = in_time("a hint", changes.recv())
        .await
        .expect("the storage is open");
    assert!(hint.is_none_or(|project| project == id), "{hint:?}");

    // Watchers that come later hear of what comes later.
    let mut later = storage.changes();
    let removal = author.removal();
    storage
        .remove(id, author.present_head(), removal)
        .await
        .unwrap();
    for changes in [&mut changes, &mut later] {
        let hint = in_time("a hint", changes.recv())
            .await
            .expect("the storage is open");
        assert!(hint.is_none_or(|project| project == id), "{hint:?}");
    }
}

pub(crate) async fn rule_09_a_dropped_append_happened_whole_or_not_at_all<H: Harness>() {
    let harness = H::new().await;
    let mut storage = harness.open().await.unwrap();
    let mut author = Author::new(project_id(1), 1);
    author.append(&storage, create("one")).await;
    for round in 0..20 {
        let commit = author.write(create_plan(&format!("{round} ").repeat(2000), 1));
        let told = begin_and_drop(storage.append(commit.clone())).await;
        assert!(told.is_none_or(|told| told == Ok(commit.head())));
        if round % 2 == 1 {
            drop(storage);
            storage = harness.open().await.unwrap();
        }
        // Whoever asks again learns what became of it.
        let revision = commit.head().revision;
        match storage.append(commit.clone()).await {
            Ok(head) => assert_eq!(head, commit.head()),
            again => assert_eq!(again, Err(WriteError::DuplicateCommand { revision })),
        }
        let there = Everything::of(&storage, &author).await;
        assert_eq!(
            (there.head, &*there.entries),
            (author.head(), author.entries())
        );
        assert_eq!(there.rows, rows_of(&author));
        assert!(there.bodies.iter().all(Option::is_some));
    }
}
