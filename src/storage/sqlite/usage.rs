//! How much room the file takes up, with those beside it.

use crate::storage::Usage;
use std::ffi::OsStr;
use std::path::Path;

/// The log and its index, which SQLite keeps beside the file while it is open.
const BESIDE: [&str; 2] = ["-wal", "-shm"];

pub(super) fn usage(path: &Path) -> Usage {
    let size = |path: &OsStr| std::fs::metadata(path).map(|file| file.len()).ok();
    let beside = BESIDE.map(|end| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        // One that isn't there takes up nothing.
        size(&name).unwrap_or(0)
    });
    Usage {
        bytes: size(path.as_os_str()).map(|bytes| bytes + beside.iter().sum::<u64>()),
        ..Usage::default()
    }
}
