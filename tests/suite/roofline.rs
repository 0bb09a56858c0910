//! The roofline beyond dense models on one accelerator: experts, parallelism, and that runs of decodes
//! agree with single iterations.

use coopsim::catalog::{
    Architecture, Efficiency, Engine, FourBit, KernelClass, PeakFlops, accelerator, architecture,
    engine,
};
use coopsim::serving::{Iteration, Roofline, RooflineSpec, Usage};
use coopsim::units::{FlopsPerSecond, Precision};
use proptest::prelude::*;

/// A deployment on as many chips as its degrees say, in FP8.
fn spec(chip: &str, model: &str, (tensor, pipeline, expert): (u32, u32, u32)) -> RooflineSpec {
    RooflineSpec {
        accelerator: accelerator(chip).expect("a chip of the catalogue"),
        architecture: architecture(model).expect("a model of the catalogue"),
        tensor,
        pipeline,
        expert,
        engine: engine("tensorrt-llm").expect("an engine of the catalogue"),
        weights: Precision::Fp8,
        shared: Precision::Fp8,
        compute: Precision::Fp8,
        kv: Precision::Fp8,
        beams: 1,
    }
}

/// The same without overheads and latencies, so that only work counts.
fn bare(mut spec: RooflineSpec) -> RooflineSpec {
    spec.accelerator.kernels = KernelClass::Ideal;
    spec.accelerator.efficiency = Efficiency::default();
    spec.engine = Engine { memory: 0.96, ..Engine::ideal() };
    spec
}

fn decoding(decodes: u64, context: u64) -> Iteration {
    Iteration { decodes, context, ..Iteration::default() }
}

fn seconds(roofline: &Roofline, work: &Iteration) -> f64 {
    roofline.iteration(work) as f64 * 1e-12
}

fn any_spec() -> impl Strategy<Value = RooflineSpec> {
    let chip = prop::sample::select(vec!["H100-SXM", "L40S", "B200-SXM", "GH200-144"]);
    let dense = prop::sample::select(vec!["Llama-3.1-8B", "Qwen3-32B", "GPT-J-6B"]);
    let mixture = prop::sample::select(vec!["Mixtral-8x7B", "Qwen3-30B-A3B", "DeepSeek-V3"]);
    let degree = || prop::sample::select(vec![1_u32, 2, 4, 8]);
    prop_oneof![
        (chip.clone(), dense, degree(), degree()).prop_map(|(chip, model, t, p)| spec(
            chip,
            model,
            (t, p, 1)
        )),
        (chip, mixture, degree(), degree(), degree()).prop_map(|(chip, model, t, p, x)| spec(
            chip,
            model,
            (t, p, x)
        )),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// A run's coefficients are whole picoseconds: its iteration i may differ by what rounding the
    /// start, the slope (i times) and the rest can make of it.
    #[test]
    fn runs_of_decodes_are_made_of_iterations(
        spec in any_spec(),
        decodes in 1..3000_u64,
        context in 1..20_000_000_u64,
        i in 0..10_000_u64,
    ) {
        let roofline = Roofline::new(&spec);
        // A run ends where attention begins to grow differently.
        let ramp = roofline.ramp(decodes, context);
        let i = i % ramp.length();
        let in_run = ramp.iteration(i);
        let alone = roofline.iteration(&decoding(decodes, context + i * decodes));
        let rounding = 2 + i.div_ceil(2);
        prop_assert!(in_run.abs_diff(u128::from(alone)) <= u128::from(rounding));
    }

    #[test]
    fn more_work_never_takes_less_time(
        spec in any_spec(),
        decodes in 1..2000_u64,
        prefill in 0..8000_u64,
    ) {
        let roofline = Roofline::new(&spec);
        let work = |decodes: u64, tokens: u64| {
            let mut work = decoding(decodes, decodes * 1000);
            if tokens > 0 {
                work.add_chunk(tokens, 0);
            }
            work
        };
        let time = roofline.iteration(&work(decodes, prefill));
        prop_assert!(roofline.iteration(&work(decodes + 1, prefill)) >= time);
        prop_assert!(roofline.iteration(&work(decodes, prefill + 1)) >= time);
    }
}

/// A mixture all of whose layers have the same parts, as its config.json tells.
struct Mixture {
    layers: f64,
    hidden: f64,
    /// Numbers of all queries of a token, and of its keys.
    queries: f64,
    keys: f64,
    experts: f64,
    active: f64,
    /// Width of an expert, and of what every token passes through beside the experts.
    width: f64,
    shared: f64,
    vocabulary: f64,
}

impl Mixture {
    /// Bytes that a step of `n` sequences moves beside the KV cache, with weights and factors of products in `bytes`
    /// each. A product reads its matrix and its input and writes its output, in 16 bits; router and head are in 16
    /// bits themselves. Experts read what they multiply and write it, and what is between their products. Norms and
    /// rotations move six numbers of 16 bits for each of a token, an activation three.
    fn bytes(&self, n: f64, bytes: f64) -> f64 {
        let &Self { layers, hidden, queries, keys, experts, active, width, shared, vocabulary } =
            self;
        let product =
            |to: f64, from: f64, bytes: f64| to * from * bytes + n * from * bytes + n * to * 2.0;
        let attention =
            product(queries + 2.0 * keys, hidden, bytes) + product(hidden, queries, bytes);
        let every = if shared > 0.0 {
            product(2.0 * shared, hidden, bytes) + product(hidden, shared, bytes)
        } else {
            0.0
        };
        let touched = experts * (1.0 - (1.0 - active / experts).powf(n));
        let read = touched * 3.0 * hidden * width * bytes;
        let passed = n * active * 2.0 * (2.0 * hidden + 3.0 * width);
        let small = n * (12.0 * hidden + 6.0 * shared);
        let layer = attention + every + product(experts, hidden, 2.0) + read + passed + small;
        layers * layer + product(vocabulary, hidden, 2.0)
    }
}

/// Of n tokens 1 − (1 − k/E)ⁿ of the experts' weights are read: with eight experts and two active a quarter for one. All
/// that a step moves is counted by hand and, where arithmetic takes no time, is its time to the picosecond.
#[test]
fn weights_are_read_of_the_experts_expected_to_be_touched() {
    let mixtral = Mixture {
        layers: 32.0,
        hidden: 4096.0,
        queries: 4096.0,
        keys: 1024.0,
        experts: 8.0,
        active: 2.0,
        width: 14_336.0,
        shared: 0.0,
        vocabulary: 32_000.0,
    };
    // Two norms in each layer and one behind them are told from a shared expert by nobody: a third of 97 numbers for
    // each of the hidden ones.
    let scout = Mixture {
        layers: 48.0,
        hidden: 5120.0,
        queries: 5120.0,
        keys: 1024.0,
        experts: 16.0,
        active: 1.0,
        width: 8192.0,
        shared: 8192.0 + 97.0 / (3.0 * 48.0),
        vocabulary: 202_048.0,
    };
    for (name, mixture) in [("Mixtral-8x7B", mixtral), ("Llama-4-Scout", scout)] {
        for precision in [Precision::Bf16, Precision::Fp8] {
            let mut spec = bare(spec("H100-SXM", name, (1, 1, 1)));
            (spec.weights, spec.shared) = (precision, precision);
            (spec.compute, spec.kv) = (precision, precision);
            let limitless = Some(FlopsPerSecond(1e30));
            spec.accelerator.peak = PeakFlops { bf16: limitless, fp8: limitless, fp4: None };
            let roofline = Roofline::new(&spec);
            for tokens in [1_u64, 2, 5, 20, 512] {
                let kv = spec.kv_bytes_per_token() * tokens as f64;
                let moved = mixture.bytes(tokens as f64, precision.bytes()) + kv;
                let picos = 1e12 * moved / spec.accelerator.hbm_bandwidth.0;
                let found = roofline.iteration(&decoding(tokens, tokens)) as f64;
                let beside = found - picos;
                assert!(
                    beside.abs() <= 1.0,
                    "{name}, {precision:?}, {tokens}: {beside} ps of {picos}"
                );
            }
        }
    }
}

/// Weights of 4-bit integers have kernels of their own: on a B200 a layer of experts begins 23 us later under vLLM than
/// with floating-point ones (their floors in kernels.yaml), which is nearly all that a step of one token takes longer.
#[test]
fn four_bit_weights_have_the_kernels_of_their_kind() {
    let mut spec = spec("B200-SXM", "Kimi-K2.5", (8, 1, 1));
    (spec.engine, spec.weights) = (engine("vllm").expect("an engine"), Precision::Fp4);
    (spec.shared, spec.compute, spec.kv) = (Precision::Bf16, Precision::Bf16, Precision::Bf16);
    assert_eq!(spec.architecture.four_bit, FourBit::Int4);
    let integers = seconds(&Roofline::new(&spec), &decoding(1, 1000));
    spec.architecture.four_bit = FourBit::Mxfp4;
    let floating = seconds(&Roofline::new(&spec), &decoding(1, 1000));
    let beside = (integers - floating) / (60.0 * 23.3e-6);
    assert!((0.9..1.2).contains(&beside), "{beside}");
}

#[test]
fn expert_parallelism_replicates_attention_and_partitions_the_cache() {
    let one = spec("H200-SXM", "Qwen3-30B-A3B", (1, 1, 1));
    let four = RooflineSpec { expert: 4, ..one.clone() };
    let model = &one.architecture;
    let each = model.shared_parameters() + 2.0 * model.embedding_parameters();
    let copies = four.weight_bytes() - one.weight_bytes();
    assert!((copies / (3.0 * each) - 1.0).abs() < 1e-9);
    let (one_holds, four_hold) =
        (one.kv_capacity_tokens().unwrap() as f64, four.kv_capacity_tokens().unwrap() as f64);
    assert!(
        four_hold > 4.0 * one_holds,
        "experts are held once, the cache of each group is its own"
    );
}

/// With full batches a pipeline of n stages does the work of n accelerators; one sequence alone passes
/// through all stages and gains nothing.
#[test]
fn a_pipeline_multiplies_throughput_but_not_speed() {
    let one = Roofline::new(&bare(spec("H100-SXM", "Llama-3.1-8B", (1, 1, 1))));
    let mut chip = bare(spec("H100-SXM", "Llama-3.1-8B", (1, 4, 1)));
    // Links so fast that only stages count.
    chip.accelerator.link_bandwidth = Some(coopsim::units::BytesPerSecond(1e18));
    let four = Roofline::new(&chip);
    let full =
        Iteration { prefill_tokens: 100_000, prefill_sequences: 100, ..Iteration::default() };
    let ratio = seconds(&one, &full) / seconds(&four, &full);
    assert!((ratio - 4.0).abs() < 0.02, "{ratio}");
    let alone = decoding(1, 500);
    let ratio = seconds(&one, &alone) / seconds(&four, &alone);
    assert!((ratio - 1.0).abs() < 1e-6, "{ratio}");
}

#[test]
fn latent_and_windowed_attention_hold_less() {
    let bytes = |model| spec("B200-SXM", model, (1, 1, 1)).kv_bytes_per_token();
    assert_eq!(bytes("DeepSeek-V3"), 576.0 * 61.0);
    assert_eq!(bytes("gpt-oss-120b"), 18.0 * 2.0 * 8.0 * 64.0);
    // One latent for all heads: each tensor rank holds all of it.
    let two = spec("B200-SXM", "DeepSeek-V3", (2, 1, 1)).kv_bytes_per_token();
    assert_eq!(two, 2.0 * bytes("DeepSeek-V3"));
}

#[test]
fn beams_decode_several_hypotheses() {
    let one = bare(spec("H100-SXM", "GPT-J-6B", (1, 1, 1)));
    let four = RooflineSpec { beams: 4, ..one.clone() };
    // So much context that reading it is all that counts.
    let work = decoding(100, 1_000_000_000);
    let ratio = seconds(&Roofline::new(&four), &work) / seconds(&Roofline::new(&one), &work);
    assert!((ratio - 4.0).abs() < 0.01, "{ratio}");
}

/// The memory is not read faster than it can be: what beams of a sequence find in the cache is not read again.
#[test]
fn what_beams_read_takes_as_long_as_it_is_said_to() {
    let mut spec = bare(spec("H100-SXM", "GPT-J-6B", (1, 1, 1)));
    spec.beams = 4;
    spec.engine.beam_reads = 0.3;
    let roofline = Roofline::new(&spec);
    let (sequences, context) = (100, 1_000_000_000_u64);
    let time = seconds(&roofline, &decoding(sequences, context));
    let usage = Usage { iterations: 1, decode_pairs: context.into(), ..Usage::default() };
    let busy = roofline.read_seconds(&usage) / time;
    assert!((0.99..=1.0).contains(&busy), "{busy}");
}

/// A quarter of the links' bandwidth makes hops between stages take four times as long.
#[test]
fn links_between_stages_have_their_efficiency() {
    let prompt = Iteration { prefill_tokens: 10_000, prefill_sequences: 4, ..Iteration::default() };
    let time = |link: f64| {
        let mut spec = bare(spec("H100-SXM", "Llama-3.1-8B", (1, 4, 1)));
        spec.accelerator.efficiency.link = link;
        seconds(&Roofline::new(&spec), &prompt)
    };
    let [whole, half, quarter] = [1.0, 0.5, 0.25].map(time);
    // Three hops of 2,500 tokens, 8,192 bytes each, over 450 GB/s.
    let hops = 3.0 * 2500.0 * 8192.0 / 450e9;
    assert!(((half - whole) / hops - 1.0).abs() < 1e-6, "{whole} {half}");
    assert!(((quarter - whole) / hops / 3.0 - 1.0).abs() < 1e-6, "{whole} {quarter}");
}

/// 32 layers over 31 stages: one has two of them, for which all others wait. A lone sequence waits for nobody.
#[test]
fn the_longest_stage_sets_the_pace() {
    let mut even = bare(spec("H100-SXM", "Llama-3.1-8B", (1, 31, 1)));
    even.accelerator.link_bandwidth = Some(coopsim::units::BytesPerSecond(1e18));
    let mut uneven = even.clone();
    even.architecture = Architecture { vocabulary: 0, layers: 31, ..even.architecture };
    uneven.architecture = Architecture { vocabulary: 0, layers: 32, ..uneven.architecture };
    // As much work in each layer.
    even.architecture.parameters *= 31.0 / 32.0;
    let [even, uneven] = [even, uneven].map(|spec| Roofline::new(&spec));
    let full =
        Iteration { prefill_tokens: 310_000, prefill_sequences: 310, ..Iteration::default() };
    let ratio = seconds(&uneven, &full) / seconds(&even, &full);
    assert!((ratio - 2.0).abs() < 0.01, "{ratio}");
    let alone = decoding(1, 500);
    let ratio = seconds(&uneven, &alone) / seconds(&even, &alone);
    assert!((ratio - 32.0 / 31.0).abs() < 0.01, "{ratio}");
}
