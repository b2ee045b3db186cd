//! The native face: the command line, and the import of trajectories that it plays.

pub mod cli;
pub mod trajectory;
