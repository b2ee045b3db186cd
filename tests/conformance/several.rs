//! Rule 12: several projects' commits in one append; and rule 2: what alone brings back a project
//! that was removed.

use super::author::{
    Author, checkpoint, complete_step, create, create_plan, import, lease, project_id, rename,
};
use super::observe::{Everything, begin_and_drop, in_time, rows_of};
use super::{Harness, together};
use crate::support::fault_storage::{Among, Fault, FaultKind, FaultStorage, Operation};
use holdpoint::machine::Command;
use holdpoint::model::{Blob, ProjectId, Revision};
use holdpoint::storage::{Commit, Refused, Storage, StorageErrorKind, Tombstone, WriteError};
use std::collections::BTreeSet;

/// A whole project, as an import appends it: entries, rows of every kind, and a body. Nothing of it
/// is written yet.
fn whole(n: u16) -> (Author, Commit) {
    let mut author = Author::new(project_id(n), n);
    let mut blobs = Vec::new();
    for command in [
        create("imported"),
        create_plan(&format!("{n} long ").repeat(1000), 2),
        checkpoint("here"),
    ] {
        blobs.extend(author.write(command).blobs);
    }
    assert!(!blobs.is_empty());
    let commit = import(&author, blobs);
    (author, commit)
}

/// Checks that a project is there, as its author knows it.
async fn is_there<S: Storage>(storage: &S, author: &Author) {
    let there = Everything::of(storage, author).await;
    assert_eq!(
        (there.head, &*there.entries),
        (author.head(), author.entries())
    );
    assert_eq!(there.rows, rows_of(author));
    assert!(there.commands.iter().all(Option::is_some));
    assert!(there.bodies.iter().all(Option::is_some));
    assert_eq!(there.tombstone, None);
}

async fn is_gone<S: Storage>(storage: &S, author: &Author) {
    let there = Everything::of(storage, author).await;
    assert!(there.is_gone() && there.tombstone.is_none(), "{there:?}");
}

pub(crate) async fn rule_12_several_commits_are_there_together<H: Harness>() {
    let harness = H::new().await;
    let storage = harness.open().await.unwrap();
    let mut changes = storage.changes();
    // Not in the order of their ids.
    let (mut authors, commits): (Vec<_>, Vec<_>) = [3, 1, 2].map(whole).into_iter().unzip();
    let heads: Vec<_> = authors.iter().map(Author::present_head).collect();
    assert_eq!(storage.append_all(commits).await, Ok(heads));

    let other = harness.open().await.unwrap();
    for author in &authors {
        is_there(&storage, author).await;
        is_there(&other, author).await;
    }
    let mut unheard: BTreeSet<ProjectId> = authors.iter().map(Author::id).collect();
    while !unheard.is_empty() {
        let hint = in_time("a hint", changes.recv()).await;
        match hint.expect("the storage is open") {
            Some(project) => assert!(unheard.remove(&project)),
            None => unheard.clear(),
        }
    }
    // They go on like any other journal.
    for author in &mut authors {
        author.append(&storage, rename("goes on")).await;
    }
}

pub(crate) async fn rule_12_projects_that_are_there_go_on_together<H: Harness>() {
    let storage = H::new().await.open().await.unwrap();
    let mut one = Author::furnish(&storage, project_id(1), 1).await;
    let mut two = Author::furnish(&storage, project_id(2), 1).await;
    let (new, of_new) = whole(3);
    let plan = one.first_plan();
    let mut of_one = one.write(Command::StartStep { plan, step: None });
    of_one.drop_blobs.push(one.bodies()[0]);
    let of_two = two.write(create_plan(&"a third ".repeat(1000), 1));
    let heads = vec![two.present_head(), one.present_head(), new.present_head()];
    assert_eq!(
        storage.append_all(vec![of_two, of_one, of_new]).await,
        Ok(heads)
    );

    is_there(&storage, &two).await;
    is_there(&storage, &new).await;
    let there = Everything::of(&storage, &one).await;
    assert_eq!((there.head, there.rows), (one.head(), rows_of(&one)));
    let bodies: Vec<_> = there.bodies.iter().map(Option::is_some).collect();
    assert!(!bodies[0] && bodies[1..].iter().all(|there| *there));
    let finished = complete_step(plan, 2, r#""two""#);
    one.append(&storage, finished).await;

    // One alone is as good as an append.
    let alone = one.write(rename("alone"));
    let head = alone.head();
    assert_eq!(storage.append_all(vec![alone]).await, Ok(vec![head]));
}

pub(crate) async fn rule_12_one_that_is_refused_keeps_all_others_out<H: Harness>() {
    let storage = H::new().await.open().await.unwrap();
    let mut there = Author::furnish(&storage, project_id(1), 1).await;
    let mut gone = Author::furnish(&storage, project_id(2), 1).await;
    let (head, command) = (gone.present_head(), gone.removal());
    storage.remove(gone.id(), head, command).await.unwrap();
    let ((three, of_three), (four, of_four)) = (whole(3), whole(4));

    let known = there.entries()[2].command;
    let expected = there.head();
    let stale = there.draft(rename("stale"));
    let stale_and_known = there.draft_as(known, rename("stale"));
    there.append(&storage, rename("moved on")).await;
    let found = there.head();
    let only_known = there.draft_as(known, rename("known"));
    let revision = Revision::new(3);
    let (id, removed) = (there.id(), gone.id());
    let tombstone = Tombstone { command, head };
    let mut again = Author::new(removed, 9).write(create("again"));
    let refusals = [
        (stale, id, WriteError::Conflict { expected, found }),
        (
            stale_and_known,
            id,
            WriteError::DuplicateCommand { revision },
        ),
        (only_known, id, WriteError::DuplicateCommand { revision }),
        (
            again.clone(),
            removed,
            WriteError::Removed {
                project: removed,
                tombstone,
            },
        ),
    ];
    again.revives = true;
    let before = Everything::of(&storage, &there).await;
    let left = Everything::of(&storage, &gone).await;
    for (commit, project, error) in refusals {
        let refused = Err(Refused {
            project: Some(project),
            error: Box::new(error),
        });
        let mut commits = vec![of_three.clone(), of_four.clone()];
        if project != removed {
            commits.push(again.clone());
        }
        for place in 0..=commits.len() {
            let mut commits = commits.clone();
            commits.insert(place, commit.clone());
            assert_eq!(storage.append_all(commits).await, refused, "at {place}");
            assert_eq!(Everything::of(&storage, &there).await, before);
            assert_eq!(Everything::of(&storage, &gone).await, left);
            is_gone(&storage, &three).await;
            is_gone(&storage, &four).await;
        }
    }
    // Without it the others are welcome.
    let heads = vec![of_three.head(), of_four.head(), again.head()];
    let commits = vec![of_three, of_four, again];
    assert_eq!(storage.append_all(commits).await, Ok(heads));
}

pub(crate) async fn rule_12_none_and_two_of_one_project_are_refused<H: Harness>() {
    let storage = H::new().await.open().await.unwrap();
    let (author, commit) = whole(1);
    let mut other = author.clone();
    let next = other.draft(rename("next"));
    let (another, of_another) = whole(2);
    let id = Some(author.id());
    for (commits, project, found) in [
        (vec![], None, "none".to_owned()),
        (
            vec![commit.clone(), of_another, next],
            id,
            author.id().to_string(),
        ),
        (vec![commit.clone(), commit], id, author.id().to_string()),
    ] {
        let refused = storage.append_all(commits).await.unwrap_err();
        assert_eq!(refused.project, project);
        assert!(matches!(*refused.error, WriteError::NotTogether { .. }));
        assert_eq!(refused.error.code().as_str(), "INVALID_INPUT");
        assert!(refused.to_string().contains(&found), "{refused}");
    }
    is_gone(&storage, &author).await;
    is_gone(&storage, &another).await;
}

pub(crate) async fn rule_12_two_connections_import_the_same_projects_and_one_wins<H: Harness>() {
    let harness = H::new().await;
    let (here, there) = (harness.open().await.unwrap(), harness.open().await.unwrap());
    for round in (0..10).map(|round| 10 * round) {
        // Both have the middle one, under different commands.
        let made = |n: u16, seed: u16| {
            let mut author = Author::new(project_id(n), seed);
            let commit = author.write(create("contended"));
            (author, commit)
        };
        let (mine, of_mine): (Vec<_>, Vec<_>) =
            [made(round + 1, 1), made(round + 2, 1)].into_iter().unzip();
        let (yours, of_yours): (Vec<_>, Vec<_>) =
            [made(round + 2, 2), made(round + 3, 2)].into_iter().unzip();
        let outcomes = together(here.append_all(of_mine), there.append_all(of_yours)).await;
        let (winner, loser, refused) = match outcomes {
            (Ok(_), Err(refused)) => (mine, &yours[1], refused),
            (Err(refused), Ok(_)) => (yours, &mine[0], refused),
            both => panic!("expected one of them to win: {both:?}"),
        };
        let contended = winner
            .iter()
            .find(|author| author.id() == project_id(round + 2));
        let error = WriteError::Conflict {
            expected: None,
            found: contended.and_then(Author::head),
        };
        let project = Some(project_id(round + 2));
        let error = Box::new(error);
        assert_eq!(refused, Refused { project, error });
        for author in &winner {
            is_there(&here, author).await;
        }
        is_gone(&here, loser).await;
    }
}

pub(crate) async fn rule_12_lost_or_failed_all_of_it_is_there_or_nothing<H: Harness>() {
    let storage = FaultStorage::new(H::new().await.open().await.unwrap());
    let faults = storage.faults();
    let full = StorageErrorKind::QuotaExceeded;
    let unknown = StorageErrorKind::OutcomeUnknown;
    for (n, kind, told, happened) in [
        (1, FaultKind::FailBefore(full), full, false),
        (3, FaultKind::LoseBefore, unknown, false),
        (5, FaultKind::LoseAfter, unknown, true),
        (7, FaultKind::FailAfter(full), unknown, true),
    ] {
        let ((one, of_one), (two, of_two)) = (whole(n), whole(n + 1));
        let commits = vec![of_one, of_two];
        faults.arm(Fault::at(1, Among::Writes, kind));
        let refused = storage.append_all(commits.clone()).await.unwrap_err();
        assert_eq!(faults.fired(), Some(Operation::AppendAll));
        faults.disarm();
        match &*refused.error {
            WriteError::Storage(failed) => assert_eq!(failed.kind, told),
            other => panic!("expected the storage to fail, found {other:?}"),
        }
        assert_eq!(refused.project, None, "it was no commit's fault");
        // Whoever asks again learns what became of it.
        let again = storage.append_all(commits).await;
        if happened {
            let refused = again.unwrap_err();
            assert!([one.id(), two.id()].map(Some).contains(&refused.project));
            let revision = Revision::FIRST;
            assert_eq!(*refused.error, WriteError::DuplicateCommand { revision });
        } else {
            assert_eq!(again, Ok(vec![one.present_head(), two.present_head()]));
        }
        is_there(&storage, &one).await;
        is_there(&storage, &two).await;
    }
}

pub(crate) async fn rule_09_several_commits_dropped_happened_whole_or_not_at_all<H: Harness>() {
    let harness = H::new().await;
    let mut storage = harness.open().await.unwrap();
    for n in (1..=20).step_by(2) {
        let ((one, of_one), (two, of_two)) = (whole(n), whole(n + 1));
        let commits = vec![of_one, of_two];
        let told = begin_and_drop(storage.append_all(commits.clone())).await;
        assert!(told.is_none_or(|told| told.is_ok()));
        if n % 4 == 1 {
            drop(storage);
            storage = harness.open().await.unwrap();
        }
        if let Err(again) = storage.append_all(commits).await {
            let revision = Revision::FIRST;
            assert_eq!(*again.error, WriteError::DuplicateCommand { revision });
        }
        is_there(&storage, &one).await;
        is_there(&storage, &two).await;
    }
}

pub(crate) async fn rule_02_only_a_commit_that_revives_brings_a_project_back<H: Harness>() {
    let harness = H::new().await;
    let storage = harness.open().await.unwrap();
    let mut gone = Author::furnish(&storage, project_id(1), 1).await;
    let (id, head, command) = (gone.id(), gone.present_head(), gone.removal());
    storage.remove(id, head, command).await.unwrap();

    // The same journal once more, without some of what there was beside it.
    let mut commit = import(&gone, vec![Blob::new("a body that comes along")]);
    let tombstone = Tombstone { command, head };
    let removed = WriteError::Removed {
        project: id,
        tombstone,
    };
    assert_eq!(storage.append(commit.clone()).await, Err(removed));
    // Nor does one that goes on from where it was, whatever it says.
    let mut goes_on = gone.draft(rename("goes on"));
    goes_on.revives = true;
    let conflict = WriteError::Conflict {
        expected: Some(head),
        found: None,
    };
    assert_eq!(storage.append(goes_on).await, Err(conflict));
    assert_eq!(storage.tombstone(id).await, Ok(Some(tombstone)));

    commit.revives = true;
    let (new, mut of_new) = whole(2);
    // One that was never removed has nothing to be brought back from.
    of_new.revives = true;
    let commits = vec![of_new, commit.clone()];
    let heads = vec![new.present_head(), head];
    assert_eq!(storage.append_all(commits).await, Ok(heads));
    is_there(&storage, &new).await;
    for storage in [&storage, &harness.open().await.unwrap()] {
        let there = Everything::of(storage, &gone).await;
        assert_eq!((there.head, there.tombstone), (Some(head), None));
        assert_eq!(there.entries, gone.entries());
        assert_eq!(there.rows, rows_of(&gone));
        // What stood beside it is gone for good.
        assert!(there.snapshots.iter().all(Option::is_none));
        assert!(there.leases.iter().all(Option::is_none));
        assert!(there.bodies.iter().all(Option::is_none));
    }
    // It isn't brought back twice, nor over what is there.
    let revision = Revision::FIRST;
    let again = storage.append(commit).await;
    assert_eq!(again, Err(WriteError::DuplicateCommand { revision }));
    let mut another = Author::new(id, 9).write(create("another"));
    another.revives = true;
    let conflict = WriteError::Conflict {
        expected: None,
        found: Some(head),
    };
    assert_eq!(storage.append(another).await, Err(conflict));

    // It lives like any other: it is written to, claimed, and removed.
    gone.append(&storage, rename("back")).await;
    let plan = gone.first_plan();
    let claimed = storage.swap_lease(id, plan, None, lease(1, "ana")).await;
    assert_eq!(claimed, Ok(()));
    let (head, command) = (gone.present_head(), gone.removal());
    assert_eq!(storage.remove(id, head, command).await, Ok(()));
    let left = Everything::of(&storage, &gone).await;
    assert!(left.is_gone());
    assert_eq!(left.tombstone, Some(Tombstone { command, head }));
}
