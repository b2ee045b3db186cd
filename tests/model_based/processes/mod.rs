//! Several processes on one SQLite store, each giving random commands of every kind: what was told
//! to each of them, and what is there in the end, is one legal history.
//!
//! A process is this test's own program, started again as a [worker](worker::work). It writes down
//! what it asks before it asks it, and what it was told as soon as it is.

mod elsewhere;
mod killed;
mod moments;
mod notes;
mod racing;
mod refusals;
mod replay;
mod worker;

use super::given::{SetClock, engine_on};
use super::random::Random;
use holdpoint::engine::Engine;
use holdpoint::storage::SqliteStorage;
use notes::Asked;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;
use worker::Orders;

/// A store in a folder of its own, and the processes that were started on it.
struct Shared {
    folder: TempDir,
    workers: u64,
}

/// A process that works on it.
struct Worker {
    child: Child,
    notes: PathBuf,
    marks: PathBuf,
}

impl Drop for Worker {
    fn drop(&mut self) {
        // A test that fails leaves nobody behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Shared {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            workers: 0,
        }
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("store.db")
    }

    fn notes(&self, number: u64) -> PathBuf {
        self.folder.path().join(format!("{number}.notes"))
    }

    /// Starts a process that gives commands for so long, or until it is killed. With a delay, in
    /// microseconds, the moments within an append are drawn out by up to so much.
    fn start(&mut self, random: &mut Random, milliseconds: u64, delay: u64) -> Worker {
        self.workers += 1;
        let (notes, marks) = (
            self.notes(self.workers),
            self.folder.path().join(format!("{}.marks", self.workers)),
        );
        let orders = Orders {
            store: self.store(),
            notes: notes.clone(),
            seed: random.next(),
            number: self.workers,
            milliseconds,
        };
        let child = Command::new(std::env::current_exe().expect("this program is a file"))
            .args(["--exact", worker::NAME, "--nocapture", "--test-threads=1"])
            .env(worker::ORDERS, orders.to_text())
            .env("HOLDPOINT_DELAY_POINTS", delay.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::create(&marks).expect("a file can be made there"))
            .spawn()
            .expect("this program can be started");
        Worker {
            child,
            notes,
            marks,
        }
    }

    /// All that was asked of this store so far, and told.
    fn asked(&self) -> Vec<Asked> {
        let numbers = 1..=self.workers;
        let asked = numbers.flat_map(|number| notes::read(&self.notes(number)));
        asked.collect()
    }

    /// A new engine on it.
    async fn engine(&self) -> Engine<SqliteStorage> {
        let storage = SqliteStorage::open(self.store()).expect("it is a store");
        engine_on(storage, &SetClock::default()).await
    }

    fn integrity(&self) -> String {
        let connection = rusqlite::Connection::open(self.store()).expect("it is a database");
        let check = "PRAGMA integrity_check";
        connection
            .query_row(check, [], |row| row.get(0))
            .expect("it can be checked")
    }
}

/// A number that an environment variable sets.
fn set_number(variable: &str, unset: u64) -> u64 {
    match std::env::var(variable) {
        Ok(number) => number
            .parse()
            .unwrap_or_else(|_| panic!("expected a number in {variable}, found {number:?}")),
        Err(_) => unset,
    }
}

/// Says a figure past the test runner, which keeps what a passing test prints to itself.
fn say(figure: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{figure}");
}
