//! The states that are kept in memory: one slot for each project in use, each with its queue.

use super::remembered::Remembered;
use crate::journal::Head;
use crate::model::{Project, ProjectId, Revision};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many states stay in memory when nobody uses them.
const KEPT: usize = 64;

/// So many bytes of entries are worth a snapshot: below, a replay costs less than reading one.
pub(super) const SNAPSHOT_FROM: usize = 64 << 10;

/// A state that was made anew shares nothing with the newest one. It is kept beside that, for who
/// looks first and then goes back, if snapshots have this many bytes at most.
const MADE_ANEW: usize = 4 << 20;

/// A state and the head that it belongs to.
#[derive(Debug, Clone)]
pub(super) struct Loaded {
    pub(super) project: Arc<Project>,
    pub(super) head: Head,
}

/// One project's place.
#[derive(Debug, Default)]
pub(super) struct Slot {
    /// Commands on one project take turns: they would only make each other decide twice.
    pub(super) turn: async_lock::Mutex<()>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    loaded: Option<Loaded>,
    /// States on the way to it.
    remembered: Remembered,
    /// Bytes of entries since the newest snapshot, and how many that one has.
    since_snapshot: usize,
    snapshot: usize,
}

impl Slot {
    pub(super) fn loaded(&self) -> Option<Loaded> {
        self.kept().loaded.clone()
    }

    /// Keeps a state that was read anew, and what there is to be remembered of the way to it.
    pub(super) fn keep(&self, loaded: Loaded, remembered: Remembered) {
        let mut kept = self.kept();
        kept.loaded = Some(loaded);
        kept.remembered = remembered;
    }

    /// Keeps the state that follows on the one that is kept.
    pub(super) fn follow(&self, before: Option<Head>, loaded: Loaded, way: Remembered) {
        let mut kept = self.kept();
        if kept.loaded.as_ref().map(|loaded| loaded.head) == before {
            kept.remembered.go_on(way);
        } else {
            kept.remembered = way;
        }
        kept.loaded = Some(loaded);
    }

    /// The state at a revision before this one, if this is the state that is kept and that one is
    /// remembered.
    pub(super) fn past(&self, now: &Arc<Project>, revision: Revision) -> Option<Arc<Project>> {
        let kept = self.kept();
        let is_it = |loaded: &Loaded| Arc::ptr_eq(&loaded.project, now);
        kept.loaded.as_ref().filter(|loaded| is_it(loaded))?;
        kept.remembered.at(revision)
    }

    /// Remembers a state that was made anew on the way to this one, if that is still kept.
    pub(super) fn remember(&self, now: &Arc<Project>, then: &Arc<Project>) {
        let mut kept = self.kept();
        let is_it = |loaded: &Loaded| Arc::ptr_eq(&loaded.project, now);
        if kept.loaded.as_ref().is_some_and(is_it) && kept.snapshot <= MADE_ANEW {
            kept.remembered.made_anew(then);
        }
    }

    pub(super) fn forget(&self) {
        *self.kept() = Kept::default();
    }

    /// Counts entries, and says whether they outweigh the newest snapshot.
    pub(super) fn count_entries(&self, bytes: usize) -> bool {
        let mut kept = self.kept();
        kept.since_snapshot += bytes;
        kept.since_snapshot > kept.snapshot.max(SNAPSHOT_FROM)
    }

    /// Begins to count anew, at a snapshot of this size.
    pub(super) fn count_from_snapshot(&self, bytes: usize) {
        let mut kept = self.kept();
        kept.since_snapshot = 0;
        kept.snapshot = bytes;
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All slots.
#[derive(Debug, Default)]
pub(super) struct Slots {
    slots: Mutex<Used>,
}

#[derive(Debug, Default)]
struct Used {
    by_project: HashMap<ProjectId, (u64, Arc<Slot>)>,
    clock: u64,
}

impl Slots {
    /// The slot of a project. One that nobody has used for longest makes room; an empty one first.
    pub(super) fn of(&self, project: ProjectId) -> Arc<Slot> {
        let mut used = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        used.clock += 1;
        let now = used.clock;
        let (last, slot) = used.by_project.entry(project).or_default();
        *last = now;
        let slot = Arc::clone(slot);
        if used.by_project.len() > KEPT {
            let oldest = used
                .by_project
                .iter()
                .filter(|(_, (_, slot))| Arc::strong_count(slot) == 1)
                .min_by_key(|(_, (last, slot))| (slot.loaded().is_some(), *last))
                .map(|(project, _)| *project);
            if let Some(project) = oldest {
                used.by_project.remove(&project);
            }
        }
        slot
    }

    /// The projects whose states are in memory.
    pub(super) fn in_use(&self) -> Vec<ProjectId> {
        let used = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        used.by_project.keys().copied().collect()
    }
}
