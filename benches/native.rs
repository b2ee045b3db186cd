//! How fast the engine is natively: each figure beside its limit or its bar, from one run on one
//! machine. Prints; never fails on time.
//!
//! `make bench` runs it. `HOLDPOINT_BENCH=commit,scale` (how names begin) runs some of it. The part
//! `peers` runs only when it is named: `benches/peers/run.mjs` asks for it.

// Each bench uses the part of it that it needs.
#[allow(dead_code)]
#[path = "../tests/support/fault_storage.rs"]
mod fault_storage;
#[path = "support/mod.rs"]
mod support;

#[path = "native/checkpoint.rs"]
mod checkpoint;
#[path = "native/commit.rs"]
mod commit;
#[path = "native/open.rs"]
mod open;
#[path = "native/pause.rs"]
mod pause;
#[path = "native/peers.rs"]
mod peers;
#[path = "native/replay.rs"]
mod replay;
#[path = "native/scale/checkpoints.rs"]
mod scale_checkpoints;
#[path = "native/scale/long.rs"]
mod scale_long;
#[path = "native/scale/many.rs"]
mod scale_many;

fn main() {
    // `cargo test --benches` only wants to know that it builds and starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let wanted = std::env::var("HOLDPOINT_BENCH").unwrap_or_default();
    support::machine();
    let parts: [(&str, fn()); 9] = [
        ("commit", commit::run),
        ("checkpoint", checkpoint::run),
        ("pause", pause::run),
        ("open", open::run),
        ("replay", replay::run),
        ("peers", peers::run),
        ("scale/many", scale_many::run),
        ("scale/checkpoints", scale_checkpoints::run),
        ("scale/long", scale_long::run),
    ];
    for (name, run) in parts {
        let is_named = wanted.split(',').any(|some| name.starts_with(some));
        if is_named && (name != "peers" || !wanted.is_empty()) {
            support::report::heading(name);
            run();
        }
    }
}
