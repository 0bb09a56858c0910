//! Latency against concurrency, as it was measured and as it is simulated: one replica, and users who call again as
//! soon as they are answered, or one batch that runs to its end.
//!
//! **Assumed of rows.** Users call from an empty start, ten times each (NIM's three times), and all calls count. vLLM, and
//! SGLang on Hopper, keep their caches in 16 bits; weights of mixtures with 4 bits that work on every token are in 16. Where groups have
//! attention of their own, or a mixture spreads over more than eight accelerators, each accelerator is a group.

mod accuracy;
mod compare;
mod fault;
mod row;
mod run;
mod sample;
mod table;

pub use accuracy::{LatencyAccuracy, Quantity, Spread, known_errors, latency_accuracy};
pub use compare::{Latency, Pair, compare_latency};
pub use row::LatencyRow;
pub use sample::sample_of;
pub use table::{MeasuredError, MeasuredRows, sound};

use crate::catalog::{self, Engine, KernelClass, Scheduling};
use crate::serving::{
    Batching, BatchingPolicy, KvAdmission, Performance, Role, RooflineSpec, TokenProfile,
    TokenServing,
};
use crate::units::{BytesPerSecond, Precision};
use run::{Load, closed_loop, mean};
use std::sync::Arc;

/// A row's latencies as simulated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Simulated {
    /// Seconds to the first token: mean or median, whichever the row has.
    pub ttft: f64,
    /// Seconds of each further token, likewise.
    pub tpot: f64,
    /// Output tokens per second.
    pub tokens_per_s: f64,
}

/// Simulates a row as `engine` serves it; `None` where the catalogue lacks its chip or model, it has no number of users, or it
/// does not fit.
pub fn simulate_latency(row: &LatencyRow, engine: &Engine) -> Option<Simulated> {
    let spec = spec(row, engine)?;
    spec.peak_flops()?;
    spec.kv_capacity_tokens()?;
    let load = row.load()?;
    let profile = Arc::new(TokenProfile::new(&TokenServing {
        performance: Performance::Roofline(Box::new(spec)),
        batching: batching(row, engine, &load),
        host_bandwidth: BytesPerSecond(0.0),
        prefix_cache: false,
        role: Role::Whole,
    }));
    if !profile.fits(load.input, load.output) {
        return None;
    }
    let mut seen = closed_loop(&profile, &load);
    let middle = |values: &mut Vec<f64>| match row.ttft_stat.as_str() {
        "median" => {
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        }
        _ => mean(values),
    };
    Some(Simulated {
        ttft: middle(&mut seen.first_tokens),
        tpot: middle(&mut seen.tokens),
        tokens_per_s: seen.tokens_per_s,
    })
}

fn batching(row: &LatencyRow, engine: &Engine, load: &Load) -> Batching {
    let admission = KvAdmission::Reserve;
    if row.batching == "static" {
        return Batching {
            policy: BatchingPolicy::Static,
            admission,
            max_batch: load.users,
            token_budget: load.users * load.input,
        };
    }
    Batching {
        policy: match engine.batching {
            Scheduling::Continuous => BatchingPolicy::Continuous,
            Scheduling::PrefillFirst => BatchingPolicy::PrefillFirst,
        },
        admission,
        max_batch: engine.max_batch,
        token_budget: engine.token_budget,
    }
}

fn spec(row: &LatencyRow, engine: &Engine) -> Option<RooflineSpec> {
    let (weights, compute, kv) = match row.precision.as_str() {
        "bf16" => (Precision::Bf16, Precision::Bf16, Precision::Bf16),
        "fp8" => (Precision::Fp8, Precision::Fp8, Precision::Fp8),
        "fp4" => (Precision::Fp4, Precision::Fp4, Precision::Fp8),
        // Weights alone, each half a byte, and the sixteenth part of a scale in 16 bits: as large as in `fp4`.
        "int4" => (Precision::Fp4, Precision::Bf16, Precision::Bf16),
        _ => return None,
    };
    let accelerator = catalog::accelerator(&row.accelerator)?;
    let architecture = row.architecture()?;
    let mixture = architecture.experts.is_some();
    let compute = match compute {
        Precision::Fp4 if accelerator.peak.fp4.is_none() => Precision::Bf16,
        given => given,
    };
    let hopper = accelerator.kernels == KernelClass::Hopper;
    let plain = row.engine == "vllm" || (engine.name == "sglang" && hopper);
    let all = row.accelerators? as u32;
    let (tensor, expert) =
        if mixture && (row.has_groups() || all > 8) { (1, all) } else { (all, 1) };
    Some(RooflineSpec {
        accelerator,
        architecture,
        tensor,
        pipeline: 1,
        expert,
        engine: engine.clone(),
        weights,
        shared: weights.of_shared_weights(mixture),
        compute,
        kv: if plain { Precision::Bf16 } else { kv },
        beams: 1,
    })
}
