//! An example of each command with all its fields, what each field holds, and the example with
//! something else in a field's place.

use super::commands::ALL_GATES;
use super::given::{Given, command};
use super::statuses::Rich;
use holdpoint::machine::{CommandKind, InitialStatus};
use holdpoint::model::ProjectStatus;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::sync::Arc;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Holds {
    Id,
    Digest,
    /// A text of so many characters or bytes at most.
    Text {
        most: usize,
        may_be_blank: bool,
    },
    /// A JSON text of so many bytes at most.
    JsonText {
        most: usize,
    },
    Time,
    Point,
    Word,
    /// 32 bits.
    Count,
    Number,
    YesOrNo,
    List,
    Object,
}

const fn text_of(most: usize) -> Holds {
    Holds::Text {
        most,
        may_be_blank: false,
    }
}

/// What a field of this name holds, in the object at this place.
fn holds(place: &str, field: &str) -> Holds {
    const LONG: usize = 1 << 20;
    match (place, field) {
        (_, "status" | "flash_save" | "to") => Holds::Word,
        ("" | "context" | "items" | "checkpoint", "plan") => Holds::Id,
        ("plan", "plan") => Holds::Object,
        ("checkpoint", "name") => text_of(100),
        (_, "name" | "title" | "agent" | "source_tool" | "phase" | "external_ref") => text_of(200),
        (_, "kind") => text_of(50),
        (_, "body") => text_of(100_000),
        (_, "request" | "text" | "error" | "notes" | "details") => text_of(LONG),
        (_, "reason") => Holds::Text {
            most: 2000,
            may_be_blank: true,
        },
        (_, "description") => Holds::Text {
            most: 500,
            may_be_blank: true,
        },
        (_, "input" | "output") => Holds::JsonText { most: LONG },
        (_, "data") => Holds::JsonText { most: 1 << 16 },
        (_, "created_at") => Holds::Time,
        (_, "at") => Holds::Point,
        (_, "checkpoint" | "item" | "source") => Holds::Id,
        (_, "digest") => Holds::Digest,
        (
            _,
            "from_step"
            | "step"
            | "max_reversions"
            | "max_attempts"
            | "auto_checkpoint_interval"
            | "per_plan"
            | "of_project",
        ) => Holds::Count,
        (_, "submission" | "attempt" | "before" | "token_limit") => Holds::Number,
        (
            _,
            "passed" | "pinned" | "force" | "plan" | "implementation" | "review" | "verification",
        ) => Holds::YesOrNo,
        (_, "steps" | "items" | "context") => Holds::List,
        (_, "settings" | "gates" | "retention" | "policy") => Holds::Object,
        _ => panic!("{place:?} has a new field {field:?}: say what it holds"),
    }
}

/// What the field at a path of an example holds. Objects stand for what their place is called.
pub(crate) fn holds_at(path: &[String], value: &Value) -> Holds {
    let (field, above) = path.split_last().expect("a field has a name");
    if field.parse::<usize>().is_ok() {
        return if value.is_object() {
            Holds::Object
        } else {
            Holds::Id
        };
    }
    let place = above
        .iter()
        .rfind(|part| part.parse::<usize>().is_err())
        .map_or("", String::as_str);
    // What has fields is an object, whatever else goes by its name.
    if value.is_object() {
        Holds::Object
    } else if place == "gates" {
        Holds::YesOrNo
    } else {
        holds(place, field)
    }
}

/// A project and a command that it accepts, as JSON.
pub(crate) struct Example {
    pub(crate) given: Given,
    pub(crate) json: Value,
}

/// One of each kind, with all its fields; more, where all can't stand together.
pub(crate) fn examples() -> Vec<Example> {
    let step = json!({ "title": "first", "input": "{\"a\":1}" });
    let settings = json!({
        "gates": { "plan": true, "implementation": true, "review": false, "verification": true },
        "max_reversions": 2, "max_attempts": 2, "auto_checkpoint_interval": 2,
    });
    let rich = Rich::active();
    let all_sorts = candidates(&rich);
    let mut all = Vec::new();
    for kind in CommandKind::ALL {
        let mut json = serde_json::to_value(rich.command(*kind)).unwrap();
        let plan = json["plan"].clone();
        let item = json!({
            "agent": "ana", "kind": "code", "body": "let x;", "pinned": true,
            "created_at": "2026-11-20T10:00:00.000Z",
        });
        let mut item_of_plan = item.clone();
        item_of_plan["plan"] =
            serde_json::to_value(rich.given.state().plans.keys().next()).unwrap();
        let new_plan = json!({ "request": "do it", "steps": [step], "settings": settings });
        let more = match kind {
            CommandKind::CreateProject => json!({
                "status": "active",
                "settings": {
                    "token_limit": 500, "flash_save": "never",
                    "retention": { "per_plan": 1, "of_project": 2 },
                },
                "plan": { "plan": new_plan, "context": [item] },
            }),
            CommandKind::ForkProject => json!({ "at": "now", "name": "copy" }),
            CommandKind::Pause
            | CommandKind::StopProject
            | CommandKind::CancelPlan
            | CommandKind::RedactItem
            | CommandKind::RedactOutput
            | CommandKind::RedactBody
            | CommandKind::RollbackProject => json!({ "reason": "because" }),
            CommandKind::Resume => {
                let all = rich.given.state().checkpoints_in_order();
                json!({ "checkpoint": all.last().unwrap().id })
            }
            CommandKind::CreatePlan => json!({ "plan": new_plan }),
            CommandKind::SubmitPlan => json!({ "steps": [step] }),
            CommandKind::RecordReview => json!({ "passed": false, "notes": "no", "from_step": 0 }),
            CommandKind::RecordVerification => json!({ "details": "no", "from_step": 0 }),
            CommandKind::StartStep => json!({ "step": 1 }),
            CommandKind::CompleteStep => json!({ "output": "[1]", "context": [item_of_plan] }),
            CommandKind::RevertPlan => json!({ "from_step": 0, "reason": "because" }),
            CommandKind::AddContext => json!({ "items": [item_of_plan] }),
            CommandKind::FlashSave => json!({ "agent": "ana" }),
            CommandKind::CreateCheckpoint => json!({ "checkpoint": {
                "plan": item_of_plan["plan"], "name": "here", "description": "d", "reason": "r",
                "source_tool": "t", "phase": "p", "external_ref": "e", "data": "[]", "pinned": true,
            } }),
            CommandKind::RollbackPlan => json!({ "reason": "because" }),
            _ => json!({}),
        };
        let fields = json.as_object_mut().unwrap();
        fields.extend(more.as_object().unwrap().clone());
        let mut several = vec![];
        match kind {
            // A plan that is sent back goes to planning, so it has no step to go on from.
            CommandKind::Reject => {
                let mut given = Given::project();
                let mut gates = ALL_GATES;
                gates.plan = false;
                let shown = given.started_gated_plan(2, gates);
                given.steps_done(shown, 2);
                let mut json = json.clone();
                json["plan"] = serde_json::to_value(shown).unwrap();
                json["from_step"] = json!(1);
                several.push(Example { given, json });
            }
            CommandKind::RollbackPlan => {
                let mut json = json.clone();
                json.as_object_mut().unwrap().remove("checkpoint");
                json["before"] = json!(rich.given.revision());
                json["plan"] = plan;
                several.push(Example {
                    given: accepting(&all_sorts, &json),
                    json,
                });
            }
            _ => {}
        }
        let given = accepting(&all_sorts, &json);
        several.push(Example { given, json });
        all.extend(several);
    }
    all
}

/// Projects of all sorts.
fn candidates(rich: &Rich) -> Vec<Given> {
    let statuses = [ProjectStatus::Init, ProjectStatus::Paused];
    let mut nothing = Given::nothing();
    nothing.source = Some(Arc::new(Given::elsewhere()));
    let mut all = vec![rich.given.clone(), nothing, Given::project()];
    all.extend(statuses.map(|status| Rich::in_status(status).given));
    all.push(Given::project_in(InitialStatus::Init));
    // So that what isn't pinned is cold.
    let mut later = rich.given.clone();
    later.now = later.now.plus_milliseconds(100 * 86_400_000);
    all.push(later);
    all
}

/// A project that accepts the command.
fn accepting(all: &[Given], json: &Value) -> Given {
    let accepted = all.iter().find(|given| {
        let then = Given::clone(given).when(command(json.clone()).unwrap());
        let is_delete = json["type"] == "delete_project";
        then.0
            .is_ok_and(|answer| answer.is_new || is_delete && given.revision().get() > 0)
    });
    accepted
        .cloned()
        .unwrap_or_else(|| panic!("nobody accepts {json}"))
}

/// The text of the example with raw JSON text at a path; none: the field is left out.
pub(crate) fn with(example: &Value, path: &[String], raw: Option<&str>) -> String {
    const MARK: &str = "\u{1}here\u{1}";
    let mut json = example.clone();
    let tag = json["type"].take();
    json.as_object_mut().unwrap().remove("type");
    let (field, above) = path.split_last().expect("a field has a name");
    let mut object = &mut json;
    for part in above {
        object = match part.parse::<usize>() {
            Ok(index) => &mut object[index],
            Err(_) => &mut object[part.as_str()],
        };
    }
    match (raw, field.parse::<usize>()) {
        (Some(_), Ok(index)) => object[index] = json!(MARK),
        (Some(_), Err(_)) => object[field.as_str()] = json!(MARK),
        (None, Ok(index)) => drop(object.as_array_mut().unwrap().remove(index)),
        (None, Err(_)) => drop(object.as_object_mut().unwrap().remove(field)),
    }
    let text = serde_json::to_string(&json).unwrap();
    let mark = serde_json::to_string(MARK).unwrap();
    let text = text.replace(&mark, raw.unwrap_or_default());
    let separator = if text == "{}" { "" } else { "," };
    format!("{{\"type\":{tag}{separator}{}", &text[1..])
}

/// Every path in the example but its type.
pub(crate) fn paths(json: &Value) -> Vec<Vec<String>> {
    fn walk(json: &Value, above: &mut Vec<String>, all: &mut Vec<Vec<String>>) {
        let parts: Vec<(String, &Value)> = match json {
            Value::Object(fields) => fields.iter().map(|(key, v)| (key.clone(), v)).collect(),
            Value::Array(list) => (list.iter().enumerate())
                .map(|(index, v)| (index.to_string(), v))
                .collect(),
            _ => vec![],
        };
        for (part, value) in parts {
            if above.is_empty() && part == "type" {
                continue;
            }
            above.push(part);
            all.push(above.clone());
            walk(value, above, all);
            above.pop();
        }
    }
    let mut all = Vec::new();
    walk(json, &mut Vec::new(), &mut all);
    all
}

pub(crate) fn at<'a>(json: &'a Value, path: &[String]) -> &'a Value {
    path.iter()
        .fold(json, |json, part| match part.parse::<usize>() {
            Ok(index) => &json[index],
            Err(_) => &json[part.as_str()],
        })
}

/// The place as messages name it.
pub(crate) fn said(path: &[String]) -> String {
    let mut said = "command".to_owned();
    for part in path {
        match part.parse::<usize>() {
            Ok(index) => write!(said, "[{index}]").expect("a text takes all"),
            Err(_) => write!(said, ".{part}").expect("a text takes all"),
        }
    }
    said
}
