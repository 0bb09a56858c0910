//! Which policies decide.

pub(super) mod capacity;
mod resolve;
pub(super) mod routing;
pub(super) mod schema;

pub(in crate::scenario) use resolve::resolve;
