//! What serves.

use crate::catalog::{Library, Scheduling, WindowCache};
use crate::engine::SimDuration;
use crate::units::Fraction;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A serving engine defined in place: with `base`, an entry of the catalogue with other figures; without,
/// one that takes no time unless it is given here, and `name` is required.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a name of the catalogue, or a map with `base` or `name`"
)]
pub(in crate::scenario) struct Engine {
    /// A name of the catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Its name; that of the base unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whose kernels run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library: Option<Library>,
    /// Time of the host between iterations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iteration: Option<SimDuration>,
    /// Time of the host for each sequence in an iteration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_sequence: Option<SimDuration>,
    /// Time of the host for each layer of an iteration with a prompt: it launches kernel by kernel, at the same
    /// time as these run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_layer: Option<SimDuration>,
    /// Time of the host before a call can be admitted: it is taken in and made into tokens, beside whatever else
    /// is served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_request: Option<SimDuration>,
    /// Time of each sum over tensor ranks, beyond that of the kernel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub all_reduce: Option<SimDuration>,
    /// Small kernels of a layer (norms, rotations, activations): how many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub small_kernels: Option<f64>,
    /// Time of each of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub small_kernel: Option<SimDuration>,
    /// What its attention of decoding sequences keeps of the memory bandwidth that the library's kernels reach.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attention_memory: Option<Fraction>,
    /// Time more of that attention for 1,024 tokens of one sequence, whose context it does not split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context_chain: Option<SimDuration>,
    /// Share of the context that each beam but a sequence's first reads again, and does not find in the
    /// second-level cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beam_reads: Option<Fraction>,
    /// Whether the host prepares an iteration while the one before it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asynchronous: Option<bool>,
    /// Fraction of the accelerators' memory that weights and KV cache can use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Fraction>,
    /// What is kept of layers whose attention sees a window: `trimmed` to it, or `whole`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_cache: Option<WindowCache>,
    /// How the members of an iteration are chosen, unless the deployment says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batching: Option<Scheduling>,
    /// Sequences in an iteration, at most, unless the deployment says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_batch: Option<u32>,
    /// Tokens in an iteration, at most, unless the deployment says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_budget: Option<u32>,
}
