//! R74: a bundle is read as it was written, and refused with the place wherever it was not.

mod altered;
mod crafted;
mod given;
mod limits;
mod sound;
