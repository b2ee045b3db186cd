//! Stores that are none, or not this program's to touch.

use crate::program::{Place, connect, document, list, sample};
use serde_json::json;
use std::collections::BTreeMap;
use std::ffi::OsString;

/// Every file of a place's folder with its size and a digest: nothing may come, go or change.
fn files(place: &Place) -> BTreeMap<OsString, (usize, String)> {
    std::fs::read_dir(place.path(""))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_file())
        .map(|entry| {
            let bytes = std::fs::read(entry.path()).unwrap();
            let digest = blake3::hash(&bytes).to_hex().to_string();
            (entry.file_name(), (bytes.len(), digest))
        })
        .collect()
}

/// Whatever is asked of the store, it is refused with this code, and the folder stays as it is.
fn refuses_everything(place: &Place, code: &str, found: &str) {
    let before = files(place);
    let import = sample("parser-fix.traj");
    for command in [
        &["import", import.to_str().unwrap()][..],
        &["project", "list"],
        &["project", "delete", "01", "--yes"],
        &["plan", "run", "01"],
        &["verify"],
        &["reindex"],
    ] {
        let refusal = place.refusal(command);
        assert_eq!(
            (refusal.code.as_str(), refusal.exit),
            (code, 3),
            "{command:?}"
        );
        refusal.says(found);
    }
    assert_eq!(files(place), before);
}

#[test]
fn another_programs_database_is_refused_untouched() {
    let place = Place::new();
    connect(place.store())
        .execute_batch("CREATE TABLE cats (name TEXT); INSERT INTO cats VALUES ('Tom');")
        .unwrap();
    refuses_everything(&place, "NOT_A_STORE", "a database of another program");
}

#[test]
fn another_programs_database_in_wal_mode_is_refused_untouched() {
    let place = Place::new();
    connect(place.store())
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA application_id = 7; CREATE TABLE cats (name TEXT);",
        )
        .unwrap();
    refuses_everything(&place, "NOT_A_STORE", "a database of another program");
}

#[test]
fn a_file_that_is_no_database_is_refused_untouched() {
    let mut looks_like_one = b"SQLite format 3\0".to_vec();
    looks_like_one.extend([0xff; 4_000]);
    for bytes in [
        b"Dear diary, today I wrote a plain text file.\n".repeat(100),
        b"hi".to_vec(),
        (0..=255).cycle().take(9_000).collect(),
        looks_like_one,
    ] {
        let place = Place::new();
        std::fs::write(place.store(), bytes).unwrap();
        refuses_everything(&place, "NOT_A_STORE", "store.db");
    }
}

#[test]
fn a_file_of_one_byte_is_refused_untouched_though_sqlite_takes_it_for_an_empty_one() {
    let place = Place::new();
    std::fs::write(place.store(), "x").unwrap();
    refuses_everything(&place, "NOT_A_STORE", "store.db");
}

#[test]
fn a_folder_is_no_store() {
    let place = Place::new();
    let folder = place.path("folder");
    std::fs::create_dir(&folder).unwrap();
    let place = place.on_store(folder);
    refuses_everything(&place, "UNAVAILABLE", "found a folder");
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let place = Place::new();
    let store = place.path("no/such/store.db");
    let place = place.on_store(store);
    refuses_everything(&place, "UNAVAILABLE", "no/such");
    assert!(!place.path("no").exists());
}

#[test]
fn r51_a_store_that_a_newer_program_owns_is_refused_untouched() {
    let (place, _) = Place::with("parser-fix.traj");
    place
        .sql()
        .execute("UPDATE meta SET value = 2 WHERE key = 'min_reader'", [])
        .unwrap();
    refuses_everything(&place, "TOO_NEW", "found one for 2 and later");
}

#[test]
fn r77_a_store_that_only_a_newer_program_may_write_to_can_be_read() {
    let (place, imported) = Place::with("parser-fix.traj");
    place
        .sql()
        .execute("UPDATE meta SET value = 2 WHERE key = 'min_writer'", [])
        .unwrap();
    let import = sample("cache-race.traj");
    for command in [
        &["import", import.to_str().unwrap()][..],
        &["plan", "run", &imported.plan],
        &["project", "pause", &imported.project],
        &["project", "delete", &imported.project, "--yes"],
        &["checkpoint", "create", &imported.project, "--name", "x"],
        &["reindex"],
    ] {
        place.refuses(command, "TOO_NEW", 3);
    }
    let shown = place.json(&["project", "show", &imported.project]);
    assert_eq!(shown["name"], "parser-fix");
    place.is_sound();
}

/// The only entry of a project, as a newer program would have sealed it.
fn sealed_by_a_newer_program(place: &Place, project: &str) {
    let text: String = place
        .sql()
        .query_row(
            "SELECT text FROM entries WHERE project = ?1",
            [project],
            |row| row.get(0),
        )
        .unwrap();
    let text = text.replacen("{\"v\":1,", "{\"v\":2,", 1);
    let mut hasher = blake3::Hasher::new();
    hasher
        .update(b"holdpoint/entry/1\0")
        .update(&[0; 32])
        .update(text.as_bytes());
    let digest = hasher.finalize();
    for sql in [
        "UPDATE entries SET text = ?2, digest = ?3 WHERE project = ?1",
        "UPDATE projects SET digest = ?3 WHERE project = ?1 AND ?2 <> ''",
    ] {
        let changed = place
            .sql()
            .execute(sql, (project, &text, &digest.as_bytes()[..]))
            .unwrap();
        assert_eq!(changed, 1);
    }
}

#[test]
fn r77_a_project_with_an_entry_of_a_newer_form_is_too_new_and_stays_as_it_is() {
    let (place, imported) = Place::with("parser-fix.traj");
    let other = place.import(&sample("cache-race.traj"));
    sealed_by_a_newer_program(&place, &imported.project);
    for command in [
        &["plan", "run", &imported.plan][..],
        &["project", "show", &imported.project],
        &["project", "pause", &imported.project],
        &["history", &imported.project],
        &["reindex", &imported.project],
    ] {
        place.refuses(command, "TOO_NEW", 3);
    }
    let answer = place.run(&["verify", "--json"]);
    let reports = list(&document(&answer.out));
    assert_eq!(reports[0]["findings"][0]["kind"], "too_new");
    assert_eq!(reports[1]["findings"], json!([]));
    place.text(&["plan", "run", &other.plan]);
}

#[test]
fn an_empty_file_becomes_a_store() {
    let place = Place::new();
    std::fs::write(place.store(), "").unwrap();
    assert_eq!(place.json(&["project", "list"]), json!([]));
    place.import(&sample("parser-fix.traj"));
    place.is_sound();
}

#[test]
fn r45_a_store_whose_making_was_cut_off_by_a_crash_is_made_anew() {
    // What a process leaves that is killed when SQLite has written the very first page and not
    // yet let go of the journal that says to undo it.
    let (place, other) = (Place::new(), Place::new());
    connect(place.store())
        .execute_batch("PRAGMA journal_mode = WAL;")
        .unwrap();
    assert_eq!(std::fs::metadata(place.store()).unwrap().len(), 4096);
    let making = connect(other.store());
    making
        .execute_batch(
            "PRAGMA cache_size = 1; BEGIN; CREATE TABLE t (x);
             INSERT INTO t VALUES (zeroblob(50000));",
        )
        .unwrap();
    let journal = |place: &Place| place.path("store.db-journal");
    std::fs::copy(journal(&other), journal(&place)).unwrap();
    assert_eq!(place.json(&["project", "list"]), json!([]));
    place.import(&sample("parser-fix.traj"));
    place.is_sound();
    drop(making);
}

#[test]
fn a_store_whose_pages_are_overwritten_is_corrupt() {
    let (place, _) = Place::with("parser-fix.traj");
    let mut bytes = std::fs::read(place.store()).unwrap();
    for page in bytes.chunks_mut(4096).skip(1) {
        page[..16].fill(0xff);
    }
    std::fs::write(place.store(), bytes).unwrap();
    refuses_everything(&place, "CORRUPT", "malformed");
}

#[test]
fn a_store_that_was_cut_off_is_corrupt() {
    let (place, _) = Place::with("parser-fix.traj");
    let bytes = std::fs::read(place.store()).unwrap();
    std::fs::write(place.store(), &bytes[..6_000]).unwrap();
    refuses_everything(&place, "CORRUPT", "malformed");
}
