//! The states at a project's latest checkpoints, so that going back there needs no replay.
//!
//! A cache: whatever is in it is what a replay comes to, since it was on the way to the newest state;
//! when that is forgotten or read anew, this is too. States share what they have in common, so each
//! costs what has changed since. That is bounded, in number and by the entries in between.

use crate::model::{Project, Revision};
use std::collections::VecDeque;
use std::sync::Arc;

/// How many states. A checkpoint stands for the entry that takes it or for the one before, so both
/// are kept.
const STATES: usize = 32;
/// How many bytes of entries may lie between the oldest one and now: what they change is what the
/// states don't share, up to ten times as much.
const ENTRIES: usize = 1 << 20;
/// From how many revisions before the end of a replay on its checkpoints are remembered. Further back
/// each state would cost time and be let go again.
pub(super) const LATEST: u64 = 64;

/// States before the newest one, in the order of their revisions.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    states: VecDeque<Then>,
    /// Bytes of the entries that were followed.
    followed: usize,
    /// One that was made anew. It shares nothing with the others, so it goes at the next change.
    made_anew: Option<Arc<Project>>,
}

#[derive(Debug)]
struct Then {
    state: Arc<Project>,
    /// Bytes of the entries up to there.
    followed: usize,
}

impl Remembered {
    /// Follows an entry of this size, with the states before and after it.
    pub(super) fn follow(&mut self, before: &Arc<Project>, after: &Arc<Project>, bytes: usize) {
        self.made_anew = None;
        if before.numbers.checkpoints < after.numbers.checkpoints {
            self.push(before);
            self.followed += bytes;
            self.push(after);
        } else {
            self.followed += bytes;
        }
        self.let_go();
    }

    /// Follows an entry of this size, of whose checkpoints nothing is remembered.
    pub(super) fn pass(&mut self, bytes: usize) {
        self.made_anew = None;
        self.followed += bytes;
        self.let_go();
    }

    /// What comes after this.
    pub(super) fn go_on(&mut self, way: Self) {
        let begun = self.followed;
        for then in way.states {
            self.followed = begun + then.followed;
            self.push(&then.state);
        }
        self.followed = begun;
        self.pass(way.followed);
    }

    /// Takes in a state that shares nothing with the others.
    pub(super) fn made_anew(&mut self, state: &Arc<Project>) {
        self.made_anew = Some(Arc::clone(state));
    }

    /// The state at a revision, if it is remembered.
    pub(super) fn at(&self, revision: Revision) -> Option<Arc<Project>> {
        let states = self.states.iter().map(|then| &then.state);
        let mut all = states.chain(&self.made_anew);
        all.find(|state| state.revision == revision).cloned()
    }

    fn push(&mut self, state: &Arc<Project>) {
        let newest = self.states.back().map(|then| then.state.revision);
        // Before its first entry a project has no checkpoints.
        if state.revision > newest.unwrap_or(Revision::ZERO) {
            self.states.push_back(Then {
                state: Arc::clone(state),
                followed: self.followed,
            });
        }
    }

    fn let_go(&mut self) {
        let first = self.followed.saturating_sub(ENTRIES);
        while self.states.len() > STATES
            || self
                .states
                .front()
                .is_some_and(|then| then.followed < first)
        {
            self.states.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ProjectId;

    /// A project at a revision, with so many checkpoints.
    fn state(revision: u64, checkpoints: u64) -> Arc<Project> {
        let mut project = Project::before_creation(ProjectId::from_parts(0, 0));
        project.revision = Revision::new(revision);
        project.numbers.checkpoints = checkpoints;
        Arc::new(project)
    }

    fn revisions(remembered: &Remembered) -> Vec<u64> {
        let states = remembered.states.iter();
        states.map(|then| then.state.revision.get()).collect()
    }

    /// Follows entries of this size, each of which takes a checkpoint.
    fn all_taking(revisions: impl IntoIterator<Item = u64>, bytes: usize) -> Remembered {
        let mut remembered = Remembered::default();
        for revision in revisions {
            let (before, after) = (state(revision - 1, revision - 1), state(revision, revision));
            remembered.follow(&before, &after, bytes);
        }
        remembered
    }

    #[test]
    fn both_sides_of_an_entry_that_takes_a_checkpoint_are_remembered() {
        let mut remembered = Remembered::default();
        for (before, after) in [(3, 4), (4, 5), (5, 6)] {
            let checkpoints = u64::from(after > 5);
            remembered.follow(&state(before, 0), &state(after, checkpoints), 10);
        }
        assert_eq!(revisions(&remembered), [5, 6]);
        let then = remembered.at(Revision::new(5)).expect("it is remembered");
        assert_eq!(then.revision, Revision::new(5));
        assert!(remembered.at(Revision::new(4)).is_none());
    }

    #[test]
    fn there_are_only_so_many() {
        let remembered = all_taking(1..=100, 10);
        let last: Vec<u64> = (101 - STATES as u64..=100).collect();
        assert_eq!(revisions(&remembered), last);
    }

    #[test]
    fn entries_that_are_large_leave_fewer() {
        let remembered = all_taking(1..=5, ENTRIES / 2);
        assert_eq!(revisions(&remembered), [3, 4, 5]);
        let mut remembered = all_taking(1..=5, 10);
        remembered.pass(ENTRIES + 1);
        assert_eq!(revisions(&remembered), [0; 0]);
    }

    #[test]
    fn what_comes_after_counts_from_there() {
        let mut one = all_taking(1..=3, ENTRIES / 4);
        one.go_on(all_taking(4..=6, ENTRIES / 4));
        let whole = all_taking(1..=6, ENTRIES / 4);
        assert_eq!(revisions(&one), revisions(&whole));
        assert_eq!(one.followed, whole.followed);
    }

    #[test]
    fn what_was_made_anew_goes_at_the_next_change() {
        let mut remembered = Remembered::default();
        remembered.made_anew(&state(2, 0));
        assert!(remembered.at(Revision::new(2)).is_some());
        remembered.follow(&state(7, 0), &state(8, 0), 10);
        assert!(remembered.at(Revision::new(2)).is_none());
    }
}
