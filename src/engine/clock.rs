//! Where the time and new command ids come from.

use crate::model::{CommandId, ProjectId, Timestamp, WorkerId};
use crate::platform::{self, MaybeSend, MaybeSync};

/// Tells the time. It may go back; nothing but what people read depends on it.
pub trait Clock: MaybeSend + MaybeSync + 'static {
    /// Now.
    fn now(&self) -> Timestamp;
}

/// The platform's own clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        platform::now()
    }
}

/// A new command id: the time, then 80 random bits.
#[must_use]
pub fn new_command_id(now: Timestamp) -> CommandId {
    CommandId::from_parts(now.milliseconds().unsigned_abs(), platform::random())
}

/// A new worker's id.
pub(super) fn new_worker_id(now: Timestamp) -> WorkerId {
    WorkerId::from_parts(now.milliseconds().unsigned_abs(), platform::random())
}

/// The id of a copy of a project: no command made it here.
pub(super) fn new_project_id(now: Timestamp) -> ProjectId {
    ProjectId::from_parts(now.milliseconds().unsigned_abs(), platform::random())
}
