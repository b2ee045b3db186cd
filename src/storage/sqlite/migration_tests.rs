//! Older stores become today's when they are opened: step by step, and whole or not at all. (Rows
//! R32, R51, R77.)
//!
//! There is one schema so far. So the older one is made up: today's without what plans might not
//! have had at first, and the steps from there to today's.

use super::open::{MIGRATIONS, open_with_steps};
use super::{SqliteOptions, SqliteStorage, row_tables};
use crate::model::{PlanId, ProjectId};
use crate::storage::{Row, RowKind, RowQuery, StorageErrorKind};
use rusqlite::{Connection, TransactionBehavior};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::Duration;
use tempfile::TempDir;

/// What the older schema lacks; each begins the lines in which today's has it.
const LATER: [&str; 9] = [
    "  last_completed_step ",
    "  last_attempt ",
    "  reversion_count ",
    "  max_reversions ",
    "  retry_count ",
    "  submission ",
    "  last_checkpoint_id ",
    "CREATE INDEX plans_by_id ",
    "CREATE INDEX plans_unfinished ",
];

/// The steps of a program that has grown up: statement by statement.
struct Steps(Vec<Vec<String>>);

impl Steps {
    fn grown() -> Self {
        let mut older = String::new();
        let mut later = Vec::new();
        for line in MIGRATIONS[0].split_inclusive('\n') {
            match LATER.iter().position(|start| line.starts_with(start)) {
                Some(at) => later.push((at, line.trim().trim_end_matches([',', ';']))),
                None => older.push_str(line),
            }
        }
        later.sort_unstable();
        let found: Vec<_> = later.iter().map(|(at, _)| *at).collect();
        assert!((0..LATER.len()).eq(found), "each stands there once");
        let statement = |(_, line): &(usize, &str)| {
            if line.starts_with("CREATE") {
                format!("{line};\n")
            } else {
                format!("ALTER TABLE plans ADD COLUMN {line};\n")
            }
        };
        let (second, third) = later.split_at(5);
        Self(vec![
            older.split_inclusive(";\n").map(str::to_owned).collect(),
            second.iter().map(statement).collect(),
            third.iter().map(statement).collect(),
        ])
    }

    const NEWEST: usize = 3;

    /// The steps as a program has them in its list.
    fn texts(&self) -> Vec<String> {
        self.0
            .iter()
            .map(|statements| statements.concat())
            .collect()
    }

    /// The same with something more before the n-th statement of those after a version. None: there
    /// are not as many.
    fn with(&self, after: usize, n: usize, more: &str) -> Option<Vec<String>> {
        let mut steps = self.texts();
        let mut left = n;
        for (step, statements) in self.0.iter().enumerate().skip(after) {
            if left <= statements.len() && !(left == statements.len() && step + 1 < Self::NEWEST) {
                let (before, behind) = statements.split_at(left);
                steps[step] = format!("{}{more};\n{}", before.concat(), behind.concat());
                return Some(steps);
            }
            left -= statements.len();
        }
        None
    }

    fn all_with(&self, after: usize, more: &str) -> Vec<Vec<String>> {
        (0..).map_while(|n| self.with(after, n, more)).collect()
    }
}

fn open(path: &Path, steps: &[String]) -> Result<Connection, crate::storage::StorageError> {
    let steps: Vec<_> = steps.iter().map(String::as_str).collect();
    open_with_steps(path, &SqliteOptions::default(), &steps)
}

/// A store as a program with so many steps left it, with a plan in it if there are tables.
struct Older {
    folder: TempDir,
    version: usize,
}

impl Older {
    fn of(version: usize) -> Self {
        let older = Self {
            folder: tempfile::tempdir().unwrap(),
            version,
        };
        if version == 0 {
            // Made and never filled.
            fs::write(older.path(), "").unwrap();
            return older;
        }
        let connection = open(&older.path(), &Steps::grown().texts()[..version]).unwrap();
        let (project, plan) = ids();
        connection
            .execute(
                "INSERT INTO plans (project, plan, number, request, state, steps,
                   created_at, created_by, updated_at)
                 VALUES (?1, ?2, 1, 'ř 🎉', 'implementing', 2,
                   '2026-11-20T00:00:00.000Z', 'ana', '2026-11-20T00:00:00.000Z')",
                [project.to_string(), plan.to_string()],
            )
            .unwrap();
        older
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("store.db")
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(self.path()).unwrap()
    }

    /// It is still the older one, with all that was in it.
    #[track_caller]
    fn is_whole(&self) {
        let connection = Connection::open(self.path()).unwrap();
        let expected = Older::of(self.version);
        let untouched = Connection::open(expected.path()).unwrap();
        assert_eq!(seen(&connection), seen(&untouched));
    }

    /// The newest program opens it, and finds today's schema and the plan.
    #[track_caller]
    fn becomes_todays(&self) {
        let connection = open(&self.path(), &Steps::grown().texts()).unwrap();
        let seen = seen(&connection);
        assert_eq!(usize::try_from(seen.version), Ok(Steps::NEWEST));
        assert_eq!(seen.integrity, "ok");
        assert_eq!(seen.schema, todays_schema());
        if self.version > 0 {
            has_the_defaults(&connection);
        }
    }
}

fn ids() -> (ProjectId, PlanId) {
    (ProjectId::from_parts(1, 1), PlanId::from_parts(1, 2))
}

fn todays_schema() -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    drop(SqliteStorage::open(&path).unwrap());
    seen(&Connection::open(path).unwrap()).schema
}

/// What can be seen of a store from outside.
#[derive(Debug, PartialEq)]
struct Seen {
    version: u32,
    integrity: String,
    schema: BTreeSet<String>,
    meta: Vec<String>,
    plans: Vec<String>,
}

fn seen(connection: &Connection) -> Seen {
    let lines = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        let lines = statement.query_map([], |row| row.get(0)).unwrap();
        lines.map(Result::unwrap).collect()
    };
    // Columns one by one: added later, they stand in another order.
    let schema = lines(
        "SELECT concat_ws(' ', m.name, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk, c.hidden)
         FROM sqlite_schema m, pragma_table_xinfo(m.name) c WHERE m.type = 'table'
         UNION ALL SELECT coalesce(sql, name) FROM sqlite_schema WHERE type = 'index'",
    );
    let there = |table: &str| schema.iter().any(|line| line.starts_with(table));
    let table = |name: &str, sql: &str| if there(name) { lines(sql) } else { vec![] };
    Seen {
        version: connection
            .query_row("PRAGMA user_version", [], |row| row.get(0))
            .unwrap(),
        integrity: lines("PRAGMA integrity_check").concat(),
        meta: table("meta ", "SELECT key || ' ' || value FROM meta ORDER BY key"),
        plans: table(
            "plans ",
            "SELECT plan || ' ' || request || ' ' || state FROM plans",
        ),
        schema: schema
            .iter()
            .map(|line| line.trim_end_matches(';').to_owned())
            .collect(),
    }
}

#[track_caller]
fn has_the_defaults(connection: &Connection) {
    let page = row_tables::select(connection, &RowQuery::of(RowKind::Plans, 10)).unwrap();
    let [Row::Plan(row)] = page.rows.as_slice() else {
        panic!("expected one plan, found {:?}", page.rows);
    };
    assert_eq!((row.project, row.plan), ids());
    assert_eq!((row.request.as_str(), row.steps), ("ř 🎉", 2));
    assert_eq!((row.last_completed_step, row.last_attempt), (-1, 0));
    assert_eq!((row.reversion_count, row.max_reversions), (0, 3));
    assert_eq!((row.retry_count, row.submission), (0, None));
    assert_eq!(row.last_checkpoint_id, None);
}

#[test]
fn r51_r32_a_store_of_any_version_becomes_todays_when_it_is_opened() {
    for version in 0..=Steps::NEWEST {
        let store = Older::of(version);
        store.becomes_todays();
        // Once more changes nothing at all.
        let before = store.bytes();
        store.becomes_todays();
        assert!(store.bytes() == before, "version {version}");
    }
    // One that isn't there at all.
    let store = Older::of(0);
    fs::remove_file(store.path()).unwrap();
    store.becomes_todays();
}

#[test]
fn r51_a_migration_that_fails_at_any_statement_leaves_the_older_store_whole() {
    let steps = Steps::grown();
    for version in 0..Steps::NEWEST {
        let broken = steps.all_with(version, "INSERT INTO nowhere VALUES (1)");
        let statements: usize = steps.0[version..].iter().map(Vec::len).sum();
        assert_eq!(
            broken.len(),
            statements + 1,
            "before each, and behind the last"
        );
        let store = Older::of(version);
        let before = store.bytes();
        for steps in broken {
            let refused = open(&store.path(), &steps).unwrap_err();
            assert_eq!(refused.platform.unwrap().name, "SQLITE_ERROR");
            assert!(
                version == 0 || store.bytes() == before,
                "version {version}: no byte changed"
            );
            store.is_whole();
        }
        store.becomes_todays();
    }
}

#[test]
fn r51_a_disk_that_is_full_in_the_middle_of_a_migration_leaves_the_older_store_whole() {
    let fill = "PRAGMA max_page_count = 30;
        CREATE TABLE filler AS SELECT zeroblob(1000000) AS zeros;
        DROP TABLE filler";
    for version in 1..Steps::NEWEST {
        let store = Older::of(version);
        let before = store.bytes();
        for steps in Steps::grown().all_with(version, fill) {
            let refused = open(&store.path(), &steps).unwrap_err();
            assert_eq!(refused.kind, StorageErrorKind::QuotaExceeded, "{refused}");
            assert!(store.bytes() == before);
        }
        store.is_whole();
        store.becomes_todays();
    }
}

#[test]
fn r51_r77_what_a_later_step_says_of_its_readers_is_obeyed() {
    let mut later = Steps::grown().texts();
    later.push("UPDATE meta SET value = 2 WHERE key = 'min_reader'".to_owned());
    let store = Older::of(1);
    assert!(
        open(&store.path(), &later).is_ok(),
        "it raises it, and goes on"
    );
    let before = store.bytes();
    for steps in [&later[..3], &later[..1]] {
        let refused = open(&store.path(), steps).unwrap_err();
        assert_eq!(refused.kind, StorageErrorKind::TooNew, "{refused}");
    }
    assert!(store.bytes() == before);
}

// --- in processes of their own ----------------------------------------------------------------

/// Names the store for [`a_migration_in_a_process_of_its_own`].
const STORE: &str = "HOLDPOINT_TEST_MIGRATES";
/// And the statement before which it gets stuck.
const STUCK: &str = "HOLDPOINT_TEST_STUCK_AT";

const FOR_EVER: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
    SELECT count(*) FROM n";

/// Not a test: what others start beside themselves, and kill.
#[test]
#[ignore = "started by the tests that need another process"]
fn a_migration_in_a_process_of_its_own() {
    let Ok(store) = std::env::var(STORE) else {
        return;
    };
    let steps = match std::env::var(STUCK) {
        Ok(n) => Steps::grown().with(1, n.parse().unwrap(), FOR_EVER),
        Err(_) => Some(Steps::grown().texts()),
    };
    open(Path::new(&store), &steps.unwrap()).unwrap();
}

fn beside(store: &Older, stuck: Option<usize>) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "--ignored", "--quiet"])
        .arg("storage::sqlite::migration_tests::a_migration_in_a_process_of_its_own")
        .env(STORE, store.path())
        .stdout(std::process::Stdio::null());
    if let Some(n) = stuck {
        command.env(STUCK, n.to_string());
    }
    command.spawn().unwrap()
}

/// Whether somebody is in the middle of writing.
fn is_being_written(store: &Older) -> bool {
    let mut connection = Connection::open(store.path()).unwrap();
    connection.busy_timeout(Duration::ZERO).unwrap();
    connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .is_err()
}

#[test]
fn r51_a_migration_that_is_killed_at_any_statement_leaves_the_older_store_whole() {
    let statements = Steps::grown().all_with(1, FOR_EVER).len();
    assert!(statements > 9);
    for n in 0..statements {
        let store = Older::of(1);
        let mut migrating = beside(&store, Some(n));
        while !is_being_written(&store) {
            let ended = migrating.try_wait().unwrap();
            assert_eq!(ended, None, "it gets stuck before it ends");
            std::thread::sleep(Duration::from_millis(2));
        }
        // It is in its transaction, and comes to the n-th statement in no time.
        std::thread::sleep(Duration::from_millis(20));
        migrating.kill().unwrap();
        migrating.wait().unwrap();
        store.is_whole();
        store.becomes_todays();
    }
}

#[test]
fn r51_processes_that_open_an_older_store_at_once_all_find_it_migrated() {
    for version in [0, 1, 1, 2] {
        let store = Older::of(version);
        let mut others: Vec<_> = (0..2).map(|_| beside(&store, None)).collect();
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| open(&store.path(), &Steps::grown().texts()).unwrap());
            }
        });
        for other in &mut others {
            assert!(other.wait().unwrap().success());
        }
        store.becomes_todays();
    }
}
