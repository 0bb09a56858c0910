//! A whole file: its sections, and the cases that are compared.

use crate::scenario::schema::{
    Application, Cloud, Market, Model, Scheduler, Strategy, Tenant, Variants, Window, World,
};
use crate::units::Fraction;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A whole file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a scenario: a map")]
pub(in crate::scenario) struct Scenario {
    /// What results are filed under.
    #[schemars(extend("x-same-in-all-variants" = "it names them all"))]
    pub name: String,
    /// What it is about, for readers.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schemars(extend("x-same-in-all-variants" = "it describes them all"))]
    pub description: String,
    /// Of every random stream.
    #[serde(default = "default_seed")]
    #[schemars(extend("x-same-in-all-variants" = "variants share random numbers, so that differences are paired"))]
    pub seed: u64,
    /// Independent repetitions of each variant, for confidence intervals.
    #[serde(default = "default_replications")]
    #[schemars(extend("x-same-in-all-variants" = "differences are paired by replication"))]
    pub replications: u32,
    /// What is simulated and measured.
    #[schemars(extend("x-same-in-all-variants" = "variants are compared over the same window"))]
    pub window: Window,
    /// The hardware.
    pub cloud: Cloud,
    /// The vendors.
    pub tenants: Vec<Tenant>,
    /// What the vendors offer.
    pub models: Vec<Model>,
    /// Who calls models.
    pub applications: Vec<Application>,
    /// How applications choose models, unless they say so themselves.
    #[serde(default)]
    pub market: Market,
    /// Which policies decide.
    #[serde(default)]
    pub scheduler: Scheduler,
    /// The cases to compare: each the rest of the file with some values changed. Listed, or along a
    /// parameter.
    #[serde(default, skip_serializing_if = "Variants::is_empty")]
    #[schemars(extend("x-same-in-all-variants" = "a variant has no variants"))]
    pub variants: Variants,
    /// What may be done: instead of variants, each strategy is run in each of the `worlds`, and they
    /// are compared by what they earn there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-same-in-all-variants" = "each strategy is run in each world"))]
    pub strategies: Vec<Strategy>,
    /// What may come, and how probable it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-same-in-all-variants" = "each strategy is run in each world"))]
    pub worlds: Vec<World>,
    /// Part of the best strategy's mean revenue: strategies whose mean payoffs differ by no more are
    /// as good as each other. 1% unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-same-in-all-variants" = "it is of the comparison"))]
    pub indifference: Option<Fraction>,
}

fn default_seed() -> u64 {
    1
}

fn default_replications() -> u32 {
    5
}
