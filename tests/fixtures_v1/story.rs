//! The work that the fixtures are of: some projects with nearly everything in them, told anew on
//! any storage with the same ids at the same times. It may grow until the release, not after it.

use holdpoint::engine::{Clock, Engine, EngineOptions, Receipt};
use holdpoint::journal::Snapshot;
use holdpoint::machine::{Outcome, Request};
use holdpoint::model::{
    CheckpointId, CommandId, ItemId, PlanId, PlanState, Project, ProjectId, Timestamp,
};
use holdpoint::storage::{Epoch, Lease, Storage};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// 2026-01-01T12:00:00Z.
const NOON: i64 = 1_767_268_800_000;

/// A text with what has broken somebody's encoding, quoting or escaping before; as JSON.
const ODD: &str =
    r#"ř e\u0301 \u0001 \" \\ / \r\n\t \u2028 \u202e \ufeff שלום 👩\u200d👧 '; drop table plans"#;

const ALL_GATES: &str =
    r#""gates":{"plan":true,"implementation":true,"review":true,"verification":true}"#;

/// What a lease says that a worker held when its process died.
const HELD: &str = r#"{"v":1,"holder":"ana","worker":"01KDWPVNG00000000000000001","shows_life":true,"taken_at":"2026-01-01T12:00:00.000Z","expires_at":"2026-01-01T12:00:30.000Z"}"#;

#[derive(Clone)]
struct SetClock(Arc<AtomicI64>);

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_milliseconds_clamped(self.0.load(Ordering::SeqCst))
    }
}

/// Who tells it.
struct Teller<S: Storage> {
    engine: Engine<S>,
    clock: SetClock,
    given: u64,
}

/// The id of the n-th command.
pub(crate) fn command_id(n: u64) -> CommandId {
    CommandId::from_parts(
        NOON.unsigned_abs() + n,
        u128::from(n) * 0x0fed_cba9_8765_4321,
    )
}

impl<S: Storage> Teller<S> {
    async fn done(&mut self, project: ProjectId, command: impl AsRef<str>) -> Receipt {
        let command = command.as_ref();
        self.given += 1;
        let request = Request {
            id: command_id(self.given),
            actor: ["ana", "žofie 🎉"][usize::from(self.given.is_multiple_of(3))]
                .parse()
                .expect("a name"),
            expected_revision: None,
            command: serde_json::from_str(command)
                .unwrap_or_else(|error| panic!("{command}: {error}")),
        };
        // On the heap: all these futures side by side would overflow the stack of a module that
        // isn't optimised.
        let receipt = Box::pin(self.engine.submit(project, request)).await;
        self.clock.0.fetch_add(60_123, Ordering::SeqCst);
        receipt.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// A new project; it is made by this command.
    async fn project(&mut self, command: impl AsRef<str>) -> ProjectId {
        let project = ProjectId::created_by(&command_id(self.given + 1));
        self.done(project, command).await;
        project
    }

    async fn plan(&mut self, project: ProjectId, plan: impl AsRef<str>) -> PlanId {
        let command = format!(r#"{{"type":"create_plan","plan":{}}}"#, plan.as_ref());
        match self.done(project, command).await.outcome {
            Outcome::PlanCreated { plan } => plan,
            other => panic!("{other:?}"),
        }
    }

    async fn checkpoint(&mut self, project: ProjectId, checkpoint: &str) -> CheckpointId {
        let command = format!(r#"{{"type":"create_checkpoint","checkpoint":{checkpoint}}}"#);
        match self.done(project, command).await.outcome {
            Outcome::CheckpointCreated { checkpoint } => checkpoint,
            other => panic!("{other:?}"),
        }
    }

    async fn attempt(&mut self, project: ProjectId, plan: PlanId) -> u64 {
        let start = format!(r#"{{"type":"start_step","plan":"{plan}"}}"#);
        match self.done(project, start).await.outcome {
            Outcome::StepStarted(started) => started.attempt,
            other => panic!("{other:?}"),
        }
    }

    async fn step(&mut self, project: ProjectId, plan: PlanId) {
        let attempt = self.attempt(project, plan).await;
        self.done(
            project,
            format!(
                r#"{{"type":"complete_step","plan":"{plan}","attempt":{attempt},
                "output":"{{\"ž\":[1.50,-0.0,1e3,\"{attempt}\"]}}",
                "context":[{{"agent":"eva","kind":"code","body":"learned in {attempt}: {ODD}"}}]}}"#
            ),
        )
        .await;
    }

    async fn state(&self, project: ProjectId) -> Arc<Project> {
        let state = self.engine.project(project).await;
        state.expect("it is there")
    }

    /// The items that are archived, or those that aren't.
    async fn items(&self, project: ProjectId, archived: bool) -> Vec<ItemId> {
        let state = self.state(project).await;
        let items = state.items_in_order().into_iter();
        items
            .filter(|item| item.archived == archived)
            .map(|item| item.id)
            .collect()
    }

    /// Leads a plan with all gates to a state.
    async fn lead(&mut self, project: ProjectId, plan: PlanId, wanted: PlanState) {
        loop {
            let state = self.state(project).await;
            let progress = &state.plans.get(&plan).expect("it was made").progress;
            let (found, submission) = (progress.state, progress.submission);
            if found == wanted {
                return;
            }
            let of_plan = |command: &str, rest: &str| {
                format!(r#"{{"type":"{command}","plan":"{plan}"{rest}}}"#)
            };
            let decided = |command: &str, rest: &str| {
                let submission = submission.expect("it waits for a decision");
                of_plan(command, &format!(r#","submission":{submission}{rest}"#))
            };
            let command = match found {
                PlanState::Pending => of_plan("start_plan", ""),
                PlanState::Planning if wanted == PlanState::Cancelled => {
                    of_plan("cancel_plan", &format!(r#","reason":"{ODD}""#))
                }
                PlanState::Planning => of_plan(
                    "submit_plan",
                    r#","text":"how ř","steps":[{"title":"only","input":"1e2"}]"#,
                ),
                PlanState::PlanApproved => of_plan("start_implementation", ""),
                PlanState::Implementing if wanted == PlanState::Failed => {
                    of_plan("fail_plan", &format!(r#","error":"{ODD}""#))
                }
                PlanState::Implementing => {
                    self.step(project, plan).await;
                    continue;
                }
                PlanState::PlanAwaitingApproval | PlanState::ImplementationAwaitingApproval => {
                    decided("approve", "")
                }
                PlanState::Reviewing => {
                    decided("record_review", r#","passed":true,"notes":"fine""#)
                }
                PlanState::Verifying => decided("record_verification", r#","passed":true"#),
                other => panic!("nothing leads from {other} to {wanted}"),
            };
            self.done(project, command).await;
        }
    }

    /// A project with plans in each state there is.
    async fn workshop(&mut self) -> (ProjectId, CheckpointId) {
        let project = self
            .project(
                r#"{"type":"create_project","name":"workshop \"ř\" 🎉",
                "settings":{"token_limit":3000,"flash_save":"always"}}"#,
            )
            .await;
        for state in PlanState::ALL {
            let request = format!("until {state} ř 🎉");
            let plan = self
                .plan(
                    project,
                    format!(r#"{{"request":"{request}","settings":{{{ALL_GATES}}}}}"#),
                )
                .await;
            self.lead(project, plan, state).await;
        }
        // Sent back once at a gate, and applied.
        let plan = self
            .plan(
                project,
                format!(r#"{{"request":"sent back","settings":{{{ALL_GATES}}}}}"#),
            )
            .await;
        self.lead(project, plan, PlanState::PlanAwaitingApproval)
            .await;
        self.done(
            project,
            format!(r#"{{"type":"reject","plan":"{plan}","submission":1,"reason":"{ODD}"}}"#),
        )
        .await;
        self.lead(project, plan, PlanState::Verifying).await;
        self.done(
            project,
            format!(
                r#"{{"type":"record_verification","plan":"{plan}","submission":5,"passed":false,
                "details":"{}","from_step":0}}"#,
                "a long text ř ".repeat(290)
            ),
        )
        .await;
        self.lead(project, plan, PlanState::Completed).await;
        self.done(
            project,
            format!(r#"{{"type":"mark_applied","plan":"{plan}"}}"#),
        )
        .await;
        let whole = self.there_and_back(project).await;
        self.context(project).await;
        (project, whole)
    }

    /// A plan that fails, goes back, is rolled back, alone and with its project.
    async fn there_and_back(&mut self, project: ProjectId) -> CheckpointId {
        let plan = self
            .plan(
                project,
                format!(
                    r#"{{"request":"there and back",
                    "settings":{{"max_reversions":7,"max_attempts":2,"auto_checkpoint_interval":2}},
                    "steps":[{{"title":"{ODD}"}},{{"title":"two","input":"[1.50,null]"}},{{"title":"3"}}]}}"#
                ),
            )
            .await;
        self.done(
            project,
            format!(r#"{{"type":"start_plan","plan":"{plan}"}}"#),
        )
        .await;
        self.step(project, plan).await;
        let own = self
            .checkpoint(
                project,
                &format!(
                    r#"{{"plan":"{plan}","name":"own ř","description":"{ODD}","reason":"r","source_tool":"t",
                    "phase":"p","external_ref":"e","data":"{{\"a\":1.10}}","pinned":true}}"#
                ),
            )
            .await;
        let whole = self.checkpoint(project, r#"{"name":"whole"}"#).await;
        self.step(project, plan).await;
        let attempt = self.attempt(project, plan).await;
        for command in [
            format!(
                r#"{{"type":"fail_step","plan":"{plan}","attempt":{attempt},"error":"{ODD}"}}"#
            ),
            format!(
                r#"{{"type":"rollback_plan","plan":"{plan}","checkpoint":"{own}","reason":"back"}}"#
            ),
            format!(
                r#"{{"type":"revert_plan","plan":"{plan}","to":"implementing","from_step":0}}"#
            ),
            format!(r#"{{"type":"fail_plan","plan":"{plan}","error":"broken"}}"#),
            format!(r#"{{"type":"retry_plan","plan":"{plan}"}}"#),
            r#"{"type":"pause","reason":"lunch"}"#.to_owned(),
            r#"{"type":"resume"}"#.to_owned(),
            format!(r#"{{"type":"rollback_project","checkpoint":"{whole}","reason":"far 🎉"}}"#),
        ] {
            self.done(project, command).await;
        }
        self.step(project, plan).await;
        whole
    }

    async fn cold_context(&mut self, project: ProjectId) {
        let items: Vec<_> = (0..6)
            .map(|n| {
                format!(
                    r#"{{"agent":"eva","kind":"note","body":"{n} {ODD} {}",
                    "created_at":"2024-01-0{}T00:00:00.000Z","pinned":{}}}"#,
                    "words ".repeat(20),
                    n + 1,
                    n == 5
                )
            })
            .collect();
        self.done(
            project,
            format!(r#"{{"type":"add_context","items":[{}]}}"#, items.join(",")),
        )
        .await;
    }

    async fn context(&mut self, project: ProjectId) {
        self.done(
            project,
            r#"{"type":"set_agent","agent":"eva","token_limit":500}"#,
        )
        .await;
        self.cold_context(project).await;
        self.done(project, r#"{"type":"flash_save","force":true}"#)
            .await;
        let [one, two, three] = self.items(project, true).await[..3] else {
            panic!("some were cold")
        };
        let state = self.state(project).await;
        let mut plans = state.plans_in_order().into_iter();
        let completed = plans.find(|plan| plan.progress.state == PlanState::Completed);
        let completed = completed.expect("one was led there").id;
        for command in [
            format!(r#"{{"type":"restore_items","items":["{one}","{two}"]}}"#),
            format!(r#"{{"type":"touch_items","items":["{one}","{two}","{one}"]}}"#),
            format!(r#"{{"type":"pin_items","items":["{one}","{two}"]}}"#),
            format!(r#"{{"type":"unpin_items","items":["{one}"]}}"#),
            format!(r#"{{"type":"archive_items","items":["{two}"]}}"#),
            format!(r#"{{"type":"redact_item","item":"{three}","reason":"a key ř"}}"#),
            format!(r#"{{"type":"redact_output","plan":"{completed}","step":0}}"#),
        ] {
            self.done(project, command).await;
        }
    }

    /// A project that keeps few checkpoints.
    async fn tidy(&mut self) {
        let project = self
            .project(r#"{"type":"create_project","name":"tidy"}"#)
            .await;
        let keeps = r#"{"type":"set_retention","policy":{"per_plan":2,"of_project":3}}"#;
        self.done(project, keeps).await;
        self.checkpoint(project, r#"{"name":"goes by itself"}"#)
            .await;
        let pinned = self.checkpoint(project, r#"{"name":"pinned"}"#).await;
        for name in ["goes by command", "stays"] {
            self.checkpoint(project, &format!(r#"{{"name":"{name}"}}"#))
                .await;
        }
        for command in [
            format!(r#"{{"type":"pin_checkpoint","checkpoint":"{pinned}","pinned":true}}"#),
            r#"{"type":"apply_retention","policy":{"per_plan":1,"of_project":1}}"#.to_owned(),
        ] {
            self.done(project, command).await;
        }
    }

    /// Projects in each status there is, beside the workshop.
    async fn others(&mut self) {
        self.project(r#"{"type":"create_project","name":"begun","status":"init"}"#)
            .await;
        let life = self
            .project(r#"{"type":"create_project","name":"life","status":"init"}"#)
            .await;
        for command in [
            r#"{"type":"plan_project"}"#.to_owned(),
            r#"{"type":"start_project"}"#.to_owned(),
            format!(r#"{{"type":"rename_project","name":"{ODD}"}}"#),
            r#"{"type":"stop_project","reason":"night"}"#.to_owned(),
            r#"{"type":"start_project"}"#.to_owned(),
            r#"{"type":"complete_project"}"#.to_owned(),
        ] {
            self.done(life, command).await;
        }
        let planned = r#"{"type":"create_project","name":"planned","status":"planning"}"#;
        self.project(planned).await;
        let stopped = self
            .project(r#"{"type":"create_project","name":"stopped"}"#)
            .await;
        self.done(stopped, r#"{"type":"stop_project"}"#).await;
    }

    /// A project that is paused, with somebody at work in it who is gone since.
    async fn paused(&mut self) {
        let project = self
            .project(
                r#"{"type":"create_project","name":"held",
                "plan":{"plan":{"request":"go on one day","steps":[{"title":"first"},{"title":"second"}]}}}"#,
            )
            .await;
        let plan = self.state(project).await.plans_in_order()[0].id;
        self.attempt(project, plan).await;
        self.cold_context(project).await;
        let pause = format!(r#"{{"type":"pause","reason":"{ODD}"}}"#);
        self.done(project, pause).await;
        let lease = Lease {
            epoch: Epoch(7),
            text: HELD.into(),
        };
        let storage = self.engine.storage();
        let swapped = storage.swap_lease(project, plan, None, lease).await;
        swapped.expect("nobody has it");
    }

    async fn keep_snapshot(&self, project: ProjectId) {
        let head = self.engine.storage().head(project).await;
        let head = head.expect("it can be read").expect("it is there");
        let taken = Snapshot::take(&*self.state(project).await, head);
        let taken = taken.expect("it can be written");
        let saved = self.engine.storage().save_snapshot(project, taken).await;
        assert_eq!(saved, Ok(true));
    }
}

/// Tells it all.
pub(crate) async fn tell<S: Storage>(storage: S) -> Engine<S> {
    let clock = SetClock(Arc::new(AtomicI64::new(NOON)));
    let mut options = EngineOptions::new("ana".parse().expect("a name"));
    options.clock = Box::new(clock.clone());
    let engine = Engine::open_with(storage, options).await;
    let mut teller = Teller {
        engine: engine.expect("an empty store"),
        clock,
        given: 0,
    };
    let (workshop, whole) = Box::pin(teller.workshop()).await;
    teller.keep_snapshot(workshop).await;
    // So that something comes after the snapshot.
    teller
        .done(
            workshop,
            r#"{"type":"rename_project","name":"the workshop"}"#,
        )
        .await;
    let fork = format!(r#"{{"type":"fork_project","source":"{workshop}","at":"{whole}"}}"#);
    teller.project(fork).await;
    Box::pin(teller.others()).await;
    Box::pin(teller.tidy()).await;
    Box::pin(teller.paused()).await;
    let gone = r#"{"type":"create_project","name":"gone"}"#;
    let gone = teller.project(gone).await;
    teller.done(gone, r#"{"type":"delete_project"}"#).await;
    teller.engine
}
