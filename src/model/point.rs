//! Points in a project's past: what can be looked at, compared and forked from.

use super::text_serde::text_serde;
use super::{CheckpointId, InvalidInput, Revision};
use std::fmt;
use std::str::FromStr;

/// A point in a project's past, written as one text: a checkpoint's id, `@` and a revision's
/// number, or `now`.
///
/// ```
/// # use holdpoint::model::{Point, Revision};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// assert_eq!("now".parse::<Point>()?, Point::Now);
/// assert_eq!("@12".parse::<Point>()?, Point::Revision(Revision::new(12)));
/// assert!("01K0RZQ8M0000000000000000A".parse::<Point>().is_ok());
/// assert!("yesterday".parse::<Point>().is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Point {
    /// The newest revision.
    #[default]
    Now,
    /// The revision of this number, from 1.
    Revision(Revision),
    /// The revision that a checkpoint stands for.
    Checkpoint(CheckpointId),
}

text_serde!(Point);

impl Point {
    /// Whether it is the newest revision, whichever that is.
    #[must_use]
    pub fn is_now(&self) -> bool {
        *self == Point::Now
    }
}

impl From<Revision> for Point {
    fn from(revision: Revision) -> Self {
        Point::Revision(revision)
    }
}

impl From<CheckpointId> for Point {
    fn from(checkpoint: CheckpointId) -> Self {
        Point::Checkpoint(checkpoint)
    }
}

impl FromStr for Point {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = || {
            let expected = "a checkpoint's id, @ and a revision's number, or now";
            InvalidInput::malformed("point", expected, text)
        };
        match text.strip_prefix('@') {
            _ if text == "now" => Ok(Point::Now),
            Some(number) if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => {
                match number.parse() {
                    Ok(number) if number > 0 => Ok(Point::Revision(Revision::new(number))),
                    _ => Err(malformed()),
                }
            }
            Some(_) => Err(malformed()),
            None => text.parse().map(Point::Checkpoint).map_err(|_| malformed()),
        }
    }
}

impl fmt::Display for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Point::Now => f.write_str("now"),
            Point::Revision(revision) => write!(f, "@{revision}"),
            Point::Checkpoint(checkpoint) => checkpoint.fmt(f),
        }
    }
}
