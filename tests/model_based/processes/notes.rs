//! What a worker writes down. A line is one write to a file, so what is there when the process is
//! killed stays there.

use crate::model_based::given::Given;
use crate::model_based::naive::derived;
use holdpoint::engine::{Committed, EngineError, Receipt};
use holdpoint::machine::{Command, Event, Request};
use holdpoint::model::{CommandId, Digest, ProjectId};
use serde_json::{Value, json};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// A command that was asked for, and what was told of it if the worker lived to hear that.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) given: Given,
    pub(crate) told: Option<Told>,
    /// When the call began and had ended, in microseconds of the machine's clock, which all workers share.
    pub(crate) began: i64,
    pub(crate) ended: i64,
}

impl Asked {
    /// Whether it was this call that led to an entry.
    pub(crate) fn is_made(&self) -> bool {
        matches!(&self.told, Some(Told::Done { made: true, .. }))
    }
}

/// What was told.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Told {
    /// That it led to this revision, or changed nothing there.
    Done {
        revision: u64,
        outcome: Value,
        /// Whether the worker heard of a commit of this command's while it waited.
        made: bool,
        /// What had been removed for good from what it is a fork of.
        forked: Vec<Digest>,
    },
    /// That it wasn't done.
    Refused { code: String },
}

pub(crate) struct Notes(File);

impl Notes {
    pub(crate) fn at(path: &Path) -> Self {
        let file = OpenOptions::new().create(true).append(true).open(path);
        Self(file.expect("notes can be taken"))
    }

    pub(crate) fn ask(&mut self, given: &Given) {
        let Request {
            id,
            actor,
            expected_revision,
            command,
        } = &given.request;
        // As text: a command is read with its type first, and a value doesn't keep the order.
        let command = serde_json::to_string(command).expect("it can be written");
        self.line(&json!({
            "began": microseconds(),
            "now": given.now,
            "project": given.project,
            "id": id,
            "actor": actor,
            "expected_revision": expected_revision,
            "command": command,
        }));
    }

    /// Writes down what was told; with the commit of it that was heard, if one was.
    pub(crate) fn told(&mut self, told: &Result<Receipt, EngineError>, commit: Option<&Committed>) {
        let events = commit.iter().flat_map(|commit| commit.events.iter());
        let forked = events.filter_map(|event| match event {
            Event::ProjectForked(forked) => Some(&forked.redacted),
            _ => None,
        });
        let forked: Vec<_> = forked.flatten().map(|body| body.digest).collect();
        let ended = microseconds();
        self.line(&match told {
            Ok(receipt) => json!({
                "ended": ended,
                "revision": receipt.revision,
                "outcome": receipt.outcome,
                "made": commit.is_some(),
                "forked": forked,
            }),
            Err(error) => json!({
                "ended": ended,
                "code": error.code().as_str(),
                "message": error.to_string(),
            }),
        });
    }

    fn line(&mut self, line: &Value) {
        let written = self.0.write_all(format!("{line}\n").as_bytes());
        written.expect("notes can be taken");
    }
}

fn microseconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let since = since.expect("it is after 1970").as_micros();
    i64::try_from(since).expect("it is long before the year 294,000")
}

/// All that stands in a worker's notes; nothing, if it was killed before it took any.
pub(crate) fn read(path: &Path) -> Vec<Asked> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let mut asked: Vec<Asked> = Vec::new();
    for line in text
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'))
    {
        let line: Value = serde_json::from_str(line).expect("a line is one JSON value");
        if line.get("command").is_some() {
            asked.push(Asked {
                given: given(&line),
                told: None,
                began: time(&line, "began"),
                ended: i64::MAX,
            });
        } else {
            let last = asked.last_mut().expect("it was asked before it was told");
            last.told = Some(told(&line));
            last.ended = time(&line, "ended");
        }
    }
    asked
}

fn time(line: &Value, field: &str) -> i64 {
    line[field].as_i64().expect("a time")
}

fn given(line: &Value) -> Given {
    let text = |field: &str| line[field].as_str().expect("a text");
    let expected = serde_json::from_value(line["expected_revision"].clone());
    let id: CommandId = text("id").parse().expect("an id");
    Given {
        now: time(line, "now"),
        engine: 0,
        project: match line["project"].as_str() {
            Some(project) => project.parse().expect("an id"),
            // What was to be made, and whoever asked was never told.
            None => derived(id, 0, ProjectId::from_parts),
        },
        request: Request {
            id,
            actor: text("actor").parse().expect("a name"),
            expected_revision: expected.expect("a revision, or none"),
            command: Command::from_json(text("command")).expect("a command"),
        },
    }
}

fn told(line: &Value) -> Told {
    match line["code"].as_str() {
        Some(code) => Told::Refused {
            code: code.to_owned(),
        },
        None => Told::Done {
            revision: line["revision"].as_u64().expect("a revision"),
            outcome: with_fractions(line["outcome"].clone()),
            made: line["made"] == true,
            forked: serde_json::from_value(line["forked"].clone()).expect("digests"),
        },
    }
}

/// JavaScript writes a fraction that is whole without its point.
fn with_fractions(mut outcome: Value) -> Value {
    match &mut outcome {
        Value::Array(all) => all
            .iter_mut()
            .for_each(|one| *one = with_fractions(one.take())),
        Value::Object(fields) => {
            for (name, field) in fields {
                *field = match field.as_f64() {
                    Some(number) if name == "reduction_percentage" => json!(number),
                    _ => with_fractions(field.take()),
                };
            }
        }
        _ => {}
    }
    outcome
}
