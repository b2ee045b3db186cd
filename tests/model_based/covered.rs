//! What a run has to see, and what it saw.

use super::naive::Answer;
use holdpoint::machine::CommandKind;
use std::collections::BTreeMap;

/// Something that has to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    /// A command that led to an entry, or took the project away.
    Done(CommandKind),
    /// A command that had nothing to do.
    Nothing(CommandKind),
    /// A command that was refused.
    Refused(CommandKind),
    /// The code that some command was refused with.
    Code(&'static str),
}

impl Sight {
    /// Every command done and refused, every one idle that can be, every code.
    pub(crate) fn all() -> Vec<Self> {
        let of_each = |kind: &CommandKind| [Sight::Done(*kind), Sight::Refused(*kind)];
        let all = CommandKind::ALL.iter().flat_map(of_each);
        let all = all.chain(IDLE.iter().map(|kind| Sight::Nothing(*kind)));
        all.chain(CODES.iter().map(|code| Sight::Code(code)))
            .collect()
    }

    /// Whether it is what came of a command.
    pub(crate) fn is(self, kind: CommandKind, answer: &Answer) -> bool {
        match (self, answer) {
            (Sight::Done(seen), Answer::Done(..) | Answer::Removed(..))
            | (Sight::Nothing(seen), Answer::Nothing(..))
            | (Sight::Refused(seen), Answer::Refused(_)) => seen == kind,
            (Sight::Code(seen), Answer::Refused(code)) => seen == *code,
            _ => false,
        }
    }
}

/// The commands that may find all as they want it.
const IDLE: &[CommandKind] = &[
    CommandKind::Pause,
    CommandKind::PinItems,
    CommandKind::UnpinItems,
    CommandKind::ArchiveItems,
    CommandKind::FlashSave,
    CommandKind::RedactItem,
    CommandKind::RedactBody,
    CommandKind::RestoreItems,
    CommandKind::PinCheckpoint,
    CommandKind::SetRetention,
    CommandKind::ApplyRetention,
];

/// Every code that a command can be refused with, whatever the storage.
const CODES: &[&str] = &[
    "AGENT_NOT_FOUND",
    "BODY_NOT_FOUND",
    "CHANGED",
    "CHECKPOINT_FOREIGN",
    "CHECKPOINT_NOT_FOUND",
    "COMMAND_ID_REUSED",
    "INVALID_INPUT",
    "INVALID_TRANSITION",
    "ITEM_NOT_FOUND",
    "NO_STEPS",
    "NOTHING_TO_REDACT",
    "NOTHING_TO_ROLL_BACK",
    "PLANS_UNFINISHED",
    "PLAN_APPLIED",
    "PLAN_NOT_FOUND",
    "PROJECT_COMPLETED",
    "PROJECT_NOT_FOUND",
    "PROJECT_NOT_PAUSED",
    "PROJECT_NOT_STARTED",
    "PROJECT_PAUSED",
    "PROJECT_STOPPED",
    "REMOVED",
    "REVERSION_LIMIT",
    "REVISION_NOT_FOUND",
    "STEP_NOT_FOUND",
    "SUBMISSION_NOT_FOUND",
    "SUPERSEDED",
];

/// Which commands there were, and what became of them.
#[derive(Debug, Default)]
pub(crate) struct Covered {
    pub(crate) commands: usize,
    done: BTreeMap<CommandKind, usize>,
    nothing: BTreeMap<CommandKind, usize>,
    refused: BTreeMap<CommandKind, usize>,
    codes: BTreeMap<&'static str, usize>,
    repeats: usize,
}

impl Covered {
    pub(crate) fn count(&mut self, kind: CommandKind, answer: &Answer) {
        self.commands += 1;
        match answer {
            Answer::Done(..) | Answer::Removed(..) => *self.done.entry(kind).or_default() += 1,
            Answer::Nothing(..) => *self.nothing.entry(kind).or_default() += 1,
            Answer::Again => self.repeats += 1,
            Answer::Refused(code) => {
                *self.refused.entry(kind).or_default() += 1;
                *self.codes.entry(code).or_default() += 1;
            }
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        fn sum<K: Ord>(to: &mut BTreeMap<K, usize>, from: BTreeMap<K, usize>) {
            for (key, count) in from {
                *to.entry(key).or_default() += count;
            }
        }
        self.commands += other.commands;
        self.repeats += other.repeats;
        sum(&mut self.done, other.done);
        sum(&mut self.nothing, other.nothing);
        sum(&mut self.refused, other.refused);
        sum(&mut self.codes, other.codes);
    }

    /// What there is to see and was not seen.
    pub(crate) fn missing(&self) -> Vec<Sight> {
        let is_missing = |sight: &Sight| match sight {
            Sight::Done(kind) => !self.done.contains_key(kind),
            Sight::Nothing(kind) => !self.nothing.contains_key(kind),
            Sight::Refused(kind) => !self.refused.contains_key(kind),
            Sight::Code(code) => !self.codes.contains_key(code),
        };
        Sight::all().into_iter().filter(is_missing).collect()
    }

    /// Checks that all was seen that there is to see.
    pub(crate) fn assert_complete(&self) {
        let missing = self.missing();
        assert!(missing.is_empty(), "never seen: {missing:?}, only {self:?}");
        assert!(self.repeats > 0, "no command was repeated: {self:?}");
    }
}
