//! The fuzz targets (`tests/fuzz`) without a fuzzer: every file that they begin with, and mutations
//! of them. `HOLDPOINT_SEED` repeats a run; `make fuzz` goes on for as long as it is told to.
#![cfg(all(feature = "fuzzing", feature = "wasm", not(target_family = "wasm")))]
#![forbid(unsafe_code)]

#[path = "fuzz/src/lib.rs"]
#[allow(missing_docs, unreachable_pub)] // there it is a library
mod fuzz;

use std::collections::BTreeMap;
use std::fs;
use std::hash::{BuildHasher as _, Hasher as _};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};

/// The files of a target.
fn corpus(target: &str) -> BTreeMap<PathBuf, Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
    let files = fs::read_dir(folder.join(target)).expect("each target has a folder");
    let files = files.map(|file| file.expect("it can be read").path());
    let read = |file: PathBuf| (file.clone(), fs::read(file).expect("it can be read"));
    files.map(read).collect()
}

/// Runs every file, then so many mutations of them. Says what to do with what fails.
fn run(target: &str, mutations: u64, run: fn(&[u8])) {
    let files = corpus(target);
    assert!(!files.is_empty(), "{target} begins with nothing");
    for (path, data) in &files {
        told(|| run(data), || path.display().to_string());
    }
    let files: Vec<_> = files.into_iter().collect();
    let seed = seed();
    println!("fuzzing {target}: HOLDPOINT_SEED={seed}");
    for number in 0..mutations {
        let seed = seed.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let count = files.len() as u64;
        let (path, data) = &files[usize::try_from(seed % count).expect("it is below a length")];
        let mut data = data.clone();
        fuzz::mutate::mutate(&mut data, seed);
        let said = || {
            let kept = std::env::temp_dir().join(format!("holdpoint-fuzz-{target}-{seed:016x}"));
            fs::write(&kept, &data).expect("the folder for such files takes one");
            format!("{}, mutated: {}", path.display(), kept.display())
        };
        told(|| run(&data), said);
    }
}

/// Says which input it was before a panic goes on.
fn told(run: impl Fn(), what: impl Fn() -> String) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(run)) {
        println!("it panics with {}", what());
        resume_unwind(panic);
    }
}

/// The seed that is set, or a random one.
fn seed() -> u64 {
    match std::env::var("HOLDPOINT_SEED") {
        Ok(seed) => seed.parse().expect("HOLDPOINT_SEED is a whole number"),
        Err(_) => std::collections::hash_map::RandomState::new()
            .build_hasher()
            .finish(),
    }
}

#[test]
fn an_entry_of_any_text_is_read_or_refused_and_applied_without_a_panic() {
    run("entry", 3000, fuzz::entry::run);
}

#[test]
fn a_snapshot_of_any_text_is_read_or_refused_and_taken_anew_is_the_same() {
    run("snapshot", 1000, fuzz::snapshot::run);
}

#[test]
fn a_bundle_of_any_bytes_in_any_pieces_is_refused_or_comes_back_as_it_was() {
    run("bundle", 1000, fuzz::bundle::run);
}

#[test]
fn a_trajectory_of_any_text_is_refused_or_imported_and_played() {
    run("trajectory", 2000, fuzz::trajectory::run);
}

#[test]
fn a_command_or_query_of_any_text_is_read_or_refused_with_its_place() {
    run("command", 3000, fuzz::command::run);
}

#[test]
fn commands_that_any_bytes_choose_come_to_what_a_naive_model_says() {
    run("commands", 200, fuzz::commands::run);
}
