//! Facts with their sources: accelerators, model architectures and prices, embedded as YAML.

mod accelerator;
mod architecture;

pub use accelerator::{Accelerator, Efficiency, PeakFlops};
pub use architecture::Architecture;
