//! Who does something.

use super::{InvalidInput, Name};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Who gave a command: a person, an agent or a program, by the name it goes by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Actor(Name);

impl Actor {
    /// The actor of this name (1 to 200 characters).
    #[must_use]
    pub const fn new(name: Name) -> Self {
        Self(name)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for Actor {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Name::new(text).map(Self)
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
