//! Architectures as the catalogue states them, and what their figures add up to.

use super::architecture::{Architecture, Attention, Experts, FourBit, Fp8Scales};
use super::figure::{Figure, Source};
use serde::{Deserialize, Serialize};

/// All of `architectures.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ArchitecturesFile {
    pub sources: Vec<Source>,
    pub architectures: Vec<ArchitectureItem>,
}

/// One architecture; figures that [`Architecture`] lacks serve to count the parameters.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ArchitectureItem {
    pub name: String,
    pub parameters: Figure<u64>,
    pub layers: Figure<u32>,
    pub hidden: Figure<u32>,
    pub heads: Figure<u32>,
    pub kv_heads: Figure<u32>,
    pub head_dim: Figure<u32>,
    /// Width of the feed-forward part of layers without experts; 0 where all have them.
    pub feed_forward: Figure<u32>,
    /// Matrices of a feed-forward part: 3 unless given, for gate, up and down.
    pub feed_forward_matrices: Option<Figure<u32>>,
    pub vocabulary: Figure<u32>,
    pub tied_embeddings: Figure<bool>,
    /// Parameters of a layer's attention matrices where the heads do not give them.
    pub attention_parameters: Option<Figure<u64>>,
    /// Further parameters of a layer.
    pub attention_extra: Figure<u32>,
    /// Parameters outside the layers beside embeddings and a final norm of the hidden width.
    pub other_parameters: Option<Figure<u32>>,
    pub experts: Option<ExpertFigures>,
    pub attention: Option<AttentionFigures>,
    /// Of a published checkpoint in 8 bits; `tensor` unless given.
    pub fp8_scales: Option<Figure<Fp8Scales>>,
    /// Of a published checkpoint in 4 bits whose products are in 16; `mxfp4` unless given.
    pub four_bit: Option<Figure<FourBit>>,
    /// Whether attention and feed-forward part of a layer work on the same input.
    pub parallel_attention: Option<Figure<bool>>,
}

/// [`Experts`] with origins.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ExpertFigures {
    pub count: Figure<u32>,
    pub active: Figure<u32>,
    pub layers: Figure<u32>,
    pub feed_forward: Figure<u32>,
    /// Further parameters of an expert.
    pub extra: Option<Figure<u32>>,
    /// Width of the experts that every token passes through, together.
    pub shared_feed_forward: Option<Figure<u32>>,
}

/// [`Attention`] with origins: all figures of one layer and one token, or token and context.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct AttentionFigures {
    /// Layers whose cache and work grow with the context.
    pub layers: Figure<u32>,
    pub kv_elements: Figure<u32>,
    pub prefill_flops: Figure<u32>,
    /// Whether keys and values are kept compressed into a latent; not unless given.
    pub latent: Option<Figure<bool>>,
}

impl ArchitectureItem {
    /// The count that the head of `architectures.yaml` gives.
    #[cfg(test)]
    pub(super) fn counted(&self) -> u64 {
        let [layers, hidden, heads, kv_heads, width] =
            [&self.layers, &self.hidden, &self.heads, &self.kv_heads, &self.head_dim]
                .map(|figure| u64::from(figure.value));
        let tables = if self.tied_embeddings.value { 1 } else { 2 };
        let embeddings = u64::from(self.vocabulary.value) * hidden * tables;
        let projections = 2 * hidden * width * (heads + kv_heads);
        let attention = self.attention_parameters.as_ref().map_or(projections, |it| it.value)
            + u64::from(self.attention_extra.value);
        let matrices = self.feed_forward_matrices.as_ref().map_or(3, |it| u64::from(it.value));
        let feed_forward = matrices * hidden * u64::from(self.feed_forward.value);
        let (expert_layers, beside) = self.experts.as_ref().map_or((0, 0), |experts| {
            let shared = experts.shared_feed_forward.as_ref().map_or(0, |it| u64::from(it.value));
            let router = hidden * u64::from(experts.count.value);
            (u64::from(experts.layers.value), router + 3 * hidden * shared)
        });
        let other = self.other_parameters.as_ref().map_or(0, |it| u64::from(it.value));
        embeddings
            + layers * (attention + 2 * hidden)
            + (layers - expert_layers) * feed_forward
            + expert_layers * beside
            + self.routed()
            + hidden
            + other
    }

    /// Parameters of all routed experts.
    fn routed(&self) -> u64 {
        let Some(experts) = &self.experts else { return 0 };
        let width = u64::from(experts.feed_forward.value);
        let extra = experts.extra.as_ref().map_or(0, |it| u64::from(it.value));
        let each = 3 * u64::from(self.hidden.value) * width + extra;
        u64::from(experts.layers.value) * u64::from(experts.count.value) * each
    }
}

impl From<&ArchitectureItem> for Architecture {
    fn from(item: &ArchitectureItem) -> Self {
        Self {
            name: item.name.clone(),
            parameters: item.parameters.value as f64,
            layers: item.layers.value,
            hidden: item.hidden.value,
            heads: item.heads.value,
            kv_heads: item.kv_heads.value,
            head_dim: item.head_dim.value,
            vocabulary: item.vocabulary.value,
            tied_embeddings: item.tied_embeddings.value,
            experts: item.experts.as_ref().map(|experts| Experts {
                count: experts.count.value,
                active: experts.active.value,
                layers: experts.layers.value,
                parameters: item.routed() as f64,
            }),
            attention: item.attention.as_ref().map(Attention::from),
            fp8_scales: item.fp8_scales.as_ref().map_or(Fp8Scales::Tensor, |scales| scales.value),
            four_bit: item.four_bit.as_ref().map_or(FourBit::Mxfp4, |format| format.value),
            parallel_attention: item.parallel_attention.as_ref().is_some_and(|it| it.value),
        }
    }
}

impl From<&AttentionFigures> for Attention {
    fn from(figures: &AttentionFigures) -> Self {
        let layers = f64::from(figures.layers.value);
        Self {
            kv_elements: layers * f64::from(figures.kv_elements.value),
            prefill_flops: layers * f64::from(figures.prefill_flops.value),
            latent: figures.latent.as_ref().is_some_and(|it| it.value),
        }
    }
}
