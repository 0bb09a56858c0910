//! What a model is made of.

use super::embedded::ARCHITECTURES;
use serde::{Deserialize, Serialize};

/// A transformer's shape.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Architecture {
    /// Name in the catalogue or the scenario.
    pub name: String,
    /// Number of parameters, all experts included.
    pub parameters: f64,
    /// Transformer layers.
    pub layers: u32,
    /// Hidden width.
    pub hidden: u32,
    /// Query heads.
    pub heads: u32,
    /// Key and value heads.
    pub kv_heads: u32,
    /// Width of a head.
    pub head_dim: u32,
    /// Tokens in the vocabulary, by which the embedding and the output head are told from the other
    /// parameters. 0 where it is not known: they count as any other.
    pub vocabulary: u32,
    /// Whether the embedding serves as the output head, too.
    pub tied_embeddings: bool,
    /// Experts that a router chooses among; `None` for a dense model.
    pub experts: Option<Experts>,
    /// Attention that differs from what the heads say; `None` for the ordinary kind.
    pub attention: Option<Attention>,
    /// What a scale of its 8-bit weights stands for.
    pub fp8_scales: Fp8Scales,
    /// What its 4-bit weights are where products are in 16 bits.
    pub four_bit: FourBit,
    /// Whether attention and feed-forward part of a layer work on the same input: their sums over ranks are one.
    pub parallel_attention: bool,
}

/// What a scale of 8-bit weights stands for.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Fp8Scales {
    /// A tensor, or a row of it.
    #[default]
    Tensor,
    /// A block of it, of 128 × 128 as a rule.
    Block,
}

/// What 4-bit weights are that become numbers of 16 bits before they are multiplied: libraries have kernels of their
/// own for each.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum FourBit {
    /// Floating-point numbers with a scale for each 32.
    #[default]
    Mxfp4,
    /// Integers with a scale for each 32.
    Int4,
}

/// The routed experts of a mixture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Experts {
    /// Experts in a layer that has them.
    pub count: u32,
    /// How many of them a token passes through.
    pub active: u32,
    /// Layers that have them.
    pub layers: u32,
    /// Parameters of all experts of all layers; experts that every token passes through are not among
    /// them.
    pub parameters: f64,
}

/// What latent (MLA) and sliding-window attention keep and compute.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Attention {
    /// Numbers kept in the KV cache per token, over all layers.
    pub kv_elements: f64,
    /// FLOPs of a prompt's token for each token in its context, over all layers.
    pub prefill_flops: f64,
    /// Whether it is latent: keys and values are kept compressed, and a decoding sequence works on what is compressed.
    pub latent: bool,
}

/// Ranks of the latent attention of DeepSeek-V2 and V3 (arXiv:2412.19437, section 4.2) and those who followed: of
/// queries.
pub const LATENT_QUERIES: f64 = 1536.0;
/// Of keys and values.
pub const LATENT: f64 = 512.0;
/// Of their rotary part.
pub const ROTARY: f64 = 64.0;
/// Width of a head.
pub const LATENT_HEAD: f64 = 128.0;

impl Architecture {
    /// Parameters of the output head, `V·h`: they work only on tokens that are sampled from.
    pub fn head_parameters(&self) -> f64 {
        f64::from(self.vocabulary) * f64::from(self.hidden)
    }

    /// Parameters of embedding and output head: one table where they are tied.
    pub fn embedding_parameters(&self) -> f64 {
        self.head_parameters() * if self.tied_embeddings { 1.0 } else { 2.0 }
    }

    /// Parameters of the routed experts.
    pub fn expert_parameters(&self) -> f64 {
        self.experts.map_or(0.0, |experts| experts.parameters)
    }

    /// Parameters that work on every token: all but embedding, output head and routed experts.
    pub fn shared_parameters(&self) -> f64 {
        self.parameters - self.embedding_parameters() - self.expert_parameters()
    }

    /// Parameters that a token passes through, `P_a`, embeddings included as is the custom.
    pub fn active_parameters(&self) -> f64 {
        let idle = self.experts.map_or(0.0, |experts| experts.parameters * experts.idle_share());
        self.parameters - idle
    }

    /// What attention keeps and computes: for ordinary heads `2·L·kv_heads·head_dim` numbers a token
    /// and `4·L·H·head_dim` FLOPs for each (token, context) pair.
    pub fn attention(&self) -> Attention {
        let [layers, heads, kv_heads, width] =
            [self.layers, self.heads, self.kv_heads, self.head_dim].map(f64::from);
        self.attention.unwrap_or(Attention {
            kv_elements: 2.0 * layers * kv_heads * width,
            prefill_flops: 4.0 * layers * heads * width,
            latent: false,
        })
    }

    /// Parameters of the matrices of a layer's attention.
    pub fn attention_parameters(&self) -> f64 {
        let [hidden, heads, kv_heads, width] =
            [self.hidden, self.heads, self.kv_heads, self.head_dim].map(f64::from);
        if self.is_latent() {
            hidden * (LATENT_QUERIES + LATENT + ROTARY)
                + heads * LATENT_HEAD * (1.5 * LATENT_QUERIES + 2.0 * LATENT + hidden)
        } else {
            hidden * width * (2.0 * heads + 2.0 * kv_heads)
        }
    }

    /// Whether attention is latent: a decoding sequence works on what is compressed.
    pub fn is_latent(&self) -> bool {
        self.attention.is_some_and(|attention| attention.latent)
    }

    /// Numbers of a token in the KV cache, over all layers, were those with a window kept whole.
    pub fn whole_cache(&self) -> f64 {
        let seen = self.attention().kv_elements;
        let ordinary = Architecture { attention: None, ..self.clone() }.attention().kv_elements;
        if self.is_latent() { seen } else { seen.max(ordinary) }
    }
}

impl Experts {
    /// Share of the experts that a token does not pass through, `1 − k/E`.
    pub fn idle_share(&self) -> f64 {
        1.0 - f64::from(self.active) / f64::from(self.count)
    }
}

/// The catalogue's architecture of exactly this name.
pub fn architecture(name: &str) -> Option<Architecture> {
    ARCHITECTURES.architectures.iter().find(|item| item.name == name).map(Architecture::from)
}

/// Names of the catalogue's architectures, in its order.
pub fn architecture_names() -> Vec<String> {
    ARCHITECTURES.architectures.iter().map(|item| item.name.clone()).collect()
}
