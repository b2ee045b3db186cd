//! Rules 1 and 2: appends are atomic, and they compare and swap.

use super::author::{
    Author, checkpoint, complete_step, create, create_plan, import, item, project_id, rename,
};
use super::observe::{Everything, all_entries, rows_of, take_turns};
use super::{Harness, together};
use holdpoint::journal::{Chain, Head};
use holdpoint::machine::Command;
use holdpoint::model::{Blob, CommandId, Digest, Revision};
use holdpoint::storage::{Commit, RowChanges, Storage, WriteError};
use std::collections::BTreeSet;

pub(crate) async fn rule_01_append_is_atomic<H: Harness>() {
    let storage = H::new().await.open().await.unwrap();
    let mut author = Author::new(project_id(1), 1);
    author.append(&storage, create("one")).await;
    author
        .append(&storage, create_plan(&"long ".repeat(1000), 1))
        .await;
    let plan = author.plan();
    author.append(&storage, Command::StartPlan { plan }).await;
    author
        .append(&storage, Command::StartStep { plan, step: None })
        .await;
    // Two bodies, a checkpoint that comes by itself, and a changed plan, in one entry.
    let commit = author
        .append(&storage, complete_step(plan, 1, r#""done""#))
        .await;
    assert!(!commit.blobs.is_empty() && !commit.rows.checkpoints.is_empty());

    let there = Everything::of(&storage, &author).await;
    assert_eq!(there.head, author.head());
    assert_eq!(there.entries, author.entries());
    assert_eq!(there.rows, rows_of(&author));
    assert!(there.bodies.iter().all(Option::is_some));
    assert_eq!(there.bodies.len(), author.bodies().len());
    assert_eq!(there.tombstone, None);
}

pub(crate) async fn rule_01_a_commit_of_several_entries_is_one_append<H: Harness>() {
    let storage = H::new().await.open().await.unwrap();
    let mut author = Author::new(project_id(1), 1);
    let mut blobs = Vec::new();
    let commands = [
        create("imported"),
        create_plan(&"long ".repeat(1000), 2),
        checkpoint("here"),
        Command::AddContext {
            items: vec![item("what it knows")],
        },
    ];
    for command in commands {
        blobs.extend(author.write(command).blobs);
    }
    let commit = import(&author, blobs);
    assert_eq!(
        storage.append(commit.clone()).await,
        Ok(author.present_head())
    );

    let there = Everything::of(&storage, &author).await;
    assert_eq!(there.head, author.head());
    assert_eq!(there.entries, author.entries());
    assert_eq!(there.rows, rows_of(&author));
    assert!(there.bodies.iter().all(Option::is_some));
    let revisions: Vec<_> = (1..=4).map(|number| Some(Revision::new(number))).collect();
    assert_eq!(there.commands, revisions, "each entry's command is found");

    // It goes on like any other journal, and the import isn't done twice.
    author.append(&storage, rename("goes on")).await;
    let again = storage.append(commit).await;
    assert_eq!(
        again,
        Err(WriteError::DuplicateCommand {
            revision: Revision::FIRST
        })
    );
}

pub(crate) async fn rule_01_several_entries_conflict_as_one<H: Harness>() {
    let storage = H::new().await.open().await.unwrap();
    let mut author = Author::new(project_id(1), 1);
    author.append(&storage, create("one")).await;
    let mut other = Author::new(project_id(1), 2);
    for command in [
        create("imported"),
        create_plan("a plan", 1),
        checkpoint("here"),
    ] {
        other.write(command);
    }
    let before = Everything::of(&storage, &author).await;
    let found = author.head();

    let refused = storage
        .append(import(&other, vec![Blob::new("a body")]))
        .await;
    assert_eq!(
        refused,
        Err(WriteError::Conflict {
            expected: None,
            found
        })
    );
    assert_eq!(Everything::of(&storage, &author).await, before);
    assert_eq!(
        storage.blob(author.id(), Digest::of(b"a body")).await,
        Ok(None)
    );
    for entry in other.entries() {
        assert_eq!(
            storage.find_command(author.id(), entry.command).await,
            Ok(None)
        );
    }
}

pub(crate) async fn rule_02_conflict_writes_nothing<H: Harness>() {
    let storage = H::new().await.open().await.unwrap();
    let mut author = Author::new(project_id(1), 1);
    author.append(&storage, create("one")).await;
    author.append(&storage, create_plan("a plan", 1)).await;

    // Both decide on the same head; the second finds that it moved.
    let mut late = Author::new(project_id(1), 2);
    late.catch_up(&storage).await;
    author.append(&storage, rename("first")).await;
    let expected = late.head();
    let commit = late.write(create_plan(&"second ".repeat(1000), 3));
    assert!(!commit.blobs.is_empty());
    let before = Everything::of(&storage, &author).await;

    let refused = storage.append(commit.clone()).await;
    assert_eq!(
        refused,
        Err(WriteError::Conflict {
            expected,
            found: author.head()
        })
    );
    assert_eq!(Everything::of(&storage, &author).await, before);
    let body = *commit.blobs[0].digest();
    assert_eq!(storage.blob(author.id(), body).await, Ok(None));
    let command = commit.entries()[0].command;
    assert_eq!(storage.find_command(author.id(), command).await, Ok(None));

    // A body that a refused commit was to drop stays as well.
    let kept = Blob::new("to be kept");
    let mut keeping = author.draft(rename("keeps a body"));
    keeping.blobs.push(kept.clone());
    storage.append(keeping.clone()).await.unwrap();
    let mut dropping = author.draft(rename("drops it"));
    dropping.drop_blobs.push(*kept.digest());
    let refused = storage.append(dropping).await;
    assert!(
        matches!(refused, Err(WriteError::Conflict { .. })),
        "{refused:?}"
    );
    let body = storage.blob(author.id(), *kept.digest()).await;
    assert_eq!(body, Ok(Some(kept.bytes().to_vec())));
}

pub(crate) async fn rule_02_no_gap<H: Harness>() {
    let storage = H::new().await.open().await.unwrap();
    let id = project_id(1);
    let mut author = Author::new(id, 1);
    author.write(create("one"));
    author.write(rename("two"));
    let ahead = author.draft(rename("three"));
    let rows = RowChanges::all(author.state());

    // A commit with a gap cannot be made: in front, in between, or with nothing in it.
    let [first, second] = author.entries() else {
        panic!("expected two entries")
    };
    for entries in [
        vec![second.clone()],
        vec![first.clone(), first.clone()],
        Vec::new(),
    ] {
        assert!(Commit::new(id, None, entries, rows.clone(), Vec::new()).is_err());
    }
    let on_first = Some(first.head());
    let again = vec![first.clone()];
    assert!(Commit::new(id, on_first, again, rows.clone(), Vec::new()).is_err());
    let elsewhere = Some(Head {
        digest: Digest::of(b"elsewhere"),
        ..first.head()
    });
    assert!(Commit::new(id, elsewhere, vec![second.clone()], rows, Vec::new()).is_err());

    // One that goes on from a head that isn't there is refused.
    let expected = author.head();
    let refused = storage.append(ahead).await;
    assert_eq!(
        refused,
        Err(WriteError::Conflict {
            expected,
            found: None
        })
    );
    assert_eq!(storage.head(id).await, Ok(None));

    // Nor does it help if there is a shorter journal.
    let mut shorter = Author::new(id, 1);
    shorter.append(&storage, create("one")).await;
    let refused = storage.append(author.draft(rename("three"))).await;
    assert_eq!(
        refused,
        Err(WriteError::Conflict {
            expected,
            found: shorter.head()
        })
    );
    assert_eq!(all_entries(&storage, id).await, shorter.entries());
}

pub(crate) async fn rule_02_another_digest_at_the_same_revision_is_another_head<H: Harness>() {
    let storage = H::new().await.open().await.unwrap();
    let mut author = Author::new(project_id(1), 1);
    author.append(&storage, create("one")).await;
    author.append(&storage, rename("two")).await;
    let mut elsewhere = Author::new(project_id(1), 2);
    elsewhere.write(create("another"));
    elsewhere.write(rename("of the same length"));
    let expected = elsewhere.head();
    assert_eq!(expected.unwrap().revision, author.present_head().revision);

    let refused = storage.append(elsewhere.draft(rename("three"))).await;
    assert_eq!(
        refused,
        Err(WriteError::Conflict {
            expected,
            found: author.head()
        })
    );
    assert_eq!(all_entries(&storage, author.id()).await, author.entries());
}

pub(crate) async fn rule_02_a_command_is_appended_once<H: Harness>() {
    let harness = H::new().await;
    let storage = harness.open().await.unwrap();
    let mut author = Author::new(project_id(1), 1);
    author.append(&storage, create("one")).await;
    let commit = author
        .append(&storage, create_plan(&"long ".repeat(1000), 1))
        .await;
    let command = commit.entries()[0].command;
    let duplicate = Err(WriteError::DuplicateCommand {
        revision: Revision::new(2),
    });

    // As it was, while its head is the newest, and after the head moved.
    assert_eq!(storage.append(commit.clone()).await, duplicate);
    author.append(&storage, rename("moved on")).await;
    let before = Everything::of(&storage, &author).await;
    assert_eq!(storage.append(commit.clone()).await, duplicate);
    // Decided anew on the newest head, with other content, from another connection.
    let mut again = author.draft_as(command, create_plan(&"something else ".repeat(400), 1));
    again.drop_blobs.extend(author.bodies());
    let other = harness.open().await.unwrap();
    assert_eq!(other.append(again.clone()).await, duplicate);
    assert_eq!(Everything::of(&storage, &author).await, before);
    let body = *again.blobs[0].digest();
    assert_eq!(storage.blob(author.id(), body).await, Ok(None));

    // It is found, others aren't, and not in other projects.
    let found = storage.find_command(author.id(), command).await;
    assert_eq!(found, Ok(Some(Revision::new(2))));
    let unknown = author.command_id();
    assert_eq!(storage.find_command(author.id(), unknown).await, Ok(None));
    assert_eq!(storage.find_command(project_id(2), command).await, Ok(None));
}

pub(crate) async fn rule_02_every_command_of_a_commit_is_looked_for<H: Harness>() {
    let storage = H::new().await.open().await.unwrap();
    let mut author = Author::new(project_id(1), 1);
    author.append(&storage, create("one")).await;
    let repeated = author.append(&storage, rename("two")).await.entries()[0].command;
    let before = Everything::of(&storage, &author).await;

    // The second of two entries, on an old head and on the newest: the command comes first.
    for expected in [author.entries()[0].head(), author.present_head()] {
        let first = author.entry_of_text(Some(expected), "{}");
        let mut second = author.entry_of_text(Some(first.head()), "{}");
        second.command = repeated;
        let rows = RowChanges::all(author.state());
        let entries = vec![first, second];
        let commit = Commit::new(author.id(), Some(expected), entries, rows, vec![]).unwrap();
        let revision = Revision::new(2);
        assert_eq!(
            storage.append(commit).await,
            Err(WriteError::DuplicateCommand { revision })
        );
        assert_eq!(Everything::of(&storage, &author).await, before);
    }
}

pub(crate) async fn rule_02_a_command_twice_in_one_commit_is_refused<H: Harness>() {
    let storage = H::new().await.open().await.unwrap();
    let mut author = Author::new(project_id(1), 1);
    author.append(&storage, create("one")).await;
    let before = Everything::of(&storage, &author).await;
    let first = author.entry_of_text(author.head(), "{}");
    let mut second = author.entry_of_text(Some(first.head()), "{}");
    second.command = first.command;
    let rows = RowChanges::all(author.state());
    // By the commit or by the storage; find_command could tell only one of the two.
    if let Ok(commit) = Commit::new(
        author.id(),
        author.head(),
        vec![first, second],
        rows,
        vec![],
    ) {
        let refused = storage.append(commit).await;
        assert!(refused.is_err(), "{refused:?}");
    }
    assert_eq!(Everything::of(&storage, &author).await, before);
}

pub(crate) async fn rule_02_a_command_id_belongs_to_its_project<H: Harness>() {
    let storage = H::new().await.open().await.unwrap();
    // Authors of one seed give the same command ids and make plans of the same ids.
    let (mut one, mut two) = (Author::new(project_id(1), 7), Author::new(project_id(2), 7));
    for (author, text) in [(&mut one, "one"), (&mut two, "two")] {
        author.append(&storage, create(text)).await;
        author.append(&storage, create_plan(text, 1)).await;
    }
    assert_eq!(one.plan(), two.plan());
    one.append(&storage, rename("only one")).await;

    for author in [&one, &two] {
        let there = Everything::of(&storage, author).await;
        assert_eq!(there.head, author.head());
        assert_eq!(there.entries, author.entries());
        assert_eq!(there.rows, rows_of(author));
        assert!(there.commands.iter().all(Option::is_some));
    }
}

pub(crate) async fn rule_02_two_connections_create_a_project_and_one_wins<H: Harness>() {
    let harness = H::new().await;
    let (here, there) = (harness.open().await.unwrap(), harness.open().await.unwrap());
    for round in 1..=20 {
        let id = project_id(round);
        let (mut one, mut two) = (Author::new(id, 1), Author::new(id, 2));
        let (of_one, of_two) = (one.write(create("one")), two.write(create("two")));
        let (one_made, two_made) = together(here.append(of_one), there.append(of_two)).await;
        let (winner, loser) = match (&one_made, &two_made) {
            (Ok(_), Err(refused)) => (&one, refused),
            (Err(refused), Ok(_)) => (&two, refused),
            both => panic!("expected one of them to win: {both:?}"),
        };
        let found = winner.head();
        assert_eq!(
            *loser,
            WriteError::Conflict {
                expected: None,
                found
            }
        );
        let kept = Everything::of(&here, winner).await;
        assert_eq!(
            (kept.head, kept.entries),
            (found, winner.entries().to_vec())
        );
        assert_eq!(kept.rows, rows_of(winner));
    }
}

pub(crate) async fn rule_02_two_connections_race_200_appends_each<H: Harness>() {
    const EACH: usize = 200;
    let harness = H::new().await;
    let (here, there) = (harness.open().await.unwrap(), harness.open().await.unwrap());
    let id = project_id(1);
    let mut founder = Author::new(id, 1);
    founder.append(&here, create("contended")).await;

    let (mine, yours) = together(race::<H>(&here, 2, EACH), race::<H>(&there, 3, EACH)).await;

    // None lost: each finds all of its commands, at the revisions that it was told.
    for (revision, command) in mine.iter().chain(&yours) {
        assert_eq!(here.find_command(id, *command).await, Ok(Some(*revision)));
    }
    // None doubled, no gap, and the chain holds.
    let entries = all_entries(&there, id).await;
    let commands: BTreeSet<_> = entries.iter().map(|entry| entry.command).collect();
    assert_eq!(
        (entries.len(), commands.len()),
        (1 + 2 * EACH, 1 + 2 * EACH)
    );
    let mut chain = Chain::start(id);
    for (entry, number) in entries.iter().zip(1..) {
        assert_eq!(entry.revision, Revision::new(number));
        chain.follow(entry).unwrap();
    }
    assert_eq!(here.head(id).await, Ok(chain.head()));
}

/// Appends so many renames, deciding each anew for as long as somebody else is first.
async fn race<H: Harness>(
    storage: &H::Storage,
    seed: u16,
    appends: usize,
) -> Vec<(Revision, CommandId)> {
    let mut author = Author::new(project_id(1), seed);
    author.catch_up(storage).await;
    let mut done = Vec::new();
    while done.len() < appends {
        let command = author.command_id();
        loop {
            let commit = author.draft_as(command, rename(&format!("{seed} {}", done.len())));
            // A storage that never waits would let nobody else have a turn.
            take_turns().await;
            match storage.append(commit.clone()).await {
                Ok(head) => {
                    assert_eq!(head, commit.head());
                    author.follow(commit.entries());
                    done.push((head.revision, command));
                    break;
                }
                Err(WriteError::Conflict { expected, found }) => {
                    assert_eq!(expected, author.head());
                    assert!(found.unwrap().revision > expected.unwrap().revision);
                    author.catch_up(storage).await;
                }
                Err(other) => panic!("expected a commit or a conflict, found {other:?}"),
            }
        }
    }
    done
}
