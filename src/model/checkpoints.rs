//! The checkpoints of a project: records by their ids, and an index of them by whom they are for.

use super::records::{self, Records};
use super::{Checkpoint, CheckpointId, PlanId};
use imbl::{OrdMap, OrdSet};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::ops::Deref;
use std::sync::Arc;

/// Checkpoints by their ids. They read like [`Records`]; they change by [`insert`](Self::insert) and
/// [`remove`](Self::remove), which keep the index in step: what is asked of one plan's checkpoints
/// costs nothing for those of thousands of others.
#[derive(Debug, Clone, Default)]
pub struct Checkpoints {
    records: Records<Checkpoint>,
    /// Number and id of each, by the plan that it is for; none: the project's own.
    groups: OrdMap<Option<PlanId>, OrdSet<(u64, CheckpointId)>>,
}

impl Checkpoints {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a checkpoint in, or in the place of the one that has its id.
    pub fn insert(&mut self, checkpoint: Arc<Checkpoint>) {
        self.remove(&checkpoint.id);
        let group = self.groups.entry(checkpoint.plan).or_default();
        group.insert((checkpoint.number, checkpoint.id));
        self.records.insert(checkpoint.id, checkpoint);
    }

    /// Takes a checkpoint out.
    pub fn remove(&mut self, id: &CheckpointId) -> Option<Arc<Checkpoint>> {
        let checkpoint = self.records.remove(id)?;
        if let Some(group) = self.groups.get_mut(&checkpoint.plan) {
            group.remove(&(checkpoint.number, checkpoint.id));
            if group.is_empty() {
                self.groups.remove(&checkpoint.plan);
            }
        }
        Some(checkpoint)
    }

    /// Says whether retention keeps a checkpoint whatever the policy says.
    pub fn set_pinned(&mut self, id: &CheckpointId, pinned: bool) {
        if let Some(checkpoint) = self.records.get_mut(id) {
            Arc::make_mut(checkpoint).pinned = pinned;
        }
    }

    /// The plans that have checkpoints, with how many; none stands for the project's own.
    pub fn groups(&self) -> impl Iterator<Item = (Option<PlanId>, usize)> {
        let groups = self.groups.iter();
        groups.map(|(plan, group)| (*plan, group.len()))
    }

    /// How many there are for this plan; none: of the project's own.
    #[must_use]
    pub fn count_of(&self, plan: Option<PlanId>) -> usize {
        self.groups.get(&plan).map_or(0, OrdSet::len)
    }

    /// Those for this plan, or the project's own, in the order in which they were taken.
    #[must_use]
    pub fn of(
        &self,
        plan: Option<PlanId>,
    ) -> impl DoubleEndedIterator<Item = &Arc<Checkpoint>> + use<'_> {
        let group = self.groups.get(&plan).into_iter().flatten();
        group.filter_map(|(_, id)| self.records.get(id))
    }

    /// Those that a plan can go back to, its own and the project's, the newest first.
    pub fn open_to(&self, plan: PlanId) -> impl Iterator<Item = &Arc<Checkpoint>> {
        let mut own = self.of(Some(plan)).rev().peekable();
        let mut of_project = self.of(None).rev().peekable();
        std::iter::from_fn(move || match (own.peek(), of_project.peek()) {
            (Some(one), Some(other)) if one.number < other.number => of_project.next(),
            (Some(_), _) => own.next(),
            (None, _) => of_project.next(),
        })
    }
}

impl Deref for Checkpoints {
    type Target = Records<Checkpoint>;

    fn deref(&self) -> &Records<Checkpoint> {
        &self.records
    }
}

// The index follows from the records.
impl PartialEq for Checkpoints {
    fn eq(&self, other: &Self) -> bool {
        self.records == other.records
    }
}

impl Eq for Checkpoints {}

impl From<Records<Checkpoint>> for Checkpoints {
    fn from(records: Records<Checkpoint>) -> Self {
        let mut checkpoints = Self::new();
        for checkpoint in records.values() {
            let group = checkpoints.groups.entry(checkpoint.plan).or_default();
            group.insert((checkpoint.number, checkpoint.id));
        }
        Self {
            records,
            ..checkpoints
        }
    }
}

impl Serialize for Checkpoints {
    /// Writes an array of the records.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        records::serialize(&self.records, serializer)
    }
}

impl<'de> Deserialize<'de> for Checkpoints {
    /// Reads the array back and makes the index anew.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        records::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
impl proptest::arbitrary::Arbitrary for Checkpoints {
    type Parameters = ();
    type Strategy = proptest::strategy::BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        use proptest::strategy::Strategy as _;

        super::arbitrary::records().prop_map(Self::from).boxed()
    }
}
