//! What a call costs, to be looked at rather than asserted:
//!
//! ```text
//! cargo test --release --test workload_speed -- --ignored --nocapture
//! ```

use coopsim::engine::{SimDuration, Streams};
use coopsim::units::PerSecond;
use coopsim::workload::{
    Arrivals, Distribution, Lengths, RateProfile, Renewal, SourceSpec, TimestampFormat,
    TraceColumns, TraceSpec,
};
use std::fmt::Write as _;
use std::time::Instant;

/// Prints the mean time per call over at most `limit` calls.
fn measure(what: &str, spec: &SourceSpec, limit: u64) {
    let prepared = spec.prepare().unwrap();
    let started = Instant::now();
    let mut source = prepared.start("app", &Streams::new(1, 0)).unwrap();
    let ready = started.elapsed();
    let (mut calls, mut tokens) = (0u64, 0u64);
    while calls < limit
        && let Some(call) = source.next_call().unwrap()
    {
        calls += 1;
        tokens += u64::from(call.input) + u64::from(call.output);
    }
    let each = (started.elapsed() - ready).as_nanos() as f64 / calls as f64;
    println!("{what}: {each:.1} ns per call ({calls} calls, {tokens} tokens, ready in {ready:?})");
}

fn synthetic(renewal: Renewal, profile: bool, length: Distribution) -> SourceSpec {
    let profile = profile.then(|| RateProfile {
        factors: (1..=24).map(f64::from).collect(),
        step: SimDuration::from_secs(3600),
        offset: SimDuration::ZERO,
    });
    SourceSpec::Synthetic {
        arrivals: Arrivals { rate: PerSecond(40.0), renewal, profile },
        lengths: Lengths { input: length.clone(), output: length },
    }
}

#[test]
#[ignore = "prints times, asserts nothing"]
fn synthetic_calls() {
    let quantiles = (0..=100u32).map(|i| (f64::from(i) / 100.0, f64::from(i * i))).collect();
    let laws = [
        ("constant", Distribution::Constant(100.0)),
        ("exponential", Distribution::Exponential { mean: 100.0 }),
        ("gamma", Distribution::Gamma { mean: 100.0, cv: 1.5 }),
        ("lognormal", Distribution::Lognormal { mean: 100.0, cv: 1.5, max: Some(500.0) }),
        ("quantiles", Distribution::Quantiles(quantiles)),
    ];
    for (name, law) in laws {
        measure(name, &synthetic(Renewal::Poisson, false, law), 10_000_000);
    }
    let constant = Distribution::Constant(100.0);
    let bursty = Renewal::Gamma { cv: 3.0 };
    measure("gamma arrivals", &synthetic(bursty, false, constant.clone()), 10_000_000);
    measure("profile", &synthetic(Renewal::Poisson, true, constant), 10_000_000);
}

#[test]
#[ignore = "prints times, asserts nothing"]
fn trace_calls() {
    let mut content = "TIMESTAMP,ContextTokens,GeneratedTokens\r\n".to_owned();
    for row in 0..20_000u32 {
        let (minute, second, part) = (row / 6000, row / 100 % 60, row % 100);
        writeln!(
            content,
            "2023-11-16 18:{minute:02}:{second:02}.{part:02}05900,{},{}\r",
            row + 1,
            44
        )
        .unwrap();
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), content).unwrap();
    for rate_scale in [1.0, 10.0, 100.0, 1000.0, 10_000.0] {
        let spec = SourceSpec::Trace(TraceSpec {
            file: file.path().to_owned(),
            columns: TraceColumns {
                timestamp: "TIMESTAMP".into(),
                format: TimestampFormat::DateTime,
                input: "ContextTokens".into(),
                output: "GeneratedTokens".into(),
                model: None,
            },
            models: Vec::new(),
            rate_scale,
            time_scale: 1.0,
            offset: SimDuration::ZERO,
            bad_rows_allowed: 0,
        });
        measure(&format!("{rate_scale} copies"), &spec, 10_000_000);
    }
}
