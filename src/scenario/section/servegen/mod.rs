//! ServeGen's tables of production models.

mod resolve;
pub(super) mod schema;

pub(in crate::scenario) use resolve::{clients, hours, lengths, rates};
