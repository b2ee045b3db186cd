//! Every kind of command, with the mark in every text that it can carry.

use holdpoint::engine::{Engine, EngineOptions, Receipt};
use holdpoint::machine::{
    Command, CommandKind, FirstPlan, InitialStatus, NewCheckpoint, NewItem, NewPlan, NewStep,
    Outcome,
};
use holdpoint::model::{
    CheckpointId, Digest, Gates, ItemId, LongText, PlanId, PlanSettings, PlanState, Point,
    ProjectId, ProjectSettings, RetentionPolicy, Trigger,
};
use holdpoint::storage::Storage;
use pollster::block_on;
use serde_json::Value;
use std::str::FromStr;

/// What stands in every text, and so must not be in any line of the log.
pub(crate) const MARK: &str = "s3cr3t";

/// A text with the mark in it.
pub(crate) fn said<T: FromStr>() -> T {
    parsed(MARK)
}

fn json<T: FromStr>() -> T {
    parsed(&format!("{{\"{MARK}\":\"{MARK}\"}}"))
}

fn parsed<T: FromStr>(text: &str) -> T {
    let Ok(parsed) = text.parse() else {
        panic!("{text} is not accepted")
    };
    parsed
}

pub(crate) fn text() -> LongText {
    LongText::new(MARK).expect("it is short")
}

/// An engine whose actor is marked too.
pub(crate) fn engine_over<S: Storage>(storage: S) -> Engine<S> {
    block_on(Engine::open_with(storage, EngineOptions::new(said()))).expect("it can be read")
}

pub(crate) fn create(status: InitialStatus) -> Command {
    Command::CreateProject {
        name: said(),
        status,
        settings: ProjectSettings::default(),
        plan: None,
    }
}

fn create_with_plan() -> Command {
    Command::CreateProject {
        name: said(),
        status: InitialStatus::Active,
        settings: ProjectSettings::default(),
        plan: Some(Box::new(FirstPlan {
            plan: plan(2),
            context: vec![item()],
        })),
    }
}

fn steps(count: usize) -> Vec<NewStep> {
    let step = || NewStep {
        title: said(),
        input: Some(json()),
    };
    std::iter::repeat_with(step).take(count).collect()
}

/// A plan with so many steps; without any they are yet to be planned.
pub(crate) fn plan(count: usize) -> NewPlan {
    NewPlan {
        request: text(),
        steps: (count > 0).then(|| steps(count)),
        settings: PlanSettings::default(),
    }
}

fn item() -> NewItem {
    NewItem {
        agent: said(),
        plan: None,
        kind: said(),
        body: said(),
        created_at: Some(parsed("2020-01-01T00:00:00.000Z")),
        pinned: false,
    }
}

fn checkpoint(plan: PlanId) -> NewCheckpoint {
    NewCheckpoint {
        plan: Some(plan),
        name: said(),
        description: Some(said()),
        reason: Some(said()),
        source_tool: Some(said()),
        phase: Some(said()),
        external_ref: Some(said()),
        data: Some(json()),
        pinned: false,
    }
}

/// A command that was done, as the log has it.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) kind: CommandKind,
    pub(crate) receipt: Receipt,
}

/// One who carries out commands and notes each.
struct Worker<'a, S: Storage> {
    engine: &'a Engine<S>,
    project: ProjectId,
    done: Vec<Done>,
}

impl<S: Storage> Worker<'_, S> {
    fn does(&mut self, command: Command) -> Outcome {
        assert_marked(&command);
        let kind = command.kind();
        let executed = match kind {
            CommandKind::CreateProject | CommandKind::ForkProject => {
                block_on(self.engine.create_project_with(command))
            }
            _ => block_on(self.engine.execute(self.project, command)),
        };
        let receipt = executed.unwrap_or_else(|error| panic!("{kind}: {error}"));
        self.project = receipt.project;
        let outcome = receipt.outcome.clone();
        self.done.push(Done { kind, receipt });
        outcome
    }

    fn started(&mut self, plan: NewPlan) -> PlanId {
        let Outcome::PlanCreated { plan } = self.does(Command::CreatePlan { plan }) else {
            panic!("no plan")
        };
        self.does(Command::StartPlan { plan });
        plan
    }

    fn attempt(&mut self, plan: PlanId) -> u64 {
        let outcome = self.does(Command::StartStep { plan, step: None });
        let Outcome::StepStarted(started) = outcome else {
            panic!("{outcome:?}")
        };
        started.attempt
    }

    fn completes(&mut self, plan: PlanId) {
        let attempt = self.attempt(plan);
        self.does(Command::CompleteStep {
            plan,
            attempt,
            output: Some(json()),
            context: vec![item()],
        });
    }

    fn archived(&self) -> Vec<ItemId> {
        let state = block_on(self.engine.project(self.project)).expect("it can be read");
        let archived = state.items.values().filter(|item| item.archived);
        archived.map(|item| item.id).collect()
    }

    fn first_checkpoint(&self) -> CheckpointId {
        let state = block_on(self.engine.project(self.project)).expect("it can be read");
        let checkpoints = state.checkpoints_in_order();
        let found = checkpoints.iter().find(|one| one.trigger == Trigger::Auto);
        found.expect("there is one").id
    }
}

/// Carries out every kind of command.
pub(crate) fn everything<S: Storage>(engine: &Engine<S>) -> Vec<Done> {
    let project = parsed("00000000000000000000000000");
    let mut worker = Worker {
        engine,
        project,
        done: Vec::new(),
    };
    worker.does(create(InitialStatus::Active));
    worker.does(Command::CompleteProject);
    worker.does(create_with_plan());
    worker.does(create(InitialStatus::Init));
    worker.does(Command::PlanProject);
    worker.does(Command::StartProject);
    worker.does(Command::SetAgent {
        agent: said(),
        token_limit: 1000,
    });
    let plan_of_three = worker.started(plan(3));
    worker.completes(plan_of_three);
    worker.completes(plan_of_three);
    let attempt = worker.attempt(plan_of_three);
    worker.does(Command::FailStep {
        plan: plan_of_three,
        attempt,
        error: text(),
    });
    worker.does(Command::CreateCheckpoint {
        checkpoint: checkpoint(plan_of_three),
    });
    let checkpoint = worker.first_checkpoint();
    worker.does(Command::PinCheckpoint {
        checkpoint,
        pinned: true,
    });
    worker.does(Command::AddContext {
        items: vec![item()],
    });
    worker.does(Command::Pause {
        reason: Some(said()),
    });
    // Nothing to do is an answer too.
    worker.does(Command::Pause {
        reason: Some(said()),
    });
    worker.does(Command::Resume { checkpoint: None });
    let items = worker.archived();
    worker.does(Command::RestoreItems { items });
    worker.does(Command::RevertPlan {
        plan: plan_of_three,
        to: PlanState::Implementing,
        from_step: None,
        reason: Some(said()),
    });
    worker.does(Command::RollbackPlan {
        plan: plan_of_three,
        checkpoint: None,
        before: None,
        reason: Some(said()),
    });
    let checkpoint = worker.first_checkpoint();
    worker.does(Command::RollbackProject {
        checkpoint,
        reason: Some(said()),
    });
    worker.does(Command::RenameProject { name: said() });
    let planned = worker.started(plan(0));
    worker.does(Command::SubmitPlan {
        plan: planned,
        text: text(),
        steps: steps(1),
    });
    worker.does(Command::FailPlan {
        plan: planned,
        error: text(),
    });
    worker.does(Command::RetryPlan { plan: planned });
    worker.does(Command::CancelPlan {
        plan: planned,
        reason: Some(said()),
    });
    let applied = worker.started(plan(1));
    worker.completes(applied);
    worker.does(Command::MarkApplied { plan: applied });
    decisions(&mut worker);
    on_demand(&mut worker, applied);
    retention(&mut worker);
    worker.does(Command::StopProject {
        reason: Some(said()),
    });
    worker.does(Command::StartProject);
    worker.does(Command::DeleteProject);
    for kind in CommandKind::ALL {
        let is_done = worker.done.iter().any(|done| done.kind == *kind);
        assert!(is_done, "{kind} was left out");
    }
    worker.done
}

/// A plan goes through all gates, and is sent back on the way.
fn decisions<S: Storage>(worker: &mut Worker<'_, S>) {
    let settings = PlanSettings {
        gates: Gates {
            plan: true,
            implementation: true,
            review: true,
            verification: true,
        },
        ..PlanSettings::default()
    };
    let gated = worker.started(NewPlan {
        settings,
        ..plan(0)
    });
    let submit = || Command::SubmitPlan {
        plan: gated,
        text: text(),
        steps: steps(1),
    };
    let approve = |submission| Command::Approve {
        plan: gated,
        submission,
    };
    worker.does(submit());
    worker.does(Command::Reject {
        plan: gated,
        submission: 1,
        reason: said(),
        from_step: None,
    });
    worker.does(submit());
    worker.does(approve(2));
    worker.does(Command::StartImplementation { plan: gated });
    worker.completes(gated);
    worker.does(approve(3));
    worker.does(Command::RecordReview {
        plan: gated,
        submission: 4,
        passed: true,
        notes: Some(text()),
        from_step: None,
    });
    worker.does(Command::RecordVerification {
        plan: gated,
        submission: 5,
        passed: false,
        details: Some(text()),
        from_step: None,
    });
}

/// Checkpoints go: by themselves, and by command with their names on record.
fn retention<S: Storage>(worker: &mut Worker<'_, S>) {
    let policy = |of_project| RetentionPolicy {
        per_plan: 9,
        of_project,
    };
    worker.does(Command::SetRetention { policy: policy(2) });
    for _ in 0..3 {
        let checkpoint = NewCheckpoint::named(said(), None);
        worker.does(Command::CreateCheckpoint { checkpoint });
    }
    let policy = Some(policy(1));
    worker.does(Command::ApplyRetention { policy });
}

/// Context is used, kept and taken away; texts are removed; a copy is made, and worked on from
/// then on.
fn on_demand<S: Storage>(worker: &mut Worker<'_, S>, done: PlanId) {
    let outcome = worker.does(Command::AddContext {
        items: vec![item()],
    });
    let Outcome::ContextAdded(added) = outcome else {
        panic!("{outcome:?}")
    };
    let items = added.items;
    let first = items[0];
    worker.does(Command::TouchItems {
        items: items.clone(),
    });
    worker.does(Command::PinItems {
        items: items.clone(),
    });
    worker.does(Command::UnpinItems {
        items: items.clone(),
    });
    worker.does(Command::ArchiveItems { items });
    worker.does(Command::FlashSave {
        agent: Some(said()),
        force: true,
    });
    worker.does(Command::RedactItem {
        item: first,
        reason: Some(said()),
    });
    worker.does(Command::RedactOutput {
        plan: done,
        step: 0,
        reason: Some(said()),
    });
    let body = format!("{MARK} once more");
    worker.does(Command::AddContext {
        items: vec![NewItem {
            body: parsed(&body),
            ..item()
        }],
    });
    worker.does(Command::RedactBody {
        digest: Digest::of(body.as_bytes()),
        reason: Some(said()),
    });
    worker.does(Command::ForkProject {
        source: worker.project,
        at: Point::Now,
        name: Some(said()),
    });
}

/// Every text of a command has the mark in it, those in `data` and the like included.
fn assert_marked(command: &Command) {
    /// Fields that are no texts: words of a list, ids, times.
    const WORDS: [&str; 13] = [
        "type",
        "status",
        "flash_save",
        "to",
        "plan",
        "checkpoint",
        "items",
        "created_at",
        "gates",
        "item",
        "source",
        "at",
        "digest",
    ];

    fn walk(field: &str, value: &Value) {
        match value {
            Value::String(text) if !WORDS.contains(&field) => {
                assert!(text.contains(MARK), "{field} is not marked: {text}");
            }
            Value::Array(list) => list.iter().for_each(|value| walk(field, value)),
            Value::Object(object) => object.iter().for_each(|(name, value)| walk(name, value)),
            _ => {}
        }
    }

    walk(
        "",
        &serde_json::to_value(command).expect("a command has a JSON form"),
    );
}
