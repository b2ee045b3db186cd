//! R45, R71, R76: four processes write to one store, and one after the other is killed.
//!
//! `HOLDPOINT_KILLS` says how often. With the feature `delay-points` the moments within an append are
//! drawn out, and it is known how many kills came there.

use super::notes::{Asked, Told};
use super::{Shared, Worker, replay, say, set_number};
use crate::model_based::driver::Mismatch;
use crate::model_based::naive::{Answer, Flaw, History, Naive, Place};
use crate::model_based::platform;
use crate::model_based::random::Random;
use crate::model_based::seen;
use holdpoint::engine::Engine;
use holdpoint::machine::Command;
use holdpoint::model::{ErrorCode, Revision};
use holdpoint::storage::Storage;
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

const WRITERS: usize = 4;
const SIGKILL: i32 = 9;
/// After so many rounds there is a new store: otherwise the checks would take ever longer.
const ROUNDS: u64 = 6;
/// No worker lives so long.
const FOR_EVER: u64 = 600_000;

/// What was found in the end.
#[derive(Debug, Default)]
struct Figures {
    kills: u64,
    inside: u64,
    stores: u64,
    acknowledged: usize,
    /// Commands of which a killed process never heard what became of them, and which are there.
    unheard_and_there: usize,
    unheard_and_not: usize,
}

/// Kills it, and says whether it was in the middle of an append.
fn kill(mut worker: Worker) -> bool {
    worker.child.kill().expect("it is ours");
    let ended = worker.child.wait().expect("it is ours");
    let marks = std::fs::read_to_string(&worker.marks).unwrap_or_default();
    assert_eq!(
        ended.signal(),
        Some(SIGKILL),
        "it lived until then: {marks}"
    );
    marks.lines().rfind(|line| line.starts_with('@')) == Some("@append-begun")
}

/// Waits until it has given a command, or for a while.
fn has_begun(worker: &Worker) {
    for _ in 0..400 {
        if worker.notes.metadata().is_ok_and(|notes| notes.len() > 0) {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Four that write at once, killed one after the other at random moments.
fn round(shared: &mut Shared, random: &mut Random, figures: &mut Figures) {
    let mut workers: Vec<_> = (0..WRITERS)
        .map(|_| {
            let delay = random.one(&[0, 800, 3_000, 8_000]);
            shared.start(random, FOR_EVER, delay)
        })
        .collect();
    // Now and then one is killed while it starts, or while it makes the store.
    if random.percent(80) {
        workers.iter().for_each(has_begun);
    }
    while !workers.is_empty() {
        std::thread::sleep(Duration::from_micros(random.below(120_000)));
        let which = usize::try_from(random.below(workers.len() as u64)).expect("there are few");
        figures.kills += 1;
        figures.inside += u64::from(kill(workers.swap_remove(which)));
    }
}

/// Everything that has to be true when nobody works any more.
async fn check<S: Storage>(
    engine: &Engine<S>,
    asked: &[Asked],
    figures: &mut Figures,
) -> Result<(), Mismatch> {
    let journals = replay::journals(engine, asked).await?;
    replay::refused_are_not_there(&journals, asked)?;
    (
        figures.acknowledged,
        figures.unheard_and_there,
        figures.unheard_and_not,
    ) = (0, 0, 0);
    // What was deleted, and by which command.
    let mut gone = BTreeMap::new();
    for one in asked {
        let (project, request) = (one.given.project, &one.given.request);
        if journals.contains_key(&project) || gone.contains_key(&project) {
            continue;
        }
        let tombstone = engine.storage().tombstone(project).await;
        if let Some(tombstone) = tombstone.map_err(|error| error.to_string())? {
            let is_the_one = |one: &Asked| {
                one.given.request.command == Command::DeleteProject
                    && one.given.request.stamp() == tombstone.command
            };
            if !asked.iter().any(is_the_one) {
                return Err(format!("nobody deleted project {project}"));
            }
            gone.insert(project, tombstone);
        } else if matches!(&one.told, Some(Told::Done { .. })) {
            return Err(format!("{} was acknowledged and is gone", request.id));
        }
    }
    for one in asked {
        let project = one.given.project;
        let id = one.given.request.id;
        let place = journals.get(&project);
        let place = place.and_then(|journal| journal.iter().position(|found| *found == id));
        let place = place.map(|place| place as u64 + 1);
        match &one.told {
            Some(Told::Done { revision, .. }) => {
                figures.acknowledged += 1;
                let is_there = match (gone.get(&project), place) {
                    (Some(tombstone), _) => *revision <= tombstone.head.revision.get(),
                    (None, Some(place)) if place == *revision => true,
                    // What needed no entry isn't remembered: given again it may need one.
                    (None, Some(place)) if place < *revision => false,
                    (None, _) => changed_nothing(engine, one, *revision).await?,
                };
                if !is_there {
                    return Err(format!(
                        "{} told {:?}: found {place:?}",
                        one.given, one.told
                    ));
                }
            }
            Some(Told::Refused { .. }) => {}
            None => {
                let is_deletion = gone.get(&project).is_some_and(|gone| gone.command.id == id);
                if place.is_some() || is_deletion {
                    figures.unheard_and_there += 1;
                } else {
                    figures.unheard_and_not += 1;
                }
            }
        }
    }
    Ok(())
}

/// Whether there was nothing to do for it at that revision, as the model sees it.
async fn changed_nothing<S: Storage>(
    engine: &Engine<S>,
    one: &Asked,
    revision: u64,
) -> Result<bool, Mismatch> {
    let project = one.given.project;
    let state = engine.state_at(project, Revision::new(revision)).await;
    let state = seen::project(&*state.map_err(|error| error.to_string())?);
    let mut naive = Naive::new(Flaw::None);
    let length = usize::try_from(revision).expect("journals are short");
    let history = History::of(vec![state; length]);
    naive.places.insert(project, Place::There(history));
    let answer = naive.answer(one.given.now, project, &one.given.request);
    Ok(matches!(answer, Answer::Nothing(..)))
}

/// Whoever was killed and asks again gets one application: every command that nobody heard of is
/// given once more.
async fn ask_again<S: Storage>(engine: &Engine<S>, asked: &[Asked]) -> usize {
    let mut again = 0;
    for one in asked.iter().filter(|one| one.told.is_none()) {
        let (project, request) = (one.given.project, &one.given.request);
        let before = engine.storage().find_command(project, request.id).await;
        let before = before.expect("it can be read");
        let told = engine.submit(project, request.clone()).await;
        match (&told, before) {
            (Ok(receipt), Some(revision)) => assert_eq!(receipt.revision, revision),
            (Err(error), Some(_)) => {
                assert_eq!(error.code(), ErrorCode::CommandIdReused, "{}", one.given);
            }
            // By now it may be refused, or done; then it is there once.
            (_, None) => {}
        }
        let twice = engine.submit(project, request.clone()).await;
        if let Ok(receipt) = &told {
            assert_eq!(twice.as_ref(), Ok(receipt), "{}", one.given);
        }
        again += 1;
    }
    again
}

#[test]
fn r45_r71_r76_four_processes_on_one_store_are_killed_and_all_that_was_acknowledged_is_there_once()
{
    let seed = platform::seed();
    let kills = set_number("HOLDPOINT_KILLS", 20);
    say(&format!(
        "seed: kills: HOLDPOINT_SEED={seed}, SQLite {}",
        rusqlite::version()
    ));
    let mut random = Random::of(seed, 4);
    let (mut all, mut checks, mut again) = (Figures::default(), 0, 0);
    while all.kills < kills {
        let mut shared = Shared::new();
        all.stores += 1;
        let mut of_store = Figures::default();
        for _ in 0..ROUNDS {
            round(&mut shared, &mut random, &mut of_store);
            let asked = shared.asked();
            pollster::block_on(async {
                let engine = shared.engine().await;
                if let Err(mismatch) = check(&engine, &asked, &mut of_store).await {
                    panic!("HOLDPOINT_SEED={seed}, {} kills: {mismatch}", all.kills);
                }
            });
            assert_eq!(shared.integrity(), "ok");
            checks += 1;
            if all.kills + of_store.kills >= kills {
                break;
            }
        }
        let asked = shared.asked();
        pollster::block_on(async {
            let engine = shared.engine().await;
            again += ask_again(&engine, &asked).await;
            let journals = replay::journals(&engine, &asked).await;
            journals.unwrap_or_else(|mismatch| panic!("HOLDPOINT_SEED={seed}: {mismatch}"));
        });
        all.kills += of_store.kills;
        all.inside += of_store.inside;
        all.acknowledged += of_store.acknowledged;
        all.unheard_and_there += of_store.unheard_and_there;
        all.unheard_and_not += of_store.unheard_and_not;
    }
    say(&format!(
        "kills: {} of {WRITERS} processes at once on {} stores, {} of them within an append; \
         {checks} checks: {} acknowledged answers all there, none twice; of commands that nobody \
         heard of {} were there and {} weren't, and {again} were asked again",
        all.kills,
        all.stores,
        if cfg!(feature = "delay-points") {
            all.inside.to_string()
        } else {
            "an unknown number".to_owned()
        },
        all.acknowledged,
        all.unheard_and_there,
        all.unheard_and_not,
    ));
}
