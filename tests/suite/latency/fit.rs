//! The fit of what engines' hosts take, to rows of latency and of throughput that it may use.

use super::{Errors, rows};
use coopsim::catalog::{self, Engine};
use coopsim::engine::SimDuration;
use coopsim::validation::{LatencyRow, Published, published_as, simulate_latency};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// What is fitted of an engine to latency: five numbers at most.
const TO_LATENCY: [(&str, &[&str]); 5] = [
    ("vllm", &["iteration", "per-sequence", "per-request", "all-reduce", "small-kernel"]),
    // None of its rows is known to tell when a single token came.
    ("tensorrt-llm", &["iteration", "per-sequence", "all-reduce", "small-kernel"]),
    ("sglang", &["iteration", "per-sequence", "per-request", "all-reduce", "small-kernel"]),
    ("nim-2024", &["iteration", "per-sequence", "per-request", "attention-memory", "small-kernel"]),
    (
        "tensorrt-llm-0.9",
        &["iteration", "per-sequence", "per-request", "all-reduce", "context-chain"],
    ),
];

/// What is fitted to throughput.
const TO_THROUGHPUT: (&str, &[&str]) = (
    "tensorrt-llm-0.17",
    &["iteration", "per-sequence", "all-reduce", "small-kernel", "beam-reads"],
);

/// Multiplies a figure.
fn scale(engine: &mut Engine, figure: &str, factor: f64) {
    let time = match figure {
        "attention-memory" => {
            engine.attention_memory = (engine.attention_memory * factor).min(1.0);
            return;
        }
        "beam-reads" => {
            engine.beam_reads = (engine.beam_reads * factor).min(1.0);
            return;
        }
        "iteration" => &mut engine.iteration,
        "per-sequence" => &mut engine.per_sequence,
        "per-request" => &mut engine.per_request,
        "all-reduce" => &mut engine.all_reduce,
        "small-kernel" => &mut engine.small_kernel,
        "context-chain" => &mut engine.context_chain,
        other => panic!("no figure called {other}"),
    };
    let least = 20.0;
    let nanos = (time.as_nanos() as f64).max(least) * factor;
    *time = SimDuration::from_nanos(nanos.round() as u64);
}

/// Of a set of rows: each counts by the root of how many its group has, so that none drowns the others.
struct Weighted<'a>(Vec<(&'a LatencyRow, f64)>);

impl<'a> Weighted<'a> {
    fn new(rows: Vec<&'a LatencyRow>) -> Self {
        let mut sizes: BTreeMap<String, f64> = BTreeMap::new();
        for row in &rows {
            *sizes.entry(row.group()).or_default() += 1.0;
        }
        let weigh = |row: &'a LatencyRow| (row, sizes[&row.group()].sqrt().recip());
        Self(rows.into_iter().map(weigh).collect())
    }

    /// Mean absolute logarithmic error, each capped at 1; first tokens count half.
    fn loss(&self, engine: &Engine) -> f64 {
        let of = |&(row, weight): &(&LatencyRow, f64)| {
            let errors = Errors::new(row, &simulate_latency(row, engine)?);
            let size = |error: f64| (1.0 + error).ln().abs().min(1.0);
            let parts = [(errors.tpot, 1.0), (errors.ttft, 0.5)];
            let known = parts.iter().filter_map(|&(error, counts)| Some((size(error?), counts)));
            Some(known.fold((0.0, 0.0), |(sum, count), (error, counts)| {
                (sum + weight * counts * error, count + weight * counts)
            }))
        };
        let parts: Vec<(f64, f64)> = self.0.par_iter().filter_map(of).collect();
        let (sum, count) =
            parts.iter().fold((0.0, 0.0), |all, part| (all.0 + part.0, all.1 + part.1));
        sum / count
    }
}

/// Mean absolute logarithmic error of the rows of throughput that `name` may be fitted to.
fn throughput_loss(name: &str, engine: &Engine) -> f64 {
    let serves = |other: &str| match other {
        _ if other == name => engine.clone(),
        _ => catalog::engine(other).expect("an engine of the catalogue"),
    };
    let fits = |row: &&Published| match row.table.as_str() {
        "TensorRT-LLM v0.17" => !row.held_out,
        _ => row.model == "GPT-J-6B",
    };
    let rows = published_as(&serves);
    let sizes: Vec<f64> =
        rows.iter().filter(fits).map(|row| (1.0 + row.error()).ln().abs()).collect();
    sizes.iter().sum::<f64>() / sizes.len() as f64
}

/// A pattern search: each figure in turn is multiplied or divided by 1 + h, and h grows where that helps.
fn fit(loss: impl Fn(&Engine) -> f64, mut engine: Engine, figures: &[&str]) -> (Engine, f64) {
    let mut best = loss(&engine);
    let mut steps = vec![0.5; figures.len()];
    for _ in 0..14 {
        for (figure, step) in figures.iter().zip(&mut steps) {
            let mut moved = false;
            for factor in [1.0 + *step, 1.0 / (1.0 + *step)] {
                let mut tried = engine.clone();
                scale(&mut tried, figure, factor);
                let found = loss(&tried);
                if found < best - 1e-6 {
                    (engine, best, moved) = (tried, found, true);
                    break;
                }
            }
            *step *= if moved { 1.3 } else { 0.5 };
        }
    }
    (engine, best)
}

/// Prints what `src/catalog/engines.yaml` says is fitted: `cargo test --release --test suite latency:: -- --ignored --nocapture`.
#[test]
#[ignore = "it fits, which takes minutes, and changes nothing"]
fn engines_are_fitted() {
    let Some(rows) = rows() else { return };
    for (name, figures) in TO_LATENCY {
        let of_engine = |row: &&LatencyRow| row.profile() == name && !row.is_left_out();
        let mine = Weighted::new(rows.iter().filter(of_engine).collect());
        let start = catalog::engine(name).expect("an engine of the catalogue");
        let before = mine.loss(&start);
        let (found, after) = fit(|engine| mine.loss(engine), start, figures);
        println!("{name}: {before:.4} to {after:.4}: {found:?}");
    }
    let (name, figures) = TO_THROUGHPUT;
    let start = catalog::engine(name).expect("an engine of the catalogue");
    let before = throughput_loss(name, &start);
    let (found, after) = fit(|engine| throughput_loss(name, engine), start, figures);
    println!("{name}: {before:.4} to {after:.4}: {found:?}");
}
