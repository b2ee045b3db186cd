//! One run of commands with fixed ids at fixed times: every command there is. Its entries' digests
//! are those of `fixtures/digests.txt`, on every storage, natively and in a browser. So the two are
//! equal byte for byte, and what this program writes is what earlier ones wrote.
//!
//! The fixture is never edited: another digest is another format. Only its last two lines, of the
//! state and of a snapshot, are others with another `STATE_VERSION`: snapshots are a cache.
#![forbid(unsafe_code)]

use holdpoint::engine::{Clock, Engine, EngineOptions, Receipt};
use holdpoint::journal::{Entry, Snapshot};
use holdpoint::machine::{Command, CommandKind, Outcome, Request};
use holdpoint::model::{
    CheckpointId, CommandId, Digest, ItemId, PlanId, Project, ProjectId, Revision, Timestamp,
};
use holdpoint::storage::{MemoryStorage, Storage};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

const FIXTURE: &str = include_str!("fixtures/digests.txt");

/// 2026-01-01T12:00:00Z.
const NOON: i64 = 1_767_268_800_000;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

#[derive(Clone)]
struct SetClock(Arc<AtomicI64>);

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_milliseconds_clamped(self.0.load(Ordering::SeqCst))
    }
}

/// One who gives the commands, each a while after the one before.
struct Author<S: Storage> {
    engine: Engine<S>,
    clock: SetClock,
    project: ProjectId,
    given: u64,
    kinds: BTreeSet<CommandKind>,
}

impl<S: Storage> Author<S> {
    async fn new(storage: S) -> Self {
        let clock = SetClock(Arc::new(AtomicI64::new(NOON)));
        let mut options = EngineOptions::new("ana".parse().expect("a name"));
        options.clock = Box::new(clock.clone());
        let engine = Engine::open_with(storage, options).await;
        Self {
            engine: engine.expect("an empty store"),
            clock,
            project: ProjectId::created_by(&command_id(1)),
            given: 0,
            kinds: BTreeSet::new(),
        }
    }

    async fn done(&mut self, command: impl AsRef<str>) -> Receipt {
        let command = command.as_ref();
        let command: Command =
            serde_json::from_str(command).unwrap_or_else(|error| panic!("{command}: {error}"));
        self.given += 1;
        self.kinds.insert(command.kind());
        let what = format!("{command:?}");
        let request = Request {
            id: command_id(self.given),
            actor: if self.given.is_multiple_of(3) {
                "eva"
            } else {
                "ana"
            }
            .parse()
            .expect("a name"),
            expected_revision: None,
            command,
        };
        // On the heap: sixty of these futures, one beside the other, would overflow the stack of a
        // module that isn't optimised.
        let receipt = Box::pin(self.engine.submit(self.project, request)).await;
        self.clock.0.fetch_add(7 * HOUR + 123, Ordering::SeqCst);
        receipt.unwrap_or_else(|error| panic!("{what}: {error}"))
    }

    async fn state(&self) -> Arc<Project> {
        let state = self.engine.project(self.project).await;
        state.expect("it is there")
    }

    async fn archived(&self) -> Vec<ItemId> {
        let state = self.state().await;
        let mut items = state.items_in_order();
        items.retain(|item| item.archived);
        items.iter().map(|item| item.id).collect()
    }

    async fn plan(&mut self, command: impl AsRef<str>) -> PlanId {
        match self.done(command).await.outcome {
            Outcome::PlanCreated { plan } => plan,
            other => panic!("{other:?}"),
        }
    }

    async fn checkpoint(&mut self, command: impl AsRef<str>) -> CheckpointId {
        match self.done(command).await.outcome {
            Outcome::CheckpointCreated { checkpoint } => checkpoint,
            other => panic!("{other:?}"),
        }
    }

    /// Forks the project, and says so in a line.
    async fn fork(&mut self, at: CheckpointId) -> String {
        let source = self.project;
        let command = format!(
            r#"{{"type":"fork_project","source":"{source}","at":"{at}","name":"another"}}"#
        );
        self.project = ProjectId::created_by(&command_id(self.given + 1));
        self.done(command).await;
        let fork = std::mem::replace(&mut self.project, source);
        let head = self.engine.storage().head(fork).await;
        let head = head.expect("it can be read").expect("it is there");
        assert!(
            self.engine
                .verify(fork)
                .await
                .expect("it can be read")
                .is_clean()
        );
        format!("fork {} {}\n", head.revision, head.digest)
    }

    async fn attempt(&mut self, plan: PlanId) -> u64 {
        let start = format!(r#"{{"type":"start_step","plan":"{plan}"}}"#);
        match self.done(start).await.outcome {
            Outcome::StepStarted(started) => started.attempt,
            other => panic!("{other:?}"),
        }
    }

    async fn step(&mut self, plan: PlanId) {
        let attempt = self.attempt(plan).await;
        self.done(format!(
            r#"{{"type":"complete_step","plan":"{plan}","attempt":{attempt},
            "output":"{{\"ž\":[1.50,-0.0,1e3,\"🎉\"]}}",
            "context":[{{"agent":"eva","kind":"code","body":"learned in {attempt}"}}]}}"#
        ))
        .await;
    }
}

fn command_id(n: u64) -> CommandId {
    CommandId::from_parts(
        NOON.unsigned_abs() + n,
        u128::from(n) * 0x0123_4567_89ab_cdef,
    )
}

fn items(now: i64) -> String {
    // How old an item is when it stops being hot, or starts being cold: to the millisecond. So the
    // last bit of an exponential decides.
    let edges = [8_863_481, 278_110_869, 278_110_870, 0, DAY, 400 * DAY];
    let kinds = [
        "code",
        "task",
        "error",
        "test_result",
        "prd_section",
        "note",
    ];
    let mut list = String::new();
    for (n, (kind, edge)) in kinds
        .iter()
        .flat_map(|kind| edges.map(|edge| (kind, edge)))
        .enumerate()
    {
        for near in -1..=1 {
            let at = Timestamp::from_milliseconds_clamped(now - edge - near);
            let comma = if list.is_empty() { "" } else { "," };
            let agent = ["eva", "ana", "žofie 🎉"][n % 3];
            let body = "žluťoučký kůň; let x = f(42);\\n".repeat(1 + n % 7);
            let pinned = n % 11 == 5;
            write!(
                list,
                r#"{comma}{{"agent":"{agent}","kind":"{kind}","body":"{n} {body}","created_at":"{at}","pinned":{pinned}}}"#
            )
            .expect("a text takes all");
        }
    }
    list
}

/// The run. What comes of it, in lines.
async fn run<S: Storage>(storage: S) -> String {
    let mut author = Author::new(storage).await;
    author
        .done(
            r#"{"type":"create_project","name":"Žluťoučký \"kůň\" 🎉\u2028","status":"init",
            "settings":{"token_limit":3000,"flash_save":"always"}}"#,
        )
        .await;
    author.done(r#"{"type":"plan_project"}"#).await;
    author.done(r#"{"type":"start_project"}"#).await;
    author
        .done(r#"{"type":"rename_project","name":"renamed / \\ \t \u0001"}"#)
        .await;
    for (agent, limit) in [("eva", 500), ("ana", 9_007_199_254_740_991_u64)] {
        let agent = format!(r#"{{"type":"set_agent","agent":"{agent}","token_limit":{limit}}}"#);
        author.done(agent).await;
    }
    let plan = author
        .plan(
            r#"{"type":"create_plan","plan":{"request":"make it",
            "settings":{"max_reversions":7,"max_attempts":2,"auto_checkpoint_interval":2}}}"#,
        )
        .await;
    author
        .done(format!(r#"{{"type":"start_plan","plan":"{plan}"}}"#))
        .await;
    let long = "a long plan, žluťoučký 🎉 ".repeat(300);
    let steps: Vec<_> = (0..6)
        .map(|n| format!(r#"{{"title":"step {n}","input":"[{n},1.0,1e2]"}}"#))
        .collect();
    let steps = steps.join(",");
    author
        .done(format!(
            r#"{{"type":"submit_plan","plan":"{plan}","text":"{long}","steps":[{steps}]}}"#
        ))
        .await;
    author.step(plan).await;
    let before = author
        .checkpoint(format!(
            r#"{{"type":"create_checkpoint","checkpoint":{{"plan":"{plan}","name":"own","description":"d",
            "reason":"r","source_tool":"t","phase":"p","external_ref":"e","data":"{{\"a\":1.10}}","pinned":true}}}}"#
        ))
        .await;
    let whole = author
        .checkpoint(r#"{"type":"create_checkpoint","checkpoint":{"name":"whole"}}"#)
        .await;
    author.step(plan).await;
    let attempt = author.attempt(plan).await;
    author
        .done(format!(
            r#"{{"type":"fail_step","plan":"{plan}","attempt":{attempt},"error":"{long}"}}"#
        ))
        .await;
    author.step(plan).await;

    // Added at the moment of the pause, so that ages are what they are said to be.
    let now = author.clock.0.load(Ordering::SeqCst);
    let items = items(now);
    author
        .done(format!(r#"{{"type":"add_context","items":[{items}]}}"#))
        .await;
    author.clock.0.store(now, Ordering::SeqCst);
    let paused = author.done(r#"{"type":"pause","reason":"lunch"}"#).await;
    match paused.outcome {
        Outcome::Paused(report) => assert!(report.items_archived > 10, "{report:?}"),
        other => panic!("{other:?}"),
    }
    author.done(r#"{"type":"resume"}"#).await;
    let archived = author.archived().await;
    let restored = &archived[..5];
    let ids: Vec<_> = restored.iter().map(|item| format!("\"{item}\"")).collect();
    let ids = ids.join(",");
    for _ in 0..2 {
        author
            .done(format!(r#"{{"type":"restore_items","items":[{ids}]}}"#))
            .await;
        author.done(r#"{"type":"pause"}"#).await;
        author.done(r#"{"type":"resume"}"#).await;
    }
    author
        .done(format!(
            r#"{{"type":"rollback_plan","plan":"{plan}","checkpoint":"{before}","reason":"back"}}"#
        ))
        .await;
    author.step(plan).await;
    author
        .done(format!(
            r#"{{"type":"revert_plan","plan":"{plan}","to":"implementing","from_step":0,"reason":"again"}}"#
        ))
        .await;
    author.step(plan).await;
    author.done(r#"{"type":"pause"}"#).await;
    author
        .done(format!(r#"{{"type":"resume","checkpoint":"{whole}"}}"#))
        .await;
    author
        .done(format!(
            r#"{{"type":"rollback_project","checkpoint":"{before}","reason":"far"}}"#
        ))
        .await;
    author
        .done(format!(
            r#"{{"type":"fail_plan","plan":"{plan}","error":"broken"}}"#
        ))
        .await;
    author
        .done(format!(r#"{{"type":"retry_plan","plan":"{plan}"}}"#))
        .await;
    author
        .done(format!(
            r#"{{"type":"cancel_plan","plan":"{plan}","reason":"enough"}}"#
        ))
        .await;
    let many: Vec<_> = (0..500)
        .map(|n| format!(r#"{{"title":"step {n} of many {}"}}"#, ".".repeat(150)))
        .collect();
    let heavy = author
        .plan(format!(
            r#"{{"type":"create_plan","plan":{{"request":"{long}","steps":[{}]}}}}"#,
            many.join(",")
        ))
        .await;
    author
        .done(format!(r#"{{"type":"cancel_plan","plan":"{heavy}"}}"#))
        .await;
    let short = author
        .plan(r#"{"type":"create_plan","plan":{"request":"short","steps":[{"title":"only"}]}}"#)
        .await;
    author
        .done(format!(r#"{{"type":"start_plan","plan":"{short}"}}"#))
        .await;
    author.step(short).await;
    author
        .done(format!(r#"{{"type":"mark_applied","plan":"{short}"}}"#))
        .await;
    Box::pin(gates(&mut author, &long)).await;
    Box::pin(context(&mut author)).await;
    let output = author
        .done(format!(
            r#"{{"type":"redact_output","plan":"{short}","step":0,"reason":"a key"}}"#
        ))
        .await;
    assert!(matches!(output.outcome, Outcome::BodyRedacted { .. }));
    // The long request: a plan's text in the blob store.
    let digest = Digest::of(long.as_bytes());
    author
        .done(format!(
            r#"{{"type":"redact_body","digest":"{digest}","reason":"a key"}}"#
        ))
        .await;
    let fork = author.fork(whole).await;
    author
        .done(r#"{"type":"stop_project","reason":"night"}"#)
        .await;
    retention(&mut author, whole).await;
    author.done(r#"{"type":"start_project"}"#).await;
    author.done(r#"{"type":"complete_project"}"#).await;

    let lines = Box::pin(lines(&author)).await;
    author.done(r#"{"type":"delete_project"}"#).await;
    let storage = author.engine.storage();
    let tombstone = storage.tombstone(author.project).await;
    let tombstone = tombstone.expect("it can be read").expect("it is gone");
    let all: BTreeSet<_> = CommandKind::ALL.iter().copied().collect();
    assert_eq!(author.kinds, all, "every command there is");
    format!(
        "{lines}{fork}removed {} {}\n",
        tombstone.head.digest, tombstone.command.digest
    )
}

/// A plan that goes through all of its gates, sent back once at each.
async fn gates<S: Storage>(author: &mut Author<S>, long: &str) {
    let plan = author
        .plan(
            r#"{"type":"create_plan","plan":{"request":"with gates","settings":{
            "gates":{"plan":true,"implementation":true,"review":true,"verification":true}}}}"#,
        )
        .await;
    author
        .done(format!(r#"{{"type":"start_plan","plan":"{plan}"}}"#))
        .await;
    let submit = format!(
        r#"{{"type":"submit_plan","plan":"{plan}","text":"once more","steps":[{{"title":"only"}}]}}"#
    );
    let decide = |command: &str, submission: u64, rest: &str| {
        format!(r#"{{"type":"{command}","plan":"{plan}","submission":{submission}{rest}}}"#)
    };
    author.done(&submit).await;
    author
        .done(decide("reject", 1, r#","reason":"nicht so 🎉""#))
        .await;
    author.done(&submit).await;
    author.done(decide("approve", 2, "")).await;
    author
        .done(format!(
            r#"{{"type":"start_implementation","plan":"{plan}"}}"#
        ))
        .await;
    author.step(plan).await;
    author
        .done(decide("reject", 3, r#","reason":"no","from_step":0"#))
        .await;
    author.step(plan).await;
    author.done(decide("approve", 4, "")).await;
    let notes = format!(r#","passed":false,"notes":"{long}","from_step":0"#);
    author.done(decide("record_review", 5, &notes)).await;
    author.step(plan).await;
    let approved = author.done(decide("approve", 6, "")).await;
    author
        .done(decide("record_review", 7, r#","passed":true"#))
        .await;
    author
        .done(decide(
            "record_verification",
            8,
            r#","passed":false,"details":"it fails""#,
        ))
        .await;
    author
        .done(format!(
            r#"{{"type":"rollback_plan","plan":"{plan}","before":{}}}"#,
            approved.revision
        ))
        .await;
    author.done(decide("approve", 9, "")).await;
    author
        .done(decide(
            "record_review",
            10,
            r#","passed":true,"notes":"fine""#,
        ))
        .await;
    author
        .done(decide("record_verification", 11, r#","passed":true"#))
        .await;
}

/// Checkpoints go, by themselves and by command.
async fn retention<S: Storage>(author: &mut Author<S>, kept: CheckpointId) {
    for command in [
        format!(r#"{{"type":"pin_checkpoint","checkpoint":"{kept}","pinned":true}}"#),
        r#"{"type":"set_retention","policy":{"per_plan":2,"of_project":1}}"#.to_owned(),
        r#"{"type":"create_checkpoint","checkpoint":{"name":"newest 🎉"}}"#.to_owned(),
        r#"{"type":"apply_retention"}"#.to_owned(),
        r#"{"type":"apply_retention","policy":{"per_plan":1,"of_project":1}}"#.to_owned(),
    ] {
        author.done(command).await;
    }
}

/// What is done with context on demand.
async fn context<S: Storage>(author: &mut Author<S>) {
    let items = items(author.clock.0.load(Ordering::SeqCst));
    author
        .done(format!(r#"{{"type":"add_context","items":[{items}]}}"#))
        .await;
    for command in [
        r#"{"type":"flash_save","agent":"eva"}"#,
        r#"{"type":"flash_save","force":true}"#,
    ] {
        author.done(command).await;
    }
    let [one, two] = author.archived().await[..2] else {
        panic!("two items at least were cold")
    };
    for command in [
        format!(r#"{{"type":"touch_items","items":["{one}","{two}","{one}"]}}"#),
        format!(r#"{{"type":"restore_items","items":["{one}","{two}"]}}"#),
        format!(r#"{{"type":"pin_items","items":["{one}","{two}"]}}"#),
        format!(r#"{{"type":"unpin_items","items":["{one}"]}}"#),
        format!(r#"{{"type":"archive_items","items":["{two}"]}}"#),
        format!(r#"{{"type":"redact_item","item":"{two}","reason":"a key"}}"#),
    ] {
        author.done(command).await;
    }
}

async fn lines<S: Storage>(author: &Author<S>) -> String {
    let (engine, project) = (&author.engine, author.project);
    let report = engine.verify(project).await.expect("it can be read");
    assert!(report.is_clean() && report.snapshots > 0, "{report:?}");
    let storage = engine.storage();
    let entries = storage.entries(project, Revision::ZERO, 10_000).await;
    let mut lines = String::new();
    for sealed in entries.expect("they can be read") {
        let entry: Entry = serde_json::from_str(&sealed.text).expect("an entry");
        let types: Vec<String> = entry
            .events
            .iter()
            .map(|event| {
                let event = serde_json::to_value(event).expect("data");
                event["type"].as_str().expect("a type").to_owned()
            })
            .collect();
        let (revision, digest) = (sealed.revision, sealed.digest);
        writeln!(lines, "{revision} {digest} {}", types.join(",")).expect("a text takes all");
    }
    let head = storage.head(project).await;
    let head = head.expect("it can be read").expect("it is there");
    let newest = Snapshot::take(&*author.state().await, head).expect("it can be written");
    writeln!(lines, "state {}", newest.digest).expect("a text takes all");
    let kept = storage.snapshot(project, Revision::MAX).await;
    let kept = kept.expect("it can be read").expect("it was heavy");
    writeln!(lines, "snapshot {} {}", kept.revision, kept.digest).expect("a text takes all");
    lines
}

#[track_caller]
fn is_as_it_was(found: &str) {
    for (found, known) in found.lines().zip(FIXTURE.lines()) {
        assert_eq!(found, known);
    }
    assert_eq!(found.lines().count(), FIXTURE.lines().count());
}

#[cfg(not(target_family = "wasm"))]
mod natively {
    use super::*;

    #[test]
    fn digests_in_memory_are_those_of_the_fixture() {
        is_as_it_was(&pollster::block_on(run(MemoryStorage::new())));
    }

    #[cfg(feature = "sqlite")]
    #[test]
    fn digests_in_sqlite_are_those_of_the_fixture() {
        let folder = tempfile::tempdir().unwrap();
        let storage = holdpoint::storage::SqliteStorage::open(folder.path().join("store.db"));
        is_as_it_was(&pollster::block_on(run(storage.unwrap())));
    }

    /// Made once: it writes only where there is nothing yet.
    #[test]
    #[ignore = "writes the fixture"]
    fn write_the_fixture() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/digests.txt");
        assert_eq!(std::fs::read_to_string(path).unwrap(), "", "never edited");
        let lines = pollster::block_on(run(MemoryStorage::new()));
        std::fs::write(path, lines).unwrap();
    }
}

#[cfg(target_family = "wasm")]
mod in_a_browser {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    async fn digests_in_memory_are_those_of_the_fixture() {
        is_as_it_was(&Box::pin(run(MemoryStorage::new())).await);
    }

    #[cfg(feature = "indexeddb")]
    #[wasm_bindgen_test]
    async fn digests_in_indexeddb_are_those_of_the_fixture() {
        let name = format!("digests {}", js_sys::Math::random());
        let storage = holdpoint::storage::IndexedDbStorage::open(&name).await;
        is_as_it_was(&Box::pin(run(storage.unwrap())).await);
    }
}
