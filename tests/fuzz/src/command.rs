//! A command, a request or a query, in the JSON text that the border to JavaScript makes.

use super::fixtures;
use holdpoint::engine::{Engine, ImportOptions};
use holdpoint::fuzzing::{query, read, request};
use holdpoint::machine::Command;
use holdpoint::model::{ErrorCode, InvalidInput, ProjectId};
use holdpoint::storage::MemoryStorage;

thread_local! {
    /// Nothing is ever changed in it.
    static ENGINE: Engine<MemoryStorage> = fixtures::engine();
}

/// Reads the text as all that a caller may give. A command that is read is written and read again,
/// and previewed on real projects.
pub fn run(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    told(query(text));
    told(read::<ImportOptions>("options", text));
    told(read::<Vec<ProjectId>>("projects", text));
    let asked = told(request(text));
    let command = told(read::<Command>("command", text));
    for command in asked.into_iter().chain(command) {
        let written = serde_json::to_string(&command).expect("a command can be written");
        let again = read::<Command>("command", &written);
        assert_eq!(again.as_ref(), Ok(&command), "{written}");
        ENGINE.with(|engine| preview(engine, &command));
    }
}

/// What it would come to, or why not, is said in a way that can be written.
fn preview(engine: &Engine<MemoryStorage>, command: &Command) {
    for project in fixtures::PROJECTS.iter() {
        let before = pollster::block_on(engine.project(*project));
        match pollster::block_on(engine.preview(*project, command.clone())) {
            Ok(preview) => {
                serde_json::to_string(&preview.outcome).expect("an outcome can be written");
            }
            Err(error) => {
                serde_json::to_string(&error).expect("an error can be written");
                let is_a_bug = matches!(error.code(), ErrorCode::Internal | ErrorCode::Corrupt);
                assert!(!is_a_bug, "{command:?}: {error}");
            }
        }
        let after = pollster::block_on(engine.project(*project));
        assert_eq!(before, after, "a preview changes nothing");
    }
}

/// A refusal says where, what was expected and what was found, and not much more.
fn told<T>(read: Result<T, InvalidInput>) -> Option<T> {
    if let Err(invalid) = &read {
        let message = invalid.to_string();
        assert!(message.chars().count() < 2000, "{message}");
        assert!(message.contains(" is "), "{message}");
    }
    read.ok()
}
