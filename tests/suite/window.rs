//! What belongs to the measured window: counts by the instant, latencies and goodput by the arrival of their call. All
//! values are worked out by hand from a few calls of a constant service time; nothing here is statistical.

use crate::desk::Desk;
use serde_json::Value;

/// One server with a constant service time of 3 s, and calls that arrive at the instants of `rows`.
fn server(window: &str, discipline: &str, rows: &[&str]) -> (String, String) {
    // A trace starts with its first row, whatever instant that has.
    let first = rows.first().unwrap_or(&"0");
    let yaml = format!(
        "\
name: server
replications: 1
window: {window}
cloud: {{regions: [{{name: here, clusters: [{{name: servers, accelerator: {{name: server}}, nodes: 1, accelerators-per-node: 1}}]}}]}}
tenants: [{{name: Us, terms: first-party}}]
models:
  - name: queue
    tenant: Us
    deployments:
      - {{cluster: servers, replicas: 1, performance: {{service-time: {{distribution: {{constant: 3s}}, slots: 1, discipline: {discipline}}}}}}}
applications:
  - name: callers
    trace: {{file: rows.csv, offset: {first}s, format: {{columns: {{timestamp: t, unit: s, input: i, output: o}}}}}}
    slo: {{e2e: 5s}}
scheduler: {{capacity: fixed}}
"
    );
    let rows = rows.iter().map(|at| format!("{at},1,1\n"));
    (yaml, format!("t,i,o\n{}", rows.collect::<String>()))
}

/// The summary of a run that must succeed.
fn run((yaml, rows): &(String, String), set: &[&str]) -> Value {
    let desk = Desk::new();
    desk.write("x.yaml", yaml);
    desk.write("rows.csv", rows);
    let mut arguments = vec!["run", "x.yaml", "--format", "json", "--quiet"];
    set.iter().for_each(|one| arguments.extend(["--set", one]));
    let output = desk.run(&arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("valid JSON")
}

fn mean(summary: &Value, metric: &str) -> f64 {
    let mean = summary["variants"][0]["metrics"][metric]["mean"].as_f64();
    mean.unwrap_or_else(|| panic!("no {metric}"))
}

fn notes(summary: &Value) -> String {
    summary["notes"].as_array().expect("notes").iter().filter_map(Value::as_str).collect()
}

const WINDOW: &str = "{warmup: 10s, horizon: 20s}";

/// Two calls of the warm-up end in the window, two of the window after it. Counts go by the instant; latencies
/// are those of the calls at 19 and 19.25 s, which end at 22 and 25 s and wait for 0 and 2.75 s.
#[test]
fn latencies_belong_to_the_window_of_their_arrival() {
    let found = run(&server(WINDOW, "first-come-first-served", &["9", "9.5", "19", "19.25"]), &[]);
    for (metric, expected) in [
        ("requests.arrived", 2.0),
        ("requests.completed", 2.0),
        ("requests.in_flight", 2.0),
        ("requests.unfinished", 0.0),
        ("latency.wait_s.mean", 2.75 / 2.0),
        ("latency.wait_s.p50", 0.0),
        ("latency.wait_s.p95", 2.75),
        ("latency.wait_s.max", 2.75),
        ("latency.e2e_s.mean", (3.0 + 5.75) / 2.0),
        ("latency.e2e_s.max", 5.75),
        // One of the two calls that arrived in 10 s ended within 5 s of its arrival.
        ("throughput.goodput_requests_per_s", 0.1),
        // Busy from 10 to 15 and from 19 to 20 s; waiting from 10 to 12 and from 19.25 to 20 s.
        ("utilisation.busy", 0.6),
        ("queue.length_mean", 0.275),
    ] {
        assert_eq!(mean(&found, metric), expected, "{metric}");
    }
    assert!(!notes(&found).contains("had not ended"), "{}", notes(&found));
}

/// The drain ends at 24 s: the call from 19.25 s ends too late, which is said and counted as outside its objective. At the horizon
/// all is as it was.
#[test]
fn what_outlasts_the_drain_is_counted_and_said() {
    let scenario = server(WINDOW, "first-come-first-served", &["9", "9.5", "19", "19.25"]);
    let (followed, cut) = (run(&scenario, &[]), run(&scenario, &["window.drain=4s"]));
    assert_eq!(mean(&cut, "requests.unfinished"), 1.0);
    assert_eq!(mean(&cut, "latency.e2e_s.max"), 3.0);
    assert_eq!(mean(&cut, "throughput.goodput_requests_per_s"), 0.1);
    let said = notes(&cut);
    assert!(said.contains("50.00 % had not ended 4s after it"), "{said}");
    for (metric, value) in followed["variants"][0]["metrics"].as_object().expect("a map") {
        if !metric.starts_with("latency.") && metric != "requests.unfinished" {
            assert_eq!(cut["variants"][0]["metrics"][metric], *value, "{metric}");
        }
    }
    let nothing = run(&scenario, &["window.drain=0s"]);
    assert_eq!(mean(&nothing, "requests.unfinished"), 2.0);
    assert_eq!(nothing["variants"][0]["metrics"]["latency.e2e_s.mean"], Value::Null);
    assert_eq!(mean(&nothing, "throughput.goodput_requests_per_s"), 0.0, "zero counts as zero");
}

/// The call at 19 s has the server for itself until one arrives at 21 s, after the horizon, and shares it: 2 s
/// alone, then 2 s at half the speed. That call is not measured.
#[test]
fn the_load_does_not_fall_during_the_drain() {
    let found = run(&server(WINDOW, "processor-sharing", &["19", "21"]), &[]);
    assert_eq!(mean(&found, "latency.e2e_s.mean"), 4.0);
    assert_eq!(mean(&found, "requests.arrived"), 1.0);
    let said = notes(&found);
    assert!(said.contains("1 of the 2 rows of"), "{said}");
}

/// A window is half-open: it holds the call at its first instant, not the one at its last.
#[test]
fn arrivals_at_the_edges() {
    let found = run(&server(WINDOW, "first-come-first-served", &["10", "20"]), &[]);
    assert_eq!(mean(&found, "requests.arrived"), 1.0);
    assert_eq!(mean(&found, "latency.e2e_s.mean"), 3.0);
    let all = run(&server("{horizon: 20s}", "first-come-first-served", &["0", "10", "20"]), &[]);
    assert_eq!(mean(&all, "requests.arrived"), 2.0);
}

#[test]
fn one_call_has_exact_percentiles() {
    let (yaml, rows) = server("{horizon: 20s}", "first-come-first-served", &["1"]);
    let found = run(&(yaml.replace("constant: 3s", "constant: 1.0004s"), rows), &[]);
    for percentile in ["mean", "p50", "p90", "p95", "p99", "max"] {
        assert_eq!(mean(&found, &format!("latency.e2e_s.{percentile}")), 1.0004, "{percentile}");
    }
}

/// In about 45 % of replications nobody calls. Every call meets its objective, so that goodput is exactly arrivals per
/// second in each; leaving out the empty ones would nearly double it.
#[test]
fn a_replication_without_calls_counts_as_zero() {
    let yaml = include_str!("desk/base.yaml")
        .replace("rate: 20/s", "rate: 0.8/min")
        .replace("slo: {ttft: 1s}", "slo: {e2e: 1h}");
    let found = run(&(yaml, String::new()), &["replications=40"]);
    let metrics = &found["variants"][0]["metrics"];
    let goodput = mean(&found, "throughput.goodput_requests_per_s");
    let arrived = mean(&found, "requests.arrived") / 60.0;
    assert!((goodput - arrived).abs() < 1e-12 && goodput > 0.0, "{goodput}, {arrived}");
    for metric in [
        "throughput.goodput_requests_per_s",
        "tokens.input",
        "tokens.output",
        "tokens.cached_input",
    ] {
        assert_eq!(metrics[metric]["n"].as_f64(), Some(40.0), "{metric}");
    }
    // A mean over nothing is not defined: the number of replications says so.
    let n = metrics["latency.e2e_s.mean"]["n"].as_f64().expect("some");
    assert!((5.0..40.0).contains(&n), "{n}");
}

/// Who has no objective has no goodput, and calls without tokens have none.
#[test]
fn the_scenario_decides_which_metrics_exist() {
    let (yaml, rows) = server(WINDOW, "first-come-first-served", &["1"]);
    let found = run(&(yaml.replace("    slo: {e2e: 5s}\n", ""), rows), &[]);
    assert_eq!(found["variants"][0]["metrics"]["throughput.goodput_requests_per_s"], Value::Null);
    assert_eq!(mean(&found, "tokens.output"), 0.0, "rows have tokens, if none arrived in time");
    let (_, rows) = server(WINDOW, "first-come-first-served", &[]);
    let poisson = yaml_without_tokens();
    let found = run(&(poisson, rows), &[]);
    assert_eq!(found["variants"][0]["metrics"]["tokens.output"], Value::Null);
    assert!(mean(&found, "requests.completed") > 0.0);
}

fn yaml_without_tokens() -> String {
    let (yaml, _) = server(WINDOW, "first-come-first-served", &[]);
    let start = yaml.find("    trace:").expect("it has a trace");
    let end = yaml.find("    slo:").expect("it has an objective");
    format!("{}    arrivals: {{poisson: {{rate: 1/s}}}}\n{}", &yaml[..start], &yaml[end..])
}

/// Three calls for one server, at 0, 5 and 6 s of a trace: busy from 0 to 3 and from 5 to 11 s, when the last ends. The
/// second waits for 0 s, the third for 2 s.
#[test]
fn runs_end_with_their_calls() {
    let found =
        run(&server("{horizon: end-of-calls}", "first-come-first-served", &["0", "5", "6"]), &[]);
    for (metric, expected) in [
        ("time.makespan_s", 11.0),
        ("requests.arrived", 3.0),
        ("requests.completed", 3.0),
        ("requests.in_flight", 0.0),
        ("requests.unfinished", 0.0),
        ("throughput.requests_per_s", 3.0 / 11.0),
        ("throughput.goodput_requests_per_s", 3.0 / 11.0),
        ("utilisation.busy", 9.0 / 11.0),
        ("queue.length_mean", 2.0 / 11.0),
        ("latency.wait_s.mean", 2.0 / 3.0),
        ("latency.e2e_s.max", 5.0),
    ] {
        assert_eq!(mean(&found, metric), expected, "{metric}");
    }
    assert_eq!(found["measured_s"].as_f64(), Some(11.0));
    let horizon = run(&server("{horizon: 11s}", "first-come-first-served", &["0", "5", "6"]), &[]);
    assert_eq!(horizon["variants"][0]["metrics"]["time.makespan_s"], Value::Null);
}

/// Replications of exponential service end at different times: rates are over each one's own. A bucket's mean is over
/// the replications that last as long.
#[test]
fn replications_end_when_their_own_calls_do() {
    let (yaml, _) = server("{horizon: end-of-calls}", "first-come-first-served", &[]);
    let start = yaml.find("    trace:").expect("it has a trace");
    let end = yaml.find("    slo:").expect("it has an objective");
    let batch = format!("{}    all-at-once: {{calls: 100}}\n{}", &yaml[..start], &yaml[end..])
        .replace("constant: 3s", "exponential: {mean: 3s}");
    let found = run(&(batch.clone(), String::new()), &["replications=4"]);
    let makespan = &found["variants"][0]["metrics"]["time.makespan_s"];
    // The sum of 100 exponential times: 300 ± 30 s, of four of them 300 ± 15 s; 4.9 deviations are one seed in a
    // million.
    let mean_s = makespan["mean"].as_f64().expect("a mean");
    assert!((mean_s - 300.0).abs() < 4.9 * 15.0, "{mean_s}");
    assert!(makespan["ci95"].as_f64() > Some(0.0));
    assert_eq!(mean(&found, "utilisation.busy"), 1.0);
    assert_eq!(mean(&found, "requests.completed"), 100.0);
    // Far more buckets than are kept: the last one is long.
    let found = run(&(batch, String::new()), &["replications=2", "window.bucket=1ms"]);
    let notes = found["notes"].as_array().expect("a list");
    let said =
        |note: &Value| note.as_str().is_some_and(|note| note.contains("has the most points"));
    assert!(notes.iter().any(said), "{notes:?}");
}

/// A bucket is as long as it says also where runs end with their calls: three calls of 3 s at 0, 5 and 6 s end at 11 s.
#[test]
fn buckets_are_as_long_as_given_until_calls_end() {
    let (yaml, rows) =
        server("{horizon: end-of-calls, bucket: 2s}", "first-come-first-served", &["0", "5", "6"]);
    let desk = Desk::new();
    desk.write("x.yaml", &yaml);
    desk.write("rows.csv", &rows);
    assert!(desk.run(&["run", "x.yaml", "--quiet", "--out", "out"]).status.success());
    let series = std::fs::read_to_string(desk.path("out/timeseries.csv")).expect("it is written");
    let mut ends: Vec<f64> = series
        .lines()
        .skip(1)
        .map(|row| row.split(',').nth(2).and_then(|end| end.parse().ok()).expect("a number"))
        .collect();
    ends.sort_by(f64::total_cmp);
    ends.dedup();
    assert_eq!(ends, [2.0, 4.0, 6.0, 8.0, 10.0, 11.0]);
    desk.write("x.yaml", yaml.replace("bucket: 2s", "bucket: 500us"));
    let output = desk.run(&["check", "x.yaml"]);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        message.contains("12000 buckets in the time in which calls arrive are too many"),
        "{message}"
    );
    assert!(message.contains("path: window.bucket"), "{message}");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn what_never_ends_is_refused_where_it_is() {
    let refused = |yaml: String, place: &str, expected: &str| {
        let desk = Desk::new();
        desk.write("x.yaml", yaml);
        desk.write("rows.csv", "t,i,o\n0,1,1\n");
        let output = desk.run(&["check", "x.yaml"]);
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{message}");
        assert!(message.contains(place) && message.contains(expected), "{message}");
    };
    let endless = yaml_without_tokens().replace(WINDOW, "{horizon: end-of-calls}");
    refused(endless, "applications[0]", "the calls of `callers` never end");
    let (yaml, _) =
        server("{warmup: 1s, horizon: end-of-calls}", "first-come-first-served", &["0"]);
    refused(yaml, "window.warmup", "there is no warm-up");
    let (yaml, _) = server("{drain: 1s, horizon: end-of-calls}", "first-come-first-served", &["0"]);
    refused(yaml, "window.drain", "follows all calls to their end");
    let (yaml, _) = server("{horizon: end-of-day}", "first-come-first-served", &["0"]);
    refused(yaml, "window.horizon", "end-of-day");
}

/// Calls that are all turned away at time 0 end the run there, and are counted.
#[test]
fn calls_turned_away_at_once_are_counted() {
    let (yaml, _) = server("{horizon: end-of-calls}", "first-come-first-served", &[]);
    let start = yaml.find("    trace:").expect("it has a trace");
    let end = yaml.find("    slo:").expect("it has an objective");
    let batch = format!("{}    all-at-once: {{calls: 30}}\n{}", &yaml[..start], &yaml[end..]);
    let service = "service-time: {distribution: {constant: 3s}, slots: 1, discipline: first-come-first-served}";
    assert!(batch.contains(service));
    let batch = batch.replace("terms: first-party", "terms: {rental: {price: 1 USD/h}}");
    let batch = batch.replace(service, "affine: {kv-capacity: 100, overhead: 1ms}").replace(
        "calls: 30}\n",
        "calls: 30}\n    lengths: {input: {constant: 99}, output: {constant: 9}}\n",
    );
    let found = run(&(batch, String::new()), &[]);
    for (metric, expected) in [("requests.arrived", 30.0), ("requests.rejected", 30.0)] {
        assert_eq!(mean(&found, metric), expected, "{metric}");
    }
}
