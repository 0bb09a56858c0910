//! Whether a warm-up is long enough: one twice as long must not move any metric by more than chance does.

use coopsim::metrics::{MetricId, Moments};
use coopsim::scenario::{Overrides, load};
use coopsim::simulation::{Outcome, Prepared};
use statrs::distribution::{ContinuousCDF, StudentsT};
use std::io::Write;
use std::sync::atomic::AtomicBool;

/// Probability that a scenario without a bias fails: of all its metrics together, by Bonferroni's inequality.
const FALSE_ALARMS: f64 = 1e-3;
/// A bill is rounded to a millionth of a dollar, and so moves a little with the instant at which it is made.
const ROUNDING: f64 = 1e-6;

/// The metrics of the whole cloud that move beyond their joint interval when `warmup` seconds become twice as many and as
/// much is measured after them: Student-t tests of the differences, paired by replication, at a
/// family-wise level of [`FALSE_ALARMS`].
pub fn moved(yaml: &str, warmup: u32, measured: u32, replications: u32) -> Vec<String> {
    let once = outcomes(yaml, warmup, measured, replications);
    let twice = outcomes(yaml, 2 * warmup, measured, replications);
    let differences = |&id: &MetricId| {
        let mut moments = Moments::default();
        for (once, twice) in once.iter().zip(&twice) {
            let pair = once.values[0].get(id).zip(twice.values[0].get(id));
            pair.into_iter().for_each(|(once, twice)| moments.add(twice - once));
        }
        Some((id, moments.mean()?))
    };
    let found: Vec<_> = MetricId::ALL.iter().filter_map(differences).collect();
    let alpha = FALSE_ALARMS / found.len() as f64;
    let moved = found.iter().filter_map(|(id, difference)| {
        let t = StudentsT::new(0.0, 1.0, f64::from(difference.n) - 1.0).expect("two replications");
        let limit = difference.ci95? / t.inverse_cdf(0.975) * t.inverse_cdf(1.0 - alpha / 2.0);
        let name = id.definition().name;
        let beyond = difference.mean.abs() > limit + ROUNDING;
        beyond.then(|| format!("{name} by {} (limit {limit})", difference.mean))
    });
    moved.collect()
}

fn outcomes(yaml: &str, warmup: u32, measured: u32, replications: u32) -> Vec<Outcome> {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(yaml.as_bytes()).expect("it is writable");
    let set = |key: &str, seconds: u32| format!("window.{key}={seconds}s");
    let window = [set("warmup", warmup), set("horizon", warmup + measured)];
    let overrides = Overrides { set: window.to_vec(), ..Overrides::default() };
    let scenario = load(file.path(), &overrides).expect("the scenario is sound");
    let prepared = Prepared::new(&scenario.variants[0].setup).expect("it has room");
    let running = AtomicBool::new(false);
    let run = |number| prepared.run(scenario.seed, number, &running).expect("its books are right");
    (0..replications).map(run).collect()
}

/// M/M/1 at 80 % load from an empty queue: relaxation takes 1/(√μ − √λ)² = 90 s.
const QUEUE: &str = "\
name: queue
seed: 5
window: {horizon: 1s, bucket: 10min}
cloud: {regions: [{name: here, clusters: [{name: servers, accelerator: {name: server}, nodes: 1, accelerators-per-node: 1}]}]}
tenants: [{name: Theory, terms: first-party}]
models:
  - name: queue
    tenant: Theory
    deployments:
      - {cluster: servers, replicas: 1, performance: {service-time: {distribution: {exponential: {mean: 1s}}, slots: 1}}}
applications: [{name: callers, arrivals: {poisson: {rate: 0.8/s}}, slo: {e2e: 5s}}]
scheduler: {capacity: fixed}
";

#[test]
fn a_bias_is_found() {
    let moved = moved(QUEUE, 10, 60, 600);
    for metric in ["latency.wait_s.mean", "latency.e2e_s.mean", "queue.length_mean"] {
        assert!(moved.iter().any(|each| each.starts_with(metric)), "not {metric}: {moved:?}");
    }
}

#[test]
fn a_long_warmup_has_none() {
    let queue = moved(QUEUE, 1000, 1000, 30);
    assert!(queue.is_empty(), "{queue:?}");
    let base = moved(include_str!("desk/base.yaml"), 30, 60, 20);
    assert!(base.is_empty(), "{base:?}");
}
