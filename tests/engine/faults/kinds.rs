//! Everything that is made to go wrong.

#[cfg(not(target_family = "wasm"))]
use crate::support::fault_storage::Damage;
use crate::support::fault_storage::{Among, Fault, FaultKind};
use holdpoint::storage::StorageErrorKind;

/// What goes wrong, wherever it does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    among: Among,
    pub(crate) fault: FaultKind,
    lasts: bool,
}

impl Kind {
    pub(crate) const fn once(kind: FaultKind) -> Self {
        let among = match kind {
            FaultKind::Damage(_) => Among::Contents,
            _ => Among::All,
        };
        Self {
            among,
            fault: kind,
            lasts: false,
        }
    }

    #[cfg(not(target_family = "wasm"))]
    pub(crate) const fn lasting(kind: FaultKind) -> Self {
        Self {
            lasts: true,
            ..Self::once(kind)
        }
    }

    /// The same at writes only.
    #[cfg(not(target_family = "wasm"))]
    pub(crate) const fn of_writes(self) -> Self {
        Self {
            among: Among::Writes,
            ..self
        }
    }

    pub(crate) const fn at(self, n: usize) -> Fault {
        let fault = Fault::at(n, self.among, self.fault);
        if self.lasts { fault.lasting() } else { fault }
    }
}

/// In a browser one of each sort: a build for tests is slow there, and where the fault comes from
/// makes no difference to it.
#[cfg(target_family = "wasm")]
pub(crate) const KINDS: [Kind; 3] = [
    Kind::once(FaultKind::FailBefore(StorageErrorKind::Unavailable)),
    Kind::once(FaultKind::LoseBefore),
    Kind::once(FaultKind::LoseAfter),
];

#[cfg(not(target_family = "wasm"))]
pub(crate) const KINDS: [Kind; 24] = [
    // Refused, once.
    Kind::once(FaultKind::FailBefore(StorageErrorKind::Closed)),
    Kind::once(FaultKind::FailBefore(StorageErrorKind::Blocked)),
    Kind::once(FaultKind::FailBefore(StorageErrorKind::QuotaExceeded)),
    Kind::once(FaultKind::FailBefore(StorageErrorKind::TooNew)),
    Kind::once(FaultKind::FailBefore(StorageErrorKind::Corrupt)),
    Kind::once(FaultKind::FailBefore(StorageErrorKind::Unavailable)),
    // The disk is full, and stays so: what is there can be read.
    Kind::lasting(FaultKind::FailBefore(StorageErrorKind::QuotaExceeded)).of_writes(),
    // Nothing can be had from it any more.
    Kind::lasting(FaultKind::FailBefore(StorageErrorKind::Unavailable)),
    // The connection is lost before or after the operation took effect; for a moment, or for good.
    Kind::once(FaultKind::LoseBefore),
    Kind::once(FaultKind::LoseAfter),
    Kind::once(FaultKind::FailAfter(StorageErrorKind::Closed)),
    Kind::lasting(FaultKind::LoseBefore),
    Kind::lasting(FaultKind::LoseAfter),
    Kind::lasting(FaultKind::FailAfter(StorageErrorKind::Closed)),
    // It is late.
    Kind::once(FaultKind::Delay(1)),
    Kind::lasting(FaultKind::Delay(3)),
    // What was read isn't what was written.
    Kind::once(FaultKind::Damage(Damage::Cut)),
    Kind::once(FaultKind::Damage(Damage::Altered)),
    Kind::once(FaultKind::Damage(Damage::Missing)),
    Kind::once(FaultKind::Damage(Damage::Reversed)),
    Kind::lasting(FaultKind::Damage(Damage::Cut)),
    Kind::lasting(FaultKind::Damage(Damage::Altered)),
    Kind::lasting(FaultKind::Damage(Damage::Missing)),
    Kind::lasting(FaultKind::Damage(Damage::Reversed)),
];
