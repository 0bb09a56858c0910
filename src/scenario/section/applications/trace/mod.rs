//! Recordings to replay.

mod resolve;
pub(in crate::scenario) mod schema;

pub(in crate::scenario) use resolve::resolve;
