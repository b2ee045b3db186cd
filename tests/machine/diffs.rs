//! What differs between two states: R66.

use super::commands::*;
use super::given::{Given, command, days_before, noon};
use holdpoint::machine::{Change, ChangeKind, Command, NewPlan, Outcome, Scalar, diff};
use holdpoint::model::{Checkpoints, Gates, Item, Plan, PlanId, PlanSettings, Project, Revision};
use imbl::OrdMap;
use serde_json::json;
use std::cmp::Ordering;
use std::sync::Arc;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// What every difference has to be, whatever the two states are.
#[track_caller]
pub(crate) fn check(from: &Project, to: &Project) {
    let changes = diff(from, to);
    assert_eq!(diff(to, from).len(), changes.len());
    for (there, back) in changes.iter().zip(diff(to, from)) {
        let kind = match there.kind {
            ChangeKind::Added => ChangeKind::Removed,
            ChangeKind::Removed => ChangeKind::Added,
            ChangeKind::Changed => ChangeKind::Changed,
        };
        let turned = (&there.path, kind, &there.after, &there.before);
        assert_eq!((&back.path, back.kind, &back.before, &back.after), turned);
        let is_empty = |scalar: &Scalar| *scalar == Scalar::Nothing;
        let expected = match (is_empty(&there.before), is_empty(&there.after)) {
            (true, false) => ChangeKind::Added,
            (false, true) => ChangeKind::Removed,
            (false, false) => ChangeKind::Changed,
            (true, true) => panic!("{there:?} is no difference"),
        };
        assert_eq!(there.kind, expected, "{there:?}");
    }
    for two in changes.windows(2) {
        let order = by_path(&two[0].path, &two[1].path);
        assert_eq!(order, Ordering::Less, "{} {}", two[0].path, two[1].path);
    }
    assert_eq!(
        changes.is_empty(),
        told(from) == told(to),
        "what differs is told, and nothing else: {changes:?}"
    );
}

/// What a rollback says that it changed is what a diff says, record by record or field by field.
#[track_caller]
pub(crate) fn check_report(outcome: &Outcome, from: &Project, to: &Project) {
    let report = match outcome {
        Outcome::RolledBack(report) => report,
        Outcome::Resumed(resumed) => match &resumed.rollback {
            Some(report) => report,
            None => return,
        },
        _ => return,
    };
    let changes = diff(from, to);
    for path in &report.paths {
        let is_told = |change: &Change| {
            let below = change.path.strip_prefix(path.as_str());
            below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        assert!(changes.iter().any(is_told), "{path} in {changes:#?}");
    }
    let is_work =
        |change: &&Change| change.path.starts_with("items/") || change.path.contains("/steps/");
    for change in changes.iter().filter(is_work) {
        let is_told = |path: &String| change.path.starts_with(path.as_str());
        assert!(report.paths.iter().any(is_told), "{change:?} in {report:?}");
    }
}

/// A record's own fields before what is below it, numbers by their size.
fn by_path(one: &str, other: &str) -> Ordering {
    let key = |path: &str| {
        let parts: Vec<_> = path.split('/').map(str::to_owned).collect();
        let numbers = parts.iter().map(|part| part.parse::<u64>().unwrap_or(0));
        let numbers: Vec<_> = numbers.collect();
        let is_below = parts.len() > 3 || parts.get(2).is_some_and(|part| is_list(part));
        // A setting is the project's own field.
        let is_record = parts.len() > 1 && parts[0] != "settings";
        let owner = parts.iter().take(2).cloned().collect::<Vec<_>>();
        let rest: Vec<_> = parts.into_iter().zip(numbers).skip(2).collect();
        let rest: Vec<_> = rest.into_iter().map(|(part, n)| (n, part)).collect();
        (is_record, owner, is_below, rest)
    };
    key(one).cmp(&key(other))
}

fn is_list(part: &str) -> bool {
    part == "steps" || part == "verdicts"
}

/// All of a state that a difference speaks of.
fn told(project: &Project) -> impl PartialEq + use<> {
    let without_times = |plan: &Plan| Plan {
        updated_at: noon(),
        changed: Revision::ZERO,
        ..plan.clone()
    };
    let plans: OrdMap<PlanId, Plan> = project
        .plans
        .iter()
        .map(|(id, plan)| (*id, without_times(plan)))
        .collect();
    let limits = project.agents.values().map(|agent| agent.token_limit);
    let limits: Vec<_> = project.agents.keys().cloned().zip(limits).collect();
    let items: OrdMap<_, Arc<Item>> = project.items.clone();
    let checkpoints: Checkpoints = project.checkpoints.clone();
    let redacted = project.redacted.clone();
    let own = (
        project.name.clone(),
        project.status,
        project.pause.clone(),
        project.settings.clone(),
    );
    (own, plans, limits, items, checkpoints, redacted)
}

fn change(path: String, label: &str, before: Scalar, after: Scalar) -> Change {
    let kind = match (&before, &after) {
        (Scalar::Nothing, _) => ChangeKind::Added,
        (_, Scalar::Nothing) => ChangeKind::Removed,
        _ => ChangeKind::Changed,
    };
    let label = label.to_owned();
    Change {
        path,
        kind,
        label,
        before,
        after,
    }
}

fn text(text: impl ToString + Copy) -> Scalar {
    Scalar::Text(text.to_string())
}

/// What the commands change.
fn changes_of(given: &mut Given, commands: impl IntoIterator<Item = Command>) -> Vec<Change> {
    let before = given.state().clone();
    for command in commands {
        given.done(command);
    }
    check(&before, given.state());
    diff(&before, given.state())
}

#[test]
fn r66_nothing_differs_between_a_state_and_itself() {
    let mut given = Given::project();
    let plan = given.started_plan(2);
    given.step_done(plan);
    assert_eq!(diff(given.state(), given.state()), []);
    check(given.state(), given.state());
}

#[test]
fn r66_a_completed_step_is_told_field_by_field_with_its_plan() {
    let mut given = Given::project();
    let plan = given.started_plan(12);
    given.steps_done(plan, 10);
    let last = given.plan(plan).last_checkpoint_id.unwrap();
    let started = given.now;
    let changes = changes_of(&mut given, [start_step(plan), complete_step(plan, 11)]);
    let (is, number) = (given.plan(plan).clone(), Scalar::Number);
    let newest = is.last_checkpoint_id.unwrap();
    let step = &is.steps[10];
    let at = |field: &str| format!("plans/{plan}/{field}");
    let in_plan = |field: &str, before, after| change(at(field), is.request.start(), before, after);
    let in_step = |field: &str, before, after| {
        let path = at(&format!("steps/10/{field}"));
        change(path, step.title.as_str(), before, after)
    };
    let none = || Scalar::Nothing;
    let ended = step.ended_at.unwrap();
    let output = step.output.unwrap().digest;
    let expected = [
        change(
            format!("checkpoints/{newest}"),
            "after step 10",
            none(),
            number(i64::try_from(given.revision().get()).unwrap()),
        ),
        in_plan("last_attempt", number(10), number(11)),
        in_plan("last_checkpoint_id", text(last), text(newest)),
        in_plan("last_completed_step", number(9), number(10)),
        in_step("attempt", none(), number(11)),
        in_step("ended_at", none(), text(ended)),
        in_step("output", none(), text(output)),
        in_step("started_at", none(), text(started)),
        in_step("state", text("pending"), text("completed")),
    ];
    assert_eq!(changes, expected);
}

#[test]
fn r66_a_record_that_came_or_went_is_one_change() {
    let mut given = Given::project();
    let before = given.state().clone();
    let plan = given.started_plan(3);
    let items = given.added(vec![item("ana", "code", 10)]);
    given.done(set_agent("ben", 500));
    let kept: Vec<_> = diff(&before, given.state())
        .into_iter()
        .filter(|change| !change.path.starts_with("checkpoints/"))
        .collect();
    let body = given.state().items[&items[0]].body.digest;
    let limit = |limit| Scalar::Number(limit);
    let added = |path: String, label, value| change(path, label, Scalar::Nothing, value);
    let expected = [
        added("agents/ana".to_owned(), "ana", limit(180_000)),
        added("agents/ben".to_owned(), "ben", limit(500)),
        added(format!("items/{}", items[0]), "ana, code", text(body)),
        added(
            format!("plans/{plan}"),
            given.plan(plan).request.start(),
            text("implementing"),
        ),
    ];
    assert_eq!(kept, expected);
    check(&before, given.state());
}

#[test]
fn r66_steps_that_took_the_place_of_others_are_other_steps() {
    let mut given = Given::project();
    let plan = given.started_plan(0);
    given.done(submit_plan(plan, 2));
    given.done(revert_to_planning(plan));
    let title = given.plan(plan).steps[0].title.to_string();
    let changes = changes_of(&mut given, [submit_plan(plan, 3)]);
    let steps: Vec<_> = changes
        .iter()
        .filter(|change| change.path.contains("/steps/"))
        .map(|change| (change.path.as_str(), change.kind, &change.before))
        .collect();
    let path = |step| format!("plans/{plan}/steps/{step}");
    let old = text(&title);
    assert_eq!(steps[0], (path(0).as_str(), ChangeKind::Changed, &old));
    assert_eq!(steps[1].1, ChangeKind::Changed);
    assert_eq!(
        steps[2],
        (path(2).as_str(), ChangeKind::Added, &Scalar::Nothing)
    );
    assert_eq!(steps.len(), 3);
}

#[test]
fn r66_decisions_retries_and_failures_are_told() {
    let mut given = Given::project();
    let gates = Gates {
        plan: true,
        ..Gates::default()
    };
    let settings = PlanSettings {
        gates,
        ..PlanSettings::default()
    };
    let new = NewPlan {
        settings,
        ..new_plan(0)
    };
    let plan = given.created(Command::CreatePlan { plan: new });
    given.done(start_plan(plan));
    given.done(submit_plan(plan, 1));
    let approve = json!({"type": "approve", "plan": plan, "submission": 1});
    let changes = changes_of(&mut given, [command(approve).unwrap()]);
    let paths: Vec<_> = changes.iter().map(|change| change.path.clone()).collect();
    let at = |field: &str| format!("plans/{plan}/{field}");
    assert_eq!(paths, [at("state"), at("submission"), at("verdicts/1")]);
    assert_eq!(changes[2].after, Scalar::Flag(true));
    assert_eq!(changes[2].label, "plan");

    let changes = changes_of(&mut given, [fail_plan(plan)]);
    let paths: Vec<_> = changes.iter().map(|change| change.path.clone()).collect();
    assert_eq!(paths, [at("failure"), at("state")]);
    let changes = changes_of(&mut given, [retry_plan(plan)]);
    let paths: Vec<_> = changes.iter().map(|change| change.path.clone()).collect();
    assert_eq!(paths, [at("failure"), at("retry_count"), at("state")]);
    let changes = changes_of(&mut given, [cancel_plan(plan)]);
    let paths: Vec<_> = changes.iter().map(|change| change.path.clone()).collect();
    assert!(paths.contains(&at("cancelled_from")), "{paths:?}");
}

#[test]
fn r66_context_that_was_used_pinned_archived_or_removed_for_good_is_told() {
    let mut given = Given::project();
    let old = days_before(50, noon());
    let items = given.added(vec![
        item("ana", "diary", 10).from(old),
        item("ana", "code", 5),
    ]);
    let of = |kind: &str, item| command(json!({"type": kind, "items": [item]})).unwrap();
    let all = [
        of("touch_items", items[1]),
        of("pin_items", items[1]),
        of("archive_items", items[0]),
        command(json!({"type": "redact_item", "item": items[0]})).unwrap(),
    ];
    let changes = changes_of(&mut given, all);
    let at = |item: usize, field: &str| format!("items/{}/{field}", items[item]);
    let (yes, no) = (Scalar::Flag(true), Scalar::Flag(false));
    let digest = given.state().items[&items[0]].body.digest;
    let redacted = given.state().redacted[&digest].at;
    let used = given.state().items[&items[1]].last_accessed.unwrap();
    let mut expected = [
        change(at(0, "archived"), "ana, diary", no.clone(), yes.clone()),
        change(
            at(1, "access_count"),
            "ana, code",
            Scalar::Number(0),
            Scalar::Number(1),
        ),
        change(
            at(1, "last_accessed"),
            "ana, code",
            Scalar::Nothing,
            text(used),
        ),
        change(at(1, "pinned"), "ana, code", no, yes),
        change(
            format!("redacted/{digest}"),
            "ana",
            Scalar::Nothing,
            text(redacted),
        ),
    ];
    expected.sort_by(|one, other| by_path(&one.path, &other.path));
    assert_eq!(changes, expected);
}

#[test]
fn r66_r61_what_a_rollback_reports_is_what_differs() {
    let mut given = Given::project();
    let plan = given.started_plan(3);
    let target = given.checkpoint("target", None);
    given.steps_done(plan, 2);
    given.attempt(plan);
    given.created(create_plan(1));
    given.added(vec![item("ana", "code", 5)]);
    for command in [rollback_plan(plan, None), rollback_project(target)] {
        let before = given.state().clone();
        let outcome = given.done(command);
        check_report(&outcome, &before, given.state());
        check(&before, given.state());
    }
}

#[test]
fn r66_a_projects_own_fields_are_told_and_what_follows_from_others_is_not() {
    let mut given = Given::project();
    let name = given.state().name.to_string();
    let keep = set_retention(policy(7, 8));
    let changes = changes_of(&mut given, [rename("Shop"), pause(), keep]);
    let pause = given.state().pause.clone().unwrap();
    let own = |field: &str, before, after| change(field.to_owned(), "Shop", before, after);
    let number = Scalar::Number;
    assert_eq!(
        changes[..5],
        [
            own("name", text(&name), text("Shop")),
            own("pause", Scalar::Nothing, text(pause.paused_at)),
            own("settings/retention/of_project", number(50), number(8)),
            own("settings/retention/per_plan", number(50), number(7)),
            own("status", text("active"), text("paused")),
        ]
    );
    let checkpoint = format!("checkpoints/{}", pause.checkpoint_id);
    assert_eq!(changes[5].path, checkpoint);
    assert_eq!(changes.len(), 6);
    // To pin a checkpoint is one of its fields.
    let pin = pin_checkpoint(given.state().pause.as_ref().unwrap().checkpoint_id, true);
    let changes = changes_of(&mut given, [pin]);
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].path, format!("{checkpoint}/pinned"));
}

#[test]
fn r66_texts_are_cut_and_values_are_plain_in_json() {
    let mut given = Given::project();
    let plan = given.created(create_plan(1));
    let reason = "because ".repeat(100);
    let cancel = json!({"type": "cancel_plan", "plan": plan, "reason": reason});
    let changes = changes_of(&mut given, [command(cancel).unwrap()]);
    let cut: String = reason.chars().take(Scalar::CHARACTERS).collect();
    assert_eq!(
        serde_json::to_value(&changes[0]).unwrap(),
        json!({
            "path": format!("plans/{plan}/cancel_reason"),
            "kind": "added",
            "label": given.plan(plan).request.start(),
            "before": null,
            "after": cut,
        })
    );
    let values = [
        (Scalar::Nothing, json!(null)),
        (Scalar::Flag(false), json!(false)),
        (Scalar::Number(-1), json!(-1)),
        (text("x"), json!("x")),
    ];
    for (scalar, plain) in values {
        assert_eq!(serde_json::to_value(scalar).unwrap(), plain);
    }
}
