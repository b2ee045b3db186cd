//! What only Unix can say of a file.

use std::fs::{File, Metadata, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

/// Whether both are of one file, by whatever names.
pub(super) fn is_one(one: &Metadata, other: &Metadata) -> bool {
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Lets a copy be read and written by whoever may do that with the original, and by its owner.
pub(super) fn permit_as(copy: &File, original: &Metadata) -> std::io::Result<()> {
    let mode = original.permissions().mode() & 0o777;
    copy.set_permissions(Permissions::from_mode(mode | 0o600))
}
