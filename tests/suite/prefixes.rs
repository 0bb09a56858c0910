//! Cached prefixes of prompts: found where there is a cache, and nowhere else.

use crate::desk::Desk;
use serde_json::Value;

const COLUMNS: &str = "{columns: {timestamp: t, unit: s, input: in, output: out, cached: hit}}";

/// One replica, with what `deployment` says, and the application `chat` with what `source` says.
fn scenario(deployment: &str, source: &str) -> String {
    format!(
        "\
name: prefixes
replications: 1
window: {{warmup: 0s, horizon: 100s, bucket: 100s}}
cloud:
  regions:
    - name: anywhere
      clusters: [{{name: h100, accelerator: H100-SXM, nodes: 1}}]
tenants: [{{name: Vendor, terms: first-party}}]
models:
  - name: model
    tenant: Vendor
    architecture: Llama-3.1-8B
    price: {{input: 1 USD/Mtok, output: 1 USD/Mtok, cached-input: 0 USD/Mtok}}
    deployments: [{{cluster: h100, replicas: 1, {deployment}}}]
applications:
  - name: chat
    {source}
scheduler: {{capacity: fixed}}
"
    )
}

/// A desk with the scenario and a trace of one call.
fn desk(yaml: &str) -> Desk {
    let desk = Desk::new();
    desk.write("x.yaml", yaml);
    desk.write("x.csv", "t,in,out,hit\n0,1000,10,600\n");
    desk
}

fn mean(yaml: &str, metric: &str) -> f64 {
    let output = desk(yaml).run(&["run", "x.yaml", "--format", "json", "--quiet"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let summary: Value = serde_json::from_slice(&output.stdout).expect("valid JSON");
    summary["variants"][0]["metrics"][metric]["mean"].as_f64().expect("it is measured")
}

/// Issue 16: without a cache there is no hit from a system prompt, `lengths.cached` or a trace's column,
/// and a note says what was declared and not used.
#[test]
fn without_a_cache_nothing_is_found_and_a_note_says_so() {
    let lengths = "lengths: {input: {constant: 1000}, output: {constant: 10}";
    let law = "cached: {hit-rate: 1, fraction: {constant: 0.6}}";
    let declared = [
        (
            "`system-prompt`",
            format!(
                "arrivals: {{deterministic: {{rate: 1/s}}}}\n    {lengths}}}\n    \
             sessions: {{turns: {{constant: 1}}, think: {{constant: 1s}}, system-prompt: 600}}"
            ),
        ),
        ("`lengths.cached`", format!("all-at-once: {{calls: 10}}\n    {lengths}, {law}}}")),
        ("`lengths.cached`", format!("users: {{count: 1}}\n    {lengths}, {law}}}")),
        ("its trace's column", format!("trace: {{file: x.csv, format: {COLUMNS}}}")),
    ];
    for (what, source) in declared {
        let note = |yaml: &str| {
            let output = desk(yaml).run(&["check", "x.yaml"]);
            let text = String::from_utf8_lossy(&output.stdout).replace("\n# ", " ");
            text.contains(what) && text.contains("`model` without `prefix-cache: true`")
        };
        let without = scenario("prefix-cache: false", &source);
        assert_eq!(mean(&without, "tokens.cached_input"), 0.0, "{source}");
        assert!(note(&without), "{source}");
        let with = scenario("prefix-cache: true", &source);
        assert!(mean(&with, "tokens.cached_input") >= 600.0, "{source}");
        assert!(!note(&with), "{source}");
        // What is found is sold at its own price, here for nothing; and nothing is found by a queue.
        let paid = |yaml: &str| {
            let tokens = mean(yaml, "tokens.input") + mean(yaml, "tokens.output");
            (1e6 * mean(yaml, "revenue.first_party_usd") - tokens).round()
        };
        assert_eq!(paid(&without), 0.0);
        assert_eq!(paid(&with), -mean(&with, "tokens.cached_input"));
        let queue = "performance: {service-time: {distribution: {constant: 1ms}, slots: 9}}";
        let queue = scenario(queue, &source);
        assert_eq!(mean(&queue, "tokens.cached_input"), 0.0, "{source}");
        assert!(note(&queue), "{source}");
    }
}
