//! Temporary.
use coopsim::validation::{self, LatencyRow, Simulated};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::io::BufRead;
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h: u64, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3))
}
fn held(row: &LatencyRow) -> bool { (hash(&row.group()) >> 20) % 3 == 0 }
fn engine(row: &LatencyRow) -> &'static str {
    match (row.source.as_str(), row.engine.as_str()) {
        ("nim", _) => "nim-2024", ("trtllm-static", _) => "tensorrt-llm-0.9", (_, "vllm") => "vllm", (_, "sglang" | "atom") => "sglang", _ => "tensorrt-llm" }
}
fn all(rows: &[LatencyRow]) -> Vec<(LatencyRow, Simulated)> {
    rows.par_iter().filter_map(|row| validation::simulate(row).map(|s| (row.clone(), s))).collect()
}
fn loss(found: &[(LatencyRow, Simulated)]) -> f64 {
    let (mut sum, mut n) = (0.0, 0.0);
    for (row, s) in found {
        if let Some(t) = row.tpot_ms.filter(|t| *t > 0.0) { let e = (s.tpot * 1e3 / t).ln().abs(); sum += e.min(1.0); n += 1.0; }
        if let Some(t) = row.ttft_ms.filter(|t| *t > 0.0 && row.stream_interval == "1") { let e = (s.ttft * 1e3 / t).ln().abs(); sum += 0.5 * e.min(1.0); n += 0.5; }
    }
    sum / n
}
fn write(found: &[(LatencyRow, Simulated)]) {
    let mut out = csv::Writer::from_path("/root/me/latency.csv").unwrap();
    out.write_record(["source","engine","model","precision","chip","n","group","held","band","input","output","users","interval","date","ttft","s_ttft","tpot","s_tpot","tps","s_tps","batching"]).unwrap();
    for (row, s) in found {
        out.write_record([row.source.as_str(), engine(row), &row.model, &row.precision, &row.accelerator, &row.accelerators.unwrap_or(0.0).to_string(), &row.group(), &u8::from(held(row)).to_string(), row.band(), &row.input_tokens.to_string(), &row.output_tokens.to_string(), &row.concurrency.unwrap_or(0.0).to_string(), &row.stream_interval, &row.date,
            &row.ttft_ms.unwrap_or(0.0).to_string(), &(s.ttft*1e3).to_string(), &row.tpot_ms.unwrap_or(0.0).to_string(), &(s.tpot*1e3).to_string(), &row.tokens_per_s.unwrap_or(0.0).to_string(), &s.tokens_per_s.to_string(), &row.batching]).unwrap();
    }
}
fn median(mut v: Vec<f64>) -> f64 { if v.is_empty() { return f64::NAN } v.sort_by(f64::total_cmp); v[v.len()/2] }
fn show(found: &[(LatencyRow, Simulated)]) {
    let mut by: BTreeMap<&str, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
    for (row, s) in found { for key in ["all", engine(row)] { let e = by.entry(key).or_default();
        if let Some(t) = row.tpot_ms.filter(|t| *t > 0.0) { e.0.push(s.tpot*1e3/t-1.0) }
        if let Some(t) = row.ttft_ms.filter(|t| *t > 0.0 && row.stream_interval == "1") { e.1.push(s.ttft*1e3/t-1.0) } } }
    for (k, (a, b)) in by { let f = |v: &Vec<f64>| format!("{:.1} (bias {:+.1})", 100.0*median(v.iter().map(|x| x.abs()).collect()), 100.0*median(v.clone()));
        println!("{k:20} tpot {} ttft {}", f(&a), f(&b)); }
}
/// Commands on stdin: `set key value`, `show`, `write`, `fit engine key,key,…`, `rows` resets nothing.
fn main() {
    let mut reader = csv::Reader::from_path("/work/shared/data/serving/latency.csv").unwrap();
    let rows: Vec<LatencyRow> = reader.deserialize().map(|row| row.unwrap()).filter(LatencyRow::is_clean).collect();
    // Configurations measured on several dates, more than 15 % apart.
    let mut spans: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    let key = |r: &LatencyRow| format!("{} {} {} {} {} {}", r.source, r.group(), r.input_tokens, r.output_tokens, r.concurrency.unwrap_or(0.0), r.lengths);
    for r in &rows { if let Some(t) = r.tpot_ms { let e = spans.entry(key(r)).or_insert((t, t)); e.0 = e.0.min(t); e.1 = e.1.max(t); } }
    let before = rows.len();
    let rows: Vec<LatencyRow> = if std::env::var("ALL").is_ok() { rows } else { rows.into_iter().filter(|r| spans.get(&key(r)).is_none_or(|(a, b)| b / a <= 1.15)).collect() };
    eprintln!("{} contradict", before - rows.len());
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap(); let words: Vec<_> = line.split_whitespace().collect();
        match words.as_slice() {
            ["set", key, value] => coopsim::knobs::set(key, value.parse().unwrap()),
            ["show"] => show(&all(&rows)),
            ["write"] => write(&all(&rows)),
            ["fit", name, keys] => {
                let mine: Vec<_> = rows.iter().filter(|r| engine(r) == *name && !held(r)).cloned().collect();
                let mut steps: BTreeMap<&str, f64> = BTreeMap::new(); let mut at: BTreeMap<&str, f64> = BTreeMap::new();
                for key in keys.split(',') { let (key, start) = key.split_once('=').unwrap(); at.insert(key, start.parse().unwrap()); steps.insert(key, 0.4); }
                let put = |at: &BTreeMap<&str, f64>| for (k, v) in at { coopsim::knobs::set(&format!("{name}.{k}"), *v) };
                put(&at); let mut best = loss(&all(&mine)); let start = best;
                for _ in 0..12 { for key in at.keys().copied().collect::<Vec<_>>() { let h = steps[key]; let mut moved = false;
                    for f in [1.0 + h, 1.0/(1.0 + h)] { let mut t = at.clone(); *t.get_mut(key).unwrap() *= f; put(&t); let l = loss(&all(&mine)); if l < best - 1e-6 { best = l; at = t; moved = true; break; } }
                    *steps.get_mut(key).unwrap() *= if moved { 1.3 } else { 0.5 }; } if steps.values().all(|h| *h < 0.02) { break; } }
                put(&at); println!("{name}: {start:.4} -> {best:.4} {at:.3?}");
            }
            _ => println!("? {line}"),
        }
    }
}
