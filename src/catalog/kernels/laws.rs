//! The constants of each law: few, and each a piece of physics. Times are in microseconds.

use serde::{Deserialize, Serialize};

/// A product of matrices: `serving::kernels::product` has the law.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProductLaw {
    /// Launch, prologue and epilogue.
    pub floor: f64,
    /// The chain of steps along k of one tile, for 1,024 of k.
    pub chain: f64,
    /// Share of the memory's bandwidth.
    pub memory: f64,
    /// Share of the peak.
    pub peak: f64,
    /// Work of rows, for 1,024 of them.
    pub rows: f64,
    /// Share of the memory's bandwidth that the pass reaches that quantises activations, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantise: Option<f64>,
}

/// Attention of decoding sequences.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DecodeLaw {
    /// Least time.
    pub floor: f64,
    /// For each sequence and key-value head.
    pub task: f64,
    /// Of the pass over the cache, when it is small.
    pub scan: f64,
    /// What it gains until the cache fills the second-level cache: more parts to start and to join.
    pub parts: f64,
    /// For 1,024 tokens of one sequence.
    pub chain: f64,
    /// Share of the memory's bandwidth.
    pub memory: f64,
    /// TB/s from the second-level cache, as tables were measured; a model's caches do not stay there.
    pub warm: f64,
    /// One kernel more, where there are several sequences and heads of keys.
    #[serde(default)]
    pub extra: f64,
}

/// Attention of prompts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PrefillLaw {
    /// Least time.
    pub floor: f64,
    /// For each tile of 128 queries of a head.
    pub tile: f64,
    /// For 1,024 tokens of the longest tile.
    pub chain: f64,
    /// Share of the 16-bit peak.
    pub peak: f64,
    /// Share of the memory's bandwidth of queries and outputs, where it is seen.
    #[serde(default)]
    pub queries: Option<f64>,
    /// The same of keys and values.
    #[serde(default)]
    pub keys: Option<f64>,
    /// What is left of that traffic's time where it fits the second-level cache.
    pub cached: f64,
}

/// A collective of NVIDIA's library among the accelerators of a node.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CollectiveLaw {
    /// Least time of two ranks.
    pub floor: f64,
    /// For each rank more.
    pub rank: f64,
    /// Synchronising and staging, coming in with size.
    pub staging: f64,
    /// Megabytes at which half of it has come in.
    pub half: f64,
    /// Share of the links' bandwidth with 2, 4, and 8 ranks or more.
    pub links: [f64; 3],
}

/// An engine's own all-reduce, in a captured graph.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OwnAllReduceLaw {
    /// Least time of two ranks.
    pub floor: f64,
    /// For each rank more.
    pub rank: f64,
    /// From one exchange to two, coming in with size, for two ranks.
    pub staging: f64,
    /// Megabytes at which half of it has come in.
    pub half: f64,
    /// Share of the links' bandwidth with two ranks.
    pub link: f64,
    /// Factor of it for each doubling of the ranks.
    pub doubling: f64,
    /// Megabytes up to which it is used with 2, 4, and 8 ranks or more: a setting of the software.
    pub upto: [f64; 3],
}

/// A layer of routed experts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExpertLaw {
    /// Least time.
    pub floor: f64,
    /// More where experts are spread over accelerators.
    pub spread: f64,
    /// Share of the memory's bandwidth of weights.
    pub memory: f64,
    /// Share of the peak.
    pub peak: f64,
    /// Share of the memory's bandwidth of activations.
    pub rows: f64,
    /// How much faster weights come from the second-level cache, as tables were measured.
    pub warm: f64,
    /// Part of an expert's weights that is read again for each further tile.
    pub again: f64,
    /// Times that a token's hidden vector is moved in 16 bits for each of its experts beside that.
    pub gather: f64,
    /// Whether activations of all ranks count.
    pub all_rows: bool,
    /// Rows to which those of an expert are filled up.
    pub tile: f64,
}

/// Latent attention of decoding sequences.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LatentDecodeLaw {
    /// Least time.
    pub floor: f64,
    /// What a sequence's first tokens of context add to it.
    pub start: f64,
    /// How many those are.
    pub short: f64,
    /// For each sequence.
    pub sequence: f64,
    /// Traffic of queries and outputs, over the memory's bandwidth.
    pub queries: f64,
    /// For each token of one sequence.
    pub chain: f64,
    /// Share of the memory's bandwidth.
    pub memory: f64,
    /// Share of the 16-bit peak.
    pub peak: f64,
    /// How much faster the second-level cache is, as tables were measured.
    pub warm: f64,
    /// The exponent by which chain, reading and arithmetic make one.
    pub corner: f64,
    /// Heads that the kernel computes at least.
    pub least_heads: f64,
}

/// Latent attention of prompts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct LatentPrefillLaw {
    /// Least time.
    pub floor: f64,
    /// For each prompt and head.
    pub head: f64,
    /// For each token.
    pub token: f64,
    /// Share of the memory's bandwidth.
    pub memory: f64,
    /// How much faster the second-level cache is, as tables were measured.
    pub warm: f64,
    /// For each token of the longest prompt.
    pub chain: f64,
    /// Share of the 16-bit peak.
    pub peak: f64,
    /// Keys that a tile computes beyond those that its queries see.
    #[serde(default)]
    pub tile: f64,
    /// The exponent by which chain and arithmetic make one.
    pub corner: f64,
}
