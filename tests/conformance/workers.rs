//! Rule 11: who is alive.

use super::Harness;
use super::observe::{in_time, take_turns};
use holdpoint::model::WorkerId;
use holdpoint::storage::Storage;

fn worker(n: u128) -> WorkerId {
    WorkerId::from_parts(1_767_268_800_000, n)
}

/// Waits until a worker that has just ended is known to be dead: a browser takes a moment.
async fn ends<S: Storage>(storage: &S, worker: WorkerId) {
    let ended = async {
        while storage.is_alive(worker).await == Some(true) {
            take_turns().await;
        }
    };
    in_time("a worker's end", ended).await;
    assert_eq!(storage.is_alive(worker).await, Some(false));
}

pub(crate) async fn rule_11_a_worker_is_alive_to_every_connection_as_long_as_it_shows_it<
    H: Harness,
>() {
    let harness = H::new().await;
    let (here, there) = (harness.open().await.unwrap(), harness.open().await.unwrap());
    let (one, other) = (worker(1), worker(2));
    assert_eq!(there.is_alive(one).await, Some(false));
    let sign = here.show_alive(one).await;
    assert!(sign.is_shown());
    for storage in [&here, &there] {
        // Asking changes nothing.
        for _ in 0..3 {
            assert_eq!(storage.is_alive(one).await, Some(true));
        }
        assert_eq!(storage.is_alive(other).await, Some(false));
    }
    let second = there.show_alive(other).await;
    drop(sign);
    for storage in [&here, &there] {
        ends(storage, one).await;
        assert_eq!(storage.is_alive(other).await, Some(true));
    }
    drop(second);
    ends(&here, other).await;
}

pub(crate) async fn rule_11_a_worker_can_show_itself_again<H: Harness>() {
    let harness = H::new().await;
    let (here, there) = (harness.open().await.unwrap(), harness.open().await.unwrap());
    for _ in 0..5 {
        let sign = here.show_alive(worker(1)).await;
        assert!(sign.is_shown());
        assert_eq!(there.is_alive(worker(1)).await, Some(true));
        drop(sign);
    }
    ends(&there, worker(1)).await;
}

pub(crate) async fn rule_11_a_store_knows_its_own_workers_only<H: Harness>() {
    let (one, other) = (H::new().await, H::new().await);
    let storage = one.open().await.unwrap();
    let _sign = storage.show_alive(worker(1)).await;
    let elsewhere = other.open().await.unwrap();
    assert_eq!(elsewhere.is_alive(worker(1)).await, Some(false));
    assert_eq!(storage.is_alive(worker(1)).await, Some(true));
}
