//! Latency against concurrency, as it was measured and as it is simulated.

mod row;
mod run;

pub use row::LatencyRow;

use crate::catalog::{self, Engine, Library};
use crate::engine::SimDuration;
use crate::serving::{
    Batching, BatchingPolicy, KvAdmission, Performance, Role, RooflineSpec, TokenProfile, TokenServing,
};
use crate::units::{BytesPerSecond, Precision};
use run::{Load, closed_loop, mean};
use std::sync::Arc;

/// A row's latencies, in seconds, as simulated.
#[derive(Clone, Copy, Debug)]
pub struct Simulated {
    /// Time to the first token.
    pub ttft: f64,
    /// Time of each further token.
    pub tpot: f64,
    /// Output tokens per second.
    pub tokens_per_s: f64,
}

/// Simulates a row; `None` where the catalogue lacks its chip or model, or it does not fit.
pub fn simulate(row: &LatencyRow) -> Option<Simulated> {
    let spec = spec(row)?;
    spec.peak_flops()?;
    spec.kv_capacity_tokens()?;
    let users = row.concurrency? as u32;
    let spread = row.lengths != "constant";
    let calls = match (row.source.as_str(), row.batching.as_str()) {
        (_, "static") => users,
        ("nim", _) => 3 * users,
        _ => 10 * users,
    };
    let load = Load { users, calls, input: row.input_tokens, output: row.output_tokens, spread };
    let name = engine(row).name;
    let static_batch = row.batching == "static";
    let batching = Batching {
        policy: if static_batch {
            BatchingPolicy::Static
        } else if crate::knobs::get(&name, "policy", if name == "sglang" { 1.0 } else { 0.0 }) > 0.0 {
            BatchingPolicy::PrefillFirst
        } else {
            BatchingPolicy::Continuous
        },
        admission: KvAdmission::Reserve,
        max_batch: if static_batch { users.max(1) } else { crate::knobs::get(&name, "maxbatch", 2048.0) as u32 },
        token_budget: if static_batch { users * row.input_tokens } else { crate::knobs::get(&name, "budget", 8192.0) as u32 },
    };
    let profile = Arc::new(TokenProfile::new(&TokenServing {
        performance: Performance::Roofline(Box::new(spec)),
        batching,
        host_bandwidth: BytesPerSecond(0.0),
        prefix_cache: false,
        role: Role::Whole,
    }));
    if !profile.fits(load.input, load.output) {
        return None;
    }
    let mut seen = closed_loop(&profile, &load);
    let median = row.ttft_stat == "median";
    let middle = |values: &mut Vec<f64>| {
        if median {
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        } else {
            mean(values)
        }
    };
    Some(Simulated {
        ttft: middle(&mut seen.first_tokens) + engine(row).per_request.as_secs_f64(),
        tpot: middle(&mut seen.tokens),
        tokens_per_s: seen.tokens_per_s,
    })
}

/// An engine's profile.
pub fn profile(name: &str) -> Engine {
    let us = |micros: f64| SimDuration::from_secs_f64(micros * 1e-6);
    let given = |engine: &str, figure: &str, usual: f64| us(crate::knobs::get(engine, figure, usual));
    let library = match name {
        "vllm" => Library::Vllm,
        "sglang" => Library::Sglang,
        _ => Library::Trtllm,
    };
    let (h0, h1, request) = match name {
        "nim-2024" => (700.0, 46.0, 6000.0),
        "sglang" => (300.0, 28.0, 55000.0),
        "vllm" => (300.0, 12.0, 45000.0),
        "tensorrt-llm-0.9" => (300.0, 6.0, 1500.0),
        _ => (300.0, 12.0, 30000.0),
    };
    let old = name == "nim-2024" || name == "tensorrt-llm-0.9";
    Engine {
        name: name.to_owned(),
        library,
        iteration: given(name, "h0", h0),
        per_sequence: given(name, "h1", h1),
        per_layer: given(name, "eager", 150.0),
        per_request: given(name, "request", request),
        all_reduce: given(name, "reduce", if old { 12.0 } else { 0.0 }),
        small_kernels: given(name, "smalls", 5.0).as_secs_f64() * 1e6,
        small_kernel: given(name, "small", 1.5),
        ..catalog::engine(name).unwrap_or_else(Engine::ideal)
    }
}

fn engine(row: &LatencyRow) -> Engine {
    profile(match (row.source.as_str(), row.engine.as_str()) {
        ("nim", _) => "nim-2024",
        ("trtllm-static", _) => "tensorrt-llm-0.9",
        (_, "vllm") => "vllm",
        (_, "sglang" | "atom") => "sglang",
        _ => "tensorrt-llm",
    })
}

fn spec(row: &LatencyRow) -> Option<RooflineSpec> {
    let (weights, compute, kv) = match row.precision.as_str() {
        "bf16" => (Precision::Bf16, Precision::Bf16, Precision::Bf16),
        "fp8" => (Precision::Fp8, Precision::Fp8, Precision::Fp8),
        "fp4" => (Precision::Fp4, Precision::Fp4, Precision::Fp8),
        _ => return None,
    };
    let kv = if row.engine == "vllm" { Precision::Bf16 } else { kv };
    let accelerator = catalog::accelerator(&row.accelerator)?;
    let compute = match compute {
        Precision::Fp4 if accelerator.peak.fp4.is_none() => Precision::Bf16,
        given => given,
    };
    let mixture = row.architecture()?.experts.is_some();
    let shared = if mixture && weights == Precision::Fp4 { Precision::Bf16 } else { weights };
    let all = row.accelerators? as u32;
    let groups = row.attention_dp == "yes" || row.attention_dp.parse::<u32>().is_ok_and(|groups| groups > 1);
    let (tensor, expert) = if (groups || all > 8) && mixture { (1, all) } else { (all, 1) };
    let spread = if expert == 1 { (row.expert.unwrap_or(1.0) as u32).clamp(1, tensor) } else { 1 };
    let hopper = accelerator.kernels == catalog::KernelClass::Hopper;
    let kv = if engine(row).name == "sglang" && hopper { Precision::Bf16 } else { kv };
    Some(RooflineSpec {
        accelerator,
        architecture: row.architecture()?,
        tensor,
        pipeline: 1,
        expert,
        engine: engine(row),
        spread,
        imbalance: crate::knobs::get(&engine(row).name, "imbalance", 1.0),
        weights,
        shared,
        compute,
        kv,
        beams: 1,
    })
}
