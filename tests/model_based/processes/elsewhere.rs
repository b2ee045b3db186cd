//! What others did elsewhere, judged here: tabs of a browser, that took the same notes.

use super::super::given::{Disk as _, Memory, SetClock, engine};
use super::{notes, replay, say};
use holdpoint::engine::ImportOptions;
use serde_json::json;
use std::path::PathBuf;

/// Names the folder with all that is left in a bundle, and everybody's notes.
const NOTES: &str = "HOLDPOINT_NOTES";

#[test]
fn what_was_done_elsewhere_is_one_legal_history_when_there_are_notes_of_it() {
    let Some(folder) = std::env::var_os(NOTES).map(PathBuf::from) else {
        return;
    };
    pollster::block_on(async {
        let disk = Memory::new();
        let engine = engine(&disk, &SetClock::default()).await;
        let bundle = std::fs::read(folder.join("all.holdpoint")).expect("there is a bundle");
        let mut import = engine.import(ImportOptions::default());
        for piece in bundle.chunks(1 << 20) {
            import.push(piece).await.expect("it is a bundle");
        }
        import.finish().await.expect("it is whole");
        let everybody = std::fs::read_dir(folder.join("notes")).expect("there are notes");
        let asked: Vec<_> = everybody
            .flat_map(|notes| notes::read(&notes.expect("a file").path()))
            .collect();
        assert!(!asked.is_empty(), "they asked for something");
        // A bundle says nothing of projects that were deleted before.
        let found = replay::one_legal_history_without(&engine, &asked, "PROJECT_NOT_FOUND").await;
        let found = found.unwrap_or_else(|mismatch| panic!("{mismatch}"));
        let found = json!({
            "projects": found.projects,
            "deleted": found.deleted,
            "entries": found.entries,
            "idle": found.idle,
            "refused": found.refused,
        });
        say(&format!("judged: {found}"));
    });
}
