//! The kernels of a model's layers on one accelerator of a replica.

use super::experts::{ExpertShape, experts};
use super::latent;
use super::plan::Plan;
use super::{
    Chip, DecodeShape, Line, Operands, PrefillCosts, all_reduce, all_to_all, decode_attention,
    product,
};
use crate::catalog::{
    CollectiveLaw, DecodeLaw, ExpertLaw, LatentDecodeLaw, OwnAllReduceLaw, ProductLaw,
};
use crate::serving::spec::RooflineSpec;

/// Bytes of a number that accelerators exchange.
const EXCHANGED: f64 = 2.0;

/// A product that every token passes through, in each of some layers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Matrix {
    pub layers: f64,
    /// Numbers of a token that come out.
    pub n: f64,
    /// Numbers of a token that go in.
    pub k: f64,
    pub law: ProductLaw,
    pub with: Operands,
}

impl Matrix {
    /// Microseconds for so many tokens, in all its layers.
    fn micros(&self, chip: &Chip, tokens: f64) -> f64 {
        self.layers * product(&self.law, chip, &self.with, tokens, self.n, self.k)
    }
}

/// All kernels of a model, for one accelerator.
#[derive(Clone, Debug, PartialEq)]
pub struct Layers {
    chip: Chip,
    matrices: Vec<Matrix>,
    /// The output head, if its size is known.
    head: Option<Matrix>,
    layers: f64,
    hidden: f64,
    small: Small,
    sums: Option<Sums>,
    experts: Option<Routed>,
    decode: Decode,
    /// Attention of prompts, in one layer.
    pub prefill: PrefillCosts,
}

/// What goes through the numbers of a token once: norms, rotations, activations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Small {
    /// Microseconds in a layer, however many tokens there are.
    pub fixed: f64,
    /// Megabytes of a token in a layer.
    pub token: f64,
    /// Share of the memory's bandwidth that they reach: that of products that read.
    pub memory: f64,
}

/// Sums over tensor ranks.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sums {
    /// How many there are in a layer.
    pub each_layer: f64,
    pub ranks: f64,
    pub own: OwnAllReduceLaw,
    pub library: CollectiveLaw,
    /// Microseconds of each beyond the kernel.
    pub more: f64,
}

/// Layers of routed experts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Routed {
    pub law: ExpertLaw,
    pub shape: ExpertShape,
    pub layers: f64,
    /// Groups with attention of their own, that share the experts.
    pub groups: f64,
    /// Ranks that tokens are exchanged among.
    pub ranks: f64,
    /// Copies of a token that leave for groups with experts that it passes through.
    pub reached: f64,
    pub exchange: CollectiveLaw,
}

/// Attention of decoding sequences.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Decode {
    Ordinary { law: DecodeLaw, kv_heads: f64, kv_bytes: f64, beams: f64, reads: f64 },
    Latent { law: LatentDecodeLaw, heads: f64, kv: f64, beams: f64, reads: f64 },
}

impl Layers {
    /// Those of a deployment.
    pub fn new(spec: &RooflineSpec) -> Self {
        let plan = Plan::new(spec);
        Self {
            chip: plan.chip(),
            matrices: plan.matrices(),
            head: plan.head(),
            layers: f64::from(spec.architecture.layers),
            hidden: f64::from(spec.architecture.hidden),
            small: plan.small(),
            sums: plan.sums(),
            experts: plan.experts(),
            decode: plan.decode(),
            prefill: plan.prefill(),
        }
    }

    /// Microseconds of all that depends only on how many tokens a group has in a micro-batch, of which `all` are in
    /// that of all groups together.
    pub fn tokens(&self, n: f64, all: f64) -> f64 {
        let products: f64 = self.matrices.iter().map(|each| each.micros(&self.chip, n)).sum();
        let Small { fixed, token, memory } = self.small;
        let small = self.layers * (fixed + n * token / (self.chip.memory * memory));
        let sent = n * self.hidden * EXCHANGED / 1e6;
        let sums = self.sums.as_ref().map_or(0.0, |sums| {
            let kernel = all_reduce(&sums.own, &sums.library, &self.chip, sums.ranks, sent);
            sums.each_layer * self.layers * (kernel + sums.more)
        });
        let routed = self.experts.as_ref().map_or(0.0, |routed| {
            let work = experts(&routed.law, &self.chip, &routed.shape, all);
            routed.layers * (work + 2.0 * self.exchange(routed, sent))
        });
        products + small + sums + routed
    }

    /// Microseconds in which the tokens of a layer, `sent` megabytes of each group, get to their experts.
    fn exchange(&self, routed: &Routed, sent: f64) -> f64 {
        if routed.groups > 1.0 {
            all_to_all(&routed.exchange, &self.chip, routed.ranks, sent * routed.reached)
        } else {
            0.0
        }
    }

    /// Microseconds of the output head for `sequences`.
    pub fn head(&self, sequences: f64) -> f64 {
        self.head.as_ref().map_or(0.0, |head| head.micros(&self.chip, sequences))
    }

    /// Microseconds of attention of `sequences` that decode, as lines in their context.
    pub fn decode(&self, sequences: f64) -> [Line; 3] {
        let mut lines = match &self.decode {
            Decode::Ordinary { law, kv_heads, kv_bytes, beams, reads } => {
                let shape = DecodeShape {
                    sequences: sequences * beams,
                    kv_heads: *kv_heads,
                    kv_bytes: kv_bytes * reads,
                };
                decode_attention(law, &self.chip, &shape)
            }
            Decode::Latent { law, heads, kv, beams, reads } => {
                latent::decode(law, &self.chip, sequences * beams, *heads, kv * reads)
            }
        };
        for line in &mut lines {
            line.at_zero *= self.layers;
            line.slope *= self.layers;
        }
        lines
    }
}
