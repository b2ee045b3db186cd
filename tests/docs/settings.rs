//! `docs/settings.md`: every setting of the command line, as it says them itself.

use super::generated::page;
use serde_json::Value;
use std::process::Command;

#[test]
fn r52_each_setting_stands_once_with_its_option_variable_and_default() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdpoint"));
    command.args(["settings", "--json"]);
    for (variable, _) in std::env::vars_os() {
        if variable.to_string_lossy().starts_with("HOLDPOINT_") {
            command.env_remove(variable);
        }
    }
    let output = command.output().expect("the program runs");
    let settings: Vec<Value> = serde_json::from_slice(&output.stdout).expect("a list");
    assert!(settings.len() >= 7, "{settings:?}");
    let expected: Vec<_> = settings
        .iter()
        .map(|setting| {
            assert_eq!(setting["from"], "default");
            let cells = ["name", "option", "variable", "value"];
            let cells =
                cells.map(|field| format!("`{}`", setting[field].as_str().expect("a text")));
            format!("| {} |", cells.join(" | "))
        })
        .collect();
    let text = std::fs::read_to_string(page("settings.md")).expect("the page is there");
    let told: Vec<_> = text
        .lines()
        .filter(|line| line.contains("| `HOLDPOINT_"))
        .map(|line| {
            let (row, meaning) = line.trim_end_matches('|').rsplit_once("| ").expect("cells");
            assert!(meaning.trim().ends_with('.'), "{line}: no sentence");
            format!("{row}|")
        })
        .collect();
    assert_eq!(
        told, expected,
        "each once, in the order of `holdpoint settings`"
    );
}
