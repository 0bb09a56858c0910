//! Arrival streams: what drawing or reading a call costs, apart from serving it.

mod common {
    pub(crate) mod cpu;
    pub(crate) mod traces;
}

use common::cpu::{CpuTime, criterion, measure};
use coopsim::engine::{SimDuration, SimTime, Span, Streams};
use coopsim::units::PerSecond;
use coopsim::workload::{
    Arrivals, Client, ClientGaps, Distribution, Lengths, Mmpp, MmppState, Modulation,
    PreparedSource, Process, RateProfile, Renewal, SourceSpec, TimestampFormat, TraceColumns,
    TraceSpec,
};
use criterion::Criterion;

const CALLS: u64 = 200_000;
const TRACE_ROWS: u32 = 20_000;

fn main() {
    let mut criterion = criterion();
    synthetic(&mut criterion);
    trace(&mut criterion);
    criterion.final_summary();
}

fn synthetic(criterion: &mut Criterion<CpuTime>) {
    let quantiles = (0..=100_u32).map(|i| (f64::from(i) / 100.0, f64::from(i * i))).collect();
    let lognormal = Box::new(Distribution::Lognormal { mean: 100.0, cv: 1.5 });
    let truncated = Distribution::Truncated { law: lognormal, min: 0.0, max: 500.0 };
    let laws = [
        ("constant", Distribution::Constant(100.0)),
        ("exponential", Distribution::Exponential { mean: 100.0 }),
        ("gamma", Distribution::Gamma { mean: 100.0, cv: 1.5 }),
        ("truncated lognormal", truncated),
        ("weibull", Distribution::Weibull { mean: 100.0, cv: 1.5 }),
        ("pareto", Distribution::Pareto { mean: 100.0, cv: 1.5 }),
        ("zipf", Distribution::Zipf { exponent: 1.1, max: 10_000 }),
        ("quantiles", Distribution::Quantiles(quantiles)),
    ];
    for (name, law) in laws {
        let spec = stream(steady(Renewal::Poisson), law);
        measure_calls(criterion, &format!("{name} lengths"), &spec);
    }
    let constant = Distribution::Constant(100.0);
    let modulated = |modulation| Arrivals { modulation, ..steady(Renewal::Poisson) };
    let hourly = RateProfile {
        factors: (1..=24).map(f64::from).collect(),
        step: SimDuration::from_secs(3600),
        offset: SimDuration::ZERO,
    };
    let growing = Modulation { growth: 1e-8, ..Modulation::default() };
    let mmpp = Process::Mmpp(Mmpp {
        states: [(1.0, 60, [0.0, 1.0]), (10.0, 5, [1.0, 0.0])]
            .map(|(factor, sojourn, next)| MmppState {
                factor,
                sojourn: SimDuration::from_secs(sojourn),
                next: next.to_vec(),
            })
            .to_vec(),
    });
    let clients = (1..=162).map(|rank| Client {
        name: format!("{rank}"),
        share: 1.0 / 162.0,
        gaps: ClientGaps::Given(Renewal::Gamma { cv: 3.0 }),
        lengths: None,
    });
    for (name, arrivals) in [
        ("gamma arrivals", steady(Renewal::Gamma { cv: 3.0 })),
        ("weibull arrivals", steady(Renewal::Weibull { cv: 3.0 })),
        ("pareto arrivals", steady(Renewal::Pareto { cv: 3.0 })),
        ("hour-of-day", modulated(Modulation { profile: Some(hourly), ..Modulation::default() })),
        ("growth", modulated(growing)),
        ("mmpp arrivals", Arrivals { process: mmpp, ..steady(Renewal::Poisson) }),
        ("162 clients", {
            let process = Process::Clients(clients.collect());
            Arrivals { process, ..steady(Renewal::Poisson) }
        }),
    ] {
        measure_calls(criterion, name, &stream(arrivals, constant.clone()));
    }
}

fn steady(renewal: Renewal) -> Arrivals {
    Arrivals::steady(PerSecond(40.0), renewal)
}

/// Calls of which both lengths follow `law`.
fn stream(arrivals: Arrivals, law: Distribution) -> SourceSpec {
    let lengths = Some(Lengths { input: law.clone(), output: law, cached: None });
    SourceSpec::Synthetic { arrivals, lengths }
}

fn trace(criterion: &mut Criterion<CpuTime>) {
    let file = common::traces::hour_of_calls(TRACE_ROWS);
    for copies in [1.0, 20.0, 1000.0] {
        let spec = SourceSpec::Trace(TraceSpec {
            file: file.path().to_owned(),
            columns: TraceColumns {
                timestamp: "TIMESTAMP".into(),
                format: TimestampFormat::DateTime,
                input: "ContextTokens".into(),
                output: "GeneratedTokens".into(),
                model: None,
                cached: None,
            },
            models: Vec::new(),
            rate_scale: copies,
            time_scale: 1.0,
            offset: SimDuration::ZERO,
            bad_rows_allowed: 0,
        });
        measure_calls(criterion, &format!("trace ×{copies}"), &spec);
    }
}

/// Measures the first calls of `spec`, of which a short trace may have fewer.
fn measure_calls(criterion: &mut Criterion<CpuTime>, name: &str, spec: &SourceSpec) {
    let prepared = spec.prepare().unwrap_or_else(|error| panic!("{error}"));
    let calls = tokens_and_calls(&prepared).1;
    measure(criterion, "workload", name, calls, || tokens_and_calls(&prepared));
}

fn tokens_and_calls(prepared: &PreparedSource) -> (u64, u64) {
    let mut source = prepared
        .start(Span::from(SimTime::ZERO), "chat", &Streams::new(1, 0))
        .expect("the trace is there");
    let (mut tokens, mut calls) = (0, 0);
    while calls < CALLS
        && let Some(call) = source.next_call().expect("the trace is sound")
    {
        calls += 1;
        tokens += u64::from(call.input) + u64::from(call.output);
    }
    (tokens, calls)
}
