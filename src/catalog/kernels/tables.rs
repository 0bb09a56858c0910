//! `kernels.yaml`: what the fit of the laws to measured kernels writes.

use super::laws::{
    CollectiveLaw, DecodeLaw, ExpertLaw, LatentDecodeLaw, LatentPrefillLaw, OwnAllReduceLaw,
    PrefillLaw, ProductLaw,
};
use super::names::{Collective, DecodeKernel, ExpertKernel, Format, KernelClass, Library};
use crate::catalog::figure::Source;
use serde::{Deserialize, Serialize};

/// Fitted constants, what they rest on and how far off they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KernelTables {
    /// Where measured times come from.
    pub sources: Vec<Source>,
    /// Megabytes of the second-level cache: a fact, not fitted.
    pub second_level_cache: Vec<(KernelClass, f64)>,
    /// What hosts took where kernels were measured without a graph: it says which times of a table are not the
    /// kernel's, and is no part of a simulation.
    pub hosts: Vec<HostTimes>,
    /// Products of matrices.
    pub products: Vec<Fitted<Format, ProductLaw>>,
    /// Attention of decoding sequences.
    pub decode: Vec<Fitted<DecodeKernel, DecodeLaw>>,
    /// Attention of prompts, by the format of the cache.
    pub prefill: Vec<Fitted<Format, PrefillLaw>>,
    /// NVIDIA's exchanges.
    pub collectives: Vec<Fitted<Collective, CollectiveLaw>>,
    /// Engines' own sums over all ranks.
    pub own_all_reduce: Vec<Fitted<Collective, OwnAllReduceLaw>>,
    /// Routed experts.
    pub experts: Vec<Fitted<ExpertKernel, ExpertLaw>>,
    /// Latent attention of decoding sequences, by the format of the cache.
    pub latent_decode: Vec<Fitted<Format, LatentDecodeLaw>>,
    /// Latent attention of prompts, by the format of the cache.
    pub latent_prefill: Vec<Fitted<Format, LatentPrefillLaw>>,
    /// Distances between laws and measured times.
    #[serde(default)]
    pub errors: Vec<KernelErrors>,
}

/// The constants of a law.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Fitted<K, L> {
    /// The chips.
    pub class: KernelClass,
    /// Whose kernel.
    pub library: Library,
    /// Which of them.
    pub of: K,
    /// Microseconds of the host that launched it for the table, without a graph: the least time of the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<f64>,
    /// Why no simulation uses it: it says what was measured and not what another build of the software would do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<String>,
    /// The constants.
    pub law: L,
}

/// What a node's host took to launch a kernel without a graph.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct HostTimes {
    /// The chip of the node.
    pub accelerator: String,
    /// Whose kernel.
    pub library: Library,
    /// Which table has it.
    pub table: KernelTable,
    /// Microseconds: of products with up to 16 tokens and with more; of collectives with 2, 4, and 8 ranks.
    pub micros: Vec<f64>,
    /// Of collectives: share of the memory's bandwidth of the copy into the buffer that all ranks see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy: Option<f64>,
}

/// A table of measured kernels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KernelTable {
    /// `gemm.csv`.
    Products,
    /// `attention_decode.csv`.
    Decode,
    /// `attention_prefill.csv`.
    Prefill,
    /// `collectives.csv`.
    Collectives,
    /// `moe.csv`.
    Experts,
    /// `mla_decode.csv`.
    LatentDecode,
    /// `mla_prefill.csv`.
    LatentPrefill,
}

/// How far laws are from a table's times of a chip and library, of those above 5 µs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct KernelErrors {
    /// The table.
    pub table: KernelTable,
    /// The chip.
    pub accelerator: String,
    /// Whose kernels.
    pub library: Library,
    /// Of the shapes that the constants were fitted to.
    pub fitted: ErrorSpread,
    /// Of the third of the shapes that had no part in it.
    pub held_out: ErrorSpread,
    /// Rows that are left out of both, for a reason that the fit states.
    pub left_out: usize,
}

/// Relative errors, percent of the measured time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ErrorSpread {
    /// Half of the rows are nearer.
    pub median: f64,
    /// Nine of ten are nearer.
    pub p90: f64,
    /// How many there are.
    pub rows: usize,
}
