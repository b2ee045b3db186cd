//! What other systems than Unix don't say of a file.

use std::fs::{File, Metadata};

/// Whether both are of one file: not known, so files are told by their paths alone.
pub(super) fn is_one(_one: &Metadata, _other: &Metadata) -> bool {
    false
}

/// Who may do what with a copy its folder says.
#[allow(clippy::unnecessary_wraps)] // as on Unix
pub(super) fn permit_as(_copy: &File, _original: &Metadata) -> std::io::Result<()> {
    Ok(())
}
