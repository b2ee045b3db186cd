//! What a project begins with that is a copy of another one.

use crate::model::{
    Agent, BlobRef, Digest, Item, Name, Numbers, Origin, Plan, ProjectSettings, ProjectStatus,
    Redaction, set_of,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The project came to be as a copy of another one: what that one was at its revision, without
/// checkpoints and pause, and with nobody at work. Plans that a rollback had taken away don't come
/// along: with no checkpoint from before there is no way back to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct ProjectForked {
    /// What it is a copy of.
    pub origin: Origin,
    /// Its name.
    pub name: Name,
    /// Where it begins.
    pub status: ProjectStatus,
    /// How it behaves.
    pub settings: ProjectSettings,
    /// How many records of each kind the other one ever had.
    pub numbers: Numbers,
    /// Its plans.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::few()"))]
    pub plans: Vec<Plan>,
    /// Its agents.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::few()"))]
    pub agents: Vec<ForkedAgent>,
    /// Their context, active and archived.
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::few()"))]
    pub items: Vec<Item>,
    /// Bodies that were removed for good.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(test, proptest(strategy = "crate::model::arbitrary::few()"))]
    pub redacted: Vec<RedactedBody>,
}

impl ProjectForked {
    /// The bodies that it needs: those of its plans and items that were not removed for good.
    pub(super) fn bodies(&self) -> Vec<BlobRef> {
        let redacted = set_of(self.redacted.iter().map(|body| body.digest));
        let all = self
            .plans
            .iter()
            .flat_map(Plan::bodies)
            .chain(self.items.iter().map(|item| item.body))
            .filter(|body| !redacted.contains(&body.digest));
        // Each once, by a map that others need too: a sort would be one more to load in a browser.
        let mut bodies = BTreeMap::new();
        bodies.extend(all.map(|body| (body.digest, body)));
        bodies.into_values().collect()
    }
}

/// An agent of a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct ForkedAgent {
    /// Its name.
    pub name: Name,
    /// Its token limit.
    pub token_limit: u64,
}

impl From<&Agent> for ForkedAgent {
    fn from(agent: &Agent) -> Self {
        Self {
            name: agent.name.clone(),
            token_limit: agent.token_limit,
        }
    }
}

/// A body that was removed for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(proptest_derive::Arbitrary))]
pub struct RedactedBody {
    /// Its digest.
    pub digest: Digest,
    /// When, by whom and why.
    pub redaction: Redaction,
}
