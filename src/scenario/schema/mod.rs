//! The scenario file, field by field, before it is validated.
//!
//! These types fix what may be written where; what the values must be for a simulation to make
//! sense is checked by `resolve`. Keys are in kebab case, an enum is one word or a map with one
//! entry, and unknown keys are errors.

mod arrivals;
mod batching;
mod capacity;
mod cloud;
mod demand;
mod engine;
mod file_name;
mod horizon;
mod law;
mod performance;
mod routing;
mod servegen;
mod source;
mod supply;
pub(super) mod usual;
mod word_or_map;

pub(super) use arrivals::{
    Arrivals, Client, Clients, DayOfWeek, Family, FlashCrowd, Growth, HourOfDay, MmppState,
    Modulation,
};
pub(super) use batching::{Batching, Disaggregated, KvAdmission, Preemption};
pub(super) use cloud::{Accelerator, Cloud, Cluster, Efficiency, default_load_bandwidth};
pub(super) use demand::{Application, Choice, Market, Slo, TimeUnit, Trace, TraceFormat};
pub(super) use engine::Engine;
pub(super) use file_name::FileName;
pub(super) use horizon::Horizon;
pub(super) use law::{Component, Law, Lengths};
pub(super) use performance::{
    Affine, DecodePoint, Measured, Memory, Performance, PrefillPoint, Profile, ServiceTime,
};
pub(super) use routing::RoutingName;
pub(super) use servegen::{
    ServeGen, ServeGenLengths, ServeGenRates, ServeGenTable, ServeGenWindows,
};
pub(super) use source::{AllAtOnce, Cached, Sessions, Turns, Users};
pub(super) use supply::{
    Architecture, Attention, Deployment, Experts, Model, Price, Tenant, Terms,
};
pub(super) use word_or_map::NameOr;

use crate::engine::SimDuration;
use crate::scheduler::{CapacitySplit, Placement, Start};
use indexmap::IndexMap;
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};

/// A whole file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, expecting = "a scenario: a map")]
pub(super) struct Scenario {
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
    /// The cases to compare: each the rest of the file with some values changed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-same-in-all-variants" = "a variant has no variants"))]
    pub variants: Vec<Variant>,
}

fn default_seed() -> u64 {
    1
}

fn default_replications() -> u32 {
    5
}

/// The simulated span.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{warmup: 10m, horizon: 70m}`"
)]
pub(super) struct Window {
    /// Simulated first, without being measured, so that queues and batches fill.
    #[serde(default)]
    pub warmup: SimDuration,
    /// When measurement ends, warm-up included: a duration, or `end-of-calls`. Then all calls of
    /// traces and `all-at-once` are measured until the last one ends, without a warm-up, and
    /// capacity is planned as if what comes at once were to be served in a minute.
    pub horizon: Horizon,
    /// How long after the horizon calls that arrived before it are followed to their end, at most.
    /// The longer of a minute and a tenth of the measured time unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drain: Option<SimDuration>,
    /// Length of a point of the time series, of which there are at most 10,000. A round sixtieth of
    /// the horizon unless given; under `end-of-calls` of the time in which calls arrive, at least
    /// of a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<SimDuration>,
}

/// Policies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{placement: best-fit, capacity: demand, routing: least-tokens}`"
)]
pub(super) struct Scheduler {
    /// Which node a replica goes to.
    #[serde(default)]
    pub placement: Placement,
    /// How accelerators are split among deployments.
    #[serde(default)]
    pub capacity: Capacity,
    /// Which replica a call goes to.
    #[serde(default)]
    pub routing: RoutingName,
    /// Whether the first replicas have their weights at time 0.
    #[serde(default)]
    pub start: Start,
}

/// `fixed`, `proportional`, `demand`, or a map with what goes with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Capacity(pub CapacitySplit);

/// A case to compare.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{name: split, set: {…}}`"
)]
pub(super) struct Variant {
    /// Unique name.
    pub name: String,
    /// Path to new value, such as `cloud.regions[0].clusters[1].nodes: 32`. A path leads through
    /// keys and indices from 0. Of a word that is short for a map, a path may lead to what is in
    /// the map.
    #[serde(default)]
    #[schemars(extend("propertyNames" = {"format": "path"}))]
    pub set: IndexMap<String, serde_json::Value>,
}

/// A schema of maps with one entry, or of words that are short for them, too.
fn or_words(mut schema: Schema, words: &[&str]) -> Schema {
    if let Some(choices) = schema.get_mut("oneOf").and_then(|choices| choices.as_array_mut()) {
        choices.extend(words.iter().map(|word| {
            let description = format!("Short for `{{{word}: {{}}}}`.");
            serde_json::json!({ "const": word, "description": description })
        }));
    }
    schema
}
