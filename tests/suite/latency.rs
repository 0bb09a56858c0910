//! Latency against concurrency: how far simulated rows are from measured ones, and the fit of what engines' hosts take.

use crate::data;
use coopsim::catalog::{self, Engine};
use coopsim::engine::SimDuration;
use coopsim::validation::{LatencyRow, Simulated, simulate_latency};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Rows of one configuration at several dates that are further apart than this contradict each other: software got
/// faster, and a date says nothing to a simulation.
const CONTRADICTION: f64 = 1.15;

/// Rows that are clean, and of which none contradicts another.
fn rows() -> Option<Vec<LatencyRow>> {
    let file = data::file("serving/latency.csv")?;
    let mut reader = csv::Reader::from_path(file).expect("it is readable");
    let all = reader.deserialize().map(|row| row.expect("a row of the table"));
    let clean: Vec<LatencyRow> = all.filter(LatencyRow::is_clean).collect();
    let mut spans: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for row in &clean {
        if let Some(time) = row.tpot_ms {
            let span = spans.entry(configuration(row)).or_insert((time, time));
            *span = (span.0.min(time), span.1.max(time));
        }
    }
    let sound = |row: &LatencyRow| {
        spans.get(&configuration(row)).is_none_or(|(least, most)| most / least <= CONTRADICTION)
    };
    Some(clean.into_iter().filter(sound).collect())
}

fn configuration(row: &LatencyRow) -> String {
    let LatencyRow { source, input_tokens, output_tokens, concurrency, lengths, .. } = row;
    format!("{source} {} {input_tokens} {output_tokens} {concurrency:?} {lengths}", row.group())
}

/// Whether the row's group was left out of every fit: a third of them, by the 64-bit FNV-1a hash.
fn held_out(row: &LatencyRow) -> bool {
    let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let hash = row.group().bytes().fold(0xcbf2_9ce4_8422_2325, step);
    (hash >> 20) % 3 == 0
}

/// Relative errors of a set of rows: of the time of a token, of the time to the first, and of tokens per second.
#[derive(Default)]
struct Errors {
    tpot: Vec<f64>,
    ttft: Vec<f64>,
    rate: Vec<f64>,
}

impl Errors {
    fn add(&mut self, row: &LatencyRow, found: &Simulated) {
        let error = |measured: Option<f64>, found: f64| measured.map(|value| found / value - 1.0);
        self.tpot.extend(error(row.tpot_ms, 1e3 * found.tpot));
        if row.stream_interval == "1" {
            self.ttft.extend(error(row.ttft_ms, 1e3 * found.ttft));
        }
        self.rate.extend(error(row.tokens_per_s, found.tokens_per_s));
    }
}

fn quantile(values: impl Iterator<Item = f64>, part: f64) -> f64 {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted[((sorted.len() - 1) as f64 * part).round() as usize]
}

fn line(name: &str, errors: &[f64]) -> String {
    if errors.is_empty() {
        return format!("{name} -");
    }
    let size = |part| 100.0 * quantile(errors.iter().map(|error| error.abs()), part);
    let bias = 100.0 * quantile(errors.iter().copied(), 0.5);
    format!("{name} {:4} rows {:5.1} {:5.1} {bias:+5.1}", errors.len(), size(0.5), size(0.9))
}

fn kind(row: &LatencyRow) -> &'static str {
    match row.architecture() {
        Some(shape) if shape.experts.is_some() => "mixtures",
        _ => "dense",
    }
}

#[test]
fn rows_left_out_of_the_fit_are_close() {
    let Some(rows) = rows() else { return };
    let found: Vec<_> = rows
        .par_iter()
        .filter_map(|row| {
            let engine = catalog::engine(row.profile()).expect("an engine of the catalogue");
            Some((row, simulate_latency(row, &engine)?))
        })
        .collect();
    let mut groups: BTreeMap<String, Errors> = BTreeMap::new();
    for (row, found) in &found {
        let half = if held_out(row) { "left out" } else { "fitted" };
        let keys = [
            half.to_owned(),
            format!("{half} {}", row.source),
            format!("{half} {} {}", row.source, kind(row)),
            format!("{half} {} users", row.band()),
            format!("{half} {} {}", row.profile(), row.accelerator),
        ];
        for key in keys {
            groups.entry(key).or_default().add(row, found);
        }
    }
    for (key, errors) in &groups {
        println!(
            "{key:44} {} | {} | {}",
            line("tpot", &errors.tpot),
            line("ttft", &errors.ttft),
            line("tokens/s", &errors.rate)
        );
    }
    let left_out = &groups["left out"];
    let size = |errors: &[f64], part| quantile(errors.iter().map(|error| error.abs()), part);
    assert!(size(&left_out.tpot, 0.5) <= 0.08, "the median error of a token's time");
    assert!(size(&left_out.tpot, 0.9) <= 0.25, "its 90th percentile");
    assert!(quantile(left_out.tpot.iter().copied(), 0.5).abs() <= 0.03, "its bias");
    assert!(size(&left_out.ttft, 0.5) <= 0.15, "the median error of first tokens");
}

/// What is fitted of an engine, and where the search begins.
const FITTED: [(&str, [&str; 5]); 5] = [
    ("vllm", ["iteration", "per-sequence", "per-request", "all-reduce", "small-kernel"]),
    ("tensorrt-llm", ["iteration", "per-sequence", "all-reduce", "small-kernel", "per-layer"]),
    ("sglang", ["iteration", "per-sequence", "all-reduce", "small-kernel", "per-layer"]),
    ("nim-2024", ["iteration", "per-sequence", "per-request", "attention-memory", "small-kernel"]),
    (
        "tensorrt-llm-0.9",
        ["iteration", "per-sequence", "per-request", "all-reduce", "context-chain"],
    ),
];

/// Multiplies a figure.
fn scale(engine: &mut Engine, figure: &str, factor: f64) {
    if figure == "attention-memory" {
        engine.attention_memory = (engine.attention_memory * factor).min(1.0);
        return;
    }
    let time = match figure {
        "iteration" => &mut engine.iteration,
        "per-sequence" => &mut engine.per_sequence,
        "per-layer" => &mut engine.per_layer,
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

/// Mean absolute logarithmic error, each capped at 1; first tokens count half.
fn loss(rows: &[&LatencyRow], engine: &Engine) -> f64 {
    let of = |row: &&LatencyRow| {
        let found = simulate_latency(row, engine)?;
        let mut errors = Errors::default();
        errors.add(row, &found);
        let size = |error: &f64| (1.0 + error).ln().abs().min(1.0);
        let sum = errors.tpot.iter().map(size).sum::<f64>()
            + 0.5 * errors.ttft.iter().map(size).sum::<f64>();
        Some((sum, errors.tpot.len() as f64 + 0.5 * errors.ttft.len() as f64))
    };
    let parts: Vec<(f64, f64)> = rows.par_iter().filter_map(of).collect();
    let (sum, weight) = parts.iter().fold((0.0, 0.0), |all, part| (all.0 + part.0, all.1 + part.1));
    sum / weight
}

/// A pattern search: each figure in turn is multiplied or divided by 1 + h, and h grows where that helps.
fn fit(rows: &[&LatencyRow], mut engine: Engine, figures: &[&str]) -> (Engine, f64) {
    let mut best = loss(rows, &engine);
    let mut steps = vec![0.5; figures.len()];
    for _ in 0..14 {
        for (figure, step) in figures.iter().zip(&mut steps) {
            let mut moved = false;
            for factor in [1.0 + *step, 1.0 / (1.0 + *step)] {
                let mut tried = engine.clone();
                scale(&mut tried, figure, factor);
                let found = loss(rows, &tried);
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
    for (name, figures) in FITTED {
        let of_engine = |row: &&LatencyRow| row.profile() == name && !held_out(row);
        let mine: Vec<_> = rows.iter().filter(of_engine).collect();
        let start = catalog::engine(name).expect("an engine of the catalogue");
        let before = loss(&mine, &start);
        let (found, after) = fit(&mine, start, &figures);
        println!("{name}: {before:.4} to {after:.4}: {found:?}");
    }
}
