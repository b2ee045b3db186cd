//! `docs/requirements.md` says which tests show each row: they have to exist.

#![cfg(not(target_family = "wasm"))]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The names of all functions in the Rust files below a folder.
fn functions(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            functions(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.extend(text.split("fn ").skip(1).map(|rest| {
                rest.chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect()
            }));
        }
    }
}

/// The names of all tests of the page or the package: texts that are one word, after `test(`.
fn page_tests(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "mjs") {
            let text = fs::read_to_string(&path).unwrap();
            found.extend(text.split("test(").skip(1).filter_map(|rest| {
                let (name, _) = rest.trim_start().strip_prefix('"')?.split_once('"')?;
                Some(name.to_owned())
            }));
        }
    }
}

/// The rows of the tables: number, then the tests named in the last column.
fn rows(text: &str) -> Vec<(String, Vec<String>)> {
    text.lines()
        .filter(|line| line.starts_with("| R"))
        .map(|line| {
            let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
            let tests = cells.get(2).map_or(Vec::new(), |cell| {
                cell.split('`')
                    .skip(1)
                    .step_by(2)
                    .map(str::to_owned)
                    .collect()
            });
            (cells[0].to_owned(), tests)
        })
        .collect()
}

#[test]
fn every_test_that_the_requirements_name_exists() {
    let text = fs::read_to_string(root().join("docs/requirements.md")).unwrap();
    let mut found = BTreeSet::new();
    functions(&root().join("tests"), &mut found);
    functions(&root().join("src"), &mut found);
    for folder in ["tests/page", "tests/package"] {
        page_tests(&root().join(folder), &mut found);
    }
    let done = text.split("## Not yet").next().unwrap();
    let rows = rows(done);
    assert!(rows.len() > 30, "found only {} rows", rows.len());
    for (row, tests) in &rows {
        assert!(!tests.is_empty(), "{row} names no test");
        for test in tests {
            assert!(
                found.contains(test),
                "{row} names {test}, which does not exist"
            );
        }
    }
}

#[test]
fn every_row_stands_once() {
    let text = fs::read_to_string(root().join("docs/requirements.md")).unwrap();
    let mut seen = BTreeSet::new();
    for (row, _) in rows(&text) {
        assert!(seen.insert(row.clone()), "{row} stands twice");
    }
}
