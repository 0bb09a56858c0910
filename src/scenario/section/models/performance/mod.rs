//! How long calls take.

mod resolve;
pub(in crate::scenario) mod schema;
pub(super) mod table;

pub(in crate::scenario) use resolve::{affine, replica, service_time};
