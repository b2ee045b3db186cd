//! The clock informs and nothing more: revisions order.

use super::author::{Author, complete_step, pause, pause_report, rename};
use super::given::{Disk, NOON, SetClock, engine_with, wait};
use super::observe::observe;
use holdpoint::engine::Clock;
use holdpoint::machine::Command;
use holdpoint::model::{PauseWarning, Revision, Timestamp};
use std::sync::atomic::{AtomicI64, Ordering};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

on_every_disk![a_clock_that_goes_back_disturbs_nothing_and_a_pause_says_so,];

/// Shows an hour less whenever it is asked.
struct Backwards(AtomicI64);

impl Clock for Backwards {
    fn now(&self) -> Timestamp {
        Timestamp::from_milliseconds_clamped(self.0.fetch_sub(3_600_000, Ordering::SeqCst))
    }
}

fn a_clock_that_goes_back_disturbs_nothing_and_a_pause_says_so<D: Disk>() {
    let disk = D::new();
    let mut author = Author::new(engine_with(disk.open(), Backwards(AtomicI64::new(NOON))));
    author.furnish();
    let paused = author.done(pause());
    let warnings = &pause_report(&paused).warnings;
    let went_back = warnings.iter().any(|warning| {
        matches!(warning, PauseWarning::ClockWentBack { previous, now } if now < previous)
    });
    assert!(went_back, "{warnings:?}");
    let target = author.state().checkpoints_in_order()[0].id;
    author.done(Command::Resume {
        checkpoint: Some(target),
    });
    let plan = author.state().plans_in_order()[0].id;
    let attempt = author.attempt(plan);
    author.done(complete_step(plan, attempt));

    let project = author.project;
    let newest = author.state().revision;
    let history = wait(author.engine.history(project, Revision::ZERO, 1000)).unwrap();
    let revisions: Vec<_> = history.iter().map(|entry| entry.revision.get()).collect();
    assert_eq!(revisions, (1..=newest.get()).collect::<Vec<_>>());
    assert!(
        history.is_sorted_by(|one, next| one.at > next.at),
        "each is earlier than the last"
    );
    assert_eq!(observe(disk.open(), project).state.unwrap(), author.state());
    for revision in revisions.into_iter().map(Revision::new) {
        let then = wait(author.engine.state_at(project, revision)).unwrap();
        assert_eq!(then.revision, revision);
    }
}

/// A clock that is right again warns of nothing.
#[test]
fn a_pause_warns_of_the_clock_only_when_it_went_back() {
    let disk = super::given::Memory::new();
    let clock = SetClock::at(NOON);
    let mut author = Author::new(engine_with(disk.open(), clock.clone()));
    clock.turn(-1);
    let warned = author.done(pause());
    assert_eq!(pause_report(&warned).warnings.len(), 1);
    author.done(super::author::resume());
    author.done(rename("same millisecond"));
    let silent = author.done(pause());
    assert_eq!(pause_report(&silent).warnings, []);
}
