//! A whole file: its sections in turn, and what is to be said of them together.

pub(super) mod cases;
mod idle;
mod prefixes;
mod resolve;
pub(super) mod schema;

pub(in crate::scenario) use resolve::{Resolved, resolve};
