//! The rooms of the house: which may use which, and what must not be in the pure ones.
//!
//! Reads the sources as text; simple on purpose, so that it can be believed.

#![cfg(not(target_family = "wasm"))]

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, each with those that it may use besides itself.
const ROOMS: [(&str, &[&str]); 10] = [
    ("model", &[]),
    ("machine", &["model"]),
    ("journal", &["machine", "model"]),
    ("platform", &["model"]),
    ("storage", &["journal", "machine", "model", "platform"]),
    (
        "engine",
        &["storage", "journal", "machine", "model", "platform"],
    ),
    (
        "trajectory",
        &["engine", "storage", "machine", "model", "platform"],
    ),
    (
        "views",
        &["trajectory", "engine", "storage", "machine", "model"],
    ),
    (
        "wasm",
        &[
            "views",
            "trajectory",
            "engine",
            "storage",
            "journal",
            "machine",
            "model",
            "platform",
        ],
    ),
    (
        "host",
        &[
            "views",
            "trajectory",
            "engine",
            "storage",
            "journal",
            "machine",
            "model",
            "platform",
        ],
    ),
];

/// What model and machine do without: they must give the same answer everywhere and always.
const IMPURE: [&str; 21] = [
    "async",
    "await",
    "cfg(target",
    "cfg(feature",
    "cfg(unix",
    "cfg(windows",
    "SystemTime",
    "Instant",
    "Utc::now",
    "Local::now",
    "std::time",
    "std::thread",
    "std::fs",
    "std::env",
    "std::net",
    "std::io",
    "getrandom",
    "rand",
    "RandomState",
    "HashMap",
    "js_sys",
];

fn sources(room: &str) -> Vec<(PathBuf, String)> {
    fn collect(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    collect(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(room),
        &mut found,
    );
    assert!(!found.is_empty(), "there is no room {room}");
    found
}

/// The lines that are code and are compiled outside tests.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .map(|(number, line)| (number + 1, line))
        .take_while(|(_, line)| line.trim() != "mod tests {")
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// Whether a line has this and not only as a part of a longer word.
fn has_word(line: &str, word: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + word.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

/// The rooms that a line names by `crate::room`, alone or in braces.
fn named_rooms(line: &str) -> Vec<String> {
    let mut named = Vec::new();
    for rest in line.split("crate::").skip(1) {
        let inner = rest.strip_prefix('{').unwrap_or(rest);
        for part in inner.split(',') {
            let name: String = part
                .trim()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            named.push(name);
            if !rest.starts_with('{') {
                break;
            }
        }
    }
    named
}

#[test]
fn imports_point_one_way() {
    let mut wrong = Vec::new();
    for (room, allowed) in ROOMS {
        for (path, text) in sources(room) {
            for (number, line) in code(&text) {
                for name in named_rooms(line) {
                    let is_room = ROOMS.iter().any(|(other, _)| *other == name);
                    if is_room && name != room && !allowed.contains(&name.as_str()) {
                        wrong.push(format!("{}:{number} uses {name}: {line}", path.display()));
                    }
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "imports against the current:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn model_and_machine_have_no_clock_no_randomness_no_async_and_no_platform() {
    let mut wrong = Vec::new();
    for room in ["model", "machine"] {
        for (path, text) in sources(room) {
            for (number, line) in code(&text) {
                for word in IMPURE.iter().filter(|word| has_word(line, word)) {
                    wrong.push(format!("{}:{number} has {word:?}: {line}", path.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "impure:\n{}", wrong.join("\n"));
}

#[test]
fn the_platform_is_chosen_on_mod_and_use_lines_only() {
    let mut wrong = Vec::new();
    for (room, _) in ROOMS {
        for (path, text) in sources(room) {
            let lines: Vec<_> = text.lines().collect();
            for (number, line) in code(&text).filter(|(_, line)| line.contains("target_")) {
                // The attribute may stand over another one before it comes to the `mod`, or to the `use`
                // that gives what is in that module to the outside.
                let chooses_module = lines[number..]
                    .iter()
                    .find(|line| !line.trim_start().starts_with("#["))
                    .is_some_and(|line| {
                        let line = line.trim_start().trim_start_matches("pub ");
                        line.starts_with("mod ") || line.starts_with("use ")
                    });
                if !chooses_module {
                    wrong.push(format!("{}:{number}: {line}", path.display()));
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "the platform is chosen elsewhere too:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn the_checks_find_what_they_look_for() {
    assert_eq!(named_rooms("use crate::engine::Engine;"), ["engine"]);
    assert_eq!(
        named_rooms("use crate::{journal, model};"),
        ["journal", "model"]
    );
    assert_eq!(
        named_rooms("    crate::storage::f(crate::host::g)"),
        ["storage", "host"]
    );
    assert!(has_word("f().await;", "await") && !has_word("awaits()", "await"));
    let text = "// async fn\nasync fn f() {}\nmod tests {\n async fn g() {}\n";
    assert_eq!(
        code(text).map(|(number, _)| number).collect::<Vec<_>>(),
        [2]
    );
}
