//! Which command a project's status lets through: the second table, written
//! out by hand.

use super::commands::*;
use super::given::{Given, days_before};
use holdpoint::machine::{
    Command, CommandKind, Event, InitialStatus, Outcome, ProjectCreated, Rejection,
};
use holdpoint::model::{CheckpointId, Gates, ItemId, PlanId, Point, ProjectStatus};
use std::sync::Arc;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A project with something for every command to work on.
pub(crate) struct Rich {
    pub(crate) given: Given,
    pending: PlanId,
    planning: PlanId,
    /// Attempt 2 at step 1 is running.
    running: PlanId,
    failed: PlanId,
    completed: PlanId,
    /// Submission 1 of each of these waits.
    waiting: PlanId,
    reviewing: PlanId,
    verifying: PlanId,
    approved: PlanId,
    archived: ItemId,
    active: ItemId,
    pinned: ItemId,
    checkpoint: CheckpointId,
}

impl Rich {
    pub(crate) fn active() -> Self {
        let mut given = Given::project();
        let pending = given.created(create_plan(2));
        let planning = given.started_plan(0);
        let failed = given.started_plan(1);
        given.done(fail_plan(failed));
        let completed = given.started_plan(1);
        given.step_done(completed);
        let none = Gates::default();
        let plan = Gates { plan: true, ..none };
        let [waiting, approved] = [0, 1].map(|_| {
            let waiting = given.started_gated_plan(0, plan);
            given.done(submit_plan(waiting, 1));
            waiting
        });
        given.done(approve(approved, 1));
        let review = Gates {
            review: true,
            ..none
        };
        let verification = Gates {
            verification: true,
            ..none
        };
        let [reviewing, verifying] = [review, verification].map(|gates| {
            let done = given.started_gated_plan(1, gates);
            given.step_done(done);
            done
        });
        let old = days_before(100, given.now);
        let archived = given.added(vec![item("ana", "diary", 10).from(old)])[0];
        given.paused();
        given.done(resume());
        let active = given.added(vec![item("ana", "code", 10)])[0];
        let pinned = given.added(vec![item("ana", "code", 10).pinned()])[0];
        let running = given.started_plan(3);
        let checkpoint = given.checkpoint("early", None);
        given.step_done(running);
        given.attempt(running);
        Self {
            given,
            pending,
            planning,
            running,
            failed,
            completed,
            waiting,
            reviewing,
            verifying,
            approved,
            archived,
            active,
            pinned,
            checkpoint,
        }
    }

    /// The same in this status. Where commands don't lead there with so much under way, an
    /// event does.
    pub(crate) fn in_status(status: ProjectStatus) -> Self {
        let mut rich = Self::active();
        match status {
            ProjectStatus::Active => {}
            ProjectStatus::Paused => {
                rich.given.paused();
            }
            ProjectStatus::Stopped => {
                rich.given.done(stop());
            }
            ProjectStatus::Init | ProjectStatus::Planning | ProjectStatus::Completed => {
                let project = rich.given.state();
                let created = ProjectCreated {
                    name: project.name.clone(),
                    status,
                    settings: project.settings.clone(),
                };
                rich.given.force(&[Event::ProjectCreated(created)]);
            }
        }
        assert_eq!(rich.given.state().status, status);
        // Long enough for what isn't pinned to get cold.
        rich.given.now = days_before(-100, rich.given.now);
        rich
    }

    /// A command of this kind that only the status could speak against.
    pub(crate) fn command(&self, kind: CommandKind) -> Command {
        match kind {
            CommandKind::CreateProject => create_project(InitialStatus::Active),
            CommandKind::PlanProject => Command::PlanProject,
            CommandKind::StartProject => Command::StartProject,
            CommandKind::Pause => pause(),
            CommandKind::Resume => resume(),
            CommandKind::StopProject => stop(),
            CommandKind::CompleteProject => Command::CompleteProject,
            CommandKind::RenameProject => rename("Shop"),
            CommandKind::DeleteProject => Command::DeleteProject,
            CommandKind::CreatePlan => create_plan(1),
            CommandKind::StartPlan => start_plan(self.pending),
            CommandKind::SubmitPlan => submit_plan(self.planning, 1),
            CommandKind::StartStep => start_step(self.running),
            CommandKind::CompleteStep => complete_step(self.running, 2),
            CommandKind::FailStep => fail_step(self.running, 2),
            CommandKind::FailPlan => fail_plan(self.pending),
            CommandKind::CancelPlan => cancel_plan(self.pending),
            CommandKind::RetryPlan => retry_plan(self.failed),
            CommandKind::RevertPlan => revert_to_step(self.running, 0),
            CommandKind::MarkApplied => mark_applied(self.completed),
            CommandKind::SetAgent => set_agent("ana", 99),
            CommandKind::AddContext => add_context(vec![item("ana", "code", 1)]),
            CommandKind::RestoreItems => restore_items(vec![self.archived]),
            CommandKind::CreateCheckpoint => checkpoint("now", None),
            CommandKind::PinCheckpoint => pin_checkpoint(self.checkpoint, true),
            CommandKind::SetRetention => set_retention(policy(2, 2)),
            CommandKind::ApplyRetention => apply_retention(policy(1, 1)),
            CommandKind::RollbackPlan => rollback_plan(self.running, self.checkpoint),
            CommandKind::RollbackProject => rollback_project(self.checkpoint),
            CommandKind::ForkProject => fork(Given::elsewhere().state().id, Point::Now),
            CommandKind::Approve => approve(self.waiting, 1),
            CommandKind::Reject => reject(self.waiting, 1),
            CommandKind::StartImplementation => start_implementation(self.approved),
            CommandKind::RecordReview => review(self.reviewing, 1, true),
            CommandKind::RecordVerification => verification(self.verifying, 1, false),
            CommandKind::TouchItems => touch_items(vec![self.active, self.archived]),
            CommandKind::PinItems => pin_items(vec![self.active]),
            CommandKind::UnpinItems => unpin_items(vec![self.pinned]),
            CommandKind::ArchiveItems => archive_items(vec![self.active]),
            CommandKind::FlashSave => flash_save(None, true),
            CommandKind::RedactItem => redact_item(self.active),
            CommandKind::RedactOutput => redact_output(self.running, 0),
            CommandKind::RedactBody => {
                redact_body(self.given.state().items[&self.active].body.digest)
            }
            other => panic!("{other} is new: give it a row"),
        }
    }
}

/// What a status says to a command.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Says {
    /// A new entry.
    Yes,
    /// Success, and no entry.
    Nothing,
    /// Refused with this code.
    No(&'static str),
}

#[test]
fn r6_r13_each_status_lets_exactly_its_commands_through() {
    use CommandKind as C;
    use Says::{No, Nothing, Yes};
    const MOVE: Says = No("INVALID_TRANSITION");
    const PAUSED: Says = No("PROJECT_PAUSED");
    const STOPPED: Says = No("PROJECT_STOPPED");
    const COMPLETED: Says = No("PROJECT_COMPLETED");
    const NOT_PAUSED: Says = No("PROJECT_NOT_PAUSED");
    const NOT_STARTED: Says = No("PROJECT_NOT_STARTED");
    const STATUSES: [ProjectStatus; 6] = [
        ProjectStatus::Init,
        ProjectStatus::Planning,
        ProjectStatus::Active,
        ProjectStatus::Paused,
        ProjectStatus::Stopped,
        ProjectStatus::Completed,
    ];
    #[rustfmt::skip]
    let table: &[(CommandKind, [Says; 6])] = &[
        //                      init         planning     active      paused   stopped  completed
        (C::CreateProject,    [MOVE,        MOVE,        MOVE,       MOVE,    MOVE,    MOVE]),
        // It makes a project, so there must be none yet.
        (C::ForkProject,      [MOVE,        MOVE,        MOVE,       MOVE,    MOVE,    MOVE]),
        (C::PlanProject,      [Yes,         MOVE,        MOVE,       PAUSED,  STOPPED, COMPLETED]),
        (C::StartProject,     [Yes,         Yes,         MOVE,       PAUSED,  Yes,     COMPLETED]),
        (C::Pause,            [MOVE,        Yes,         Yes,        Nothing, STOPPED, COMPLETED]),
        (C::Resume,           [NOT_PAUSED,  NOT_PAUSED,  NOT_PAUSED, Yes,     STOPPED, COMPLETED]),
        (C::StopProject,      [MOVE,        Yes,         Yes,        Yes,     STOPPED, COMPLETED]),
        (C::CompleteProject,  [MOVE,        MOVE, No("PLANS_UNFINISHED"), PAUSED, STOPPED, COMPLETED]),
        (C::RenameProject,    [Yes,         Yes,         Yes,        Yes,     Yes,     Yes]),
        (C::DeleteProject,    [Nothing,     Nothing,     Nothing,    Nothing, Nothing, Nothing]),
        (C::CreatePlan,       [Yes,         Yes,         Yes,        Yes,     STOPPED, COMPLETED]),
        (C::StartPlan,        [Yes,         Yes,         Yes,        PAUSED,  STOPPED, COMPLETED]),
        (C::SubmitPlan,       [Yes,         Yes,         Yes,        PAUSED,  STOPPED, COMPLETED]),
        (C::Approve,          [Yes,         Yes,         Yes,        Yes,     STOPPED, COMPLETED]),
        (C::Reject,           [Yes,         Yes,         Yes,        Yes,     STOPPED, COMPLETED]),
        (C::StartImplementation, [Yes,      Yes,         Yes,        PAUSED,  STOPPED, COMPLETED]),
        (C::RecordReview,     [Yes,         Yes,         Yes,        PAUSED,  STOPPED, COMPLETED]),
        (C::RecordVerification, [Yes,       Yes,         Yes,        PAUSED,  STOPPED, COMPLETED]),
        (C::StartStep,        [NOT_STARTED, NOT_STARTED, Yes,        PAUSED,  STOPPED, COMPLETED]),
        (C::CompleteStep,     [Yes,         Yes,         Yes,        Yes,     STOPPED, COMPLETED]),
        (C::FailStep,         [Yes,         Yes,         Yes,        Yes,     STOPPED, COMPLETED]),
        (C::FailPlan,         [Yes,         Yes,         Yes,        Yes,     STOPPED, COMPLETED]),
        (C::CancelPlan,       [Yes,         Yes,         Yes,        Yes,     STOPPED, COMPLETED]),
        (C::RetryPlan,        [Yes,         Yes,         Yes,        PAUSED,  STOPPED, COMPLETED]),
        (C::RevertPlan,       [Yes,         Yes,         Yes,        Yes,     STOPPED, COMPLETED]),
        (C::MarkApplied,      [Yes,         Yes,         Yes,        Yes,     STOPPED, Yes]),
        (C::SetAgent,         [Yes,         Yes,         Yes,        Yes,     STOPPED, COMPLETED]),
        (C::AddContext,       [Yes,         Yes,         Yes,        PAUSED,  STOPPED, COMPLETED]),
        (C::RestoreItems,     [Yes,         Yes,         Yes,        Yes,     STOPPED, COMPLETED]),
        (C::TouchItems,       [Yes,         Yes,         Yes,        Yes,     STOPPED, COMPLETED]),
        (C::PinItems,         [Yes,         Yes,         Yes,        Yes,     STOPPED, COMPLETED]),
        (C::UnpinItems,       [Yes,         Yes,         Yes,        Yes,     STOPPED, COMPLETED]),
        (C::ArchiveItems,     [Yes,         Yes,         Yes,        Yes,     STOPPED, COMPLETED]),
        (C::FlashSave,        [Yes,         Yes,         Yes,        Yes,     STOPPED, COMPLETED]),
        (C::RedactItem,       [Yes,         Yes,         Yes,        Yes,     Yes,     Yes]),
        (C::RedactOutput,     [Yes,         Yes,         Yes,        Yes,     Yes,     Yes]),
        (C::RedactBody,       [Yes,         Yes,         Yes,        Yes,     Yes,     Yes]),
        (C::CreateCheckpoint, [Yes,         Yes,         Yes,        Yes,     Yes,     COMPLETED]),
        (C::PinCheckpoint,    [Yes,         Yes,         Yes,        Yes,     Yes,     Yes]),
        (C::SetRetention,     [Yes,         Yes,         Yes,        Yes,     Yes,     Yes]),
        (C::ApplyRetention,   [Yes,         Yes,         Yes,        Yes,     Yes,     Yes]),
        (C::RollbackPlan,     [Yes,         Yes,         Yes,        Yes,     STOPPED, COMPLETED]),
        (C::RollbackProject,  [Yes,         Yes,         Yes,        Yes,     STOPPED, COMPLETED]),
    ];
    for kind in CommandKind::ALL {
        let rows = table.iter().filter(|(row, _)| row == kind).count();
        assert_eq!(rows, 1, "{kind} has one row");
    }
    for (column, status) in STATUSES.into_iter().enumerate() {
        let rich = Rich::in_status(status);
        for (kind, row) in table {
            let mut given = rich.given.clone();
            let said = match given.when(rich.command(*kind)).0 {
                Ok(answer) if answer.is_new => Yes,
                Ok(_) => Nothing,
                Err(rejection) => No(rejection.code().as_str()),
            };
            assert_eq!(said, row[column], "{kind} in a project that is {status}");
            let is_new = u64::from(said == Yes);
            assert_eq!(given.revision().get(), rich.given.revision().get() + is_new);
            if said != Yes {
                assert_eq!(given.state(), rich.given.state(), "{kind} in {status}");
            }
        }
    }
}

#[test]
fn a_project_moves_as_its_table_says() {
    for (from, command, to) in [
        (
            InitialStatus::Init,
            Command::PlanProject,
            ProjectStatus::Planning,
        ),
        (
            InitialStatus::Init,
            Command::StartProject,
            ProjectStatus::Active,
        ),
        (
            InitialStatus::Planning,
            Command::StartProject,
            ProjectStatus::Active,
        ),
        (InitialStatus::Planning, pause(), ProjectStatus::Paused),
        (InitialStatus::Planning, stop(), ProjectStatus::Stopped),
        (InitialStatus::Active, pause(), ProjectStatus::Paused),
        (InitialStatus::Active, stop(), ProjectStatus::Stopped),
        (
            InitialStatus::Active,
            Command::CompleteProject,
            ProjectStatus::Completed,
        ),
    ] {
        let mut given = Given::project_in(from);
        given.done(command);
        assert_eq!(given.state().status, to);
    }
}

#[test]
fn a_project_is_created_active_unless_asked_otherwise() {
    let text = r#"{"type":"create_project","name":"Site"}"#;
    let mut given = Given::nothing();
    let outcome = given.done(serde_json::from_str(text).unwrap());
    assert_eq!(outcome, Outcome::ProjectCreated { plan: None });
    let project = given.state();
    assert_eq!(project.status, ProjectStatus::Active);
    assert_eq!(project.settings.token_limit, 180_000);
    assert_eq!(
        (project.created_at, project.created_by.as_str()),
        (super::given::noon(), "ana")
    );
    for status in ["stopped", "paused", "completed", "deleted"] {
        let text = format!(r#"{{"type":"create_project","name":"Site","status":"{status}"}}"#);
        assert!(serde_json::from_str::<Command>(&text).is_err(), "{status}");
    }
}

#[test]
fn stopping_ends_the_pause_and_the_work_can_start_again() {
    let mut given = Given::project();
    let plan = given.started_plan(2);
    let attempt = given.attempt(plan);
    given.paused();
    given.done(stop());
    assert_eq!(given.state().status, ProjectStatus::Stopped);
    assert_eq!(given.state().pause, None);
    given.done(Command::StartProject);
    assert_eq!(given.state().status, ProjectStatus::Active);
    // The attempt was running all along.
    given.done(complete_step(plan, attempt));
    // A pause after it is a new one.
    assert!(!given.paused().already_paused);
}

#[test]
fn a_project_is_completed_only_when_no_plan_is_unfinished() {
    let mut given = Given::project();
    let done = given.started_plan(1);
    let failed = given.started_plan(1);
    let cancelled = given.created(create_plan(1));
    let refusal = given.when(Command::CompleteProject).refusal();
    assert_eq!(refusal, Rejection::PlansUnfinished { unfinished: 3 });
    given.step_done(done);
    given.done(fail_plan(failed));
    assert_eq!(
        given.when(Command::CompleteProject).refusal(),
        Rejection::PlansUnfinished { unfinished: 1 }
    );
    given.done(cancel_plan(cancelled));
    given.done(Command::CompleteProject);
    // Its result can still be applied; nothing else of it changes any more.
    given.done(mark_applied(done));
    assert_eq!(given.refused(retry_plan(failed)), "PROJECT_COMPLETED");
}

#[test]
fn a_rename_changes_the_name_and_nothing_else() {
    let mut given = Rich::active().given;
    let before = given.state().clone();
    assert_eq!(
        given.done(rename("Läden 🛒")),
        Outcome::ProjectRenamed {
            name: "Läden 🛒".parse().unwrap()
        }
    );
    let mut after = given.state().clone();
    assert_eq!(after.name.as_str(), "Läden 🛒");
    after.name = before.name.clone();
    (after.revision, after.updated_at) = (before.revision, before.updated_at);
    after.sizes = before.sizes;
    assert_eq!(after, before);
}

#[test]
fn r6_nothing_can_be_asked_of_a_project_that_is_not_there() {
    let rich = Rich::active();
    for kind in CommandKind::ALL {
        let mut nothing = Given::nothing();
        nothing.source = Some(Arc::new(Given::elsewhere()));
        let then = nothing.when(rich.command(*kind)).0;
        match kind {
            CommandKind::CreateProject | CommandKind::ForkProject => {
                assert!(then.is_ok_and(|answer| answer.is_new));
            }
            _ => assert_eq!(
                then.err().map(|error| error.code().as_str()),
                Some("PROJECT_NOT_FOUND")
            ),
        }
    }
}
