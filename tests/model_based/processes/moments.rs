//! The moments of a project's history at which a call can have been decided: none before what anybody
//! had been told when it began, and none after what was only asked for once it had ended.

use super::notes::Asked;
use holdpoint::machine::Command;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// A moment of a project: after so many of its entries. Of one that was deleted the last is its end,
/// which comes after all of them.
pub(super) type Moment = u64;

/// The moments of one project, with what is known of when they were.
#[derive(Debug, Default)]
pub(super) struct Moments {
    /// When somebody had been told of it, at the earliest.
    told: BTreeMap<Moment, i64>,
    /// When the call began that led to it, at the earliest.
    begun: BTreeMap<Moment, i64>,
    last: Moment,
}

impl Moments {
    /// From all answers that were given of a project, by the revision that was told.
    pub(super) fn of(answers: &BTreeMap<u64, Vec<&Asked>>) -> Self {
        let mut moments = Self::default();
        let all = answers
            .iter()
            .flat_map(|(revision, all)| all.iter().map(|one| (*revision, *one)));
        for (revision, one) in all {
            let is_end = one.given.request.command == Command::DeleteProject;
            let moment = revision + u64::from(is_end);
            moments.last = moments.last.max(moment);
            earliest(&mut moments.told, moment, one.ended);
            if is_end || one.is_made() {
                earliest(&mut moments.begun, moment, one.began);
            }
        }
        moments
    }

    /// When this call can have been decided.
    pub(super) fn window(&self, one: &Asked) -> RangeInclusive<Moment> {
        let known = self.told.iter().filter(|(_, ended)| **ended < one.began);
        let first = known.map(|(moment, _)| *moment).max().unwrap_or(0);
        let later = self.begun.iter().filter(|(_, began)| **began > one.ended);
        let last = later.map(|(moment, _)| moment - 1).min();
        first..=last.unwrap_or(self.last)
    }
}

fn earliest(times: &mut BTreeMap<Moment, i64>, moment: Moment, time: i64) {
    let known = times.entry(moment).or_insert(time);
    *known = time.min(*known);
}
