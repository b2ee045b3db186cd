//! A commit on SQLite, engine and all, against a bare `rusqlite` transaction that runs the same
//! statements with the same bytes and pragmas.

use crate::say;
use crate::support::{against_bar, open, ratio, show, spread, time};
use holdpoint::machine::Command;
use holdpoint::model::{Name, Revision};
use holdpoint::storage::Storage as _;
use rusqlite::{Connection, TransactionBehavior};
use std::time::Duration;

const ROUNDS: usize = 2000;
const WARM_UP: usize = 100;

pub(crate) fn run() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let engine = open(&folder.path().join("engine.db"));
    let (project, plan) = pollster::block_on(async {
        let name = Name::new("bench").expect("a short name");
        let project = engine.create_project(name).await.expect("created").project;
        let plan = engine
            .create_plan(project, "bench", ["step"])
            .await
            .expect("created");
        engine
            .execute(project, Command::StartPlan { plan })
            .await
            .expect("started");
        (project, plan)
    });
    let bare_path = folder.path().join("bare.db");
    // The same schema, made by the same code.
    drop(open(&bare_path));
    let mut bare = Bare::open(&bare_path);

    let (mut engine_times, mut bare_times) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS + WARM_UP {
        // Starting a step over and over is a commit of one entry, a project row and a plan row.
        let (taken, receipt) = time(|| {
            pollster::block_on(engine.execute(project, Command::StartStep { plan, step: None }))
        });
        let revision = receipt.expect("it can be started again").revision;
        let before = Revision::new(revision.get() - 1);
        let sealed = pollster::block_on(engine.storage().entries(project, before, 1))
            .expect("it can be read")
            .remove(0);
        let bare_taken = bare.append(
            &project.to_string(),
            &plan.to_string(),
            revision.get(),
            &sealed.text,
        );
        if round >= WARM_UP {
            engine_times.push(taken);
            bare_times.push(bare_taken);
        }
    }
    let (engine_spread, bare_spread) = (spread(engine_times), spread(bare_times));
    say!(
        "engine {} (p95 {}), bare transaction {} (p95 {}), {ROUNDS} commits each, in turns",
        show(engine_spread.p50),
        show(engine_spread.p95),
        show(bare_spread.p50),
        show(bare_spread.p95)
    );
    let times = ratio(engine_spread.p50, bare_spread.p50);
    against_bar(
        "commit against a bare transaction",
        times,
        "×",
        "≤ 1.25 ×",
        times <= 1.25,
    );
}

/// The same transaction with nothing around it.
struct Bare(Connection);

impl Bare {
    fn open(path: &std::path::Path) -> Self {
        let connection = Connection::open(path).expect("it can be opened");
        connection
            .pragma_update(None, "synchronous", "FULL")
            .expect("it can be set");
        Self(connection)
    }

    fn append(&mut self, project: &str, plan: &str, revision: u64, text: &str) -> Duration {
        let revision = i64::try_from(revision).expect("a small number");
        let digest = [7_u8; 32];
        let time_text = "2026-11-20T00:00:00.000Z";
        let (taken, ()) = time(|| {
            let transaction = self
                .0
                .transaction_with_behavior(TransactionBehavior::Immediate)
                .expect("it can begin");
            let query = |sql: &str, parameters: &[&dyn rusqlite::ToSql]| {
                let mut statement = transaction.prepare_cached(sql).expect("it is well formed");
                let _ = statement
                    .query(parameters)
                    .expect("it runs")
                    .next()
                    .expect("it reads");
            };
            query("SELECT value FROM meta WHERE key = ?1", &[&"min_writer"]);
            query(
                "SELECT revision, digest FROM projects WHERE project = ?1",
                &[&project],
            );
            let execute = |sql: &str, parameters: &[&dyn rusqlite::ToSql]| {
                let mut statement = transaction.prepare_cached(sql).expect("it is well formed");
                statement.execute(parameters).expect("it runs");
            };
            execute(
                "INSERT INTO entries (project, revision, command, prev, digest, text)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                &[
                    &project,
                    &revision,
                    &format!("01ARZ3NDEKTSV4RRFF{revision:08}"),
                    &digest,
                    &digest,
                    &text,
                ],
            );
            execute(
                "INSERT OR REPLACE INTO projects VALUES
                 (?1, ?2, ?3, 'bench', 'active', 1, 0, 1, 0, 0, 0, 0, 0, NULL, NULL, NULL, ?4, 'bench', ?4)",
                &[&project, &revision, &digest, &time_text],
            );
            execute(
                "INSERT OR REPLACE INTO plans VALUES
                 (?1, ?2, 1, 'bench', 'implementing', 1, -1, ?3, 0, 3, 0, NULL, NULL, ?4, 'bench', ?4, NULL, NULL)",
                &[&project, &plan, &revision, &time_text],
            );
            transaction.commit().expect("it commits");
        });
        taken
    }
}
