//! The path that a plan takes: R40, R44, with each of the sixteen choices of gates; and the six
//! stages on it, R43.

use super::commands::*;
use super::given::Given;
use holdpoint::machine::{Command, Event};
use holdpoint::model::{Gates, Name, PlanId, PlanSettings, PlanState, Stage, Trigger};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// For each choice of gates (plan, implementation, review, verification) the states that a plan
/// goes through when all goes well: given steps, and without.
#[rustfmt::skip]
const PATHS: [([u8; 4], &str, &str); 16] = [
    ([0, 0, 0, 0], "pending work                          done", "pending plan                work                          done"),
    ([0, 0, 0, 1], "pending work               verify     done", "pending plan                work               verify     done"),
    ([0, 0, 1, 0], "pending work        review            done", "pending plan                work        review            done"),
    ([0, 0, 1, 1], "pending work        review verify     done", "pending plan                work        review verify     done"),
    ([0, 1, 0, 0], "pending work shown                    done", "pending plan                work shown                    done"),
    ([0, 1, 0, 1], "pending work shown         verify     done", "pending plan                work shown         verify     done"),
    ([0, 1, 1, 0], "pending work shown  review            done", "pending plan                work shown  review            done"),
    ([0, 1, 1, 1], "pending work shown  review verify     done", "pending plan                work shown  review verify     done"),
    // With the plan gate, steps that were given are only a draft of what is submitted.
    ([1, 0, 0, 0], "pending plan waits approved work                      done", "pending plan waits approved work                      done"),
    ([1, 0, 0, 1], "pending plan waits approved work               verify done", "pending plan waits approved work               verify done"),
    ([1, 0, 1, 0], "pending plan waits approved work        review        done", "pending plan waits approved work        review        done"),
    ([1, 0, 1, 1], "pending plan waits approved work        review verify done", "pending plan waits approved work        review verify done"),
    ([1, 1, 0, 0], "pending plan waits approved work shown                done", "pending plan waits approved work shown                done"),
    ([1, 1, 0, 1], "pending plan waits approved work shown         verify done", "pending plan waits approved work shown         verify done"),
    ([1, 1, 1, 0], "pending plan waits approved work shown  review        done", "pending plan waits approved work shown  review        done"),
    ([1, 1, 1, 1], "pending plan waits approved work shown  review verify done", "pending plan waits approved work shown  review verify done"),
];

fn state(word: &str) -> PlanState {
    match word {
        "pending" => PlanState::Pending,
        "plan" => PlanState::Planning,
        "waits" => PlanState::PlanAwaitingApproval,
        "approved" => PlanState::PlanApproved,
        "work" => PlanState::Implementing,
        "shown" => PlanState::ImplementationAwaitingApproval,
        "review" => PlanState::Reviewing,
        "verify" => PlanState::Verifying,
        "done" => PlanState::Completed,
        other => panic!("{other} is no state"),
    }
}

fn gates([plan, implementation, review, verification]: [u8; 4]) -> Gates {
    Gates {
        plan: plan == 1,
        implementation: implementation == 1,
        review: review == 1,
        verification: verification == 1,
    }
}

fn plan_with(given: &mut Given, steps: usize, gates: Gates, interval: u32) -> PlanId {
    let mut plan = new_plan(steps);
    plan.settings = PlanSettings {
        gates,
        auto_checkpoint_interval: interval,
        ..PlanSettings::default()
    };
    given.created(Command::CreatePlan { plan })
}

/// What is done next with a plan with which all goes well; none when it is completed.
fn next(given: &Given, plan: PlanId) -> Option<Command> {
    let record = given.plan(plan);
    let running = record.steps.get(record.next_step());
    Some(match record.progress.state {
        PlanState::Pending => start_plan(plan),
        PlanState::Planning => submit_plan(plan, 2),
        PlanState::PlanAwaitingApproval | PlanState::ImplementationAwaitingApproval => {
            approve(plan, given.submission(plan))
        }
        PlanState::PlanApproved => start_implementation(plan),
        PlanState::Implementing => match running.and_then(|step| step.attempt) {
            Some(attempt) => complete_step(plan, attempt),
            None => start_step(plan),
        },
        PlanState::Reviewing => review(plan, given.submission(plan), true),
        PlanState::Verifying => verification(plan, given.submission(plan), true),
        state => {
            assert_eq!(state, PlanState::Completed);
            return None;
        }
    })
}

#[test]
fn r40_r44_with_each_choice_of_gates_a_plan_takes_its_path() {
    for (on, with_steps, without) in PATHS {
        for (steps, path) in [(2, with_steps), (0, without)] {
            let mut given = Given::project();
            let plan = plan_with(&mut given, steps, gates(on), 1);
            let (mut taken, mut submissions) = (vec![PlanState::Pending], 0);
            while let Some(command) = next(&given, plan) {
                given.done(command);
                let progress = &given.plan(plan).progress;
                if taken.last() != Some(&progress.state) {
                    taken.push(progress.state);
                    submissions += u64::from(progress.submission.is_some());
                }
                assert_eq!(
                    progress.submission.is_some(),
                    progress.state.awaits_decision()
                );
            }
            let expected: Vec<_> = path.split_whitespace().map(state).collect();
            assert_eq!(taken, expected, "{on:?}, {steps} steps");
            // One for each gate, and a verdict on each.
            let count = u64::from(on.iter().sum::<u8>());
            let record = given.plan(plan);
            assert_eq!((submissions, record.guards.last_submission), (count, count));
            assert_eq!(record.verdicts.len() as u64, count);
            assert!(record.verdicts.iter().all(|verdict| verdict.passed));
            assert!(record.progress.completed_at.is_some());
            assert_eq!(record.guards.retry_count, 0);
            assert_eq!(record.guards.reversion_count, 0);
        }
    }
}

/// The phases of the checkpoints that came with stages, in order.
fn phases(given: &Given, plan: PlanId) -> Vec<String> {
    let own = given.state().checkpoints_in_order().into_iter();
    own.filter(|checkpoint| checkpoint.trigger == Trigger::PhaseTransition)
        .map(|checkpoint| {
            assert_eq!(checkpoint.plan, Some(plan));
            let phase = checkpoint.phase.as_ref().map(Name::as_str);
            phase.expect("a stage has a phase").to_owned()
        })
        .collect()
}

#[test]
fn r43_a_checkpoint_is_taken_at_each_stage_that_a_plan_reaches() {
    for (on, with_steps, without) in PATHS {
        // The step's own checkpoints don't change that.
        for (steps, path, interval) in [(2, with_steps, 1), (0, without, 0), (0, without, 1)] {
            let mut given = Given::project();
            let plan = plan_with(&mut given, steps, gates(on), interval);
            while let Some(command) = next(&given, plan) {
                given.done(command);
            }
            let mut expected = vec!["workflow_start"];
            let is_on_path = |word| path.split_whitespace().any(|part| part == word);
            for (word, phase) in [
                ("plan", "after_planning"),
                ("approved", "start_implementation"),
                ("work", "after_implementation"),
                ("review", "after_review"),
                ("verify", "after_verification"),
            ] {
                if is_on_path(word) {
                    expected.push(phase);
                }
            }
            assert_eq!(phases(&given, plan), expected, "{on:?}, {steps} steps");
            // Besides them one after the first of the two steps.
            let all = given.state().checkpoints.len();
            assert_eq!(all, expected.len() + usize::from(interval == 1));
        }
    }
}

#[test]
fn r43_a_stages_checkpoint_says_what_it_stands_for() {
    let mut given = Given::project();
    let plan = given.created(create_gated_plan(0, ALL_GATES));
    let mut seen = Vec::new();
    while let Some(command) = next(&given, plan) {
        let answer = given.when(command).answer();
        let taken: Vec<_> = answer
            .events
            .iter()
            .filter_map(|event| match event {
                Event::CheckpointCreated(taken) => Some(&taken.checkpoint),
                _ => None,
            })
            .collect();
        assert!(taken.len() <= 1, "one checkpoint an entry");
        for checkpoint in taken {
            assert_eq!(
                checkpoint.revision,
                given.revision(),
                "it stands for its own entry"
            );
            assert_eq!(given.plan(plan).last_checkpoint_id, Some(checkpoint.id));
            assert!(!checkpoint.safety && !checkpoint.pinned);
            if checkpoint.trigger == Trigger::PhaseTransition {
                let phase = checkpoint.phase.as_ref().expect("a stage has a phase");
                seen.push((
                    phase.as_str().to_owned(),
                    checkpoint.name.as_str().to_owned(),
                ));
            }
        }
    }
    let stages = Stage::ALL.map(|stage| (stage.as_str().to_owned(), stage.title().to_owned()));
    assert_eq!(seen, stages);
}

#[test]
fn r43_what_did_not_pass_is_no_stage() {
    let mut given = Given::project();
    let plan = given.started_gated_plan(0, ALL_GATES);
    let count = |given: &Given, more: usize, what: &str| {
        let found = given.state().checkpoints.len();
        assert_eq!(found, more, "{what}");
    };
    given.done(submit_plan(plan, 1));
    count(&given, 2, "start, planning");
    given.done(reject(plan, 1));
    count(&given, 2, "rejected");
    given.done(submit_plan(plan, 1));
    count(&given, 3, "planned again");
    given.done(approve(plan, 2));
    count(
        &given,
        3,
        "an approval is followed by the start of the implementation",
    );
    given.done(start_implementation(plan));
    given.step_done(plan);
    count(&given, 5, "implemented");
    given.done(reject(plan, 3));
    count(&given, 5, "rejected");
    given.step_done(plan);
    given.done(approve(plan, 4));
    given.done(review(plan, 5, false));
    count(&given, 6, "implemented again; the review did not pass");
    given.step_done(plan);
    given.done(approve(plan, 6));
    given.done(review(plan, 7, true));
    given.done(verification(plan, 8, false));
    count(&given, 8, "implemented, reviewed; not verified");
}

#[test]
fn r43_a_plan_that_a_project_is_created_with_has_its_stage_too() {
    let mut given = Given::nothing();
    let mut plan = new_plan(1);
    plan.settings.auto_checkpoint_interval = 0;
    let first = holdpoint::machine::FirstPlan {
        plan,
        context: vec![item("ana", "code", 1)],
    };
    given.done(Command::CreateProject {
        name: "Site".parse().unwrap(),
        status: holdpoint::machine::InitialStatus::Active,
        settings: holdpoint::model::ProjectSettings::default(),
        plan: Some(Box::new(first)),
    });
    let plan = given.state().plans_in_order()[0].id;
    assert_eq!(phases(&given, plan), ["workflow_start"]);
}

#[test]
fn r40_what_was_sent_back_passes_every_later_gate_again() {
    let mut given = Given::project();
    let plan = given.started_gated_plan(0, ALL_GATES);
    let path = |given: &mut Given| -> Vec<PlanState> {
        let mut taken = vec![given.plan_state(plan)];
        while let Some(command) = next(given, plan) {
            given.done(command);
            if taken.last() != Some(&given.plan_state(plan)) {
                taken.push(given.plan_state(plan));
            }
        }
        taken
    };
    given.done(submit_plan(plan, 1));
    given.done(approve(plan, 1));
    given.done(start_implementation(plan));
    given.step_done(plan);
    given.done(approve(plan, 2));
    given.done(review(plan, 3, true));
    given.done(verification(plan, 4, false));
    let states = "work shown review verify done";
    let expected: Vec<_> = states.split_whitespace().map(state).collect();
    assert_eq!(path(&mut given), expected);
    assert_eq!(given.plan(plan).guards.last_submission, 7);
}

#[test]
fn r47_after_a_pause_each_state_goes_on_where_it_was() {
    let mut given = Given::project();
    let plan = given.created(create_gated_plan(0, ALL_GATES));
    loop {
        let before = given.plan(plan).progress.clone();
        given.paused();
        given.done(resume());
        assert_eq!(given.plan(plan).progress, before);
        let Some(command) = next(&given, plan) else {
            break;
        };
        given.done(command);
    }
}

#[test]
fn r13_what_was_approved_during_a_pause_is_implemented_after_it() {
    let mut given = Given::project();
    let plan = given.started_gated_plan(0, ALL_GATES);
    given.done(submit_plan(plan, 1));
    given.paused();
    given.done(approve(plan, 1));
    assert_eq!(given.refused(start_implementation(plan)), "PROJECT_PAUSED");
    given.done(resume());
    given.done(start_implementation(plan));
    let attempt = given.attempt(plan);
    given.paused();
    // The result of a step in flight may open a gate; its decision is taken during the pause too.
    given.done(complete_step(plan, attempt));
    given.done(approve(plan, 2));
    assert_eq!(given.refused(review(plan, 3, true)), "PROJECT_PAUSED");
    given.done(resume());
    given.done(review(plan, 3, true));
    assert_eq!(given.plan_state(plan), PlanState::Verifying);
}
