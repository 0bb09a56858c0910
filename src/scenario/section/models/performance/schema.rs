//! How long a call takes.

use crate::engine::SimDuration;
use crate::scenario::schema::{FileName, Law};
use crate::serving::ServiceDiscipline;
use crate::units::{Bytes, Picoseconds};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How long a call takes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::scenario) enum Performance {
    /// From laws of the times of kernels, fitted to measured ones, with the figures of the accelerator and the
    /// architecture, and from the times of the engine's host.
    #[default]
    Roofline,
    /// From coefficients that are given.
    Affine(Affine),
    /// From measured tables.
    Profile(Profile),
    /// Drawn from a given law, whatever the lengths.
    ServiceTime(ServiceTime),
}

/// The coefficients of an iteration's time, each zero unless given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{kv-capacity: 400000, overhead: 5ms, per-decode-token: 80us}`"
)]
pub(in crate::scenario) struct Affine {
    /// Of an iteration.
    #[serde(default)]
    pub overhead: Picoseconds,
    /// Of a sequence in it, prompt or decoding.
    #[serde(default)]
    pub per_sequence: Picoseconds,
    /// Of a prompt token.
    #[serde(default)]
    pub per_prefill_token: Picoseconds,
    /// Of a prompt token for each token that it attends to, itself included.
    #[serde(default)]
    pub per_prefill_pair: Picoseconds,
    /// Of a decoding sequence.
    #[serde(default)]
    pub per_decode_token: Picoseconds,
    /// Of a token that a decoding sequence attends to.
    #[serde(default)]
    pub per_context_token: Picoseconds,
    /// Tokens that the KV cache of a replica holds.
    pub kv_capacity: u64,
    /// Keys and values of one token; needed where they are moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kv_per_token: Option<Bytes>,
    /// What a replica loads before it serves; nothing unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<Bytes>,
}

/// Measured iteration times. A profile is linear between its points; below the smallest, its time
/// holds. An iteration that mixes prompts and decodes takes the sum of both: an upper bound under
/// `continuous`, exact under `prefill-first`. The time of a chunk does not depend on what came
/// before it in its prompt. Unless it may be extrapolated, `max-batch` and `token-budget` must stay
/// within the tables, and requests longer than the longest context measured with every batch, or
/// under `prefill-first` than the largest prefill, are rejected and counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{kv-capacity: 400000, prefill: {file: prefill.csv}, decode: {file: decode.csv}}`"
)]
pub(in crate::scenario) struct Profile {
    /// Prefills by their prompt tokens.
    pub prefill: Measured<PrefillPoint>,
    /// Decodes by the number of sequences and, if it was measured, their mean context.
    pub decode: Measured<DecodePoint>,
    /// Whether times beyond the tables may be guessed from their last two points.
    #[serde(default)]
    pub extrapolate: bool,
    /// Tokens that the KV cache of a replica holds.
    pub kv_capacity: u64,
    /// Keys and values of one token; needed where they are moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kv_per_token: Option<Bytes>,
    /// What a replica loads before it serves; nothing unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<Bytes>,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(rename = "Measured_{T}")]
pub(in crate::scenario) enum Measured<T> {
    /// Its points, all different.
    Points(Vec<T>),
    /// A CSV with a point in each row and their keys as its header. A relative path is relative to
    /// the scenario file. Of rows for the same point the median counts.
    File(FileName),
}

/// How long the prefill of so many prompt tokens took.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{tokens: 512, time: 84ms}`"
)]
pub(in crate::scenario) struct PrefillPoint {
    /// Prompt tokens in the iteration.
    pub tokens: u32,
    /// Of the iteration.
    pub time: SimDuration,
}

/// How long a token took of so many sequences.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{batch: 8, context: 600, time: 40ms}`"
)]
pub(in crate::scenario) struct DecodePoint {
    /// Decoding sequences in the iteration.
    pub batch: u32,
    /// Mean of the tokens that each attends to; for all points or for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<u32>,
    /// Of the iteration.
    pub time: SimDuration,
}

/// An ordinary queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{distribution: {exponential: {mean: 1s}}, slots: 10}`"
)]
pub(in crate::scenario) struct ServiceTime {
    /// Of one call.
    pub distribution: Law<SimDuration>,
    /// Calls that a replica serves at once, each at full speed.
    pub slots: u32,
    /// Who is served when there are more.
    #[serde(default)]
    pub discipline: ServiceDiscipline,
    /// Calls beyond the slots that a replica may hold. One that finds its replica full goes to another
    /// of the model with room, else it is rejected and counted; with `0` nobody waits. Unbounded unless
    /// given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<u32>,
}

/// What a replica's memory holds, where it is given.
pub(in crate::scenario) struct Memory {
    /// Tokens of the KV cache.
    pub kv_capacity: u64,
    /// Of one token.
    pub kv_per_token: Option<Bytes>,
    /// Loaded before it serves.
    pub weights: Option<Bytes>,
}

impl Affine {
    /// What a replica's memory holds.
    pub(crate) fn memory(&self) -> Memory {
        let &Self { kv_capacity, kv_per_token, weights, .. } = self;
        Memory { kv_capacity, kv_per_token, weights }
    }
}

impl Profile {
    /// What a replica's memory holds.
    pub(crate) fn memory(&self) -> Memory {
        let &Self { kv_capacity, kv_per_token, weights, .. } = self;
        Memory { kv_capacity, kv_per_token, weights }
    }
}
