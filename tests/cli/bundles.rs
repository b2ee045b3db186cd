//! R49, R74: `export`, and `import` of what it wrote.

use crate::program::{Answer, Imported, Place, list, text, that_can_be_interrupted};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// A place with a project that has come half-way, and its bundle.
fn half_way() -> (Place, Imported, PathBuf) {
    let (place, imported) = Place::with("parser-fix.traj");
    place.text(&["plan", "run", &imported.plan, "--steps", "2"]);
    place.text(&["export", "work.jsonl", &imported.project]);
    let bundle = place.path("work.jsonl");
    (place, imported, bundle)
}

fn path(file: &Path) -> &str {
    file.to_str().unwrap()
}

fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn decompressed(bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut text).unwrap();
    text
}

fn files_in(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| !name.starts_with("store.db"))
        .collect();
    names.sort();
    names
}

/// A journal's entries with their digests, the same wherever it is.
fn journal(place: &Place, project: &str) -> Vec<Value> {
    let lines = place.text(&["history", project, "--json-lines"]);
    let entries = lines.lines().map(|line| {
        let mut entry: Value = serde_json::from_str(line).unwrap();
        assert_eq!(
            entry.as_object_mut().unwrap().remove("project"),
            Some(json!(project))
        );
        entry
    });
    entries.collect()
}

/// All but the first line, which says when it was made.
fn without_origin(bundle: &[u8]) -> &[u8] {
    let end = bundle.iter().position(|byte| *byte == b'\n').unwrap();
    let whole = &bundle[end..];
    // The last line has the digest of all, the first line among them.
    let last = whole
        .windows(8)
        .rposition(|part| part == b"{\"type\":")
        .unwrap();
    &whole[..last]
}

#[test]
fn r49_a_project_goes_on_in_another_store_and_comes_back_with_the_same_digests() {
    let (place, imported, bundle) = half_way();
    let other = Place::new();
    let answer = other.json(&["import", path(&bundle)]);
    assert_eq!(answer["file"], path(&bundle));
    assert_eq!(answer["exported_by"], "cli");
    let of = &answer["projects"][0];
    assert_eq!(
        (&of["project"], &of["from"]),
        (&json!(imported.project), &json!(imported.project))
    );
    let history = journal(&place, &imported.project);
    assert_eq!(journal(&other, &imported.project), history);
    assert_eq!(of["entries"], history.len());
    assert_eq!(of["digest"], history.last().unwrap()["digest"]);
    other.is_sound();

    let went_on = other.json(&["plan", "run", &imported.plan]);
    assert_eq!(went_on["state"], "completed");
    assert_eq!(went_on["steps_completed"], imported.steps - 2);
    let back = other.path("back.jsonl.gz");
    other.text(&["export", path(&back)]);

    // The first store has its own still.
    place
        .refuses(&["import", path(&back)], "PROJECT_EXISTS", 1)
        .says(&imported.project);
    let answer = place.json(&["import", path(&back), "--as-copy"]);
    let of = &answer["projects"][0];
    let copy = text(&of["project"]);
    assert_ne!(copy, imported.project);
    assert_eq!(of["from"], json!(imported.project));
    let entries = journal(&place, &copy);
    assert_eq!(entries, journal(&other, &imported.project));
    assert_eq!(entries[..history.len()], history);
    assert_eq!(journal(&place, &imported.project), history);
    place.is_sound();
    let told = place.text(&["import", path(&back), "--as-copy"]);
    assert!(
        told.starts_with(&format!("imported 1 project from {}, ", path(&back))),
        "{told}"
    );
    assert!(
        told.contains(&format!("(a copy of {})", imported.project)),
        "{told}"
    );
}

#[test]
fn r49_an_export_has_the_projects_that_were_named_or_all_compressed_or_not() {
    let (place, first, bundle) = half_way();
    let second = place.import(&crate::program::sample("cache-race.traj"));
    let whole = place.json(&["export", "all.jsonl"]);
    assert_eq!(whole["projects"], 2);
    assert_eq!(whole["store"], path(place.store()));
    assert_eq!(whole["file"], path(&place.path("all.jsonl")));
    let bytes = std::fs::metadata(place.path("all.jsonl")).unwrap().len();
    assert_eq!(
        (&whole["bytes"], &whole["file_bytes"]),
        (&json!(bytes), &json!(bytes))
    );
    assert_eq!(whole["gzip"], false);
    let entries = journal(&place, &first.project).len() + journal(&place, &second.project).len();
    assert_eq!(whole["entries"], entries);

    let plain = std::fs::read(&bundle).unwrap();
    let id = &first.project[..24];
    for (name, arguments, is_compressed) in [
        ("one.jsonl", &[][..], false),
        ("one.GZ", &[], true),
        ("zipped", &["--gzip"], true),
        ("plain.gz", &["--no-gzip"], false),
    ] {
        let command = [&["export", name, id], arguments].concat();
        let answer = place.json(&command);
        assert_eq!(answer["projects"], 1);
        assert_eq!(answer["gzip"], is_compressed, "{name}");
        let written = std::fs::read(place.path(name)).unwrap();
        assert_eq!(answer["file_bytes"], written.len());
        let bundle = if is_compressed {
            decompressed(&written)
        } else {
            written
        };
        assert_eq!(answer["bytes"], bundle.len());
        assert_eq!(without_origin(&bundle), without_origin(&plain), "{name}");
        let other = Place::new();
        other.json(&["import", path(&place.path(name))]);
        assert_eq!(
            journal(&other, &first.project),
            journal(&place, &first.project)
        );
    }
    let told = place.text(&["export", "told.jsonl"]);
    assert!(told.starts_with("exported 2 projects to "), "{told}");
    place.refuses(
        &["export", "no.jsonl", "01KDWPVNG0"],
        "PROJECT_NOT_FOUND",
        1,
    );
    assert!(!place.path("no.jsonl").exists());

    // Everything into a store that isn't there yet; and of one with nothing in it.
    let other = Place::new();
    other.json(&["import", path(&place.path("all.jsonl"))]);
    assert_eq!(list(&other.json(&["project", "list"])).len(), 2);
    for project in [first.project, second.project] {
        other.json(&["project", "delete", &project, "--yes"]);
    }
    assert_eq!(other.json(&["export", "none.jsonl"])["projects"], 0);
    let told = other.text(&["import", "none.jsonl"]);
    assert!(told.starts_with("imported 0 projects from "), "{told}");
}

#[test]
fn r49_a_bundle_goes_through_a_pipe() {
    let (place, imported, bundle) = half_way();
    for options in [&[][..], &["--gzip"]] {
        let export = [&["export", "-", &imported.project], options].concat();
        let written = place.command(&export).output().unwrap();
        assert!(written.status.success() && written.stderr.is_empty());
        let is_compressed = !options.is_empty();
        let text = if is_compressed {
            decompressed(&written.stdout)
        } else {
            written.stdout.clone()
        };
        assert_eq!(
            without_origin(&text),
            without_origin(&std::fs::read(&bundle).unwrap())
        );

        let other = Place::new();
        let mut import = other.command(&["import", "-", "--json"]);
        let mut import = import
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = import.stdin.take().unwrap();
        // Byte by byte at first: what it is, is not known from one.
        for byte in written.stdout[..30].chunks(1) {
            stdin.write_all(byte).unwrap();
        }
        stdin.write_all(&written.stdout[30..]).unwrap();
        drop(stdin);
        let answer = Answer::of(&import.wait_with_output().unwrap()).success();
        let answer: Value = serde_json::from_str(&answer.out).unwrap();
        assert_eq!(answer["file"], "stdin");
        assert_eq!(
            journal(&other, &imported.project),
            journal(&place, &imported.project)
        );
    }
    // A trajectory comes that way too.
    let other = Place::new();
    let file = File::open(crate::program::sample("parser-fix.traj")).unwrap();
    let mut import = other.command(&["import", "-"]);
    Answer::of(&import.stdin(file).output().unwrap()).success();
    assert_eq!(list(&other.json(&["project", "list"]))[0]["name"], "stdin");
}

#[test]
fn r49_a_deleted_project_comes_back_only_if_that_is_said() {
    let (place, imported, bundle) = half_way();
    let history = journal(&place, &imported.project);
    place.json(&["project", "delete", &imported.project, "--yes"]);
    place
        .refuses(&["import", path(&bundle)], "REMOVED", 1)
        .says(&imported.project);
    place.json(&["import", path(&bundle), "--bring-back"]);
    assert_eq!(journal(&place, &imported.project), history);
    place.is_sound();
    let again = ["import", path(&bundle), "--bring-back"];
    place.refuses(&again, "PROJECT_EXISTS", 1);
}

#[test]
fn r74_what_is_no_whole_sound_bundle_is_refused_with_its_place_and_makes_no_store() {
    let (place, _, bundle) = half_way();
    let whole = std::fs::read(&bundle).unwrap();
    let text = String::from_utf8(whole.clone()).unwrap();
    let lines = text.lines().count();
    let gzip = compressed(&whole);
    let altered = text.replacen("\"revision\":3", "\"revision\":4", 1);
    let future = text.replacen("\"v\":1", "\"v\":2", 1);
    let mut flipped = gzip.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 0x10;
    let mut wrong_sum = gzip.clone();
    let sum = wrong_sum.len() - 6;
    wrong_sum[sum] ^= 1;
    let cut = whole[..whole.len() - 1].to_vec();
    let line_of_end = format!("line {lines} ");
    for (name, bytes, code, found) in [
        ("cut", cut.clone(), "BUNDLE_INVALID", &*line_of_end),
        ("cut gzip", compressed(&cut), "BUNDLE_INVALID", &line_of_end),
        ("altered", altered.into_bytes(), "BUNDLE_INVALID", "line "),
        ("of the future", future.into_bytes(), "TOO_NEW", "line 1 "),
        (
            "twice",
            [&whole[..], &whole].concat(),
            "BUNDLE_INVALID",
            "nothing after the end",
        ),
        (
            "twice gzip",
            [&gzip[..], &gzip].concat(),
            "BUNDLE_INVALID",
            "nothing after the end",
        ),
        (
            "gzip of something else",
            compressed(b"{}\n"),
            "BUNDLE_INVALID",
            "line 1 ",
        ),
        ("a broken gzip", flipped, "BUNDLE_INVALID", ""),
        ("a wrong sum", wrong_sum, "BUNDLE_INVALID", "byte "),
        (
            "more behind the gzip",
            [&gzip[..], b"x"].concat(),
            "BUNDLE_INVALID",
            "byte ",
        ),
        (
            "a cut gzip",
            gzip[..gzip.len() - 9].to_vec(),
            "BUNDLE_INVALID",
            "found the end of the file",
        ),
        ("no gzip", b"\x1f\x8bno".to_vec(), "BUNDLE_INVALID", "byte "),
    ] {
        let file = place.write("bad.bundle", bytes);
        let new = Place::new();
        let import = ["import", path(&file)];
        let refusal = new.refusal(&import);
        assert_eq!(refusal.code, code, "{name}: {}", refusal.message);
        assert!(
            refusal.message.contains(found),
            "{name}: {}",
            refusal.message
        );
        assert_eq!(refusal.exit, if code == "TOO_NEW" { 3 } else { 1 });
        assert!(!new.store().exists(), "{name}");
        let copy = ["import", path(&file), "--as-copy"];
        place.refuses(&copy, code, refusal.exit);
    }
    std::fs::create_dir(place.path("folder")).unwrap();
    for (name, found) in [("folder", "directory"), ("missing", "No such file")] {
        place
            .refuses(&["import", name], "FILE_UNREADABLE", 1)
            .says(found);
    }
}

#[test]
fn r74_a_bundle_over_a_limit_is_refused_before_its_end_unless_the_limit_is_raised() {
    let (place, _, bundle) = half_way();
    let length = std::fs::metadata(&bundle).unwrap().len();
    let lines = std::fs::read_to_string(&bundle).unwrap().lines().count();
    for (option, limit, least) in [
        ("--max-bytes", "bytes in all", length),
        ("--max-lines", "lines", lines as u64),
    ] {
        let enough = least.to_string();
        let other = Place::new();
        let less = (least - 1).to_string();
        let import = ["import", path(&bundle), option, &less];
        other.refuses(&import, "BUNDLE_TOO_LARGE", 1).says(limit);
        other.json(&["import", path(&bundle), option, &enough]);
    }
    let short = [
        "import",
        path(&bundle),
        "--max-line-bytes",
        "200",
        "--as-copy",
    ];
    place
        .refuses(&short, "BUNDLE_TOO_LARGE", 1)
        .says("bytes in a line");

    // What grows beyond measure: 64 MiB of nothing, and as much again behind it.
    let text = std::fs::read_to_string(&bundle).unwrap();
    let begun: Vec<_> = text.lines().take(3).collect();
    let (start, _) = begun[2].split_once("\"entry\":").unwrap();
    let mut bomb = format!(
        "{}\n{}\n{start}\"entry\":{{\"v\":1,\"x\":\"",
        begun[0], begun[1]
    );
    bomb.push_str(&"a".repeat(64 << 20));
    let bomb = place.write("bomb.gz", compressed(bomb.as_bytes()));
    let import = ["import", path(&bomb), "--as-copy"];
    place
        .refuses(&import, "BUNDLE_TOO_LARGE", 1)
        .says("at most 200 times as many bytes");
    let import = ["import", path(&bomb), "--as-copy", "--max-ratio", "100000"];
    place.refuses(&import, "BUNDLE_INVALID", 1).says("line 3 ");
    // 2 GiB, and nothing in them behind the bundle: that ends it.
    let huge = place.write("huge.jsonl", text);
    File::options()
        .append(true)
        .open(&huge)
        .unwrap()
        .set_len(2 << 30)
        .unwrap();
    let import = ["import", path(&huge), "--as-copy"];
    place
        .refuses(&import, "BUNDLE_INVALID", 1)
        .says("nothing after the end");
}

#[test]
fn r74_a_file_that_changes_while_it_is_read_is_told_as_that() {
    let (place, _, bundle) = half_way();
    let is_over = AtomicBool::new(false);
    let refusal = std::thread::scope(|scope| {
        scope.spawn(|| {
            let file = File::options().append(true).open(&bundle).unwrap();
            let mut time = SystemTime::now();
            while !is_over.load(Ordering::SeqCst) {
                time += Duration::from_secs(1);
                file.set_modified(time).unwrap();
            }
        });
        let answer = place.run(&["import", path(&bundle), "--as-copy", "--json"]);
        is_over.store(true, Ordering::SeqCst);
        answer.refusal()
    });
    assert_eq!((&*refusal.code, refusal.exit), ("FILE_CHANGED", 1));
    refusal.says("found that it was written to");
    assert_eq!(list(&place.json(&["project", "list"])).len(), 1);
    place.json(&["import", path(&bundle), "--as-copy"]);
}

#[test]
fn r49_each_way_in_which_an_export_is_refused_has_its_code() {
    let (place, imported, _) = half_way();
    place.write("taken.jsonl", "somebody's");
    std::fs::create_dir(place.path("folder")).unwrap();
    let before = files_in(&place.path(""));
    for (to, code) in [
        ("taken.jsonl", "FILE_EXISTS"),
        ("store.db", "FILE_IS_THE_STORE"),
        ("store.db-wal", "FILE_IS_THE_STORE"),
        ("folder", "FILE_UNWRITABLE"),
        ("missing/work.jsonl", "FILE_UNWRITABLE"),
    ] {
        let export = ["export", to, &imported.project];
        place.refuses(&export, code, 1).says("found ");
    }
    assert_eq!(
        std::fs::read(place.path("taken.jsonl")).unwrap(),
        b"somebody's"
    );
    assert_eq!(files_in(&place.path("")), before);
    let sample = crate::program::sample("cache-race.traj");
    for wrong in [
        &["export", "new.jsonl", "--gzip", "--no-gzip"][..],
        &["import", "work.jsonl", "--as-copy", "--bring-back"],
        &["import", "work.jsonl", "--max-bytes", "-1"],
        &["import", path(&sample), "--as-copy"],
        &["import", path(&sample), "--max-lines", "7"],
    ] {
        place.refuses(wrong, "USAGE", 2);
    }
    assert_eq!(files_in(&place.path("")), before);
    let nowhere = place.on_store("nowhere.db");
    nowhere.refuses(&["export", "new.jsonl"], "UNAVAILABLE", 3);
    assert!(!nowhere.path("new.jsonl").exists());
}

fn until(mut is_so: impl FnMut() -> bool) {
    let patience = Instant::now() + Duration::from_mins(2);
    while !is_so() {
        assert!(Instant::now() < patience, "it never comes");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// A place with a project of some dozens of megabytes.
fn large() -> (Place, Imported) {
    let place = Place::new();
    let steps: Vec<_> = (0..24)
        .map(
            |n| json!({ "action": "a", "observation": format!("{n} {}", "text ".repeat(180_000)) }),
        )
        .collect();
    let file = place.write("large.traj", json!({ "trajectory": steps }).to_string());
    let imported = place.import(&file);
    (place, imported)
}

fn interrupt(child: &std::process::Child) {
    let kill = Command::new("kill")
        .args(["-s", "INT", &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
}

#[test]
fn r49_an_interrupted_export_or_import_leaves_nothing_and_says_that_it_was_cancelled() {
    let (place, imported) = large();
    let folder = place.path("bundles");
    std::fs::create_dir(&folder).unwrap();
    let export = place.command(&["export", "bundles/large.jsonl.gz", "--json"]);
    let mut export = that_can_be_interrupted(&export);
    export.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = export.spawn().unwrap();
    until(|| !files_in(&folder).is_empty());
    let name = files_in(&folder).remove(0);
    assert!(name.ends_with(".unfinished"), "{name}");
    interrupt(&child);
    let refusal = Answer::of(&child.wait_with_output().unwrap()).refusal();
    assert_eq!((refusal.code.as_str(), refusal.exit), ("CANCELLED", 1));
    assert!(files_in(&folder).is_empty());

    place.text(&["export", "large.jsonl"]);
    let before = place.tables().len();
    // It is said how many plans can go on when the store was opened: then the import begins.
    let copy = [
        "import",
        "large.jsonl",
        "--as-copy",
        "--resume-detection",
        "on",
    ];
    let mut import = that_can_be_interrupted(&place.command(&copy));
    import.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = import.spawn().unwrap();
    let mut stderr = child.stderr.take().unwrap();
    let mut said = vec![0; 16];
    stderr.read_exact(&mut said).unwrap();
    interrupt(&child);
    stderr.read_to_end(&mut said).unwrap();
    let said = String::from_utf8(said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1), "{said}");
    assert!(
        said.contains("CANCELLED: expected the import to be finished"),
        "{said}"
    );
    assert_eq!(place.tables().len(), before);
    assert_eq!(list(&place.json(&["project", "list"])).len(), 1);
    assert_eq!(
        place.plan(&imported.plan)["steps"]
            .as_array()
            .unwrap()
            .len(),
        24
    );
}

#[test]
fn r45_r49_an_import_that_is_killed_is_whole_or_not_there() {
    let (place, _) = large();
    place.text(&["export", "large.jsonl"]);
    let mut projects = 1;
    for n in 0..10 {
        let mut import = place.command(&["import", "large.jsonl", "--as-copy"]);
        let mut import = import.stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(n * 150));
        import.kill().unwrap();
        import.wait().unwrap();
        let now = list(&place.json(&["project", "list"])).len();
        assert!(
            now == projects || now == projects + 1,
            "{projects}, then {now}"
        );
        projects = now;
    }
    place.is_sound();
}
