//! How many replicas there are, whether they start warm, and whether they are enough.

use coopsim::experiment::{self, Options, Results};
use coopsim::scenario::{self, Overrides};
use std::sync::atomic::AtomicBool;

/// A plain scenario: one model of 16 GB on one accelerator, called five times a second.
const PLAIN: &str = "\
name: plain
seed: 3
replications: 2
window: {horizon: 2m}
cloud:
  regions:
    - name: r
      clusters: [{name: c, accelerator: H100-SXM, nodes: 1, capital: 2 USD/h}]
tenants: [{name: t, terms: {rental: {price: 3 USD/h}}}]
models:
  - {name: m, tenant: t, architecture: Llama-3.1-8B, deployments: [{cluster: c}]}
applications:
  - name: a
    arrivals: {poisson: {rate: 5/s}}
    lengths: {input: {constant: 500}, output: {constant: 50}}
";

fn run(text: &str, set: &[&str]) -> Results {
    let set = set.iter().map(|&one| one.to_owned()).collect();
    let overrides = Overrides { set, ..Overrides::default() };
    let scenario = scenario::load_text("capacity.yaml", text.to_owned(), &overrides);
    let scenario = scenario.unwrap_or_else(|error| panic!("{error}"));
    let never = AtomicBool::new(false);
    experiment::run(&scenario, &Options::default(), &|_| {}, &never).expect("it runs")
}

fn mean(results: &Results, metric: &str) -> f64 {
    let metrics = &results.variants[0].metrics;
    metrics.get(metric).unwrap_or_else(|| panic!("no {metric}")).mean
}

/// 16 GB at 1 GB/s are 16 s in which five calls a second wait: 80 of 600, 8 s each in the mean, if
/// the replica starts cold. Warm, a call of the first second waits for an iteration at most.
#[test]
fn replicas_start_warm_unless_the_scenario_says_cold() {
    let warm = run(PLAIN, &[]);
    assert!(mean(&warm, "latency.wait_s.mean") < 0.05);
    assert!(!warm.notes.iter().any(|note| note.contains("cold")));
    let cold = run(PLAIN, &["scheduler.start=cold"]);
    assert!(mean(&cold, "latency.wait_s.mean") > 0.8);
    let note = "Replicas start cold: the last ones, of `m`, are ready after 16.1 s, later than the warm-up ends";
    assert!(cold.notes.iter().any(|found| found.starts_with(note)), "{:?}", cold.notes);
    let slow = run(PLAIN, &["scheduler.start=cold", "window.warmup=1m"]);
    assert!(slow.notes.iter().any(|note| note.ends_with("before the warm-up ends.")));
}
