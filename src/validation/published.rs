//! Published throughput at full load, simulated: each run with the lengths, the number of requests
//! and the limits that it had.
//!
//! **Runs.** All requests are there at time 0, and throughput is output tokens over the time until the
//! last one ends, filling and emptying of the batch included, as `trtllm-bench` measures it; requests
//! are admitted when prompt and output fit the KV cache (`guaranteed_no_evict`, its default).
//! Batch and token limits are those that `trtllm-bench` sets by itself ([`Limits::tuned`]).
//! MLPerf's Offline runs have as many samples as the measured rate processes in the time that a run
//! lasts at least.
//!
//! **Held-out rows.** What the host of an engine of early 2025 takes was fitted to two thirds of the rows of version 0.17; the
//! other third was left out: of the rows of a chip and model, sorted by the FNV-1a hash of what identifies a row, the second of each
//! three. What beams share was fitted to GPT-J's rows of MLPerf. Everything else was left out of every fit.

use super::Published;
use super::hash::fnv_1a;
use crate::catalog::{self, Engine, MlperfRuns, ThroughputRuns, ThroughputTable};
use crate::engine::{SimDuration, SimTime};
use crate::serving::{
    Batching, BatchingPolicy, KvAdmission, Performance, Progress, Request, Requests, Role,
    RooflineSpec, TokenProfile, TokenReplica, TokenServing, Usage,
};
use crate::units::BytesPerSecond;
use crate::units::Precision;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The table to part of whose rows an engine was fitted.
const FITTED_TABLE: &str = "TensorRT-LLM v0.17";
/// The model of MLPerf whose beams were fitted.
const FITTED_BEAMS: &str = "GPT-J-6B";
/// Tokens in an iteration of an MLPerf run, at most.
const MLPERF_TOKEN_BUDGET: u32 = 16_384;

/// Every row of the published tables of throughput, simulated, in their order.
pub fn published() -> Vec<Published> {
    published_as(&|name| catalog::engine(name).expect("an engine of the catalogue"))
}

/// The same, with other figures of engines: `engine` says which, by their names in the catalogue.
pub fn published_as(engine: &(dyn Fn(&str) -> Engine + Sync)) -> Vec<Published> {
    let tables = catalog::published_throughput();
    let runs = |table: &'static ThroughputTable| table.runs.iter().map(move |runs| (table, runs));
    let runs: Vec<_> = tables.throughput.iter().flat_map(runs).collect();
    let mut rows: Vec<_> = runs
        .into_par_iter()
        .flat_map_iter(|(table, runs)| throughput_runs(table, runs, engine(&table.engine)))
        .collect();
    hold_out(&mut rows);
    let mlperf = |runs| mlperf(&tables.mlperf.name, runs, engine(&tables.mlperf.engine));
    rows.par_extend(tables.mlperf.runs.par_iter().flat_map_iter(mlperf));
    rows
}

fn throughput_runs(
    table: &ThroughputTable,
    runs: &ThroughputRuns,
    engine: Engine,
) -> Vec<Published> {
    let spec = throughput_spec(runs, engine);
    let degree = match runs.expert {
        1 => format!("TP{}", runs.tensor),
        expert => format!("DEP{expert}"),
    };
    let row = |&(input, output, published): &(u32, u32, f64)| {
        let size = table.requests.iter().find(|row| (row.0, row.1) == (input, output));
        let &(_, _, requests) = size.expect("a number of requests for each pair of lengths");
        Published {
            table: table.name.clone(),
            accelerator: runs.accelerator.clone(),
            model: runs.model.clone(),
            case: format!("{input}/{output} {degree} {}", runs.precision),
            published,
            simulated: full_load(&spec, requests, input, output),
            unit: "tokens/s",
            held_out: true,
        }
    };
    runs.results.iter().map(row).collect()
}

/// Output tokens per second of one replica that gets so many requests of equal lengths at once, under
/// the limits that `trtllm-bench` would choose.
///
/// # Panics
/// When the model does not fit its accelerators, or a request the KV cache.
pub fn full_load(spec: &RooflineSpec, requests: u32, input: u32, output: u32) -> f64 {
    throughput(spec, Limits::tuned(spec, input, output), Load { requests, input, output })
}

fn throughput_spec(runs: &ThroughputRuns, engine: Engine) -> RooflineSpec {
    let architecture = catalog::architecture(&runs.model).expect("a model of the catalogue");
    let mixture = architecture.experts.is_some();
    RooflineSpec {
        accelerator: catalog::accelerator(&runs.accelerator).expect("a chip of the catalogue"),
        architecture,
        tensor: runs.tensor,
        pipeline: 1,
        expert: runs.expert,
        engine,
        weights: runs.weights,
        shared: runs.weights.of_shared_weights(mixture),
        compute: runs.compute,
        kv: runs.kv,
        beams: 1,
    }
}

fn mlperf(table: &str, runs: &MlperfRuns, engine: Engine) -> Vec<Published> {
    let spec = RooflineSpec {
        accelerator: catalog::accelerator(&runs.accelerator).expect("a chip of the catalogue"),
        architecture: catalog::architecture(&runs.model).expect("a model of the catalogue"),
        tensor: runs.tensor,
        pipeline: 1,
        expert: 1,
        engine,
        weights: Precision::Fp8,
        shared: Precision::Fp8,
        compute: Precision::Fp8,
        kv: Precision::Fp8,
        beams: runs.beams,
    };
    let limits = Limits { max_batch: runs.max_batch, token_budget: MLPERF_TOKEN_BUDGET };
    let &(_, _, _, accelerators, published) = runs.results.first().expect("a result");
    let replicas = f64::from(accelerators) / f64::from(runs.tensor);
    let samples_per_s = published / f64::from(runs.output) / replicas;
    let requests = (samples_per_s * runs.seconds).ceil() as u32;
    let load = Load { requests, input: runs.input, output: runs.output };
    let each = throughput(&spec, limits, load) / f64::from(runs.tensor);
    let row =
        |(submitter, system, target, accelerators, published): &(_, _, _, u32, _)| Published {
            table: table.to_owned(),
            accelerator: runs.accelerator.clone(),
            model: runs.model.clone(),
            case: format!("{submitter}, {system}, {target} %"),
            published: *published,
            simulated: each * f64::from(*accelerators),
            unit: "tokens/s",
            held_out: runs.model != FITTED_BEAMS,
        };
    runs.results.iter().map(row).collect()
}

/// Requests of equal lengths, all there at time 0.
#[derive(Clone, Copy, Debug)]
struct Load {
    requests: u32,
    input: u32,
    output: u32,
}

/// Limits of an iteration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Limits {
    max_batch: u32,
    token_budget: u32,
}

impl Limits {
    /// What `trtllm-bench` chooses for a model and lengths (tensorrt_llm/bench/build/tuning.py): as many
    /// sequences as the memory beside the weights holds, up to 4096, and as many tokens as keep prompts
    /// flowing in at the rate at which sequences end; both rounded up, per data-parallel group.
    fn tuned(spec: &RooflineSpec, input: u32, output: u32) -> Self {
        const SEQUENCES_MAX: f64 = 4096.0;
        const TOKENS_MAX: f64 = 32_768.0;
        const CACHE_SHARE: f64 = 0.95;
        let memory = f64::from(spec.accelerators()) * spec.accelerator.hbm.0;
        let free = memory - spec.architecture.parameters * spec.weights.bytes();
        let (input, output) = (f64::from(input), f64::from(output));
        let held = spec.kv_held_per_token() * (input + output);
        let sequences = (free * CACHE_SHARE / held).min(SEQUENCES_MAX);
        let tokens = (sequences * (1.0 + input / output)).min(TOKENS_MAX);
        let up = |value: f64, step: f64| step * (value / step).ceil();
        let max_batch = match sequences {
            few if few < 256.0 => up(few, 32.0).max(64.0),
            some if some < 1024.0 => up(some, 128.0),
            many => up(many, 256.0),
        };
        let token_budget = match tokens {
            few if few < 4096.0 => up(few, 256.0).max(2048.0),
            some if some < 8192.0 => up(some, 512.0),
            many => up(many, 1024.0),
        };
        let groups = spec.expert;
        Self {
            max_batch: max_batch as u32 * groups,
            token_budget: token_budget.max(max_batch) as u32 * groups,
        }
    }
}

/// Output tokens per second of one replica, from the start to the last request's end.
fn throughput(spec: &RooflineSpec, limits: Limits, load: Load) -> f64 {
    let batching = Batching {
        policy: BatchingPolicy::Continuous,
        admission: KvAdmission::Reserve,
        max_batch: limits.max_batch,
        token_budget: limits.token_budget,
    };
    let performance = Performance::Roofline(Box::new(spec.clone()));
    let profile = Arc::new(TokenProfile::new(&TokenServing {
        performance,
        batching,
        host_bandwidth: BytesPerSecond(0.0),
        prefix_cache: false,
        role: Role::Whole,
    }));
    let mut replica = TokenReplica::new(profile, SimTime::ZERO);
    let mut requests = Requests::default();
    for _ in 0..load.requests {
        let request = Request::new(SimTime::ZERO, load.input, load.output, SimDuration::ZERO, 0);
        let id = requests.insert(request);
        replica.enqueue(SimTime::ZERO, id, &requests);
    }
    let (mut usage, mut progress) = (Usage::default(), Progress::default());
    let (mut next, mut ended) = (Some(SimTime::ZERO), SimTime::ZERO);
    while let Some(now) = next {
        next = replica.boundary(now, &mut requests, &mut usage, &mut progress);
        progress.clear();
        ended = now;
    }
    usage.output_tokens() as f64 / ended.since(SimTime::ZERO).as_secs_f64()
}

/// Marks the rows that an engine was fitted to as not held out.
fn hold_out(rows: &mut [Published]) {
    let mut groups: BTreeMap<(String, String), Vec<(u64, usize)>> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate() {
        if row.table == FITTED_TABLE {
            let group = (row.accelerator.clone(), row.model.clone());
            let identity = format!("{} {} {} {}", row.table, row.accelerator, row.model, row.case);
            groups.entry(group).or_default().push((fnv_1a(&identity), index));
        }
    }
    for mut group in groups.into_values() {
        group.sort_unstable();
        for (place, (_, index)) in group.into_iter().enumerate() {
            rows[index].held_out = place % 3 == 1;
        }
    }
}
