//! Checkpoints: R14, R43 (after steps; stages are in `stages.rs`), R60.

use super::commands::*;
use super::given::{Given, command};
use holdpoint::machine::{Command, Event, NewCheckpoint, Outcome};
use holdpoint::model::{Data, Description, Figures, Name, PlanId, PlanSettings, Reason, Trigger};
use serde_json::json;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn plan_with_interval(given: &mut Given, steps: usize, interval: u32) -> PlanId {
    let mut plan = new_plan(steps);
    let auto_checkpoint_interval = interval;
    plan.settings = PlanSettings {
        auto_checkpoint_interval,
        ..PlanSettings::default()
    };
    let plan = given.created(Command::CreatePlan { plan });
    given.done(start_plan(plan));
    plan
}

/// Which of so many steps brought a checkpoint of the step with them. The plan's start brings one
/// of its stage, and so does the last step, which outranks the step's.
fn steps_with_checkpoints(interval: u32, steps: usize) -> Vec<u32> {
    let mut given = Given::project();
    let plan = plan_with_interval(&mut given, steps, interval);
    let mut taken = Vec::new();
    for _ in 0..steps {
        let done = given.step_done(plan);
        let last = given.plan(plan).last_checkpoint_id;
        if let Some(id) = done.checkpoint {
            let checkpoint = &given.state().checkpoints[&id];
            assert_eq!(checkpoint.plan, Some(plan));
            assert_eq!(
                checkpoint.revision,
                given.revision(),
                "it stands for its own entry"
            );
            assert!(!checkpoint.safety);
            assert_eq!(last, Some(id));
            let is_last = done.step as usize + 1 == steps;
            let expected = [Trigger::Auto, Trigger::PhaseTransition][usize::from(is_last)];
            assert_eq!(checkpoint.trigger, expected);
            if !is_last {
                taken.push(done.step);
            }
        }
    }
    assert_eq!(given.state().checkpoints.len(), taken.len() + 2);
    taken
}

#[test]
fn r43_a_checkpoint_is_taken_after_every_nth_completed_step() {
    assert!(steps_with_checkpoints(0, 4).is_empty());
    assert_eq!(steps_with_checkpoints(1, 4), [0, 1, 2]);
    assert_eq!(steps_with_checkpoints(3, 7), [2, 5]);
    assert_eq!(steps_with_checkpoints(3, 6), [2]);
    assert!(steps_with_checkpoints(u32::MAX, 3).is_empty());
}

#[test]
fn r43_an_entry_has_one_checkpoint_at_most() {
    let mut given = Given::project();
    let plan = given.started_plan(1);
    let attempt = given.attempt(plan);
    let context = vec![item("ana", "code", 1)];
    let answer = given
        .when(complete_step_with(plan, attempt, context))
        .answer();
    let checkpoints = answer
        .events
        .iter()
        .filter(|event| matches!(event, Event::CheckpointCreated(_)));
    assert_eq!(checkpoints.count(), 1);
}

#[test]
fn r60_figures_are_those_of_the_moment() {
    let mut given = Given::project();
    let (first, second) = (given.started_plan(1), given.started_plan(2));
    given.done(set_agent("idle", 5));
    given.done(add_context(vec![
        item("ana", "code", 10),
        item("ben", "code", 20),
    ]));
    let at = |plans_completed, active_agents, items, tokens| Figures {
        plans_completed,
        plans: 2,
        active_agents,
        items,
        tokens,
    };
    let manual = given.checkpoint("by hand", None);
    assert_eq!(given.state().checkpoints[&manual].figures, at(0, 2, 2, 30));
    // One that comes with a step counts the step, its plan and its context.
    let attempt = given.attempt(first);
    given.done(complete_step_with(
        first,
        attempt,
        vec![item("cyd", "code", 5)],
    ));
    let auto = given.plan(first).last_checkpoint_id.unwrap();
    assert_eq!(given.state().checkpoints[&auto].figures, at(1, 3, 3, 35));
    // One from before a rollback counts what was there before it.
    let attempt = given.attempt(second);
    given.done(complete_step_with(
        second,
        attempt,
        vec![item("cyd", "code", 7)],
    ));
    let report = given.rolled_back(rollback_project(manual));
    let safety = &given.state().checkpoints[&report.safety_checkpoint];
    assert_eq!(safety.figures, at(1, 3, 4, 42));
    assert_eq!(given.state().figures, at(0, 2, 2, 30));
}

#[test]
fn r60_a_checkpoint_keeps_all_that_was_said_of_it() {
    let mut given = Given::project();
    let plan = given.started_plan(1);
    let text = json!({
        "type": "create_checkpoint",
        "checkpoint": {
            "plan": plan, "name": "vor dem Umbau 🏗", "description": "alles grün",
            "reason": "just in case", "source_tool": "editor", "phase": "build",
            "external_ref": "git:3f2a", "data": "{ \"files\": [1.10, 2] }", "pinned": true,
        },
    });
    let command = command(text).unwrap();
    let (at, revision) = (given.now, given.revision().next());
    let Outcome::CheckpointCreated { checkpoint } = given.done(command) else {
        panic!("no")
    };
    let taken = &given.state().checkpoints[&checkpoint];
    assert_eq!(taken.id.to_string().len(), 26);
    assert_eq!(
        (taken.number, taken.plan, taken.revision),
        (2, Some(plan), revision)
    );
    assert_eq!(
        (taken.trigger, taken.safety, taken.pinned),
        (Trigger::Manual, false, true)
    );
    assert_eq!(taken.name.as_str(), "vor dem Umbau 🏗");
    let said = [&taken.source_tool, &taken.phase, &taken.external_ref]
        .map(|name| name.as_ref().map(Name::as_str));
    assert_eq!(said, [Some("editor"), Some("build"), Some("git:3f2a")]);
    assert_eq!(
        taken.description.as_ref().map(Description::as_str),
        Some("alles grün")
    );
    assert_eq!(
        taken.reason.as_ref().map(Reason::as_str),
        Some("just in case")
    );
    // Data is kept as it was written.
    assert_eq!(
        taken.data.as_ref().map(Data::as_str),
        Some("{ \"files\": [1.10, 2] }")
    );
    assert_eq!((taken.created_at, taken.created_by.as_str()), (at, "ana"));
}

#[test]
fn r60_limits_are_refused_before_there_is_a_command() {
    let parse = |field: &str, value: serde_json::Value| {
        let mut checkpoint = json!({ "name": "x" });
        checkpoint[field] = value;
        serde_json::from_value::<NewCheckpoint>(checkpoint).is_ok()
    };
    assert!(parse("name", json!("ä".repeat(100))));
    assert!(!parse("name", json!("ä".repeat(101))));
    assert!(!parse("name", json!(" \t")));
    assert!(parse("description", json!("ä".repeat(500))));
    assert!(!parse("description", json!("ä".repeat(501))));
    assert!(parse("data", json!(format!("\"{}\"", "x".repeat(65_534)))));
    assert!(!parse("data", json!(format!("\"{}\"", "x".repeat(65_535)))));
    assert!(!parse("data", json!("not JSON")));
    // R14: nobody says what triggered it, and there is no other field either.
    assert!(!parse("trigger", json!("manual")));
}

#[test]
fn r14_each_trigger_comes_from_where_it_says() {
    let mut given = Given::project();
    let plan = given.started_plan(2);
    let stage = given.plan(plan).last_checkpoint_id.unwrap();
    let manual = given.checkpoint("by hand", plan);
    let auto = given.step_done(plan).checkpoint.unwrap();
    let safety = given
        .rolled_back(rollback_plan(plan, manual))
        .safety_checkpoint;
    let pause = given.paused().checkpoint_id;
    for (id, trigger, is_safety) in [
        (stage, Trigger::PhaseTransition, false),
        (manual, Trigger::Manual, false),
        (auto, Trigger::Auto, false),
        (safety, Trigger::Auto, true),
        (pause, Trigger::Pause, false),
    ] {
        let checkpoint = &given.state().checkpoints[&id];
        assert_eq!(
            (checkpoint.trigger, checkpoint.safety),
            (trigger, is_safety)
        );
    }
}

#[test]
fn r30_a_plan_knows_its_newest_checkpoint() {
    let mut given = Given::project();
    let pending = given.created(create_plan(1));
    assert_eq!(given.plan(pending).last_checkpoint_id, None);
    let (plan, other) = (given.started_plan(2), given.started_plan(2));
    let start = given.plan(plan).last_checkpoint_id;
    let taken = &given.state().checkpoints[&start.unwrap()];
    assert_eq!(taken.trigger, Trigger::PhaseTransition);
    given.checkpoint("the project's", None);
    given.checkpoint("the other's", other);
    assert_eq!(given.plan(plan).last_checkpoint_id, start);
    let own = given.checkpoint("its own", plan);
    assert_eq!(given.plan(plan).last_checkpoint_id, Some(own));
    given.paused();
    given.done(resume());
    assert_eq!(
        given.plan(plan).last_checkpoint_id,
        Some(own),
        "a pause is the project's"
    );
    let auto = given.step_done(plan).checkpoint;
    assert_eq!(given.plan(plan).last_checkpoint_id, auto);
}

#[test]
fn checkpoints_are_numbered_in_the_order_in_which_they_were_taken() {
    let mut given = Given::project();
    let plan = given.started_plan(2);
    let first = given.checkpoint("two", None);
    given.step_done(plan);
    given.paused();
    given.done(resume());
    given.rolled_back(rollback_project(first));
    let last = given.checkpoint("six", plan);
    let taken = given.state().checkpoints_in_order();
    let numbers: Vec<_> = taken.iter().map(|checkpoint| checkpoint.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6]);
    // The plan's start brought the first.
    assert_eq!((taken[1].id, taken[5].id), (first, last));
}
