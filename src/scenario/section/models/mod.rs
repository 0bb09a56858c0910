//! What is on offer: models, and where they are deployed.

mod architecture;
pub(super) mod batching;
pub(super) mod crowd;
mod defaults;
pub(super) mod engine;
pub(super) mod fit;
pub(super) mod performance;
mod rescaled;
mod resolve;
pub(super) mod schema;
pub(in crate::scenario) mod usual;

pub(in crate::scenario) use defaults::fill;
pub(in crate::scenario) use resolve::{Context, Supply, resolve, serves_tokens};
