//! What an accelerator can do. Figures that nobody published stay `None`.

use super::embedded::ACCELERATORS;
use super::kernels::KernelClass;
use crate::engine::SimDuration;
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
    /// What kernels reach of the peaks, and fixed costs.
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

/// Fractions of the peaks that kernels reach, and the costs that the roofline leaves out
/// (factors near what kernels measure, overheads explicit).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Efficiency {
    /// Fraction of peak FLOP/s reached by matrix products of a prompt's tokens.
    pub prefill: f64,
    /// Fraction of peak FLOP/s reached by matrix products of decoding sequences, which are thin.
    pub decode: f64,
    /// What is left of both in the grouped matrix products of routed experts.
    pub experts: f64,
    /// What is left of both at FP4.
    pub fp4: f64,
    /// Fraction of the 16-bit peak FLOP/s reached by attention.
    pub attention: f64,
    /// Fraction of the memory bandwidth reached.
    pub memory: f64,
    /// Fraction of the link bandwidth reached by collectives.
    pub link: f64,
    /// Fraction of the memory that weights and KV cache can use.
    pub usable_memory: f64,
    /// Latency of one all-reduce, whatever its size, waiting for the slowest included.
    pub allreduce_latency: SimDuration,
    /// Fixed time of an iteration: scheduling, sampling.
    pub overhead: SimDuration,
    /// Further fixed time for each layer: launches and small kernels.
    pub overhead_per_layer: SimDuration,
    /// Further fixed time for each sequence in the iteration.
    pub overhead_per_sequence: SimDuration,
}

impl Default for Efficiency {
    /// No losses at all.
    fn default() -> Self {
        Self {
            prefill: 1.0,
            decode: 1.0,
            experts: 1.0,
            fp4: 1.0,
            attention: 1.0,
            memory: 1.0,
            link: 1.0,
            usable_memory: 1.0,
            allreduce_latency: SimDuration::ZERO,
            overhead: SimDuration::ZERO,
            overhead_per_layer: SimDuration::ZERO,
            overhead_per_sequence: SimDuration::ZERO,
        }
    }
}

static ALL: LazyLock<Vec<Accelerator>> =
    LazyLock::new(|| ACCELERATORS.chips().map(|chip| Accelerator::from(&chip)).collect());

/// The catalogue's accelerator of exactly this name.
pub fn accelerator(name: &str) -> Option<Accelerator> {
    ALL.iter().find(|accelerator| accelerator.name == name).cloned()
}

/// Whether the catalogue's idle power of an accelerator is an assumption, which its readers must be
/// told.
pub fn idle_power_is_assumed(name: &str) -> bool {
    let item = ACCELERATORS.chips().find(|chip| chip.item.name == name);
    let source = item.and_then(|chip| chip.item.idle_power).map(|figure| figure.source);
    ACCELERATORS.sources.iter().any(|each| Some(&each.id) == source.as_ref() && each.assumption)
}

/// Names of the catalogue's accelerators, in its order.
pub fn accelerator_names() -> Vec<String> {
    ALL.iter().map(|accelerator| accelerator.name.clone()).collect()
}
