//! What the constants of a kernel's law depend on.

use serde::{Deserialize, Serialize};

/// Chips whose kernels obey the same laws with the same constants.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum KernelClass {
    /// NVIDIA A100.
    Ampere,
    /// NVIDIA L4, L40, L40S, RTX 4090.
    Ada,
    /// NVIDIA H100, H200, GH200.
    Hopper,
    /// NVIDIA B200, B300, GB200, GB300, RTX PRO 6000.
    Blackwell,
    /// AMD MI300X, MI325X, MI355X. None were measured: the constants are those of Hopper.
    Cdna,
    /// Kernels that reach all that a chip offers and take no time to begin.
    Ideal,
}

impl KernelClass {
    /// Whose constants it has.
    pub(super) fn measured(self) -> Self {
        match self {
            Self::Cdna => Self::Hopper,
            other => other,
        }
    }
}

/// Whose kernels run.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Library {
    /// TensorRT-LLM's.
    Trtllm,
    /// vLLM's.
    Vllm,
    /// SGLang's.
    Sglang,
    /// NVIDIA's collectives.
    Nccl,
}

/// How the operands of a product are held.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// 16 bits.
    Bf16,
    /// 8 bits, one scale a tensor or a row.
    Fp8,
    /// 8 bits, a scale for each block.
    Fp8Block,
    /// 4 bits, a scale for each 16 numbers.
    Nvfp4,
}

/// Query heads that share a head of keys and values.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum HeadGroups {
    /// None: each has its own.
    Single,
    /// 2 to 16.
    Grouped,
    /// 32 or more.
    Wide,
}

/// Weights of experts and what they are multiplied with.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum ExpertFormat {
    /// 16 bits.
    Bf16,
    /// 8 bits, one scale a tensor or a row.
    Fp8,
    /// 8 bits, a scale for each block.
    Fp8Block,
    /// 4 bits, both, a scale for each 16 numbers.
    Nvfp4,
    /// Weights of 4 bits, a scale for each 32, multiplied in more.
    Mxfp4,
    /// Weights of 4 bits, multiplied in 16.
    Int4,
}

/// An exchange among the accelerators of a node.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Collective {
    /// Each gets the sum of what all have.
    AllReduce,
    /// Each gets what all have.
    AllGather,
    /// Each gets its part of the sum.
    ReduceScatter,
    /// Each gets its part of what each has.
    AllToAll,
}

/// A kernel of attention of decoding sequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct DecodeKernel {
    /// Of the cache.
    pub cache: Format,
    /// Of its heads.
    pub heads: HeadGroups,
}

/// A kernel of routed experts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExpertKernel {
    /// Of the weights.
    pub format: ExpertFormat,
    /// What the tables call it. Where a library has several for a format, the first that the catalogue
    /// lists is the one it takes by itself.
    pub kernel: String,
}
