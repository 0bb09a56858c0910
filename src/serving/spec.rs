//! How a replica serves: the validated description that a scenario resolves to.

use crate::catalog::{Accelerator, Architecture};

/// A replica that serves tokens in iterations.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenServing {
    /// How long an iteration takes.
    pub roofline: RooflineSpec,
    /// Who is in an iteration.
    pub batching: Batching,
}

/// The roofline model of a dense model under tensor parallelism: [`super::Roofline`] has its formula.
#[derive(Clone, Debug, PartialEq)]
pub struct RooflineSpec {
    /// The chip, with its efficiency factors.
    pub accelerator: Accelerator,
    /// The model.
    pub architecture: Architecture,
    /// Degree of tensor parallelism: accelerators per replica.
    pub tensor: u32,
    /// Precision of weights and matrix products.
    pub weights: Precision,
    /// Precision of the KV cache.
    pub kv: Precision,
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

/// Limits of `continuous` batching with chunked prefill and `reserve` KV admission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batching {
    /// Sequences in an iteration, at most; not above `token_budget`.
    pub max_batch: u32,
    /// Tokens in an iteration, at most: decodes first, then prefill chunks.
    pub token_budget: u32,
}
