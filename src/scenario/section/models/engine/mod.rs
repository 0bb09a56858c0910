//! What serves a deployment.

mod resolve;
pub(in crate::scenario) mod schema;

pub(super) use resolve::of_deployment;
