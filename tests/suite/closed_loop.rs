//! Sources that wait for answers, and those that bring everything at once, against theory and
//! against each other.
//!
//! The z-tests are two-sided Student-t tests of means over independent replications. All of them
//! together may raise a false alarm for one seed in a thousand; the seeds are in every message and
//! were the first that were tried.

use crate::desk::Desk;
use serde_json::Value;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Probability that a sound program fails any check of this file, and at least how many there are.
const FALSE_ALARMS: f64 = 1e-3;
const CHECKS: f64 = 40.0;

/// A queue with `slots` servers of exponential service with mean 1 s.
fn queue(seed: u64, slots: u32, application: &str) -> String {
    format!(
        "\
name: queue
seed: {seed}
replications: 20
window: {{warmup: 10min, horizon: 4h, bucket: 4h}}
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
        replicas: 1
        performance: {{service-time: {{distribution: {{exponential: {{mean: 1s}}}}, slots: {slots}}}}}
applications:
  - name: callers
    {application}
scheduler: {{capacity: fixed}}
"
    )
}

/// The base scenario, with another source of calls.
fn base(application: &str) -> String {
    let base = include_str!("desk/base.yaml");
    let old = "arrivals: {poisson: {rate: 20/s}}";
    assert!(base.contains(old));
    base.replacen(old, application, 1)
}

struct Found {
    seed: u64,
    metrics: Value,
}

impl Found {
    fn run(yaml: &str, set: &[&str]) -> Self {
        let desk = Desk::new();
        desk.write("x.yaml", yaml);
        let mut arguments = vec!["run", "x.yaml", "--format", "json", "--quiet"];
        set.iter().for_each(|one| arguments.extend(["--set", one]));
        let output = desk.run(&arguments);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let summary: Value = serde_json::from_slice(&output.stdout).expect("valid JSON");
        let seed = summary["seed"].as_u64().expect("a seed");
        Self { seed, metrics: summary["variants"][0]["metrics"].clone() }
    }

    fn number(&self, metric: &str, key: &str) -> f64 {
        self.metrics[metric][key].as_f64().unwrap_or_else(|| panic!("no {key} of {metric}"))
    }

    fn mean(&self, metric: &str) -> f64 {
        self.number(metric, "mean")
    }

    /// Tests the hypothesis that a metric's expectation is `theory`.
    fn agrees(&self, metric: &str, theory: f64) {
        let (mean, ci95) = (self.mean(metric), self.number(metric, "ci95"));
        let n = self.number(metric, "n");
        let t = StudentsT::new(0.0, 1.0, n - 1.0).expect("some replications");
        let alpha = FALSE_ALARMS / CHECKS;
        let limit = ci95 / t.inverse_cdf(0.975) * t.inverse_cdf(1.0 - alpha / 2.0);
        assert!(
            (mean - theory).abs() <= limit,
            "{metric}: {mean} ± {ci95}, but theory says {theory} (seed {})",
            self.seed
        );
        // A test that could not fail would prove nothing.
        assert!(limit < 0.1 * theory, "{metric}: ±{limit} cannot tell {theory} from anything");
    }
}

/// Throughput and mean number waiting of M/M/c with `users` who think for 1/λ: machine repair. Births
/// at (N − n)λ, deaths at min(n, c).
fn machine_repair(users: u32, think: f64, servers: u32) -> (f64, f64) {
    let mut weights = vec![1.0];
    for n in 1..=users {
        let before = weights[n as usize - 1];
        weights.push(before * f64::from(users - n + 1) / think / f64::from(n.min(servers)));
    }
    let total: f64 = weights.iter().sum();
    let mean = |value: &dyn Fn(u32) -> f64| -> f64 {
        (0..=users).map(|n| value(n) * weights[n as usize] / total).sum()
    };
    (mean(&|n| f64::from(n.min(servers))), mean(&|n| f64::from(n.saturating_sub(servers))))
}

#[test]
fn the_formula_is_the_known_one() {
    // One machine, one repairman: it is down λ/(λ + μ) of the time.
    let (throughput, waiting) = machine_repair(1, 4.0, 1);
    assert!((throughput - 0.2).abs() < 1e-15 && waiting == 0.0);
    // As many repairmen as machines: nobody waits, each has a cycle of 5 s.
    let (throughput, waiting) = machine_repair(6, 4.0, 6);
    assert!((throughput - 1.2).abs() < 1e-12 && waiting < 1e-15);
}

#[test]
fn users_who_think_are_the_machine_repair_model() {
    for (seed, users, think, servers) in [(1, 8, 6.0, 1), (2, 30, 20.0, 2), (3, 12, 0.5, 4)] {
        let source =
            format!("users: {{count: {users}, think: {{exponential: {{mean: {think}s}}}}}}");
        let found = Found::run(&queue(seed, servers, &source), &[]);
        let (throughput, waiting) = machine_repair(users, think, servers);
        found.agrees("throughput.requests_per_s", throughput);
        found.agrees("queue.length_mean", waiting);
        found.agrees("latency.wait_s.mean", waiting / throughput);
        found.agrees("utilisation.busy", throughput / f64::from(servers));
    }
}

/// With as many servers as users nobody waits, and throughput depends on means only.
#[test]
fn a_closed_loop_without_queueing_is_insensitive() {
    for (seed, think) in [(4, "{constant: 3s}"), (5, "{lognormal: {mean: 3s, cv: 2}}")] {
        let source = format!("users: {{count: 10, think: {think}}}");
        let found = Found::run(&queue(seed, 10, &source), &[]);
        found.agrees("throughput.requests_per_s", 10.0 / 4.0);
        assert!(found.mean("latency.wait_s.mean") < 1e-8, "boundaries are whole nanoseconds");
    }
}

/// Users who do not think keep as many calls in the system as there are users.
#[test]
fn without_thinking_the_population_is_always_there() {
    let found = Found::run(&queue(6, 2, "users: {count: 7}"), &[]);
    found.agrees("throughput.requests_per_s", 2.0);
    assert!((found.mean("queue.in_system_mean") - 7.0).abs() < 1e-6);
    assert_eq!(found.mean("requests.in_flight"), 7.0);
}

/// Turning away takes no time; the clock goes on nevertheless.
#[test]
fn users_turned_away_try_again_but_not_at_once() {
    let yaml = base("users: {count: 3}")
        .replace("{lognormal: {mean: 500, cv: 1, max: 8000}}", "{constant: 9e6}");
    let found = Found::run(&yaml, &[]);
    // Three users, a try a second, for 60 measured seconds.
    assert_eq!(found.mean("requests.rejected"), 180.0);
    assert_eq!(found.mean("requests.completed"), 0.0);
}

/// Geometric conversations of mean 4 whose turns find a free server: an open network, in which each
/// of 0.5 conversations a second makes 4 calls.
#[test]
fn conversations_make_as_many_calls_as_they_have_turns() {
    let source = "\
arrivals: {poisson: {rate: 0.5/s}}
    sessions: {turns: {geometric: {mean: 4}}, think: {exponential: {mean: 20s}}}
    lengths: {input: {uniform: {min: 1, max: 99}}, output: {constant: 50}}";
    let found = Found::run(&queue(7, 100, source), &[]);
    found.agrees("throughput.requests_per_s", 2.0);
    found.agrees("queue.in_system_mean", 2.0);
    let calls = found.mean("requests.completed");
    assert_eq!(found.mean("tokens.output"), 50.0 * calls);
    // A turn of a geometric conversation has mean − 1 before it, on average: 3 × 100 tokens.
    let input = found.mean("tokens.input") / calls;
    assert!((input - 350.0).abs() < 15.0, "{input}");
}

/// Tokens of conversations are served, counted and billed like others, and the system prompt is
/// counted as cached.
#[test]
fn conversations_are_served_as_tokens() {
    let yaml = base(
        "arrivals: {poisson: {rate: 5/s}}\n    sessions: {turns: {constant: 3}, \
         think: {constant: 1s}, system-prompt: 100}",
    )
    .replace("replicas:", "prefix-cache: true, replicas:");
    let found = Found::run(&yaml, &["window.warmup=0s"]);
    let completed = found.mean("requests.completed");
    assert!(completed > 500.0);
    // With what was said before, where a turn returns to its replica.
    let cached = found.mean("tokens.cached_input");
    assert!(100.0 * completed < cached && cached < found.mean("tokens.input"), "{cached}");
    let single =
        Found::run(&yaml, &["window.warmup=0s", "applications[0].sessions.turns.constant=1"]);
    let completed = single.mean("requests.completed");
    // Each of the four replicas computes it once.
    assert_eq!(single.mean("tokens.cached_input"), 100.0 * (completed - 4.0));
    let arrived = found.mean("requests.arrived");
    assert_eq!(arrived, found.mean("requests.completed") + found.mean("requests.in_flight"));
}

/// Ten servers, 3,000 calls of exactly 1 s: the last ends after 300 s.
#[test]
fn everything_at_once_ends_after_the_makespan() {
    let source = "all-at-once: {calls: 3000, at: 5s}";
    let yaml = queue(8, 10, source).replace("exponential: {mean: 1s}", "constant: 1s");
    let set = ["window.warmup=0s", "replications=1"];
    let horizon = |horizon: &str| {
        Found::run(
            &yaml,
            &[set[0], set[1], "window.bucket=1s", &format!("window.horizon={horizon}")],
        )
    };
    let early = horizon("304.5s");
    assert_eq!(early.mean("requests.arrived"), 3000.0);
    assert_eq!(early.mean("requests.completed"), 2990.0);
    assert_eq!(early.mean("requests.in_flight"), 10.0);
    let whole = horizon("305s");
    assert_eq!(whole.mean("requests.completed"), 2990.0, "what ends at the end is not measured");
    let whole = horizon("306s");
    assert_eq!(whole.mean("requests.completed"), 3000.0);
    // Tenths wait 0, 1, …, 299 s.
    assert_eq!(whole.mean("latency.wait_s.mean"), 149.5);
}

/// A share of the prompt tokens is cached, counted, and sold at its own price.
#[test]
fn cached_prefixes_are_counted_and_billed() {
    let yaml = base("arrivals: {poisson: {rate: 20/s}}")
        .replace("replicas:", "prefix-cache: true, replicas:");
    let cached = "applications[0].lengths.cached={hit-rate: 0.5, fraction: {constant: 0.5}}";
    let price = "models[2].price.cached-input=0 USD/Mtok";
    let without = Found::run(&yaml, &[]);
    assert_eq!(without.mean("tokens.cached_input"), 0.0);
    let with = Found::run(&yaml, &[cached]);
    let share = with.mean("tokens.cached_input") / with.mean("tokens.input");
    assert!((share - 0.25).abs() < 0.02, "{share}");
    assert_eq!(with.mean("requests.arrived"), without.mean("requests.arrived"));
    let paid = Found::run(&yaml, &[cached, "market.choice.fixed={house-8b: 1}"]);
    let free = Found::run(&yaml, &[cached, "market.choice.fixed={house-8b: 1}", price]);
    let metric = "revenue.first_party_usd";
    let saved = 2e-6 * paid.mean("tokens.cached_input");
    let difference = paid.mean(metric) - free.mean(metric);
    assert!((difference - saved).abs() < 5e-6, "{difference} is not {saved}");
}

/// Whoever waits for answers sees the same numbers with any number of threads.
#[test]
fn one_thread_or_four() {
    for source in [
        "users: {count: 40, think: {gamma: {mean: 2s, cv: 2}}}",
        "arrivals: {poisson: {rate: 3/s}}\n    sessions: {turns: {geometric: {mean: 4}}, think: \
         {exponential: {mean: 2s}}, max-context: 6000}",
        "all-at-once: {calls: 500}",
    ] {
        let desk = Desk::new();
        desk.write("x.yaml", base(source).replace("replications: 2", "replications: 5"));
        let run = |threads| {
            let output =
                desk.run(&["run", "x.yaml", "--format", "json", "--quiet", "--threads", threads]);
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            output.stdout
        };
        assert_eq!(run("1"), run("4"), "{source}");
    }
}

/// `check` says what is to be expected: users call no faster than they are answered.
#[test]
fn check_expects_what_comes() {
    for (source, rate) in [
        ("users: {count: 30, think: {constant: 5s}}", "5.00"),
        ("users: {count: 30}", "30.00"),
        ("arrivals: {poisson: {rate: 2/s}}", "2.00"),
    ] {
        let desk = Desk::new();
        desk.write("x.yaml", queue(1, 50, source));
        let output = desk.run(&["check", "x.yaml"]);
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().find(|line| line.starts_with("# callers")).expect("it is listed");
        assert_eq!(line.split_whitespace().nth(2), Some(rate), "{text}");
    }
}
