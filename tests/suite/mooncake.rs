//! Mooncake's public conversations, as they come: every row in, and the cached prefixes that they
//! say. The data are not part of the project: `COOPSIM_DATA` names their folder, `../shared/data`
//! unless given. Without them this test says so and passes, except where `CI` is `true`.

use crate::desk::Desk;
use coopsim::engine::Streams;
use coopsim::workload::{
    CachedColumn, Call, Prefix, Source, SourceSpec, TimestampFormat, TraceColumns, TraceSpec,
};
use serde_json::Value;
use std::path::Path;

const ROWS: usize = 12_031;

const TRACE: &str = "traces/mooncake_conversation.csv";

/// (input, output, cached) of each row, read without this program's reader.
fn rows(trace: &Path) -> Vec<(u32, u32, u32)> {
    let text = std::fs::read_to_string(trace).expect("it is text");
    let row = |line: &str| {
        let fields: Vec<u32> = line.split(',').map(|field| field.parse().unwrap()).collect();
        (fields[1], fields[2], (512 * fields[4]).min(fields[1] - 1))
    };
    text.lines().skip(1).map(row).collect()
}

#[test]
fn every_row_comes_with_its_cached_prefix() {
    let Some(trace) = crate::data::file(TRACE) else { return };
    let expected = rows(&trace);
    assert_eq!(expected.len(), ROWS);
    let spec = SourceSpec::Trace(TraceSpec {
        file: trace,
        columns: TraceColumns {
            timestamp: "t_ms".into(),
            format: TimestampFormat::Milliseconds,
            input: "input_len".into(),
            output: "output_len".into(),
            model: None,
            cached: Some(CachedColumn {
                column: "prefix_hit_blocks".into(),
                block: 512,
                prefix: Prefix::Own,
            }),
        },
        models: Vec::new(),
        rate_scale: 1.0,
        time_scale: 1.0,
        offset: coopsim::engine::SimDuration::ZERO,
        bad_rows_allowed: 0,
    });
    let mut source = Source::new(&spec, "conversations", &Streams::new(1, 0)).unwrap();
    let calls: Vec<Call> = std::iter::from_fn(|| source.next_call().unwrap()).collect();
    let found: Vec<_> = calls.iter().map(|call| (call.input, call.output, call.cached)).collect();
    assert_eq!(found, expected);
    let cached: f64 = expected.iter().map(|row| f64::from(row.2)).sum();
    let mean = spec.expected(coopsim::engine::SimDuration::from_secs(3600)).unwrap().mean_cached;
    assert!((mean * ROWS as f64 - cached).abs() < 1e-3);
}

/// Through a scenario to the metrics: what completes was cached as its rows say.
#[test]
fn a_scenario_counts_what_was_cached() {
    let Some(trace) = crate::data::file(TRACE) else { return };
    let base = include_str!("desk/base.yaml");
    let start = base.find("    arrivals:").expect("it has arrivals");
    let end = base.find("    slo:").expect("it has an objective");
    let replay = format!("    trace: {{file: '{}', format: mooncake}}\n", trace.display());
    let desk = Desk::new();
    let (before, after) = (&base[..start], &base[end..]);
    let after = after.replace("aurora-8b: 0.5, borealis-8b: 0.3, house-8b: 0.2", "fast: 1");
    let fast = "  - {name: fast, tenant: House, price: {input: 1 USD/Mtok, output: 1 USD/Mtok}, deployments: [{cluster: h100, replicas: 1, \
                prefix-cache: true, performance: {affine: {overhead: 1us, kv-capacity: 100000000}}}]}\n";
    let before = before.replace("applications:\n", &format!("{fast}applications:\n"));
    desk.write("x.yaml", format!("{before}{replay}{after}"));
    let output = desk.run(&[
        "run",
        "x.yaml",
        "--format",
        "json",
        "--quiet",
        "--replications",
        "1",
        "--set",
        "window={warmup: 0s, horizon: 2h}",
    ]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let summary: Value = serde_json::from_slice(&output.stdout).expect("valid JSON");
    let mean = |metric: &str| summary["variants"][0]["metrics"][metric]["mean"].as_f64().unwrap();
    let expected = rows(&trace);
    assert_eq!(mean("requests.completed"), ROWS as f64);
    let sum = |of: fn(&(u32, u32, u32)) -> u32| -> f64 {
        expected.iter().map(|row| f64::from(of(row))).sum()
    };
    assert_eq!(mean("tokens.input"), sum(|row| row.0));
    assert_eq!(mean("tokens.cached_input"), sum(|row| row.2));
}
