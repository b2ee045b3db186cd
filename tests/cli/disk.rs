//! Stores that cannot be written to: read-only files, a full disk.

use crate::program::{Answer, HOLDPOINT, Imported, Place, document, list, sample};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Somebody with no rights: Debian's `nobody`.
const NOBODY: u32 = 65534;

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|myself| myself.uid() == 0)
}

fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// A folder of a person to whom the operating system can say no: of this test's own user, or of
/// somebody with no rights where that is root, who may write to everything.
struct Restricted {
    place: Place,
    imported: Imported,
    program: PathBuf,
    as_nobody: bool,
}

impl Restricted {
    /// `None`, with a message, where there is no way to be somebody else.
    fn new() -> Option<Self> {
        let (place, imported) = Place::with("parser-fix.traj");
        place.text(&["plan", "run", &imported.plan, "--steps", "2"]);
        let as_nobody = is_root();
        let mut program = PathBuf::from(HOLDPOINT);
        if as_nobody {
            let can_change = Command::new("setpriv").arg("--version").output().is_ok();
            if !can_change {
                println!("skipped: root can write anyway, and there is no `setpriv`");
                return None;
            }
            // The build folder may be one that only root can enter.
            program = place.path("holdpoint");
            // By another process: a program that another test starts meanwhile would inherit the
            // file while it is written to, and such a file cannot be started (ETXTBSY).
            let copied = Command::new("cp").arg(HOLDPOINT).arg(&program).status();
            assert!(copied.unwrap().success());
            for path in [place.path(""), place.store().to_owned(), program.clone()] {
                set_mode(&path, 0o755);
                chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
            }
        }
        Some(Self {
            place,
            imported,
            program,
            as_nobody,
        })
    }

    fn run(&self, arguments: &[&str]) -> Answer {
        let mut command = if self.as_nobody {
            let mut command = Command::new("setpriv");
            command
                .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
                .arg(&self.program);
            command
        } else {
            Command::new(&self.program)
        };
        command
            .args(arguments)
            .arg("--json")
            .env("HOLDPOINT_STORE", self.place.store())
            .current_dir(self.place.path(""));
        Answer::of(&command.output().unwrap())
    }

    fn cannot_write(&self) {
        let before = std::fs::read(self.place.store()).unwrap();
        let file = sample("cache-race.traj");
        std::fs::copy(file, self.place.path("cache-race.traj")).ok();
        for command in [
            &["plan", "run", &self.imported.plan][..],
            &["project", "pause", &self.imported.project],
            &["project", "delete", &self.imported.project, "--yes"],
            &["import", "cache-race.traj"],
            &["reindex"],
        ] {
            let refusal = self.run(command).refusal();
            assert_eq!(
                (refusal.code.as_str(), refusal.exit),
                ("UNAVAILABLE", 3),
                "{command:?}"
            );
            refusal.says("readonly");
        }
        assert_eq!(std::fs::read(self.place.store()).unwrap(), before);
    }

    fn can_write(&self) {
        let answer = self.run(&["plan", "run", &self.imported.plan, "--steps", "1"]);
        assert_eq!(answer.exit, 0, "{}", answer.err);
        assert_eq!(document(&answer.out)["last_completed_step"], 2);
        self.place.is_sound();
    }
}

#[test]
fn r75_a_read_only_store_can_be_read_and_not_written() {
    let Some(somebody) = Restricted::new() else {
        return;
    };
    set_mode(somebody.place.store(), 0o444);
    let shown = somebody
        .run(&["project", "show", &somebody.imported.project])
        .success();
    assert_eq!(document(&shown.out)["name"], "parser-fix");
    somebody.cannot_write();
}

#[test]
fn r75_a_store_that_was_read_only_can_be_written_once_it_no_longer_is() {
    let Some(somebody) = Restricted::new() else {
        return;
    };
    set_mode(somebody.place.store(), 0o444);
    somebody.run(&["project", "list"]).success();
    somebody.cannot_write();
    set_mode(somebody.place.store(), 0o644);
    somebody.can_write();
}

#[test]
fn r75_a_store_in_a_read_only_folder_is_refused_and_works_again_once_it_no_longer_is() {
    let Some(somebody) = Restricted::new() else {
        return;
    };
    set_mode(&somebody.place.path(""), 0o555);
    somebody.cannot_write();
    set_mode(&somebody.place.path(""), 0o755);
    somebody.can_write();
}

#[test]
fn a_store_that_may_not_be_read_is_unavailable() {
    let Some(somebody) = Restricted::new() else {
        return;
    };
    set_mode(somebody.place.store(), 0o000);
    let refusal = somebody.run(&["project", "list"]).refusal();
    assert_eq!((refusal.code.as_str(), refusal.exit), ("UNAVAILABLE", 3));
    set_mode(somebody.place.store(), 0o644);
    somebody.can_write();
}

#[test]
fn r49_r75_a_read_only_store_is_backed_up_and_a_read_only_folder_is_unwritable() {
    let Some(somebody) = Restricted::new() else {
        return;
    };
    set_mode(somebody.place.store(), 0o400);
    somebody.run(&["backup", "backup.db"]).success();
    let backup = somebody.place.path("backup.db");
    let mode = std::fs::metadata(&backup).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "it may be written to, and read by nobody else");
    set_mode(somebody.place.store(), 0o644);

    let closed = somebody.place.path("closed");
    std::fs::create_dir(&closed).unwrap();
    set_mode(&closed, 0o555);
    let refusal = somebody.run(&["backup", "closed/backup.db"]).refusal();
    assert_eq!(
        (refusal.code.as_str(), refusal.exit),
        ("FILE_UNWRITABLE", 1)
    );
    assert_eq!(std::fs::read_dir(&closed).unwrap().count(), 0);
    let pause = ["project", "pause", &somebody.imported.project];
    let refusal = somebody
        .run(&[&pause[..], &["--backup-on-open", "closed"]].concat())
        .refusal();
    assert_eq!(refusal.code, "FILE_UNWRITABLE");
    somebody.can_write();
}

/// A disk of its own, small enough to fill.
struct SmallDisk {
    place: Place,
    folder: PathBuf,
}

impl SmallDisk {
    /// `None`, with a message, where none can be mounted.
    fn new(kilobytes: u32) -> Option<Self> {
        let place = Place::new();
        let folder = place.path("disk");
        std::fs::create_dir(&folder).unwrap();
        let size = format!("size={kilobytes}k");
        let mounted = is_root()
            && Command::new("mount")
                .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
                .arg(&folder)
                .output()
                .is_ok_and(|output| output.status.success());
        if !mounted {
            println!("skipped: no small disk can be mounted here");
            return None;
        }
        Some(Self {
            place: place.on_store(folder.join("store.db")),
            folder,
        })
    }

    /// Fills the disk, but for so many kilobytes.
    fn fill(&self, but_kilobytes: u64) {
        let filler = self.folder.join("filler");
        let _ = std::fs::remove_file(&filler);
        // Written until nothing more fits, which is the point.
        let mut file = std::fs::File::create(&filler).unwrap();
        while std::io::Write::write_all(&mut file, &[0; 1024]).is_ok() {}
        let all = file.metadata().unwrap().len();
        file.set_len(all.saturating_sub(but_kilobytes * 1024))
            .unwrap();
    }

    fn free(&self) {
        std::fs::remove_file(self.folder.join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.folder).output();
    }
}

/// With so much room left, a run gets so far and no farther; with room again, it goes on there.
fn runs_out_of_room(but_kilobytes: u64) {
    let Some(disk) = SmallDisk::new(1_000) else {
        return;
    };
    let place = &disk.place;
    let imported = place.import(&sample("parser-fix.traj"));
    place.text(&["plan", "run", &imported.plan, "--steps", "1"]);
    disk.fill(but_kilobytes);
    let run = ["plan", "run", &imported.plan, "--json"];
    let refusal = place.run(&run).refusal();
    assert_eq!(
        (refusal.code.as_str(), refusal.exit),
        ("QUOTA_EXCEEDED", 3),
        "with {but_kilobytes} kB left: {}",
        refusal.message
    );
    disk.free();
    place.is_sound();
    let plan = place.plan(&imported.plan);
    let last = plan["progress"]["last_completed_step"].as_u64().unwrap();
    for (step, index) in list(&plan["steps"]).iter().zip(0..) {
        assert_eq!(step["state"] == "completed", index <= last, "step {index}");
        assert_eq!(!step["output"].is_null(), index <= last, "step {index}");
    }
    let answer = place.json(&["plan", "run", &imported.plan]);
    assert_eq!(answer["state"], "completed");
    assert_eq!(answer["steps_completed"], imported.steps as u64 - last - 1);
    place.is_sound();
}

#[test]
fn r75_a_disk_that_is_full_at_a_commit_is_said_to_be_full_and_nothing_is_half_done() {
    for but_kilobytes in [36, 48, 64, 100] {
        runs_out_of_room(but_kilobytes);
    }
}

#[test]
fn r75_a_disk_with_no_room_at_all_is_said_to_be_full() {
    for but_kilobytes in [0, 4, 16] {
        runs_out_of_room(but_kilobytes);
    }
}

#[test]
fn r49_r75_a_backup_that_does_not_fit_is_refused_with_the_command_that_it_was_to_precede() {
    let Some(disk) = SmallDisk::new(1_000) else {
        return;
    };
    let place = &disk.place;
    let imported = place.import(&sample("parser-fix.traj"));
    disk.fill(60);
    let folder = disk.folder.to_str().unwrap();
    let run = ["plan", "run", &imported.plan, "--backup-on-open", folder];
    place
        .refuses(&run, "QUOTA_EXCEEDED", 3)
        .says("goes on without");
    let backup = disk.folder.join("backup.db");
    place.refuses(&["backup", backup.to_str().unwrap()], "QUOTA_EXCEEDED", 3);
    disk.free();
    let left = std::fs::read_dir(&disk.folder).unwrap();
    assert_eq!(left.count(), 1, "the store and nothing else");
    place.text(&run);
    place.is_sound();
}

#[test]
fn r75_an_import_that_does_not_fit_leaves_nothing() {
    let Some(disk) = SmallDisk::new(1_000) else {
        return;
    };
    let place = &disk.place;
    place.import(&sample("parser-fix.traj"));
    let observation = "o".repeat(900_000);
    let large = serde_json::json!({"trajectory": [{"action": "a", "observation": observation}]});
    let file = place.write("large.traj", large.to_string());
    let import = ["import", file.to_str().unwrap()];
    place.refuses(&import, "QUOTA_EXCEEDED", 3);
    place.is_sound();
    place.import(&sample("cache-race.traj"));
    assert_eq!(list(&place.json(&["project", "list"])).len(), 2);
}

#[test]
fn r75_a_store_that_cannot_be_made_for_want_of_room_can_be_made_later() {
    for but_kilobytes in [0, 8, 24, 60, 100] {
        let Some(disk) = SmallDisk::new(1_000) else {
            return;
        };
        disk.fill(but_kilobytes);
        let place = &disk.place;
        let file = sample("parser-fix.traj");
        let import = ["import", file.to_str().unwrap(), "--json"];
        let refusal = place.run(&import).refusal();
        assert_eq!(
            (refusal.code.as_str(), refusal.exit),
            ("QUOTA_EXCEEDED", 3),
            "with {but_kilobytes} kB left: {}",
            refusal.message
        );
        disk.free();
        place.import(&file);
        assert_eq!(list(&place.json(&["project", "list"])).len(), 1);
        place.is_sound();
    }
}

#[test]
fn r49_r75_an_export_that_does_not_fit_leaves_nothing_and_says_that_the_disk_is_full() {
    let Some(disk) = SmallDisk::new(4_000) else {
        return;
    };
    let place = &disk.place;
    let observation = "o".repeat(500_000);
    let large = serde_json::json!({"trajectory": [{"action": "a", "observation": observation}]});
    place.import(&place.write("large.traj", large.to_string()));
    disk.fill(300);
    let bundle = disk.folder.join("work.jsonl");
    let export = ["export", bundle.to_str().unwrap()];
    place
        .refuses(&export, "QUOTA_EXCEEDED", 3)
        .says("expected room");
    let left = std::fs::read_dir(&disk.folder).unwrap();
    let left = left.map(|file| file.unwrap().file_name().into_string().unwrap());
    let left: Vec<_> = left.filter(|name| !name.starts_with("store.db")).collect();
    assert_eq!(left, ["filler"]);
    disk.free();
    place.text(&export);
    let copy = ["import", bundle.to_str().unwrap(), "--as-copy"];
    place.text(&copy);

    // As little room for what comes in.
    disk.fill(300);
    place.refuses(&copy, "QUOTA_EXCEEDED", 3);
    disk.free();
    place.is_sound();
    assert_eq!(list(&place.json(&["project", "list"])).len(), 2);
}

#[test]
fn r49_r75_an_export_into_a_read_only_folder_is_refused() {
    let Some(somebody) = Restricted::new() else {
        return;
    };
    let folder = somebody.place.path("folder");
    std::fs::create_dir(&folder).unwrap();
    set_mode(&folder, 0o555);
    let refusal = somebody.run(&["export", "folder/work.jsonl"]).refusal();
    assert_eq!(
        (refusal.code.as_str(), refusal.exit),
        ("FILE_UNWRITABLE", 1)
    );
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    somebody.run(&["export", "work.jsonl"]).success();
    let bundle = somebody.place.path("work.jsonl");
    set_mode(&bundle, 0o000);
    let refusal = somebody
        .run(&["import", "work.jsonl", "--as-copy"])
        .refusal();
    assert_eq!(
        (refusal.code.as_str(), refusal.exit),
        ("FILE_UNREADABLE", 1)
    );
}
