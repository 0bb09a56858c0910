//! What an accelerator can do. Figures that nobody published stay `None`.

use super::embedded::{ACCELERATORS, AcceleratorItem};
use super::kernels::KernelClass;
use crate::units::{Bytes, BytesPerSecond, FlopsPerSecond, Watts};
use std::sync::LazyLock;

/// One kind of accelerator (a chip as it is rented and counted).
#[derive(Clone, Debug, PartialEq)]
pub struct Accelerator {
    /// Name in the catalogue or the scenario.
    pub name: String,
    /// Peak dense arithmetic throughput per precision.
    pub peak: PeakFlops,
    /// Capacity of the high-bandwidth memory.
    pub hbm: Bytes,
    /// Bandwidth of the high-bandwidth memory.
    pub hbm_bandwidth: BytesPerSecond,
    /// Bandwidth of one chip's links to its neighbours in the node, one direction.
    pub link_bandwidth: Option<BytesPerSecond>,
    /// How many share a node.
    pub per_node: Option<u32>,
    /// Electrical power when ready to serve, with nothing to do.
    pub idle_power: Option<Watts>,
    /// Electrical power at full load (TDP).
    pub peak_power: Option<Watts>,
    /// Whose kernels it runs.
    pub kernels: KernelClass,
    /// What is left of what those kernels reach.
    pub efficiency: Efficiency,
}

/// Peak dense throughput (no structured sparsity) per precision of the operands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PeakFlops {
    /// 16-bit brain floating point.
    pub bf16: Option<FlopsPerSecond>,
    /// 8-bit floating point.
    pub fp8: Option<FlopsPerSecond>,
    /// 4-bit floating point.
    pub fp4: Option<FlopsPerSecond>,
}

/// Factors on what the kernels of a chip's class reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Efficiency {
    /// On the FLOP/s of products of matrices.
    pub products: f64,
    /// On the FLOP/s of attention.
    pub attention: f64,
    /// On the FLOP/s of routed experts.
    pub experts: f64,
    /// On the bandwidth of the memory.
    pub memory: f64,
    /// On the bandwidth of the links.
    pub link: f64,
}

impl Default for Efficiency {
    /// All that they reach.
    fn default() -> Self {
        Self { products: 1.0, attention: 1.0, experts: 1.0, memory: 1.0, link: 1.0 }
    }
}

static ALL: LazyLock<Vec<Accelerator>> =
    LazyLock::new(|| ACCELERATORS.accelerators.iter().map(Accelerator::from).collect());

/// The catalogue's accelerator of exactly this name.
pub fn accelerator(name: &str) -> Option<Accelerator> {
    ALL.iter().find(|accelerator| accelerator.name == name).cloned()
}

/// Whether the catalogue's idle power of an accelerator is an assumption, which its readers must be
/// told.
pub fn idle_power_is_assumed(name: &str) -> bool {
    is_assumed(name, |item| item.idle_power.as_ref().map(|figure| &*figure.source))
}

/// Whether it is an assumption that an accelerator's kernels obey the laws of its class: none were measured on it.
pub fn kernels_are_assumed(name: &str) -> bool {
    is_assumed(name, |item| Some(&item.kernels.source))
}

fn is_assumed(name: &str, source: impl Fn(&AcceleratorItem) -> Option<&str>) -> bool {
    let item = ACCELERATORS.accelerators.iter().find(|item| item.name == name);
    let source = item.and_then(source);
    ACCELERATORS.sources.iter().any(|each| Some(&*each.id) == source && each.assumption)
}

/// Names of the catalogue's accelerators, in its order.
pub fn accelerator_names() -> Vec<String> {
    ALL.iter().map(|accelerator| accelerator.name.clone()).collect()
}
