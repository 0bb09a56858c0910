//! Who calls models, when, and with how many tokens.

pub(super) mod arrivals;
pub(super) mod modulation;
mod resolve;
pub(super) mod schema;
pub(super) mod sources;
pub(super) mod trace;

pub(in crate::scenario) use resolve::resolve;
pub(in crate::scenario) use schema::one;
