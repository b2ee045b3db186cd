//! Documentation that is made from the code: it has to be that of today.
//!
//! Each generated part of a page stands between `<!-- generated: name -->` and `<!-- end -->`; the
//! rest is written by hand. With `HOLDPOINT_WRITE_DOCS=1` the parts are written anew.
#![cfg(not(target_family = "wasm"))]
#![forbid(unsafe_code)]

// The block is what makes the files stand in tests/docs/.
mod docs {
    mod errors;
    mod generated;
    mod package;
    #[cfg(feature = "cli")]
    mod settings;
    mod workflow;
}
