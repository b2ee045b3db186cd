//! Values that fit in a line.

use crate::model::{
    BlobRef, CheckpointId, Name, PauseRecord, PlanFailure, PlanState, ProjectStatus, Reason,
    Redaction, StepState, SubmittedPlan, Text, Timestamp,
};
use serde::Serialize;

/// A value that fits in a line. In JSON a null, a boolean, a number or a text.
///
/// Times, ids and states are texts as they are written elsewhere; bodies are their digests; a plan
/// that came or went is its state, a step its title, an agent its token limit, an item the digest of
/// its body, a checkpoint its revision, a pause or a redaction its time, a verdict whether it passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Scalar {
    /// Nothing.
    Nothing,
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(i64),
    /// A text, of which only the first [`Scalar::CHARACTERS`] are here.
    Text(String),
}

impl Scalar {
    /// How much of a text is told. Two that differ only after that look the same.
    pub const CHARACTERS: usize = Text::START_CHARACTERS;

    fn text(text: &str) -> Self {
        Scalar::Text(text.chars().take(Self::CHARACTERS).collect())
    }

    pub(super) fn number(number: impl TryInto<i64>) -> Self {
        // Numbers in a state are limited to what JSON holds exactly.
        Scalar::Number(number.try_into().unwrap_or(i64::MAX))
    }
}

/// What can be told in a line.
pub(super) trait Shown {
    fn shown(&self) -> Scalar;
}

macro_rules! shown {
    ($($type:ty: $value:ident => $scalar:expr;)+) => {$(
        impl Shown for $type {
            fn shown(&self) -> Scalar {
                let $value = self;
                $scalar
            }
        }
    )+};
}

shown! {
    bool: flag => Scalar::Flag(*flag);
    u32: number => Scalar::number(*number);
    u64: number => Scalar::number(*number);
    i64: number => Scalar::Number(*number);
    Timestamp: time => Scalar::Text(time.to_string());
    CheckpointId: id => Scalar::Text(id.to_string());
    BlobRef: body => Scalar::Text(body.digest.to_string());
    Name: name => Scalar::text(name.as_str());
    Reason: reason => Scalar::text(reason.as_str());
    Text: text => Scalar::text(text.start());
    SubmittedPlan: submitted => submitted.text.shown();
    PlanFailure: failure => failure.error.shown();
    PauseRecord: pause => pause.paused_at.shown();
    Redaction: redaction => redaction.at.shown();
    ProjectStatus: status => Scalar::text(status.as_str());
    PlanState: state => Scalar::text(state.as_str());
    StepState: state => Scalar::text(state.as_str());
}

impl<T: Shown> Shown for Option<T> {
    fn shown(&self) -> Scalar {
        self.as_ref().map_or(Scalar::Nothing, T::shown)
    }
}

impl<T: Shown> Shown for &T {
    fn shown(&self) -> Scalar {
        T::shown(self)
    }
}
