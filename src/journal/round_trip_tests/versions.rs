//! What a newer program wrote is called so; what an older one wrote gets defaults.

use super::*;
use crate::journal::format::SNAPSHOT_TAG;
use crate::machine::ProjectForked;
use crate::model::Trigger;
use serde_json::{Value, json};

/// The JSON text with a field that no program knows yet, in one of its objects. The text and not
/// the value is changed, since the order of fields is part of what is written.
fn with_unknown_field(text: &str, at: prop::sample::Index) -> String {
    let (mut ends, mut in_string, mut escaped) = (Vec::new(), false, false);
    for (position, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => in_string = !in_string,
            b'}' if !in_string => ends.push(position),
            _ => {}
        }
    }
    let (before, after) = text.split_at(*at.get(&ends));
    let comma = if before.ends_with('{') { "" } else { "," };
    format!("{before}{comma}\"zzz_not_known_here\":1{after}")
}

proptest! {
    #[test]
    fn an_unknown_field_anywhere_in_an_entry_is_too_new(
        entry: Entry,
        at: prop::sample::Index,
    ) {
        let sealed = entry.seal(Digest::ZERO).expect("it can be stored");
        let newer = sealed_text(&with_unknown_field(&sealed.text, at), &sealed);
        prop_assert!(is_too_new(newer.open()), "{} opened", newer.text);
    }

    #[test]
    fn an_unknown_field_anywhere_in_a_snapshot_is_too_new(
        project: Project,
        at: prop::sample::Index,
    ) {
        let head = Head { revision: project.revision, digest: Digest::ZERO };
        let taken = Snapshot::take(&project, head).expect("it can be stored");
        let newer = sealed_snapshot(&with_unknown_field(&taken.text, at), &taken);
        prop_assert!(is_too_new(newer.open(project.id)), "{} opened", newer.text);
    }
}

fn sealed_snapshot(text: &str, like: &Snapshot) -> Snapshot {
    let digest = Hasher::tagged(SNAPSHOT_TAG)
        .update(text.as_bytes())
        .finish();
    Snapshot {
        text: text.into(),
        digest,
        ..like.clone()
    }
}

#[test]
fn an_unknown_field_beside_an_event_without_fields_is_too_new() {
    // serde's `deny_unknown_fields` does not cover the unit variants of a tagged enum by itself.
    let sealed = an_entry();
    for event in ["project_planned", "project_started", "project_completed"] {
        let with = |fields: &str| {
            let other = format!(r#"{{"type":"{event}"{fields}}}"#);
            let text = sealed.text.replace(r#"{"type":"project_started"}"#, &other);
            sealed_text(&text, &sealed)
        };
        assert!(with("").open().is_ok(), "{event}");
        assert!(
            is_too_new(with(r#","since":"yesterday""#).open()),
            "{event}"
        );
    }
}

#[test]
fn an_event_of_another_shape_is_too_new() {
    let sealed = an_entry();
    for other in [
        r#"{"status":"active","type":"project_resumed"}"#,
        r#"{"type":"project_resumed","type":"project_resumed","status":"active"}"#,
        r#"{"type":"project_resumed","status":"active","status":"active"}"#,
        r#"{"type":"project_started","type":"project_started"}"#,
        r#"{"type":"project_resumed","status":null}"#,
        r#"{"type":"project_resumed"}"#,
        r#"{"type":"PROJECT_STARTED"}"#,
        r#"{"type":["project_started"]}"#,
        r#"{"type":null}"#,
        r#"{"project_started":{}}"#,
        r#""project_started""#,
        "[]",
        "{}",
        "null",
    ] {
        let text = sealed.text.replace(r#"{"type":"project_started"}"#, other);
        assert!(is_too_new(sealed_text(&text, &sealed).open()), "{other}");
    }
}

#[test]
fn another_version_or_an_unknown_event_is_too_new_and_a_changed_byte_is_corrupt() {
    let sealed = an_entry();
    let with = |from: &str, to: &str| {
        assert!(sealed.text.contains(from), "{from}");
        sealed_text(&sealed.text.replacen(from, to, 1), &sealed)
    };
    assert!(with("7", "7").open().is_ok());
    let later_form = sealed_text(r#"{"v":2,"what":"a later form"}"#, &sealed);
    for newer in [
        with(r#""v":1"#, r#""v":2"#),
        with(r#""v":1"#, r#""v":0"#),
        with("project_started", "project_dreamt"),
        with("implementing", "pondering"),
        with("inline", "elsewhere"),
        with(r#""id":"#, r#""key":1,"id":"#),
        // Its version is told even when the rest isn't understood.
        later_form.clone(),
    ] {
        assert!(is_too_new(newer.open()), "{}", newer.text);
        // The same bytes behind a digest that isn't theirs are damage, not news.
        let digest = sealed.digest;
        assert!(is_corrupt(Sealed { digest, ..newer }.open()));
    }
    assert_eq!(
        later_form.open().unwrap_err().to_string(),
        "revision 7 was written by a newer program: \
         expected a form of version 1, found version 2"
    );
    // However long a name is that isn't known, a message stays readable.
    let long = "ž".repeat(1 << 20);
    let named = with("project_started", &long).open().unwrap_err();
    assert!(
        named
            .to_string()
            .starts_with("revision 7 was written by a newer")
    );
    assert!(named.to_string().len() < 1000, "{named}");
    // An entry that is sound but stands where another should is damage.
    for moved in [
        with(r#""revision":7"#, r#""revision":8"#),
        with("69G5FAV", "69G5FAW"),
    ] {
        assert!(is_corrupt(moved.open()), "{}", moved.text);
    }
}

#[test]
fn r14_there_are_four_triggers_and_no_fifth() {
    for known in [
        Trigger::Manual,
        Trigger::Auto,
        Trigger::PhaseTransition,
        Trigger::Pause,
    ] {
        let text = format!("\"{}\"", known.as_str());
        assert_eq!(serde_json::from_str::<Trigger>(&text).ok(), Some(known));
    }
    for unknown in [
        "hourly",
        "Manual",
        "MANUAL",
        "phase-transition",
        "",
        "auto ",
    ] {
        assert!(
            serde_json::from_value::<Trigger>(json!(unknown)).is_err(),
            "{unknown}"
        );
    }
}

// --- what an older program wrote gets defaults ------------------------------------------------

fn without(value: &mut Value, path: &str, field: &str) {
    let object = value
        .pointer_mut(path)
        .and_then(Value::as_object_mut)
        .expect("an object");
    object
        .remove(field)
        .unwrap_or_else(|| panic!("{path}/{field} is not there"));
}

/// JSON text in which `type` comes first wherever it is, as every program writes it; a `Value`
/// forgets the order.
fn tags_first(value: &Value) -> String {
    match value {
        Value::Array(values) => {
            let values: Vec<_> = values.iter().map(tags_first).collect();
            format!("[{}]", values.join(","))
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(name, _)| *name != "type");
            let fields: Vec<_> = fields
                .into_iter()
                .map(|(name, value)| format!("{}:{}", json!(name), tags_first(value)))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
        other => other.to_string(),
    }
}

fn without_r30_fields(plan: &mut Value, at: &str) {
    without(plan, &format!("{at}/guards"), "reversion_count");
    without(plan, &format!("{at}/progress"), "last_completed_step");
    without(plan, at, "last_checkpoint_id");
}

fn has_r30_defaults(plan: &Plan) -> bool {
    plan.guards.reversion_count == 0
        && plan.progress.last_completed_step == -1
        && plan.last_checkpoint_id.is_none()
}

proptest! {
    #[test]
    fn r32_a_plan_written_before_its_fields_existed_opens_with_their_defaults(plan: Plan) {
        let mut json = serde_json::to_value(&plan).expect("it is JSON");
        without_r30_fields(&mut json, "");
        let opened: Plan = serde_json::from_value(json).expect("it opens");
        prop_assert!(has_r30_defaults(&opened));
        // All else is as it was.
        let mut expected = plan;
        expected.guards.reversion_count = 0;
        expected.progress.last_completed_step = -1;
        expected.last_checkpoint_id = None;
        prop_assert_eq!(opened, expected);
    }

    #[test]
    fn r32_so_does_a_snapshot_with_such_plans(project: Project) {
        let head = Head { revision: project.revision, digest: Digest::ZERO };
        let taken = Snapshot::take(&project, head).expect("it can be stored");
        let mut json: Value = serde_json::from_str(&taken.text).expect("it is JSON");
        for at in 0..project.plans.len() {
            without_r30_fields(&mut json, &format!("/state/plans/{at}"));
        }
        let text = tags_first(&json);
        let opened = sealed_snapshot(&text, &taken).open(project.id).expect("it opens");
        let opened = opened.into_project();
        prop_assert_eq!(opened.plans.len(), project.plans.len());
        prop_assert!(opened.plans.values().all(|plan| has_r30_defaults(plan)));
        prop_assert_eq!(opened.items, project.items);
    }
}

proptest! {
    #[test]
    fn r32_so_does_an_entry_of_a_copy_with_such_plans(forked: ProjectForked) {
        let mut entry = sample_entry();
        entry.events = vec![Event::ProjectForked(forked.clone())];
        let sealed = entry.seal(Digest::ZERO).expect("it can be stored");
        let mut json: Value = serde_json::from_str(&sealed.text).expect("it is JSON");
        for at in 0..forked.plans.len() {
            without_r30_fields(&mut json, &format!("/events/0/plans/{at}"));
        }
        let opened = sealed_text(&tags_first(&json), &sealed).open().expect("it opens");
        let [Event::ProjectForked(opened)] = opened.events.as_slice() else {
            panic!("found {opened:?}");
        };
        prop_assert_eq!(opened.plans.len(), forked.plans.len());
        prop_assert!(opened.plans.iter().all(has_r30_defaults));
        prop_assert_eq!(&opened.items, &forked.items);
    }
}

/// A plan's first entry has never had the fields: they begin when it begins.
#[test]
fn r32_an_entry_with_nothing_but_what_must_be_there_opens_with_all_defaults() {
    let plan = "01ARZ3NDEKTSV4RRFFQ69G5FAV";
    let like = an_entry();
    let (before, _) = like.text.split_once("[{").expect("it has events");
    let text = format!(
        r#"{before}[{{"type":"plan_created","plan":"{plan}","number":1,"request":{{"inline":"x"}},"settings":{{}},"steps":[{{"id":"{plan}","title":"first","state":"pending"}}]}}]}}"#
    );
    let entry = sealed_text(&text, &like).open().expect("it opens");
    let mut project = Project::before_creation(ProjectId::from_parts(0, 1));
    entry.apply(&mut project);
    let made = project.plans_in_order();
    let [made] = made.as_slice() else {
        panic!("found {made:?}");
    };
    assert!(has_r30_defaults(made));
    assert_eq!(made.settings, PlanSettings::default());
    assert_eq!((made.guards.retry_count, made.guards.last_attempt), (0, 0));
    assert_eq!(made.steps.len(), 1);
}

#[test]
fn r30_null_is_written_and_read_for_a_plan_without_a_checkpoint() {
    let mut json = json!({
        "id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "number": 1, "request": { "inline": "x" },
        "settings": {}, "guards": {}, "progress": { "state": "pending" }, "steps": [],
        "created_at": "2026-11-20T18:35:52.000Z", "created_by": "ana",
        "updated_at": "2026-11-20T18:35:52.000Z", "changed": 1,
    });
    let plan: Plan = serde_json::from_value(json.clone()).expect("it opens");
    assert!(has_r30_defaults(&plan));
    assert_eq!(plan.settings, PlanSettings::default());
    let written = serde_json::to_value(&plan).expect("it is JSON");
    assert_eq!(written["last_checkpoint_id"], Value::Null);
    assert_eq!(written["guards"]["reversion_count"], 0);
    assert_eq!(written["progress"]["last_completed_step"], -1);
    json["last_checkpoint_id"] = json!("01ARZ3NDEKTSV4RRFFQ69G5FAW");
    let plan: Plan = serde_json::from_value(json).expect("it opens");
    assert_eq!(
        plan.last_checkpoint_id,
        "01ARZ3NDEKTSV4RRFFQ69G5FAW".parse().ok()
    );
}
