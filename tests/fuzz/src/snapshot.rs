//! A snapshot's stored text.

use holdpoint::fuzzing::read;
use holdpoint::journal::Snapshot;
use holdpoint::journal::format::STATE_VERSION;
use holdpoint::model::{Digest, ErrorCode, Hasher, ProjectId, Revision};
use serde::Deserialize;

#[derive(Deserialize)]
struct Said {
    revision: Revision,
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

/// Opens the text with the digest that it has, and with another. What opens is taken anew.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let project = ProjectId::from_parts(1, 1);
    let said = read::<Said>("snapshot", text).ok();
    let snapshot = Snapshot {
        revision: said.map_or(Revision::FIRST, |said| said.revision),
        digest: digest(text),
        text: text.into(),
    };
    let damaged = Snapshot {
        digest: Digest::ZERO,
        ..snapshot.clone()
    };
    let error = damaged
        .open(project)
        .expect_err("its digest is another one");
    assert_eq!(error.code(), ErrorCode::Corrupt, "{error}");
    assert!(!damaged.is_outdated());

    let version = read::<Version>("snapshot", text).ok();
    let is_outdated = version.is_some_and(|version| version.v < STATE_VERSION);
    assert_eq!(snapshot.is_outdated(), is_outdated);
    match snapshot.open(project) {
        Err(error) => {
            // Damaged is only one that says two revisions.
            let is_known = [ErrorCode::TooNew, ErrorCode::Corrupt].contains(&error.code());
            assert!(is_known, "{error}");
            assert!(error.to_string().len() < 2000, "{error}");
        }
        Ok(chain) => {
            assert!(!is_outdated);
            let head = chain.head();
            // Nothing is there before the first entry, so nobody takes that down.
            let Some(head) = head else { return };
            let again = Snapshot::take(chain.project(), head).expect("it came from JSON");
            let back = again.open(project).expect("it was written just now");
            assert_eq!(back.project(), chain.project());
            assert_eq!(back.head(), Some(head));
        }
    }
}

/// As `journal/format.rs` has it.
fn digest(text: &str) -> Digest {
    let mut hasher = Hasher::tagged("holdpoint/snapshot/1");
    hasher.update(text.as_bytes()).finish()
}
