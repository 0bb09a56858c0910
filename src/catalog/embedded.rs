//! The embedded files as they are written: every figure with its source. Tests check that they
//! parse and that the figures hold together.

use super::accelerator::{Accelerator, Efficiency, PeakFlops};
use super::engine::EnginesFile;
use super::figure::{Figure, Source};
use super::kernels::KernelClass;
use super::price::{AcceleratorHourPrice, TokenListPrice};
use super::shape::ArchitecturesFile;
use crate::units::{Bytes, BytesPerSecond, FlopsPerSecond, Watts};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// `accelerators.yaml`, read once.
pub(super) static ACCELERATORS: LazyLock<AcceleratorsFile> =
    LazyLock::new(|| read(include_str!("accelerators.yaml")));
/// `architectures.yaml`, read once.
pub(super) static ARCHITECTURES: LazyLock<ArchitecturesFile> =
    LazyLock::new(|| read(include_str!("architectures.yaml")));
/// `engines.yaml`, read once.
pub(super) static ENGINES: LazyLock<EnginesFile> =
    LazyLock::new(|| read(include_str!("engines.yaml")));
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
    pub accelerators: Vec<AcceleratorItem>,
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
    /// By whose laws its kernels are timed.
    pub kernels: Figure<KernelClass>,
    /// Only the factors that are not 1.
    #[serde(default)]
    efficiency: EfficiencyFigures,
}

/// [`PeakFlops`] with origins.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PeakFigures {
    bf16: Option<Figure<FlopsPerSecond>>,
    fp8: Option<Figure<FlopsPerSecond>>,
    fp4: Option<Figure<FlopsPerSecond>>,
}

/// [`Efficiency`] with origins.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct EfficiencyFigures {
    products: Option<Figure<f64>>,
    attention: Option<Figure<f64>>,
    experts: Option<Figure<f64>>,
    memory: Option<Figure<f64>>,
    link: Option<Figure<f64>>,
}

impl From<&AcceleratorItem> for Accelerator {
    fn from(item: &AcceleratorItem) -> Self {
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
            kernels: item.kernels.value,
            efficiency: Efficiency::from(&item.efficiency),
        }
    }
}

impl From<&EfficiencyFigures> for Efficiency {
    fn from(figures: &EfficiencyFigures) -> Self {
        let factor = |figure| value(figure).unwrap_or(1.0);
        Self {
            products: factor(&figures.products),
            attention: factor(&figures.attention),
            experts: factor(&figures.experts),
            memory: factor(&figures.memory),
            link: factor(&figures.link),
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
