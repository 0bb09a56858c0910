//! The real one-hour trace, through the shipped scenario. The data are not part of the project:
//! `COOPSIM_DATA` names their folder, `../shared/data` unless given. Without them these tests say
//! so and pass, except where `CI` is `true`.

use crate::desk::Desk;
use serde_json::Value;
use std::path::Path;

const ROWS: f64 = 19_366.0;
/// How long the recording is.
const RECORDED_S: f64 = 58.0 * 60.0 + 22.0;

const TRACE: &str = "traces/AzureLLMInferenceTrace_conv.csv";

/// The numbers of the whole cloud for the `recorded` variant with other values.
fn replay(trace: &Path, scale: u32, set: &[&str]) -> Value {
    let desk = Desk::new();
    desk.write("x.yaml", include_str!("../../scenarios/azure-conversations.yaml"));
    let file = format!("applications[0].trace.file={}", trace.display());
    let scale = format!("variants[0].set={{\"applications[0].trace.rate-scale\": {scale}}}");
    let mut arguments = vec!["run", "x.yaml", "--variant", "recorded", "--replications", "1"];
    arguments.extend(["--format", "json", "--quiet", "--set", &file, "--set", &scale]);
    set.iter().for_each(|one| arguments.extend(["--set", one]));
    let output = desk.run(&arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let summary: Value = serde_json::from_slice(&output.stdout).expect("valid JSON");
    assert!(desk.path("output/azure-conversations/report.html").is_file());
    summary["variants"][0]["metrics"].clone()
}

fn mean(metrics: &Value, name: &str) -> f64 {
    metrics[name]["mean"].as_f64().unwrap_or_else(|| panic!("no {name} in {metrics}"))
}

fn accounted_for(metrics: &Value) -> f64 {
    ["completed", "rejected", "in_flight"]
        .map(|name| mean(metrics, &format!("requests.{name}")))
        .iter()
        .sum()
}

#[test]
fn every_row_is_counted_in_and_accounted_for_out() {
    let Some(trace) = crate::data::file(TRACE) else { return };
    for scale in [1, 20, 100] {
        let metrics = replay(&trace, scale, &[]);
        assert_eq!(mean(&metrics, "requests.arrived"), ROWS * f64::from(scale), "×{scale}");
        assert_eq!(accounted_for(&metrics), ROWS * f64::from(scale), "×{scale}");
        if scale == 1 {
            assert_eq!(mean(&metrics, "requests.completed"), ROWS, "an idle fleet ends them all");
        }
    }
}

/// A run that ends where the other's measurement begins says how many are in flight there.
#[test]
fn the_measured_window_balances() {
    let Some(trace) = crate::data::file(TRACE) else { return };
    for scale in [20, 100] {
        let before = replay(&trace, scale, &["window.warmup=0s", "window.horizon=20m"]);
        let window = replay(&trace, scale, &["window.warmup=20m", "window.horizon=40m"]);
        let at_start = mean(&before, "requests.in_flight");
        assert!(at_start > 0.0);
        assert_eq!(
            mean(&window, "requests.arrived") + at_start,
            accounted_for(&window),
            "×{scale}"
        );
    }
}

/// The shipped window holds the recording, and replicas are ready when it begins: nobody waits for
/// weights to load.
#[test]
fn the_shipped_scenario_makes_sense() {
    let Some(trace) = crate::data::file(TRACE) else { return };
    let metrics = replay(&trace, 1, &[]);
    let seconds =
        mean(&metrics, "requests.completed") / mean(&metrics, "throughput.requests_per_s");
    assert!(seconds > RECORDED_S && seconds < RECORDED_S + 120.0, "{seconds} s are measured");
    assert!(mean(&metrics, "latency.wait_s.p99") < 1.0, "{metrics}");
    assert_eq!(mean(&metrics, "requests.rejected"), 0.0);
    let goodput = mean(&metrics, "throughput.goodput_requests_per_s");
    assert!(goodput > 0.99 * mean(&metrics, "throughput.requests_per_s"), "{metrics}");
}
