//! Which model a call goes to.

mod resolve;
pub(super) mod schema;

pub(in crate::scenario) use resolve::{called, resolve};
