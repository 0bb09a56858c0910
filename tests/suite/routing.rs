//! Which replica a call goes to: ties are drawn evenly, and two choices are two.
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

    /// Tests the hypothesis that a metric's expectation is `theory`, and that the test can tell it from
    /// what is further away than `resolution` of it.
    fn agrees(&self, metric: &str, theory: f64, resolution: f64) {
        let (mean, ci95, n) =
            (self.mean(metric), self.number(metric, "ci95"), self.number(metric, "n"));
        self.is(metric, mean, ci95, n, theory, resolution);
    }

    fn is(&self, what: &str, mean: f64, ci95: f64, n: f64, theory: f64, resolution: f64) {
        let t = StudentsT::new(0.0, 1.0, n - 1.0).expect("some replications");
        let alpha = FALSE_ALARMS / CHECKS;
        let limit = ci95 / t.inverse_cdf(0.975) * t.inverse_cdf(1.0 - alpha / 2.0);
        let seed = self.seed;
        assert!(
            (mean - theory).abs() <= limit,
            "{what}: {mean} ± {ci95}, not {theory} (seed {seed})"
        );
        assert!(limit < resolution * theory, "{what}: ±{limit} cannot tell {theory} from anything");
    }
}

/// `replicas` servers of a law of service, each with a slot.
fn servers(replicas: u32, service: &str, callers: &str, window: &str) -> String {
    format!(
        "\
name: servers
replications: 20
window: {window}
cloud:
  regions:
    - name: here
      clusters: [{{name: servers, accelerator: {{name: server}}, nodes: {replicas}, accelerators-per-node: 1}}]
tenants: [{{name: Theory, terms: first-party}}]
models:
  - name: queue
    tenant: Theory
    deployments:
      - cluster: servers
        replicas: {replicas}
        performance: {{service-time: {{distribution: {service}, slots: 1}}}}
applications: [{{name: callers, {callers}}}]
scheduler: {{capacity: fixed, routing: power-of-two}}
"
    )
}

/// Two users and two replicas: whoever calls finds one of the two idle, which two draws that may
/// coincide would miss.
#[test]
fn two_choices_are_two_replicas() {
    let window = "{horizon: 2000s, bucket: 2000s}";
    let yaml = servers(2, "{constant: 1s}", "users: {count: 2}", window);
    let found = Found::run(&yaml, &["replications=1"]);
    // Two at each full second from 0 to 1,999; those of the last second end with the run.
    assert_eq!(found.mean("requests.arrived"), 4000.0);
    assert_eq!(found.mean("requests.completed"), 3998.0);
    assert_eq!(found.mean("latency.wait_s.mean"), 0.0);
}

/// Two drawn of two are both: join the shortest queue. If one could be drawn twice, the wait would be
/// 4.865 s.
#[test]
fn two_of_two_join_the_shortest_queue() {
    let exact = shortest_of_two(0.9);
    assert!((exact - 4.475).abs() < 5e-4, "{exact}");
    let window = "{warmup: 1000s, horizon: 20000s, bucket: 20000s}";
    let callers = "arrivals: {poisson: {rate: 1.8/s}}";
    let yaml = servers(2, "{exponential: {mean: 1s}}", callers, window);
    let long = ["window.horizon=80000s", "window.bucket=80000s"];
    Found::run(&yaml, &long).agrees("latency.wait_s.mean", exact, 0.07);
    for routing in ["least-tokens", "least-requests"] {
        let found = Found::run(&yaml, &[&format!("scheduler.routing={routing}")]);
        found.agrees("latency.wait_s.mean", exact, 0.2);
    }
}

/// Two different ones of four. The value is that of the Markov chain of the four queue lengths in
/// descending order, up to 55 each, solved by Gauss–Seidel to seven digits: 2.7527 s. If one replica could be
/// drawn twice, the same chain would give 3.040 s.
#[test]
fn two_of_four() {
    let window = "{warmup: 1000s, horizon: 40000s, bucket: 40000s}";
    let callers = "arrivals: {poisson: {rate: 3.6/s}}";
    let yaml = servers(4, "{exponential: {mean: 1s}}", callers, window);
    Found::run(&yaml, &[]).agrees("latency.wait_s.mean", 2.7527, 0.07);
}

/// Mean wait of two exponential servers of mean 1 at `load`, each with a line of its own, when calls
/// join the shorter: from the stationary distribution of the shorter line's length and the
/// difference of both, where lines of 200 and differences of 30 are rare enough (0.81 a step, and
/// less than 0.28) to end at.
fn shortest_of_two(load: f64) -> f64 {
    const SHORTER: usize = 200;
    const DIFFERENCE: usize = 30;
    let arrivals = 2.0 * load;
    // Near the solution to begin with.
    let near =
        |m: usize| std::array::from_fn(|d| load.powi(2 * m as i32) * 0.28_f64.powi(d as i32));
    let mut p: Vec<[f64; DIFFERENCE]> = (0..SHORTER).map(near).collect();
    let balance = |p: &[[f64; DIFFERENCE]], m: usize, d: usize| {
        let (longer, lower) = (d + 1 < DIFFERENCE, m > 0);
        let higher = m + 1 < SHORTER;
        let mut flow_in = 0.0;
        flow_in += if d == 1 { arrivals * p[m][0] } else { 0.0 };
        flow_in += if lower && longer { arrivals * p[m - 1][d + 1] } else { 0.0 };
        flow_in += if higher && d == 1 { 2.0 * p[m + 1][0] } else { 0.0 };
        flow_in += if higher && d > 1 { p[m + 1][d - 1] } else { 0.0 };
        flow_in += if longer { p[m][d + 1] } else { 0.0 };
        let grows = d == 0 || higher;
        let shorter_ends = lower && (d == 0 || longer);
        let out = if grows { arrivals } else { 0.0 }
            + f64::from(u8::from(shorter_ends))
            + f64::from(u8::from(d > 0 || lower));
        flow_in / out
    };
    let states = || (0..SHORTER).flat_map(|m| (0..DIFFERENCE).map(move |d| (m, d)));
    // Up and down in turn; each sweep carries changes through the whole space one way.
    for _ in 0..3_000 {
        states().for_each(|(m, d)| p[m][d] = balance(&p, m, d));
        states().rev().for_each(|(m, d)| p[m][d] = balance(&p, m, d));
    }
    let total: f64 = p.iter().flatten().sum();
    let waiting =
        |(m, d): (usize, usize)| p[m][d] * (m.saturating_sub(1) + (m + d).saturating_sub(1)) as f64;
    states().map(waiting).sum::<f64>() / total / arrivals
}

/// A slow and a fast replica, idle whenever a call comes: each gets half of the calls, wherever it
/// stands in the file.
#[test]
fn idle_replicas_are_equals() {
    let yaml = |first: &str, second: &str| {
        let deployment = |seconds: &str| {
            format!(
                "{{cluster: servers, replicas: 1, performance: {{service-time: \
                 {{distribution: {{constant: {seconds}s}}, slots: 1}}}}}}"
            )
        };
        let replicas = format!("[{}, {}]", deployment(first), deployment(second));
        let yaml = servers(
            2,
            "{constant: 1s}",
            "arrivals: {deterministic: {rate: 1/s}}",
            "{horizon: 1000s, bucket: 1000s}",
        );
        let (before, _) = yaml.split_once("    deployments:").expect("it has them");
        let (_, after) = yaml.split_once("applications:").expect("it has them");
        format!("{before}    deployments: {replicas}\napplications:{after}")
    };
    for routing in ["least-tokens", "least-requests", "prefix-affinity", "power-of-two"] {
        let set = [&*format!("scheduler.routing={routing}")];
        for (first, second) in [("0.5", "0.05"), ("0.05", "0.5")] {
            let found = Found::run(&yaml(first, second), &set);
            found.agrees("latency.e2e_s.mean", 0.275, 0.05);
        }
    }
}

/// The share of their prompts that conversations find, one at a time, on `replicas` idle ones with prefix
/// caches: each turn goes to any of them, and finds what there was when that one was last asked. A turn adds 500
/// tokens and is answered by 200, of which the last has not been computed on.
fn share_found(replicas: f64) -> f64 {
    const TURNS: i32 = 8;
    let (mut found, mut sent) = (0.0, 0.0);
    for turn in 1..=TURNS {
        sent += 500.0 + 700.0 * f64::from(turn - 1);
        for last in 1..turn {
            let not_since = (1.0 - 1.0 / replicas).powi(turn - 1 - last);
            found += not_since / replicas * (700.0 * f64::from(last) - 1.0);
        }
    }
    found / sent
}

/// 13,000 conversations on sixteen replicas, and fewer on fewer.
#[test]
fn a_conversation_alone_finds_what_chance_left_it() {
    let yaml = "\
name: alone
replications: 20
window: {horizon: 13000s, bucket: 13000s}
cloud:
  regions:
    - name: here
      clusters: [{name: h100, accelerator: H100-SXM, nodes: 2}]
tenants: [{name: Vendor, terms: first-party}]
models:
  - name: model
    tenant: Vendor
    price: {input: 1 USD/Mtok, output: 1 USD/Mtok}
    architecture: Llama-3.1-8B
    deployments: [{cluster: h100, replicas: 16, prefix-cache: true}]
applications:
  - name: talkers
    arrivals: {deterministic: {rate: 0.05/s}}
    sessions: {turns: {constant: 8}, think: {constant: 1ms}}
    lengths: {input: {constant: 500}, output: {constant: 200}}
scheduler: {capacity: fixed, routing: least-tokens}
";
    for (replicas, share) in [(1, 0.83), (2, 0.652), (4, 0.439), (8, 0.260), (16, 0.142)] {
        let exact = share_found(f64::from(replicas));
        assert!((exact - share).abs() < 1e-3, "{exact} is not {share}");
        let policies: &[_] = match replicas {
            16 => &["least-tokens", "least-requests", "power-of-two"],
            _ => &["least-tokens"],
        };
        for routing in policies {
            let replicas = format!("models[0].deployments[0].replicas={replicas}");
            let found = Found::run(yaml, &[&replicas, &format!("scheduler.routing={routing}")]);
            let input = found.mean("tokens.input");
            let [cached, ci95] =
                ["mean", "ci95"].map(|key| found.number("tokens.cached_input", key));
            let what = format!("share cached with {replicas} and {routing}");
            found.is(&what, cached / input, ci95 / input, 20.0, exact, 0.05);
        }
    }
}
