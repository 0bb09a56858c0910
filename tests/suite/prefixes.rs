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
    measured(&desk(yaml))(metric)
}

/// The metrics of the scenario on a desk.
fn measured(desk: &Desk) -> impl Fn(&str) -> f64 + use<> {
    let output = desk.run(&["run", "x.yaml", "--format", "json", "--quiet"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let summary: Value = serde_json::from_slice(&output.stdout).expect("valid JSON");
    move |metric| summary["variants"][0]["metrics"][metric]["mean"].as_f64().expect("measured")
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

/// A replica with room for 10,000 tokens whose iterations all take 10 ms, and more calls than it can serve:
/// of 10 tokens in and 100 out after what they share.
fn backlog(deployment: &str, capacity: u32, calls: &str) -> String {
    let model = format!(
        "performance: {{affine: {{overhead: 10ms, kv-capacity: {capacity}, kv-per-token: 100kB}}}}, \
         token-budget: 100000, {deployment}"
    );
    let source = format!("arrivals: {{deterministic: {{rate: 300/s}}}}\n    {calls}");
    scenario(&model, &source).replace("warmup: 0s", "warmup: 20s")
}

fn after_system_prompt(tokens: u32, output: &str) -> String {
    format!(
        "lengths: {{input: {{constant: 10}}, output: {{{output}}}}}\n    \
         sessions: {{turns: {{constant: 1}}, think: {{constant: 1s}}, system-prompt: {tokens}}}"
    )
}

/// Issue 16: of 10,000 tokens a system prompt takes its own once, and each call 110. Of 100 iterations a call
/// decodes in 99.
#[test]
fn a_system_prompt_stands_in_a_replica_once() {
    for (tokens, held) in [(1000, 81), (2000, 72), (4000, 54), (8000, 18)] {
        let calls = after_system_prompt(tokens, "constant: 100");
        let batch = mean(&backlog("prefix-cache: true", 10_000, &calls), "batch.decode_mean");
        let theory = f64::from(held) * 0.99;
        assert!((batch - theory).abs() < 0.01, "{tokens}: {batch} is not {theory}");
    }
}

/// Whose the cached tokens are: with `own`, the default, each call holds them (1,110 of 10,000 tokens: nine
/// at once), with `shared` all together; the same for a law and for a trace's column.
#[test]
fn own_tokens_are_held_by_each_and_shared_ones_by_all() {
    let rows: String = (0..30_000).map(|row| format!("{},1010,100,1000\n", row / 300)).collect();
    let desk = |yaml: &str| {
        let desk = desk(yaml);
        desk.write("x.csv", format!("t,in,out,hit\n{rows}"));
        desk
    };
    let lengths = "lengths: {input: {constant: 1010}, output: {constant: 100}, \
                   cached: {hit-rate: 1, tokens: {constant: 1000}";
    for (prefix, held) in [("", 9.0), (", prefix: own", 9.0), (", prefix: shared", 81.0)] {
        let law = backlog("prefix-cache: true", 10_000, &format!("{lengths}{prefix}}}}}"));
        let trace = format!("trace: {{file: x.csv, format: {COLUMNS}{prefix}}}");
        let start = law.find("    arrivals").expect("it has arrivals");
        let end = law.find("scheduler").expect("it has a scheduler");
        let trace = format!("{}    {trace}\n{}", &law[..start], &law[end..]);
        for yaml in [law, trace] {
            let found = measured(&desk(&yaml));
            let batch = found("batch.decode_mean");
            assert!((batch - held * 0.99).abs() < 0.01, "{prefix}: {batch}\n{yaml}");
            let cached = found("tokens.cached_input") / found("requests.completed");
            assert!((cached - 1000.0).abs() < 1e-9, "{prefix}: {cached}");
        }
    }
}

/// Under every policy: where iterations take the same time whatever is in them, a replica that holds a shared
/// text once is one with that much less memory and no text.
#[test]
fn a_shared_text_is_as_if_there_were_less_memory() {
    let optimistic = "kv-admission: optimistic, preemption";
    for policy in [
        String::new(),
        format!(", {optimistic}: recompute"),
        format!(", {optimistic}: swap"),
        ", batching: prefill-first".to_owned(),
        format!(", batching: prefill-first, {optimistic}: recompute"),
        format!(", batching: prefill-first, {optimistic}: swap"),
        ", batching: static".to_owned(),
    ] {
        let run = |text, capacity| {
            let calls = after_system_prompt(text, "exponential: {mean: 100, max: 1000}");
            let yaml = backlog(&format!("prefix-cache: true{policy}"), capacity, &calls);
            let found = measured(&desk(&yaml));
            let decoded = found("batch.decode_mean");
            (decoded, found("requests.completed"), found("batch.preemptions"))
        };
        let (with, without) = (run(4000, 10_000), run(0, 6000));
        assert_eq!(with, without, "{policy}");
        assert_eq!(with.2 > 0.0, policy.contains("optimistic"), "{policy}: {with:?}");
    }
}

/// Both pools hold the text once, and the second gets it over the link once.
#[test]
fn two_pools_hold_a_shared_text_once_each() {
    let run = |text, capacity| {
        let replica = |capacity, lines| {
            format!(
                "performance: {{affine: {{overhead: {lines}, kv-capacity: {capacity}, \
                 kv-per-token: 100kB}}}}, token-budget: 100000"
            )
        };
        let decode = replica(capacity, "10ms");
        // A token takes 10 us: of whole prompts the link would carry 25 a second, of 54 that are decoded.
        let pools = format!(
            "prefix-cache: true, {}, batching: {{disaggregated: {{decode: {{cluster: h100, replicas: 1, \
             {decode}}}, link: {{transfer: 10GB/s, lanes: 1}}}}}}",
            replica(10_000, "1ms")
        );
        let calls = after_system_prompt(text, "constant: 100");
        let source = format!("arrivals: {{deterministic: {{rate: 300/s}}}}\n    {calls}");
        let yaml = scenario(&pools, &source).replace("warmup: 0s", "warmup: 20s");
        measured(&desk(&yaml))("requests.completed")
    };
    let (with, without) = (run(4000, 10_000), run(0, 6000));
    assert!((with / without - 1.0).abs() < 0.02, "{with} {without}");
}
