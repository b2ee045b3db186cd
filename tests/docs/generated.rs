//! Pages with parts that are generated.

use std::path::PathBuf;

const END: &str = "<!-- end -->";

pub(crate) fn page(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(name)
}

/// Compares the generated parts of a page with what they ought to be, or writes them.
pub(crate) fn is_current(name: &str, parts: &[(&str, String)]) {
    is_current_file(&format!("docs/{name}"), parts);
}

/// The same of any file, named from the project's folder.
pub(crate) fn is_current_file(name: &str, parts: &[(&str, String)]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name);
    let found = std::fs::read_to_string(&path).expect("the page is there");
    let mut expected = found.clone();
    for (part, text) in parts {
        expected = with_part(&expected, part, text);
    }
    if found == expected {
        return;
    }
    if std::env::var_os("HOLDPOINT_WRITE_DOCS").is_some() {
        std::fs::write(&path, expected).expect("the page can be written");
        return;
    }
    let (line, (is, ought)) = found
        .lines()
        .zip(expected.lines())
        .enumerate()
        .find(|(_, (is, ought))| is != ought)
        .unwrap_or((0, ("fewer or more lines", "another number of lines")));
    panic!(
        "{name} is not that of today's code. Line {}:\n  found    {is}\n  expected {ought}\n\
         HOLDPOINT_WRITE_DOCS=1 cargo test --test docs writes it anew; read what changed.",
        line + 1
    );
}

fn with_part(page: &str, name: &str, text: &str) -> String {
    let begin = format!("<!-- generated: {name} -->\n");
    let (before, rest) = page
        .split_once(&begin)
        .unwrap_or_else(|| panic!("the page has no part {name}"));
    let (_, after) = rest
        .split_once(END)
        .unwrap_or_else(|| panic!("the part {name} has no end"));
    format!("{before}{begin}{text}{END}{after}")
}
