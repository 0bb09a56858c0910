//! Latency against concurrency: how far simulated rows are from measured ones.

mod fit;

use crate::data;
use coopsim::catalog;
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
    /// First tokens count where the row's are those of one token.
    fn add(&mut self, row: &LatencyRow, found: &Simulated) {
        self.add_if(row, found, row.interval() == Some(1));
    }

    /// First tokens count where it is known how many come in the first chunk.
    fn add_of_known_interval(&mut self, row: &LatencyRow, found: &Simulated) {
        self.add_if(row, found, row.interval().is_some());
    }

    fn add_if(&mut self, row: &LatencyRow, found: &Simulated, with_first: bool) {
        let error = |measured: Option<f64>, found: f64| measured.map(|value| found / value - 1.0);
        self.tpot.extend(error(row.tpot_ms, 1e3 * found.tpot));
        if with_first {
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
