//! What an experiment found: everything that a report shows, and nothing else.

use super::axes::values_at;
use super::payoff::Payoff;
use crate::simulation::Warning;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// Metric name to estimate, in the order of the metric definitions. A metric that is not modelled,
/// or undefined here (a mean over no requests), is absent.
pub type Metrics = IndexMap<String, Estimate>;

/// A mean over replications.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Mean of the replications' values.
    pub mean: f64,
    /// Half-width of the 95 % Student-t interval; null for one replication.
    pub ci95: Option<f64>,
    /// Replications in which the metric was defined.
    pub n: u32,
    /// Unit of the mean and the half-width.
    pub unit: String,
}

/// The content of `summary.json`, and the time series beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// Version of this format: `coopsim-summary-1`.
    pub schema: String,
    /// The scenario's name.
    pub scenario: String,
    /// The scenario's description, possibly empty.
    pub description: String,
    /// SHA-256 of the resolved scenario, in hexadecimal.
    pub scenario_sha256: String,
    /// The seed of every random stream.
    pub seed: u64,
    /// Replications per variant.
    pub replications: u32,
    /// Version of the program.
    pub version: String,
    /// Measured seconds per replication (horizon − warm-up); where runs end with their calls, those of the variant that
    /// takes longest, on average.
    pub measured_s: f64,
    /// What cases differ in beside the variants of the scenario, and where they lie [along](Axis::along) a parameter: none
    /// where listed variants are all that is compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub axes: Vec<Axis>,
    /// A case each. Variants in the order of the scenario file; where there are [other axes](Self::axes), all variants
    /// for each combination of their values, those of the last axis fastest.
    pub variants: Vec<VariantResults>,
    /// What strategies pay in worlds, if the cases are that: of the operating margin and of revenue.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payoffs: Vec<Payoff>,
    /// Each later variant minus the first (of strategies: in the same world), paired by replication; empty unless
    /// compared.
    pub differences: Vec<Difference>,
    /// What those differences are made of; empty unless compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributions: Vec<Attribution>,
    /// Metrics of the contract that this version does not model.
    pub not_modelled: Vec<String>,
    /// What a reader must know: a figure that is unknown and so left out, bad trace rows skipped.
    pub notes: Vec<String>,
}

impl Results {
    /// The value of each of the [axes](Self::axes) at one of the [variants](Self::variants).
    pub fn values_at(&self, variant: usize) -> Vec<&str> {
        values_at(&self.axes, variant / self.compared())
    }

    /// How many variants are compared with each other: those of one combination of the axes' values.
    pub fn compared(&self) -> usize {
        let combinations: usize = self.axes.iter().map(|axis| axis.values.len()).product();
        (self.variants.len() / combinations.max(1)).max(1)
    }

    /// What one of the [variants](Self::variants) is compared with: the first for the same values of the axes.
    ///
    /// # Panics
    /// If there is no such variant.
    pub fn baseline(&self, variant: usize) -> &VariantResults {
        let compared = self.compared();
        &self.variants[variant / compared * compared]
    }

    /// The axis along which the variants lie on curves, if they do.
    pub fn along(&self) -> Option<(&Axis, &Along)> {
        let axis = self.axes.last()?;
        Some((axis, axis.along.as_ref()?))
    }

    /// The curves that lie beside each other, each with its name, which is empty where there is one, and a variant for
    /// each value of the axis. None where variants lie along nothing.
    pub fn curves(&self) -> Vec<(String, &[VariantResults])> {
        let Some((axis, _)) = self.along() else { return Vec::new() };
        let name = |curve: usize| {
            let values = self.values_at(curve * axis.values.len());
            values[..values.len() - 1].join(", ")
        };
        let curves = self.variants.chunks(axis.values.len().max(1)).enumerate();
        curves.map(|(index, variants)| (name(index), variants)).collect()
    }
}

/// Something that cases differ in, such as a parameter of a sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// What it is called.
    pub name: String,
    /// Its values, at least one.
    pub values: Vec<String>,
    /// Where its values lie, if results are shown as lines along them. Only the last axis has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub along: Option<Along>,
}

impl Axis {
    /// An axis that results do not lie along.
    pub fn new(name: &str, values: Vec<String>) -> Self {
        Self { name: name.to_owned(), values, along: None }
    }
}

/// What changes along an axis, and where its values lie.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Along {
    /// Unit of the positions; empty where there is none.
    pub unit: String,
    /// The position of each value of the axis; absent where they are no numbers of one unit, but categories.
    pub positions: Option<Vec<f64>>,
    /// What changes in the scenario: together, where there are several.
    pub paths: Vec<AlongPath>,
}

/// A path into a scenario, and what stands there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlongPath {
    /// As it is written.
    pub path: String,
    /// For each value of the axis.
    pub values: Vec<String>,
}

/// One variant's numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariantResults {
    /// The variant's name (the scenario's name when it has no variants).
    pub name: String,
    /// What a reader must know before any number, the gravest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// What is asked of the calls of each application that has an objective.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objectives: Vec<Limit>,
    /// Over the whole cloud.
    pub metrics: Metrics,
    /// By model name, in the scenario's order; likewise below.
    pub by_model: IndexMap<String, Metrics>,
    /// By tenant name.
    pub by_tenant: IndexMap<String, Metrics>,
    /// By cluster name.
    pub by_cluster: IndexMap<String, Metrics>,
    /// By application name.
    pub by_application: IndexMap<String, Metrics>,
    /// Latencies over all replications: `latency.wait_s`, `.ttft_s`, `.tpot_s`, `.e2e_s`.
    pub distributions: IndexMap<String, Distribution>,
    /// What `timeseries.csv` holds.
    #[serde(skip)]
    pub series: Vec<Series>,
}

/// A part of an application's service-level objective, as its `slo` gives it. A call has to meet all of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limit {
    /// The application's name.
    pub application: String,
    /// What is limited: `latency.ttft_s`, `latency.tpot_s` or `latency.e2e_s`.
    pub latency: String,
    /// At most so many seconds.
    pub limit_s: f64,
}

/// A cumulative distribution, as (value in seconds, probability of at most that value), both
/// not decreasing, thinned to a few hundred points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// The points.
    pub cdf: Vec<(f64, f64)>,
}

/// A paired difference of means under common random numbers: variant − baseline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Name of the metric (over the whole cloud).
    pub metric: String,
    /// The first variant's name.
    pub baseline: String,
    /// The other variant's name.
    pub variant: String,
    /// Mean of the paired differences.
    pub mean: f64,
    /// Half-width of its 95 % Student-t interval; null for one replication.
    pub ci95: Option<f64>,
}

/// What a [`Difference`] is made of. The parts' means add up to its mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attribution {
    /// Name of the metric (over the whole cloud).
    pub metric: String,
    /// The first variant's name.
    pub baseline: String,
    /// The other variant's name.
    pub variant: String,
    /// By what the parts are told: `all`, `model`, `tenant` or `cluster`.
    pub by: String,
    /// The parts that are not zero.
    pub parts: Vec<Part>,
}

/// A part of a difference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// Whose: the name of a model, a tenant or a cluster; empty for all of them.
    pub name: String,
    /// Through what: `volume`, `mix`, `held`, `price`, `terms`, `capital`, `energy`, `own` or `attained`.
    pub part: String,
    /// Mean over replications, in the metric's unit.
    pub mean: f64,
    /// Half-width of its 95 % Student-t interval; null for one replication.
    pub ci95: Option<f64>,
}

/// One metric over time in one scope.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// `all`, `model`, `tenant`, `cluster` or `application`.
    pub scope: String,
    /// The scoped entity's name; empty for `all`.
    pub name: String,
    /// Metric name.
    pub metric: String,
    /// Its unit.
    pub unit: String,
    /// From the start of the simulation, the warm-up included; at least one.
    pub buckets: Vec<Bucket>,
}

/// A mean over a bucket of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Bucket {
    /// Seconds from the start of the simulation.
    pub start_s: f64,
    /// Seconds from the start of the simulation.
    pub end_s: f64,
    /// Mean over replications.
    pub mean: f64,
    /// Half-width of the 95 % interval; absent for one replication.
    pub ci95: Option<f64>,
}
