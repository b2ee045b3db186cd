//! A project that has lived long, in IndexedDB: 2,000 items, 1,000 entries.

use crate::indexeddb_raw::fresh_name;
use crate::support::fault_storage::{FaultStorage, Faults, Operation};
use holdpoint::engine::Engine;
use holdpoint::machine::{Command, NewCheckpoint, NewItem, Outcome};
use holdpoint::model::{CheckpointId, ItemKind, Name, PlanId, ProjectId, Revision};
use holdpoint::storage::{Durability, IndexedDbOptions, IndexedDbStorage, Storage as _};
use wasm_bindgen_test::wasm_bindgen_test;

const STEPS: usize = 500;
const ITEMS_A_STEP: usize = 4;

type Indexed = Engine<FaultStorage<IndexedDbStorage>>;

#[wasm_bindgen_test]
async fn r45_a_project_of_2000_items_and_1000_entries_opens_commits_checkpoints_and_rolls_back() {
    let name = fresh_name("long");
    let (engine, _) = open(&name).await;
    let (project, plan) = made(&engine).await;
    let before = engine.project(project).await.unwrap();
    assert_eq!(before.figures.items, 2_000);
    assert!(
        before.revision >= Revision::new(1_000),
        "{}",
        before.revision
    );
    drop(engine);

    // It opens, from a snapshot and some entries, as it was.
    let (engine, faults) = open(&name).await;
    let state = engine.project(project).await.unwrap();
    assert_eq!(state, before);
    let snapshots = faults.operations().into_iter();
    let snapshots = snapshots.filter(|met| *met == Operation::Snapshot);
    assert_eq!(snapshots.count(), 1);
    let snapshot = engine.storage().snapshot(project, state.revision).await;
    assert!(snapshot.unwrap().is_some(), "there is one to open from");

    // A commit and a checkpoint read nothing, however much there is.
    faults.disarm();
    let first = checkpoint(&engine, project).await;
    let add = Command::AddContext {
        items: vec![item("the last one")],
    };
    engine.execute(project, add).await.unwrap();
    step(&engine, project, plan, vec![item("with a step")]).await;
    let second = checkpoint(&engine, project).await;
    let met = faults.operations();
    let writes = |met: &&Operation| **met == Operation::Append;
    assert_eq!(met.iter().filter(writes).count(), 5, "{met:?}");
    let reads: Vec<_> = met.iter().filter(|met| !met.writes()).collect();
    assert!(reads.is_empty(), "{reads:?}");
    let state = engine.project(project).await.unwrap();
    assert_eq!(state.figures.items, 2_002);
    let far = i64::try_from(STEPS).unwrap();
    let last_step = |state: &holdpoint::model::Project| {
        let plan = state.plans.get(&plan).expect("it is there");
        plan.progress.last_completed_step
    };
    assert_eq!(last_step(&state), far);

    // The plan goes back by a step, and the item that came with it leaves.
    let back = Command::RollbackPlan {
        plan,
        checkpoint: None,
        before: None,
        reason: None,
    };
    engine.execute(project, back).await.unwrap();
    let state = engine.project(project).await.unwrap();
    assert_eq!(last_step(&state), far - 1);
    assert_eq!(state.figures.items, 2_001);

    // The project goes back to before, and forward again.
    roll_back(&engine, project, first).await;
    let state = engine.project(project).await.unwrap();
    assert_eq!(state.items, before.items);
    roll_back(&engine, project, second).await;
    let state = engine.project(project).await.unwrap();
    assert_eq!(state.figures.items, 2_002);
    assert_eq!(last_step(&state), far);

    // All of it is there for whoever opens it next, and sound.
    drop(engine);
    let (engine, _) = open(&name).await;
    assert_eq!(engine.project(project).await.unwrap(), state);
    let report = engine.verify(project).await.unwrap();
    assert!(report.findings.is_empty(), "{report:?}");
}

async fn open(name: &str) -> (Indexed, Faults) {
    let mut options = IndexedDbOptions::default();
    options.durability = Durability::Relaxed;
    let storage = IndexedDbStorage::open_with(name, &options).await.unwrap();
    let storage = FaultStorage::new(storage);
    let faults = storage.faults();
    let engine = Engine::open(storage, "ana".parse().unwrap()).await.unwrap();
    faults.disarm();
    (engine, faults)
}

/// The project, and the plan whose steps brought its items: one step is left.
async fn made(engine: &Indexed) -> (ProjectId, PlanId) {
    let name = Name::new("long").unwrap();
    let project = engine.create_project(name).await.unwrap().project;
    let titles = (0..=STEPS).map(|number| format!("step {number}"));
    let plan = engine
        .create_plan(project, "a long one", titles)
        .await
        .unwrap();
    let start = Command::StartPlan { plan };
    engine.execute(project, start).await.unwrap();
    for _ in 0..STEPS {
        let items = (0..ITEMS_A_STEP).map(|number| item(&format!("finding {number}")));
        step(engine, project, plan, items.collect()).await;
    }
    (project, plan)
}

async fn step(engine: &Indexed, project: ProjectId, plan: PlanId, items: Vec<NewItem>) {
    let attempt = engine.start_step(project, plan).await.unwrap().attempt;
    let done = engine.complete_step(project, plan, attempt, None, items);
    done.await.unwrap();
}

async fn checkpoint(engine: &Indexed, project: ProjectId) -> CheckpointId {
    let checkpoint = NewCheckpoint::named("here".parse().unwrap(), None);
    let taken = Command::CreateCheckpoint { checkpoint };
    match engine.execute(project, taken).await.unwrap().outcome {
        Outcome::CheckpointCreated { checkpoint } => checkpoint,
        other => panic!("{other:?} is no checkpoint"),
    }
}

async fn roll_back(engine: &Indexed, project: ProjectId, checkpoint: CheckpointId) {
    let reason = None;
    let back = Command::RollbackProject { checkpoint, reason };
    engine.execute(project, back).await.unwrap();
}

fn item(body: &str) -> NewItem {
    NewItem {
        agent: "agent".parse().unwrap(),
        plan: None,
        kind: ItemKind::new("code").unwrap(),
        body: body.parse().unwrap(),
        created_at: None,
        pinned: false,
    }
}
