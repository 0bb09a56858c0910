//! The hardware: regions, clusters, accelerators.

mod accelerator;
mod defaults;
mod resolve;
pub(super) mod schema;

pub(in crate::scenario) use accelerator::another_chip;
pub(in crate::scenario) use defaults::fill;
pub(in crate::scenario) use resolve::{NODES_MAX, paths, resolve};
