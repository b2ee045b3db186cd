//! Disks that are full, and disks and files that may not be written to.

use crate::conformance::author::{Author, create, create_plan, project_id, rename};
use crate::conformance::observe::Everything;
use crate::{Sqlite, contents, failed_as, furnished};
use holdpoint::model::Blob;
use holdpoint::model::ErrorCode;
use holdpoint::storage::{SqliteStorage, Storage, StorageErrorKind};
use pollster::block_on;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A disk of its own, of a few megabytes. It takes root to have one.
pub(super) struct Disk(TempDir);

impl Disk {
    pub(super) fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        if mount(folder.path(), &["-t", "tmpfs", "-o", "size=8m", "tmpfs"]) {
            return Some(Self(folder));
        }
        eprintln!("skipped: only root can mount a small disk to fill");
        None
    }

    pub(super) fn path(&self) -> PathBuf {
        self.0.path().join("store.db")
    }

    /// Tried again for a while: a process that another test starts just now has every file open that
    /// is open here, until it is the program that it is to be, and no disk becomes read-only then.
    pub(super) fn remount(&self, how: &str) {
        let option = format!("remount,{how}");
        let is_done = (0..200).any(|_| {
            let is_done = mount(self.0.path(), &["-o", &option]);
            if !is_done {
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
            is_done
        });
        assert!(is_done, "expected the disk to be mounted {how}");
    }

    /// Takes all the room that is left.
    pub(super) fn fill(&self) {
        let mut size = 1 << 20;
        let mut ballast = fs::File::create(self.ballast()).unwrap();
        while size > 0 {
            if std::io::Write::write_all(&mut ballast, &vec![b'x'; size]).is_err() {
                size /= 2;
            }
        }
    }

    /// Takes all the room but so many KiB.
    pub(super) fn fill_but(&self, kibibytes: u64) {
        self.fill();
        let ballast = fs::OpenOptions::new().write(true).open(self.ballast());
        let ballast = ballast.unwrap();
        let size = ballast.metadata().unwrap().len();
        ballast
            .set_len(size.saturating_sub(kibibytes * 1024))
            .unwrap();
    }

    fn ballast(&self) -> PathBuf {
        self.0.path().join("ballast")
    }

    pub(super) fn folder(&self) -> &Path {
        self.0.path()
    }

    /// Takes away all that is on it.
    pub(super) fn empty(&self) {
        for file in fs::read_dir(self.folder()).unwrap() {
            fs::remove_file(file.unwrap().path()).unwrap();
        }
    }

    pub(super) fn make_room(&self) {
        // Emptied first: a process that another test starts just now may have it open for a moment.
        fs::File::create(self.ballast()).unwrap();
        fs::remove_file(self.ballast()).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        unmount(self.0.path());
    }
}

/// Makes a file read-only for everybody, root included, until it is unmounted: like a disk that is.
pub(super) fn make_read_only(file: &Path) {
    assert!(mount(file, &["--bind", file.to_str().unwrap()]));
    assert!(mount(file, &["-o", "remount,bind,ro"]));
}

pub(super) fn unmount(place: &Path) {
    let _ = Command::new("umount").arg("--lazy").arg(place).status();
}

fn mount(folder: &Path, arguments: &[&str]) -> bool {
    let mut command = Command::new("mount");
    command
        .args(arguments)
        .arg(folder)
        .stderr(std::process::Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[test]
fn a_full_disk_is_a_full_quota_and_leaves_nothing_half_written() {
    let Some(disk) = Disk::new() else { return };
    // No room for a store at all: nothing that isn't a store stays behind.
    disk.fill();
    let refused = SqliteStorage::open(disk.path()).unwrap_err();
    assert_eq!(refused.kind, StorageErrorKind::QuotaExceeded, "{refused}");
    disk.make_room();

    let storage = SqliteStorage::open(disk.path()).unwrap();
    let mut author = block_on(Author::furnish(&storage, project_id(1), 1));
    disk.fill();
    let before = block_on(Everything::of(&storage, &author));
    let commit = author.draft(create_plan(&"a long request ".repeat(60_000), 1));
    for _ in 0..3 {
        let refused = block_on(storage.append(commit.clone())).unwrap_err();
        failed_as(&refused, StorageErrorKind::QuotaExceeded, "SQLITE_FULL");
        assert_eq!(block_on(Everything::of(&storage, &author)), before);
        assert_eq!(
            block_on(storage.blob(author.id(), *commit.blobs[0].digest())),
            Ok(None)
        );
    }

    // The same object works again once there is room.
    disk.make_room();
    assert_eq!(block_on(storage.append(commit.clone())), Ok(commit.head()));
    author.follow(commit.entries());
    drop(storage);
    let storage = SqliteStorage::open(disk.path()).unwrap();
    assert_eq!(
        block_on(Everything::of(&storage, &author)).entries,
        author.entries()
    );
    block_on(author.append(&storage, rename("goes on")));
}

#[test]
fn a_disk_that_fills_up_among_several_commits_keeps_all_of_them_out() {
    let Some(disk) = Disk::new() else { return };
    let storage = SqliteStorage::open(disk.path()).unwrap();
    let there = block_on(Author::furnish(&storage, project_id(9), 9));
    let before = block_on(Everything::of(&storage, &there));
    // Each fits, and all of them don't.
    let (mut authors, mut commits) = (Vec::new(), Vec::new());
    for n in 1..=4 {
        let mut author = Author::new(project_id(n), n);
        let mut commit = author.write(create("large"));
        let body = |part| Blob::new(format!("{n} {part} ").repeat(200_000));
        commit.blobs = (0..4).map(body).collect();
        authors.push(author);
        commits.push(commit);
    }
    for _ in 0..2 {
        let refused = block_on(storage.append_all(commits.clone())).unwrap_err();
        failed_as(
            &refused.error,
            StorageErrorKind::QuotaExceeded,
            "SQLITE_FULL",
        );
        assert_eq!(refused.project, None);
        for (author, commit) in authors.iter().zip(&commits) {
            assert!(block_on(Everything::of(&storage, author)).is_gone());
            let bodies = commit.blobs.iter().map(|body| *body.digest()).collect();
            let found = block_on(storage.blobs(author.id(), bodies));
            assert_eq!(found, Ok(vec![None; 4]));
        }
        assert_eq!(block_on(Everything::of(&storage, &there)), before);
    }

    disk.remount("size=64m");
    let heads: Vec<_> = authors.iter().map(Author::present_head).collect();
    assert_eq!(block_on(storage.append_all(commits)), Ok(heads));
    drop(storage);
    let storage = SqliteStorage::open(disk.path()).unwrap();
    for author in &authors {
        let there = block_on(Everything::of(&storage, author));
        assert_eq!(there.entries, author.entries());
    }
}

#[test]
fn r49_r75_a_disk_that_is_full_in_the_middle_of_a_backup_is_a_full_quota_and_keeps_nothing_of_it() {
    let Some(disk) = Disk::new() else { return };
    let store = Sqlite::default();
    let author = furnished(&store);
    let fill = "INSERT INTO blobs (project, digest, body) VALUES ('', x'', zeroblob(9000000))";
    store.connect().execute(fill, []).unwrap();
    let (target, empty) = (disk.0.path().join("backup.db"), contents(disk.0.path()));
    let back_up = || SqliteStorage::backup_of(store.path(), &target, |_| ControlFlow::Continue(()));
    for _ in 0..2 {
        let refused = back_up().unwrap_err();
        assert_eq!(refused.code(), ErrorCode::QuotaExceeded, "{refused}");
        assert!(contents(disk.0.path()) == empty);
    }
    // With no room at all as well.
    disk.fill();
    let refused = back_up().unwrap_err();
    assert_eq!(refused.code(), ErrorCode::QuotaExceeded, "{refused}");
    disk.make_room();
    assert!(contents(disk.0.path()) == empty);
    disk.remount("ro");
    let refused = back_up().unwrap_err();
    assert_eq!(refused.code(), ErrorCode::FileUnwritable, "{refused}");

    disk.remount("rw");
    store
        .connect()
        .execute_batch("DELETE FROM blobs WHERE project = ''; VACUUM")
        .unwrap();
    back_up().unwrap();
    let copy = SqliteStorage::open(&target).unwrap();
    assert_eq!(block_on(copy.head(author.id())), Ok(author.head()));
}

#[test]
fn r49_r75_a_store_on_a_full_or_read_only_disk_can_be_backed_up_elsewhere() {
    let Some(disk) = Disk::new() else { return };
    let storage = SqliteStorage::open(disk.path()).unwrap();
    let author = block_on(Author::furnish(&storage, project_id(1), 1));
    let elsewhere = tempfile::tempdir().unwrap();
    let back_up = |name: &str| {
        let to = elsewhere.path().join(name);
        let made = SqliteStorage::backup_of(disk.path(), &to, |_| ControlFlow::Continue(()));
        made.unwrap();
        let copy = SqliteStorage::open(&to).unwrap();
        assert_eq!(block_on(copy.head(author.id())), Ok(author.head()));
    };
    disk.fill();
    back_up("of-full.db");
    disk.make_room();
    drop(storage);
    disk.remount("ro");
    back_up("of-read-only.db");
}

#[test]
fn a_disk_that_cannot_be_written_to_is_unavailable_and_stays_as_it_is() {
    let Some(disk) = Disk::new() else { return };
    let storage = SqliteStorage::open(disk.path()).unwrap();
    let mut author = block_on(Author::furnish(&storage, project_id(1), 1));
    let before = block_on(Everything::of(&storage, &author));
    drop(storage);
    disk.remount("ro");
    let bytes = contents(disk.0.path());
    unavailable(&disk.path(), &mut author);
    let missing = SqliteStorage::open(disk.0.path().join("new.db")).unwrap_err();
    assert_eq!(missing.kind, StorageErrorKind::Unavailable, "{missing}");
    assert!(contents(disk.0.path()) == bytes);

    disk.remount("rw");
    let storage = SqliteStorage::open(disk.path()).unwrap();
    assert_eq!(block_on(Everything::of(&storage, &author)), before);
    block_on(author.append(&storage, rename("goes on")));
}

#[test]
fn a_file_or_folder_that_may_not_be_written_to_is_unavailable_and_stays_as_it_is() {
    let store = Sqlite::default();
    let mut author = furnished(&store);
    let (file, folder) = (store.path(), store.0.path().to_owned());
    let bytes = contents(&folder);
    let allow = |path: &Path, allowed: bool| {
        let mut permissions = fs::metadata(path).unwrap().permissions();
        permissions.set_readonly(!allowed);
        fs::set_permissions(path, permissions).unwrap();
    };
    allow(&file, false);
    if fs::OpenOptions::new().append(true).open(&file).is_ok() {
        eprintln!("skipped: root may write to every file");
        return;
    }
    unavailable(&file, &mut author);
    allow(&folder, false);
    unavailable(&file, &mut author);
    allow(&file, true);
    unavailable(&file, &mut author);
    let missing = SqliteStorage::open(folder.join("new.db")).unwrap_err();
    assert_eq!(missing.kind, StorageErrorKind::Unavailable, "{missing}");
    allow(&folder, true);
    assert!(contents(&folder)[&file] == bytes[&file]);
    let storage = SqliteStorage::open(&file).unwrap();
    block_on(author.append(&storage, rename("goes on")));
}

/// It cannot be opened, or it can be and refuses to write: either way SQLite has said why.
fn unavailable(path: &Path, author: &mut Author) {
    let refused = match SqliteStorage::open(path) {
        Ok(storage) => block_on(storage.append(author.draft(rename("next")))).unwrap_err(),
        Err(refused) => refused.into(),
    };
    failed_as(&refused, StorageErrorKind::Unavailable, "SQLITE_");
}
