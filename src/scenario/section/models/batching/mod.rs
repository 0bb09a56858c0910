//! How the members of an iteration are chosen, and what they do to the KV cache.

pub(super) mod disaggregated;
mod resolve;
pub(in crate::scenario) mod schema;

pub(in crate::scenario) use resolve::token_serving;
pub(in crate::scenario) use resolve::{MAX_BATCH, MAX_BUDGET};
