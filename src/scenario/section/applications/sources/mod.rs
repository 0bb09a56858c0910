//! What brings calls other than arrivals do: users, conversations, everything at once.

mod resolve;
pub(in crate::scenario) mod schema;

pub(in crate::scenario) use resolve::{batch, cached, one_source, sessions, users};
