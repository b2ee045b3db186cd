//! An entry's stored text.

use super::fixtures::{STATES, has_small_numbers};
use holdpoint::fuzzing::read;
use holdpoint::journal::{Entry, Head, Sealed, Snapshot};
use holdpoint::model::{CommandId, Digest, ErrorCode, Hasher, Revision};
use holdpoint::storage::RowChanges;
use serde::Deserialize;

/// What stands beside an entry in a store, as its text has it.
#[derive(Deserialize)]
struct Index {
    revision: Revision,
    command: IndexCommand,
}

#[derive(Deserialize)]
struct IndexCommand {
    id: CommandId,
}

/// Opens the text with the digest that it has, and with others. What opens is sealed anew, and
/// applied to the states of a journal.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let prev = Digest::of(b"the entry before");
    let index = read::<Index>("entry", text).ok();
    let (revision, command) = index
        .map_or((Revision::FIRST, CommandId::from_parts(0, 0)), |index| {
            (index.revision, index.command.id)
        });
    let sealed = Sealed {
        revision,
        command,
        prev,
        digest: digest(&prev, text),
        text: text.into(),
    };
    let opened = sealed.open();

    // Altered on the way, or taken from elsewhere, it is damaged whatever it says.
    for damaged in [
        Sealed {
            digest: Digest::of(b"another"),
            ..sealed.clone()
        },
        Sealed {
            prev: Digest::ZERO,
            ..sealed.clone()
        },
    ] {
        let error = damaged.open().expect_err("its digest is another one");
        assert_eq!(error.code(), ErrorCode::Corrupt, "{error}");
    }
    let elsewhere = Sealed {
        revision: Revision::new(revision.get() ^ 1),
        ..sealed.clone()
    };
    let error = elsewhere.open().expect_err("it says another revision");
    let code = if opened.is_ok() {
        ErrorCode::Corrupt
    } else {
        ErrorCode::TooNew
    };
    assert_eq!(error.code(), code, "{error}");

    match opened {
        Err(error) => {
            assert_eq!(error.code(), ErrorCode::TooNew, "its digest holds: {error}");
            assert!(error.to_string().len() < 2000, "{error}");
        }
        Ok(entry) => {
            let again = entry.seal(prev).expect("what was read can be stored");
            assert_eq!(again.open().as_ref(), Ok(&entry));
            assert_eq!((again.revision, again.command), (revision, command));
            if has_small_numbers(&entry) {
                apply(&entry);
            }
        }
    }
}

/// Applies an entry to the states of a journal: that which it says it follows, and to three others
/// that its text chooses.
fn apply(entry: &Entry) {
    let states = &*STATES;
    let bytes = *entry.command.digest.as_bytes();
    let chosen = [bytes[0], bytes[1], bytes[2]].map(|byte| usize::from(byte) % states.len());
    let said = usize::try_from(entry.revision.get().saturating_sub(1)).unwrap_or(usize::MAX);
    for at in chosen.into_iter().chain([said]) {
        let Some(state) = states.get(at) else {
            continue;
        };
        let mut entry = entry.clone();
        entry.revision = state.project().revision.next();
        let prev = state.head().map_or(Digest::ZERO, |head| head.digest);
        let sealed = entry.seal(prev).expect("what was read can be stored");
        let mut chain = state.clone();
        // A journal may be of somebody's making: then it is refused, and nothing has changed.
        match chain.follow(&sealed) {
            Ok(_) => is_sound(chain.project(), sealed.head()),
            Err(_) => assert_eq!(chain.project(), state.project()),
        }
    }
}

/// What an entry leads to can be kept as a snapshot and as rows.
fn is_sound(project: &holdpoint::model::Project, head: Head) {
    let snapshot = Snapshot::take(project, head).expect("a state can be written");
    let chain = snapshot.open(project.id).expect("it was written just now");
    assert_eq!(chain.project(), project);
    assert_eq!(chain.head(), Some(head));
    let rows = RowChanges::all(project);
    assert_eq!(rows.plans.len(), project.plans.len());
}

/// As `docs/bundle.md` and `journal/format.rs` have it; for ever.
pub(super) fn digest(prev: &Digest, text: &str) -> Digest {
    let mut hasher = Hasher::tagged("holdpoint/entry/1");
    hasher.update(prev.as_bytes()).update(text.as_bytes());
    hasher.finish()
}
