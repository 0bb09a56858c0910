//! How the rate of arrivals varies.

mod resolve;
pub(in crate::scenario) mod schema;

pub(in crate::scenario) use resolve::resolve;
