//! Bodies, snapshots and leases: what is kept beside a journal. Rules 1 and 8.

use super::author::{Author, create, create_plan, lease, project_id, rename};
use super::observe::Everything;
use super::{Harness, together};
use holdpoint::journal::Snapshot;
use holdpoint::model::{Blob, Digest, Revision};
use holdpoint::storage::{Epoch, Lease, LeaseError, Storage};

pub(crate) async fn rule_01_bodies_belong_to_their_project<H: Harness>() {
    let storage = H::new().await.open().await.unwrap();
    let (mut one, mut two) = (Author::new(project_id(1), 1), Author::new(project_id(2), 2));
    let (shared, own) = (Blob::new("known to both"), Blob::new("known to one"));
    for (author, bodies) in [(&mut one, vec![&shared, &own]), (&mut two, vec![&shared])] {
        let mut commit = author.write(create("a project"));
        commit.blobs = bodies.into_iter().cloned().collect();
        storage.append(commit).await.unwrap();
    }
    let there = async |author: &Author, blob: &Blob| {
        let body = storage.blob(author.id(), *blob.digest()).await.unwrap();
        assert!(body.as_deref().is_none_or(|body| body == blob.bytes()));
        body.is_some()
    };
    assert!(there(&one, &shared).await && there(&one, &own).await);
    assert!(there(&two, &shared).await && !there(&two, &own).await);

    // Dropped in one project, kept in the other.
    let mut dropping = one.write(rename("forgets"));
    dropping.drop_blobs = vec![*shared.digest(), Digest::of(b"never there")];
    storage.append(dropping).await.unwrap();
    assert!(!there(&one, &shared).await && there(&one, &own).await);
    assert!(there(&two, &shared).await);

    // It can come back.
    let mut again = one.write(rename("learns it again"));
    again.blobs.push(shared.clone());
    storage.append(again).await.unwrap();
    assert!(there(&one, &shared).await);
}

pub(crate) async fn rule_01_a_body_that_is_there_stays_as_it_is<H: Harness>() {
    let storage = H::new().await.open().await.unwrap();
    let mut author = Author::new(project_id(1), 1);
    let blob = Blob::new("said twice");
    for command in [create("one"), rename("two"), rename("three")] {
        let mut commit = author.write(command);
        // Twice in one commit too.
        commit.blobs = vec![blob.clone(), blob.clone()];
        storage.append(commit).await.unwrap();
        let body = storage.blob(author.id(), *blob.digest()).await;
        assert_eq!(body, Ok(Some(blob.bytes().to_vec())));
    }
    // There is one of it to drop, not three.
    let mut dropping = author.write(rename("forgets"));
    dropping.drop_blobs = vec![*blob.digest()];
    storage.append(dropping).await.unwrap();
    assert_eq!(storage.blob(author.id(), *blob.digest()).await, Ok(None));
}

pub(crate) async fn rule_05_bodies_come_in_the_order_in_which_they_are_asked_for<H: Harness>() {
    let harness = H::new().await;
    let storage = harness.open().await.unwrap();
    let (mut one, mut two) = (Author::new(project_id(1), 1), Author::new(project_id(2), 2));
    let bodies: Vec<_> = (0..600)
        .map(|n| Blob::new(format!("{n} ").repeat(n)))
        .collect();
    let mut commit = one.write(create("one"));
    commit.blobs.clone_from(&bodies);
    storage.append(commit).await.unwrap();
    let mut commit = two.write(create("two"));
    commit.blobs.push(bodies[7].clone());
    storage.append(commit).await.unwrap();

    // From the last to the first, some twice, and between them some that were never there.
    let (mut asked, mut expected) = (Vec::new(), Vec::new());
    for (n, body) in bodies.iter().enumerate().rev() {
        let missing = Digest::of(format!("missing {n}").as_bytes());
        let there = (*body.digest(), Some(body.bytes().to_vec()));
        asked.extend([there.0, missing]);
        expected.extend([there.1.clone(), None]);
        if n % 100 == 0 {
            asked.push(there.0);
            expected.push(there.1);
        }
    }
    let other = harness.open().await.unwrap();
    for storage in [&storage, &other] {
        let read = storage.blobs(one.id(), asked.clone()).await;
        assert_eq!(read.as_ref(), Ok(&expected));
        assert_eq!(storage.blobs(one.id(), Vec::new()).await, Ok(Vec::new()));
    }

    // Each project has its own, and one that isn't there has none.
    let asked = vec![*bodies[6].digest(), *bodies[7].digest()];
    let shared = Some(bodies[7].bytes().to_vec());
    let read = storage.blobs(two.id(), asked.clone()).await;
    assert_eq!(read, Ok(vec![None, shared]));
    let read = storage.blobs(project_id(3), asked.clone()).await;
    assert_eq!(read, Ok(vec![None, None]));
    let mut dropping = one.write(rename("forgets"));
    dropping.drop_blobs.push(asked[1]);
    storage.append(dropping).await.unwrap();
    let kept = Some(bodies[6].bytes().to_vec());
    assert_eq!(other.blobs(one.id(), asked).await, Ok(vec![kept, None]));
}

pub(crate) async fn rule_05_the_newest_snapshot_at_or_below_is_found<H: Harness>() {
    let harness = H::new().await;
    let storage = harness.open().await.unwrap();
    let mut author = Author::new(project_id(1), 1);
    let id = author.id();
    author.append(&storage, create("one")).await;
    assert_eq!(storage.snapshot(id, Revision::MAX).await, Ok(None));
    // Above 9 and above 255, so that neither texts nor bytes happen to be in order.
    let mut kept: Vec<Snapshot> = Vec::new();
    for number in 2..=300 {
        author
            .append(&storage, rename(&format!("name {number}")))
            .await;
        if [2, 9, 10, 255, 256, 299].contains(&number) {
            kept.push(author.snapshot());
        }
    }
    // Saved in another order, too.
    for snapshot in kept.iter().rev() {
        assert_eq!(storage.save_snapshot(id, snapshot.clone()).await, Ok(true));
    }
    let mut other = Author::new(project_id(2), 1);
    other.append(&storage, create("another")).await;
    assert_eq!(
        storage.save_snapshot(other.id(), other.snapshot()).await,
        Ok(true)
    );

    for storage in [storage, harness.open().await.unwrap()] {
        for number in (0..=301).chain([Revision::MAX.get()]) {
            let at_most = Revision::new(number);
            let expected = kept.iter().rfind(|snapshot| snapshot.revision <= at_most);
            assert_eq!(
                storage.snapshot(id, at_most).await,
                Ok(expected.cloned()),
                "{number}"
            );
        }
        assert_eq!(
            storage.snapshot(other.id(), Revision::MAX).await,
            Ok(Some(other.snapshot()))
        );
        assert_eq!(
            storage.snapshot(project_id(3), Revision::MAX).await,
            Ok(None)
        );
    }
}

pub(crate) async fn rule_08_a_snapshot_replaces_the_one_of_its_revision<H: Harness>() {
    let storage = H::new().await.open().await.unwrap();
    let mut author = Author::new(project_id(1), 1);
    let id = author.id();
    author.append(&storage, create("one")).await;
    let good = author.snapshot();
    // Storages don't judge what it says, nor whether there is such a revision.
    let bad = Snapshot {
        text: "not a snapshot".into(),
        ..good.clone()
    };
    let ahead = Snapshot {
        revision: Revision::new(7),
        ..good.clone()
    };
    for snapshot in [&bad, &good, &bad, &ahead] {
        assert_eq!(storage.save_snapshot(id, snapshot.clone()).await, Ok(true));
        let found = storage.snapshot(id, snapshot.revision).await;
        assert_eq!(found.as_ref(), Ok(&Some(snapshot.clone())));
    }
    assert_eq!(storage.snapshot(id, Revision::new(6)).await, Ok(Some(bad)));
    // The journal is none the wiser.
    assert_eq!(storage.head(id).await, Ok(author.head()));
}

pub(crate) async fn rule_08_nothing_is_kept_for_a_project_that_is_not_there<H: Harness>() {
    let storage = H::new().await.open().await.unwrap();
    let mut author = Author::new(project_id(1), 1);
    author.write(create("one"));
    author.write(create_plan("a plan", 1));
    let id = author.id();
    assert_eq!(
        storage.save_snapshot(id, author.snapshot()).await,
        Ok(false)
    );
    for expected in [None, Some(Epoch(1))] {
        let swapped = storage
            .swap_lease(id, author.plan(), expected, lease(2, "ana"))
            .await;
        assert_eq!(swapped, Err(LeaseError::NoProject));
    }
    assert!(Everything::of(&storage, &author).await.is_gone());
    assert_eq!(storage.tombstone(id).await, Ok(None));
}

pub(crate) async fn rule_08_leases_are_compared_by_their_epoch<H: Harness>() {
    let harness = H::new().await;
    let storage = harness.open().await.unwrap();
    let mut author = Author::new(project_id(1), 1);
    author.append(&storage, create("one")).await;
    author.append(&storage, create_plan("a plan", 1)).await;
    let first = author.plan();
    author.append(&storage, create_plan("another", 1)).await;
    let (id, second) = (author.id(), author.plan());
    let head = author.head();

    let refused = storage
        .swap_lease(id, first, Some(Epoch(1)), lease(2, "bo"))
        .await;
    assert_eq!(
        refused,
        Err(LeaseError::Conflict {
            expected: Some(Epoch(1)),
            found: None
        })
    );
    assert_eq!(storage.lease(id, first).await, Ok(None));
    let ana = lease(1, "ana");
    assert_eq!(
        storage.swap_lease(id, first, None, ana.clone()).await,
        Ok(())
    );

    // Somebody who saw another epoch gets to know the lease that is there.
    for expected in [None, Some(Epoch(0)), Some(Epoch(2))] {
        let refused = storage
            .swap_lease(id, first, expected, lease(3, "bo"))
            .await;
        let found = Some(ana.clone());
        assert_eq!(refused, Err(LeaseError::Conflict { expected, found }));
    }
    // Renewed under the same epoch, then released: the epoch stays, and only who knows it goes on.
    let renewed = Lease {
        text: r#"{"until":"later"}"#.into(),
        ..ana.clone()
    };
    let released = Lease {
        text: "{}".into(),
        ..ana
    };
    for next in [renewed, released] {
        assert_eq!(
            storage
                .swap_lease(id, first, Some(Epoch(1)), next.clone())
                .await,
            Ok(())
        );
        let other = harness.open().await.unwrap();
        assert_eq!(other.lease(id, first).await, Ok(Some(next)));
    }
    let refused = storage.swap_lease(id, first, None, lease(1, "bo")).await;
    assert!(
        matches!(refused, Err(LeaseError::Conflict { .. })),
        "{refused:?}"
    );
    let high = lease(holdpoint::model::MAX_INTEGER, "bo");
    assert_eq!(
        storage
            .swap_lease(id, first, Some(Epoch(1)), high.clone())
            .await,
        Ok(())
    );
    assert_eq!(storage.lease(id, first).await, Ok(Some(high)));

    // Other plans have leases of their own, also in a project whose plans have the same ids.
    assert_eq!(storage.lease(id, second).await, Ok(None));
    let mut twin = Author::new(project_id(2), 1);
    twin.append(&storage, create("one")).await;
    twin.append(&storage, create_plan("a plan", 1)).await;
    assert_eq!(twin.plan(), first);
    assert_eq!(storage.lease(twin.id(), first).await, Ok(None));
    // And none of this is in the journal.
    assert_eq!(storage.head(id).await, Ok(head));
}

pub(crate) async fn rule_08_two_connections_race_for_a_lease_and_one_wins<H: Harness>() {
    let harness = H::new().await;
    let (here, there) = (harness.open().await.unwrap(), harness.open().await.unwrap());
    let mut author = Author::new(project_id(1), 1);
    author.append(&here, create("one")).await;
    author.append(&here, create_plan("a plan", 1)).await;
    let (id, plan) = (author.id(), author.plan());
    let mut expected = None;
    for epoch in 1..=30 {
        let (ana, bo) = (lease(epoch, "ana"), lease(epoch, "bo"));
        let (of_ana, of_bo) = together(
            here.swap_lease(id, plan, expected, ana.clone()),
            there.swap_lease(id, plan, expected, bo.clone()),
        )
        .await;
        let (winner, refused) = match (of_ana, of_bo) {
            (Ok(()), refused) => (ana, refused),
            (refused, Ok(())) => (bo, refused),
            both => panic!("expected one of them to win: {both:?}"),
        };
        let found = Some(winner.clone());
        assert_eq!(
            refused,
            Err(LeaseError::Conflict {
                expected,
                found: found.clone()
            })
        );
        assert_eq!(here.lease(id, plan).await, Ok(found));
        expected = Some(winner.epoch);
    }
}
