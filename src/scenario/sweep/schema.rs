//! What may stand in a sweep file.

use super::values::Values;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A scenario, and what of it takes many values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a sweep: a map")]
pub(in crate::scenario) struct SweepFile {
    /// What results are filed under; the name of the base and `-sweep` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is about, for readers.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The scenario that is varied: a file, relative to this one.
    pub base: String,
    /// Path to new value, the same at all points, as `--set` would set it.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    #[schemars(extend("propertyNames" = {"format": "path"}))]
    pub set: IndexMap<String, serde_json::Value>,
    /// Path to the values that it takes, such as `tenants[Aurora].terms.marketplace.take-rate: [0.1, 0.2]`.
    pub parameters: IndexMap<String, Values>,
    /// How values of several parameters are combined.
    #[serde(default)]
    pub design: Design,
    /// Parameters that take their values together, first with first: each a list of paths.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zip: Vec<Vec<String>>,
    /// Points that are kept: those where each of these holds, such as `PATH <= 0.2` or `PATH < PATH`.
    #[serde(default, rename = "where", skip_serializing_if = "Vec::is_empty")]
    pub filters: Vec<String>,
    /// Of every random stream, the same at all points; the scenario's unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Independent repetitions of each variant at each point; the scenario's unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replications: Option<u32>,
    /// The only variants of the scenario to run; all unless given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variants: Vec<String>,
    /// Metrics that are kept, such as `margin.operating_usd`; all unless given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<String>,
    /// Of what metrics are kept; all scopes unless given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<ScopeName>,
}

/// How values of several parameters are combined to points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    expecting = "`grid`, or one of `random`, `latin-hypercube` and `sobol` with a number of points, such as `{sobol: 512}`"
)]
pub(in crate::scenario) enum Design {
    /// Each value of a parameter with each of all others; the last parameter's change fastest.
    #[default]
    Grid,
    /// So many points, drawn independently and evenly.
    Random(u64),
    /// So many points: of as many equal parts of each parameter's range each has one.
    LatinHypercube(u64),
    /// So many points of an Owen-scrambled Sobol sequence, best a power of two.
    Sobol(u64),
}

/// A kind of thing that metrics are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(in crate::scenario) enum ScopeName {
    /// The whole cloud.
    All,
    /// Each model.
    Model,
    /// Each tenant.
    Tenant,
    /// Each cluster.
    Cluster,
    /// Each application.
    Application,
}
