//! A subscriber that keeps what it hears.

use std::fmt::{Debug, Write as _};
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// A line of the log: its message, and then each field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) level: Level,
    pub(crate) text: String,
}

impl Line {
    /// Whether it is this message, with these fields among its own.
    pub(crate) fn says(&self, message: &str, fields: &[&str]) -> bool {
        let has = |field: &&str| self.text.split(' ').any(|part| part == *field);
        self.text.starts_with(message) && fields.iter().all(has)
    }
}

struct Capturing(Arc<Mutex<Vec<Line>>>);

/// What is logged on this thread while something is done.
pub(crate) fn logged(work: impl FnOnce()) -> Vec<Line> {
    let lines = Arc::new(Mutex::new(Vec::new()));
    tracing::subscriber::with_default(Capturing(Arc::clone(&lines)), work);
    let lines = lines.lock().expect("nobody panicked");
    lines.clone()
}

impl Subscriber for Capturing {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        unreachable!("the library makes no spans")
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        assert_eq!(event.metadata().target(), "holdpoint");
        let mut fields = Fields::default();
        event.record(&mut fields);
        let line = Line {
            level: *event.metadata().level(),
            text: fields.message + &fields.rest,
        };
        self.0.lock().expect("nobody panicked").push(line);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Fields {
    message: String,
    rest: String,
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let written = if field.name() == "message" {
            write!(self.message, "{value:?}")
        } else {
            write!(self.rest, " {field}={value:?}")
        };
        written.expect("a text takes all that is written to it");
    }
}
