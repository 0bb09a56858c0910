//! Constants of the laws of kernel times, by class of chip, library and number format, fitted to measured kernels.
//!
//! The laws themselves, with what each constant means, are in `serving::kernels`. Times are in microseconds.

use super::figure::Source;
use super::ideal::Ideal;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

static FILE: LazyLock<KernelTables> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("kernels.yaml"))
        .unwrap_or_else(|error| panic!("an embedded catalogue: {error}"))
});

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
    fn measured(self) -> Self {
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
    #[serde(default)]
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
    /// The exponent by which chain and arithmetic make one.
    pub corner: f64,
}

/// The constants of a law.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Fitted<L, F = Format> {
    class: KernelClass,
    library: Library,
    /// Of products: of the operands; of attention: of the cache.
    #[serde(default = "nothing")]
    format: Option<F>,
    /// Of attention of decoding sequences.
    #[serde(default)]
    heads: Option<HeadGroups>,
    law: L,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct KernelTables {
    sources: Vec<Source>,
    second_level_cache: Vec<(KernelClass, f64)>,
    products: Vec<Fitted<ProductLaw>>,
    decode: Vec<Fitted<DecodeLaw>>,
    prefill: Vec<Fitted<PrefillLaw>>,
    all_reduce: Vec<Fitted<CollectiveLaw>>,
    own_all_reduce: Vec<Fitted<OwnAllReduceLaw>>,
    all_to_all: Vec<Fitted<CollectiveLaw>>,
    experts: Vec<Fitted<ExpertLaw, ExpertFormat>>,
    latent_decode: Vec<Fitted<LatentDecodeLaw>>,
    latent_prefill: Vec<Fitted<LatentPrefillLaw>>,
}

fn nothing<F>() -> Option<F> {
    None
}

/// The laws of a class of chips with the kernels of a library.
#[derive(Clone, Copy, Debug)]
pub struct Kernels {
    /// The chips.
    pub class: KernelClass,
    /// Whose kernels; where it has none of a kind, another library's.
    pub library: Library,
}

impl Kernels {
    /// Megabytes of the second-level cache.
    pub fn second_level_cache(&self) -> f64 {
        if self.class == KernelClass::Ideal {
            return f64::INFINITY;
        }
        let measured = self.class.measured();
        let found = FILE.second_level_cache.iter().find(|(class, _)| *class == measured);
        found.expect("each class has one").1
    }

    /// Of products. TensorRT-LLM's tables of 8 and 4 bits have kernels before each product that find the scales of its
    /// activations; its engines do that in the kernel before, so that little more than the floor of 16 bits is left.
    pub fn product(&self, format: Format) -> ProductLaw {
        const FUSED: f64 = 1.0;
        let law: ProductLaw = self.find(&FILE.products, Some(format));
        if self.library != Library::Trtllm || format == Format::Bf16 {
            return law;
        }
        let plain: ProductLaw = self.find(&FILE.products, Some(Format::Bf16));
        ProductLaw { floor: law.floor.min(plain.floor + FUSED), ..law }
    }

    /// Of attention of decoding sequences with a cache of that format.
    pub fn decode(&self, cache: Format, heads: HeadGroups) -> DecodeLaw {
        let of = |heads| {
            let laws: Vec<_> =
                FILE.decode.iter().filter(|law| law.heads == Some(heads)).cloned().collect();
            self.look(&laws, Some(cache))
        };
        of(heads).or_else(|| of(HeadGroups::Grouped)).expect("each class has laws of all kinds")
    }

    /// Of attention of prompts with a cache of that format.
    pub fn prefill(&self, cache: Format) -> PrefillLaw {
        self.find(&FILE.prefill, Some(cache))
    }

    /// Of sums over all ranks.
    pub fn all_reduce(&self) -> CollectiveLaw {
        self.pairwise(self.find(&FILE.all_reduce, None))
    }

    /// Of an engine's own.
    pub fn own_all_reduce(&self) -> OwnAllReduceLaw {
        let law: OwnAllReduceLaw = self.find(&FILE.own_all_reduce, None);
        if self.class != KernelClass::Ada {
            return law;
        }
        OwnAllReduceLaw { doubling: 1.0, upto: [law.upto[0]; 3], ..law }
    }

    /// The Ada node of the tables shares the paths of its host among pairs, and is four times slower with each doubling of the
    /// ranks; published serving on such chips is not. Any number of ranks is taken to reach what two do.
    fn pairwise(&self, law: CollectiveLaw) -> CollectiveLaw {
        match self.class {
            KernelClass::Ada => CollectiveLaw { links: [law.links[0]; 3], ..law },
            _ => law,
        }
    }

    /// Of exchanges of each with each.
    pub fn all_to_all(&self) -> CollectiveLaw {
        self.pairwise(self.find(&FILE.all_to_all, None))
    }

    /// Of routed experts.
    pub fn experts(&self, format: ExpertFormat) -> ExpertLaw {
        use ExpertFormat::{Bf16, Fp8, Fp8Block, Int4, Mxfp4, Nvfp4};
        let formats: &[ExpertFormat] = match format {
            Bf16 => &[Bf16],
            Fp8 => &[Fp8, Bf16],
            Fp8Block => &[Fp8Block, Fp8, Bf16],
            Nvfp4 => &[Nvfp4, Mxfp4, Fp8, Bf16],
            Mxfp4 => &[Mxfp4, Int4, Bf16],
            Int4 => &[Int4, Mxfp4, Bf16],
        };
        let formats: Vec<_> = formats.iter().copied().map(Some).collect();
        self.first(&FILE.experts, &formats).expect("each class has laws of all kinds")
    }

    /// Of latent attention of decoding sequences with a cache of that format.
    pub fn latent_decode(&self, cache: Format) -> LatentDecodeLaw {
        self.find(&FILE.latent_decode, Some(cache))
    }

    /// Of latent attention of prompts with a cache of that format.
    pub fn latent_prefill(&self, cache: Format) -> LatentPrefillLaw {
        self.find(&FILE.latent_prefill, Some(cache))
    }

    fn find<L: Copy + Ideal>(&self, laws: &[Fitted<L>], format: Option<Format>) -> L {
        self.look(laws, format).expect("each class has laws of all kinds")
    }

    fn look<L: Copy + Ideal>(&self, laws: &[Fitted<L>], format: Option<Format>) -> Option<L> {
        let formats = match format {
            Some(Format::Nvfp4) => {
                &[Some(Format::Nvfp4), Some(Format::Fp8), Some(Format::Bf16)][..]
            }
            Some(Format::Fp8Block) => {
                &[Some(Format::Fp8Block), Some(Format::Fp8), Some(Format::Bf16)]
            }
            Some(Format::Fp8) => &[Some(Format::Fp8), Some(Format::Bf16)],
            Some(Format::Bf16) => &[Some(Format::Bf16)],
            None => &[None],
        };
        self.first(laws, formats)
    }

    /// The law of the first of `formats` that there is one of, of its own library if that has one.
    fn first<L: Copy + Ideal, F: Copy + PartialEq>(
        &self,
        laws: &[Fitted<L, F>],
        formats: &[Option<F>],
    ) -> Option<L> {
        if self.class == KernelClass::Ideal {
            return Some(L::IDEAL);
        }
        let measured = self.class.measured();
        let libraries = [self.library, Library::Trtllm, Library::Vllm, Library::Nccl];
        let tried = formats.iter().flat_map(|&format| libraries.map(|library| (format, library)));
        let mut found = tried.filter_map(|(format, library)| {
            let is = |law: &&Fitted<L, F>| {
                law.class == measured && law.library == library && law.format == format
            };
            laws.iter().find(is)
        });
        found.next().map(|fitted| fitted.law)
    }
}

/// Where the tables of kernels come from.
pub fn kernel_sources() -> &'static [Source] {
    &FILE.sources
}
