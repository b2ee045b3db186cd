//! `docs/errors.md`: every code, with its cause and what to do.

use super::generated::page;
use holdpoint::model::ErrorCode;

/// The rows of the tables of codes: code, cause, remedy.
fn rows(text: &str) -> Vec<[String; 3]> {
    let is_row = |line: &&str| {
        let code = line
            .strip_prefix("| `")
            .and_then(|rest| rest.split('`').next());
        code.is_some_and(|code| code.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
    };
    text.lines()
        .filter(is_row)
        .map(|line| {
            let cells: Vec<_> = line
                .trim_matches('|')
                .split('|')
                .map(|cell| cell.trim().to_owned())
                .collect();
            cells
                .try_into()
                .unwrap_or_else(|cells| panic!("expected three cells, found {cells:?}"))
        })
        .collect()
}

#[test]
fn each_code_stands_once_with_its_cause_and_what_to_do() {
    let text = std::fs::read_to_string(page("errors.md")).expect("the page is there");
    let rows = rows(&text);
    let told: Vec<_> = rows
        .iter()
        .map(|[code, ..]| code.trim_matches('`'))
        .collect();
    let all: Vec<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    let missing: Vec<_> = all.iter().filter(|code| !told.contains(code)).collect();
    assert!(
        missing.is_empty(),
        "docs/errors.md says nothing of {missing:?}"
    );
    let unknown: Vec<_> = told.iter().filter(|code| !all.contains(code)).collect();
    assert!(unknown.is_empty(), "there are no codes {unknown:?}");
    assert_eq!(told, all, "each once, in the order of error_code.rs");
    for [code, cause, remedy] in &rows {
        for cell in [cause, remedy] {
            assert!(
                cell.starts_with(char::is_uppercase) && cell.ends_with('.')
                    || cell.starts_with('`'),
                "{code}: {cell:?} is no sentence"
            );
        }
    }
}

#[test]
fn codes_that_the_pages_speak_of_exist() {
    let known = |word: &str| ErrorCode::ALL.iter().any(|code| code.as_str() == word);
    for name in ["bundle.md", "errors.md", "workflow.md"] {
        let text = std::fs::read_to_string(page(name)).expect("the page is there");
        for word in text.split('`').skip(1).step_by(2) {
            let is_code =
                word.contains('_') && word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
            assert!(!is_code || known(word), "{name} speaks of {word}");
        }
    }
}
