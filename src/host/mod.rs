//! The native face: the command line.

pub mod cli;
