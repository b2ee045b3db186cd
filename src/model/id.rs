//! Identifiers: ULIDs, each kind a type of its own.

use super::text_serde::text_serde;
use super::{Hasher, InvalidInput, Timestamp};
use std::fmt;
use std::str::FromStr;
use ulid::Ulid;

macro_rules! ids {
    ($($(#[doc = $doc:literal])+ $name:ident, $field:literal;)+) => {$(
        $(#[doc = $doc])+
        ///
        /// A ULID: 26 characters of Crockford's base 32, upper case. Lower case is read too.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Ulid);

        text_serde!($name);

        impl $name {
            /// The id of this time (milliseconds since 1970, 48 bits) and these 80 random bits.
            #[must_use]
            pub const fn from_parts(milliseconds: u64, random: u128) -> Self {
                Self(Ulid::from_parts(milliseconds, random))
            }
        }

        impl FromStr for $name {
            type Err = InvalidInput;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                parse_ulid($field, text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.0.array_to_str(&mut [0; ulid::ULID_LEN]))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    )+};
}

ids! {
    /// Names a project: the unit of pausing, the owner of one journal.
    ProjectId, "project";
    /// Names a plan within its project.
    PlanId, "plan";
    /// Names a step for good: it is the step's idempotency key, the same in every attempt.
    StepId, "step";
    /// Names a context item within its project.
    ItemId, "item";
    /// Names a checkpoint within its project.
    CheckpointId, "checkpoint";
    /// Names a command, so that a repeated one is applied once.
    CommandId, "command";
    /// Names a worker: whoever executes plans, as long as it lives. Never used again.
    WorkerId, "worker";
}

impl CommandId {
    /// When the command was made, by its own account.
    #[must_use]
    pub fn time(&self) -> Timestamp {
        Timestamp::from_milliseconds_clamped(
            i64::try_from(self.0.timestamp_ms()).unwrap_or(i64::MAX),
        )
    }

    /// The `n`-th id that this command creates: the command's time, then 80 bits of
    /// BLAKE3(tag ‖ command id ‖ n). A repeated command so makes the same ids.
    pub(crate) fn derive<T: DerivedId>(&self, n: u32) -> T {
        let mut hasher = Hasher::tagged("holdpoint/id/1");
        hasher.update(&self.0.to_bytes());
        hasher.update(&n.to_be_bytes());
        let digest = hasher.finish();
        let mut random = [0; 16];
        random[6..].copy_from_slice(&digest.as_bytes()[..10]);
        T::from_ulid(Ulid::from_parts(
            self.0.timestamp_ms(),
            u128::from_be_bytes(random),
        ))
    }
}

/// An id that a command may create.
pub(crate) trait DerivedId {
    fn from_ulid(ulid: Ulid) -> Self;
}

macro_rules! derived_ids {
    ($($name:ident),+) => {$(
        impl DerivedId for $name {
            fn from_ulid(ulid: Ulid) -> Self {
                Self(ulid)
            }
        }
    )+};
}

derived_ids!(ProjectId, PlanId, StepId, ItemId, CheckpointId);

fn parse_ulid(field: &'static str, text: &str) -> Result<Ulid, InvalidInput> {
    let malformed = || {
        InvalidInput::malformed(
            field,
            "a ULID (26 characters of 0-9 and A-Z without I, L, O, U)",
            text,
        )
    };
    // 26 base-32 characters hold 130 bits; the decoder drops the two that a ULID doesn't have.
    let fits = text
        .as_bytes()
        .first()
        .is_some_and(|first| (b'0'..=b'7').contains(first));
    match Ulid::from_string(text) {
        Ok(ulid) if fits => Ok(ulid),
        _ => Err(malformed()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_makes_the_same_ids_again_and_different_ones_each() {
        let command: CommandId = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
        let first: PlanId = command.derive(0);
        assert_eq!(first, command.derive(0));
        assert_ne!(first, command.derive(1));
        assert!(
            first.to_string().starts_with("01ARZ3NDEK"),
            "keeps the time"
        );
        // Pinned: ids are part of the format, since a retried command must find its own.
        assert_eq!(first.to_string(), "01ARZ3NDEKD7GV9J2V0BSFX4EB");
    }

    #[test]
    fn an_id_is_read_in_either_case_and_refused_when_it_overflows() {
        let upper: PlanId = "01ARZ3NDEKTSV4RRFFQ69G5FAV".parse().unwrap();
        assert_eq!("01arz3ndektsv4rrffq69g5fav".parse(), Ok(upper));
        for wrong in [
            "",
            "01ARZ3",
            "81ARZ3NDEKTSV4RRFFQ69G5FAV",
            "U1ARZ3NDEKTSV4RRFFQ69G5FAV",
            "01ARZ3NDEKTSV4RRFFQ69G5FÄ",
        ] {
            assert!(wrong.parse::<PlanId>().is_err(), "{wrong}");
        }
    }
}
