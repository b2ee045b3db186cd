//! Checkpoints that go, and those that stay.

use super::commands::Author;
use serde_json::json;

pub(super) async fn retained(author: &mut Author<'_>) {
    let policy = json!({ "per_plan": 7, "of_project": 1 });
    let set = author
        .done(json!({ "type": "set_retention", "policy": policy }))
        .await;
    assert_eq!(set, json!({ "type": "retention_set", "policy": policy }));
    let query = json!({ "type": "project", "project": author.project });
    let view = author.store.query(query).await;
    author.types.check("ProjectView", &view);
    assert_eq!(view["retention"], policy);
    assert_eq!(view["settings"]["retention"], policy);
    let named = |name| json!({ "type": "create_checkpoint", "checkpoint": { "name": name } });
    let kept = author.done(named("kept")).await["checkpoint"].take();
    let pin = json!({ "type": "pin_checkpoint", "checkpoint": kept, "pinned": true });
    let pinned = author.done(pin).await;
    assert_eq!(
        pinned,
        json!({ "type": "checkpoint_pinned", "checkpoint": kept, "pinned": true })
    );
    let newest = author.done(named("newest")).await["checkpoint"].take();
    let own = json!({ "type": "checkpoints", "project": author.project });
    let rows = author.store.query(own).await["rows"].take();
    let rows = rows.as_array().unwrap().iter();
    let own: Vec<_> = rows
        .filter(|row| row["plan"].is_null())
        .map(|row| row["checkpoint"].clone())
        .collect();
    assert!(
        own.contains(&kept) && own.last() == Some(&newest),
        "{own:?}"
    );
    let one = json!({ "per_plan": 1, "of_project": 1 });
    let applied = author
        .done(json!({ "type": "apply_retention", "policy": one }))
        .await;
    assert_eq!(applied["type"], "retention_applied");
    assert!(
        !applied["pruned"].as_array().unwrap().is_empty(),
        "{applied}"
    );
    let again = author
        .done(json!({ "type": "apply_retention", "policy": one }))
        .await;
    assert_eq!(again["pruned"], json!([]));
    assert_eq!(again["kept"], applied["kept"]);
}
