//! Which kernels, of which shapes and by which laws, a deployment runs.

use super::experts::ExpertShape;
use super::layer::{Decode, Matrix, Routed, Small, Sums};
use super::{Chip, Operands, PrefillCosts, PrefillShape, latent_prefill_costs, prefill_costs};
use crate::catalog::{
    Architecture, ExpertFormat, Format, FourBit, Fp8Scales, HeadGroups, Kernels, LATENT,
    LATENT_HEAD, LATENT_QUERIES, ROTARY,
};
use crate::engine::SimDuration;
use crate::serving::spec::RooflineSpec;
use crate::units::Precision;

/// Bytes that norms and rotations move for each number of a token in a layer: six reads and writes in 16 bits.
const NORMED: f64 = 12.0;
/// The same of the activation between the products of a feed-forward part: two numbers in, one out.
const ACTIVATED: f64 = 6.0;

/// A deployment, as its kernels are read from it.
pub(super) struct Plan<'a> {
    spec: &'a RooflineSpec,
    shape: &'a Architecture,
    kernels: Kernels,
    tensor: f64,
    groups: f64,
}

/// FLOP/s or bytes a second, in millions a microsecond.
fn micros(rate: f64) -> f64 {
    rate / 1e12
}

fn microseconds(duration: SimDuration) -> f64 {
    duration.as_nanos() as f64 / 1e3
}

impl<'a> Plan<'a> {
    pub(super) fn new(spec: &'a RooflineSpec) -> Self {
        Self {
            spec,
            shape: &spec.architecture,
            kernels: Kernels { class: spec.accelerator.kernels, library: spec.engine.library },
            tensor: f64::from(spec.tensor),
            groups: f64::from(spec.expert),
        }
    }

    /// The chip's rates.
    pub(super) fn chip(&self) -> Chip {
        let chip = &self.spec.accelerator;
        Chip {
            memory: micros(chip.hbm_bandwidth.0) * chip.efficiency.memory,
            link: micros(self.spec.link_bandwidth()),
            peak16: micros(self.peak(Format::Bf16)) * chip.efficiency.attention,
            cache: self.kernels.second_level_cache(),
        }
    }

    /// FLOP/s of products in a format; where the maker published none, those of 16 bits.
    fn peak(&self, format: Format) -> f64 {
        let peak = &self.spec.accelerator.peak;
        let narrow = match format {
            Format::Bf16 => None,
            Format::Fp8 | Format::Fp8Block => peak.fp8,
            Format::Nvfp4 => peak.fp4,
        };
        let any = || self.spec.peak_flops().unwrap_or(1e12);
        narrow.or(peak.bf16).map_or_else(any, |flops| flops.0)
    }

    /// What a product of tokens in `format` with weights of `precision` reads and computes at.
    fn operands(&self, format: Format, precision: Precision) -> Operands {
        Operands {
            weights: precision.bytes(),
            activations: match format {
                Format::Bf16 => Precision::Bf16.bytes(),
                Format::Fp8 | Format::Fp8Block => Precision::Fp8.bytes(),
                Format::Nvfp4 => Precision::Fp4.bytes(),
            },
            peak: micros(self.peak(format)) * self.spec.accelerator.efficiency.products,
        }
    }

    fn matrix(&self, layers: f64, [n, k]: [f64; 2], format: Format, weights: Precision) -> Matrix {
        let (law, with) = (self.kernels.product(format), self.operands(format, weights));
        Matrix { layers, n, k, law, with }
    }

    /// Products that every token passes through.
    pub(super) fn matrices(&self) -> Vec<Matrix> {
        let weights = self.spec.shared_precision();
        let shared = format(weights, self.spec.shared_compute(), self.shape.fp8_scales);
        let layers = f64::from(self.shape.layers);
        let hidden = f64::from(self.shape.hidden);
        let mut sizes = self.attention();
        let inner = self.feed_forward() / self.tensor;
        if inner > 0.0 {
            sizes.extend([[2.0 * inner, hidden], [hidden, inner]]);
        }
        let shared = sizes.into_iter().map(|size| self.matrix(layers, size, shared, weights));
        let router = self.shape.experts.map(|experts| {
            let size = [f64::from(experts.count), hidden];
            self.matrix(f64::from(experts.layers), size, Format::Bf16, Precision::Bf16)
        });
        shared.chain(router).collect()
    }

    /// Outputs and inputs of the products of attention, in a layer.
    fn attention(&self) -> Vec<[f64; 2]> {
        let hidden = f64::from(self.shape.hidden);
        let heads = f64::from(self.shape.heads) / self.tensor;
        if self.shape.is_latent() {
            return vec![
                [LATENT_QUERIES + LATENT + ROTARY, hidden],
                [heads * (LATENT_HEAD + ROTARY), LATENT_QUERIES],
                [LATENT, heads * LATENT_HEAD],
                [heads * LATENT_HEAD, LATENT],
                [hidden, heads * LATENT_HEAD],
            ];
        }
        let width = f64::from(self.shape.head_dim);
        vec![[(heads + 2.0 * self.kv_heads()) * width, hidden], [hidden, heads * width]]
    }

    /// Heads of keys and values that an accelerator has: one at least.
    fn kv_heads(&self) -> f64 {
        (f64::from(self.shape.kv_heads) / self.tensor).max(1.0)
    }

    /// Inner width of what every token passes through in a layer beside attention, from the parameters that are left of
    /// those that work on every token: without the routers', whose product is one of its own. What a mixture without a
    /// shared expert has then are norms and biases, fewer than its routers have, and nothing to multiply by.
    fn feed_forward(&self) -> f64 {
        let shape = self.shape;
        let [layers, hidden] = [shape.layers, shape.hidden].map(f64::from);
        let routers = shape
            .experts
            .map_or(0.0, |experts| hidden * f64::from(experts.count) * f64::from(experts.layers));
        let left = shape.shared_parameters() - layers * shape.attention_parameters() - routers;
        if left > routers { left / (3.0 * hidden * layers) } else { 0.0 }
    }

    /// The output head, if the architecture says how large it is.
    pub(super) fn head(&self) -> Option<Matrix> {
        let size = [f64::from(self.shape.vocabulary) / self.tensor, f64::from(self.shape.hidden)];
        let known = self.shape.vocabulary > 0;
        known.then(|| self.matrix(1.0, size, Format::Bf16, Precision::Bf16))
    }

    /// Small kernels of a layer.
    pub(super) fn small(&self) -> Small {
        let engine = &self.spec.engine;
        let inner = self.feed_forward() / self.tensor;
        Small {
            fixed: engine.small_kernels * microseconds(engine.small_kernel),
            token: (NORMED * f64::from(self.shape.hidden) + ACTIVATED * inner) / 1e6,
            memory: self.kernels.product(Format::Bf16).memory,
        }
    }

    /// Sums over tensor ranks, if there are several.
    pub(super) fn sums(&self) -> Option<Sums> {
        (self.spec.tensor > 1).then(|| Sums {
            each_layer: if self.shape.parallel_attention { 1.0 } else { 2.0 },
            ranks: self.tensor,
            own: self.kernels.own_all_reduce(),
            library: self.kernels.all_reduce(),
            more: microseconds(self.spec.engine.all_reduce),
        })
    }

    /// Layers of routed experts.
    pub(super) fn experts(&self) -> Option<Routed> {
        let routed = self.shape.experts?;
        let (groups, hidden) = (self.groups, f64::from(self.shape.hidden));
        let [count, active, layers] = [routed.count, routed.active, routed.layers].map(f64::from);
        let efficiency = &self.spec.accelerator.efficiency;
        let shape = ExpertShape {
            count: count / groups,
            share: active / count,
            hidden,
            width: routed.parameters / (3.0 * hidden * count * layers) / self.tensor,
            active,
            weight: self.spec.weights.bytes(),
            peak: micros(self.peak(self.expert_operands())) * efficiency.experts,
            spread: groups,
        };
        Some(Routed {
            law: self.kernels.experts(self.expert_format()),
            shape,
            layers,
            groups,
            ranks: groups * self.tensor,
            reached: groups * (1.0 - (1.0 - 1.0 / groups).powf(active)),
            exchange: self.kernels.all_to_all(),
        })
    }

    fn expert_operands(&self) -> Format {
        format(self.spec.weights, self.spec.compute, self.shape.fp8_scales)
    }

    fn expert_format(&self) -> ExpertFormat {
        match (self.spec.weights, self.expert_operands()) {
            (Precision::Fp4, Format::Bf16 | Format::Fp8 | Format::Fp8Block) => {
                match self.shape.four_bit {
                    FourBit::Mxfp4 => ExpertFormat::Mxfp4,
                    FourBit::Int4 => ExpertFormat::Int4,
                }
            }
            (_, Format::Bf16) => ExpertFormat::Bf16,
            (_, Format::Fp8) => ExpertFormat::Fp8,
            (_, Format::Fp8Block) => ExpertFormat::Fp8Block,
            (_, Format::Nvfp4) => ExpertFormat::Nvfp4,
        }
    }

    /// How keys and values are kept, as kernels tell.
    fn cache(&self) -> Format {
        match self.spec.kv {
            Precision::Bf16 => Format::Bf16,
            Precision::Fp8 | Precision::Fp4 => Format::Fp8,
        }
    }

    /// Attention of sequences that decode.
    pub(super) fn decode(&self) -> Decode {
        let beams = f64::from(self.spec.beams);
        let reads = self.spec.beam_reads();
        if self.shape.is_latent() {
            return Decode::Latent {
                law: self.kernels.latent_decode(self.cache()),
                heads: f64::from(self.shape.heads) / self.tensor,
                kv: self.spec.kv.bytes() * self.latent(),
                beams,
                reads,
            };
        }
        let group = match self.shape.heads / self.shape.kv_heads.max(1) {
            0 | 1 => HeadGroups::Single,
            2..32 => HeadGroups::Grouped,
            _ => HeadGroups::Wide,
        };
        let layers = f64::from(self.shape.layers);
        Decode::Ordinary {
            law: self.spec.engine.attention(self.kernels.decode(self.cache(), group)),
            kv_heads: self.kv_heads(),
            kv_bytes: self.spec.kv_bytes_per_token() / (self.tensor * layers),
            beams,
            reads,
        }
    }

    /// What a layer keeps of a token, over what the latent attention keeps whose kernels were measured.
    fn latent(&self) -> f64 {
        self.shape.attention().kv_elements / (f64::from(self.shape.layers) * (LATENT + ROTARY))
    }

    /// Attention of prompts, in one layer.
    pub(super) fn prefill(&self) -> PrefillCosts {
        let layers = f64::from(self.shape.layers);
        let shape = PrefillShape {
            heads: f64::from(self.shape.heads) / self.tensor,
            kv_heads: self.kv_heads(),
            width: f64::from(self.shape.head_dim),
            pair: self.shape.attention().prefill_flops / (self.tensor * layers),
            cache: self.spec.kv.bytes(),
        };
        if self.shape.is_latent() {
            latent_prefill_costs(&self.kernels.latent_prefill(self.cache()), &self.chip(), &shape)
        } else {
            prefill_costs(&self.kernels.prefill(self.cache()), &self.chip(), &shape)
        }
    }
}

/// What products of weights compute in.
fn format(weights: Precision, compute: Precision, scales: Fp8Scales) -> Format {
    match (weights, compute) {
        (_, Precision::Bf16) => Format::Bf16,
        (_, Precision::Fp8) if scales == Fp8Scales::Block => Format::Fp8Block,
        (_, Precision::Fp8) => Format::Fp8,
        (_, Precision::Fp4) => Format::Nvfp4,
    }
}
