//! Windows that begin at another instant than 0 of the scenario's clock.

use coopsim::engine::{SimDuration, SimTime};
use coopsim::ids::ApplicationId;
use coopsim::metrics::MetricId;
use coopsim::scenario::{self, Overrides};
use coopsim::scheduler::Start;
use coopsim::setup::Setup;
use coopsim::simulation::{Outcome, Prepared};
use coopsim::workload::SourceSpec;
use std::sync::atomic::AtomicBool;

const BASE: &str = include_str!("desk/base.yaml");
const ARRIVALS: &str = "arrivals: {poisson: {rate: 20/s}}";

fn setup(arrivals: &str) -> Setup {
    let text = BASE.replace(ARRIVALS, arrivals);
    let loaded = scenario::load_text("start", text, &Overrides::default());
    loaded.unwrap_or_else(|error| panic!("{error}")).variants.remove(0).setup
}

/// The setup, from so many hours on.
fn from(mut setup: Setup, hours: u64) -> Setup {
    setup.window.start = SimTime::ZERO + SimDuration::from_secs(3600 * hours);
    setup
}

fn run(setup: &Setup) -> Outcome {
    let prepared = Prepared::new(setup).unwrap_or_else(|error| panic!("{error}"));
    prepared.run(5, 0, &AtomicBool::new(false)).unwrap_or_else(|error| panic!("{error}"))
}

/// To the last bit, but for the hours that stand beside the time series.
fn assert_same_but_later(early: &Outcome, late: &Outcome, hours: u64) {
    assert!(early.values[0].get(MetricId::Completed).is_some_and(|calls| calls > 0.0));
    assert_eq!(early.values, late.values);
    assert_eq!(early.trends, late.trends);
    assert_eq!(early.rows.len(), late.rows.len());
    for (early, late) in early.rows.iter().zip(&late.rows) {
        assert_eq!(early.values, late.values);
        assert_eq!(early.start_s + 3600.0 * hours as f64, late.start_s);
        assert_eq!(early.end_s + 3600.0 * hours as f64, late.end_s);
    }
}

/// What is steady does not care what time it is: callers of every kind, replicas that load their weights first, money
/// and energy.
#[test]
fn a_steady_cloud_is_the_same_at_any_time() {
    for arrivals in [
        ARRIVALS,
        "arrivals: {clients: {rate: 20/s, count: 5, zipf: 1, family: gamma}}",
        "arrivals: {mmpp: {rate: 20/s, states: [{factor: 1, sojourn: 5s}, {factor: 4, sojourn: 2s}]}}",
        "users: {count: 40, think: {exponential: {mean: 2s}}}",
        "arrivals: {poisson: {rate: 5/s}}\n    sessions: {turns: {constant: 3}, think: {exponential: {mean: 2s}}}",
    ] {
        let setup = setup(arrivals);
        let late = from(setup.clone(), 8);
        assert_same_but_later(&run(&setup), &run(&late), 8);
    }
    let mut cold = setup(ARRIVALS);
    cold.scheduler.start = Start::Cold;
    assert_same_but_later(&run(&cold), &run(&from(cold.clone(), 8)), 8);
}

fn arrived(setup: &Setup) -> f64 {
    run(setup).values[0].get(MetricId::Arrived).expect("it is counted")
}

/// Calls that are expected while it is measured.
fn expected(setup: &Setup) -> f64 {
    let SourceSpec::Synthetic { arrivals, .. } = &setup.applications[ApplicationId::new(0)].source
    else {
        panic!("drawn calls");
    };
    arrivals.expected_calls(setup.window.measured())
}

/// 24 calls a second from 8 to 9 o'clock and none at other times; 60 s are measured after 10 s. Counts of Poisson calls
/// are within 4.9 standard deviations: one seed in a million fails.
#[test]
fn a_window_sees_the_hour_it_begins_in() {
    let mut factors = ["0"; 24];
    factors[8] = "24";
    let day = format!(
        "arrivals: {{poisson: {{rate: 1/s}}}}\n    modulation: {{hour-of-day: {{factors: [{}]}}}}",
        factors.join(", ")
    );
    let setup = setup(&day);
    for (hours, calls) in [(0, 0.0), (7, 0.0), (8, 1440.0), (9, 0.0)] {
        let setup = from(setup.clone(), hours);
        assert_eq!(expected(&setup), calls);
        assert!((arrived(&setup) - calls).abs() <= 4.9 * calls.sqrt(), "at {hours} h");
    }
    let [today, tomorrow] = [8, 32].map(|hours| run(&from(setup.clone(), hours)));
    assert_same_but_later(&today, &tomorrow, 24);
    // Half a minute before.
    let mut early = setup.clone();
    early.window.start = SimTime::ZERO + SimDuration::from_secs(8 * 3600 - 30);
    assert_eq!(expected(&early), 40.0 * 24.0);
    assert!((arrived(&early) - 960.0).abs() <= 4.9 * 960_f64.sqrt());
}

/// Rates that double every hour, and one that is ten times as high from 8 to 9 o'clock.
#[test]
fn growth_and_crowds_go_by_the_clock() {
    let modulated = |how: &str| {
        setup(&format!("arrivals: {{poisson: {{rate: 1/s}}}}\n    modulation: {{{how}}}"))
    };
    let growing = modulated("growth: {doubling-time: 1h}");
    let (now, later) = (expected(&growing), expected(&from(growing.clone(), 4)));
    assert!((later / now - 16.0).abs() < 1e-9, "{now} and {later}");
    assert!((arrived(&from(growing, 4)) - later).abs() <= 4.9 * later.sqrt());
    let crowd = modulated("flash-crowds: [{start: 8h, duration: 1h, factor: 10}]");
    for (hours, calls) in [(0, 60.0), (8, 600.0), (9, 60.0)] {
        let setup = from(crowd.clone(), hours);
        assert!((expected(&setup) - calls).abs() < 1e-6);
        assert!((arrived(&setup) - calls).abs() <= 4.9 * f64::sqrt(calls), "at {hours} h");
    }
}

/// Of what comes at given instants there is what has not gone by.
#[test]
fn what_went_by_does_not_come() {
    // 20 s after 8 o'clock.
    let batch = setup("all-at-once: {calls: 100, at: 28820s}");
    assert_eq!([0, 8, 9].map(|hours| arrived(&from(batch.clone(), hours))), [0.0, 100.0, 0.0]);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("rows.csv");
    let rows: String = (0..200).map(|second| format!("{second},100,10\n")).collect();
    std::fs::write(&file, format!("t,i,o\n{rows}")).expect("it is written");
    let trace = format!(
        "trace: {{file: {}, offset: 8h, format: {{columns: {{timestamp: t, unit: s, input: i, output: o}}}}}}",
        file.display()
    );
    let lengths = "    lengths: {input: {lognormal: {mean: 500, cv: 1, max: 8000}}, output: {lognormal: {mean: 100, cv: 1, max: 2000}}}\n";
    let text = BASE.replace(ARRIVALS, &trace).replace(lengths, "");
    let loaded = scenario::load_text("start", text, &Overrides::default());
    let trace = loaded.unwrap_or_else(|error| panic!("{error}")).variants.remove(0).setup;
    let at = |seconds: u64| {
        let mut setup = trace.clone();
        setup.window.start = SimTime::ZERO + SimDuration::from_secs(8 * 3600 + seconds);
        arrived(&setup)
    };
    assert_eq!([at(0), at(100), at(150), at(300)], [60.0, 60.0, 40.0, 0.0]);
}
