//! R49, R74: projects go from one store into a file and from there into another store.

mod exports;
mod faults;
pub(crate) mod given;
mod imports;
mod journeys;
