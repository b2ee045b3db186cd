//! The command line, run as a program: all that a person or a script sees of it.
#![allow(dead_code)] // Each test uses the part of it that it needs.

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde::Deserialize;
use serde::de::{Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// The program under test.
pub(crate) const HOLDPOINT: &str = env!("CARGO_BIN_EXE_holdpoint");

/// A trajectory of the project's own.
pub(crate) fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("samples")
        .join(name)
}

/// Every trajectory of the project's own.
pub(crate) fn samples() -> Vec<PathBuf> {
    trajectories_in(&sample(""))
}

/// The trajectories in a folder, in the order of their names; none if there is no such folder.
pub(crate) fn trajectories_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(listed) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<_> = listed
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension() == Some(OsStr::new("traj")))
        .collect();
    files.sort();
    files
}

/// A folder with a store in it, or with one to be.
pub(crate) struct Place {
    folder: TempDir,
    store: PathBuf,
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("store.db");
        Self { folder, store }
    }

    /// A place whose store has this sample in it.
    pub(crate) fn with(name: &str) -> (Self, Imported) {
        let place = Self::new();
        let imported = place.import(&sample(name));
        (place, imported)
    }

    /// The same folder, with another file in it as the store.
    pub(crate) fn on_store(self, store: impl Into<PathBuf>) -> Self {
        Self {
            store: store.into(),
            ..self
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn store(&self) -> &Path {
        &self.store
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// The program, about to be started on the store. What the developer's own environment says
    /// has no part in it.
    pub(crate) fn command<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = bare(arguments);
        command
            .current_dir(self.folder.path())
            .env("HOLDPOINT_STORE", &self.store);
        command
    }

    pub(crate) fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Answer {
        Answer::of(&self.command(arguments).output().unwrap())
    }

    /// The text that a successful command answers with.
    pub(crate) fn text(&self, arguments: &[&str]) -> String {
        self.run(arguments).success().out
    }

    /// The one document that a successful command answers with.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let answer = self.run(&with_json(arguments)).success();
        document(&answer.out)
    }

    /// How a command is refused: in both forms, which have to agree.
    pub(crate) fn refusal(&self, arguments: &[&str]) -> Refusal {
        let refusal = self.run(&with_json(arguments)).refusal();
        let text = self.run(arguments);
        assert_eq!(text.exit, refusal.exit, "{arguments:?}: {}", text.err);
        assert_eq!(text.out, "", "{arguments:?}");
        if refusal.code != "USAGE" {
            // A message may hold what is shown differently to people; its code begins the line.
            assert!(
                text.err.starts_with(&format!("{}: ", refusal.code)),
                "{arguments:?}: {}",
                text.err
            );
        }
        refusal
    }

    /// Refused with this code and exit code, and with nothing changed by it.
    #[track_caller]
    pub(crate) fn refuses(&self, arguments: &[&str], code: &str, exit: i32) -> Refusal {
        let before = self.tables();
        let refusal = self.refusal(arguments);
        assert_eq!(
            (refusal.code.as_str(), refusal.exit),
            (code, exit),
            "{arguments:?}: {}",
            refusal.message
        );
        assert_eq!(self.tables(), before, "{arguments:?} changed the store");
        refusal
    }

    pub(crate) fn import(&self, file: &Path) -> Imported {
        Imported::of(&self.json(&["import", file.to_str().unwrap()]))
    }

    pub(crate) fn plan(&self, plan: &str) -> Value {
        // Not `json`: what a plan's document looks like is a test of its own.
        let answer = self.run(&["plan", "show", plan, "--json"]).success();
        serde_json::from_str(&answer.out).unwrap()
    }

    pub(crate) fn history(&self, project: &str) -> Vec<Value> {
        list(&self.json(&["history", project]))
    }

    /// Checks every project and expects nothing to be wrong.
    #[track_caller]
    pub(crate) fn is_sound(&self) {
        for report in list(&self.json(&["verify"])) {
            assert_eq!(report["findings"], Value::Array(Vec::new()), "{report}");
        }
        assert_eq!(integrity(&self.sql()), "ok");
    }

    /// A connection of the test's own.
    pub(crate) fn sql(&self) -> Connection {
        connect(&self.store)
    }

    /// Every row of every table, as text; nothing where there is no store. Leases are left out: they
    /// say who works, and that also changes when nothing comes of the work.
    pub(crate) fn tables(&self) -> Vec<String> {
        if !self.store.is_file() {
            return Vec::new();
        }
        tables(&self.sql())
    }

    /// A body of the store, by its digest in hexadecimal.
    pub(crate) fn body(&self, project: &str, digest: &Value) -> String {
        let sql = "SELECT body FROM blobs WHERE project = ?1 AND lower(hex(digest)) = ?2";
        let body: Vec<u8> = self
            .sql()
            .query_row(sql, [project, digest.as_str().unwrap()], |row| row.get(0))
            .unwrap_or_else(|error| panic!("body {digest}: {error}"));
        String::from_utf8(body).unwrap()
    }
}

/// The program with nothing of its surroundings that could change what it does.
pub(crate) fn bare<A: AsRef<OsStr>>(arguments: &[A]) -> Command {
    let mut command = Command::new(HOLDPOINT);
    for variable in [
        "HOLDPOINT_STORE",
        "HOLDPOINT_ACTOR",
        "HOLDPOINT_LOG",
        "HOLDPOINT_BACKUP_ON_OPEN",
        "HOLDPOINT_BACKUP_KEEP",
        "HOLDPOINT_CHECKPOINT_INTERVAL",
        "HOLDPOINT_RESUME_DETECTION",
        "HOLDPOINT_DELAY_POINTS",
        "CLICOLOR_FORCE",
        "RUST_BACKTRACE",
    ] {
        command.env_remove(variable);
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

pub(crate) fn connect(store: &Path) -> Connection {
    let connection = Connection::open(store).unwrap();
    connection.busy_timeout(Duration::from_mins(1)).unwrap();
    connection
}

pub(crate) fn integrity(connection: &Connection) -> String {
    connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap()
}

fn tables(connection: &Connection) -> Vec<String> {
    let names: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name != 'leases' ORDER BY name")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let mut rows = Vec::new();
    for name in names {
        let mut select = connection
            .prepare(&format!("SELECT * FROM {name} ORDER BY 1, 2"))
            .unwrap();
        let columns = select.column_count();
        let mut found = select.query([]).unwrap();
        while let Some(row) = found.next().unwrap() {
            let cells: Vec<_> = (0..columns)
                .map(|column| cell(row.get_ref(column).unwrap()))
                .collect();
            rows.push(format!("{name}: {}", cells.join(", ")));
        }
    }
    rows
}

fn cell(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "null".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.escape_ascii().to_string(),
    }
}

fn with_json<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    arguments.iter().copied().chain(["--json"]).collect()
}

/// What an import answers.
#[derive(Debug, Clone)]
pub(crate) struct Imported {
    pub(crate) project: String,
    pub(crate) plan: String,
    pub(crate) steps: usize,
}

impl Imported {
    pub(crate) fn of(answer: &Value) -> Self {
        Self {
            project: text(&answer["project_id"]),
            plan: text(&answer["plan_id"]),
            steps: usize::try_from(answer["steps"].as_u64().unwrap()).unwrap(),
        }
    }
}

/// How a program ended.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) exit: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Answer {
    pub(crate) fn of(output: &Output) -> Self {
        Self {
            exit: output
                .status
                .code()
                .unwrap_or_else(|| panic!("ended by itself, not by a signal: {output:?}")),
            out: String::from_utf8(output.stdout.clone()).unwrap(),
            err: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    #[track_caller]
    pub(crate) fn success(self) -> Self {
        assert_eq!(self.exit, 0, "{}{}", self.out, self.err);
        self
    }

    /// The error of a command that was given `--json`: one document, on stderr.
    #[track_caller]
    pub(crate) fn refusal(&self) -> Refusal {
        assert_ne!(self.exit, 0, "expected a refusal: {}", self.out);
        assert_eq!(self.out, "", "a refusal answers nothing on stdout");
        let error = document(&self.err);
        let fields = error.as_object().expect("an object");
        assert_eq!(fields.len(), 2, "{error}");
        let refusal = Refusal {
            code: text(&fields["code"]),
            message: text(&fields["message"]),
            exit: self.exit,
        };
        assert!(!refusal.message.trim().is_empty(), "{error}");
        refusal
    }
}

/// Why a command was not done.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) exit: i32,
}

impl Refusal {
    #[track_caller]
    pub(crate) fn says(&self, part: &str) {
        assert!(self.message.contains(part), "{part:?}: {}", self.message);
    }
}

pub(crate) fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("expected a text, found {value}"))
        .to_owned()
}

pub(crate) fn list(value: &Value) -> Vec<Value> {
    value
        .as_array()
        .unwrap_or_else(|| panic!("expected a list, found {value}"))
        .clone()
}

/// Reads exactly one JSON document, in which no object has a key twice: which of the two a reader
/// would see is anybody's guess.
#[track_caller]
pub(crate) fn document(text: &str) -> Value {
    match serde_json::from_str::<Once>(text) {
        Ok(Once(value)) => value,
        Err(error) => panic!("expected one JSON document, found {error} in {text}"),
    }
}

struct Once(Value);

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OnceVisitor).map(Once)
    }
}

struct OnceVisitor;

impl<'de> Visitor<'de> for OnceVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Once(value)) = sequence.next_element()? {
            values.push(value);
        }
        Ok(values.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((key, Once(value))) = entries.next_entry::<String, Once>()? {
            if object.insert(key.clone(), value).is_some() {
                return Err(A::Error::custom(format!("the key {key:?} twice")));
            }
        }
        Ok(object.into())
    }
}

/// The same, whatever runs the tests: what a shell starts in the background ignores an interrupt, and
/// so does all that is started from there.
pub(crate) fn that_can_be_interrupted(command: &Command) -> Command {
    let mut by = Command::new("env");
    by.arg("--default-signal").arg(command.get_program());
    by.args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        by.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => by.env(name, value),
            None => by.env_remove(name),
        };
    }
    by
}
