//! What a browser that was killed left half-written is put away before anything is added to it.
//!
//! Chromium keeps IndexedDB in LevelDB, and goes on with the log file that it finds. If a kill left
//! half a record at that log's end, whatever comes after it can't be told from damage: at the start
//! after next, Chromium finds the log corrupt and deletes all databases of the origin
//! (<https://github.com/google/leveldb/issues/1287>, measured with Chromium 156). A kill in the
//! middle of a run met such a moment once in some 470 times.
//!
//! Deleting a database has Chromium compact the range it lay in, for which LevelDB puts all that it
//! has in memory into a table and begins a new log. So each opening makes an empty database and
//! deletes it, which takes 1 to 9 ms. Where IndexedDB is kept in something else it does nothing.

use super::listener::Events;
use super::opening::{database, factory};
use super::to_its_end::before;
use crate::platform;
use futures_channel::oneshot;
use std::future::Future;
use std::time::Duration;
use wasm_bindgen_futures::spawn_local;

/// How long to wait for it. Without it a store works the same; it is only less safe.
const DEADLINE: Duration = Duration::from_secs(2);

/// Does so for the origin of this store's database. It begins at once; what is returned waits for it.
pub(super) fn settle(name: &str) -> impl Future<Output = ()> + use<> {
    // A name of its own for each store, so that those who settle at once are few.
    let name = format!("{name} (settling)");
    let (sender, settled) = oneshot::channel();
    spawn_local(async move {
        // If nobody waits any more, it is done all the same.
        let _ = sender.send(make_and_delete(&name).await);
    });
    async {
        let mut deadline = Box::pin(platform::sleep(DEADLINE));
        let _ = before(&mut deadline, settled).await;
    }
}

/// None where it can't be done: whoever opens the store is told why.
async fn make_and_delete(name: &str) -> Option<()> {
    let factory = factory().ok()?;
    let made = factory.open(name).ok()?;
    // Nobody keeps it open or changes its version, so nobody is ever blocked for long.
    if Events::of(&made, &["success", "error"]).next().await == "error" {
        return None;
    }
    let made = database(&made);
    let is_ours = made.object_store_names().length() == 0;
    made.close();
    if !is_ours {
        return None;
    }
    let deleted = factory.delete_database(name).ok()?;
    Events::of(&deleted, &["success", "error"]).next().await;
    Some(())
}
