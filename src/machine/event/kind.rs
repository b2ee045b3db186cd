//! Events by their names.

use super::EventKind;
use crate::model::InvalidInput;
use std::fmt;
use std::str::FromStr;

impl EventKind {
    /// The event's name, as it is written in JSON.
    #[must_use]
    pub fn as_str(self) -> String {
        let name = serde_json::to_string(&self).expect("a unit variant is written as a string");
        name.trim_matches('"').to_owned()
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.as_str())
    }
}

impl FromStr for EventKind {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = |kind: &&EventKind| kind.as_str() == text;
        EventKind::ALL.iter().find(known).copied().ok_or_else(|| {
            let names: Vec<_> = EventKind::ALL.iter().map(|kind| kind.as_str()).collect();
            InvalidInput::malformed("type", format!("one of {}", names.join(", ")), text)
        })
    }
}
