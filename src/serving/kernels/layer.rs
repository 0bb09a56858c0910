//! The kernels of a model's layers on one accelerator of a replica.

use super::experts::{ExpertShape, experts};
use super::latent;
use super::{
    Chip, DecodeShape, Line, Operands, PrefillCosts, PrefillShape, all_reduce, all_to_all,
    decode_attention, latent_prefill_costs, prefill_costs, product,
};
use crate::catalog::{
    CollectiveLaw, DecodeLaw, ExpertLaw, Format, Fp8Scales, HeadGroups, Kernels, LatentDecodeLaw,
    OwnAllReduceLaw, ProductLaw,
};
use crate::serving::spec::RooflineSpec;
use crate::units::Precision;

/// Bytes of a number that accelerators exchange.
const EXCHANGED: f64 = 2.0;
/// Ranks of the latent attention of DeepSeek and those who followed: of queries; of keys and values with the rotary key.
const LATENT_QUERIES: f64 = 1536.0;
const LATENT: f64 = 512.0;
const ROTARY: f64 = 64.0;
const LATENT_HEAD: f64 = 128.0;

/// A product that every token passes through, in each of some layers.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Matrix {
    layers: f64,
    n: f64,
    k: f64,
    format: Format,
}

/// All kernels of a model, for one accelerator.
#[derive(Clone, Debug, PartialEq)]
pub struct Layers {
    chip: Chip,
    matrices: Vec<(Matrix, ProductLaw, Operands)>,
    head: (ProductLaw, Operands, f64, f64),
    layers: f64,
    hidden: f64,
    tensor: f64,
    /// Sums over ranks in a layer.
    sums: f64,
    small: f64,
    token_bytes: f64,
    reduce: Option<(OwnAllReduceLaw, CollectiveLaw, f64)>,
    experts: Option<Routed>,
    decode: Decode,
    /// Attention of prompts, in one layer.
    pub prefill: PrefillCosts,
}

#[derive(Clone, Debug, PartialEq)]
struct Routed {
    law: ExpertLaw,
    shape: ExpertShape,
    layers: f64,
    groups: f64,
    /// Copies of a token that leave for other groups.
    reached: f64,
    exchange: CollectiveLaw,
}

#[derive(Clone, Debug, PartialEq)]
enum Decode {
    Ordinary { law: DecodeLaw, kv_heads: f64, kv_bytes: f64, beams: f64 },
    Latent { law: LatentDecodeLaw, heads: f64, kv: f64, beams: f64 },
}

impl Layers {
    /// Those of a deployment.
    pub fn new(spec: &RooflineSpec) -> Self {
        let shape = &spec.architecture;
        let chip = &spec.accelerator;
        let kernels = Kernels { class: chip.kernels, library: spec.engine.library };
        let micros = |figure: f64| figure / 1e12;
        let peak16 =
            chip.peak.bf16.map_or_else(|| spec.peak_flops().unwrap_or(1e12), |flops| flops.0);
        let place = Chip {
            memory: micros(chip.hbm_bandwidth.0) * chip.efficiency.memory,
            link: chip
                .link_bandwidth
                .map_or(f64::INFINITY, |link| micros(link.0) * chip.efficiency.link),
            peak16: micros(peak16) * chip.efficiency.attention,
            cache: kernels.second_level_cache(),
        };
        let [tensor, groups] = [spec.tensor, spec.expert].map(f64::from);
        let [layers, hidden, heads, kv_heads, width] =
            [shape.layers, shape.hidden, shape.heads, shape.kv_heads, shape.head_dim]
                .map(f64::from);
        let shared = format(spec.shared_precision(), spec.shared_compute(), shape.fp8_scales);
        let operands = |format: Format, precision: Precision| Operands {
            weights: precision.bytes(),
            activations: match format {
                Format::Bf16 => 2.0,
                Format::Fp8 | Format::Fp8Block => 1.0,
                Format::Nvfp4 => 0.5625,
            },
            peak: micros(match format {
                Format::Bf16 => peak16,
                Format::Fp8 | Format::Fp8Block => chip.peak.fp8.map_or(peak16, |flops| flops.0),
                Format::Nvfp4 => chip.peak.fp4.map_or(peak16, |flops| flops.0),
            }) * chip.efficiency.products,
        };
        let latent = is_latent(spec);
        let mut products = Vec::new();
        let attention = if latent {
            let own = heads / tensor;
            products.extend([
                (layers, LATENT_QUERIES + LATENT + ROTARY, hidden),
                (layers, own * (LATENT_HEAD + ROTARY), LATENT_QUERIES),
                (layers, LATENT, own * LATENT_HEAD),
                (layers, own * LATENT_HEAD, LATENT),
                (layers, hidden, own * LATENT_HEAD),
            ]);
            hidden * (LATENT_QUERIES + LATENT + ROTARY)
                + heads * LATENT_HEAD * (1.5 * LATENT_QUERIES + 2.0 * LATENT + hidden)
        } else {
            let own_kv = (kv_heads / tensor).max(1.0);
            products.extend([
                (layers, (heads / tensor + 2.0 * own_kv) * width, hidden),
                (layers, hidden, heads * width / tensor),
            ]);
            hidden * width * (2.0 * heads + 2.0 * kv_heads)
        };
        let rest = (shape.shared_parameters() - layers * attention).max(0.0);
        let inner = rest / (3.0 * hidden * layers);
        let routed = shape.experts.map_or(0.0, |experts| f64::from(experts.count));
        if inner > routed {
            products
                .extend([(layers, 2.0 * inner / tensor, hidden), (layers, hidden, inner / tensor)]);
        }
        let matrix = |(layers, n, k)| {
            let matrix = Matrix { layers, n, k, format: shared };
            (matrix, kernels.product(shared), operands(shared, spec.shared_precision()))
        };
        let mut matrices: Vec<_> = products.into_iter().map(matrix).collect();
        if let Some(experts) = shape.experts {
            let router = Matrix {
                layers: f64::from(experts.layers),
                n: f64::from(experts.count),
                k: hidden,
                format: Format::Bf16,
            };
            matrices.push((
                router,
                kernels.product(Format::Bf16),
                operands(Format::Bf16, Precision::Bf16),
            ));
        }
        let bf16 = operands(Format::Bf16, Precision::Bf16);
        let cache = match spec.kv {
            Precision::Bf16 => Format::Bf16,
            Precision::Fp8 | Precision::Fp4 => Format::Fp8,
        };
        let kv_bytes = spec.kv_bytes_per_token() / (tensor * layers);
        let beams = f64::from(spec.beams);
        let group = match shape.heads / shape.kv_heads.max(1) {
            0 | 1 => HeadGroups::Single,
            2..32 => HeadGroups::Grouped,
            _ => HeadGroups::Wide,
        };
        let decode = if latent {
            Decode::Latent {
                law: kernels.latent_decode(cache),
                heads: heads / tensor,
                kv: spec.kv.bytes(),
                beams,
            }
        } else {
            let own_kv = (kv_heads / tensor).max(1.0);
            Decode::Ordinary {
                law: spec.engine.attention(kernels.decode(cache, group)),
                kv_heads: own_kv,
                kv_bytes,
                beams,
            }
        };
        let own_attention = shape.attention();
        let prefill_shape = PrefillShape {
            heads: heads / tensor,
            kv_heads: (kv_heads / tensor).max(1.0),
            width,
            pair: own_attention.prefill_flops / (tensor * layers),
            cache: spec.kv.bytes(),
        };
        let prefill = if latent {
            latent_prefill_costs(&kernels.latent_prefill(cache), &place, &prefill_shape)
        } else {
            prefill_costs(&kernels.prefill(cache), &place, &prefill_shape)
        };
        let experts = shape.experts.map(|routed| {
            let count = f64::from(routed.count);
            let width = routed.parameters / (3.0 * hidden * count * f64::from(routed.layers));
            let active = f64::from(routed.active);
            let law = kernels.experts(expert_format(spec));
            Routed {
                law,
                shape: ExpertShape {
                    count: count / groups,
                    share: active / count,
                    hidden,
                    width: width / tensor,
                    active,
                    weight: spec.weights.bytes(),
                    peak: operands(expert_operands(spec), spec.weights).peak
                        / chip.efficiency.products
                        * chip.efficiency.experts,
                    spread: groups,
                },
                layers: f64::from(routed.layers),
                groups,
                reached: groups * (1.0 - (1.0 - 1.0 / groups).powf(active)),
                exchange: kernels.all_to_all(),
            }
        });
        let micro = |duration: crate::engine::SimDuration| duration.as_nanos() as f64 / 1e3;
        Self {
            chip: place,
            matrices,
            head: (
                kernels.product(Format::Bf16),
                bf16,
                f64::from(shape.vocabulary) / tensor,
                hidden,
            ),
            layers,
            hidden,
            tensor,
            sums: if shape.parallel_attention { 1.0 } else { 2.0 },
            small: spec.engine.small_kernels * micro(spec.engine.small_kernel),
            token_bytes: 12.0 * hidden + 6.0 * inner / tensor,
            reduce: (spec.tensor > 1).then(|| {
                (kernels.own_all_reduce(), kernels.all_reduce(), micro(spec.engine.all_reduce))
            }),
            experts,
            decode,
            prefill,
        }
    }

    /// Microseconds of all that depends only on how many tokens a group has in a micro-batch, of which `all` are in
    /// that of all groups together.
    pub fn tokens(&self, n: f64, all: f64) -> f64 {
        let products: f64 = self
            .matrices
            .iter()
            .map(|(matrix, law, with)| {
                matrix.layers * product(law, &self.chip, with, n, matrix.n, matrix.k)
            })
            .sum();
        let small =
            self.layers * (self.small + n * self.token_bytes / 1e6 / (self.chip.memory * 0.8));
        let reduce = self.reduce.as_ref().map_or(0.0, |(own, library, more)| {
            let size = n * self.hidden * EXCHANGED / 1e6;
            let each = all_reduce(own, library, &self.chip, self.tensor, size) + more;
            self.sums * self.layers * each
        });
        let routed = self.experts.as_ref().map_or(0.0, |routed| {
            let mut each = experts(&routed.law, &self.chip, &routed.shape, all);
            if routed.groups > 1.0 {
                let size = n * routed.reached * self.hidden * EXCHANGED / 1e6;
                each += 2.0
                    * all_to_all(&routed.exchange, &self.chip, routed.groups * self.tensor, size);
            }
            routed.layers * each
        });
        products + small + reduce + routed
    }

    /// Microseconds of the output head for `sequences`.
    pub fn head(&self, sequences: f64) -> f64 {
        let (law, with, n, k) = &self.head;
        if *n == 0.0 {
            return 0.0;
        }
        product(law, &self.chip, with, sequences, *n, *k)
    }

    /// Microseconds of attention of `sequences` that decode, as lines in their context.
    pub fn decode(&self, sequences: f64) -> [Line; 3] {
        let mut lines = match &self.decode {
            Decode::Ordinary { law, kv_heads, kv_bytes, beams } => {
                let shape = DecodeShape {
                    sequences: sequences * beams,
                    kv_heads: *kv_heads,
                    kv_bytes: kv_bytes * beams,
                };
                decode_attention(law, &self.chip, &shape)
            }
            Decode::Latent { law, heads, kv, beams } => {
                latent::decode(law, &self.chip, sequences * beams, *heads, kv * beams)
            }
        };
        for line in &mut lines {
            line.at_zero *= self.layers;
            line.slope *= self.layers;
        }
        lines
    }
}

/// Whether attention is latent: a decoding sequence works on what is compressed.
fn is_latent(spec: &RooflineSpec) -> bool {
    let shape = &spec.architecture;
    shape.attention.is_some_and(|attention| attention.decode_flops > attention.prefill_flops)
}

fn format(weights: Precision, compute: Precision, scales: Fp8Scales) -> Format {
    match (weights, compute) {
        (_, Precision::Bf16) => Format::Bf16,
        (_, Precision::Fp8) if scales == Fp8Scales::Block => Format::Fp8Block,
        (_, Precision::Fp8) => Format::Fp8,
        (_, Precision::Fp4) => Format::Nvfp4,
    }
}

fn expert_operands(spec: &RooflineSpec) -> Format {
    format(spec.weights, spec.compute, spec.architecture.fp8_scales)
}

fn expert_format(spec: &RooflineSpec) -> crate::catalog::ExpertFormat {
    use crate::catalog::ExpertFormat;
    match (spec.weights, expert_operands(spec)) {
        (Precision::Fp4, Format::Bf16 | Format::Fp8 | Format::Fp8Block) => ExpertFormat::Mxfp4,
        (_, Format::Bf16) => ExpertFormat::Bf16,
        (_, Format::Fp8) => ExpertFormat::Fp8,
        (_, Format::Fp8Block) => ExpertFormat::Fp8Block,
        (_, Format::Nvfp4) => ExpertFormat::Nvfp4,
    }
}
