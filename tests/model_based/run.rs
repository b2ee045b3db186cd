//! Runs: random commands, what they covered, and what to say of one that failed.

use super::covered::Covered;
use super::driver::{Driver, Mismatch};
use super::generator::Generator;
use super::given::{Disk, Given, Memory};
use super::naive::{Answer, Flaw, Naive};
use super::platform;
use super::random::Random;
use super::shrink::shrink;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;

/// A failing run is tried with less so many times.
const TRIES: usize = 600;

/// How much there is to a test.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Extent {
    /// How many runs, each on storages of its own.
    pub(crate) runs: u64,
    /// How many commands in each.
    pub(crate) commands: usize,
    /// After how many of them all is compared.
    pub(crate) check_every: usize,
}

/// How many times as many runs there are at most, until all was seen that there is to see.
const PATIENCE: u64 = 6;

/// A run that failed, as far as it came, and why.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) list: Vec<Given>,
    pub(crate) mismatch: Mismatch,
    /// After how many commands all has to be compared for it to show; none: the last one's answer
    /// shows it.
    pub(crate) check_every: Option<usize>,
}

/// Runs random commands on all storages, and panics with the shortest list that it can find if
/// something is not as the model says.
pub(crate) async fn runs<A: Disk, B: Disk>(extent: Extent) -> Covered {
    let seed = platform::seed();
    let name = format!("{} and {}", A::NAME, B::NAME);
    platform::say(&format!("model-based on {name}: HOLDPOINT_SEED={seed}"));
    let mut covered = Covered::default();
    let one = async |run| one_run::<A, B>(Random::of(seed, run), extent, Flaw::None).await;
    let mut came = platform::each(extent.runs, one).await;
    let mut run = 0;
    loop {
        for came in came {
            match came {
                Ok(more) => covered.add(more),
                Err(failed) => {
                    // Now already: who looks for the shortest list may be stopped on the way.
                    let mismatch = &failed.mismatch;
                    platform::say(&format!("HOLDPOINT_SEED={seed}, run {run}: {mismatch}"));
                    let said = told::<A, B>(failed).await;
                    panic!("HOLDPOINT_SEED={seed}, run {run} of {name}: {said}");
                }
            }
            run += 1;
        }
        // What is rare may not have come up yet. It does, or something keeps it away.
        if covered.missing().is_empty() || run >= extent.runs * PATIENCE {
            break;
        }
        came = vec![one(run).await];
    }
    platform::say(&format!("model-based on {name}: {covered:?}"));
    covered
}

/// One run on new storages.
pub(crate) async fn one_run<A: Disk, B: Disk>(
    random: Random,
    extent: Extent,
    flaw: Flaw,
) -> Result<Covered, Failed> {
    let mut list = Vec::new();
    let mut covered = Covered::default();
    let mut is_checking = false;
    let run = async {
        let mut driver = Driver::<A, B>::new(flaw).await;
        let mut generator = Generator::new(random);
        for count in 1..=extent.commands {
            let (given, answer) = generator.next(&driver.naive);
            list.push(given.clone());
            covered.count(given.request.command.kind(), &answer);
            driver.take(&given, &answer).await?;
            if count % extent.check_every == 0 || count == extent.commands {
                is_checking = true;
                driver.check().await?;
                is_checking = false;
            }
        }
        Ok(())
    };
    match caught(run).await {
        Ok(()) => Ok(covered),
        Err(mismatch) => {
            let check_every = is_checking.then_some(extent.check_every);
            Err(Failed {
                list,
                mismatch,
                check_every,
            })
        }
    }
}

/// The same commands once more, on new storages.
pub(crate) async fn again<A: Disk, B: Disk>(
    list: &[Given],
    check_every: Option<usize>,
    flaw: Flaw,
) -> Result<(), Mismatch> {
    caught(async {
        let mut driver = Driver::<A, B>::new(flaw).await;
        for (given, count) in list.iter().zip(1..) {
            let answer = driver
                .naive
                .answer(given.now, given.project, &given.request);
            let taken = driver.take(given, &answer).await;
            taken.map_err(|mismatch| format!("{mismatch}\nafter {given}"))?;
            if check_every.is_some_and(|every| count % every == 0 || count == list.len()) {
                driver.check().await?;
            }
        }
        Ok(())
    })
    .await
}

/// The shortest part of a list that can be found to fail like the whole.
pub(crate) async fn shortest<A: Disk, B: Disk>(
    list: Vec<Given>,
    check_every: Option<usize>,
    flaw: Flaw,
) -> Vec<Given> {
    // Memory is the fastest, and mostly it is the machine and the model that disagree.
    if again::<Memory, Memory>(&list, check_every, flaw)
        .await
        .is_err()
    {
        shortest_on::<Memory, Memory>(list, check_every, flaw).await
    } else {
        shortest_on::<A, B>(list, check_every, flaw).await
    }
}

async fn shortest_on<A: Disk, B: Disk>(
    list: Vec<Given>,
    check_every: Option<usize>,
    flaw: Flaw,
) -> Vec<Given> {
    let fails = async |part: &[Given]| again::<A, B>(part, check_every, flaw).await.is_err();
    let effective = effective(&list, flaw);
    let list = if fails(&effective).await {
        effective
    } else {
        list
    };
    shrink(list, TRIES, fails).await
}

/// Those commands that the model says lead to an entry, and the last one. They expect no revision,
/// which would need all that came before it.
fn effective(list: &[Given], flaw: Flaw) -> Vec<Given> {
    let mut naive = Naive::new(flaw);
    let mut effective = Vec::new();
    for (given, left) in list.iter().zip((0..list.len()).rev()) {
        let Given {
            now,
            project,
            request,
            ..
        } = given;
        let answer = naive.answer(*now, *project, request);
        naive.follow(*project, request, &answer);
        if left == 0 || matches!(answer, Answer::Done(..) | Answer::Removed(..)) {
            let mut given = given.clone();
            given.request.expected_revision = None;
            effective.push(given);
        }
    }
    effective
}

async fn told<A: Disk, B: Disk>(failed: Failed) -> String {
    let Failed {
        list,
        mismatch,
        check_every,
    } = failed;
    let length = list.len();
    let shortest = shortest::<A, B>(list, check_every, Flaw::None).await;
    let again = again::<A, B>(&shortest, check_every, Flaw::None).await;
    let again = again
        .err()
        .unwrap_or_else(|| "it went well this time".to_owned());
    let lines: Vec<_> = shortest.iter().map(ToString::to_string).collect();
    format!(
        "after {length} commands: {mismatch}\n\nThe shortest list found has {}:\n{}\n\nIt fails so: {again}",
        lines.len(),
        lines.join("\n")
    )
}

/// Turns a panic into an error, so that a run that panics is shrunk too. In a browser a panic ends
/// it all, as it always does there.
async fn caught(run: impl Future<Output = Result<(), Mismatch>>) -> Result<(), Mismatch> {
    let mut run = pin!(run);
    poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| run.as_mut().poll(context)));
        polled.unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
            Poll::Ready(Err(format!("a panic: {}", text.unwrap_or_default())))
        })
    })
    .await
}
