//! The command line from outside: what each command answers, and how each is refused.
#![cfg(feature = "cli")]
#![forbid(unsafe_code)]

#[path = "support/program.rs"]
mod program;

// The block is what makes the files stand in tests/cli/.
mod cli {
    mod clock;
    mod conventions;
    mod damage;
    mod disk;
    mod foreign_files;
    mod ids;
    mod limits;
    mod made;
    mod plans;
    mod projects;
    mod safe_output;
    mod trajectories;
}
