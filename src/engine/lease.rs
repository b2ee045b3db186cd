//! Leases: one plan is executed by one worker at a time.
//!
//! They stand beside the journal and save double work; what keeps the journal right is the attempt
//! number. Who asks for no claim is not kept from anything.
//!
//! A lease is held as long as its worker is known to be alive, and free as soon as it is known to be
//! dead, whatever the time says: browsers let the timers of a hidden tab run once a minute, and
//! clocks are set. Where the storage can't tell, the clock of whoever asks decides.

mod claim;
mod claims;
mod text;

pub use claim::Claim;
pub(super) use claims::Claims;

use super::clock::new_worker_id;
use super::{Engine, EngineError, Inner, Result};
use crate::machine::Rejection;
use crate::model::{Actor, InvalidInput, PlanId, ProjectId, Timestamp, WorkerId};
use crate::storage::{Epoch, Lease, LeaseError, Storage, StorageErrorKind};
use claim::{Current, after};
use serde::Serialize;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use text::Held;

/// The shortest and the longest time that a claim can be made for.
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_hours(1);

/// How often others may be faster before it is told as `BUSY`.
const TRIES: u32 = 100;

/// How a plan is claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimOptions {
    /// How long it lasts without being renewed, where the storage can't tell whether its worker is
    /// alive: 1 s to 1 h; 30 s unless it is said.
    pub time_to_live: Duration,
    /// Takes it from whoever has it. They learn of it when they renew.
    pub take_over: bool,
}

impl Default for ClaimOptions {
    fn default() -> Self {
        Self {
            time_to_live: Duration::from_secs(30),
            take_over: false,
        }
    }
}

/// Who executes a plan, or did so last and said no goodbye.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeaseView {
    /// Whose worker it is.
    pub holder: Actor,
    /// Which one.
    pub worker: WorkerId,
    /// Since when.
    pub taken_at: Timestamp,
    /// Until when, unless it is renewed.
    pub expires_at: Timestamp,
    /// Whether the worker is alive; `None` if the storage can't tell.
    pub is_alive: Option<bool>,
    /// Whether the plan is kept from others now: not if the worker is gone, or out of time.
    pub is_held: bool,
    /// Whether it is this engine's own.
    pub is_own: bool,
}

impl<S: Storage> Engine<S> {
    /// Claims a plan for this engine's worker, in whatever state the plan is.
    ///
    /// # Errors
    /// `PLAN_CLAIMED` if somebody has it, this engine included; `PLAN_NOT_FOUND`; `TOO_NEW` if a
    /// newer program has it in a way that this one doesn't know (`take_over` replaces that too);
    /// `INVALID_INPUT` for a time out of range; and as [`project`](Self::project).
    pub async fn claim(
        &self,
        project: ProjectId,
        plan: PlanId,
        options: ClaimOptions,
    ) -> Result<Claim<S>> {
        let ClaimOptions {
            time_to_live,
            take_over,
        } = options;
        if !(SHORTEST..=LONGEST).contains(&time_to_live) {
            let found = format!("{} ms", time_to_live.as_millis());
            return Err(InvalidInput::malformed("time_to_live", "1 s to 1 h", &found).into());
        }
        let state = self.project(project).await?;
        if state.plans.get(&plan).is_none() {
            return Err(Rejection::PlanNotFound { plan }.into());
        }
        let inner = &self.inner;
        let _turn = inner.claims.turn.lock().await;
        for _ in 0..TRIES {
            let found = inner.storage.lease(project, plan).await?;
            if let Some(lease) = &found
                && !take_over
                && is_held(inner, project, plan, lease).await?
            {
                return Err(claimed(plan, found.as_ref()));
            }
            let claims = &inner.claims;
            let sign = claims.sign_of_life(&inner.storage, inner.worker()).await;
            let now = inner.clock.now();
            let holder = Held {
                holder: inner.actor.clone(),
                worker: inner.worker(),
                shows_life: sign.is_shown(),
                taken_at: now,
                expires_at: after(now, time_to_live),
            };
            let expected = found.map(|lease| lease.epoch);
            let epoch = Epoch(expected.map_or(1, |epoch| epoch.0 + 1));
            let lease = Lease {
                epoch,
                text: text::write(Some(&holder)),
            };
            // If somebody was faster, it is they who may have it.
            if let Swapped::Done = swap(inner, project, plan, expected, lease).await? {
                claims.note(project, plan, epoch);
                return Ok(Claim {
                    inner: Arc::clone(inner),
                    project,
                    plan,
                    epoch,
                    time_to_live,
                    current: Mutex::new(Current {
                        holder,
                        renewed_at: now,
                        sign: Some(sign),
                    }),
                    turn: async_lock::Mutex::new(()),
                });
            }
        }
        Err(EngineError::Busy {
            waited_milliseconds: 0,
            conflicts: TRIES,
        })
    }

    /// Who executes a plan. None: nobody, or there is no such plan.
    ///
    /// # Errors
    /// `TOO_NEW` if a newer program wrote it, and what the storage fails with.
    pub async fn lease(&self, project: ProjectId, plan: PlanId) -> Result<Option<LeaseView>> {
        let inner = &self.inner;
        let Some(lease) = inner.storage.lease(project, plan).await? else {
            return Ok(None);
        };
        let Some(found) = text::read(&lease.text)? else {
            return Ok(None);
        };
        let (is_alive, is_held) = judge(inner, project, plan, lease.epoch, &found).await;
        Ok(Some(LeaseView {
            is_own: found.worker == inner.worker(),
            holder: found.holder,
            worker: found.worker,
            taken_at: found.taken_at,
            expires_at: found.expires_at,
            is_alive,
            is_held,
        }))
    }
}

impl<S: Storage> Inner<S> {
    /// This engine's worker: named when it is first asked for.
    fn worker(&self) -> WorkerId {
        let name = || new_worker_id(self.clock.now());
        *self.claims.worker.get_or_init(name)
    }
}

async fn is_held<S: Storage>(
    inner: &Inner<S>,
    project: ProjectId,
    plan: PlanId,
    lease: &Lease,
) -> Result<bool> {
    Ok(match text::read(&lease.text)? {
        Some(found) => judge(inner, project, plan, lease.epoch, &found).await.1,
        None => false,
    })
}

/// Whether a worker is alive, and whether the lease that names it is held.
async fn judge<S: Storage>(
    inner: &Inner<S>,
    project: ProjectId,
    plan: PlanId,
    epoch: Epoch,
    found: &Held,
) -> (Option<bool>, bool) {
    if found.worker == inner.worker() {
        // One that this engine doesn't know of could not be released when it was dropped.
        return (Some(true), inner.claims.has(project, plan, epoch));
    }
    let is_alive = if found.shows_life {
        inner.storage.is_alive(found.worker).await
    } else {
        None
    };
    let is_held = is_alive.unwrap_or_else(|| {
        let now = inner.clock.now();
        // No claim lasts for longer than the longest: if this one says so, a clock went back.
        now < found.expires_at && found.expires_at <= after(now, LONGEST)
    });
    (is_alive, is_held)
}

/// What came of replacing a lease.
enum Swapped {
    Done,
    /// Somebody else has been there: this is what they left.
    Found(Option<Lease>),
}

async fn swap<S: Storage>(
    inner: &Inner<S>,
    project: ProjectId,
    plan: PlanId,
    expected: Option<Epoch>,
    lease: Lease,
) -> Result<Swapped> {
    let swapped = inner
        .storage
        .swap_lease(project, plan, expected, lease.clone());
    match swapped.await {
        Ok(()) => Ok(Swapped::Done),
        Err(LeaseError::Conflict { found, .. }) => Ok(Swapped::Found(found)),
        Err(LeaseError::NoProject) => {
            let removed = inner.storage.tombstone(project).await?;
            Err(removed.map_or_else(
                || Rejection::ProjectNotFound { project }.into(),
                |tombstone| EngineError::Removed {
                    project,
                    revision: tombstone.head.revision,
                },
            ))
        }
        Err(LeaseError::Storage(error)) if error.kind == StorageErrorKind::OutcomeUnknown => {
            match inner.storage.lease(project, plan).await {
                Ok(Some(found)) if found == lease => Ok(Swapped::Done),
                // If it can't be asked, the caller has to know that it isn't known.
                _ => Err(error.into()),
            }
        }
        Err(LeaseError::Storage(error)) => Err(error.into()),
    }
}

/// The refusal that names who has it, if anybody has.
fn claimed(plan: PlanId, found: Option<&Lease>) -> EngineError {
    let found = found.and_then(|lease| text::read(&lease.text).ok().flatten());
    EngineError::PlanClaimed {
        plan,
        expires_at: found.as_ref().map(|found| found.expires_at),
        worker: found.as_ref().map(|found| found.worker),
        holder: found.map(|found| found.holder),
    }
}

/// Futures move between threads natively.
const _: fn(&Engine<crate::storage::MemoryStorage>, ProjectId, PlanId) = |engine, project, plan| {
    fn is_send<T: crate::platform::MaybeSend>(_: &T) {}

    is_send(&engine.claim(project, plan, ClaimOptions::default()));
    is_send(&engine.lease(project, plan));
};
