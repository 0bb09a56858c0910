//! The hardware: regions, clusters, accelerators.

use crate::catalog::KernelClass;
use crate::engine::SimDuration;
use crate::scenario::schema::NameOr;
use crate::units::{
    Bytes, BytesPerSecond, FlopsPerSecond, Fraction, UsdPerHour, UsdPerKilowattHour, Watts,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Everything that the cloud owns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{regions: [{name: us-east, clusters: […]}]}`"
)]
pub(in crate::scenario) struct Cloud {
    /// Power usage effectiveness: facility power over accelerator power, at least 1. The
    /// default is the global average that AWS published for 2023 and 2024.
    #[serde(default = "default_pue")]
    pub pue: f64,
    /// Price of electricity. Without it the cost of energy is left out, with a note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub electricity: Option<UsdPerKilowattHour>,
    /// At least one.
    pub regions: Vec<Region>,
}

fn default_pue() -> f64 {
    1.15
}

/// A place with clusters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{name: us-east, clusters: […]}`"
)]
pub(in crate::scenario) struct Region {
    /// Unique name.
    pub name: String,
    /// At least one.
    pub clusters: Vec<Cluster>,
}

/// Equal nodes of one kind of accelerator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{name: h100, accelerator: H100-SXM, nodes: 48}`"
)]
pub(in crate::scenario) struct Cluster {
    /// Unique over all regions.
    pub name: String,
    /// A name of `coopsim catalog accelerators`, or a definition.
    pub accelerator: NameOr<Accelerator>,
    /// How many nodes.
    pub nodes: u32,
    /// Accelerators in a node; what the catalogue says unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accelerators_per_node: Option<u32>,
    /// Capital and hosting cost per accelerator-hour, without electricity. Without it there is no
    /// cost and no margin, with a note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capital: Option<UsdPerHour>,
    /// How fast one accelerator loads weights when a replica starts cold. The default is an
    /// assumption: about a node's share of a fast network store.
    #[serde(default = "default_load_bandwidth")]
    pub load_bandwidth: BytesPerSecond,
    /// Delay before a replica that starts cold loads its weights.
    #[serde(default)]
    pub provisioning: SimDuration,
}

/// The load bandwidth of a cluster that does not say.
pub(in crate::scenario) fn default_load_bandwidth() -> BytesPerSecond {
    BytesPerSecond(1e9)
}

/// An accelerator defined in place: with `base`, an entry of the catalogue with other figures;
/// without, all figures are given here, and `name` is required. A chip with a name of its own, or with
/// any of `peak`, has no peaks but those that are given, and a precision that is used must be among
/// them. `coopsim check` prints each chip's figures and where each comes from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a name of the catalogue, or a map with `base` or `name`"
)]
pub(in crate::scenario) struct Accelerator {
    /// A name of the catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Its name; that of the base unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Peak dense arithmetic throughput by precision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak: Option<Peak>,
    /// Capacity of the high-bandwidth memory; needed to serve tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hbm: Option<Bytes>,
    /// Its bandwidth; needed to serve tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hbm_bandwidth: Option<BytesPerSecond>,
    /// Bandwidth of one chip's links inside the node, one direction; needed when a
    /// replica holds several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_bandwidth: Option<BytesPerSecond>,
    /// How many share a node, unless the cluster says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_node: Option<u32>,
    /// Power when idle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_power: Option<Watts>,
    /// Power at full load.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_power: Option<Watts>,
    /// The class of chips by whose constants its kernels are timed; the base's unless given, and `ideal` without
    /// a base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernels: Option<KernelClass>,
    /// What is left of what those kernels reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub efficiency: Option<Efficiency>,
}

/// Peak dense throughput by precision of the operands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{bf16: 989TFLOP/s, fp8: 1979TFLOP/s}`"
)]
pub(in crate::scenario) struct Peak {
    /// 16-bit brain floating point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bf16: Option<FlopsPerSecond>,
    /// 8-bit floating point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fp8: Option<FlopsPerSecond>,
    /// 4-bit floating point.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fp4: Option<FlopsPerSecond>,
}

/// Factors on what the kernels of the chip's class reach: the base's unless given, and 1 without a base.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{products: 0.8, memory: 0.9}`"
)]
pub(in crate::scenario) struct Efficiency {
    /// On the FLOP/s of products of matrices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub products: Option<Fraction>,
    /// On the FLOP/s of attention.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attention: Option<Fraction>,
    /// On the FLOP/s of routed experts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experts: Option<Fraction>,
    /// On the bandwidth of the memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Fraction>,
    /// On the bandwidth of the links.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Fraction>,
}
