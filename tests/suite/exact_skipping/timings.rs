//! Random performance models of every kind.

use coopsim::catalog::{
    Accelerator, Architecture, Attention, Efficiency, Engine, Experts, FourBit, Fp8Scales,
    KernelClass, Library, PeakFlops,
};
use coopsim::engine::SimDuration;
use coopsim::serving::{AffineSpec, GivenReplica, Performance, RooflineSpec, TableSpec};
use coopsim::units::Precision;
use coopsim::units::{Bytes, BytesPerSecond, FlopsPerSecond, Picoseconds};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What a replica of a given performance model is; its KV capacity is drawn with other limits.
const REPLICA: GivenReplica =
    GivenReplica { accelerators: 1, kv_capacity: 1, kv_per_token: Bytes(1e5), weights: Bytes(1e9) };

/// Where iteration times come from.
pub fn performance() -> impl Strategy<Value = Performance> {
    prop_oneof![
        2 => roofline().prop_map(|spec| Performance::Roofline(Box::new(spec))),
        1 => affine().prop_map(Performance::Affine),
        2 => table().prop_map(Performance::Profile),
    ]
}

/// Dense and with experts, under every kind of parallelism.
fn roofline() -> impl Strategy<Value = RooflineSpec> {
    let degrees = (1..9_u32, 1..5_u32, 1..5_u32);
    let precision =
        || prop_oneof![Just(Precision::Bf16), Just(Precision::Fp8), Just(Precision::Fp4)];
    let precisions = (precision(), precision(), precision());
    let beams = prop_oneof![3 => Just(1), 1 => 2..5_u32];
    (accelerator(), architecture(), degrees, precisions, (beams, engine())).prop_map(
        |(accelerator, architecture, degrees, (weights, compute, kv), (beams, engine))| {
            let (tensor, pipeline, expert) = degrees;
            // Groups share experts: a dense model has none.
            let expert = architecture.experts.map_or(1, |_| expert);
            let architecture =
                Architecture { layers: architecture.layers.max(pipeline), ..architecture };
            RooflineSpec {
                accelerator,
                architecture,
                tensor,
                pipeline,
                expert,
                engine,
                weights,
                shared: weights,
                compute,
                kv,
                beams,
            }
        },
    )
}

fn architecture() -> impl Strategy<Value = Architecture> {
    let attention = (1..100_000_u32, 1..1_000_000_u32, any::<bool>()).prop_map(
        |(kv_elements, prefill_flops, latent)| Attention {
            kv_elements: f64::from(kv_elements),
            prefill_flops: f64::from(prefill_flops),
            latent,
        },
    );
    let experts = (2..65_u32, 1..9_u32, 0.1..0.9_f64);
    let vocabulary = prop_oneof![Just(0), 1000..100_000_u32];
    let shape = (1..100_u32, 1..9_u32, vocabulary, any::<bool>());
    (shape, prop::option::of(experts), prop::option::of(attention)).prop_map(
        |((layers, heads, vocabulary, tied_embeddings), experts, attention)| {
            let parameters = f64::from(layers) * 1e7;
            let hidden = 1024;
            Architecture {
                name: "model".into(),
                parameters: parameters + 2.0 * f64::from(vocabulary) * f64::from(hidden),
                layers,
                hidden,
                heads: heads * 8,
                kv_heads: heads,
                head_dim: 128,
                vocabulary,
                tied_embeddings,
                experts: experts.map(|(count, active, share)| Experts {
                    count,
                    active: active.min(count),
                    layers,
                    parameters: parameters * share,
                }),
                attention,
                fp8_scales: if tied_embeddings { Fp8Scales::Block } else { Fp8Scales::Tensor },
                four_bit: if tied_embeddings { FourBit::Int4 } else { FourBit::Mxfp4 },
                parallel_attention: tied_embeddings,
            }
        },
    )
}

/// With kernels of every class and library, hosts quick and slow.
fn engine() -> impl Strategy<Value = Engine> {
    let library = prop::sample::select(vec![Library::Trtllm, Library::Vllm, Library::Sglang]);
    let micros = (0..3_000_u64, 0..20_u64, 0..300_u64, 0..50_u64, 0..5_u64);
    (library, micros, any::<bool>()).prop_map(
        |(library, (iteration, sequence, layer, reduce, small), asynchronous)| {
            let micros = |micros: u64| SimDuration::from_nanos(micros * 1000);
            Engine {
                library,
                iteration: micros(iteration),
                per_sequence: micros(sequence),
                per_layer: micros(layer),
                all_reduce: micros(reduce),
                small_kernels: 5.0,
                small_kernel: micros(small),
                context_chain: micros(small),
                asynchronous,
                ..Engine::ideal()
            }
        },
    )
}

/// Memory from so fast that decoding is bound by compute to so slow that it never is.
fn accelerator() -> impl Strategy<Value = Accelerator> {
    use KernelClass::{Ada, Ampere, Blackwell, Cdna, Hopper, Ideal};
    let kernels = prop::sample::select(vec![Ampere, Ada, Hopper, Blackwell, Cdna, Ideal]);
    let efficiency =
        Efficiency { products: 0.8, attention: 0.5, experts: 0.7, memory: 0.9, link: 0.47 };
    (kernels, 11.0..13.5_f64, 12.0..15.5_f64).prop_map(move |(kernels, memory, peak)| {
        let peak = 10_f64.powf(peak);
        Accelerator {
            name: "chip".into(),
            peak: PeakFlops {
                bf16: Some(FlopsPerSecond(peak)),
                fp8: Some(FlopsPerSecond(2.0 * peak)),
                fp4: Some(FlopsPerSecond(4.0 * peak)),
            },
            hbm: Bytes(80e9),
            hbm_bandwidth: BytesPerSecond(10_f64.powf(memory)),
            link_bandwidth: Some(BytesPerSecond(450e9)),
            per_node: Some(8),
            idle_power: None,
            peak_power: None,
            kernels,
            efficiency,
        }
    })
}

/// In fractions of picoseconds; in whole microseconds; and with hardly any time at all, so that several
/// iterations end in the same nanosecond.
fn affine() -> impl Strategy<Value = AffineSpec> {
    let fine = (0.0..3e9_f64, [0.0..2e7_f64, 0.0..2e7, 0.0..1e3, 0.0..2e7, 0.0..1e5]);
    let hardly = (0.0..500.0_f64, [0.0..100.0_f64, 0.0..100.0, 0.0..1.0, 0.0..100.0, 0.0..2.0]);
    prop_oneof![3 => fine, 2 => whole(), 1 => hardly].prop_map(spec)
}

/// In few whole microseconds, so that different replicas' iterations end together.
pub fn in_step() -> impl Strategy<Value = Performance> {
    whole().prop_map(spec).prop_map(Performance::Affine)
}

fn whole() -> impl Strategy<Value = Coefficients> {
    (1..6_u32, [0..2_u32, 0..2, 0..1, 0..2, 0..2]).prop_map(|(overhead, each)| {
        (f64::from(overhead) * 1e6, each.map(|count| f64::from(count) * 1e6))
    })
}

/// Of an iteration, a sequence, a prompt token, one of its pairs, a decode and its context.
type Coefficients = (f64, [f64; 5]);

fn spec((overhead, each): Coefficients) -> AffineSpec {
    let [sequence, prefill_token, prefill_pair, decode_token, context_token] =
        each.map(Picoseconds);
    AffineSpec {
        overhead: Picoseconds(overhead),
        per_sequence: sequence,
        per_prefill_token: prefill_token,
        per_prefill_pair: prefill_pair,
        per_decode_token: decode_token,
        per_context_token: context_token,
        replica: REPLICA,
    }
}

/// With points that runs pass, each a little slower than the one before it.
fn table() -> impl Strategy<Value = TableSpec> {
    let prefill = prop::collection::btree_map(1..4000_u32, time(), 1..5);
    let contexts = prop_oneof![2 => (1..8_usize, 1..60_u32), 1 => (1..5_usize, 1..400_u32)];
    let row =
        contexts.prop_flat_map(|(points, gap)| prop::collection::vec((1..=gap, time()), points));
    let by_context = prop::collection::btree_map(1..50_u32, row.prop_map(polygon), 1..5);
    let by_batch = prop::collection::btree_map(1..50_u32, time(), 1..5);
    let alike = by_batch.prop_map(|row| {
        row.into_iter().map(|(batch, time)| (batch, BTreeMap::from([(1, time)]))).collect()
    });
    let decode = prop_oneof![
        5 => by_context.prop_map(|decode| (decode, true)),
        1 => alike.prop_map(|decode| (decode, false)),
    ];
    (prefill, decode, any::<bool>()).prop_map(|(prefill, (decode, by_context), extrapolate)| {
        TableSpec { prefill, decode, by_context, extrapolate, replica: REPLICA }
    })
}

/// In nanoseconds, or in whole microseconds.
fn time() -> impl Strategy<Value = SimDuration> {
    prop_oneof![1..5_000_000_u64, (1..50_u64).prop_map(|micros| micros * 1000)]
        .prop_map(SimDuration::from_nanos)
}

/// Points by how far they are from the one before.
fn polygon(steps: Vec<(u32, SimDuration)>) -> BTreeMap<u32, SimDuration> {
    let (mut context, mut time) = (0, SimDuration::ZERO);
    let points = steps.into_iter().map(|(further, longer)| {
        context += further;
        time = time + longer;
        (context, time)
    });
    points.collect()
}
