//! Rule 7: text comes back byte for byte.

use super::Harness;
use super::author::{Author, create, create_plan, lease, name, project_id, rename};
use super::observe::{all_entries, all_rows, rows_of};
use holdpoint::journal::{Chain, Head, Sealed, Snapshot};
use holdpoint::machine::Command;
use holdpoint::model::{Blob, Digest, Reason, Revision};
use holdpoint::storage::{Commit, Lease, Refused, RowChanges, Storage, WriteError};

/// Texts that a storage may be tempted to mend.
fn odd_texts() -> Vec<String> {
    let mut texts: Vec<String> = [
        "",
        " ",
        "\0",
        "before\0after",
        "ends with\0",
        "one\r\ntwo\rthree\nfour\n",
        "\u{feff}begins with a byte order mark",
        "🧑\u{200d}🚀 🏳\u{fe0f}\u{200d}🌈 👍🏽",
        // The same to a reader, not the same bytes: nobody normalises.
        "e\u{301} and é, ﬁ and fi, Å and Å",
        "line\u{2028}paragraph\u{2029}next\u{85}line",
        r#"'single' "double" `back` \slash\ -- ; ) DROP TABLE entries; "#,
        "%_*?[a-z]{}$1 ?1 :name @name",
        "\u{1}\u{8}\u{b}\u{c}\u{1b}[31m\u{7f}\u{80}\u{9f}",
        "\u{d7ff}\u{e000}\u{fffd}\u{fffe}\u{ffff}\u{10ffff}",
        "\u{202e}from right to left\u{202c}",
        "  spaces around\t ",
        "12345678901234567890.10",
        "1e999",
        "null",
        "true",
        r#"{"not":"closed""#,
        r#""\ud83d""#,
    ]
    .map(str::to_owned)
    .to_vec();
    let million = "sixteen bytes é ".repeat((1 << 20) / 17);
    texts.push(format!(
        "{million}{}",
        "x".repeat((1 << 20) - million.len())
    ));
    texts
}

pub(crate) async fn rule_07_entries_come_back_byte_for_byte<H: Harness>() {
    let harness = H::new().await;
    let storage = harness.open().await.unwrap();
    let mut author = Author::new(project_id(1), 1);
    let id = author.id();
    let rows = RowChanges::all(author.state());
    let (mut head, mut written) = (None, Vec::new());
    for text in odd_texts() {
        let entry = author.entry_of_text(head, &text);
        let commit = Commit::new(id, head, vec![entry.clone()], rows.clone(), Vec::new()).unwrap();
        head = Some(storage.append(commit).await.unwrap());
        written.push(entry);
    }
    // The same in one commit.
    let mut together = Vec::new();
    let mut last = head;
    for text in odd_texts() {
        let entry = author.entry_of_text(last, &text);
        last = Some(Head {
            revision: entry.revision,
            digest: entry.digest,
        });
        together.push(entry);
    }
    let commit = Commit::new(id, head, together.clone(), rows, Vec::new()).unwrap();
    assert_eq!(storage.append(commit).await.ok(), last);
    written.extend(together);

    for storage in [storage, harness.open().await.unwrap()] {
        let read = all_entries(&storage, id).await;
        assert_eq!(read.len(), written.len());
        for (read, written) in read.iter().zip(&written) {
            assert_eq!(read.text.as_bytes(), written.text.as_bytes());
            assert_eq!(read, written, "what stands beside it too");
        }
    }
}

pub(crate) async fn rule_07_bodies_come_back_byte_for_byte<H: Harness>() {
    let harness = H::new().await;
    let storage = harness.open().await.unwrap();
    let mut author = Author::new(project_id(1), 1);
    let blobs: Vec<_> = odd_texts().into_iter().map(Blob::new).collect();
    let mut commit = author.write(create("one"));
    commit.blobs.clone_from(&blobs);
    storage.append(commit).await.unwrap();

    for storage in [storage, harness.open().await.unwrap()] {
        for blob in &blobs {
            let read = storage
                .blob(author.id(), *blob.digest())
                .await
                .unwrap()
                .unwrap();
            assert_eq!(read, blob.bytes());
            assert_eq!(Digest::of(&read), *blob.digest());
        }
    }
}

pub(crate) async fn rule_07_snapshots_and_leases_come_back_byte_for_byte<H: Harness>() {
    let harness = H::new().await;
    let storage = harness.open().await.unwrap();
    let mut author = Author::new(project_id(1), 1);
    author.append(&storage, create("one")).await;
    author.append(&storage, create_plan("a plan", 1)).await;
    let (id, plan) = (author.id(), author.plan());
    let other = harness.open().await.unwrap();
    let mut expected = None;
    for (text, epoch) in odd_texts().into_iter().zip(1..) {
        let digest = Digest::of(text.as_bytes());
        let snapshot = Snapshot {
            revision: Revision::FIRST,
            digest,
            text: text.clone().into(),
        };
        assert_eq!(storage.save_snapshot(id, snapshot.clone()).await, Ok(true));
        assert_eq!(
            other.snapshot(id, Revision::FIRST).await,
            Ok(Some(snapshot))
        );

        let swapped = Lease {
            text: text.into(),
            ..lease(epoch, "")
        };
        assert_eq!(
            storage
                .swap_lease(id, plan, expected, swapped.clone())
                .await,
            Ok(())
        );
        expected = Some(swapped.epoch);
        assert_eq!(other.lease(id, plan).await, Ok(Some(swapped)));
    }
}

pub(crate) async fn rule_07_a_journal_full_of_odd_texts_replays<H: Harness>() {
    let harness = H::new().await;
    let storage = harness.open().await.unwrap();
    let mut author = Author::new(project_id(1), 1);
    author.append(&storage, create("one")).await;
    for text in odd_texts()
        .into_iter()
        .filter(|text| !text.trim().is_empty())
    {
        if text.chars().count() <= 200 {
            author.append(&storage, rename(&text)).await;
            let reason = Some(Reason::new(text.as_str()).expect("short enough"));
            author.append(&storage, Command::Pause { reason }).await;
            assert_eq!(author.state().name, name(&text));
            // Rows have it too, also while it is paused.
            assert_eq!(all_rows(&storage, author.id()).await, rows_of(&author));
            author
                .append(&storage, Command::Resume { checkpoint: None })
                .await;
        }
        author.append(&storage, create_plan(&text, 1)).await;
    }

    let storage = harness.open().await.unwrap();
    assert_eq!(all_rows(&storage, author.id()).await, rows_of(&author));
    let mut chain = Chain::start(author.id());
    for entry in all_entries(&storage, author.id()).await {
        chain.follow(&entry).unwrap();
    }
    assert_eq!(chain.project(), author.state());
    for digest in author.bodies() {
        let body = storage.blob(author.id(), *digest).await.unwrap().unwrap();
        assert_eq!(Digest::of(&body), *digest);
    }
}

pub(crate) async fn rule_07_thousands_of_entries_of_several_projects_come_back_byte_for_byte<
    H: Harness,
>() {
    const EACH: [usize; 3] = [700, 1_000, 300];
    let harness = H::new().await;
    let storage = harness.open().await.unwrap();
    let mut texts = odd_texts();
    // Once in each project is enough of the large one.
    let large = texts.pop().unwrap();
    let (mut commits, mut others) = (Vec::new(), Vec::new());
    for (each, n) in EACH.into_iter().zip(1..) {
        let entries_of = |seed| {
            let mut author = Author::new(project_id(n), seed);
            let (mut head, mut entries) = (None, Vec::new());
            let texts = texts.iter().cycle().take(each - 1).chain([&large]);
            for (text, number) in texts.zip(1..) {
                // Of its own in each entry, so that none can be taken for another.
                let entry = author.entry_of_text(head, &format!("{seed} {number} {text}"));
                head = Some(entry.head());
                entries.push(entry);
            }
            let rows = RowChanges::all(author.state());
            let body = |entry: &Sealed| Blob::new(entry.text.clone());
            let bodies = entries.iter().map(body).collect();
            Commit::new(author.id(), None, entries, rows, bodies).unwrap()
        };
        commits.push(entries_of(n));
        others.push(entries_of(n + 10));
    }
    let heads: Vec<_> = commits.iter().map(Commit::head).collect();
    assert_eq!(storage.append_all(commits.clone()).await, Ok(heads));

    for storage in [&storage, &harness.open().await.unwrap()] {
        for commit in &commits {
            let id = commit.project();
            assert_eq!(storage.head(id).await, Ok(Some(commit.head())));
            let read = all_entries(storage, id).await;
            assert_eq!(read.len(), commit.entries().len());
            for (read, written) in read.iter().zip(commit.entries()) {
                assert_eq!(read, written);
            }
            for entry in commit.entries().iter().step_by(97) {
                let found = storage.find_command(id, entry.command).await;
                assert_eq!(found, Ok(Some(entry.revision)));
            }
            for bodies in commit.blobs.chunks(256) {
                let digests = bodies.iter().map(|body| *body.digest()).collect();
                let read = storage.blobs(id, digests).await.unwrap();
                for (read, written) in read.iter().zip(bodies) {
                    assert_eq!(read.as_deref(), Some(written.bytes()));
                }
            }
        }
    }

    // Large ones are refused for the same reasons as small ones: the last of many commands is known,
    // and a project is there.
    let mut late = others.pop().unwrap();
    let mut entries = late.entries().to_vec();
    let last = commits[2].entries().last().unwrap();
    entries.last_mut().unwrap().command = last.command;
    late = Commit::new(late.project(), None, entries, late.rows, vec![]).unwrap();
    let refused = storage.append_all(vec![late]).await.unwrap_err();
    let revision = last.revision;
    assert_eq!(*refused.error, WriteError::DuplicateCommand { revision });
    let (id, found) = (others[0].project(), Some(commits[0].head()));
    let refused = storage.append_all(others).await.unwrap_err();
    let error = Box::new(WriteError::Conflict {
        expected: None,
        found,
    });
    let project = Some(id);
    assert_eq!(refused, Refused { project, error });
}
