//! The embedded files as they are written: every figure with its source. Tests check that they
//! parse and that the figures hold together.

use super::accelerator::{Accelerator, Efficiency, PeakFlops};
use super::figure::{Figure, Source};
use super::price::{AcceleratorHourPrice, TokenListPrice};
use super::shape::ArchitecturesFile;
use crate::engine::SimDuration;
use crate::units::{Bytes, BytesPerSecond, FlopsPerSecond, Watts};
use serde::{Deserialize, Serialize};
use serde_yaml::{Mapping, Value};
use std::sync::LazyLock;

/// `accelerators.yaml`, read once.
pub(super) static ACCELERATORS: LazyLock<AcceleratorsFile> =
    LazyLock::new(|| read(include_str!("accelerators.yaml")));
/// `architectures.yaml`, read once.
pub(super) static ARCHITECTURES: LazyLock<ArchitecturesFile> =
    LazyLock::new(|| read(include_str!("architectures.yaml")));
/// `prices.yaml`, read once.
pub(super) static PRICES: LazyLock<PricesFile> =
    LazyLock::new(|| read(include_str!("prices.yaml")));

/// Reads an embedded file. That it is well formed is the program's own affair, not its user's.
fn read<T: for<'de> Deserialize<'de>>(text: &str) -> T {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("an embedded catalogue: {error}"))
}

/// All of `accelerators.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct AcceleratorsFile {
    pub sources: Vec<Source>,
    default_efficiency: Mapping,
    accelerators: Vec<AcceleratorItem>,
}

impl AcceleratorsFile {
    /// The chips in the file's order, their efficiency factors completed by the defaults.
    pub fn chips(&self) -> impl Iterator<Item = AcceleratorFigures> {
        self.accelerators.iter().map(|item| {
            let mut factors = self.default_efficiency.clone();
            factors.extend(item.efficiency.clone());
            let efficiency = serde_yaml::from_value(Value::Mapping(factors))
                .unwrap_or_else(|error| panic!("the catalogue's {}: {error}", item.name));
            AcceleratorFigures { item: item.clone(), efficiency }
        })
    }
}

/// One chip as the file states it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct AcceleratorItem {
    pub name: String,
    pub vendor: String,
    pub peak: PeakFigures,
    pub hbm: Figure<Bytes>,
    pub hbm_bandwidth: Figure<BytesPerSecond>,
    pub link_bandwidth: Option<Figure<BytesPerSecond>>,
    pub per_node: Option<Figure<u32>>,
    pub idle_power: Option<Figure<Watts>>,
    pub peak_power: Option<Figure<Watts>>,
    /// Only the factors that differ from the defaults.
    #[serde(default, skip_serializing)]
    efficiency: Mapping,
}

/// [`PeakFlops`] with origins.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PeakFigures {
    bf16: Option<Figure<FlopsPerSecond>>,
    fp8: Option<Figure<FlopsPerSecond>>,
    fp4: Option<Figure<FlopsPerSecond>>,
}

/// One chip with all its factors.
#[derive(Clone, Debug)]
pub(super) struct AcceleratorFigures {
    pub item: AcceleratorItem,
    pub efficiency: EfficiencyFigures,
}

/// [`Efficiency`] with origins.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct EfficiencyFigures {
    prefill: Figure<f64>,
    decode: Figure<f64>,
    experts: Figure<f64>,
    fp4: Figure<f64>,
    attention: Figure<f64>,
    memory: Figure<f64>,
    link: Figure<f64>,
    usable_memory: Figure<f64>,
    allreduce_latency: Figure<SimDuration>,
    overhead: Figure<SimDuration>,
    overhead_per_layer: Figure<SimDuration>,
    overhead_per_sequence: Figure<SimDuration>,
}

impl From<&AcceleratorFigures> for Accelerator {
    fn from(figures: &AcceleratorFigures) -> Self {
        let AcceleratorFigures { item, efficiency } = figures;
        Self {
            name: item.name.clone(),
            peak: PeakFlops {
                bf16: value(&item.peak.bf16),
                fp8: value(&item.peak.fp8),
                fp4: value(&item.peak.fp4),
            },
            hbm: item.hbm.value,
            hbm_bandwidth: item.hbm_bandwidth.value,
            link_bandwidth: value(&item.link_bandwidth),
            per_node: value(&item.per_node),
            idle_power: value(&item.idle_power),
            peak_power: value(&item.peak_power),
            kernels: class_of(&item.name),
            efficiency: Efficiency::from(efficiency),
        }
    }
}

fn class_of(name: &str) -> super::kernels::KernelClass {
    use super::kernels::KernelClass::{Ada, Ampere, Blackwell, Hopper};
    match name {
        name if name.starts_with("A100") => Ampere,
        name if name.starts_with("L4") => Ada,
        name if name.starts_with('B') || name.starts_with("GB") => Blackwell,
        _ => Hopper,
    }
}

impl From<&EfficiencyFigures> for Efficiency {
    fn from(figures: &EfficiencyFigures) -> Self {
        Self {
            prefill: figures.prefill.value,
            decode: figures.decode.value,
            experts: figures.experts.value,
            fp4: figures.fp4.value,
            attention: figures.attention.value,
            memory: figures.memory.value,
            link: figures.link.value,
            usable_memory: figures.usable_memory.value,
            allreduce_latency: figures.allreduce_latency.value,
            overhead: figures.overhead.value,
            overhead_per_layer: figures.overhead_per_layer.value,
            overhead_per_sequence: figures.overhead_per_sequence.value,
        }
    }
}

/// All of `prices.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PricesFile {
    pub sources: Vec<Source>,
    pub accelerator_hours: Vec<AcceleratorHourPrice>,
    pub tokens: Vec<TokenListPrice>,
}

fn value<T: Copy>(figure: &Option<Figure<T>>) -> Option<T> {
    figure.as_ref().map(|figure| figure.value)
}
