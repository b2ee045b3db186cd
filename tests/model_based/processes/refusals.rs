//! Refusals, judged by the naive model: at one of the moments at which such a call can have been
//! decided, the model refuses it with the same code.

use super::moments::Moment;
use super::notes::{Asked, Told};
use super::replay::Replayed;
use crate::model_based::driver::Mismatch;
use crate::model_based::naive::{Answer, Flaw, Naive};
use holdpoint::machine::Command;
use holdpoint::model::ProjectId;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

/// What says that others were at work, and nothing of the project.
const OF_OTHERS: &[&str] = &["BUSY", "BLOCKED"];

/// The code of a refusal that the model can judge.
pub(super) fn code(one: &Asked) -> Option<&str> {
    match &one.told {
        Some(Told::Refused { code }) if !OF_OTHERS.contains(&code.as_str()) => Some(code),
        _ => None,
    }
}

pub(super) fn is_fork(one: &Asked) -> bool {
    matches!(one.given.request.command, Command::ForkProject { .. })
}

fn is_refused(naive: &Naive, one: &Asked) -> Result<(), String> {
    let answer = naive.answer(one.given.now, one.given.project, &one.given.request);
    match answer {
        Answer::Refused(said) if Some(said) == code(one) => Ok(()),
        Answer::Done(revision, ..) => Err(format!("it leads to revision {revision}")),
        other => Err(format!("{other:?}")),
    }
}

/// The refusals of one project, and what the model has said of them so far.
pub(super) struct Refusals<'a> {
    open: Vec<Open<'a>>,
}

struct Open<'a> {
    one: &'a Asked,
    window: RangeInclusive<Moment>,
    said: BTreeSet<String>,
}

impl<'a> Refusals<'a> {
    pub(super) fn of(all: impl Iterator<Item = (&'a Asked, RangeInclusive<Moment>)>) -> Self {
        let open = all.map(|(one, window)| Open {
            one,
            window,
            said: BTreeSet::new(),
        });
        Self {
            open: open.collect(),
        }
    }

    /// Judges those that can have been decided at this moment, at which all is as the model has it.
    pub(super) fn judge(&mut self, moment: Moment, naive: &Naive) {
        self.open.retain_mut(|open| {
            if !open.window.contains(&moment) {
                return true;
            }
            let said = is_refused(naive, open.one);
            said.map_err(|said| open.said.insert(said)).is_err()
        });
    }

    /// After the last moment: no refusal was wrong at all of its moments.
    pub(super) fn end(self) -> Result<(), Mismatch> {
        match self.open.first() {
            None => Ok(()),
            Some(Open { one, window, said }) => Err(wrong(one, &format!("{window:?}"), said)),
        }
    }
}

/// Refused forks, which are decided by their source as well. All projects have been replayed.
pub(super) fn judge_forks<'a>(
    refused: impl Iterator<Item = &'a Asked>,
    replayed: &BTreeMap<ProjectId, Replayed>,
) -> Result<(), Mismatch> {
    let never_there = Replayed::default();
    let place = |id| replayed.get(&id).unwrap_or(&never_there);
    for one in refused {
        let Command::ForkProject { source, .. } = one.given.request.command else {
            continue;
        };
        let (own, other) = (place(one.given.project), place(source));
        let (own_window, other_window) = (own.moments.window(one), other.moments.window(one));
        let mut said = BTreeSet::new();
        let is_right = own_window.clone().any(|own_moment| {
            other_window.clone().any(|other_moment| {
                let mut naive = Naive::new(Flaw::None);
                let places = [
                    (one.given.project, own.place(own_moment)),
                    (source, other.place(other_moment)),
                ];
                for (id, place) in places {
                    naive.places.extend(place.map(|place| (id, place)));
                }
                let refused = is_refused(&naive, one);
                refused.map_err(|answer| said.insert(answer)).is_ok()
            })
        });
        if !is_right {
            let windows = format!("{own_window:?}, of its source {other_window:?}");
            return Err(wrong(one, &windows, &said));
        }
    }
    Ok(())
}

fn wrong(one: &Asked, window: &str, said: &BTreeSet<String>) -> Mismatch {
    format!(
        "{}\nwas told {:?}; at each of its moments ({window}) the model says {said:?}",
        one.given, one.told
    )
}
