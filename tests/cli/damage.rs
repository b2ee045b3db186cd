//! Stored data that somebody or something altered: found, named, and mended where that can be.

use crate::program::{Answer, Imported, Place, document, list, sample, text};
use serde_json::{Value, json};

/// A store with two projects, the first of them run half-way.
fn two_projects() -> (Place, Imported, Imported) {
    let (place, imported) = Place::with("parser-fix.traj");
    place.text(&["plan", "run", &imported.plan, "--steps", "4"]);
    let other = place.import(&sample("cache-race.traj"));
    (place, imported, other)
}

/// What `verify` finds when something is wrong: a document on stdout, an error on stderr, exit 3.
#[track_caller]
fn findings(place: &Place, project: &str) -> Vec<Value> {
    let answer = place.run(&["verify", "--json"]);
    assert_eq!(
        answer.exit, 3,
        "expected a finding: {}{}",
        answer.out, answer.err
    );
    assert_eq!(document(&answer.err)["code"], "CORRUPT");
    assert!(!answer.out.is_empty(), "expected a report: {}", answer.err);
    for report in list(&document(&answer.out)) {
        if report["project"] == *project {
            let found = list(&report["findings"]);
            assert!(!found.is_empty(), "{report}");
            let said = place.run(&["verify"]);
            assert_eq!(said.exit, 3);
            assert!(said.out.contains(&format!("project {project}: DAMAGED")));
            return found;
        }
        assert_eq!(report["findings"], json!([]), "the others are sound");
    }
    panic!("expected a report on {project}");
}

/// Damages one entry of the first project by this SQL expression, and expects it to be found.
fn damaged_entry(column: &str, expression: &str) {
    let (place, imported, other) = two_projects();
    let sql =
        format!("UPDATE entries SET {column} = {expression} WHERE project = ?1 AND revision = 4");
    let changed = place.sql().execute(&sql, [&imported.project]).unwrap();
    assert_eq!(changed, 1);
    let found = findings(&place, &imported.project);
    assert_eq!(found[0]["kind"], "entry", "{found:?}");
    assert_eq!(found[0]["revision"], 4, "{found:?}");
    assert!(
        text(&found[0]["message"]).contains("revision 4"),
        "{found:?}"
    );
    for command in [
        &["project", "show", &imported.project][..],
        &["project", "pause", &imported.project],
        &["plan", "show", &imported.plan],
        &["plan", "run", &imported.plan],
        &["plan", "rollback", &imported.plan],
        &["plan", "cancel", &imported.plan],
        &["checkpoint", "create", &imported.project, "--name", "x"],
        &["history", &imported.project],
        &["reindex", &imported.project],
    ] {
        place.refuses(command, "CORRUPT", 3).says("revision 4");
    }
    // The other project has nothing to do with it.
    place.text(&["plan", "run", &other.plan]);
    assert_eq!(list(&place.json(&["project", "list"])).len(), 2);
}

#[test]
fn r73_an_altered_letter_of_an_entry_is_found() {
    damaged_entry(
        "text",
        "replace(text, '\"actor\":\"cli\"', '\"actor\":\"clj\"')",
    );
}

#[test]
fn r73_a_byte_of_an_entry_that_is_no_longer_text_is_found() {
    // One flipped bit makes a letter a byte that UTF-8 doesn't have.
    damaged_entry(
        "text",
        "CAST(substr(CAST(text AS BLOB), 1, 9) || x'f6' || substr(CAST(text AS BLOB), 11) AS TEXT)",
    );
}

#[test]
fn r73_an_entry_cut_short_is_found() {
    damaged_entry("text", "substr(text, 1, 100)");
}

#[test]
fn r73_an_altered_digest_is_found() {
    damaged_entry("digest", "randomblob(32)");
}

#[test]
fn r73_a_digest_of_another_length_is_found() {
    damaged_entry("digest", "x'00'");
}

#[test]
fn r73_an_altered_predecessor_is_found() {
    damaged_entry("prev", "randomblob(32)");
}

#[test]
fn r73_an_altered_command_is_found() {
    damaged_entry("command", "'no command'");
}

#[test]
fn r73_a_missing_entry_and_a_tail_cut_short_are_found() {
    for (revision, kind) in [(3, "entry"), (9, "head")] {
        let (place, imported, _) = two_projects();
        let sql = "DELETE FROM entries WHERE project = ?1 AND revision = ?2";
        place
            .sql()
            .execute(sql, (&imported.project, revision))
            .unwrap();
        let found = findings(&place, &imported.project);
        assert_eq!(found[0]["kind"], kind, "{found:?}");
        assert_eq!(found[0]["revision"], revision, "{found:?}");
        place.refuses(&["plan", "run", &imported.plan], "CORRUPT", 3);
    }
}

#[test]
fn r50_a_history_with_a_gap_is_not_shown_as_if_it_were_whole() {
    for revision in [3, 9] {
        let (place, imported, _) = two_projects();
        let sql = "DELETE FROM entries WHERE project = ?1 AND revision = ?2";
        place
            .sql()
            .execute(sql, (&imported.project, revision))
            .unwrap();
        let history = ["history", &imported.project];
        place.refuses(&history, "CORRUPT", 3);
    }
}

#[test]
fn r73_a_journal_whose_projects_row_is_missing_is_found() {
    let (place, imported, _) = two_projects();
    let sql = "DELETE FROM projects WHERE project = ?1";
    place.sql().execute(sql, [&imported.project]).unwrap();
    findings(&place, &imported.project);
}

#[test]
fn r73_two_entries_in_each_others_place_are_found() {
    let (place, imported, _) = two_projects();
    place
        .sql()
        .execute_batch(
            "UPDATE entries SET revision = 99 WHERE revision = 4;
             UPDATE entries SET revision = 4 WHERE revision = 6;
             UPDATE entries SET revision = 6 WHERE revision = 99;",
        )
        .unwrap();
    let found = findings(&place, &imported.project);
    assert_eq!(found[0]["kind"], "entry");
    assert_eq!(found[0]["revision"], 4);
}

/// Alters what the store says of the first project's newest entry.
fn altered_head(change: &str) {
    let (place, imported, _) = two_projects();
    let sql = format!("UPDATE projects SET {change} WHERE project = ?1");
    place.sql().execute(&sql, [&imported.project]).unwrap();
    let found = findings(&place, &imported.project);
    assert_eq!(found[0]["kind"], "head", "{change}: {found:?}");
    let run = ["plan", "run", &imported.plan, "--steps", "1", "--json"];
    let refusal = place.run(&run).refusal();
    assert_eq!(
        (refusal.code.as_str(), refusal.exit),
        ("CORRUPT", 3),
        "{change}: {}",
        refusal.message
    );
}

#[test]
fn r73_a_head_with_another_digest_is_damage() {
    altered_head("digest = randomblob(32)");
}

#[test]
fn r73_a_head_beyond_the_journals_end_is_damage() {
    altered_head("revision = 12");
}

#[test]
fn r73_a_head_before_the_journals_end_is_damage_and_no_conflict_with_others() {
    altered_head("revision = 6");
}

#[test]
fn r26_a_missing_or_altered_body_is_found_and_its_step_is_not_begun() {
    for damage in ["UPDATE blobs SET body = x'7b7d'", "DELETE FROM blobs"] {
        let (place, imported, _) = two_projects();
        let input = text(&place.plan(&imported.plan)["steps"][4]["input"]["digest"]);
        let sql = format!("{damage} WHERE project = ?1 AND lower(hex(digest)) = ?2");
        place
            .sql()
            .execute(&sql, (&imported.project, &input))
            .unwrap();
        let found = findings(&place, &imported.project);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0]["kind"], "body");
        assert!(text(&found[0]["message"]).contains(&input));
        place
            .refuses(&["plan", "run", &imported.plan], "CORRUPT", 3)
            .says(&input);
    }
}

/// Damages a project's snapshot by this SQL, and expects that it hinders nothing.
fn damaged_snapshot(change: &str) {
    let (place, imported, _) = two_projects();
    place.text(&["reindex", &imported.project]);
    let sql = format!("UPDATE snapshots SET {change} WHERE project = ?1");
    assert_eq!(place.sql().execute(&sql, [&imported.project]).unwrap(), 1);
    let answer = place
        .run(&["plan", "run", &imported.plan, "--steps", "1"])
        .success();
    let warnings = answer
        .err
        .lines()
        .filter(|line| line.contains("snapshot skipped"));
    assert_eq!(warnings.count(), 1, "expected a warning: {}", answer.err);
    // With --json there is nothing on stderr, where programs look for errors.
    let shown = place
        .run(&["plan", "show", &imported.plan, "--json"])
        .success();
    assert_eq!(shown.err, "");
    assert_eq!(document(&shown.out)["progress"]["last_completed_step"], 4);
    let found = findings(&place, &imported.project);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["kind"], "snapshot");
    assert_eq!(found[0]["revision"], 9);
}

#[test]
fn r73_an_altered_snapshot_is_skipped_with_a_warning_and_reported() {
    damaged_snapshot("text = replace(text, 'cli', 'clj')");
}

#[test]
fn r73_a_snapshot_that_is_no_longer_text_is_skipped_with_a_warning_and_reported() {
    damaged_snapshot(
        "text = CAST(substr(CAST(text AS BLOB), 1, 9) || x'f6' || substr(CAST(text AS BLOB), 11) AS TEXT)",
    );
}

#[test]
fn r73_a_snapshot_with_a_digest_of_another_length_is_skipped_with_a_warning_and_reported() {
    damaged_snapshot("digest = x'00'");
}

#[test]
fn reindex_replaces_a_damaged_snapshot_of_the_newest_revision() {
    let (place, imported, _) = two_projects();
    place.text(&["reindex", &imported.project]);
    place
        .sql()
        .execute(
            "UPDATE snapshots SET text = replace(text, 'cli', 'clj')",
            [],
        )
        .unwrap();
    findings(&place, &imported.project);
    place.text(&["reindex", &imported.project]);
    place.is_sound();
}

#[test]
fn reindex_leaves_no_damaged_snapshot_of_an_older_revision() {
    let (place, imported, _) = two_projects();
    place.text(&["reindex", &imported.project]);
    place
        .sql()
        .execute(
            "UPDATE snapshots SET text = replace(text, 'cli', 'clj')",
            [],
        )
        .unwrap();
    place.text(&["plan", "run", &imported.plan, "--steps", "1"]);
    findings(&place, &imported.project);
    // A snapshot is a cache: there is nothing in it that is worth keeping damaged.
    place.text(&["reindex", &imported.project]);
    place.is_sound();
}

/// Alters rows by this SQL; `verify` finds it, `reindex` mends it.
fn altered_rows(sql: &str) {
    let (place, imported, other) = two_projects();
    let before = place.tables();
    place
        .sql()
        .execute(sql, [&imported.project])
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
    assert_ne!(place.tables(), before, "{sql}");
    let found = findings(&place, &imported.project);
    assert!(
        found.iter().all(|finding| finding["kind"] == "row"),
        "{sql}: {found:?}"
    );
    place.text(&["reindex", &imported.project]);
    place.is_sound();
    let mended = place.tables();
    let rows = |tables: &[String]| -> Vec<String> {
        let is_row = |line: &&String| !line.starts_with("snapshots:");
        tables.iter().filter(is_row).cloned().collect()
    };
    assert_eq!(rows(&mended), rows(&before), "{sql}");
    place.text(&["plan", "run", &imported.plan]);
    place.text(&["plan", "run", &other.plan]);
    place.is_sound();
}

#[test]
fn r73_altered_missing_and_invented_rows_are_found_and_mended() {
    for sql in [
        "UPDATE projects SET name = 'another' WHERE project = ?1",
        "UPDATE projects SET tokens = tokens + 1 WHERE project = ?1",
        "UPDATE projects SET status = 'paused' WHERE project = ?1",
        "UPDATE plans SET last_completed_step = 7 WHERE project = ?1",
        "UPDATE plans SET reversion_count = 3 WHERE project = ?1",
        "UPDATE plans SET last_checkpoint_id = NULL WHERE project = ?1",
        "UPDATE plans SET state = 'completed' WHERE project = ?1",
        "DELETE FROM plans WHERE project = ?1",
        "UPDATE checkpoints SET revision = 1 WHERE project = ?1 AND number = 2",
        "DELETE FROM checkpoints WHERE project = ?1",
        "INSERT INTO checkpoints SELECT project, 99, '7ZZZZZZZZZZZZZZZZZZZZZZZZZ', plan, revision,
         trigger, safety, name, reason, pinned, created_at, created_by
         FROM checkpoints WHERE project = ?1 AND number = 1",
    ] {
        altered_rows(sql);
    }
}

#[test]
fn r46_what_makes_a_plan_resumable_follows_from_its_state_and_cannot_be_altered_alone() {
    let (place, imported, _) = two_projects();
    let alter = "UPDATE plans SET unfinished = 0 WHERE project = ?1";
    let error = place.sql().execute(alter, [&imported.project]).unwrap_err();
    assert!(error.to_string().contains("generated column"), "{error}");
    altered_rows("UPDATE plans SET state = 'completed' WHERE project = ?1");
}

#[test]
fn r73_a_plans_row_that_can_no_longer_be_read_is_found_and_mended() {
    altered_rows("UPDATE plans SET state = 'nonsense' WHERE project = ?1");
}

#[test]
fn r73_a_checkpoints_row_that_can_no_longer_be_read_is_found_and_mended() {
    altered_rows("UPDATE checkpoints SET created_at = 'yesterday' WHERE project = ?1");
}

#[test]
fn r73_a_projects_row_that_can_no_longer_be_read_is_found_and_mended() {
    altered_rows("UPDATE projects SET status = 'nonsense' WHERE project = ?1");
}

#[test]
fn with_json_an_error_is_the_only_line_on_stderr_also_beside_a_warning() {
    let (place, imported, _) = two_projects();
    place.text(&["reindex", &imported.project]);
    place
        .sql()
        .execute(
            "UPDATE snapshots SET text = replace(text, 'cli', 'clj')",
            [],
        )
        .unwrap();
    let resume = ["project", "resume", &imported.project, "--json"];
    let answer: Answer = place.run(&resume);
    assert_eq!(answer.exit, 1);
    assert_eq!(document(&answer.err)["code"], "PROJECT_NOT_PAUSED");
}
