//! R49: `backup`, and backups before a command writes.

use crate::program::{
    Answer, Imported, Place, connect, document, integrity, list, sample, that_can_be_interrupted,
};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

fn files_in(folder: &Path) -> Vec<String> {
    let files = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A place whose store is so large that a backup of it takes a while, and a folder for backups.
fn with_folder(megabytes: u32) -> (Place, Imported, PathBuf) {
    let (place, imported) = Place::with("parser-fix.traj");
    let fill = "INSERT INTO blobs (project, digest, body) VALUES ('', ?1, zeroblob(1000000))";
    let by_hand = place.sql();
    by_hand.execute_batch("BEGIN").unwrap();
    for n in 0..megabytes {
        by_hand.execute(fill, [n.to_le_bytes()]).unwrap();
    }
    by_hand.execute_batch("COMMIT").unwrap();
    let folder = place.path("backups");
    std::fs::create_dir(&folder).unwrap();
    (place, imported, folder)
}

#[test]
fn r49_a_backup_is_a_store_that_commands_work_on() {
    let (place, imported, folder) = with_folder(0);
    place.text(&["plan", "run", &imported.plan, "--steps", "2"]);
    let file = folder.join("backup.db");
    let to = file.to_str().unwrap();
    let told = place.text(&["backup", to]);
    assert!(told.starts_with("backed up to "), "{told}");
    let again = folder.join("again.db");
    let answer = place.json(&["backup", again.to_str().unwrap()]);
    assert_eq!(answer["file"], again.to_str().unwrap());
    assert_eq!(answer["store"], place.store().to_str().unwrap());
    assert_eq!(answer["bytes"], std::fs::metadata(&again).unwrap().len());
    assert_eq!(files_in(&folder), ["again.db", "backup.db"]);
    let logged = place.run(&["backup", to, "--log", "debug"]);
    assert_eq!(logged.exit, 1);
    assert!(
        logged.err.contains("refused what=backup code=FILE_EXISTS"),
        "{}",
        logged.err
    );

    let before = place.tables();
    let copy = Place::new().on_store(&file);
    assert_eq!(copy.tables(), before);
    copy.is_sound();
    assert_eq!(
        copy.plan(&imported.plan)["progress"]["last_completed_step"],
        1
    );
    copy.text(&["plan", "run", &imported.plan]);
    copy.is_sound();
    assert_eq!(
        place.tables(),
        before,
        "what is done to the copy is not done to the store"
    );
}

#[test]
fn r49_each_way_in_which_a_backup_is_refused_has_its_code() {
    let (place, _, folder) = with_folder(0);
    let taken = folder.join("taken.db");
    std::fs::write(&taken, "somebody's").unwrap();
    std::fs::hard_link(place.store(), folder.join("linked.db")).unwrap();
    std::os::unix::fs::symlink(place.store(), folder.join("symlinked.db")).unwrap();
    let before = files_in(&folder);
    for (to, code) in [
        ("backups/taken.db", "FILE_EXISTS"),
        ("store.db", "FILE_IS_THE_STORE"),
        ("./backups/../store.db", "FILE_IS_THE_STORE"),
        ("store.db-wal", "FILE_IS_THE_STORE"),
        ("backups/linked.db", "FILE_IS_THE_STORE"),
        ("backups/symlinked.db", "FILE_IS_THE_STORE"),
        ("backups", "FILE_UNWRITABLE"),
        ("missing/backup.db", "FILE_UNWRITABLE"),
    ] {
        place.refuses(&["backup", to], code, 1).says("found ");
    }
    assert_eq!(std::fs::read(&taken).unwrap(), b"somebody's");
    assert_eq!(files_in(&folder), before);

    let nowhere = place.on_store("nowhere.db");
    nowhere.refuses(&["backup", "backups/new.db"], "UNAVAILABLE", 3);
    let other = nowhere.write("other.db", "no database");
    let other = nowhere.on_store(other);
    let refusal = other.refusal(&["backup", "backups/new.db"]);
    assert_eq!((refusal.code.as_str(), refusal.exit), ("NOT_A_STORE", 3));
    assert_eq!(files_in(&folder), before);
}

fn until(mut is_so: impl FnMut() -> bool) {
    let patience = Instant::now() + Duration::from_mins(2);
    while !is_so() {
        assert!(Instant::now() < patience, "it never comes");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Sends a signal to a program.
fn signal(name: &str, program: &std::process::Child) {
    let kill = Command::new("kill")
        .args(["-s", name, &program.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
}

#[test]
fn r49_an_interrupted_backup_leaves_nothing_and_says_that_it_was_cancelled() {
    let (place, _, folder) = with_folder(20);
    let mut interrupted = 0;
    // One that was through before it could be stopped says nothing.
    for n in 0..100 {
        if interrupted == 4 {
            break;
        }
        let name = format!("{n}.db");
        let backup = place.command(&["backup", &format!("backups/{name}"), "--json"]);
        let mut backup = that_can_be_interrupted(&backup);
        backup.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = backup.spawn().unwrap();
        let is_unfinished =
            |name: &String| name.starts_with("holdpoint-backup-") && name.ends_with(".unfinished");
        until(|| !files_in(&folder).is_empty() || child.try_wait().unwrap().is_some());
        let mut is_stopped_half_way = false;
        if child.try_wait().unwrap().is_none() {
            signal("STOP", &child);
            is_stopped_half_way = files_in(&folder).iter().any(is_unfinished);
            signal(["INT", "TERM"][interrupted % 2], &child);
            signal("CONT", &child);
        }
        let answer = Answer::of(&child.wait_with_output().unwrap());
        if is_stopped_half_way && answer.exit != 0 {
            let refusal = answer.refusal();
            assert_eq!((refusal.code.as_str(), refusal.exit), ("CANCELLED", 1));
            assert!(files_in(&folder).is_empty());
            interrupted += 1;
        } else {
            assert_eq!(files_in(&folder), [&*name]);
            std::fs::remove_file(folder.join(name)).unwrap();
        }
    }
    assert_eq!(interrupted, 4);
}

#[test]
fn r45_r49_a_backup_that_is_killed_beside_a_program_that_works_is_whole_or_not_there() {
    let (place, imported, folder) = with_folder(12);
    let (mut whole, mut left) = (0, 0);
    let mut steps = 0;
    for n in 0..24_u64 {
        let name = format!("{n}.db");
        let mut backup = place.command(&["backup", &format!("backups/{name}")]);
        let mut backup = backup.stdout(Stdio::null()).spawn().unwrap();
        let mut write =
            place.command(&["checkpoint", "create", &imported.project, "--name", &name]);
        let mut write = write.stdout(Stdio::null()).spawn().unwrap();
        // Some are killed as soon as they write, others when they are nearly through.
        let unfinished = || {
            files_in(&folder)
                .iter()
                .any(|name| name.ends_with(".unfinished"))
        };
        until(|| unfinished() || backup.try_wait().unwrap().is_some());
        std::thread::sleep(Duration::from_millis(n * 3));
        backup.kill().unwrap();
        backup.wait().unwrap();
        assert!(write.wait().unwrap().success());
        steps += 1;
        let file = folder.join(&name);
        if file.exists() {
            whole += 1;
            assert_eq!(integrity(&connect(&file)), "ok");
            let copy = Place::new().on_store(&file);
            assert_eq!(list(&copy.json(&["project", "list"])).len(), 1);
        }
        for unfinished in files_in(&folder) {
            if unfinished.contains(".unfinished") {
                left += 1;
                std::fs::remove_file(folder.join(unfinished)).unwrap();
            }
        }
        assert_eq!(files_in(&folder).len(), whole, "nothing else is left");
    }
    println!("of 24 backups that were killed {whole} were whole, {left} left something behind");
    assert!(left > 0);
    place
        .sql()
        .execute("DELETE FROM blobs WHERE project = ''", [])
        .unwrap();
    place.is_sound();
    let checkpoints = list(&place.json(&["checkpoint", "list", &imported.project]));
    assert_eq!(
        checkpoints.len(),
        steps + 1,
        "the plan's start brought one more"
    );
}

#[test]
fn r49_a_backup_is_made_before_a_command_writes_and_only_then() {
    let (place, imported, folder) = with_folder(0);
    let run = |arguments: &[&str]| {
        let mut command = place.command(arguments);
        command.env("HOLDPOINT_BACKUP_ON_OPEN", &folder);
        Answer::of(&command.output().unwrap())
    };
    for reading in [
        &["project", "list"][..],
        &["plan", "show", &imported.plan],
        &["history", &imported.project],
        &["verify"],
        &["resumable"],
        &["settings"],
        &["plan", "rollback", &imported.plan, "--dry-run"],
        &["step", "show", &imported.plan, "0"],
        &["context", "list", &imported.project],
    ] {
        run(reading);
        assert!(files_in(&folder).is_empty(), "{reading:?}");
    }
    let before = place.tables();
    let pause = ["project", "pause", &imported.project, "--json"];
    document(&run(&pause).success().out);
    let names = files_in(&folder);
    let [name] = &names[..] else {
        panic!("one backup: {names:?}")
    };
    assert!(
        name.starts_with("store-") && name.ends_with("Z.db"),
        "{name}"
    );
    assert_eq!(Place::new().on_store(folder.join(name)).tables(), before);
    // Again there is something new, and then there is nothing.
    for expected in [2, 2, 2] {
        assert_eq!(run(&pause).success().err, "");
        assert_eq!(files_in(&folder).len(), expected);
    }
    // The option outweighs the variable, and how many are kept can be said.
    run(&[
        "project",
        "resume",
        &imported.project,
        "--backup-on-open",
        "off",
    ])
    .success();
    assert_eq!(files_in(&folder).len(), 2);
    run(&["project", "stop", &imported.project, "--backup-keep", "1"]).success();
    assert_eq!(files_in(&folder).len(), 1);
    assert!(!files_in(&folder).contains(name), "the oldest went");
}

#[test]
fn r49_a_command_whose_backup_fails_is_refused_and_says_how_to_go_on_without() {
    let (place, imported) = Place::with("parser-fix.traj");
    let pause = ["project", "pause", &imported.project];
    let with = ["--backup-on-open", "missing"];
    let refusal = place.refuses(&[&pause[..], &with].concat(), "FILE_UNWRITABLE", 1);
    refusal.says("found no folder");
    refusal.says("`--backup-on-open off` goes on without");
    // A store that isn't there yet is made all the same, and reading goes on.
    let new = Place::new();
    let create = ["project", "create", "New", "--backup-on-open", "missing"];
    new.text(&create);
    new.text(&["project", "list", "--backup-on-open", "missing"]);
    place.text(&[&pause[..], &["--backup-on-open", "off"]].concat());
    // What would be refused without a backup too says nothing of one.
    let other = new.write("other.db", "no database");
    let other = new.on_store(other);
    let refusal = other.refusal(&["project", "create", "New", "--backup-on-open", "."]);
    assert_eq!(refusal.code, "NOT_A_STORE");
    assert!(!refusal.message.contains("backup"), "{}", refusal.message);
}

#[test]
fn r49_a_backup_beside_a_program_that_works_is_sound() {
    let (place, imported, folder) = with_folder(20);
    let mut run = place.command(&["plan", "run", &imported.plan, "--json"]);
    let mut run = run.stdout(Stdio::null()).spawn().unwrap();
    let mut backups = 0;
    while backups < 2 || run.try_wait().unwrap().is_none() {
        let file = folder.join(format!("{backups}.db"));
        place.json(&["backup", file.to_str().unwrap()]);
        assert_eq!(integrity(&connect(&file)), "ok");
        // What was put there by hand is nobody's body.
        let sweep = "DELETE FROM blobs WHERE project = ''";
        connect(&file).execute(sweep, []).unwrap();
        Place::new().on_store(file).is_sound();
        backups += 1;
    }
    assert!(run.wait().unwrap().success());
    assert_eq!(files_in(&folder).len(), backups);
    let plans = list(&place.json(&["plan", "list"]));
    assert_eq!(plans[0]["state"], "completed");
}

#[test]
fn r49_imports_are_backed_up_before_too() {
    let (place, _, folder) = with_folder(0);
    let file = sample("cache-race.traj");
    let import = [
        "import",
        file.to_str().unwrap(),
        "--backup-on-open",
        "backups",
    ];
    place.text(&import);
    assert_eq!(files_in(&folder).len(), 1);
}
