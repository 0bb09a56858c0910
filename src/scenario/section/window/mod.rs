//! The simulated span.

mod defaults;
pub(super) mod horizon;
mod resolve;
pub(super) mod schema;

pub(in crate::scenario) use defaults::fill;
pub(in crate::scenario) use resolve::{bucket_of_calls, not_too_many_buckets, resolve};
