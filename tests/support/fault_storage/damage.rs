//! Answers that are not what was stored.

use holdpoint::journal::{Head, Sealed, Snapshot};
use holdpoint::model::{ProjectId, Revision};
use holdpoint::storage::{Lease, Row, RowPage, Tombstone};
use std::sync::Arc;

/// How an answer is damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Damage {
    /// The last text or body lacks its second half.
    Cut,
    /// One character of the last text or body is another.
    Altered,
    /// The last one of several is missing, or the only one.
    Missing,
    /// They come the other way round.
    Reversed,
}

impl Damage {
    /// Every way there is.
    pub(crate) const ALL: [Damage; 4] = [
        Damage::Cut,
        Damage::Altered,
        Damage::Missing,
        Damage::Reversed,
    ];

    fn text(self, text: &str) -> Arc<str> {
        let bytes = self.bytes(text.as_bytes().to_vec());
        String::from_utf8_lossy(&bytes).into()
    }

    fn bytes(self, mut bytes: Vec<u8>) -> Vec<u8> {
        let middle = bytes.len() / 2;
        match self {
            Damage::Cut => bytes.truncate(middle),
            Damage::Altered => {
                if let Some(byte) = bytes.get_mut(middle) {
                    *byte = if *byte == b'x' { b'y' } else { b'x' };
                }
            }
            Damage::Missing | Damage::Reversed => {}
        }
        bytes
    }

    fn list<T>(self, mut list: Vec<T>, spoil: impl FnOnce(T) -> T) -> Vec<T> {
        match self {
            Damage::Cut | Damage::Altered => {
                let spoilt = list.pop().map(spoil);
                list.extend(spoilt);
            }
            Damage::Missing => drop(list.pop()),
            Damage::Reversed => list.reverse(),
        }
        list
    }
}

/// An answer that can be damaged; or one that can't, which stays as it is.
pub(crate) trait Damaged: Sized {
    fn damaged(self, _damage: Damage) -> Self {
        self
    }
}

impl Damaged for () {}
impl Damaged for bool {}
impl Damaged for Head {}
impl Damaged for Option<Head> {}
impl Damaged for Vec<Head> {}
impl Damaged for Vec<ProjectId> {}
impl Damaged for Option<Lease> {}
impl Damaged for Option<Revision> {}
impl Damaged for Option<Tombstone> {}

impl Damaged for Vec<Sealed> {
    fn damaged(self, damage: Damage) -> Self {
        damage.list(self, |sealed| Sealed {
            text: damage.text(&sealed.text),
            ..sealed
        })
    }
}

impl Damaged for Option<Snapshot> {
    fn damaged(self, damage: Damage) -> Self {
        if damage == Damage::Missing {
            return None;
        }
        self.map(|snapshot| Snapshot {
            text: damage.text(&snapshot.text),
            ..snapshot
        })
    }
}

impl Damaged for Option<Vec<u8>> {
    fn damaged(self, damage: Damage) -> Self {
        if damage == Damage::Missing {
            return None;
        }
        self.map(|bytes| damage.bytes(bytes))
    }
}

impl Damaged for Vec<Option<Vec<u8>>> {
    fn damaged(mut self, damage: Damage) -> Self {
        if damage == Damage::Reversed {
            self.reverse();
        } else if let Some(last) = self.last_mut() {
            *last = last.take().damaged(damage);
        }
        self
    }
}

impl Damaged for RowPage {
    fn damaged(self, damage: Damage) -> Self {
        let rows = damage.list(self.rows, |row| match row {
            Row::Project(mut row) => {
                row.revision = row.revision.next();
                Row::Project(row)
            }
            Row::Plan(mut row) => {
                row.last_completed_step += 1;
                Row::Plan(row)
            }
            Row::Checkpoint(mut row) => {
                row.revision = row.revision.next();
                Row::Checkpoint(row)
            }
        });
        Self { rows, ..self }
    }
}
