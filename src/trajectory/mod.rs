//! Trajectories of coding agents, as SWE-agent writes them: a JSON file whose `trajectory` is a
//! list of steps with `thought`, `action` and `observation`.
//!
//! Each becomes a step of a plan. The whole of it is kept as the step's input, so that the plan
//! can be played later with no file at hand.

mod play;

pub use play::{PlayError, Played, play_next};

use crate::machine::{Command, FirstPlan, InitialStatus, NewItem, NewPlan, NewStep};
use crate::model::{
    Body, ErrorCode, InvalidInput, ItemKind, Json, LongText, Name, PlanSettings, ProjectSettings,
    Timestamp, from_json,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The largest file that is read: 64 MiB.
pub const MAX_FILE_BYTES: u64 = 64 << 20;

/// How far apart in time the steps are said to be, for trajectories carry no times.
const STEP_MILLISECONDS: i64 = 24 * 60 * 60 * 1000;

/// The agent that a played step's context goes to.
const AGENT: &str = "agent";

/// The longest title of a step or a project, in characters.
const TITLE_CHARACTERS: usize = 200;

/// The most characters that one context item holds.
const ITEM_CHARACTERS: usize = 100_000;

/// A trajectory that was read and found usable.
#[derive(Debug, Clone)]
pub struct Trajectory {
    request: LongText,
    request_body: Vec<Body>,
    title: Name,
    steps: Vec<RecordedStep>,
}

/// A step as it was recorded: what a plan's step has as its input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedStep {
    /// What the agent thought.
    pub thought: String,
    /// What it did.
    pub action: String,
    /// What it saw.
    pub observation: String,
    /// The time that the import gave it.
    pub created_at: Timestamp,
}

/// A file that cannot be imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(untagged)]
#[non_exhaustive]
pub enum TrajectoryError {
    /// The file is no JSON.
    #[error("expected a trajectory in JSON, found {found}")]
    NotJson {
        /// Where it stops being JSON.
        found: String,
    },
    /// The JSON isn't a trajectory.
    #[error("expected {expected}, found {found}")]
    Form {
        /// What should be there.
        expected: String,
        /// What is there.
        found: String,
    },
    /// Something in it is over a limit.
    #[error("step {step} of the trajectory: {error}")]
    Step {
        /// Which step, zero-based.
        step: usize,
        /// What is wrong with it.
        #[serde(flatten)]
        error: InvalidInput,
    },
    /// Something in it is over a limit.
    #[error(transparent)]
    Invalid(#[from] InvalidInput),
}

impl TrajectoryError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            TrajectoryError::NotJson { .. } | TrajectoryError::Form { .. } => {
                ErrorCode::TrajectoryInvalid
            }
            TrajectoryError::Step { error, .. } | TrajectoryError::Invalid(error) => error.code(),
        }
    }
}

impl Trajectory {
    /// Reads a trajectory. The steps' times go back from `now`, a day a step: the last one is now.
    ///
    /// # Errors
    /// [`TrajectoryError`] says what was expected where, and what was found.
    pub fn parse(text: &str, file_name: &str, now: Timestamp) -> Result<Self, TrajectoryError> {
        let value: Value =
            serde_json::from_str(text).map_err(|error| TrajectoryError::NotJson {
                found: error.to_string(),
            })?;
        let list = value
            .get("trajectory")
            .ok_or_else(|| form("a list under \"trajectory\"", "none"))?
            .as_array()
            .ok_or_else(|| form("a list under \"trajectory\"", kind(&value["trajectory"])))?;
        if list.is_empty() {
            return Err(form("at least one step under \"trajectory\"", "none"));
        }
        let count = i64::try_from(list.len()).unwrap_or(i64::MAX);
        let steps = list
            .iter()
            .zip(0_i64..)
            .map(|(step, index)| {
                let days_ago = count - 1 - index;
                let created_at = now.plus_milliseconds(-days_ago.saturating_mul(STEP_MILLISECONDS));
                RecordedStep::parse(step, index, created_at)
            })
            .collect::<Result<Vec<_>, _>>()?;
        let title = Name::new(first_line(file_name).unwrap_or_else(|| "trajectory".to_owned()))?;
        let request = request(&value).unwrap_or_else(|| format!("Replay of {title}"));
        let request_body = bodies(&request)?;
        Ok(Self {
            request: LongText::new(request)?,
            request_body,
            title,
            steps,
        })
    }

    /// What the project is called: after the file.
    #[must_use]
    pub const fn title(&self) -> &Name {
        &self.title
    }

    /// The plan: a step for each step, titled by its action's first line.
    ///
    /// # Errors
    /// When a step's record is over the limit for a step's input.
    pub fn plan(&self) -> Result<NewPlan, TrajectoryError> {
        let steps = self
            .steps
            .iter()
            .enumerate()
            .map(|(step, recorded)| {
                recorded
                    .new_step()
                    .map_err(|error| TrajectoryError::Step { step, error })
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(NewPlan {
            request: self.request.clone(),
            steps: Some(steps),
            settings: PlanSettings::default(),
        })
    }

    /// The command that imports it: an active project with the plan, in one commit, so that an
    /// import that is cut off leaves nothing.
    ///
    /// # Errors
    /// As [`plan`](Self::plan).
    pub fn command(&self) -> Result<Command, TrajectoryError> {
        Ok(Command::CreateProject {
            name: self.title.clone(),
            status: InitialStatus::Active,
            settings: ProjectSettings::default(),
            plan: Some(Box::new(FirstPlan {
                plan: self.plan()?,
                context: self.request_items()?,
            })),
        })
    }

    /// How many steps it has.
    #[must_use]
    pub fn step_count(&self) -> usize {
        self.steps.len()
    }

    /// The request as pinned context, a day older than the first step. A request that is too long
    /// for one item becomes several.
    ///
    /// # Errors
    /// Never for a trajectory that was read.
    pub fn request_items(&self) -> Result<Vec<NewItem>, InvalidInput> {
        let first = self
            .steps
            .first()
            .map_or(Timestamp::EPOCH, |step| step.created_at);
        let created_at = first.plus_milliseconds(-STEP_MILLISECONDS);
        self.request_body
            .iter()
            .map(|body| {
                Ok(NewItem {
                    pinned: true,
                    ..item("task", body.clone(), created_at)?
                })
            })
            .collect()
    }
}

impl RecordedStep {
    fn parse(step: &Value, index: i64, created_at: Timestamp) -> Result<Self, TrajectoryError> {
        if !step.is_object() {
            return Err(form(&format!("an object as step {index}"), kind(step)));
        }
        let text = |field: &str| match step.get(field) {
            None | Some(Value::Null) => Ok(String::new()),
            Some(Value::String(text)) => Ok(text.clone()),
            Some(other) => Err(form(
                &format!("a text as {field} of step {index}"),
                kind(other),
            )),
        };
        let recorded = Self {
            thought: text("thought")?,
            action: text("action")?,
            observation: text("observation")?,
            created_at,
        };
        if recorded.thought.trim().is_empty() && recorded.action.trim().is_empty() {
            return Err(form(
                &format!("a thought or an action in step {index}"),
                "neither",
            ));
        }
        Ok(recorded)
    }

    /// Reads what a plan's step has as its input. `None` if that is something else.
    #[must_use]
    pub fn from_input(input: &str) -> Option<Self> {
        from_json(input).ok()
    }

    fn new_step(&self) -> Result<NewStep, InvalidInput> {
        let title = first_line(&self.action)
            .or_else(|| first_line(&self.thought))
            .unwrap_or_else(|| "step".to_owned());
        let input = serde_json::to_string(self).expect("texts can be written as JSON");
        // Also of its own: what it will be completed with must fit too.
        self.output()?;
        self.items()?;
        Ok(NewStep {
            title: Name::new(title)?,
            input: Some(Json::new(input)?),
        })
    }

    /// What a played step is completed with: the observation, as a JSON string.
    ///
    /// # Errors
    /// When it is over the limit for a step's output.
    pub fn output(&self) -> Result<Json, InvalidInput> {
        Json::new(serde_json::to_string(&self.observation).expect("a text can be written as JSON"))
    }

    /// The context that a played step adds: its thought and its action. One that is too long for
    /// an item becomes several.
    ///
    /// # Errors
    /// Never for a step that was imported.
    pub fn items(&self) -> Result<Vec<NewItem>, InvalidInput> {
        let mut items = Vec::new();
        for (kind, text) in [("task", &self.thought), ("code", &self.action)] {
            for body in bodies(text)? {
                items.push(item(kind, body, self.created_at)?);
            }
        }
        Ok(items)
    }
}

fn item(kind: &str, body: Body, created_at: Timestamp) -> Result<NewItem, InvalidInput> {
    Ok(NewItem {
        agent: Name::new(AGENT)?,
        plan: None,
        kind: ItemKind::new(kind)?,
        body,
        created_at: Some(created_at),
        pinned: false,
    })
}

/// A text as bodies of items: none if it is blank, several if it is long. Parts that would be blank
/// are left out.
fn bodies(text: &str) -> Result<Vec<Body>, InvalidInput> {
    let characters: Vec<char> = text.chars().collect();
    characters
        .chunks(ITEM_CHARACTERS)
        .map(|part| part.iter().collect::<String>())
        .filter(|part| !part.trim().is_empty())
        .map(Body::new)
        .collect()
}

/// The request: the first message of a user that is no demonstration, or the problem statement of
/// a recorded configuration.
fn request(trajectory: &Value) -> Option<String> {
    let from_history = trajectory["history"].as_array().and_then(|history| {
        history
            .iter()
            .filter(|message| message["role"] == "user" && !is_demonstration(message))
            .find_map(|message| text_of(&message["content"]))
    });
    from_history.or_else(|| {
        let configuration = &trajectory["replay_config"];
        // It is an object, or the JSON text of one.
        let parsed = configuration
            .as_str()
            .and_then(|text| serde_json::from_str(text).ok());
        let configuration: &Value = parsed.as_ref().unwrap_or(configuration);
        text_of(&configuration["problem_statement"]["text"])
            .or_else(|| text_of(&configuration["problem_statement"]))
    })
}

fn is_demonstration(message: &Value) -> bool {
    match &message["is_demo"] {
        Value::Bool(is_demo) => *is_demo,
        Value::String(text) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

/// A text, or the texts of a list of parts.
fn text_of(content: &Value) -> Option<String> {
    let text = match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts
            .iter()
            .filter_map(|part| part["text"].as_str())
            .collect::<Vec<_>>()
            .join("\n"),
        _ => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

/// The first line that isn't blank, cut to the length of a title.
fn first_line(text: &str) -> Option<String> {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    if line.chars().count() <= TITLE_CHARACTERS {
        return Some(line.to_owned());
    }
    Some(
        line.chars()
            .take(TITLE_CHARACTERS - 1)
            .chain(['…'])
            .collect(),
    )
}

fn form(expected: &str, found: &str) -> TrajectoryError {
    TrajectoryError::Form {
        expected: expected.to_owned(),
        found: found.to_owned(),
    }
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-20T12:00:00Z".parse().unwrap()
    }

    fn parse(text: &str) -> Result<Trajectory, TrajectoryError> {
        Trajectory::parse(text, "sample", now())
    }

    #[test]
    fn a_file_that_is_no_trajectory_is_refused_with_what_was_found() {
        for (text, expected) in [
            ("not json", "found expected ident at line 1 column 2"),
            ("[]", "expected a list under \"trajectory\", found none"),
            ("{}", "expected a list under \"trajectory\", found none"),
            (r#"{"trajectory": 3}"#, "found a number"),
            (r#"{"trajectory": []}"#, "expected at least one step"),
            (
                r#"{"trajectory": [3]}"#,
                "expected an object as step 0, found a number",
            ),
            (
                r#"{"trajectory": [{"observation": "x"}]}"#,
                "expected a thought or an action in step 0",
            ),
            (
                r#"{"trajectory": [{"thought": " ", "action": "\n"}]}"#,
                "found neither",
            ),
            (
                r#"{"trajectory": [{"action": ["x"]}]}"#,
                "expected a text as action of step 0, found a list",
            ),
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.code(), ErrorCode::TrajectoryInvalid, "{text}");
            assert!(error.to_string().contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn a_step_is_titled_by_its_actions_first_line_or_else_its_thoughts() {
        let trajectory = parse(
            r#"{"trajectory": [
                {"thought": "look", "action": "\n  ls -F  \nmore", "observation": ""},
                {"thought": "only thinking", "action": null}
            ]}"#,
        )
        .unwrap();
        let steps = trajectory.plan().unwrap().steps.unwrap();
        let titles: Vec<_> = steps.iter().map(|step| step.title.as_str()).collect();
        assert_eq!(titles, ["ls -F", "only thinking"]);
    }

    #[test]
    fn steps_are_a_day_apart_and_the_last_one_is_now() {
        let trajectory = parse(r#"{"trajectory": [{"action": "a"}, {"action": "b"}]}"#).unwrap();
        let times: Vec<_> = trajectory
            .steps
            .iter()
            .map(|step| step.created_at)
            .collect();
        assert_eq!(times, ["2026-11-19T12:00:00Z".parse().unwrap(), now()]);
        let request = trajectory.request_items().unwrap();
        assert!(request[0].pinned);
        assert_eq!(request[0].created_at, "2026-11-18T12:00:00Z".parse().ok());
    }

    #[test]
    fn the_request_is_the_first_user_message_that_is_no_demonstration() {
        let text = |history: &str| {
            let trajectory =
                format!(r#"{{"trajectory": [{{"action": "a"}}], "history": {history}}}"#);
            parse(&trajectory).unwrap().request.as_str().to_owned()
        };
        assert_eq!(
            text(
                r#"[{"role":"system","content":"s"},{"role":"user","is_demo":"True","content":"demo"},{"role":"user","content":"fix it"}]"#
            ),
            "fix it"
        );
        assert_eq!(
            text(
                r#"[{"role":"user","is_demo":true,"content":"d"},{"role":"user","content":[{"type":"text","text":"fix"}]}]"#
            ),
            "fix"
        );
        assert_eq!(text("[]"), "Replay of sample");
    }

    #[test]
    fn a_text_that_is_too_long_for_one_item_becomes_several_with_nothing_lost() {
        let long = "ä".repeat(250_000);
        let recorded = RecordedStep {
            thought: String::new(),
            action: long.clone(),
            observation: String::new(),
            created_at: now(),
        };
        let items = recorded.items().unwrap();
        assert_eq!(items.len(), 3);
        let joined: String = items.iter().map(|item| item.body.as_str()).collect();
        assert_eq!(joined, long);
    }

    #[test]
    fn a_step_over_the_limit_is_refused_and_named() {
        let observation = "x".repeat(1 << 20);
        let text = format!(
            r#"{{"trajectory": [{{"action": "a"}}, {{"action": "b", "observation": "{observation}"}}]}}"#
        );
        let error = parse(&text).unwrap().plan().unwrap_err();
        assert_eq!(error.code(), ErrorCode::TooLong);
        assert!(
            error
                .to_string()
                .starts_with("step 1 of the trajectory: json is too long"),
            "{error}"
        );
    }
}
