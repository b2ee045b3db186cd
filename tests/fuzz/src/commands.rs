//! Commands one after the other, against the naive model of `tests/model_based`, whose files these
//! are: only the numbers come from elsewhere.

#[path = "../../model_based/bundles.rs"]
mod bundles;
#[path = "../../model_based/choice.rs"]
mod choice;
#[path = "../../model_based/covered.rs"]
#[allow(dead_code)] // it counts for the runs of that test
mod covered;
#[path = "../../model_based/driver.rs"]
mod driver;
#[path = "../../model_based/generator.rs"]
#[allow(dead_code)] // that test has a choice of its own
mod generator;
#[path = "../../model_based/given.rs"]
mod given;
#[path = "../../model_based/naive/mod.rs"]
#[allow(dead_code)] // flaws are for that test
mod naive;
#[path = "bytes.rs"]
mod random;
#[path = "../../model_based/seen.rs"]
mod seen;

use driver::{Driver, Mismatch};
use generator::Generator;
use given::{Given, Memory};
use naive::Flaw;
use random::Random;

/// So many commands at most: a run gets slower as journals grow.
const MOST: usize = 150;
/// After so many all is compared that there is, by fresh engines and through a bundle.
const CHECK_EVERY: usize = 50;

/// Gives the commands that these bytes choose to two stores and to the model, and compares the
/// answer and the state after each.
pub fn run(data: &[u8]) {
    if let Err((mismatch, given)) = pollster::block_on(follow(data)) {
        let given: Vec<_> = given.iter().map(ToString::to_string).collect();
        panic!("{mismatch}\nafter:\n{}", given.join("\n"));
    }
}

async fn follow(data: &[u8]) -> Result<(), (Mismatch, Vec<Given>)> {
    let mut all = Vec::new();
    let mut driver = Driver::<Memory, Memory>::new(Flaw::None).await;
    let mut generator = Generator::new(Random::new(data));
    for count in 1..=MOST {
        let (given, answer) = generator.any(&driver.naive);
        all.push(given.clone());
        let is_last = generator.random.is_at_an_end() || count == MOST;
        let mut taken = driver.take(&given, &answer).await;
        if taken.is_ok() && (is_last || count % CHECK_EVERY == 0) {
            taken = driver.check().await;
        }
        if let Err(mismatch) = taken {
            return Err((mismatch, all));
        }
        if is_last {
            break;
        }
    }
    Ok(())
}
