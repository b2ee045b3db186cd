//! Texts that are given on the command line or in a file.

use super::failure::Failure;
use crate::trajectory::MAX_FILE_BYTES;
use std::io::Read;
use std::path::Path;

/// The text that was given in the one or the other way, if one was.
pub(super) fn text_of(given: Option<&str>, file: Option<&Path>) -> Result<Option<String>, Failure> {
    match (given, file) {
        (Some(text), _) => Ok(Some(text.to_owned())),
        (None, Some(file)) => read_text(file).map(Some),
        (None, None) => Ok(None),
    }
}

/// All of a file, which has to be a text.
pub(super) fn read_text(file: &Path) -> Result<String, Failure> {
    let unreadable = |found: String| Failure::File {
        path: file.display().to_string(),
        found,
    };
    let opened = std::fs::File::open(file).map_err(|error| unreadable(error.to_string()))?;
    text_from(opened, &file.display().to_string())
}

/// All of what has been opened, which has to be a text.
pub(super) fn text_from(opened: impl Read, name: &str) -> Result<String, Failure> {
    let unreadable = |found: String| Failure::File {
        path: name.to_owned(),
        found,
    };
    let mut bytes = Vec::new();
    // One byte more than allowed tells whether there is more; the file's size may lie.
    opened
        .take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(error.to_string()))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(unreadable(format!(
            "it has more than {MAX_FILE_BYTES} bytes"
        )));
    }
    String::from_utf8(bytes).map_err(|error| unreadable(format!("it is no UTF-8 text: {error}")))
}
