//! Requests: what makes a command this one. R54, R55, R76.

use super::commands::*;
use super::given::{Given, noon, project_id};
use holdpoint::machine::{
    Command, CommandKind, Event, FirstPlan, InitialStatus, NewItem, Outcome, Rejection, Request,
};
use holdpoint::model::{CommandId, PlanState, ProjectSettings, Revision};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn r76_a_command_makes_the_same_ids_on_another_state_too() {
    let mut here = Given::project();
    let plan = here.started_plan(3);
    let attempt = here.attempt(plan);
    let early = here.checkpoint("early", None);
    let mut there = here.clone();
    for name in ["two", "three", "four"] {
        there.done(rename(name));
        there.created(create_plan(2));
        there.done(add_context(vec![item("ben", "code", 1)]));
        there.now = there.now.plus_milliseconds(86_400_000);
    }
    let context = vec![item("ana", "code", 1), item("new", "code", 2)];
    for command in [
        create_plan(3),
        add_context(context.clone()),
        complete_step_with(plan, attempt, context),
        checkpoint("now", plan),
        rollback_project(early),
        pause(),
    ] {
        let kind = command.kind();
        let request = here.request(command);
        let first = here.when_requested(&request).answer();
        let again = there.when_requested(&request).answer();
        assert_eq!(made_by(&first.events), made_by(&again.events), "{kind}");
        assert!(!made_by(&first.events).is_empty());
    }
}

/// The ids of the records that the events bring into being.
fn made_by(events: &[Event]) -> Vec<String> {
    events
        .iter()
        .flat_map(|event| match event {
            Event::PlanCreated(event) => {
                let steps = event.steps.iter().map(|step| step.id.to_string());
                steps.chain([event.plan.to_string()]).collect()
            }
            Event::ItemsAdded(event) => {
                event.items.iter().map(|item| item.id.to_string()).collect()
            }
            Event::CheckpointCreated(event) => vec![event.checkpoint.id.to_string()],
            _ => vec![],
        })
        .collect()
}

#[test]
fn r76_the_stamp_tells_a_repeated_command_from_another_under_the_same_id() {
    let request = |id: u128, actor: &str, expected: Option<u64>, command: Command| Request {
        id: CommandId::from_parts(1, id),
        actor: actor.parse().unwrap(),
        expected_revision: expected.map(Revision::new),
        command,
    };
    let one = request(1, "ana", None, rename("Shop")).stamp();
    assert_eq!(one, request(1, "ana", None, rename("Shop")).stamp());
    // The id is no part of the digest; all else is.
    assert_eq!(
        one.digest,
        request(2, "ana", None, rename("Shop")).stamp().digest
    );
    for other in [
        request(1, "ben", None, rename("Shop")),
        request(1, "ana", Some(1), rename("Shop")),
        request(1, "ana", None, rename("shop")),
        request(1, "ana", None, pause()),
    ] {
        assert_ne!(one.digest, other.stamp().digest, "{other:?}");
    }
}

#[test]
fn r76_a_commands_json_form_is_pinned() {
    // Its digest is part of the format: see `Command`.
    let request = Request {
        id: CommandId::from_parts(1, 1),
        actor: "ana".parse().unwrap(),
        expected_revision: None,
        command: pause_because("lunch"),
    };
    let text = r#"{"actor":"ana","command":{"type":"pause","reason":"lunch"}}"#;
    let digest = holdpoint::model::Hasher::tagged("holdpoint/command/1")
        .update(text.as_bytes())
        .finish();
    assert_eq!(request.stamp().digest, digest);
    let json = |command: Command| serde_json::to_string(&command).unwrap();
    assert_eq!(json(pause()), r#"{"type":"pause"}"#);
    assert_eq!(
        json(create_project(InitialStatus::Active)),
        r#"{"type":"create_project","name":"Site","settings":{"token_limit":180000,"flash_save":"always"}}"#
    );
    for kind in CommandKind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
    }
}

#[test]
fn r55_a_command_that_rests_on_an_older_revision_is_refused() {
    let mut given = Given::project();
    let seen = given.revision();
    given.done(rename("Shop"));
    let found = given.revision();
    let mut request = given.request(rename("Market"));
    for expected in [seen, found.next(), Revision::ZERO, Revision::MAX] {
        request.expected_revision = Some(expected);
        let refusal = given.when_requested(&request).refusal();
        assert_eq!(refusal, Rejection::Changed { expected, found });
        assert_eq!(refusal.code().as_str(), "CHANGED");
    }
    request.expected_revision = Some(found);
    given.when_requested(&request).outcome();
}

#[test]
fn r55_a_confirmed_preview_is_refused_when_something_changed_meanwhile() {
    let mut given = Given::project();
    let plan = given.started_plan(3);
    let early = given.checkpoint("early", plan);
    given.steps_done(plan, 2);
    let command = rollback_plan(plan, early);
    given.preview(command.clone()).unwrap();
    let mut confirmed = given.request(command);
    confirmed.expected_revision = Some(given.revision());
    let mut meanwhile = given.clone();
    meanwhile.step_done(plan);
    assert_eq!(
        meanwhile
            .when_requested(&confirmed)
            .refusal()
            .code()
            .as_str(),
        "CHANGED"
    );
    given.when_requested(&confirmed).outcome();
}

#[test]
fn an_expected_revision_is_looked_at_before_the_status() {
    // What changed is what the caller needs to know first.
    let mut given = Given::project();
    let mut request = given.request(pause());
    request.expected_revision = Some(given.revision());
    given.paused();
    assert_eq!(
        given.when_requested(&request).refusal().code().as_str(),
        "CHANGED"
    );
}

#[test]
fn r6_a_project_is_created_once() {
    let mut given = Given::project();
    let project = project_id();
    let revision = given.revision();
    let refusal = given.when(create_project(InitialStatus::Init)).refusal();
    assert_eq!(refusal, Rejection::ProjectExists { project, revision });
}

#[test]
fn a_token_limit_that_no_agent_can_have_is_refused() {
    for token_limit in [0, holdpoint::model::MAX_INTEGER + 1] {
        let settings = ProjectSettings {
            token_limit,
            ..ProjectSettings::default()
        };
        let command = create_project_with(InitialStatus::Active, settings);
        assert_eq!(Given::nothing().refused(command), "INVALID_INPUT");
    }
}

#[test]
fn r1_every_event_of_a_commit_has_the_same_time_and_the_same_actor() {
    let mut given = Given::project();
    let plan = given.started_plan(1);
    given.now = "2030-01-01T00:00:00Z".parse().unwrap();
    let at = given.now;
    let report = given.paused();
    let checkpoint = given.state().checkpoints[&report.checkpoint_id].clone();
    assert_eq!(
        (
            report.paused_at,
            checkpoint.created_at,
            given.state().updated_at
        ),
        (at, at, at)
    );
    assert!(given.plan(plan).updated_at < at);
    assert_eq!(given.state().created_at, noon());
}

#[test]
fn r1_a_project_and_its_first_plan_are_made_in_one_commit() {
    let first = |request: &str, context: Vec<NewItem>| {
        let mut plan = new_plan(2);
        plan.request = text(request);
        Some(Box::new(FirstPlan { plan, context }))
    };
    let create = |status, plan| Command::CreateProject {
        name: "Site".parse().unwrap(),
        status,
        settings: ProjectSettings::default(),
        plan,
    };
    let context = vec![item("ana", "task", 5), item("ben", "code", 7)];
    let mut given = Given::nothing();
    let outcome = given.done(create(
        InitialStatus::Active,
        first("Add sign-in", context.clone()),
    ));
    let Outcome::ProjectCreated { plan: Some(plan) } = outcome else {
        panic!("{outcome:?}")
    };
    assert_eq!(given.revision(), Revision::FIRST);
    assert_eq!(given.plan_state(plan), PlanState::Implementing);
    assert_eq!(given.plan(plan).number, 1);
    assert!(
        given
            .state()
            .items
            .values()
            .all(|item| item.plan == Some(plan))
    );
    assert_eq!(given.state().figures.tokens, 12);
    assert_eq!(given.step_started(plan).step, 0);
    // Where no step may start, no plan is begun.
    for status in [InitialStatus::Init, InitialStatus::Planning] {
        let command = create(status, first("Add sign-in", vec![]));
        assert_eq!(Given::nothing().refused(command), "INVALID_INPUT");
    }
    // What is refused in part is refused whole.
    let elsewhere = context[0].clone().of_plan(plan);
    let command = create(InitialStatus::Active, first("Add sign-in", vec![elsewhere]));
    let mut nothing = Given::nothing();
    nothing.request(pause());
    assert_eq!(nothing.refused(command), "PLAN_NOT_FOUND");
    assert_eq!(nothing.revision(), Revision::ZERO);
}
