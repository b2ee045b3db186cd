//! The machine, from outside: given a project, when a command comes, then this.
//!
//! Each test is named for the behaviour and begins with the row of the requirements that it
//! shows. They run natively and in the browser; the properties run natively only.
#![forbid(unsafe_code)]

// The block is what makes the files stand in tests/machine/.
mod machine {
    mod commands;
    mod given;
    #[cfg(not(target_family = "wasm"))]
    mod invariants;
    mod recount;

    mod checkpoints;
    mod context;
    mod pause;
    mod plan_moves;
    mod plan_rollback;
    mod project_rollback;
    #[cfg(not(target_family = "wasm"))]
    mod properties;
    mod requests;
    mod resume;
    mod revert;
    mod rollback_target;
    mod statuses;
    mod steps;
    mod submissions;
}

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
