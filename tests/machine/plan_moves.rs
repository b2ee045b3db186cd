//! The table of a plan's moves, written out by hand and not taken from the code.

use super::commands::*;
use super::given::Given;
use holdpoint::machine::{CommandKind, Rejection};
use holdpoint::model::{Gates, PlanId, PlanSettings, PlanState};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use PlanState::{
    Cancelled, Completed, Failed, ImplementationAwaitingApproval, Implementing, Pending,
    PlanApproved, PlanAwaitingApproval, Planning, Reviewing, Verifying,
};

const STATES: [PlanState; 11] = [
    Pending,
    Planning,
    PlanAwaitingApproval,
    PlanApproved,
    Implementing,
    ImplementationAwaitingApproval,
    Reviewing,
    Verifying,
    Completed,
    Failed,
    Cancelled,
];

/// The one gate that a plan is to wait at when it is brought to this state.
fn gates_to(state: PlanState) -> Gates {
    Gates {
        plan: matches!(state, PlanAwaitingApproval | PlanApproved),
        implementation: state == ImplementationAwaitingApproval,
        review: state == Reviewing,
        verification: state == Verifying,
    }
}

/// A plan in this state. Three steps where it has some; while it is implemented, and after it
/// failed or was cancelled, the first is done and attempt 2 at the second is running. What waits
/// for a decision is submission 1.
fn plan_in(state: PlanState) -> (Given, PlanId) {
    let mut given = Given::project();
    let plan = given.created(create_gated_plan(
        if state == Planning { 0 } else { 3 },
        gates_to(state),
    ));
    if state != Pending {
        given.done(start_plan(plan));
    }
    match state {
        Pending | Planning => {}
        PlanAwaitingApproval | PlanApproved => {
            given.done(submit_plan(plan, 3));
            if state == PlanApproved {
                given.done(approve(plan, 1));
            }
        }
        Implementing | Failed | Cancelled => {
            given.step_done(plan);
            given.attempt(plan);
            match state {
                Failed => drop(given.done(fail_plan(plan))),
                Cancelled => drop(given.done(cancel_plan(plan))),
                _ => {}
            }
        }
        ImplementationAwaitingApproval | Reviewing | Verifying | Completed => {
            given.steps_done(plan, 3);
        }
    }
    assert_eq!(given.plan_state(plan), state);
    (given, plan)
}

/// What a state says to a command.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Says {
    /// The plan goes there.
    To(PlanState),
    /// Refused with this code.
    No(&'static str),
}

#[test]
fn r40_each_plan_state_has_exactly_its_moves() {
    use Says::{No, To};
    const NO: Says = No("INVALID_TRANSITION");
    /// The plan never had that attempt.
    const NONE: Says = No("STEP_NOT_FOUND");
    /// It had, and it came to its end.
    const OVER: Says = No("SUPERSEDED");
    /// It never had that submission.
    const SUB: Says = No("SUBMISSION_NOT_FOUND");
    const FAIL: Says = To(Failed);
    const STOP: Says = To(Cancelled);
    const PLAN: Says = To(Planning);
    const GO: Says = To(PlanApproved);
    const WORK: Says = To(Implementing);
    const DONE: Says = To(Completed);
    #[rustfmt::skip]
    let table: [[Says; 11]; 18] = [
        // In the order of STATES:
        //                pending planning awaits approved work  awaits review verify completed failed cancelled
        /* start       */ [WORK,  NO,    NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO],
        /* submit      */ [NO,    WORK,  NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO,   NO],
        /* approve     */ [SUB,   SUB,   GO,   OVER, SUB,  DONE, NO,   NO,   SUB,  SUB,  SUB],
        /* reject      */ [SUB,   SUB,   PLAN, OVER, SUB,  WORK, NO,   NO,   SUB,  SUB,  SUB],
        /* implement   */ [NO,    NO,    NO,   WORK, NO,   NO,   NO,   NO,   NO,   NO,   NO],
        /* start step  */ [NO,    NO,    NO,   NO,   WORK, NO,   NO,   NO,   NO,   NO,   NO],
        /* complete    */ [NONE,  NONE,  NONE, NONE, WORK, OVER, OVER, OVER, OVER, NO,   NO],
        /* fail step   */ [NONE,  NONE,  NONE, NONE, WORK, OVER, OVER, OVER, OVER, NO,   NO],
        /* good review */ [SUB,   SUB,   NO,   OVER, SUB,  NO,   DONE, NO,   SUB,  SUB,  SUB],
        /* bad review  */ [SUB,   SUB,   NO,   OVER, SUB,  NO,   WORK, NO,   SUB,  SUB,  SUB],
        /* verified    */ [SUB,   SUB,   NO,   OVER, SUB,  NO,   NO,   DONE, SUB,  SUB,  SUB],
        /* not verified*/ [SUB,   SUB,   NO,   OVER, SUB,  NO,   NO,   WORK, SUB,  SUB,  SUB],
        /* fail        */ [FAIL,  FAIL,  FAIL, FAIL, FAIL, FAIL, FAIL, FAIL, NO,   NO,   NO],
        /* cancel      */ [STOP,  STOP,  STOP, STOP, STOP, STOP, STOP, STOP, NO,   STOP, NO],
        /* retry       */ [NO,    NO,    NO,   NO,   NO,   NO,   NO,   NO,   NO,   WORK, NO],
        /* to planning */ [NO,    PLAN,  PLAN, PLAN, PLAN, PLAN, PLAN, PLAN, NO,   NO,   NO],
        /* to a step   */ [NO,    NO,    NO,   NO,   WORK, WORK, WORK, WORK, NO,   NO,   NO],
        /* applied     */ [NO,    NO,    NO,   NO,   NO,   NO,   NO,   NO,   DONE, NO,   NO],
    ];
    for (column, state) in STATES.into_iter().enumerate() {
        let (start, plan) = plan_in(state);
        let commands = [
            start_plan(plan),
            submit_plan(plan, 2),
            approve(plan, 1),
            reject(plan, 1),
            start_implementation(plan),
            start_step(plan),
            complete_step(plan, 2),
            fail_step(plan, 2),
            review(plan, 1, true),
            review(plan, 1, false),
            verification(plan, 1, true),
            verification(plan, 1, false),
            fail_plan(plan),
            cancel_plan(plan),
            retry_plan(plan),
            revert_to_planning(plan),
            revert_to_step(plan, 0),
            mark_applied(plan),
        ];
        for (command, row) in commands.into_iter().zip(table) {
            let (kind, mut given) = (command.kind(), start.clone());
            let said = match given.when(command).0 {
                Ok(answer) => {
                    assert!(answer.is_new);
                    To(given.plan_state(plan))
                }
                Err(rejection) => {
                    assert_eq!(given.state(), start.state());
                    No(rejection.code().as_str())
                }
            };
            assert_eq!(said, row[column], "{kind} of a plan that is {state}");
        }
    }
}

#[test]
fn r40_a_refused_move_names_the_state_the_command_and_what_is_allowed() {
    use CommandKind as C;
    const ENDS: [CommandKind; 2] = [C::FailPlan, C::CancelPlan];
    for state in STATES {
        let mut expected: Vec<CommandKind> = match state {
            Pending => vec![C::StartPlan],
            Planning => vec![C::SubmitPlan, C::RevertPlan],
            Implementing => vec![C::StartStep, C::CompleteStep, C::FailStep, C::RevertPlan],
            PlanAwaitingApproval | ImplementationAwaitingApproval => {
                vec![C::Approve, C::Reject, C::RevertPlan]
            }
            PlanApproved => vec![C::StartImplementation, C::RevertPlan],
            Reviewing => vec![C::RecordReview, C::RevertPlan],
            Verifying => vec![C::RecordVerification, C::RevertPlan],
            Completed => vec![C::MarkApplied],
            Failed => vec![C::CancelPlan, C::RetryPlan],
            Cancelled => vec![],
        };
        if !matches!(state, Completed | Failed | Cancelled) {
            expected.extend(ENDS);
        }
        expected.sort_unstable();
        let (mut given, plan) = plan_in(state);
        let command = if state == Pending {
            submit_plan(plan, 1)
        } else {
            start_plan(plan)
        };
        let kind = command.kind();
        let refusal = given.when(command).refusal();
        let message = refusal.to_string();
        let Rejection::InvalidTransition {
            subject,
            state: named,
            command,
            mut allowed,
        } = refusal
        else {
            panic!("{refusal:?} is another refusal");
        };
        allowed.sort_unstable();
        assert_eq!(
            (subject, named, command),
            (format!("plan {plan}"), state.to_string(), kind)
        );
        assert_eq!(allowed, expected, "in {state}");
        for part in [state.as_str(), &kind.as_str(), &plan.to_string()] {
            assert!(message.contains(part), "{message} names {part}");
        }
    }
}

#[test]
fn r40_a_started_plan_without_steps_is_planned_first() {
    let mut given = Given::project();
    let plan = given.created(create_plan(0));
    assert_eq!(given.plan_state(plan), Pending);
    given.done(start_plan(plan));
    assert_eq!(given.plan_state(plan), Planning);
    assert_eq!(given.refused(submit_plan(plan, 0)), "NO_STEPS");
    given.done(submit_plan(plan, 2));
    assert_eq!(given.plan_state(plan), Implementing);
    assert_eq!(given.plan(plan).steps.len(), 2);
    assert_eq!(given.plan(plan).progress.last_completed_step, -1);
}

#[test]
fn a_plan_is_made_with_steps_or_without_but_not_with_an_empty_list() {
    let mut given = Given::project();
    let mut plan = new_plan(0);
    plan.steps = Some(vec![]);
    assert_eq!(
        given.refused(holdpoint::machine::Command::CreatePlan { plan }),
        "NO_STEPS"
    );
}

#[test]
fn new_steps_replace_the_old_ones_and_have_new_ids() {
    let mut given = Given::project();
    let plan = given.started_plan(3);
    given.steps_done(plan, 2);
    let old: Vec<_> = given.plan(plan).steps.iter().map(|step| step.id).collect();
    given.done(revert_to_planning(plan));
    given.done(submit_plan(plan, 2));
    let record = given.plan(plan);
    assert_eq!(
        (record.steps.len(), record.progress.last_completed_step),
        (2, -1)
    );
    assert!(
        record
            .steps
            .iter()
            .all(|step| !old.contains(&step.id) && step.attempt.is_none())
    );
    // Attempts are numbered per plan and never reused.
    assert_eq!(given.attempt(plan), 3);
}

#[test]
fn settings_that_could_never_work_are_refused() {
    let mut given = Given::project();
    let mut refused = |settings: PlanSettings| {
        let mut plan = new_plan(1);
        plan.settings = settings;
        given.refused(holdpoint::machine::Command::CreatePlan { plan })
    };
    let no_attempts = PlanSettings {
        max_attempts: 0,
        ..PlanSettings::default()
    };
    assert_eq!(refused(no_attempts), "INVALID_INPUT");
}

#[test]
fn what_a_plan_begins_with() {
    let mut given = Given::project();
    let plan = given.created(create_plan(2));
    let record = given.plan(plan);
    assert_eq!(record.number, 1);
    assert_eq!(record.guards, holdpoint::model::PlanGuards::default());
    assert_eq!(record.progress, holdpoint::model::PlanProgress::pending());
    assert_eq!((record.last_checkpoint_id, record.applied_at), (None, None));
    assert_eq!(
        record.settings,
        PlanSettings {
            max_reversions: 3,
            max_attempts: 3,
            auto_checkpoint_interval: 1,
            ..PlanSettings::default()
        }
    );
}

#[test]
fn a_plan_that_is_not_there_is_named_in_the_refusal() {
    let mut given = Given::project();
    let elsewhere = Given::project().started_plan(1);
    given.checkpoint("here", None);
    for command in [
        start_plan(elsewhere),
        submit_plan(elsewhere, 1),
        approve(elsewhere, 1),
        reject(elsewhere, 1),
        start_implementation(elsewhere),
        review(elsewhere, 1, true),
        verification(elsewhere, 1, false),
        redact_output(elsewhere, 0),
        rollback_before(elsewhere, holdpoint::model::Revision::FIRST),
        start_step(elsewhere),
        complete_step(elsewhere, 1),
        fail_step(elsewhere, 1),
        fail_plan(elsewhere),
        cancel_plan(elsewhere),
        retry_plan(elsewhere),
        revert_to_planning(elsewhere),
        mark_applied(elsewhere),
        rollback_plan(elsewhere, None),
        checkpoint("of it", elsewhere),
        add_context(vec![item("ana", "code", 1).of_plan(elsewhere)]),
    ] {
        let kind = command.kind();
        let refusal = given.when(command).refusal();
        assert_eq!(
            refusal,
            Rejection::PlanNotFound { plan: elsewhere },
            "{kind}"
        );
    }
}
