//! The machine, from outside: given a project, when a command comes, then this.
//!
//! Each test is named for the behaviour and begins with the row of the requirements that it
//! shows. They run natively and in the browser; the properties and the bad input natively only.
#![forbid(unsafe_code)]

// The block is what makes the files stand in tests/machine/.
mod machine {
    mod commands;
    #[cfg(not(target_family = "wasm"))]
    mod examples;
    mod given;
    #[cfg(not(target_family = "wasm"))]
    mod invariants;
    #[cfg(not(target_family = "wasm"))]
    mod kept;
    mod recount;

    #[cfg(not(target_family = "wasm"))]
    mod bad_input;
    mod checkpoints;
    mod context;
    mod context_on_demand;
    mod diffs;
    mod gates;
    mod pause;
    mod plan_moves;
    mod plan_rollback;
    mod project_rollback;
    #[cfg(not(target_family = "wasm"))]
    mod properties;
    mod redactions;
    mod requests;
    mod resume;
    mod retention;
    mod revert;
    mod rollback_target;
    #[cfg(not(target_family = "wasm"))]
    mod sizes;
    mod statuses;
    mod steps;
    mod submissions;
    mod verdicts;
}

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
