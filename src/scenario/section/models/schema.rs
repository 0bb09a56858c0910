//! What is on offer: models, and where they are deployed.

use crate::catalog::{FourBit, Fp8Scales};
use crate::economics::TokenPrice;
use crate::scenario::schema::{
    Batching, Engine, KvAdmission, NameOr, Performance, Preemption, usual,
};
use crate::units::Precision;
use crate::units::{BytesPerSecond, UsdPerMillionTokens};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A model on offer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{name: aurora-70b, tenant: Aurora, deployments: […]}`"
)]
pub(in crate::scenario) struct Model {
    /// Unique name.
    pub name: String,
    /// A tenant's name.
    pub tenant: String,
    /// A name of `coopsim catalog architectures`, or a definition; needed to serve tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<NameOr<Architecture>>,
    /// What customers pay; needed where the cloud gets a part of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// Where it runs.
    #[serde(default)]
    pub deployments: Vec<Deployment>,
}

/// A price of tokens.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{input: 0.72 USD/Mtok, output: 0.72 USD/Mtok}`"
)]
pub(in crate::scenario) struct Price {
    /// Of prompt tokens.
    pub input: UsdPerMillionTokens,
    /// Of prompt tokens found in a prefix cache; as `input` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cached_input: Option<UsdPerMillionTokens>,
    /// Of output tokens.
    pub output: UsdPerMillionTokens,
}

impl From<&Price> for TokenPrice {
    fn from(price: &Price) -> Self {
        let cached_input = price.cached_input.unwrap_or(price.input);
        Self { input: price.input, cached_input, output: price.output }
    }
}

/// A transformer defined in place: with `base`, an entry of the catalogue with other figures; without, all are
/// required. Totals of the base that are not given follow the shape: its parameters, those of its experts and what its
/// attention keeps and computes grow with layers, widths and heads, and as large a part of the layers has experts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a name of the catalogue, or a map with `base` or `name`"
)]
pub(in crate::scenario) struct Architecture {
    /// A name of the catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Its name; that of the base unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Number of parameters, such as `70.55e9`; of a base with another shape as many as that makes, unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<f64>,
    /// Transformer layers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layers: Option<u32>,
    /// Hidden width.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<u32>,
    /// Query heads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heads: Option<u32>,
    /// Key and value heads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kv_heads: Option<u32>,
    /// Width of a head.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_dim: Option<u32>,
    /// Tokens in the vocabulary: embedding and output head stay in 16 bits, and the head works only
    /// on tokens that are sampled from. Without it they count as any other parameters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vocabulary: Option<u32>,
    /// Whether the embedding serves as the output head, too; false unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tied_embeddings: Option<bool>,
    /// The routed experts of a mixture; without them, and without a base that has them, it is dense.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub experts: Option<Experts>,
    /// Attention that keeps or computes less than the heads say (MLA, sliding windows).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attention: Option<Attention>,
    /// What a scale of 8-bit weights stands for; `tensor` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fp8_scales: Option<Fp8Scales>,
    /// What 4-bit weights are where products are in 16 bits; `mxfp4` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub four_bit: Option<FourBit>,
    /// Whether attention and feed-forward part of a layer work on the same input, so that their sums over tensor
    /// ranks are one; false unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parallel_attention: Option<bool>,
}

/// The routed experts of a mixture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{count: 8, active: 2, layers: 32, parameters: 45.1e9}`"
)]
pub(in crate::scenario) struct Experts {
    /// Experts in a layer.
    pub count: u32,
    /// How many of them a token passes through.
    pub active: u32,
    /// Layers that have experts; all unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layers: Option<u32>,
    /// Parameters of all experts of all layers together.
    pub parameters: f64,
}

/// What attention keeps and computes, over all layers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{kv-elements: 35136}`"
)]
pub(in crate::scenario) struct Attention {
    /// Numbers kept in the KV cache per token.
    pub kv_elements: f64,
    /// FLOPs of a prompt's token for each token of its context; what the heads say unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefill_flops: Option<f64>,
    /// Whether it is latent attention (MLA), whose kernels work on what is kept compressed: with the ranks of
    /// DeepSeek-V3, of which a layer keeps 576 numbers a token. Unless given that of the base, and not without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latent: Option<bool>,
}

/// A model on a cluster. Which of the fields apply depends on `performance`; the others are
/// refused rather than ignored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    rename_all = "kebab-case",
    deny_unknown_fields,
    expecting = "a map such as `{cluster: h100, tensor: 4, precision: fp8}`"
)]
pub(in crate::scenario) struct Deployment {
    /// A cluster's name.
    pub cluster: String,
    /// Roofline: what serves. A name of `coopsim catalog engines`, or a definition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = usual::ENGINE))]
    pub engine: Option<NameOr<Engine>>,
    /// Roofline: degree of tensor parallelism. A replica holds `tensor` × `pipeline` × `expert`
    /// accelerators of one node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = usual::DEGREE))]
    pub tensor: Option<u32>,
    /// Roofline: stages of layers that work on micro-batches in turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = usual::DEGREE))]
    pub pipeline: Option<u32>,
    /// Roofline: groups over which routed experts are spread, each with sequences of its own
    /// (attention is data-parallel).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = usual::DEGREE))]
    pub expert: Option<u32>,
    /// Roofline: precision of weights, and of matrix products unless `compute-precision` is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = usual::PRECISION))]
    pub precision: Option<Precision>,
    /// Roofline: precision of weights that work on every token. Unless given that of `precision`, but `bf16` for
    /// a mixture in `fp4`: published checkpoints keep attention in 16 bits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_precision: Option<Precision>,
    /// Roofline: precision of matrix products, where it is above that of the weights; `shared-precision` may be
    /// higher still, for those weights.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compute_precision: Option<Precision>,
    /// Roofline: precision of the KV cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = usual::PRECISION))]
    pub kv_precision: Option<Precision>,
    /// Roofline: hypotheses decoded for each sequence (beam search).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = usual::BEAMS))]
    pub beams: Option<u32>,
    /// All but service time: sequences in an iteration, at most. Unless given what the engine has, and without an
    /// engine 256 or what a profile has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_batch: Option<u32>,
    /// All but service time: tokens in an iteration, at most; longer prompts go in chunks. Unless given what the
    /// engine has, and without an engine 2048 or what a profile has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_budget: Option<u32>,
    /// All but service time: how the members of an iteration are chosen. Unless given as the engine does, and
    /// `continuous` without an engine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batching: Option<Batching>,
    /// All but service time: when a request is let into the KV cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = usual::KV_ADMISSION))]
    pub kv_admission: Option<KvAdmission>,
    /// Optimistic: what becomes of the KV cache of what is preempted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = usual::PREEMPTION))]
    pub preemption: Option<Preemption>,
    /// Swap: how fast an accelerator moves KV to and from the host's memory. The default is an
    /// assumption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = usual::HOST_BANDWIDTH))]
    pub host_bandwidth: Option<BytesPerSecond>,
    /// All but service time: whether the KV of a conversation's turn is kept for the next one, in
    /// memory that no request holds, and that of texts with which many prompts begin. When requests
    /// need the memory, the last tokens of the least recently used go first. Without it nothing is
    /// found, whatever the calls say of themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = usual::PREFIX_CACHE))]
    pub prefix_cache: Option<bool>,
    /// All but roofline: accelerators that a replica holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = usual::ACCELERATORS))]
    pub accelerators: Option<u32>,
    /// How long a call takes.
    #[serde(default)]
    pub performance: Performance,
    /// How many replicas, under `capacity: fixed` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replicas: Option<u32>,
}

impl Deployment {
    /// It, and the one that decodes what it prefills, if there is one.
    pub(crate) fn pools(&self) -> impl Iterator<Item = &Self> {
        let decode = match &self.batching {
            Some(Batching::Disaggregated(split)) => Some(&*split.decode),
            _ => None,
        };
        std::iter::once(self).chain(decode)
    }
}
