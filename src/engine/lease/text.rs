//! What a lease says, as text: a format, for ever.
//!
//! Version 1 is one of two JSON objects. Held:
//!
//! ```json
//! {"v":1,"holder":"ana","worker":"01KDWPVNG00000000000000001","shows_life":true,
//!  "taken_at":"2026-01-01T12:00:00.000Z","expires_at":"2026-01-01T12:00:30.000Z"}
//! ```
//!
//! Released, or never held: `{"v":1}`. Fields that a reader doesn't know are left alone; what it
//! must not overlook comes with another version. Of a lease of another version nothing is known:
//! it is `TOO_NEW`, and stays, unless it is taken over on purpose. Text that is none of all this is
//! damaged and names nobody: a lease only saves double work, so it must not hold a plan for ever.

use crate::model::{Actor, Timestamp, WorkerId};
use crate::storage::{StorageError, StorageErrorKind};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The version that is written, and the newest that is understood.
const VERSION: u64 = 1;

/// Who has a lease, since when and until when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Held {
    pub(super) holder: Actor,
    pub(super) worker: WorkerId,
    /// Whether the storage can tell if the worker is alive.
    pub(super) shows_life: bool,
    pub(super) taken_at: Timestamp,
    pub(super) expires_at: Timestamp,
}

#[derive(Serialize)]
struct Written<'a> {
    v: u64,
    #[serde(flatten)]
    holder: Option<&'a Held>,
}

#[derive(Deserialize)]
struct Version {
    v: u64,
}

/// The text of a lease that somebody has, or nobody.
pub(super) fn write(holder: Option<&Held>) -> Arc<str> {
    let written = Written { v: VERSION, holder };
    let text = serde_json::to_string(&written).expect("ids, names and times can be written");
    text.into()
}

/// Whom a text names.
///
/// # Errors
/// `TOO_NEW`: what it says isn't known to this program.
pub(super) fn read(text: &str) -> Result<Option<Held>, StorageError> {
    match serde_json::from_str(text) {
        Ok(Version { v: VERSION }) => Ok(serde_json::from_str(text).ok()),
        Ok(Version { v }) => Err(StorageError::new(
            StorageErrorKind::TooNew,
            format!("expected a lease of version {VERSION}, found version {v}"),
        )),
        Err(_) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ana() -> Held {
        Held {
            holder: "ana".parse().unwrap(),
            worker: "01KDWPVNG00000000000000001".parse().unwrap(),
            shows_life: true,
            taken_at: "2026-01-01T12:00:00Z".parse().unwrap(),
            expires_at: "2026-01-01T12:00:30Z".parse().unwrap(),
        }
    }

    #[test]
    fn r72_what_a_lease_says_is_pinned() {
        let held = r#"{"v":1,"holder":"ana","worker":"01KDWPVNG00000000000000001","shows_life":true,"taken_at":"2026-01-01T12:00:00.000Z","expires_at":"2026-01-01T12:00:30.000Z"}"#;
        assert_eq!(&*write(Some(&ana())), held);
        assert_eq!(read(held), Ok(Some(ana())));
        assert_eq!(&*write(None), r#"{"v":1}"#);
        assert_eq!(read(r#"{"v":1}"#), Ok(None));
        let grown = held.replace(r#""v":1,"#, r#""v":1,"host":"h","#);
        assert_eq!(read(&grown), Ok(Some(ana())));
    }

    #[test]
    fn r72_another_version_is_too_new_and_damage_names_nobody() {
        for newer in [r#"{"v":2}"#, r#"{"v":0}"#, r#"{"holders":[],"v":9}"#] {
            let refused = read(newer).unwrap_err();
            assert_eq!(refused.kind, StorageErrorKind::TooNew, "{newer}");
        }
        for damaged in ["", "{}", "[]", "{\"v\":1", r#"{"v":1,"holder":"ana"}"#] {
            assert_eq!(read(damaged), Ok(None), "{damaged}");
        }
    }
}
