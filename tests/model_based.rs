//! Random commands against a naive model and against all storages at once: the same answers, the
//! same states, the same digests. `HOLDPOINT_SEED` repeats a run.
#![forbid(unsafe_code)]

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

// The block is what makes the files stand in tests/model_based/.
mod model_based {
    #[cfg_attr(target_family = "wasm", path = "platform_web.rs")]
    #[cfg_attr(not(target_family = "wasm"), path = "platform_native.rs")]
    #[macro_use]
    mod platform;

    mod bundles;
    mod choice;
    mod covered;
    mod driver;
    mod generator;
    pub(crate) mod given;
    mod naive;
    #[cfg(all(feature = "sqlite", not(target_family = "wasm")))] // what processes can share
    mod processes;
    mod random;
    mod run;
    mod seen;
    mod shrink;

    use given::Memory;
    use naive::Flaw;
    use platform::{EXTENT, Other};
    use random::Random;
    use run::{Extent, Failed, again, one_run, runs, shortest};
    use shrink::shrink;

    tests! {
        async fn r70_random_commands_come_to_the_same_on_every_storage_and_in_a_naive_model() {
            let covered = runs::<Memory, Other>(EXTENT).await;
            assert!(covered.commands as u64 >= EXTENT.runs * EXTENT.commands as u64);
            covered.assert_complete();
        }

        async fn a_model_with_one_rule_wrong_is_found_out_by_a_short_list() {
            for (flaw, most) in [(Flaw::FreeReverts, 4), (Flaw::NoSecondPause, 4)] {
                let failed = fails(flaw).await;
                let (length, check) = (failed.list.len(), failed.check_every);
                let short = shortest::<Memory, Memory>(failed.list, check, flaw).await;
                let told: Vec<_> = short.iter().map(ToString::to_string).collect();
                platform::say(&format!("{flaw:?}, {length} commands:\n{}", told.join("\n")));
                assert!(short.len() <= most, "{} commands are left", short.len());
                // It's the flaw that it shows, and every command of it is needed.
                assert_eq!(again::<Memory, Memory>(&short, Some(1), Flaw::None).await, Ok(()));
                for left_out in 0..short.len() {
                    let mut less = short.clone();
                    less.remove(left_out);
                    assert_eq!(again::<Memory, Memory>(&less, check, flaw).await, Ok(()));
                }
            }
        }

        async fn shrinking_leaves_what_fails_and_nothing_else() {
            let list: Vec<u32> = (0..1000).collect();
            let needed = [3, 500, 501, 998];
            let short = shrink(list.clone(), 1000, async |part: &[u32]| {
                needed.iter().all(|number| part.contains(number))
            });
            assert_eq!(short.await, needed);
            let mut tries = 0;
            let some = shrink(list, 7, async |_: &[u32]| {
                tries += 1;
                false
            });
            assert_eq!(some.await.len(), 1000);
            assert_eq!(tries, 7);
        }
    }

    /// A run in which a model with this flaw doesn't say what the machine does.
    async fn fails(flaw: Flaw) -> Failed {
        let extent = Extent {
            commands: 500,
            ..EXTENT
        };
        for run in 0..10 {
            let random = Random::of(0, run);
            if let Err(failed) = one_run::<Memory, Memory>(random, extent, flaw).await {
                return failed;
            }
        }
        panic!("nobody noticed {flaw:?}");
    }
}
