//! Values worked out by an independent program (Python) with the laws as they were first written down, and its constants:
//! H100, 16 bits, TensorRT-LLM unless said.

use super::decode::at;
use super::prefill::work;
use coopsim::catalog::{CollectiveLaw, DecodeLaw, OwnAllReduceLaw, PrefillLaw, ProductLaw};
use coopsim::serving::kernels::{
    Chip, DecodeShape, Operands, PrefillShape, all_reduce, decode_attention,
    prefill_attention_tiled, prefill_costs, product,
};

const H100: Chip = Chip { memory: 3.35, link: 0.45, peak16: 989.0, cache: 50.0 };

/// Constants have four digits.
fn near(micros: f64, worked: f64) {
    assert!((micros / worked - 1.0).abs() < 5e-4, "{micros} where {worked} was worked out");
}

#[test]
fn a_product() {
    let law = ProductLaw {
        floor: 3.11,
        chain: 0.921,
        memory: 0.8278,
        peak: 0.8032,
        rows: 0.131,
        quantise: None,
    };
    let with = Operands { weights: 2.0, activations: 2.0, peak: 989.0 };
    near(product(&law, &H100, &with, 64.0, 8192.0, 8192.0), 52.502);
}

#[test]
fn attention_of_decoding_sequences() {
    let law = DecodeLaw {
        floor: 8.44,
        task: 0.03064,
        scan: 11.14,
        parts: 15.9,
        chain: 0.1829,
        memory: 0.9503,
        warm: 11.47,
        extra: 0.0,
    };
    let shape = DecodeShape { sequences: 64.0, kv_heads: 8.0, kv_bytes: 4096.0 };
    let lines = decode_attention(&law, &H100, &shape);
    near(at(&lines, 262_144.0), 364.323);
    near(at(&lines, 32_768.0), 69.2);
}

/// vLLM's.
#[test]
fn attention_of_a_prompt() {
    let law = PrefillLaw {
        floor: 12.29,
        tile: 0.001541,
        chain: 12.95,
        peak: 0.6826,
        queries: Some(0.5365),
        keys: Some(0.283),
        cached: 1.0,
    };
    let shape = PrefillShape {
        heads: 32.0,
        kv_heads: 8.0,
        width: 128.0,
        pair: 4.0 * 128.0 * 32.0,
        cache: 2.0,
    };
    near(
        prefill_attention_tiled(&prefill_costs(&law, &H100, &shape), &work(1.0, 8192.0), 64.0),
        975.752,
    );
}

/// Of the engine's own, and above its size of NCCL.
#[test]
fn sums_of_eight_ranks() {
    let own = OwnAllReduceLaw {
        floor: 2.626,
        rank: 0.04577,
        staging: 0.1732,
        half: 0.0009972,
        link: 0.6525,
        doubling: 0.548,
        upto: [8.389, 2.097, 0.2621],
    };
    let nccl = CollectiveLaw {
        floor: 6.422,
        rank: 1.67,
        staging: 28.91,
        half: 4.725,
        links: [0.7112, 0.7877, 0.945],
    };
    for (size, worked) in [(0.131_072, 6.19), (1.048_58, 26.008), (67.1089, 319.619)] {
        near(all_reduce(&own, &nccl, &H100, 8.0, size), worked);
    }
}
