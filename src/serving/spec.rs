//! How a replica serves: the validated description that a scenario resolves to.

use crate::catalog::{Accelerator, Architecture};

/// A replica that serves tokens in iterations.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenServing {
    /// How long an iteration takes, and how many tokens the KV cache holds.
    pub performance: Performance,
    /// Who is in an iteration.
    pub batching: Batching,
}

/// Where iteration times come from.
#[derive(Clone, Debug, PartialEq)]
pub enum Performance {
    /// The accelerator, the architecture and the batch.
    Roofline(RooflineSpec),
}

impl Performance {
    /// KV capacity of a replica in tokens. `None` when there is no room for a single one.
    pub fn kv_capacity_tokens(&self) -> Option<u64> {
        match self {
            Self::Roofline(spec) => spec.kv_capacity_tokens(),
        }
    }

    /// Peak FLOP/s of one accelerator at the precision served, if that is known.
    pub fn peak_flops(&self) -> Option<f64> {
        match self {
            Self::Roofline(spec) => spec.peak_flops(),
        }
    }
}

/// The roofline model: [`super::Roofline`] has its formula.
#[derive(Clone, Debug, PartialEq)]
pub struct RooflineSpec {
    /// The chip, with its efficiency factors.
    pub accelerator: Accelerator,
    /// The model.
    pub architecture: Architecture,
    /// Degree of tensor parallelism: accelerators that share every matrix.
    pub tensor: u32,
    /// Degree of pipeline parallelism: stages of layers.
    pub pipeline: u32,
    /// Degree of expert parallelism: groups over which routed experts are spread, each with sequences
    /// of its own.
    pub expert: u32,
    /// Precision of the weights.
    pub weights: Precision,
    /// Precision of matrix products.
    pub compute: Precision,
    /// Precision of the KV cache.
    pub kv: Precision,
    /// Hypotheses that are decoded for each sequence (beam search); 1 for none. The cache holds one: the
    /// prompt's part is shared, and short outputs are assumed.
    pub beams: u32,
}

/// A number format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// 16-bit brain floating point.
    Bf16,
    /// 8-bit floating point.
    Fp8,
    /// 4-bit floating point.
    Fp4,
}

/// Who is in an iteration, and who is let into the KV cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batching {
    /// How the members of an iteration are chosen.
    pub policy: BatchingPolicy,
    /// When a request is let into the KV cache.
    pub admission: KvAdmission,
    /// Sequences in an iteration, at most; not above `token_budget`.
    pub max_batch: u32,
    /// Tokens in an iteration, at most: decodes first, then prefill chunks.
    pub token_budget: u32,
}

/// How the members of an iteration are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BatchingPolicy {
    /// All decodes, then prompts in chunks under the token budget (Sarathi; vLLM V1).
    #[default]
    Continuous,
    /// Whole prompts that fit run in an iteration of their own, else all decodes (Orca; vLLM V0).
    PrefillFirst,
    /// A batch is filled and runs to the end of its longest member.
    Static,
}

/// When a request is let into the KV cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KvAdmission {
    /// When its prompt and its declared output fit: nothing is ever preempted.
    #[default]
    Reserve,
    /// When its prompt fits. On exhaustion the latest admitted is preempted.
    Optimistic(Preemption),
}

/// What becomes of a preempted sequence's KV cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preemption {
    /// Dropped: the sequence goes back to the head of the queue, and what it had produced becomes
    /// a part of its prompt.
    Recompute,
    /// Moved to the host's memory and back.
    Swap,
}
