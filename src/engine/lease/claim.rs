//! A plan that is claimed.

use super::claims::Share;
use super::text::{self, Held};
use super::{Swapped, claimed, swap};
use crate::engine::{EngineError, Inner, Result};
use crate::model::{Actor, PlanId, ProjectId, Timestamp, WorkerId};
use crate::platform;
use crate::storage::{Epoch, Lease, Storage};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A plan that is claimed: nobody else who asks executes it, until it is
/// [released](Self::release), lost, or its worker is gone.
///
/// Renew it while you work, when it [is due](Self::is_due). Where the storage can tell who is alive,
/// a late renewal costs nothing; where it can't, the claim is lost to whoever comes after it expired.
///
/// Dropped, it is released in the background, if there is still time for it: a program that ends at
/// once, or a store that was closed, leaves the lease, which ends with the worker then.
pub struct Claim<S: Storage> {
    pub(super) inner: Arc<Inner<S>>,
    pub(super) project: ProjectId,
    pub(super) plan: PlanId,
    pub(super) epoch: Epoch,
    pub(super) time_to_live: Duration,
    pub(super) current: Mutex<Current>,
    /// Renewals and the release take turns: none must bring back what was released.
    pub(super) turn: async_lock::Mutex<()>,
}

/// What changes.
pub(super) struct Current {
    pub(super) holder: Held,
    pub(super) renewed_at: Timestamp,
    /// None once it is over: released or lost.
    pub(super) sign: Option<Share>,
}

impl<S: Storage> Claim<S> {
    /// The plan's project.
    #[must_use]
    pub fn project(&self) -> ProjectId {
        self.project
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> PlanId {
        self.plan
    }

    /// Who has it: the engine's actor.
    #[must_use]
    pub fn holder(&self) -> Actor {
        self.current().holder.holder.clone()
    }

    /// The engine's worker.
    #[must_use]
    pub fn worker(&self) -> WorkerId {
        self.current().holder.worker
    }

    /// Since when.
    #[must_use]
    pub fn taken_at(&self) -> Timestamp {
        self.current().holder.taken_at
    }

    /// Until when, unless it is renewed.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.current().holder.expires_at
    }

    /// Whether it is time to renew it: a third of its time has gone by, or the clock went back.
    #[must_use]
    pub fn is_due(&self) -> bool {
        let now = self.inner.clock.now();
        let current = self.current();
        let third = after(current.renewed_at, self.time_to_live / 3);
        now >= third || now < current.renewed_at
    }

    /// Makes its time begin anew.
    ///
    /// # Errors
    /// `PLAN_CLAIMED` if it is over: somebody took the plan over, who is named as long as they have
    /// it, or it was released. What the storage fails with; it stays claimed then.
    pub async fn renew(&self) -> Result<()> {
        let _turn = self.turn.lock().await;
        if self.current().sign.is_none() {
            let found = self.inner.storage.lease(self.project, self.plan).await?;
            return Err(claimed(self.plan, found.as_ref()));
        }
        let now = self.inner.clock.now();
        let holder = Held {
            expires_at: after(now, self.time_to_live),
            ..self.current().holder.clone()
        };
        match self.write(text::write(Some(&holder))).await? {
            Swapped::Done => {
                let mut current = self.current();
                current.holder = holder;
                current.renewed_at = now;
                Ok(())
            }
            Swapped::Found(found) => {
                self.end();
                Err(claimed(self.plan, found.as_ref()))
            }
        }
    }

    /// Gives the plan back. One that was lost in between is no error.
    ///
    /// # Errors
    /// What the storage fails with; the lease ends with the worker then.
    pub async fn release(self) -> Result<()> {
        self.let_go().await
    }

    /// [`release`](Self::release), for those who share it. A second one does nothing.
    pub(crate) async fn let_go(&self) -> Result<()> {
        let _turn = self.turn.lock().await;
        if self.current().sign.is_none() {
            return Ok(());
        }
        let written = self.write(text::write(None)).await;
        self.end();
        match written {
            // Gone with all of the project.
            Err(EngineError::Removed { .. }) => Ok(()),
            written => written.map(drop),
        }
    }

    async fn write(&self, text: Arc<str>) -> Result<Swapped> {
        let epoch = self.epoch;
        let lease = Lease { epoch, text };
        swap(&self.inner, self.project, self.plan, Some(epoch), lease).await
    }

    /// It is over: the worker may be taken for dead, as far as this claim goes. Returns its sign of
    /// life, if it wasn't over before.
    fn end(&self) -> Option<Share> {
        let sign = self.current().sign.take();
        if sign.is_some() {
            let claims = &self.inner.claims;
            claims.forget(self.project, self.plan, self.epoch);
        }
        sign
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        // Nothing panics while it is changed.
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Storage> Drop for Claim<S> {
    fn drop(&mut self) {
        let Some(sign) = self.end() else { return };
        let inner = Arc::clone(&self.inner);
        let (project, plan, epoch) = (self.project, self.plan, self.epoch);
        let release = async move {
            let text = text::write(None);
            // If it fails, the lease ends with the worker.
            let _ = swap(&inner, project, plan, Some(epoch), Lease { epoch, text }).await;
            drop(sign);
        };
        platform::spawn("release of a claim", Box::pin(release));
    }
}

impl<S: Storage> std::fmt::Debug for Claim<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Claim")
            .field("project", &self.project)
            .field("plan", &self.plan)
            .field("epoch", &self.epoch)
            .finish_non_exhaustive()
    }
}

/// A moment and a time later.
pub(super) fn after(moment: Timestamp, time: Duration) -> Timestamp {
    moment.plus_milliseconds(i64::try_from(time.as_millis()).unwrap_or(i64::MAX))
}
