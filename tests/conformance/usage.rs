//! Rule 12: how much room a store takes up.

use super::Harness;
use super::author::{Author, create, item, project_id};
use holdpoint::machine::Command;
use holdpoint::storage::{Storage, Usage};

/// Where a browser estimates, it says a quota too, and the estimate may come late.
fn is_exact(usage: Usage) -> bool {
    usage.bytes.is_some() && usage.quota.is_none()
}

pub(crate) async fn rule_13_a_store_says_how_much_room_it_takes_up_or_that_it_is_not_known<
    H: Harness,
>() {
    let harness = H::new().await;
    let storage = harness.open().await.unwrap();
    let before = storage.usage().await;
    let mut author = Author::new(project_id(1), 1);
    author.append(&storage, create("large")).await;
    let items = (0..20).map(|n| item(&format!("{n} {}", "x".repeat(50_000))));
    let items = items.collect();
    author.append(&storage, Command::AddContext { items }).await;
    for storage in [&storage, &harness.open().await.unwrap()] {
        let after = storage.usage().await;
        assert_eq!(before.bytes.is_some(), after.bytes.is_some());
        if is_exact(before) {
            assert!(after.bytes > before.bytes.map(|bytes| bytes + 1_000_000));
        }
        if let (Some(bytes), Some(quota)) = (after.bytes, after.quota) {
            assert!(bytes <= quota, "{after:?}");
        }
    }
}
