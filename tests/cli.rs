//! The command line from outside: what each command answers, and how each is refused.
#![cfg(feature = "cli")]
#![forbid(unsafe_code)]

#[path = "support/program.rs"]
mod program;

// The block is what makes the files stand in tests/cli/.
mod cli {
    mod approvals;
    mod backups;
    mod bundles;
    mod clock;
    mod context;
    mod conventions;
    mod damage;
    mod decisions;
    mod desk;
    mod disk;
    mod foreign_files;
    mod history;
    mod ids;
    mod leases;
    mod limits;
    mod log;
    mod made;
    mod making;
    mod plans;
    mod projects;
    mod retention;
    mod safe_output;
    mod same_process;
    mod settings;
    mod statistics;
    mod steps;
    mod trajectories;
}
