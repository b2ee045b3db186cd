//! What several tests have in common.
#![allow(dead_code)] // Each test uses the part of it that it needs.

pub(crate) mod fault_storage;
