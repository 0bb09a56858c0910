//! Queueing theory, through ordinary YAML and the program itself.
//!
//! Each check is a two-sided Student-t test of the mean over independent replications against an
//! exact value. All checks of this file together may raise a false alarm for one seed in a
//! thousand: [`FALSE_ALARMS`], shared equally by at most [`CHECKS`] of them. The seeds are in the
//! scenarios and in every message; they were the first that were tried.

use crate::desk::Desk;
use coopsim::validation::{Check, MeasuredRows, Options, Verdict, check_coverage, validate};
use serde_json::Value;
use statrs::distribution::{ContinuousCDF, StudentsT};
use std::sync::atomic::AtomicBool;

/// Probability that a sound program fails any check of this file.
const FALSE_ALARMS: f64 = 1e-3;
/// At least as many as there are.
const CHECKS: f64 = 50.0;
/// Latency histograms keep three digits.
const HISTOGRAM: f64 = 1e-3;

/// A queue: `slots` servers with a law of service time, and Poisson arrivals.
struct Queue {
    seed: u64,
    rate: f64,
    service: &'static str,
    slots: u32,
    horizon: &'static str,
}

impl Queue {
    fn yaml(&self) -> String {
        let Self { seed, rate, service, slots, horizon } = self;
        format!(
            "\
name: queue
seed: {seed}
replications: 20
window: {{warmup: 2h, horizon: {horizon}, bucket: {horizon}}}
cloud:
  regions:
    - name: anywhere
      clusters:
        - {{name: servers, accelerator: {{name: server}}, nodes: 1, accelerators-per-node: 1}}
tenants: [{{name: Theory, terms: first-party}}]
models:
  - name: queue
    tenant: Theory
    deployments:
      - cluster: servers
        accelerators: 1
        replicas: 1
        performance: {{service-time: {{distribution: {service}, slots: {slots}}}}}
applications:
  - {{name: callers, arrivals: {{poisson: {{rate: {rate}/s}}}}}}
scheduler: {{capacity: fixed}}
"
        )
    }

    fn measure(&self) -> Measured {
        let desk = Desk::new();
        desk.write("x.yaml", self.yaml());
        Measured::run(&desk, "x.yaml")
    }
}

struct Measured {
    seed: u64,
    metrics: Value,
}

impl Measured {
    fn run(desk: &Desk, file: &str) -> Self {
        let output = desk.run(&["run", file, "--format", "json", "--quiet"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let summary: Value = serde_json::from_slice(&output.stdout).expect("valid JSON");
        let seed = summary["seed"].as_u64().expect("a seed");
        Self { seed, metrics: summary["variants"][0]["metrics"].clone() }
    }

    /// Mean, half-width and number of replications.
    fn estimate(&self, metric: &str) -> (f64, f64, f64) {
        let estimate = &self.metrics[metric];
        let number = |key: &str| estimate[key].as_f64().unwrap_or_else(|| panic!("no {metric}"));
        (number("mean"), number("ci95"), number("n"))
    }

    /// Tests the hypothesis that a metric's expectation is `theory`, up to `resolution` of it.
    fn agrees_within(&self, metric: &str, theory: f64, resolution: f64) {
        let (mean, ci95, n) = self.estimate(metric);
        let t = StudentsT::new(0.0, 1.0, n - 1.0).expect("some replications");
        let quantile = |p| t.inverse_cdf(p);
        let alpha = FALSE_ALARMS / CHECKS;
        let limit = ci95 / quantile(0.975) * quantile(1.0 - alpha / 2.0) + resolution * theory;
        assert!(
            (mean - theory).abs() <= limit,
            "{metric}: {mean} ± {ci95} over {n} replications, but theory says {theory} (seed {})",
            self.seed
        );
        // A test that could not fail would prove nothing.
        assert!(limit < 0.2 * theory, "{metric}: ±{limit} cannot tell {theory} from anything");
    }

    fn agrees(&self, metric: &str, theory: f64) {
        self.agrees_within(metric, theory, 0.0);
    }
}

/// Erlang's C formula: the probability of waiting with `servers` and `load` erlangs. By Erlang B's
/// recursion: B(0) = 1, B(n) = aB(n−1)/(n + aB(n−1)); C = B/(1 − ρ(1 − B)).
fn erlang_c(servers: u32, load: f64) -> f64 {
    let blocked = (1..=servers).fold(1.0, |b, n| load * b / (f64::from(n) + load * b));
    blocked / (1.0 - load / f64::from(servers) * (1.0 - blocked))
}

/// Mean wait, tail, and Little's law of M/M/10 with a mean service time of 1 s.
fn mm10(rho: f64, seed: u64) {
    let (servers, rate) = (10, 10.0 * rho);
    let horizon = "6h";
    let service = "{exponential: {mean: 1s}}";
    let found = Queue { seed, rate, service, slots: servers, horizon }.measure();
    let waits = erlang_c(servers, rate);
    let decay = f64::from(servers) - rate;
    let wait = waits / decay;
    found.agrees("latency.wait_s.mean", wait);
    found.agrees("latency.e2e_s.mean", wait + 1.0);
    found.agrees("queue.length_mean", rate * wait);
    found.agrees("queue.in_system_mean", rate * (wait + 1.0));
    found.agrees("utilisation.busy", rho);
    // P(W > t) = C·exp(−(cμ − λ)t), so the p-quantile is ln(C/(1 − p))/(cμ − λ).
    for (metric, p) in [("latency.wait_s.p90", 0.9), ("latency.wait_s.p99", 0.99)] {
        let theory = (waits / (1.0 - p)).ln() / decay;
        if theory > 0.0 {
            found.agrees_within(metric, theory, HISTOGRAM);
        }
    }
}

#[test]
fn erlang_c_is_the_published_one() {
    assert!((erlang_c(10, 9.0) - 0.668732).abs() < 5e-7);
    assert!((erlang_c(1, 0.5) - 0.5).abs() < 1e-15, "M/M/1: the utilisation");
}

#[test]
fn mm10_at_half_load() {
    mm10(0.5, 1);
}

#[test]
fn mm10_at_0_8() {
    mm10(0.8, 2);
}

#[test]
fn mm10_at_0_9() {
    mm10(0.9, 3);
}

/// Pollaczek and Khinchine: W = λE[S²]/(2(1 − ρ)), for any law of service.
#[test]
fn one_server_with_any_law_of_service() {
    let rho = 0.7;
    for (seed, service, squared_cv) in [
        (4, "{constant: 1s}", 0.0),
        (5, "{uniform: {min: 0s, max: 2s}}", 1.0 / 3.0),
        (6, "{exponential: {mean: 1s}}", 1.0),
        (7, "{gamma: {mean: 1s, cv: 1.5}}", 2.25),
        (8, "{lognormal: {mean: 1s, cv: 1}}", 1.0),
    ] {
        let found = Queue { seed, rate: rho, service, slots: 1, horizon: "30h" }.measure();
        let wait = rho * (1.0 + squared_cv) / (2.0 * (1.0 - rho));
        found.agrees("latency.wait_s.mean", wait);
        found.agrees("queue.length_mean", rho * wait);
        found.agrees("utilisation.busy", rho);
    }
}

/// Ten servers at nine tenths of their load wait so long in units of the constant service time: the published
/// value, to which `validation::theory` holds Crommelin's formula.
#[test]
fn ten_servers_of_constant_time() {
    let service = "{constant: 1s}";
    let found = Queue { seed: 9, rate: 9.0, service, slots: 10, horizon: "8h" }.measure();
    found.agrees("latency.wait_s.mean", 0.344_582);
}

/// What `coopsim validate` checks, at loads of 0.5, 0.9 and 0.98, with a seed that is not its
/// default: Erlang B and C, Pollaczek and Khinchine, M/D/c, processor sharing, batches, waits one
/// by one.
#[test]
fn validation_agrees_with_another_seed() {
    let options = Options { seed: 20, quick: true, threads: Some(3) };
    let measured = MeasuredRows { origin: String::new(), rows: Vec::new() };
    let rows =
        |options| validate(&options, &measured, &|_| (), &AtomicBool::new(false)).expect("it runs");
    let found = rows(options);
    let deviates = |check: &&Check| check.verdict == Verdict::Deviates;
    let failed: Vec<_> = found.checks.iter().filter(deviates).collect();
    assert!(failed.is_empty(), "seed {}: {failed:#?}", options.seed);
    for load in ["ρ = 0.5:", "ρ = 0.9:", "ρ = 0.98:"] {
        let checks = found.checks.iter().filter(|check| check.name.contains(load)).count();
        assert!(checks > 15, "{checks} checks at {load}");
    }
    assert_eq!(found, rows(Options { threads: Some(1), ..options }), "whatever the threads");
}

/// 1,000 experiments of ten replications each: between 93 and 97 % of their 95 % intervals cover
/// the mean. A binomial count is outside for four seeds in a thousand.
#[test]
fn intervals_of_1000_experiments_cover() {
    let check = check_coverage(1, 1000, &AtomicBool::new(false)).expect("it runs");
    assert_eq!(check.verdict, Verdict::Agrees, "seed 1: {check:?}");
}

/// The shipped check does what its description says.
#[test]
fn the_shipped_queue_covers_theory_narrowly() {
    let desk = Desk::new();
    desk.write("mm10.yaml", include_str!("../../scenarios/mm10.yaml"));
    let found = Measured::run(&desk, "mm10.yaml");
    let (mean, ci95, _) = found.estimate("latency.wait_s.mean");
    assert!((mean - 0.668732).abs() <= ci95, "{mean} ± {ci95} (seed {})", found.seed);
    assert!(ci95 < 0.02 * 0.668732, "± {ci95} is wide (seed {})", found.seed);
}

/// The index of tokens served is the index asked for. That of a sample of n calls is higher by
/// (1 − HHI)/n, as its shares are drawn.
#[test]
fn concentration_gives_its_index() {
    for (seed, hhi) in [(10, 0.34), (11, 0.5), (12, 0.8), (13, 1.0)] {
        let desk = Desk::new();
        let base = include_str!("desk/base.yaml");
        let choice = base.find("  choice:").expect("it has a choice");
        desk.write(
            "x.yaml",
            format!("{}  choice: {{concentration: {{hhi: {hhi}}}}}\n", &base[..choice])
                .replace("seed: 7", &format!("seed: {seed}"))
                .replace("replications: 2", "replications: 20")
                .replace("horizon: 70s", "horizon: 910s")
                .replace("{lognormal: {mean: 500, cv: 1, max: 8000}}", "{constant: 100}")
                .replace("{lognormal: {mean: 100, cv: 1, max: 2000}}", "{constant: 10}"),
        );
        let found = Measured::run(&desk, "x.yaml");
        let (calls, ..) = found.estimate("requests.completed");
        assert!(calls > 17_000.0);
        // At 1 there is no chance in it, and so no interval: rounding is all that is left.
        found.agrees_within("market.hhi", hhi + (1.0 - hhi) / calls, 1e-12);
    }
}
