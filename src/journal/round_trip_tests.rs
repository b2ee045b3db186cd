//! Everything that is stored comes back as it was, and what was altered does not come back.
//!
//! The values are made by derived `Arbitrary`, so a field that is added to a stored type takes
//! part by itself: if it is not stored too, a test here fails. (Row R31.)

use super::format::ENTRY_TAG;
use super::{Chain, Entry, Head, JournalError, Sealed, Snapshot};
use crate::machine::{CommandStamp, Event};
use crate::model::arbitrary::limited;
use crate::model::{
    Agent, Checkpoint, CommandId, Digest, ErrorCode, Hasher, Item, PauseRecord, Plan, PlanProgress,
    PlanSettings, Project, ProjectId, ProjectSettings, Revision, Step,
};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

mod altered;
mod versions;

// --- every stored type comes back exactly -----------------------------------------------------

fn comes_back<T>(value: &T) -> Result<(), TestCaseError>
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let text = serde_json::to_string(value).expect("stored types can be written as JSON");
    let back: T = serde_json::from_str(&text).map_err(|error| {
        TestCaseError::fail(format!("{text} was written and cannot be read: {error}"))
    })?;
    prop_assert_eq!(&back, value);
    // And the same again, so that the text under a digest doesn't depend on where it came from.
    prop_assert_eq!(serde_json::to_string(&back).ok(), Some(text));
    Ok(())
}

macro_rules! come_back {
    ($($test:ident: $type:ty;)+) => {
        proptest! {$(
            #[test]
            fn $test(value: $type) {
                comes_back(&value)?;
            }
        )+}
    };
}

come_back! {
    r31_an_event_comes_back: Event;
    r31_a_plan_comes_back: Plan;
    r31_a_plans_progress_comes_back: PlanProgress;
    r31_a_plans_settings_come_back: PlanSettings;
    r31_a_step_comes_back: Step;
    r31_an_item_comes_back: Item;
    r31_an_agent_comes_back: Agent;
    r31_a_checkpoint_comes_back: Checkpoint;
    r31_a_pause_record_comes_back: PauseRecord;
    r31_a_projects_settings_come_back: ProjectSettings;
    r31_a_command_stamp_comes_back: CommandStamp;
}

proptest! {
    #[test]
    fn r31_an_entry_comes_back_from_its_seal(entry: Entry, prev: Digest) {
        let sealed = entry.seal(prev).expect("it can be stored");
        prop_assert_eq!(sealed.open(), Ok(entry));
    }

    #[test]
    fn r31_a_project_comes_back_from_its_snapshot(
        project: Project,
        id: ProjectId,
        digest: Digest,
    ) {
        let head = Head { revision: project.revision, digest };
        let chain = Snapshot::take(&project, head).and_then(|snapshot| snapshot.open(id));
        let chain = chain.expect("it opens");
        if head.revision > Revision::ZERO {
            prop_assert_eq!(chain.head(), Some(head));
        }
        // Whose project it is stands outside: the opener says so.
        prop_assert_eq!(chain.into_project(), Project { id, ..project });
    }

    /// `evolve` cannot fail: whatever stands in an entry that opens, on whatever state.
    #[test]
    fn any_entry_can_be_applied_to_any_state(
        project in limited::<Project>(),
        entry in limited::<Entry>(),
    ) {
        let mut after = project;
        entry.apply(&mut after);
        prop_assert_eq!(after.revision, entry.revision);
        prop_assert_eq!(after.updated_at, entry.at);
    }
}

// --- entries and snapshots to alter ------------------------------------------------------------

/// The seal of any text, as a program that knows other forms could have written it.
fn sealed_text(text: &str, like: &Sealed) -> Sealed {
    let digest = Hasher::tagged(ENTRY_TAG)
        .update(like.prev.as_bytes())
        .update(text.as_bytes())
        .finish();
    Sealed {
        text: text.into(),
        digest,
        ..like.clone()
    }
}

fn is_corrupt<T>(result: Result<T, JournalError>) -> bool {
    result.is_err_and(|error| error.code() == ErrorCode::Corrupt)
}

fn is_too_new<T>(result: Result<T, JournalError>) -> bool {
    result.is_err_and(|error| error.code() == ErrorCode::TooNew)
}

fn an_entry() -> Sealed {
    sample_entry()
        .seal(Digest::of(b"the one before"))
        .expect("it can be stored")
}

/// An entry with odd texts and an event of each shape: without fields, with some, and with a
/// record of its own.
fn sample_entry() -> Entry {
    let text = concat!(
        r#"{"v":1,"revision":7,"at":"2026-11-20T18:35:52.000Z","actor":"anä \u202e","#,
        r#""command":{"id":"01ARZ3NDEKTSV4RRFFQ69G5FAV","digest":"#,
        r#""af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262"},"events":["#,
        r#"{"type":"project_started"},"#,
        r#"{"type":"project_resumed","status":"active"},"#,
        r#"{"type":"step_failed","plan":"01ARZ3NDEKTSV4RRFFQ69G5FAV","step":2,"attempt":9,"#,
        r#""error":{"inline":"it \"broke\"\r\n\u0000"},"failures":1,"state":"implementing"}]}"#,
    );
    serde_json::from_str(text).expect("it is an entry")
}
