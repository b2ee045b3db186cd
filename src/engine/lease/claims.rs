//! What an engine knows of its own claims.

use crate::model::{PlanId, ProjectId, WorkerId};
use crate::storage::{Epoch, SignOfLife, Storage};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// The claims of one engine.
#[derive(Debug, Default)]
pub(in crate::engine) struct Claims {
    /// The engine's worker: named when it is first asked for.
    pub(super) worker: OnceLock<WorkerId>,
    /// Claims are made one after the other, so that none is met half made.
    pub(super) turn: async_lock::Mutex<()>,
    sign: Arc<Mutex<Option<Shared>>>,
    held: Mutex<HashMap<(ProjectId, PlanId), Epoch>>,
}

/// The worker's sign of life, as long as there is a claim that needs it.
#[derive(Debug)]
struct Shared {
    sign: SignOfLife,
    claims: usize,
}

/// A claim's part in the sign of life.
#[derive(Debug)]
pub(super) struct Share {
    of: Arc<Mutex<Option<Shared>>>,
    is_shown: bool,
}

impl Claims {
    /// Notes a claim; one on the same plan before it is lost.
    pub(super) fn note(&self, project: ProjectId, plan: PlanId, epoch: Epoch) {
        locked(&self.held).insert((project, plan), epoch);
    }

    /// Whether this is the claim that there is.
    pub(super) fn has(&self, project: ProjectId, plan: PlanId, epoch: Epoch) -> bool {
        locked(&self.held).get(&(project, plan)) == Some(&epoch)
    }

    pub(super) fn forget(&self, project: ProjectId, plan: PlanId, epoch: Epoch) {
        let mut held = locked(&self.held);
        if held.get(&(project, plan)) == Some(&epoch) {
            held.remove(&(project, plan));
        }
    }

    /// A part in the worker's sign of life, which is shown from now on if it wasn't yet. For those
    /// whose turn it is.
    pub(super) async fn sign_of_life(&self, storage: &impl Storage, worker: WorkerId) -> Share {
        if let Some(share) = self.share() {
            return share;
        }
        let sign = storage.show_alive(worker).await;
        let is_shown = sign.is_shown();
        *locked(&self.sign) = Some(Shared { sign, claims: 1 });
        Share {
            of: Arc::clone(&self.sign),
            is_shown,
        }
    }

    fn share(&self) -> Option<Share> {
        let mut sign = locked(&self.sign);
        let shared = sign.as_mut()?;
        shared.claims += 1;
        Some(Share {
            of: Arc::clone(&self.sign),
            is_shown: shared.sign.is_shown(),
        })
    }
}

impl Share {
    /// Whether others can see the sign.
    pub(super) fn is_shown(&self) -> bool {
        self.is_shown
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut sign = locked(&self.of);
        if let Some(shared) = sign.as_mut() {
            shared.claims -= 1;
            if shared.claims == 0 {
                // Under the lock: the same worker's next sign must not begin before this one's end.
                *sign = None;
            }
        }
    }
}

/// Nothing panics while one of these is changed.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
