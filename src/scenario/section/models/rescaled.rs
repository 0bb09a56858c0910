//! What becomes of a base's totals where a definition in place changes the shape that they are totals of.
//!
//! Inner widths of feed-forward parts and the proportions of layers with experts, or with a window, are kept.

use crate::catalog::{Architecture, Attention, Experts};

/// How much larger one shape is than another.
struct Growth {
    layers: f64,
    hidden: f64,
}

impl Growth {
    fn new(base: &Architecture, shape: &Architecture) -> Self {
        let ratio = |new: u32, old: u32| f64::from(new) / f64::from(old);
        Self { layers: ratio(shape.layers, base.layers), hidden: ratio(shape.hidden, base.hidden) }
    }
}

/// The experts of `base` in as many layers, as wide, as `shape` has.
pub(super) fn experts(base: &Architecture, shape: &Architecture) -> Option<Experts> {
    let experts = base.experts?;
    let growth = Growth::new(base, shape);
    let layers = (f64::from(experts.layers) * growth.layers).round();
    let layers = (layers as u32).clamp(1, shape.layers);
    let deeper = f64::from(layers) / f64::from(experts.layers);
    Some(Experts { layers, parameters: experts.parameters * deeper * growth.hidden, ..experts })
}

/// What attention of the base's kind keeps and computes with the heads and layers of `shape`: what is kept in a latent
/// does not depend on heads.
pub(super) fn attention(base: &Architecture, shape: &Architecture) -> Option<Attention> {
    let attention = base.attention?;
    let layers = Growth::new(base, shape).layers;
    let width = f64::from(shape.head_dim) / f64::from(base.head_dim);
    let queries = f64::from(shape.heads) / f64::from(base.heads) * width;
    let keys = f64::from(shape.kv_heads) / f64::from(base.kv_heads) * width;
    Some(Attention {
        kv_elements: attention.kv_elements * layers * if attention.latent { 1.0 } else { keys },
        prefill_flops: attention.prefill_flops * layers * queries,
        latent: attention.latent,
    })
}

/// All parameters: those of embeddings, attention and experts are counted, and the rest grows with the layers and
/// with the hidden width.
pub(super) fn parameters(base: &Architecture, shape: &Architecture) -> f64 {
    let attention = |of: &Architecture| f64::from(of.layers) * of.attention_parameters();
    let counted =
        |of: &Architecture| of.embedding_parameters() + of.expert_parameters() + attention(of);
    if counted(shape) == counted(base) && shape.layers == base.layers {
        return base.parameters;
    }
    let growth = Growth::new(base, shape);
    let rest = (base.parameters - counted(base)) * growth.layers * growth.hidden;
    (counted(shape) + rest).round()
}
