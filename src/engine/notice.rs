//! Who hears of a commit. Listeners are queues: a commit puts its notice in and goes on, whatever
//! the listener does with it, and when.

use crate::journal::Entry;
use crate::machine::Event;
use crate::model::{Actor, CommandId, ProjectId, Revision, Timestamp};
use futures_core::Stream;
use std::collections::{HashMap, VecDeque};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

/// How many notices wait for a listener that is slow, before it is told that it missed some.
pub const QUEUE_LENGTH: usize = 1024;

/// Something that a listener hears.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// A commit, in the order of the journal.
    Committed(Committed),
    /// The project was deleted.
    Removed {
        /// Which.
        project: ProjectId,
    },
    /// Notices are lost to the listener: it was too slow, or what others did could not be read just
    /// now. Read the state anew.
    Missed {
        /// How many are known to be.
        count: u64,
    },
}

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Whose journal it went to.
    pub project: ProjectId,
    /// Its revision.
    pub revision: Revision,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub actor: Actor,
    /// The command it came from.
    pub command: CommandId,
    /// What happened.
    pub events: Arc<[Event]>,
}

impl Committed {
    pub(super) fn of(project: ProjectId, entry: Entry) -> Self {
        Self {
            project,
            revision: entry.revision,
            at: entry.at,
            actor: entry.actor,
            command: entry.command.id,
            events: entry.events.into(),
        }
    }
}

/// A listener's end: a stream of notices, its own to read when it likes. Dropping it ends it.
#[derive(Debug)]
pub struct Subscription {
    queue: Arc<Mutex<Queue>>,
}

#[derive(Debug)]
struct Queue {
    /// Of this project only.
    project: Option<ProjectId>,
    /// Of what came after this revision only.
    after: Revision,
    notices: VecDeque<Notice>,
    missed: Option<u64>,
    waker: Option<Waker>,
    closed: bool,
}

/// The engine's end. It knows how far each project's listeners have heard, so that every commit is
/// told once and none is left out, however the engine came to know of it.
#[derive(Debug, Default)]
pub(super) struct Hub {
    queues: Mutex<Vec<Weak<Mutex<Queue>>>>,
    heard: Mutex<HashMap<ProjectId, Heard>>,
}

/// How far the listeners have heard of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    UpTo(Revision),
    Removed,
}

impl Hub {
    /// A listener to a project from the revision on that it has now, or to all of them.
    pub(super) fn subscribe(&self, project: Option<(ProjectId, Revision)>) -> Subscription {
        let queue = Arc::new(Mutex::new(Queue {
            project: project.map(|(project, _)| project),
            after: project.map_or(Revision::ZERO, |(_, revision)| revision),
            notices: VecDeque::new(),
            missed: None,
            waker: None,
            closed: false,
        }));
        // Both under the one lock: between the two, somebody who finds no listener would forget
        // where this one begins.
        let mut queues = lock(&self.queues);
        self.let_go_of_gone(&mut queues);
        if let Some((project, revision)) = project {
            self.begin(project, revision);
        }
        queues.push(Arc::downgrade(&queue));
        drop(queues);
        Subscription { queue }
    }

    pub(super) fn has_listeners(&self) -> bool {
        let mut queues = lock(&self.queues);
        self.let_go_of_gone(&mut queues);
        !queues.is_empty()
    }

    /// Forgets listeners that are gone: what is left of each is memory, until it is let go of here.
    fn let_go_of_gone(&self, queues: &mut Vec<Weak<Mutex<Queue>>>) {
        queues.retain(|queue| queue.strong_count() > 0);
        if queues.is_empty() {
            // Whoever listens next begins where things are then.
            lock(&self.heard).clear();
        }
    }

    /// Whether somebody listens to every project.
    pub(super) fn has_listeners_to_all(&self) -> bool {
        lock(&self.queues)
            .iter()
            .filter_map(Weak::upgrade)
            .any(|queue| lock(&queue).project.is_none())
    }

    /// Projects that somebody has heard of.
    pub(super) fn projects(&self) -> Vec<ProjectId> {
        lock(&self.heard).keys().copied().collect()
    }

    /// The revision up to which listeners have heard; none if nobody has heard of the project yet.
    pub(super) fn heard_up_to(&self, project: ProjectId) -> Option<Revision> {
        match lock(&self.heard).get(&project) {
            Some(Heard::UpTo(revision)) => Some(*revision),
            Some(Heard::Removed) | None => None,
        }
    }

    /// Listening begins here, unless it has begun already.
    pub(super) fn begin(&self, project: ProjectId, revision: Revision) {
        lock(&self.heard)
            .entry(project)
            .or_insert(Heard::UpTo(revision));
    }

    /// Tells of a commit, once.
    pub(super) fn committed(&self, committed: Committed) {
        if !self.has_listeners() {
            return;
        }
        let (project, revision) = (committed.project, committed.revision);
        let now = Heard::UpTo(revision);
        let before = lock(&self.heard).insert(project, now);
        if let Some(Heard::UpTo(heard)) = before
            && heard >= revision
        {
            lock(&self.heard).insert(project, Heard::UpTo(heard));
            return;
        }
        self.tell(project, revision, &Notice::Committed(committed));
    }

    /// Tells that a project is gone, once.
    pub(super) fn removed(&self, project: ProjectId) {
        if self.has_listeners() {
            let before = lock(&self.heard).insert(project, Heard::Removed);
            if before != Some(Heard::Removed) {
                self.tell(project, Revision::MAX, &Notice::Removed { project });
            }
        }
    }

    /// Tells the listeners to a project, or to anything, that there may be more than they hear of.
    pub(super) fn missed(&self, project: Option<ProjectId>) {
        self.each(|queue| {
            let concerns = project.is_none() || queue.project.is_none() || queue.project == project;
            if concerns {
                queue.missed.get_or_insert(0);
            }
            concerns
        });
    }

    fn tell(&self, project: ProjectId, revision: Revision, notice: &Notice) {
        self.each(|queue| {
            let concerns =
                queue.project.is_none_or(|wanted| wanted == project) && revision > queue.after;
            if concerns {
                queue.put(notice.clone());
            }
            concerns
        });
    }

    /// Goes through all listeners, and wakes those for which there is something now.
    fn each(&self, mut put: impl FnMut(&mut Queue) -> bool) {
        let mut wakers = Vec::new();
        lock(&self.queues).retain(|queue| {
            let Some(queue) = queue.upgrade() else {
                return false;
            };
            let mut queue = lock(&queue);
            if put(&mut queue) {
                wakers.extend(queue.waker.take());
            }
            true
        });
        // Woken after the locks are gone: a waker is somebody else's code.
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Tells every listener that nothing more will come.
    fn close(&self) {
        for queue in lock(&self.queues)
            .drain(..)
            .filter_map(|queue| queue.upgrade())
        {
            let mut queue = lock(&queue);
            queue.closed = true;
            if let Some(waker) = queue.waker.take() {
                waker.wake();
            }
        }
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.close();
    }
}

impl Queue {
    fn put(&mut self, notice: Notice) {
        if self.notices.len() == QUEUE_LENGTH {
            *self.missed.get_or_insert(0) += self.notices.len() as u64;
            self.notices.clear();
        }
        self.notices.push_back(notice);
    }

    fn take(&mut self) -> Option<Notice> {
        match self.missed.take() {
            Some(count) => Some(Notice::Missed { count }),
            None => self.notices.pop_front(),
        }
    }
}

impl Subscription {
    /// The next notice; none once the engine is gone.
    pub async fn next(&mut self) -> Option<Notice> {
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// A notice that is there already.
    pub fn try_next(&mut self) -> Option<Notice> {
        lock(&self.queue).take()
    }
}

impl Stream for Subscription {
    type Item = Notice;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Notice>> {
        let mut queue = lock(&self.queue);
        match queue.take() {
            Some(notice) => Poll::Ready(Some(notice)),
            None if queue.closed => Poll::Ready(None),
            None => {
                queue.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // What is done under these locks doesn't panic.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn where_a_listener_begins_is_not_forgotten_while_it_subscribes() {
        let project = ProjectId::created_by(&CommandId::from_parts(1, 1));
        let hub = Hub::default();
        let done = AtomicBool::new(false);
        let forgotten = std::thread::scope(|scope| {
            // What the watcher asks whenever the storage hints at a change.
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    hub.has_listeners();
                }
            });
            let forgotten = (0..20_000)
                .filter(|_| {
                    let _listener = hub.subscribe(Some((project, Revision::FIRST)));
                    hub.heard_up_to(project) != Some(Revision::FIRST)
                })
                .count();
            done.store(true, Ordering::Relaxed);
            forgotten
        });
        assert_eq!(forgotten, 0);
    }

    #[test]
    fn listeners_that_are_gone_leave_nothing_though_nothing_happens() {
        let hub = Hub::default();
        let stays = hub.subscribe(None);
        for _ in 0..100 {
            drop(hub.subscribe(None));
        }
        // The one that stays, and the last one, of which nobody has asked yet.
        assert_eq!(lock(&hub.queues).len(), 2);
        drop(stays);
    }
}
