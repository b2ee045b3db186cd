//! Agents and the items of their context: what they know, how much of it, how important.

use super::records::Keyed;
use super::text_serde::text_serde;
use super::{BlobRef, InvalidInput, ItemId, Name, PlanId, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// One who works on the project and owns context. Agents go by their name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Agent {
    /// Its name, unique in the project.
    pub name: Name,
    /// The tokens that its active context should stay under.
    pub token_limit: u64,
    /// Its active context.
    pub active: Tally,
    /// What was archived of it.
    pub archived: Tally,
}

impl Agent {
    /// An agent with no context yet.
    #[must_use]
    pub const fn new(name: Name, token_limit: u64) -> Self {
        const NONE: Tally = Tally {
            items: 0,
            tokens: 0,
            estimated: 0,
        };
        Self {
            name,
            token_limit,
            active: NONE,
            archived: NONE,
        }
    }
}

impl Keyed for Agent {
    type Key = Name;

    fn key(&self) -> &Name {
        &self.name
    }
}

/// A running count of items and their tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Tally {
    /// How many items.
    pub items: u64,
    /// Their tokens in all.
    pub tokens: u64,
    /// How many of the items have an estimated token count.
    pub estimated: u64,
}

/// One piece of an agent's context. Its body lives in the blob store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct Item {
    /// Its id.
    pub id: ItemId,
    /// Its place among all items ever added to the project, from 1.
    pub number: u64,
    /// Whose context it is in.
    pub agent: Name,
    /// The plan that it belongs to, if any: a rollback of that plan takes it along.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanId>,
    /// What kind of thing it is.
    pub kind: ItemKind,
    /// Where its body is.
    pub body: BlobRef,
    /// How many tokens the body has.
    pub tokens: u64,
    /// Whether that number is an estimate.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tokens_estimated: bool,
    /// When what it says came to be; its age counts from here.
    pub created_at: Timestamp,
    /// When it was last used; none: never since it came to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_accessed: Option<Timestamp>,
    /// How often it was used.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub access_count: u64,
    /// Whether it is always hot.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pinned: bool,
    /// Whether it has left the active context.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub archived: bool,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl Keyed for Item {
    type Key = ItemId;

    fn key(&self) -> &ItemId {
        &self.id
    }
}

impl Item {
    /// Its importance at a moment, between 0 and 1; see [`importance`].
    #[must_use]
    pub fn importance(&self, now: Timestamp) -> f64 {
        importance(&self.kind, self.created_at, self.access_count, now)
    }

    /// Its tier at a moment; see [`tier`].
    #[must_use]
    pub fn tier(&self, now: Timestamp) -> Tier {
        tier(self.importance(now), self.pinned)
    }
}

/// What kind of thing an item is: 1 to 50 characters, not blank. `task`, `code`, `error`,
/// `test_result` and `prd_section` have weights of their own; any other is allowed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ItemKind(Name);

text_serde!(ItemKind);

impl ItemKind {
    /// The longest kind, in characters.
    pub const MAX_CHARACTERS: usize = 50;

    /// Takes the text if it can be a kind.
    ///
    /// # Errors
    /// When it is blank or longer than [`ItemKind::MAX_CHARACTERS`].
    pub fn new(text: &str) -> Result<Self, InvalidInput> {
        let found = text.chars().count();
        if found > Self::MAX_CHARACTERS {
            return Err(InvalidInput::TooLong {
                field: "kind",
                limit: Self::MAX_CHARACTERS,
                unit: "characters",
                found,
            });
        }
        Name::new(text).map(Self).map_err(|_| InvalidInput::Blank {
            field: "kind",
            found,
        })
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for ItemKind {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

impl fmt::Display for ItemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How warm an item is. Computed when asked for, never stored: it changes with time alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// Importance below [`COLD_BELOW`]: a flash save archives it.
    Cold,
    /// In between.
    Warm,
    /// Importance from [`HOT_FROM`], or pinned.
    Hot,
}

/// From this importance on an item is hot.
pub const HOT_FROM: f64 = 0.8;
/// Below this importance an item is cold.
pub const COLD_BELOW: f64 = 0.4;

const TYPE_SHARE: f64 = 0.4;
const AGE_SHARE: f64 = 0.4;
const ACCESS_SHARE: f64 = 0.2;
const DECAY_PER_DAY: f64 = 0.5;
const ACCESS_SCALE: f64 = 10.0;
const MILLISECONDS_PER_DAY: f64 = 86_400_000.0;

/// The weight of a kind, between 0 and 1.
#[must_use]
pub fn type_weight(kind: &ItemKind) -> f64 {
    match kind.as_str() {
        "task" => 1.0,
        "code" => 0.8,
        "error" => 0.7,
        "test_result" => 0.6,
        // `prd_section` and every kind that isn't named here.
        _ => 0.5,
    }
}

/// The importance of an item, between 0 and 1:
/// `0.4 × type_weight + 0.4 × e^(−0.5 × age_days) + 0.2 × min(ln(access_count + 1) / 10, 1)`.
///
/// An age below 0 counts as 0. `exp` and `ln` are those of the `libm` crate, since the
/// platforms' own differ between wasm and native.
///
/// ```
/// # use holdpoint::model::{importance, tier, ItemKind, Tier, Timestamp};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let kind = ItemKind::new("code")?;
/// let created: Timestamp = "2026-11-20T00:00:00Z".parse()?;
/// let later: Timestamp = "2026-11-24T00:00:00Z".parse()?;
/// let value = importance(&kind, created, 0, later);
/// assert!((value - (0.32 + 0.4 * (-2.0_f64).exp())).abs() < 1e-12);
/// assert_eq!(tier(value, false), Tier::Cold);
/// assert_eq!(tier(value, true), Tier::Hot);
/// # Ok(())
/// # }
/// ```
#[must_use]
#[allow(clippy::cast_precision_loss)] // ages and counts are far below 2^53
pub fn importance(
    kind: &ItemKind,
    created_at: Timestamp,
    access_count: u64,
    now: Timestamp,
) -> f64 {
    let age = (now.milliseconds() - created_at.milliseconds()).max(0);
    let age_days = age as f64 / MILLISECONDS_PER_DAY;
    let access = (libm::log(access_count as f64 + 1.0) / ACCESS_SCALE).min(1.0);
    TYPE_SHARE * type_weight(kind)
        + AGE_SHARE * libm::exp(-DECAY_PER_DAY * age_days)
        + ACCESS_SHARE * access
}

/// The tier of an importance; a pinned item is always hot.
#[must_use]
pub fn tier(importance: f64, pinned: bool) -> Tier {
    if pinned || importance >= HOT_FROM {
        Tier::Hot
    } else if importance >= COLD_BELOW {
        Tier::Warm
    } else {
        Tier::Cold
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)] // small numbers
    fn at(kind: &str, age_days: f64, access_count: u64) -> f64 {
        let created = Timestamp::from_milliseconds(1_700_000_000_000).unwrap();
        let now = created.plus_milliseconds((age_days * DAY as f64) as i64);
        importance(&kind.parse().unwrap(), created, access_count, now)
    }

    #[test]
    fn r20_importance_follows_the_formula() {
        for (kind, weight) in [
            ("task", 1.0),
            ("code", 0.8),
            ("error", 0.7),
            ("test_result", 0.6),
            ("prd_section", 0.5),
            ("diary", 0.5),
        ] {
            for (days, accesses) in [(0.0, 0), (1.0, 0), (3.5, 7), (400.0, 1_000_000)] {
                let accesses: u32 = accesses;
                let expected = 0.4 * weight
                    + 0.4 * (-0.5_f64 * days).exp()
                    + 0.2 * ((f64::from(accesses) + 1.0).ln() / 10.0).min(1.0);
                assert!(
                    (at(kind, days, accesses.into()) - expected).abs() < 1e-12,
                    "{kind} {days}"
                );
            }
        }
        // Ages below 0 count as 0.
        assert!((at("code", -5.0, 0) - 0.72).abs() < 1e-12);
    }

    #[test]
    fn r21_tiers_hot_from_0_8_cold_below_0_4_pinned_always_hot() {
        assert_eq!(tier(0.8, false), Tier::Hot);
        assert_eq!(tier(0.799_999, false), Tier::Warm);
        assert_eq!(tier(0.4, false), Tier::Warm);
        assert_eq!(tier(0.399_999, false), Tier::Cold);
        assert_eq!(tier(0.0, true), Tier::Hot);
        // The consequences that the rows name: weight 0.5 turns cold after 1.4 days, a task never.
        assert_eq!(tier(at("diary", 1.3, 0), false), Tier::Warm);
        assert_eq!(tier(at("diary", 1.4, 0), false), Tier::Cold);
        assert_eq!(tier(at("task", 10_000.0, 0), false), Tier::Warm);
    }
}
